"""Asking a free question a few more times. Never used for anything that costs credits."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

ATTEMPTS = 4
BUDGET_S = 20.0  # no further attempt begins after this
BACKOFF_S = (0.5, 1.0, 2.0)
JITTER_S = 0.5  # so that many workers do not come back in step
WAIT_MAX_S = 8.0  # what a Retry-After may ask of a worker; longer waits belong to the caller's schedule

T = TypeVar("T")


def persist(
    attempt: Callable[[], T],
    wished_wait_s: Callable[[T], float | None],
    sleep: Callable[[float], None] = time.sleep,
) -> T:
    """Call `attempt` until its outcome is worth keeping, at most 4 times within about 20 s; return the last.

    `wished_wait_s` says None for an outcome to keep, else how long its sender asks to wait (0: not said).
    When that is more than 8 s the outcome is returned at once.
    """
    begun_s = time.monotonic()
    for backoff_s in BACKOFF_S:
        outcome = attempt()
        wished_s = wished_wait_s(outcome)
        if wished_s is None or wished_s > WAIT_MAX_S or time.monotonic() - begun_s > BUDGET_S:
            return outcome
        jitter_s = random.random() * JITTER_S  # noqa: S311 - spreads load, protects nothing
        sleep(max(wished_s, backoff_s) + jitter_s)
    return attempt()
