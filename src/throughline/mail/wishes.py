"""How a person wants to be told, and what that means for an instant. No database, no clock."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from throughline.mail.words import Channel
from throughline.playbook.model import Playbook

ONE_DAY = timedelta(days=1)
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Wishes:
    """What one person chose, or the playbook for them. Times are of the day, in their zone."""

    blocked: Channel
    news: Channel
    quiet_from: time | None
    quiet_until: time | None
    digest_at: time
    weekdays_only: bool
    zone: str

    def channel(self, *, blocks: bool) -> Channel:
        """Return how they are told of something that waits for them, or of anything else."""
        return self.blocked if blocks else self.news

    def is_quiet(self, at: time) -> bool:
        """Return whether a time of day lies in the quiet hours, which may go over midnight."""
        if self.quiet_from is None or self.quiet_until is None:
            return False
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= at < self.quiet_until
        return at >= self.quiet_from or at < self.quiet_until

    def not_before(self, at: datetime) -> datetime:
        """Return when a mail of an instant may go: then, or once the quiet hours are over."""
        local = at.astimezone(ZoneInfo(self.zone))
        if self.quiet_until is None or not self.is_quiet(local.time().replace(tzinfo=None)):
            return at
        on = local.date()
        if local.time() >= self.quiet_until:
            on += ONE_DAY
        return max(at, self._instant(on, self.quiet_until))

    def next_digest(self, after: datetime) -> datetime:
        """Return the first time after an instant at which their digest goes out."""
        on = after.astimezone(ZoneInfo(self.zone)).date()
        while True:
            found = self._instant(on, self.digest_at)
            if found > after and not (self.weekdays_only and on.weekday() >= SATURDAY):
                return found
            on += ONE_DAY

    def _instant(self, on: date, at: time) -> datetime:
        """Return the instant of a time of day; one that a clock change leaves out is an hour later."""
        return datetime.combine(on, at, tzinfo=ZoneInfo(self.zone)).astimezone(UTC)


def usual_wishes(playbook: Playbook) -> Wishes:
    """Return what holds for whoever has chosen nothing."""
    rules = playbook.notifications
    first, until = time.fromisoformat(rules.quiet_from), time.fromisoformat(rules.quiet_until)
    return Wishes(
        blocked=Channel(rules.blocked),
        news=Channel(rules.news),
        quiet_from=None if first == until else first,
        quiet_until=None if first == until else until,
        digest_at=time.fromisoformat(rules.digest_at),
        weekdays_only=rules.weekdays_only,
        zone=playbook.organisation.zone,
    )
