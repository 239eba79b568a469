"""The tables of sales, one file per word; Django finds them here."""

from throughline.sales.models.agreement import (
    Agreement,
    AgreementCopy,
    AgreementPayer,
    Payment,
    PriceLine,
    Signatory,
)
from throughline.sales.models.deal import (
    Deal,
    DealAlias,
    EarlyStart,
    GateException,
    Order,
    Waiver,
)
from throughline.sales.models.desk import SponsorReminder
from throughline.sales.models.knowledge import DealNote, NoteReading, NoteReply
from throughline.sales.models.proposal import SponsorWork, VerbalClose
from throughline.sales.models.review import Review, ReviewNote
from throughline.sales.models.statement import ScopeComment, SignOff, StatementOfWork
from throughline.sales.models.stay import Stay

__all__ = [
    "Agreement",
    "AgreementCopy",
    "AgreementPayer",
    "Deal",
    "DealAlias",
    "DealNote",
    "EarlyStart",
    "GateException",
    "NoteReading",
    "NoteReply",
    "Order",
    "Payment",
    "PriceLine",
    "Review",
    "ReviewNote",
    "ScopeComment",
    "SignOff",
    "Signatory",
    "SponsorReminder",
    "SponsorWork",
    "StatementOfWork",
    "Stay",
    "VerbalClose",
    "Waiver",
]
