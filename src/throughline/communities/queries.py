"""Reads of communities, their people and what is known of them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from django.db.models import Q, QuerySet

from throughline.communities.ids import ID_FORM, LONGEST_ID, ids_of, proposed_id
from throughline.communities.models import Community, Contact, FactSource, RoleAssignment
from throughline.kernel.errors import NotThere, Refused
from throughline.kernel.looking import sought
from throughline.playbook.model import Playbook, Role

__all__ = ["ID_FORM", "LONGEST_ID", "ids_of", "proposed_id"]  # asked for here by the floors above

Standing = TypeVar("Standing", Community, Contact)


def find_community(reference: str) -> Community:
    """Return the community that a person means: by id, older id, short name, or our number.

    Raises:
        NotThere: there is none.
        Refused: the name is that of several.
    """
    wanted = sought(reference)
    for way in (
        Q(community_id=wanted),
        Q(aliases__alias=wanted),
        Q(short_name__iexact=wanted),
        Q(pk=int(wanted)) if wanted.isascii() and wanted.isdigit() else Q(pk=None),
        Q(sources__field="short_name", sources__value__iexact=wanted),
    ):
        found = list(Community.objects.filter(way).distinct().order_by("merged_into", "pk")[:3])
        standing = [one for one in found if one.merged_into_id is None]
        if len(standing) > 1:
            raise Refused(f"{wanted!r} may mean several communities.", remedy="Use the number.")
        if found:
            return (standing or [survivor_of(found[0])])[0]
    raise NotThere(
        f"There is no community {wanted!r}.",
        remedy="Give its id, short name or number: `throughline community list`.",
    )


def survivor_of(thing: Standing) -> Standing:
    """Return the community or contact into which one was merged, at last; else itself."""
    while thing.merged_into is not None:
        thing = thing.merged_into
    return thing


def find_contact(reference: str) -> Contact:
    """Return the person that somebody means: by e-mail, GitHub id, full name or our number.

    Raises:
        NotThere: there is none.
        Refused: the name is that of several.
    """
    wanted = sought(reference)
    ways = Q(email=wanted.lower()) | Q(github_id__iexact=wanted.lstrip("@"))
    ways |= Q(full_name__iexact=wanted)
    if wanted.isascii() and wanted.isdigit():
        ways |= Q(pk=int(wanted))
    found = {survivor_of(one).pk: survivor_of(one) for one in Contact.objects.filter(ways)[:5]}
    if not found or not wanted:
        raise NotThere(f"Nobody goes by {wanted!r}.", remedy="Give an e-mail or a GitHub id.")
    if len(found) > 1:
        raise Refused(f"{wanted!r} may mean several people.", remedy="Use the e-mail.")
    return next(iter(found.values()))


def roles_by_subject(subjects: Iterable[str], *, on: date) -> dict[str, list[RoleAssignment]]:
    """Return the roles that hold on a day, by subject; one query."""
    found: dict[str, list[RoleAssignment]] = defaultdict(list)
    holding = roles_holding(on).filter(subject__in=list(subjects))
    for assignment in holding.select_related("contact").order_by("role", "pk"):
        found[assignment.subject].append(assignment)
    return found


def roles_holding(on: date) -> QuerySet[RoleAssignment]:
    """Return the roles that hold on a day."""
    return RoleAssignment.objects.filter(Q(to_on__isnull=True) | Q(to_on__gt=on), from_on__lte=on)


@dataclass(frozen=True, slots=True)
class Cell:
    """What one person is in one role: "held", "past", "future" or "" for never."""

    state: str = ""
    from_on: date | None = None
    to_on: date | None = None  # first day on which it no longer holds


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One person and a cell for every role."""

    contact: Contact
    cells: tuple[Cell, ...]

    @property
    def is_past(self) -> bool:
        return all(cell.state in {"", "past"} for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Matrix:
    """Who was what for one deal on a day; a required role that nobody has is a gap."""

    roles: tuple[Role, ...]
    rows: tuple[MatrixRow, ...]
    gaps: tuple[Role, ...]


def people_matrix(subject: str, *, on: date, playbook: Playbook) -> Matrix:
    """Return everybody who ever was something for a deal, as of a day; one query."""
    people: dict[int, Contact] = {}
    cells: dict[tuple[int, str], Cell] = {}
    everybody = RoleAssignment.objects.filter(subject=subject).select_related("contact")
    for one in everybody.order_by("from_on", "pk"):
        people[one.contact.pk] = one.contact
        place, cell = (one.contact.pk, one.role), _cell(one, on)
        if cells.get(place, Cell()).state != "held":
            cells[place] = cell
    roles = playbook.engagement_roles
    filled = {role for (_person, role), cell in cells.items() if cell.state == "held"}
    rows = [
        MatrixRow(contact, tuple(cells.get((pk, role.code), Cell()) for role in roles))
        for pk, contact in people.items()
    ]
    return Matrix(
        roles=roles,
        rows=tuple(sorted(rows, key=lambda row: (row.is_past, row.contact.full_name))),
        gaps=tuple(role for role in roles if role.required and role.code not in filled),
    )


def _cell(assignment: RoleAssignment, on: date) -> Cell:
    if assignment.to_on == assignment.from_on:  # ended before it began
        return Cell()
    if assignment.from_on > on:
        state = "future"
    else:
        state = "past" if assignment.to_on is not None and assignment.to_on <= on else "held"
    return Cell(state, assignment.from_on, assignment.to_on)


def missing_fields(community: Community, *, wanted: Iterable[str]) -> tuple[str, ...]:
    """Return which fields of the record are still empty; "unknown, because …" fills the cloud."""
    return tuple(
        name
        for name in wanted
        if not getattr(community, name)
        and not (name == "cloud" and community.cloud_unknown_because)
    )


# What the phases of a new hub cannot do without. Source: requirements S3; the guides for new hubs.
PHASES = (
    (1, ("community_id", "cloud")),
    (2, ("long_name", "website", "logo_url", "github_org")),
    (3, ("repositories", "data_location")),
)
DEFAULT_REGION = "us-west-2"  # where nobody said otherwise: a default, never an answer


def missing_for_phases(community: Community) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """Return for each phase of a new hub which fields it still lacks."""
    return tuple((phase, missing_fields(community, wanted=wanted)) for phase, wanted in PHASES)


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a field's value came from, and how long ago."""

    source: FactSource
    age_days: int


def as_text(value: object) -> str:
    """Return a field as its source keeps it: several values are one a line."""
    return "\n".join(value) if isinstance(value, list) else str(value or "")


def provenance_of(community: Community, *, at: datetime) -> dict[str, Provenance]:
    """Return the latest source of each field that still holds the value it names; one query."""
    return {
        one.field: Provenance(one, (at - one.at).days)
        for one in community.sources.order_by("at", "pk")
        if one.value == as_text(getattr(community, one.field))
    }


def history_of_field(community: Community, field: str) -> list[FactSource]:
    """Return what a field has held, the latest first."""
    return list(community.sources.filter(field=field).order_by("-at", "-pk"))
