"""The folder of a take: what its files are called, how they are written, and how to open it again.

mix.mp3 and mix.flac (24 bit; mix.wav is as good), song.mid, notes.json (the API's MIDI answer),
timeline.json, score.json, master.npz (what mastering did) and, when they were kept, stems/NAME.flac or .wav
(24 bit).
"""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.engine.assets import require_engine
from studio.engine.mastering import Mastering
from studio.engine.perform import Performance, perform
from studio.engine.score import STEMS, Score, from_json
from studio.engine.singers import Cast, cast
from studio.engine.spec import SongPaths, SpecError, TimedWord

Audio = NDArray[np.float32]
FILES = {
    "mp3": "mix.mp3",
    "flac": "mix.flac",
    "midi": "song.mid",
    "score": "score.json",
    "timeline": "timeline.json",
    "notes": "notes.json",
    "master": "master.npz",
}
LOSSLESS = (".flac", ".wav")
STEM_FOLDER = "stems"
PREVIEW = "preview.mp3"


@dataclass(frozen=True)
class StoredTake:
    """A take of one's own, from its folder. Everything is read or made when it is asked for."""

    folder: Path

    @cached_property
    def score(self) -> Score:
        try:
            return from_json((self.folder / FILES["score"]).read_text(encoding="utf-8"))
        except (ValueError, KeyError, TypeError) as error:
            raise SpecError(
                f"The score of this take ({self.folder.name}) cannot be read; it may be of an older version. "
                "Render the song again."
            ) from error

    @cached_property
    def cast(self) -> Cast:
        """The performance and its singers, made again from the score. Deterministic."""
        return cast(self.score, perform(self.score))

    @property
    def performance(self) -> Performance:
        """As it was played and sung, in seconds."""
        return self.cast.performance

    @cached_property
    def mastering(self) -> Mastering:
        """What mastering did. Raises SpecError when it was not kept."""
        return load_mastering(self.folder / FILES["master"])

    def audio(self) -> Audio:
        """The mastered mix, float32 (2, samples) at 44.1 kHz, as exact as 24 bits are."""
        from studio.engine.encode import read_audio

        return read_audio(mix_path(self.folder))

    def stem_names(self) -> tuple[str, ...]:
        """The stems that sound, in the order of score.STEMS."""
        kept = self._kept()
        if kept:
            return tuple(name for name in STEMS if name in kept)
        from studio.engine.mix import stem_of

        names = {stem_of(track) for track in self.performance.tracks}
        names |= {singer.stem for singer in self.cast.singers}
        return tuple(name for name in STEMS if name in names)

    def stem(self, name: str) -> Audio:
        """One mastered stem, float32 (2, samples): from disk if it was kept, otherwise rendered again by the
        same code with the same settings. All stems sum to the mix. Raises SpecError for one the song lacks.
        """
        from studio.engine.encode import read_audio
        from studio.engine.mix import Plot, mix_down

        if name not in self.stem_names():
            raise SpecError(f"This song has no stem {name!r}. It has: {', '.join(self.stem_names())}.")
        kept = self._kept()
        if name in kept:
            return read_audio(kept[name])
        found: list[Audio] = []
        plot = Plot(self.score, self.performance, require_engine(), self.cast.singers, self.mastering.balance)
        mixed = mix_down(plot, only=(name,), on_stem=lambda _, audio: found.append(audio))
        return self.mastering.apply(found[0] if found else mixed.mix)

    def _kept(self) -> dict[str, Path]:
        kept = sorted((self.folder / STEM_FOLDER).glob("*.*"))
        return {path.stem: path for path in kept if path.suffix in LOSSLESS}


def mix_path(folder: Path) -> Path:
    """The lossless mix of a take's folder, as FLAC or as WAV; the FLAC's place when there is neither."""
    flac = folder / FILES["flac"]
    found = (flac.with_suffix(suffix) for suffix in LOSSLESS)
    return next((path for path in found if path.is_file()), flac)


@contextmanager
def hidden_folder(out: Path) -> Iterator[Path]:
    """A folder beside the files of `out`, removed in the end; `out` too when it is new and stays empty."""
    is_new = not out.exists()
    out.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".work-", dir=out))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)
        if is_new and not any(out.iterdir()):
            out.rmdir()


def open_take(folder: Path) -> StoredTake:
    """The take in `folder`. Raises SpecError when there is none."""
    for path in (folder / FILES["score"], mix_path(folder), folder / FILES["master"]):
        if not path.is_file():
            raise SpecError(f"{folder} holds no take of ours: {path.name} is missing.")
    return StoredTake(folder)


def save_mastering(mastering: Mastering, path: Path) -> None:
    """Keep a mastering as a compressed file of numpy arrays."""
    np.savez_compressed(
        path,
        sections=mastering.sections,
        gain=mastering.gain,
        levels=np.array([mastering.level_db, mastering.glue_level]),
        balance_names=np.array(list(mastering.balance), dtype=np.str_),
        balance=np.array(list(mastering.balance.values()), np.float64),
    )


def load_mastering(path: Path) -> Mastering:
    """The inverse of `save_mastering`. Raises SpecError."""
    try:
        with np.load(path, allow_pickle=False) as file:
            names = [str(name) for name in file["balance_names"]]
            return Mastering(
                file["sections"],
                file["gain"],
                float(file["levels"][0]),
                float(file["levels"][1]),
                dict(zip(names, file["balance"].tolist(), strict=True)),
            )
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise SpecError(f"{path.name} of this take is missing or damaged. Render the song again.") from error


def write_timeline(words: tuple[TimedWord, ...], path: Path) -> None:
    """The words with their times: a list of {word, start_s, end_s}."""
    rows = [{"word": w.text, "start_s": w.start_s, "end_s": w.end_s} for w in words]
    path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")


def paths_of(folder: Path, stems: tuple[str, ...] = ()) -> SongPaths:
    """Where the files of a take in `folder` are."""
    return SongPaths(
        **{key: folder / name for key, name in FILES.items()},
        stems={name: stem_path(folder, name) for name in stems},
    )


def stem_path(folder: Path, name: str) -> Path:
    return folder / STEM_FOLDER / f"{name}.flac"
