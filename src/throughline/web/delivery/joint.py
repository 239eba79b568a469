"""Joint work on the page of scope: begin it, price it, start it, join and leave."""

from collections.abc import Callable

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from throughline.delivery.actions.joint import (
    join_joint_work,
    leave_joint_work,
    open_joint_work,
    price_joint_work,
    start_joint_work,
)
from throughline.delivery.models import JointWork
from throughline.people.words import Permission
from throughline.sales.queries import find_deal
from throughline.web.access import PageRequest, actor, require
from throughline.web.delivery.scope import do
from throughline.web.delivery.scope_forms import JoinForm, LeaveForm, OpenJointForm, PriceForm
from throughline.web.moment import moment


@require_POST
@require(Permission.EDIT_DEALS)
def open_work(request: PageRequest, number: int) -> HttpResponse:
    """Make a project the joint work of several deals."""
    form = OpenJointForm(request.POST)

    def act() -> str:
        said = form.cleaned_data
        shares = {find_deal(deal).pk: parts for deal, parts in form.told().items()}
        state = open_joint_work(
            said["project"], shares, title=said["title"], threshold=said["threshold"],
            by=actor(request), at=moment().at,
        )  # fmt: skip
        return f"“{state.work.title}” is joint work now."

    return do(request, number, form, act, "joint")


@require_POST
@require(Permission.EDIT_DEALS)
def join(request: PageRequest, number: int, pk: int) -> HttpResponse:
    """Let another deal carry a share; everybody's is computed anew."""
    form = JoinForm(request.POST)

    def act() -> str:
        deal = find_deal(form.cleaned_data["deal"])
        join_joint_work(pk, deal, form.cleaned_data["parts"], by=actor(request), at=moment().at)
        return f"{deal.name} carries a share now."

    return _do(request, number, pk, form, act)


@require_POST
@require(Permission.EDIT_DEALS)
def leave(request: PageRequest, number: int, pk: int) -> HttpResponse:
    """Take a deal out; shares are computed anew, and the others are told."""
    form = LeaveForm(request.POST)

    def act() -> str:
        deal, now = find_deal(form.cleaned_data["deal"]), moment()
        leave_joint_work(
            pk, deal, why=form.cleaned_data["why"], playbook=now.playbook, by=actor(request),
            at=now.at,
        )  # fmt: skip
        return f"{deal.name} has left; the others are told."

    return _do(request, number, pk, form, act)


@require_POST
@require(Permission.EDIT_DEALS)
def price(request: PageRequest, number: int, pk: int) -> HttpResponse:
    """Agree on what a joint work costs in all."""
    form = PriceForm(request.POST)

    def act() -> str:
        price_joint_work(pk, **form.cleaned_data, by=actor(request), at=moment().at)
        return "Agreed: every deal carries its share of it."

    return _do(request, number, pk, form, act)


@require_POST
@require(Permission.EDIT_DEALS, Permission.DELIVER)
def start(request: PageRequest, number: int, pk: int) -> HttpResponse:
    """Start a joint work, once enough have signed."""

    def act() -> str:
        state = start_joint_work(pk, by=actor(request), at=moment().at)
        return f"“{state.work.title}” has started."

    return _do(request, number, pk, None, act)


def _do(
    request: PageRequest, number: int, pk: int, form: forms.Form | None, act: Callable[[], str]
) -> HttpResponse:
    get_object_or_404(JointWork, pk=pk, shares__deal=number)
    return do(request, number, form, act, f"joint-{pk}")
