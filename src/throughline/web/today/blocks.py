"""What waits for a person, as blocks of Today: one for each thing that one of their hats does."""

from dataclasses import replace
from datetime import date, timedelta

from django.urls import reverse

from throughline.delivery.models import Deliverable, Engagement
from throughline.delivery.waiting import due_by, off_track, to_accept, to_verify
from throughline.handoff.models import Outcome
from throughline.handoff.private import text_for
from throughline.handoff.queries import troubled_outcomes
from throughline.intake.week.look import Look
from throughline.journal.remembering import remembered
from throughline.people.models import User
from throughline.people.words import Permission, RoleName
from throughline.playbook.model import Playbook
from throughline.renewals.known import COVERING
from throughline.renewals.lists import SOON, ending_soon
from throughline.renewals.queries import Renewal
from throughline.sales.judging import JUDGED
from throughline.sales.models import GateException, Order, Review, SponsorWork
from throughline.sales.reviews import overdue_reviews
from throughline.sales.shapes import name_of
from throughline.sales.unanswered import Unanswered, unanswered_deals
from throughline.sales.waiting import (
    WaitingDeal,
    early_starts_that_ran_out,
    open_exceptions,
    open_sponsor_work,
    unanswered_reviews,
    waiting_for_bd,
)
from throughline.web.today.listing import SHOWN
from throughline.web.today.listing import block as _block
from throughline.web.today.listing import first as _first
from throughline.web.today.shapes import Block, Item

DUE_WITHIN = timedelta(days=14)


def owner_of(user: User) -> str:
    """Return whose deals a person is told of beside those that nobody has; "": everybody's."""
    return "" if RoleName.ADMIN in user.hats() else user.username


def sponsor_desk_block(_user: User, _now: Look) -> Block:
    """Return what the Sponsor is asked to do."""
    return _block(
        ("sponsor", "Sponsor desk", "document"),
        _first(open_sponsor_work()),
        _work_item,
        empty="A deal that enters Contract Admin asks for signatures and for invoicing here.",
        more=reverse("web:sponsor-desk"),
    )


def _work_item(work: SponsorWork) -> Item:
    detail = work.question or f"Asked by {work.asked_by}"
    return Item(
        f"{reverse('web:sponsor-desk')}#work-{work.pk}",
        f"{work.get_kind_display()} – {name_of(work.deal)}", detail, work.taken_by or "Sponsor",
        since=work.asked_at, work=work,
    )  # fmt: skip


def moves_block(user: User, now: Look) -> Block:
    """Return the deals for which BD can do something now."""
    owner = owner_of(user)
    waiting = remembered(
        ("moves", owner, *now.key), JUDGED,
        lambda: waiting_for_bd(now.judging, owner=owner),
    )  # fmt: skip
    return _block(
        ("moves", "Deals you can move on", "pipeline"),
        (waiting[:SHOWN], len(waiting)),
        _move_item,
        empty="An open deal of yours, or one that nobody has, comes here when its next gate needs"
        " something that BD can do.",
        more=reverse("web:pipeline"),
    )


def _move_item(waiting: WaitingDeal) -> Item:
    deal, to_do = waiting.deal, waiting.to_do
    more = f" (and {len(to_do) - 1} more)" if len(to_do) > 1 else ""
    first = f"{to_do[0].message}{more}" if to_do else "Nothing is in the way."
    return Item(
        reverse("web:deal", args=[deal.pk]),
        name_of(deal),
        f"To {waiting.to.name}: {first}",
        deal.owner or "nobody yet",
        since=deal.stage_since,
    )


def verify_block(_user: User, _now: Look) -> Block:
    """Return what PS says is done and BD has not judged."""
    return _block(
        ("verify", "To verify", "check"),
        _first(to_verify()),
        _verify_item,
        empty="A deliverable comes here when PS says that it is done.",
        more=reverse("web:verification"),
    )


def _verify_item(one: Deliverable) -> Item:
    return Item(
        f"{reverse('web:verification')}#deliverable-{one.pk}",
        one.title,
        f"{name_of(one.project.engagement.deal)}; done by {one.done_by}",
        "BD",
        since=one.done_at,
        due_on=one.due_on,
    )


def exceptions_block(_user: User, now: Look) -> Block:
    """Return the moves past a closed gate that nobody has explained."""
    return _block(
        ("exceptions", "Moved past an open gate", "warning"),
        _first(open_exceptions()),
        lambda one: _exception_item(one, now.playbook),
        empty="A deal comes here when somebody moves it elsewhere past a gate that is closed.",
        more=reverse("web:exceptions"),
    )


def _exception_item(one: GateException, playbook: Playbook) -> Item:
    stage = playbook.stage(one.to_stage).name
    past = f"{len(one.conditions)} open condition{'s' if len(one.conditions) != 1 else ''}"
    return Item(
        reverse("web:deal", args=[one.deal_id]),
        name_of(one.deal),
        f"Moved to {stage} past {past}: explain it or move it back.",
        one.deal.owner or "BD",
        since=one.found_at,
        status="exception",
    )


def ending_block(_user: User, now: Look) -> Block:
    """Return what ends soon and is not renewed."""
    found = remembered(("ending soon", *now.key), COVERING, lambda: ending_soon(now.standings))
    return _block(
        ("ending", "Ends within 60 days", "renewal"),
        (found[:SHOWN], len(found)),
        _renewal_item,
        empty="An engagement comes here 60 days before its last day, unless it is renewed.",
        more=f"{reverse('web:renewals')}?view=soon",
    )


