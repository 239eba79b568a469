"""What the first steps show of the installation: what its environment says, and what is left to change."""

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection

from throughline.playbook.model import Playbook
from throughline.web.templatetags.ui import MONTHS, days_word

SHOWN = 8  # lines


@dataclass(frozen=True, slots=True)
class Installed:
    """One thing that the environment decides, as it is, and what to set for another."""

    what: str
    now: str
    to_set: str


def installed() -> list[Installed]:
    """Return what is set by environment; no secret is among it."""
    mail = settings.MAIL_LEAVES_THROUGH
    return [
        Installed("The address of these pages", settings.BASE_URL, "THROUGHLINE_BASE_URL"),
        Installed("Where everything is kept", str(settings.HOME), "THROUGHLINE_HOME"),
        Installed("The database", connection.vendor, "DATABASE_URL"),
        Installed(
            "Mail", f"leaves through {mail}" if mail else "stays in the outbox, to be read there",
            "THROUGHLINE_SMTP_HOST",
        ),
    ]  # fmt: skip


def lines_of_others(file: Path | None) -> list[tuple[int, str]]:
    """Return the first lines of our playbook that still speak of 2i2c, whose it was; none is all well."""
    if file is None or not file.is_file():
        return []
    lines = enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
    found = [(number, line.strip()) for number, line in lines if _is_of_others(line)]
    return found[:SHOWN]


def closures_said(playbook: Playbook) -> list[str]:
    """Return the days on which nobody works, each year, as people say them."""
    return [
        f"{days_word(one.days)} from {one.day} {MONTHS[one.month - 1]}"
        for one in playbook.capacity.closures
    ]


def _is_of_others(line: str) -> bool:
    said = line.strip()
    return "2i2c" in said and not said.startswith("#")
