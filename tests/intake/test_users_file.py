"""Monthly active users in a file."""

from datetime import date

import pytest

from throughline.billing.told import Counted
from throughline.intake.users_file import read_users
from throughline.kernel.errors import Refused

HEAD = "cluster,date,unique_users\n"
JANUARY = date(2026, 1, 1)


def read(text):
    return read_users(text.encode(), name="mau.csv")


def test_rows_are_counts_of_months_and_a_blank_is_unknown_never_zero():
    counts = read(
        HEAD + "earth,2026-01-31,280\nmars,2026-01,N/A\nvenus,2026-01-01,\npluto,2026-01-31,0\n"
    )

    assert counts.counted == (
        Counted("earth", JANUARY, 280), Counted("mars", JANUARY, None),
        Counted("venus", JANUARY, None), Counted("pluto", JANUARY, 0),
    )  # fmt: skip
    assert counts.rejected == ()


def test_file_with_semicolons_and_a_mark_is_read():
    assert read("\ufeff" + HEAD.replace(",", ";") + "earth;2026-01-31;280.0\n").counted == (
        Counted("earth", JANUARY, 280),
    )


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("earth,2026-01-31,many", "unique_users: 'many' is not a number of people."),
        ("earth,2026-01-31,-1", "unique_users: '-1' is not a number of people."),
        ("earth,2026-01-31,2.5", "unique_users: '2.5' is not a number of people."),
        ("earth,31/01/2026,5", "date: '31/01/2026' is not a date."),
        ("earth,,5", "date: is empty."),
        (",2026-01-31,5", "cluster: is empty or too long."),
        ("good,2026-01-15,5", "date: good in 2026-01 stands on line 2 already."),
        ("earth,2026-01-31", "2 cells where the header has 3."),
    ],
)
def test_row_that_makes_no_sense_is_told_and_the_others_stand(row, reason):
    counts = read(f"{HEAD}good,2026-01-31,1\n{row}\n")

    assert counts.counted == (Counted("good", JANUARY, 1),)
    assert [(line, said[: len(reason)]) for line, said in counts.rejected] == [(3, reason)]


def test_file_without_the_columns_is_refused():
    with pytest.raises(Refused) as refused:
        read("hub,date,users\n")

    assert refused.value.message == "mau.csv, line 1: the column cluster, unique_users is missing."
