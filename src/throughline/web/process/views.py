"""The process as a whole: where everything stands, how it moves, and which months bring what."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from throughline.billing.exports import as_csv
from throughline.kernel.months import month_of
from throughline.people.words import Permission
from throughline.renewals.process import loads_as_known, map_as_known
from throughline.renewals.process_shapes import tables
from throughline.sales.flow import Period, flow, standing_longest
from throughline.sales.revenue import revenue_as_known
from throughline.web.access import PageRequest, require
from throughline.web.billing.views import csv_file
from throughline.web.charts import picture_answer
from throughline.web.figures import period_in
from throughline.web.moment import Moment, moment
from throughline.web.process import charts
from throughline.web.process.shown import (
    flow_context,
    map_context,
    months_context,
    shared_context,
)


def _asked(request: PageRequest, now: Moment) -> Period:
    """Return the period that was asked for; say so where it makes no sense."""
    period, refused = period_in(request.GET, now)
    if refused is not None:
        messages.error(request, f"{refused} The last 365 days are shown.")
    return period


def _sees(request: PageRequest) -> tuple[bool, bool]:
    """Return whether somebody sees money, and capacity."""
    return request.user.may(Permission.SEE_MONEY), request.user.may(Permission.SEE_CAPACITY)


@require_GET
@require(Permission.READ)
def process(request: PageRequest) -> HttpResponse:
    """Show how much stands where, from lead to the end; every number opens its list."""
    now = moment()
    period = _asked(request, now)
    found = map_as_known(period, on=now.on, playbook=now.playbook)
    context = map_context(found, period) | shared_context("process", period)
    return render(request, "process/map.html", context)


@require_GET
@require(Permission.READ)
def flow_page(request: PageRequest) -> HttpResponse:
    """Show what became of the deals that entered each stage in a period, and how long it took."""
    now = moment()
    period = _asked(request, now)
    found = flow(period, playbook=now.playbook)
    longest = standing_longest(playbook=now.playbook)
    context = flow_context(found, longest, period, now) | shared_context("process-flow", period)
    return render(request, "process/flow.html", context)


@require_GET
@require(Permission.READ)
def months_page(request: PageRequest) -> HttpResponse:
    """Show which months bring how much, committed and weighted, and how full the team is then."""
    now, period = moment(), _asked(request, moment())
    sees_money, sees_capacity = _sees(request)
    context = months_context(now, sees_money=sees_money, sees_capacity=sees_capacity)
    context |= shared_context("process-months", period)
    return render(request, "process/months.html", context)


@require_GET
@require(Permission.READ)
def table_file(request: PageRequest, table: str) -> HttpResponse:
    """Give a table of the process as CSV, without what the person may not see.

    Raises:
        Http404: there is no such table.
    """
    now = moment()
    period, _refused = period_in(request.GET, now)
    sees_money, sees_capacity = _sees(request)
    found = tables(
        period, playbook=now.playbook, sees_money=sees_money, sees_capacity=sees_capacity
    )
    if table not in found:
        raise Http404(f"There is no table {table}.")
    return csv_file(as_csv(found[table]()), f"process-{table}-{now.on}.csv")


@require_GET
@require(Permission.READ)
def dwell_chart(request: PageRequest, theme: str) -> HttpResponse:
    """Draw how long deals stood in each stage."""
    found = _flow(request)
    return picture_answer(request, theme, lambda one: charts.dwell(found, theme=one))


@require_GET
@require(Permission.READ)
def conversion_chart(request: PageRequest, theme: str) -> HttpResponse:
    """Draw which way deals went from each stage."""
    found = _flow(request)
    return picture_answer(request, theme, lambda one: charts.conversion(found, theme=one))


def _flow(request: PageRequest) -> Any:
    now = moment()
    return flow(period_in(request.GET, now)[0], playbook=now.playbook)


@require_GET
@require(Permission.READ)
@require(Permission.SEE_MONEY)
def money_chart(request: PageRequest, theme: str) -> HttpResponse:
    """Draw the money of the coming months."""
    now = moment()
    found = revenue_as_known(month_of(now.on), playbook=now.playbook)[0]
    return picture_answer(request, theme, lambda one: charts.money(found, theme=one))


@require_GET
@require(Permission.READ)
@require(Permission.SEE_MONEY)
def load_chart(request: PageRequest, theme: str) -> HttpResponse:
    """Draw the money of the coming months, and below it how full the team is, for those who see both."""
    now = moment()
    found = revenue_as_known(month_of(now.on), playbook=now.playbook)[0]
    months = loads_as_known(now.on, playbook=now.playbook) if _sees(request)[1] else ()
    return picture_answer(request, theme, lambda one: charts.load(found, months, theme=one))
