"""Forms of what becomes of an engagement, of what runs on, and of what is taken down."""

from typing import Any

from django import forms

from throughline.communities.models import Contact
from throughline.playbook.model import Playbook
from throughline.renewals.actions_courses import Renewal
from throughline.renewals.actions_offboarding import Said
from throughline.renewals.money import FinalNumbers
from throughline.renewals.words import DataAnswer, LapseVerdict

DAY = {"type": "date"}


def _day(label: str, *, required: bool = False, help_text: str = "") -> forms.DateField:
    return forms.DateField(
        label=label, required=required, help_text=help_text, widget=forms.DateInput(attrs=DAY)
    )


def _why(label: str = "Why", *, required: bool = False) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=2000, required=required, widget=forms.Textarea(attrs={"rows": 2})
    )


class RenewForm(forms.Form):
    """The deal that renews an engagement, where it is there; else what it will be."""

    deal = forms.CharField(
        label="The deal that renews it", required=False, max_length=40,
        help_text="Its number, where it is there already. Left empty, a new one is begun.",
    )  # fmt: skip
    name = forms.CharField(label="Name of the new deal", required=False, max_length=255)
    start_on = _day("Its first day")
    end_on = _day("Its last day")
    amount = forms.DecimalField(
        label="Amount", required=False, min_value=0, max_digits=14, decimal_places=2
    )
    hubs_that_end = forms.MultipleChoiceField(
        label="Hubs that do not go on", required=False, widget=forms.CheckboxSelectMultiple
    )
    why = _why()

    def __init__(self, *args: Any, hubs: list[str], sees_money: bool, **kwargs: Any) -> None:
        """Offer the engagement's own hubs, where there are several; the amount to some."""
        super().__init__(*args, **kwargs)
        if len(hubs) > 1:
            self.fields["hubs_that_end"] = forms.MultipleChoiceField(
                label="Hubs that do not go on",
                required=False,
                choices=[(hub, hub) for hub in hubs],
                widget=forms.CheckboxSelectMultiple,
            )
        else:
            del self.fields["hubs_that_end"]
        if not sees_money:
            del self.fields["amount"]

    def renewal(self) -> Renewal:
        """Return what was filled in, as the action takes it."""
        given = self.cleaned_data
        return Renewal(
            deal=given["deal"].strip(),
            name=given["name"],
            start_on=given["start_on"],
            end_on=given["end_on"],
            amount=given.get("amount"),
            hubs_that_end=tuple(given.get("hubs_that_end", ())),
            why=given["why"],
        )


class ExtendForm(forms.Form):
    """The new last day of the same deal."""

    end_on = _day("New last day", required=True, help_text="It counts once everybody has signed.")
    title = forms.CharField(label="Title of the amendment", required=False, max_length=250)
    why = _why()


class AmendForm(forms.Form):
    """What changes of the same deal, and from when."""

    effective_on = _day("From which day on", required=True)
    tier = forms.ChoiceField(label="Tier from then on", required=False)
    scope = _why("What changes, in words")
    why = _why()

    def __init__(self, *args: Any, playbook: Playbook, **kwargs: Any) -> None:
        """Offer the playbook's tiers."""
        super().__init__(*args, **kwargs)
        choices = [("", "stays as it is"), *((one.code, one.name) for one in playbook.tiers)]
        self.fields["tier"] = forms.ChoiceField(
            label="Tier from then on", required=False, choices=choices
        )

    def value(self) -> dict[str, Any]:
        """Return the amendment as its action takes it."""
        given = self.cleaned_data
        found = {name: given[name] for name in ("tier", "scope") if given[name]}
        return found | {"effective_on": given["effective_on"].isoformat()}


class WhyForm(forms.Form):
    """A reason that may be left out."""

    why = _why()


class ReasonForm(forms.Form):
    """A reason."""

    why = _why(required=True)


class DecideForm(forms.Form):
    """What the BD lead decides about something that runs without agreement."""

    verdict = forms.ChoiceField(
        label="What becomes of it", choices=LapseVerdict.choices, widget=forms.RadioSelect
    )
    until_on = _day("Keep it until", help_text="Where it is kept: the last day.")
    why = _why(required=True)


class StepForm(forms.Form):
    """How a line of the check list was settled."""

    note = _why("How it was settled")
    until_on = _day("Kept until")
    final_cost = forms.DecimalField(
        label="Final cloud cost", required=False, min_value=0, max_digits=14, decimal_places=2
    )
    final_users = forms.IntegerField(
        label="Active users of the last month", required=False, min_value=0
    )

    def __init__(
        self, *args: Any, code: str, final: FinalNumbers | None = None, **kwargs: Any
    ) -> None:
        """Ask for what the line asks for; what billing knows stands there for a person to confirm."""
        super().__init__(*args, **kwargs)
        if final is not None:
            for name, known in (("final_cost", final.cost), ("final_users", final.users)):
                if known is not None:
                    self.initial[name] = round(known, 2) if name == "final_cost" else known
                    self.fields[name].help_text = f"Of {final.month}, from billing: confirm it."
        if code != "kept":
            del self.fields["until_on"]
        if code == "numbers":
            self.fields["note"].label = "What is not known, and why"
        else:
            del self.fields["final_cost"], self.fields["final_users"]

    def said(self) -> Said:
        """Return what was filled in, as the action takes it."""
        return Said(
            self.cleaned_data["note"],
            self.cleaned_data.get("until_on"),
            self.cleaned_data.get("final_cost"),
            self.cleaned_data.get("final_users"),
        )


class AskDataForm(forms.Form):
    """Who of the community is asked whether its data are safe."""

    of = forms.ChoiceField(label="Whom")

    def __init__(self, *args: Any, people: list[Contact], **kwargs: Any) -> None:
        """Offer those who can be asked, the representatives first."""
        super().__init__(*args, **kwargs)
        choices = [(one.email or "", f"{one.full_name} <{one.email}>") for one in people]
        self.fields["of"] = forms.ChoiceField(label="Whom", choices=choices)


class DataForm(forms.Form):
    """What somebody of the community says of its data."""

    answer = forms.ChoiceField(
        label="Are your data safe?",
        choices=[
            (DataAnswer.SAVED.value, "Yes: everybody has saved what they want to keep; the rest may be deleted"),
            (DataAnswer.NOT_YET.value, "Not yet"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one of the two answers."},
    )  # fmt: skip
    text = forms.CharField(
        label="What is missing, or what you want us to know", max_length=4000, required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip
