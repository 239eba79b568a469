"""Looking for facts that show a deliverable is done: in hubs, workbook, cluster files, GitHub, Prometheus.

A look that cannot be made is *unavailable*: that is not the same as *absent*.
"""

from throughline.intake.evidence.alerts import collect_alerts
from throughline.intake.evidence.columns import collect_columns
from throughline.intake.evidence.hubs import NOT_ASKED, collect_hub_answers, hub_connections
from throughline.intake.evidence.issues import collect_issues
from throughline.intake.evidence.ladder import collect_ladder
from throughline.intake.evidence.looking import (
    Eyes,
    collect_evidence,
    eyes_from_settings,
    look_at_due_evidence,
    look_for_evidence,
)
from throughline.intake.evidence.looks import NO_CLUSTER, Look
from throughline.intake.evidence.people import collect_people, read_activity

__all__ = [
    "NOT_ASKED",
    "NO_CLUSTER",
    "Eyes",
    "Look",
    "collect_alerts",
    "collect_columns",
    "collect_evidence",
    "collect_hub_answers",
    "collect_issues",
    "collect_ladder",
    "collect_people",
    "eyes_from_settings",
    "hub_connections",
    "look_at_due_evidence",
    "look_for_evidence",
    "read_activity",
]
