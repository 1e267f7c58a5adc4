"""How well the offline engine works on strangers' recordings: edits of bands and voices made of sines.

Without a pack, what needs it is left out and said to be. Figures behind each row, then seconds of processor.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.bench.uploads_synth import LEAD_S, RATE_HZ, SONGS, Truth, band, tune, voice, written

Floats = NDArray[np.floating[Any]]
WORDS = """[Verse 1]
Someone left the lamp on in the hall
Shadows of the garden climb the wall

[Chorus]
Leave it burning, leave it burning for me
I am coming home across the sea
"""


def near_bpm(found: float, wanted: float) -> str:
    """Deviation in percent, in the nearest octave."""
    off = min((found * f / wanted - 1 for f in (0.5, 1, 2)), key=abs)
    return f"bpm {found:.2f} ({off * 100:+.2f} %)"


def downbeat_ms(downbeats_s: Floats, truth: Truth, first_s: float = LEAD_S) -> float:
    """Median distance from the true bar lines."""
    off = (np.asarray(downbeats_s) - first_s + truth.bar_s / 2) % truth.bar_s - truth.bar_s / 2
    return float(np.median(off)) * 1000


def step_share(sung: Floats, truth: Truth) -> tuple[float, int]:
    """Share of the notes heard on beats one and three that are tones of the true chord, and their count."""
    from studio.engine.analysis import notes_of_voice, track_pitch

    good = []
    for note in notes_of_voice(track_pitch(np.asarray(sung, np.float32))):
        beat = (note.start_s - LEAD_S) / truth.beat_s
        off = beat % 2
        if min(off, 2 - off) * truth.beat_s < 0.12 and note.end_s - note.start_s > 0.15:
            good.append(note.pitch % 12 in truth.chord_at(LEAD_S + round(beat / 2) * 2 * truth.beat_s))
    return float(np.mean(good)) if good else 0.0, len(good)


def word_error(sung: Floats, text: str) -> str:
    """Share of wrong words by Whisper, when that pack is here."""
    from studio.engine.analysis import recognise
    from studio.engine.packs import is_ready
    from studio.engine.spec import SpecError

    if not is_ready("recognition"):
        return "words not checked (pack recognition)"
    wanted = plain(" ".join(line for line in text.splitlines() if not line.startswith("[")))
    try:
        found = plain(" ".join(w.text for w in recognise(np.asarray(sung, np.float32), "en")))
    except SpecError:
        found = []
    return f"word error {edits(wanted, found) / len(wanted):.2f}"


def plain(text: str) -> list[str]:
    return "".join(c for c in text.casefold() if c.isalnum() or c.isspace()).split()


def edits(one: Sequence[str], two: Sequence[str]) -> int:
    row = list(range(len(two) + 1))
    for i, a in enumerate(one, 1):
        last, row[0] = row[0], i
        for j, b in enumerate(two, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (a != b))
    return row[-1]


def lufs(sound: Floats) -> float:
    from studio.engine.loudness import loudness_lufs

    return float(loudness_lufs(np.asarray(sound, np.float32).T))


def join_figures(sound: Floats, at_s: float, bar_s: float) -> str:
    """Level step and spectral distance of two bars on both sides of a join, and how sharp the join is beside
    the sharpest moments of the rest."""
    from studio.engine.uploads import tone

    at, width = round(at_s * RATE_HZ), round(2 * bar_s * RATE_HZ)
    before, after = (
        np.asarray(x, np.float32) for x in (sound[:, at - width : at], sound[:, at : at + width])
    )
    one, two = tone.spectrum_db(before)[2:25], tone.spectrum_db(after)[2:25]
    gap = (two - two.mean()) - (one - one.mean())
    bend = np.abs(np.diff(sound, 3, axis=1)).max(axis=0)
    reach = round(0.045 * RATE_HZ)
    sharp = bend[at - reach : at + 4].max() / np.percentile(bend[max(0, at - 4 * width) : at - reach], 99.95)
    block = round(0.05 * RATE_HZ)
    power = [float((sound[:, i : i + block] ** 2).mean()) for i in range(at - width, at + width, block)]
    here = float((sound[:, at - block : at] ** 2).mean())
    dip = 10 * np.log10((here + 1e-12) / (np.percentile(power, 10) + 1e-12))
    return (
        f"step {lufs(after) - lufs(before):+.1f} LU, spectrum {np.abs(gap).mean():.1f} dB, "
        f"sharpness {sharp:.2f}, dip over quietest tenth {dip:+.1f} dB"
    )


def finish(done: Any) -> str:
    return f"{done.loudness_lufs:.1f} LUFS, {done.true_peak_dbtp:.1f} dBTP"


def add_vocals(path: Path, truth: Truth, out: Path) -> str:
    from studio.engine import uploads
    from studio.engine.analysis import analyse, load

    done = uploads.add_vocals(path, out, WORDS, "pop, female vocals", 3)
    sung, mix = load(done.paths["vocals"]), load(done.paths["flac"])
    again = analyse(mix)
    share, count = step_share(sung, truth)
    source = done.facts["source"]
    backing = load(path)
    on = np.abs(sung).max(axis=0) > 0.01
    balance = lufs(sung[:, on]) - lufs(backing[:, on])
    return (
        f"{near_bpm(source['bpm'], truth.bpm)}, after {near_bpm(again.bpm, truth.bpm)}, "
        f"downbeat {downbeat_ms(again.downbeats_s, truth):+.0f} ms, key {source['key']} ({truth.key}), "
        f"strong chord tones {share:.2f} of {count} (by score {done.facts['strong_chord_tone_share']:.2f}), "
        f"{word_error(sung, WORDS)}, voice {balance:+.1f} LU, {finish(done)} (was {lufs(backing):.1f})"
    )


def accompanied(name: str, path: Path, truth: Truth, out: Path) -> str:
    """add_instrumental or cover on a voice alone."""
    from studio.engine import uploads
    from studio.engine.analysis import analyse, load

    done = getattr(uploads, name)(path, out, "folk, acoustic guitar", 3)
    source = done.facts["source"]
    sung, played, own = load(done.paths["vocals"]), load(done.paths["accompaniment"]), load(path)
    length = min(own.shape[1], sung.shape[1])
    gain = (own[:, :length] * sung[:, :length]).sum() / (own[:, :length] ** 2).sum()
    rest = sung[:, :length] - gain * own[:, :length]
    kept = 10 * np.log10((gain * own[:, :length]).var() / max(1e-12, rest.var()))
    band_ = analyse(played)
    return (
        f"{near_bpm(source['bpm'], truth.bpm)}, band {near_bpm(band_.bpm, truth.bpm)}, "
        f"downbeat {downbeat_ms(np.array([source['first_downbeat_s']]), truth):+.0f} ms, "
        f"key {source['key']} ({truth.key}), tune on chords {fit(source['chords'], truth):.2f} "
        f"(on the true ones {fit(None, truth):.2f}), voice kept {kept:.0f} dB, {finish(done)}"
    )


def fit(chords: Sequence[Sequence[Any]] | None, truth: Truth) -> float:
    """Share of the sung time of the truth's tune that lies on tones of the chords."""
    from studio.engine.theory import QUALITIES

    names = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
    good = total = 0.0
    for start, end, pitch in tune(truth):
        for piece, after in pairwise(np.linspace(start, end, 9)):
            now = (piece + after) / 2
            if chords is None:
                tones = truth.chord_at(now)
            else:
                symbol = next((str(c[2]) for c in chords if c[0] <= now < c[1]), "")
                if not symbol:
                    continue
                flat = symbol[1:2] in ("b", "♭")
                sharp = symbol[1:2] in ("#", "♯")
                root = names[symbol[0]] - flat + sharp
                tones = frozenset((root + s) % 12 for s in QUALITIES[symbol[1 + (flat or sharp) :]])
            good += (pitch % 12 in tones) * (after - piece)
            total += after - piece
    return good / total if total else 0.0


