"""What a deal asks of the team: its statement of work, or its template, as pieces of work."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q

from throughline.capacity.actions.demand import put_demand, withdraw_demand
from throughline.capacity.actions.holds import HeldHours
from throughline.capacity.asking import Asked, Called, Names, Proposal, propose
from throughline.capacity.engine.work import Work, check_work
from throughline.capacity.models import Demand
from throughline.capacity.queries import booked_subjects, demand_of, team_as_known, team_on
from throughline.journal.remembering import Acts, remembered
from throughline.kernel.days import day_in_zone
from throughline.kernel.errors import Refused
from throughline.playbook.model import Playbook
from throughline.sales.models import Deal, StatementOfWork
from throughline.sales.queries import deals_with_facts

DAYS_A_MONTH = 365.25 / 12
CODE_LENGTH = 60
CENT = Decimal("0.01")
# What can change the team's hours, or what people call the deals that ask for them.
NAMED: Final = Acts(("capacity.", "intake.", "renewals.", "sales."))


class NobodyIs(Refused):
    """Work asks for roles that the team does not have; `named` is how they were written."""

    def __init__(self, message: str, *, remedy: str, named: tuple[str, ...]) -> None:
        super().__init__(message, remedy=remedy)
        self.named = named


@dataclass(frozen=True, slots=True)
class Term:
    """When the work of a deal may be done; `due` names a day for some deliverables."""

    start_on: date
    end_on: date | None = None
    due: dict[str, date] = field(default_factory=dict)


def ask_of_deal(
    deal: Deal, statement: StatementOfWork | None, *, playbook: Playbook, on: date,
    start_on: date | None = None,
) -> Asked:  # fmt: skip
    """Return what a deal asks for: its newest statement of work, and what its tier promises.

    Without a statement of work, projects and services of its template count with the playbook's
    usual hours, which are a wide range.

    Raises:
        Refused: the work makes no sense (negative hours, due before it starts, a role that nobody
            of our team can have); the message names the line.
    """
    said: list[str] = []
    term = _term(deal, on=on, start_on=start_on, said=said)
    works = _works_of(deal, statement, term, playbook, said)
    return Asked(deal.subject, _with_choices(works), term.start_on, tuple(said))


def work_of_deal(
    deal: Deal, statement: StatementOfWork | None, *, playbook: Playbook, start_on: date
) -> tuple[Work, ...]:
    """Return all the work of a deal from its own start on, whatever day it is: what rows keep.

    `start_on` is the start where the deal has none.

    Raises:
        Refused: the work makes no sense.
    """
    start = deal.start_on or start_on
    term = _term(deal, on=start, start_on=start, said=[])
    return _works_of(deal, statement, term, playbook, [])


def _works_of(
    deal: Deal,
    statement: StatementOfWork | None,
    term: Term,
    playbook: Playbook,
    said: list[str],
) -> tuple[Work, ...]:
    works: list[Work] = []
    if statement is not None:
        works += works_of_statement(statement.content, term, playbook=playbook, said=said)
    works += _works_of_template(deal, term, playbook, said, with_projects=statement is None)
    named = _named(works, deal.subject)
    check_work(named, [role.code for role in playbook.team_roles])
    return named


def ask_of_statement(
    content: dict[str, Any], *, playbook: Playbook, on: date, start_on: date | None = None
) -> Asked:
    """Return what a statement of work asks for that belongs to no deal yet.

    Raises:
        Refused: the work makes no sense.
    """
    said: list[str] = []
    start = start_on or _next_monday(on, said)
    if start < on:
        said.append(f"{start} is over: the work is counted from today.")
    term = Term(max(start, on))
    works = works_of_statement(content, term, playbook=playbook, said=said)
    said.append("No due date is known: the answer says when it would be finished.")
    return Asked("", _named(works, ""), term.start_on, tuple(said))


def _term(deal: Deal, *, on: date, start_on: date | None, said: list[str]) -> Term:
    start = start_on or deal.start_on or _next_monday(on, said)
    if start < on:
        said.append(f"It started on {start}; what is left of it is counted from today.")
    due = {title: date.fromisoformat(day) for title, day in deal.deliverable_dates.items()}
    if deal.end_on is None and not due:
        said.append("No due date is known: the answer says when it would be finished.")
    return Term(max(start, on), deal.end_on, due)


def _next_monday(on: date, said: list[str]) -> date:
    monday = on + timedelta(days=(7 - on.weekday()) % 7)
    said.append(f"No start is known: {monday} is taken.")
    return monday


def works_of_statement(
    content: dict[str, Any], term: Term, *, playbook: Playbook, said: list[str]
) -> list[Work]:
    """Return the items of a statement of work, and its overhead once, as work for their roles.

    An item may be done by the role that it names, else by any role named for its deliverable, else
    for the document, else by those that the playbook names for such work.
    """
    document = [one["role"] for one in content.get("people", [])]
    found: list[Work] = []
    for number, part in enumerate(content["deliverables"], start=1):
        title = part["title"]
        due_on = term.due.get(title, term.end_on)
        for place, item in enumerate(part.get("items", []), start=1):
            own = [item["role"]] if item.get("role") else part.get("people") or document
            roles = _roles(own, title, number, playbook, said)
            low, high = float(item["low_h"]), float(item["high_h"])
            code = f"{number}.{place}"
            found.append(Work(title, roles, low, high, term.start_on, due_on, code=code))
    for place, item in enumerate(content.get("overhead", {}).get("items", []), start=1):
        own = [item["role"]] if item.get("role") else document
        roles = _roles(own, "Overhead", 0, playbook, said)
        low, high = float(item["low_h"]), float(item["high_h"])
        code = f"0.{place}"
        found.append(Work("Overhead", roles, low, high, term.start_on, term.end_on, code=code))
    if not found:  # deliverables without estimates: all that is known is the total
        total, roles = content["total"], _roles(document, "All of it", 0, playbook, said)
        low, high = float(total["low_h"]), float(total["high_h"])
        title = content.get("title", "Statement of work")
        found = [Work(title, roles, low, high, term.start_on, term.end_on, code="0")]
    return found


def _roles(
    texts: Sequence[str], title: str, line: int, playbook: Playbook, said: list[str]
) -> tuple[str, ...]:
    """Return the roles that texts name, by code; words that name none of ours are told.

    Raises:
        NobodyIs: roles are named, and none of them is one of our team's.
    """
    named = {text: playbook.team_role_named(text) for text in texts}
    codes = tuple(dict.fromkeys(role.code for role in named.values() if role))
    unknown = [text for text, role in named.items() if role is None]
    if unknown and not codes:
        known = ", ".join(role.name for role in playbook.team_roles)
        raise NobodyIs(
            f"Deliverable {line}, {title!r}: nobody of the team is {' or '.join(unknown)}.",
            remedy=f"Name one of {known}.",
            named=tuple(unknown),
        )
    said += _once(
        said, [f"{text!r} is no role of the team and is not counted." for text in unknown]
    )
    if not texts:
        names = [playbook.team_role(code).name for code in playbook.capacity.roles_of_unnamed_work]
        said += _once(said, [f"Where no role is named, {' or '.join(names)} does the work."])
    return codes or playbook.capacity.roles_of_unnamed_work


def _once(said: Sequence[str], more: Iterable[str]) -> list[str]:
    return [one for one in more if one not in said]


def _works_of_template(
    deal: Deal, term: Term, playbook: Playbook, said: list[str], *, with_projects: bool
) -> list[Work]:
    """Return what a deal's template usually takes: its projects, and its services by the month."""
    template = playbook.template_for(deal.tier, deal.revenue_type)
    is_guess = with_projects or bool(deal.tier)
    if not is_guess:
        return []
    ends = {project.code: _done_by(project, term) for project in template.projects}
    services = {service.code: service.title for service in template.services}
    titles = {project.code: project.title for project in template.projects} | services
    last = term.end_on or term.start_on + timedelta(days=playbook.capacity.unknown_term_days)
    months = max((last - term.start_on).days / DAYS_A_MONTH, 1.0)
    found = []
    for number, usual in enumerate(playbook.capacity.usual_hours, start=1):
        if usual.part not in services and not (with_projects and usual.part in ends):
            continue
        times = months if usual.per == "month" else 1.0
        due_on = last if usual.part in services else ends[usual.part] or last
        found.append(
            Work(
                titles[usual.part], usual.roles, float(usual.low_h) * times,
                float(usual.high_h) * times, term.start_on, due_on, code=f"{usual.part}:{number}",
            )
        )  # fmt: skip
    if found:
        what = "There is no statement of work: " if with_projects else "Beside the statement, "
        said.append(
            f"{what}the template “{template.name}” counts with its usual hours, a wide range."
        )
    return found


