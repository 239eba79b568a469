"""What an instant makes due, over all rooms: the one list that worker and commands work through."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from throughline.budgets.actions.receiving import forget_words
from throughline.budgets.jobs import Warned, WatchRun, rehearse_watches, run_watches
from throughline.budgets.queries import unreadable_words, unseen_alerts
from throughline.capacity.asking import called
from throughline.capacity.jobs import Freed, expiring_on, release_expired
from throughline.delivery.actions.champions import remind_champions
from throughline.delivery.load import refresh_standing_load
from throughline.handoff.actions.looking import look_at_due
from throughline.handoff.actions_webhooks.jobs import tell_others
from throughline.handoff.arming import keep_armings
from throughline.handoff.jobs import due_passes, run_passes
from throughline.intake.alerts.reading import read_alerts
from throughline.intake.evidence import look_at_due_evidence
from throughline.intake.hubspot.actions.merges import open_merges
from throughline.intake.hubspot.actions.orders import waiting_orders
from throughline.intake.hubspot.actions.telling import tell_of_exceptions
from throughline.intake.hubspot.actions.telling_stages import tell_stages
from throughline.intake.hubspot.jobs import read_what_is_due
from throughline.intake.statistics import keep_statistics
from throughline.kernel.days import day_in_zone, last_instant
from throughline.kernel.stopping import Stop, never
from throughline.mail.actions.notifying import send_digests
from throughline.mail.jobs import send_due
from throughline.mail.queries import echoes_to_see, unsent_for_good
from throughline.people.actions_calls import forget_old_calls
from throughline.people.actions_tallies import forget_old_tallies
from throughline.playbook.model import Playbook
from throughline.renewals.actions_data import data_reminders_on, remind_about_data
from throughline.renewals.actions_pack import kept_pack
from throughline.renewals.jobs import (
    DueMail,
    LadderRun,
    about_data,
    ends_unknown,
    lapses_beginning,
    rehearse_ladders,
    run_ladders,
)
from throughline.renewals.lapse_jobs import ending_events, settle_endings
from throughline.renewals.queries import hubs_ending
from throughline.renewals.untold import what_to_do
from throughline.sales.demand import names_of, refresh_demand
from throughline.sales.expiry import GateChange, gates_closing
from throughline.sales.reviews import overdue_reviews
from throughline.sales.waiting import early_starts_that_ran_out
from throughline.search.jobs import follow_journal


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that a person must look at."""

    engagement: int | None
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class DayBrings:
    """What is due: mails, passes, gates that close, alerts."""

    mails: Sequence[DueMail] = field(default_factory=tuple)
    passes: Sequence[int] = field(default_factory=tuple)
    gates: Sequence[GateChange] = field(default_factory=tuple)
    alerts: Sequence[Alert] = field(default_factory=tuple)


class Carry(Protocol):
    """What is done with the passes that are due: run them here, or give them to others."""

    def __call__(self, *, at: datetime, playbook: Playbook, holder: str) -> list[int]:
        """Return the engagements that were taken care of."""


def run_instant(
    *,
    at: datetime,
    playbook: Playbook,
    by: str,
    holder: str,
    carry: Carry = run_passes,
    stop: Stop = never,
) -> DayBrings:
    """Do everything that is due by an instant, and return what that was; again, nothing is.

    `stop` is asked between two things that others are asked or told: the rest stays due.
    """
    on = day_in_zone(at, playbook.organisation.zone)
    read_what_is_due(playbook=playbook, at=at)
    tell_of_exceptions(playbook=playbook, by=by, at=at)
    tell_stages(playbook=playbook, by=by, at=at)
    settle_endings(playbook=playbook, by=by, at=at)
    ladder = run_ladders(at=at, playbook=playbook, by=by, packing=kept_pack)
    read_alerts(playbook=playbook, at=at)
    watched = run_watches(at=at, playbook=playbook, by=by)
    passes = carry(at=at, playbook=playbook, holder=holder)
    keep_armings(by=by, at=at)
    look_at_due(at=at, on=on, playbook=playbook, by=by, stop=stop)
    look_at_due_evidence(at=at, playbook=playbook, by=by, stop=stop)
    remind_champions(playbook=playbook, by=by, at=at)
    reminded = remind_about_data(playbook=playbook, by=by, at=at)
    send_digests(playbook=playbook, by=by, at=at)
    send_due(at=at, stop=stop)
    tell_others(at=at, stop=stop)
    forget_old_tallies(at=at)
    forget_old_calls(at=at)
    forget_words(playbook=playbook, by=by, at=at)
    refresh_standing_load(ending=hubs_ending(), playbook=playbook, by=by, at=at)
    refresh_demand(playbook=playbook, by=by, at=at)
    freed = release_expired(on=on, by=by, at=at)
    follow_journal(playbook=playbook, at=at)
    keep_statistics(at=at)
    return DayBrings(
        mails=[
            *ladder.queued,
            *about_data(reminded, playbook=playbook),
            *_about_costs(watched.queued),
        ],
        passes=passes,
        gates=gates_closing(on=on, playbook=playbook),
        alerts=[
            *_mails_that_failed(ladder, watched),
            *_alerts_waiting(),
            *_ends_unknown(),
            *_lapses(on, playbook),
            *_endings(on, playbook),
            *_freed(freed),
            *_owed(on),
            *_hubspot_asks(on),
            *_mails_that_wait(),
        ],
    )


