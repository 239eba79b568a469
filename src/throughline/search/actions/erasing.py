"""Erasing a person, out of the index in the same moment as out of everything else."""

from datetime import datetime

from django.db import transaction

from throughline.communities.actions.contacts import Erased
from throughline.handoff import actions_erasing
from throughline.journal.actions_forgetting import Gone
from throughline.journal.models import Entry
from throughline.playbook.model import Playbook
from throughline.search.actions.following import ERASED
from throughline.search.actions.indexing import index_families
from throughline.search.engines import engine
from throughline.search.folding import clean, words_of
from throughline.search.models import Reading
from throughline.search.proposing import families_with
from throughline.search.words import Family


@transaction.atomic
def erase_person(pk: int, *, playbook: Playbook, by: str, at: datetime) -> Erased:
    """Erase a person everywhere, and read all that was found by their name again.

    Raises:
        Refused: they were erased or merged before.
    """
    erased = actions_erasing.erase_person(pk, playbook=playbook, by=by, at=at)
    for family, numbers in _naming(erased.gone).items():
        index_families(family, sorted(numbers), playbook=playbook)
    engine().compact()
    _is_looked_after()
    return erased


def _naming(gone: Gone) -> dict[Family, set[int]]:
    """Return the families of which something is found by a name or an address of a person."""
    found: dict[Family, set[int]] = {}
    for called in gone.words:
        if not (words := words_of(clean(called))):
            continue
        for family, number in families_with(words):
            found.setdefault(family, set()).add(number)
    return found


def _is_looked_after() -> None:
    """Say that no sweep is needed for this erasing, unless another one waits for it."""
    reading = Reading.objects.select_for_update().filter(pk=1).first()
    if reading is None:
        return
    unseen = Entry.objects.filter(act=ERASED, pk__gt=reading.erased_upto).order_by("pk")
    if len(numbers := list(unseen.values_list("pk", flat=True)[:2])) == 1:
        reading.erased_upto = numbers[0]
        reading.save(update_fields=["erased_upto"])
