"""How the fact of each condition is asked for: a title, a button, and words for its fields.

What a fact's fields are is decided by its form in `sales.actions`; a field without words here goes
by its own name, so a new one is never lost.
"""

from typing import Final, NamedTuple


class Asked(NamedTuple):
    """How a fact is asked for; who may write it down stands in `sales.permissions`."""

    title: str
    button: str


class Words(NamedTuple):
    """A field in words; `lines` above 1 makes it a text area of so many."""

    label: str
    help: str = ""
    lines: int = 1


OTHER_NAMES: Final = {"delivery.requested": "Order"}  # a condition that is no fact of its own
FACTS_ASKED: Final[dict[str, Asked]] = {
    "deal.owner": Asked("Owner", "Save the owner"),
    "community.named": Asked("Community", "Save the community"),
    "community.id": Asked("community_id", "Reserve the id"),
    "cloud.preference": Asked("Cloud and region", "Save cloud and region"),
    "ps.reviewed": Asked("Review by PS", "Ask PS"),
    "capacity.answered": Asked("Capacity answer", "Give the answer"),
    "sow.signed_off": Asked("Sign-off of the statement of work", "Sign off"),
    "verbal.closed": Asked("The verbal yes", "Save the yes"),
    "service.tier": Asked("Service tier", "Save the tier"),
    "dates.agreed": Asked("Agreed dates", "Save the dates"),
    "agreement.artefact": Asked("Agreement and who signs it", "Save the agreement"),
    "community.record": Asked("Community record", "Save the record"),
    "community.people": Asked("People", "Save the people"),
    "community.context": Asked("Context questions", "Save the answers"),
    "legal.involved": Asked("Legal advice", "Save"),
    "agreement.executed": Asked("Signatures", "Save the signatures"),
    "signatures.requested": Asked("Request for signatures", "Ask the Sponsor"),
    "invoicing.prepared": Asked("Invoicing", "Save the receipt"),
    "lost.reason": Asked("Why it was lost", "Save the reason"),
}


def condition_name(code: str) -> str:
    """Return what people call a condition."""
    return FACTS_ASKED[code].title if code in FACTS_ASKED else OTHER_NAMES.get(code, code)


FIELD_WORDS: Final[dict[str, dict[str, Words]]] = {
    "deal.owner": {"owner": Words("Owner", "Who of BD has the deal.")},
    "community.named": {
        "short_name": Words("Short name", "About one word. A known name links to its record.")
    },
    "community.id": {
        "community_id": Words(
            "community_id",
            "One word of lowercase letters; it names clusters and addresses and never changes once"
            " used. Leave it empty to take the proposed one.",
        )
    },
    "cloud.preference": {
        "cloud": Words("Cloud", "Such as aws or gcp; close to where the data are."),
        "region": Words("Region", "Such as us-west-2."),
        "data_location": Words("Where the data are"),
        "unknown_because": Words("Or unknown, because …", "Instead of a cloud."),
    },
    "ps.reviewed": {
        "kind": Words("What you ask for"),
        "question": Words("Your question to PS", lines=3),
        "needed_by": Words("Needed by", "Left empty, PS has the days that the playbook gives."),
        "answer": Words("The answer of PS", lines=3),
        "not_needed_because": Words("Or no input is needed, because …", "Instead of asking.", 2),
    },
    "capacity.answered": {
        "answer": Words("Can we deliver this?"),
        "start_on": Words("From", "For “yes, from”."),
        "only_if": Words("Only if …", "One condition a line.", 2),
        "assumptions": Words("Assumptions", "One a line.", 3),
        "expires_on": Words("Good until", "Left empty, as long as the playbook says."),
        "note": Words("Note", lines=2),
    },
    "sow.signed_off": {"role": Words("You sign off as")},
    "verbal.closed": {
        "said_by": Words("Who said yes"),
        "said_on": Words("On which day"),
        "version": Words("To which version", "Of the offer, such as “proposal of 3 May”."),
    },
    "service.tier": {
        "tier": Words("Tier"),
        "none_because": Words("Or none, because …", "Instead of a tier."),
    },
    "dates.agreed": {
        "start_on": Words("Start"),
        "end_on": Words("Last day", "The agreement holds through this day."),
    },
    "agreement.artefact": {
        "kind": Words("What governs the deal"),
        "title": Words("Title"),
        "reference": Words("Number", "Of the contract or the purchase order."),
        "location": Words("Where the original is kept", "An address or a folder."),
        "effective_on": Words("Effective from"),
        "end_on": Words("Last day", "The agreement holds through this day."),
        "ceiling": Words("Ceiling", "The limit of cloud costs, or of the purchase order."),
    },
    "community.record": {
        "long_name": Words("Long name"),
        "website": Words("Website", "With https:// in front."),
        "github_org": Words("GitHub organisation"),
        "repositories": Words("Representative repositories", "One address a line.", 2),
        "logo_url": Words("Address of the logo", "With https:// in front."),
        "region": Words("Region"),
        "data_location": Words("Where the data are"),
    },
    "legal.involved": {
        "needed_because": Words("Legal advice is needed, because …", "This asks the Sponsor.", 2),
        "answer": Words("What legal answered", lines=2),
    },
    "agreement.executed": {
        "accepted_on": Words("Accepted on"),
        "reference": Words("Number of the purchase order"),
    },
    "invoicing.prepared": {"receipt": Words("SAGE's customer or project number")},
    "lost.reason": {"reason": Words("Reason", "One sentence for whoever asks next year.", 2)},
}

CHOICE_WORDS: Final = {
    "input": "Input",
    "estimate": "An estimate",
    "sow": "A statement of work",
    "call": "A call",
    "service_agreement": "Service Agreement",
    "purchase_order": "Purchase Order",
    "yes": "Yes",
    "yes_from": "Yes, from a later date",
    "only_if": "Only if …",
    "no": "No",
}
