"""The library page and its search with 10,000 clips, through the real web server."""

from __future__ import annotations

import time

from tests.bench import filling
from tests.bench.served import Figures, Server, data_folder

CLIPS = 10_000
REQUESTS = {1: 150, 8: 400}
BOOSTED = {"HX-Request": "true", "HX-Boosted": "true", "HX-Request-Type": "full", "HX-Target": "div#main"}
PART = {"HX-Request": "true", "HX-Request-Type": "partial"}
SEARCHES = tuple(
    f"/library?q={words}"
    for words in (filling.COMMON_WORD, filling.RARE_WORD, "syn", "bossa+nova+ni", "la+de")
)


def main() -> None:
    with data_folder():
        from studio.models import Clip
        from tests.base import make_people

        people = make_people()
        began_s = time.perf_counter()
        filling.fill(people, CLIPS)
        print(f"\nlibrary: {CLIPS:,} clips filled in {time.perf_counter() - began_s:.0f} s")
        middle = Clip.objects.order_by("pk")[CLIPS // 2].code
        with Server() as server:
            server.sign_in(people.alice)
            print(Figures.HEAD)
            for name, paths, headers in (
                ("library page", ["/library"], {}),
                ("library page, boosted", ["/library"], BOOSTED),
                ("search, whole page", SEARCHES, {}),
                ("search as typed", SEARCHES, PART | {"HX-Target": "section#results"}),
                ("next rows, from the middle", [f"/library?after={middle}"], PART | {"HX-Target": "li#more"}),
            ):
                for connections, requests in REQUESTS.items():
                    figures = server.load(
                        name, paths, connections=connections, requests=requests, headers=headers
                    )
                    print(figures, flush=True)


if __name__ == "__main__":
    main()
