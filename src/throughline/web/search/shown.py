"""What was found, as pages show it."""

from collections.abc import Mapping
from itertools import count
from typing import Any, Final
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator

from throughline.search.actions.asking import Answer, ask
from throughline.search.folding import words_of
from throughline.search.queries import A_GROUP
from throughline.search.quoting import Wanted
from throughline.search.words import Kind, sight_of
from throughline.web.access import PageRequest, page_query
from throughline.web.moment import moment
from throughline.web.navigation import navigation

A_PAGE: Final = 25  # results of one kind
A_HIT: Final = 3  # of each kind below the field
MOST_HITS: Final = 12
MOST_PAGES: Final = 4000  # nobody leafs that far; a number that large is no page
ICONS: Final[Mapping[Kind, str]] = {
    Kind.DEAL: "pipeline",
    Kind.ENGAGEMENT: "engagement",
    Kind.COMMUNITY: "community",
    Kind.CONTACT: "person",
    Kind.DELIVERABLE: "check",
    Kind.STATEMENT: "document",
    Kind.AGREEMENT: "document",
    Kind.CLUSTER: "reconcile",
    Kind.ALERT: "warning",
    Kind.REVIEW: "question",
    Kind.NOTE: "hand",
    Kind.WORK: "document",
    Kind.INVOICE: "billing",
    Kind.DECISION: "eye",
    Kind.MAIL: "outbox",
    Kind.COLLEAGUE: "capacity",
    Kind.USER: "person",
}
EXAMPLES: Final = {  # what somebody could look for, by kind
    Kind.DEAL: "a deal's name, its number, or its HubSpot id",
    Kind.COMMUNITY: "a community's name, its id, or an older id",
    Kind.CONTACT: "a person's name, e-mail or GitHub id",
    Kind.CLUSTER: "a cluster, a hub's address, or a cloud account's number",
    Kind.AGREEMENT: "the number of a purchase order or contract",
    Kind.DELIVERABLE: "a deliverable's words, or its issue's address or number: #12",
    Kind.INVOICE: "an invoice's number, or the one that SAGE gave it",
    Kind.MAIL: "words of a mail, or to whom it went",
}


def results(request: PageRequest) -> dict[str, Any]:
    """Return the context of the page: all kinds with their first results, or one kind whole."""
    text, kind = request.GET.get("q", ""), _kind(request)
    number = _page_number(request) if kind else 1
    a_part = A_PAGE if kind else A_GROUP
    part = slice((number - 1) * a_part, number * a_part)
    answer = _ask(request, text, kind=kind, part=part)
    asked = answer.asked
    context = _groups(answer) | {
        "pages": _pages(request, asked) if kind is None else [],
        "kind": kind,
        "kind_label": kind.label if kind else "",
        "search_query": asked.text,
        "examples": [
            said for one, said in EXAMPLES.items() if one in sight_of(request.user.may).kinds
        ],
        "all_query": urlencode({"q": asked.text}),
    }
    if kind is not None and answer.findings.count:
        context["page"] = _page(answer.findings.count, number)
        context["page_query"] = page_query(q=asked.text, kind=kind.value)
    return context


def hits(request: PageRequest) -> dict[str, Any]:
    """Return the context of the list below the field: a few of each kind."""
    answer = _ask(request, request.GET.get("q", ""), part=slice(0, A_HIT))
    pages = _pages(request, answer.asked)[:A_HIT]
    left, places = MOST_HITS - len(pages), count(len(pages) + 1)
    groups = []
    for group in _groups(answer)["groups"]:
        if rows := group["found"][:left]:
            groups.append(group | {"rows": [(next(places), one) for one in rows]})
            left -= len(rows)
    return {
        "groups": groups,
        "pages": list(enumerate(pages, start=1)),
        "count": answer.findings.count,
        "last": next(places),
        "behind": answer.behind,
        "asked": answer.asked,
        "all_query": urlencode({"q": answer.asked.text}),
    }


def _ask(request: PageRequest, text: str, **how: Any) -> Answer:
    now = moment()
    return ask(text, sight=sight_of(request.user.may), playbook=now.playbook, at=now.at, **how)


def _kind(request: PageRequest) -> Kind | None:
    given = request.GET.get("kind", "")
    return Kind(given) if given in Kind else None


def _page_number(request: PageRequest) -> int:
    given = request.GET.get("page", "1")
    is_number = given.isascii() and given.isdecimal() and len(given) <= len(str(MOST_PAGES))
    return min(max(int(given), 1), MOST_PAGES) if is_number else 1


def _page(total: int, number: int) -> Page[Any]:
    """Return the page as the component draws it; its rows are read already."""
    return Paginator(range(total), A_PAGE).get_page(number)


def _groups(answer: Answer) -> dict[str, Any]:
    text = answer.asked.text
    groups = [
        {
            "kind": one.kind.value,
            "label": one.kind.label,
            "icon": ICONS[one.kind],
            "count": one.count,
            "more": one.more,
            "found": one.found,
            "query": urlencode({"q": text, "kind": one.kind.value}),
        }
        for one in answer.findings.groups
    ]
    return {
        "groups": groups,
        "count": answer.findings.count,
        "behind": answer.behind,
        "asked": answer.asked,
    }


def _pages(request: PageRequest, asked: Wanted) -> list[dict[str, str]]:
    """Return the pages of the navigation that go by the words, for who may open them."""
    if not asked.words:
        return []
    *before, last = asked.words
    found = []
    for link in (one for group in navigation(request.user) for one in group.links):
        named = words_of(link.label)
        if set(before) <= set(named) and any(word.startswith(last) for word in named):
            found.append({"label": link.label, "url": link.url, "icon": link.icon})
    return found
