"""Many of everything: whatever the database holds, told again under other names.

`multiply(copies)` copies every row of every room so often, with whatever it hangs on: numbers are
shifted, names that must differ get letters behind them, and texts that name a number or a name
(`deal:19`, a mail's key) name the copy's. A new model joins by itself. It is bulk work for tests
of how many queries a page takes, and for the benchmarks; nothing of it passes the rooms' actions.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from itertools import islice
from string import ascii_lowercase
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models, transaction

from throughline.communities.models import Community
from throughline.infrastructure.models import CloudAccount, Cluster
from throughline.sales.models import Deal

# What there is one of, however much is served: people, the team, months, files, what is written.
ALIKE = {
    "people", "capacity.colleague", "capacity.timeoff", "billing.billingmonth",
    "billing.billfile", "delivery.meeting", "delivery.decision", "handoff.subscription",
    "handoff.delivery", "handoff.reading", "handoff.bucket", "handoff.closure", "intake",
}  # fmt: skip
AT_ONCE = 2_000
Rows = Iterator[tuple[Any, ...]]


def multiply(copies: int, *, first: int = 1, rarely: Iterable[str] = (), every: int = 1) -> None:
    """Add so many copies of all rows; those of the models in `rarely` for each `every`-th only.

    `first` is what the first copy is called by: another number where there are copies already.
    """
    wanted = [one for one in apps.get_models() if is_copied(one)]
    told = _Told(wanted)
    with transaction.atomic():
        for model in wanted:
            step = every if model._meta.label_lower in rarely else 1
            _copy(model, range(first, first + copies, step), told)
        _count_on(wanted)


def is_copied(model: type[models.Model]) -> bool:
    """Return whether there are more rows of a model where more is served."""
    ours = model.__module__.startswith("throughline.")
    return ours and not {model._meta.app_label, model._meta.label_lower} & ALIKE


class _Told:
    """What a copy is called, in numbers and in texts."""

    def __init__(self, wanted: list[type[models.Model]]) -> None:
        self.shift = {one: _newest(one) for one in wanted if _is_numbered(one)}
        self.types = {one._meta.label_lower: one for one in wanted}
        self.kinds = {one._meta.model_name or "": one for one in wanted}
        names = {*Cluster.objects.values_list("name", flat=True)}
        for field in ("community_id", "short_name"):
            names |= {one for one in Community.objects.values_list(field, flat=True) if one}
        ids = {one for one in Deal.objects.values_list("hubspot_id", flat=True) if one}
        accounts = set(CloudAccount.objects.values_list("identifier", flat=True))
        longest = sorted(names, key=len, reverse=True)
        self.pattern = re.compile(
            rf"(?P<name>\b(?:{'|'.join(map(re.escape, longest)) or '(?!)'})\b)"
            rf"|(?P<id>\b(?:{'|'.join(map(re.escape, ids | accounts)) or '(?!)'})\b)"
            r"|\b(?P<kind>deal|engagement|cluster|community|contact|alert):(?P<of>\d+)\b"
            r"|(?<=:)(?P<number>\d{1,3})(?=:)",
            re.IGNORECASE,
        )

    def shift_of(self, model: Any) -> int:
        """Return by how much a model's keys grow from copy to copy; an engagement's are its deal's."""
        key = model._meta.pk
        return self.shift_of(key.related_model) if key.is_relation else self.shift.get(model, 0)

    def again(self, copy: int) -> Callable[[re.Match[str]], str]:
        """Return what stands in the place of a name or number in a copy's texts."""

        def put(found: re.Match[str]) -> str:
            if found["name"]:
                return found["name"] + letters(copy)
            if found["id"]:
                return f"{found['id']}{copy}"
            if found["kind"]:
                model = self.kinds[found["kind"].lower()]
                return f"{found['kind']}:{int(found['of']) + copy * self.shift_of(model)}"
            return str(int(found["number"]) + copy * self.shift[Deal])

        return put


