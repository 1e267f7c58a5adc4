"""The create panel in use: a source dragged or picked, moments on the waveform, words into the form."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit, Visitor, sign_in
from tests.studio_process import Studio

pytestmark = pytest.mark.browser

SIZES = {"wide": (1440, 900), "tablet": (1024, 768), "phone": (390, 844)}
WRITTEN_WITHIN_MS = 60_000


def clips_of(page: Page, studio: Studio) -> list[str]:
    page.goto(f"{studio.url}/library")
    return [str(row.get_attribute("data-clip")) for row in page.locator(".clip-row").all()]


@pytest.fixture
def visitor(visit: Visit, studio: Studio) -> Iterator[Visitor]:
    """Somebody at a desk who has complained about nothing in the end."""
    one = visit()
    sign_in(one.page, studio)
    yield one
    assert one.complaints == []


def seconds(text: str) -> float:
    minutes, rest = text.split(":")
    return int(minutes) * 60 + float(rest)


def moment(page: Page, name: str) -> float:
    return seconds(page.locator(f"#create-panel [name={name}]").input_value())


def length_of(wave: Locator) -> float:
    return float(wave.evaluate("(one) => one.closest('studio-range').getAttribute('duration')"))


def drag(page: Page, wave: Locator, start: float, end: float) -> None:
    """The pointer goes down, moves and comes up at these shares of the waveform's width."""
    wave.scroll_into_view_if_needed()
    box = wave.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * start, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * (start + end) / 2, middle, steps=3)
    page.mouse.move(box["x"] + box["width"] * end, middle, steps=3)
    page.mouse.up()


# --- moments ----------------------------------------------------------------------------------


def test_the_point_to_go_on_from_is_picked_on_the_waveform(visitor: Visitor, studio: Studio) -> None:
    page = visitor.page
    clip = clips_of(page, studio)[0]
    page.goto(f"{studio.url}/create?operation=sonic.extend_music&clip={clip}")
    wave = page.locator(".range-wave")
    length_s = length_of(wave)
    wave.click(position={"x": wave.bounding_box()["width"] * 0.5, "y": 20})  # type: ignore[index]
    assert moment(page, "continue_at_s") == pytest.approx(length_s * 0.5, abs=length_s * 0.01 + 0.1)
    handle = page.get_by_role("slider", name="Go on from")
    before_s = moment(page, "continue_at_s")
    handle.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    assert moment(page, "continue_at_s") == pytest.approx(before_s + 1.1, abs=0.02)
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    assert moment(page, "continue_at_s") == pytest.approx(0.1)
    expect(handle).to_have_attribute("aria-valuetext", "0:00.1")


def test_the_numbers_move_the_waveform_and_can_be_typed(visitor: Visitor, studio: Studio) -> None:
    page = visitor.page
    clip = clips_of(page, studio)[0]
    page.goto(f"{studio.url}/create?operation=sonic.extend_music&clip={clip}")
    page.locator("[name=continue_at_s]").fill("12.5")
    expect(page.get_by_role("slider", name="Go on from")).to_have_attribute("aria-valuenow", "12.5")
    expect(page.locator(".range-tools output")).to_contain_text("0:12.5 of")
    page.locator("[name=continue_at_s]").fill("soon")
    expect(page.locator("#compose-preflight")).to_contain_text("Give a moment such as 1:23.5")


