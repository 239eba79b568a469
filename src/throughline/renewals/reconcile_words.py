"""What findings are called, what they mean, and what a person does about them."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of difference between agreements and what runs."""

    title: str
    meaning: str
    remedy: str


# By code, the ones that cost money first.
KINDS: Final[dict[str, Kind]] = {
    "deal_lost": Kind(
        "Hub of a lost deal",
        "The deal was lost, and its hub still runs.",
        "Plan its offboarding at once: hub, cluster, account. Where another deal pays now, name"
        " that one in the cluster's file.",
    ),
    "agreement_lapsed": Kind(
        "Hub without agreement",
        "The agreement has ended, and its hub still runs.",
        "Renew, extend or end it; where a new deal took over, name it in the cluster's file.",
    ),
    "deal_not_won": Kind(
        "Hub before the agreement",
        "A hub runs for a deal that is still open and has no order.",
        "Have the agreement signed, or place the order with an early-start waiver; otherwise take"
        " the hub down.",
    ),
    "deal_missing": Kind(
        "No deal named",
        "Nobody can tell which agreement pays for this cluster.",
        "Name the deal in the cluster's file, under metadata, 2i2c, hubspot_deal_id.",
    ),
    "deal_unknown": Kind(
        "Unknown deal",
        "The cluster's file names a deal that is not here.",
        "Correct the number in the file, or import the deal.",
    ),
    "agreement_without_cluster": Kind(
        "Agreement without cluster",
        "The deal sells a hub, and no cluster's file names it.",
        "Name the deal in the cluster's file, or say that the deal needs no hub.",
    ),
    "agreement_without_hub": Kind(
        "Agreement without hub",
        "The deal sells a hub, its cluster is there, and no hub runs on it.",
        "Add the hub to the cluster's file, or end the agreement.",
    ),
    "payer_mismatch": Kind(
        "Who pays differs",
        "Agreement and file, or two agreements, name different payers.",
        "The agreement decides: correct the cluster's file, or amend the agreement.",
    ),
    "alert_missing": Kind(
        "Budget alert missing",
        "We pay for the account, and nobody would be told of a bill that runs away.",
        "Arm a budget for the account.",
    ),
    "hub_twice": Kind(
        "One address, two clusters",
        "Two clusters claim the same hub, so its cost counts for both agreements.",
        "Take the hub out of the file of the cluster that it has left.",
    ),
    "community_id_legacy": Kind(
        "Older kind of id",
        "The cluster's name breaks the rule for community ids: one lowercase word.",
        "Nothing: it stays valid. New clusters keep to the rule.",
    ),
}
