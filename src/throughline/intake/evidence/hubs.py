"""Whether hubs answer over HTTPS, and as which version."""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings

from throughline.connectors.http import NotSendable
from throughline.connectors.hub.client import JupyterHub, connect
from throughline.delivery.models import Engagement, Evidence
from throughline.delivery.words import EvidenceKind, EvidenceState
from throughline.infrastructure.models import Hub
from throughline.intake.evidence.looks import Look, clusters_of, keep, nowhere, wanting
from throughline.kernel.errors import Permanent, Transient

Connect = Callable[[str], JupyterHub]

NOT_ASKED = "not asked: THROUGHLINE_HUB_CHECKS is off"


def hub_connections() -> Connect | None:
    """Return how hubs are asked; None where the settings say that they are not."""
    return connect if settings.HUB_CHECKS else None


def collect_hub_answers(
    engagement: Engagement, *, connect: Connect | None, by: str, at: datetime
) -> list[Evidence]:
    """Ask each hub of an engagement's clusters who it is, once, and keep what is new.

    The hubs are asked before anything is locked or written: a slow hub holds nobody up.
    """
    found = wanting(engagement, EvidenceKind.HUB_ANSWERS)
    if not found:
        return []
    looks = _looks_at_hubs(engagement, connect)
    return keep(found, EvidenceKind.HUB_ANSWERS, looks, by=by, at=at)


def _looks_at_hubs(engagement: Engagement, connect: Connect | None) -> list[Look]:
    if connect is None:
        return [Look(EvidenceState.UNAVAILABLE, NOT_ASKED)]
    clusters = clusters_of(engagement)
    if not clusters:
        return [nowhere()]
    looks = [
        _look_at_hub(hub, connect)
        for cluster in clusters
        for hub in sorted(cluster.hubs.all(), key=lambda hub: hub.name)
    ]
    names = " and ".join(cluster.name for cluster in clusters)
    return looks or [
        Look(EvidenceState.UNAVAILABLE, f"No hub is known on {names}: import its cluster file.")
    ]


def _look_at_hub(hub: Hub, connect: Connect) -> Look:
    """Return what a hub answers: time can mend what is unavailable, only people what is absent."""
    if not hub.domain:
        return Look(
            EvidenceState.UNAVAILABLE, f"{hub} has no address: add its domain to its cluster file."
        )
    link = f"https://{hub.domain}"
    try:
        with connect(hub.domain) as session:
            version = session.version().version
    except (Transient, NotSendable) as error:
        text = f"{hub.domain} could not be asked: {error}"
        return Look(EvidenceState.UNAVAILABLE, text, link)
    except Permanent as error:
        text = f"{hub.domain} answers, but not as a JupyterHub: {error}"
        return Look(EvidenceState.ABSENT, text, link)
    return Look(EvidenceState.FOUND, f"{hub.domain} answers as JupyterHub {version}.", link)
