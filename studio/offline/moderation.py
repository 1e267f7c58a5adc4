"""The one rule of moderation that a machine alone can keep honestly: no living names in descriptions.

It knows no list of artists. It refuses what is said to be somebody's: "in the style of Firstname Lastname",
"sounds like …", "feat. …", "prod. by …".
"""

from __future__ import annotations

import re

from studio.offline.errors import forbidden

_NAME = r"[A-Z][\w'’-]+(?:\s+(?:[A-Z&][\w'’-]*))"
_ARTIST = re.compile(rf"(?i:in the style of|sounding like|sounds like|à la)\s+({_NAME}+)")
_FEATURED = re.compile(r"(?i:\b(?:feat|ft)\.)\s+([A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+)*)")
_PRODUCER = re.compile(r"(?i:\bprod(?:\.|uced)?\s+by)\s+([A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+)*)")


def check(*descriptions: str) -> None:
    """Raises Refusal 403 in the documented words."""
    for text in descriptions:
        if found := _ARTIST.search(text) or _FEATURED.search(text):
            raise forbidden(
                f"The song description contains artist names: '{found[1].strip()}' which is not allowed."
            )
        if found := _PRODUCER.search(text):
            raise forbidden(
                f"The song description contains producer tags: '{found[1].strip()}' which is not allowed."
            )