def _mails_that_failed(ladder: LadderRun, watched: WatchRun) -> Iterator[Alert]:
    for one in ladder.nobody:
        said = f"{one.engagement.deal.name}: {what_to_do(one)}"
        yield Alert(one.engagement.number, "nobody_to_tell", said)
    for number, why in ladder.failed:
        yield Alert(number, "notice_failed", f"Its notice failed and is tried again: {why}")
    for number, why in watched.failed:
        yield Alert(number, "costs_not_told", f"Its costs could not be told of: {why}")


def rehearse_day(*, on: date, today: date, playbook: Playbook) -> DayBrings:
    """Return what a day would bring in a system that runs every day. Reads only."""
    return DayBrings(
        mails=[
            *rehearse_ladders(on=on, today=today, playbook=playbook),
            *about_data(data_reminders_on(on, today=today, playbook=playbook), playbook=playbook),
            *_about_costs(rehearse_watches(on=on, today=today, playbook=playbook)),
        ],
        passes=due_passes(at=last_instant(on, playbook.organisation.zone)),
        gates=gates_closing(on=on, playbook=playbook),
        alerts=[
            *_ends_unknown(),
            *_lapses(on, playbook),
            *_endings(on, playbook),
            *_freed(expiring_on(on)),
            *_owed(on),
            *_hubspot_asks(on),
        ],
    )


def _about_costs(warned: Sequence[Warned]) -> list[DueMail]:
    return [DueMail((one.to,), one.subject, one.engagement, one.threshold) for one in warned]


def _alerts_waiting() -> list[Alert]:
    """Return what waits for somebody: alerts that nobody has seen, and what cannot be read."""
    found = [
        Alert(one.engagement_id, "budget_alert", f"{one}: nobody has seen this alert yet.")
        for one in unseen_alerts()
    ]
    return found + [
        Alert(None, "alert_unreadable", f"{one} cannot be read: {one.why}")
        for one in unreadable_words()
    ]


def _freed(freed: Sequence[Freed]) -> list[Alert]:
    """Return what BD and PS must both hear of holds that ran out (E12)."""
    names = names_of(one.subject for one in freed)
    return [
        Alert(
            None,
            "hold_expired",
            f"{called(names, one.subject).name}: its soft hold of {one.hours:g} h"
            f" ({', '.join(one.roles)}) has run out, and the hours are free again. BD: ask for a new"
            " capacity answer if the deal goes on. PS: the hours can be promised to others.",
        )
        for one in freed
    ]


def _owed(on: date) -> list[Alert]:
    """Return what the Lead must hear: reviews that PS owes, and early starts that ran out."""
    owed = [
        Alert(
            None,
            "review_overdue",
            f"{one.deal.name}: PS was needed by {one.needed_by} and has not answered"
            f" {one.asked_by}; it is with {one.ball}. Lead: settle who answers.",
        )
        for one in overdue_reviews(on=on)
    ]
    return owed + [
        Alert(
            one.deal_id,
            "early_start_over",
            f"{one.deal.name}: its early start is over and the agreement is not executed. Have it"
            " signed, or have a Lead allow a new one; until then nothing new goes outside.",
        )
        for one in early_starts_that_ran_out(on=on)
    ]


def _hubspot_asks(on: date) -> list[Alert]:
    """Return what BD must settle of what HubSpot said: orders that were refused, merged deals."""
    orders = [
        Alert(
            deal.pk,
            "order_refused",
            f"{deal.name}: its order in HubSpot waits. {row.refusal}",
        )
        for row, deal in waiting_orders()
        if deal is not None and row.refusal
    ]
    return orders + [
        Alert(
            None,
            "merge_stopped",
            f"Deals that are both being delivered were merged in HubSpot into {one.survivor_id}:"
            f" settle which goes on (throughline hubspot settle {one.survivor_id}).",
        )
        for one in open_merges(on=on)
    ]


def _mails_that_wait() -> list[Alert]:
    """Return the mails of which a person must see: failed, unsure, come back, answered."""
    stuck = [
        Alert(None, f"mail_{one.state}", f"Mail {one.pk}, “{one.subject}”: {one.error}")
        for one in unsent_for_good()
    ]
    return stuck + [
        Alert(
            None, f"mail_{one.kind}",
            f"{one.get_kind_display()}: {one.address} on"
            f" “{one.message.subject if one.message else 'a mail that nobody knows'}”.",
        )
        for one in echoes_to_see()
    ]  # fmt: skip


def _ends_unknown() -> list[Alert]:
    return [
        Alert(
            one.number,
            "end_unknown",
            f"{one.deal.name} has no end date, so nobody is told before it ends: record one.",
        )
        for one in ends_unknown()
    ]


def _lapses(on: date, playbook: Playbook) -> list[Alert]:
    return [
        Alert(one.number, "lapsed", f"{one.deal.name} ended yesterday and its hubs still run.")
        for one in lapses_beginning(on=on, playbook=playbook)
    ]


def _endings(on: date, playbook: Playbook) -> list[Alert]:
    """Return what runs without agreement and what is taken down, as far as the day brings it."""
    return [
        Alert(one.engagement, one.code, one.message)
        for one in ending_events(on=on, playbook=playbook)
    ]
