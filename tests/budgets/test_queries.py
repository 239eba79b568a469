import pytest

from tests.factories import make_cluster
from throughline.budgets.queries import unarmed_clusters
from throughline.infrastructure.words import Payer

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("fields", "is_listed"),
    [
        ({"budget_alert": None}, True),
        ({"budget_alert": False}, True),
        ({"budget_alert": True}, False),
        ({"paid_by": Payer.COMMUNITY}, False),
        ({"paid_by": Payer.UNKNOWN}, False),
        ({"account": None}, False),
    ],
)
def test_cluster_is_unarmed_where_we_pay_and_nothing_says_that_an_alert_is_armed(fields, is_listed):
    make_cluster("leap", **fields)

    assert [one.name for one in unarmed_clusters()] == (["leap"] if is_listed else [])


def test_unarmed_clusters_come_by_name_with_their_accounts_in_constant_queries(
    django_assert_num_queries,
):
    for name in ("c", "a", "b"):
        make_cluster(name)

    with django_assert_num_queries(4):
        assert [(one.name, one.account.identifier) for one in unarmed_clusters()] == [
            (name, "012345678901") for name in "abc"
        ]