def letters(number: int) -> str:
    """Return a number in letters, of which a community_id may consist."""
    text = ""
    while number:
        number, digit = divmod(number, 26)
        text = ascii_lowercase[digit] + text
    return text


def _copy(model: type[models.Model], copies: Iterable[int], told: _Told) -> None:
    fields = list(model._meta.concrete_fields)
    rows = _rows_of(model, fields)
    if not rows:
        return
    ways = [_way_of(model, field, told) for field in fields]
    _insert(model, fields, _copies(rows, ways, copies, fields))


def _copies(
    rows: list[tuple[Any, ...]], ways: list[Any], copies: Iterable[int], fields: list[Any]
) -> Rows:
    typed = [field.attname for field in fields]
    of_journal = typed.index("subject_type") if "subject_type" in typed else None
    for copy in copies:
        for row in rows:
            subject = row[of_journal] if of_journal is not None else None
            yield tuple(
                value if way is None or value is None else way(value, copy, subject)
                for value, way in zip(row, ways, strict=True)
            )


def _way_of(
    model: type[models.Model], field: Any, told: _Told
) -> Callable[[Any, int, Any], Any] | None:
    """Return how the value of a field becomes a copy's; None where it stays."""
    target = field.related_model if field.is_relation else model if field.primary_key else None
    if target is not None:
        shift = told.shift_of(target)
        return (lambda value, copy, _s: value + copy * shift) if shift else None
    if field.attname == "subject_id":
        return lambda value, copy, subject: _subject(value, copy, subject, told)
    if not isinstance(field, models.CharField | models.TextField | models.JSONField):
        return None
    if field.choices is not None:
        return None
    return _Texts(told, differs=field.unique, longest=field.max_length or 10_000).of


def _subject(value: str, copy: int, subject: str, told: _Told) -> str:
    model = told.types.get(subject)
    return str(int(value) + copy * told.shift_of(model)) if model and value.isdigit() else value


class _Texts:
    """The texts of one field: most name nothing, and are looked at once."""

    def __init__(self, told: _Told, *, differs: bool, longest: int) -> None:
        self.told, self.differs, self.longest = told, differs, longest
        self.plain: set[str] = set()

    def of(self, value: str, copy: int, _subject: Any) -> str:
        """Return the text of a copy; of a field in which no two may be alike, a different one."""
        if value in self.plain:
            return value
        told = self.told.pattern.sub(self.told.again(copy), value)
        if self.differs and told == value and value:
            marked = f"{value}~{copy}"
            digest = sha256(marked.encode()).hexdigest()
            return marked if len(marked) <= self.longest else digest[: self.longest]
        if told == value:
            self.plain.add(value)
        return told


def _rows_of(model: type[models.Model], fields: list[Any]) -> list[tuple[Any, ...]]:
    quote = connection.ops.quote_name
    as_text = "::text" if connection.vendor == "postgresql" else ""
    names = [
        quote(one.column) + (as_text if isinstance(one, models.JSONField) else "") for one in fields
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(names)} FROM {quote(model._meta.db_table)}")
        return list(cursor.fetchall())


def _insert(model: type[models.Model], fields: list[Any], rows: Rows) -> None:
    quote = connection.ops.quote_name
    names = ", ".join(quote(one.column) for one in fields)
    table = quote(model._meta.db_table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copying:
                for row in rows:
                    copying.write_row(row)
            return
        marks = ", ".join(["%s"] * len(fields))
        while some := list(islice(rows, AT_ONCE)):
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", some)


def _is_numbered(model: type[models.Model]) -> bool:
    key = model._meta.pk
    if key is not None and key.is_relation:
        return False
    return isinstance(key, models.AutoField | models.BigAutoField)


def _newest(model: type[models.Model]) -> int:
    newest = model._base_manager.aggregate(models.Max("pk"))["pk__max"]
    return newest or 0


def _count_on(wanted: list[type[models.Model]]) -> None:
    """Let the database go on counting after the copies; SQLite does so by itself."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), wanted):
            cursor.execute(statement)
