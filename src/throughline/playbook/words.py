"""The words that playbook and code share: whoever adds one here must also give it a meaning."""

import re
from typing import Literal

StageKind = Literal["open", "won", "lost"]
Person = Literal["BD", "PS", "LEAD", "SPONSOR", "ADMIN"]
ProjectKind = Literal[
    "new_hub", "directed_development", "renewal", "offboarding", "wake_up", "event"
]
Anchor = Literal["order", "start", "end", "day"]
Rhythm = Literal["monthly", "quarterly", "yearly", "ongoing"]
StepKind = Literal["flag", "mail"]
Recipient = Literal["", "renewals", "representatives"]
OnlyIf = Literal["", "end"]
WorkingDay = Literal["", "before", "after"]
Disposition = Literal["sent", "linked", "not_needed"]
System = Literal["", "delivery", "workbook", "renewals", "mail", "capacity", "github", "airtable"]
Outside = Literal["github", "airtable", "hubspot", "sheets", "aws"]
Approval = Literal["person", "in_house", "all"]
DateOrder = Literal["MM/DD/YYYY", "DD/MM/YYYY", "YYYY-MM-DD"]
Calls = Literal["all", "reads", "writes"]
Per = Literal["once", "month"]
Told = Literal["instant", "digest", "none"]

# Where a value may be "", the key may be left out.

GENERIC_TEMPLATE = "generic"
PROJECT_TEMPLATE = "project"
RENEWAL_DELIVERABLE = "renewal-confirmed"

# What these three stand for must be true in the world: nobody's signature makes up for it.
NEVER_WAIVED = frozenset({"agreement.executed", "delivery.requested", "lost.reason"})

COMMUNITY_FIELDS = frozenset(
    {
        "short_name",
        "long_name",
        "community_id",
        "website",
        "github_org",
        "repositories",
        "logo_url",
        "cloud",
        "region",
        "data_location",
    }
)

# What a table of the playbook may ask for before work begins; beside these, a role of a person
# ("people.representative"), and anything that is written down for one project ("project.gpus").
READY_FIELDS = frozenset({
    "agreement.payer",
    "cluster.account",
    "cluster.name",
    "cluster.region",
    "community.cloud",
    "community.community_id",
    "community.data_location",
    "community.github_org",
    "community.logo_url",
    "community.region",
    "community.repositories",
    "community.website",
    "deal.end_on",
    "deal.hubspot_id",
    "hub.domain",
})  # fmt: skip
PEOPLE_PREFIX = "people."
PROJECT_PREFIX = "project."

# Every mail that is sent, with the placeholders that its sender fills.
MAIL_PLACEHOLDERS = {
    "expiring": frozenset({
        "days", "deal", "community", "end_on", "engagement_url", "agreement_note", "organisation",
        "pack_url",
        "months",
    }),
    "expiring_end": frozenset({
        "days", "deal", "community", "end_on", "engagement_url", "support", "organisation",
    }),
    "expiring_part": frozenset({
        "days", "deal", "community", "end_on", "hubs", "engagement_url", "support", "organisation",
    }),
    "part_goes_on": frozenset({
        "deal", "community", "end_on", "hubs", "engagement_url", "support", "organisation",
    }),
    "end_date_changed": frozenset({
        "deal", "community", "old_end_on", "end_on", "engagement_url", "organisation",
    }),
    "welcome": frozenset({
        "deal", "community", "accepted_by", "engagement_url", "support", "organisation",
    }),
    "accepted": frozenset({
        "deal", "community", "accepted_by", "accepted_on", "engagement_url", "organisation",
    }),
    "joint_changed": frozenset({
        "deal", "work", "left", "why", "shares", "organisation",
    }),
    "agreed": frozenset({
        "deal", "community", "said_by", "said_on", "version", "start_on", "end_on", "tier",
        "deliverables", "owner", "organisation",
    }),
    "champion_asked": frozenset({
        "deal", "community", "deliverable", "question", "address", "until", "asked_by",
        "organisation",
    }),
    "champion_reminded": frozenset({
        "deal", "community", "deliverable", "asked_on", "address", "until", "asked_by",
        "organisation",
    }),
    "budget_passed": frozenset({
        "deal", "community", "account", "limit", "spent", "why", "period", "as_of", "budget_url",
        "organisation",
    }),
    "budget_champion": frozenset({
        "deal", "community", "limit", "spent", "why", "period", "cause", "next", "owner", "support",
        "organisation",
    }),
    "data_asked": frozenset({
        "deal", "community", "end_on", "hubs", "address", "until", "asked_by", "support",
        "organisation",
    }),
    "data_reminded": frozenset({
        "deal", "community", "end_on", "hubs", "address", "until", "asked_on", "asked_by",
        "support", "organisation",
    }),
    "exceptions_told": frozenset({"what", "moves", "exceptions_url", "organisation"}),
    "digest": frozenset({"count", "lines", "preferences_url", "organisation"}),
    "account_invited": frozenset({"name", "username", "by", "address", "days", "organisation"}),
    "password_asked": frozenset({"name", "username", "address", "organisation"}),
    "factor_reset": frozenset({"name", "username", "by", "because", "address", "organisation"}),
    "mail_tested": frozenset({"by", "organisation"}),
    "webhook_stopped": frozenset({"webhook", "url", "why", "address", "organisation"}),
}  # fmt: skip

# Mails that keep an installation running: where a playbook does not word one, it goes in the shipped
# words. Somebody locked out must get in, whatever a playbook says.
WORDED_ANYWAY = frozenset({
    "account_invited", "password_asked", "factor_reset", "mail_tested", "webhook_stopped",
})  # fmt: skip


def alike(text: str) -> str:
    """Return a text in the form in which names are compared: "Contract-Admin" is "contract admin"."""
    return re.sub(r"[\s_-]+", " ", text).strip().casefold()