def _done_by(project: Any, term: Term) -> date | None:
    """Return when the last part of a project that counts from its start is due; None: at the end."""
    days = [part.offset_days for part in project.deliverables if part.anchor != "end"]
    if not days or any(part.anchor == "end" for part in project.deliverables):
        return term.end_on
    due_on = term.start_on + timedelta(days=max(days))
    return min(due_on, term.end_on) if term.end_on else due_on


def _named(works: Iterable[Work], subject: str) -> tuple[Work, ...]:
    return tuple(
        replace(work, subject=subject, code=work.code[:CODE_LENGTH], low_h=round(work.low_h, 2),
                high_h=round(work.high_h, 2))
        for work in works
        if work.high_h
    )  # fmt: skip


def _with_choices(works: tuple[Work, ...]) -> tuple[Work, ...]:
    """Return work with the roles that a person chose for it, where somebody did."""
    if not works:
        return works
    chosen = {row.code: row.assigned_role for row in demand_of(works[0].subject)}
    return tuple(
        replace(work, roles=(chosen[work.code],)) if chosen.get(work.code) in work.roles else work
        for work in works
    )


def chosen_work_of_deal(
    deal: Deal, statement: StatementOfWork | None, *, playbook: Playbook, start_on: date
) -> tuple[Work, ...]:
    """Return all the work of a deal as `work_of_deal` does, with the roles that people chose.

    Raises:
        Refused: the work makes no sense.
    """
    return _with_choices(work_of_deal(deal, statement, playbook=playbook, start_on=start_on))


