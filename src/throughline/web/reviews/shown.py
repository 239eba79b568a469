"""A review with all that PS needs to answer it, as one page shows it."""

from typing import Any

from django.urls import reverse

from throughline.people.models import User
from throughline.people.words import Permission
from throughline.sales.models import Review
from throughline.sales.queries import DealFacts
from throughline.sales.reviews import changes_since
from throughline.web.moment import Moment
from throughline.web.review_lines import review_line
from throughline.web.sales.board import stage_name
from throughline.web.sales.dossier import hours_words, promises_of, term_rows


def review_page(user: User, review: Review, facts: DealFacts, now: Moment) -> dict[str, Any]:
    """Return the context of a review's page."""
    is_own = review.asked_by.casefold() == user.get_username().casefold()
    may_answer = user.may(Permission.ANSWER_PS) and review.is_open
    return review_line(review, now) | {
        "deal": facts.deal,
        "stage": stage_name(facts.deal.stage, now.playbook),
        "stale": changes_since(review, facts) if review.answered_at else [],
        "thread": _thread(review),
        "facts": _facts(facts, now),
        "terms": term_rows(facts),
        "statement": facts.statement,
        "promises": promises_of(facts),
        "others": [one for one in facts.deal.reviews.all() if one.pk != review.pk],
        "may_answer": may_answer and not is_own,
        "is_own": may_answer and is_own,
        "may_ask": user.may(Permission.ASK_PS),
        "now": now,
    }


def _facts(facts: DealFacts, now: Moment) -> list[dict[str, Any]]:
    """Return the deal, its community and its work in a few lines; no amounts: PS needs none."""
    deal, community, statement = facts.deal, facts.deal.community, facts.statement
    tiers = {tier.code: tier.name for tier in now.playbook.tiers}
    lines = [
        {"label": "Deal", "value": deal.name, "url": reverse("web:deal", args=[deal.pk])},
        {"label": "Stage", "value": stage_name(deal.stage, now.playbook)},
        {"label": "Owner", "value": deal.owner or "nobody yet"},
        {"label": "Tier", "value": tiers.get(deal.tier, deal.tier) or "not chosen"},
    ]
    if community is not None:
        url = reverse("web:community", args=[community.pk])
        cloud = " ".join(filter(None, [community.cloud, community.region]))
        lines += [
            {"label": "Community", "value": community.short_name, "url": url},
            {"label": "Cloud", "value": cloud or community.cloud_unknown_because or "unknown"},
            {"label": "Data", "value": community.data_location or "unknown"},
        ]
    if statement is not None:
        lines.append({
            "label": "Statement of work",
            "value": f"{statement.title}, version {statement.version}",
            "url": reverse("web:statement", args=[deal.pk]),
            "note": hours_words(statement.low_h, statement.high_h),
        })  # fmt: skip
    return lines


def _thread(review: Review) -> list[dict[str, Any]]:
    """Return what was said, in the order of saying it."""
    said = [{"icon": "question", "text": review.question, "by": review.asked_by,
             "at": review.asked_at, "link": ""}]  # fmt: skip
    said += [
        {"icon": "link" if one.link and not one.text else "info", "text": one.text, "by": one.by,
         "at": one.at, "link": one.link}
        for one in review.notes.order_by("at", "pk")
    ]  # fmt: skip
    if review.answered_at is not None:
        said.append({"icon": "check", "text": review.answer, "by": review.answered_by,
                     "at": review.answered_at, "link": review.answer_link})  # fmt: skip
    if review.declined_at is not None:
        said.append({"icon": "stop", "text": f"Declined: {review.declined_because}",
                     "by": review.declined_by, "at": review.declined_at, "link": ""})  # fmt: skip
    return sorted(said, key=lambda one: one["at"])
