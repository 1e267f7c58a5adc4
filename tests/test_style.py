"""The visual language holds: colours have one home, pairs of them can be read, pages carry nothing inline."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"
TOKENS = STATIC / "css" / "tokens.css"
STYLES = sorted((STATIC / "css").glob("*.css"))
SCRIPTS = sorted((STATIC / "js").glob("*.js"))
PAGES = sorted(path for path in (ROOT / "templates").rglob("*.html") if "email" not in path.parts)

HEX = r"#(?:[0-9a-fA-F]{8}|[0-9a-fA-F]{6}|[0-9a-fA-F]{3,4})(?![\w-])"
FUNCTION = r"\b(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch|color)\("
NAMED = (
    r"\b(?:black|white|gr[ae]y|silver|red|green|blue|yellow|orange|purple|pink|brown|cyan|teal|navy|magenta|gold"
    r"|lime|indigo|violet|crimson|tomato|salmon|coral|(?:dark|light|medium|pale|deep|dim|hot)[a-z]*"
    r"(?:red|green|blue|gr[ae]y|cyan|pink|orange|salmon|yellow|violet))\b"
)
# color-mix() mixes tokens and needs its `in oklab`; light-dark() belongs to tokens.css alone.
IN_CSS = re.compile(rf"{HEX}|(?<!-){FUNCTION}|:[^;{{}}]*{NAMED}|light-dark\(")
IN_HTML = re.compile(
    rf"""\b(?:fill|stroke|stop-color|flood-color|bgcolor|color|content)=["'](?:{HEX}|{FUNCTION}|{NAMED})""",
    re.I,
)
IN_JS = re.compile(rf"""["'`](?:{HEX}|{NAMED})["'`]|{FUNCTION}""")
COMMENT = re.compile(r"/\*.*?\*/|^\s*//.*?$", re.S | re.M)


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def without_comments(path: Path) -> str:
    return COMMENT.sub("", path.read_text())


@pytest.mark.parametrize("path", [path for path in STYLES if path != TOKENS], ids=name_of)
def test_a_style_sheet_takes_its_colours_from_the_tokens(path: Path) -> None:
    assert [found.group() for found in IN_CSS.finditer(without_comments(path))] == []


@pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
def test_a_script_takes_its_colours_from_the_tokens(path: Path) -> None:
    assert [found.group() for found in IN_JS.finditer(without_comments(path))] == []


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_a_template_names_no_colour(path: Path) -> None:
    assert [found.group() for found in IN_HTML.finditer(path.read_text())] == []


@pytest.mark.parametrize(
    "text", ["a{color:#fff}", "a{color:rgb(1 2 3)}", "a{color: white}", "a{border:1px solid gray}"]
)
def test_a_raw_colour_in_a_style_sheet_would_be_found(text: str) -> None:
    assert IN_CSS.search(text)


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_a_template_carries_no_inline_style_or_handler(path: Path) -> None:
    tags = re.findall(r"<[a-z][^>]*>", path.read_text(), re.I)
    assert [tag for tag in tags if re.search(r"\s(?:style|on[a-z]+|(?:data-)?hx-on[\w:-]*)=", tag)] == []


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_every_inline_script_carries_the_nonce(path: Path) -> None:
    scripts = re.findall(r"<script(?![^>]*\ssrc=)[^>]*>", path.read_text())
    assert [tag for tag in scripts if "nonce=" not in tag and "application/json" not in tag] == []


# --- icons -----------------------------------------------------------------------------------------


def icons_asked_for() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for found in re.findall(
            r"""_icon\.html["'] with name=["']([\w-]+)|\bicon=["']([\w-]+)["']""", page.read_text()
        ):
            yield name_of(page), found[0] or found[1]


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons.svg").read_text()))
    assert [asked for asked in icons_asked_for() if asked[1] not in drawn] == []


# --- contrast --------------------------------------------------------------------------------------

Colour = tuple[float, float, float]
THEMES = ("light", "dark")


def parse(colour: str) -> Colour:
    digits = colour.strip().lstrip("#")
    return tuple(int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4))  # type: ignore[return-value]


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    return tuple(a * share + b * (1 - share) for a, b in zip(one, other, strict=True))  # type: ignore[return-value]


