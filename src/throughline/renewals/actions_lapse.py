"""Keeping up what runs without agreement, for a while and by name; and planning to take it down.

Nothing here deletes anything: a plan is rows that people see.
"""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Model

from throughline.delivery.actions.beginning import begin_project
from throughline.delivery.models import Engagement
from throughline.delivery.queries import engagements
from throughline.delivery.seasons import others_running
from throughline.infrastructure.models import Cluster
from throughline.journal.actions import record
from throughline.kernel.days import ONE_DAY, day_in_zone
from throughline.kernel.errors import Refused
from throughline.people.gates import require_hat, require_permission
from throughline.people.words import Permission
from throughline.playbook.model import Playbook
from throughline.renewals.actions_offboarding import call_off_offboarding, open_offboarding
from throughline.renewals.lapse import (
    NO_DEAL,
    WAITS,
    Running,
    running_one,
    running_without_agreement,
)
from throughline.renewals.models import Decommission, LapseDecision, LapseToken
from throughline.renewals.words import LapseVerdict, RunsKind
from throughline.sales.models import Deal
from throughline.sales.queries import LONGEST_NUMBER

DECIDES = ["Lead", "Admin"]
LONGEST_KEPT = timedelta(days=366)
DECOMMISSION = "decommission"  # the project of the playbook


@transaction.atomic
def extend_lapse(
    subject: str, *, why: str, playbook: Playbook, by: str, at: datetime
) -> LapseToken:
    """Let something run on without an agreement for two weeks, with the reason.

    It does not pretend that the agreement lives. BD may do so until the BD lead has to decide; then
    the token ends the day before. Source: E26, F22.

    Raises:
        Refused: nothing runs under that subject without agreement, no reason is given, the next
            token is given already, the BD lead decides by now, or the person is not of BD.
    """
    thing = _locked(subject)
    require_permission(by, Permission.EDIT_DEALS, to="let a hub run without agreement")
    on = day_in_zone(at, playbook.organisation.zone)
    found = _running(subject, on=on, playbook=playbook)
    if not why.strip():
        raise Refused("Why may it run on?", remedy="Say it in one sentence.")
    from_on, until_on = _token_days(found, on, playbook)
    token = LapseToken.objects.create(
        subject=subject, from_on=from_on, until_on=until_on, why=why.strip(), by=by, at=at
    )
    record(
        "renewals.lapse.extended", thing, by=by, at=at, from_on=from_on, until_on=until_on,
        why=token.why,
    )  # fmt: skip
    return token


def _token_days(found: Running, on: date, playbook: Playbook) -> tuple[date, date]:
    """Return the first and last day of the next token.

    Raises:
        Refused: one is given ahead already, it is no matter of tokens, or the BD lead decides.
    """
    if found.kind == RunsKind.EARLY:
        raise Refused(
            f"Its early start has leave until {found.allowed_until_on}.",
            remedy="Have the agreement signed, or have a Lead allow a longer early start.",
        )
    last = found.tokens[-1].until_on if found.tokens else None
    from_on = on if last is None or last < on else last + ONE_DAY
    if found.tokens and found.tokens[-1].from_on > on:
        raise Refused(f"It may run until {last} already.", remedy="Wait until that token begins.")
    if found.kind not in WAITS or (found.decide_on is not None and from_on >= found.decide_on):
        raise Refused(
            f"{found.name}: {found.kind.label.lower()}; a token is not for this any more.",
            remedy="The BD lead decides: `throughline renewals decide`, or on its page.",
        )
    until_on = from_on + timedelta(days=playbook.periods.lapse_extension_days) - ONE_DAY
    last_on = found.decide_on - ONE_DAY if found.decide_on is not None else until_on
    return from_on, min(until_on, last_on)


@transaction.atomic
def decide_lapse(
    subject: str, verdict: str, *, until_on: date | None = None, why: str, playbook: Playbook,
    by: str, at: datetime,
) -> LapseDecision:  # fmt: skip
    """Decide, as the BD lead, that something is kept up until a day, or taken down.

    Raises:
        Refused: nothing runs there without agreement, no reason or day is given, the day is past or
            more than a year away, or the person is no lead.
    """
    thing = _locked(subject)
    require_hat(by, any_of=DECIDES, to="decide what becomes of a hub without agreement")
    on = day_in_zone(at, playbook.organisation.zone)
    found = _running(subject, on=on, playbook=playbook)
    if not why.strip():
        raise Refused("Why?", remedy="Say it in one sentence.")
    if verdict not in LapseVerdict.values:
        raise Refused(f"There is no decision {verdict!r}.", remedy="Use keep or decommission.")
    kept = verdict == LapseVerdict.KEEP
    if kept:
        _check_kept_until(until_on, on)
    decision = LapseDecision.objects.create(
        subject=subject, verdict=verdict, until_on=until_on if kept else None, why=why.strip(),
        by=by, at=at,
    )  # fmt: skip
    record("renewals.lapse.decided", thing, by=by, at=at, verdict=verdict,
           until_on=decision.until_on, why=decision.why)  # fmt: skip
    if kept:
        _call_off(subject, thing, why=decision.why, by=by, at=at)
    elif found.plan is None:
        _plan(found, thing, why=decision.why, playbook=playbook, by=by, at=at)
    return decision


def _check_kept_until(until_on: date | None, on: date) -> None:
    if until_on is None:
        raise Refused("Until when is it kept?", remedy="Name the last day (--until DATE).")
    if not on < until_on <= on + LONGEST_KEPT:
        raise Refused(
            f"{until_on} is not within a year from now.",
            remedy="Name a day after today and within a year.",
        )


