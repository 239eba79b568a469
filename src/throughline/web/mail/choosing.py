"""How people want to be told: their own page, and the address in a mail that stops mails like it."""

from dataclasses import asdict

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from throughline.kernel.errors import Refused
from throughline.mail.actions.preferring import choose, unsubscribe
from throughline.mail.queries import wishes_of
from throughline.mail.unsubscribing import whom_it_stops
from throughline.web.access import PageRequest, actor
from throughline.web.mail.forms import PreferencesForm
from throughline.web.moment import moment


@never_cache
@require_http_methods(["GET", "POST"])
def preferences(request: PageRequest) -> HttpResponse:
    """Show how a person is told, and let them choose."""
    now, user, refused = moment(), request.user, None
    kept = wishes_of([user.pk], now.playbook)[user.pk]
    form = PreferencesForm(request.POST or None, initial=asdict(kept))
    if form.is_bound and form.is_valid():
        try:
            choose(user, form.wishes(), by=actor(request), at=now.at)
        except Refused as error:
            refused = error
        else:
            messages.success(request, "That is how you are told from now on.")
            return redirect("web:preferences")
    status = 422 if form.is_bound else 200
    return render(
        request, "mail/preferences.html", {"form": form, "refused": refused}, status=status
    )


@login_not_required  # whoever has the mail may stop mails like it: RFC 8058 asks for one click
@csrf_exempt  # mail programs post without a session
@never_cache
@require_http_methods(["GET", "POST"])
def unsubscribe_page(request: HttpRequest, token: str) -> HttpResponse:
    """Stop one kind of mail to one person. Looking at the address alone stops nothing."""
    context = {"token": token, "done": request.method == "POST"}
    try:
        if request.method == "POST":
            _user, kind = unsubscribe(token, playbook=moment().playbook, at=timezone.now())
        else:
            _user, kind = whom_it_stops(token)
    except Refused as refused:
        return render(request, "people/link_refused.html", {"refused": refused}, status=403)
    return render(request, "mail/unsubscribe.html", context | {"kind": kind.label.lower()})
