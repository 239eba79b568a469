"""Entries of the journal as pages show them."""

import json
from collections.abc import Iterable
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


def events_of(entries: Iterable[Entry], user: User) -> list[dict[str, Any]]:
    """Return entries as the history of a page shows them."""
    sees_money = user.may(Permission.SEE_MONEY)
    return [
        {"icon": icon(one), "text": sentence(one, sees_money=sees_money), "by": one.by, "at": one.at}
        for one in entries
    ]


def shown_entries(entries: Iterable[Entry], user: User) -> list[dict[str, Any]]:
    """Return entries as the journal shows them; facts may hold amounts, so not to everybody."""
    sees_money = user.may(Permission.SEE_MONEY)
    return [
        {
            "entry": one,
            "icon": icon(one),
            "sentence": sentence(one, sees_money=sees_money),
            "subject": subject_of(one),
            "url": address_of(one),
            "facts": json.dumps(one.facts, indent=2, ensure_ascii=False)
            if sees_money and one.facts
            else "",
        }
        for one in entries
    ]
