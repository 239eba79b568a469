import time
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from throughline.intake.deal_file import Rejected, read_deals
from throughline.kernel.errors import Refused

REAL = Path(__file__).resolve().parents[3] / "shared" / "real"
EXPORT = REAL / "deals" / "hubspot-deals-export.csv"
COLUMNS = (
    "id,dealname,dealstage,amount,closedate,contract_start_date,contract_end_date,"
    "target_start_date,target_end_date,hs_deal_stage_probability,amount_collected"
)


@pytest.fixture
def read(tmp_path):
    """Return what a file with a header and some lines says."""

    def _read(*lines, header=COLUMNS):
        path = tmp_path / "deals.csv"
        path.write_bytes("\n".join([header, *lines]).encode())
        return read_deals(path)

    return _read


def row(**cells):
    full = {"id": "7", "dealname": "A deal", "dealstage": "Lead", **cells}
    return ",".join(full.get(name, "") for name in COLUMNS.split(","))


def facts(deal):
    return (
        deal.line,
        deal.hubspot_id,
        deal.name,
        deal.revenue_type,
        deal.amount,
        deal.close_on,
        (deal.start_on, deal.end_on),
        (deal.mrr, deal.arr),
        deal.amount_collected,
    )


@pytest.mark.real
@pytest.mark.skipif(not EXPORT.exists(), reason="../shared/real is not beside the repository")
def test_real_export_gives_every_fact_of_its_five_deals():
    found = read_deals(EXPORT)

    assert (found.rejected, found.unknown_columns) == ((), ())
    assert [facts(deal) for deal in found.rows] == [
        (
            *(2, "86221242056", "University of Toronto RFP 2025", "membership-premier"),
            *(Decimal("17500.0"), date(2025, 12, 10), (date(2025, 10, 1), date(2027, 9, 30))),
            *((None, None), Decimal("17500.0")),
        ),
        (
            *(3, "86221242058", "EarthScope Usage Quotas Project 2025", "project"),
            *(Decimal("99750.0"), date(2026, 1, 27), (date(2026, 1, 1), date(2026, 6, 1))),
            *((None, None), Decimal("34125.0")),
        ),
        (
            *(4, "86221242068", "AWI CIROH 2025-2026 Extension", "membership-general"),
            *(Decimal("15000.0"), date(2025, 7, 15), (date(2025, 7, 1), date(2026, 6, 30))),
            *((Decimal("1250.0"), Decimal("15000.0")), Decimal("15000.0")),
        ),
        (
            *(5, "86221242070", "BIDS 2025", "membership-premier"),
            *(Decimal("45000.0"), date(2025, 8, 22), (date(2025, 8, 1), date(2026, 7, 31))),
            *((Decimal("3750.0"), Decimal("45000.0")), Decimal("45205.0")),
        ),
        (
            *(6, "86221243078", "Delegate CellMap Management 2025", "project"),
            *(Decimal("2500.0"), date(2025, 8, 27), (date(2025, 8, 15), date(2025, 9, 30))),
            *((Decimal("0.0"), Decimal("0.0")), Decimal("2500.0")),
        ),
    ]
    assert {(deal.pipeline, deal.stage_name, deal.probability) for deal in found.rows} == {
        ("Membership Sales", "Closed Won", Decimal(1))
    }
    assert [deal.projected_amount for deal in found.rows] == [deal.amount for deal in found.rows]


@pytest.mark.real
@pytest.mark.skipif(not EXPORT.exists(), reason="../shared/real is not beside the repository")
def test_real_export_keeps_target_days_beside_contract_days():
    toronto, earthscope, ciroh, *_ = read_deals(EXPORT).rows

    assert (toronto.contract_end_date, toronto.target_end_date) == (
        date(2027, 9, 30),
        date(2030, 9, 30),
    )
    assert (earthscope.target_start_date, earthscope.target_end_date) == (
        date(2025, 9, 1),
        date(2025, 12, 31),
    )
    assert (ciroh.target_start_date, ciroh.target_end_date) == (None, None)


def test_effective_days_are_chosen_independently(read):
    found = read(row(contract_start_date="2026-02-01", target_end_date="2026-12-31"))

    assert (found.rows[0].start_on, found.rows[0].end_on) == (date(2026, 2, 1), date(2026, 12, 31))


