"""One song of the gates: rendered, then every figure that a demand is made of."""

from __future__ import annotations

import hashlib
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from studio.engine import quality
from studio.engine.gates.genre import Features, audio_features
from studio.engine.perform import Performance, perform
from studio.engine.pipeline import render
from studio.engine.quality.sound import level_db
from studio.engine.quality.words import timeline_faults
from studio.engine.score import Score, from_json
from studio.engine.spec import SAMPLE_RATE_HZ, Song, SongSpec

Audio = NDArray[np.float32]
Row = dict[str, float | None]
MUTE_DB = -45.0  # a word this far under the voice's mean is not sung
LONG_SONG_S = 200.0
DRUMS_SHARE = 0.5  # of the song with drums in it, from which a tracker must find the tempo


@dataclass(frozen=True)
class Rendered:
    """A song on disk, and what making it cost."""

    song: Song
    folder: Path
    wall_s: float
    cpu_s: float
    peak_mib: float

    @property
    def score(self) -> Score:
        return from_json(self.song.paths.score.read_text(encoding="utf-8"))


def make(spec: SongSpec, folder: Path) -> Rendered:
    """Render with stems. Run in a process of its own, for the memory to be the song's."""
    begun, begun_cpu = time.perf_counter(), time.process_time()
    song = render(spec, folder, stems=True)
    wall_s, cpu_s = time.perf_counter() - begun, time.process_time() - begun_cpu
    return Rendered(song, folder, wall_s, cpu_s, peak_mib())


def peak_mib() -> float:
    """The most memory this process has held, MiB. Linux counts in KiB, macOS in bytes."""
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def fingerprint(song: Song) -> str:
    """Hash of the samples of the lossless file."""
    samples, _ = soundfile.read(song.paths.flac, dtype="int32")
    return hashlib.sha256(samples.tobytes()).hexdigest()


def read(path: Path) -> Audio:
    """A sound file as float32 (2, samples)."""
    audio, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    if rate_hz != SAMPLE_RATE_HZ:
        raise ValueError(f"{path.name} has {rate_hz} samples a second")
    both = np.repeat(audio, 2, axis=1) if audio.shape[1] == 1 else audio
    return np.ascontiguousarray(both.T)


def read_stems(folder: Path) -> dict[str, Audio]:
    """The stems of a take by name."""
    return {path.stem: read(path) for path in sorted((folder / "stems").glob("*.flac"))}


def measure(made: Rendered) -> tuple[Row, list[str], Features]:
    """(figures, faults in words, features for the classifier) of what needs no recogniser."""
    score, mix, stems = made.score, read(made.song.paths.flac), read_stems(made.folder)
    performance = perform(score)
    faults = timeline_faults(score, made.song.timeline, made.song.duration_s)
    row: Row = {
        **_cost(made),
        **_sound(made.song, score, mix),
        **_stems(mix, stems),
        **_paper(score),
        "bpm_off": bpm_off(score, mix),
        "timeline_faults": float(len(faults)) if score.vocals else None,
        "lift_lu": quality.lift_lu(mix, _kinds(score, performance)),
    }
    return row, faults, audio_features(mix)


def _cost(made: Rendered) -> Row:
    seconds = made.song.duration_s
    return {
        # Both are at least what an idle machine needs: other people's load adds to the wall clock, threads
        # side by side add to the processor's.
        "realtime_factor": min(made.wall_s, made.cpu_s) / seconds,
        "cpu_s": made.cpu_s,
        "wall_s": made.wall_s,
        "duration_s": seconds,
        "peak_mib": made.peak_mib,
        "long_peak_mib": made.peak_mib if seconds >= LONG_SONG_S else None,
    }


def _sound(song: Song, score: Score, mix: Audio) -> Row:
    mp3 = read(song.paths.mp3)
    low_db, presence_db = quality.spectrum_against(mix, score.mix)
    return {
        "loudness_lufs": quality.loudness(mix),
        "true_peak_dbtp": quality.true_peak_dbtp(mix),
        "mp3_loudness_lufs": quality.loudness(mp3),
        "mp3_true_peak_dbtp": quality.true_peak_dbtp(mp3),
        "longest_silence_s": quality.longest_silence_s(mix, song.sections[-1][2]),
        "clipped_samples": float(quality.clipped_samples(mix) + quality.clipped_samples(mp3)),
        "dc_offset": quality.dc_offset(mix),
        "not_finite_samples": float(quality.not_finite_samples(mix)),
        "low_off_db": low_db,
        "presence_off_db": presence_db,
    }


def _stems(mix: Audio, stems: dict[str, Audio]) -> Row:
    return {
        "stem_residual_db": quality.stem_residual_db(mix, stems.values()),
        "lead_lu": quality.lead_over_backing_lu(stems),
        "clarity_db": quality.clarity_db(stems),
    }


def _paper(score: Score) -> Row:
    return {
        "chord_tone_share": quality.chord_tone_share(score),
        "melody_range": float(quality.melody_range(score)),
        "zigzag_share": quality.zigzag_share(score),
        "chorus_density": quality.chorus_density(score),
        "fill_share": quality.fill_share(score),
    }


def _kinds(score: Score, performance: Performance) -> list[tuple[str, float, float]]:
    spans = zip(score.sections, performance.sections, strict=True)
    return [(section.kind, start_s, end_s) for section, (_, start_s, end_s) in spans]


def bpm_off(score: Score, mix: Audio) -> float | None:
    """How far the tempo that the studio's own tracker finds lies from the score's, as a share, half and
    double time allowed; None where drums play in less than half of the song."""
    from studio.engine.analysis.onsets import find_onsets
    from studio.engine.analysis.tempo import find_pulse

    if not _drums_play(score):
        return None
    found = find_pulse(find_onsets(mix.mean(axis=0))).bpm
    # The score counts quarters; in 6/8 the foot taps dotted ones.
    pulse = score.bpm / 1.5 if score.meter == "6/8" else score.bpm
    return min(abs(found * factor / beat - 1.0) for factor in (0.5, 1.0, 2.0) for beat in {pulse, score.bpm})


def _drums_play(score: Score) -> bool:
    beats = {
        int(note.start_beat)
        for track in score.tracks
        if track.role in ("drums", "kick")
        for note in track.notes
    }
    return len(beats) >= DRUMS_SHARE * score.length_beats


def silent_words(voice: Audio, words: Sequence[tuple[float, float]]) -> int:
    """Sung words (start_s, end_s) in which `voice`, (samples,) or (2, samples), has no sound to speak of."""
    if not words:
        return 0
    mean_db = level_db(voice, 0.0, voice.shape[-1] / SAMPLE_RATE_HZ)
    return sum(level_db(voice, start_s, end_s) < mean_db + MUTE_DB for start_s, end_s in words)
