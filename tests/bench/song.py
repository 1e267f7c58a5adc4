"""From the press of Create to a song that can be played: a whole studio and the offline provider."""

from __future__ import annotations

import re
import tempfile
import time
from pathlib import Path

import requests

from tests.studio_process import Studio, running_studio

LYRICS = """[Verse]
Paper boats along the gutter
Rain is keeping time
Every street a silver ribbon
Every door a rhyme

[Chorus]
Carry me over, carry me on
We will be singing when the water is gone

[Verse]
Lamps are lit in every window
Someone hums a tune
All the little ships are sailing
Underneath the moon
"""
SONGS = 3
LIMIT_S = 240
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_FORM_TOKEN = re.compile(r'name="form_token"[^>]*value="([^"]+)"')
_STATE = re.compile(r'class="task-card"[^>]*data-state="(\w+)"')
_SOURCE = re.compile(r'data-src="([^"]+)"')


class Musician:
    """Somebody with a browser that only counts."""

    def __init__(self, studio: Studio) -> None:
        self._url = studio.url
        self._session = requests.Session()

    def page(self, path: str) -> str:
        answer = self._session.get(self._url + path, timeout=30)
        answer.raise_for_status()
        return answer.text

    def send(self, path: str, page: str, **fields: str) -> None:
        fields["csrfmiddlewaretoken"] = _TOKEN.findall(page)[0]
        headers = {"Referer": self._url + path}
        self._session.post(self._url + path, fields, headers=headers, timeout=30).raise_for_status()

    def settle_in(self) -> None:
        secret = "a quiet river at night"
        self.send("/welcome", self.page("/welcome"), name="Ada", email="ada@example.com", password=secret)

    def press_create(self) -> None:
        page = self.page("/create")
        about = {"mode": "custom", "prompt": LYRICS, "tags": "dream pop, warm, 100 bpm", "mv": "sonic-v5"}
        self.send("/tasks", page, form_token=_FORM_TOKEN.findall(page)[0], **about)

    def wait(self, begun_s: float) -> tuple[float, float]:
        """Seconds to the first playable clip and to both."""
        first_s = None
        while time.monotonic() - begun_s < LIMIT_S:
            page = self.page("/create")
            card = page.split('class="task-card"', 2)[1]
            sources = _SOURCE.findall(card)
            if sources and first_s is None:
                self._session.get(self._url + sources[0], timeout=30).raise_for_status()
                first_s = time.monotonic() - begun_s
            if _STATE.findall(page)[0] in {"ready", "failed"} and first_s is not None:
                return first_s, time.monotonic() - begun_s
            time.sleep(0.25)
        raise SystemExit("No song in time.")


def main() -> None:
    print("\nsong: two verses and a chorus, from Create to playable, offline provider")
    print(f"{'':34}{'first clip s':>14}{'both s':>10}")
    with (
        tempfile.TemporaryDirectory(prefix="ostinato-bench-") as folder,
        running_studio(Path(folder)) as studio,
    ):
        musician = Musician(studio)
        musician.settle_in()
        for number in range(SONGS):
            begun_s = time.monotonic()
            musician.press_create()
            first_s, both_s = musician.wait(begun_s)
            print(f"{f'song {number + 1}':34}{first_s:>14.1f}{both_s:>10.1f}")


if __name__ == "__main__":
    main()
