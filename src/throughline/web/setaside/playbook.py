"""What another playbook would change: its parts, and the live deals that it touches."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from throughline.kernel.errors import Refused
from throughline.people.words import Permission
from throughline.playbook.changes import compare
from throughline.playbook.loader import parse
from throughline.sales.gates.finding import CONDITIONS
from throughline.sales.touched import deals_touched
from throughline.web.access import PageRequest, require
from throughline.web.fact_words import condition_name
from throughline.web.moment import Moment, moment

LARGEST = 512 * 1024  # bytes; the shipped one has 30 KB
SHOWN = 200  # deals


class CandidateForm(forms.Form):
    """A playbook that is not in force."""

    file = forms.FileField(
        required=False, help_text="A playbook as a .toml file. Nothing is saved or changed."
    )
    text = forms.CharField(
        required=False, label="Or its text", max_length=LARGEST, strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
    )  # fmt: skip

    def candidate(self) -> tuple[str, str]:
        """Return name and text of what was sent.

        Raises:
            Refused: nothing was, or it is too large or no text.
        """
        file = self.cleaned_data["file"] if self.is_valid() else None
        if file is None:
            text = self.cleaned_data.get("text", "")
            if not text.strip():
                raise Refused("No playbook was given.", remedy="Choose a file, or paste its text.")
            return "the text", text
        if file.size > LARGEST:
            raise Refused(f"{file.name} is too large.", remedy="A playbook has at most 512 KiB.")
        try:
            return file.name, file.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise Refused(f"{file.name} is not UTF-8.", remedy="Save it as UTF-8.") from error


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.READ)
def changes(request: PageRequest) -> HttpResponse:
    """Compare a playbook with the one in force; nothing is kept."""
    now = moment()
    is_sent = request.method == "POST"
    form = CandidateForm(request.POST, request.FILES) if is_sent else CandidateForm()
    context: dict[str, Any] = {"form": form, "playbook": now.playbook}
    status = 200
    if is_sent:
        try:
            context |= _compared(form, now)
        except Refused as refused:
            context["refused"], status = refused, 422
    return render(request, "setaside/changes.html", context, status=status)


def _compared(form: CandidateForm, now: Moment) -> dict[str, Any]:
    name, text = form.candidate()
    new = parse(text, name=name, known_conditions=CONDITIONS.codes())
    touched = deals_touched(now.playbook, new, at=now.at)
    return {
        "candidate": new,
        "changes": compare(now.playbook, new),
        "touched": [
            {
                "one": one,
                "more": [condition_name(code) for code in one.more],
                "less": [condition_name(code) for code in one.less],
                "pill": {"opens": "met", "closes": "unmet", "changes": "linked"}[one.effect],
            }
            for one in touched[:SHOWN]
        ],
        "touched_count": len(touched),
        "compared": True,
    }
