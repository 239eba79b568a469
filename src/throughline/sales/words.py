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
    WRONG_VERSION = "wrong_version", "Signed the wrong version"


# Which state may follow which. A signature service and a person by hand obey the same table.
NEXT_STATES: dict[SigningState, frozenset[SigningState]] = {
    SigningState.TO_SEND: frozenset({
        SigningState.SENT, SigningState.SIGNED, SigningState.DECLINED, SigningState.CHANGED,
        SigningState.WRONG_VERSION,
    }),
    SigningState.SENT: frozenset({
        SigningState.VIEWED, SigningState.SIGNED, SigningState.DECLINED, SigningState.CHANGED,
        SigningState.EXPIRED, SigningState.WRONG_VERSION, SigningState.TO_SEND,
    }),
    SigningState.VIEWED: frozenset({
        SigningState.SIGNED, SigningState.DECLINED, SigningState.CHANGED, SigningState.EXPIRED,
        SigningState.WRONG_VERSION, SigningState.TO_SEND,
    }),
    SigningState.SIGNED: frozenset({SigningState.TO_SEND}),  # taken back, with the reason
    SigningState.DECLINED: frozenset({SigningState.TO_SEND, SigningState.CHANGED}),
    SigningState.CHANGED: frozenset({SigningState.TO_SEND}),
    SigningState.EXPIRED: frozenset({SigningState.SENT, SigningState.TO_SEND}),
    SigningState.WRONG_VERSION: frozenset({SigningState.SENT, SigningState.TO_SEND}),
}  # fmt: skip

# What to do about a signature that stands there.
SIGNING_REMEDIES: dict[SigningState, str] = {
    SigningState.TO_SEND: "Send the document to them.",
    SigningState.SENT: "Wait for them, or remind them.",
    SigningState.VIEWED: "They have opened it: remind them where it takes long.",
    SigningState.SIGNED: "",
    SigningState.DECLINED: "Ask why, settle it with BD, then set it to “To send” again or name"
    " another signer.",
    SigningState.CHANGED: "Name who signs instead: set it to “To send” with the new name.",
    SigningState.EXPIRED: "Send a new request.",
    SigningState.WRONG_VERSION: "Send the version that counts, and have that one signed.",
}  # fmt: skip


class SigningWay(TextChoices):
    """How a signature was given."""

    BY_HAND = "by_hand", "Recorded by hand"
    SERVICE = "service", "By a signature service"
    WET_INK = "wet_ink", "On paper"


class AmendmentKind(TextChoices):
    """What an amendment does. A renewal is none: it is a deal of its own."""

    EXTENSION = "extension", "Extension"
    AMENDMENT = "amendment", "Amendment"


class CopyRole(TextChoices):
    """What a stored file is to an agreement."""

    TO_SIGN = "to_sign", "To be signed"
    EXECUTED = "executed", "Executed copy"
    TERMS = "terms", "The buyer's terms"


class WorkKind(TextChoices):
    """What the Sponsor is asked to do."""

    SIGNATURES = "signatures", "Collect signatures"
    INVOICING = "invoicing", "Prepare invoicing (SAGE)"
    LEGAL = "legal", "Answer a legal question"
    CREDIT = "credit", "Give a credit"


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


class ReviewState(TextChoices):
    """Where a request to PS stands."""

    ASKED = "asked", "Asked"
    ACCEPTED = "accepted", "Accepted"
    ANSWERED = "answered", "Answered"
    DECLINED = "declined", "Declined"
    NOT_NEEDED = "not_needed", "No input needed"


class StatementOrigin(TextChoices):
    """How a version of a statement of work came to be."""

    IMPORTED = "imported", "Imported"
    WRITTEN = "written", "Written here"


class ConditionStatus(TextChoices):
    """How a condition of a gate stands."""

    MET = "met", "Met"
    UNMET = "unmet", "Unmet"
    STALE = "stale", "Stale"
    WAIVED = "waived", "Waived"


class NoteKind(TextChoices):
    """What kind of knowledge BD holds about a deal."""

    PROMISE = "promise", "Promise made orally"
    SENSITIVITY = "sensitivity", "To be careful with"
    QUESTION = "question", "Open question"
