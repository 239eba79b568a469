"""Today: what waits for me, whose ball it is, and since when."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from throughline.intake.beginning.steps import beginning_to_show
from throughline.kernel.errors import Refused
from throughline.people.models import User
from throughline.people.queries import admins
from throughline.people.words import Permission
from throughline.sales.actions.sponsor import finish_sponsor_work
from throughline.web.access import PageRequest, actor, require
from throughline.web.moment import moment
from throughline.web.people.views import enter_by_token
from throughline.web.renewals.pretend import pretence
from throughline.web.today.forms import ReceiptForm
from throughline.web.today.hats import blocks_for
from throughline.web.today.listing import by_ball
from throughline.web.today.money import standing_number
from throughline.web.today.week import look_from, week_of

BY_BALL = "ball"


@login_not_required  # the address that `throughline up` prints signs in: the check is below
@never_cache
@require_GET
def today(request: HttpRequest) -> HttpResponse:
    """Show what waits for the person; with a token in the address, sign them in first."""
    if token := request.GET.get("token"):
        return enter_by_token(request, token)
    if not isinstance(request.user, User):
        return redirect_to_login(request.get_full_path())
    return _page(request, request.user)


def _page(
    request: HttpRequest, user: User, refused: Refused | None = None, *, pk: int = 0
) -> HttpResponse:
    shown_on = pretence(request)
    now = look_from(moment())
    then = look_from(shown_on.now) if shown_on.is_on else now
    blocks = blocks_for(user, now, then)
    by = BY_BALL if request.GET.get("by") == BY_BALL else ""
    page = {
        "blocks": sorted(blocks, key=lambda block: block.count == 0),
        "has_empty": any(block.count == 0 for block in blocks),
        "waiting": sum(block.count for block in blocks),
        "admins": [] if user.hats() else admins(),
        "may_finish": user.may(Permission.SPONSOR_WORK),
        "form": ReceiptForm(auto_id=f"id_{pk}_%s"),
        "refused": refused,
        "refused_pk": pk,
        "now": now,
        "look": now,
        "holders": by_ball(blocks, now) if by else [],
        "unlisted": sum(block.count - len(block.items) for block in blocks),
        "tabs": [
            {"label": label, "url": f"?by={code}" if code else "?", "current": code == by}
            for code, label in (("", "By kind"), (BY_BALL, "By whose ball it is"))
        ],
        **week_of(user, then, shown_on),
        "pretence": shown_on,
        "beginning": beginning_to_show(now.playbook) if user.may(Permission.ADMINISTER) else None,
        "standing": standing_number(moment()) if user.may(Permission.SEE_MONEY) else None,
    }
    return render(request, "today/today.html", page, status=422 if refused else 200)


@require_POST
@require(Permission.SPONSOR_WORK)
def finish(request: PageRequest, pk: int) -> HttpResponse:
    """Close a work order of the Sponsor with its receipt."""
    now, form = moment(), ReceiptForm(request.POST)
    receipt = form.cleaned_data["receipt"] if form.is_valid() else ""
    try:
        work = finish_sponsor_work(
            pk, receipt=receipt, playbook=now.playbook, by=actor(request), at=now.at
        )
    except Refused as refused:
        return _page(request, request.user, refused, pk=pk)
    messages.success(request, f"{work.get_kind_display()} is done: {work.receipt}")
    return redirect("web:today")
