"""Can we deliver this? What the computation proposes, for a person of PS to give or change."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from throughline.capacity.engine.answer import (
    Answer,
    Limit,
    Question,
    Rules,
    answer_of,
    earliest_fit,
)
from throughline.capacity.engine.programme import ENOUGH, Placed, Programme
from throughline.capacity.engine.sentence import (
    Beside,
    finish_in_words,
    missing_in_words,
    sentence_of,
)
from throughline.capacity.engine.weeks import Weeks
from throughline.capacity.engine.work import Load, Task, Work, check_work, tasks_of
from throughline.capacity.queries import STANDING, Team, team_as_known
from throughline.journal.remembering import Acts, remembered
from throughline.kernel.errors import Refused
from throughline.playbook.model import Playbook

MOST_BESIDE = 20  # other deals that are tried beside this one


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: the work of one deal from a day on, and what was assumed about it."""

    subject: str  # "deal:123"; "" for a statement of work that belongs to no deal yet
    works: tuple[Work, ...]
    start_on: date
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Called:
    """What people call a deal: by its reference and its name."""

    reference: str
    name: str


Names = Mapping[str, Called]  # by subject


def called(names: Names, subject: str) -> Called:
    """Return what people call a deal; a subject that nobody named is its own name."""
    return names.get(subject, Called(subject, subject))


