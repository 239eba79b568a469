"""The pipeline and one deal, as they are."""

from collections.abc import Iterable

from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from throughline.people.words import Permission
from throughline.sales.loading import facts_of_many
from throughline.sales.history import newest_entry
from throughline.sales.models import Deal
from throughline.sales.pipeline import (
    StageSum,
    deals_matching,
    newest_by_stage,
    sums_by_stage,
)
from throughline.sales.queries import facts_of
from throughline.sales.words import UNMAPPED
from throughline.web.access import PageRequest, require
from throughline.web.moment import moment
from throughline.web.sales.board import (
    CARDS,
    UNMAPPED_KEY,
    Viewer,
    columns_of,
    glance_at,
    stage_name,
)
from throughline.web.sales.deal_page import deal_page
from throughline.web.sales.forms import FilterForm
from throughline.web.sales.gate_panel import Tried

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
    viewer, deals = viewer_of(request), deals_matching(**form.chosen())
    sums = sums_by_stage(deals)
    found = newest_by_stage(deals, stages=_stages(viewer, sums), limit=CARDS, on=viewer.now.on)
    columns = columns_of(sums, found, viewer, query=form.chosen_query())
    context = {"columns": columns, "form": form, "tabs": _tabs(request.GET), "viewer": viewer}
    return render(request, "sales/pipeline.html", context)


def _stages(viewer: Viewer, sums: Iterable[StageSum]) -> list[str]:
    """Return the stages of the playbook, and those that deals have besides."""
    known = [stage.code for stage in viewer.now.playbook.stages]
    return [*known, *sorted({one.stage for one in sums} - set(known))]


def _table(request: PageRequest, form: FilterForm) -> HttpResponse:
    viewer, key = viewer_of(request), request.GET.get("stage", "")
    stage = UNMAPPED if key == UNMAPPED_KEY else key or None
    deals = deals_matching(**form.chosen(), stage=stage).order_by("-stage_since", "-pk")
    page = Paginator(deals, A_PAGE).get_page(request.GET.get("page"))
    wanted = [deal.pk for deal in page.object_list]
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "rows": [glance_at(one, viewer) for one in facts_of_many(wanted, on=viewer.now.on)],
        "page": page,
        "query": f"{query.urlencode()}&",
        "form": form,
        "tabs": _tabs(request.GET),
        "viewer": viewer,
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
    """Show one deal: what it needs next, what is known, and what happened."""
    return show_deal(request, number, Tried(to=request.GET.get("to", "")))


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
