"""States of the things that a deal is made of."""

from django.db.models import TextChoices

UNMAPPED = ""  # the stage of a deal whose stage elsewhere nobody has mapped


class AgreementKind(TextChoices):
    """What governs the deal."""

    SERVICE_AGREEMENT = "service_agreement", "Service Agreement"
    PURCHASE_ORDER = "purchase_order", "Purchase Order"


class SigningState(TextChoices):
    """Where one party's signature stands."""

    TO_SEND = "to_send", "To send"
    SENT = "sent", "Sent"
    VIEWED = "viewed", "Viewed"
    SIGNED = "signed", "Signed"
    DECLINED = "declined", "Declined"
    CHANGED = "changed", "Signer changed"
    EXPIRED = "expired", "Expired"


class WorkKind(TextChoices):
    """What the Sponsor is asked to do."""

    SIGNATURES = "signatures", "Collect signatures"
    INVOICING = "invoicing", "Prepare invoicing (SAGE)"
    LEGAL = "legal", "Answer a legal question"


class ExceptionState(TextChoices):
    """What became of a move past an open gate."""

    OPEN = "open", "To be explained"
    EXPLAINED = "explained", "Explained"
    REVERTED = "reverted", "Reverted"


class ReviewKind(TextChoices):
    """What BD asks PS for."""

    INPUT = "input", "Input"
    ESTIMATE = "estimate", "Estimate"
    SOW = "sow", "Statement of work"
    CALL = "call", "Call"
    NOT_NEEDED = "not_needed", "No input needed"


class ConditionStatus(TextChoices):
    """How a condition of a gate stands."""

    MET = "met", "Met"
    UNMET = "unmet", "Unmet"
    STALE = "stale", "Stale"
    WAIVED = "waived", "Waived"
