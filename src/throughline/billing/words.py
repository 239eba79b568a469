"""States, kinds and reasons of billing."""

from django.db.models import TextChoices


class MonthState(TextChoices):
    """Where a billing month stands. From `sent` on nothing in it changes any more."""

    OPEN = "open", "Open"
    REVIEWED = "reviewed", "Reviewed"
    SENT = "sent", "Sent"
    CLOSED = "closed", "Closed"


FROZEN = frozenset({MonthState.SENT, MonthState.CLOSED})


class FileKind(TextChoices):
    """What a file tells."""

    COSTS = "costs", "Cloud costs"
    USERS = "users", "Active users"


class EntryKind(TextChoices):
    """Why an entry stands in the ledger."""

    BILL = "bill", "Provider's bill"  # what a file says; a newer file adds the difference
    ROUNDING = "rounding", "Provider's rounding"  # its total less the sum of its lines
    CREDIT = "credit", "Credit"
    CORRECTION = "correction", "Correction"
    USAGE = "usage", "Usage fee that came late"  # of a month that was sent


FROM_FILES = frozenset({EntryKind.BILL, EntryKind.ROUNDING})


class SplitMethod(TextChoices):
    """What the numbers of a split measure."""

    FIXED = "fixed", "Fixed shares"  # holds until another rule does
    USERS = "users", "Users"  # of one month; of every month where the ledger's MAU are taken
    NODE_HOURS = "node_hours", "Node-hours"  # of one month


class ChargeKind(TextChoices):
    """What a charge is for."""

    CLOUD = "cloud", "Cloud cost"
    USAGE = "usage", "Usage fee"
    MEMBERSHIP = "membership", "Membership fee"
    ADJUSTMENT = "adjustment", "Credit or correction"


class Standing(TextChoices):
    """Whether a cost can be billed, and to whom; all but the first three are reasons why not."""

    BILLABLE = "billable", "Billed on"
    OURS = "ours", "Our own cost"
    COMMUNITY = "community", "Community pays"
    UNASSIGNED = "unassigned", "Account not assigned"
    NO_ENGAGEMENT = "no_engagement", "No engagement on the cluster"
    NOT_SPLIT = "not_split", "Shared, and no split"
    NO_AGREEMENT = "no_agreement", "No executed agreement"
    NOT_BEGUN = "not_begun", "Before the agreement begins"
    LAPSED = "lapsed", "After the agreement's end"
    PAYER_UNKNOWN = "payer_unknown", "Payer unknown"


# Costs that nobody pays back, whatever the reason. An account has been costing nobody since then.
NOBODYS = frozenset(Standing) - {Standing.BILLABLE, Standing.OURS}


class Reason(TextChoices):
    """Why something is not billed yet."""

    NOT_SENT = "not_sent", "Month not sent"
    COMMUNITY_BILLED_TO_US = "community", "Community pays, and the bill came to us"
    UNASSIGNED = "unassigned", "Account not assigned"
    NO_ENGAGEMENT = "no_engagement", "No engagement on the cluster"
    NOT_SPLIT = "not_split", "Shared, and no split"
    NO_AGREEMENT = "no_agreement", "No executed agreement"
    NOT_BEGUN = "not_begun", "Before the agreement begins"
    LAPSED = "lapsed", "After the agreement's end"
    PAYER_UNKNOWN = "payer_unknown", "Payer unknown"
    COST_BLANK = "cost_blank", "Cost not known"
    USERS_BLANK = "users_blank", "Active users not known"
    CHANGED = "changed", "Users changed after the month was sent"


REMEDIES = {
    Reason.NOT_SENT: "Review the month; a second person sends it.",
    Reason.COMMUNITY_BILLED_TO_US: "Move the account to the community, or amend who pays.",
    Reason.UNASSIGNED: "Say which cluster the account is for, or that it is our own.",
    Reason.NO_ENGAGEMENT: "Name the deal in the cluster's file and import it.",
    Reason.NOT_SPLIT: "Say how the account is split.",
    Reason.NO_AGREEMENT: "Have the agreement signed.",
    Reason.NOT_BEGUN: "Amend when the agreement begins, or bear the cost.",
    Reason.LAPSED: "Renew or extend the agreement, or end what runs.",
    Reason.PAYER_UNKNOWN: "Say in the agreement who pays the cluster.",
    Reason.COST_BLANK: "Import the provider's bill; where it names no cost, find out why.",
    Reason.CHANGED: "Book the difference: billing correct … --of that month --usage.",
    Reason.USERS_BLANK: "Import the active users; blank is not zero, so look by hand.",
}
