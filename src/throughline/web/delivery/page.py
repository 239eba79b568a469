"""What an engagement's page shows, by a constant number of queries."""

from datetime import date, timedelta
from typing import Any

from django.urls import reverse

from throughline.communities.queries import roles_by_subject
from throughline.delivery.models import Deliverable, Engagement
from throughline.delivery.promises import counted, missing_evidence, promise_source
from throughline.delivery.queries import engagement_in_full
from throughline.delivery.words import DeliverableState
from throughline.journal.queries import about_all
from throughline.people.models import User
from throughline.people.queries import standing_links
from throughline.people.words import Permission
from throughline.renewals.lists import renewals_of
from throughline.sales.models import Deal
from throughline.sales.waiting import early_start_over
from throughline.web.delivery.forms import DoneForm, HealthForm, ReturnForm
from throughline.web.delivery.stats import stats_of
from throughline.web.journal.events import events_of
from throughline.web.moment import Moment
from throughline.web.people.forms import LinkForm

HISTORY = 12


def engagement_page(user: User, number: int, now: Moment) -> dict[str, Any]:
    """Return the context of an engagement's page.

    Raises:
        Engagement.DoesNotExist: there is none of that number.
    """
    engagement = engagement_in_full(number)
    deal = engagement.deal
    projects = [_project(one, on=now.on) for one in engagement.projects.all()]
    promised = [line["deliverable"] for project in projects for line in project["lines"]]
    renewal = renewals_of([number], on=now.on, playbook=now.playbook)[0]
    how_far = counted(promised)
    return {
        "engagement": engagement,
        "deal": deal,
        "projects": projects,
        "renewal": renewal,
        "counted": how_far,
        "stats": stats_of(
            deal, how_far, renewal.days_left, sees_money=user.may(Permission.SEE_MONEY)
        ),
        "is_silent": _is_silent(engagement, now),
        "facts": _facts(engagement, now),
        "people": _people(deal, now),
        "links": list(standing_links(f"engagement:{number}", purpose="engagement", at=now.at)),
        "events": _history(engagement, promised),
        "may": {permission.value: user.may(permission) for permission in Permission},
        "health_form": HealthForm(
            initial={"health": engagement.health, "why": engagement.health_why}
        ),
        "link_form": LinkForm(),
        "early_start_over": early_start_over(number, on=now.on),
        "now": now,
    }


def _project(project: Any, *, on: date) -> dict[str, Any]:
    return {
        "project": project,
        "lines": [promise_line(one, on=on) for one in project.deliverables.all()],
    }


def promise_line(one: Deliverable, *, on: date) -> dict[str, Any]:
    """Return a deliverable as pages show it, with forms whose ids stay unique on a page."""
    is_open = one.state in {DeliverableState.PLANNED, DeliverableState.RETURNED}
    return {
        "deliverable": one,
        "is_open": is_open,
        "is_done": one.state == DeliverableState.DONE,
        "is_overdue": is_open and one.due_on is not None and one.due_on < on,
        "late": (on - one.due_on).days if one.due_on else 0,
        "missing": missing_evidence(one),
        "source": promise_source(one),
        "done_form": DoneForm(auto_id=f"id_{one.pk}_%s"),
        "return_form": ReturnForm(auto_id=f"id_{one.pk}_%s"),
        "first": {"name": one.done_by, "did": "said it is done", "at": one.done_at},
        "second": {"name": one.verdict_by, "did": "verified it", "at": one.verdict_at},
    }


def _is_silent(engagement: Engagement, now: Moment) -> bool:
    """Return whether what was said about an engagement is too old to rely on."""
    limit = timedelta(days=now.playbook.periods.status_stale_days)
    return engagement.health_at is None or now.at - engagement.health_at > limit


def _facts(engagement: Engagement, now: Moment) -> list[dict[str, Any]]:
    deal = engagement.deal
    community = deal.community
    tiers = {tier.code: tier.name for tier in now.playbook.tiers}
    agreement = next((one for one in deal.agreements.all() if one.amends_id is None), None)
    facts: list[dict[str, Any]] = [
        {"label": "Deal", "value": deal.name, "url": reverse("web:deal", args=[deal.pk])},
        {
            "label": "Community",
            "value": community.short_name if community else "not named",
            "url": reverse("web:community", args=[community.pk]) if community else "",
            "tone": "" if community else "bad",
        },
        {"label": "Tier", "value": tiers.get(deal.tier) or deal.tier_none_because or "unknown"},
        {
            "label": "Agreement",
            "value": agreement.title if agreement else "none recorded here",
            "note": agreement.get_kind_display() if agreement else "",
            "tone": "" if agreement else "bad",
        },
        {
            "label": "Term",
            "value": f"{_day(deal.start_on)} to {_day(deal.end_on)}",
            "note": "Its last day is included.",
        },
        {"label": "Origin", "value": engagement.get_origin_display()},
    ]
    return facts


def _day(on: date | None) -> str:
    return f"{on:%-d %b %Y}" if on else "unknown"


def _people(deal: Deal, now: Moment) -> list[tuple[str, list[Any]]]:
    """Return the people of an engagement by role; a required role without anybody is a gap."""
    held = roles_by_subject([deal.subject], on=now.on).get(deal.subject, [])
    rows = []
    for role in now.playbook.engagement_roles:
        holders = [one.contact for one in held if one.role == role.code]
        if holders or role.required:
            rows.append((role.name, holders))
    return rows


def _history(engagement: Engagement, promised: list[Deliverable]) -> list[dict[str, Any]]:
    """Return what happened lately; of deliverables what people said, not that they were planned."""
    titles = {one.pk: one.title for one in promised}
    entries = about_all([
        ("delivery.engagement", [engagement.number]),
        ("sales.deal", [engagement.number]),
        ("delivery.deliverable", titles),
    ]).exclude(act__in=["delivery.deliverable.made", "delivery.deliverable.changed"])  # fmt: skip
    return events_of(
        entries[:HISTORY], {("delivery.deliverable", pk): name for pk, name in titles.items()}
    )