def test_a_window_is_dragged_and_its_words_come_along(visitor: Visitor, studio: Studio) -> None:
    page = visitor.page
    clip = clips_of(page, studio)[0]
    page.goto(f"{studio.url}/create?operation=sonic.replace_section&clip={clip}")
    wave = page.locator(".range-wave")
    length_s = length_of(wave)
    drag(page, wave, 0.2, 0.4)
    assert moment(page, "infill_start_s") == pytest.approx(length_s * 0.2, abs=length_s * 0.02)
    assert moment(page, "infill_end_s") == pytest.approx(length_s * 0.4, abs=length_s * 0.02)
    expect(page.locator("[name=infill_lyrics]")).to_have_value(re.compile(r"\w"))
    first = page.locator("[name=infill_lyrics]").input_value()
    expect(page.locator(".strip-region")).to_be_visible()
    end = page.get_by_role("slider", name="Section to")
    box = end.bounding_box()
    assert box is not None and box["width"] == 12
    end.focus()
    for key in ("Shift+ArrowRight", "ArrowRight", "ArrowLeft", "End"):
        page.keyboard.press(key)
    expect(page.locator("[name=infill_lyrics]")).not_to_have_value(first)
    assert moment(page, "infill_end_s") == pytest.approx(length_s, abs=0.11)
    page.wait_for_timeout(1000)  # for the words of the last key
    page.locator("[name=infill_lyrics]").fill("My own words")
    end.focus()
    page.keyboard.press("Shift+ArrowLeft")
    page.wait_for_timeout(500)
    expect(page.locator("[name=infill_lyrics]")).to_have_value("My own words")


def test_a_window_never_grows_longer_than_the_provider_takes(visitor: Visitor, studio: Studio) -> None:
    page = visitor.page
    clip = clips_of(page, studio)[-1]
    page.goto(f"{studio.url}/create?operation=sonic.vox&clip={clip}")
    wave = page.locator(".range-wave")
    assert length_of(wave) > 31
    drag(page, wave, 0.02, 0.98)
    window_s = moment(page, "vocal_end_s") - moment(page, "vocal_start_s")
    assert 29.5 < window_s <= 30.0
    expect(page.locator("#compose-preflight")).to_contain_text("Ready")


def test_i_and_o_mark_the_window_at_the_playhead(visitor: Visitor, studio: Studio) -> None:
    page = visitor.page
    clip = clips_of(page, studio)[0]
    page.goto(f"{studio.url}/create?operation=sonic.replace_section&clip={clip}")
    page.locator(".strip [data-play]").click()
    page.wait_for_function("() => document.querySelector('audio#player').currentTime > 1")
    page.locator("#main h1").click()
    page.keyboard.press("i")
    page.wait_for_timeout(1200)
    page.keyboard.press("o")
    start_s, end_s = moment(page, "infill_start_s"), moment(page, "infill_end_s")
    assert start_s >= 0.9 and 0.6 <= end_s - start_s <= 4
    page.keyboard.press(" ")
    page.get_by_role("button", name="From playhead").last.click()
    heard_s = float(page.evaluate("() => document.querySelector('audio#player').currentTime"))
    assert moment(page, "infill_end_s") == pytest.approx(heard_s, abs=0.15)


# --- sources ----------------------------------------------------------------------------------


def test_a_clip_dragged_to_the_panel_becomes_its_source(visitor: Visitor, studio: Studio) -> None:
    page = visitor.page
    clips = clips_of(page, studio)
    panel = page.locator("#create-panel")
    page.locator(".op-button").click()
    page.get_by_role("menuitem", name="New song", exact=True).click()
    expect(panel.locator(".op-button")).to_contain_text("New song")
    page.locator(f"#clip-{clips[0]} .clip-style").drag_to(panel.locator(".panel-body"))
    expect(panel.locator(".op-button")).to_contain_text("Extend")
    expect(panel.locator(".strip")).to_have_attribute("data-clip", clips[0])
    panel.locator("[name=tags]").fill("my own tags")
    page.locator(f"#clip-{clips[-1]} .clip-style").drag_to(panel.locator(".strip"))
    expect(panel.locator(".strip")).to_have_attribute("data-clip", clips[-1])
    expect(panel.locator("[name=tags]")).to_have_value("my own tags")
    panel.get_by_role("link", name=re.compile("away")).click()
    expect(panel.locator(".strip--empty")).to_be_visible()
    expect(page).to_have_url(f"{studio.url}/library")


