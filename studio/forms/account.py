from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import password_validation

from studio.models import User

PASSWORD_RULE = "At least 8 characters. Not a common password, and not like your e-mail."  # noqa: S105


def name_field() -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "name"})
    return forms.CharField(label="Your name", max_length=80, help_text="As the others see it.", widget=widget)


class PersonForm(forms.Form):
    """What a new account needs: for the first person and for those who come by invitation."""

    name = name_field()
    email = forms.EmailField(
        label="E-mail", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    password = forms.CharField(
        label="Password",
        max_length=128,
        strip=False,
        help_text=PASSWORD_RULE,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if "password" in given:
            person = User(name=given.get("name", ""), email=given.get("email", ""))
            try:
                password_validation.validate_password(given["password"], person)
            except forms.ValidationError as problem:
                self.add_error("password", problem)
        return given


class ProfileForm(forms.Form):
    name = name_field()
