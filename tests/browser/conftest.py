"""A real Chromium that visits a whole studio."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, BrowserType, Page, sync_playwright

from tests.studio_process import ROOT, Studio, running_studio

ARGS = [
    "--autoplay-policy=no-user-gesture-required",
    "--mute-audio",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def launch(kind: BrowserType, *more: str) -> Browser:
    """The Chromium of this machine, with flags of a test's own."""
    found = subprocess.run(["sh", "tests/browser/find_chromium.sh"], cwd=ROOT, capture_output=True, text=True)
    assert found.returncode == 0, found.stderr
    args = [*ARGS, *more, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    return kind.launch(executable_path=found.stdout.strip().splitlines()[-1], args=args)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright.chromium)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """One studio with the demo team, shared by the tests that do not need a first start."""
    with running_studio(tmp_path_factory.mktemp("studio")) as one:
        one.env["DEMO"] = one.manage("demo", "--json", "--songs", "2")
        yield one


@dataclass
class Visitor:
    """A person's browser window, with everything it complained about."""

    page: Page
    context: BrowserContext
    complaints: list[str] = field(default_factory=list)
    partial_answers: list[str] = field(default_factory=list)

    def listen(self) -> None:
        self.page.on(
            "console", lambda m: self.complaints.append(m.text) if m.type in {"error", "warning"} else None
        )
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("response", self._note)

    def _note(self, response: Any) -> None:
        if response.status == 206:
            self.partial_answers.append(response.url)
        if response.status >= 500:
            self.complaints.append(f"{response.status} {response.url}")


Visit = Callable[..., Visitor]


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Visit]:
    """`visit(width, height, scheme=…)` opens a fresh window."""
    opened: list[BrowserContext] = []

    def open_window(width: int = 1440, height: int = 900, **options: Any) -> Visitor:
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(15_000)
        opened.append(context)
        visitor = Visitor(context.new_page(), context)
        visitor.listen()
        return visitor

    yield open_window
    for context in opened:
        context.close()


def demo_person(studio: Studio, role: str) -> dict[str, str]:
    people = json.loads(studio.env["DEMO"])["users"]
    return next(person for person in people if person["role"] == role)


def sign_in(page: Page, studio: Studio, role: str = "owner") -> None:
    person = demo_person(studio, role)
    page.goto(f"{studio.url}/accounts/login/")
    page.locator("input[name=login]").fill(person["email"])
    page.locator("input[name=password]").fill(person["password"])
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(f"{studio.url}/create*")
