"""Blocks of Today about endings: what runs without agreement, what is taken down, what is awaited."""

from django.urls import reverse
from django.utils.text import slugify

from throughline.intake.week.look import Look
from throughline.journal.remembering import remembered
from throughline.people.models import User
from throughline.renewals.courses import awaited_courses
from throughline.renewals.known import COVERING
from throughline.renewals.lapse import Running
from throughline.renewals.models import Course
from throughline.renewals.offboarding import CheckList, check_lists, offboardings
from throughline.renewals.words import RunsKind
from throughline.sales.shapes import name_of
from throughline.web.today.listing import SHOWN, block, first
from throughline.web.today.shapes import Block, Item


def running_block(_user: User, now: Look) -> Block:
    """Return what runs without agreement, what must be decided first at the top."""
    ordered = now.running
    return block(
        ("lapsed", "Runs without agreement", "stop"),
        (ordered[:SHOWN], len(ordered)),
        _running_item,
        empty="A hub comes here when its agreement has ended, was lost or never signed.",
        more=reverse("web:running"),
    )


def _running_item(one: Running) -> Item:
    days = "nobody knows since when" if one.days is None else f"{one.days} days"
    return Item(
        f"{reverse('web:running')}#{slugify(one.subject)}",
        name_of(one.deal) if one.deal else one.name,
        f"{one.kind.label}, {days}. {one.remedy}",
        one.ball,
        since=one.since_on,
        due_on=one.plan.planned_on if one.plan else one.decide_on,
        due_word="to be taken down" if one.plan else "to be decided",
        status="in_flight" if one.kind == RunsKind.EARLY else "lapsed",
        word=one.kind.label,
    )


def offboarding_block(_user: User, now: Look) -> Block:
    """Return what is being taken down, with the line that can be done now."""
    found = remembered(("being taken down", *now.key), COVERING, lambda: _check_lists(now))
    return block(
        ("offboarding", "Being taken down", "stop"),
        found,
        _offboarding_item,
        empty="An engagement comes here when it is decided that it ends, or that it is taken down.",
    )


def _check_lists(now: Look) -> tuple[list[CheckList], int]:
    """Return the first check lists that are not done, and how many there are."""
    found = [one for one in check_lists(offboardings(), playbook=now.playbook) if not one.is_over]
    return found[:SHOWN], len(found)


def _offboarding_item(one: CheckList) -> Item:
    following = one.next
    detail = f"Next: {following.label}. {following.how}" if following else "It waits."
    return Item(
        reverse("web:offboarding", args=[one.deal.pk]), name_of(one.deal), detail,
        following.ball if following else "PS", since=one.offboarding.opened_at,
        due_on=one.deal.end_on, due_word="ends",
    )  # fmt: skip


def awaited_block(_user: User, _now: Look) -> Block:
    """Return the renewals whose deal is to be made in HubSpot."""
    return block(
        ("awaited", "To be made in HubSpot", "link"),
        first(awaited_courses()),
        _awaited_item,
        empty="A renewal comes here when its deal is to be made in HubSpot, until it arrives.",
    )


def _awaited_item(one: Course) -> Item:
    deal = one.engagement.deal
    return Item(
        reverse("web:renewal", args=[one.engagement_id]), name_of(deal),
        f"Make the deal “{one.awaited}” in HubSpot: it is linked when it arrives.",
        deal.owner or "BD", since=one.at,
    )  # fmt: skip
