"""The channel strip of a player: from the dry track to a tamed one, and how loud it is where it plays."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.engine import fx, vocals
from studio.engine.balance import Balance
from studio.engine.cache import DryCache
from studio.engine.channels import CABINET_HZ, CHANNELS, DRIVEN, GUEST, Board
from studio.engine.loudness import Powers, step_powers
from studio.engine.perform import PlayedTrack
from studio.engine.sampler import render_track
from studio.engine.spec import SAMPLE_RATE_HZ
from studio.engine.synths import render_synth

Audio = NDArray[np.float32]
SOUNDS_WITHIN_DB = -20.0  # under its own loudest tenth of a second, a part still counts as sounding
LOUDNESS_STEP = 2  # tracks are measured at half the rate, which is exact enough to balance by


def dry_track(
    track: PlayedTrack, bank: Path, samples: int, seed: int, cache: DryCache | None = None
) -> Audio:
    """A player before any effect, float32 (2, samples)."""

    def play() -> Audio:
        if track.instrument.synth:
            return render_synth(track, samples, seed)
        return render_track(track, bank, samples, seed)

    return cache.fetch(play, "track", track, seed, samples) if cache else play()


def process(
    dry: Audio,
    track: PlayedTrack,
    board: Board,
    balance: Balance,
    name: str,
    *,
    kicks_s: tuple[float, ...],
    voiced: Audio | None,
) -> Audio:
    """Tone, drive, compression, ducking and width; `dry` is used up.

    `voiced` is where the lead sings, see `vocals.presence`; `name` is the player's in `balance`.
    """
    channel = CHANNELS.get(track.role, GUEST)
    sections = [fx.high_pass(channel.low_cut_hz), *(fx.biquad(k, hz, db, q) for k, hz, db, q in channel.tone)]
    top_hz = _top_hz(track, board)
    if top_hz:
        # Twice, as steep as a loudspeaker falls off.
        sections += [fx.low_pass(top_hz)] * 2
    sound = fx.equalise(dry, sections, in_place=True)
    if channel.drive:
        sound = fx.saturate(sound, channel.drive, balance.keep(f"{name} peak", lambda: fx.peak_level(sound)))
    if channel.squeeze > 1.0:
        loud = balance.keep(f"{name} loud", lambda: fx.loud_level(sound))
        sound = fx.compress(sound, -9.0, channel.squeeze, attack_s=0.012, release_s=0.12, loud=loud)
    depth = min(0.85, channel.ducked * board.ducking)
    if depth > 0.02:
        sound *= fx.duck(sound.shape[1], kicks_s, depth, 0.26)
    if voiced is not None and channel.yields:
        sound = vocals.make_room(sound, voiced, channel.yields * board.room_for_voice_db)
    return fx.widen(sound, channel.width)


def _top_hz(track: PlayedTrack, board: Board) -> float:
    """Where the highs end, 0 for nowhere. Driven guitars go through a cabinet, which the bank's lack."""
    if track.instrument.name in DRIVEN:
        return min(CABINET_HZ, board.top_hz or CABINET_HZ)
    return board.top_hz


def playing_loudness(signal: Audio) -> float:
    """Loudness in LUFS of the parts where a track plays: K-weighted 0.4 s blocks, the quiet ones left out.
    -120 for silence."""
    mono = signal[:, ::LOUDNESS_STEP].mean(axis=0, keepdims=True)
    weighted = fx.equalise(mono, [_k_weighting()], in_place=True)[0]
    block = round(0.4 * SAMPLE_RATE_HZ / LOUDNESS_STEP)
    power = (weighted[: len(weighted) // block * block].reshape(-1, block) ** 2).mean(axis=1)
    # Two channels of the same signal count twice in BS.1770.
    level = -0.691 + 10 * np.log10(2 * power + 1e-12)
    loud = level[level > max(-60.0, float(level.max(initial=-120.0)) - 20.0)]
    return float(10 * np.log10(np.mean(10 ** (loud / 10)))) if len(loud) else -120.0


@lru_cache(maxsize=1)
def _k_weighting() -> NDArray[np.float64]:
    """The shelf and high-pass of BS.1770, near enough at half the sample rate to balance tracks by."""
    shelf = fx.biquad("high", min(9000.0, 1500.0 * LOUDNESS_STEP), 4.0, 0.707)
    return np.vstack([shelf, fx.high_pass(38.0 * LOUDNESS_STEP)])


def gain_for(
    over_lu: float,
    lead: Audio,
    rest: Audio,
    following: Audio | None = None,
    tone: NDArray[np.float64] | None = None,
    moved: Powers | float = 1.0,
) -> float:
    """The gain that puts `lead` `over_lu` above everything else while it sounds. `following` is given the
    same gain and counts with the rest; `tone` is the equaliser that all will go through, `moved` what the
    power of every 0.1 s is multiplied by after that. 1.0 when there is nothing to compare."""
    own, others = step_powers(lead.T, tone=tone) * moved, step_powers(rest.T, tone=tone) * moved
    if not len(own) or own.max() <= 0.0:
        return 1.0
    sounds = own > own.max() * 10 ** (SOUNDS_WITHIN_DB / 10)
    ratio = 10 ** (over_lu / 10)
    power = float(own[sounds].mean())
    company = 0.0
    if following is not None:
        company = float((step_powers(following.T, tone=tone) * moved)[sounds].mean())
    behind = float(others[sounds].mean())
    # However loud the company, a part of the lead is left to weigh against the players.
    power = max(power - ratio * company, power / 3)
    return float(np.sqrt(ratio * behind / power)) if behind > 1e-9 else 1.0


def clarity_db(lead: Audio, rest: Audio, following: Audio | None, gain: float) -> float:
    """Power of `lead` over everything else in 1-4 kHz while it sounds; `lead` and `following` get `gain`.
    +60 where nothing else plays."""
    own = step_powers(lead.T, tone=_words_range()) * gain**2
    others = step_powers(rest.T, tone=_words_range())
    if following is not None:
        others += step_powers(following.T, tone=_words_range()) * gain**2
    sounds = own > own.max(initial=0.0) * 10 ** (SOUNDS_WITHIN_DB / 10)
    if not sounds.any() or float(others[sounds].mean()) <= 1e-9:
        return 60.0
    return float(10 * np.log10(own[sounds].mean() / others[sounds].mean()))


@lru_cache(maxsize=1)
def _words_range() -> NDArray[np.float64]:
    return np.vstack([fx.high_pass(1000.0), fx.low_pass(4000.0)])
