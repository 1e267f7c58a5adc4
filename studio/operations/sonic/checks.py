"""What several of sonic's operations are asked before they are sent."""

from __future__ import annotations

from ..base import Context, Fix, Problem, Values
from ..shared import is_simple, words


def described(values: Values, _context: Context) -> list[Problem]:
    """In the simple mode there has to be a description."""
    if is_simple(values) and not words(values, "gpt_description_prompt"):
        return [Problem("gpt_description_prompt", "Describe the song in a few words.")]
    return []


def lyrics_subject(values: Values, _context: Context) -> list[Problem]:
    """Lyrics can only be written about something."""
    is_asked = values.get("auto_lyrics") and not is_simple(values) and not values.get("make_instrumental")
    if is_asked and not words(values, "prompt"):
        return [Problem("prompt", "Say what the lyrics should be about.")]
    return []


def sung_or_instrumental(values: Values, _context: Context) -> list[Problem]:
    """In the custom mode there are lyrics, or nobody sings."""
    if is_simple(values) or values.get("make_instrumental") or values.get("auto_lyrics"):
        return []
    if not words(values, "prompt"):
        fix = Fix("Make it instrumental", "make_instrumental", True)
        return [Problem("prompt", "Write some lyrics, or make it instrumental.", fix)]
    return []


def instrumental_style(values: Values, _context: Context) -> list[Problem]:
    """In the custom mode something has to say what an instrumental shall sound like."""
    if is_simple(values) or not values.get("make_instrumental"):
        return []
    if not (words(values, "tags") or words(values, "prompt")):
        return [Problem("tags", "Say what it should sound like: an instrumental needs style tags.")]
    return []
