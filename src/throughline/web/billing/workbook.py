"""The workbook of cloud costs on the page of billing: given out, and taken back rearranged."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from throughline.billing.actions.rearranging import Brought, bring_workbook
from throughline.billing.workbook_taken import take_workbook
from throughline.kernel.errors import Refused
from throughline.people.words import Permission
from throughline.web.access import PageRequest, actor, require
from throughline.web.billing.forms import XLSX, WorkbookForm
from throughline.web.billing.views import show_sheet
from throughline.web.moment import moment


@never_cache
@require_GET
@require(Permission.SEE_MONEY)
def workbook_file(request: PageRequest) -> HttpResponse:
    """Give out the workbook as it is now, for somebody to rearrange."""
    try:
        taken = take_workbook()
    except Refused as refused:
        return show_sheet(request, status=422, refused=refused)
    headers = {
        "Content-Disposition": f'attachment; filename="{taken.name}"',
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(taken.content, content_type=XLSX, headers=headers)


@require_POST
@require(Permission.SEE_MONEY)
def bring(request: PageRequest) -> HttpResponse:
    """Put a rearranged workbook in place of the one that lies there."""
    form = WorkbookForm(request.POST, request.FILES, auto_id="workbook-%s")
    done: list[Brought] = []

    def put(told: dict[str, Any]) -> None:
        file = told["file"]
        done.append(bring_workbook(file.read(), name=file.name, by=actor(request), at=moment().at))

    if not form.carried_out(put):
        return show_sheet(request, status=422, workbook_form=form)
    messages.success(request, f"{done[0].document.name} is the workbook now.")
    if lacks := done[0].lacks_said:
        messages.warning(request, lacks)
    return redirect("web:billing")
