"""Run by test_jobs: many threads charge one account at once, then fail every take twice at once."""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ["DATA_DIR"] = sys.argv[1]
os.environ["LOG_LEVEL"] = "CRITICAL"
os.environ["DJANGO_SETTINGS_MODULE"] = "studio.settings"

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from studio import engine  # noqa: E402
from studio.offline import accounts, api, billing, doorbell  # noqa: E402
from studio.offline.models import Account, Take  # noqa: E402
from tests.offline.quick_engine import QuickEngine  # noqa: E402

BODY = b'{"custom_mode": true, "mv": "sonic-v5", "prompt": "Stars"}'


def main() -> None:
    call_command("migrate", "offline", verbosity=0)
    quick = QuickEngine()
    engine.plan, engine.capabilities = quick.plan, quick.capabilities
    doorbell.async_task = lambda *_args, **_kwargs: None
    key = accounts.open_account("Racer", 100)

    def create(_number: int) -> int:
        try:
            headers = {"Authorization": f"Bearer {key}"}
            return api.handle("POST", "/api/v1/sonic/create", headers, BODY, "http://x").status
        finally:
            connection.close()

    def fail(take: Take) -> bool:
        try:
            return billing.finish(take, Take.State.FAILED, error="Broken.")
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(create, range(12)))
        after_charges = Account.objects.get().credits
        finished = sum(pool.map(fail, [*Take.objects.all(), *Take.objects.all()]))
    after_refunds = Account.objects.get().credits
    names = ("statuses", "after_charges", "finished", "after_refunds")
    print(json.dumps(dict(zip(names, (statuses, after_charges, finished, after_refunds), strict=True))))


if __name__ == "__main__":
    main()