def test_a_source_is_picked_with_the_keyboard_alone(visitor: Visitor, studio: Studio) -> None:
    page = visitor.page
    clips = clips_of(page, studio)
    page.goto(f"{studio.url}/create?operation=sonic.mashup&clip={clips[0]}")
    page.locator("#id_second_clip").focus()
    page.keyboard.press("Enter")
    picker = page.locator("[data-picker=second_clip]")
    expect(picker.locator("input[type=search]")).to_be_focused()
    page.keyboard.type("train")
    expect(picker.locator(".pick")).to_have_count(2)
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    chosen = picker.locator("input:checked").get_attribute("value")
    page.keyboard.press("Enter")
    strip = page.locator("[data-source=second_clip]")
    expect(strip).to_have_attribute("data-clip", str(chosen))
    expect(page.locator("[data-source=clip]")).to_have_attribute("data-clip", clips[0])
    expect(page.locator("#id_second_clip")).to_be_focused()
    expect(page.locator("#compose-preflight")).not_to_contain_text("Choose a clip")


def test_a_rows_menu_leads_to_the_panel(visitor: Visitor, studio: Studio) -> None:
    page = visitor.page
    clip = clips_of(page, studio)[0]
    row = page.locator(f"#clip-{clip}")
    row.get_by_role("button", name=re.compile("More for")).click()
    row.get_by_role("menuitem", name="Remaster").click()
    expect(page.locator("#create-panel .op-button")).to_contain_text("Remaster")
    expect(page.locator("#create-panel .strip")).to_have_attribute("data-clip", clip)


def test_a_retired_operation_is_explained_and_leads_on(visit: Visit, studio: Studio) -> None:
    studio.manage(
        "shell",
        "-c",
        "from studio import offers, operations; from studio.models import Connection; "
        "[offers.withdraw(one, operations.get('sonic.persona'), 'The provider took it away in May.') "
        "for one in Connection.objects.filter(team__name='Demo team')]",
    )
    visitor = visit()
    page = visitor.page
    sign_in(page, studio)
    clip = clips_of(page, studio)[0]
    page.locator(".op-button").click()
    item = page.get_by_role("menuitem", name=re.compile("Make a persona"))
    expect(item).to_contain_text("The provider took it away in May.")
    expect(item).to_have_attribute("aria-disabled", "true")
    page.goto(f"{studio.url}/create?operation=sonic.persona&clip={clip}")
    expect(page.locator("#compose-preflight")).to_contain_text("The provider took it away in May.")
    expect(page.locator("#create-panel .btn--primary")).to_be_disabled()
    assert visitor.complaints == []


# --- words ------------------------------------------------------------------------------------


def test_lyrics_written_by_the_provider_come_into_the_form(visitor: Visitor, studio: Studio) -> None:
    page = visitor.page
    page.goto(f"{studio.url}/create?operation=sonic.create_music&prompt=Mine&title=&mode=custom")
    panel = page.locator("#create-panel")
    panel.get_by_role("link", name="Write with AI").click()
    panel.locator("[name=helper_about_prompt]").fill("paper boats on a rainy street")
    panel.get_by_role("button", name=re.compile("Write two drafts")).click()
    drafts = panel.locator(".draft")
    expect(drafts).to_have_count(2, timeout=WRITTEN_WITHIN_MS)
    words = drafts.first.locator("pre").inner_text().strip()
    title = drafts.first.locator("h3").inner_text()
    drafts.first.get_by_role("button", name="Use these").click()
    expect(panel.locator("[name=prompt]")).to_have_value(words)
    expect(panel.locator("[name=title]")).to_have_value(title)
    panel.locator(".helper-undo button").click()
    expect(panel.locator("[name=prompt]")).to_have_value("Mine")
    drafts.nth(1).get_by_role("button", name="Add below").click()
    expect(panel.locator("[name=prompt]")).to_have_value(re.compile(r"^Mine\n\n"))


