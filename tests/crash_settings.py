"""The studio's own settings with short patience, so that the trials of tests/crash end soon."""

from studio.settings import *  # noqa: F403

SUBMIT_LEASE_S = 6
REFRESH_LEASE_S = 6
WATCHDOG_S = 4
WORKER_START_S = 15
POLL_S = (0.3, 0.6)
SUBMIT_SPACING_S = 0
