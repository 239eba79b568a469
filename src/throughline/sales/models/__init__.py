"""The tables of sales, one file per word; Django finds them here."""

from throughline.sales.models.agreement import Agreement, AgreementPayer, Signatory
from throughline.sales.models.deal import Deal, EarlyStart, GateException, Order, Waiver
from throughline.sales.models.proposal import (
    Review,
    SignOff,
    SponsorWork,
    StatementOfWork,
    VerbalClose,
)

__all__ = [
    "Agreement",
    "AgreementPayer",
    "Deal",
    "EarlyStart",
    "GateException",
    "Order",
    "Review",
    "SignOff",
    "Signatory",
    "SponsorWork",
    "StatementOfWork",
    "VerbalClose",
    "Waiver",
]