def test_empty_cells_are_unknown_and_not_zero(read):
    deal = read(row()).rows[0]

    assert (deal.amount, deal.amount_collected, deal.probability, deal.close_on) == (None,) * 4
    assert (deal.owner, deal.buyer, deal.currency, deal.start_on) == ("", "", "", None)


def test_optional_columns_are_read_and_unknown_ones_kept(read):
    found = read(
        "a-1,A,Lead,Ada,usd,Buyer Ltd,eco,blue,",
        header="id,dealname,dealstage,owner,deal_currency_code,company,community,colour,mood",
    )

    deal = found.rows[0]
    assert (deal.owner, deal.currency, deal.buyer, deal.community) == (
        *("Ada", "USD"),
        *("Buyer Ltd", "eco"),
    )
    assert found.unknown_columns == ("colour", "mood")
    assert deal.extra == {"colour": "blue"}


def test_first_filled_of_two_columns_for_one_word_counts(read):
    found = read("1,A,Lead,,Bob", header="id,dealname,dealstage,hubspot_owner,owner")

    assert found.rows[0].owner == "Bob"


def test_source_is_the_row_as_it_stands(read):
    found = read("1, A ,Lead,10.00", header="id,dealname,dealstage,amount")

    assert found.rows[0].name == "A"
    assert found.rows[0].source() == {
        "id": "1",
        "dealname": " A ",
        "dealstage": "Lead",
        "amount": "10.00",
    }


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"id": ""}, "id: is empty. Export the deals with their Record ID."),
        (
            {"id": "1 2"},
            (
                "id: '1 2' is not a deal's id. "
                "Write HubSpot's id without spaces, at most 40 characters."
            ),
        ),
        ({"dealname": ""}, "dealname: is empty. Fill it in and try again."),
        ({"dealstage": " "}, "dealstage: is empty. Fill it in and try again."),
        (
            {"closedate": "10/12/2025"},
            "closedate: '10/12/2025' is not a date. Write it as YYYY-MM-DD, such as 2026-06-30.",
        ),
        (
            {"target_end_date": "2026-02-30"},
            (
                "target_end_date: '2026-02-30' is not a date. "
                "Write it as YYYY-MM-DD, such as 2026-06-30."
            ),
        ),
        (
            {"amount": "$5"},
            "amount: '$5' is not an amount. Write digits with a point, such as 17500.00.",
        ),
        (
            {"amount": "-5"},
            "amount: '-5' is less than zero. Write zero or more; empty is unknown.",
        ),
        (
            {"amount_collected": "NaN"},
            (
                "amount_collected: 'NaN' is not an amount. "
                "Write digits with a point, such as 17500.00."
            ),
        ),
        (
            {"hs_deal_stage_probability": "1.2"},
            (
                "hs_deal_stage_probability: '1.2' is not a probability. "
                "Write a number from 0 to 1, such as 0.8."
            ),
        ),
        (
            {"hs_deal_stage_probability": "likely"},
            (
                "hs_deal_stage_probability: 'likely' is not a probability. "
                "Write a number from 0 to 1, such as 0.8."
            ),
        ),
        (
            {"contract_start_date": "2026-02-01", "contract_end_date": "2026-01-31"},
            (
                "contract_end_date: 2026-01-31 is before contract_start_date 2026-02-01. "
                "Correct the dates."
            ),
        ),
        (
            {
                "contract_start_date": "2026-02-01",
                "contract_end_date": "2026-05-31",
                "target_start_date": "2026-02-01",
                "target_end_date": "2026-01-31",
            },
            (
                "target_end_date: 2026-01-31 is before target_start_date 2026-02-01. "
                "Correct the dates."
            ),
        ),
        (
            {"contract_start_date": "2026-02-01", "target_end_date": "2026-01-31"},
            (
                "target_end_date: 2026-01-31 is before contract_start_date 2026-02-01. "
                "Correct the dates."
            ),
        ),
        (
            {"dealname": "a\0b"},
            "dealname: holds a NUL character. Export the file again as UTF-8.",
        ),
        (
            {"dealname": "x" * 256},
            f"dealname: {'x' * 40!r}… has 256 characters. Shorten it to 255.",
        ),
        (
            {"dealstage": "x" * 121},
            f"dealstage: {'x' * 40!r}… has 121 characters. Shorten it to 120.",
        ),
        (
            {"amount": "a lot", "closedate": "soon"},
            (
                "closedate: 'soon' is not a date. Write it as YYYY-MM-DD, such as 2026-06-30. "
                "amount: 'a lot' is not an amount. Write digits with a point, such as 17500.00."
            ),
        ),
    ],
)
def test_wrong_row_is_rejected_with_reason_and_the_others_go_in(read, cells, reason):
    found = read(row(id="1"), row(**cells), row(id="3"))

    assert [deal.hubspot_id for deal in found.rows] == ["1", "3"]
    assert found.rejected == (Rejected(3, reason),)


