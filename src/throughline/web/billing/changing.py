"""What people do on the pages of billing: each a form, one action, and back to the page."""

from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from throughline.billing.actions.correcting import Counts, Target, bear_cost, correct
from throughline.billing.actions.counting import count_users
from throughline.billing.actions.mapping import assign_named, find_account, set_split
from throughline.billing.actions.months import (
    close_month,
    enter_receipt,
    number_customer,
    review_month,
    send_month,
)
from throughline.billing.invoice_file import invoice_file
from throughline.billing.models import BillingMonth
from throughline.billing.told import Rate, Source
from throughline.billing.words import EntryKind, SplitMethod
from throughline.billing.written import part_in
from throughline.delivery.queries import find_engagement
from throughline.infrastructure.models import Cluster
from throughline.intake.bills import take_in_costs, take_in_users
from throughline.kernel.errors import Refused
from throughline.kernel.months import month_text, parse_month
from throughline.people.words import Permission
from throughline.sales.actions.payers import known_cluster
from throughline.web.access import PageRequest, actor, require
from throughline.web.billing.forms import (
    AssignForm,
    CorrectForm,
    CountForm,
    ImportForm,
    SplitForm,
    TemplateForm,
)
from throughline.web.billing.shown import asked_month, is_place
from throughline.web.billing.views import csv_file, show_month, show_sheet, show_waiting
from throughline.web.moment import moment
from throughline.web.sales.steps import stamp

MONTHLY: Final[dict[str, Callable[..., BillingMonth]]] = {
    "review": review_month,
    "send": send_month,
    "close": lambda month, *, playbook, by, at: close_month(month, by=by, at=at),  # noqa: ARG005 -- the three are called alike
}


def _to_month(month: str) -> HttpResponse:
    return redirect(f"{reverse('web:billing-month')}?month={month}")


@require_POST
@require(Permission.SEE_MONEY)
def import_file(request: PageRequest) -> HttpResponse:
    """Take in a provider's bill or a count of users, whole or not at all."""
    form = ImportForm(request.POST, request.FILES, auto_id="import-%s")
    said: list[str] = []
    if not form.carried_out(lambda told: said.extend(_take_in(request, told))):
        return show_sheet(request, status=422, form=form)
    messages.success(request, said[0])
    for line in said[1:]:
        messages.warning(request, line)
    return redirect("web:billing")


def _take_in(request: PageRequest, told: dict[str, Any]) -> list[str]:
    """Take in a file, and return what to say: what came in, then what to look at.

    Raises:
        Refused: something in it, or in the form, is not as it should be.
    """
    source, ways = Source(told["file"].read(), told["file"].name), stamp(request, moment())
    if told["what"] == "mau":
        users = take_in_users(source, by=ways["by"], at=ways["at"])
        rejected = [f"Line {line}: {reason}" for line, reason in users.counts.rejected]
        return [f"Active users of {len(users.counts.counted)} months of clusters.", *rejected]
    if bool(told["rate"]) != bool(told["rate_on"]):
        raise Refused("A rate needs its day, and a day its rate.", remedy="Fill in both.")
    rate = Rate(told["rate"], told["rate_on"]) if told["rate"] else None
    costs = take_in_costs(source, told["what"], rate=rate, **ways)
    known = "" if costs.booked.is_new else " It was taken in before; nothing changes."
    strange = [f"{one[1] or one[0]} is not assigned to anything." for one in costs.unassigned]
    return [f"{costs.bill.rows} amounts of {source.name}.{known}", *costs.warnings, *strange]


@require_POST
@require(Permission.SEE_MONEY)
def step(request: PageRequest) -> HttpResponse:
    """Review, send or close a month."""
    text, which = request.POST.get("month", ""), request.POST.get("step", "")
    now = moment()
    act = MONTHLY.get(which)
    if act is None:
        no_step = Refused("There is no such step.", remedy="Use the buttons of the month.")
        return show_month(request, _known(text), status=422, refused=no_step)
    try:
        row = act(parse_month(text), **stamp(request, now))
    except Refused as refused:
        return show_month(request, _known(text), status=422, refused=refused)
    messages.success(request, f"{row} is {row.state} now.")
    return _to_month(text)


def _known(text: str) -> str:
    """Return the month of a form, if it is one; the newest is shown otherwise."""
    try:
        return month_text(parse_month(text))
    except Refused:
        return ""


@require_POST
@require(Permission.SEE_MONEY)
def receipt(request: PageRequest) -> HttpResponse:
    """Write down under which number the Sponsor entered an invoice."""
    asked = request.POST
    try:
        found = enter_receipt(
            asked.get("invoice", ""), asked.get("number", ""), by=actor(request), at=moment().at
        )
    except Refused as refused:
        return show_month(request, _known(asked.get("month", "")), status=422, refused=refused)
    messages.success(request, f"{found.number} was entered as {found.receipt}.")
    return _to_month(month_text(found.month))


