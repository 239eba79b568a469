"""Files of a pull request are held against the agreements as if they were imported; nothing is."""

from datetime import date
from pathlib import Path

import pytest

from tests.factories import NOON, make_cluster, make_deal, tell
from throughline.budgets.models import Arming
from throughline.delivery.actions.engagements import open_imported
from throughline.infrastructure.models import Cluster
from throughline.infrastructure.words import Payer
from throughline.intake.actions import import_deals, import_infrastructure
from throughline.intake.changed_files import check_paths
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.playbook.loader import shipped
from throughline.renewals.reconcile import findings
from throughline.sales.models import AgreementPayer

pytestmark = pytest.mark.django_db
TODAY = date(2026, 7, 10)
REAL = Path(__file__).resolve().parents[3] / "shared" / "real"
CLUSTER = """\
name: {name}
provider: aws
metadata:
  2i2c:
    hubspot_deal_id: {deal}
aws:
  account: 123456789012
  billing:
    paid_by_us: {paid}
hubs:
  - name: prod
    domain: {name}.example
"""


@pytest.fixture
def deal():
    fields = {"start_on": date(2026, 1, 1), "end_on": date(2026, 12, 31), "tier": "premier"}
    found = make_deal(name="Leap", hubspot_id="1001", stage="closed_won", **fields)
    open_imported(playbook=shipped(), by="factory", at=NOON)
    return found


@pytest.fixture
def repository(tmp_path):
    def write(**files: str) -> list[Path]:
        paths = []
        for name, text in files.items():
            path = tmp_path / name.replace("__", "/").replace("_dot_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            paths.append(path)
        return paths

    return write


def cluster(name="leap", deal="1001", paid="false") -> str:
    return CLUSTER.format(name=name, deal=deal, paid=paid)


def check(paths, on=TODAY):
    return check_paths(paths, on=on, playbook=shipped())


def codes(paths, on=TODAY) -> list[tuple[str, str | None]]:
    return [(one.code, one.cluster) for one in check(paths, on).findings]


def test_file_in_order_has_no_finding_and_nothing_is_kept(deal, repository):
    entries = Entry.objects.count()

    checked = check(repository(config__clusters__leap__cluster_dot_yaml=cluster()))

    assert (checked.findings, checked.clusters, checked.passed_over) == ((), ("leap",), ())
    assert (Cluster.objects.count(), Entry.objects.count()) == (0, entries)


def test_only_the_clusters_of_the_files_are_told_of(deal, repository):
    make_cluster("lonely", hubs={})

    paths = repository(config__clusters__leap__cluster_dot_yaml=cluster(deal="404", paid="true"))

    assert codes(paths) == [("alert_missing", "leap"), ("deal_unknown", "leap")]


def test_file_counts_instead_of_what_was_imported(deal, repository):
    make_cluster("leap", deal_id="404", paid_by=Payer.US)

    assert codes(repository(leap__cluster_dot_yaml=cluster())) == []


def test_alert_of_a_tfvars_counts_with_a_changed_cluster_and_with_one_imported(deal, repository):
    files = {"leap__cluster_dot_yaml": cluster(paid="true")}
    off = 'cluster_name = "leap"\ndefault_budget_alert = { "enabled" : false }\n'
    assert codes(repository(**files)) == [("alert_missing", "leap")]
    assert codes(repository(**files, terraform__leap_dot_tfvars='cluster_name = "leap"\n')) == []

    hubs = {"prod": ("Prod", "leap.example")}
    make_cluster("leap", deal_id="1001", budget_alert=True, hubs=hubs)
    assert codes(repository(**files)) == []
    (found,) = check(repository(terraform__leap_dot_tfvars=off)).findings
    assert (found.code, found.message) == (
        "alert_missing",
        "We pay for aws 012345678901, and its budget alert is switched off.",
    )


def test_files_about_no_cluster_are_passed_over_and_secrets_never_opened(deal, repository):
    paths = repository(
        README_dot_md="# Hubs", leap__common_dot_values_dot_yaml="jupyterhub: {}",
        docs__some_dot_yaml="a: [", unknown_dot_tfvars='cluster_name = "elsewhere"\n',
    )  # fmt: skip
    secret = paths[0].parent / "enc-gone.secret.yaml"  # not even there

    checked = check([*paths, secret])

    assert checked.findings == ()
    assert len(checked.passed_over) == 5


def test_every_broken_file_is_named_with_its_line(deal, repository):
    paths = repository(
        one__cluster_dot_yaml="name: one\nprovider: [aws\n",
        two_dot_tfvars='region = "us-west-2"\ncluster_name = \n',
        three__cluster_dot_yaml=cluster(name="three"),
    )
    with pytest.raises(Refused) as refused:
        check([*paths, paths[0].parent / "gone.yaml"])

    assert "one/cluster.yaml: line 3: broken YAML" in str(refused.value)
    assert "two.tfvars: line 2: not readable" in str(refused.value)
    assert "gone.yaml cannot be read: No such file or directory" in str(refused.value)
    assert "three/cluster.yaml" not in str(refused.value)


def test_cluster_in_two_of_the_files_is_refused(deal, repository):
    with pytest.raises(Refused, match=r"the cluster leap stands in .*a/cluster\.yaml, too"):
        check(repository(a__cluster_dot_yaml=cluster(), b__cluster_dot_yaml=cluster()))


def test_agreements_word_on_who_pays_beats_the_file_and_an_armed_account_needs_no_tfvars(
    deal, repository
):
    known = make_cluster("leap", deal_id="1001", paid_by=Payer.US, account="123456789012")
    tell(deal, "agreement.artefact", title="Agreement")
    AgreementPayer.objects.create(
        agreement=deal.agreements.get(), cluster=known, payer=Payer.US, from_on=date(2026, 1, 1)
    )
    paths = repository(leap__cluster_dot_yaml=cluster(paid="false"))
    assert codes(paths) == [("alert_missing", "leap"), ("payer_mismatch", "leap")]

    Arming.objects.create(
        engagement=deal.engagement, account=known.account, way="aws", name="leap-monthly",
        is_armed=True, since=NOON,
    )  # fmt: skip
    assert codes(paths) == [("payer_mismatch", "leap")]


@pytest.mark.real
@pytest.mark.skipif(not REAL.exists(), reason="the real files are not beside the repository")
def test_real_files_checked_unimported_have_the_findings_of_the_imported_ones(home):
    export = REAL / "deals" / "hubspot-deals-export.csv"
    import_deals(export, playbook=shipped(), by="ada", at=NOON)
    paths = sorted([*(REAL / "clusters").iterdir(), *(REAL / "tfvars").iterdir()])

    unimported = check(paths, on=date(2026, 8, 1))
    import_infrastructure([REAL / "clusters", REAL / "tfvars"], by="ada", at=NOON)

    assert len(unimported.clusters) == 17
    assert list(unimported.findings) == findings(on=date(2026, 8, 1), playbook=shipped())
    assert check(paths, on=date(2026, 8, 1)) == unimported
