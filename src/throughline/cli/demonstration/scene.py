"""Where the stories are told: an instant, days counted from it, and a folder for their files."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from throughline.kernel.days import day_in_zone
from throughline.mail.actions.sending import send_message
from throughline.mail.queries import due_messages
from throughline.playbook.model import Playbook


@dataclass(frozen=True, slots=True)
class Scene:
    """The instant that all stories lead up to, the rules, and a folder that is gone afterwards."""

    at: datetime
    playbook: Playbook
    folder: Path

    def when(self, days: int) -> datetime:
        """Return the instant so many calendar days after `at`, at the same time of day."""
        there = self.at.astimezone(ZoneInfo(self.playbook.organisation.zone))
        return (there + timedelta(days=days)).astimezone(UTC)

    def day(self, days: int) -> date:
        """Return the organisation's calendar day so many days after `at`."""
        return day_in_zone(self.at, self.playbook.organisation.zone) + timedelta(days=days)

    def file(self, name: str, text: str) -> Path:
        """Write a file that a story takes in, and return where it lies."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def post(self, days: int) -> None:
        """Send what waits in the outbox, as the worker of that day would have."""
        for message in list(due_messages(at=self.when(days))):
            send_message(message.pk, at=self.when(days))
