"""Writing what can be found: the things of whole families, as their rows have them now."""

import hashlib
from collections.abc import Collection, Iterable
from typing import Final

from django.db import transaction

from throughline.playbook.model import Playbook
from throughline.search.engines import Words, engine
from throughline.search.folding import clean, exact, words_of
from throughline.search.models import ExactId, Item
from throughline.search.reading.families import things_of
from throughline.search.reading.picking import Pick
from throughline.search.words import Family, Thing

AT_ONCE: Final = 500  # families that are read together


@transaction.atomic
def index_families(family: Family, numbers: Collection[int], *, playbook: Playbook) -> int:
    """Index all things of families anew, and return how many rows differed.

    What is in the index and not in the rows any more is dropped.
    """
    things = {
        (one.kind.value, one.number): one for one in things_of(family, Pick(numbers), playbook)
    }
    standing = Item.objects.filter(family=family, family_number__in=numbers)
    items = {(one.kind, one.number): one for one in standing}
    gone = [one.pk for key, one in items.items() if key not in things]
    drop_items(gone)
    changed = _changed(things.values(), items)
    _put(changed)
    return len(gone) + len(changed)


def drop_items(numbers: Collection[int]) -> None:
    """Take items out of the index, with their words and ids."""
    if numbers:
        engine().drop(list(numbers))
        Item.objects.filter(pk__in=numbers).delete()


def digest_of(thing: Thing) -> str:
    """Return a digest of what is indexed of a thing."""
    family, number = thing.family
    parts = (
        family.value, str(number), thing.title, thing.text, thing.names, str(thing.on_desk),
        *thing.ids,
    )  # fmt: skip
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()


def words_to_index(item: int, thing: Thing) -> Words:
    """Return the words of a thing."""
    return Words(item, words_of(clean(thing.title)), words_of(clean(thing.searched)))


def ids_to_index(thing: Thing) -> set[str]:
    """Return what a thing is called exactly, as it is compared."""
    return {word for one in thing.ids if (word := exact(one))}


def _changed(
    things: Iterable[Thing], items: dict[tuple[str, int], Item]
) -> list[tuple[Item, Thing]]:
    """Return the things that the index has otherwise, or not at all, each with its row."""
    found = []
    for thing in things:
        family, number = thing.family
        item = items.get((thing.kind.value, thing.number))
        digest = digest_of(thing)
        if item is not None and item.digest == digest:
            continue
        item = item or Item(kind=thing.kind, number=thing.number)
        item.family, item.family_number = family, number
        item.on_desk, item.digest = thing.on_desk, digest
        found.append((item, thing))
    return found


def _put(changed: list[tuple[Item, Thing]]) -> None:
    fields = ["family", "family_number", "on_desk", "digest"]
    Item.objects.bulk_create(
        [item for item, _thing in changed],
        update_conflicts=True, unique_fields=["kind", "number"], update_fields=fields,
        batch_size=AT_ONCE,
    )  # fmt: skip
    numbers = [item.pk for item, _thing in changed]
    ExactId.objects.filter(item__in=numbers).delete()
    ExactId.objects.bulk_create(
        (ExactId(item=item, word=word) for item, thing in changed for word in ids_to_index(thing)),
        batch_size=1000,
    )
    engine().put(words_to_index(item.pk, thing) for item, thing in changed)