def luminance(colour: Colour) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: Colour, other: Colour) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def tokens(selector: str = ":root {") -> dict[str, tuple[Colour, Colour]]:
    """Each token of a block as (light, dark)."""
    block = TOKENS.read_text().split(selector, 1)[1].split("\n}", 1)[0]
    plain = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);", block)
    lanes = re.findall(
        r"--(lane-[\w-]+): light-dark\(color-mix\(in srgb, (#\w{6}) 55%, black\), (#\w{6})\);", block
    )
    found = {name: (parse(light), parse(dark)) for name, light, dark in plain}
    return found | {name: (mixed(parse(light), (0, 0, 0), 0.55), parse(dark)) for name, light, dark in lanes}


READ_ON = {
    "text": ("bg0", "bg1", "bg2", "bg3", "bg4", "raised"),
    "text2": ("bg0", "bg1", "bg2", "bg3", "raised"),
    "text3": ("bg0", "bg1", "bg2", "raised"),
    "accent": ("bg0", "bg1", "bg2", "bg3", "raised"),
    "accent-ink": ("accent", "accent-hover"),
    "work": ("bg0", "bg1", "bg2", "raised"),
    "ok": ("bg0", "bg1", "bg2", "raised"),
    "err": ("bg0", "bg1", "bg2", "raised"),
    "info": ("bg0", "bg1", "bg2", "raised"),
    "err-ink": ("err",),
}
TEXT_PAIRS = [(theme, ink, paper) for theme in THEMES for ink, papers in READ_ON.items() for paper in papers]


@pytest.mark.parametrize(("theme", "ink", "paper"), TEXT_PAIRS)
def test_text_reads_at_4_5_to_1(theme: str, ink: str, paper: str) -> None:
    known, side = tokens(), THEMES.index(theme)
    assert contrast(known[ink][side], known[paper][side]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("state", ["work", "ok", "err", "info", "text2"])
@pytest.mark.parametrize("paper", ["bg0", "bg1"])
def test_a_state_pill_reads_on_its_own_tint(theme: str, state: str, paper: str) -> None:
    known, side = tokens(), THEMES.index(theme)
    ink = known[state][side]
    assert contrast(ink, mixed(ink, known[paper][side], 0.14)) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("paper", ["bg0", "bg1"])
def test_the_edge_of_a_control_is_seen_at_3_to_1(theme: str, paper: str) -> None:
    known, side = tokens(), THEMES.index(theme)
    assert contrast(known["line-strong"][side], known[paper][side]) >= 3


@pytest.mark.parametrize("theme", THEMES)
def test_the_lanes_of_all_twelve_instruments_are_seen_at_3_to_1(theme: str) -> None:
    known, side = tokens(), THEMES.index(theme)
    lanes = {
        name: contrast(pair[side], known["bg1"][side])
        for name, pair in known.items()
        if name.startswith("lane-")
    }
    assert len(lanes) == 12
    assert {name: ratio for name, ratio in lanes.items() if ratio < 3} == {}


def test_high_contrast_is_higher_in_every_text_pair() -> None:
    usual, high = tokens(), tokens("@media (prefers-contrast: more) {\n  :root {")
    for side in (0, 1):
        for ink in ("text", "text2", "text3", "accent"):
            assert contrast(high[ink][side], high["bg1"][side]) > contrast(
                usual[ink][side], usual["bg1"][side]
            )


# --- what is sent ----------------------------------------------------------------------------------


def test_the_import_map_lists_every_module_that_is_imported_and_none_that_is_gone() -> None:
    listed = re.findall(r"'js/([\w-]+\.js)'", (ROOT / "templates/shell/_scripts.html").read_text())
    source = "\n".join(path.read_text() for path in SCRIPTS)
    wanted = re.findall(r'import (?:[^"]+ from )?"studio/([\w-]+)"', source)
    assert [name for name in listed if not (STATIC / "js" / name).exists()] == []
    assert {f"{name}.js" for name in wanted} - set(listed) == set()


def test_vendored_files_are_the_ones_their_list_names() -> None:
    vendor = STATIC / "vendor"
    sums = re.findall(r"`([\w./-]+\.js)` `([0-9a-f]{64})`", (vendor / "README.md").read_text())
    assert {name for name, _ in sums} == {str(path.relative_to(vendor)) for path in vendor.rglob("*.js")}
    for name, wanted in sums:
        assert hashlib.sha256((vendor / name).read_bytes()).hexdigest() == wanted
