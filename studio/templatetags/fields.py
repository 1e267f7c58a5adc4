"""One way to draw a form field, for our own forms and for allauth's."""

from __future__ import annotations

from typing import Any

from django import template
from django.forms import BoundField, PasswordInput, Select, Textarea

register = template.Library()


def _class(field: BoundField) -> str:
    kinds = {Select: "input select", Textarea: "input textarea"}
    return next((name for kind, name in kinds.items() if type(field.field.widget) is kind), "input")


@register.inclusion_tag("forms/_field.html")
def field(
    field: BoundField,
    label: str = "",
    hint: str | None = None,
    autofocus: bool = False,
    optional: bool | None = None,
) -> dict[str, Any]:
    """A label, the control, its hint and its errors, tied together for assistive technology.

    `hint` replaces the form's own help text; "" drops it. `optional=False` is for fields that only some
    answers make necessary. Passwords get a button that shows them.
    """
    if hint is not None:
        field.help_text = hint  # Django points aria-describedby at what is there
    # allauth repeats labels as placeholders, which vanish as soon as somebody types.
    is_next = autofocus and (not field.form.is_bound or bool(field.errors))
    attrs = {"class": _class(field), "placeholder": False, "autofocus": is_next}
    return {
        "field": field,
        "control": field.as_widget(attrs=attrs),
        "label": label or field.label,
        "is_secret": isinstance(field.field.widget, PasswordInput),
        "is_optional": not field.field.required if optional is None else optional,
    }
