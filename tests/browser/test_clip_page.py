"""The clip page with real sound: stems in step, notes and words in time, and what appears by itself."""

from __future__ import annotations

import base64
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit, sign_in
from tests.browser.test_pages import SIZES, findings, overflow_px
from tests.clip_parts import RATE_HZ, TWELVE, Sound, tune
from tests.studio_process import Studio, running_studio

pytestmark = pytest.mark.browser

LENGTH_S = 24
SILENT = "woodwind"
AUDIBLE = [number for number, part in enumerate(TWELVE) if part != SILENT]
AGREE_S = 0.06


@dataclass
class Songs:
    studio: Studio
    full: str
    bare: str

    def open(self, page: Page, code: str) -> None:
        page.goto(f"{self.studio.url}/clips/{code}")

    def do(self, script: str) -> None:
        self.studio.manage("shell", "-v", "0", "-c", script)


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Songs]:
    """A studio with one song that has everything and one that has only its sound."""
    with running_studio(tmp_path_factory.mktemp("clips")) as one:
        one.env["DEMO"] = one.manage("demo", "--json", "--songs", "0")
        told = one.manage("shell", "-v", "0", "-c", "from tests import clip_parts; clip_parts.demo()")
        yield Songs(one, **json.loads(told.splitlines()[-1]))


@pytest.fixture
def page(visit: Visit, songs: Songs) -> Page:
    page = visit().page
    sign_in(page, songs.studio)
    songs.open(page, songs.full)
    return page


# --- stems ------------------------------------------------------------------------------------------

# Analysers of the test's own, on what each stem gives and on what leaves the mixer.
TAP = """() => {
  const { context, lanes, master } = document.querySelector("studio-mixer").graph;
  const tap = (node) => {
    const analyser = new AnalyserNode(context, { fftSize: 32768 });
    node.connect(analyser);
    return analyser;
  };
  const given = lanes.map(({ part, source }) => [part, tap(source)]);
  window.taps = { master: tap(master), ...Object.fromEntries(given) };
}"""
# The clock stands still while they are read: else the later ones would show a later time.
READ = """async () => {
  const { context } = document.querySelector("studio-mixer").graph;
  await context.suspend();
  const read = (analyser) => {
    const samples = new Float32Array(analyser.fftSize);
    analyser.getFloatTimeDomainData(samples);
    return samples;
  };
  const all = Object.entries(window.taps).map(([name, one]) => [name, read(one)]);
  await context.resume();
  const letters = ({ buffer }) => Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte));
  const text = (samples) => btoa(letters(samples).join(""));
  return Object.fromEntries(all.map(([name, samples]) => [name, text(samples)]));
}"""


def heard(page: Page) -> tuple[Sound, dict[str, Sound]]:
    """What the mixer gave out and what each stem gave in, during the last three quarters of a second."""
    page.wait_for_timeout(1100)
    read = {name: samples_of(text) for name, text in page.evaluate(READ).items()}
    return read.pop("master"), read


def samples_of(text: str) -> Sound:
    return np.frombuffer(base64.b64decode(text), dtype=np.float32).astype(np.float64)


def place_of(window: Sound, whole: Sound) -> int:
    """Where in `whole` the window was taken, to the sample."""
    size = len(whole) + len(window)
    spectrum = np.fft.rfft(whole, size) * np.conj(np.fft.rfft(window, size))
    return int(np.argmax(np.fft.irfft(spectrum, size)[: len(whole)]))


def below_db(rest: Sound, signal: Sound) -> float:
    return float(10 * np.log10((np.mean(rest**2) + 1e-20) / np.mean(signal**2)))


def start_stems(page: Page) -> None:
    page.get_by_role("button", name="Play the stems").click()
    page.wait_for_function("() => document.querySelector('studio-mixer').position_s > 0.3", timeout=30_000)


def lane(page: Page, name: str) -> Any:
    return page.get_by_role("group", name=name, exact=True)


