from __future__ import annotations

from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from studio.work import clock


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 once web, database and worker work; else 503 with a reason at the part that does not."""
    parts = {"web": "ok", "database": _database_problem() or "ok", "worker": "unknown"}
    if parts["database"] == "ok":
        parts["worker"] = clock.problem() or "ok"
    is_well = all(state == "ok" for state in parts.values())
    response = JsonResponse(
        {"status": "ok" if is_well else "unwell", **parts}, status=200 if is_well else 503
    )
    # Asked every few seconds by machines, the answer is its own log.
    response._has_been_logged = True
    return response


def _database_problem() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM studio_beat")
    except Error:
        return "The database cannot be used. Check DATABASE_URL, and run `manage.py migrate`."
    return ""
