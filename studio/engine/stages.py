"""Where a render is: stages that are told in order, a question whether to go on, and the times."""

from __future__ import annotations

import time
from collections.abc import Callable

from studio.engine.spec import Cancelled

STAGES = ("composing", "performing", "singing", "rendering", "mixing", "mastering", "encoding")
# Where each stage begins on the way from 0 to 1, measured on songs of one to four minutes.
SHARES = dict(zip(STAGES, (0.0, 0.02, 0.05, 0.3, 0.55, 0.65, 0.8), strict=True))


class Progress:
    """Tells the caller where we are, asks whether to go on, and keeps the times."""

    def __init__(
        self,
        on_stage: Callable[[str, float], None] | None = None,
        is_cancelled: Callable[[], bool] | None = None,
    ) -> None:
        self._on_stage, self._is_cancelled = on_stage, is_cancelled
        self.timings_s: dict[str, float] = {}
        self._stage, self._since, self._share = "", time.perf_counter(), 0.0

    def enter(self, stage: str) -> None:
        """Begin a stage; entering the current one again or an earlier one changes nothing."""
        if self._stage and STAGES.index(stage) <= STAGES.index(self._stage):
            return
        self.close()
        self._stage = stage
        self.report(0.0)

    def report(self, done: float) -> None:
        """`done` is the share of the current stage, 0..1. Raises Cancelled when asked to stop."""
        if self._is_cancelled and self._is_cancelled():
            raise Cancelled("The render was cancelled.")
        if not self._on_stage:
            return
        start = SHARES[self._stage]
        following = min((share for share in SHARES.values() if share > start), default=1.0)
        self._share = max(self._share, round(start + (following - start) * min(1.0, max(0.0, done)), 3))
        self._on_stage(self._stage, self._share)

    def close(self) -> None:
        """Note how long the current stage took."""
        now = time.perf_counter()
        if self._stage:
            self.timings_s[self._stage] = round(self.timings_s.get(self._stage, 0.0) + now - self._since, 3)
        self._since = now


class Listener:
    """Hears how a mix proceeds, on the thread that mixes. Every method may raise to stop it."""

    def on_sung(self, share: float) -> None:
        """The share of the lead vocal that is sung; players are rendered meanwhile."""

    def on_rendered(self, share: float) -> None:
        """The share of players that are rendered."""

    def on_mixed(self, share: float) -> None:
        """The share of singers who have their place in the mix."""


class Reporter(Listener):
    """Turns what a mix tells into stages."""

    def __init__(self, progress: Progress, is_sung: bool) -> None:
        self._progress = progress
        progress.enter("singing" if is_sung else "rendering")

    def on_sung(self, share: float) -> None:
        self._progress.report(share)

    def on_rendered(self, share: float) -> None:
        self._progress.enter("rendering")
        self._progress.report(share)

    def on_mixed(self, share: float) -> None:
        self._progress.enter("mixing")
        self._progress.report(share)
