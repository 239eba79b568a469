"""How a person wants to be told, as a form."""

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms

from throughline.mail.wishes import Wishes
from throughline.mail.words import Channel


class PreferencesForm(forms.Form):
    """What one person chooses for themselves."""

    blocked = forms.ChoiceField(label="When something waits for you", choices=Channel.choices)
    news = forms.ChoiceField(label="When anything else happens", choices=Channel.choices)
    digest_at = forms.TimeField(
        label="The digest goes out at", widget=forms.TimeInput(attrs={"type": "time"})
    )
    weekdays_only = forms.BooleanField(label="Not on weekends", required=False)
    quiet_from = forms.TimeField(
        label="Quiet from", required=False, widget=forms.TimeInput(attrs={"type": "time"}),
        help_text="No mail to you until the other time; empty: never quiet.",
    )  # fmt: skip
    quiet_until = forms.TimeField(
        label="Quiet until", required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )
    zone = forms.ChoiceField(label="Your time zone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["zone"].choices = _zones()  # type: ignore[attr-defined]  # a ChoiceField

    def wishes(self) -> Wishes:
        """Return what was filled in."""
        return Wishes(**{
            **self.cleaned_data,
            "blocked": Channel(self.cleaned_data["blocked"]),
            "news": Channel(self.cleaned_data["news"]),
        })  # fmt: skip


@cache
def _zones() -> tuple[tuple[str, str], ...]:
    """Return all time zones in order; finding them out walks through hundreds of files."""
    return tuple((one, one) for one in sorted(available_timezones()))
