"""From a real statement of work to a verified engagement and its certificate, by commands alone."""

from pathlib import Path

import pytest

from tests.factories import make_deal_at, sign
from throughline.sales.models import Deal

pytestmark = [pytest.mark.django_db, pytest.mark.real]
REAL = Path(__file__).resolve().parents[3] / "shared" / "real" / "statements-of-work"


@pytest.fixture
def number(db):
    """Return the number of a project's deal whose agreement everybody has signed."""
    made = sign(make_deal_at("contract_admin", name="A tool"))
    Deal.objects.filter(pk=made.pk).update(tier="", revenue_type="project")
    return made.pk


@pytest.mark.parametrize("name", ["canvas-authentication.md", "nbgitpuller-error-handling.md"])
def test_a_real_statement_is_ordered_delivered_and_verified_by_commands(
    name, number, ask, tmp_path
):
    if not (REAL / name).exists():
        pytest.skip(f"{name} is not beside the repository")
    shown, certificate = tmp_path / "shown.png", tmp_path / "certificate.pdf"
    shown.write_bytes(b"\x89PNG\r\n\x1a\n")

    read = ask.run("import", "sow", REAL / name, "--deal", number, "--json")
    assert read.code == 0  # what it warns of is tried elsewhere
    document = read.json
    ask("order", number, "--by", "ada")
    ask("handoff", "apply", number, "--by", "ada")
    ask("handoff", "accept", number, "--by", "pia")
    promised = ask("deliverable", "list", number)

    ours = [one for one in promised if one["project"] == "statement-of-work"]
    assert sorted(
        (one["title"], one["low_h"], one["high_h"], one["definition_of_done"]) for one in ours
    ) == sorted(
        (one["title"], one["low_h"], one["high_h"], one["definition_of_done"])
        for one in document["deliverables"]
    )
    assert ask("deliverable", "promises", number) == []
    refused = ask("deliverable", "certificate", number, certificate, code=1)
    assert "verified" in refused["refused"]

    for one in promised:
        for point in range(1, len(one["points"]) + 1):
            ask("deliverable", "tick", one["number"], point, "--by", "pia")
        ask("deliverable", "spend", one["number"], "2", "--by", "pia")
        ask("deliverable", "done", one["number"], "--file", shown, "--by", "pia")
        ask("deliverable", "verify", one["number"], "--by", "ada")

    verified = ask("deliverable", "list", number)
    assert {one["state"] for one in verified} == {"verified"}
    assert sum(one["spent_h"] for one in verified) == 2 * len(promised)
    ask("deliverable", "certificate", number, certificate)
    assert certificate.read_bytes()[:5] == b"%PDF-"
