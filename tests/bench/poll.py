"""A status poll while something runs and nothing is new."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from urllib.parse import urlencode

from tests.bench.served import Figures, Server, data_folder

_SENT = re.compile(r'<input type="hidden" name="(card|meter|open)" value="([^"]*)"')
REQUESTS = {1: 400, 8: 800}
OPEN_TASKS = 3


def main() -> None:
    with data_folder():
        from django.utils import timezone

        from studio.models import Task
        from tests.base import make_people, make_task

        people = make_people()
        for _ in range(OPEN_TASKS):
            make_task(people, status=Task.Status.RUNNING)
        # Young tasks are asked after more often, and the change of pace would be news.
        Task.objects.update(created_at=timezone.now() - timedelta(minutes=10))
        with Server() as server:
            server.sign_in(people.alice)
            given = _SENT.findall(server.get("/library").body.decode())
            path = "/tasks/running?" + urlencode([(name, html.unescape(value)) for name, value in given])
            cards = sum(name == "card" for name, _ in given)
            print(f"\npoll: {cards} cards on the page, nothing new")
            print(Figures.HEAD)
            headers = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#running"}
            for connections, requests in REQUESTS.items():
                print(
                    server.load(
                        "poll",
                        [path],
                        connections=connections,
                        requests=requests,
                        headers=headers,
                        expect=204,
                    ),
                    flush=True,
                )


if __name__ == "__main__":
    main()
