"""From dry tracks to stems and their sum: level, place, tone and room for each role."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.signal import sosfilt

from studio.engine import fx
from studio.engine.perform import Performance, PlayedTrack
from studio.engine.sampler import render_track
from studio.engine.score import Score
from studio.engine.spec import SAMPLE_RATE_HZ
from studio.engine.synths import render_synth


@dataclass(frozen=True)
class Channel:
    """`level_lu` is the loudness of the playing parts relative to the drums; `room_db` the reverb send."""

    level_lu: float
    place: float = 0.0
    low_cut_hz: float = 90.0
    tone: tuple[tuple[str, float, float, float], ...] = ()
    room_db: float = -16.0
    width: float = 0.0
    drive: float = 0.0
    squeeze: float = 1.0
    ducked: float = 0.0


# A dip where the lead lives, for everything that plays chords.
SPACE = ("peak", 2400.0, -2.5, 0.8)
MUD = ("peak", 320.0, -2.5, 0.9)
CHANNELS: dict[str, Channel] = {
    "drums": Channel(0.0, 0, 28, (("peak", 380, -3.0, 0.9), ("high", 7000, 2.0, 0.7)), -21, 0.0, 0.0, 2.2),
    "kick": Channel(-3.0, 0, 28, (), -60),
    "percussion": Channel(-8.5, 0.35, 300, (("high", 8000, 1.5, 0.7),), -16, 0.3),
    "bass": Channel(
        -2.0, 0, 32, (("peak", 240, -2.0, 0.9), ("peak", 900, 2.0, 0.9)), -40, 0.0, 1.1, 2.6, 0.25
    ),
    "keys": Channel(-5.0, -0.22, 110, (MUD, SPACE), -17, 0.25, 0.0, 1.6, 0.15),
    "guitar": Channel(-5.0, 0.42, 110, (MUD, SPACE, ("high", 6000, 1.5, 0.7)), -18, 0.1, 0.0, 1.8),
    "guitar 2": Channel(-6.0, -0.45, 120, (MUD, SPACE), -18, 0.1, 0.0, 1.8),
    "riff": Channel(-6.5, -0.35, 120, (SPACE,), -15, 0.1),
    "pad": Channel(-8.0, 0.0, 150, (MUD, SPACE), -13, 0.5, 0.0, 1.0, 0.35),
    "strings": Channel(-7.0, -0.12, 150, (MUD, SPACE), -13, 0.45, 0.0, 1.2, 0.15),
    "arp": Channel(-8.5, 0.3, 200, (SPACE,), -13, 0.4, 0.0, 1.0, 0.3),
    "brass": Channel(-6.5, 0.25, 140, (MUD, SPACE), -16, 0.25, 0.0, 1.6),
    "counter": Channel(-8.5, -0.4, 200, (SPACE,), -13, 0.2),
    "ostinato": Channel(-7.0, 0.25, 150, (MUD, SPACE), -14, 0.3),
    "supersaw": Channel(-5.0, 0.0, 160, (MUD, ("peak", 2400, -2.0, 0.8)), -15, 0.25, 0.0, 1.4, 0.45),
    "harmony": Channel(-8.0, -0.18, 160, (), -14, 0.35),
    "double": Channel(-10.0, 0.22, 160, (), -14, 0.3),
    "hook": Channel(-6.0, 0.2, 150, (), -13, 0.2),
    "riser": Channel(-10.0, 0.0, 200, (), -14, 0.5),
    "lead": Channel(
        0.0,
        0.0,
        110,
        (("peak", 350, -1.5, 0.9), ("peak", 2800, 2.0, 0.8), ("high", 8000, 1.5, 0.7)),
        -15,
        0.06,
        0.0,
        2.4,
    ),
}
GUEST = Channel(-6.5, -0.3, 130, (MUD, SPACE), -15, 0.2, 0.0, 1.3)


@dataclass(frozen=True)
class Board:
    """What a mix profile changes: the room, shifts of level and room in decibels by role, ducking."""

    room: str
    room_db: float = 0.0
    levels_lu: tuple[tuple[str, float], ...] = ()
    ducking: float = 0.0
    top_hz: float = 0.0
    lead_over_backing_lu: float = -2.0
    echo: float = 0.3


BOARDS: dict[str, Board] = {
    "pop": Board("plate", 0.0, ducking=0.4),
    "rock": Board(
        "room",
        -1.0,
        (("guitar", 3.0), ("guitar 2", 2.5), ("bass", -0.5)),
        lead_over_backing_lu=-1.6,
        echo=0.2,
    ),
    "wide": Board("hall", 1.0, (("pad", 2.5), ("arp", 1.5)), ducking=0.5),
    "natural": Board("room", 0.0, (("drums", -3.5), ("keys", 1.5), ("guitar", 1.5), ("bass", 0.5)), echo=0.0),
    "warm": Board("plate", -1.5, (("bass", 0.8), ("keys", 1.0), ("drums", -0.5)), echo=0.15),
    "beat": Board("room", 0.0, (("bass", 1.5), ("kick", 1.5)), ducking=0.5, echo=0.25),
    "lofi": Board("room", 1.0, (("drums", -1.5), ("keys", 2.0)), ducking=0.7, top_hz=9500, echo=0.2),
    "club": Board("plate", 0.0, (("kick", 3.0), ("bass", 1.0), ("supersaw", 1.0)), ducking=1.6, echo=0.35),
    "hall": Board(
        "hall", 2.0, (("drums", -5.0), ("strings", 3.5), ("brass", 1.5), ("ostinato", 1.0)), echo=0.0
    ),
}


@dataclass
class Mixed:
    """The sum before mastering and, when asked for, its parts by stem name. All (2, samples) float32."""

    mix: np.ndarray
    stems: dict[str, np.ndarray]
    lead_lu: float


def mix_down(
    score: Score, performance: Performance, bank: Path, *, keep_stems: bool = False,
    on_step: Callable[[float], None] | None = None, on_mixing: Callable[[], None] | None = None,
) -> Mixed:  # fmt: skip
    """Render and mix every track. Without `keep_stems` only the running sum is held in memory.

    The lead comes last, because its level is set against what it has to stand out from. `on_step` hears the
    share of tracks done, `on_mixing` that only rooms and echoes are left.
    """
    samples = round(performance.duration_s * SAMPLE_RATE_HZ)
    bus = _Bus(samples, BOARDS[score.mix], 60.0 / score.bpm, keep_stems)
    ordered = sorted(performance.tracks, key=lambda track: track.role == "lead")
    lead_lu = 0.0
    for number, (track, dry) in enumerate(_dry_tracks(score, ordered, bank, samples)):
        channel = CHANNELS.get(track.role, GUEST)
        wet = _process(dry, channel, bus.board, performance, _top_hz(track, bus.board))
        if track.role == "lead":
            level, lead_lu = _lead_gain(wet, bus)
        else:
            level = _gain(wet, channel.level_lu + dict(bus.board.levels_lu).get(track.role, 0.0))
        bus.add(track, fx.pan(wet * np.float32(level), channel.place), channel)
        if on_step:
            on_step((number + 1) / len(ordered))
    if on_mixing:
        on_mixing()
    return bus.finish(lead_lu)


def _dry_tracks(
    score: Score, tracks: list[PlayedTrack], bank: Path, samples: int
) -> Iterator[tuple[PlayedTrack, np.ndarray]]:
    for track in tracks:
        if track.instrument.synth:
            yield track, render_synth(track, samples, score.seed)
        else:
            yield track, render_track(track, bank, samples, score.seed)


def _top_hz(track: PlayedTrack, board: Board) -> float:
    """Where the highs end, 0 for nowhere. Driven guitars go through a cabinet, which the bank's lack."""
    if track.instrument.name in DRIVEN:
        return min(CABINET_HZ, board.top_hz or CABINET_HZ)
    return board.top_hz