def refresh_demand(*, playbook: Playbook, by: str, at: datetime, also: Deal | None = None) -> int:
    """Make what open deals ask for what their estimates and dates now say; returns what changed.

    Deals with a statement of work count, and those that somebody has asked about (`also` is one);
    ordered ones until they are booked. What is booked stays as it is. An estimate that makes no
    sense asks for nothing until it is corrected.
    """
    on = day_in_zone(at, playbook.organisation.zone)
    asked = set(Demand.objects.values_list("subject", flat=True).distinct())
    asked -= booked_subjects()
    changed = 0
    for deal in _asking(asked, also, playbook):
        asked.discard(deal.subject)
        newest = max(deal.statements_of_work.all(), key=lambda sow: sow.version, default=None)
        try:
            works = work_of_deal(deal, newest, playbook=playbook, start_on=_next_monday(on, []))
        except Refused:
            works = ()
        changed += put_demand(deal.subject, works, by=by, at=at)
    return changed + sum(withdraw_demand(subject, by=by, at=at) for subject in sorted(asked))


def _asking(asked: set[str], also: Deal | None, playbook: Playbook) -> Iterable[Deal]:
    is_open = [stage.code for stage in playbook.stages if stage.kind == "open"]
    is_lost = [stage.code for stage in playbook.stages if stage.kind == "lost"]
    numbers = [int(subject.removeprefix("deal:")) for subject in asked]
    statements = StatementOfWork.objects.filter(deal=OuterRef("pk"))
    booked = [int(subject.removeprefix("deal:")) for subject in booked_subjects()]
    return (
        deals_with_facts()
        .filter(Q(stage__in=is_open) | Q(order__isnull=False))
        .filter(Q(Exists(statements)) | Q(pk__in=[*numbers, *([also.pk] if also else [])]))
        .exclude(stage__in=is_lost)
        .exclude(pk__in=booked)
        .order_by("pk")
    )


