"""A provider, its communities and a year of their agreements, all invented, told up to now."""

import gc
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from throughline.cli.demonstration.bills import bills_came_in, columns_followed
from throughline.cli.demonstration.deliveries import STORIES as DELIVERIES
from throughline.cli.demonstration.endings import STORIES as ENDINGS
from throughline.cli.demonstration.negotiations import STORIES as NEGOTIATIONS
from throughline.cli.demonstration.negotiations import two_deals_want_the_same_weeks
from throughline.cli.demonstration.openings import STORIES as OPENINGS
from throughline.cli.demonstration.people import add_people
from throughline.cli.demonstration.scene import Scene
from throughline.cli.demonstration.team import add_team, count_what_runs
from throughline.kernel.errors import Refused
from throughline.playbook.model import Playbook
from throughline.sales.models import Deal

STORIES = (*OPENINGS, *NEGOTIATIONS, *DELIVERIES, *ENDINGS)


@transaction.atomic
def load_demonstration(*, at: datetime, playbook: Playbook, password: str | None = None) -> bool:
    """Fill an empty database with stories that lead up to an instant; return whether it was empty.

    Everything happens through the rooms' actions, with days counted from `at`. People get the
    password where one is given; else they sign in by link only.

    Raises:
        Refused: mail would leave this machine, and the renewals address of the playbook is real.
    """
    if Deal.objects.exists():
        return False
    if settings.MAIL_LEAVES_THROUGH:
        raise Refused(
            "The demonstration's mails would go out to real addresses.",
            remedy="Name neither server nor provider: mail is then kept in the outbox.",
        )
    with _without_collecting(), tempfile.TemporaryDirectory(prefix="throughline-") as folder:
        scene = Scene(at, playbook, Path(folder))
        add_people(scene, password=password)
        add_team(scene)
        for tell in STORIES:
            tell(scene)
        bills_came_in(scene)
        columns_followed(scene)
        count_what_runs(scene)
        two_deals_want_the_same_weeks(scene)  # last: what they are answered depends on all others
        count_what_runs(scene)
    return True


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Let nobody look for garbage meanwhile: a sixth of the time, and people wait for the address."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
