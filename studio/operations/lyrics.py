"""The lyrics family: words before there is a song."""

from __future__ import annotations

from studio.musicapi.requests.lyrics import MakeLyrics

from .base import Field, Group, Kind, Limit, Operation, Result
from .shared import builder, one_price, price, wanted

_FIELDS = (
    Field(
        "description",
        Kind.TEXT,
        "What it is about",
        help="In the language that the lyrics shall have.",
        limit=Limit(119),
        placeholder="a calm evening by the harbour",
    ),
)

MAKE_LYRICS = Operation(
    name="lyrics.make_lyrics",
    label="Write lyrics",
    verb="Write",
    family="lyrics",
    request=MakeLyrics,
    fields=_FIELDS,
    build=builder(MakeLyrics, _FIELDS),
    check=wanted("description", "Say in a few words what the lyrics shall be about."),
    price=price(2),
    variant=one_price,
    result=Result.LYRICS,
    group=Group.WORDS,
    icon="pencil",
    about="Two versions of lyrics with a title, to choose from.",
)

OPERATIONS = (MAKE_LYRICS,)
