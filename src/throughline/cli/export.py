"""Everything as open files: tables as CSV, documents, workbook and mail as they are."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model

from throughline import __version__
from throughline.kernel.errors import Refused
from throughline.kernel.tables import write_rows

SECRETS = frozenset({
    ("people", "user", "password"),
    ("people", "signedlink", "token_sha256"),
    ("people", "apitoken", "token_sha256"),
})  # fmt: skip
# What is worth nothing elsewhere, or would open a door: sessions, counters, answers given, and
# the index of search, which is made anew.
NOT_EXPORTED = frozenset({
    "people.session", "people.tally", "people.apicall", "search.item", "search.exactid",
    "search.reading",
})  # fmt: skip
FOLDERS = ("documents", "workbook", "mail")
MANIFEST = "manifest.json"


def export_everything(target: Path, *, at: datetime) -> dict[str, Any]:
    """Write everything to a folder, whole or not at all, and return its manifest.

    Passwords and tokens stay out. An earlier export in the folder is replaced.

    Raises:
        Refused: the folder holds something else.
    """
    if target.exists() and not target.is_dir():
        raise Refused(f"{target} is a file.", remedy="Name a folder.")
    if target.exists() and any(target.iterdir()) and not _is_export(target):
        raise Refused(f"{target} holds other files.", remedy="Name an empty or a new folder.")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".export-") as folder:
            made = Path(folder) / "export"
            manifest = _write(made, at=at)
            if target.exists():
                shutil.rmtree(target)
            made.rename(target)
    except OSError as error:
        raise Refused(
            f"{target} cannot be written: {error.strerror}.", remedy="Name another folder."
        ) from error
    return manifest


def _is_export(folder: Path) -> bool:
    """Return whether a folder holds an export of ours and nothing else: it will be replaced."""
    if {entry.name for entry in folder.iterdir()} - {MANIFEST, "tables", *FOLDERS}:
        return False
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and {"throughline", "exported_at", "rows"} <= set(found)


def _write(folder: Path, *, at: datetime) -> dict[str, Any]:
    tables = folder / "tables"
    tables.mkdir(parents=True)
    counts = {}
    for model in _models():
        name = model._meta.label_lower
        header = _columns(model)
        counts[name] = write_rows(tables / f"{name}.csv", header, _rows(model, header))
    for name in FOLDERS:
        if (source := Path(settings.HOME) / name).exists():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns(".*"))
    manifest = {"throughline": __version__, "exported_at": at.isoformat(), "rows": counts}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    return manifest


def _models() -> list[type[Model]]:
    ours = [app for app in apps.get_app_configs() if app.name.startswith("throughline.")]
    found = [model for app in ours for model in app.get_models()]
    return [model for model in found if model._meta.label_lower not in NOT_EXPORTED]


def _columns(model: type[Model]) -> list[str]:
    return [
        field.attname
        for field in model._meta.concrete_fields
        if (model._meta.app_label, model._meta.model_name, field.name) not in SECRETS
    ]


def _rows(model: type[Model], header: list[str]) -> Iterator[list[Any]]:
    for values in model._base_manager.order_by("pk").values_list(*header).iterator(2000):
        yield [_cell(value) for value in values]


def _cell(value: Any) -> Any:
    if isinstance(value, dict | list):
        return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
    return value.isoformat() if hasattr(value, "isoformat") else value
