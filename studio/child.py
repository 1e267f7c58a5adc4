"""`python -m studio.child COMMAND ...`: become COMMAND, but never outlive the parent process.

Linux sends the signal even when the parent was killed outright; elsewhere the parent's own tidying has to do.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def die_with_parent(signum: signal.Signals, parent_pid: int) -> None:
    """Have this process sent `signum` when its parent ends; at once when it is gone already.

    The setting survives exec, not fork. "Parent" is the very thread that forked: fork from the main thread.
    """
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(signum), 0, 0, 0)
    if os.getppid() != parent_pid:
        os._exit(1)


def forks_die_with_us() -> None:
    """From now on every fork of this process, and every fork of those, is killed when its own parent ends."""
    parents: list[int] = []
    os.register_at_fork(
        before=lambda: parents.append(os.getpid()),
        after_in_parent=lambda: parents.clear(),
        after_in_child=lambda: die_with_parent(signal.SIGKILL, parents.pop()),
    )


if __name__ == "__main__":
    die_with_parent(signal.SIGTERM, int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606 - the arguments are our own
