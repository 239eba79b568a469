"""Scope and dependencies: what changes by an amendment, what serves which promise, what waits."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from throughline.delivery.actions.beginning import begin_project, write_ready_field
from throughline.delivery.actions.scope import (
    add_clause,
    add_work,
    change_scope,
    drop_deliverable,
    serve_promise,
)
from throughline.delivery.actions.working import need_deliverable, need_no_more
from throughline.delivery.models import Deliverable, Engagement
from throughline.kernel.errors import Refused
from throughline.people.words import Permission
from throughline.web.access import PageRequest, actor, require
from throughline.web.delivery.forms import check_form
from throughline.web.delivery.scope_forms import (
    AddWorkForm,
    BeginForm,
    ClauseForm,
    DropForm,
    NeedForm,
    ReadyFieldForm,
    RescopeForm,
    ServeForm,
)
from throughline.web.delivery.scope_page import scope_page
from throughline.web.delivery.views import show_engagement
from throughline.web.moment import moment

CHANGES = (Permission.DELIVER, Permission.VERIFY)  # PS and BD, as the actions have it


@never_cache
@require_GET
@require(Permission.READ)
def scope(request: PageRequest, number: int) -> HttpResponse:
    """Show what was promised, what waits for what, and who carries it."""
    return show_scope(request, number)


def show_scope(request: PageRequest, number: int, refused: Refused | None = None) -> HttpResponse:
    """Return the page; after a refusal with what is wrong (status 422).

    Raises:
        Http404: there is no such engagement.
    """
    try:
        context = scope_page(request.user, number, moment()) | {"refused": refused}
    except Engagement.DoesNotExist as error:
        raise Http404(f"There is no engagement {number}.") from error
    return render(request, "delivery/scope.html", context, status=422 if refused else 200)


def do(
    request: PageRequest, number: int, form: forms.Form | None, act: Callable[[], str], place: str
) -> HttpResponse:
    """Do it and return to its place on the page; a refusal is shown there (status 422)."""
    try:
        if form is not None:
            check_form(form)
        said = act()
    except Refused as refused:
        return show_scope(request, number, refused)
    messages.success(request, said)
    return redirect(f"{reverse('web:scope-work', args=[number])}#{place}")


def _of(request: PageRequest, pk: int, form: forms.Form, act: Callable[[], str]) -> HttpResponse:
    one = get_object_or_404(Deliverable.objects.select_related("project"), pk=pk)
    return do(request, one.project.engagement_id, form, act, f"deliverable-{pk}")


@require_POST
@require(*CHANGES)
def rescope(request: PageRequest, pk: int) -> HttpResponse:
    """Change what a deliverable means or takes, as an amendment says."""
    form = RescopeForm(request.POST)

    def act() -> str:
        said = form.cleaned_data
        found = change_scope(
            pk, form.changes(), amendment=said["amendment"], why=said["why"], by=actor(request),
            at=moment().at,
        )  # fmt: skip
        return f"“{found.title}” means what the amendment says; it is planned again."

    return _of(request, pk, form, act)


@require_POST
@require(*CHANGES)
def drop(request: PageRequest, pk: int) -> HttpResponse:
    """Take a deliverable out, as an amendment says."""
    form = DropForm(request.POST)

    def act() -> str:
        found = drop_deliverable(pk, **form.cleaned_data, by=actor(request), at=moment().at)
        return f"“{found.title}” is taken out; what was done of it stays readable."

    return _of(request, pk, form, act)


@require_POST
@require(*CHANGES)
def serve(request: PageRequest, pk: int) -> HttpResponse:
    """Say which promise a deliverable serves."""
    form = ServeForm(request.POST)

    def act() -> str:
        found = serve_promise(pk, form.cleaned_data["promise"], by=actor(request), at=moment().at)
        return f"“{found.title}” serves {found.promise}."

    return _of(request, pk, form, act)


@require_POST
@require(*CHANGES)
def need(request: PageRequest, pk: int) -> HttpResponse:
    """Say that a deliverable waits for another one, or take that back."""
    form = NeedForm(request.POST)

    def act() -> str:
        change = need_no_more if form.cleaned_data["no_more"] else need_deliverable
        change(pk, form.cleaned_data["needed"], by=actor(request), at=moment().at)
        return "It waits no more." if form.cleaned_data["no_more"] else "It waits for it now."

    return _of(request, pk, form, act)


@require_POST
@require(*CHANGES)
def add(request: PageRequest, number: int) -> HttpResponse:
    """Add a deliverable: promised by an amendment, or by nobody."""
    form = AddWorkForm(request.POST)

    def act() -> str:
        said = form.cleaned_data
        made = add_work(
            number, said["project"], form.work(), amendment=said["amendment"], by=actor(request),
            at=moment().at,
        )  # fmt: skip
        return f"“{made.title}” is added."

    return do(request, number, form, act, "promised")


@require_POST
@require(*CHANGES)
def clause(request: PageRequest, number: int) -> HttpResponse:
    """Write down a promise of the agreement's own text."""
    form = ClauseForm(request.POST)

    def act() -> str:
        made = add_clause(number, **form.cleaned_data, by=actor(request), at=moment().at)
        return f"{made.name} is written down: say which deliverable serves it."

    return do(request, number, form, act, "clauses")


@require_POST
@require(*CHANGES)
def begin(request: PageRequest, number: int) -> HttpResponse:
    """Begin an event, a season, a decommissioning, or what else the playbook has."""
    form = BeginForm(request.POST)

    def act() -> str:
        said, now = form.cleaned_data, moment()
        made = begin_project(
            number, said["template"], about_on=said["about_on"], why=said["why"],
            playbook=now.playbook, by=actor(request), at=now.at,
        )  # fmt: skip
        return f"“{made.title}” has begun."

    return do(request, number, form, act, "promised")


@require_POST
@require(*CHANGES)
def tell(request: PageRequest, number: int) -> HttpResponse:
    """Fill a line of a phase's table that no other page keeps."""
    get_object_or_404(Engagement, pk=number)
    form = ReadyFieldForm(request.POST)
    try:
        check_form(form)
        now = moment()
        write_ready_field(
            number, **form.cleaned_data, playbook=now.playbook, by=actor(request), at=now.at
        )
    except Refused as refused:
        return show_engagement(request, number, refused=refused)
    messages.success(request, "Written down, with your name.")
    return redirect(f"{reverse('web:engagement', args=[number])}#ready")
