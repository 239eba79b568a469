"""What can be found, and what a found thing is made of."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.db.models import TextChoices

from throughline.people.words import Permission


class Kind(TextChoices):
    """One kind of thing, in the order in which results are shown."""

    DEAL = "deal", "Deals"
    ENGAGEMENT = "engagement", "Engagements"
    COMMUNITY = "community", "Communities"
    CONTACT = "contact", "Contacts"
    DELIVERABLE = "deliverable", "Deliverables"
    STATEMENT = "statement", "Statements of work"
    AGREEMENT = "agreement", "Agreements"
    CLUSTER = "cluster", "Clusters and hubs"
    ALERT = "alert", "Budget alerts"
    REVIEW = "review", "Reviews"
    NOTE = "note", "Notes"
    WORK = "sponsor_work", "The Sponsor's work"
    INVOICE = "invoice", "Invoices"
    DECISION = "decision", "Decisions of the Engagement Review"
    MAIL = "mail", "Mails"
    COLLEAGUE = "colleague", "The team"
    USER = "user", "People who sign in"


class Family(TextChoices):
    """What is read and written together: everything of one deal is looked at at once."""

    DEAL = "deal"
    COMMUNITY = "community"
    CONTACT = "contact"
    CLUSTER = "cluster"
    ALERT = "alert"
    MEETING = "meeting"
    MAIL = "mail"
    COLLEAGUE = "colleague"
    USER = "user"


May = Callable[[Permission], bool]
P = Permission
# Who finds which kind: one of these sets of permissions, whole. The pages of a kind say the same.
FOUND_BY: Final[dict[Kind, tuple[frozenset[Permission], ...]]] = {
    **dict.fromkeys(Kind, (frozenset({P.READ}),)),
    Kind.CONTACT: (frozenset({P.READ, P.SEE_CONTACTS}),),
    Kind.MAIL: (frozenset({P.READ, P.SEE_CONTACTS}),),  # it names those it went to
    Kind.AGREEMENT: (frozenset({P.READ}), frozenset({P.SPONSOR_WORK})),
    Kind.WORK: (frozenset({P.READ}), frozenset({P.SPONSOR_WORK})),
    Kind.INVOICE: (frozenset({P.SEE_MONEY}),),
    Kind.COLLEAGUE: (frozenset({P.SEE_CAPACITY}),),
    Kind.USER: (frozenset({P.ADMINISTER}),),
}
# Of these the Sponsor finds what is, or was, on its desk, and nothing else.
ON_DESK_ONLY: Final = frozenset({Kind.AGREEMENT, Kind.WORK})


@dataclass(frozen=True, slots=True)
class Sight:
    """Which kinds somebody finds; of `desk_only` what is on the Sponsor's desk."""

    kinds: frozenset[Kind]
    desk_only: frozenset[Kind] = frozenset()

    def within(self, kind: Kind | None) -> "Sight":
        """Return the sight of one kind alone; all of it where none is named."""
        return self if kind is None else Sight(self.kinds & {kind}, self.desk_only)


def sight_of(may: May) -> Sight:
    """Return what somebody finds who may certain things: their roles, or their token's scopes."""
    kinds = frozenset(
        kind for kind, ways in FOUND_BY.items() if any(all(map(may, way)) for way in ways)
    )
    return Sight(kinds, frozenset() if may(P.READ) else ON_DESK_ONLY)


EVERYTHING: Final = Sight(frozenset(Kind))  # of whoever runs the command line (decision 0004)


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing as it can be found, read from its rows just now."""

    kind: Kind
    number: int
    family: tuple[Family, int]
    address: str  # of its page, from the root
    title: str
    about: str = ""  # one line beside the title; it is shown, not searched
    text: str = ""  # what is searched and quoted
    names: str = ""  # what is searched beside that and never quoted
    ids: tuple[str, ...] = ()  # what it is called exactly
    on_desk: bool = False  # the Sponsor has, or had, work about it

    @property
    def searched(self) -> str:
        """All that is searched beside the title; ids are found by their words, too."""
        return "\n".join((self.names, *self.ids, self.text))
