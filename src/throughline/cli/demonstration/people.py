"""The people of Harbour Commons, the provider of the demonstration."""

from dataclasses import dataclass

from throughline.cli.demonstration.scene import Scene
from throughline.people.actions import add_user
from throughline.people.queries import hats_of
from throughline.people.words import RoleName

ADA, BEN = "ada", "ben"  # Business Development; Ben leads it
PIA, NOOR = "pia", "noor"  # Product & Services; Pia for product, Noor leads the engineers
SAM, LEA, ADMIN = "sam", "lea", "admin"  # the Sponsor, the director, who keeps the machine

SIGNS_OFF = {"head_of_product": PIA, "tech_lead": NOOR, "bd_lead": BEN}  # statements of work


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody with an account."""

    username: str
    full_name: str
    hats: frozenset[RoleName]


COLLEAGUES = (
    Colleague(ADA, "Ada Penhale", frozenset({RoleName.BD})),
    Colleague(BEN, "Ben Oyelade", frozenset({RoleName.BD, RoleName.LEAD})),
    Colleague(PIA, "Pia Lindqvist", frozenset({RoleName.PS})),
    Colleague(NOOR, "Noor Haddad", frozenset({RoleName.PS})),
    Colleague(SAM, "Sam Whitlock", frozenset({RoleName.SPONSOR})),
    Colleague(LEA, "Lea Moreau", frozenset({RoleName.LEAD})),
    Colleague(ADMIN, "Admin", frozenset({RoleName.ADMIN})),
)


def add_people(scene: Scene, *, password: str | None) -> None:
    """Add an account for each colleague; one that is there already stays as it is."""
    for colleague in COLLEAGUES:
        if hats_of(colleague.username) is None:
            add_user(
                colleague.username,
                roles=colleague.hats,
                full_name=colleague.full_name,
                email=f"{colleague.username}@harbour-commons.example",
                password=password,
                by="demonstration",
                at=scene.when(-500),
            )
