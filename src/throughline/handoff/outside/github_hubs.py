"""The tables of a new hub's issue: what each phase needs, filled from the records, never typed."""

from collections.abc import Iterator
from typing import Any

from throughline.communities.models import Community
from throughline.communities.queries import DEFAULT_REGION, PHASES, missing_for_phases
from throughline.handoff.outside.github_texts import neutral, table
from throughline.infrastructure.words import Payer
from throughline.playbook.model import Playbook
from throughline.sales.queries import DealFacts

LABELS = {
    "community_id": "Community id", "cloud": "Cloud", "long_name": "Full name",
    "website": "Website", "logo_url": "Logo", "github_org": "GitHub organisation",
    "repositories": "Repositories", "data_location": "Where the data are",
}  # fmt: skip
MISSING = "_missing_"


def phase_tables(facts: DealFacts, playbook: Playbook) -> Iterator[str]:
    """Yield a heading and a table for each phase. Of people it tells how many, never who."""
    community = facts.deal.community
    if community is None:
        yield "No community is named yet: the tables of the phases wait for it."
        return
    lacking = dict(missing_for_phases(community))
    for phase, fields in PHASES:
        rows = [(LABELS[name], _value(community, name)) for name in fields]
        if phase == 1:
            rows += [("Region", _region(community)), ("Who pays the cloud", _payer(facts)),
                     *_people(facts, playbook)]  # fmt: skip
        yield f"### Phase {phase}: {_readiness(lacking[phase])}"
        yield table(("What", "Known"), rows)


def _readiness(lacking: tuple[str, ...]) -> str:
    if not lacking:
        return "ready"
    return "waits for " + ", ".join(LABELS[name].lower() for name in lacking)


def _value(community: Community, name: str) -> str:
    value: Any = getattr(community, name)
    if name == "cloud" and not value and community.cloud_unknown_because:
        return "unknown, and the record says why"  # the reason is between us
    if isinstance(value, list):
        value = ", ".join(value)
    return neutral(value) if value else MISSING


def _region(community: Community) -> str:
    return neutral(community.region) if community.region else f"{DEFAULT_REGION} (nobody said)"


def _payer(facts: DealFacts) -> str:
    if facts.agreement is None:
        return MISSING
    payers = {Payer(one.payer).label for one in facts.agreement.payers.all() if not one.to_on}
    return ", ".join(sorted(payers)) or MISSING


def _people(facts: DealFacts, playbook: Playbook) -> Iterator[tuple[str, str]]:
    """Yield the required roles of the community's people, and how many hold them."""
    for role in playbook.engagement_roles:
        held = sum(one.role == role.code for one in facts.roles)
        if role.required or held:
            yield neutral(role.name), f"{held} named" if held else MISSING
