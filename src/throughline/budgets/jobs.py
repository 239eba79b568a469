"""What the clock does about budgets: tell of what imported costs show."""

import logging
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from throughline.budgets.actions.arming import note_looked
from throughline.budgets.actions.warning import drafted, warn
from throughline.budgets.watching import Due, to_look_at, warnings_due
from throughline.kernel.days import day_in_zone, last_instant
from throughline.kernel.errors import Refused
from throughline.playbook.model import Playbook

log = logging.getLogger(__name__)

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Warned:
    """A mail about costs, as it is shown."""

    to: str
    subject: str
    engagement: int
    threshold: str


@dataclass(slots=True)
class WatchRun:
    """What one run over the watched accounts did."""

    queued: list[Warned] = field(default_factory=list)
    failed: list[tuple[int, str]] = field(default_factory=list)  # engagement, why


def run_watches(*, at: datetime, playbook: Playbook, by: str) -> WatchRun:
    """Tell of every threshold that is passed and was not told of; again, there is none."""
    zone = playbook.organisation.zone
    on, run = day_in_zone(at, zone), WatchRun()
    watched = to_look_at(on=on, zone=zone)
    if not watched:
        return run
    for due in warnings_due(on=on, at=at, playbook=playbook):
        number = due.arming.engagement_id
        try:
            message = warn(due, playbook=playbook, by=by, at=at)
        except Refused as refused:
            run.failed.append((number, str(refused)))
        except Exception as error:
            log.exception("the costs of engagement %s could not be told of", number)
            run.failed.append((number, f"{type(error).__name__}: {error}"))
        else:
            if message is not None:
                to, subject = message.to[0], message.subject
                run.queued.append(Warned(to, subject, number, due.last.threshold))
    note_looked(watched, at=at)
    return run


def rehearse_watches(*, on: date, today: date, playbook: Playbook) -> list[Warned]:
    """Return the mails about costs that a day would bring, by the costs known now. Reads only."""
    found = _due(on, playbook)
    if on != today:
        brought = {one.last.series for one in _due(on - ONE_DAY, playbook)}
        found = [one for one in found if one.last.series not in brought]
    return [_as_warned(one, playbook) for one in found if one.arming.to]


def _due(on: date, playbook: Playbook) -> list[Due]:
    return warnings_due(on=on, at=last_instant(on, playbook.organisation.zone), playbook=playbook)


def _as_warned(due: Due, playbook: Playbook) -> Warned:
    draft = drafted(due, None, playbook=playbook)
    subject = " ".join(draft.subject.split())
    return Warned(draft.to[0], subject, due.arming.engagement_id, due.last.threshold)
