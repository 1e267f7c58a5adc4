"""From dry tracks and voices to stems and their sum: level, place, tone and room for each role."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.engine import fx, strip, vocals
from studio.engine.balance import Balance
from studio.engine.cache import DryCache
from studio.engine.channels import BOARDS, CHANNELS, GUEST, REFERENCE_LUFS, VOICES, Board, Channel
from studio.engine.crew import WORKERS, Crew
from studio.engine.master import ride_of, step_gains, tone_match
from studio.engine.mastering import Curve
from studio.engine.perform import Performance, PlayedTrack
from studio.engine.score import STEMS, Score
from studio.engine.singers import LEAD_ROLE, VOICE_STEM, Singer
from studio.engine.spec import SAMPLE_RATE_HZ, Cancelled
from studio.engine.stages import Listener

Audio = NDArray[np.float32]
SOUNDING = 1e-5  # a stem that never exceeds this magnitude is left out
ECHO_SEND = 0.55
ECHOED = (LEAD_ROLE, "adlib voice")
VOICE_LUFS = "voice lufs"
# How far the lead's own room and echo step back under its words, 0..1 of their magnitude.
ROOM_STEPS_BACK, ECHO_STEPS_BACK = 0.45, 0.7
# In 1-4 kHz the lead is to stand this far above everything else; a bell gives what lacks, or most of it.
CLARITY_DB, PRESENCE_MAX_DB, PRESENCE_SHARE = 6.0, 4.0, 1.2
LONG_SAMPLES = 150 * SAMPLE_RATE_HZ  # longer, and two tracks in the making are too much for the memory


@dataclass(frozen=True)
class Plot:
    """A song ready to be mixed: who plays, who sings, how long, and the settings of another mix to keep."""

    score: Score
    performance: Performance
    bank: Path
    singers: tuple[Singer, ...] = ()
    balance: Mapping[str, float] = field(default_factory=dict)
    cache: DryCache | None = None

    @property
    def samples(self) -> int:
        return round(self.performance.duration_s * SAMPLE_RATE_HZ)


@dataclass
class Mixed:
    """The sum before mastering, float32 (2, samples). `balance` is what was measured to make it, `stems`
    are the names of those that sound, `lead_lu` is the tune above what accompanies it."""

    mix: Audio
    stems: tuple[str, ...]
    balance: Mapping[str, float]
    lead_lu: float


def mix_down(
    plot: Plot,
    *,
    on_stem: Callable[[str, Audio], None] | None = None,
    only: Sequence[str] = (),
    listener: Listener | None = None,
) -> Mixed:
    """Render and mix everything on two threads; sums have one order, so they are the same every time.

    `on_stem(name, audio)` gets every stem that sounds, float32 (2, samples) before mastering; the mix is
    their sum to the last bit. `only` names the stems to make, which needs the balance of the whole mix.
    """
    return _Desk(plot, listener or Listener(), on_stem).mix(frozenset(only or STEMS))


def stem_of(track: PlayedTrack) -> str:
    """Which of the twelve stems a player belongs to."""
    return track.instrument.stem


class _Desk:
    """One mix in the making. Only the sum, one stem and what the crew works on are held in memory."""

    def __init__(self, plot: Plot, listener: Listener, on_stem: Callable[[str, Audio], None] | None) -> None:
        self.plot, self.listener, self.on_stem = plot, listener, on_stem
        self.board = BOARDS[plot.score.mix]
        self.balance = Balance(plot.balance)
        self.sum = np.zeros((2, plot.samples), np.float32)
        self.sounding: list[str] = []
        spans = [span for s in plot.singers if s.role == LEAD_ROLE for span in s.spans_s]
        self.voiced = vocals.presence(spans, plot.samples) if spans else None
        self.awaited: frozenset[str] = frozenset()
        self.held: dict[str, Audio] = {}
        self.lead_lu = 0.0
        self.crew = Crew(self._tick)
        self._waiting_for: Callable[[float], None] = listener.on_rendered
        self._share = 0.0

    def mix(self, only: frozenset[str]) -> Mixed:
        players = [track for track in _ordered(self.plot.performance.tracks) if stem_of(track) in only]
        singers = [singer for singer in self.plot.singers if singer.stem in only]
        soloists = [singer for singer in singers if singer.stem == VOICE_STEM]
        backing = [singer for singer in singers if singer.stem != VOICE_STEM]
        self.awaited = frozenset(singer.stem for singer in singers)
        with self.crew:
            # The longest single piece of work goes first; its place in the sum is late.
            jobs = [self.crew.submit(partial(self._sung, singer)) for singer in soloists]
            if jobs:
                self._waiting_for = self.listener.on_sung
            self._players(players)
            voices = [self.crew.result(job) for job in jobs]
            del jobs
            self._waiting_for = self.listener.on_mixed
            self._tick()
            front = self._choir(soloists, iter(voices), 0, len(singers))
            del voices
            parts = self.crew.stream((partial(self._sung, singer) for singer in backing), self._window)
            behind = self._choir(backing, parts, len(soloists), len(singers))
        self._balance_voices(front, behind)
        return Mixed(self.sum, tuple(self.sounding), self.balance.noted(), self.lead_lu)

    @property
    def _window(self) -> int:
        """How many tracks may be in the making at once."""
        return 1 if self.plot.samples > LONG_SAMPLES else WORKERS

    # --- progress

    def _tick(self) -> None:
        self._waiting_for(self._share)

    def _hear(self, share: float) -> None:
        """On a worker: the main thread tells it on when it looks round."""
        if self.crew.stopped:
            raise Cancelled("The render was cancelled.")
        self._share = share

    # --- players

    def _players(self, players: Sequence[PlayedTrack]) -> None:
        names = _names(players)
        sounds = self.crew.stream(
            (partial(self._played, track, name) for track, name in zip(players, names, strict=True)),
            self._window,
        )
        stem: _Stem | None = None
        for number, (track, name) in enumerate(zip(players, names, strict=True)):
            if stem is None or stem.name != stem_of(track):
                self._finish(stem)
                stem = self._stem(stem_of(track))
            self._place_player(stem, track, name, next(sounds))
            self.listener.on_rendered((number + 1) / len(players))
        self._finish(stem)

    def _played(self, track: PlayedTrack, name: str) -> Audio:
        """On a worker: a player through their channel strip, at their level unless they have the tune."""
        plot = self.plot
        dry = strip.dry_track(track, plot.bank, plot.samples, plot.score.seed, plot.cache)
        sound = strip.process(
            dry, track, self.board, self.balance, name, kicks_s=plot.performance.kicks_s, voiced=self.voiced
        )
        if track.role != "lead":
            channel = CHANNELS.get(track.role, GUEST)
            level_lu = channel.level_lu + dict(self.board.levels_lu).get(track.role, 0.0)
            sound *= np.float32(self.balance.keep(f"{name} gain", lambda: _gain(sound, level_lu)))
        return sound

    def _place_player(self, stem: _Stem, track: PlayedTrack, name: str, sound: Audio) -> None:
        channel = CHANNELS.get(track.role, GUEST)
        is_tune = track.role == "lead"
        if is_tune:
            over_lu = self.board.lead_over_backing_lu
            sound *= np.float32(
                self.balance.keep(
                    f"{name} gain", lambda: self._tune_gain(sound, over_lu, self.sum + stem.sound)
                )
            )
        stem.add(fx.pan(sound, channel.place), channel, is_tune)

    # --- singers

    def _sung(self, singer: Singer) -> Audio:
        """On a worker: a voice through its chain, float32 (1, samples)."""
        plot = self.plot

        def sing() -> Audio:
            return singer.sing(plot.samples, self._hear)

        made_from = (singer.lines, singer.persona, singer.seed, plot.samples)
        dry = plot.cache.fetch(sing, "voice", *made_from) if plot.cache else sing()
        chain = vocals.LEAD if singer.role == LEAD_ROLE else vocals.BACKING
        sound = vocals.polish(dry[None], chain, self.balance, _voice_name(singer, plot.singers))
        yields = VOICES[singer.role].yields
        if singer.role != LEAD_ROLE and self.voiced is not None:
            sound = vocals.make_room(sound, self.voiced, yields * self.board.room_for_voice_db)
        return sound

    def _choir(
        self, singers: Sequence[Singer], sounds: Iterator[Audio], done: int, total: int
    ) -> _Stem | None:
        """A stem of voices, balanced among themselves and not yet against the players."""
        stem: _Stem | None = None
        for number, singer in enumerate(singers):
            stem = stem or self._stem(singer.stem)
            self._place_singer(stem, singer, next(sounds))
            self.listener.on_mixed((done + number + 1) / total)
        if stem is not None:
            stem.finish(self.voiced if stem.name == VOICE_STEM else None)
        return stem

    def _place_singer(self, stem: _Stem, singer: Singer, sound: Audio) -> None:
        channel = VOICES[singer.role]
        stereo = np.repeat(sound, 2, axis=0)
        name = _voice_name(singer, self.plot.singers)
        if singer.role == LEAD_ROLE:
            self.balance.keep(VOICE_LUFS, lambda: strip.playing_loudness(stereo))
        else:
            lead_lufs = self.balance.keep(VOICE_LUFS, lambda: REFERENCE_LUFS)
            level_lu = lead_lufs - REFERENCE_LUFS + channel.level_lu
            stereo *= np.float32(self.balance.keep(f"{name} gain", lambda: _gain(stereo, level_lu)))
        wide = fx.widen(stereo, channel.width)
        stem.add(fx.pan(wide, singer.place), channel, singer.role in ECHOED)

    def _balance_voices(self, front: _Stem | None, behind: _Stem | None) -> None:
        """One gain for all voices, so that the lead with its room stands out from everything else."""
        if front is not None:
            presence_db = self.balance.keep("voices presence", lambda: self._presence_db(front, behind))
            if presence_db > 0.1:
                fx.equalise(front.sound, [vocals.words_bell(presence_db)], in_place=True)
        gain = np.float32(self.balance.keep("voices gain", lambda: self._voices_gain(front, behind)))
        for stem in (front, behind):
            if stem is not None:
                stem.sound *= gain
                self.sum += stem.sound
                if stem.name in self.held:
                    stem.sound += self.held.pop(stem.name)
                self._give(stem.name, stem.sound)

    def _presence_db(self, front: _Stem, behind: _Stem | None) -> float:
        """How much the lead needs in the range of the words to be understood at the level it will have."""
        choir = behind.sound if behind else None
        gain = strip.gain_for(self.board.voice_over_backing_lu, front.sound, self.sum, choir)
        clear_db = strip.clarity_db(front.sound, self.sum, choir, gain)
        return float(np.clip(PRESENCE_SHARE * (CLARITY_DB - clear_db), 0.0, PRESENCE_MAX_DB))

    def _voices_gain(self, front: _Stem | None, behind: _Stem | None) -> float:
        if front is None:
            return 1.0
        choir = behind.sound if behind else None
        wanted = partial(strip.gain_for, self.board.voice_over_backing_lu, front.sound, self.sum, choir)
        # The master's equaliser, fader and limiter shift the balance: drums make it duck, verses are turned
        # down. All depend little on the voices' exact level.
        first = np.float32(wanted())
        rough = self.sum.copy()
        for voices in (front.sound, choir):
            if voices is not None:
                rough += voices * first
        tone = tone_match(rough, self.plot.score.mix)
        moved = step_gains(rough, tone, self._ride())
        del rough
        self.lead_lu = self.board.voice_over_backing_lu
        return wanted(tone=tone, moved=moved)

    def _ride(self) -> Curve:
        """The hand on the master's fader."""
        sections = zip(self.plot.performance.sections, self.plot.score.sections, strict=True)
        return ride_of([(end_s, section.energy) for (_, _, end_s), section in sections], self.plot.samples)

    def _tune_gain(self, sound: Audio, over_lu: float, band: Audio) -> float:
        """Loud enough to stand out: measured against the backing while the tune sounds."""
        self.lead_lu = over_lu
        return strip.gain_for(over_lu, sound, band)

    # --- stems

    def _stem(self, name: str) -> _Stem:
        return _Stem(name, self.plot.samples, self.board, 60.0 / self.plot.score.bpm)

    def _finish(self, stem: _Stem | None) -> None:
        if stem is not None:
            stem.finish()
            self._take(stem)

    def _take(self, stem: _Stem) -> None:
        """A finished stem into the sum. A choir of the bank waits for the singers who share its stem."""
        self.sum += stem.sound
        if stem.name in self.awaited:
            self.held[stem.name] = stem.sound
        else:
            self._give(stem.name, stem.sound)

    def _give(self, name: str, sound: Audio) -> None:
        if float(np.abs(sound).max(initial=0.0)) > SOUNDING:
            self.sounding.append(name)
            if self.on_stem:
                self.on_stem(name, sound)


