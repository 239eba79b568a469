"""Whether the budget alerts of clusters are armed, as their files say."""

from datetime import datetime

from throughline.delivery.models import Engagement, Evidence
from throughline.delivery.words import EvidenceKind, EvidenceState
from throughline.infrastructure.models import Cluster
from throughline.intake.evidence.looks import Look, clusters_of, keep, nowhere, wanting


def collect_alerts(engagement: Engagement, *, by: str, at: datetime) -> list[Evidence]:
    """Look whether the budget alerts of an engagement's clusters are armed; keep what is new."""
    found = wanting(engagement, EvidenceKind.BUDGET_ARMED)
    if not found:
        return []
    looks = [_look_at_alert(cluster) for cluster in clusters_of(engagement)] or [nowhere()]
    return keep(found, EvidenceKind.BUDGET_ARMED, looks, by=by, at=at)


def _look_at_alert(cluster: Cluster) -> Look:
    account = cluster.account or "an unknown account"
    match cluster.budget_alert:
        case True:
            text = f"The budget alert of {cluster} ({account}) is armed."
            return Look(EvidenceState.FOUND, text)
        case False:
            text = f"The budget alert of {cluster} ({account}) is switched off: switch it on."
            return Look(EvidenceState.ABSENT, text)
        case _:
            text = (
                f"Nothing says whether the budget alert of {cluster} ({account}) is armed: "
                "import its Terraform variables."
            )
            return Look(EvidenceState.UNAVAILABLE, text)
