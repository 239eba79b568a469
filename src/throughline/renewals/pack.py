"""The renewal pack: what an engagement was, for those who decide how it goes on.

It is written so that a champion could read it: no private note, no address of anybody, and what is
not known is said to be not known, never shown as zero.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from throughline.communities.models import ContextAnswer
from throughline.communities.queries import roles_by_subject
from throughline.delivery.joint import shared_with
from throughline.delivery.models import Deliverable, Engagement, Service
from throughline.delivery.promises import Counted, counted, promise_source
from throughline.delivery.queries import engagements
from throughline.delivery.value import Value, value_of
from throughline.delivery.words import DeliverableState
from throughline.documents.charts import as_png
from throughline.documents.pdf import make_pdf
from throughline.kernel.days import day_in_zone, last_instant
from throughline.kernel.money import shown
from throughline.playbook.model import Playbook
from throughline.renewals.money import (
    NOT_RECORDED,
    Collecting,
    MonthCost,
    collecting_of,
    months_of,
    total_of,
)
from throughline.renewals.pack_chart import described, specification
from throughline.sales.terms import Terms, terms_on

TEMPLATE: Final = Path(__file__).with_name("pack.typ")
HIDDEN: Final = "not shown to you"
MONTHS: Final = 12
UNTOLD: Final = "No source tells us who uses the hubs."


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the check-in: what is known of one thing, or that it is not."""

    code: str
    title: str
    text: str
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise, and how far it is."""

    title: str
    source: str
    due_on: date | None
    state: str
    verified: str  # by whom and when; "" where nobody has


@dataclass(frozen=True, slots=True)
class Pack:
    """Everything that somebody needs who talks about a renewal."""

    engagement: Engagement
    on: date
    sees_money: bool
    items: tuple[Item, ...]
    promises: tuple[Promise, ...]
    people: tuple[tuple[str, tuple[str, ...]], ...]  # role and names; () is nobody
    months: tuple[MonthCost, ...]
    invoices: Collecting | None  # None: nothing was asked for here, or it is not to be seen

    @property
    def days_left(self) -> int | None:
        """Days to the last day; negative once it is past."""
        end_on = self.engagement.deal.end_on
        return None if end_on is None else (end_on - self.on).days


@dataclass(frozen=True, slots=True)
class _Facts:
    engagement: Engagement
    terms: Terms | None
    promises: Sequence[Deliverable]
    services: Sequence[Service]
    value: Value
    months: tuple[MonthCost, ...]
    invoices: Collecting | None
    roles: dict[str, list[str]]
    answers: Sequence[ContextAnswer]
    on: date
    playbook: Playbook


def pack_of(number: int, *, sees_money: bool, playbook: Playbook, on: date) -> Pack:
    """Return the renewal pack of an engagement as of a day; a constant number of queries."""
    facts = _facts(engagements().get(pk=number), playbook, on)
    required = [role for role in playbook.engagement_roles if role.required]
    return Pack(
        engagement=facts.engagement,
        on=on,
        sees_money=sees_money,
        items=tuple(_items(facts, sees_money=sees_money)),
        promises=tuple(map(_promise, facts.promises)),
        people=tuple((role.name, tuple(facts.roles.get(role.code, ()))) for role in required),
        months=facts.months if sees_money else (),
        invoices=facts.invoices if sees_money else None,
    )


def _facts(engagement: Engagement, playbook: Playbook, on: date) -> _Facts:
    deal = engagement.deal
    promised = Deliverable.objects.filter(shared_with(engagement)).select_related("project")
    roles: dict[str, list[str]] = {}
    for one in roles_by_subject([deal.subject], on=on).get(deal.subject, []):
        roles.setdefault(one.role, []).append(one.contact.full_name)
    return _Facts(
        engagement,
        terms_on(deal, on),
        list(promised.exclude(state=DeliverableState.DROPPED).order_by("due_on", "pk")),
        list(Service.objects.filter(engagement=engagement).order_by("pk")),
        value_of(engagement, playbook=playbook, on=on),
        months_of(deal, playbook=playbook, on=on, most=MONTHS),
        collecting_of(deal, playbook=playbook),
        roles,
        list(ContextAnswer.objects.filter(community=deal.community_id).order_by("question")),
        on,
        playbook,
    )


def _promise(one: Deliverable) -> Promise:
    verified = ""
    if one.state == DeliverableState.VERIFIED:
        verified = f"{one.verdict_by}, {_day(one.verdict_at)}"
    return Promise(one.title, promise_source(one), one.due_on, one.get_state_display(), verified)


def _items(facts: _Facts, *, sees_money: bool) -> Iterator[Item]:
    """Yield the thirteen lines of the check-in, as far as facts exist."""
    yield _term(facts)
    yield _agreement(facts)
    yield _tier(facts)
    yield _people(facts)
    yield _promised(facts)
    yield _first_value(facts.value)
    yield _users(facts)
    yield _monthly(facts)
    if sees_money:
        yield from _money(facts)
    else:
        hidden = (("cost", "Cloud cost"), ("cost_per_user", "Cost per active user"),
                  ("invoices", "Open invoices"))  # fmt: skip
        yield from (Item(code, title, HIDDEN, is_known=False) for code, title in hidden)
    yield _health(facts)
    yield _goals(facts)


def _day(at: date | datetime | None) -> str:
    return f"{at:%-d %B %Y}" if at else "unknown"


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _term(facts: _Facts) -> Item:
    deal = facts.engagement.deal
    if deal.end_on is None:
        return Item("term", "Term", "The last day is not recorded.", is_known=False)
    left = (deal.end_on - facts.on).days
    said = f"{_days(left)} left" if left >= 0 else f"ended {_days(-left)} ago"
    return Item("term", "Term", f"{_day(deal.start_on)} to {_day(deal.end_on)}; {said}.")


def _agreement(facts: _Facts) -> Item:
    if facts.terms is None:
        return Item("agreement", "Agreement", "None is recorded here.", is_known=False)
    governing = facts.terms.governing
    state = "executed" if facts.terms.is_binding else "not executed yet"
    changes = len(facts.terms.chain) - 1
    more = f", with {changes} amendment{'' if changes == 1 else 's'}" if changes else ""
    said = f"{governing.get_kind_display()} “{governing.title}”, {state}{more}."
    return Item("agreement", "Agreement", said)


def _tier(facts: _Facts) -> Item:
    names = {tier.code: tier.name for tier in facts.playbook.tiers}
    deal = facts.engagement.deal
    tier = facts.terms.tier if facts.terms else deal.tier
    services = ", ".join(one.title for one in facts.services)
    if not tier:
        said = f"No tier{f', because {deal.tier_none_because}' if deal.tier_none_because else ''}."
        return Item("tier", "Service", said, is_known=bool(deal.tier_none_because))
    return Item("tier", "Service", f"{names.get(tier, tier)}{f': {services}' if services else ''}.")


def _people(facts: _Facts) -> Item:
    required = [role for role in facts.playbook.engagement_roles if role.required]
    missing = [role.name for role in required if not facts.roles.get(role.code)]
    if missing:
        said = f"Nobody is named as {', '.join(missing)}."
        return Item("people", "People", said, is_known=False)
    return Item("people", "People", "Every role has somebody.")


def _promised(facts: _Facts) -> Item:
    found: Counted = counted(facts.promises)
    if not found.total:
        said = "No promise is written down for it."
        return Item("promises", "Promises", said, is_known=False)
    said = f"{found.verified} of {found.total} verified, {found.done - found.verified} more done."
    return Item("promises", "Promises", said)


def _first_value(value: Value) -> Item:
    title = "Time to first value"
    if value.unknown_because:
        return Item("first_value", title, UNTOLD, is_known=False)
    if value.first_on is None:
        return Item("first_value", title, "Not reached yet.")
    if value.days is None:
        said = f"First seen on {_day(value.first_on)}; nobody ordered it here."
        return Item("first_value", title, said)
    return Item(
        "first_value", title, f"{_days(value.days)} from the order, on {_day(value.first_on)}."
    )


def _users(facts: _Facts) -> Item:
    rules = facts.playbook.verification
    title = f"Active users in {rules.window_days} days"
    last = facts.value.last
    if last is None:
        return Item("active_users", title, UNTOLD, is_known=False)
    known = "" if last.is_known else ", at least: not every day is known"
    return Item("active_users", title, f"{last.people} up to {_day(last.to_on)}{known}.")


def _monthly(facts: _Facts) -> Item:
    told = [one for one in facts.months if one.users is not None]
    if not told:
        said = "No month's active users are recorded here."
        return Item("monthly_users", "Monthly active users", said, is_known=False)
    newest = told[-1]
    said = f"{newest.users} in {newest.month}; {len(told)} months recorded."
    return Item("monthly_users", "Monthly active users", said)


def _money(facts: _Facts) -> Iterator[Item]:
    told = [one for one in facts.months if one.cost is not None]
    if not told:
        yield Item("cost", "Cloud cost", NOT_RECORDED, is_known=False)
        yield Item("cost_per_user", "Cost per active user", NOT_RECORDED, is_known=False)
    else:
        said = f"{shown(total_of(told))} {told[-1].currency} in {len(told)} months, {told[0].month} on."
        yield Item("cost", "Cloud cost", said)
        yield _per_user([one for one in told if one.users])
    yield _invoices(facts.invoices)


def _per_user(told: Sequence[MonthCost]) -> Item:
    title = "Cost per active user"
    if not told:
        said = "No month has both its cost and its active users."
        return Item("cost_per_user", title, said, is_known=False)
    newest = told[-1]
    each = (newest.cost or Decimal(0)) / (newest.users or 1)
    return Item("cost_per_user", title, f"{shown(each)} {newest.currency} in {newest.month}.")


def _invoices(found: Collecting | None) -> Item:
    title = "Open invoices"
    if found is None:
        said = "No invoice is recorded here, nor what was collected."
        return Item("invoices", title, said, is_known=False)
    return Item("invoices", title, found.said, is_known=not found.unknown)


def _health(facts: _Facts) -> Item:
    """Return how it goes, without the reason: that is written for us."""
    engagement = facts.engagement
    if engagement.health_at is None:
        return Item("health", "How it goes", "Nobody has said it yet.", is_known=False)
    said = f"{engagement.get_health_display()}, said on {_day(engagement.health_at)}."
    return Item("health", "How it goes", said)


def _goals(facts: _Facts) -> Item:
    answered = [one for one in facts.answers if one.text.strip()]
    total = len(facts.playbook.context_questions)
    if not answered:
        said = "The community has answered none of our questions yet."
        return Item("goals", "What the community wants", said, is_known=False)
    zone = facts.playbook.organisation.zone
    oldest = min(day_in_zone(one.at, zone) for one in answered)
    said = (
        f"{len(answered)} of {total} questions answered, the oldest on {_day(oldest)}: ask again."
    )
    return Item("goals", "What the community wants", said)


def pack_pdf(pack: Pack, *, playbook: Playbook) -> bytes:
    """Return the pack as PDF: the same for the same facts on the same day."""
    picture = list(as_png(specification(pack.months))) if pack.months else []
    data = {**_written(pack, playbook), "picture": picture}
    return make_pdf(TEMPLATE, data, at=last_instant(pack.on, playbook.organisation.zone))


def pack_words(pack: Pack, *, playbook: Playbook) -> str:
    """Return what the pack's PDF says, a text or a name in each line: nobody is shown it."""
    names = [name for _role, held_by in pack.people for name in held_by]
    return "\n".join([*_texts(_written(pack, playbook)), *names])


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)


