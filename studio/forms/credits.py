from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms

from studio import usage
from studio.models import Team

MOST_CREDITS = 1_000_000


class UsageForm(forms.Form):
    """The filters of the usage page, as its address has them. What is not understood is not given."""

    month = forms.ChoiceField(required=False)
    person = forms.ChoiceField(required=False)
    operation = forms.ChoiceField(required=False)
    connection = forms.ChoiceField(required=False)
    group = forms.ChoiceField(
        label="Colours show",
        required=False,
        choices=[("person", "People"), ("operation", "Operations"), ("connection", "Connections")],
    )

    def __init__(self, team: Team, data: Any) -> None:
        super().__init__(data)
        months = [(f"{month:%Y-%m}", f"{month:%B %Y}") for month in usage.months(team)]
        self.fields["month"].choices = months
        for name, label in (("person", "Everybody"), ("operation", "Every operation"), ("connection", "All")):
            self.fields[name].choices = [("", label)]
        for name, found in usage.choices(team).items():
            self.fields[name].choices += found
        self.is_valid()
        given = {name: self.cleaned_data.get(name) or "" for name in self.fields}
        self.given = given | {"month": given["month"] or months[0][0], "group": given["group"] or "person"}

    def filters(self) -> usage.Filters:
        given = self.given
        month = date.fromisoformat(f"{given['month']}-01")
        return usage.Filters(month, given["person"], given["operation"], given["connection"])

    @property
    def group_given(self) -> str:
        return self.given["group"]

    def selects(self) -> list[dict[str, Any]]:
        return [
            {
                "name": name,
                "label": field.label or name.capitalize(),
                "choices": field.choices,
                "given": self.given[name],
            }
            for name, field in self.fields.items()
        ]

    def active(self) -> list[dict[str, str]]:
        """The filters that narrow the view, for the chips that take each away again."""
        names = ("person", "operation", "connection")
        labels = {name: dict(self.fields[name].choices) for name in names}
        return [
            {"name": name, "label": labels[name][self.given[name]], "query": self.query(without=name)}
            for name in names
            if self.given[name]
        ]

    def query(self, without: str = "") -> str:
        """The address's query string of this view, possibly with one filter less."""
        return urlencode({name: value for name, value in self.given.items() if value and name != without})


class CreditsForm(forms.Form):
    """Credits put in or taken out by a person, with the reason that the ledger keeps."""

    credits = forms.IntegerField(
        label="Credits",
        min_value=-MOST_CREDITS,
        max_value=MOST_CREDITS,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    note = forms.CharField(
        label="Reason", max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args: Any, is_offline: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_offline = is_offline
        field = self.fields["credits"]
        field.help_text = "How many to add." if is_offline else "To add; with a minus, to take away."

    def clean_credits(self) -> int:
        credits: int = self.cleaned_data["credits"]
        if self.is_offline and credits < 1:
            raise forms.ValidationError("A refill adds at least one credit.")
        if credits == 0:
            raise forms.ValidationError("Give a number other than 0.")
        return credits
