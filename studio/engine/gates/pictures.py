"""`python -m studio.engine.gates.pictures FOLDER`: a take as a picture, to see what the figures mean."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.engine.perform import Performance, perform
from studio.engine.quality.pitch import track_pitch
from studio.engine.score import Score, from_json
from studio.engine.spec import SAMPLE_RATE_HZ

FRAME, HOP = 2048, 512
TOP_HZ, FLOOR_DB = 10_000.0, -80.0
STEM_COLOURS = {
    "drums": "0.75", "percussion": "0.8", "bass": "tab:brown", "guitar": "tab:orange", "keyboard": "tab:blue",
    "strings": "tab:purple", "synth": "tab:cyan", "brass": "tab:olive", "woodwinds": "tab:green", "fx": "0.6",
    "backing vocals": "tab:pink", "vocals": "tab:red",
}  # fmt: skip


def draw(folder: Path, start_s: float, seconds: float, target: Path) -> None:
    """A part of the take in `folder` as PNG: spectrogram, piano roll, the voice's pitch over its notes.

    The pitch curve needs stems/vocals.flac. Raises FileNotFoundError when the folder holds no take and
    ModuleNotFoundError without matplotlib (extra "test").
    """
    import soundfile
    from matplotlib.figure import Figure

    score = from_json((folder / "score.json").read_text(encoding="utf-8"))
    performance = perform(score)
    end_s = start_s + seconds
    mix, _ = soundfile.read(folder / "mix.flac", dtype="float32", always_2d=True)
    figure = Figure(figsize=(max(10.0, seconds * 0.9), 13.0), layout="constrained")
    upper, middle, lower = figure.subplots(3, 1, sharex=True, height_ratios=(1.0, 1.3, 1.3))
    _spectrogram(upper, mix.mean(axis=1), start_s, end_s)
    _piano_roll(middle, score, performance, start_s, end_s)
    voice = folder / "stems" / "vocals.flac"
    if voice.exists():
        sound, _ = soundfile.read(voice, dtype="float32", always_2d=True)
        _voice(lower, sound.mean(axis=1), performance, start_s, end_s)
    lower.set_xlim(start_s, end_s)
    lower.set_xlabel("seconds")
    upper.set_title(f"{score.title}: {score.style}, {score.key}, {score.bpm:g} bpm")
    figure.savefig(target, dpi=80)


def _spectrogram(axes: Any, mono: NDArray[np.float32], start_s: float, end_s: float) -> None:
    part = mono[round(start_s * SAMPLE_RATE_HZ) : round(end_s * SAMPLE_RATE_HZ)]
    if len(part) < FRAME:
        return
    frames = np.lib.stride_tricks.sliding_window_view(part, FRAME)[::HOP] * np.hanning(FRAME)
    top = round(TOP_HZ / SAMPLE_RATE_HZ * FRAME)
    level_db = 20 * np.log10(np.abs(np.fft.rfft(frames, axis=1))[:, :top].T + 1e-6)
    axes.imshow(
        level_db - level_db.max(),
        origin="lower",
        aspect="auto",
        extent=(start_s, end_s, 0.0, TOP_HZ / 1000),
        vmin=FLOOR_DB,
        cmap="magma",
    )
    axes.set_ylabel("kHz")


def _piano_roll(axes: Any, score: Score, performance: Performance, start_s: float, end_s: float) -> None:
    rows = [(track.instrument.stem, note) for track in performance.tracks for note in track.notes]
    rows += [
        ("vocals" if line.part == "lead" else "backing vocals", note)
        for line in performance.lines
        for note in line.notes
    ]
    for stem in STEM_COLOURS:
        notes = [n for name, n in rows if name == stem and n.end_s > start_s and n.start_s < end_s]
        if notes:
            axes.barh(
                [n.pitch for n in notes],
                [n.end_s - n.start_s for n in notes],
                left=[n.start_s for n in notes],
                color=STEM_COLOURS[stem],
                label=stem,
                height=0.8,
            )
    for section, (name, begin_s, _) in zip(score.sections, performance.sections, strict=True):
        if start_s <= begin_s < end_s:
            axes.axvline(begin_s, color="black", linewidth=0.8)
            axes.annotate(f" {name} ({section.energy:.2f})", (begin_s, 100))
    axes.set_ylim(24, 104)
    axes.set_ylabel("MIDI pitch")
    axes.legend(loc="upper right", ncols=6, fontsize="small")


def _voice(
    axes: Any, mono: NDArray[np.float32], performance: Performance, start_s: float, end_s: float
) -> None:
    track = track_pitch(mono)
    for line in performance.lines:
        if line.part != "lead":
            continue
        for note in line.notes:
            axes.hlines(note.pitch, note.start_s, note.end_s, color="tab:red", linewidth=7, alpha=0.35)
    axes.plot(track.times_s, track.midi, color="black", linewidth=1.0)
    seen = [n.pitch for line in performance.lines for n in line.notes if start_s <= n.start_s < end_s]
    if seen:
        axes.set_ylim(min(seen) - 5, max(seen) + 5)
    for word in performance.words:
        if start_s <= word.start_s < end_s:
            text = word.text.split("]")[-1].strip()
            axes.annotate(text, (word.start_s, axes.get_ylim()[0] + 0.5), fontsize="small")
    axes.set_ylabel("sung pitch")


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes FOLDER/picture.png, or where --to says."""
    parser = argparse.ArgumentParser(prog="python -m studio.engine.gates.pictures", description=__doc__)
    parser.add_argument("folder", type=Path, help="a take: mix.flac, score.json, stems/vocals.flac")
    parser.add_argument("--start", type=float, default=0.0, help="seconds")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--to", type=Path)
    asked = parser.parse_args(arguments)
    if not (asked.folder / "score.json").exists():
        parser.error(f"{asked.folder} holds no take: score.json is missing")
    target = asked.to or asked.folder / "picture.png"
    draw(asked.folder, asked.start, asked.seconds, target)
    print(target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
