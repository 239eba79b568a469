"""Invented values for design.html, so that each component is shown through its own template."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

from django import forms, template
from django.core.paginator import Page, Paginator
from django.templatetags.static import static

from throughline.web.templatetags.ui import STATUSES

register = template.Library()

AT: Final = datetime(2026, 5, 4, 9, 12, tzinfo=UTC)
ADA: Final = {"name": "Ada Lindqvist", "did": "signed off", "at": AT}
BEN: Final = {"name": "Ben Okafor", "did": "confirmed", "at": AT + timedelta(hours=4)}
TOKEN: Final = re.compile(r"--([\w-]+):\s*([^;]+);")
LENGTH: Final = re.compile(r"[\d.]+(?:rem|px)")
MONTH_NAMES: Final = "JFMAMJJASONDJFMAMJ"


class SampleForm(forms.Form):
    """Each kind of field once, with help, and with errors when it is bound."""

    reason = forms.CharField(
        help_text="One sentence; it is shown wherever the waiver is.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    until = forms.DateField(
        label="Until",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": "That is not a day. Write it as 2026-06-30."},
    )
    tier = forms.ChoiceField(choices=[("essential", "Essential"), ("premier", "Premier")])
    note = forms.CharField(required=False)
    answer = forms.ChoiceField(
        choices=[("yes", "Yes"), ("no", "No")], widget=forms.RadioSelect, label="Can we deliver?"
    )
    told = forms.BooleanField(
        label="The champion has been told", error_messages={"required": "Tell the champion first."}
    )


def sample_condition(status: str, message: str, **more: Any) -> dict[str, Any]:
    """Return one condition of a gate."""
    return {"code": message, "status": status, "message": message, "required": True, **more}


def sample_conditions() -> list[dict[str, Any]]:
    """Return a condition in each status, and an advisory one."""
    return [
        sample_condition("met", "Dates are agreed.", who="Ada Lindqvist", at=AT),
        sample_condition(
            "unmet",
            "No one is named as Technical Contact.",
            remedy="Name a Technical Contact on the community's page.",
        ),
        sample_condition(
            "stale",
            "The capacity answer is older than the estimate.",
            remedy="Ask PS to answer again.",
            who="Ben Okafor",
            at=AT,
        ),
        sample_condition(
            "waived",
            "The statement of work is signed off.",
            remedy="Waived until 30 Jun 2026: the scope is last year's.",
            who="Ada Lindqvist",
            at=AT,
        ),
        sample_condition(
            "unmet",
            "Invoicing is not prepared.",
            remedy="The Sponsor's work order is 4 days old; ask.",
            required=False,
        ),
    ]


def sample_card(community: str, capacity: str, met: int, **more: Any) -> dict[str, Any]:
    """Return a board's card with the five things it carries."""
    return {
        "url": "#board",
        "community": community,
        "amount": Decimal("17500"),
        "term": "12 months",
        "ball_with": "PS",
        "ball_days": 3,
        "gate_met": met,
        "gate_total": 5,
        "capacity": capacity,
        "move_url": "#board",
        **more,
    }


def sample_column(key: str, label: str, count: int, **more: Any) -> dict[str, Any]:
    """Return a column of a board."""
    plain = {"total": Decimal(35000), "currency": "USD", "weighted": None, "cards": []}
    return {"key": key, "label": label, "count": count, **plain, **more}


