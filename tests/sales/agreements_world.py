"""Agreements to try things on: between two parties, executed, a purchase order."""

from datetime import date, timedelta

from tests.factories import (
    BD,
    NOON,
    SIGNATORIES,
    SPONSOR,
    make_deal,
    make_deal_at,
    sign,
    tell,
)
from throughline.journal.models import Entry
from throughline.playbook.loader import shipped
from throughline.sales.actions.agreements import amend_agreement, set_terms
from throughline.sales.actions.copies import Upload, add_copy, confirm_copy
from throughline.sales.actions.signing import Move, move_signature
from throughline.sales.models import Agreement, Deal
from throughline.sales.queries import facts_of, is_executed
from throughline.sales.words import CopyRole, SigningState

TODAY = NOON.date()
CSS, UNIVERSITY = (one["party"] for one in SIGNATORIES)
PDF = b"%PDF-1.7\nThe agreement.\n%%EOF\n"
OTHER_PDF = b"%PDF-1.7\nAnother agreement.\n%%EOF\n"
LINES = [
    {"description": "Membership", "amount": "12000.00"},
    {"description": "Cloud costs", "account": "cloud"},
    {"description": "A workshop", "account": "service", "amount": "5500.00"},
]
PAYMENTS = [
    {"occasion": "on signature", "due_on": "2026-04-15", "amount": "10000.00"},
    {"occasion": "half-way", "due_on": "2026-10-01", "amount": "7500.00"},
]


def how(by: str = BD, *, days: int = 0) -> dict[str, object]:
    """Return who does it, so many days after noon, under the shipped playbook."""
    return {"playbook": shipped(), "by": by, "at": NOON + timedelta(days=days)}


def make_agreed(**fields: object) -> Deal:
    """Return a deal with a Service Agreement between two parties that nobody has signed."""
    wanted = {"name": "EarthScope hub", "amount": "17500.00", "hubspot_id": "900100"} | fields
    return tell(make_deal(**wanted), "agreement.artefact", title="Agreement",
                signatories=SIGNATORIES)  # fmt: skip


def make_ordered_by_po(**fields: object) -> Deal:
    """Return a deal that a purchase order governs; it is not accepted."""
    term = {"contract_end_on": date(2027, 3, 31), "end_on": date(2027, 3, 31)}
    wanted = {"name": "EarthScope hub", "amount": "17500.00"} | term | fields
    return tell(make_deal(**wanted), "agreement.artefact", kind="purchase_order", title="Order",
                reference="PO-1")  # fmt: skip


def make_executed(**fields: object) -> Deal:
    """Return a deal at Contract Admin that came there through its gates; its agreement is signed."""
    deal = sign(make_deal_at("contract_admin", **fields))
    deal.refresh_from_db()
    return deal


def terms(deal: Deal, *, by: str = BD, days: int = 0, seen: str = "", **value: object) -> Agreement:
    return set_terms(deal.pk, value, seen=seen, **how(by, days=days))


def amend(deal: Deal, *, days: int = 0, **value: object) -> Agreement:
    return amend_agreement(deal.pk, value, **how(days=days))


def move(deal: Deal, party: str, to: SigningState, *, days: int = 0, **told: object):
    return move_signature(deal.pk, party, Move(to, **told), **how(SPONSOR, days=days))


def sign_all(deal: Deal, *, days: int = 0) -> Deal:
    for party in (CSS, UNIVERSITY):
        move(deal, party, SigningState.SIGNED, days=days)
    deal.refresh_from_db()
    return deal


def upload(deal: Deal, content: bytes = PDF, role: CopyRole = CopyRole.EXECUTED, **told: object):
    by = told.pop("by", SPONSOR)
    return add_copy(deal.pk, Upload(content, told.pop("name", "a.pdf"), role, **told), **how(by))


def confirm(deal: Deal, sha256: str, *, by: str = BD):
    return confirm_copy(deal.pk, sha256=sha256, **how(by))


def executed(deal: Deal) -> bool:
    return is_executed(facts_of(deal, on=TODAY).agreement)


def acts(deal: Deal) -> list[str]:
    return [one.act for one in Entry.objects.about(deal).order_by("pk")]


def last_facts(deal: Deal) -> dict[str, object]:
    return Entry.objects.about(deal).latest("pk").facts


def states(deal: Deal) -> list[str]:
    document = Agreement.objects.filter(deal=deal).order_by("pk").last()
    return list(document.signatories.order_by("position").values_list("state", flat=True))
