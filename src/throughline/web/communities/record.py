"""What a community's page shows."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from throughline.communities.actions import open_links, stamp_of
from throughline.communities.ids import IdCheck, proposed_id
from throughline.communities.models import Community
from throughline.communities.queries import (
    DEFAULT_REGION,
    PHASES,
    Provenance,
    as_text,
    missing_fields,
    missing_for_phases,
    people_matrix,
    provenance_of,
)
from throughline.communities.words import IdState
from throughline.delivery.models import Engagement
from throughline.delivery.served import ServedCommunity
from throughline.people.models import User
from throughline.people.words import Permission
from throughline.playbook.ownership import home_address, is_hubspots
from throughline.sales.models import Deal
from throughline.web.communities.words import LABELS, field_label
from throughline.web.markdown import rendered
from throughline.web.moment import Moment
from throughline.web.sales.board import stage_name
from throughline.web.sales.terms import term_words
from throughline.web.templatetags.ui import brief_money, day

SHOWN = tuple(name for name in LABELS if name not in {"short_name", "cloud_unknown_because"})


def community_page(
    user: User, served: ServedCommunity, now: Moment, *, chosen: str, on: date
) -> dict[str, Any]:
    """Return the context of a community's page.

    `chosen` names the deal whose people are shown, as they were `on` a day.
    """
    community = served.community
    deal = next((one for one in served.deals if str(one.pk) == chosen), None)
    deal = deal or next(iter(served.deals), None)
    missing = missing_fields(community, wanted=now.playbook.community_record)
    wanted = dict(PHASES)
    return {
        "community": community,
        "clusters": served.clusters,
        "accounts": sorted({str(one.account) for one in served.clusters if one.account}),
        "support": _support_address(community, now),
        "aliases": list(community.aliases.all()),
        "missing": [field_label(name) for name in missing],
        "known": len(now.playbook.community_record) - len(missing),
        "wanted": len(now.playbook.community_record),
        "phases": [
            {
                "number": number,
                "missing": [field_label(name) for name in lacks],
                "wanted": len(wanted[number]),
                "known": len(wanted[number]) - len(lacks),
            }
            for number, lacks in missing_for_phases(community)
        ],
        "facts": record_facts(community, missing, now),
        "answers": answers_of(community, now),
        "corrections": corrections_of(community, now),
        "links": list(open_links(community, at=now.at)),
        "deals": [_row(one, now) for one in served.deals],
        "stats": value_strip(served.deals, now, sees_money=user.may(Permission.SEE_MONEY)),
        "chosen": deal,
        "tabs": [
            {"label": one.name, "url": f"?deal={one.pk}#people", "current": one == deal}
            for one in served.deals
        ],
        "matrix": people_matrix(deal.subject, on=on, playbook=now.playbook) if deal else None,
        "on": on,
        "sees_money": user.may(Permission.SEE_MONEY),
        "may_edit": user.may(Permission.EDIT_DEALS) and community.merged_into_id is None,
    }


def value_strip(deals: Iterable[Deal], now: Moment, *, sees_money: bool) -> list[dict[str, Any]]:
    """Return what a community is to us at a glance: tier, what it has ordered, worth, last end.

    Of its deals those count that have an engagement, newest first; no strip where there is none.
    """
    ordered = [one for one in deals if getattr(one, "engagement", None)]
    if not ordered:
        return []
    tiers = {tier.code: tier.name for tier in now.playbook.tiers}
    end_on = max((one.end_on for one in ordered if one.end_on), default=None)
    strip: list[dict[str, Any]] = [
        {"label": "Tier", "value": tiers.get(ordered[0].tier, "none")},
        {"label": "Engagements", "value": len(ordered)},
        {"label": "Last end", "value": day(end_on)},
    ]
    if sees_money:
        worth: dict[str, Decimal] = {}
        for one in ordered:
            if one.amount is not None:
                worth[one.currency] = worth.get(one.currency, Decimal(0)) + one.amount
        strip += [
            {"label": "Agreed so far", "value": brief_money(amount), "unit": currency}
            for currency, amount in worth.items()
        ]
    return strip


def _support_address(community: Community, now: Moment) -> str:
    if not community.community_id:
        return ""
    return now.playbook.addresses.support_of(community.community_id)


def id_panel(check: IdCheck | None, community: Community, now: Moment) -> dict[str, Any]:
    """Return what is said of an id that somebody types."""
    until = community.id_reserved_until
    return {
        "check": check,
        "proposed": proposed_id(community.short_name),
        "is_over": community.id_state == IdState.RESERVED and until is not None and until < now.on,
    }


def record_facts(
    community: Community, missing: tuple[str, ...], now: Moment
) -> list[dict[str, Any]]:
    """Return the record's fields with source and age; one that is wanted and empty is missing."""
    known = provenance_of(community, at=now.at)
    hubspots = {"source": "HubSpot ↗", "source_url": home_address()}
    return [
        _fact(community, name, name in missing, known)
        | (hubspots if is_hubspots(f"community.{name}", now.playbook) else {})
        for name in SHOWN
    ]


