"""The shapes of what an engagement's handoff answers: ledger, returns, drift, notes."""

from datetime import date, datetime
from typing import Any

from ninja import Field, Schema

from throughline.api.schemas import Instant


class LedgerLine(Schema):
    """One field that is known about a deal, and where it goes."""

    field: str
    standing: str  # sent, to_be_sent, linked, not_needed or missing
    to: str | None
    why: str
    decided_by: str | None  # null: the playbook


class Ledger(Schema):
    """Where every field of a handoff goes."""

    engagement: int
    fields: int
    sent: int
    to_be_sent: int  # of those that are sent: not there yet
    linked: int
    not_needed: int
    missing: list[str]
    lines: list[LedgerLine]


class InTheWay(Schema):
    """One thing between a handoff and its acceptance."""

    code: str
    message: str
    remedy: str


class Return(Schema):
    """A line of a handoff that PS returned, and what BD answered."""

    number: int = Field(alias="return")
    engagement: int
    line: str
    line_text: str
    why: str
    by: str
    at: Instant
    answer: str | None
    answered_by: str | None
    answered_at: Instant | None


class Returns(Schema):
    """How a handoff stands between BD and PS."""

    engagement: int
    accepted_by: str | None
    ball: str | None  # BD or PS; null: nobody need accept it
    in_the_way: list[InTheWay]
    returns: list[Return]


class DriftField(Schema):
    """One field that differs: what is wanted, and what is there."""

    field: str
    wanted: Any
    seen: Any
    can_adopt: bool
    why_not: str | None


class Ignored(Schema):
    """Who lets it differ, why and until when."""

    by: str
    why: str
    until_on: date


class Drift(Schema):
    """Something that a handoff made, and both sides of it."""

    outcome: str
    engagement: int
    system: str
    summary: str
    standing: str  # synced, drifted, ignored or unknown
    seen_at: datetime | None
    can_adopt: bool
    fields: list[DriftField]
    ignored: Ignored | None


class NoteReply(Schema):
    """What was said to a note."""

    by: str
    at: Instant
    text: str


class Note(Schema):
    """Something that BD knows and PS must know."""

    note: int
    deal: int
    kind: str
    text: str
    is_private: bool
    by: str
    at: Instant
    read_by: list[str]
    replies: list[NoteReply]
    is_open: bool
    settled_by: str | None
    withdrawn_by: str | None
