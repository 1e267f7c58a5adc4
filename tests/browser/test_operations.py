"""What is made of a song, from the press to the result: with the mouse, with keys, with a microphone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import pytest
import soundfile as sf
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect

from tests.browser.conftest import Visit, Visitor, launch, sign_in
from tests.browser.test_pages import SIZES, findings, overflow_px
from tests.studio_process import Studio, running_studio

pytestmark = pytest.mark.browser

MADE_WITHIN_MS = 240_000
SHOWN_WITHIN_MS = 20_000
MICROPHONE_RATE_HZ = 48_000
SPOKEN_FOR_MS = 12_500
LYRICS = "[Verse]\nPaper boats along the gutter\nRain is keeping time"
TAGS = "dream pop, warm, female voice, 120 bpm"
NOT_AUDIO = b"This is only a letter to a friend, whatever its name says.\n" * 40


@dataclass
class Songs:
    """A studio of its own and the one short song that everything here is made of."""

    studio: Studio
    browser: Browser
    base: str

    def ask(self, page: Page, operation: str, **fields: str) -> Locator:
        """Open the panel with an operation, a source and whatever else is given."""
        page.goto(f"{self.studio.url}/create?{urlencode({'operation': operation, **fields})}")
        return page.locator("#create-panel")

    def open(self, page: Page, code: str) -> None:
        page.goto(f"{self.studio.url}/clips/{code}")

    def tell(self, script: str) -> str:
        """The last line that a few words of Python print in this studio."""
        told = self.studio.manage("shell", "-v", "0", "-c", f"from studio.models import *\n{script}")
        return told.splitlines()[-1]


@pytest.fixture(scope="module")
def songs(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Songs]:
    with running_studio(tmp_path_factory.mktemp("operations")) as one:
        one.env["DEMO"] = one.manage("demo", "--json", "--songs", "0")
        context = chromium.new_context()
        page = context.new_page()
        sign_in(page, one)
        found = Songs(one, chromium, "")
        panel = found.ask(page, "sonic.create_music", mode="custom", prompt=LYRICS, tags=TAGS)
        panel.locator("[name=title]").fill("Paper Boats")
        found.base = clips_of(made(page))[0]
        context.close()
        yield found


@pytest.fixture
def visitor(visit: Visit, songs: Songs) -> Iterator[Visitor]:
    """The owner of the team at a desk, who has complained about nothing in the end."""
    one = visit()
    one.context.set_default_timeout(SHOWN_WITHIN_MS)
    sign_in(one.page, songs.studio)
    yield one
    assert one.complaints == []


def new_card(page: Page) -> Locator:
    """The card that comes to the top of the list when the form is sent."""
    cards = page.locator("#work > .task-card")
    before = cards.count()
    expect(page.locator("#compose-preflight .preflight--ok")).to_be_visible(timeout=SHOWN_WITHIN_MS)
    page.locator("#create-panel button[type=submit].btn--primary").click()
    expect(cards).to_have_count(before + 1, timeout=SHOWN_WITHIN_MS)
    return page.locator(f"#{cards.first.get_attribute('id')}")


def made(page: Page) -> Locator:
    """The card of what the form asked for, when all of it is there."""
    card = new_card(page)
    is_over = re.compile("ready|failed|unconfirmed")
    expect(card).to_have_attribute("data-state", is_over, timeout=MADE_WITHIN_MS)
    assert card.get_attribute("data-state") == "ready", card.inner_text()
    return card


def clips_of(card: Locator) -> list[str]:
    return [str(row.get_attribute("data-clip")) for row in card.locator(".clip-row").all()]


def length_s(page: Page, code: str) -> float:
    return float(page.locator(f"#clip-{code} [data-play]").first.get_attribute("data-duration") or "nan")


def made_from(page: Page) -> Locator:
    return page.locator("#lineage .kv > div", has_text="Made from")


# --- out of a clip ----------------------------------------------------------------------------


def test_a_section_is_replaced_by_other_words(visitor: Visitor, songs: Songs) -> None:
    page = visitor.page
    start_s = first_words_s(page, songs)
    panel = songs.ask(page, "sonic.replace_section", clip=songs.base)
    panel.locator("[name=infill_start_s]").fill(f"{start_s - 0.5:.1f}")
    panel.locator("[name=infill_end_s]").fill(f"{start_s + 5:.1f}")
    panel.locator("[name=infill_end_s]").press("Tab")
    expect(panel.locator("[name=infill_lyrics]")).to_have_value(re.compile(r"\w"))
    panel.locator("[name=infill_lyrics]").fill("Lanterns over silver water")
    card = made(page)
    whole = clips_of(card)[-1]  # the sections alone come first
    assert length_s(page, whole) == pytest.approx(length_s(page, songs.base), abs=1.5)
    songs.open(page, whole)
    expect(page.locator("#lyrics")).to_contain_text(re.compile(r"lanterns\s+over\s+silver", re.IGNORECASE))
    parent = made_from(page)
    expect(parent).to_contain_text("Replace a section")
    expect(parent.get_by_role("link")).to_have_attribute("href", f"/clips/{songs.base}")
    songs.open(page, songs.base)
    children = page.locator("#lineage .kv > div", has_text=re.compile("^Made of it"))
    expect(children.get_by_role("link", name="Paper Boats").first).to_be_visible()
    expect(children).to_contain_text("Replace a section")


def first_words_s(page: Page, songs: Songs) -> float:
    songs.open(page, songs.base)
    return max(float(page.locator("studio-timeline .word").first.get_attribute("data-start") or "nan"), 0.5)


def test_a_song_is_taken_apart_and_its_mixer_appears(visitor: Visitor, songs: Songs) -> None:
    page = visitor.page
    songs.open(page, songs.base)
    page.locator("#stems, #make").get_by_role("link", name=re.compile("every part")).first.click()
    expect(page.locator("#create-panel .op-button")).to_contain_text("Stems")
    expect(page.locator("#create-panel .strip")).to_have_attribute("data-clip", songs.base)
    page.locator("#create-panel").get_by_role("button", name=re.compile("Split")).click()
    assert songs.base in page.url  # beside the panel the page stays
    lanes = page.locator("#stems studio-stem-lane:not([silent])")
    for _ in range(40):
        if lanes.count() > 2:  # how many there are is the song's affair
            break
        page.wait_for_timeout(3000)
        songs.open(page, songs.base)
    expect(lanes.nth(2)).to_be_visible()
    parts = {str(lane.get_attribute("data-part")) for lane in lanes.all()}
    assert {"vocals", "drums", "bass"} <= parts, parts
    page.get_by_role("button", name="Play the stems").click()
    page.wait_for_function("() => document.querySelector('studio-mixer').position_s > 0.5")


def test_two_clips_become_one_mashup(visitor: Visitor, songs: Songs) -> None:
    page = visitor.page
    page.goto(f"{songs.studio.url}/library")
    row = page.locator(f"#clip-{songs.base}")
    other = str(page.locator(f".clip-row:not(#clip-{songs.base})").last.get_attribute("data-clip"))
    row.get_by_role("button", name=re.compile("More for")).click()
    row.get_by_role("menuitem", name=re.compile("Mash")).click()
    panel = page.locator("#create-panel")
    expect(panel.locator("[data-source=clip]")).to_have_attribute("data-clip", songs.base)
    panel.locator("#id_second_clip").click()
    panel.locator(f"[data-picker=second_clip] input[value='{other}']").check()
    panel.get_by_role("button", name="Use this clip").click()
    expect(panel.locator("[data-source=second_clip]")).to_have_attribute("data-clip", other)
    page.get_by_role("link", name="Create", exact=True).first.click()
    expect(page.locator("#work")).to_be_visible()
    panel.get_by_text("Custom", exact=True).click()
    panel.locator("[name=prompt]").fill("[Verse]\nTwo rivers run as one tonight")
    panel.locator("[name=tags]").fill(TAGS)
    card = made(page)
    songs.open(page, clips_of(card)[0])
    links = made_from(page).get_by_role("link")
    expect(links).to_have_count(2)
    parents = {str(link.get_attribute("href")) for link in links.all()}
    assert parents == {f"/clips/{songs.base}", f"/clips/{other}"}


def test_a_song_goes_on_without_a_mouse(visitor: Visitor, songs: Songs) -> None:
    page = visitor.page
    page.goto(f"{songs.studio.url}/create")
    row = page.locator(f"#clip-{songs.base}")
    row.get_by_role("button", name=re.compile("More for")).focus()
    page.keyboard.press("Enter")
    expect(row.get_by_role("menuitem", name="Extend", exact=True)).to_be_visible()
    page.keyboard.press("e")
    expect(row.get_by_role("menuitem", name="Extend", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    panel = page.locator("#create-panel")
    expect(panel.locator("[data-source=clip]")).to_have_attribute("data-clip", songs.base)
    expect(panel.locator("textarea:focus, input:focus")).to_have_count(1)  # the keys go on in the form
    tab_to(page, panel.get_by_role("slider", name="Go on from"), "Shift+Tab")
    page.keyboard.press("Home")
    for key in ("PageUp", "Shift+ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    expect(panel.locator("[name=continue_at_s]")).to_have_value("0:06.1")
    tab_to(page, panel.locator("[name=prompt]"))
    page.keyboard.press("Control+a")
    page.keyboard.type("[Verse]\nOne more mile before the morning")
    expect(page.locator("#compose-preflight .preflight--ok")).to_be_visible()
    before = page.locator("#work > .task-card").count()
    page.keyboard.press("Control+Enter")
    cards = page.locator("#work > .task-card")
    expect(cards).to_have_count(before + 1)
    card = page.locator(f"#{cards.first.get_attribute('id')}")
    expect(card).to_have_attribute("data-state", "ready", timeout=MADE_WITHIN_MS)
    values = songs.tell("import json; print(json.dumps(Task.objects.order_by('-pk')[0].values))")
    assert json.loads(values)["continue_at_s"] == 6.1


def tab_to(page: Page, wanted: Locator, key: str = "Tab") -> None:
    """Press Tab until it has the focus, as somebody without a mouse does."""
    for _ in range(20):
        if wanted.evaluate("(one) => one === document.activeElement"):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{wanted} is not reached with Tab")


# --- out of a recording -----------------------------------------------------------------------


def test_somebody_sings_to_a_recording_that_was_brought(
    visitor: Visitor, songs: Songs, tmp_path: Path
) -> None:
    page = visitor.page
    panel = songs.ask(page, "sonic.upload")
    panel.locator("studio-upload input[type=file]").set_input_files(backing(tmp_path / "Kitchen demo.wav"))
    expect(panel.locator("[name=recording] option:checked")).to_contain_text("Kitchen demo")
    expect(page.locator(".toast")).to_contain_text("The recording is here")
    uploaded = clips_of(made(page))
    assert len(uploaded) == 1
    panel = songs.ask(page, "sonic.add_vocals", clip=uploaded[0], mode="custom")
    panel.locator("[name=prompt]").fill("[Verse]\nSomebody is singing in the kitchen tonight")
    panel.locator("[name=tags]").fill("soft pop, female voice")
    sung = clips_of(made(page))
    assert sung
    songs.open(page, sung[0])
    expect(made_from(page).get_by_role("link")).to_have_attribute("href", f"/clips/{uploaded[0]}")
    expect(page.locator("#lyrics")).to_contain_text(
        re.compile(r"singing\s+in\s+the\s+kitchen", re.IGNORECASE)
    )
    songs.open(page, uploaded[0])
    expect(page.locator("#lineage")).to_contain_text("Add vocals")


def backing(path: Path, beats: int = 32, bpm: float = 100.0) -> Path:
    """A plucked loop of four chords, a bass and a beat, as somebody would bring it."""
    rate_hz, beat_s = 44_100, 60 / bpm
    sound = np.zeros(int(rate_hz * beat_s * beats) + rate_hz)
    rng = np.random.default_rng(4)
    for beat in range(beats):
        root = (45, 41, 48, 43)[beat // 4 % 4]
        notes = [(root - 12, 0.16), *((root + step, 0.07) for step in (12, 16 if root != 45 else 15, 19))]
        seconds = np.arange(int(rate_hz * beat_s)) / rate_hz
        tone = sum(
            level * np.sin(2 * np.pi * 440 * 2 ** ((note - 69) / 12) * seconds) for note, level in notes
        )
        hit = 0.12 * rng.standard_normal(len(seconds)) * np.exp(-seconds * 60)
        at = int(beat * beat_s * rate_hz)
        sound[at : at + len(seconds)] += tone * np.exp(-seconds * 3) + hit
    sf.write(path, sound, rate_hz, subtype="PCM_16")
    return path


def test_what_is_no_audio_is_refused_in_the_picker(visitor: Visitor, songs: Songs) -> None:
    page = visitor.page
    panel = songs.ask(page, "sonic.upload")
    before = panel.locator("[name=recording]").input_value()
    chooser = panel.locator("studio-upload input[type=file]")
    chooser.set_input_files(FilePayload(name="demo.mp3", mimeType="audio/mpeg", buffer=NOT_AUDIO))
    expect(panel.locator("studio-upload .error")).to_contain_text("not an audio file that can be used")
    expect(panel.locator("studio-upload .upload-state")).to_be_hidden()
    expect(panel.locator("[name=recording]")).to_have_value(before)
    assert all(
        "422" in one for one in visitor.complaints
    )  # the browser tells of each answer that is an error
    visitor.complaints.clear()


DROP = """([bytes, name, selector]) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([new Uint8Array(bytes)], name, { type: "audio/wav" }));
  const given = { bubbles: true, cancelable: true, dataTransfer: transfer };
  const place = document.querySelector(selector);
  const isTaken = !place.dispatchEvent(new DragEvent("dragover", given));
  place.dispatchEvent(new DragEvent("drop", given));
  return isTaken;
}"""


def test_a_file_dropped_on_any_page_goes_to_the_upload(
    visitor: Visitor, songs: Songs, tmp_path: Path
) -> None:
    page = visitor.page
    tone = 0.2 * np.sin(np.arange(44_100 * 3) / 20)
    sf.write(tmp_path / "tone.wav", tone, 8_000, subtype="PCM_16")
    body = list((tmp_path / "tone.wav").read_bytes())
    page.goto(f"{songs.studio.url}/library")
    assert page.evaluate(DROP, [body, "Dropped on the page.wav", "#main h1"])
    panel = page.locator("#create-panel")
    chosen = panel.locator("[name=recording] option:checked")
    expect(panel.locator(".op-button")).to_contain_text("Upload")
    expect(chosen).to_contain_text("Dropped on the page")
    page.evaluate(DROP, [body, "And into the picker.wav", "studio-upload"])
    expect(chosen).to_contain_text("And into the picker")
    expect(page).to_have_url(re.compile("/library"))
    page.goto(f"{songs.studio.url}/usage")  # which has no panel beside it
    page.evaluate(DROP, [body, "Dropped far away.wav", "#main h1"])
    page.wait_for_url(re.compile("/create"))
    expect(chosen).to_contain_text("Dropped far away")
    expect(chosen.locator("..")).to_be_visible()


# --- a voice ----------------------------------------------------------------------------------


@pytest.fixture
def microphone(songs: Songs, visit: Visit, tmp_path: Path) -> Path:
    """What is sung into the microphone: the singer of the song alone, as the engine gives the stem."""
    path = tmp_path / "microphone.wav"
    wanted = f"clip__code='{songs.base}', kind='stem', details__part='vocals'"
    if songs.tell(f"print(Asset.objects.filter({wanted}).count())") == "0":
        page = visit().page
        sign_in(page, songs.studio)
        songs.ask(page, "sonic.stems_basic", clip=songs.base)
        made(page)
    songs.tell(
        "from studio import vault\n"
        f"stem = Asset.objects.filter({wanted}).first()\n"
        f"print(open({str(path)!r}, 'wb').write(vault.open(stem.key).read()))"
    )
    return as_microphone(path)


def as_microphone(path: Path) -> Path:
    """One channel at the rate that the browser's stand-in for a microphone reads, without the silent ends."""
    sound, rate_hz = sf.read(path, always_2d=True)
    mono = sound.mean(axis=1)
    heard = np.flatnonzero(np.abs(mono) > 0.01)
    mono = mono[heard[0] : heard[-1]]
    times = np.arange(int(len(mono) / rate_hz * MICROPHONE_RATE_HZ)) / MICROPHONE_RATE_HZ
    same = np.interp(times, np.arange(len(mono)) / rate_hz, mono)
    made_path = path.with_name("sung.wav")
    sf.write(made_path, 0.7 * same / np.abs(same).max(), MICROPHONE_RATE_HZ, subtype="PCM_16")
    return made_path


