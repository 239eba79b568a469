"""Forms of signing in, of links, of people and of their tokens."""

from typing import Any

from django import forms
from django.contrib.auth.validators import UnicodeUsernameValidator

from throughline.people.models import User
from throughline.people.words import SCOPES, RoleName, Scope
from throughline.web.sales.forms import StepForm


class SignInForm(forms.Form):
    """Name and password."""

    username = forms.CharField(
        label="Name",
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        max_length=1000, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )


class LinkForm(forms.Form):
    """Whom a link is for."""

    issued_to = forms.CharField(
        label="For whom",
        max_length=254,
        help_text="A name or an address; it is written down with the link.",
    )


class ForgotForm(StepForm):
    """Who has no password, or has forgotten it."""

    who = forms.CharField(
        label="Name or address",
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username"}),
    )


class PasswordForm(StepForm):
    """A new password."""

    password = forms.CharField(
        label="New password",
        max_length=1000,
        help_text="At least 12 characters; a few words are better than signs.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class ChangeForm(StepForm):
    """The old password and a new one."""

    old = forms.CharField(
        label="Old password",
        max_length=1000,
        required=False,
        help_text="Leave it empty if you have had none.",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label="New password",
        max_length=1000,
        help_text="At least 12 characters; a few words are better than signs.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class InviteForm(StepForm):
    """Who comes in, and as what."""

    username = forms.CharField(
        label="Name to sign in with",
        max_length=150,
        validators=[UnicodeUsernameValidator()],
        help_text="One word, such as ada; it stands in the journal and never changes.",
    )
    full_name = forms.CharField(label="Full name", max_length=120, required=False)
    email = forms.EmailField(
        label="Address", help_text="The link for choosing a password goes there."
    )
    roles = forms.MultipleChoiceField(
        choices=[(role.value, role.value) for role in RoleName],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Without a role they see nothing.",
    )


class TokenForm(StepForm):
    """What a token is for, what it may, and how long it lasts."""

    name = forms.CharField(
        label="For which program", max_length=60, help_text="Such as n8n, or a script's name."
    )
    scopes = forms.MultipleChoiceField(
        choices=[(scope.value, scope.value) for scope in Scope],
        widget=forms.CheckboxSelectMultiple,
        help_text="A token may never do more than you may.",
    )
    days = forms.IntegerField(
        label="Days it lasts", min_value=1, max_value=366, initial=90, help_text="366 at most."
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        """Offer the scopes that carry something which the person may do."""
        super().__init__(*args, **kwargs)
        useful = [one for one, carried in SCOPES.items() if any(map(user.may, carried))]
        offered = self.fields["scopes"]
        if isinstance(offered, forms.MultipleChoiceField):
            offered.choices = [(one.value, one.value) for one in useful]