def _fact(
    community: Community,
    name: str,
    is_missing: bool,  # noqa: FBT001 -- private
    known: dict[str, Provenance],
) -> dict[str, Any]:
    value, field = getattr(community, name), name
    if name == "cloud" and not value and community.cloud_unknown_because:
        field = "cloud_unknown_because"
        value = f"unknown, because {community.cloud_unknown_because}"
    if isinstance(value, list):
        value = ", ".join(value)
    is_address = name in {"website", "logo_url"} and str(value).startswith(("http://", "https://"))
    note = _said(known[field]) if field in known and value else ""
    if name == "region" and not value:
        note = f"{DEFAULT_REGION} by default: nobody has asked for it"
    return {
        "label": LABELS[name],
        "value": value or ("missing" if is_missing else "not told"),
        "url": value if is_address else "",
        "tone": "bad" if is_missing else "",
        "note": note,
    }


def _said(known: Provenance) -> str:
    """Return who said a fact, how surely, and how long ago."""
    one, days = known.source, known.age_days
    source = f"{one.source} · " if one.source else ""
    age = "today" if days == 0 else f"{days} day{'' if days == 1 else 's'} ago"
    return f"{source}{one.get_sureness_display().lower()} · {one.by or 'unknown'}, {age}"


def answers_of(community: Community, now: Moment) -> list[dict[str, Any]]:
    """Return each context question with what the community said, if it was asked."""
    said = {answer.question: answer for answer in community.context.all()}
    return [
        {
            "code": question.code,
            "question": question.text,
            "answer": said.get(question.code),
            "seen": stamp_of(said.get(question.code)),
            "html": rendered(said[question.code].text) if question.code in said else "",
            "age_days": (now.at - said[question.code].at).days if question.code in said else None,
        }
        for question in now.playbook.context_questions
    ]


def corrections_of(community: Community, now: Moment) -> list[dict[str, Any]]:
    """Return what the community corrected by link and nobody has settled, beside what stands."""
    said = {one.question: one.text for one in community.context.all()}
    questions = {one.code: one.text for one in now.playbook.context_questions}
    return [
        {
            "correction": one,
            "rows": [
                *(
                    {"name": name, "label": field_label(name), "theirs": as_text(value),
                     "ours": as_text(getattr(community, name))}
                    for name, value in one.facts.items()
                ),
                *(
                    {"name": code, "label": questions.get(code, code), "theirs": text,
                     "ours": said.get(code, "")}
                    for code, text in one.answers.items()
                ),
            ],
        }
        for one in community.corrections.filter(settled_at=None).order_by("at", "pk")
    ]  # fmt: skip


def questions_page(community: Community, now: Moment) -> list[dict[str, Any]]:
    """Return each question with its earlier answers and what was asked further."""
    earlier = list(community.earlier_answers.order_by("-at", "-pk"))
    further = list(community.follow_ups.order_by("asked_at", "pk"))
    return [
        one
        | {
            "earlier": [
                {"said": old, "html": rendered(old.text)}
                for old in earlier
                if old.question == one["code"]
            ],
            "further": [
                {"asked": ask, "html": rendered(ask.answer)}
                for ask in further
                if ask.question == one["code"]
            ],
        }
        for one in answers_of(community, now)
    ]


def history_page(community: Community) -> list[dict[str, Any]]:
    """Return what each field has held, the latest first, with who said so."""
    rows = list(community.sources.order_by("-at", "-pk"))
    return [
        {"label": label, "name": name, "rows": [one for one in rows if one.field == name]}
        for name, label in LABELS.items()
    ]


def _row(deal: Deal, now: Moment) -> dict[str, Any]:
    engagement: Engagement | None = getattr(deal, "engagement", None)
    return {
        "deal": deal,
        "stage": stage_name(deal.stage, now.playbook),
        "term": term_words(deal.start_on, deal.end_on),
        "engagement": engagement,
    }
