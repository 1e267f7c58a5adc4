"""Two workers in one process: numpy, scipy and the sampler let go of the interpreter while they compute."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import TypeVar

T = TypeVar("T")
WORKERS = 2
LOOK_S = 0.2  # how often who waits may look round


class Crew:
    """A pool whose results come back in the order of the work, so that sums are the same every time.

    Leaving the context stops it: work not begun is dropped, work that asks `stopped` can end early.
    """

    def __init__(self, tick: Callable[[], None] | None = None) -> None:
        """`tick` is called on the waiting thread every fifth of a second and may raise to stop everything."""
        self._tick = tick
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="crew")
        self.stopped = False

    def __enter__(self) -> Crew:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopped = True
        self._pool.shutdown(wait=True, cancel_futures=True)

    def submit(self, work: Callable[[], T]) -> Future[T]:
        return self._pool.submit(work)

    def result(self, job: Future[T]) -> T:
        """Wait for one piece of work."""
        while True:
            try:
                return job.result(LOOK_S if self._tick else None)
            except TimeoutError:
                # A job's own TimeoutError must not be waited for again.
                if job.done():
                    raise
                if self._tick:
                    self._tick()

    def stream(self, works: Iterable[Callable[[], T]], window: int = WORKERS) -> Iterator[T]:
        """Results in order, never more than `window` of them begun and not taken: they are large."""
        jobs: deque[Future[T]] = deque()
        for work in works:
            if len(jobs) == window:
                yield self.result(jobs.popleft())
            jobs.append(self.submit(work))
        while jobs:
            yield self.result(jobs.popleft())
