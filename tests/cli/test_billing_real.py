"""A month of the organisation's own clusters and deals, by commands, as a stranger would do it."""

import csv
import json
from decimal import Decimal
from pathlib import Path

import pytest

REAL = Path(__file__).resolve().parents[3] / "shared" / "real"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.real,
    pytest.mark.skipif(not REAL.exists(), reason="../shared/real is not beside the repository"),
]
BIDS, CIROH, NASA = "86221242070", "86221242068", "86933236464"
BILLED = {  # account: its name and what it costs
    "211125465508": ("jupyter-health", "1234.5678"),
    "324830304144": ("temple", "400.005"),
    "916098889494": ("maap", "10.10"),
    "444055461661": ("nasa-veda", "20.20"),
    "915966502221": ("mystery", "12.3456"),
}
TOTAL = sum(Decimal(cost) for _name, cost in BILLED.values())
SIGNERS = [{"party": "CS&S", "name": "Sol"}, {"party": "University", "name": "Uma"}]
AGREED = {"title": "Agreement", "effective_on": "2025-07-01", "end_on": "2026-07-31"}


def cost_explorer():
    """Return a bill as Cost Explorer writes it: accounts are columns, months rows."""
    costs = [f'"{cost}"' for _name, cost in BILLED.values()]
    rows = [
        ['"Linked account"', *(f'"{one}"' for one in BILLED), '"Total costs($)"'],
        ['"Linked account name"', *(f'"{n}($)"' for n, _ in BILLED.values()), '"Total costs($)"'],
        ['"Linked account total"', *costs, f'"{TOTAL}"'],
        ['"2026-01-01"', *costs, f'"{TOTAL}"'],
    ]
    return "\n".join(map(",".join, rows)) + "\n"


@pytest.fixture
def organisation(run, ask, tmp_path):
    """Import what there is; two deals have an agreement that everybody signed."""
    run("import", "infrastructure", REAL / "clusters")
    deals = REAL / "deals" / "hubspot-deals-export.csv"
    run("import", "deals", deals)
    head, *lines = deals.read_text().splitlines()
    bids = next(one for one in lines if one.startswith(BIDS))
    (tmp_path / "nasa.csv").write_text(f"{head}\n{bids.replace(BIDS, NASA)}\n")
    run("import", "deals", tmp_path / "nasa.csv")
    signed = [{"party": one["party"], "signed_on": "2025-06-20"} for one in SIGNERS]
    for deal in (BIDS, CIROH, NASA):
        for code, value in (
            ("agreement.artefact", AGREED | {"signatories": SIGNERS}),
            ("agreement.executed", {"signed": signed}),
        ):
            ask("deal", "record", deal, code, "--value", json.dumps(value))


def test_month_of_the_real_clusters_is_billed_to_the_cent(run, ask, organisation, tmp_path):
    bill, users, sent = tmp_path / "aws.csv", tmp_path / "mau.csv", tmp_path / "sent.csv"
    bill.write_text(cost_explorer())
    users.write_text("cluster,date,unique_users\njupyter-health,2026-01-31,280\n")

    taken = ask("import", "costs", bill, "--provider", "aws")
    run("import", "mau", users)
    ask("billing", "split", "211125465508", "--part", f"{BIDS}@jupyter-health=3",
        "--part", f"{CIROH}@jupyter-health=1", "--from", "2026-01")  # fmt: skip

    assert taken["total"] == taken["provider_total"] == {"2026-01": "1677.22"}
    assert [one["account"] for one in taken["unassigned"]] == ["915966502221"]
    month = ask("billing", "month", "2026-01")
    costs = {
        (one["cluster"], one["standing"], one["cost"], one["usage_fee"])
        for one in month["cells"] if one["cost"]
    }  # fmt: skip
    assert costs == {
        ("jupyter-health", "billable", "925.93", "750.00"),
        ("jupyter-health", "billable", "308.64", "250.00"),
        ("maap", "community", "10.10", None),
        ("nasa-veda", "community", "20.20", None),
    }
    assert (month["unassigned"], month["rounding"], month["checks"]) == ("412.36", "-0.01", True)

    ask("billing", "review", "2026-01", "--by", "ada")
    alone = run("billing", "send", "2026-01", "--by", "ada", "--json")
    assert (alone.code, "needs two persons" in alone.json["refused"]) == (1, True)
    ask("billing", "send", "2026-01", "--by", "sol")
    ask("billing", "export", "2026-01", sent)
    *rows, check = list(csv.DictReader(sent.read_text().splitlines()))
    amounts = sum(Decimal(one["amount"]) for one in rows)
    assert (check["month"], check["line"], Decimal(check["amount"])) == (
        "CHECK", str(len(rows)), amounts,
    )  # fmt: skip
    assert {one["standing"] for one in rows if one["account"] == "915966502221"} == {"unassigned"}
