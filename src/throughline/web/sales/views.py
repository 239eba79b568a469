"""The pipeline and one deal, as they are."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from throughline.kernel.days import parse_day
from throughline.kernel.errors import Refused
from throughline.people.words import Permission
from throughline.sales.history import newest_entries, newest_entry
from throughline.sales.loading import facts_of_many
from throughline.sales.models import Deal
from throughline.sales.pipeline import (
    Board,
    board_as_known,
    deals_matching,
    facts_by_stage,
    newest_numbers,
    shown_of,
    sums_by_stage,
)
from throughline.sales.queries import facts_of
from throughline.sales.sentences import JUDGED, Asking, deals_that, looks_at_some
from throughline.sales.words import UNMAPPED
from throughline.web.access import PageRequest, actor, require
from throughline.web.figures import deals_in
from throughline.web.moment import Moment, moment
from throughline.web.sales.board import (
    BOARD,
    CARDS,
    UNMAPPED_KEY,
    Viewer,
    columns_of,
    glance_at,
    stage_name,
)
from throughline.web.sales.deal_page import deal_page
from throughline.web.sales.filters import filters_of, sentences_in
from throughline.web.sales.forms import FilterForm
from throughline.web.sales.gate_panel import Tried, all_moves
from throughline.web.sales.then_page import then_page

A_PAGE = 50


def viewer_of(request: PageRequest) -> Viewer:
    """Return for whom the pipeline is drawn, and when."""
    user = request.user
    return Viewer(
        now=moment(),
        sees_money=user.may(Permission.SEE_MONEY),
        moves_deals=user.may(Permission.ADVANCE_DEALS),
        edits_deals=user.may(Permission.EDIT_DEALS),
        address=request.get_full_path(),
    )


@require_GET
@require(Permission.READ)
def pipeline(request: PageRequest) -> HttpResponse:
    """Show the deals by stage: as a board, or as a table."""
    form = FilterForm(request.GET)
    if request.GET.get("view") == "table":
        return _table(request, form)
    viewer = viewer_of(request)
    narrowed = deals_in(request.GET, request.user, viewer.now)
    query = form.chosen_query() | {"is": sentences_in(request.GET)}
    query |= narrowed.asked if narrowed else {}
    is_whole = not any(query.values())
    found, seen = _whole_board(viewer.now) if is_whole else _board(request, form, viewer.now)
    columns = columns_of(found.sums, found.by_stage, replace(viewer, seen=seen), query=query)
    context = _common(request, form, viewer) | {"columns": columns}
    return render(request, "sales/pipeline.html", context)


def _whole_board(now: Moment) -> tuple[Board, dict[int, int]]:
    """Return the board of all deals, and the newest entry about each that the cards may show."""
    ways: dict[str, Any] = {
        "each": CARDS,
        "together": BOARD,
        "on": now.on,
        "playbook": now.playbook,
    }
    seen = newest_entries(board_as_known(**ways).numbers)
    return board_as_known(**ways), seen  # asked again: cards are not older than what was seen


def _board(request: PageRequest, form: FilterForm, now: Moment) -> tuple[Board, dict[int, int]]:
    """Return the same of the deals that the filters leave."""
    deals = _deals(request, form)
    sums = sums_by_stage(deals, playbook=now.playbook)
    most = shown_of(sums, each=CARDS, together=BOARD, playbook=now.playbook)
    numbers = newest_numbers(deals, most=most)
    seen = newest_entries(numbers)  # before the facts that the cards show
    return Board(sums, numbers, facts_by_stage(numbers, on=now.on)), seen


def _deals(request: PageRequest, form: FilterForm, stage: str | None = None) -> QuerySet[Deal]:
    """Return the deals that the filters leave; say so where not all could be looked at."""
    now, codes = moment(), sentences_in(request.GET)
    asking = Asking(actor(request), now.at, now.playbook)
    found = deals_matching(**form.chosen(), stage=stage)
    if looks_at_some(found, codes, asking):
        messages.info(
            request, f"Looked at the {JUDGED} open deals that moved last. Narrow it down."
        )
    narrowed = deals_in(request.GET, request.user, now)
    return deals_that(narrowed.figure.narrow(found) if narrowed else found, codes, asking)


def _common(request: PageRequest, form: FilterForm, viewer: Viewer) -> dict[str, Any]:
    """Return what board and table show alike."""
    return {
        "form": form,
        "tabs": _tabs(request.GET),
        "viewer": viewer,
        "filters": filters_of(
            request.GET, request.user, deals_in(request.GET, request.user, viewer.now)
        ),
    }


def _table(request: PageRequest, form: FilterForm) -> HttpResponse:
    viewer, key = viewer_of(request), request.GET.get("stage", "")
    stage = UNMAPPED if key == UNMAPPED_KEY else key or None
    deals = _deals(request, form, stage).order_by("-stage_since", "-pk")
    numbers = deals.values_list("pk", flat=True)
    page = Paginator(numbers, A_PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = _common(request, form, viewer) | {
        "rows": [
            glance_at(one, viewer) for one in facts_of_many(page.object_list, on=viewer.now.on)
        ],
        "page": page,
        "query": f"{query.urlencode()}&",
        "stage": stage_name(stage, viewer.now.playbook) if stage is not None else "",
        "stage_key": key,
    }
    return render(request, "sales/table.html", context)


def _tabs(asked: QueryDict) -> list[dict[str, object]]:
    is_table = asked.get("view") == "table"
    query = asked.copy()
    for name in ("view", "page", "stage"):
        query.pop(name, None)
    board, table = query.urlencode(), "&".join(filter(None, [query.urlencode(), "view=table"]))
    return [
        {"label": "Board", "url": f"?{board}", "current": not is_table},
        {"label": "Table", "url": f"?{table}", "current": is_table},
    ]


@never_cache
@require_GET
@require(Permission.READ)
def deal(request: PageRequest, number: int) -> HttpResponse:
    """Show one deal: what it needs next, what is known, and what happened; or as it was once."""
    if asked := request.GET.get("on", ""):
        return _deal_then(request, number, asked)
    return show_deal(request, number, Tried(to=request.GET.get("to", "")))


def _deal_then(request: PageRequest, number: int, asked: str) -> HttpResponse:
    """Show a deal as the journal tells it was at the end of a day."""
    now, found = moment(), get_object_or_404(Deal, pk=number)
    try:
        on = parse_day(asked)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("web:deal", number=number)
    context = then_page(request.user, found, on or now.on, now)
    return render(request, "sales/deal_then.html", context)


@require_GET
@require(Permission.ADVANCE_DEALS)
def moves(request: PageRequest, number: int) -> HttpResponse:
    """List the stages that a deal can move to, with what is missing for each."""
    now, found = moment(), get_object_or_404(Deal, pk=number)
    seen = newest_entry(found)
    context = {
        "deal": found,
        "seen": seen,
        "moves": all_moves(facts_of(found, on=now.on), now),
        "back": request.GET.get("back", ""),
    }
    part = "#moves" if request.htmx.target == "moves" else ""
    return render(request, f"sales/moves.html{part}", context)


def show_deal(
    request: PageRequest, number: int, tried: Tried, *, status: int = 200
) -> HttpResponse:
    """Return a deal's page, or its gate alone where htmx asks for that; `tried` is shown in it."""
    now = moment()
    found = get_object_or_404(Deal, pk=number)
    seen = newest_entry(found)  # before the facts: what comes between the two is news to the reader
    facts = facts_of(found, on=now.on)
    context = deal_page(request.user, facts, now, tried) | {"seen": seen}
    part = "#gate" if request.htmx.target == "gate" else ""
    return render(request, f"sales/deal.html{part}", context, status=status)
