"""What a community's page shows."""

from typing import Any

from throughline.communities.models import Community
from throughline.communities.queries import missing_fields, roles_by_subject
from throughline.delivery.models import Engagement
from throughline.delivery.served import ServedCommunity
from throughline.people.models import User
from throughline.people.words import Permission
from throughline.sales.models import Deal
from throughline.web.markdown import rendered
from throughline.web.moment import Moment
from throughline.web.sales.board import stage_name
from throughline.web.sales.terms import term_words

LABELS = {
    "long_name": "Long name",
    "website": "Website",
    "github_org": "GitHub organisation",
    "repositories": "Repositories",
    "logo_url": "Logo",
    "cloud": "Cloud",
    "region": "Region",
    "data_location": "Where the data are",
}


def community_page(
    user: User, served: ServedCommunity, now: Moment, *, chosen: str
) -> dict[str, Any]:
    """Return the context of a community's page; `chosen` names the deal whose people are shown."""
    community = served.community
    deal = next((one for one in served.deals if str(one.pk) == chosen), None)
    deal = deal or next(iter(served.deals), None)
    missing = missing_fields(community, wanted=now.playbook.community_record)
    return {
        "community": community,
        "clusters": served.clusters,
        "aliases": list(community.aliases.all()),
        "missing": missing,
        "facts": record_facts(community, missing),
        "answers": answers_of(community, now),
        "deals": [_row(one, now) for one in served.deals],
        "chosen": deal,
        "tabs": [
            {"label": one.name, "url": f"?deal={one.pk}#people", "current": one == deal}
            for one in served.deals
        ],
        "matrix": people_matrix(deal, now) if deal else None,
        "sees_money": user.may(Permission.SEE_MONEY),
        "may_edit": user.may(Permission.EDIT_DEALS),
    }


def record_facts(community: Community, missing: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the record's fields; one that is wanted and empty is marked as missing."""
    return [_fact(community, name, label, name in missing) for name, label in LABELS.items()]


def _fact(community: Community, name: str, label: str, is_missing: bool) -> dict[str, Any]:  # noqa: FBT001 -- private
    value = getattr(community, name)
    if name == "cloud" and not value and community.cloud_unknown_because:
        value = f"unknown, because {community.cloud_unknown_because}"
    if isinstance(value, list):
        value = ", ".join(value)
    is_address = name in {"website", "logo_url"} and str(value).startswith(("http://", "https://"))
    return {
        "label": label,
        "value": value or ("missing" if is_missing else "not told"),
        "url": value if is_address else "",
        "tone": "bad" if is_missing else "",
    }


def answers_of(community: Community, now: Moment) -> list[dict[str, Any]]:
    """Return each context question with what the community said, if it was asked."""
    said = {answer.question: answer for answer in community.context.all()}
    return [
        {
            "question": question.text,
            "answer": said.get(question.code),
            "html": rendered(said[question.code].text) if question.code in said else "",
        }
        for question in now.playbook.context_questions
    ]


def people_matrix(deal: Deal, now: Moment) -> dict[str, Any]:
    """Return who is what for a deal: a row for each person, a column for each role."""
    roles = now.playbook.engagement_roles
    held = roles_by_subject([deal.subject], on=now.on).get(deal.subject, [])
    people: dict[int, dict[str, Any]] = {}
    for one in held:
        row = people.setdefault(one.contact.pk, {"contact": one.contact, "held": set()})
        row["held"].add(one.role)
    filled = {one.role for one in held}
    return {
        "roles": [
            {"name": role.name, "gap": role.required and role.code not in filled} for role in roles
        ],
        "rows": [
            {"contact": row["contact"], "cells": [role.code in row["held"] for role in roles]}
            for row in sorted(people.values(), key=lambda row: row["contact"].full_name)
        ],
        "gaps": [role.name for role in roles if role.required and role.code not in filled],
    }


def _row(deal: Deal, now: Moment) -> dict[str, Any]:
    engagement: Engagement | None = getattr(deal, "engagement", None)
    return {
        "deal": deal,
        "stage": stage_name(deal.stage, now.playbook),
        "term": term_words(deal.start_on, deal.end_on),
        "engagement": engagement,
    }
