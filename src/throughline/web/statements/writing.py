"""Writing and signing off a statement of work; what is refused comes back with what to do."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from throughline.intake.authoring import Writer, blank_draft, write_statement
from throughline.kernel.errors import Refused
from throughline.people.words import Permission
from throughline.sales.actions.record import record_fact
from throughline.sales.actions.statements import VersionConflict
from throughline.sales.models import Deal
from throughline.sales.statements.drafts import DraftRefused
from throughline.sales.versions import NoSuchVersion, version_of
from throughline.web.access import PageRequest, actor, forbid, require
from throughline.web.moment import moment
from throughline.web.sales.steps import lead_on
from throughline.web.statements.forms import StatementForm
from throughline.web.statements.sheets import (
    Sheet,
    blank_sheet,
    renamed_in,
    sheet_from,
    sheet_of,
    take_step,
)
from throughline.web.statements.shown import MAY_WRITE, changes_shown, may_write
from throughline.web.statements.views import show_statement

SAVE = "save"


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.READ)
def edit(request: PageRequest, number: int) -> HttpResponse:
    """Show the form of a new version; add and remove rows, count again, or keep it."""
    deal = get_object_or_404(Deal, pk=number)
    if not may_write(request.user):
        return forbid(request, *MAY_WRITE)
    if request.method != "POST":
        return _show(request, deal, *_begun(deal))
    sheet, base = sheet_from(request.POST.dict()), _base(request)
    step = request.POST.get("do", "")
    if step == SAVE:
        return _keep(request, deal, sheet, base)
    return _show(request, deal, sheet, base, focus=take_step(sheet, step))


def _begun(deal: Deal) -> tuple[Sheet, int]:
    """Return the sheet to begin with and the version it comes from: 0 for the template."""
    try:
        newest = version_of(deal)
    except NoSuchVersion:
        return blank_sheet(blank_draft(deal.name)), 0
    return sheet_of(newest.content, price_note=newest.price_note), newest.version


def _base(request: PageRequest) -> int:
    text = request.POST.get("base", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0  # noqa: PLR2004 -- what the column holds


def _form(request: PageRequest, sheet: Sheet, base: int, focus: str = "") -> StatementForm:
    roles = moment().playbook.team_roles
    sees_money = request.user.may(Permission.SEE_MONEY)
    return StatementForm(sheet, base=base, roles=roles, focus=focus, with_money=sees_money)


def _show(
    request: PageRequest, deal: Deal, sheet: Sheet, base: int, *, focus: str = ""
) -> HttpResponse:
    return _draw(request, deal, _form(request, sheet, base, focus), base)


def _draw(
    request: PageRequest,
    deal: Deal,
    form: StatementForm,
    base: int,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    part = "#form" if request.htmx.target == "statement-form" else ""
    context = {"deal": deal, "form": form, "base": base, "next": base + 1, **more}
    return render(request, f"statements/edit.html{part}", context, status=status)


def _keep(request: PageRequest, deal: Deal, sheet: Sheet, base: int) -> HttpResponse:
    """Keep a sheet as a new version; show it again with what is wrong where something is."""
    now, form = moment(), _form(request, sheet, base)
    sees_money = request.user.may(Permission.SEE_MONEY)
    try:
        statement, is_new = write_statement(
            deal.pk, sheet, Writer(now.playbook, actor(request), now.at, base),
            price_note=sheet["price_note"] if sees_money else None, renamed=renamed_in(sheet),
        )  # fmt: skip
    except DraftRefused as refused:
        form.show_problems(refused.problems)
        return _draw(request, deal, form, base, status=422, problems=len(refused.problems))
    except VersionConflict as conflict:
        return _show_conflict(request, deal, sheet, conflict)
    except Refused as refused:
        form.refused = refused
        return _draw(request, deal, form, base, status=422)
    kept = f"Version {statement.version} is kept; it is to be signed off."
    messages.success(request, kept if is_new else "Nothing was changed, so nothing was kept.")
    return lead_on(request, reverse("web:statement", args=[deal.pk]))


def _show_conflict(
    request: PageRequest, deal: Deal, sheet: Sheet, conflict: VersionConflict
) -> HttpResponse:
    """Show the text that was not kept, with what somebody else has changed meanwhile."""
    newest = conflict.newest.version
    form = _form(request, sheet, newest)
    form.refused = conflict
    theirs = changes_shown(deal, conflict.base, newest) if conflict.base else None
    return _draw(request, deal, form, newest, status=422, theirs=theirs, begun=conflict.base)


@require_POST
@require(Permission.READ)
def sign(request: PageRequest, number: int, version: int) -> HttpResponse:
    """Sign off the version that the page showed, in a role."""
    deal = get_object_or_404(Deal, pk=number)
    if not may_write(request.user):
        return forbid(request, *MAY_WRITE)
    now = moment()
    said = {"role": request.POST.get("role", ""), "version": version}
    try:
        record_fact(
            deal.pk, "sow.signed_off", said, playbook=now.playbook, by=actor(request), at=now.at
        )
    except Refused as refused:
        return show_statement(request, number, version, refused=refused)
    messages.success(request, f"You have signed version {version} off.")
    return lead_on(request, reverse("web:statement-version", args=[number, version]))
