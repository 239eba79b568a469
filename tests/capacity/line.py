"""Deals with statements of work, and a team, as the line has them."""

from datetime import date
from decimal import Decimal

from tests.factories import BD, NOON, PS, make_deal, tell
from throughline.capacity.actions.team import ColleagueSeen, keep_team
from throughline.intake.asking import ask_about_deal
from throughline.playbook.loader import shipped
from throughline.sales.actions.statements import keep_statement

START, END = "2026-03-02", "2026-03-27"  # four weeks, from the Monday of NOON


def make_team(*people, hours="10"):
    """Keep a team: (name, role, …) with ten sold hours a week each, and no country."""
    seen = [
        ColleagueSeen(name, tuple(roles), Decimal(hours), Decimal(1)) for name, *roles in people
    ]
    return keep_team(seen, by=PS, at=NOON)


def make_sold(name, high_h, *people, low_h=None, start=START, end=END, **fields):
    """A deal of ada's with one deliverable in its statement of work, and agreed dates."""
    deal = make_deal(name=name, owner=BD, **fields)
    item = {"text": "Do it", "low_h": high_h if low_h is None else low_h, "high_h": high_h}
    part = {"title": f"{name} done", "definition_of_done": [], "items": [item],
            "people": list(people or ["Infra Eng"]), "low_h": item["low_h"], "high_h": high_h}  # fmt: skip
    read = {"title": name, "deliverables": [part], "people": [], "out_of_scope": [],
            "overhead": {"items": []}, "total": {"low_h": item["low_h"], "high_h": high_h},
            "warnings": []}  # fmt: skip
    keep_statement(name.encode(), read, name="sow.md", deal=deal, by=BD, at=NOON)
    return tell(deal, "dates.agreed", start_on=start, end_on=end) if start else deal


def ask(deal, start_on=None, at=NOON, playbook=None):
    return ask_about_deal(deal, start_on=start_on, playbook=playbook or shipped(), by=PS, at=at)


def day(text):
    return date.fromisoformat(text)
