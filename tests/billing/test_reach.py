"""What is read for some engagements alone says of them what the whole book says."""

from contextlib import contextmanager, suppress
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.billing.bills import APRIL, JUNE, LATER, MAY, book, count_mau
from tests.billing.line import agree_payer, make_served
from tests.factories import NOON
from throughline.billing.actions.months import review_month, send_month
from throughline.billing.grounds import known_grounds
from throughline.billing.models import AccountAssignment, SplitPart, SplitRule
from throughline.billing.overview import not_billed, sheet_index, sheet_rows
from throughline.billing.queries import cells
from throughline.billing.reach import reach_of
from throughline.billing.sheet import sheet
from throughline.billing.unbilled import orphans, unbilled
from throughline.delivery.models import Engagement, EngagementCluster
from throughline.infrastructure.models import CloudAccount, Cluster
from throughline.kernel.errors import Refused
from throughline.sales.models import Deal

pytestmark = pytest.mark.django_db
MONTHS = (APRIL, MAY, JUNE)
NAMES = ("maple", "birch", "cedar", "aspen", "rowan")
of_them = st.integers(0, len(NAMES) - 1)
pairs = st.lists(st.tuples(of_them, of_them), max_size=3)


@pytest.fixture
def five():
    """Return five engagements, each with a cluster in an account of its own, and three months."""
    made = [make_served(name, account=str(n)) for n, name in enumerate(NAMES)]
    for month in MONTHS:
        book({str(n): f"{n + 1}.{n}7" for n in range(len(NAMES))}, month=month)
        count_mau({name: 9 * (n + 1) for n, name in enumerate(NAMES)}, month=month)
    return made


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(accounts=pairs, links=pairs, renewed=pairs, joined=pairs, assigned=pairs, split=pairs,
       payers=pairs, ends=st.lists(of_them, max_size=3))  # fmt: skip
def test_cells_of_some_are_those_of_all_narrowed_down(five, playbook, **tangle):
    numbers = [engagement.pk for engagement, _cluster in five]
    with undone():
        tie(five, tangle)

        whole = cells(MONTHS, playbook=playbook)
        known = known_grounds(zone=playbook.organisation.zone)

        for within in ([numbers[0]], [numbers[1]], [numbers[2]], numbers[:2]):
            wanted = {key: cell for key, cell in whole.items() if key[0] in within}
            for grounds in (None, known):
                narrow = cells(MONTHS, playbook=playbook, within=within, grounds=grounds)
                assert narrow == wanted


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(accounts=pairs, links=pairs, renewed=pairs, joined=pairs, assigned=pairs, split=pairs,
       payers=pairs, ends=st.lists(of_them, max_size=3), sent=st.booleans())  # fmt: skip
def test_what_pages_show_month_by_month_is_what_the_whole_ledger_says(
    five, playbook, sent, **tangle
):
    with undone():
        tie(five, tangle)
        if sent:
            _send(APRIL, playbook)
            book({"0": "1.99", "1": "30.03"}, month=APRIL)  # other bills of it: they come late
        whole = sheet(MONTHS, playbook=playbook)
        unknown = unbilled(on=LATER.date(), playbook=playbook)

        found = sheet_index(MONTHS, playbook=playbook)
        waiting = not_billed(on=LATER.date(), playbook=playbook)

        assert found.months == whole.months
        assert sheet_rows(found.places, MONTHS, playbook=playbook) == whole.rows
        assert (waiting.items, waiting.total) == (unknown.items, unknown.total)
        assert waiting.orphans == orphans(unknown.book)


def _send(month, playbook):
    review_month(month, playbook=playbook, by="ada", at=LATER)
    send_month(month, playbook=playbook, by="sol", at=LATER)


def test_a_month_comes_to_the_same_whichever_others_are_looked_at(five, playbook):
    """What came late is split by the users of its own month, though nothing else of it is read."""
    engagements, clusters = ([one[at] for one in five] for at in (0, 1))
    Cluster.objects.filter(pk=clusters[1].pk).update(account=clusters[0].account_id)
    rule = SplitRule.objects.create(
        account=clusters[0].account, from_month=APRIL, version=1, method="users", by="test", at=NOON
    )
    for engagement, cluster in zip(engagements[:2], clusters[:2], strict=True):
        SplitPart.objects.create(rule=rule, engagement=engagement, cluster=cluster)
    for month in (APRIL, MAY):
        _send(month, playbook)
    book({"0": "31.07"}, month=APRIL)  # 30.00 more, and it counts in June

    alone = sheet([JUNE], playbook=playbook)
    among = sheet(MONTHS, playbook=playbook)

    late = [row.cells[JUNE].adjusted for row in alone.rows]
    assert sorted(one for one in late if one is not None) == [Decimal(10), Decimal(20)]
    assert alone.months[0] == among.months[-1]
    assert [row.cells[JUNE] for row in alone.rows] == [row.cells[JUNE] for row in among.rows]


@contextmanager
def undone():
    """Take back what is done meanwhile."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def tie(five, tangle):
    """Tie engagements, clusters and accounts to each other in every way that there is."""
    engagements, clusters = ([one[at] for one in five] for at in (0, 1))
    for one, other in tangle["accounts"]:
        Cluster.objects.filter(pk=clusters[one].pk).update(account=clusters[other].account_id)
    for one, other in tangle["links"]:
        EngagementCluster.objects.get_or_create(
            engagement=engagements[one], cluster=clusters[other], defaults={"since": NOON}
        )
    for one, other in tangle["renewed"]:
        Engagement.objects.filter(pk=engagements[one].pk).update(successor=engagements[other].pk)
    for one, other in tangle["joined"]:
        if one != other:
            merged = {
                "merged_into": engagements[other].pk,
                "deleted_at": NOON,
                "deleted_by": "test",
            }
            Deal.objects.filter(pk=engagements[one].pk).update(**merged)
    for one in tangle["ends"]:
        Deal.objects.filter(pk=engagements[one].pk).update(end_on=MAY)
    for one, other in tangle["payers"]:
        with suppress(Refused):  # it is agreed already
            agree_payer(engagements[one], clusters[other], "us")
    _split(engagements, clusters, tangle["split"])
    _assign(clusters, tangle["assigned"])


def _assign(clusters, pairs):
    for one, other in pairs:
        AccountAssignment.objects.update_or_create(
            account=CloudAccount.objects.get(identifier=str(one)),
            defaults={"cluster": clusters[other], "by": "test", "at": NOON},
        )


def _split(engagements, clusters, parts):
    if not parts:
        return
    rule = SplitRule.objects.create(
        account=clusters[parts[0][0]].account, from_month=APRIL, version=1, method="fixed",
        by="test", at=NOON,
    )  # fmt: skip
    for weight, (one, other) in enumerate(parts, start=1):
        SplitPart.objects.create(
            rule=rule, engagement=engagements[one], cluster=clusters[other], weight=weight
        )


def test_nothing_is_read_of_what_does_not_hang_together(five):
    (maple, of_maple), (birch, of_birch) = five[:2]
    EngagementCluster.objects.create(engagement=maple, cluster=of_birch, since=NOON)

    found = reach_of([maple.pk])

    assert found.engagements == {maple.pk, birch.pk}
    assert found.clusters == {of_maple.pk, of_birch.pk}
    assert found.accounts == {of_maple.account_id, of_birch.account_id}