def sample_columns() -> list[dict[str, Any]]:
    """Return columns: full, with an exception, empty and unmapped."""
    full = [
        sample_card("Aurora Observatory", "yes", 5),
        sample_card("Tidewater Estuary Data Commons", "yes_from", 3, ball_days=12),
        sample_card("Lichen", "", 0, amount=None, term="", ball_with="BD", ball_days=1),
    ]
    refused = [
        sample_card("Saltmarsh", "only_if", 2, exception=True, ball_with="BD"),
        sample_card("Meridian Lab", "no", 4, ball_with="Sponsor", ball_days=31),
    ]
    stray = [sample_card("Driftwood", "", 0, move_url="", ball_with="Admin")]
    more = {"waiting": "2 wait for PS, 1 for BD", "more_url": "#board", "more_count": 50}
    sums = {"total": Decimal(912500), "weighted": Decimal(365000)}
    why = "A deal comes here when someone has said yes and the dates are agreed."
    return [
        sample_column("proposal", "Proposal", 53, cards=full, **sums, **more),
        sample_column("negotiation", "Negotiation", 2, cards=refused),
        sample_column("admin", "Contract Admin", 0, total=Decimal(0), empty=why),
        sample_column("unmapped", "Unmapped", 1, total=None, cards=stray),
    ]


def sample_bar(label: str, start: float, end: float, *states: str, **more: Any) -> dict[str, Any]:
    """Return one engagement of the ladder; `states` are those of its steps, the last ones first.

    Units: percent of the ladder's width, a day being 100 / 550 of it.
    """
    steps = zip((2, 14, 60, 180), states, strict=False)
    ticks = [
        {"at": end - days / 5.5, "state": state, "title": f"{days} days before"}
        for days, state in steps
    ]
    place = {"label": label, "url": "#ladder", "start": start, "width": end - start}
    return {**place, "ticks": ticks[::-1], **more}


def sample_ladder() -> dict[str, Any]:
    """Return renewals: planned, after a moved date, and lapsed."""
    months = [{"at": index * 100 / 18, "label": name} for index, name in enumerate(MONTH_NAMES)]
    planned = ("planned", "planned", "planned", "planned")
    on_track = {"end_text": "ends 30 Apr 2027", "state": "on_track"}
    at_risk = {"end_text": "ends in 26 days", "state": "at_risk"}
    lapsed = {"lapsed_at": 27, "lapsed": 11, "end_text": "61 days, 1,204.11 USD"}
    rows = [
        sample_bar("Aurora Observatory", 0, 88, *planned, **on_track),
        sample_bar("Tidewater Estuary", 6, 43, *planned[:2], "sent", "void", **at_risk),
        sample_bar("Saltmarsh", 0, 27, "sent", "skipped", "sent", state="lapsed", **lapsed),
    ]
    return {"today": 38, "months": months, "rows": rows}


def sample_plan() -> list[dict[str, Any]]:
    """Return a plan with each verb, one line in flight."""
    issue = "# New hub: Aurora\n\n- [ ] Cluster is up\n- [ ] Five people have signed in"
    return [
        {"verb": "create", "system": "Throughline", "summary": "2 projects", "content": ""},
        {
            "verb": "create",
            "system": "GitHub",
            "summary": "issue “New hub: Aurora”",
            "content": issue,
        },
        {
            "verb": "update",
            "system": "HubSpot",
            "summary": "delivery state",
            "state": "in_flight",
            "before": "not started",
            "content": "accepted by Ben Okafor",
        },
        {"verb": "remove", "system": "Mail", "summary": "notice of the old end date"},
        {"verb": "keep", "system": "Airtable", "summary": "community record, as it is"},
    ]


def sample_receipts() -> list[dict[str, Any]]:
    """Return a receipt for each state of an outcome."""
    lost = "No answer after 30 s; not found by its marker; safe to retry at 09:20."
    return [
        {
            "system": "GitHub",
            "summary": "New hub: Aurora",
            "state": "converged",
            "at": AT,
            "url": "#plan",
            "external_id": "infrastructure#4821",
        },
        {"system": "Airtable", "summary": "Engagement record", "state": "unknown", "message": lost},
        {
            "system": "HubSpot",
            "summary": "Delivery state",
            "state": "drifted",
            "at": AT,
            "message": "“paused” was typed there by hand.",
        },
        {"system": "Sponsor", "summary": "Work order: prepare invoicing", "state": "waiting"},
        {
            "system": "Mail",
            "summary": "Welcome mail",
            "state": "failed",
            "message": "The address was refused. Correct it and apply again; Ada was told.",
        },
    ]


