"""The capacity map: roles by week, gaps, who has time, and which deals wait for an answer."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from throughline.people.words import Permission
from throughline.sales.judging import Judging
from throughline.sales.unanswered import unanswered_as_known
from throughline.web.access import PageRequest, require
from throughline.web.capacity.chart import drawing, specification
from throughline.web.capacity.forms import MapForm, WhoForm
from throughline.web.capacity.map_page import hidden_fields, look, map_page
from throughline.web.charts import picture_answer
from throughline.web.moment import moment


@never_cache
@require_GET
@require(Permission.SEE_CAPACITY)
def capacity(request: PageRequest) -> HttpResponse:
    """Show the map, as a picture and as a table, with the gaps and who has time."""
    now = moment()
    context = map_page(request.GET, look(request.GET, now), now) | {
        "waiting": unanswered_as_known(Judging(now.playbook, now.at)),
        "kept_map": hidden_fields(request.GET, set(MapForm.base_fields)),
        "kept_who": hidden_fields(request.GET, {*WhoForm.base_fields, "find"}),
        "may_answer": request.user.may(Permission.ANSWER_PS),
        "may_keep": request.user.may(Permission.KEEP_TEAM),
    }
    return render(request, "capacity/map.html", context)


@require_GET
@require(Permission.SEE_CAPACITY)
def chart(request: PageRequest, theme: str) -> HttpResponse:
    """Draw the map that an address asks for, in the colours of a theme."""
    looked = look(request.GET, moment())
    return picture_answer(
        request, theme,
        lambda one: specification(looked.map, opened=looked.opened, theme=one),
        draw=lambda spec: drawing(spec, theme=theme),
    )  # fmt: skip
