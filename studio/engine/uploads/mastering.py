"""Remastering a finished recording. It is mastering only: nothing in the mix is moved."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from studio.engine.loudness import loudness_lufs
from studio.engine.master import BANDS_HZ, CURVES_DB, band_levels_db, true_peak_dbtp
from studio.engine.spec import SongSpec, SpecError
from studio.engine.tags import read_tags
from studio.engine.uploads import tone
from studio.engine.uploads.work import (
    Edited,
    IsCancelled,
    OnStage,
    Steps,
    deliver,
    finished,
    open_upload,
)

RATIOS = (1.5, 1.4, 1.4, 1.3)
SILENT_LUFS = -60.0
STRENGTH = 0.8
ONLY = "This is mastering only: tone, dynamics and level of the finished mix. The mix itself was not touched."


def remaster(
    source: Path, out: Path, tags: str = "", *, profile: str = "", loudness: float = -14.0,
    on_stage: OnStage | None = None, is_cancelled: IsCancelled | None = None,
) -> Edited:  # fmt: skip
    """Bring a recording to a style's tonal balance, even out its bands and limit it.

    `profile` is one of the master's curves, else the tags choose it; `loudness` is the target in LUFS,
    -18 to -9. Raises SpecError for silence and unknown profiles.
    """
    name = profile or read_tags(SongSpec(tags=tags)).card.mix
    if name not in CURVES_DB:
        raise SpecError(f"There is no mastering profile {name!r}. There are: {', '.join(CURVES_DB)}.")
    steps = Steps(("analysing", "mastering", "encoding"), on_stage, is_cancelled)
    steps.enter("analysing")
    upload = open_upload(source)
    before = loudness_lufs(upload.audio.T)
    if before < SILENT_LUFS:
        raise SpecError(f"The recording is silent ({before:.0f} LUFS); there is nothing to master.")
    steps.enter("mastering")
    toned = tone.equalised(upload.audio, _gains_db(band_levels_db(upload.audio), name))
    audio = finished(tone.multiband(toned, RATIOS), loudness)
    steps.enter("encoding")
    facts = {
        "operation": "remaster", "profile": name,
        "before": _figures(upload.audio), "after": _figures(audio),
    }  # fmt: skip
    return deliver(upload.title, audio, Path(out), facts, (ONLY,))


def _gains_db(levels: tuple[float, float, float, float], name: str) -> tone.Floats:
    """Gains at tone.CENTRES_HZ towards the profile's long-term balance."""
    low, middle, high, air = levels
    gaps = [w - (x - middle) for w, x in zip(CURVES_DB[name], (low, high, air), strict=True)]
    gaps = [float(np.clip(STRENGTH * gap, -6.0, 6.0)) for gap in gaps]
    centres = [float(np.sqrt(a * b)) for a, b in BANDS_HZ]
    points = np.array([centres[0], centres[1], centres[2], centres[3]])
    values = np.array([gaps[0], 0.0, gaps[1], gaps[2]])
    return np.asarray(np.interp(np.log(tone.CENTRES_HZ), np.log(points), values))


def _figures(audio: tone.Audio) -> dict[str, float]:
    low, middle, high, air = (float(level) for level in band_levels_db(audio))
    peak = true_peak_dbtp(audio)
    loud = loudness_lufs(audio.T)
    return {
        "loudness_lufs": round(loud, 2),
        "true_peak_dbtp": round(peak, 2),
        "peak_to_loudness": round(peak - loud, 2),
        "low_db": round(low - middle, 2),
        "presence_db": round(high - middle, 2),
        "air_db": round(air - middle, 2),
    }
