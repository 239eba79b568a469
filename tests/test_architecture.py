"""Walls that import-linter cannot see."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "throughline"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
FLOORS = next(
    contract["layers"]
    for contract in PROJECT["tool"]["importlinter"]["contracts"]
    if contract["id"] == "floors"
)
WRITERS = ("actions", "migrations", "jobs.py")
WRITES = {
    "save", "create", "bulk_create", "update", "bulk_update", "delete", "get_or_create",
    "update_or_create",
}  # fmt: skip
# Rows that are nobody's words: the lease and the intent of a pass, and the journal itself.
# A pass is one long action; these are its rooms.
PASSES = {f"handoff/{name}.py" for name in ("approvals", "buckets", "keeping", "leases", "rows")}
WRITE_ON_THEIR_OWN = {*PASSES, "journal/models.py"}


def sources():
    return [path for path in SOURCE.rglob("*.py") if "migrations" not in path.parts]


def test_foreign_keys_point_down_the_floors():
    floor = {name: number for number, name in enumerate(FLOORS)}

    upward = [
        f"{field} -> {field.related_model._meta.label}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if (field.many_to_one or (field.one_to_one and field.concrete))
        if {model._meta.app_label, field.related_model._meta.app_label} <= set(floor)
        if floor[field.related_model._meta.app_label] < floor[model._meta.app_label]
    ]

    assert upward == []


def test_only_actions_write():
    found = []
    for path in sources():
        name = path.relative_to(SOURCE).as_posix()
        if name in WRITE_ON_THEIR_OWN or any(part.startswith(WRITERS) for part in path.parts):
            continue
        found += [f"{name}:{line}" for line in _writes(ast.parse(path.read_text()))]

    assert found == []


def _writes(tree):
    """Yield the lines that write rows: `.objects.create(…)`, `thing.save()` and the like."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if node.func.attr not in WRITES:
            continue
        chain = ast.unparse(node.func.value)
        on_rows = ".objects" in chain or node.func.attr in {"save", "bulk_create", "bulk_update"}
        if on_rows and not re.match(r"(book|super\(\)|content)\b", chain):
            yield node.lineno


def test_writes_are_recognised():
    code = "Deal.objects.filter(pk=1).update(x=1)\ndeal.save()\nnames.update(other)\nbook.save(f)"

    assert list(_writes(ast.parse(code))) == [1, 2]


def test_no_signals_are_used():
    using = [path.name for path in sources() if "django.db.models.signals" in path.read_text()]

    assert using == []


def test_every_suppression_says_why():
    pattern = re.compile(r"#\s*(noqa|type: ignore)(?!.*(--|#))")

    bare = [
        f"{path.relative_to(SOURCE)}:{number}"
        for path in sources()
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if pattern.search(line)
    ]

    assert bare == []


@pytest.mark.parametrize("name", ["build.txt", "run.txt", "dev.txt"])
def test_requirements_are_pinned_with_hashes_and_name_no_index(name):
    text = (ROOT / "requirements" / name).read_text()
    entries = re.split(r"\n(?=\S)", text.strip())

    assert [entry.split("\n")[0] for entry in entries if "==" not in entry.split("\n")[0]] == []
    assert [entry.split("\n")[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert re.findall(r"https?://|--index|--find-links", text) == []


def test_every_dependency_has_its_reason():
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    project = PROJECT["project"]
    named = [*project["dependencies"], *project["optional-dependencies"]["dev"]]

    without = [
        name
        for name in named
        if not any(re.match(rf'  "{re.escape(name)}",\s+# \S', line) for line in lines)
    ]

    assert without == []


def test_no_file_is_longer_than_a_reader_can_hold():
    longest = {
        path.relative_to(SOURCE).as_posix(): count
        for path in sources()
        if (count := len(path.read_text().splitlines())) > 400
    }

    assert longest == {}