def sample_facts() -> list[dict[str, Any]]:
    """Return facts: plain, linked, contradictory, unknown."""
    return [
        {"label": "Amount", "value": "17,500.00 USD", "source": "HubSpot ↗"},
        {"label": "Contract ends", "value": "30 Jun 2026", "note": "target was 31 May 2026"},
        {"label": "Service begins", "value": "1 Jul 2026", "tone": "bad", "note": "after its end"},
        {"label": "Agreement", "value": "Service Agreement 12", "url": "#facts", "source": "here"},
        {"label": "Cloud", "value": None},
    ]


def sample_events() -> list[dict[str, Any]]:
    """Return three events of a history."""
    return [
        {"icon": "arrow", "text": "Moved to Contract Admin", "by": "Ada Lindqvist", "at": AT},
        {
            "icon": "document",
            "text": "Service Agreement signed",
            "by": "CS&S",
            "at": AT,
            "source": "Dropbox Sign ↗",
            "url": "#history",
        },
        {"icon": "mail", "text": "Signatures asked for", "by": "job: handoff", "at": AT},
    ]


@cache
def tokens() -> dict[str, list[str]]:
    """Return the names of all tokens by what they are: colours, sizes of type, lengths, others."""
    source = Path(__file__).resolve().parent.parent / "static" / "web" / "tokens.css"
    told = dict(TOKEN.findall(source.read_text(encoding="utf-8")))
    found: dict[str, list[str]] = {"colours": [], "sizes": [], "lengths": [], "others": []}
    for name, value in told.items():
        if value.startswith("light-dark"):
            found["colours"].append(name)
        elif name.startswith("size"):
            found["sizes"].append(name)
        elif LENGTH.fullmatch(value):
            found["lengths"].append(name)
        else:
            found["others"].append(name)
    return found


def sample_page() -> Page[int]:
    """Return the third of several pages."""
    return Paginator(range(1, 241), per_page=50).page(3)


def sample_picture() -> dict[str, Any]:
    """Return a picture for each theme, with its words; here one that stands for both."""
    address = static("web/favicon.svg")
    return {
        "label": "A chart",
        "urls": {"light": address, "dark": address},
        "described": "A line that rises in a square",
        "width": 160,
        "height": 160,
        "caption": "Drawn on the server, once for each theme; its numbers stand beside it as a table.",
    }


@register.simple_tag
def samples() -> dict[str, Any]:
    """Return one invented value for every component of design.html."""
    unfit = {"until": "soon", "tier": "premier", "reason": ""}
    bound = SampleForm(unfit, auto_id="id_bound_%s")  # the page has the form twice
    bound.add_error(None, "A waiver needs a day after today. Choose a later one.")
    return {
        "tokens": tokens(),
        "schemes": ("light", "dark"),
        "statuses": list(STATUSES),
        "conditions": sample_conditions(),
        "columns": sample_columns(),
        "ladder": sample_ladder(),
        "picture": sample_picture(),
        "plan": sample_plan(),
        "receipts": sample_receipts(),
        "facts": sample_facts(),
        "events": sample_events(),
        "page": sample_page(),
        "form": SampleForm(),
        "bound": bound,
        "tabs": [
            {"label": "Terms", "url": "#tabs", "current": True},
            {"label": "Amendment 1", "url": "#tabs", "count": 2},
            {"label": "History", "url": "#tabs", "count": 0},
        ],
        "sentences": [
            {"words": "are mine", "url": "#views", "on": True},
            {"words": "wait for PS", "url": "#views", "on": False},
        ],
        "crumbs": [{"label": "Engagements", "url": "#"}, {"label": "Components"}],
        "ada": ADA,
        "ben": BEN,
        "small": Decimal("1204.105"),
        "on": date(2026, 6, 30),
        "at": AT,
    }