def test_name_of_255_characters_goes_in(read):
    assert read(row(dealname="x" * 255)).rejected == ()


def test_currency_that_is_no_code_is_rejected(read):
    found = read("1,A,Lead,Dollars", header="id,dealname,dealstage,currency")

    assert found.rejected == (
        Rejected(
            2, "currency: 'Dollars' is not a currency code. Write three letters, such as USD."
        ),
    )


def test_row_with_wrong_number_of_cells_is_rejected(read):
    found = read("1,A", "2,B,Lead", "3,C,Lead,x", header="id,dealname,dealstage")

    assert [deal.hubspot_id for deal in found.rows] == ["2"]
    remedy = "Put text with commas or line breaks in double quotes."
    assert found.rejected == (
        Rejected(2, f"2 cells where the header has 3. {remedy}"),
        Rejected(4, f"4 cells where the header has 3. {remedy}"),
    )


def test_second_row_of_an_id_is_rejected_and_names_the_first_line(read):
    found = read(row(id="1", dealname='"two\nlines"'), row(id="2"), row(id="1"))

    assert [(deal.line, deal.hubspot_id) for deal in found.rows] == [(2, "1"), (4, "2")]
    assert found.rejected == (
        Rejected(5, "id: '1' stands on line 2 already. Keep one of the rows."),
    )


def test_id_whose_first_row_is_rejected_still_counts_as_seen(read):
    found = read(row(id="1", amount="x"), row(id="1"))

    assert (found.rows, [each.row for each in found.rejected]) == ((), [2, 3])


@pytest.mark.parametrize(
    "raw",
    [b"", b"\n\n", b"id,dealname\n1,A\n", b"id,dealname,dealstage\n1,\xff,Lead\n", b"1,A,Lead\n"],
)
def test_file_that_is_no_table_of_deals_is_refused(tmp_path, raw):
    path = tmp_path / "deals.csv"
    path.write_bytes(raw)

    with pytest.raises(Refused):
        read_deals(path)


def test_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(Refused, match=r"cannot be read: No such file or directory\."):
        read_deals(tmp_path / "none.csv")


def test_header_alone_is_an_empty_file(read):
    found = read()

    assert (found.rows, found.rejected) == ((), ())


def test_byte_order_mark_and_carriage_returns_are_no_obstacle(tmp_path):
    path = tmp_path / "deals.csv"
    path.write_bytes(b"\xef\xbb\xbfid,dealname,dealstage\r\n1,A,Lead\r\n")

    assert [deal.name for deal in read_deals(path).rows] == ["A"]


def test_twenty_thousand_rows_are_read_quickly(read):
    lines = [
        row(id=str(n), amount="17500.0", contract_start_date="2026-01-01", closedate="2026-01-01")
        for n in range(20_000)
    ]

    start = time.process_time()
    found = read(*lines)

    assert len(found.rows) == 20_000
    assert time.process_time() - start < 4  # about 0.5 s; far from it only if it is not linear


def test_what_a_handoff_wrote_there_is_no_news_in_an_export(read):
    header = f"{COLUMNS},throughline_delivery,shoe_size"

    file = read(f"{row()},Waits for PS,44", header=header)

    assert (file.rows[0].extra, file.unknown_columns) == ({"shoe_size": "44"}, ("shoe_size",))