def _written(pack: Pack, playbook: Playbook) -> dict[str, Any]:
    deal = pack.engagement.deal
    community = deal.community
    return {
        "organisation": playbook.organisation.name,
        "deal": deal.name,
        "engagement": str(pack.engagement.number),
        "community": (community.long_name or community.short_name) if community else "",
        "on": _day(pack.on),
        "items": [{"title": one.title, "text": one.text, "known": one.is_known} for one in pack.items],
        "promises": [
            {"title": one.title, "source": one.source, "due": _day(one.due_on), "state": one.state,
             "verified": one.verified}
            for one in pack.promises
        ],
        "people": [{"role": role, "names": ", ".join(names)} for role, names in pack.people],
        "months": [
            {"month": one.month, "cost": shown(one.cost) or "not recorded", "currency": one.currency,
             "users": "not recorded" if one.users is None else str(one.users)}
            for one in pack.months
        ],
        "pictured": described(pack.months),
    }  # fmt: skip


def pack_shape(pack: Pack) -> dict[str, Any]:
    """Return the pack as JSON; what is not known is null, or says so."""
    deal = pack.engagement.deal
    return {
        "engagement": pack.engagement.number,
        "deal": deal.reference,
        "name": deal.name,
        "on": pack.on.isoformat(),
        "start_on": deal.start_on.isoformat() if deal.start_on else None,
        "end_on": deal.end_on.isoformat() if deal.end_on else None,
        "days_left": pack.days_left,
        "items": [
            {"code": one.code, "title": one.title, "text": one.text, "known": one.is_known}
            for one in pack.items
        ],
        "promises": [_promise_shape(one) for one in pack.promises],
        "people": [{"role": role, "names": list(names)} for role, names in pack.people],
        "months": [_month_shape(one) for one in pack.months],
        "invoices": None if pack.invoices is None else list(pack.invoices.open),
    }


def _promise_shape(one: Promise) -> dict[str, Any]:
    return {
        "title": one.title,
        "source": one.source,
        "due_on": one.due_on.isoformat() if one.due_on else None,
        "state": one.state,
        "verified": one.verified or None,
    }


def _month_shape(one: MonthCost) -> dict[str, Any]:
    return {
        "month": one.month,
        "cost": shown(one.cost),
        "currency": one.currency or None,
        "users": one.users,
        "fee": shown(one.fee),
    }