def _process(
    dry: np.ndarray, channel: Channel, board: Board, performance: Performance, top_hz: float
) -> np.ndarray:
    sections = [fx.high_pass(channel.low_cut_hz), *(fx.biquad(k, hz, db, q) for k, hz, db, q in channel.tone)]
    if top_hz:
        # Twice, as steep as a loudspeaker falls off.
        sections += [fx.low_pass(top_hz)] * 2
    sound = fx.equalise(dry, sections)
    if channel.drive:
        sound = fx.saturate(sound, channel.drive)
    if channel.squeeze > 1.0:
        sound = fx.compress(sound, -9.0, channel.squeeze, attack_s=0.012, release_s=0.12)
    depth = min(0.85, channel.ducked * board.ducking)
    if depth > 0.02:
        sound = sound * fx.duck(sound.shape[1], performance.kicks_s, depth, 0.26)
    return fx.widen(sound, channel.width)


def playing_loudness(signal: np.ndarray) -> float:
    """Loudness in LUFS of the parts where the track plays: K-weighted 0.4 s blocks, the quiet ones left
    out."""
    step = 2
    mono = signal.mean(axis=0)[::step]
    weighted = sosfilt(_k_weighting(SAMPLE_RATE_HZ // step), mono)
    block = round(0.4 * SAMPLE_RATE_HZ / step)
    power = (weighted[: len(weighted) // block * block].reshape(-1, block) ** 2).mean(axis=1)
    # Two channels of the same signal count twice in BS.1770.
    level = -0.691 + 10 * np.log10(2 * power + 1e-12)
    loud = level[level > max(-60.0, float(level.max(initial=-120.0)) - 20.0)]
    return float(10 * np.log10(np.mean(10 ** (loud / 10)))) if len(loud) else -120.0


def _k_weighting(rate_hz: int) -> np.ndarray:
    """The shelf and high-pass of BS.1770, near enough at half the sample rate to balance tracks by."""
    scale = SAMPLE_RATE_HZ / rate_hz
    shelf = fx.biquad("high", min(9000.0, 1500.0 * scale), 4.0, 0.707)
    cut = fx.high_pass(38.0 * scale)
    return np.vstack([shelf, cut])


REFERENCE_LUFS = -20.0
DRIVEN = ("overdriven guitar", "distorted guitar")
CABINET_HZ = 4000.0


def _gain(sound: np.ndarray, level_lu: float) -> float:
    loudness = playing_loudness(sound)
    return 0.0 if loudness < -100 else float(10 ** ((REFERENCE_LUFS + level_lu - loudness) / 20))


def _lead_gain(sound: np.ndarray, bus: "_Bus") -> tuple[float, float]:
    """Loud enough to stand out: measured against the backing while the lead plays."""
    active = _active(sound)
    if not active.any():
        return 0.0, 0.0
    backing = playing_loudness(bus.mix[:, active])
    own = playing_loudness(sound[:, active])
    target = backing + bus.board.lead_over_backing_lu if backing > -60 else REFERENCE_LUFS
    return float(10 ** ((target - own) / 20)), target - backing


def _active(sound: np.ndarray) -> np.ndarray:
    """Samples near which the track plays."""
    levels = fx.block_levels(sound)
    wide = np.convolve(levels > 1e-3, np.ones(60), "same") > 0
    mask = np.repeat(wide, fx.BLOCK)
    return np.pad(mask, (0, sound.shape[1] - len(mask)))


def stem_of(track: PlayedTrack) -> str:
    """The tune and its second voice stand where the voices will stand."""
    return {"lead": "vocals", "harmony": "backing vocals", "double": "backing vocals"}.get(
        track.role, track.instrument.stem
    )


class _Bus:
    """The running sum. Rooms are linear, so sends may be added up and reverberated once."""

    def __init__(self, samples: int, board: Board, beat_s: float, keep_stems: bool) -> None:
        self.board, self.beat_s, self.keep_stems = board, beat_s, keep_stems
        self.mix = np.zeros((2, samples), np.float32)
        self.stems: dict[str, np.ndarray] = {}
        self.sends: dict[str, np.ndarray] = {}
        self.echoes: dict[str, np.ndarray] = {}

    def add(self, track: PlayedTrack, sound: np.ndarray, channel: Channel) -> None:
        stem = stem_of(track) if self.keep_stems else "mix"
        self.mix += sound
        if self.keep_stems:
            self._into(self.stems, stem, sound)
        mono = sound.mean(axis=0)
        if channel.room_db > -39:
            self._into(
                self.sends, stem, mono * np.float32(10 ** ((channel.room_db + self.board.room_db + 6) / 20))
            )
        if track.role == "lead" and self.board.echo:
            self._into(self.echoes, stem, mono * np.float32(self.board.echo * 0.55))

    @staticmethod
    def _into(store: dict[str, np.ndarray], key: str, sound: np.ndarray) -> None:
        if key in store:
            store[key] += sound
        else:
            store[key] = sound.astype(np.float32)

    def finish(self, lead_lu: float) -> Mixed:
        for store, effect in ((self.sends, self._room), (self.echoes, self._echo)):
            for stem, send in store.items():
                wet = effect(send)
                self.mix += wet
                if self.keep_stems:
                    self.stems[stem] += wet
        if self.keep_stems:
            # The mix is the sum of its stems by definition, to the last bit of float32.
            self.mix = sum(self.stems.values(), np.zeros_like(self.mix))
        return Mixed(self.mix, self.stems, lead_lu)

    def _room(self, send: np.ndarray) -> np.ndarray:
        return fx.reverberate(send, self.board.room)

    def _echo(self, send: np.ndarray) -> np.ndarray:
        # A dotted eighth, so that repeats fall between the beats.
        return fx.echo(send, 0.75 * self.beat_s, 0.5)
