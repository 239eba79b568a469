"""The team from a file: what goes in, and what is rejected with its line."""

from datetime import date
from decimal import Decimal

import pytest

from tests.factories import NOON, PS
from throughline.capacity.models import Colleague
from throughline.intake.people_file import import_people
from throughline.kernel.errors import Refused
from throughline.playbook.loader import shipped

pytestmark = pytest.mark.django_db

HEADER = "name,roles,weekly_hours,billable_share,from,to,country"
WRITE_ISO = "Write ISO's two letters, such as DE, with a part of it where needed: US-CA."
ROLES = "App Engineer, Infrastructure Engineer, Tech Lead, Product, Delivery"


@pytest.fixture
def take(tmp_path):
    """Take in a file of some lines."""

    def _take(*lines, header=HEADER):
        path = tmp_path / "people.csv"
        path.write_text("\n".join([header, *lines]), encoding="utf-8")
        return import_people(path, playbook=shipped(), by=PS, at=NOON)

    return _take


def counts(taken):
    return taken.created, taken.updated, taken.unchanged, len(taken.rejected)


def test_people_go_in_with_roles_by_any_of_their_names(take):
    take("Ada,Infra Eng; tech_lead ;Technical Lead,40,0.45,2025-01-01,2026-12-31,us-ca")

    ada = Colleague.objects.get()
    assert (ada.name, ada.roles, ada.weekly_hours, ada.billable_share) == (
        "Ada", ["infrastructure_engineer", "tech_lead"], 40, Decimal("0.45"),
    )  # fmt: skip
    assert (ada.from_on, ada.to_on, ada.country) == (date(2025, 1, 1), date(2026, 12, 31), "US-CA")


def test_share_that_is_empty_is_the_playbook_s_and_other_columns_may_be_left_out(take):
    take("Ada,Product,20", header="name,roles,weekly_hours")

    ada = Colleague.objects.get()
    assert (ada.billable_share, ada.from_on, ada.to_on, ada.country) == (
        Decimal("0.45"), None, None, "",
    )  # fmt: skip


def test_file_read_twice_changes_nothing_and_a_changed_row_updates(take):
    lines = ("Ada,Product,20,0.3333,,,DE", "Bo,Delivery,40,,,,")

    found = [take(*lines), take(*lines), take("Ada,Product,24,0.3333,,,DE")]

    assert [counts(one) for one in found] == [(2, 0, 0, 0), (0, 0, 2, 0), (0, 1, 0, 0)]
    assert Colleague.objects.count() == 2


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",Product,40,,,,", "name: is empty. Write who it is."),
        ("A,,40,,,,", f"roles: is empty. Use {ROLES}, separated by ;."),
        ("A,Wizard,40,,,,", f"roles: 'Wizard' is no role of the team. Use {ROLES}."),
        (
            "A,Product,-1,,,,",
            "weekly_hours: '-1' is not a number from 0 to 168. Write digits with a point, such as 40.",
        ),
        (
            "A,Product,nan,,,,",
            "weekly_hours: 'nan' is not a number from 0 to 168. Write digits with a point, such as 40.",
        ),
        (
            "A,Product,40,45,,,",
            "billable_share: '45' is not a number from 0 to 1. Write digits with a point, such as 0.45.",
        ),
        (
            "A,Product,40,,2026-02-30,,",
            "from: '2026-02-30' is not a date. Write it as YYYY-MM-DD, such as 2026-06-30.",
        ),
        (
            "A,Product,40,,2026-03-02,2026-03-01,",
            "to: 2026-03-01 is before from 2026-03-02. Correct the dates.",
        ),
        (
            "A,Product,40,,,,Atlantis",
            "country: 'ATLANTIS' is not a country whose holidays are known. " + WRITE_ISO,
        ),
        (
            "A,Product,40",
            "3 cells where the header has 7. Separate roles by ; and put commas in quotes.",
        ),
        ("bo,Product,40,,,,", "name: 'bo' stands on line 2 already. Keep one of the rows."),
        (
            f"{'x' * 161},Product,40,,,,",
            f"name: {'x' * 40!r}… has 161 characters. Shorten it to 160.",
        ),
    ],
)
def test_row_that_makes_no_sense_is_rejected_with_its_line_and_the_others_go_in(take, line, reason):
    taken = take("Bo,Delivery,40,,,,", line)

    assert taken.as_json() == {
        "created": 1, "updated": 0, "unchanged": 0, "rejected": [{"row": 3, "reason": reason}],
    }  # fmt: skip
    assert list(Colleague.objects.values_list("name", flat=True)) == ["Bo"]


def test_row_with_several_mistakes_names_them_all(take):
    [(_line, reason)] = take("A,Wizard,-1,2,,,").rejected

    assert [part in reason for part in ("roles:", "weekly_hours:", "billable_share:")] == [True] * 3


def test_file_without_a_column_that_is_needed_is_refused(take):
    with pytest.raises(Refused) as refused:
        take("Ada,40", header="name,weekly_hours")

    assert refused.value.message.endswith("line 1: the column roles is missing.")
    assert Colleague.objects.count() == 0
