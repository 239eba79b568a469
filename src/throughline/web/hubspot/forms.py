"""The forms of HubSpot's page."""

from typing import Any

from django import forms

from throughline.intake.hubspot.mapping import FILLABLE
from throughline.intake.models import HowSettled
from throughline.playbook.model import Playbook
from throughline.sales.models import Deal
from throughline.web.sales.forms import StepForm


def _select(choices: list[tuple[str, str]], label: str) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, required=False)


class StageForm(StepForm):
    """Which of our stages a stage of HubSpot stands for."""

    def __init__(self, playbook: Playbook, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stages = [(one.code, one.name) for one in playbook.stages]
        self.fields["to"] = _select([("", "Unmapped"), *stages], "Stands for")


class LabelForm(StepForm):
    """Which role a label stands for."""

    def __init__(self, playbook: Playbook, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = [(one.code, one.name) for one in playbook.engagement_roles]
        self.fields["to"] = _select([("", "No role of ours"), *roles], "Stands for")


class FieldForm(StepForm):
    """Which of our fields a property fills."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        columns = [(one, one) for one in FILLABLE]
        self.fields["to"] = _select([("", "Kept with the deal"), *columns], "Fills")


class SettleForm(StepForm):
    """What becomes of two engagements whose deals became one."""

    keep = forms.TypedChoiceField(
        label="Which goes on under HubSpot's number", coerce=int, widget=forms.RadioSelect
    )
    how = forms.ChoiceField(
        label="What becomes of the other", choices=HowSettled.choices, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label="Why",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Everybody who reads the journal sees it.",
    )
    until_on = forms.DateField(
        label="Both are kept until",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Only where both are kept: after that day you are asked again.",
        error_messages={"invalid": "That is not a day. Write it as 2026-06-30."},
    )

    def __init__(self, deals: list[Deal], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["keep"].choices = [(one.pk, str(one)) for one in deals]  # type: ignore[attr-defined]  # a ChoiceField