def _renewal_item(one: Renewal) -> Item:
    deal, days = one.standing.deal, one.days_left or 0
    ended = f"ended {-days} days ago" if days < 0 else f"{days} days left"
    return Item(
        reverse("web:renewal", args=[deal.pk]),
        name_of(deal),
        f"{one.state.label}; {ended}",
        deal.owner or "BD",
        since=deal.end_on - SOON if deal.end_on else None,
        due_on=deal.end_on,
        due_word="ended" if days < 0 else "ends",
        status="lapsed" if days < 0 else "",
    )


def reviews_block(_user: User, _now: Look) -> Block:
    """Return what BD asks PS."""
    return _block(
        ("reviews", "BD asks PS", "question"),
        _first(unanswered_reviews()),
        _review_item,
        empty="A question comes here when BD asks PS about a proposal.",
        more=reverse("web:reviews"),
    )


def _review_item(one: Review) -> Item:
    return Item(
        reverse("web:review", args=[one.pk]),
        name_of(one.deal),
        f"{one.get_kind_display()}: {one.question} (asked by {one.asked_by})",
        one.ball,
        since=one.ball_since,
        due_on=one.needed_by,
    )


def capacity_block(_user: User, now: Look) -> Block:
    """Return the deals that wait for a capacity answer."""
    found = remembered(("unanswered", *now.key), JUDGED, lambda: unanswered_deals(now.judging))
    return _block(
        ("capacity", "Can we deliver it?", "capacity"),
        (found[:SHOWN], len(found)),
        _capacity_item,
        empty="A deal comes here when its next gate wants PS's capacity answer.",
        more=reverse("web:capacity"),
    )


def _capacity_item(one: Unanswered) -> Item:
    hours = f" ({one.hours})" if one.hours else ""
    return Item(
        reverse("web:deal-capacity", args=[one.deal.pk]),
        name_of(one.deal),
        f"{one.condition.message}{hours}",
        "PS",
        since=one.since,
        status="stale" if one.condition.status == "stale" else "",
    )


def overdue_block(_user: User, now: Look) -> Block:
    """Return the questions that PS is late with."""
    return _block(
        ("overdue", "PS owes an answer", "clock"),
        _first(overdue_reviews(on=now.on)),
        lambda one: replace(_review_item(one), status="off_track", word="Overdue"),
        empty="A question to PS comes here when its day has passed without an answer.",
        more=f"{reverse('web:reviews')}?tab=overdue",
    )


def early_over_block(_user: User, now: Look) -> Block:
    """Return what was ordered before signature, and the leave is over."""
    return _block(
        ("early_over", "Early start over, not signed", "flight"),
        _first(early_starts_that_ran_out(on=now.on)),
        _early_item,
        empty="A deal comes here when it was ordered before signature and the leave has ended.",
        more=reverse("web:waivers"),
    )


def _early_item(order: Order) -> Item:
    return Item(
        reverse("web:deal", args=[order.deal_id]),
        name_of(order.deal),
        "Have it signed, or allow a new early start: until then nothing new goes outside.",
        order.deal.owner or "BD",
        since=order.at,
        status="lapsed",
        word="Not signed",
    )


def accept_block(_user: User, _now: Look) -> Block:
    """Return the orders that PS has not accepted."""
    return _block(
        ("accept", "To accept by name", "hand"),
        _first(to_accept()),
        _accept_item,
        empty="An engagement comes here when BD places its order.",
    )


def _accept_item(one: Engagement) -> Item:
    return Item(
        reverse("web:handoff", args=[one.number]),
        name_of(one.deal),
        f"Ordered by {one.opened_by}",
        "PS",
        since=one.opened_at,
    )


def due_block(_user: User, now: Look) -> Block:
    """Return what is due soon or overdue."""
    return _block(
        ("due", "Due in 14 days or overdue", "calendar"),
        _first(due_by(now.on + DUE_WITHIN)),
        lambda one: _due_item(one, on=now.on),
        empty="A deliverable comes here 14 days before it is due.",
    )


def _due_item(one: Deliverable, *, on: date) -> Item:
    is_overdue = one.due_on is not None and one.due_on < on
    engagement = one.project.engagement
    return Item(
        f"{reverse('web:engagement', args=[engagement.number])}#deliverable-{one.pk}",
        one.title,
        name_of(engagement.deal),
        one.project.lead or engagement.accepted_by or "PS",
        since=engagement.accepted_at or engagement.opened_at,
        due_on=one.due_on,
        status="off_track" if is_overdue else "",
        word="Overdue" if is_overdue else "",
    )


def off_track_block(_user: User, _now: Look) -> Block:
    """Return the engagements that PS says are off track."""
    return _block(
        ("off_track", "Off track", "stop"),
        _first(off_track()),
        _off_track_item,
        empty="An engagement comes here when PS says that it is off track, and why.",
    )


def _off_track_item(one: Engagement) -> Item:
    return Item(
        reverse("web:engagement", args=[one.number]), name_of(one.deal), one.health_why,
        one.accepted_by or "PS", since=one.health_at, status="off_track",
    )  # fmt: skip


def troubled_block(user: User, _now: Look) -> Block:
    """Return the outcomes that failed or are unknown."""
    return _block(
        ("outcomes", "Outcomes that failed or are unknown", "drift"),
        _first(troubled_outcomes()),
        lambda one: _outcome_item(one, sees_money=user.may(Permission.SEE_MONEY)),
        empty="An outcome of a handoff comes here when making it true failed, or when the answer"
        " was lost.",
    )


def _outcome_item(one: Outcome, *, sees_money: bool) -> Item:
    remedy = text_for(one.key, one.remedy, sees_money=sees_money)
    return Item(
        reverse("web:handoff", args=[one.engagement_id]), one.summary, remedy, "Admin",
        since=one.intent_at or one.seen_at or one.engagement.opened_at, status=one.state,
    )  # fmt: skip
