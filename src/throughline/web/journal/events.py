"""Entries of the journal as pages show them."""

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