def test_twelve_stems_play_in_step_and_a_solo_is_all_that_is_rendered(page: Page, visit: Visit) -> None:
    start_stems(page)
    page.evaluate(TAP)
    mix, stems = heard(page)
    assert set(stems) == {TWELVE[number] for number in AUDIBLE}
    places = {part: place_of(window, tune(TWELVE.index(part), LENGTH_S)) for part, window in stems.items()}
    assert len(set(places.values())) == 1, places  # to the sample
    at = places["bass"]
    size = len(mix)
    every = np.sum([tune(number, LENGTH_S)[at : at + size] for number in AUDIBLE], axis=0)
    assert below_db(mix - every, every) < -50

    lane(page, "Bass").get_by_role("button", name="Solo Bass").click()
    mix, stems = heard(page)
    bass = tune(TWELVE.index("bass"), LENGTH_S)
    at = place_of(stems["bass"], bass)
    alone = bass[at : at + size]
    assert below_db(mix - alone, alone) < -60
    levels = page.evaluate("() => document.querySelector('studio-mixer').levels()")
    assert sum(level > 1e-4 for level in levels.values()) == 1

    # Solos add up; with Alt the new one is alone.
    lane(page, "Drums").get_by_role("button", name="Solo Drums").click()
    expect(page.locator("[data-lane=solo][aria-pressed=true]")).to_have_count(2)
    lane(page, "Keys").get_by_role("button", name="Solo Keys").click(modifiers=["Alt"])
    expect(page.locator("[data-lane=solo][aria-pressed=true]")).to_have_count(1)


def test_stems_stay_in_step_when_sought_while_they_play(page: Page) -> None:
    start_stems(page)
    page.evaluate(TAP)
    for to_s in (12.3, 3.1, 18.7):
        page.evaluate("(to_s) => document.querySelector('studio-mixer').seek(to_s)", to_s)
        _, stems = heard(page)
        places = {
            part: place_of(window, tune(TWELVE.index(part), LENGTH_S)) for part, window in stems.items()
        }
        assert len(set(places.values())) == 1, places
        assert min(places.values()) / RATE_HZ > to_s - 0.2


def test_a_fader_sets_the_level_that_is_rendered(page: Page) -> None:
    start_stems(page)
    page.evaluate(TAP)
    number = lane(page, "Bass").get_by_role("spinbutton")
    lane(page, "Bass").get_by_role("button", name="Solo Bass").click()
    number.fill("-12")
    mix, stems = heard(page)
    assert below_db(mix, stems["bass"]) == pytest.approx(-12, abs=0.1)
    lane(page, "Bass").get_by_role("slider").dblclick()
    expect(number).to_have_value("0")
    mix, stems = heard(page)
    assert below_db(mix, stems["bass"]) == pytest.approx(0, abs=0.1)


def test_the_mixer_is_worked_with_keys_alone(page: Page) -> None:
    fader = lane(page, "Vocals").get_by_role("slider")
    fader.focus()
    page.keyboard.press("m")
    expect(lane(page, "Vocals").get_by_role("button", name="Mute Vocals")).to_have_attribute(
        "aria-pressed", "true"
    )
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(fader).to_have_attribute("aria-valuetext", "-2 dB")
    page.keyboard.press("ArrowDown")
    expect(lane(page, "Backing").get_by_role("slider")).to_be_focused()
    page.keyboard.press("s")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Alt+s")
    expect(page.locator("[data-lane=solo][aria-pressed=true]")).to_have_count(1)
    expect(lane(page, "Drums").get_by_role("button", name="Solo Drums")).to_have_attribute(
        "aria-pressed", "true"
    )
    # A silent lane is passed over, and has nothing to press.
    lane(page, "Brass").get_by_role("slider").focus()
    page.keyboard.press("ArrowDown")
    expect(lane(page, "Fx").get_by_role("slider")).to_be_focused()
    expect(lane(page, "Woodwind, silent").get_by_role("slider")).to_be_disabled()
    page.locator("[data-mixer=reset]").click()
    expect(page.locator(".lanes [aria-pressed=true]")).to_have_count(0)


def test_the_player_and_the_mixer_never_sound_together(page: Page) -> None:
    page.locator(".clip-hero [data-play]").click()
    page.wait_for_function("() => document.querySelector('#player').currentTime > 0.2")
    start_stems(page)
    assert page.evaluate("() => document.querySelector('#player').paused")
    page.locator(".clip-hero [data-play]").click()
    expect(page.locator("[data-mixer=toggle]")).to_have_attribute("aria-pressed", "false")
    page.wait_for_function("() => !document.querySelector('#player').paused")


