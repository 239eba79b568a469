"""A community's own record by a link: what it sees and corrects, and what BD takes over of that."""

import secrets
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from throughline.communities.actions import (
    issue_record_link,
    open_record,
    propose_correction,
    revoke_record_link,
    settle_correction,
)
from throughline.communities.actions.corrections import OPEN_FIELDS, PURPOSE
from throughline.communities.models import Community, Correction
from throughline.kernel.errors import Refused
from throughline.people.models import SignedLink
from throughline.people.words import Permission
from throughline.playbook.model import Playbook
from throughline.web.access import PageRequest, actor, require
from throughline.web.communities.views import show_community
from throughline.web.communities.words import FIELD_HELP, LABELS
from throughline.web.moment import moment
from throughline.web.sales.forms import StepForm

LONGEST_ANSWER = 8000


class OwnRecordForm(StepForm):
    """What a community may correct, as it stands; and the context questions."""

    def __init__(self, *args: Any, community: Community, playbook: Playbook, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.codes = [one.code for one in playbook.context_questions]
        for name in OPEN_FIELDS:
            is_list = name == "repositories"
            value = getattr(community, name)
            self.initial[name] = "\n".join(value) if is_list else value
            self.fields[name] = forms.CharField(
                label=LABELS[name],
                help_text=FIELD_HELP.get(name, "") if name != "short_name" else "",
                required=name == "short_name",
                max_length=4000 if is_list else Community._meta.get_field(name).max_length,  # type: ignore[union-attr]  # a column
                widget=forms.Textarea(attrs={"rows": 3}) if is_list else forms.TextInput,
            )
        said = {one.question: one.text for one in community.context.all()}
        for one in playbook.context_questions:
            self.initial[f"answer_{one.code}"] = said.get(one.code, "")
            self.fields[f"answer_{one.code}"] = forms.CharField(
                label=one.text,
                required=False,
                max_length=LONGEST_ANSWER,
                widget=forms.Textarea(attrs={"rows": 4}),
            )

    def value(self) -> dict[str, Any]:
        """Return facts and answers as the action wants them."""
        told: dict[str, Any] = {name: self.cleaned_data[name] for name in OPEN_FIELDS}
        told["repositories"] = [one.strip() for one in told["repositories"].splitlines()]
        answers = {code: self.cleaned_data[f"answer_{code}"] for code in self.codes}
        return {"facts": told, "answers": answers}


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def own_record(request: HttpRequest, token: str) -> HttpResponse:
    """Show a community its record by a link, and keep what it corrects until BD looks at it."""
    now = moment()
    try:
        link, community = open_record(token, at=now.at)
    except Refused as refused:
        return render(request, "people/link_refused.html", {"refused": refused}, status=403)
    sent = request.POST if request.method == "POST" else None
    form = OwnRecordForm(sent, community=community, playbook=now.playbook)
    made: list[Correction] = []
    ways: dict[str, Any] = {"playbook": now.playbook, "at": now.at}
    if form.carried_out(lambda value: made.append(propose_correction(token, **value, **ways))):
        return _thanks(request, link, community, made[0])
    context = {"form": form, "community": community, "link": link}
    status = 422 if form.is_bound else 200
    return render(request, "communities/own_record.html", context, status=status)


def _thanks(
    request: HttpRequest, link: SignedLink, community: Community, made: Correction
) -> HttpResponse:
    count = len(made.facts) + len(made.answers)
    context = {"community": community, "link": link, "count": count, "is_done": True}
    return render(request, "communities/own_record.html", context)


@never_cache
@require_POST
@require(Permission.EDIT_DEALS)
def send_link(request: PageRequest, pk: int) -> HttpResponse:
    """Issue a link by which a community looks at its record; its address is shown this once."""
    get_object_or_404(Community, pk=pk)
    token, name = secrets.token_urlsafe(32), request.POST.get("issued_to", "")[:160]
    try:
        issue_record_link(pk, token, issued_to=name, by=actor(request), at=moment().at)
    except Refused as refused:
        return show_community(request, pk, refused=refused)
    address = f"{settings.BASE_URL}{reverse('web:own-record', args=[token])}"
    return show_community(request, pk, fresh_link=address)


@require_POST
@require(Permission.EDIT_DEALS)
def revoke(request: PageRequest, pk: int) -> HttpResponse:
    """Close a link to a community's record for good."""
    link = get_object_or_404(SignedLink, pk=pk, purpose=PURPOSE)
    community = revoke_record_link(link.pk, by=actor(request), at=moment().at)
    messages.success(request, f"The link for {link.issued_to} opens nothing any more.")
    return redirect("web:community", pk=community.pk)


@require_POST
@require(Permission.EDIT_DEALS)
def settle(request: PageRequest, pk: int) -> HttpResponse:
    """Take over what is ticked of a community's corrections, and leave the rest."""
    found, now = get_object_or_404(Correction, pk=pk), moment()
    ways: dict[str, Any] = {"playbook": now.playbook, "by": actor(request), "at": now.at}
    try:
        done = settle_correction(pk, take=request.POST.getlist("take"), **ways)
    except Refused as refused:
        return show_community(request, found.community_id, refused=refused)
    messages.success(request, f"Taken over: {len(done.taken)}. The community's word is its source.")
    return redirect("web:community", pk=found.community_id)