def test_selected_lines_are_rewritten_in_their_place(visitor: Visitor, studio: Studio) -> None:
    page = visitor.page
    page.goto(f"{studio.url}/create?operation=sonic.create_music&mode=custom")
    panel = page.locator("#create-panel")
    panel.locator("[name=prompt]").fill("[Verse]\nFirst line\nSecond line\nThird line")
    panel.get_by_role("link", name="Write with AI").click()
    button = panel.get_by_role("button", name="Rewrite selected lines")
    expect(button).to_be_visible()
    panel.locator("[name=prompt]").evaluate("(field) => field.setSelectionRange(22, 26)")
    button.click()
    expect(panel.locator("[data-helper-shows]")).to_have_text("Second line")
    panel.get_by_role("button", name=re.compile("Write two drafts")).click()
    draft = panel.locator(".draft").first
    expect(draft).to_be_visible(timeout=WRITTEN_WITHIN_MS)
    words = draft.locator("pre").inner_text().strip()
    draft.get_by_role("button", name="Put in place of the lines").click()
    expect(panel.locator("[name=prompt]")).to_have_value(f"[Verse]\nFirst line\n{words}\nThird line")


def test_tags_are_enriched_and_what_was_there_can_be_kept(visitor: Visitor, studio: Studio) -> None:
    page = visitor.page
    page.goto(f"{studio.url}/create?operation=sonic.create_music&mode=custom&tags=folk")
    panel = page.locator("#create-panel")
    panel.get_by_role("link", name="Enhance").click()
    panel.get_by_role("button", name=re.compile("Enhance")).click()
    expect(panel.locator(".before-after")).to_contain_text("folk", timeout=WRITTEN_WITHIN_MS)
    after = panel.locator(".before-after dd").last.inner_text()
    assert "folk" in after and len(after) > len("folk")
    panel.get_by_role("button", name="Use it").click()
    expect(panel.locator("[name=tags]")).to_have_value(after)


# --- plans, and how it looks ------------------------------------------------------------------


def test_a_plan_grows_and_adds_up(visitor: Visitor, studio: Studio) -> None:
    page = visitor.page
    page.goto(f"{studio.url}/create?operation=nuro.bgm_v2")
    rows = page.locator("[data-plan-rows] li")
    expect(rows).to_have_count(6)
    page.get_by_role("button", name="Add a section").click()
    expect(rows).to_have_count(7)
    for number, length in enumerate(("10", "22.5")):
        rows.nth(number).locator("select").select_option(index=1)
        rows.nth(number).locator("input").fill(length)
    expect(page.locator("[data-plan-total]")).to_have_text("32.5 s in all")
    rows.nth(1).get_by_role("button", name="Remove this section").click()
    expect(page.locator("[data-plan-total]")).to_have_text("10 s in all")


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("size", SIZES)
def test_the_panel_fits_and_is_accessible(visit: Visit, studio: Studio, size: str, theme: str) -> None:
    visitor = visit(*SIZES[size])
    visitor.context.add_cookies([{"name": "theme", "value": theme, "url": studio.url}])
    page = visitor.page
    sign_in(page, studio)
    clip = clips_of(page, studio)[0]
    asked = [
        f"operation=sonic.replace_section&clip={clip}&infill_start_s=5&infill_end_s=12",
        f"operation=sonic.mashup&clip={clip}",
        "operation=nuro.bgm_v1",
        "operation=nuro.bgm_v2",
        f"operation=sonic.upload&clip={clip}",
        "operation=sonic.create_voice",
    ]
    for query in asked:
        page.goto(f"{studio.url}/create?{query}")
        width_px = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
        assert width_px <= 0, query
        assert visitor.complaints == [], query
        found = Axe().run(page).response["violations"]
        assert [one["id"] for one in found if one["impact"] in {"serious", "critical"}] == [], query
        visitor.complaints.clear()  # axe adds a style of its own


def test_everything_can_be_asked_for_without_scripts(visit: Visit, studio: Studio) -> None:
    visitor = visit(java_script_enabled=False)
    page = visitor.page
    sign_in(page, studio)
    page.goto(f"{studio.url}/create?operation=sonic.vox")
    page.get_by_role("link", name="Choose…").click()
    page.locator(".pick input").first.check()
    page.get_by_role("button", name="Use this clip").click()
    expect(page.locator(".strip-title")).to_be_visible()
    expect(page.locator(".range-wave")).to_be_hidden()
    page.locator("[name=vocal_start_s]").fill("0:02")
    page.locator("[name=vocal_end_s]").fill("9")
    expect(page.locator("#create-panel .btn--primary")).to_be_enabled()
