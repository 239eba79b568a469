"""Forms of the first steps."""

from functools import cache
from zoneinfo import available_timezones

from django import forms

from throughline.intake.beginning.actions import OrganisationTold
from throughline.playbook.model import Playbook
from throughline.web.sales.forms import StepForm


@cache
def zones() -> list[tuple[str, str]]:
    """Return every time zone there is, for a choice; the world's own first."""
    return [("UTC", "UTC"), *((one, one) for one in sorted(available_timezones() - {"UTC"}))]


class OrganisationForm(StepForm):
    """Who the organisation is."""

    name = forms.CharField(max_length=80, help_text="As people say it. It stands on every page.")
    zone = forms.ChoiceField(
        label="Time zone", choices=zones,
        help_text="It decides on which day something falls: notices go out from its midnight.",
    )  # fmt: skip
    currency = forms.RegexField(
        r"^[A-Z]{3}$", max_length=3, help_text="Three capitals, such as USD: of amounts that do not say otherwise.",
        error_messages={"invalid": "Three capital letters, such as USD."},
    )  # fmt: skip
    renewals = forms.EmailField(
        label="Address for renewals",
        help_text="Gets the notice that an agreement expires, sixty days before, and nothing else.",
    )
    support = forms.EmailField(
        label="Address for support",
        help_text="A community's own is made of it: support+community@…; alerts about costs go there.",
    )
    sponsor = forms.EmailField(
        label="Address of the fiscal Sponsor",
        required=False,
        help_text="Without one, what they are to do waits on the Sponsor's desk.",
    )

    @classmethod
    def of(cls, playbook: Playbook) -> "OrganisationForm":
        """Return the form filled with what is in force."""
        one, addresses = playbook.organisation, playbook.addresses
        told = {"name": one.name, "zone": one.zone, "currency": one.currency}
        told |= {"renewals": addresses.renewals, "support": addresses.support}
        return cls(initial=told | {"sponsor": addresses.sponsor})

    def told(self) -> OrganisationTold:
        """Return what was filled in."""
        return OrganisationTold(**self.cleaned_data)


class DealsFileForm(StepForm):
    """An export of deals."""

    file = forms.FileField(
        label="Export of deals (CSV)",
        help_text="With the columns id, dealname and dealstage. Nothing is changed before you say so.",
    )