def extend(path: Path, truth: Truth, out: Path) -> str:
    from studio.engine import uploads
    from studio.engine.analysis import analyse, load

    done = uploads.extend(path, out, tags="pop", duration_s=20.0, seed=2)
    mix, at_s = load(done.paths["flac"]), done.facts["continued_at_s"]
    at = round(at_s * RATE_HZ)
    before, after = analyse(mix[:, :at]), analyse(mix[:, at:])
    line = downbeat_ms(after.downbeats_s + at_s, truth)
    return (
        f"bpm {before.bpm:.2f} | {after.bpm:.2f}, bar lines after {line:+.0f} ms, "
        f"key {before.key.name} | {after.key.name}, {join_figures(mix, at_s, truth.bar_s)}, {finish(done)}"
    )


def concat(paths: Sequence[Path], out: Path) -> str:
    from studio.engine import uploads
    from studio.engine.analysis import load

    done = uploads.concat(paths, out)
    mix = load(done.paths["flac"])
    join = done.facts["joins_s"][0] + 60.0 / SONGS[0].bpm
    return f"join at {join:.2f} s: {join_figures(mix, join, SONGS[0].bar_s)}, {finish(done)}"


def remaster(path: Path, out: Path) -> str:
    from studio.engine import uploads

    done = uploads.remaster(path, out, "pop", loudness=-12.0)
    return f"wanted -12.0 LUFS: {finish(done)}, {done.facts['before']} -> {done.facts['after']}"


