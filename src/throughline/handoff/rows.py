"""The rows of a pass: found or made, approved, counted, and let go of."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.db import transaction

from throughline.delivery.models import Engagement
from throughline.handoff import keeping
from throughline.handoff.connected import Outside
from throughline.handoff.leases import Lease, forget_asking
from throughline.handoff.looks import Look
from throughline.handoff.models import Outcome, Pass
from throughline.handoff.wanted import Doing, Wanted, digest_of
from throughline.handoff.words import Verb
from throughline.journal.actions import record

NAMED = ("system", "audience", "summary", "wanted")


def rows_for(engagement: Engagement, wanted: Sequence[Wanted]) -> dict[str, Outcome]:
    """Return the row of each outcome, by key and in the order of what is wanted.

    A constant number of statements: one where nothing has changed.
    """
    there = _rows(engagement)
    new = [one for one in wanted if one.key not in there]
    if new:
        Outcome.objects.bulk_create(
            (Outcome(key=one.key, engagement=engagement, **_named(one)) for one in new),
            ignore_conflicts=True,  # somebody else may be looking at the same time
        )
        there = _rows(engagement)
    changed = [row for one in wanted if _renamed(row := there[one.key], one)]
    if changed:
        Outcome.objects.bulk_update(changed, NAMED)
    return {one.key: there[one.key] for one in wanted}


def _rows(engagement: Engagement) -> dict[str, Outcome]:
    return {row.key: row for row in Outcome.objects.filter(engagement=engagement)}


def _named(wanted: Wanted) -> dict[str, object]:
    return {
        "system": wanted.system,
        "audience": wanted.audience,
        "summary": wanted.summary[:300],
        "wanted": wanted.wanted,
    }


def _renamed(row: Outcome, wanted: Wanted) -> bool:
    """Give a row what is wanted now, and return whether that is news."""
    named = _named(wanted)
    is_news = any(getattr(row, name) != value for name, value in named.items())
    for name, value in named.items():
        setattr(row, name, value)
    return is_news


@transaction.atomic
def approve(rows: dict[str, Outcome], looks: Iterable[Look], lease: Lease) -> None:
    """Write down that what is wanted now may be made, also by whoever goes on after us."""
    open_keys = {
        key
        for look in looks
        for key in (
            *look.failures,
            *(one.outcome for one in look.changes if one.verb != Verb.KEEP),
        )
    }
    changed = []
    for key in open_keys:
        row, digest = rows[key], digest_of(rows[key].wanted)
        if row.approved != digest:
            row.approved = digest
            changed.append(row)
    if changed:
        Outcome.objects.bulk_update(changed, ["approved"])
    forget_asking(lease)


def keep_looked_at(rows: Iterable[Outcome], *, at: datetime) -> None:
    """Keep when the outcomes were last looked at."""
    Outcome.objects.filter(pk__in=[row.pk for row in rows]).update(seen_at=at)


def keep_calls(engagement: Engagement, outside: Sequence[Outside], *, at: datetime) -> None:
    """Keep how many requests the pass has sent to each outside system."""
    calls = {one.system.name: one.system.calls() for one in outside}
    Pass.objects.filter(engagement=engagement).update(last_at=at, last_calls=calls)


def forget_unwanted(engagement: Engagement, keys: Collection[str], doing: Doing) -> None:
    """Let go of outcomes that are not wanted any more.

    What never came true is dropped. What came true stays, for a person: nothing that others may
    rely on vanishes by itself. What may have been made is a person's to look for.
    """
    unwanted = list(Outcome.objects.filter(engagement=engagement).exclude(key__in=keys))
    if unwanted:
        _forget(engagement, unwanted, doing)


@transaction.atomic
def _forget(engagement: Engagement, unwanted: Sequence[Outcome], doing: Doing) -> None:
    for row in unwanted:
        if row.intent_at is not None:
            keeping.keep_waiting(
                row,
                row.seen,
                f"It is not wanted any more, and may have been made: look in {row.system} for"
                f" “{row.summary}” and remove it there.",
                doing,
            )
        elif row.receipt is None:
            record("handoff.outcome.dropped", engagement, by=doing.by, at=doing.at, outcome=row.key)
            row.delete()
        elif row.next_at is not None:
            Outcome.objects.filter(pk=row.pk).update(next_at=None)