class _Stem:
    """One stem growing. Rooms and echoes are linear, so sends are added up and heard once."""

    def __init__(self, name: str, samples: int, board: Board, beat_s: float) -> None:
        self.name, self._board, self._beat_s = name, board, beat_s
        self.sound = np.zeros((2, samples), np.float32)
        self._room: Audio | None = None
        self._echo: Audio | None = None

    def add(self, sound: Audio, channel: Channel, has_echo: bool) -> None:
        self.sound += sound
        mono = sound[0] + sound[1]
        mono *= np.float32(0.5)
        if channel.room_db > -39:
            self._room = self._sent(
                self._room, mono, 10 ** ((channel.room_db + self._board.room_db + 6) / 20)
            )
        if has_echo and self._board.echo:
            self._echo = self._sent(self._echo, vocals.echo_filtered(mono), self._board.echo * ECHO_SEND)

    @staticmethod
    def _sent(sum_: Audio | None, mono: Audio, gain: float) -> Audio:
        send = mono * np.float32(gain)
        if sum_ is None:
            return send
        sum_ += send
        return sum_

    def finish(self, voiced: Audio | None = None) -> None:
        """Add the room and the echo; `sound` is then the whole stem. Where `voiced`, see `vocals.presence`,
        both step back: they bloom when a line ends and leave the words alone."""
        if self._room is not None:
            self._add_wet(fx.reverberate(self._room, self._board.room), voiced, ROOM_STEPS_BACK)
            self._room = None
        if self._echo is not None:
            # A dotted eighth, so that repeats fall between the beats.
            self._add_wet(fx.echo(self._echo, 0.75 * self._beat_s, 0.5), voiced, ECHO_STEPS_BACK)
            self._echo = None

    def _add_wet(self, wet: Audio, voiced: Audio | None, share: float) -> None:
        if voiced is not None:
            wet *= fx.spread(1.0 - share * voiced, wet.shape[1])
        self.sound += wet


def _ordered(tracks: Sequence[PlayedTrack]) -> list[PlayedTrack]:
    """By stem, the stem of the tune last and the tune at its end."""
    tune = {stem_of(track) for track in tracks if track.role == "lead"}

    def key(track: PlayedTrack) -> tuple[bool, int, bool]:
        stem = stem_of(track)
        return stem in tune, STEMS.index(stem), track.role == "lead"

    return sorted(tracks, key=key)


def _names(tracks: Sequence[PlayedTrack]) -> list[str]:
    """A name of its own for every player, the same whatever the others are."""
    seen: dict[str, int] = {}
    names = []
    for track in tracks:
        name = f"{track.role}/{track.instrument.name}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return names


def _voice_name(singer: Singer, singers: Sequence[Singer]) -> str:
    mates = [mate.seed for mate in singers if mate.role == singer.role]
    return f"{singer.role} {mates.index(singer.seed) + 1}"


def _gain(sound: Audio, level_lu: float) -> float:
    loudness = strip.playing_loudness(sound)
    return 0.0 if loudness < -100 else float(10 ** ((REFERENCE_LUFS + level_lu - loudness) / 20))
