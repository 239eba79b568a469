"""Deliverables: PS says done, BD says verified or not yet."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from throughline.delivery.actions.deliverables import (
    mark_done,
    return_deliverable,
    verify_deliverable,
)
from throughline.delivery.models import Deliverable
from throughline.delivery.promises import verification_queue
from throughline.kernel.errors import Refused
from throughline.people.words import Permission
from throughline.web.access import PageRequest, actor, require
from throughline.web.delivery.forms import DoneForm, ReturnForm, VerifyForm, problems_of
from throughline.web.delivery.queue import verdict_lines
from throughline.web.delivery.views import show_engagement
from throughline.web.moment import moment

A_PAGE = 12  # each with its evidence, and three ways to answer


@require_GET
@require(Permission.READ)
def verification(request: PageRequest) -> HttpResponse:
    """Show what waits for BD's verdict: the promise, and the evidence beside it."""
    return show_queue(request)


def show_queue(
    request: PageRequest, refused: Refused | None = None, *, pk: int = 0
) -> HttpResponse:
    """Return the queue; after a refusal with what is wrong at one of its lines (status 422)."""
    now = moment()
    page = Paginator(verification_queue(), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "lines": verdict_lines(page.object_list, now),
        "may_verify": request.user.may(Permission.VERIFY),
        "refused": refused,
        "refused_pk": pk,
    }
    return render(request, "delivery/verification.html", context, status=422 if refused else 200)


@require_POST
@require(Permission.DELIVER)
def done(request: PageRequest, pk: int) -> HttpResponse:
    """Have PS say that a deliverable is done, with what shows it."""
    form = DoneForm(request.POST, request.FILES)

    def act() -> Deliverable:
        if not form.is_valid():
            raise Refused(problems_of(form), remedy="Correct it and send it again.")
        return mark_done(pk, **form.cleaned_data, by=actor(request), at=moment().at)

    return judge(request, pk, act, "“{}” is done; BD verifies it.")


@require_POST
@require(Permission.VERIFY)
def verify(request: PageRequest, pk: int) -> HttpResponse:
    """Give BD's verdict that it is what was promised."""
    form = VerifyForm(request.POST)

    def act() -> Deliverable:
        if not form.is_valid():
            raise Refused(problems_of(form), remedy="Correct it and send it again.")
        why = form.cleaned_data["why"]
        return verify_deliverable(pk, why=why, by=actor(request), at=moment().at)

    return judge(request, pk, act, "“{}” is verified.")


@require_POST
@require(Permission.VERIFY)
def send_back(request: PageRequest, pk: int) -> HttpResponse:
    """Give BD's verdict "not yet, because …"."""
    form = ReturnForm(request.POST)

    def act() -> Deliverable:
        why = form.cleaned_data["why"] if form.is_valid() else ""
        return return_deliverable(pk, why=why, by=actor(request), at=moment().at)

    return judge(request, pk, act, "“{}” went back to PS.")


def judge(request: PageRequest, pk: int, act: Callable[[], Any], said: str) -> HttpResponse:
    """Do it, and return to the page it was done on; a refusal is shown there (status 422)."""
    deliverable = get_object_or_404(Deliverable.objects.select_related("project"), pk=pk)
    in_queue = request.POST.get("page") == "verification"
    number = deliverable.project.engagement_id
    try:
        act()
    except Refused as refused:
        if in_queue:
            return show_queue(request, refused, pk=pk)
        return show_engagement(request, number, refused=refused, refused_pk=pk)
    messages.success(request, said.format(deliverable.title))
    place = "web:verification" if in_queue else f"{reverse('web:engagement', args=[number])}"
    return redirect(place if in_queue else f"{place}#deliverable-{pk}")
