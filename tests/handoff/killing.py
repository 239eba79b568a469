"""A process that applies a handoff and is killed with -9 in the midst of it, several times.

Run as `python -m tests.handoff.killing HOME SEED`. It prints what it found as JSON. Each victim is
a fork that kills itself before its n-th statement to the database: no clean-up of any kind runs.
"""

import json
import os
import random
import shutil
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

KILLS = 5


def main(home: Path, seed: int) -> None:
    os.environ |= {"THROUGHLINE_HOME": str(home), "THROUGHLINE_SECRET_KEY": "only-for-tests"}
    os.environ["DJANGO_SETTINGS_MODULE"] = "throughline.config.settings"
    os.environ.pop("DATABASE_URL", None)
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    print(json.dumps(experiment(home, random.Random(seed))))


def experiment(home: Path, chance: random.Random) -> dict[str, Any]:
    from tests.factories import NOON
    from tests.handoff.world import make_whole
    from throughline.delivery.actions.acceptance import accept_engagement

    engagement = make_whole()
    accept_engagement(engagement.number, by="pia", at=NOON)
    untouched = copied(home, "untouched")
    statements = count_statements(engagement)
    control = tally(engagement)
    restore(untouched, home)
    deaths = []
    for kill in range(KILLS):
        # Later lives have less to do: aim within what is left, so that most of them die.
        nth = chance.randint(1, max(2, statements * (KILLS - kill) // (KILLS + 1)))
        deaths.append(die_before(engagement, nth, at=NOON + timedelta(minutes=6 * kill)))
    healed = heal(engagement, at=NOON + timedelta(hours=2))
    return {
        "statements": statements,
        "deaths": deaths,
        "not_converged": healed,
        "found": tally(engagement),
        "control": control,
    }


def copied(home: Path, name: str) -> Path:
    from django.db import connection

    connection.close()
    elsewhere = home.parent / name
    shutil.copytree(home, elsewhere)
    return elsewhere


def restore(kept: Path, home: Path) -> None:
    from django.db import connection

    connection.close()
    shutil.rmtree(home)
    shutil.copytree(kept, home)


def count_statements(engagement: Any) -> int:
    """Apply without dying, and return how many statements that takes."""
    from django.db import connection

    from tests.handoff.world import apply

    seen = []

    def count(execute, sql, params, many, context):
        seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        apply(engagement)
    return len(seen)


def die_before(engagement: Any, nth: int, *, at: Any) -> bool:
    """Apply in a fork that is killed before its n-th statement, and return whether it was."""
    from django.db import connection

    connection.close()
    child = os.fork()
    if child == 0:
        _live_dangerously(engagement, nth, at)
    _pid, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def _live_dangerously(engagement: Any, nth: int, at: Any) -> None:
    from django.db import connection

    from tests.handoff.world import apply

    left = [nth]

    def die(execute, sql, params, many, context):
        left[0] -= 1
        if left[0] <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)

    try:
        with connection.execute_wrapper(die):
            apply(engagement, holder=f"victim {os.getpid()}", at=at)
    finally:
        os._exit(0)


def heal(engagement: Any, *, at: Any) -> dict[str, str]:
    from tests.handoff.world import apply, not_converged

    return not_converged(apply(engagement, holder="healer", at=at))


def tally(engagement: Any) -> dict[str, Any]:
    """Return what must be the same however often it was killed: rows, acts, columns."""
    from tests.handoff.world import rows
    from throughline.billing.workbook import read_groups
    from throughline.journal.models import Entry

    acts = Entry.objects.filter(act__endswith=".made") | Entry.objects.filter(
        act__in=["mail.message.queued", "handoff.outcome.converged"]
    )
    return {
        "rows": {label: count for label, count in rows().items() if label != "journal.Entry"},
        "acts": sorted(acts.values_list("act", "subject_type", "subject_id")),
        "columns": sorted(group.cluster for group in read_groups().values()),
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
