"""What the engine hands back, as the results of a work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from studio import engine
from studio.engine.uploads import Edited
from studio.offline.works import Results


def of_song(song: engine.Song) -> Results:
    """A take with a score."""
    return Results(
        files={"mp3": song.paths.mp3.name, "flac": song.paths.flac.name},
        title=song.title,
        tags=song.tags,
        lyrics=song.lyrics,
        duration_s=song.duration_s,
        bpm=song.bpm,
        key=song.key,
        alignment=alignment(song.timeline),
        remarks=list(song.remarks),
    )


def of_edit(edited: Edited) -> Results:
    """An edit of a recording: sound without a score."""
    heard: Mapping[str, Any] = edited.facts.get("source") or edited.facts
    return Results(
        files={"mp3": edited.paths["mp3"].name, "flac": edited.paths["flac"].name},
        lyrics="".join(word.text for word in edited.timeline),
        duration_s=edited.duration_s,
        bpm=heard.get("bpm"),
        key=heard.get("key") or "",
        alignment=alignment(edited.timeline),
        remarks=list(edited.remarks),
    )


def alignment(words: Iterable[engine.TimedWord]) -> list[dict[str, Any]]:
    """The API's rows of a lyrics timeline."""
    return [
        {"word": word.text, "start_s": word.start_s, "end_s": word.end_s, "p_align": 1.0, "success": True}
        for word in words
    ]