@require_POST
@require(Permission.SEE_MONEY)
def customer(request: PageRequest) -> HttpResponse:
    """Write down under which number the Sponsor keeps whoever pays for an engagement."""
    asked = request.POST
    try:
        engagement = find_engagement(asked.get("engagement", ""))
        made = number_customer(
            engagement, asked.get("number", ""), by=actor(request), at=moment().at
        )
    except Refused as refused:
        return show_month(request, _known(asked.get("month", "")), status=422, refused=refused)
    messages.success(request, f"The Sponsor keeps them as {made.number}.")
    return _to_month(_known(asked.get("month", "")))


@require_POST
@require(Permission.SEE_MONEY)
def correction(request: PageRequest) -> HttpResponse:
    """Book a correction or a credit of an engagement in a month that was not sent."""
    now = moment()
    text = _known(request.POST.get("month", ""))
    place = request.POST.get("place", "")
    is_known = bool(place) and is_place(place, asked_month(text, now), now)
    form = CorrectForm([(place, place)] if is_known else [], request.POST, auto_id="correct-%s")

    def book(told: dict[str, Any]) -> None:
        month = parse_month(told["month"])
        of_month = parse_month(told["of_month"]) if told["of_month"] else month
        correct(
            _target(told["place"], told["account"]), told["amount"], Counts(month, of_month), kind=EntryKind(told["kind"]),
            why=told["why"], by=actor(request), at=now.at,
        )  # fmt: skip

    if not form.carried_out(book):
        return show_month(request, text, status=422, form=form)
    messages.success(request, "It is booked.")
    return _to_month(text)


def _target(place: str, account: str) -> Target:
    """Return what a correction is of; the action refuses both, and neither."""
    named = find_account(account) if account else None
    if not place:
        return Target(account=named)
    number, cluster = place.split(":")
    return Target(named, find_engagement(number), Cluster.objects.get(pk=int(cluster)))


@require_POST
@require(Permission.SEE_MONEY)
def count(request: PageRequest) -> HttpResponse:
    """Write down by hand how many used a cluster in a month."""
    form = CountForm(request.POST, auto_id="count-%s")

    def put(told: dict[str, Any]) -> None:
        count_users(
            known_cluster(told["cluster"]).name, parse_month(told["month"]), told["users"],
            why=told["why"], by=actor(request), at=moment().at,
        )  # fmt: skip

    if not form.carried_out(put):
        return show_waiting(request, status=422, count_form=form)
    messages.success(request, "The count stands in the ledger.")
    return redirect("web:billing-waiting")


@require_POST
@require(Permission.SEE_MONEY)
def assign(request: PageRequest) -> HttpResponse:
    """Say what an account is for; it is remembered."""
    form = AssignForm(request.POST, auto_id="assign-%s")
    said: list[str] = []

    def put(told: dict[str, Any]) -> None:
        cluster = known_cluster(told["cluster"]) if told["cluster"] else None
        said.append(
            assign_named(told["name"], cluster, why=told["ours"], by=actor(request), at=moment().at)
        )

    if not form.carried_out(put):
        return show_waiting(request, status=422, assign_form=form)
    messages.success(request, said[0])
    return redirect("web:billing-waiting")


@require_POST
@require(Permission.SEE_MONEY)
def split(request: PageRequest) -> HttpResponse:
    """Say how a shared account is split from a month on."""
    form = SplitForm(request.POST, auto_id="split-%s")

    def put(told: dict[str, Any]) -> None:
        lines = [line for line in told["parts"].splitlines() if line.strip()]
        set_split(
            find_account(told["account"]), SplitMethod(told["method"]),
            [part_in(line) for line in lines], from_month=parse_month(told["from_month"]),
            why=told["why"], by=actor(request), at=moment().at,
        )  # fmt: skip

    if not form.carried_out(put):
        return show_waiting(request, status=422, split_form=form)
    messages.success(request, "The account is split so from then on.")
    return redirect("web:billing-waiting")


@require_POST
@require(Permission.SEE_MONEY)
def bear(request: PageRequest) -> HttpResponse:
    """Decide that we bear a cost that nobody pays back."""
    number = request.POST.get("number", "")
    try:
        bear_cost(
            int(number) if number.isdecimal() and len(number) < 18 else 0,  # noqa: PLR2004 -- what a 64-bit key holds
            why=request.POST.get("why", ""), by=actor(request), at=moment().at,
        )  # fmt: skip
    except Refused as refused:
        return show_waiting(request, status=422, refused=refused)
    messages.success(request, "We bear it.")
    return redirect("web:billing-waiting")


@require_POST
@require(Permission.SEE_MONEY)
def invoices_file(request: PageRequest) -> HttpResponse:
    """Give out the invoices of a month in the Sponsor's own blank template."""
    form = TemplateForm(request.POST, request.FILES, auto_id="template-%s")
    made: list[bytes] = []

    def fill(told: dict[str, Any]) -> None:
        file, now = told["file"], moment()
        found = invoice_file(
            parse_month(told["month"]), file.read(), name=file.name, playbook=now.playbook
        )
        made.append(found.content)

    if not form.carried_out(fill):
        text = _known(request.POST.get("month", ""))
        return show_month(request, text, status=422, template_form=form)
    return csv_file(made[0], f"invoices-{form.cleaned_data['month']}.csv")
