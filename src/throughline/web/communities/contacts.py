"""One person: addresses, what they are for which deal, and what happens when they leave."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from throughline.communities.actions import edit_contact, end_roles, merge_contacts
from throughline.communities.actions.people import Ended
from throughline.communities.models import Contact
from throughline.communities.queries import find_contact, survivor_of
from throughline.delivery.served import deals_about
from throughline.kernel.errors import Refused
from throughline.people.words import Permission
from throughline.sales.models import Deal
from throughline.search.actions.erasing import erase_person
from throughline.web.access import PageRequest, actor, require
from throughline.web.communities.forms import ContactForm, LeaveForm
from throughline.web.moment import moment


@never_cache
@require_GET
@require(Permission.READ)
def contact(request: PageRequest, pk: int) -> HttpResponse:
    """Show a person with everything they were and are; a merged one leads to the other."""
    found = get_object_or_404(Contact, pk=pk)
    if found.merged_into_id is not None:
        return redirect("web:contact", pk=survivor_of(found).pk)
    return _page(request, found)


def _page(
    request: PageRequest, contact: Contact, form: LeaveForm | None = None,
    refused: Refused | None = None,
) -> HttpResponse:  # fmt: skip
    now = moment()
    held = list(contact.assignments.order_by("-from_on", "-pk"))
    deals = deals_about({one.subject for one in held})
    names = {role.code: role.name for role in now.playbook.engagement_roles}
    rows = [
        {
            "role": names.get(one.role, one.role),
            "code": one.role,
            "deal": deals.get(one.subject),
            "from_on": one.from_on,
            "to_on": one.to_on,
            "is_held": one.from_on <= now.on and (one.to_on is None or one.to_on > now.on),
            "may_end": one.to_on is None or (one.to_on > now.on and one.to_on > one.from_on),
        }
        for one in held
    ]
    context = {
        "contact": contact,
        "rows": rows,
        "form": form or LeaveForm(initial={"on": now.on}),
        "refused": refused or (form.refused if form else None),
        "may_edit": request.user.may(Permission.EDIT_DEALS) and contact.erased_at is None,
    }
    status = 422 if refused or (form and form.is_bound) else 200
    return render(request, "communities/contact.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.EDIT_DEALS)
def edit(request: PageRequest, pk: int) -> HttpResponse:
    """Ask for a person's names and addresses, and save them."""
    found = get_object_or_404(Contact, pk=pk)
    form = ContactForm(request.POST if request.method == "POST" else None, contact=found)
    ways: dict[str, Any] = {"by": actor(request), "at": moment().at}
    if form.carried_out(lambda value: edit_contact(pk, **value, **ways)):
        messages.success(request, "The contact is saved.")
        return redirect("web:contact", pk=pk)
    clashes = [
        {"label": one.field.replace("_", " "), "theirs": one.theirs, "yours": one.yours}
        for one in getattr(form.refused, "clashes", ())
    ]
    version = found.version if form.refused else form["version"].value()
    context = {"contact": found, "form": form, "clashes": clashes, "seen_version": version}
    status = 422 if form.is_bound else 200
    return render(request, "communities/contact_edit.html", context, status=status)


@require_POST
@require(Permission.EDIT_DEALS)
def leave(request: PageRequest, pk: int) -> HttpResponse:
    """End what a person is, all of it or one role, and say which required roles become empty."""
    found, now = get_object_or_404(Contact, pk=pk), moment()
    form = LeaveForm(request.POST)
    ended: list[Ended] = []
    ways: dict[str, Any] = {"playbook": now.playbook, "by": actor(request), "at": now.at}
    if not form.carried_out(lambda value: ended.append(end_roles(pk, **value, **ways))):
        return _page(request, found, form)
    _tell(request, ended[0])
    return redirect("web:contact", pk=pk)


def _deal_name(deals: dict[str, Deal], subject: str) -> str:
    return deals[subject].name if subject in deals else subject


def _tell(request: PageRequest, ended: Ended) -> None:
    count = len(ended.assignments)
    messages.success(request, "1 role ends." if count == 1 else f"{count} roles end.")
    deals = deals_about({subject for subject, _role in ended.gaps})
    for subject, role in ended.gaps:
        messages.warning(request, f"Nobody is {role} of {_deal_name(deals, subject)} any more.")


@require_POST
@require(Permission.EDIT_DEALS)
def merge(request: PageRequest, pk: int) -> HttpResponse:
    """Make one contact of this one and another, which stays."""
    found = get_object_or_404(Contact, pk=pk)
    try:
        other = find_contact(request.POST.get("into", ""))
        into = merge_contacts(pk, other.pk, by=actor(request), at=moment().at)
    except Refused as refused:
        return _page(request, found, refused=refused)
    messages.success(request, "The two are one contact now.")
    return redirect("web:contact", pk=into.pk)


@require_POST
@require(Permission.EDIT_DEALS)
def erase(request: PageRequest, pk: int) -> HttpResponse:
    """Put a pseudonym in the place of a person's name and addresses; it must be confirmed."""
    found, now = get_object_or_404(Contact, pk=pk), moment()
    if request.POST.get("sure") != "yes":
        unsure = Refused("Erasing cannot be undone.", remedy="Tick the box if it is really meant.")
        return _page(request, found, refused=unsure)
    try:
        ended = erase_person(pk, playbook=now.playbook, by=actor(request), at=now.at)
    except Refused as refused:
        return _page(request, found, refused=refused)
    _tell(request, ended)
    return redirect("web:contact", pk=pk)
