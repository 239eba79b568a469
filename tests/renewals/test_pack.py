"""The renewal pack: everything that is known, and nothing that is not, for a champion to read."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.billing.bills import ACCOUNT, APRIL, JUNE, LATER, MAY, book, count_mau
from tests.billing.line import make_served
from tests.factories import BD, NOON, make_cluster, make_deliverable, make_engagement
from tests.renewals.endings import make_running
from tests.renewals.world import day, make_term, nine
from throughline.billing.actions.months import enter_receipt, review_month, send_month
from throughline.billing.models import Invoice
from throughline.delivery.actions.engagements import link_clusters, report_health
from throughline.delivery.words import Health
from throughline.documents.models import Document
from throughline.intake.actions import import_deals
from throughline.intake.jobs import run_instant
from throughline.kernel.money import shown
from throughline.mail.models import Message
from throughline.playbook.loader import shipped
from throughline.renewals.lapse import running_without_agreement
from throughline.renewals.money import Cost, FinalNumbers, final_numbers, lapse_costs
from throughline.renewals.pack import pack_of, pack_pdf, pack_shape, pack_words
from throughline.sales.actions.knowledge import write_note
from throughline.sales.models import Deal

pytestmark = pytest.mark.django_db

REAL = Path(__file__).resolve().parents[3] / "shared" / "real"
ITEMS = [
    "term", "agreement", "tier", "people", "promises", "first_value", "active_users",
    "monthly_users", "cost", "cost_per_user", "invoices", "health", "goals",
]  # fmt: skip


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = tmp_path


def pack(engagement, on="2026-05-01", *, sees_money=True):
    return pack_of(engagement.number, sees_money=sees_money, playbook=shipped(), on=day(on))


def said(found):
    return {one.code: (one.text, one.is_known) for one in found.items}


def test_the_pack_of_an_engagement_of_which_little_is_known_says_so_thirteen_times():
    found = said(pack(make_term("2026-06-30")))

    assert list(found) == ITEMS
    assert found["term"] == ("1 January 2024 to 30 June 2026; 60 days left.", True)
    assert [code for code, (_text, known) in found.items() if known] == ["term"]
    assert "0" not in " ".join(text for text, known in found.values() if not known)


def test_the_pack_of_a_whole_engagement_tells_its_agreement_people_and_promises():
    engagement = make_engagement()
    make_deliverable(engagement)

    found = pack(engagement)

    assert said(found)["agreement"] == ("Service Agreement “Agreement”, executed.", True)
    assert said(found)["people"] == ("Every role has somebody.", True)
    assert said(found)["promises"] == ("0 of 1 verified, 0 more done.", True)
    assert dict(found.people)["Buyer"] == ("Bo Buyer",)


def test_no_private_note_no_reason_and_no_address_is_in_the_pack():
    engagement = make_engagement()
    write_note(
        engagement.number, "They are late payers.", kind="promise", is_private=True, by=BD, at=NOON
    )
    report_health(engagement.number, Health.AT_RISK, why="The dean left.", by=BD, at=NOON)

    text = json.dumps(pack_shape(pack(engagement)))

    assert [word for word in ("late payers", "dean left", "@") if word in text] == []
    assert "At risk" in text


def test_money_is_for_those_who_see_money():
    engagement = make_term("2026-06-30", amount="100.00", amount_collected="40.00")

    shown, hidden = (said(pack(engagement, sees_money=one))["invoices"] for one in (True, False))

    assert shown == ("60.00 of 100.00 USD is not collected yet", True)
    assert hidden == ("not shown to you", False)


def invoices(engagement):
    return said(pack(engagement, "2026-07-02"))["invoices"]


def test_open_invoices_are_those_sent_without_a_receipt_and_what_is_paid_is_said_to_be_unknown(
    playbook,
):
    engagement, _cluster = make_served()
    nothing = invoices(engagement)
    for month, cost in ((APRIL, "100.00"), (MAY, "50.00")):
        book({ACCOUNT: cost}, month=month)
        count_mau({"maple": 280}, month=month)
        review_month(month, playbook=playbook, by="ada", at=LATER)
        send_month(month, playbook=playbook, by="sol", at=LATER)
    april, may = Invoice.objects.order_by("month")
    april_sum, may_sum = (sum(c.amount for c in one.charges.all()) for one in (april, may))
    enter_receipt(april.number, "SAGE-1", by="sol", at=LATER)

    assert nothing == ("No invoice is recorded here, nor what was collected.", False)
    text = (
        f"{may.number} of 2026-05: {shown(may_sum)} USD, sent and not entered by the Sponsor yet;"
        f" 1 invoice is entered ({shown(april_sum)} USD); whether it is paid is not recorded"
    )
    assert invoices(engagement) == (text, False)
    final = final_numbers(engagement.deal, playbook=playbook, on=day("2026-07-02"))
    assert final == FinalNumbers("2026-05", Decimal("50.00"), "USD", 280)


def test_the_pack_is_the_same_pdf_for_the_same_facts():
    found = pack(make_term("2026-06-30", name="Tide #hub [1] $x"))

    first, second = (pack_pdf(found, playbook=shipped()) for _ in range(2))

    assert (first[:5], first) == (b"%PDF-", second)


def test_the_words_of_the_pack_have_each_text_and_each_name_in_a_line_of_its_own():
    engagement = make_engagement()
    make_deliverable(engagement)
    found = pack(engagement)

    lines = pack_words(found, playbook=shipped()).splitlines()

    named = {name for _role, names in found.people for name in names}
    texts = {one.text for one in found.items} | {one.title for one in found.promises}
    assert named | texts <= set(lines)
    assert "Bo Buyer" in named


def test_the_sixty_day_mail_has_the_pack_and_where_it_is():
    engagement = make_term("2026-06-30")

    run_instant(at=nine("2026-05-01"), playbook=shipped(), by="worker", holder="h")

    message = Message.objects.get()
    (attached,) = message.attachments.all()
    assert message.subject == "Agreement expiring in 60 days"
    assert attached.document.says == pack_words(pack(engagement), playbook=shipped())
    assert attached.name == f"renewal-pack-{engagement.number}.pdf"
    assert f"/renewals/{engagement.number}/" in message.text
    assert Document.objects.get().media_type == "application/pdf"


def test_a_lapse_costs_what_the_bills_say_by_the_days_that_it_ran():
    engagement = make_running("2026-06-15")
    make_cluster(
        "tide", deal_id=engagement.deal.reference, hubs={"prod": ("", "tide.example")}
    )  # we pay
    link_clusters(by=BD, at=NOON)

    def cost(on):
        found = running_without_agreement(on=date.fromisoformat(on), playbook=shipped())
        return lapse_costs(found, playbook=shipped())[engagement.deal.subject]

    assert cost("2026-06-20") == Cost(None, because="No bill of this time is here yet.")
    book({"012345678901": "300.00"}, month=JUNE)

    assert cost("2026-06-20").amount == Decimal(50)  # five of thirty days
    assert cost("2026-07-10").said == ("about 150.00 USD (1 of 2 monthly bills are not here yet)")


@pytest.mark.skipif(not REAL.is_dir(), reason="the real input is not beside the project")
def test_the_real_exports_terms_by_hand():
    import_deals(REAL / "deals" / "hubspot-deals-export.csv", playbook=shipped(), by=BD, at=NOON)
    terms = {
        one.hubspot_id: said(pack(one.engagement, "2026-07-01"))["term"][0]
        for one in Deal.objects.filter(engagement__isnull=False)
    }

    # By hand: 1 July 2026 to 30 September 2027 is 456 days; 30 June was yesterday.
    assert terms["86221242056"] == "1 October 2025 to 30 September 2027; 456 days left."
    assert terms["86221242068"] == "1 July 2025 to 30 June 2026; ended 1 day ago."
    assert terms["86221242070"] == "1 August 2025 to 31 July 2026; 30 days left."
