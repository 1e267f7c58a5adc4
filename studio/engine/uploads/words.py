"""When which word is sung in an upload."""

from __future__ import annotations

from pathlib import Path

from studio.engine.analysis.aligning import align
from studio.engine.analysis.melody import is_voice_alone
from studio.engine.analysis.recognising import recognise
from studio.engine.analysis.samples import Audio
from studio.engine.analysis.separating import remarks as ways
from studio.engine.analysis.separating import separate
from studio.engine.packs import is_ready, require
from studio.engine.spec import SpecError, TimedWord
from studio.engine.takes import hidden_folder, write_timeline
from studio.engine.uploads.work import (
    FACTS,
    Edited,
    IsCancelled,
    OnStage,
    Steps,
    open_upload,
    write_facts,
)

TIMELINE = "timeline.json"
ALIGNED = "The words are yours; their times were found from where syllables begin, and are estimates."
RECOGNISED = "The words were recognised and may be wrong; give the lyrics for better words and times."


def _hints(voice: Audio, language: str) -> tuple[TimedWord, ...]:
    """What is recognised in the voice, when that pack is here."""
    if not is_ready("recognition"):
        return ()
    try:
        return recognise(voice, language or None)
    except SpecError:
        return ()


def timeline(
    source: Path, out: Path, lyrics: str = "", *, language: str = "", on_stage: OnStage | None = None,
    is_cancelled: IsCancelled | None = None,
) -> Edited:  # fmt: skip
    """timeline.json: every word with start and end. Given lyrics are aligned to the beginnings of sung
    syllables; without them the words are recognised, which needs the pack "recognition".

    Raises EngineUnavailable, or SpecError when nobody sings.
    """
    if not lyrics.strip():
        require("recognition")
    steps = Steps(("reading", "separating", "timing"), on_stage, is_cancelled)
    steps.enter("reading")
    upload = open_upload(source)
    voice, remarks = upload.audio, [ALIGNED if lyrics.strip() else RECOGNISED]
    if not is_voice_alone(upload.audio):
        steps.enter("separating")
        voice = separate(upload.audio, steps.report)["vocals"]
        remarks.extend(ways())
    steps.enter("timing")
    words: tuple[TimedWord, ...]
    if lyrics.strip():
        words = align(voice, lyrics, language or "en", _hints(voice, language))
    else:
        words = recognise(voice, language or None)
    facts = {"operation": "timeline", "words": len(words), "is_estimate": True}
    out = Path(out)
    with hidden_folder(out) as work:
        write_timeline(words, work / TIMELINE)
        write_facts(work / FACTS, facts, tuple(remarks))
        for file in (TIMELINE, FACTS):
            (work / file).replace(out / file)
    paths = {"timeline": out / TIMELINE, "facts": out / FACTS}
    return Edited(upload.title, round(upload.samples / 44_100, 3), paths, facts, tuple(remarks), words)
