"""Remaster: the same notes and words with another sound."""

from __future__ import annotations

from dataclasses import replace
from math import dist
from pathlib import Path

from studio.engine.chance import dice
from studio.engine.edits.desk import (
    IsCancelled,
    OnStage,
    as_result,
    deliver,
    render_fresh,
    source_of,
)
from studio.engine.master import CURVES_DB
from studio.engine.score import Score
from studio.engine.spec import Song, SpecError
from studio.engine.stages import Progress
from studio.engine.takes import StoredTake, hidden_folder

VARIATIONS = ("subtle", "normal", "high")
PROFILES = tuple(CURVES_DB)


def check(profile: str, variation: str) -> None:
    """Raises SpecError for a profile or variation that does not exist."""
    if profile and profile not in PROFILES:
        raise SpecError(f"There is no profile {profile!r}. Choose one of: {', '.join(PROFILES)}.")
    if variation not in VARIATIONS:
        raise SpecError(f"variation_category {variation!r} is none of: {', '.join(VARIATIONS)}.")


def choose_profile(own: str, variation: str, seed: int) -> str:
    """Another profile than `own`: one of the two nearest in tone for subtle, of the next three for normal, of
    the three furthest for high."""
    others = sorted(
        (name for name in PROFILES if name != own),
        key=lambda name: (dist(CURVES_DB[name], CURVES_DB[own]), name),
    )
    pool = {"subtle": others[:2], "normal": others[2:5], "high": others[-3:]}[variation]
    return dice(seed, "remaster", own, variation).choice(pool)


def remaster(
    source: Path,
    out: Path,
    profile: str = "",
    variation: str = "normal",
    seed: int = 0,
    *,
    on_stage: OnStage | None = None,
    is_cancelled: IsCancelled | None = None,
) -> Song:
    """Mix and master a take again; notes, words and their beats are identical.

    `variation` is the API's variation_category. subtle: the mix stays to the last setting, the master gets
    another tone. normal: another desk, that is room, levels, ducking and echo, and its master. high: as
    normal but far away in tone, and the band plays the same notes once more with another touch. `profile`
    (see PROFILES) names the sound; empty lets variation and seed choose one. Raises SpecError, Cancelled,
    EngineUnavailable; then nothing new is in `out`.
    """
    check(profile, variation)
    take = source_of(source, out)
    chosen = profile or choose_profile(take.score.mix, variation, seed)
    progress = Progress(on_stage, is_cancelled)
    score = _score(take.score, chosen, variation, seed)
    with hidden_folder(Path(out)) as work:
        keeps_mix = variation == "subtle"
        fresh = render_fresh(
            score, work, progress, balance=_balance(take) if keeps_mix else None, profile=chosen
        )
        facts = {
            "operation": "remaster",
            "source": str(Path(source).resolve()),
            "profile": chosen,
            "variation": variation,
            "seed": seed,
        }
        return deliver(replace(as_result(fresh), facts=facts), Path(out), work, progress)


def _score(score: Score, profile: str, variation: str, seed: int) -> Score:
    """Only what is no note: the desk, and for high the hands."""
    if variation == "subtle":
        return score
    other = replace(score, mix=profile)
    return (
        replace(other, seed=dice(score.seed, "touch again", seed).getrandbits(48))
        if variation == "high"
        else other
    )


def _balance(take: StoredTake) -> dict[str, float]:
    return dict(take.mastering.balance)
