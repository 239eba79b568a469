"""What ends when and who is told; and agreements against what runs."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from throughline.journal.remembering import remembered
from throughline.people.words import Permission
from throughline.renewals.concentration import concentrations_as_known
from throughline.renewals.known import COVERING
from throughline.renewals.lists import VIEWS, engagements_in, matching, renewals_of
from throughline.renewals.reconcile import findings
from throughline.web.access import PageRequest, page_query, require
from throughline.web.moment import moment
from throughline.web.renewals.pretend import pretence
from throughline.web.renewals.shown import (
    lapse_money,
    shown_findings,
    shown_ladder,
    shown_notices,
)

A_PAGE = 15  # each is a bar of the timeline, and a panel with its notices


@require_GET
@require(Permission.READ)
def renewal_list(request: PageRequest) -> HttpResponse:
    """Show every engagement's end, and the notices before it with their arithmetic."""
    shown_on = pretence(request)
    now = shown_on.now
    view, text = request.GET.get("view", "current"), request.GET.get("q", "")
    found = matching(engagements_in(view, on=now.on), text)
    page = Paginator(found.values_list("pk", flat=True), A_PAGE).get_page(request.GET.get("page"))
    lines = renewals_of(list(page.object_list), on=now.on, playbook=now.playbook)
    money = lapse_money(lines, now) if request.user.may(Permission.SEE_MONEY) else {}
    context = {
        "page": page,
        "lines": [(one, shown_notices(one)) for one in lines],
        "ladder": shown_ladder(lines, on=now.on, money=money),
        "concentrations": concentrations_as_known(on=now.on),
        "brings": shown_on.brings,
        "views": VIEWS,
        "asked": {"view": view, "q": text},
        "page_query": page_query(view=view, q=text, pretend=shown_on.value),
        "pretence": shown_on,
        "now": now,
    }
    return render(request, "renewals/renewals.html", context)


@require_GET
@require(Permission.READ)
def reconcile(request: PageRequest) -> HttpResponse:
    """Show every difference between agreements and infrastructure."""
    now = moment()
    code = request.GET.get("code", "")
    found = remembered(
        ("findings", now.on, now.playbook.sha256), COVERING,
        lambda: findings(on=now.on, playbook=now.playbook),
    )  # fmt: skip
    context = shown_findings(found, code=code) | {"now": now}
    return render(request, "renewals/reconcile.html", context)
