"""Whether the words of a section can be sung in its window."""

from __future__ import annotations

from dataclasses import dataclass

from studio.forms.prefill import WORDS_OF_WINDOW, window_of
from studio.operations import Operation, Values, singable


@dataclass(frozen=True)
class Fit:
    """`judgement` is "fast", "slow" or "" for what can be sung."""

    syllables: int
    window_s: float
    per_s: float
    judgement: str


def fit_of(operation: Operation, values: Values) -> Fit | None:
    """None for forms that ask for no such words, and as long as there is no window or there are no words."""
    window = window_of(operation, values)
    text = str(values.get(WORDS_OF_WINDOW) or "")
    if window is None or window[1] <= window[0] or not text.strip():
        return None
    window_s = window[1] - window[0]
    found = singable.judge(text, window_s)
    return Fit(found.syllables, window_s, found.per_s, found.judgement) if found.syllables else None
