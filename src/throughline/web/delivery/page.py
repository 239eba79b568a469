"""What an engagement's page shows, by a constant number of queries."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.urls import reverse

from throughline.communities.models import RoleAssignment
from throughline.communities.queries import roles_by_subject
from throughline.delivery.actions.champions import askable
from throughline.delivery.joint import joint_works_of, state_of
from throughline.delivery.meetings import standing_decisions
from throughline.delivery.models import Deliverable, Engagement
from throughline.delivery.promised import promise_gaps
from throughline.delivery.promises import counted
from throughline.delivery.queries import engagement_in_full
from throughline.delivery.readiness import Around, ready_tables
from throughline.journal.queries import about_all
from throughline.people.models import User
from throughline.people.queries import standing_links
from throughline.people.words import Permission
from throughline.renewals.lists import renewals_of
from throughline.sales.models import EarlyStart
from throughline.sales.waiting import early_start_over
from throughline.web.delivery.agreed import agreed_of
from throughline.web.delivery.forms import HealthForm
from throughline.web.delivery.ledger import hours_words, ledger_of
from throughline.web.delivery.services import services_of
from throughline.web.delivery.stats import stats_of, value_tile
from throughline.web.journal.events import events_of
from throughline.web.moment import Moment
from throughline.web.people.forms import LinkForm

HISTORY = 12


def engagement_page(user: User, number: int, now: Moment, *, as_of: str = "") -> dict[str, Any]:
    """Return the context of an engagement's page; its terms as of a day, "" for today.

    Raises:
        Engagement.DoesNotExist: there is none of that number.
    """
    engagement = engagement_in_full(number)
    deal, sees_money = engagement.deal, user.may(Permission.SEE_MONEY)
    held = roles_by_subject([deal.subject], on=now.on).get(deal.subject, [])
    agreed = agreed_of(engagement, now, as_of=as_of, see_money=sees_money)
    around = Around(held, agreed["payers"])
    standing = [one for part in engagement.projects.all() for one in part.deliverables.all()]
    projects = ledger_of(engagement, now, askable(held))
    promised = [line["deliverable"] for project in projects for line in project["lines"]]
    renewal = renewals_of([number], on=now.on, playbook=now.playbook)[0]
    how_far = counted(promised)
    return {
        "engagement": engagement,
        "deal": deal,
        "projects": projects,
        "joint": [state_of(one) for one in joint_works_of(engagement)],
        "renewal": renewal,
        "counted": how_far,
        "stats": [
            *stats_of(deal, how_far, renewal.days_left, sees_money=sees_money),
            hours_words(projects),
            value_tile(engagement, now, held),
        ],
        "is_silent": _is_silent(engagement, now),
        "facts": [*_facts(engagement, now, says_tier=not agreed["terms"]), *agreed["facts"]],
        "agreed": agreed,
        "services": services_of(engagement, now),
        "people": _people(held, now),
        "links": list(standing_links(f"engagement:{number}", purpose="engagement", at=now.at)),
        "events": _history(engagement, promised),
        "decisions": standing_decisions(engagement),
        "gaps": promise_gaps(engagement, playbook=now.playbook, standing=standing),
        "phases": ready_tables(engagement, playbook=now.playbook, on=now.on, around=around),
        "early_start_over": _early_start_over(engagement, now),
        "now": now,
    } | _forms(user, engagement)


def _forms(user: User, engagement: Engagement) -> dict[str, Any]:
    """Return what a person may do, and the forms for it."""
    said = {"health": engagement.health, "why": engagement.health_why}
    return {
        "may": {permission.value: user.may(permission) for permission in Permission},
        "me": user.get_username(),
        "may_change": user.may(Permission.DELIVER) or user.may(Permission.VERIFY),
        "may_decide": user.may(Permission.DELIVER) or user.may(Permission.EDIT_DEALS),
        "health_form": HealthForm(initial=said),
        "link_form": LinkForm(),
    }


def _is_silent(engagement: Engagement, now: Moment) -> bool:
    """Return whether what was said about an engagement is too old to rely on."""
    limit = timedelta(days=now.playbook.periods.status_stale_days)
    return engagement.health_at is None or now.at - engagement.health_at > limit


def _facts(engagement: Engagement, now: Moment, *, says_tier: bool) -> list[dict[str, Any]]:
    """Return what the deal says; its tier only where no agreement says one."""
    deal = engagement.deal
    community = deal.community
    tiers = {tier.code: tier.name for tier in now.playbook.tiers}
    facts: list[dict[str, Any]] = [
        {"label": "Deal", "value": deal.name, "url": reverse("web:deal", args=[deal.pk])},
        {
            "label": "Community",
            "value": community.short_name if community else "not named",
            "url": reverse("web:community", args=[community.pk]) if community else "",
            "tone": "" if community else "bad",
        },
        {"label": "Origin", "value": engagement.get_origin_display()},
    ]
    if says_tier:
        tier = tiers.get(deal.tier) or deal.tier_none_because or "unknown"
        facts.append({"label": "Tier", "value": tier})
    return facts


def _early_start_over(engagement: Engagement, now: Moment) -> EarlyStart | None:
    """Return the leave under which it was ordered, if that is over; most were not ordered early."""
    order = getattr(engagement.deal, "order", None)
    is_early = order is not None and order.early_start_id is not None
    return early_start_over(engagement.number, on=now.on) if is_early else None


def _people(held: Sequence[RoleAssignment], now: Moment) -> list[tuple[str, list[Any]]]:
    """Return the people of an engagement by role; a required role without anybody is a gap."""
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
