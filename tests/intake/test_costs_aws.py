"""Cost Explorer's CSV by linked account, as AWS writes it and as people spoil it."""

from datetime import date
from decimal import Decimal

import pytest

from throughline.intake.costs_aws import read_aws
from throughline.kernel.errors import Refused

JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)
# As downloaded: every cell in quotes, up to ten decimals, nothing where there was no usage.
AS_DOWNLOADED = """\
"Linked account","012345678901","222222222222","333333333333","Total costs($)"
"Linked account name","EarthScope($)","Ocean, Inc.($)","Management($)","Total costs($)"
"Linked account total","301.2469135780","12.5","0.0000004571","313.7469140351"
"2026-01-01","100.1234567890","12.5","","112.623456789"
"2026-02-01","201.123456789","","0.0000004571","201.1234572461"
"""


def read(text, *, name="costs.csv", own="USD"):
    content = text if isinstance(text, bytes) else text.encode()
    return read_aws(content, name=name, own=own)


def refusal(text):
    with pytest.raises(Refused) as refused:
        read(text)
    assert refused.value.remedy != ""
    return refused.value.message


def test_every_amount_is_read_with_all_its_digits_and_blank_is_no_amount():
    bill = read(AS_DOWNLOADED)

    assert [(line.account, line.name, line.month, str(line.amount)) for line in bill.lines] == [
        ("012345678901", "EarthScope", JANUARY, "100.1234567890"),
        ("222222222222", "Ocean, Inc.", JANUARY, "12.5"),
        ("012345678901", "EarthScope", FEBRUARY, "201.123456789"),
        ("333333333333", "Management", FEBRUARY, "4.571E-7"),
    ]
    assert (bill.provider, bill.currency, bill.rows) == ("aws", "USD", 4)
    assert bill.stated == {
        JANUARY: Decimal("112.623456789"), FEBRUARY: Decimal("201.1234572461"),
    }  # fmt: skip


@pytest.mark.parametrize(
    "spoiled",
    [
        "\ufeff" + AS_DOWNLOADED,
        AS_DOWNLOADED.replace("\n", "\r\n"),
        AS_DOWNLOADED.replace('"Ocean, Inc.($)"', '"Ocean, Inc. ($)"').replace('"', '"'),
        AS_DOWNLOADED.rstrip("\n"),
        AS_DOWNLOADED.replace('"012345678901"', '"12345678901"'),
        AS_DOWNLOADED.replace('"2026-02-01"', '"2/1/2026"').replace('"2026-01-01"', '"1/1/2026"'),
        AS_DOWNLOADED.replace('"100.1234567890"', '"$100.1234567890"'),
        AS_DOWNLOADED.encode("utf-16"),
    ],
    ids=["mark", "CRLF", "space", "no-last-line-end", "lost-zero", "us-days", "sign", "utf-16"],
)
def test_file_that_another_program_saved_says_the_same(spoiled):
    assert read(spoiled).lines == read(AS_DOWNLOADED).lines


def test_file_with_semicolons_decimal_commas_and_latin_letters_is_read():
    german = """\
Linked account;012345678901;222222222222;Total costs(€)
Linked account name;Erdkröte(€);Ozean(€);Total costs(€)
Linked account total;1.234,56;12,50;1.247,06
01.01.2026;1.234,56;12,50;1.247,06
"""

    bill = read(german.encode("cp1252"))

    assert [(line.name, line.month, line.amount) for line in bill.lines] == [
        ("Erdkröte", JANUARY, Decimal("1234.56")), ("Ozean", JANUARY, Decimal("12.50")),
    ]  # fmt: skip
    assert bill.currency == "EUR"


def test_totals_that_differ_by_rounding_only_are_believed():
    rounded = """\
"Linked account","012345678901","222222222222","Total costs($)"
"Linked account name","A($)","B($)","Total costs($)"
"Linked account total","0.13","0.13","0.25"
"2026-01-01","0.13","0.13","0.25"
"""

    assert read(rounded).stated == {JANUARY: Decimal("0.25")}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "costs.csv is empty."),
        (
            AS_DOWNLOADED[:-20],
            "costs.csv, line 5: unexpected end of data; the file is cut off or broken.",
        ),
        (
            AS_DOWNLOADED.removesuffix(',"201.1234572461"\n'),
            "costs.csv, line 5: 4 cells where the first row has 5; the file is cut off or broken.",
        ),
        (
            "".join(AS_DOWNLOADED.splitlines(keepends=True)[:4]),
            (
                "costs.csv: the amounts of EarthScope($) sum up to 100.1234567890, and the file says"
                " 301.2469135780."
            ),
        ),
        (
            AS_DOWNLOADED.replace('"112.623456789"', '"112.73"'),
            "costs.csv: the amounts of 2026-01 sum up to 112.6234567890, and the file says 112.73.",
        ),
        (
            AS_DOWNLOADED.replace('"12.5",""', '"n/a",""'),
            "costs.csv, line 4: Ocean, Inc.($): 'n/a' is not an amount.",
        ),
        (
            AS_DOWNLOADED.replace('"012345678901"', '"1.23E+10"'),
            "costs.csv, line 1: column 2: '1.23E+10' is no account number.",
        ),
        (
            AS_DOWNLOADED.replace('"222222222222"', '"012345678901"'),
            "costs.csv, line 1: the account 012345678901 stands twice.",
        ),
        (
            AS_DOWNLOADED.replace('"2026-02-01"', '"2026-02-02"'),
            "costs.csv, line 5: '2026-02-02' is not the first day of a month.",
        ),
        (
            AS_DOWNLOADED.replace('"2026-02-01"', '"2026-01-01"'),
            "costs.csv, line 5: 2026-01 stands twice.",
        ),
        (
            AS_DOWNLOADED.replace("Linked account", "Service"),
            "costs.csv, line 1: it is grouped by 'Service', not by linked account.",
        ),
        (
            AS_DOWNLOADED.replace('"Ocean, Inc.($)"', '"Ocean, Inc.(€)"'),
            "costs.csv, line 2: the columns are in EUR and USD.",
        ),
        (
            AS_DOWNLOADED.replace('"12.5",""', '"12,5",""'),
            (
                "costs.csv: '301.2469135780' on line 3 has a decimal point and '12,5' on line 4 a decimal"
                " comma."
            ),
        ),
    ],
)
def test_file_that_is_broken_is_refused_with_line_and_field(text, message):
    assert refusal(text)[-len(message) :] == message
