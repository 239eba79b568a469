"""Fields are written out as Django's templates would write them, character for character."""

from datetime import date, time
from decimal import Decimal
from itertools import product

import pytest
from django import forms
from django.conf import settings
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import mark_safe

from throughline.mail.words import Channel
from throughline.web import widgets
from throughline.web.mail.forms import PreferencesForm
from throughline.web.widgets import QuickRenderer

CHOICES = [
    ("", "—"),
    ("a", "A & <b>"),
    (Channel.values[0], Channel.labels[0]),
    ("Grouped “so”", [("b", 'B "quoted"'), (3, 1234), (None, mark_safe("<b>HTML</b>"))]),
]
PLAIN = [
    forms.TextInput, forms.NumberInput, forms.EmailInput, forms.URLInput, forms.PasswordInput,
    forms.HiddenInput, forms.DateInput, forms.DateTimeInput, forms.TimeInput, forms.FileInput,
    forms.CheckboxInput, forms.Textarea, forms.ClearableFileInput, forms.MultipleHiddenInput,
]  # fmt: skip
CHOOSING = [
    forms.Select, forms.SelectMultiple, forms.RadioSelect, forms.CheckboxSelectMultiple,
]  # fmt: skip
VALUES = [
    None, "", "a", "b", 3, ["a", "b"], 'x" onfocus="alert(1)', "<b>&amp;</b>", mark_safe("<i>"), True,
    False, Channel(Channel.values[0]), Decimal("1234.50"), date(2026, 3, 1), time(9, 30), "two\nlines",
]  # fmt: skip
ATTRIBUTES = [
    {},
    {"id": "id_x", "class": "wide", "required": True, "disabled": False},
    {"rows": 3, "data-x": 'a "b" & <c>', "aria-label": mark_safe("said &amp; done")},
]


@pytest.mark.parametrize("kind", [*PLAIN, *CHOOSING], ids=lambda kind: kind.__name__)
def test_field_is_written_as_its_template_writes_it(kind):
    widget = kind(choices=CHOICES) if kind in CHOOSING else kind()
    wraps = kind is forms.MultipleHiddenInput  # which takes lists alone
    for value, attrs in product(VALUES, ATTRIBUTES):
        shown = [value] if wraps and not isinstance(value, list) else value
        quick, usual = (
            widget.render("its <name>", shown, attrs=dict(attrs), renderer=renderer)
            for renderer in (QuickRenderer(), DjangoTemplates())
        )
        assert quick == usual


def test_pages_are_drawn_so(monkeypatch):
    assert settings.FORM_RENDERER == "throughline.web.widgets.QuickRenderer"
    drawn = []
    monkeypatch.setattr(widgets, "_text", lambda value: drawn.append(value) or "")
    str(PreferencesForm()["zone"])
    assert "Europe/Zurich" in drawn


def test_option_with_a_template_of_its_own_is_drawn_by_it():
    class Own(forms.Select):
        option_template_name = "django/forms/widgets/checkbox_option.html"

    drawn = Own(choices=CHOICES).render("name", "a", renderer=QuickRenderer())

    assert drawn == Own(choices=CHOICES).render("name", "a", renderer=DjangoTemplates())
    assert drawn.count("<input") == len(CHOICES) + 2  # three stand in one group
