"""Keeping files."""

import hashlib
import mimetypes
import os
import tempfile
from datetime import datetime
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.fields.related import ForeignObjectRel

from throughline.documents.models import Document
from throughline.journal.actions import record
from throughline.kernel.errors import Refused

LARGEST = 25 * 1024 * 1024  # bytes


def path_of(sha256: str) -> Path:
    """Return where the bytes of a document lie."""
    return Path(settings.HOME) / "documents" / sha256[:2] / sha256


@transaction.atomic
def keep_document(content: bytes, *, name: str, by: str, at: datetime, says: str = "") -> Document:
    """Store a file under its hash and return its row; the same content again returns the same row.

    `says` is what a file that we made says in words; a row that does not know it yet learns it.

    Raises:
        Refused: the file is empty or larger than 25 MiB.
    """
    if not content:
        raise Refused(f"{name} is empty.", remedy="Choose the file again.")
    if len(content) > LARGEST:
        raise Refused(f"{name} is larger than 25 MiB.", remedy="Store it elsewhere and link to it.")
    sha256 = hashlib.sha256(content).hexdigest()
    write_atomically(path_of(sha256), content)
    document, created = Document.objects.get_or_create(
        sha256=sha256,
        defaults={
            "name": Path(name).name[:255],
            "media_type": mimetypes.guess_type(name)[0] or "application/octet-stream",
            "size": len(content),
            "added_at": at,
            "added_by": by,
            "says": says,
        },
    )
    if created:
        record("documents.document.kept", document, by=by, at=at, name=name, sha256=sha256)
    elif says and not document.says:
        document.says = says
        document.save(update_fields=["says"])
    return document


@transaction.atomic
def discard_document(document: Document, *, by: str, at: datetime) -> bool:
    """Remove a stored file for good, and return whether it is: what something rests on stays."""
    if is_needed(document):
        return False
    record("documents.document.discarded", document, by=by, at=at, sha256=document.sha256)
    transaction.on_commit(partial(_remove, document.sha256))
    document.delete()
    return True


def is_needed(document: Document) -> bool:
    """Return whether a row of any table rests on a stored file."""
    found = Document._meta.get_fields(include_hidden=True)
    pointing = [one.field for one in found if isinstance(one, ForeignObjectRel)]
    return any(QuerySet(one.model).filter(**{one.name: document.pk}).exists() for one in pointing)


def _remove(sha256: str) -> None:
    """Remove the bytes, unless somebody kept the same file in the meantime."""
    if not Document.objects.filter(sha256=sha256).exists():
        path_of(sha256).unlink(missing_ok=True)


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old content or the new, never a half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
