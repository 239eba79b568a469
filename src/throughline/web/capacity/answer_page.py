"""What the page of a deal's capacity answer shows."""

from datetime import date, timedelta
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from throughline.capacity.asking import Proposal
from throughline.capacity.models import CapacityAnswer
from throughline.capacity.queries import bookings_of, holds_of
from throughline.journal.queries import about_all
from throughline.kernel.days import parse_day
from throughline.kernel.errors import Refused
from throughline.people.models import User
from throughline.people.words import Permission
from throughline.sales.demand import answer_as_known, ask_of_deal
from throughline.sales.models import Deal
from throughline.sales.queries import DealFacts
from throughline.sales.unanswered import CODE
from throughline.web.capacity.forms import ConfirmForm, CounterForm, RefuseForm
from throughline.web.capacity.map_page import Looked, picture_of, table_rows
from throughline.web.moment import Moment
from throughline.web.sales.forms import StepForm
from throughline.web.sales.gate_panel import standing_of

A_WEEK = timedelta(weeks=1)
FORMS: dict[str, type[StepForm]] = {
    "confirm": ConfirmForm,
    "counter": CounterForm,
    "refuse": RefuseForm,
}


def computed(
    facts: DealFacts, now: Moment, *, start: str = ""
) -> tuple[Proposal | None, Refused | None]:
    """Return what the team's hours answer, from another start where one is given; or why nothing."""
    try:
        start_on = parse_day(start)
        asked = ask_of_deal(
            facts.deal, facts.statement, playbook=now.playbook, on=now.on, start_on=start_on
        )
        return answer_as_known(asked, playbook=now.playbook, on=now.on), None
    except Refused as refused:
        return None, refused


def answer_page(
    user: User, facts: DealFacts, now: Moment, *, start: str, tried: StepForm | None
) -> dict[str, Any]:
    """Return the context of the page, but for the map."""
    deal = facts.deal
    proposal, refused = computed(facts, now, start=start)
    is_owner = deal.owner.casefold() == user.get_username().casefold()
    may_answer = user.may(Permission.ANSWER_PS)
    finding = standing_of(CODE, facts, now)
    return {
        "deal": deal,
        "statement": facts.statement,
        "answer": facts.capacity,
        "answered": _given(facts.capacity) if facts.capacity else [],
        "finding": finding,
        "is_stale": finding is not None and finding.status == "stale",
        "proposal": proposal,
        "refused": refused,
        "start": start,
        "is_what_if": bool(start),
        "limits": _limits(proposal),
        "pairs": _pairs(proposal),
        "affected": _told(deal, facts.capacity),
        "works": _works(proposal, now),
        "holds": _holds(deal, now),
        "bookings": bookings_of(deal.subject),
        "may_answer": may_answer and not is_owner,
        "is_own": may_answer and is_owner,
        "may_ask": user.may(Permission.ASK_PS),
        "forms": _forms(proposal, now, tried),
        "tried": tried,
        "valid_days": now.playbook.capacity.answer_valid_days,
    }


def _given(answer: CapacityAnswer) -> list[dict[str, Any]]:
    """Return the answer that PS gave in a few lines."""
    proposed = answer.proposed.get("sentence", "")
    lines = [
        {"label": "Given by", "value": f"{answer.by} ({answer.get_how_display().lower()})"},
        {"label": "From", "value": f"{answer.start_on:%-d %B %Y}" if answer.start_on else ""},
        {"label": "Only if", "value": "; ".join(answer.only_if)},
        {"label": "Note", "value": answer.note},
        {"label": "Good until", "value": f"{answer.expires_on:%-d %B %Y}"},
        {"label": "Computed then", "value": proposed},
    ]
    return [line for line in lines if line["value"]]


