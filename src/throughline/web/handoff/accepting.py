"""Steps of acceptance: PS returns a line, BD answers; a missing field is decided about."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from throughline.delivery.actions.acceptance import answer_return
from throughline.delivery.models import HandoffReturn
from throughline.handoff.acceptance import return_handoff
from throughline.handoff.actions.deciding import decide_field
from throughline.people.words import Permission
from throughline.web.access import PageRequest, actor, require
from throughline.web.handoff.forms import AnswerForm, FieldForm, ReturnForm, SentReturnForm
from throughline.web.handoff.page import Tried
from throughline.web.handoff.views import known_engagement, show_handoff
from throughline.web.moment import Moment, moment


def _ways(request: PageRequest, now: Moment) -> dict[str, Any]:
    return {"playbook": now.playbook, "by": actor(request), "at": now.at}


@require_POST
@require(Permission.ACCEPT_HANDOFF)
def send_back(request: PageRequest, number: int) -> HttpResponse:
    """Return the handoff to BD, naming one line."""
    engagement, ways = known_engagement(number), _ways(request, moment())
    form = SentReturnForm(request.POST, auto_id="id_return_%s")
    if not form.carried_out(lambda value: return_handoff(engagement, **value, **ways)):
        shown = ReturnForm(request.POST, auto_id="id_return_%s")
        shown.refused = form.refused
        return show_handoff(request, engagement, Tried(form=shown))
    messages.success(request, "Returned: the ball is with BD.")
    return redirect("web:handoff", number=number)


@require_POST
@require(Permission.ORDER)
def answer(request: PageRequest, pk: int) -> HttpResponse:
    """Answer a returned line for BD; with the last one it is handed over again."""
    returned = get_object_or_404(HandoffReturn, pk=pk)
    form, by, at = (
        AnswerForm(request.POST, auto_id=f"id_answer_{pk}_%s"),
        actor(request),
        moment().at,
    )
    if not form.carried_out(lambda value: answer_return(pk, **value, by=by, at=at)):
        engagement = known_engagement(returned.engagement_id)
        return show_handoff(request, engagement, Tried(form=form, pk=pk))
    messages.success(request, "Answered: with the last answer it is handed over again.")
    return redirect("web:handoff", number=returned.engagement_id)


@require_POST
@require(Permission.APPLY_HANDOFF)
def field(request: PageRequest, number: int) -> HttpResponse:
    """Decide what becomes of a missing field of this deal."""
    engagement, ways = known_engagement(number), _ways(request, moment())
    form = FieldForm(request.POST, auto_id="id_tried_field_%s")
    if not form.carried_out(lambda value: decide_field(engagement, **value, **ways)):
        return show_handoff(request, engagement, Tried(form=form))
    messages.success(request, "Decided, with your name and reason.")
    return redirect("web:handoff", number=number)
