"""Entries of the journal as pages show them."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse

from throughline.journal.models import Entry
from throughline.people.models import User
from throughline.people.words import Permission
from throughline.web.journal_sentences import icon, sentence

PAGES = {  # what an entry is about: the page of it
    "sales.deal": "web:deal",
    "delivery.engagement": "web:engagement",
    "communities.community": "web:community",
    "mail.message": "web:message",
}


def address_of(entry: Entry) -> str:
    """Return the page of what an entry is about; "" if it has none of its own."""
    name = PAGES.get(entry.subject_type)
    return reverse(name, args=[entry.subject_id]) if name else ""


def subject_of(entry: Entry) -> str:
    """Return what an entry is about, as the journal's filter takes it: "engagement:12"."""
    return f"{entry.subject_type.rpartition('.')[2]}:{entry.subject_id}"


def events_of(
    entries: Iterable[Entry], names: Mapping[tuple[str, int], str] | None = None
) -> list[dict[str, Any]]:
    """Return entries as the history of a page shows them; those about a named thing say which."""
    known = {(kind, str(pk)): name for (kind, pk), name in (names or {}).items()}
    found = []
    for one in entries:
        name = known.get((one.subject_type, one.subject_id))
        text = f"{name}: {sentence(one)}" if name else sentence(one)
        found.append({"icon": icon(one), "text": text, "by": one.by, "at": one.at})
    return found


def shown_entries(entries: Iterable[Entry], user: User) -> list[dict[str, Any]]:
    """Return entries as the journal shows them; facts may hold amounts, so not to everybody."""
    sees_money = user.may(Permission.SEE_MONEY)
    return [
        {
            "entry": one,
            "icon": icon(one),
            "sentence": sentence(one),
            "subject": subject_of(one),
            "url": address_of(one),
            "facts": json.dumps(one.facts, indent=2, ensure_ascii=False)
            if sees_money and one.facts
            else "",
        }
        for one in entries
    ]
