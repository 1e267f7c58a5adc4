"""The beginning of a song as an MP3 that can be played while the rest is still being rendered."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np

from studio.engine import encode
from studio.engine.master import RIDE_DB, master
from studio.engine.mix import Plot, mix_down
from studio.engine.singers import Singer

SHORTEST_S = 10.0
LONGEST_S = 18.0  # longer first sections are cut at a bar
BAR_AFTER_S = 12.0
LONGEST_SHARE = 0.6  # of the song; longer, and the song itself is soon there


def preview_end_s(plot: Plot) -> float:
    """Where the first sections with ten seconds of music end, or a bar of a long one; 0.0 when that is most
    of the song."""
    performance, score = plot.performance, plot.score
    end_s = next((end for _, _, end in performance.sections if end >= SHORTEST_S), 0.0)
    if end_s > LONGEST_S:
        bar_s = score.bar_beats * 60.0 / score.bpm
        end_s = math.ceil(BAR_AFTER_S / bar_s) * bar_s
    return end_s if end_s <= LONGEST_SHARE * performance.duration_s else 0.0


def opening(plot: Plot, end_s: float) -> Plot:
    """The players' notes and the singers' lines up to `end_s`, cut there."""
    performance = plot.performance
    tracks = tuple(
        replace(track, notes=notes)
        for track in performance.tracks
        if (notes := tuple(note for note in track.notes if note.start_s < end_s))
    )
    singers = [_until(singer, end_s) for singer in plot.singers]
    return replace(
        plot,
        performance=replace(performance, tracks=tracks, duration_s=end_s),
        singers=tuple(singer for singer in singers if singer.lines),
        cache=None,
    )


def _until(singer: Singer, end_s: float) -> Singer:
    # A line under way at the cut fades out with the music.
    return replace(singer, lines=tuple(line for line in singer.lines if line.phones[0].start_s < end_s))


def write_preview(plot: Plot, path: Path) -> float:
    """Render, mix and roughly master the opening of a song into `path`. Its seconds, 0.0 when the song is
    too short for one; then there is no file."""
    end_s = preview_end_s(plot)
    if not end_s:
        return 0.0
    part = opening(plot, end_s)
    if not part.performance.tracks and not part.singers:
        return 0.0
    mixed = mix_down(part)
    # As far under the song's loudness as the fader will be for a quiet beginning.
    energy = plot.score.section_at(0.0).energy
    audio = master(mixed.mix, plot.score.mix).audio
    audio *= np.float32(10 ** ((energy - 1.0) * RIDE_DB / 2 / 20))
    encode.write_mp3(audio, path)
    return end_s
