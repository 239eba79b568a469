"""What the pages of a statement of work show."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from throughline.people.models import User
from throughline.people.words import Permission
from throughline.sales.gates.finding import CONDITIONS, Question
from throughline.sales.models import Deal, StatementOfWork
from throughline.sales.queries import DealFacts
from throughline.sales.statements.changes import Changes, Span, changes_between, hours_words
from throughline.sales.statements.content import hours_by_role
from throughline.sales.versions import sign_offs_of, version_of, versions_of
from throughline.web.markdown import rendered
from throughline.web.moment import Moment

MAY_WRITE: Final = (Permission.EDIT_DEALS, Permission.ANSWER_PS)  # BD and PS develop it together
WAITS_ON_IT: Final = ("sow.signed_off", "capacity.answered", "ps.reviewed")


def may_write(user: User) -> bool:
    """Return whether a person may write and sign off statements of work."""
    return any(user.may(one) for one in MAY_WRITE)


def statement_page(
    user: User, facts: DealFacts, statement: StatementOfWork, now: Moment
) -> dict[str, Any]:
    """Return the context of the page of one version."""
    deal, content = facts.deal, statement.content
    versions = list(versions_of(deal).defer("content"))
    newest = versions[0].version
    sign_offs = sign_offs_of(statement, playbook=now.playbook)
    is_newest = statement.version == newest
    return {
        "deal": deal,
        "statement": statement,
        "is_newest": is_newest,
        "newest": newest,
        "versions": [_version(one, newest, now) for one in versions],
        "sign_offs": sign_offs,
        "may_write": may_write(user),
        "may_sign": may_write(user) and is_newest,
        "may_agree_dates": is_newest and user.may(Permission.EDIT_DEALS),
        "may_ask": is_newest and user.may(Permission.EDIT_DEALS),
        "comments": list(statement.scope_comments.order_by("-pk")),
        "prose": _prose(content),
        "deliverables": [_deliverable(one, deal) for one in content["deliverables"]],
        "overhead": _part(content.get("overhead", {})),
        "roles": [(one.role, hours_words(one.low_h, one.high_h)) for one in hours_by_role(content)],
        "total": hours_words(statement.low_h, statement.high_h),
        "waits": _waiting(facts, now) if is_newest else [],
        "price_note": statement.price_note if user.may(Permission.SEE_MONEY) else "",
    }


def scope_page(statement: StatementOfWork) -> dict[str, Any]:
    """Return what a community reads of its statement of work: the promises, and no hours."""
    deal, content = Deal.objects.get(statements_of_work=statement), statement.content
    return {
        "statement": statement,
        "background": _prose(content)["background"],
        "deliverables": [_deliverable(one, deal) for one in content["deliverables"]],
        "out_of_scope": content.get("out_of_scope", []),
    }


def _version(one: StatementOfWork, newest: int, now: Moment) -> dict[str, Any]:
    signed = sum(bool(role.by) for role in sign_offs_of(one, playbook=now.playbook))
    return {
        "statement": one,
        "is_newest": one.version == newest,
        "signed": signed,
        "signers": len(now.playbook.signoff_roles),
        "hours": hours_words(one.low_h, one.high_h),
        "before": one.version - 1,
    }


def _prose(content: Mapping[str, Any]) -> dict[str, Any]:
    names = ("background", "technical_details", "overhead_text")
    texts: dict[str, Any] = {name: rendered(content.get(name, "")) for name in names}
    for place in ("before", "after"):
        texts[place] = [
            {"heading": one["heading"], "text": rendered(one["text"])}
            for one in content.get("sections", ())
            if one["place"] == place
        ]
    return texts


def _deliverable(one: Mapping[str, Any], deal: Deal) -> dict[str, Any]:
    due = deal.deliverable_dates.get(one["title"])
    due_on = date.fromisoformat(due) if due else None
    too_early = due_on and deal.start_on and due_on < deal.start_on
    too_late = due_on and deal.end_on and due_on > deal.end_on
    return _part(one) | {
        "title": one["title"],
        "due_on": due_on,
        "clash": bool(too_early or too_late),
        "overview": rendered(one.get("overview", "")),
        "demo": rendered(one.get("demo", "")),
        "done": one.get("definition_of_done", []),
        "risks": one.get("risks", []),
        "people": one.get("people", []),
    }


def _part(part: Mapping[str, Any]) -> dict[str, Any]:
    items = [
        {
            "text": item["text"],
            "role": item.get("role", ""),
            "hours": hours_words(item["low_h"], item["high_h"]),
        }
        for item in part.get("items", ())
    ]
    hours = hours_words(part.get("low_h", 0), part.get("high_h", 0))
    return {"lines": items, "hours": hours, "with_roles": any(one["role"] for one in items)}


def _waiting(facts: DealFacts, now: Moment) -> list[dict[str, Any]]:
    """Return the conditions that a new version may reopen, as they stand."""
    names = ("Sign-off", "Capacity", "Review by PS")
    question = Question(facts, now.playbook, now.on)
    found = [CONDITIONS.get(code)(question) for code in WAITS_ON_IT]
    return [{"name": name, "found": one} for name, one in zip(names, found, strict=True)]


def changes_shown(deal: Deal, before: int, after: int) -> dict[str, Any]:
    """Return what changed between two versions, in words.

    Raises:
        NoSuchVersion: one of the two does not exist.
    """
    old, new = version_of(deal, before), version_of(deal, after)
    found = changes_between(old.content, new.content)
    return {
        "before": old,
        "after": new,
        "found": found,
        "total": moved(found.total),
        "total_moves": found.total.is_changed,
        "roles": [(role, moved(span)) for role, span in found.by_role],
        "added": [{"title": one["title"], "hours": _hours(one)} for one in found.added],
        "removed": [{"title": one["title"], "hours": _hours(one)} for one in found.removed],
        "changed": _changed(found),
        "rest": _rest(found),
    }


def _changed(found: Changes) -> list[dict[str, Any]]:
    return [
        {
            "deliverable": one,
            "hours": moved(one.hours),
            "lists": [
                (name, lines)
                for name, lines in (
                    ("Definition of done", one.definition_of_done), ("Estimate", one.items),
                    ("People", one.people), ("Risks", one.risks),
                )
                if lines.is_changed
            ],
        }
        for one in found.changed
    ]  # fmt: skip


def _rest(found: Changes) -> list[tuple[str, Any]]:
    named = (
        ("Out of scope", found.out_of_scope), ("Overhead", found.overhead),
        ("People", found.people),
    )  # fmt: skip
    return [(name, lines) for name, lines in named if lines.is_changed]


def _hours(part: Mapping[str, Any]) -> str:
    return hours_words(part.get("low_h", 0), part.get("high_h", 0))


def moved(span: Span) -> str:
    """Return hours before and after, in words."""
    after = hours_words(*span.after)
    return f"{hours_words(*span.before)} → {after}" if span.is_changed else after