@pytest.fixture
def singer(songs: Songs, microphone: Path) -> Iterator[Visitor]:
    """Somebody in front of a microphone that gives the sound of a file, over and over."""
    own = launch(
        songs.browser.browser_type,
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={microphone}",
    )
    context = own.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(SHOWN_WITHIN_MS)
    visitor = Visitor(context.new_page(), context)
    visitor.listen()
    sign_in(visitor.page, songs.studio)
    yield visitor
    own.close()
    assert visitor.complaints == []


def test_a_voice_is_recorded_made_and_sung_with(singer: Visitor, songs: Songs) -> None:
    page = singer.page
    panel = songs.ask(page, "sonic.create_voice")
    sing_into_the_microphone(page, panel)
    recording = str(panel.locator("[name=recording]").input_value())
    check_the_candidate(page, songs, recording)
    songs.ask(page, "sonic.create_voice", recording=recording)
    made(page)
    voice = hear_the_voice(page, songs, recording)
    panel = songs.ask(page, "sonic.persona_music", persona=voice)
    expect(panel.locator("[name=persona]")).to_have_value(voice)
    panel.locator("[name=prompt]").fill("[Verse]\nI have a voice that is my own")
    panel.locator("[name=tags]").fill("piano ballad, quiet, 90 bpm")
    panel.locator("[name=title]").fill("My Own")
    card = made(page)
    page.locator(f"#clip-{clips_of(card)[0]} [data-play]").click()
    page.wait_for_function("() => document.querySelector('audio#player').currentTime > 0.5")
    page.goto(f"{songs.studio.url}/voices")
    expect(page.locator(f"#persona-{voice}")).to_contain_text("sang in 1 task")


