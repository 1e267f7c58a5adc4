"""The vocal chain: from the dry voice to one that stands in a mix. Everything here happens before the sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.engine import fx
from studio.engine.balance import Balance
from studio.engine.spec import SAMPLE_RATE_HZ

Audio = NDArray[np.float32]
EXCITER_FROM_HZ = 5200.0
EXCITER_ABOVE_HZ = 10_000.0
SIBILANCE_HZ = 5000.0
CONSONANTS_HZ, VOWELS_BELOW_HZ = 1800.0, 900.0
BURST_DB, FLOOR_DB = -12.0, -48.0  # where bursts are lifted to, and from where on; under the loud level
PEAK_DB = 8.0  # over the loud level: reached by the bursts of a few consonants, not by vowels
VOICED_EDGE_S = 0.12


@dataclass(frozen=True)
class Chain:
    """What a voice goes through. `air_db` is the exciter's level under the voice's own highs,
    `consonants_db` the most that quiet unvoiced consonants are lifted by."""

    low_cut_hz: float = 95.0
    tone: tuple[tuple[str, float, float, float], ...] = (
        ("peak", 320.0, -2.0, 0.9),
        ("peak", 3000.0, 4.0, 0.7),
        ("high", 8000.0, 2.0, 0.7),
    )
    air_db: float = -4.0
    sibilance_db: float = 8.0
    consonants_db: float = 0.0


LEAD = Chain(consonants_db=6.0)
# Behind the lead: thinner below, softer on top, with held-back consonants.
BACKING = Chain(
    180.0, (("peak", 400.0, -2.0, 0.9), ("peak", 3000.0, -1.0, 0.7), ("high", 6500.0, -2.5, 0.7)), -9.0, 10.0
)


def polish(dry: Audio, chain: Chain, balance: Balance, name: str) -> Audio:
    """Low cut, tone, exciter, two gentle compressors, a de-esser and a limiter on float32 (1, samples), in
    place."""
    sound = fx.equalise(
        dry, [fx.high_pass(chain.low_cut_hz), *(fx.biquad(*part) for part in chain.tone)], in_place=True
    )
    air = _air(sound)
    air *= np.float32(10 ** (chain.air_db / 20))
    sound += air
    # The first catches syllables, the second evens out phrases.
    loud = balance.keep(f"{name} fast", lambda: fx.loud_level(sound))
    sound = fx.compress(sound, -6.0, 2.2, attack_s=0.004, release_s=0.09, loud=loud)
    loud = balance.keep(f"{name} slow", lambda: fx.loud_level(sound))
    sound = fx.compress(sound, -12.0, 1.8, attack_s=0.03, release_s=0.3, loud=loud)
    if chain.consonants_db:
        sound = lift_consonants(sound, chain.consonants_db)
    sound = _deess(sound, chain.sibilance_db)
    # Compressors let through what is shorter than their attack: a burst would fill a stem's whole scale.
    loud = balance.keep(f"{name} peak", lambda: fx.loud_level(sound))
    return fx.limit(sound, loud * 10 ** (PEAK_DB / 20))


def lift_consonants(sound: Audio, most_db: float) -> Audio:
    """Raise the quiet bursts without a pitch (t, k, f, th, h), which a band covers first, by up to `most_db`.
    `sound` is float32 (1, samples); vowels, loud hiss and what lies under the voice's floor stay."""
    highs = fx.equalise(sound, [fx.high_pass(CONSONANTS_HZ)])
    vowels = fx.block_levels(fx.equalise(sound, [fx.low_pass(VOWELS_BELOW_HZ)]))
    bursts = fx.follow(fx.block_levels(highs), 0.002, 0.01)
    # A pitch is held through its periods, so that consonants are not found between them.
    vowels = fx.follow(vowels, 0.004, 0.025)
    level_db = 20 * np.log10((bursts + 1e-7) / fx.loud_level(sound))
    is_burst = np.clip(20 * np.log10((bursts + 1e-7) / (vowels + 1e-7)) / 6.0, 0.0, 1.0)
    is_voice = np.clip((level_db - FLOOR_DB) / 8.0, 0.0, 1.0)
    lift_db = np.clip(BURST_DB - level_db, 0.0, most_db) * is_burst * is_voice
    highs *= fx.spread(10 ** (fx.follow(lift_db, 0.004, 0.03) / 20), sound.shape[1]) - np.float32(1.0)
    highs += sound
    return highs


def _air(sound: Audio) -> Audio:
    """Harmonics above 10 kHz made from the octave below: the voice's net ends at 12 kHz."""
    edges = [EXCITER_FROM_HZ, EXCITER_ABOVE_HZ]
    source = fx.equalise(sound, [fx.high_pass(edges[0]), fx.low_pass(edges[1])])
    # Full-wave rectifying doubles frequencies and follows the level, unlike clipping.
    np.abs(source, out=source)
    top = [fx.high_pass(EXCITER_ABOVE_HZ), fx.high_pass(EXCITER_ABOVE_HZ), fx.low_pass(16_500.0)]
    return fx.equalise(source, top, in_place=True)


def _deess(sound: Audio, most_db: float) -> Audio:
    """Turn the highs down where they stand out from the rest of the voice, at most by `most_db`."""
    highs = fx.equalise(sound, [fx.high_pass(SIBILANCE_HZ)])
    loud = fx.loud_level(sound)
    ratio_db = 20 * np.log10((fx.block_levels(highs) + 1e-6) / loud)
    over_db = np.clip(ratio_db + 12.0, 0.0, most_db)
    gain = 10 ** (-fx.follow(over_db, 0.001, 0.04) / 20)
    highs *= fx.spread(gain, sound.shape[1]) - np.float32(1.0)
    highs += sound
    return highs


def presence(spans_s: Sequence[tuple[float, float]], samples: int) -> Audio:
    """0..1 for every block of 64 samples: where the lead sings, with soft edges."""
    blocks = -(-samples // fx.BLOCK)
    curve = np.zeros(blocks)
    rate = SAMPLE_RATE_HZ / fx.BLOCK
    for start_s, end_s in spans_s:
        curve[max(0, round((start_s - VOICED_EDGE_S) * rate)) : round((end_s + VOICED_EDGE_S) * rate)] = 1.0
    width = max(1, round(2 * VOICED_EDGE_S * rate))
    window = np.hanning(width + 2)[1:-1]
    return np.asarray(np.convolve(curve, window / window.sum(), "same"), np.float32)


def make_room(sound: Audio, voiced: Audio, depth_db: float) -> Audio:
    """Dip the middle of a chordal part, in place, while the lead sings; `voiced` as from `presence`."""
    bells = [fx.biquad("peak", 1100.0, -0.5 * depth_db, 0.6), fx.biquad("peak", 2700.0, -depth_db, 0.55)]
    share = fx.spread(voiced, sound.shape[1])
    # One side after the other: copies of whole songs are what fills the memory.
    for side in (sound[:1], sound[1:]):
        dipped = fx.equalise(side, bells)
        dipped -= side
        dipped *= share
        side += dipped
    return sound


def words_bell(gain_db: float) -> NDArray[np.float64]:
    """A broad bell over the range in which words are told apart, as a filter section."""
    return fx.biquad("peak", 2100.0, gain_db, 0.7)


def echo_filtered(send: Audio) -> Audio:
    """What the delay hears of a voice: no lows, no hiss."""
    return fx.equalise(send[None], [fx.high_pass(300.0), fx.low_pass(5000.0)])[0]
