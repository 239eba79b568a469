"""Whether the accounts of an engagement are watched: by receipts, by checks, by Terraform's files."""

from datetime import datetime

from throughline.budgets.models import Arming
from throughline.delivery.models import Engagement, Evidence
from throughline.delivery.words import EvidenceKind, EvidenceState
from throughline.infrastructure.models import Cluster
from throughline.intake.evidence.looks import Look, clusters_of, keep, nowhere, wanting


def collect_alerts(engagement: Engagement, *, by: str, at: datetime) -> list[Evidence]:
    """Look whether the accounts of an engagement's clusters are watched; keep what is new."""
    found = wanting(engagement, EvidenceKind.BUDGET_ARMED)
    if not found:
        return []
    armings: dict[int, list[Arming]] = {}
    for one in Arming.objects.filter(engagement=engagement).order_by("way", "name"):
        armings.setdefault(one.account_id, []).append(one)
    looks = [
        _look(cluster, armings.get(cluster.account_id or 0, [])) for cluster in clusters_of(engagement)
    ] or [nowhere()]  # fmt: skip
    return keep(found, EvidenceKind.BUDGET_ARMED, looks, by=by, at=at)


def _look(cluster: Cluster, armings: list[Arming]) -> Look:
    """Return what is known of one cluster's account: a receipt beats what a file says."""
    if standing := [one for one in armings if one.is_armed]:
        how = ", ".join(f"{one.name} ({one.get_way_display()})" for one in standing)
        text = f"{cluster.account} of {cluster} is watched: {how}."
        return Look(EvidenceState.FOUND, text)
    if armings and not cluster.budget_alert:
        gone = ", ".join(one.name for one in armings)
        text = f"{cluster.account} of {cluster} is not watched any more: {gone}. Apply the handoff."
        return Look(EvidenceState.ABSENT, text)
    return _look_at_file(cluster)


def _look_at_file(cluster: Cluster) -> Look:
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
                "apply the handoff, or import its Terraform variables."
            )
            return Look(EvidenceState.UNAVAILABLE, text)