def sing_into_the_microphone(page: Page, panel: Locator) -> None:
    button = panel.locator("[data-upload=record]")
    button.click()
    expect(button).to_contain_text("Stop")
    expect(panel.locator("studio-upload [role=status]")).to_contain_text("Recording 0:0")
    levels = []
    for _ in range(5):
        page.wait_for_timeout(SPOKEN_FOR_MS / 5)
        levels.append(float(panel.locator("studio-upload meter").evaluate("(meter) => meter.value")))
    assert max(levels) > 0.05, levels
    button.click()
    chosen = panel.locator("[name=recording] option:checked")
    expect(chosen).to_contain_text(re.compile(r"Recording .* – 0:1\d"))


def check_the_candidate(page: Page, songs: Songs, recording: str) -> None:
    """What is measured of a recording before a voice is made of it."""
    page.goto(f"{songs.studio.url}/voices")
    candidate = page.locator(f"#candidate-{recording}")
    expect(candidate).to_contain_text(re.compile(r"0:1\d long"))
    expect(candidate).to_contain_text(re.compile(r"-\d+\.\d LUFS"))
    expect(candidate).to_contain_text(re.compile(r"background -\d+ dB"))
    expect(candidate.locator(".error")).to_have_count(0)
    expect(candidate.get_by_role("link", name="Make a voice")).to_be_visible()


