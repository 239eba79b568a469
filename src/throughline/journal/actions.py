"""Writing down what happened, in the same transaction as the thing itself."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model

from throughline.journal.models import Entry

_ENCODER = DjangoJSONEncoder()


def entry(act: str, subject: Model, *, by: str, at: datetime, **facts: Any) -> Entry:
    """Return an entry that is not written yet, for `record_all`.

    Raises:
        ValueError: the subject is not saved, so nobody could find it again.
    """
    if subject.pk is None:
        raise ValueError(f"{act}: the subject {subject!r} is not saved.")
    return Entry(
        act=act,
        at=at,
        by=by,
        subject_type=subject._meta.label_lower,
        subject_id=str(subject.pk),
        facts={name: _plain(value) for name, value in facts.items()},
    )


def record(act: str, subject: Model, *, by: str, at: datetime, **facts: Any) -> Entry:
    """Write one entry and return it.

    Raises:
        ValueError: the subject is not saved.
    """
    written = entry(act, subject, by=by, at=at, **facts)
    written.save(force_insert=True)
    return written


def record_all(entries: Iterable[Entry]) -> None:
    """Write many entries in a few statements."""
    Entry.objects.bulk_create(entries, batch_size=1000)


def _plain(value: Any) -> Any:
    """Return a value as JSON can hold it: days and instants as ISO text, money as text."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(part) for part in value]
    return _ENCODER.default(value)
