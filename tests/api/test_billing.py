import pytest
import time_machine

from tests.billing.bills import ACCOUNT, LATER, book, count_mau
from tests.billing.line import make_served
from throughline.billing.queries import month_in_full
from throughline.billing.shapes import month_in_full_shape
from throughline.kernel.months import parse_month
from throughline.people.words import RoleName

pytestmark = pytest.mark.django_db


@pytest.fixture
def april(settings, tmp_path):
    settings.HOME = tmp_path
    make_served("maple")
    book({ACCOUNT: "100.005", "2": "7.77"})
    count_mau({"maple": 280})


def test_months_are_those_of_the_ledger_with_their_check(bd, april):
    months = bd.get("/api/v1/billing/months").json()

    assert [(one["month"], one["total"], one["unassigned"], one["checks"]) for one in months] == [
        ("2026-04", "107.78", "7.77", True)
    ]


def test_month_has_its_cells_and_charges_as_the_command_says_them(bd, april, playbook):
    answer = bd.get("/api/v1/billing/months/2026-04").json()

    wanted = month_in_full_shape(month_in_full(parse_month("2026-04"), playbook=playbook))
    assert answer["cells"] == wanted["cells"]
    told = [(one["kind"], one["amount"], one["invoiced"]) for one in answer["charges"]]
    assert told == [
        ("cloud", "100.01", True), ("cloud", "7.77", False), ("usage", "1000.00", True),
    ]  # fmt: skip


def test_not_billed_yet_is_a_sum_with_reasons(bd, april):
    with time_machine.travel(LATER, tick=False):
        answer = bd.get("/api/v1/billing/unbilled").json()

    assert (answer["total"], [one["reason"] for one in answer["reasons"]]) == (
        "1107.78", ["not_sent", "unassigned"],
    )  # fmt: skip


@pytest.mark.parametrize("where", ["months", "months/2026-04", "unbilled"])
def test_billing_is_for_those_who_see_money(signed_in, april, where):
    assert signed_in(RoleName.PS).get(f"/api/v1/billing/{where}").status_code == 403


def test_month_that_is_none_is_refused(bd):
    assert bd.get("/api/v1/billing/months/2026-13").status_code == 422
