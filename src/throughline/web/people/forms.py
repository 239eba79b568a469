"""Forms of signing in and of links."""

from django import forms


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
