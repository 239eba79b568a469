"""Plain functions that make rows, through the actions that people use wherever there is one."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from tests.prepared import made_once
from throughline.delivery.actions.engagements import open_engagement
from throughline.delivery.actions.structure import put_deliverable, put_project
from throughline.delivery.models import Deliverable, Engagement
from throughline.infrastructure.actions import ClusterSeen, keep_clusters
from throughline.infrastructure.models import Cluster
from throughline.infrastructure.words import Payer
from throughline.people.actions import add_user
from throughline.people.models import User
from throughline.people.words import RoleName
from throughline.playbook.loader import shipped
from throughline.sales.actions.advance import advance_deal
from throughline.sales.actions.order import place_order
from throughline.sales.actions.record import record_fact
from throughline.sales.actions.statements import keep_statement
from throughline.sales.gates.gate import Gate, judge
from throughline.sales.models import Deal, StatementOfWork
from throughline.sales.queries import facts_of

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TODAY = NOON.date()
BD, PS, LEAD, SPONSOR = "ada", "pia", "lea", "sol"

PEOPLE = [
    {"role": role, "full_name": name, "email": f"{role}@example.org"}
    for role, name in (
        ("buyer", "Bo Buyer"),
        ("champion", "Cam Champion"),
        ("representative", "Rae Rep"),
        ("technical_contact", "Tay Tech"),
    )
]
SIGNATORIES = [
    {"party": "CS&S", "name": "Sol Sponsor"},
    {"party": "University", "name": "Uma Dean"},
]
TERM = {"start_on": "2026-04-01", "end_on": "2027-03-31"}

# What makes each condition true, and who writes it down. Dates come before the capacity answer,
# which goes stale when they change.
FACTS: dict[str, tuple[dict[str, Any], str]] = {
    "deal.owner": ({"owner": BD}, BD),
    "community.named": ({"short_name": "EarthScope"}, BD),
    "community.id": ({"community_id": "earthscope"}, BD),
    "cloud.preference": ({"cloud": "aws", "region": "us-west-2"}, BD),
    "dates.agreed": (TERM, BD),
    "ps.reviewed": ({"not_needed_because": "Nothing changes."}, BD),
    "capacity.answered": ({"answer": "yes"}, PS),
    "verbal.closed": ({"said_by": "Bo Buyer", "said_on": "2026-03-01", "version": "v2"}, BD),
    "service.tier": ({"tier": "premier"}, BD),
    "agreement.artefact": ({"title": "Agreement", "signatories": SIGNATORIES}, BD),
    "community.record": ({"long_name": "EarthScope C.", "website": "https://earth.example"}, BD),
    "community.people": ({"people": PEOPLE}, BD),
    "community.context": (
        {"answers": [{"question": code} for code in ("goals", "community", "aims", "data")]},
        BD,
    ),
}
SIGNED = {
    "signed": [{"party": one["party"], "signed_on": "2026-03-02"} for one in SIGNATORIES],
}
_numbers = count(1)


def make_person(username: str, *roles: RoleName) -> User:
    return add_user(username, roles=frozenset(roles), by="factory", at=NOON)


def make_deal(**fields: Any) -> Deal:
    wanted = {"name": "A deal", "stage": "lead", "currency": "USD"} | fields
    return Deal.objects.create(stage_since=NOON, created_at=NOON, **wanted)


def tell(deal: Deal, code: str, *, by: str = BD, at: datetime = NOON, **value: Any) -> Deal:
    """Write one fact down, by default as `ada` of BD."""
    return record_fact(deal.pk, code, value, playbook=shipped(), by=by, at=at)


def make_ready(deal: Deal, stage: str, *, without: tuple[str, ...] = ()) -> Deal:
    """Make every condition up to a stage true, but for some; the agreement is not signed."""
    codes = {
        condition.code
        for one in shipped().between("lead", stage)
        for condition in one.conditions
        if condition.code in FACTS
    }
    for code, (value, by) in FACTS.items():
        if code in codes and code not in without:
            deal = tell(deal, code, by=by, **value)
    return deal


@made_once
def make_deal_at(stage: str, **fields: Any) -> Deal:
    """Return a deal that came to a stage through its gates."""
    won = stage == "closed_won"
    deal = make_ready(make_deal(**fields), "contract_admin" if won else stage)
    deal = move(deal, "contract_admin" if won else stage)
    if won:
        sign(deal)
        place_order(deal.pk, playbook=shipped(), by=BD, at=NOON)
        deal = move(deal, stage)
    return deal


def move(deal: Deal, to: str, *, by: str = BD, at: datetime = NOON) -> Deal:
    return advance_deal(deal.pk, to=to, playbook=shipped(), by=by, at=at)


def sign(deal: Deal) -> Deal:
    return tell(deal, "agreement.executed", **SIGNED)


def gate_of(deal: Deal, to: str, *, at: datetime = NOON) -> Gate:
    """Return the gate as it stands now."""
    on = at.date()
    return judge(facts_of(deal, on=on), to=shipped().stage(to), playbook=shipped(), at=at)


def make_statement(
    deal: Deal, *titles: str, low_h: str = "10", high_h: str = "20", at: datetime = NOON
) -> StatementOfWork:
    """Keep a statement of work with these deliverables; each call is a new version."""
    read = {
        "title": "Statement of Work",
        "deliverables": [{"title": title} for title in titles],
        "total": {"low_h": low_h, "high_h": high_h},
    }
    content = f"version {next(_numbers)}".encode()
    return keep_statement(content, read, name="sow.md", deal=deal, by=BD, at=at)[0]


@made_once
def make_engagement(**fields: Any) -> Engagement:
    """Return the engagement of a signed deal at Contract Admin."""
    deal = sign(make_deal_at("contract_admin", **fields))
    return open_engagement(deal.pk, playbook=shipped(), by=BD, at=NOON)[0]


def make_deliverable(engagement: Engagement, code: str = "phase-1") -> Deliverable:
    put_project(engagement.number, "new-hub", title="New hub", kind="new_hub", by=PS, at=NOON)
    wanted = {"title": "Phase 1", "due_on": TODAY}
    return put_deliverable(engagement.number, "new-hub", code, wanted=wanted, by=PS, at=NOON)


def make_cluster(name: str, **fields: Any) -> Cluster:
    known = {
        "provider": "aws", "account": "012345678901", "region": "us-west-2", "paid_by": Payer.US,
        "deal_id": "", "budget_alert": None, "hubs": {},
    }  # fmt: skip
    keep_clusters([ClusterSeen(name=name, **known | fields)], by="factory", at=NOON)
    return Cluster.objects.get(name=name)
