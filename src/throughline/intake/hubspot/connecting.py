"""HubSpot as the settings name it."""

from django.conf import settings

from throughline.connectors.hubspot.client import connect
from throughline.intake.hubspot.actions.reading import Source
from throughline.kernel.errors import Refused
from throughline.playbook.model import Playbook

NO_COMMUNITIES = "none"


def source_from_settings(playbook: Playbook) -> Source:
    """Return the account that the settings name; close its session after use.

    Raises:
        Refused: they name none.
        NotSendable: its address is none.
    """
    if not settings.HUBSPOT_CONNECTED:
        raise Refused(
            "HubSpot is not connected.",
            remedy="Set THROUGHLINE_HUBSPOT_TOKEN to the token of a private app, or take in its"
            " export: throughline import deals FILE.csv.",
        )
    hubspot = connect(
        settings.HUBSPOT_TOKEN,
        base_url=settings.HUBSPOT_URL,
        version=settings.HUBSPOT_API_VERSION,
    )
    named = settings.HUBSPOT_COMMUNITY_OBJECT
    kind = "" if named == NO_COMMUNITIES else named
    return Source(hubspot, kind, playbook, settings.HUBSPOT_GITHUB_PROPERTY)
