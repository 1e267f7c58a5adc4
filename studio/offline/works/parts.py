"""What is taken out of takes, and what is read from recordings.

upload            the files that a recording as a clip needs beside its lossless copy
stem              clip_id, name (of engine.score.STEMS), or group: vocals or instrumental
midi              clip_id of a recording: its notes, heard
voice             clip_id of a recording, name: its singer as a persona
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from studio import engine
from studio.engine import encode, uploads
from studio.engine.analysis.samples import load
from studio.engine.edits.exports import VOICE_STEMS
from studio.engine.spec import SAMPLE_RATE_HZ, SpecError
from studio.offline.making import Source, source_of
from studio.offline.models import Take
from studio.offline.works import Progress, Results, Work

# The net's name for what is not the voice.
NET_NAMES = {"vocals": "vocals", "instrumental": "accompaniment"}


def upload(take: Take, folder: Path, progress: Progress) -> Results:
    """The MP3 of a recording whose lossless copy lies in its folder."""
    progress.on_stage("encoding", 0.0)
    name = "recording.flac"
    audio = load(take.folder / name)
    encode.write_mp3(_within_full_scale(audio), folder / "recording.mp3")
    if folder != take.folder:
        (folder / name).write_bytes((take.folder / name).read_bytes())
    return Results(files={"mp3": "recording.mp3", "flac": name})


def _within_full_scale(audio: Any) -> Any:
    return np.clip(audio, -1.0, 1.0)


def stem(take: Take, folder: Path, progress: Progress) -> Results:
    source = source_of(take, take.work["clip_id"], progress)
    progress.on_stage("stems", 0.1)
    audio = _own_stem(source, take.work) if source.is_own else _heard_stem(source, take.work, progress)
    progress.on_stage("encoding", 0.8)
    encode.write_flac(audio, folder / "stem.flac")
    encode.write_mp3(audio, folder / "stem.mp3")
    return Results(
        files={"mp3": "stem.mp3", "flac": "stem.flac"},
        duration_s=audio.shape[1] / SAMPLE_RATE_HZ,
        bpm=source.take.bpm,
        key=source.take.key,
    )


def _own_stem(source: Source, asked: dict[str, Any]) -> Any:
    opened = engine.open_take(source.folder)
    names = opened.stem_names()
    if group := asked.get("group"):
        names = tuple(name for name in names if (name in VOICE_STEMS) == (group == "vocals"))
    else:
        names = (asked["name"],)
    total = opened.audio() * np.float32(0)
    for name in names:
        part = opened.stem(name)
        total[:, : part.shape[1]] += part[:, : total.shape[1]]
    return total


def _heard_stem(source: Source, asked: dict[str, Any], progress: Progress) -> Any:
    if "group" not in asked:
        raise SpecError("A finished recording can be parted into voice and accompaniment only.")
    with tempfile.TemporaryDirectory(prefix="stems-") as step:
        done = uploads.stems(
            source.flac, Path(step), on_stage=progress.on_stage, is_cancelled=progress.is_cancelled
        )
        return encode.read_audio(done.paths[NET_NAMES[asked["group"]]])


def midi(take: Take, folder: Path, progress: Progress) -> Results:
    source = source_of(take, take.work["clip_id"], progress)
    done = uploads.midi(source.flac, folder, on_stage=progress.on_stage, is_cancelled=progress.is_cancelled)
    return Results(files={"mid": "song.mid", "notes": "notes.json"}, remarks=list(done.remarks))


def voice(take: Take, folder: Path, progress: Progress) -> Results:
    source = source_of(take, take.work["clip_id"], progress)
    name = take.work["name"]
    done = uploads.make_persona(
        source.flac, folder, name, on_stage=progress.on_stage, is_cancelled=progress.is_cancelled
    )
    found = json.loads((folder / "persona.json").read_text("utf-8"))
    return Results(title=name, remarks=list(done.remarks), about={"voice": found, "name": name})


WORKS: dict[str, Work] = {"upload": upload, "stem": stem, "midi": midi, "voice": voice}
