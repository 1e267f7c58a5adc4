"""The main job, as a newcomer does it: first start, a song, and music that never stops."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit, Visitor
from tests.studio_process import Studio, running_studio

pytestmark = pytest.mark.browser

LYRICS = """[Verse]
Paper boats along the gutter
Rain is keeping time
Every street a silver ribbon
Every door a rhyme

[Chorus]
Carry me over, carry me on
We will be singing when the water is gone
"""
SONG_LIMIT_MS = 120_000

# Notes when the first card appears after the press, in the page and not over the driver.
WATCH_FOR_CARD = """() => {
  const seen = new Set([...document.querySelectorAll('.task-card')].map((card) => card.id));
  document.addEventListener('click', (event) => {
    if (event.target.closest('[type=submit]')) window.__pressed_ms = performance.now();
  }, true);
  new MutationObserver(() => {
    const fresh = [...document.querySelectorAll('.task-card')].find((card) => !seen.has(card.id));
    if (fresh && !window.__card_ms) window.__card_ms = performance.now() - window.__pressed_ms;
  }).observe(document.body, { childList: true, subtree: true });
}"""

WATCH_THE_CLOCK = """() => {
  const audio = document.querySelector('audio#player');
  window.__times = [];
  window.__pauses = 0;
  audio.addEventListener('pause', () => { if (!audio.ended) window.__pauses += 1; });
  window.__clock = setInterval(() => window.__times.push(audio.currentTime), 50);
}"""

LOUDNESS_OF_PLAYING = """async () => {
  const audio = document.querySelector('audio#player');
  const bytes = await (await fetch(audio.currentSrc, { headers: { Range: 'bytes=0-' } })).arrayBuffer();
  const decoded = await new OfflineAudioContext(2, 44100, 44100).decodeAudioData(bytes);
  const samples = decoded.getChannelData(0);
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return { rms: Math.sqrt(sum / samples.length), seconds: decoded.duration };
}"""


def settle_in(page: Page, studio: Studio) -> None:
    page.goto(studio.url)
    page.wait_for_url(f"{studio.url}/welcome")
    page.locator("input[name=name]").fill("Ada")
    page.locator("input[name=email]").fill("ada@example.com")
    page.locator("input[name=password]").fill("a quiet river at night")
    page.get_by_role("button", name=re.compile("studio", re.IGNORECASE)).click()
    page.wait_for_url(f"{studio.url}/create*")


def write_the_song(page: Page) -> None:
    panel = page.locator("#create-panel")
    panel.get_by_text("Custom", exact=True).click()
    panel.locator("[name=prompt]").fill(LYRICS)
    panel.locator("[name=tags]").fill("dream pop, warm, female voice, 100 bpm")
    panel.locator("[name=title]").fill("Paper Boats")


def current_time_s(page: Page) -> float:
    return float(page.evaluate("() => document.querySelector('audio#player').currentTime"))


def serious(page: Page) -> list[str]:
    """What axe-core finds serious or critical on the page as it stands."""
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {[node['target'] for node in one['nodes']]}"
        for one in found
        if one["impact"] in {"serious", "critical"}
    ]


def go(page: Page, name: str, address: str) -> None:
    page.get_by_role("link", name=name, exact=True).first.click()
    page.wait_for_url(re.compile(address))
    expect(page.locator("#main h1").first).to_be_visible()


def test_a_newcomer_makes_a_song_and_it_plays_on_across_the_app(visit: Visit, tmp_path: Path) -> None:
    with running_studio(tmp_path / "data") as studio:
        visitor = visit()
        page = visitor.page
        settle_in(page, studio)
        write_the_song(page)
        make_it(page)
        listen(page)
        keep_listening_everywhere(page)
        seek(page, visitor)
        assert visitor.complaints == []  # axe adds a style of its own, so this is asked first
        for address in ("/create", "/library", "/team", "/usage", "/settings"):
            page.goto(studio.url + address)
            assert serious(page) == [], address


def make_it(page: Page) -> None:
    page.evaluate(WATCH_FOR_CARD)
    page.locator("#create-panel button[type=submit].btn--primary").click()
    card = page.locator(".task-card").first
    expect(card).to_be_visible()
    print(f"\ncard after the press: {page.evaluate('() => window.__card_ms'):.0f} ms")
    expect(card).to_have_attribute("data-state", "ready", timeout=SONG_LIMIT_MS)
    expect(card.locator("[data-play]")).to_have_count(2)


def listen(page: Page) -> None:
    page.evaluate(WATCH_THE_CLOCK)
    page.locator(".task-card [data-play]").first.click()
    page.wait_for_timeout(1500)
    assert current_time_s(page) > 0.5
    heard = page.evaluate(LOUDNESS_OF_PLAYING)
    assert heard["rms"] > 0.02
    assert heard["seconds"] > 5


def keep_listening_everywhere(page: Page) -> None:
    go(page, "Library", "/library")
    go(page, "Team", "/team")
    go(page, "Settings", "/settings")
    page.go_back()
    page.wait_for_url(re.compile("/team"))
    page.go_forward()
    page.wait_for_url(re.compile("/settings"))
    go(page, "Create", "/create")
    page.wait_for_timeout(300)
    times = page.evaluate("() => { clearInterval(window.__clock); return window.__times; }")
    assert len(times) > 20
    assert all(later >= earlier for earlier, later in itertools.pairwise(times))
    assert times[-1] > times[0] + 1
    assert page.evaluate("() => window.__pauses") == 0


def seek(page: Page, visitor: Visitor) -> None:
    slider = page.locator("studio-player [role=slider]").first
    box = slider.bounding_box()
    assert box is not None
    slider.click(position={"x": box["width"] * 0.8, "y": box["height"] / 2})
    page.wait_for_timeout(700)
    length = float(page.evaluate("() => document.querySelector('audio#player').duration"))
    assert current_time_s(page) == pytest.approx(length * 0.8, abs=0.05 * length + 1.5)
    assert any("/media/" in url for url in visitor.partial_answers)
