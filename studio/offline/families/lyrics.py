"""Words for songs, written at once: two drafts to choose from, or some lines written anew."""

from __future__ import annotations

import secrets

from studio.offline.accounts import account_of
from studio.offline.errors import invalid
from studio.offline.orders import ask_price, paid
from studio.offline.reading import Body
from studio.offline.wire import Answer, Call, Route, json_answer, json_fields

DESCRIPTION_CHARS = 119
REWRITE = "rewrite"
BETWEEN = " / "
TRIES = 12


def make_lyrics(call: Call) -> Answer:
    account_of(call.headers)
    body = Body(json_fields(call))
    description = body.text("description")
    if not description:
        raise invalid("description is required.")
    if len(body.fields["description"]) > DESCRIPTION_CHARS:
        raise invalid("The description character length should be less than 120.")
    drafts = paid(call, ask_price("lyrics"), lambda _: _drafts(description))
    return json_answer(200, {"code": 200, "results": drafts, "message": "success"})


def _drafts(description: str) -> list[dict[str, str]]:
    from studio.engine.lyrics.writer import make_lyrics as write
    from studio.offline import planning

    seed = secrets.randbelow(2**31)
    lines = _lines_to_rewrite(description)
    with planning.refusing():
        if lines:
            return [{"title": "", "lyrics": text} for text in _two_versions(lines, seed)]
        return [{"title": draft.title, "lyrics": draft.text} for draft in write(description, seed)]


def _lines_to_rewrite(description: str) -> list[str]:
    """The lines of "Rewrite: one line / another line"; none of any other description."""
    head, colon, rest = description.partition(":")
    if not colon or not head.lower().strip().startswith(REWRITE):
        return []
    return [line.strip() for line in rest.replace("\n", BETWEEN).split(BETWEEN) if line.strip()]


def _two_versions(lines: list[str], seed: int) -> list[str]:
    """As many lines written anew, twice; a short line may leave the writer no second choice."""
    from studio.engine.lyrics.rewriter import rewrite_lines

    text = "\n".join(lines)
    first = rewrite_lines(text, 1, len(lines), "", seed)
    for number in range(1, TRIES):
        other = rewrite_lines(text, 1, len(lines), "", seed + number)
        if other != first:
            return [first, other]
    return [first, first]


ROUTES: tuple[Route, ...] = (("POST", r"/api/v1/(?:sonic|suno)/lyrics", make_lyrics),)
