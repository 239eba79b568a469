"""Blocks of Today about handoffs: what PS returned, must read, and finds changed."""

from django.urls import reverse

from throughline.delivery.models import HandoffReturn
from throughline.delivery.returns import returned
from throughline.delivery.waiting import notes_to_read
from throughline.handoff.drift import drifted_outcomes
from throughline.handoff.models import Outcome
from throughline.intake.week.look import Look
from throughline.people.models import User
from throughline.sales.knowledge import questions_waiting
from throughline.sales.models import DealNote
from throughline.sales.shapes import name_of
from throughline.web.today.listing import block, first
from throughline.web.today.shapes import Block, Item


def returned_block(_user: User, _now: Look) -> Block:
    """Return the lines that PS returned, for BD to answer."""
    return block(
        ("returned", "Handoffs that PS returned", "back"),
        first(returned()),
        _returned_item,
        empty="A line of a handoff comes here when PS returns it, saying what is wrong.",
    )


def _returned_item(one: HandoffReturn) -> Item:
    return Item(
        f"{reverse('web:handoff', args=[one.engagement_id])}#return-{one.pk}",
        name_of(one.engagement.deal), f"{one.line_text}: {one.why} ({one.by})", "BD",
        since=one.at, status="not_yet", word="Returned",
    )  # fmt: skip


def notes_block(_user: User, _now: Look) -> Block:
    """Return the notes on engagements that nobody of PS has read."""
    return block(
        ("notes", "For PS to read", "eye"),
        first(notes_to_read()),
        lambda one: _note_item(one, "PS"),
        empty="A note comes here when BD writes down what PS must know of an engagement.",
    )


def questions_block(_user: User, _now: Look) -> Block:
    """Return the open questions of all deals."""
    return block(
        ("questions", "Open questions between BD and PS", "question"),
        first(questions_waiting()),
        lambda one: _note_item(one, one.deal.owner or "BD"),
        empty="A question about a deal comes here until somebody says that it is answered.",
    )


def _note_item(one: DealNote, ball: str) -> Item:
    return Item(
        f"{reverse('web:notes', args=[one.deal_id])}#note-{one.pk}",
        name_of(one.deal), f"{one.get_kind_display()} by {one.by}", ball, since=one.at,
    )  # fmt: skip


def drifted_block(_user: User, _now: Look) -> Block:
    """Return what handoffs made and somebody has changed since."""
    return block(
        ("drift", "Changed since the handoff", "drift"),
        first(drifted_outcomes()),
        _drifted_item,
        empty="What a handoff made comes here when somebody changes or deletes it.",
        more=reverse("web:drift"),
    )


def _drifted_item(one: Outcome) -> Item:
    return Item(
        f"{reverse('web:handoff-drift', args=[one.engagement_id])}#outcome-{one.pk}",
        name_of(one.engagement.deal), f"{one.system}: {one.summary}", "PS",
        since=one.seen_at or one.engagement.opened_at, status=one.state,
    )  # fmt: skip
