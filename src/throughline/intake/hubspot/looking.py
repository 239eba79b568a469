"""Whether HubSpot can be read, in words: its token, what the token may do, stages, last reading."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from throughline.connectors.http import Declined, NotFound
from throughline.connectors.hubspot.names import COMPANIES, CONTACTS, DEALS, ORDERS
from throughline.handoff.outside.hubspot_fields import COMMUNITY_FIELDS, DEAL_FIELDS, unfit
from throughline.handoff.words import OutcomeState
from throughline.intake.hubspot.actions.merges import open_merges
from throughline.intake.hubspot.actions.reading import Source
from throughline.intake.hubspot.actions.telling_stages import open_stages
from throughline.intake.models import (
    HubSpotField,
    HubSpotLabel,
    HubSpotOrder,
    HubSpotReading,
    HubSpotStage,
    ReadingKind,
)
from throughline.kernel.errors import Permanent, Transient

NO_TOKEN, NO_SCOPE = 401, 403
READ_WITHIN = timedelta(days=1)
SCOPE_NAMES = {"0-410": "courses", "0-970": "projects", "0-162": "services"}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that hinders the reading, and what to do."""

    message: str
    remedy: str


def findings(source: Source, *, at: datetime) -> list[Finding]:
    """Return all that hinders reading and writing HubSpot; nothing, where all is well."""
    found = list(_calls(source)) or [*_accounts(source), *_writing(source)]
    return [*found, *_stages(), *_labels(), *_fields(), *_waiting(at), *_readings(at)]


def _calls(source: Source) -> Iterator[Finding]:
    """Yield what is wrong with each call that a reading makes; a wrong token ends the looking."""
    hubspot = source.hubspot
    kind = source.community_type
    calls: list[tuple[str, str, Callable[[], object]]] = [
        ("pipelines", "crm.objects.deals.read", lambda: hubspot.pipelines(DEALS)),
        ("properties", "crm.schemas.deals.read", lambda: hubspot.properties(DEALS)),
        ("owners", "crm.objects.owners.read", hubspot.owners),
        (
            "companies",
            "crm.objects.companies.read",
            lambda: hubspot.page(COMPANIES, properties=[], limit=1),
        ),
        (
            "contacts",
            "crm.objects.contacts.read",
            lambda: hubspot.page(CONTACTS, properties=[], limit=1),
        ),
        ("orders", "crm.objects.orders.read", lambda: hubspot.page(ORDERS, properties=[], limit=1)),
    ]
    if kind:
        scope = f"crm.objects.{SCOPE_NAMES.get(kind, 'custom')}.read"
        calls.append(("communities", scope, lambda: hubspot.page(kind, properties=[], limit=1)))
    for what, scope, call in calls:
        finding = _tried(what, scope, call)
        if finding is not None:
            yield finding[0]
            if finding[1]:
                return


def _accounts(source: Source) -> Iterator[Finding]:
    """Yield that the property of contacts that should hold their GitHub id is not there."""
    name = source.github_property
    if not name:
        return
    try:
        there = {one.name for one in source.hubspot.properties(CONTACTS)}
    except Declined as error:
        yield _declined("the properties of contacts", "crm.schemas.contacts.read", error)
        return
    if name not in there:
        yield Finding(
            f"Contacts have no property {name!r}, so that nobody's GitHub id is read.",
            "Write its internal name into THROUGHLINE_HUBSPOT_GITHUB_PROPERTY.",
        )


def _writing(source: Source) -> Iterator[Finding]:
    """Yield which of our properties a handoff cannot write, where it may write at all."""
    kind = source.community_type
    of = ((DEALS, "deals", DEAL_FIELDS), (kind, "communities", COMMUNITY_FIELDS))
    for type_id, called, fields in of if settings.HUBSPOT_WRITE else ():
        if not type_id:
            continue
        try:
            remedy = unfit(fields, source.hubspot.properties(type_id), called)
        except Declined as error:
            scope = f"crm.schemas.{SCOPE_NAMES.get(type_id, 'custom')}.read"
            yield _declined(f"the properties of {called}", scope, error)
            continue
        if remedy:
            yield Finding(f"Handoffs cannot write all that they should of {called}.", remedy)


