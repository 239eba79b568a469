"""The billing sheet: what every community's cloud costs, month by month, and what is not billed."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from throughline.billing.exports import sponsor_csv
from throughline.billing.workbook_read import workbook_path
from throughline.billing.workbook_taken import spreadsheet_address
from throughline.kernel.errors import Refused
from throughline.kernel.months import month_text
from throughline.people.words import Permission
from throughline.web.access import PageRequest, require
from throughline.web.billing.forms import (
    AssignForm,
    CorrectForm,
    CountForm,
    ImportForm,
    SplitForm,
    TemplateForm,
    WorkbookForm,
)
from throughline.web.billing.shown import (
    asked_month,
    cell_page,
    month_page,
    sheet_page,
    waiting_page,
)
from throughline.web.moment import moment

READERS = (Permission.READ, Permission.SEE_MONEY)


@never_cache
@require_GET
@require(*READERS)
def billing(request: PageRequest) -> HttpResponse:
    """Show the sheet: communities by month, with the check of each month always in view."""
    return show_sheet(request)


def show_sheet(request: PageRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    """Return the sheet; after a refusal with what is wrong."""
    context = sheet_page(request.GET.get("until", ""), request.GET.get("page"), moment())
    context |= {
        "form": ImportForm(auto_id="import-%s"),
        "workbook_form": WorkbookForm(auto_id="workbook-%s"),
        "has_workbook": workbook_path().exists(),
        "spreadsheet": spreadsheet_address(),
        **more,
    }
    return render(request, "billing/sheet.html", context, status=status)


@never_cache
@require_GET
@require(*READERS)
def month(request: PageRequest) -> HttpResponse:
    """Show one month: where it stands, what it asks for, and its invoices."""
    return show_month(request, request.GET.get("month", ""))


def show_month(request: PageRequest, text: str, *, status: int = 200, **more: Any) -> HttpResponse:
    """Return a month's page; after a refusal with what is wrong."""
    now = moment()
    wanted = asked_month(text, now)
    context = month_page(wanted, request.GET.dict(), now)
    said = {"month": month_text(wanted)}
    context |= {
        "form": CorrectForm(context["places"], initial=said, auto_id="correct-%s"),
        "template_form": TemplateForm(initial=said, auto_id="template-%s"),
        **more,
    }
    return render(request, "billing/month.html", context, status=status)


@never_cache
@require_GET
@require(*READERS)
def cell(request: PageRequest) -> HttpResponse:
    """Show the lines that a cell is made of, each with the file that it came from.

    Raises:
        Http404: nothing is there.
    """
    now = moment()
    numbers = [request.GET.get(name, "") for name in ("engagement", "cluster")]
    if any(text and not (text.isdecimal() and len(text) < 18) for text in numbers):  # noqa: PLR2004 -- what a 64-bit key holds
        raise Http404("No such cell.")
    engagement, cluster = (int(text) if text else None for text in numbers)
    wanted = asked_month(request.GET.get("month", ""), now)
    context = cell_page(wanted, (engagement, cluster), request.GET.get("page"), now)
    return render(request, "billing/cell.html", context)


@never_cache
@require_GET
@require(*READERS)
def waiting(request: PageRequest) -> HttpResponse:
    """Show what is not billed yet and why, and since when which account costs nobody."""
    return show_waiting(request)


def show_waiting(request: PageRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    """Return what waits; after a refusal with what is wrong."""
    asked = request.GET
    context = waiting_page(asked.get("because", ""), asked.get("page"), moment()) | {
        "assign_form": AssignForm(auto_id="assign-%s"),
        "split_form": SplitForm(auto_id="split-%s"),
        "count_form": _count_form(request),
        **more,
    }
    return render(request, "billing/waiting.html", context, status=status)


def _count_form(request: PageRequest) -> CountForm:
    """Return the form of a count, filled with the blank cell that a link names."""
    asked = {name: request.GET.get(name, "") for name in ("month", "cluster")}
    return CountForm(initial=asked, auto_id="count-%s")


@require_GET
@require(Permission.SEE_MONEY)
def charges_file(request: PageRequest) -> HttpResponse:
    """Give out every charge of a month that was sent, as the Sponsor reads it."""
    now, text = moment(), request.GET.get("month", "")
    wanted = asked_month(text, now)
    try:
        made = sponsor_csv(wanted, playbook=now.playbook)
    except Refused as refused:
        return show_month(request, text, status=422, refused=refused)
    return csv_file(made.content, f"charges-{month_text(wanted)}.csv")


def csv_file(content: bytes, name: str) -> HttpResponse:
    """Return a CSV file to keep."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)