def _works(proposal: Proposal | None, now: Moment) -> list[dict[str, Any]]:
    """Return what is asked for, the pieces of one deliverable and the same roles together."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for work in proposal.asked.works if proposal else ():
        key = (work.title, work.roles, work.from_on, work.due_on)
        names = " or ".join(now.playbook.team_role(role).name for role in work.roles)
        one = found.setdefault(
            key,
            {"title": work.title, "who": names, "from_on": work.from_on, "due_on": work.due_on,
             "low_h": 0.0, "high_h": 0.0},
        )  # fmt: skip
        one["low_h"] += work.low_h
        one["high_h"] += work.high_h
    return list(found.values())


def _holds(deal: Deal, now: Moment) -> list[dict[str, Any]]:
    names = {role.code: role.name for role in now.playbook.team_roles}
    return [
        {
            "hours": one.hours,
            "role_name": names.get(one.role, one.role),
            "kind": one.get_kind_display().lower(),
            "title": one.title,
            "from_on": one.from_on,
            "to_on": one.to_on,
            "expires_on": one.expires_on,
        }
        for one in holds_of(deal.subject)
    ]


def _limits(proposal: Proposal | None) -> list[str]:
    """Return the limits by role, neighbouring weeks that are alike as one."""
    found: list[dict[str, Any]] = []
    ordered = (
        sorted(proposal.limits, key=lambda one: (one["role"], one["week_on"])) if proposal else []
    )
    for one in ordered:
        monday = date.fromisoformat(one["week_on"])
        last = found[-1] if found else None
        alike = last and (last["role"], last["pct"]) == (one["role"], one["used_pct"])
        if last and alike and monday - last["monday"] == A_WEEK:
            last |= {"monday": monday, "to": one["week"]}
        else:
            found.append({"role": one["role"], "pct": one["used_pct"], "monday": monday,
                          "from": one["week"], "to": one["week"]})  # fmt: skip
    return [
        f"{one['role']}: {one['pct']} % in {one['from']}"
        + (f" to {one['to']}" if one["to"] != one["from"] else "")
        for one in found
    ]


def _pairs(proposal: Proposal | None) -> list[dict[str, Any]]:
    """Return the deals that this one collides with, each with its own page (E8)."""
    return [
        {"message": one.message, "name": one.called.name, "url": _page(one.subject)}
        for one in (proposal.pairs if proposal else ())
    ]


def _page(subject: str) -> str:
    return reverse("web:deal-capacity", args=[int(subject.removeprefix("deal:"))])


def _told(deal: Deal, answer: CapacityAnswer | None) -> dict[str, list[dict[str, Any]]]:
    """Return whom this answer affects, and which other answers have affected this one since."""
    mine = answer.affects if answer else []
    answers = CapacityAnswer.objects.filter(subject=deal.subject).values_list("pk", flat=True)
    about = about_all([(CapacityAnswer._meta.label_lower, answers)])
    found = about.filter(act="capacity.answer.affected")
    if answer is not None:
        found = found.filter(at__gte=answer.at)
    return {
        "mine": [
            {"name": one["name"], "message": one["message"], "url": _page(one["subject"])}
            for one in mine
        ],
        "theirs": [
            {"message": one.facts["message"], "at": one.at, "url": _page(one.facts["cause"])}
            for one in found[:5]
        ],
    }


def _forms(proposal: Proposal | None, now: Moment, tried: StepForm | None) -> dict[str, StepForm]:
    """Return the three ways to answer; the one that was just tried as it was sent."""
    found = {
        name: tried if tried and type(tried) is kind else kind(auto_id=f"{name}-%s")
        for name, kind in FORMS.items()
    }
    until = now.on + timedelta(days=now.playbook.capacity.answer_valid_days)
    if proposal is not None:
        word, start_on = proposal.answer.word, proposal.answer.start_on
        found["confirm"].initial = {"answer": word, "start_on": start_on, "expires_on": until}
        if tried is found["confirm"]:  # what is confirmed next is what the page shows now
            shown = {"answer": word, "start_on": start_on.isoformat() if start_on else ""}
            sent = found["confirm"].data
            found["confirm"].data = {name: sent[name] for name in sent} | shown
        found["counter"].initial = {
            "answer": word if word != "no" else "only_if",
            "start_on": start_on if word == "yes_from" else None,
            "only_if": list(proposal.only_if),
            "expires_on": until,
        }
    return found


def map_of_answer(looked: Looked, query: QueryDict) -> dict[str, Any]:
    """Return the map around this deal, with the deal outlined."""
    return {
        "weeks": [
            {"short": label[5:], "day": day}
            for label, day in zip(looked.map.labels, looked.map.weeks, strict=True)
        ],
        "rows": table_rows(looked.map, looked.opened),
        "picture": picture_of(looked),
        "map_url": f"{reverse('web:capacity')}?{query.urlencode()}",
    }
