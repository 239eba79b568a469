"""Taking a person who is erased out of what was written down: the sentence stays, the name goes.

The journal lets itself be changed in this one way alone. An entry keeps its act, its instant, its
subject and its number; it says by which entry somebody was erased; and the database refuses it
where that entry is missing, older, or about something else.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction
from django.db.models import Q, TextField
from django.db.models.functions import Cast

from throughline.journal.models import Entry
from throughline.kernel.markdown import escaped

WRITTEN = (models.CharField, models.TextField, models.JSONField)


@dataclass(frozen=True, slots=True)
class Gone:
    """Who is erased: everything that names them, and what stands there from now on."""

    names: tuple[str, ...]  # as they are written, capitals and all
    addresses: tuple[str, ...]  # e-mails, and GitHub ids with their @
    pseudonym: str

    @property
    def words(self) -> tuple[str, ...]:
        """Return all that names them, the longest first: no part of a word is left standing.

        Minutes are kept as Markdown: there "rae_rep" is spelt otherwise.
        """
        plain = {*self.addresses, *self.names}
        return tuple(sorted(plain | set(map(escaped, plain)), key=len, reverse=True))

    def without(self, text: str) -> str:
        """Return a text with the pseudonym for each word that names the person.

        A name of one word may be a word like any other ("Will"): it counts where it stands alone.
        """
        if text in self.names:
            return self.pseudonym
        addresses = {*self.addresses, *map(escaped, self.addresses)}
        for word in (one for one in self.words if one in addresses or " " in one):
            spelling = re.IGNORECASE if word in addresses else re.NOFLAG
            text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", self.pseudonym, text, flags=spelling)
        return text

    def anywhere(self, value: Any) -> Any:
        """Return a value of JSON with the pseudonym in every text that it holds, keys included."""
        if isinstance(value, str):
            return self.without(value)
        if isinstance(value, dict):
            return {self.without(key): self.anywhere(part) for key, part in value.items()}
        return [self.anywhere(part) for part in value] if isinstance(value, list) else value


@transaction.atomic
def redact_entries(gone: Gone, *, erased: Entry) -> int:
    """Put the pseudonym wherever the journal names a person, and return in how many entries.

    `erased` is the entry that says that they were erased; what is written after it stays.
    """
    found = [*naming(Entry, ("by", "facts"), gone).filter(pk__lt=erased.pk)]
    changed = 0
    for entry in found:
        by, facts = gone.without(entry.by), gone.anywhere(entry.facts)
        if (by, facts) != (entry.by, entry.facts):
            Entry.objects.redact(entry.pk, by=by, facts=facts, erased=erased)
            changed += 1
    return changed


@transaction.atomic
def redact_rows(model: type[models.Model], gone: Gone, *, keep: Collection[str] = ()) -> int:
    """Put the pseudonym wherever the rows of a table name a person, and return in how many.

    Codes, keys and numbers stay, and the fields that are named in `keep`.
    """
    fields = {one.name: one for one in _written(model) if one.name not in keep}
    changed = 0
    for row in naming(model, fields, gone):
        told = {name: gone.anywhere(getattr(row, name)) for name in fields}
        told = {name: _fitting(fields[name], value) for name, value in told.items()}
        if different := {name: told[name] for name in told if told[name] != getattr(row, name)}:
            models.QuerySet(model).filter(pk=row.pk).update(**different)
            changed += 1
    return changed


def naming(model: type[models.Model], fields: Iterable[str], gone: Gone) -> models.QuerySet[Any]:
    """Return the rows of a table that may name a person in one of some fields, kept from others."""
    as_text = {f"{name}_as_text": Cast(name, TextField()) for name in fields}
    wanted = Q(pk=None)
    for word in gone.words:
        for spelt in {word, json.dumps(word)[1:-1]}:  # JSON may be kept in ASCII alone
            for name in as_text:
                wanted |= Q(**{f"{name}__icontains": spelt})
    found = models.QuerySet(model).annotate(**as_text).filter(wanted).values_list("pk", flat=True)
    # The numbers first: PostgreSQL locks no rows of a query that computes.
    rows: models.QuerySet[Any] = models.QuerySet(model).filter(pk__in=list(found)).order_by("pk")
    return rows if model is Entry else rows.select_for_update()


def _written(model: type[models.Model]) -> Iterator["models.Field[Any, Any]"]:
    for one in model._meta.concrete_fields:
        if isinstance(one, WRITTEN) and not (one.choices or one.unique):
            yield one


def _fitting(field: "models.Field[Any, Any]", value: Any) -> Any:
    longest = getattr(field, "max_length", None)
    return value[:longest] if longest and isinstance(value, str) else value