def answer_for(asked: Asked, *, playbook: Playbook, on: date) -> Proposal:
    """Return the answer that the team's hours give to what is asked.

    Raises:
        Refused: the work makes no sense.
    """
    team = team_on(on, playbook=playbook)
    return propose(team, asked, playbook=playbook, names=names_of(team.uncertain()))


def answer_as_known(asked: Asked, *, playbook: Playbook, on: date) -> Proposal:
    """Return what `answer_for` does, remembered until hours or names change: for pages.

    Raises:
        Refused: the work makes no sense.
    """

    def find_out() -> Proposal:
        team, names = team_as_known(on, playbook=playbook), names_as_known(on, playbook=playbook)
        return propose(team, asked, playbook=playbook, names=names)

    return remembered(("answer", asked, on, playbook.sha256), NAMED, find_out)


def names_as_known(on: date, *, playbook: Playbook) -> Names:
    """Return what people call the deals that hold or ask for hours, as remembered."""
    return remembered(
        ("names of the team's deals", on, playbook.sha256), NAMED,
        lambda: names_of(team_as_known(on, playbook=playbook).subjects()),
    )  # fmt: skip


def names_of(subjects: Iterable[str]) -> dict[str, Called]:
    """Return what people call deals, by subject; one query."""
    numbers = [int(one.removeprefix("deal:")) for one in subjects if one.startswith("deal:")]
    rows = Deal.objects.filter(pk__in=numbers).values_list("pk", "name", "hubspot_id")
    # As `Deal.subject` and `Deal.reference` say it; the team of thousands of deals is asked for.
    return {f"deal:{pk}": Called(hubspot_id or str(pk), name) for pk, name, hubspot_id in rows}


def hours_to_hold(proposal: Proposal, *, later: int = 0) -> list[HeldHours]:
    """Return the hours to keep for an answer: by role as the programme gave them out, at the high end.

    `later` is by how many weeks the answer moves all dates. Work that found no place is split evenly
    over its roles: the hours are kept all the same, and the map shows that they are too many.
    """
    found: dict[tuple[str, str, date, date], Decimal] = {}
    last_day = proposal.weeks.last_day
    for work in proposal.asked.works:
        moved = work.later(later)
        if moved.from_on > last_day:
            continue
        due_on = moved.due_on or last_day
        for role, hours in _by_role(proposal, work):
            key = (work.title, role, moved.from_on, due_on)
            found[key] = found.get(key, Decimal(0)) + hours
    return [
        HeldHours(title, role, hours, from_on, to_on)
        for (title, role, from_on, to_on), hours in found.items()
        if hours > 0
    ]


def _by_role(proposal: Proposal, work: Work) -> Iterator[tuple[str, Decimal]]:
    """Yield the hours of each role for a piece of work; they add up to its hours to the cent."""
    even = {role: 1 / len(work.roles) for role in work.roles}
    shares = proposal.role_shares.get(tuple(sorted(set(work.roles))), even)
    whole = left = Decimal(str(work.high_h)).quantize(CENT)
    *rest, last = shares
    for role in rest:
        hours = min((whole * Decimal(str(shares[role]))).quantize(CENT), left)
        left -= hours
        yield role, hours
    yield last, left
