"""Following the journal: what it says was touched is read again.

Nothing calls search when something changes: the journal names what every act is about, so whoever
reads it on misses nothing. A reading goes on where the last one ended.
"""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Max, Q, QuerySet

from throughline.journal.models import Entry
from throughline.playbook.model import Playbook
from throughline.search.actions.indexing import AT_ONCE, index_families
from throughline.search.engines import engine
from throughline.search.models import Item, Reading
from throughline.search.reading.families import families_of, rows_of
from throughline.search.words import Family

# Longer than any transaction that writes into the journal: until then a number may still appear.
YOUNG: Final = timedelta(minutes=15)
MOST_GAPS: Final = 100
ERASED: Final = "communities.contact.erased"
ORDER: Final = list(Family)
BEGINNING: Final[list[Any]] = [ORDER[0].value, 0]


def catch_up(*, most: int, playbook: Playbook, at: datetime) -> int:
    """Bring the index on by at most so many things and entries; return how many are left.

    Who finds somebody else at it waits for nobody: the index is behind for a moment, and says so.
    """
    if not (left := waiting()):
        return 0
    with transaction.atomic():
        reading = _locked()
        if reading is None:
            return left
        most = _fill_on(reading, most, playbook, at)
        if reading.filling is None and most > 0:
            _follow(reading, most, playbook, at)
        reading.save()
    return waiting()


def waiting() -> int:
    """Return how much is not in the index yet: things while it is filled, entries afterwards."""
    reading = Reading.objects.filter(pk=1).first()
    if reading is not None and reading.filling is None:
        return _unread(reading).count()
    family, after = BEGINNING if reading is None or reading.filling is None else reading.filling
    begun = ORDER.index(Family(str(family)))
    left = rows_of(ORDER[begun]).filter(pk__gt=after).count()
    return left + sum(rows_of(one).count() for one in ORDER[begun + 1 :]) or 1


@transaction.atomic
def start_anew() -> None:
    """Forget the whole index, so that it is filled again from the rows."""
    Reading.objects.get_or_create(pk=1)
    reading = Reading.objects.select_for_update().get(pk=1)
    engine().clear()
    Item.objects.all().delete()
    reading.filling, reading.gaps = BEGINNING, []
    reading.save()


def _locked() -> Reading | None:
    Reading.objects.get_or_create(pk=1, defaults={"filling": BEGINNING})
    return Reading.objects.select_for_update(skip_locked=True).filter(pk=1).first()


def _fill_on(reading: Reading, most: int, playbook: Playbook, at: datetime) -> int:
    """Go on reading all rows, family by family, and return how many more may be read now.

    What happens meanwhile is read in the journal afterwards.
    """
    if reading.filling == BEGINNING:
        old = Entry.objects.filter(recorded_at__lt=at - YOUNG)
        reading.upto, reading.gaps = old.aggregate(newest=Max("pk"))["newest"] or 0, []
    while reading.filling is not None and most > 0:
        family, after = Family(reading.filling[0]), reading.filling[1]
        numbers = _next(family, after, min(most, AT_ONCE))
        if numbers:
            index_families(family, numbers, playbook=playbook)
            reading.filling = [family.value, numbers[-1]]
            most -= len(numbers)
        else:
            rest = ORDER[ORDER.index(family) + 1 :]
            reading.filling = [rest[0].value, 0] if rest else None
    return most


def _next(family: Family, after: int, count: int) -> list[int]:
    """Return the next numbers of a family: those that have rows, and those only the index has."""
    rows = rows_of(family).filter(pk__gt=after).values_list("pk", flat=True)[:count]
    kept = Item.objects.filter(family=family, family_number__gt=after).order_by("family_number")
    known = kept.values_list("family_number", flat=True).distinct()[:count]
    return sorted({*rows, *known})[:count]


def _unread(reading: Reading) -> QuerySet[Entry]:
    wanted = Q(pk__gt=reading.upto)
    for first, last, _since in reading.gaps:
        wanted |= Q(pk__range=(first, last))
    return Entry.objects.filter(wanted)


def _follow(reading: Reading, most: int, playbook: Playbook, at: datetime) -> None:
    """Read again what the next entries are about."""
    found = list(_unread(reading).order_by("pk").only("act", "subject_type", "subject_id")[:most])
    touched = families_of((one.subject_type, one.subject_id) for one in found)
    for family, numbers in touched.items():
        ordered = sorted(numbers)
        for begin in range(0, len(ordered), AT_ONCE):
            index_families(family, ordered[begin : begin + AT_ONCE], playbook=playbook)
    _read_on(reading, [one.pk for one in found], at)
    erased = max((one.pk for one in found if one.act == ERASED), default=0)
    if erased > reading.erased_upto:  # by who did not say so here: look at every row again
        reading.erased_upto, reading.filling = erased, BEGINNING


def _read_on(reading: Reading, seen: Collection[int], at: datetime) -> None:
    """Remember what was read, and which numbers were not there though later ones were."""
    newest = max([*seen, reading.upto])
    gaps: list[list[Any]] = []
    for first, last, since in reading.gaps:
        if at - datetime.fromisoformat(since) < YOUNG:
            gaps += [[*hole, since] for hole in holes(first, last, seen)]
    gaps += [[*hole, at.isoformat()] for hole in holes(reading.upto + 1, newest, seen)]
    if len(gaps) > MOST_GAPS:  # some entries are read twice then, which changes nothing
        gaps = [[gaps[0][0], gaps[-1][1], at.isoformat()]]
    reading.upto, reading.gaps = newest, gaps


def holes(first: int, last: int, seen: Collection[int]) -> Iterator[tuple[int, int]]:
    """Yield the runs of numbers from first to last that were not seen."""
    begin = first
    for number in sorted(one for one in seen if first <= one <= last):
        if begin < number:
            yield begin, number - 1
        begin = number + 1
    if begin <= last:
        yield begin, last
