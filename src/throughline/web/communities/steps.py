"""Steps that change a community's record; a refused one comes back with what to do."""

import re
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from throughline.communities.actions import (
    Told,
    answer_follow_up,
    answer_question,
    ask_further,
    describe_community,
    release_id,
    reserve_id,
)
from throughline.communities.models import Community
from throughline.delivery.served import deal_ids_of
from throughline.kernel.errors import Refused
from throughline.people.words import Permission
from throughline.web.access import PageRequest, actor, require
from throughline.web.communities.forms import RecordForm, WordForm
from throughline.web.communities.views import show_community, show_questions
from throughline.web.communities.words import field_label
from throughline.web.moment import moment

ASK = require_http_methods(["GET", "HEAD", "POST"])


@ASK
@require(Permission.EDIT_DEALS)
def edit(request: PageRequest, pk: int) -> HttpResponse:
    """Ask for the fields of a record, and save what was changed."""
    community = get_object_or_404(Community, pk=pk)
    now, sent = moment(), request.POST if request.method == "POST" else None
    form = RecordForm(sent, community=community, playbook=now.playbook)
    ways: dict[str, Any] = {"playbook": now.playbook, "by": actor(request), "at": now.at}
    if form.carried_out(lambda value: describe_community(pk, **value, **ways)):
        messages.success(request, "The record is saved.")
        return redirect("web:community", pk=pk)
    context = {
        "community": community,
        "form": form,
        "seen_version": community.version if form.refused else form["version"].value(),
        "clashes": [
            {"label": field_label(one.field), "theirs": one.theirs, "yours": one.yours}
            for one in getattr(form.refused, "clashes", ())
        ],
    }
    status = 422 if form.is_bound else 200
    return render(request, "communities/edit.html", context, status=status)


@require_POST
@require(Permission.EDIT_DEALS)
def reserve(request: PageRequest, pk: int) -> HttpResponse:
    """Reserve an id, or renew it."""
    community, now = get_object_or_404(Community, pk=pk), moment()
    word = request.POST.get("community_id", "").strip()[:120]
    try:
        held = reserve_id(
            pk,
            word,
            playbook=now.playbook,
            by=actor(request),
            at=now.at,
            deal_ids=deal_ids_of(community),
        )
    except Refused as refused:
        return show_community(request, pk, refused=refused, word=word)
    messages.success(request, f"{held.community_id} is kept for {held.short_name}.")
    return redirect("web:community", pk=pk)


@require_POST
@require(Permission.EDIT_DEALS)
def release(request: PageRequest, pk: int) -> HttpResponse:
    """Give up a reserved id."""
    get_object_or_404(Community, pk=pk)
    now = moment()
    try:
        release_id(pk, on=now.on, by=actor(request), at=now.at)
    except Refused as refused:
        return show_community(request, pk, refused=refused)
    messages.success(request, "The id is given up; for a year nobody else may have it.")
    return redirect("web:community", pk=pk)


@require_POST
@require(Permission.EDIT_DEALS)
def answer(request: PageRequest, pk: int) -> HttpResponse:
    """Write down what the community says to a question; empty: asked, not answered."""
    now, sent = moment(), _sent(request)
    return _step(
        request,
        pk,
        lambda: answer_question(
            pk,
            sent["code"],
            told=Told(sent["text"], sent["source"], request.POST.get("seen")),
            playbook=now.playbook,
            by=actor(request),
            at=now.at,
        ),
    )


@require_POST
@require(Permission.EDIT_DEALS)
def ask(request: PageRequest, pk: int) -> HttpResponse:
    """Write down a further question."""
    now, sent, by = moment(), _sent(request), actor(request)
    text, code = sent["text"], sent["code"]
    return _step(
        request,
        pk,
        lambda: ask_further(pk, code, text=text, playbook=now.playbook, by=by, at=now.at),
    )


@require_POST
@require(Permission.EDIT_DEALS)
def settle(request: PageRequest, pk: int) -> HttpResponse:
    """Write down what came back to a further question."""
    sent, by, at = _sent(request), actor(request), moment().at
    number = int(sent["code"]) if re.fullmatch(r"[0-9]{1,18}", sent["code"]) else 0
    return _step(
        request, pk, lambda: answer_follow_up(pk, number, answer=sent["text"], by=by, at=at)
    )


def _sent(request: PageRequest) -> dict[str, str]:
    """Return what a small form holds, cut to what its columns can take."""
    form = WordForm(request.POST)
    form.full_clean()
    return {name: str(form.cleaned_data.get(name, "")) for name in form.fields}


def _step(request: PageRequest, pk: int, step: Callable[[], object]) -> HttpResponse:
    community = get_object_or_404(Community, pk=pk)
    try:
        step()
    except Refused as refused:
        return show_questions(request, community, refused)
    return redirect("web:community-questions", pk=pk)
