"""Taking files in: what becomes of each row, cluster and document; twice is once."""

from pathlib import Path

import pytest

from tests.factories import NOON, make_deal
from throughline.delivery.models import Engagement, EngagementCluster
from throughline.infrastructure.models import Cluster
from throughline.intake.actions import (
    Warned,
    import_deals,
    import_infrastructure,
    import_statement,
)
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.playbook.loader import shipped
from throughline.sales.models import Deal, StatementOfWork

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]
HEADER = (
    "id,dealname,dealstage,revenue_type,contract_start_date,contract_end_date,target_end_date\n"
)
WON = "1001,EarthScope,Closed Won,membership-premier,2026-01-01,2026-12-31,2027-06-30\n"
SOW = """---
title: A Tool
---

## Deliverables

### Build it

#### Definition of done

- It builds.

#### Estimates

:::{estimate-table}
- - Write it
  - 2h
  - 4h
:::
"""


def take(folder: Path, text: str):
    path = folder / "deals.csv"
    path.write_text(text)
    found = import_deals(path, playbook=shipped(), by="ada", at=NOON)
    return (found.created, found.updated, found.unchanged), found


def codes(found) -> list[tuple[str, str | None]]:
    return [(one.code, one.deal) for one in found.warnings]


def cluster_file(folder: Path, name: str, deal: str = "1001", more: str = "") -> None:
    (folder / f"{name}.yaml").write_text(
        f"name: {name}\nprovider: aws\n"
        f'metadata:\n  2i2c:\n    hubspot_deal_id: "{deal}"\n'
        "aws:\n  account: '012345678901'\n  region: us-west-2\n"
        f"  billing:\n    paid_by_us: false\n{more}"
        f"hubs:\n  - name: prod\n    domain: {name}.example\n    helm_chart: basehub\n"
    )


def take_clusters(folder: Path):
    return import_infrastructure([folder], by="ada", at=NOON)


def links() -> set[tuple[str, str]]:
    return set(
        EngagementCluster.objects.values_list("engagement__deal__hubspot_id", "cluster__name")
    )


def test_a_won_deal_gets_its_engagement_and_an_open_one_does_not(tmp_path):
    counts, _found = take(tmp_path, HEADER + WON + "1002,Open,Proposal,project,,,\n")

    assert counts == (2, 0, 0)
    assert [one.deal.hubspot_id for one in Engagement.objects.all()] == ["1001"]


def test_contract_dates_count_before_target_dates(tmp_path):
    take(tmp_path, HEADER + WON + "1002,Target,Closed Won,project,,,2027-06-30\n")

    ends = dict(Deal.objects.values_list("hubspot_id", "end_on"))
    assert {deal: on.isoformat() for deal, on in ends.items()} == {
        "1001": "2026-12-31",
        "1002": "2027-06-30",
    }


def test_the_same_file_again_changes_nothing_and_says_the_same_of_what_is_missing(tmp_path):
    _counts, first = take(tmp_path, HEADER + WON)
    entries = Entry.objects.count()

    counts, second = take(tmp_path, HEADER + WON)

    assert counts == (0, 0, 1)
    assert second.warnings == first.warnings
    assert Entry.objects.count() == entries


def test_an_amount_in_another_spelling_is_no_change(tmp_path):
    header = "id,dealname,dealstage,amount\n"
    take(tmp_path, header + "1001,A,Lead,17500.0\n")

    counts, _found = take(tmp_path, header + "1001,A,Lead,17500.00\n")

    assert counts == (0, 0, 1)


def test_a_cell_that_changed_is_carried_over_and_what_people_changed_here_stays(tmp_path):
    take(tmp_path, HEADER + WON)
    Deal.objects.update(name="Renamed here")

    counts, _found = take(tmp_path, HEADER + WON.replace("2026-12-31", "2027-03-31"))

    deal = Deal.objects.get()
    assert counts == (0, 1, 0)
    assert (deal.name, deal.end_on.isoformat()) == ("Renamed here", "2027-03-31")


def test_a_bad_row_is_rejected_with_its_line_and_the_others_go_in(tmp_path):
    bad = "1002,Bad,Closed Won,project,2026-05-01,2026-04-01,\n"

    counts, found = take(tmp_path, HEADER + bad + WON)

    assert counts == (1, 0, 0)
    assert found.rejected == (
        (
            2,
            (
                "contract_end_date: 2026-04-01 is before contract_start_date 2026-05-01."
                " Correct the dates."
            ),
        ),
    )


def test_an_unmapped_stage_is_kept_and_warned_of(tmp_path):
    _counts, found = take(tmp_path, HEADER + "1001,Odd,Paused,project,,,\n")

    assert codes(found) == [("stage_unmapped", "1001")]
    assert Deal.objects.get().stage_elsewhere == "Paused"


def test_a_column_nobody_knows_is_warned_of_and_kept(tmp_path):
    _counts, found = take(tmp_path, "id,dealname,dealstage,gpu\n1001,A,Lead,A100\n")

    assert found.warnings == (
        Warned("column_unknown", None, "Nobody has a place for the column 'gpu'; it is kept."),
    )
    assert Deal.objects.get().extra == {"gpu": "A100"}