def test_leaving_the_page_ends_the_stems(page: Page) -> None:
    start_stems(page)
    context = page.evaluate_handle("() => document.querySelector('studio-mixer').graph.context")
    page.get_by_role("link", name="Library", exact=True).first.click()
    expect(page.locator("#main")).to_have_attribute("data-page", "library")
    page.wait_for_function("(context) => context.state === 'closed'", arg=context)


def test_a_stem_that_is_gone_is_left_out_and_named(page: Page, songs: Songs) -> None:
    broken = lane(page, "Guitar").get_attribute("src")
    page.route(f"**{broken}", lambda route: route.fulfill(status=404))
    start_stems(page)
    expect(page.locator("[data-mixer=status]")).to_contain_text("Guitar")
    assert len(page.evaluate("() => Object.values(document.querySelector('studio-mixer').levels())")) == 12


def test_another_split_can_be_chosen_and_plays_in_step_too(page: Page) -> None:
    page.get_by_label("Which split").select_option(index=1)
    expect(page.locator("studio-stem-lane")).to_have_count(2)
    # These two are MP3s, in which a decoder has to find its place.
    start_stems(page)
    page.evaluate("() => document.querySelector('studio-mixer').seek(11.1)")
    page.wait_for_function("() => document.querySelector('studio-mixer').position_s > 11.2")
    page.evaluate(TAP)
    _, stems = heard(page)
    places = {
        part: place_of(window, tune(number, LENGTH_S)) for number, (part, window) in enumerate(stems.items())
    }
    assert abs(places["vocals"] - places["instrumental"]) <= 1, places
    # What was chosen stays when the page brings itself up to date.
    with page.expect_response(re.compile("parts=")):
        page.evaluate("() => document.dispatchEvent(new CustomEvent('studio:work'))")
    expect(page.locator("[data-mixer=toggle]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("studio-stem-lane")).to_have_count(2)


def test_all_stems_come_in_one_file(page: Page, tmp_path: Any) -> None:
    with page.expect_download() as waiting:
        page.get_by_role("link", name="All stems, ZIP").click()
    waiting.value.save_as(tmp_path / "stems.zip")
    assert waiting.value.suggested_filename == "Night Drive (take A) - stems.zip"
    names = zipfile.ZipFile(tmp_path / "stems.zip").namelist()
    assert "Night Drive (take A) - Bass.wav" in names
    assert len(names) == 12


def test_stems_can_be_heard_and_saved_without_scripts(visit: Visit, songs: Songs) -> None:
    page = visit(java_script_enabled=False).page
    sign_in(page, songs.studio)
    songs.open(page, songs.full)
    expect(page.locator(".lane audio[controls]")).to_have_count(12)
    expect(page.locator(".lane audio[controls]").first).to_be_visible()
    expect(page.locator(".lane-save").first).to_be_visible()
    expect(page.locator("[data-mixer=toggle]")).to_be_hidden()


# --- notes and words in time ---------------------------------------------------------------------------

# What the page shows at one moment: the audio's own time, the playhead's place in the roll, and the lit word.
SHOWN = """() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => {
  const audio_s = document.querySelector("#player").currentTime;
  const roll = document.querySelector("studio-roll");
  const space = roll.querySelector("[data-roll=space]").getBoundingClientRect();
  const head = roll.querySelector("[data-roll=playhead]").getBoundingClientRect();
  const head_s = ((head.left + head.right) / 2 - space.left) / space.width * roll.duration_s;
  const word = document.querySelector("studio-timeline .word[data-now]");
  const times = ({ dataset }) => [Number(dataset.start), Number(dataset.end)];
  const words = [...document.querySelectorAll("studio-timeline .word")].map(times);
  done({ audio_s, head_s, lit: word && times(word), words });
})))"""


def assert_agrees(page: Page) -> dict[str, Any]:
    shown: dict[str, Any] = page.evaluate(SHOWN)
    assert abs(shown["head_s"] - shown["audio_s"]) <= AGREE_S, shown["head_s"] - shown["audio_s"]
    at_s = shown["audio_s"]
    if shown["lit"]:
        start_s, end_s = shown["lit"]
        assert start_s - AGREE_S <= at_s <= end_s + AGREE_S
    else:
        inside = [word for word in shown["words"] if word[0] + AGREE_S <= at_s <= word[1] - AGREE_S]
        assert inside == []
    return shown


def test_playhead_and_lit_word_agree_with_the_sound_after_every_seek(page: Page) -> None:
    page.locator("studio-roll").scroll_into_view_if_needed()
    page.locator(".clip-hero [data-play]").click()
    page.wait_for_function("() => document.querySelector('#player').currentTime > 0.2")
    lit = 0
    for to_s in (5.1, 17.35, 2.02, 21.5, 9.87):
        detail = json.dumps({"name": "seek", "position_s": to_s})
        page.evaluate(
            f"() => document.dispatchEvent(new CustomEvent('studio:command', {{ detail: {detail} }}))"
        )
        page.wait_for_function("() => !document.querySelector('#player').seeking")
        for _ in range(8):
            shown = assert_agrees(page)
            assert to_s - 0.1 <= shown["audio_s"] <= to_s + 3
            lit += bool(shown["lit"])
            page.wait_for_timeout(60)
    assert lit > 10
    # At rest as well.
    page.keyboard.press("Space")
    page.wait_for_function("() => document.querySelector('#player').paused")
    assert_agrees(page)


def test_a_click_in_the_roll_or_on_a_word_seeks_there(page: Page) -> None:
    canvas = page.locator("[data-roll=canvas]")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    canvas.click(position={"x": box["width"] / 2, "y": 120})
    page.wait_for_function("() => document.querySelector('#player').currentTime > 0.2")
    half_s = LENGTH_S / 2
    shown = assert_agrees(page)
    assert half_s - 0.2 <= shown["audio_s"] <= half_s + 3
    page.locator("studio-timeline .word").nth(5).click()
    page.wait_for_function("() => document.querySelector('#player').currentTime < 5")
    assert 2 - 0.1 <= assert_agrees(page)["audio_s"] <= 4


def test_roll_and_words_follow_the_stems_while_those_play(page: Page) -> None:
    start_stems(page)
    page.locator("studio-timeline .word").nth(20).click()
    page.wait_for_function("() => document.querySelector('studio-mixer').position_s > 8.2")
    assert page.evaluate("() => document.querySelector('#player').paused")
    expect(page.locator("[data-roll=playhead]")).to_be_visible()
    page.wait_for_function("() => document.querySelector('studio-timeline .word[data-now]')")
    start_s = float(page.locator("studio-timeline .word[data-now]").get_attribute("data-start") or "nan")
    assert abs(start_s - page.evaluate("() => document.querySelector('studio-mixer').position_s")) < 1


def test_instruments_are_switched_off_and_the_roll_is_zoomed_and_scrolled_by_keys(page: Page) -> None:
    frame = page.get_by_role("region", name=re.compile("Piano roll"))
    frame.scroll_into_view_if_needed()
    pixels = "() => document.querySelector('[data-roll=canvas]').toDataURL()"
    page.wait_for_function("() => document.querySelector('[data-roll=canvas]').width > 400")
    before = page.evaluate(pixels)
    page.get_by_role("button", name="Drums", exact=True).click()
    assert page.evaluate(pixels) != before
    frame.focus()
    for _ in range(4):
        page.keyboard.press("+")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => document.querySelector('[data-roll=scroll]').scrollLeft > 20")
    assert page.evaluate("() => document.querySelector('#player').paused")


def test_the_notes_are_a_table_too_and_lists_that_go_on(page: Page) -> None:
    row = page.get_by_role("row", name=re.compile("Acoustic bass"))
    expect(row).to_contain_text("80")
    page.get_by_text("All notes as lists").click()
    page.get_by_text("Acoustic bass, 80 notes").click()
    page.get_by_role("link", name="Show the notes").first.click()
    expect(page.locator(".table--notes tbody tr")).to_have_count(50)
    page.get_by_role("link", name="More notes").click()
    expect(page.locator(".table--notes tbody tr")).to_have_count(80)


def test_following_the_words_scrolls_them_and_not_the_page(page: Page) -> None:
    page.locator(".clip-hero [data-play]").click()
    page.wait_for_function("() => document.querySelector('#player').currentTime > 0.2")
    page.set_viewport_size({"width": 1440, "height": 500})
    page.evaluate("() => document.querySelector('#main').scrollTo(0, 0)")
    detail = json.dumps({"name": "seek", "position_s": 22})
    page.evaluate(f"() => document.dispatchEvent(new CustomEvent('studio:command', {{ detail: {detail} }}))")
    page.wait_for_function("() => document.querySelector('studio-timeline').scrollTop > 50")
    assert page.evaluate("() => document.querySelector('#main').scrollTop") == 0


# --- what appears by itself ------------------------------------------------------------------------------

BEGIN = """
from datetime import timedelta
from django.utils import timezone
from studio.models import Clip, Task
from tests import clip_parts
clip = Clip.objects.get(code="{code}")
later = timezone.now() + timedelta(hours=1)
clip_parts.add_task(clip.team, clip.task.person, clip.task.connection, "sonic.midi", clip, status="running",
                    remote_id="none-{code}", due_at=later, deadline_at=later)
"""
END = """
from studio.models import Clip, Task
from tests import clip_parts
clip = Clip.objects.get(code="{code}")
clip_parts.add_notes(clip, [("Piano", 12)], 24)
Task.objects.filter(remote_id="none-{code}").update(status="ready")
"""


def test_a_running_task_is_told_and_its_section_appears_without_a_reload(visit: Visit, songs: Songs) -> None:
    visitor = visit()
    page = visitor.page
    songs.do(BEGIN.format(code=songs.bare))
    sign_in(page, songs.studio)
    songs.open(page, songs.bare)
    expect(page.locator("#clip-work")).to_contain_text("Writing down the notes")
    expect(page.locator("studio-roll")).to_have_count(0)
    page.evaluate("() => (window.stayed = true)")
    page.locator(".clip-hero [data-play]").click()
    songs.do(END.format(code=songs.bare))
    expect(page.locator("studio-roll")).to_have_count(1, timeout=20_000)
    expect(page.locator("#clip-work p")).to_have_count(0)
    assert page.evaluate("() => window.stayed")
    expect(page.locator(".clip-hero [data-play]")).to_have_attribute("aria-pressed", "true")
    assert visitor.complaints == []


def test_stems_play_on_while_something_else_arrives(visit: Visit, songs: Songs) -> None:
    visitor = visit()
    page = visitor.page
    sign_in(page, songs.studio)
    songs.open(page, songs.full)
    start_stems(page)
    lane(page, "Bass").get_by_role("button", name="Mute Bass").click()
    songs.do(BEGIN.format(code=songs.full))
    # Nobody asks while nothing runs; the next page change or one's own request starts the asking.
    page.evaluate("() => document.dispatchEvent(new CustomEvent('studio:work'))")
    expect(page.locator("#clip-work")).to_contain_text("Writing down the notes")
    expect(page.locator("[data-mixer=toggle]")).to_have_attribute("aria-pressed", "true")
    expect(lane(page, "Bass").get_by_role("button", name="Mute Bass")).to_have_attribute(
        "aria-pressed", "true"
    )
    songs.do(f"from studio.models import Task; Task.objects.filter(remote_id='none-{songs.full}').delete()")
    assert visitor.complaints == []


# --- every size, both themes -----------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("size", SIZES)
def test_the_page_fits_and_is_accessible_with_everything_and_with_nothing(
    visit: Visit, songs: Songs, size: str, theme: str
) -> None:
    visitor = visit(*SIZES[size])
    visitor.context.add_cookies([{"name": "theme", "value": theme, "url": songs.studio.url}])
    page = visitor.page
    sign_in(page, songs.studio)
    for code in (songs.full, songs.bare):
        songs.open(page, code)
        page.wait_for_timeout(300)
        assert overflow_px(page) <= 0
        assert visitor.complaints == []
        assert findings(page) == []
        visitor.complaints.clear()
