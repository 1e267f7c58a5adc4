from __future__ import annotations

from django import forms

from studio.models import Role
from studio.teams import INVITABLE


class TeamNameForm(forms.Form):
    name = forms.CharField(
        label="Name of the team", max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class InviteForm(forms.Form):
    role = forms.ChoiceField(
        choices=[(role.value, f"{role.label} – {role.says[0].lower()}{role.says[1:]}") for role in INVITABLE],
        initial=Role.MEMBER,
    )
    email = forms.EmailField(
        label="For whom",
        required=False,
        max_length=254,
        help_text="Only a note for your list. Nothing is sent: you pass the link on yourself.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    def role_given(self) -> Role:
        return Role(self.cleaned_data["role"])


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=Role.choices)

    def role_given(self) -> Role:
        return Role(self.cleaned_data["role"])