def test_a_deal_moved_elsewhere_past_closed_gates_is_an_exception_and_gets_its_engagement(tmp_path):
    take(tmp_path, HEADER + "1001,Quick,Qualified,project,,,\n")

    _counts, found = take(tmp_path, HEADER + "1001,Quick,Closed Won,project,,,\n")

    assert codes(found)[0] == ("gate_bypassed", "1001")
    assert Deal.objects.get().exceptions.get().to_stage == "closed_won"
    assert Engagement.objects.count() == 1


def test_gaps_are_told_only_of_deals_that_came_in_already_won(tmp_path):
    _counts, found = take(tmp_path, HEADER + WON + "1002,Open,Proposal,project,,,\n")

    assert codes(found) == [("agreement_missing", "1001"), ("community_missing", "1001")]


def test_one_deal_may_have_several_clusters(tmp_path):
    take(tmp_path, HEADER + WON)
    for name in ("one", "two", "three"):
        cluster_file(tmp_path, name)

    take_clusters(tmp_path)

    assert links() == {("1001", "one"), ("1001", "two"), ("1001", "three")}


def test_clusters_that_come_before_their_deal_are_linked_when_it_comes(tmp_path):
    cluster_file(tmp_path, "early")
    take_clusters(tmp_path)
    before = links()

    take(tmp_path, HEADER + WON)

    assert (before, links()) == (set(), {("1001", "early")})


def test_a_cluster_that_names_another_deal_moves_its_link(tmp_path):
    take(tmp_path, HEADER + WON + WON.replace("1001", "1002"))
    cluster_file(tmp_path, "moving")
    take_clusters(tmp_path)
    cluster_file(tmp_path, "moving", deal="1002")

    _found, kept = take_clusters(tmp_path)

    assert kept.updated == ["moving"]
    assert links() == {("1002", "moving")}


def test_the_same_clusters_again_change_nothing(tmp_path):
    take(tmp_path, HEADER + WON)
    cluster_file(tmp_path, "same")
    take_clusters(tmp_path)
    entries = Entry.objects.count()

    _found, kept = take_clusters(tmp_path)

    assert (kept.created, kept.updated, kept.unchanged) == ([], [], ["same"])
    assert Entry.objects.count() == entries


def test_an_alert_file_that_comes_later_and_alone_is_noted_for_its_cluster(tmp_path):
    cluster_file(tmp_path, "armed")
    take_clusters(tmp_path)
    alone = tmp_path / "terraform"
    alone.mkdir()
    (alone / "armed.tfvars").write_text('cluster_name = "armed"\nregion = "us-west-2"\n')

    take_clusters(alone)

    assert Cluster.objects.get().budget_alert is True


def test_a_cluster_file_alone_later_keeps_what_the_alert_file_said(tmp_path):
    cluster_file(tmp_path, "armed")
    (tmp_path / "armed.tfvars").write_text('cluster_name = "armed"\nregion = "us-west-2"\n')
    take_clusters(tmp_path)
    alone = tmp_path / "clusters"
    alone.mkdir()
    cluster_file(alone, "armed")

    _found, kept = take_clusters(alone)

    assert Cluster.objects.get().budget_alert is True
    assert kept.unchanged == ["armed"]


def test_a_statement_is_kept_once_and_a_changed_one_is_the_next_version(tmp_path):
    deal, path = make_deal(), tmp_path / "sow.md"
    path.write_text(SOW)
    first, is_new = import_statement(path, deal=deal, by="ada", at=NOON)
    again, is_new_again = import_statement(path, deal=deal, by="ada", at=NOON)
    path.write_text(SOW.replace("2h", "3h").replace("4h", "6h"))

    second, is_new_too = import_statement(path, deal=deal, by="ada", at=NOON)

    assert (is_new, is_new_again, is_new_too) == (True, False, True)
    assert (first.pk, first.version) == (again.pk, 1)
    assert (second.version, second.low_h, second.high_h) == (2, 3, 6)
    assert StatementOfWork.objects.count() == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "No such file or directory"),
        (b"\xff\xfe\x00", "is not UTF-8"),
        (b"", "no heading"),
        (b"Just a letter.", "deliverable"),
    ],
)
def test_a_file_that_is_no_statement_is_refused_and_nothing_is_kept(tmp_path, content, words):
    path = tmp_path / "sow.md"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(Refused, match=words):
        import_statement(path, deal=None, by="ada", at=NOON)

    assert StatementOfWork.objects.count() == 0


def test_a_community_that_the_file_names_is_linked_once_and_never_erased(tmp_path):
    header = "id,dealname,dealstage,community\n"

    take(tmp_path, header + "1,Hub,Lead,Tidewrack\n2,Project,Lead,tidewrack\n")
    counts, _found = take(tmp_path, header + "1,Hub,Lead,\n2,Project,Lead,tidewrack\n")

    named = [deal.community and deal.community.short_name for deal in Deal.objects.order_by("pk")]
    assert named == ["Tidewrack", "Tidewrack"]
    assert counts == (0, 0, 2)
