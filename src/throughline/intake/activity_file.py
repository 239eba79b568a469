"""Who used hubs, from a file: for hubs that no Prometheus knows (E21)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from throughline.delivery.actions.activity import Activity, keep_activity
from throughline.infrastructure.models import Hub
from throughline.kernel.days import parse_day
from throughline.kernel.errors import Refused
from throughline.kernel.tables import Row, read_text, rows_in
from throughline.playbook.model import Playbook

REQUIRED = ("hub", "user", "date")


@dataclass(frozen=True, slots=True)
class ActivityTakenIn:
    """What became of the rows of a file."""

    hubs: tuple[str, ...]
    new: int  # days of people
    rejected: tuple[tuple[int, str], ...]  # line, reason

    def as_json(self) -> dict[str, Any]:
        """Return it as the command answers."""
        return {
            "hubs": list(self.hubs),
            "new": self.new,
            "rejected": [{"row": row, "reason": reason} for row, reason in self.rejected],
        }


@dataclass(frozen=True, slots=True)
class _Used:
    hub: Hub
    on: date
    user: str


def import_activity(
    path: Path,
    *,
    from_on: date | None = None,
    to_on: date | None = None,
    playbook: Playbook,
    by: str,
    at: datetime,
) -> ActivityTakenIn:
    """Take in a file as `import_activity_text` does its text.

    Raises:
        Refused: the file cannot be read, or makes no sense as a table.
    """
    text = read_text(path)
    told = TellsOf(path.name, from_on, to_on)
    return import_activity_text(text, told, playbook=playbook, by=by, at=at)


@dataclass(frozen=True, slots=True)
class TellsOf:
    """A file's name, and of which days it tells; None: from its first day, to its last."""

    name: str
    from_on: date | None = None
    to_on: date | None = None


@transaction.atomic
def import_activity_text(
    text: str, told: TellsOf, *, playbook: Playbook, by: str, at: datetime
) -> ActivityTakenIn:
    """Take in who used which hub on which day; names become fingerprints, and are kept nowhere.

    The columns are `hub` (its domain, or cluster/name), `user` and `date` (YYYY-MM-DD). For each hub
    the file tells of all days from its first to its last one, or of those that are said.

    Raises:
        Refused: the file cannot be read as a table with these columns, or the days make no sense.
    """
    from_on, to_on = told.from_on, told.to_on
    if from_on and to_on and to_on < from_on:
        raise Refused(f"{to_on} is before {from_on}.", remedy="Turn the two days round.")
    hubs = _hubs_by_name()
    used: dict[Hub, list[_Used]] = {}
    rejected: list[tuple[int, str]] = []
    for row in rows_in(text, name=told.name, required=REQUIRED):
        try:
            one = _used(row, hubs)
        except Refused as refused:
            rejected.append((row.line, str(refused)))
        else:
            used.setdefault(one.hub, []).append(one)
    new = sum(
        keep_activity(
            _told(hub, rows, told.name, from_on, to_on),
            staff=playbook.verification.staff, by=by, at=at,
        )
        for hub, rows in used.items()
    )  # fmt: skip
    return ActivityTakenIn(tuple(sorted(str(hub) for hub in used)), new, tuple(rejected))


def _hubs_by_name() -> dict[str, Hub]:
    found: dict[str, Hub] = {}
    for hub in Hub.objects.select_related("cluster"):
        found[str(hub).casefold()] = hub
        if hub.domain:
            found[hub.domain.casefold()] = hub
    return found


def _used(row: Row, hubs: dict[str, Hub]) -> _Used:
    if row.problem:
        raise Refused(f"{row.problem}.", remedy="Put what holds a comma in quotes.")
    name, user = row.cells["hub"].strip(), row.cells["user"].strip()
    hub = hubs.get(name.casefold())
    if hub is None:
        raise Refused(
            f"There is no hub {name!r}.", remedy="Write its domain, or cluster/name, as known here."
        )
    if not user:
        raise Refused("Nobody is named.", remedy="Write the person's name on the hub.")
    on = parse_day(row.cells["date"].strip())
    if on is None:
        raise Refused("There is no date.", remedy="Write it as 2026-11-22.")
    return _Used(hub, on, user)


def _told(
    hub: Hub, rows: Iterable[_Used], source: str, from_on: date | None, to_on: date | None
) -> Activity:
    users = frozenset((one.on, one.user) for one in rows)
    days = [on for on, _user in users]
    first, last = min([*days, *filter(None, [from_on])]), max([*days, *filter(None, [to_on])])
    return Activity(hub, source[:250], first, last, users)
