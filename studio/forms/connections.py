from __future__ import annotations

from typing import Any

from django import forms

from studio.models import Connection, Team

OTHER = "other"
OFFLINE = "offline"
HOSTS = [
    ("https://api.aimusicapi.ai", "api.aimusicapi.ai"),
    ("https://api.musicapi.ai", "api.musicapi.ai"),
    (OTHER, "Another address"),
]
NO_KEY = "Paste the API key that the provider gave you."
# A browser that fills in or remembers an API key would put it into other forms, too.
SECRET = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}


def key_field(*, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label="API key",
        required=required,
        max_length=500,
        help_text="Kept encrypted. Afterwards only its last four characters are shown.",
        widget=forms.PasswordInput(attrs=SECRET),
        error_messages={"required": NO_KEY},
    )


class ConnectionForm(forms.Form):
    host = forms.ChoiceField(label="Provider", choices=HOSTS, widget=forms.RadioSelect, initial=HOSTS[0][0])
    base_url = forms.CharField(
        label="Address",
        required=False,
        max_length=300,
        help_text="For another address: where its API begins, such as https://music.example.com/api/v1.",
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )
    name = forms.CharField(
        label="Name",
        required=False,
        max_length=60,
        help_text="How the team calls it. The host's name when left empty.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    key = key_field(required=False)

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not Connection.objects.filter(team=team, is_offline=True, retired_at=None).exists():
            self.fields["host"].choices = [*HOSTS, (OFFLINE, "Offline provider, no key needed")]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("host") == OTHER and not given.get("base_url"):
            self.add_error("base_url", "Say where the API is, such as https://music.example.com/api/v1.")
        if given.get("host") not in {OFFLINE, None} and not given.get("key") and "key" not in self.errors:
            self.add_error("key", NO_KEY)
        return given

    def is_offline(self) -> bool:
        return self.cleaned_data["host"] == OFFLINE

    def address(self) -> str:
        host = self.cleaned_data["host"]
        return self.cleaned_data["base_url"] if host == OTHER else host

    def name_given(self) -> str:
        plain = self.address().split("//", 1)[-1].split("/", 1)[0]
        return (self.cleaned_data["name"] or plain)[:60]

    def refuse(self, field: str, text: str) -> None:
        """Put what the provider said where it belongs; with a listed host the address cannot be at fault."""
        is_listed = self.cleaned_data["host"] != OTHER
        self.add_error("host" if field == "base_url" and is_listed else field, text)


class KeyForm(forms.Form):
    key = key_field()
