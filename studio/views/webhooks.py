"""Where providers report. Whoever knocks here has no account: the signature decides, see work.hooks."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from studio.work import hooks


@csrf_exempt
@require_POST
def webhook(request: HttpRequest, token: str) -> HttpResponse:
    body = request.read(hooks.MAX_BYTES + 1)
    if len(body) > hooks.MAX_BYTES:
        return HttpResponse(status=413)
    verdict = hooks.receive(token, body, request.headers)
    if verdict is hooks.Verdict.TAKEN:
        return JsonResponse({"status": "ok"})
    return HttpResponse(status=verdict)
