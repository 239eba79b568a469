"""Forms of a community's record and of its people."""

from typing import Any

from django import forms

from throughline.communities.actions import Said
from throughline.communities.models import Community, Contact
from throughline.communities.words import Sureness
from throughline.playbook.model import Playbook
from throughline.playbook.ownership import is_locked
from throughline.web.communities.words import FIELD_HELP, LABELS
from throughline.web.sales.forms import StepForm

RECORD = tuple(LABELS)


class VersionedForm(StepForm):
    """A form that says which version of the record its writer saw."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)


class RecordForm(VersionedForm):
    """Every field of a record, with who says so."""

    def __init__(self, *args: Any, community: Community, playbook: Playbook, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["version"] = community.version
        for name in RECORD:
            is_list = name == "repositories"
            value = getattr(community, name)
            self.initial[name] = "\n".join(value) if is_list else value
            is_ours = not is_locked(f"community.{name}", playbook)
            self.fields[name] = forms.CharField(
                label=LABELS[name],
                disabled=not is_ours,
                help_text=FIELD_HELP.get(name, "") if is_ours else "Change it in HubSpot.",
                required=name == "short_name",
                max_length=4000 if is_list else Community._meta.get_field(name).max_length,  # type: ignore[union-attr]  # a column
                widget=forms.Textarea(attrs={"rows": 3}) if is_list else forms.TextInput,
            )
        self.fields["source"] = forms.CharField(
            label="Who or what says so",
            max_length=250,
            required=False,
            help_text="For what you change: “call of 3 May”, an address, a document.",
        )
        self.fields["sureness"] = forms.ChoiceField(
            label="How sure", choices=Sureness.choices, initial=Sureness.SAID
        )

    def value(self) -> dict[str, Any]:
        """Return the facts, with their source, as the action wants them."""
        cleaned = self.cleaned_data
        facts = {name: cleaned[name] for name in RECORD}
        facts["repositories"] = [one.strip() for one in cleaned["repositories"].splitlines()]
        return {
            "facts": facts,
            "said": Said(cleaned["source"], Sureness(cleaned["sureness"])),
            "version": cleaned["version"],
        }


class ContactForm(VersionedForm):
    """A person's names and addresses."""

    full_name = forms.CharField(max_length=160)
    first_name = forms.CharField(max_length=80, required=False)
    email = forms.CharField(label="E-mail", max_length=254, required=False)
    github_id = forms.CharField(label="GitHub id", max_length=60, required=False)

    def __init__(self, *args: Any, contact: Contact, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["version"] = contact.version
        for name in ("full_name", "first_name", "email", "github_id"):
            self.initial[name] = getattr(contact, name) or ""

    def value(self) -> dict[str, Any]:
        """Return the facts and the version that was seen."""
        facts = {name: self.cleaned_data[name] for name in self.fields if name != "version"}
        return {"facts": facts, "version": self.cleaned_data["version"]}


class LeaveForm(StepForm):
    """The day from which somebody is nothing any more, or one role of theirs."""

    on = forms.DateField(
        label="First day without it",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="A leaver's last day, plus one.",
    )
    subject = forms.CharField(max_length=80, required=False, widget=forms.HiddenInput)
    role = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)


class WordForm(StepForm):
    """One text that a step needs."""

    text = forms.CharField(max_length=8000, required=False)
    code = forms.CharField(max_length=40, required=False)
    source = forms.CharField(max_length=250, required=False)
