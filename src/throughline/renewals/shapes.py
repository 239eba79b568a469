"""Renewals and findings as JSON: the command line and the REST API say the same."""

from typing import Any

from throughline.renewals.queries import Renewal
from throughline.renewals.reconcile import Finding
from throughline.sales.shapes import iso


def renewal_shape(renewal: Renewal) -> dict[str, Any]:
    """Return where an engagement stands towards its end, with its ladder. Source: design §12."""
    deal = renewal.standing.deal
    return {
        "engagement": renewal.standing.engagement.number,
        "deal": deal.reference,
        "end_on": iso(deal.end_on),
        "state": renewal.state.value,
        "notices": [
            {
                "step": line.step,
                "due_on": iso(line.due_on),
                "state": line.state.value,
                "sent_at": iso(line.sent_at),
                "to": ", ".join(line.to),
            }
            for line in renewal.notices
        ],
    }


def finding_shape(finding: Finding) -> dict[str, Any]:
    """Return one difference between agreements and infrastructure. Source: design §12."""
    return {
        "code": finding.code,
        "cluster": finding.cluster,
        "deal_id": finding.deal_id,
        "message": finding.message,
        "remedy": finding.remedy,
    }
