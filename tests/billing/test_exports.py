"""Files for the Sponsor: every charge with its check, and invoices in their own template."""

import csv
import io
from dataclasses import replace

import pytest

from tests.billing.bills import ACCOUNT, APRIL, LATER, book, count_mau
from tests.billing.line import make_served
from throughline.billing.actions.months import number_customer, review_month, send_month
from throughline.billing.exports import COLUMNS, sponsor_csv
from throughline.billing.invoice_file import invoice_file
from throughline.kernel.errors import Refused
from throughline.playbook.money_parts import InvoiceFile

pytestmark = pytest.mark.django_db
# Columns of Intacct's template of AR invoices, and the Sponsor's own dimension at the end.
TEMPLATE = (
    "DONOTIMPORT,BATCH_TITLE,INVOICE_NO,PO_NO,CUSTOMER_ID,POSTING_DATE,CREATED_DATE,DUE_DATE,"
    "TOTAL_DUE,TOTAL_PAID,PAID_DATE,TERM_NAME,DESCRIPTION,LINE_NO,MEMO,ACCT_NO,LOCATION_ID,DEPT_ID,"
    "AMOUNT\r\n"
    "#Any value,,45 characters,,required,,required,required,required,,,,,,,,,,\r\n"
)


@pytest.fixture
def sent(playbook):
    """A month that was sent, of a deal whose name would run as a formula."""
    engagement, _cluster = make_served(buyer='=HYPERLINK("x")')
    book({ACCOUNT: "100.005", "2": "5"})
    count_mau({"maple": 280})
    review_month(APRIL, playbook=playbook, by="ada", at=LATER)
    send_month(APRIL, playbook=playbook, by="sol", at=LATER)
    return engagement


@pytest.fixture
def theirs(playbook):
    """The playbook of somebody whose Sponsor has a location and departments."""
    rule = InvoiceFile(columns=(("LOCATION_ID", "100"),), left_empty=("DEPT_ID",))
    return replace(playbook, invoice_file=rule)


def rows_of(made):
    return list(csv.DictReader(io.StringIO(made.content.decode(), newline="")))


def fill(playbook, template=TEMPLATE):
    return invoice_file(APRIL, template.encode(), name="template.csv", playbook=playbook)


def test_every_charge_is_a_row_and_the_last_row_is_the_check(sent, playbook):
    made = sponsor_csv(APRIL, playbook=playbook)

    rows = rows_of(made)
    assert tuple(rows[0]) == COLUMNS
    told = ("invoice", "line", "kind", "quantity", "amount", "income_account", "cost_account")
    number = f"TL-{sent.pk}-202604"
    assert [tuple(row[name] for name in told) for row in rows] == [
        (number, "1", "cloud", "", "100.01", "4222", "7061"),
        (number, "2", "usage", "280", "1000.00", "4223", ""),
        ("", "", "cloud", "", "5.00", "", "7062"),
        ("", "3", "", "", "1105.01", "", ""),
    ]
    assert (rows[-1]["month"], made.rows, str(made.total)) == ("CHECK", 3, "1105.01")


def test_cent_that_rounding_makes_is_a_row_so_that_the_sum_is_the_providers(playbook):
    make_served()
    book({ACCOUNT: "100.005", "2": "5.005"})  # 105.01 in all; its parts are 100.01 and 5.01
    count_mau({"maple": 280})
    review_month(APRIL, playbook=playbook, by="ada", at=LATER)
    send_month(APRIL, playbook=playbook, by="sol", at=LATER)

    made = sponsor_csv(APRIL, playbook=playbook)

    rounding, check = rows_of(made)[-2:]
    told = ("month", "of_month", "kind", "amount", "currency", "recoverable")
    assert [rounding[name] for name in told] == [
        "2026-04", "2026-04", "rounding", "-0.01", "USD", "no",
    ]  # fmt: skip
    assert (check["line"], check["amount"]) == ("4", "1105.01")
    assert (made.rows, str(made.total)) == (4, "1105.01")


def test_cell_that_would_run_as_a_formula_is_text(sent, playbook):
    assert rows_of(sponsor_csv(APRIL, playbook=playbook))[0]["buyer"] == '\'=HYPERLINK("x")'


def test_month_that_was_not_sent_is_not_exported(playbook):
    with pytest.raises(Refused) as refused:
        sponsor_csv(APRIL, playbook=playbook)

    assert refused.value.message == "2026-04 was not sent."


def test_template_is_filled_by_the_names_of_its_columns(sent, theirs):
    number_customer(sent, "C-12", by="sol", at=LATER)

    made = fill(theirs)

    lines = made.content.decode().split("\r\n")
    assert lines[:2] == TEMPLATE.split("\r\n")[:2]
    rows = rows_of(made)[1:]
    told = (
        "INVOICE_NO", "CUSTOMER_ID", "CREATED_DATE", "DUE_DATE", "TOTAL_DUE", "LINE_NO", "ACCT_NO",
        "AMOUNT", "LOCATION_ID", "DEPT_ID", "TOTAL_PAID", "MEMO",
    )  # fmt: skip
    head = (f"TL-{sent.pk}-202604", "C-12", "07/02/2026", "08/01/2026", "1100.01")
    assert [tuple(row[name] for name in told) for row in rows] == [
        (*head, "1", "4222", "100.01", "100", "", "", "Cloud cost, maple, 2026-04"),
        (*head, "2", "4223", "1000.00", "100", "", "", "Usage fee, maple, 2026-04: 280 users"),
    ]


@pytest.mark.parametrize(
    ("template", "message"),
    [
        (TEMPLATE.replace("CUSTOMER_ID", "CUSTOMER"), "lacks the columns CUSTOMER_ID."),
        (TEMPLATE.replace("DEPT_ID", "GRANT_ID"), "has columns that nobody knows: GRANT_ID."),
        (TEMPLATE + "x,1" + "," * 17, "is not blank: it has 1 rows."),
        (TEMPLATE.replace("PO_NO", "MEMO"), ": MEMO stands twice."),
        ("#only a note\r\n", "has no header."),
    ],
)
def test_template_that_is_not_what_we_can_fill_is_refused(sent, theirs, template, message):
    number_customer(sent, "C-12", by="sol", at=LATER)

    with pytest.raises(Refused) as refused:
        fill(theirs, template)

    assert refused.value.message.removeprefix("template.csv").strip() == message
    assert refused.value.remedy != ""


def test_invoice_for_somebody_without_a_number_is_refused_and_named(sent, theirs):
    with pytest.raises(Refused) as refused:
        fill(theirs)

    assert refused.value.message == (
        'The Sponsor\'s customer number is not known of: =HYPERLINK("x").'
    )
