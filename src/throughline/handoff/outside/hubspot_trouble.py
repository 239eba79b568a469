"""What a person has to mend when HubSpot refuses, in words."""

from http import HTTPStatus
from typing import Final

from throughline.connectors.http import Declined, UnknownShape
from throughline.connectors.hubspot.shapes import RowError
from throughline.handoff.wanted import WaitsForPerson

SCOPES: Final = (
    "crm.objects.deals.read, crm.objects.deals.write and crm.schemas.deals.read, and the same for"
    " the type of object that communities are (crm.objects.courses…)"
)


def told(error: Declined | UnknownShape) -> WaitsForPerson:
    """Return what hinders every outcome of a call; HubSpot's own words come last."""
    if isinstance(error, UnknownShape):
        todo = "HubSpot answers in a shape we do not know: check THROUGHLINE_HUBSPOT_URL."
    elif error.status == HTTPStatus.UNAUTHORIZED:
        todo = (
            "HubSpot does not know the token: copy the app's token into THROUGHLINE_HUBSPOT_TOKEN"
            " again."
        )
    elif error.status == HTTPStatus.FORBIDDEN:
        todo = f"The token may not write in HubSpot: give its app the scopes {SCOPES}."
    else:
        todo = "HubSpot refuses what was sent: mend what it names, then apply again."
    return WaitsForPerson(f"{todo} ({error})")


def told_of_row(error: RowError) -> WaitsForPerson:
    """Return what hinders one object of a batch; the others were written."""
    return WaitsForPerson(
        f"HubSpot refuses this one: mend what it names, then apply again. ({error.message})"
    )
