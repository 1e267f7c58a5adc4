"""Every screen at three widths and in both themes; with keys alone, on a phone, without script."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Visit, demo_person, sign_in
from tests.studio_process import Studio

pytestmark = pytest.mark.browser

SIZES = {"wide": (1440, 900), "tablet": (1024, 768), "phone": (390, 844)}
PAGES = ("/create", "/library", "/voices", "/recordings", "/recipes", "/team", "/settings", "/usage")


def findings(page: Page) -> list[str]:
    violations = Axe().run(page).response["violations"]
    return [f"{one['impact']} {one['id']}" for one in violations if one["impact"] in {"serious", "critical"}]


def overflow_px(page: Page) -> int:
    return int(
        page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    )


def first_clip(page: Page, studio: Studio) -> str:
    page.goto(f"{studio.url}/library")
    return str(page.locator("a.clip-title").first.get_attribute("href"))


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("size", SIZES)
def test_every_screen_fits_and_is_accessible(visit: Visit, studio: Studio, size: str, theme: str) -> None:
    visitor = visit(*SIZES[size])
    visitor.context.add_cookies([{"name": "theme", "value": theme, "url": studio.url}])
    page = visitor.page
    sign_in(page, studio)
    for address in (*PAGES, first_clip(page, studio)):
        page.goto(studio.url + address)
        expect(page.locator("html")).to_have_attribute("data-theme", theme)
        assert overflow_px(page) <= 0, address
        assert visitor.complaints == [], address
        assert findings(page) == [], address
        visitor.complaints.clear()  # axe adds a style of its own


def test_the_words_of_a_song_can_be_clicked_to_hear_them(visit: Visit, studio: Studio) -> None:
    visitor = visit()
    page = visitor.page
    sign_in(page, studio)
    page.goto(studio.url + first_clip(page, studio))
    word = page.locator("studio-timeline .word").nth(4)
    start_s = float(word.get_attribute("data-start") or "nan")
    page.locator(".clip-hero [data-play]").first.click()
    page.wait_for_timeout(400)
    word.click()
    page.wait_for_timeout(300)
    heard_s = float(page.evaluate("() => document.querySelector('audio#player').currentTime"))
    assert start_s - 0.1 <= heard_s <= start_s + 1.5


def test_a_clip_can_be_found_and_played_with_the_keyboard_alone(visit: Visit, studio: Studio) -> None:
    visitor = visit()
    page = visitor.page
    sign_in(page, studio)
    page.keyboard.press("g")
    page.keyboard.press("l")
    page.wait_for_url(re.compile("/library"))
    page.keyboard.press("/")
    page.keyboard.type("zzz nothing like this")
    expect(page.get_by_text("No match")).to_be_visible()
    page.locator("[data-search-focus]").fill("")
    expect(page.locator(".clip-row").first).to_be_visible()
    page.locator("[data-search-focus]").blur()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_function("() => !document.querySelector('audio#player').paused")
    page.keyboard.press("?")
    expect(page.locator("dialog[open]")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert visitor.complaints == []


def test_a_phone_has_tabs_and_a_small_player(visit: Visit, studio: Studio) -> None:
    visitor = visit(390, 844, has_touch=True, is_mobile=True)
    page = visitor.page
    sign_in(page, studio)
    page.get_by_role("link", name="Library", exact=True).tap()
    page.wait_for_url(re.compile("/library"))
    page.locator(".clip-row [data-play]").first.tap()
    page.wait_for_function("() => document.querySelector('audio#player').currentTime > 0.2")
    page.get_by_role("button", name="Open the player").tap()
    expect(page.get_by_role("button", name="Close the player")).to_be_visible()
    assert overflow_px(page) <= 0


def test_a_row_has_its_whole_menu_on_a_phone(visit: Visit, studio: Studio) -> None:
    visitor = visit(390, 844, has_touch=True, is_mobile=True)
    page = visitor.page
    sign_in(page, studio)
    page.goto(f"{studio.url}/library")
    page.locator(".clip-row").first.get_by_role("button", name=re.compile("More for")).tap()
    menu = page.get_by_role("menu")
    expect(menu.get_by_role("menuitem", name="Extend")).to_be_visible()
    for name in ("MP3", "Play next"):
        item = menu.get_by_role("menuitem", name=re.compile(name))
        item.scroll_into_view_if_needed()
        expect(item).to_be_in_viewport()
    menu.get_by_role("menuitem", name="Play next").tap()
    expect(page.locator(".toast")).to_contain_text("plays next")


def test_a_refused_form_brings_what_is_wrong_with_it_into_view(visit: Visit, studio: Studio) -> None:
    page = visit().page
    sign_in(page, studio)
    page.goto(f"{studio.url}/settings")
    page.locator("#add-connection summary").click()
    page.locator("#add-connection [name=key]").fill("two words")
    page.locator("#add-connection .btn--primary").click()
    expect(page.locator("#add-connection [aria-invalid=true]")).to_be_focused()
    expect(page.locator("#add-connection .error")).to_be_in_viewport()
    assert page.url == f"{studio.url}/settings"


def test_signing_in_searching_and_playing_need_no_script(visit: Visit, studio: Studio) -> None:
    visitor = visit(java_script_enabled=False)
    page = visitor.page
    sign_in(page, studio)
    page.goto(f"{studio.url}/library?q=kitchen")
    expect(page.locator(".clip-row").first).to_be_visible()
    page.locator("a.clip-title").first.click()
    expect(page.locator("noscript audio, audio[controls]").first).to_be_attached()


def test_a_viewer_listens_and_is_told_why_not_more(visit: Visit, studio: Studio) -> None:
    visitor = visit()
    page = visitor.page
    sign_in(page, studio, "viewer")
    assert page.locator("#create-panel button[type=submit].btn--primary").is_disabled()
    page.goto(f"{studio.url}/usage")
    expect(page.locator("h1")).to_contain_text("role")


# The same hand's next press, a tenth of a second after the first answer put its new token on the page.
SEND_AGAIN_AT_THE_ANSWER = """() => {
  const token = document.getElementById("form-token").value;
  new MutationObserver((_, observer) => {
    if (document.getElementById("form-token").value === token) return;
    observer.disconnect();
    setTimeout(() => {
      document.getElementById("create-panel").requestSubmit();
      window.sentAgain = true;
    }, 100);
  }).observe(document.body, { subtree: true, childList: true, attributes: true });
}"""


def test_sending_the_form_twice_makes_one_song(visit: Visit, studio: Studio) -> None:
    visitor = visit()
    page = visitor.page
    sign_in(page, studio, "member")
    panel = page.locator("#create-panel")
    panel.locator("[name=gpt_description_prompt]").fill("a very short quiet piano song")
    before = page.locator(".task-card").count()
    page.evaluate(SEND_AGAIN_AT_THE_ANSWER)
    panel.locator("[name=gpt_description_prompt]").press("Control+Enter")
    panel.locator("[name=gpt_description_prompt]").press("Control+Enter")
    expect(page.locator(".task-card")).to_have_count(before + 1)
    page.wait_for_function("() => window.sentAgain")
    page.wait_for_timeout(800)
    assert page.locator(".task-card").count() == before + 1
    card = page.locator(".task-card").first
    expect(card).to_have_attribute("data-state", "ready", timeout=120_000)
    expect(page.locator("#running[hx-get]")).to_have_count(0)
    assert visitor.complaints == []


def test_the_demo_people_are_who_they_say(studio: Studio) -> None:
    assert demo_person(studio, "owner")["email"] != demo_person(studio, "viewer")["email"]


def test_a_link_outruns_the_page_that_going_back_still_waits_for(visit: Visit, studio: Studio) -> None:
    visitor = visit()
    page = visitor.page
    sign_in(page, studio)
    page.get_by_role("link", name="Library", exact=True).first.click()
    expect(page.locator("#main")).to_have_attribute("data-page", "library")
    held: list[Route] = []

    def hold(route: Route) -> None:
        if "hx-history-restore-request" in route.request.headers:
            held.append(route)
        else:
            route.continue_()

    page.route("**/*", hold)
    with page.expect_request(lambda request: "hx-history-restore-request" in request.headers):
        page.evaluate("() => history.back()")
    page.get_by_role("link", name="Settings", exact=True).first.click()
    expect(page.locator("#main")).to_have_attribute("data-page", "settings")
    for route in held:
        route.continue_()
    page.wait_for_timeout(500)
    expect(page.locator("#main")).to_have_attribute("data-page", "settings")
    assert held
    assert visitor.complaints == []
