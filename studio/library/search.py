"""Full-text search over clips: SQLite's FTS5 or PostgreSQL's tsvector, whichever database is in use.

Every word has to occur, in title, tags or lyrics; the last one may be the beginning of a word; case and
accents do not matter. Results come in order of arrival, newest first, straight from the index: that costs the
same however many clips match, where ranking by relevance would have to look at all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db import connections
from django.db.models import QuerySet

from studio.models import Clip

Searcher = Callable[[QuerySet[Clip], Sequence[str]], QuerySet[Clip]]
"""Narrows clips to those that hold all of some words, newest arrival first."""

QUERY_LIMIT_CHARS = 200
WORDS_LIMIT = 12


def matching(clips: QuerySet[Clip], text: str) -> QuerySet[Clip]:
    """The clips among `clips` that `text` finds, in order of arrival, newest first.

    Any text is allowed and never an error; none is found for a text without a letter or digit. Words beyond
    the twelfth and characters beyond the 200th are left out. An ordering set later replaces the one given
    here, and the speed with it.
    """
    words = words_of(text)
    if not words:
        return clips.none()
    return SEARCHERS[connections[clips.db].vendor](clips, words)


def words_of(text: str) -> list[str]:
    """The words of `text` that can be searched for; "night" AND - gives "night", AND."""
    parts = text[:QUERY_LIMIT_CHARS].replace("\0", " ").split()
    return [part for part in parts if any(char.isalnum() for char in part)][:WORDS_LIMIT]


def _fts5(clips: QuerySet[Clip], words: Sequence[str]) -> QuerySet[Clip]:
    """Words stand in quotes, in which FTS5 knows no operators."""
    query = " ".join('"' + word.replace('"', '""') + '"' for word in words) + "*"
    # extra(), because the virtual table has no model, and because only its own rowid as the order lets SQLite
    # walk the index backwards and stop at the limit.
    return clips.order_by().extra(
        tables=["studio_clip_search"],
        where=["studio_clip_search MATCH %s", "studio_clip_search.rowid = studio_clip.id"],
        params=[query],
        order_by=["-studio_clip_search.rowid"],
    )


def _tsvector(clips: QuerySet[Clip], words: Sequence[str]) -> QuerySet[Clip]:
    """Words stand in quotes, in which to_tsquery knows no operators. The expression is that of the index."""
    quoted = ("'" + word.replace("\\", " ").replace("'", "''") + "'" for word in words)
    text = "studio_clip.title || ' ' || studio_clip.tags || ' ' || studio_clip.lyrics"
    return clips.order_by("-pk").extra(  # noqa: S610  (no given word is in the text)
        where=[f"to_tsvector('simple', {_folded(text)}) @@ to_tsquery('simple', {_folded('%s')})"],
        params=[" & ".join(quoted) + ":*"],
    )


def _folded(sql: str) -> str:
    """Without accents: decomposed, and the marks dropped."""
    return f"regexp_replace(normalize({sql}, NFD), '[\\u0300-\\u036f]', '', 'g')"


SEARCHERS: dict[str, Searcher] = {"sqlite": _fts5, "postgresql": _tsvector}