@dataclass(frozen=True, slots=True)
class Pair:
    """Another deal that fits alone, as this one does, but not together with it (E8)."""

    subject: str
    called: Called
    is_held: bool  # it has a soft hold, which counts in the answer; else it only asks
    start_on: date | None  # the later of the two could start then; None: not by its dates
    message: str

    def as_json(self) -> dict[str, Any]:
        """Return the pair for a JSON document."""
        start = self.start_on.isoformat() if self.start_on else None
        return {
            "deal": self.called.reference, "name": self.called.name, "held": self.is_held, "start_on": start,
            "message": self.message,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Proposal:
    """The computed answer with everything that a person needs to give it."""

    asked: Asked
    answer: Answer
    weeks: Weeks
    sentence: str
    limits: tuple[dict[str, Any], ...]
    only_if: tuple[str, ...]
    expires_on: date
    assumptions: tuple[str, ...]
    pairs: tuple[Pair, ...]
    role_shares: Mapping[tuple[str, ...], Mapping[str, float]]  # who does work that several may do

    @property
    def finish_words(self) -> list[str]:
        """When it would be finished, by how sure, in words; none where nothing is asked for."""
        if not any(work.high_h for work in self.asked.works):
            return []
        return finish_in_words(self.answer.finish, weeks=self.weeks)

    def as_json(self) -> dict[str, Any]:
        """Return the shape of design §12, with sentence and pairs."""
        finish = self.answer.finish
        return {
            "answer": self.answer.word,
            "sentence": self.sentence,
            "start_on": _iso(self.answer.start_on),
            "finish_p50_on": _iso(finish.p50_on),
            "finish_p80_on": _iso(finish.p80_on),
            "finish_p95_on": _iso(finish.p95_on),
            "limits": list(self.limits),
            "only_if": list(self.only_if),
            "start_weeks_later": self.answer.weeks_later,
            "low_h": round(sum(work.low_h for work in self.asked.works), 2),
            "high_h": round(sum(work.high_h for work in self.asked.works), 2),
            "pairs": [pair.as_json() for pair in self.pairs],
            "expires_on": self.expires_on.isoformat(),
            "assumptions": list(self.assumptions),
        }


def propose(team: Team, asked: Asked, *, playbook: Playbook, names: Names) -> Proposal:
    """Return the answer that the team's hours give; `names` says what other deals are called.

    Raises:
        Refused: the work makes no sense (the message names the line), or starts beyond the horizon.
    """
    roles = {role.code: role.name for role in playbook.team_roles}
    check_work(asked.works, roles)
    _check_horizon(team, asked)
    only_asking = frozenset(load.subject for load in team.tentative)
    programme = Programme(
        team.pools, [*team.loads(), *team.tentative], without=only_asking | {asked.subject}
    )
    short = programme.promised_missing()
    question = Question(programme, team.weeks, asked.works, asked.start_on, rules_of(playbook))
    answer = answer_of(question)
    pairs = tuple(_pairs(team, question, answer, asked.subject, names))
    beside = [Beside(one.called.name, one.start_on) for one in pairs if not one.is_held]
    valid = timedelta(days=playbook.capacity.answer_valid_days)
    return Proposal(
        asked,
        answer,
        team.weeks,
        sentence_of(answer, roles=roles, weeks=team.weeks, on=team.on, beside=beside),
        tuple(_limit(one, roles, team.weeks) for one in answer.limits),
        tuple(missing_in_words(one, roles=roles, on=team.on) for one in answer.missing),
        team.on + valid,
        (*asked.assumptions, *_assumptions(team, asked, answer, playbook, short)),
        pairs,
        _role_shares(team, answer),
    )


def _limit(one: Limit, roles: Mapping[str, str], weeks: Weeks) -> dict[str, Any]:
    return {
        "role": roles[one.role],
        "role_code": one.role,
        "week": weeks.label(one.week),
        "week_on": weeks.monday(one.week).isoformat(),
        "used_pct": one.used_pct,
    }


def _role_shares(team: Team, answer: Answer) -> dict[tuple[str, ...], dict[str, float]]:
    """Return, by the roles that may do work, the part that each does as the programme gave it out.

    People with several of the roles count for each of them alike.
    """
    found: dict[tuple[str, ...], dict[str, float]] = {}
    for task, hours in zip(answer.placed.tasks, answer.placed.new, strict=True):
        shares = found.setdefault(task.roles, dict.fromkeys(task.roles, 0.0))
        for pool, own in enumerate(hours.sum(axis=1)):
            both = sorted(team.pools.roles[pool] & set(task.roles))
            for role in both:
                shares[role] += float(own) / len(both)
    return {
        roles: {role: hours / total for role, hours in shares.items()}
        for roles, shares in found.items()
        if (total := sum(shares.values())) > ENOUGH
    }


def _check_horizon(team: Team, asked: Asked) -> None:
    if asked.start_on > team.weeks.last_day:
        raise Refused(
            f"{asked.start_on} lies beyond the {team.weeks.count} weeks that capacity looks ahead.",
            remedy="Ask again nearer to it, or raise horizon_weeks in the playbook.",
        )


def rules_of(playbook: Playbook) -> Rules:
    """Return what the playbook decides about answers."""
    capacity = playbook.capacity
    return Rules(capacity.search_weeks, capacity.refuse_above_pct / 100, capacity.samples)


def _pairs(
    team: Team, question: Question, answer: Answer, subject: str, names: Names
) -> Iterator[Pair]:
    """Yield deals that this one collides with: asking ones are let in, held ones left out, in turn."""
    own = frozenset({subject})
    asking = {load.subject for load in team.tentative} - own
    if answer.placed.fits and question.is_dated:
        moved = question.later(answer.weeks_later)
        yield from _asking_beside(team, moved, answer.placed, own, asking, names)
    if answer.word != "yes":
        yield from _held_beside(team, question, own, asking, names)
    question.programme.leave_out(own | asking)


def _asking_beside(
    team: Team,
    question: Question,
    alone: Placed,
    own: AbstractSet[str],
    asking: AbstractSet[str],
    names: Names,
) -> Iterator[Pair]:
    """Yield deals that only ask, and with which this one would not fit any more."""
    programme = question.programme
    programme.leave_out(own)
    if not asking or question.place().fits:
        return  # all of them together fit, so each does
    for other in sorted(_overlapping(team, asking, alone))[:MOST_BESIDE]:
        programme.leave_out(own | (asking - {other}))
        both = question.place()
        other_fits_alone = both.promised_missing <= alone.promised_missing + ENOUGH
        if both.fits or not other_fits_alone:
            continue
        later = earliest_fit(question)
        start_on = None if later is None else question.start_on + timedelta(weeks=later)
        it = called(names, other)
        when = f"this one could start on {start_on}" if start_on else "this one has no place"
        message = f"Each fits alone, both do not: if {it.name} closes first, {when}."
        yield Pair(other, it, is_held=False, start_on=start_on, message=message)


def _held_beside(
    team: Team,
    question: Question,
    own: AbstractSet[str],
    asking: AbstractSet[str],
    names: Names,
) -> Iterator[Pair]:
    """Yield deals with soft holds without which this one would fit on the day asked for."""
    held = sorted(team.soft - team.firm - own)[:MOST_BESIDE]
    question.programme.leave_out(own | asking | set(held))
    if not held or not question.place().fits:
        return  # it does not fit without all of them together, so not without one either
    for other in held:
        question.programme.leave_out(own | asking | {other})
        if question.place().fits:
            it, start_on = called(names, other), question.start_on
            message = (
                f"Each fits alone, both do not: {it.name} has a soft hold; without it, this one fits"
                f" from {start_on}."
            )
            yield Pair(other, it, is_held=True, start_on=start_on, message=message)


def _overlapping(team: Team, asking: AbstractSet[str], placed: Placed) -> set[str]:
    """Return the deals that ask for some of the same roles in some of the same weeks."""
    return {
        load.subject
        for load in team.tentative
        if load.subject in asking and any(_meets(load, task) for task in placed.tasks)
    }


def _assumptions(
    team: Team,
    asked: Asked,
    answer: Answer,
    playbook: Playbook,
    short: Sequence[tuple[Load, float]],
) -> Iterator[str]:
    low, high = (sum(getattr(one, name) for one in asked.works) for name in ("low_h", "high_h"))
    yield f"Every estimate is counted at its high end: {high:g} h, of {low:g} to {high:g} h."
    yield (
        f"For the days of P50, P80 and P95 each item is drawn evenly between low and high, in"
        f" {playbook.capacity.samples} draws that are the same each time."
    )
    yield (
        f"{len(team.people)} people sell {sum(one.sold_h for one in team.people):g} h a week in all,"
        " less their days off; the rest of their time is not sold."
    )
    weekly = sum(float(hours.mean()) for hours in team.standing.values())
    kept = sum(load.hours for load in team.promised if load.subject != asked.subject)
    yield (
        f"{kept:.0f} h are booked or held for others, and {weekly:.1f} h a week go to what runs;"
        " other work may move within its own dates, and none ends late."
    )
    yield from _cautions(team, asked, answer, short)
    for roles in sorted({work.roles for work in asked.works if len(work.roles) > 1}):
        names = [playbook.team_role(role).name for role in roles]
        titles = list(dict.fromkeys(w.title for w in asked.works if w.roles == roles))
        yield f"{_listed(titles)} may be done by {' or '.join(names)}, in any split."


def _cautions(
    team: Team, asked: Asked, answer: Answer, short: Sequence[tuple[Load, float]]
) -> Iterator[str]:
    """Yield what makes the answer less than it seems."""
    if not any(work.high_h for work in asked.works):
        yield "No hours are estimated: nothing had to find a place, so this says nothing yet."
    if short:
        hours = sum(hours for _load, hours in short)
        yield f"Already now {hours:.0f} h of what is promised have no place in time."
    last_day = team.weeks.last_day
    if any(work.due_on and work.due_on > last_day for work in asked.works):
        yield f"Only the part of the work until {last_day} is looked at; the rest is not known yet."
    if answer.weeks_later:
        count = "a week" if answer.weeks_later == 1 else f"{answer.weeks_later} weeks"
        yield f"With the start, every due date moves by {count}."
    if nowhere := [one.name for one in team.people if not one.country]:
        yield f"No public holidays are known for {', '.join(nowhere)}: they have no country."


def _listed(titles: Sequence[str]) -> str:
    shown = ", ".join(f"“{title}”" for title in titles[:3])
    return shown + (f" and {len(titles) - 3} more" if len(titles) > 3 else "")  # noqa: PLR2004 -- shown


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def broken_promises(team: Team) -> list[tuple[str, str, tuple[str, ...], float]]:
    """Return what is promised and has no place any more: subject, title, roles, hours (E10)."""
    only_asking = {load.subject for load in team.tentative}
    programme = Programme(team.pools, [*team.loads(), *team.tentative], without=only_asking)
    return [
        (load.subject, load.title, load.roles, round(hours, 2))
        for load, hours in programme.promised_missing()
        if load.subject != STANDING
    ]


def broken_as_known(
    on: date, *, playbook: Playbook
) -> list[tuple[str, str, tuple[str, ...], float]]:
    """Return what `broken_promises` does, remembered until something is done about capacity."""
    return remembered(
        ("broken promises", on, playbook.sha256), Acts(("capacity.",)),
        lambda: broken_promises(team_as_known(on, playbook=playbook)),
    )  # fmt: skip


def affected_by(team: Team, subject: str, *, names: Names) -> list[dict[str, Any]]:
    """Return the deals that would fit without what is held for a deal, and do not fit with it.

    Each is asked for as its estimate and dates now stand (E8: the answer to one warns the other).
    """
    asking = {load.subject for load in team.tentative}
    mine = [load for load in team.promised if load.subject == subject]
    programme = Programme(team.pools, [*team.loads(), *team.tentative], without=asking)
    found = []
    for other in sorted(set(team.asked) - team.firm - {subject})[:MOST_BESIDE]:
        tasks = tasks_of(team.asked[other], team.weeks)
        if not any(_meets(load, task) for load in mine for task in tasks):
            continue
        programme.leave_out(asking | {other})
        if programme.place(tasks).fits:
            continue
        programme.leave_out(asking | {other, subject})
        if programme.place(tasks).fits:
            it = called(names, other)
            message = (
                f"With what is held for {called(names, subject).name}, {it.name} does not fit by its"
                " dates any more: ask PS again."
            )
            found.append({
                "subject": other, "deal": it.reference, "name": it.name, "message": message,
            })  # fmt: skip
    return found


def _meets(load: Load, task: Task) -> bool:
    """Return whether two pieces of work want some of the same roles in some of the same weeks."""
    return (
        bool(set(load.roles) & set(task.roles))
        and load.first <= task.last
        and task.first <= load.last
    )
