"""An answer as one sentence that a person can say to a customer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from throughline.capacity.engine.answer import Answer, Limit, Missing
from throughline.capacity.engine.sampling import Finish
from throughline.capacity.engine.weeks import Weeks

SHOWN_SPANS = 3


@dataclass(frozen=True, slots=True)
class Beside:
    """What becomes of the answer if another deal also closes: from a day on, or not at all."""

    name: str
    start_on: date | None


def sentence_of(
    answer: Answer,
    *,
    roles: Mapping[str, str],
    weeks: Weeks,
    on: date,
    beside: Sequence[Beside] = (),
) -> str:
    """Return an answer in words; `roles` names each role code, `on` is today.

    “Yes, from 12 January – Infrastructure Engineer is the limit (92 % in weeks 3–5); if EarthScope
    phase 2 also closes, from 2 March.” Source: requirements S4.
    """
    parts = [_head(answer, roles, on)]
    if limit := limit_in_words(answer.limits, roles=roles, weeks=weeks):
        parts[0] += f" – {limit}"
    parts += [
        f"if {one.name} also closes, "
        + (
            f"from {day_in_words(one.start_on, on)}"
            if one.start_on
            else "not by the dates asked for"
        )
        for one in beside
    ]
    return "; ".join(parts) + "."


def _head(answer: Answer, roles: Mapping[str, str], on: date) -> str:
    wanted = " and ".join(missing_in_words(one, roles=roles, on=on) for one in answer.missing)
    match answer.word:
        case "yes":
            return "Yes"
        case "yes_from" if answer.start_on:
            return f"Yes, from {day_in_words(answer.start_on, on)}"
        case "only_if":
            return f"Only if we find {wanted}"
        case _:
            return f"No: we would have to find {wanted}"


def missing_in_words(one: Missing, *, roles: Mapping[str, str], on: date) -> str:
    """Return what has to be found: "46 h more of Infrastructure Engineer from … to …"."""
    who = " or ".join(roles.get(role, role) for role in one.roles)
    if one.nobody:
        return f"somebody for {who} ({one.hours:g} h)"
    period = f"from {day_in_words(one.from_on, on)} to {day_in_words(one.to_on, on)}"
    return f"{one.hours:g} h more of {who} {period}"


def finish_in_words(finish: Finish, *, weeks: Weeks) -> list[str]:
    """Return when work is finished, by how sure: "finished by 2026-05-08 in 80 of 100 cases"."""
    known = [(50, finish.p50_on), (80, finish.p80_on), (95, finish.p95_on)]
    end = f"{weeks.last_day}, the last day that capacity looks at"
    if finish.p50_on is None:
        return [f"when it is finished cannot be said: not all of it is done by {end}"]
    return [
        f"finished by {on} in {share} of 100 cases"
        if on
        else f"to be {share} % sure, reckon with later than {end}"
        for share, on in known
    ]


def limit_in_words(limits: Sequence[Limit], *, roles: Mapping[str, str], weeks: Weeks) -> str:
    """Return the busiest role and its weeks; "" where nothing binds."""
    if not limits:
        return ""
    most = max(limits, key=lambda one: (one.used_pct, -one.week))
    chosen = [one.week for one in limits if (one.role, one.used_pct) == (most.role, most.used_pct)]
    spans = _spans(chosen)
    shown = [_numbered(first, last, weeks) for first, last in spans[:SHOWN_SPANS]]
    if len(spans) > SHOWN_SPANS:
        shown.append("later ones")
    word = "week" if len(chosen) == 1 else "weeks"
    return (
        f"{roles.get(most.role, most.role)} is the limit"
        f" ({most.used_pct} % in {word} {', '.join(shown)})"
    )


def _spans(numbers: Sequence[int]) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if spans and number == spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], number)
        else:
            spans.append((number, number))
    return spans


def _numbered(first: int, last: int, weeks: Weeks) -> str:
    names = [str(weeks.monday(week).isocalendar().week) for week in (first, last)]
    return names[0] if first == last else "–".join(names)


def day_in_words(day: date, on: date) -> str:
    """Return a day as people say it; with its year where that is not this one."""
    return f"{day.day} {day:%B}" + (f" {day.year}" if day.year != on.year else "")
