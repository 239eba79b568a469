"""Which outside systems this installation is connected to: the one list of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from throughline.delivery.models import Engagement
from throughline.handoff.outside.airtable import connect_airtable
from throughline.handoff.outside.airtable_wanted import wanted_of_airtable
from throughline.handoff.outside.aws import connect_aws
from throughline.handoff.outside.aws_wanted import wanted_of_aws
from throughline.handoff.outside.github import connect_github, wanted_of_github
from throughline.handoff.outside.hubspot import connect_hubspot
from throughline.handoff.outside.hubspot_wanted import wanted_of_hubspot
from throughline.handoff.outside.sheets import connect_sheets
from throughline.handoff.outside.sheets_wanted import wanted_of_sheets
from throughline.handoff.systems import System
from throughline.handoff.wanted import Wanted
from throughline.playbook.model import Playbook
from throughline.sales.queries import DealFacts

WantedOf = Callable[[Engagement, DealFacts, Playbook], Iterable[Wanted]]


@dataclass(frozen=True, slots=True)
class Outside:
    """One outside system, made anew for a pass, and what must be true in it."""

    system: System
    wanted_of: WantedOf


# In the order in which they are made: what others refer to comes first.
KNOWN: tuple[tuple[Callable[[], System | None], WantedOf], ...] = (
    (connect_github, wanted_of_github),
    (connect_airtable, wanted_of_airtable),
    (connect_aws, wanted_of_aws),
    (connect_sheets, wanted_of_sheets),
    (connect_hubspot, wanted_of_hubspot),
)


def connected() -> tuple[Outside, ...]:
    """Return the systems that are configured; none is a complete installation too."""
    found = ((connect(), wanted_of) for connect, wanted_of in KNOWN)
    return tuple(Outside(system, wanted_of) for system, wanted_of in found if system is not None)
