"""Recordings that people bring: checked by content, measured and kept, before any provider hears of them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
from django.conf import settings

from studio import fetching, vault
from studio.audio import convert, files, loudness, peaks
from studio.models import Recording, Team, User
from studio.vault import VaultFull

MAX_S = 480.0
SHORTEST_S = 1.0
FRAME_S = 0.05
KINDS = {
    kind.name: kind
    for kind in (files.MP3, files.WAV, files.FLAC, files.M4A, files.AAC, files.OGG, files.OPUS)
}
FORMATS = "MP3, WAV, FLAC, M4A, AAC, OGG or Opus"
QUIETEST_DB = -90.0


class NotTaken(ValueError):
    """This cannot be kept as a recording. `text` says why and what to do."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(text)


def take_in(team: Team, person: User, name: str, pieces: Iterable[bytes], source_url: str = "") -> Recording:
    """Keep the audio whose bytes come in `pieces`. Raises NotTaken, then nothing was kept.

    What browsers record (WebM) is no format that providers read, so it is kept as WAV.
    """
    try:
        with vault.scratch() as folder:
            path = folder / "recording"
            _write(path, pieces)
            return _keep(team, person, name, path, source_url)
    except VaultFull as full:
        raise NotTaken(full.text) from full


def fetch(team: Team, person: User, url: str) -> Recording:
    """Keep the audio at a public address. Raises NotTaken."""
    url = url.strip()
    try:
        with vault.scratch() as folder:
            path = folder / "recording"
            with path.open("wb") as target:
                fetching.fetch(
                    url, target, max_bytes=settings.MAX_AUDIO_BYTES, may_be_private=settings.FETCH_PRIVATE
                )
            name = Path(unquote(urlsplit(url).path)).name or urlsplit(url).hostname or "Recording"
            return _keep(team, person, name, path, url)
    except fetching.NotFetched as error:
        raise NotTaken(error.text) from error
    except VaultFull as full:
        raise NotTaken(full.text) from full


def _write(path: Path, pieces: Iterable[bytes]) -> None:
    size_bytes = 0
    with vault.room(), path.open("wb") as target:
        for piece in pieces:
            size_bytes += len(piece)
            if size_bytes > settings.MAX_AUDIO_BYTES:
                limit_mb = settings.MAX_AUDIO_BYTES // 1_000_000
                raise NotTaken(f"The file is larger than {limit_mb} MB. Send an MP3 or a shorter one.")
            target.write(piece)
    if not size_bytes:
        raise NotTaken("The file is empty.")


def _keep(team: Team, person: User, name: str, path: Path, source_url: str) -> Recording:
    try:
        path = _readable(path)
        measured, noise_db = loudness.measure(path), noise(path)
    except files.BrokenAudio as error:
        raise NotTaken(f"This file cannot be played to its end: {error}") from error
    if measured.true_peak_dbtp is None:
        raise NotTaken("There is nothing to hear in this file: it is silent from beginning to end.")
    kind = files.kind_of(path)
    kept = vault.save(path, f".{kind.extension}")
    return Recording.objects.create(
        team=team,
        person=person,
        name=_title(name),
        source_url=source_url,
        key=kept.key,
        content_type=kind.media_type,
        sha256=kept.sha256,
        size_bytes=kept.size_bytes,
        duration_s=measured.duration_s,
        loudness_lufs=measured.loudness_lufs,
        true_peak_dbtp=measured.true_peak_dbtp,
        noise_db=noise_db,
        sketch="".join(f"{min(height, 99):02d}" for height in peaks.sketch(measured.peaks)),
    )


def _readable(path: Path) -> Path:
    """The file itself when it is of a kind that providers read, or a WAV of it.

    Raises NotTaken, and BrokenAudio when it does not decode to its end.
    """
    with path.open("rb") as source:
        kind = files.sniff(source.read(files.HEAD_BYTES))
    if kind is None:
        raise NotTaken(f"This is not an audio file that can be used. Send {FORMATS}.")
    _check_length(path)
    if kind.name in KINDS:
        return path
    copy = path.with_suffix(".wav")
    convert.to_wav(path, copy)
    return copy


def _check_length(path: Path) -> None:
    """Before anything else is done with it: days of silence fit into a small file."""
    source = files.decode(path)
    for _ in source:
        if source.duration_s > MAX_S:
            raise NotTaken(f"This is longer than {MAX_S / 60:.0f} minutes, which are the most. Cut it first.")
    if source.duration_s < SHORTEST_S:
        raise NotTaken("This is shorter than a second. Send something longer.")


def _title(name: str) -> str:
    stem = (
        os.path.splitext(Path(name.replace("\\", "/")).name)[0].replace("\x00", "").replace("_", " ").strip()
    )
    return stem[:200] or "Recording"


def noise(path: Path) -> float | None:
    """How far the quietest tenth of frames (50 ms) lies below the loudest, in dB; None when silent.

    About -20 is a voice in a noisy room, below -40 a quiet one.
    """
    levels = np.sort(np.concatenate([*_levels(path)] or [np.zeros(0)]))
    if not len(levels) or levels[-1] <= 0:
        return None
    tenth = max(len(levels) // 10, 1)
    quiet, loud = float(np.mean(levels[:tenth])), float(np.mean(levels[-tenth:]))
    return max(10 * float(np.log10(max(quiet, 1e-12) / loud)), QUIETEST_DB)


def _levels(path: Path) -> Iterable[np.ndarray]:
    """Mean squares of successive frames, block by block."""
    source = files.decode(path)
    frame = max(int(source.sample_rate_hz * FRAME_S), 1)
    for block in source:
        whole = len(block) // frame * frame
        if whole:
            yield np.mean(block[:whole].mean(axis=1).reshape(-1, frame) ** 2, axis=1)


@dataclass(frozen=True)
class Verdict:
    """Whether a recording makes a good voice: what is wrong, and what only could be better."""

    refusals: tuple[str, ...]
    advice: tuple[str, ...]


def judge_voice(recording: Recording) -> Verdict:
    """What speaks against making a voice of a recording: its length, level and noise."""
    refusals, advice = [], []
    if recording.duration_s <= 10:
        refusals.append(f"It is {recording.duration_s:.0f} s long; a voice needs more than 10 s.")
    if recording.loudness_lufs is None or recording.loudness_lufs < -45:
        refusals.append("It is too quiet to make out a voice. Record closer to the microphone.")
    elif recording.loudness_lufs < -32:
        advice.append("It is quiet. A louder recording gives a clearer voice.")
    if recording.true_peak_dbtp is not None and recording.true_peak_dbtp > 0.5:
        advice.append("It is clipped at its loudest. Record with less gain.")
    if recording.noise_db is not None and recording.noise_db > -18:
        advice.append("There is a lot of noise or music behind the voice. One clear voice alone works best.")
    return Verdict(tuple(refusals), tuple(advice))
