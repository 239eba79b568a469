"""Whether an engagement's hubs are of value to their community: the time to first value, and since."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from throughline.delivery.models import Engagement
from throughline.delivery.queries import engagements
from throughline.delivery.value import Value, value_of
from throughline.intake.activity_file import ActivityTakenIn, TellsOf, import_activity_text
from throughline.kernel.errors import Refused
from throughline.kernel.tables import text_in
from throughline.people.words import Permission
from throughline.web.access import PageRequest, actor, require
from throughline.web.charts import Picture, addresses, picture_answer
from throughline.web.delivery.forms import ActivityForm, check_form
from throughline.web.delivery.value_chart import HEIGHT, WIDTH, specification
from throughline.web.moment import Moment, moment

SHOWN = 30  # newest days of the table


@require_GET
@require(Permission.READ)
def value(request: PageRequest, number: int) -> HttpResponse:
    """Show how many people use an engagement's hubs, as a picture and as a table."""
    return _show(request, number)


def _show(
    request: PageRequest, number: int, *, refused: Refused | None = None,
    taken: ActivityTakenIn | None = None,
) -> HttpResponse:  # fmt: skip
    """Return the page; where a file made no sense, or some of its lines, with what (status 422)."""
    engagement, now = get_object_or_404(engagements(), pk=number), moment()
    found = value_of(engagement, playbook=now.playbook, on=now.on)
    context = value_context(engagement, found, now) | {
        "refused": refused, "taken": taken, "activity_form": ActivityForm(),
        "may_deliver": request.user.may(Permission.DELIVER),
    }  # fmt: skip
    return render(request, "delivery/value.html", context, status=422 if refused or taken else 200)


@require_POST
@require(Permission.DELIVER)
def activity(request: PageRequest, number: int) -> HttpResponse:
    """Take in who used hubs, from a file, where no Prometheus knows."""
    get_object_or_404(Engagement, pk=number)
    form = ActivityForm(request.POST, request.FILES)
    try:
        check_form(form)
        now, file = moment(), form.cleaned_data["file"]
        told = TellsOf(file.name, form.cleaned_data["from_on"], form.cleaned_data["to_on"])
        text = text_in(file.read(), name=file.name)
        taken = import_activity_text(
            text, told, playbook=now.playbook, by=actor(request), at=now.at
        )
    except Refused as refused:
        return _show(request, number, refused=refused)
    if taken.rejected:
        return _show(request, number, taken=taken)
    hubs = ", ".join(taken.hubs)
    messages.success(request, f"{taken.new} new days of people on {hubs}: names are kept nowhere.")
    return redirect("web:engagement-value", number=number)


def value_context(engagement: Engagement, found: Value, now: Moment) -> dict[str, Any]:
    """Return what the page shows."""
    rules = now.playbook.verification
    return {
        "engagement": engagement,
        "deal": engagement.deal,
        "value": found,
        "rules": rules,
        "is_lost": found.is_lost(rules),
        "windows": list(reversed(found.windows))[:SHOWN],
        "picture": Picture(
            addresses("web:value-chart", number=engagement.number),
            WIDTH + 60,
            HEIGHT + 45,
            _described(found, rules.people, rules.window_days),
            label="The use as a picture",
        ),
    }


def _described(found: Value, people: int, days: int) -> str:
    said = f"People who are not staff in {days} days, for each day since the order. "
    if found.first_on is None:
        return f"{said}{people} were never reached. The table below has the numbers."
    return f"{said}{people} were reached on {found.first_on:%-d %B %Y}. The table below has the numbers."


@require_GET
@require(Permission.READ)
def chart(request: PageRequest, number: int, theme: str) -> HttpResponse:
    """Draw the use of an engagement's hubs in the colours of a theme."""
    engagement, now = get_object_or_404(engagements(), pk=number), moment()
    found, rules = value_of(engagement, playbook=now.playbook, on=now.on), now.playbook.verification
    return picture_answer(request, theme, lambda one: specification(found, rules, theme=one))