def hear_the_voice(page: Page, songs: Songs, recording: str) -> str:
    """The voice stands in its list and can be heard; gives its code."""
    voice = songs.tell(f"print(Persona.objects.get(recording__code='{recording}').code)")
    page.goto(f"{songs.studio.url}/voices")
    card = page.locator(f"#persona-{voice}")
    expect(card).to_contain_text("From the recording")
    sound = card.locator("audio")
    sound.evaluate("(audio) => audio.play()")
    handle = sound.element_handle()
    page.wait_for_function("(audio) => audio.currentTime > 0.5 && audio.duration > 10", arg=handle)
    sound.evaluate("(audio) => audio.pause()")
    expect(page.locator(f"#candidate-{recording}")).to_have_count(0)
    return voice


# --- recipes, and how the pages look ----------------------------------------------------------


def test_a_recipe_is_kept_and_used_again(visitor: Visitor, songs: Songs) -> None:
    page = visitor.page
    songs.open(page, songs.base)
    page.get_by_text("Keep recipe…").click()
    page.get_by_label("Name of the recipe").fill("Boats in the rain")
    page.get_by_role("button", name="Keep", exact=True).click()
    page.wait_for_url(re.compile("/recipes"))
    kept = page.get_by_role("article", name="Boats in the rain", exact=True)
    expect(kept).to_contain_text("New song")
    with page.expect_download() as file:
        kept.get_by_role("link", name=re.compile("as JSON")).click()
    told = json.loads(Path(file.value.path()).read_text())
    assert LYRICS.splitlines()[1] in json.dumps(told)
    kept.get_by_role("link", name="Use", exact=True).click()
    panel = page.locator("#create-panel")
    expect(panel.locator("[name=prompt]")).to_have_value(LYRICS)
    expect(panel.locator("[name=tags]")).to_have_value(TAGS)
    expect(panel.locator("[name=title]")).to_have_value("Paper Boats")


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("size", SIZES)
def test_voices_recordings_and_recipes_fit_and_are_accessible(
    visit: Visit, songs: Songs, size: str, theme: str
) -> None:
    visitor = visit(*SIZES[size])
    visitor.context.add_cookies([{"name": "theme", "value": theme, "url": songs.studio.url}])
    page = visitor.page
    sign_in(page, songs.studio)
    connection = songs.tell("print(Connection.objects.get(team__name='Demo team').code)")
    for address in ("/voices", "/recordings", "/recipes", f"/settings/connections/{connection}/operations"):
        page.goto(songs.studio.url + address)
        expect(page.locator("html")).to_have_attribute("data-theme", theme)
        assert overflow_px(page) <= 0, address
        assert visitor.complaints == [], address
        assert findings(page) == [], address
        visitor.complaints.clear()  # axe adds a style of its own
