"""The addresses of the sonic family, and their older spelling under /suno."""

from __future__ import annotations

from studio.offline.sonic import bringing, questions, tasks
from studio.offline.sonic.tasks import poll_body
from studio.offline.wire import Route

ROUTES: tuple[Route, ...] = (*tasks.ROUTES, *bringing.ROUTES, *questions.ROUTES)

__all__ = ["ROUTES", "poll_body"]
