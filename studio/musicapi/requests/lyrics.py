"""The lyrics family: one request, which lives among the sonic addresses."""

from typing import ClassVar

from studio.musicapi.requests.base import Question
from studio.musicapi.results import LyricsDrafts


class MakeLyrics(Question[LyricsDrafts], frozen=True, kw_only=True):
    """Two songs' words, in the language of the description. 2 credits."""

    family: ClassVar[str] = "lyrics"
    path: ClassVar[str] = "/sonic/lyrics"
    reply = LyricsDrafts
    uncharged_statuses = frozenset({504})

    description: str  # at most 119 characters
