"""Patches for the infrastructure repository: one line changes, and `git` takes them."""

import subprocess
from pathlib import Path

import pytest

from tests.factories import BD, NOON, make_deal
from tests.renewals.endings import make_running, renew
from throughline.delivery.queries import engagements
from throughline.intake.actions import import_deals, import_infrastructure
from throughline.kernel.errors import Refused
from throughline.playbook.loader import shipped
from throughline.renewals.repoint import patch_for, repointed

REAL = Path(__file__).resolve().parents[3] / "shared" / "real"


def fresh(number):
    return engagements().select_related("successor").get(pk=number)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("    hubspot_deal_id: 1  # theirs\r\n", "    hubspot_deal_id: 2  # theirs\r\n"),
        ("    hubspot_deal_id: '1'", "    hubspot_deal_id: '2'"),
        (
            '    # a remark\n    hubspot_deal_id: "1"\n',
            '    # a remark\n    hubspot_deal_id: "2"\n',
        ),
        ("    hubspot_deal_id: 11\n", "    hubspot_deal_id: 11\n"),
        ("    other:\n      hubspot_deal_id: 1\n", "    other:\n      hubspot_deal_id: 1\n"),
    ],
)
def test_only_the_deal_below_metadata_changes(before, after):
    head = "hubspot_deal_id: 1\nname: x\nmetadata:\n  2i2c:\n"

    assert repointed(head + before, old={"1"}, new="2") == head + after


@pytest.mark.django_db
def test_a_patch_of_a_folder_is_taken_by_git_and_names_the_new_deal(tmp_path):
    engagement = make_running(hubspot_id="700")
    renew(engagement, deal=str(make_deal(name="Next", hubspot_id="701").pk))
    text = "name: tide\nprovider: aws\nmetadata:\n  2i2c:\n    hubspot_deal_id: 700\nhubs: []"
    (tmp_path / "tide.yaml").write_text(text)

    patch = patch_for(fresh(engagement.pk), {"tide": ("tide.yaml", text)})
    (tmp_path / "it.patch").write_text(patch.text)
    subprocess.run(["git", "apply", "it.patch"], cwd=tmp_path, check=True)

    assert (tmp_path / "tide.yaml").read_text() == text.replace("700", "701")
    assert (patch.files, patch.missing) == (("tide.yaml",), ())


@pytest.mark.django_db
def test_a_patch_needs_a_successor_that_hubspot_has_and_says_whose_file_is_not_here():
    engagement = make_running(hubspot_id="700")
    with pytest.raises(Refused) as none:
        patch_for(fresh(engagement.pk))
    renew(engagement)
    with pytest.raises(Refused) as ours:
        patch_for(fresh(engagement.pk))
    renew(engagement, deal=str(make_deal(name="Next", hubspot_id="701").pk))

    assert none.value.remedy == "Renew it: `throughline renewals renew`."
    assert ours.value.remedy.startswith("Link the deal of HubSpot")
    assert patch_for(fresh(engagement.pk)).missing == ("tide",)


@pytest.mark.django_db
@pytest.mark.skipif(not REAL.is_dir(), reason="the real input is not beside the project")
def test_the_real_cluster_awi_ciroh_is_re_pointed_from_its_imported_file():
    import_deals(REAL / "deals" / "hubspot-deals-export.csv", playbook=shipped(), by=BD, at=NOON)
    import_infrastructure([REAL / "clusters", REAL / "tfvars"], by=BD, at=NOON)
    old = engagements().get(deal__hubspot_id="86221242068")
    renew(old, deal=str(make_deal(name="AWI CIROH 2026-2027", hubspot_id="99").pk))

    patch = patch_for(fresh(old.pk))

    changed = [line for line in patch.text.splitlines() if line[:1] in "+-"]
    assert changed == [
        "--- a/awi-ciroh.yaml",
        "+++ b/awi-ciroh.yaml",
        "-    hubspot_deal_id: 86221242068",
        "+    hubspot_deal_id: 99",
    ]
