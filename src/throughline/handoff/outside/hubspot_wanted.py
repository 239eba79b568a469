"""What must be true in HubSpot of an engagement: its deal's stage and our fields, its community."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.conf import settings

from throughline.communities.models import Community
from throughline.connectors.hubspot.values import write_instant
from throughline.delivery.models import Deliverable, Engagement
from throughline.delivery.words import DeliverableState, Health
from throughline.handoff.models import Outcome
from throughline.handoff.outside.hubspot_fields import COMMUNITY_FIELDS, DEAL_FIELDS
from throughline.handoff.wanted import Seen
from throughline.playbook.model import Playbook
from throughline.sales.models import Deal
from throughline.sales.queries import DealFacts

NAME: Final = "hubspot"
STAGE, DEAL, COMMUNITY, LINK = "stage", "deal", "community", "community-link"
NO_COMMUNITIES: Final = "none"
ACCEPTED: Final = {
    Health.ON_TRACK: "In delivery",
    Health.AT_RISK: "In delivery, at risk",
    Health.OFF_TRACK: "In delivery, off track",
}


@dataclass(frozen=True, slots=True)
class InHubSpot:
    """Something about one deal there."""

    key: str
    summary: str
    wanted: Seen
    deal: str  # HubSpot's id
    stage: str = ""  # of ours, by code
    last_read: str = ""  # the stage of ours that HubSpot had when it was last read
    community: str = ""  # its short name
    alike: frozenset[str] = field(default_factory=frozenset)  # names and ids that mean the same
    known: str = ""  # the id of its record there, the last time
    system: str = NAME
    audience: str = "staff"

    def waits_for(self) -> str:
        return ""


def kind_of(key: str) -> str:
    """Return what an outcome is about: "stage", "deal", "community" or "community-link"."""
    return key.partition(":")[0].removeprefix(f"{NAME}.")


def wanted_of_hubspot(
    engagement: Engagement, facts: DealFacts, playbook: Playbook
) -> Iterator[InHubSpot]:
    """Yield what HubSpot must say of an engagement; nothing, if its deal is not there.

    Every field here is ours alone, but for the stage: people move it on both sides, and the gates
    decide. Three queries.
    """
    deal, number = facts.deal, engagement.number
    if deal.hubspot_id is None or deal.deleted_at is not None:
        return
    if (stage := stage_in_hubspot(deal, playbook)) is not None:
        yield stage
    yield InHubSpot(
        f"{NAME}.{DEAL}:{number}", f"HubSpot fields of “{deal.name}”",
        _told(DEAL_FIELDS, _delivery(engagement)), deal.hubspot_id,
    )  # fmt: skip
    if deal.community is not None and settings.HUBSPOT_COMMUNITY_OBJECT != NO_COMMUNITIES:
        yield from _community(deal.community, engagement, deal.hubspot_id)


def stage_in_hubspot(deal: Deal, playbook: Playbook) -> InHubSpot | None:
    """Return the stage that HubSpot must say of a deal; None where it stands nowhere, here or there."""
    if not (deal.stage and deal.hubspot_id):
        return None
    name, there = playbook.stage(deal.stage).name, playbook.stage_named(deal.stage_elsewhere)
    return InHubSpot(
        f"{NAME}.{STAGE}:{deal.pk}", f"HubSpot stage {name}", {"Stage": name},
        deal.hubspot_id, stage=deal.stage, last_read=there.code if there else "",
    )  # fmt: skip


def _community(community: Community, engagement: Engagement, deal: str) -> Iterator[InHubSpot]:
    number, name = engagement.number, community.short_name
    key = f"{NAME}.{COMMUNITY}:{number}"
    row = Outcome.objects.filter(key=key, receipt__isnull=False).first()
    common: dict[str, Any] = {
        "deal": deal,
        "community": name,
        "alike": frozenset(
            one.casefold() for one in (name, community.long_name, community.community_id) if one
        ),
        "known": str((row.receipt or {}).get("id", "")) if row else "",
    }
    told = {
        "Throughline page": f"{settings.BASE_URL}/communities/{community.pk}/",
        "community_id": community.community_id,
        "Long name": community.long_name,
        "Website": community.website,
        "GitHub organisation": community.github_org,
        "Cloud": community.cloud,
        "Region": community.region,
        "Where the data are": community.data_location,
    }
    yield InHubSpot(key, f"HubSpot community “{name}”", _told(COMMUNITY_FIELDS, told), **common)
    yield InHubSpot(
        f"{NAME}.{LINK}:{number}",
        f"HubSpot deal belongs to “{name}”",
        {"Community": name},
        **common,
    )


def _told(fields: Any, values: dict[str, str | None]) -> Seen:
    """Return values as HubSpot gives them back: on one line, and what is empty is not there."""
    return {one.label: " ".join((values[one.label] or "").split()) or None for one in fields}


def _delivery(engagement: Engagement) -> dict[str, str | None]:
    verified_at = _verified_at(engagement)
    return {
        "Engagement": f"{settings.BASE_URL}/engagements/{engagement.number}/",
        "Delivery state": "Verified" if verified_at else _state(engagement),
        "Accepted by": engagement.accepted_by,
        "Verified at": write_instant(verified_at),
    }


def _state(engagement: Engagement) -> str:
    if engagement.accepted_at is not None:
        return ACCEPTED[Health(engagement.health)]
    if engagement.returns.filter(answered_at=None).exists():
        return "Returned to BD"
    return "Waits for PS"


def _verified_at(engagement: Engagement) -> datetime | None:
    """Return when the last deliverable was verified; None while one is not, or there is none."""
    rows = Deliverable.objects.filter(project__engagement=engagement)
    found = list(rows.values_list("state", "verdict_at"))
    if {state for state, _at in found} != {DeliverableState.VERIFIED}:
        return None
    return max((at for _state, at in found if at is not None), default=None)
