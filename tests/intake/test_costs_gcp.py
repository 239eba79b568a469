"""Google's billing reports as CSV, with a column of months and of one month."""

from datetime import date
from decimal import Decimal

import pytest

from throughline.intake.costs_gcp import read_gcp
from throughline.kernel.errors import Refused

JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)
ONE_MONTH = "Billing Account_Reports, 2026-01-01 — 2026-01-31.csv"
# Grouped by project: the rows of totals have their word where the amounts begin.
OF_ONE_MONTH = """\
Project name,Project ID,Project number,Cost ($),Savings programs ($),Other savings ($),Unrounded subtotal ($),Subtotal ($),Percent change in subtotal compared to previous period
two-eye-two-see,two-eye-two-see,111111111111,"1,250.10",0.00,-15.60,"1,234.504317",1234.50,4%
"Ocean, Inc.",ocean-320,222222222222,0.00,0.00,0.00,0.004100,0.00,New
[Charges not specific to a project],,,12.00,0.00,0.00,12.000000,12.00,0%
,,,,,,Subtotal,"1,246.51",
,,,,,,Tax,0.00,
,,,,,,Filtered total,"1,246.51",
"""
BY_MONTH = """\
Month,Project name,Subtotal ($)
2026-01,two-eye-two-see,100.10
2026-01,ocean-320,5.00
2026-02,two-eye-two-see,200.20
,Total,305.30
"""


def read(text, *, name=ONE_MONTH, own="USD"):
    return read_gcp(text.encode(), name=name, own=own)


def refusal(text, **how):
    with pytest.raises(Refused) as refused:
        read(text, **how)
    assert refused.value.remedy != ""
    return refused.value.message.removeprefix(f"{how.get('name', ONE_MONTH)}")


def test_report_of_one_month_takes_the_month_from_its_name_and_the_unrounded_amounts():
    bill = read(OF_ONE_MONTH)

    assert [(line.account, line.name, line.month, line.amount) for line in bill.lines] == [
        (
            "[Charges not specific to a project]", "[Charges not specific to a project]", JANUARY,
            Decimal("12.000000"),
        ),
        ("ocean-320", "Ocean, Inc.", JANUARY, Decimal("0.004100")),
        ("two-eye-two-see", "two-eye-two-see", JANUARY, Decimal("1234.504317")),
    ]  # fmt: skip
    assert (bill.stated, bill.rows, bill.warnings) == ({JANUARY: Decimal("1246.51")}, 3, ())


def test_report_by_month_has_a_total_for_each():
    bill = read(BY_MONTH, name="x.csv")

    assert bill.stated == {JANUARY: Decimal("105.10"), FEBRUARY: Decimal("200.20")}
    assert [(one.account, one.month) for one in bill.lines] == [
        ("ocean-320", JANUARY), ("two-eye-two-see", JANUARY), ("two-eye-two-see", FEBRUARY),
    ]  # fmt: skip


def test_rows_of_services_are_added_up_by_project():
    text = """\
Project name,Project ID,Service description,Unrounded subtotal ($),Subtotal ($)
ocean,ocean-320,Compute Engine,10.004,10.00
ocean,ocean-320,Cloud Storage,1.004,1.00
,,,Subtotal,11.01
"""

    bill = read(text)

    assert [(one.account, one.amount, one.rows) for one in bill.lines] == [
        ("ocean-320", Decimal("11.008"), 2)
    ]
    assert bill.rows == 2


def test_tax_is_an_account_of_its_own_so_that_nothing_is_lost():
    taxed = OF_ONE_MONTH.replace("Tax,0.00", "Tax,100.00").replace(
        'Filtered total,"1,246.51"', 'Filtered total,"1,346.51"'
    )

    bill = read(taxed)

    assert {one.account: one.amount for one in bill.lines}["[Tax]"] == Decimal("100.00")
    assert bill.stated == {JANUARY: Decimal("1346.51")}


def test_credits_are_amounts_below_zero():
    text = "Project name,Subtotal ($)\nocean,-12.30\n"

    assert read(text).lines[0].amount == Decimal("-12.30")


def test_file_with_decimal_commas_is_read():
    text = "Project name;Subtotal (€)\nozean;1.234,56\nerde;12\n"

    bill = read(text)

    assert [(one.account, one.amount) for one in bill.lines] == [
        ("erde", Decimal("12")), ("ozean", Decimal("1234.56")),
    ]  # fmt: skip
    assert bill.currency == "EUR"


def test_part_of_a_month_is_taken_with_a_warning():
    bill = read("Project name,Subtotal ($)\na,1.00\n", name="r, 2026-01-01 — 2026-01-15.csv")

    assert bill.warnings == ("Its name says that it does not tell of all days of 2026-01.",)


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        (
            OF_ONE_MONTH, "report.csv",
            ", line 1: there is no column “Month”, and the file's name says no month.",
        ),
        (
            OF_ONE_MONTH, "r, 2026-01-01 — 2026-02-28.csv",
            ", line 1: there is no column “Month”, and the file's name says no month.",
        ),
        (
            OF_ONE_MONTH.replace("1,250.10", "much").replace('"1,234.504317"', "much"), ONE_MONTH,
            ", line 2: Unrounded subtotal ($): 'much' is not an amount.",
        ),
        (
            OF_ONE_MONTH.replace('"1,234.504317"', '"1,134.504317"'), ONE_MONTH,
            ": the projects sum up to 1146.508417, and the file says 1246.51.",
        ),
        (
            "Service description,Subtotal ($)\nCompute,1.00\n", ONE_MONTH,
            ", line 1: there is no column “Project name” or “Project ID”.",
        ),
        (
            "Project name,Usage\nocean,1.00\n", ONE_MONTH,
            ", line 1: there is no column of an amount (“Subtotal”).",
        ),
        (
            BY_MONTH.replace("305.30", "305.90"), "x.csv",
            ": the projects sum up to 305.30, and the file says 305.90.",
        ),
        (
            BY_MONTH.replace("2026-02,", "Soon,"), "x.csv",
            ", line 4: Month: 'Soon' is not a month.",
        ),
        (
            "Project name,Subtotal ($)\nocean,\n", ONE_MONTH, ", line 2: ocean has no amount.",
        ),
        (
            "Project name,Subtotal ($)\n,5.00\n", ONE_MONTH,
            ", line 2: a row without a project that is no total either.",
        ),
        (
            ("Month,Project name,Subtotal ($)\n2026-01,a,1.00\n2026-02,a,1.00\n,,\n"
            "Tax,,5.00\n"), "x.csv",
            ", line 5: Tax is of several months together.",
        ),
    ],
)  # fmt: skip
def test_file_that_is_broken_is_refused_with_line_and_field(text, name, message):
    assert refusal(text, name=name) == message
