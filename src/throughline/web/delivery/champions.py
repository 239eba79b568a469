"""A champion's page: one promise, one question, no account."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from throughline.delivery.actions.champions import answer_question, open_question
from throughline.delivery.words import ChampionAnswer
from throughline.kernel.errors import Refused
from throughline.web.delivery.forms import ChampionForm
from throughline.web.moment import moment


@login_not_required
@never_cache
@require_GET
def question(request: HttpRequest, token: str) -> HttpResponse:
    """Show what was promised, and ask; a link that opens nothing says what to do."""
    return _show(request, token, ChampionForm())


def _show(
    request: HttpRequest, token: str, form: ChampionForm, refused: Refused | None = None
) -> HttpResponse:
    try:
        found = open_question(token, at=moment().at)
    except Refused as closed:
        return render(request, "people/link_refused.html", {"refused": closed}, status=403)
    deal = found.deliverable.project.engagement.deal
    context = {
        "question": found, "one": found.deliverable, "deal": deal, "token": token, "form": form,
        "refused": refused,
    }  # fmt: skip
    status = 422 if refused or form.errors else 200
    return render(request, "delivery/champion_question.html", context, status=status)


@login_not_required
@never_cache
@require_POST
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Write down what they say, under the name that the link was made for."""
    form = ChampionForm(request.POST, request.FILES)
    if not form.is_valid():
        return _show(request, token, form)
    said = ChampionAnswer(form.cleaned_data["answer"])
    try:
        told = {name: form.cleaned_data[name] for name in ("text", "file")}
        answer_question(token, answer=said, **told, at=moment().at)
    except Refused as refused:
        return _show(request, token, form, refused)
    return redirect("web:champion", token=token)
