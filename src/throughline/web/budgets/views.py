"""Which accounts are watched, and how their agreements stand with them."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from throughline.budgets.actions.arming import watch_by_hand
from throughline.budgets.listing import BudgetLine, engagements_with_accounts, lines_of
from throughline.budgets.queries import unreadable_words, waiting_alerts
from throughline.delivery.models import Engagement
from throughline.delivery.queries import engagements
from throughline.kernel.errors import Refused
from throughline.people.words import Permission
from throughline.web.access import PageRequest, actor, page_query, require
from throughline.web.budgets.burn_chart import HEIGHT, WIDTH, specification
from throughline.web.budgets.shown import burn_rows, described, tabs, what_if
from throughline.web.budgets.spark import spark_of
from throughline.web.charts import Picture, addresses, picture_answer
from throughline.web.moment import Moment, moment

A_PAGE = 15  # engagements, each with the months of its accounts
WORKERS = (Permission.DELIVER, Permission.EDIT_DEALS)


@require_GET
@require(Permission.READ)
def budgets(request: PageRequest) -> HttpResponse:
    """Show each account of each agreement, accounts that nothing watches first."""
    now, text = moment(), request.GET.get("q", "")
    page = Paginator(engagements_with_accounts(text), A_PAGE).get_page(request.GET.get("page"))
    lines = _lines(page.object_list, now)
    context = {
        "page": page,
        "lines": lines,
        "drawn": [(one, spark_of(one.burn)) for one in lines],
        "violations": sum(one.is_violation for one in lines),
        "early": sum(one.burn.runs_out_early for one in lines),
        "tabs": tabs("budgets", waiting_alerts().count() + unreadable_words().count()),
        "q": text,
        "page_query": page_query(q=text),
        "rule": now.playbook.budgets,
        "now": now,
    }
    return render(request, "budgets/budgets.html", context)


def _lines(found: Iterable[Engagement], now: Moment) -> list[BudgetLine]:
    return lines_of(found, on=now.on, playbook=now.playbook, as_known=True)


@require_GET
@require(Permission.READ)
def budget(request: PageRequest, number: int) -> HttpResponse:
    """Show how an agreement's ceiling or pot burns down, as a picture and as a table."""
    engagement, now = get_object_or_404(engagements(), pk=number), moment()
    lines = _lines([engagement], now)
    context: dict[str, Any] = {
        "engagement": engagement,
        "deal": engagement.deal,
        "lines": lines,
        "rows": burn_rows(lines[0].burn) if lines else [],
        "burn": lines[0].burn if lines else None,
        "picture": Picture(
            addresses("web:budget-chart", number=number),
            WIDTH + 70,
            HEIGHT + 45,
            described(lines[0].burn) if lines else "",
            label="The burn-down as a picture",
        ),
        "what_if": what_if(request.GET.get("month_cost", ""), lines[0].burn if lines else None),
        "alerts": waiting_alerts().filter(engagement=engagement),
        "may_work": any(request.user.may(one) for one in WORKERS),
        "now": now,
    }
    return render(request, "budgets/budget.html", context)


@require_POST
@require(*WORKERS)
def watch(request: PageRequest, number: int) -> HttpResponse:
    """Have an account watched that need not be."""
    engagement, now = get_object_or_404(engagements(), pk=number), moment()
    try:
        kept = watch_by_hand(
            engagement, request.POST.get("account", ""), playbook=now.playbook, by=actor(request),
            at=now.at,
        )  # fmt: skip
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{kept.account} is watched; {kept.to} is told.")
    return redirect("web:budget", number=number)


@require_GET
@require(Permission.SEE_MONEY)
def chart(request: PageRequest, number: int, theme: str) -> HttpResponse:
    """Draw the burn-down of an agreement in the colours of a theme."""
    engagement, now = get_object_or_404(engagements(), pk=number), moment()
    lines = _lines([engagement], now)
    burn = lines[0].burn if lines else None
    return picture_answer(request, theme, lambda one: specification(burn, theme=one))
