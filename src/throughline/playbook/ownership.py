"""Which fields HubSpot has the last word on: the playbook names them, the settings say if it is there.

Not connected, such fields are only marked. Connected, people change them in HubSpot alone; what is
read from there is written by the reading in, which asks nobody.
"""

from collections.abc import Iterable
from typing import Final

from django.conf import settings

from throughline.kernel.errors import Refused
from throughline.playbook.model import Playbook

DEAL_TYPE: Final = "0-3"  # HubSpot's own number for the kind of record


class OwnedElsewhere(Refused):
    """A field is HubSpot's; it is changed there, at `address` where that is known."""

    def __init__(self, message: str, *, remedy: str, address: str) -> None:
        super().__init__(message, remedy=remedy)
        self.address = address


def is_hubspots(name: str, playbook: Playbook) -> bool:
    """Return whether a field, as the ledger names it ("deal.owner"), is HubSpot's."""
    return name in playbook.hubspot_owned


def is_locked(name: str, playbook: Playbook) -> bool:
    """Return whether a field can be changed in HubSpot alone: it is HubSpot's, which is connected."""
    return bool(settings.HUBSPOT_CONNECTED) and is_hubspots(name, playbook)


def deal_address(hubspot_id: str | None) -> str:
    """Return where HubSpot shows a deal; "" where the portal is not told or it is no deal of theirs.

    Source: https://knowledge.hubspot.com/records/understand-record-urls
    """
    if not (settings.HUBSPOT_PORTAL and hubspot_id):
        return ""
    portal = f"{settings.HUBSPOT_APP}/contacts/{settings.HUBSPOT_PORTAL}"
    return f"{portal}/record/{DEAL_TYPE}/{hubspot_id}"


def home_address() -> str:
    """Return where HubSpot is; "" where the portal is not told."""
    if not settings.HUBSPOT_PORTAL:
        return ""
    return f"{settings.HUBSPOT_APP}/contacts/{settings.HUBSPOT_PORTAL}"


def check_ours(changed: Iterable[str], *, playbook: Playbook, address: str) -> None:
    """Pass if none of the fields that would change is HubSpot's alone.

    Raises:
        OwnedElsewhere: one is; the remedy says where it is changed.
    """
    locked = sorted(name for name in changed if is_locked(name, playbook))
    if not locked:
        return
    words = ", ".join(name.partition(".")[2].replace("_", " ") for name in locked)
    raise OwnedElsewhere(
        f"HubSpot has the last word here: {words}.",
        remedy=f"Change it in HubSpot: {address}" if address else "Change it in HubSpot.",
        address=address,
    )