def _running(subject: str, *, on: date, playbook: Playbook) -> Running:
    found = running_one(subject, on=on, playbook=playbook)
    if found is None:
        raise Refused(
            f"Nothing runs without agreement under {subject}.",
            remedy="See `throughline renewals running`.",
        )
    return found


def _locked(subject: str) -> Model:
    """Return the deal or the cluster that a subject names, locked until the transaction ends.

    Raises:
        Refused: there is none.
    """
    if subject.startswith(NO_DEAL):
        name = subject.removeprefix(NO_DEAL)
        cluster = Cluster.objects.select_for_update(of=("self",)).filter(name=name).first()
        if cluster is not None:
            return cluster
    elif (number := subject.removeprefix("deal:")).isdecimal() and len(number) <= LONGEST_NUMBER:
        deal = Deal.objects.select_for_update().filter(pk=int(number)).first()
        if deal is not None:
            return deal
    raise Refused(
        f"There is no {subject!r}.", remedy="Name it as `throughline renewals running` does."
    )


def _plan(
    found: Running, thing: Model, *, why: str, playbook: Playbook, by: str, at: datetime
) -> Decommission:
    """Write down that something is to be taken down, and what has to happen before."""
    on = day_in_zone(at, playbook.organisation.zone)
    planned_on = on + timedelta(days=playbook.offboarding.decommission_days)
    plan = Decommission.objects.create(
        subject=found.subject, planned_on=planned_on, why=why, by=by, at=at
    )
    record("renewals.decommission.planned", thing, by=by, at=at, planned_on=planned_on, why=why)
    if found.deal is not None:
        open_offboarding(found.deal, why=why, by=by, at=at)
        _begin(found, plan, playbook=playbook, by=by, at=at)
    return plan


def _begin(
    found: Running, plan: Decommission, *, playbook: Playbook, by: str, at: datetime
) -> None:
    """Give PS the work as a project, where there is an engagement and nobody else would lose a hub."""
    engagement = engagements().filter(pk=found.deal.pk if found.deal else None).first()
    has_project = any(one.code == DECOMMISSION for one in playbook.begun_by_people())
    if engagement is None or not has_project or _others(engagement, plan.planned_on):
        return
    begin_project(
        engagement.number, DECOMMISSION, about_on=plan.planned_on, why=plan.why, playbook=playbook,
        by=by, at=at,
    )  # fmt: skip


def _others(engagement: Engagement, on: date) -> bool:
    return bool(others_running(engagement, on).exists())


def _call_off(subject: str, thing: Model, *, why: str, by: str, at: datetime) -> None:
    plan = Decommission.objects.filter(subject=subject, called_off_at=None).first()
    if plan is None:
        return
    plan.called_off_by, plan.called_off_at, plan.called_off_why = by, at, why
    plan.save(update_fields=["called_off_by", "called_off_at", "called_off_why"])
    record("renewals.decommission.called_off", thing, by=by, at=at, why=why)
    if subject.startswith("deal:"):
        call_off_offboarding(int(subject.removeprefix("deal:")), by=by, at=at)


def plan_what_is_over(*, playbook: Playbook, by: str, at: datetime) -> list[Decommission]:
    """Plan to take down what nobody has decided about in time, and what was lost; again, nothing.

    A plan whose hubs are under agreement again is called off. Hubs of which no deal is known are
    never planned away: somebody may only have forgotten to name it.
    """
    on = day_in_zone(at, playbook.organisation.zone)
    running = {one.subject: one for one in running_without_agreement(on=on, playbook=playbook)}
    planned = [
        _plan_one(one.subject, playbook=playbook, by=by, at=at)
        for one in running.values()
        if one.must_be_decided and one.kind in {*WAITS, RunsKind.LOST}
    ]
    standing = Decommission.objects.filter(called_off_at=None).exclude(subject__in=running)
    for subject in standing.order_by("pk").values_list("subject", flat=True):
        _call_off_renewed(subject, on=on, playbook=playbook, by=by, at=at)
    return [one for one in planned if one is not None]


@transaction.atomic
def _plan_one(subject: str, *, playbook: Playbook, by: str, at: datetime) -> Decommission | None:
    thing = _locked(subject)
    on = day_in_zone(at, playbook.organisation.zone)
    found = running_one(subject, on=on, playbook=playbook)
    if found is None or not found.must_be_decided:  # a person, or another worker, was quicker
        return None
    why = (
        "The deal was lost, and a hub runs for it."
        if found.kind == RunsKind.LOST
        else f"Nobody has decided within {playbook.periods.lapse_decision_days} days."
    )
    return _plan(found, thing, why=why, playbook=playbook, by=by, at=at)


@transaction.atomic
def _call_off_renewed(subject: str, *, on: date, playbook: Playbook, by: str, at: datetime) -> None:
    thing = _locked(subject)
    if running_one(subject, on=on, playbook=playbook) is None and _still_runs(subject):
        _call_off(subject, thing, why="An agreement is in force again.", by=by, at=at)


def _still_runs(subject: str) -> bool:
    """Return whether hubs of a deal run: without any, the plan was carried out."""
    number = subject.removeprefix("deal:")
    if not number.isdecimal():
        return False
    return Cluster.objects.filter(serves__engagement=int(number), hubs__isnull=False).exists()
