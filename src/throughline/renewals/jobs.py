"""The ladders of all engagements: run for an instant, or rehearsed for a day."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from throughline.delivery.models import Engagement
from throughline.delivery.queries import engagements
from throughline.kernel.days import day_in_zone
from throughline.playbook.model import Playbook
from throughline.renewals.actions import mail_facts, note_silence, send_notices
from throughline.renewals.actions_data import reminder_subject
from throughline.renewals.actions_pack import Packing, no_pack
from throughline.renewals.models import DataQuestion
from throughline.renewals.queries import (
    PlannedMail,
    Standing,
    engagements_to_look_at,
    mails_due,
    silenced,
    standings,
    term_state,
)
from throughline.renewals.words import TermState

log = logging.getLogger(__name__)

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DueMail:
    """A mail that a ladder brings, as it is shown."""

    to: tuple[str, ...]
    subject: str
    engagement: int
    step: str


@dataclass(slots=True)
class LadderRun:
    """What one run over the ladders did."""

    queued: list[DueMail] = field(default_factory=list)
    nobody: list[PlannedMail] = field(default_factory=list)  # has nobody to go to, and waits
    failed: list[tuple[int, str]] = field(default_factory=list)  # engagement, why


def run_ladders(
    *, at: datetime, playbook: Playbook, by: str, packing: Packing = no_pack
) -> LadderRun:
    """Put into the outbox what all ladders demand by an instant; again, they demand nothing.

    One action and one transaction for each engagement; one that fails stops no other.
    """
    on = day_in_zone(at, playbook.organisation.zone)
    run = LadderRun()
    for standing in standings(engagements_to_look_at(on=on, playbook=playbook), on=on):
        number = standing.engagement.number
        try:
            _run_one(standing, run, packing, playbook=playbook, by=by, at=at)
        except Exception as error:
            log.exception("the ladder of engagement %s failed", number)
            run.failed.append((number, f"{type(error).__name__}: {error}"))
    return run


def _run_one(
    standing: Standing,
    run: LadderRun,
    packing: Packing,
    *,
    playbook: Playbook,
    by: str,
    at: datetime,
) -> None:
    number, on = standing.engagement.number, day_in_zone(at, playbook.organisation.zone)
    # The actions look again under their lock; this look spares them where there is nothing to do.
    if silenced(standing, on=on, playbook=playbook):
        note_silence(number, playbook=playbook, by=by, at=at)
    if not mails_due(standing, on=on, playbook=playbook):
        return
    queued, nobody = send_notices(number, playbook=playbook, by=by, at=at, packing=packing)
    run.queued += [
        DueMail(tuple(message.to), message.subject, number, planned.step)
        for planned, message in queued
    ]
    run.nobody += nobody


def rehearse_ladders(*, on: date, today: date, playbook: Playbook) -> list[DueMail]:
    """Return the mails that a day would bring in a system that runs every day. Reads only.

    What the day before would have brought is not this day's; today brings all that is outstanding.
    """
    found = [one for one in _planned(on, playbook) if one[1].to]
    if on != today:
        brought = {planned.key for _, planned in _planned(on - ONE_DAY, playbook) if planned.to}
        found = [(standing, one) for standing, one in found if one.key not in brought]
    return [_as_due(standing, one, on=on, playbook=playbook) for standing, one in found]


def _planned(on: date, playbook: Playbook) -> list[tuple[Standing, PlannedMail]]:
    looked_at = standings(engagements_to_look_at(on=on, playbook=playbook), on=on)
    return [
        (standing, planned)
        for standing in looked_at
        for planned in mails_due(standing, on=on, playbook=playbook)
    ]


def _as_due(standing: Standing, planned: PlannedMail, *, on: date, playbook: Playbook) -> DueMail:
    facts = mail_facts(standing, planned, on=on, playbook=playbook)
    subject, _text = playbook.mail(planned.mail).filled(facts)
    return DueMail(planned.to, " ".join(subject.split()), standing.engagement.number, planned.step)


def about_data(reminded: Iterable[DataQuestion], *, playbook: Playbook) -> list[DueMail]:
    """Return the reminders of the question about a community's data, as they are shown."""
    return [
        DueMail((one.email,), reminder_subject(one, playbook), one.offboarding.deal_id, "data")
        for one in reminded
    ]


def lapses_beginning(*, on: date, playbook: Playbook) -> list[Engagement]:
    """Return the engagements whose first day after the end it is, and whose hubs still run."""
    ended = engagements().filter(deal__end_on=on - ONE_DAY)
    return [
        standing.engagement
        for standing in standings(ended, on=on)
        if term_state(standing, on=on, playbook=playbook) == TermState.LAPSED
    ]


def ends_unknown() -> list[Engagement]:
    """Return the engagements without an end date: nobody will be told before they end."""
    return list(engagements().filter(deal__end_on=None))
