"""Reading the fields of a JSON body, refusing what the documented API refuses, in its words."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from studio.offline.errors import invalid

OLD_MODELS = ("v3-5", "v4")
# Also accepted: what maps to a newer one today. v4-5-all belongs to sample and mashup alone.
MODELS = (*OLD_MODELS, "v4-5", "v4-5-plus", "v5", "v5-5", "v6", "v6-wild", "v6-mini")
BORROWING_MODEL = "v4-5-all"
SPELLINGS = ("sonic-", "chirp-")

TITLE_CHARS = 80
DESCRIPTION_CHARS = 400
NEGATIVE_TAGS_CHARS = 200
WEBHOOK_URL_CHARS = 1024
INFILL_LYRICS_CHARS = 3000
DURATION_S = (10, 360)
LONGEST_SOURCE_S = 3600.0

BAD_MODEL = "The 'mv' field is invalid. The model should be 'chirp-v3-5','chirp-v4' or 'chirp-v4-5'."


def bare(model: str) -> str:
    """A model without its brand: v5 of sonic-v5 and of chirp-v5."""
    return model.removeprefix(SPELLINGS[0]).removeprefix(SPELLINGS[1])


@dataclass
class Body:
    """Reads fields by kind. null counts as not sent; unknown fields are never looked at."""

    fields: dict[str, Any]
    model: str = field(default="")

    def text(self, name: str) -> str:
        value = self.fields.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise invalid(f"The '{name}' field should be string.")
        return value.strip()

    def needed(self, name: str) -> str:
        """A text that must be there."""
        value = self.text(name)
        if not value:
            raise invalid(f"The '{name}' field is required.")
        return value

    def flag(self, name: str, *, is_required: bool = False) -> bool:
        value = self.fields.get(name)
        if value is None and not is_required:
            return False
        if not isinstance(value, bool):
            raise invalid(f"The '{name}' field should be boolean.")
        return value

    def number(self, name: str, low: float, high: float, *, is_required: bool = False) -> float | None:
        value = self.fields.get(name)
        if value is None:
            if is_required:
                raise invalid(f"The '{name}' field is required.")
            return None
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not math.isfinite(value) or not low <= value <= high:
            raise invalid(f"The '{name}' field must be between {low:g} and {high:g}.")
        return float(value)

    def window(self, start: str, end: str, *, is_required: bool = False) -> tuple[float | None, float | None]:
        """Two moments of which the second comes after the first."""
        start_s = self.number(start, 0, LONGEST_SOURCE_S, is_required=is_required)
        end_s = self.number(end, 0, LONGEST_SOURCE_S, is_required=is_required)
        if end_s is not None and end_s <= (start_s or 0.0):
            raise invalid(f"The '{end}' field must be greater than '{start}'.")
        return start_s, end_s

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        """One of some words, or empty."""
        value = self.text(name)
        if value and value not in choices:
            listed = ", ".join(f"'{choice}'" for choice in choices)
            raise invalid(f"The '{name}' field should be one of {listed}.")
        return value

    def pick_model(self, *, also: str = "") -> str:
        """The model, kept as it was spelled; `also` is one more that this request takes."""
        model = self.fields.get("mv")
        known = (*MODELS, also) if also else MODELS
        if not isinstance(model, str) or not model.startswith(SPELLINGS) or bare(model) not in known:
            raise invalid(BAD_MODEL)
        self.model = model
        return model

    def gender(self) -> str:
        """f, m or empty; the old models never heard of it."""
        gender = self.text("vocal_gender")
        if gender not in ("", "f", "m"):
            raise invalid("The 'vocal_gender' field should be 'f' or 'm'.")
        return "" if bare(self.model) in OLD_MODELS else gender

    def check_lengths(self, *, tags_chars: int | None = None) -> None:
        """Raises Refusal for texts over their limits, which count what was sent, blanks included."""
        is_old = bare(self.model) in OLD_MODELS
        prompt_chars = 3000 if is_old else 5000
        limits = {
            "title": ("title", TITLE_CHARS),
            "prompt": ("prompt", prompt_chars),
            "lyrics": ("prompt", prompt_chars),
            "gpt_description_prompt": ("'gpt_description_prompt'", DESCRIPTION_CHARS),
            "tags": ("tags", tags_chars or (200 if is_old else 1000)),
            "negative_tags": ("negative_tags", NEGATIVE_TAGS_CHARS),
            "infill_lyrics": ("infill_lyrics", INFILL_LYRICS_CHARS),
        }
        for name, (called, most) in limits.items():
            self.within(name, most, called)

    def within(self, name: str, most: int, called: str = "") -> str:
        """A text of at most so many characters."""
        value = self.text(name)
        if len(self.fields.get(name) or "") > most:
            raise invalid(f"The {called or name} character length should be less than {most}.")
        return value

    def webhook(self) -> dict[str, str]:
        """Where to call back, and the secret to sign with."""
        url = self.within("webhook_url", WEBHOOK_URL_CHARS)
        schemes = ("https://", "http://") if settings.FETCH_PRIVATE else ("https://",)
        if url and not url.startswith(schemes):
            raise invalid("The 'webhook_url' field should be a HTTPS URL.")
        return {"webhook_url": url, "webhook_secret": self.within("webhook_secret", 200)}
