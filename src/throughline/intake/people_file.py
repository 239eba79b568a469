"""The team in a file: who does what, for how many hours a week, from when to when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.db import transaction

from throughline.capacity.actions.team import ColleagueSeen, keep_team
from throughline.capacity.engine.supply import public_holidays
from throughline.kernel.days import parse_day
from throughline.kernel.errors import Refused
from throughline.kernel.tables import Row, read_text, rows_in
from throughline.playbook.model import Playbook

COLUMNS = ("name", "roles", "weekly_hours", "billable_share", "from", "to", "country")
REQUIRED = ("name", "roles", "weekly_hours")
LONGEST_NAME = 160
HOURS_A_WEEK = 168
SHOWN = 40  # characters of a cell that a message repeats
ANY_YEAR = 2026  # a country either has holidays or is none


@dataclass(frozen=True, slots=True)
class PeopleTakenIn:
    """What became of the rows of a file."""

    created: int
    updated: int
    unchanged: int
    rejected: tuple[tuple[int, str], ...]  # line, reason

    def as_json(self) -> dict[str, Any]:
        """Return the shape of design §12."""
        return {
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "rejected": [{"row": row, "reason": reason} for row, reason in self.rejected],
        }


def import_people(path: Path, *, playbook: Playbook, by: str, at: datetime) -> PeopleTakenIn:
    """Take in the people of the team; whoever the file does not name stays as they are.

    Where `billable_share` is empty, the playbook's counts (900 of 2,000 hours). An empty `from` means
    always, an empty `to` means still. Source: requirements F21, E10.

    Raises:
        Refused: the file cannot be read as a table with the columns that are needed.
    """
    return import_people_text(read_text(path), name=str(path), playbook=playbook, by=by, at=at)


@transaction.atomic
def import_people_text(
    text: str, *, name: str, playbook: Playbook, by: str, at: datetime
) -> PeopleTakenIn:
    """Take in the people that the text of a file names, as `import_people` does.

    Raises:
        Refused: it is no table with the columns that are needed; the message begins with `name`.
    """
    seen: list[ColleagueSeen] = []
    rejected: list[tuple[int, str]] = []
    lines: dict[str, int] = {}
    for row in rows_in(text, name=name, required=REQUIRED):
        try:
            one = _colleague(row, playbook)
            _check_once(one.name, row.line, lines)
            seen.append(one)
        except Refused as refused:
            rejected.append((row.line, str(refused)))
    kept = keep_team(seen, by=by, at=at)
    return PeopleTakenIn(len(kept.created), len(kept.updated), len(kept.unchanged), tuple(rejected))


def _check_once(name: str, line: int, lines: dict[str, int]) -> None:
    first = lines.setdefault(name.casefold(), line)
    if first != line:
        raise Refused(
            f"name: {name!r} stands on line {first} already.", remedy="Keep one of the rows."
        )


def _colleague(row: Row, playbook: Playbook) -> ColleagueSeen:
    """Return the colleague of a row.

    Raises:
        Refused: something in it makes no sense; the message names every reason.
    """
    if row.problem:
        raise Refused(f"{row.problem}.", remedy="Separate roles by ; and put commas in quotes.")
    return colleague_in(row.cells, playbook)


def colleague_in(told: Mapping[str, str], playbook: Playbook) -> ColleagueSeen:
    """Return the colleague that cells describe, by column; a page asks for the same ones.

    Raises:
        Refused: something in it makes no sense; the message names every column and reason.
    """
    cells = {name: told.get(name, "").strip() for name in COLUMNS}
    problems: list[Refused] = []
    found = ColleagueSeen(
        name=_name(cells["name"], problems),
        roles=_roles(cells["roles"], playbook, problems),
        weekly_hours=_number(
            "weekly_hours", cells["weekly_hours"], Decimal(HOURS_A_WEEK), problems
        ),
        billable_share=_share(cells["billable_share"], playbook, problems),
        from_on=_day("from", cells["from"], problems),
        to_on=_day("to", cells["to"], problems),
        country=_country(cells["country"], problems),
    )
    if found.from_on and found.to_on and found.to_on < found.from_on:
        problems.append(
            Refused(
                f"to: {found.to_on} is before from {found.from_on}.", remedy="Correct the dates."
            )
        )
    if problems:
        raise Refused(" ".join(str(problem) for problem in problems))
    return found


def _name(cell: str, problems: list[Refused]) -> str:
    if not cell:
        problems.append(Refused("name: is empty.", remedy="Write who it is."))
    elif len(cell) > LONGEST_NAME:
        problems.append(
            Refused(
                f"name: {cell[:SHOWN]!r}… has {len(cell)} characters.",
                remedy=f"Shorten it to {LONGEST_NAME}.",
            )
        )
    return cell


def _roles(cell: str, playbook: Playbook, problems: list[Refused]) -> tuple[str, ...]:
    texts = [text.strip() for text in cell.split(";") if text.strip()]
    named = {text: playbook.team_role_named(text) for text in texts}
    known = ", ".join(role.name for role in playbook.team_roles)
    if not texts:
        problems.append(Refused("roles: is empty.", remedy=f"Use {known}, separated by ;."))
    problems += [
        Refused(f"roles: {text[:SHOWN]!r} is no role of the team.", remedy=f"Use {known}.")
        for text, role in named.items()
        if role is None
    ]
    return tuple(dict.fromkeys(role.code for role in named.values() if role))


def _share(cell: str, playbook: Playbook, problems: list[Refused]) -> Decimal:
    if not cell:
        return playbook.capacity.billable_share().quantize(Decimal("0.0001"))
    return _number("billable_share", cell, Decimal(1), problems).quantize(Decimal("0.0001"))


def _number(column: str, cell: str, most: Decimal, problems: list[Refused]) -> Decimal:
    try:
        found = Decimal(cell if cell.isascii() and "_" not in cell else "NaN")
    except InvalidOperation:
        found = Decimal("NaN")
    if found.is_finite() and 0 <= found <= most:
        return found
    problems.append(
        Refused(
            f"{column}: {cell[:SHOWN]!r} is not a number from 0 to {most}.",
            remedy="Write digits with a point, such as " + ("0.45." if most == 1 else "40."),
        )
    )
    return Decimal(0)


def _day(column: str, cell: str, problems: list[Refused]) -> date | None:
    try:
        return parse_day(cell)
    except Refused as refused:
        problems.append(Refused(f"{column}: {refused.message}", remedy=refused.remedy))
        return None


def _country(cell: str, problems: list[Refused]) -> str:
    country = cell.upper()
    try:
        public_holidays(country, ANY_YEAR, ANY_YEAR)
    except Refused as refused:
        problems.append(Refused(f"country: {refused.message}", remedy=refused.remedy))
        return ""
    return country
