"""What never goes to places that others read: addresses of contacts, and private notes (§4)."""

import re
from collections.abc import Iterable, Sequence

from throughline.communities.models import Contact
from throughline.handoff.previews import said_by
from throughline.handoff.wanted import Held, Wanted
from throughline.sales.knowledge import private_texts
from throughline.sales.queries import DealFacts

OPEN = frozenset({"community", "public"})  # audiences outside the house
ADDRESS = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
SHORTEST = 12  # characters of a line that would give a private note away


def keep_private(wanted: Iterable[Wanted], facts: DealFacts) -> tuple[Wanted, ...]:
    """Return the outcomes, of which those that would tell others something private wait.

    Two queries, however many outcomes there are.
    """
    every = tuple(wanted)
    said = {one.key: said_by(one) for one in every if one.audience in OPEN}
    if not said:
        return every
    addresses = _addresses_in(said.values())
    lines = _lines_of((*private_texts(facts.deal.pk), *_price_notes(facts)))
    return tuple(_held(one, said.get(one.key, ""), addresses, lines) for one in every)


def _addresses_in(texts: Iterable[str]) -> frozenset[str]:
    """Return the addresses in some texts that belong to contacts, in lower case."""
    found = {address for text in texts for address in ADDRESS.findall(text)}
    if not found:
        return frozenset()
    either = found | {address.lower() for address in found}
    known = Contact.objects.filter(email__in=either).values_list("email", flat=True)
    return frozenset(address.lower() for address in known if address)


def _price_notes(facts: DealFacts) -> tuple[str, ...]:
    return tuple(one.price_note for one in facts.deal.statements_of_work.all())


def _lines_of(notes: Sequence[str]) -> tuple[str, ...]:
    lines = (_plain(line) for note in notes for line in note.splitlines())
    return tuple(line for line in lines if len(line) >= SHORTEST)


def _held(one: Wanted, said: str, addresses: frozenset[str], private: tuple[str, ...]) -> Wanted:
    told = [address for address in ADDRESS.findall(said) if address.lower() in addresses]
    if told:
        remedy = (
            f"It would show {told[0]} to everybody who can read it ({one.audience}): take the"
            " address out of the text it comes from."
        )
        return Held(one, remedy)
    if said and any(line in _plain(said) for line in private):
        remedy = (
            f"It would show a private note to everybody who can read it ({one.audience}): take the"
            " words out of the text they come from, or add a note that is not private."
        )
        return Held(one, remedy)
    return one


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
