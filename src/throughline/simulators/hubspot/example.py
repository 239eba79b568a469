"""An account as an organisation like ours has it: stages, fields, roles, and a few deals."""

from collections.abc import Callable
from datetime import datetime

from throughline.simulators.hubspot.account import PEOPLE
from throughline.simulators.hubspot.schema import HUBSPOT, Owner, Pipeline, Property, Stage
from throughline.simulators.hubspot.server import HubSpotSimulator

STAGES = (
    ("1100001", "Lead", "0.1"), ("1100002", "Qualified", "0.2"), ("1100003", "Proposal", "0.4"),
    ("1100004", "Negotiation", "0.6"), ("1100005", "Contract Admin", "0.9"),
    ("closedwon", "Closed Won", "1.0"), ("closedlost", "Closed Lost", "0.0"),
    ("1100008", "On hold", "0.1"),
)  # fmt: skip
DATES = ("contract_start_date", "contract_end_date", "target_start_date", "target_end_date")
ROLES = ("Buyer", "Community Champion / PI", "Community Representative", "Technical Contact")
DEALS = (
    ("Coral Lab: managed hub", "1100003", "48000", "Coral Lab", "University of the Reef"),
    ("Atoll: hub for teaching", "1100001", "12000", "Atoll", "Atoll College"),
    ("Lagoon: membership", "closedwon", "36000", "Lagoon", "Lagoon Institute"),
    ("Tide: workshop", "1100008", "5000", "", ""),
)


def example(clock: Callable[[], datetime]) -> HubSpotSimulator:
    """Return an account to try things out with; one of its stages is nobody's yet."""
    simulator = HubSpotSimulator(clock)
    account = simulator.account
    stages = tuple(Stage(id=one, label=label, probability=chance) for one, label, chance in STAGES)
    account.pipelines["0-3"] = [Pipeline(id="default", label="Communities", stages=stages)]
    for name in DATES:
        account.add_property("0-3", Property(name=name, label=_label(name), type="date"))
    account.add_property("0-3", Property(name="revenue_type", label="Revenue type"))
    account.add_property("0-1", Property(name="github_username", label="GitHub username"))
    for role in ROLES:
        account.links.add_label("0-3", "0-1", role)
    account.owners.append(Owner("7", "bea@example.org", "Bea", "Deal"))
    for name, stage, amount, community, company in DEALS:
        told = {"dealname": name, "dealstage": stage, "amount": amount, "hubspot_owner_id": "7"}
        deal = account.create("0-3", told, source=PEOPLE)
        for type_id, field, other, way in (
            ("0-410", "hs_course_name", community, 863), ("0-2", "name", company, 5),
        ):  # fmt: skip
            if other:
                made = account.create(type_id, {field: other}, source=PEOPLE)
                account.associate(deal, made, [(HUBSPOT, way)], source=PEOPLE)
    return simulator


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()