def _tried(what: str, scope: str, call: Callable[[], object]) -> tuple[Finding, bool] | None:
    """Return what is wrong with one call, and whether all others would fail by it."""
    try:
        call()
    except Transient as error:
        wait = f" in {error.retry_after_s:.0f} s" if error.retry_after_s else " later"
        return Finding(f"HubSpot asks to wait, or is down: {error}", f"Try again{wait}."), True
    except (NotFound, Declined) as error:
        return _declined(what, scope, error), error.status == NO_TOKEN
    except Permanent as error:
        return Finding(f"{what} cannot be read: {error}", "Check THROUGHLINE_HUBSPOT_URL."), True
    return None


def _declined(what: str, scope: str, error: Declined) -> Finding:
    if error.status == NO_TOKEN:
        return Finding(
            "HubSpot does not know the token.",
            "Copy the private app's token into THROUGHLINE_HUBSPOT_TOKEN again.",
        )
    if error.status == NO_SCOPE:
        return Finding(
            f"The token may not read {what}.", f"Add the scope {scope} to the private app."
        )
    return Finding(
        f"HubSpot refuses to tell {what}: {error}",
        "Check THROUGHLINE_HUBSPOT_API_VERSION and THROUGHLINE_HUBSPOT_COMMUNITY_OBJECT.",
    )


def _stages() -> Iterator[Finding]:
    unmapped = [str(row) for row in HubSpotStage.objects.filter(code="", gone_at=None)]
    if unmapped:
        yield Finding(
            f"Nobody has said what these stages of HubSpot stand for: {', '.join(unmapped)}.",
            "Say it: throughline hubspot map ID STAGE.",
        )


def _labels() -> Iterator[Finding]:
    unmapped = HubSpotLabel.objects.filter(code="", chosen_by="", gone_at=None)
    if named := [str(row) for row in unmapped]:
        yield Finding(
            f"Nobody has said which roles these labels of contacts stand for: {', '.join(named)}.",
            "Say it: throughline hubspot map-label ID ROLE, or none.",
        )


def _fields() -> Iterator[Finding]:
    """Yield what fills nothing any more, and the term of deals, if nothing tells it."""
    rows = list(HubSpotField.objects.exclude(column=""))
    if gone := [str(row) for row in rows if row.gone_at is not None]:
        yield Finding(
            f"HubSpot has these mapped properties no longer: {', '.join(gone)}.",
            "Map what came in their place: throughline hubspot map-field NAME FIELD.",
        )
    filled = {row.column for row in rows if row.gone_at is None}
    was_read = HubSpotReading.objects.filter(finished_at__isnull=False).exists()
    if was_read and not filled & {"contract_end_date", "target_end_date"}:
        yield Finding(
            "No property of deals tells when they end, so nobody is told before they do.",
            "Map one: throughline hubspot map-field NAME contract_end_date.",
        )


def _waiting(at: datetime) -> Iterator[Finding]:
    """Yield what waits for a person: orders that were refused, untold stages, merged deals."""
    refused = HubSpotOrder.objects.filter(taken_at=None, gone_at=None).exclude(refusal="").count()
    if refused:
        yield Finding(f"{refused} orders in HubSpot wait.", "See why: throughline hubspot orders.")
    untold = open_stages().filter(state=OutcomeState.WAITING).count()
    if untold:
        yield Finding(
            f"{untold} stages could not be told to HubSpot.", "See why: throughline hubspot tell."
        )
    if merges := open_merges(on=at.date()).count():
        yield Finding(
            f"{merges} merges of deals that are both delivered wait.",
            "Settle them: throughline hubspot merges.",
        )


def _readings(at: datetime) -> Iterator[Finding]:
    last = HubSpotReading.objects.filter(kind=ReadingKind.ALL, finished_at__isnull=False).first()
    if last is None:
        yield Finding("HubSpot was never read in full.", "Read it: throughline hubspot read.")
    elif at - last.started_at > READ_WITHIN:
        yield Finding(
            f"HubSpot was last read in full on {last.started_at:%Y-%m-%d}: merged and deleted deals"
            " of later are not known.",
            "Read it daily: throughline hubspot read.",
        )