def stems(path: Path, truth: Floats, out: Path) -> str:
    from studio.engine import uploads
    from studio.engine.analysis import load

    done = uploads.stems(path, out, 2)
    found = load(done.paths["vocals"])
    length = min(found.shape[1], truth.shape[1])
    wanted, rest = truth[:, :length], found[:, :length] - truth[:, :length]
    return f"vocal SDR {10 * np.log10((wanted**2).sum() / (rest**2).sum()):.1f} dB"


def refused(path: Path, out: Path) -> str:
    from studio.engine import uploads
    from studio.engine.spec import SpecError

    try:
        uploads.stems(path, out, 12)
    except SpecError as error:
        return f"refused: {error}"
    return "NOT REFUSED"


def sample(path: Path, truth: Truth, out: Path) -> str:
    from studio.engine import uploads
    from studio.engine.analysis import analyse, load

    wanted = round(truth.bpm * 0.93)
    done = uploads.sample(path, out, tags=f"hip-hop, {wanted} bpm", duration_s=20.0, seed=4)
    again = analyse(load(done.paths["flac"]))
    return (
        f"wanted {wanted}: {near_bpm(again.bpm, wanted)}, key {again.key.name} ({truth.key}), {finish(done)}"
    )


def mashup(sung: Path, played: Path, out: Path) -> str:
    from studio.engine import uploads
    from studio.engine.analysis import analyse, load

    done = uploads.mashup(sung, played, out)
    again = analyse(load(done.paths["flac"]))
    moved = f"{done.facts['semitones']:+d} semitones, speed {done.facts['speed']:.2f}"
    return f"{moved}, {near_bpm(again.bpm, SONGS[0].bpm)}, {finish(done)}"


def row(name: str, work: Callable[..., str], *about: Any) -> None:
    from studio.engine.spec import EngineUnavailable, SpecError

    begun = time.process_time()
    try:
        told = work(*about)
    except EngineUnavailable as error:
        told = f"left out: {error}"
    except SpecError as error:
        told = f"REFUSED: {error}"
    print(f"{name:28}{time.process_time() - begun:6.1f} s  {told}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.uploads", description=__doc__)
    parser.add_argument("only", nargs="*", help="operations to run; all when none is named")
    only = parser.parse_args().only
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    print("\nuploads: edits of recordings made of sines; processor seconds, then figures")

    def wanted(name: str) -> bool:
        return not only or name in only

    with tempfile.TemporaryDirectory(prefix="ostinato-bench-") as folder:
        work = Path(folder)
        bands = [written(work / f"band {t.name}.wav", band(t)) for t in SONGS]
        voices = [written(work / f"voice {t.name}.wav", voice(tune(t))) for t in SONGS]
        for number, (truth, path, sung) in enumerate(zip(SONGS, bands, voices, strict=True)):
            out = work / str(number)
            if wanted("add_vocals"):
                row(f"add_vocals {truth.name}", add_vocals, path, truth, out / "a")
            for name in ("add_instrumental", "cover"):
                if wanted(name):
                    row(f"{name} {truth.name}", accompanied, name, sung, truth, out / name)
            if wanted("extend"):
                row(f"extend {truth.name}", extend, path, truth, out / "e")
        if wanted("concat"):
            row("concat", concat, bands[:2], work / "c")
        if wanted("remaster"):
            row("remaster", remaster, bands[1], work / "r")
        if wanted("sample"):
            row("sample", sample, bands[0], SONGS[0], work / "s")
        one, two = band(SONGS[2]), voice(tune(SONGS[2]))
        length = min(one.shape[1], two.shape[1])
        song = written(work / "song.wav", one[:, :length] * 0.5 + two[:, :length])
        if wanted("stems"):
            row("stems 2", stems, song, two, work / "2")
            row("stems 12", refused, song, work / "12")
        if wanted("mashup"):
            row("mashup", mashup, song, bands[0], work / "m")


if __name__ == "__main__":
    main()
