"""The fields of a community's record, each with who said it and how sure we are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import IntegrityError, transaction

from throughline.communities.actions.ids import standing_community
from throughline.communities.addresses import github_name
from throughline.communities.models import Community, FactSource
from throughline.communities.queries import as_text
from throughline.communities.words import Sureness
from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.playbook.model import Playbook
from throughline.playbook.ownership import check_ours, home_address

FIELDS = ("short_name", "long_name", "website", "github_org", "repositories", "logo_url", "cloud",
          "cloud_unknown_because", "region", "data_location")  # fmt: skip

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """Where facts come from and how sure they are; `again`: what stays as it is was said anew."""

    source: str = ""
    sureness: Sureness = Sureness.SAID
    again: bool = False


UNSAID: Final = Said()


@dataclass(frozen=True, slots=True)
class Clash:
    """A field that somebody else saved since, with what stands there and what was to be saved."""

    field: str
    theirs: str
    yours: str


class Conflict(Refused):
    """Somebody saved the same record in the meantime; each field that differs has both values."""

    def __init__(
        self, what: str, clashes: tuple[Clash, ...], *, version: int | None = None
    ) -> None:
        pairs = "; ".join(
            f"{one.field}: now {one.theirs!r}, yours {one.yours!r}" for one in clashes
        )
        super().__init__(
            f"{what} was changed by somebody else in the meantime ({pairs}).",
            remedy="Look at both values and save again what should hold"
            + (f" (version {version})." if version is not None else "."),
        )
        self.clashes = clashes
        self.version = version


def check_version(thing: Any, version: int | None, wanted: Facts, *, what: str) -> None:
    """Pass if nobody saved since a version, or if what they saved is what is wanted.

    Raises:
        Conflict: they saved something else.
    """
    if version is None or version == thing.version:
        return
    clashes = tuple(
        Clash(name, as_text(getattr(thing, name)), as_text(value))
        for name, value in wanted.items()
        if getattr(thing, name) != value
    )
    if clashes:
        raise Conflict(what, clashes, version=thing.version)


@transaction.atomic
def describe_community(
    pk: int,
    *,
    facts: Facts,
    by: str,
    at: datetime,
    said: Said = UNSAID,
    version: int | None = None,
    playbook: Playbook | None = None,
) -> Community:
    """Fill in the record: any of `FIELDS`; what is not named stays.

    `version` is that of the record which the writer saw. `playbook` says which fields are changed
    in HubSpot alone; without it, whoever writes may write them all, as the reading in does.

    Raises:
        Conflict: somebody else saved something different since that version.
        OwnedElsewhere: it would change what is changed in HubSpot alone.
        Refused: a field is unknown or unfit.
    """
    community = standing_community(pk)
    wanted = checked_facts(community, facts)
    check_version(community, version, wanted, what=str(community))
    before = {name: getattr(community, name) for name in wanted}
    changed = {name: value for name, value in wanted.items() if before[name] != value}
    if changed and playbook is not None:
        names = [f"community.{name}" for name in changed]
        check_ours(names, playbook=playbook, address=home_address())
    if changed:
        _save(community, changed)
        record(
            "communities.community.described",
            community,
            by=by,
            at=at,
            before={name: before[name] for name in changed},
            after=changed,
        )
    said_again = [name for name in wanted if said.again and name not in changed and before[name]]
    if said_again:
        record("communities.fact.confirmed", community, by=by, at=at, fields=said_again)
    _note(community, [*changed, *said_again], said, by, at)
    return community


def _save(community: Community, changed: Facts) -> None:
    if "short_name" in changed:
        keep_name(community)
    for name, value in changed.items():
        setattr(community, name, value)
    community.version += 1
    try:
        with transaction.atomic():  # another one may have taken the name since we looked
            community.save(update_fields=[*changed, "version"])
    except IntegrityError as error:
        raise _name_taken(community.short_name) from error


def keep_name(community: Community) -> None:
    """Keep the name that a community has had, so that it is still found by it."""
    FactSource.objects.get_or_create(
        community=community,
        field="short_name",
        value=community.short_name,
        defaults={"sureness": Sureness.SAID, "at": community.created_at},
    )


def _note(community: Community, names: list[str], said: Said, by: str, at: datetime) -> None:
    FactSource.objects.bulk_create(
        FactSource(
            community=community,
            field=name,
            value=as_text(getattr(community, name)),
            source=said.source.strip(),
            sureness=said.sureness,
            by=by,
            at=at,
        )
        for name in names
    )


def checked_facts(community: Community, facts: Facts) -> dict[str, Any]:
    """Return the facts in the form in which they are kept.

    Raises:
        Refused: a field is unknown, or holds what it cannot.
    """
    if unknown := sorted(set(facts) - set(FIELDS)):
        raise Refused(
            f"A community has no field {', '.join(unknown)}.", remedy=f"Use: {', '.join(FIELDS)}."
        )
    wanted = {name: _typed(name, value) for name, value in facts.items()}
    for name, check in CHECKS.items():
        if wanted.get(name):
            wanted[name] = check(name, wanted[name])
    if "short_name" in wanted:
        _check_name(community, wanted["short_name"])
    return wanted | _one_of_cloud(wanted)


def _typed(name: str, value: Any) -> Any:
    if name == "repositories":
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return [one.strip() for one in value if one.strip()]
        raise Refused(f"{name} is a list of addresses.", remedy='Write ["https://…"].')
    longest = getattr(Community._meta.get_field(name), "max_length", 0)
    if not isinstance(value, str) or len(value) > longest:
        raise Refused(f"{name} is a text of up to {longest} letters.", remedy="Shorten it.")
    return value.strip()


def _one_of_cloud(wanted: dict[str, Any]) -> dict[str, str]:
    """Return what the cloud and the reason for not knowing it do to each other.

    Raises:
        Refused: both are given.
    """
    cloud, because = wanted.get("cloud"), wanted.get("cloud_unknown_because")
    if cloud and because:
        raise Refused(
            "The cloud is known and unknown at once.",
            remedy="Give either cloud or cloud_unknown_because.",
        )
    if cloud:
        return {"cloud_unknown_because": ""}
    return {"cloud": ""} if because else {}


def _check_name(community: Community, name: str) -> None:
    if not name:
        raise Refused("A community needs a short name.", remedy="Give about one word.")
    others = Community.objects.filter(short_name__iexact=name).exclude(pk=community.pk)
    if others.filter(merged_into__isnull=True).exists():
        raise _name_taken(name)


def _name_taken(name: str) -> Refused:
    return Refused(
        f"Another community is called {name!r}.",
        remedy="Choose another name, or merge the two if they are one.",
    )


def _address(name: str, address: str, schemes: tuple[str, ...] = ("http", "https")) -> str:
    try:
        URLValidator(schemes=list(schemes))(address)
    except ValidationError as error:
        raise Refused(
            f"{name}: {address!r} is not a web address.", remedy="Write it with https:// in front."
        ) from error
    return address


def _addresses(name: str, addresses: list[str]) -> list[str]:
    return [_address(name, one) for one in addresses]


def _picture(name: str, address: str) -> str:
    """Return the address of a picture: browsers load it into our pages, so only by https."""
    return _address(name, address, ("https",))


def _github_name(name: str, value: str) -> str:
    return github_name(value, what=name)


CHECKS: Final[dict[str, Callable[[str, Any], Any]]] = {
    "website": _address,
    "logo_url": _picture,
    "repositories": _addresses,
    "github_org": _github_name,
}
