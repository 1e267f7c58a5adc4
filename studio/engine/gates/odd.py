"""Odd requests for the fuzz run: what people, scripts and accidents put into lyrics and tags."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from studio.engine.deck import CARDS
from studio.engine.spec import SongSpec

HEADERS = (
    "[Verse]", "[Verse 1]", "[Chorus]", "[Bridge]", "[Intro]", "[Outro]", "[Drop]", "[Hook: whispered]", "[]",
    "[???]", "[Solo]", "[Instrumental]", "[Pre-Chorus", "Verse:", "## Chorus", "**Refrão**", "(Chorus)",
    "[副歌]",
    "[Verse 999999999]", "[chorus][chorus]", "[break it down]",
)  # fmt: skip
WORDS = (  # noqa: SIM905 - a list is read better as a sentence
    "love night fire the a of I you're don't rhythm strengths queue mm shh hmm psst brrr Mississippi "
    "iridescence "
    "co-op O'Brien naïve Café 24/7 3.14 2nd $5 100% #1 @home U.S.A. it's—well… 'cause goin' LOUD xX x q 1999 "
    "1000000000000 supercalifragilisticexpialidocious antidisestablishmentarianism ok omg wtf "
    "http://a.b/c?d=e "
    "Llanfairpwllgwyngyll tsk zzz aaaaaaaaaaaa oooooh la na-na-na don’t “quoted” rock'n'roll"
).split(" ")
FOREIGN = (
    "кто там поёт", "夜空に星が光る", "我爱你", "사랑해 너를", "أحبك يا قمر", "שלום לך ירח", "मेरा दिल",
    "ฉันรักเธอ", "Brilla la luna sobre el mar", "Ça va très bien", "Über die Straße", "Żółć gęśl",
    "ἀγάπη", "Tôi yêu em", "\u202eright to left\u202c", "e\u0301a\u0300", "ﬁne ﬂow",
    "Ｆｕｌｌ ｗｉｄｔｈ", "𝔣𝔞𝔫𝔠𝔶 𝕨𝕠𝕣𝕕𝕤", "ⓒⓘⓡⓒⓛⓔ",
)  # fmt: skip
SIGNS = (
    "🎵🎶", "❤️‍🔥", "👩‍👩‍👧‍👦", "...", "!!!", "—", "(((", ")))", "( )", "(oh (no) yes)", "[", "]",
    "\u200b", "\u200d", "\ufeff",
    "\x00", "\x07", "\t", "\r\n", "\u2028", "\ud800", "{{x}}", "<b>hi</b>", "%s %d", "\\n",
    "'; DROP TABLE songs; --",
    "½", "²", "∞", "♭♯", "🇩🇪", "\u0301\u0301\u0301",
)  # fmt: skip
TAGS = (
    "slow fast", "0 bpm", "9999 bpm", "120bpm", "-5 bpm", "in H minor", "in B# major",
    "no drums, no bass, no guitar",
    "without anything", "13/8 time", "7/4", "5/4", "female male choir", "ASMR", "polka", "qawwali",
    "vaporwave",
    "death metal lullaby", "rock" * 50, ",,,,", "pop;rock|jazz/funk", "K-POP!!!", "lo-fi 🎧", "エモい",
    "без барабанов",
    "808, 808, 808", "piano piano piano", "C# minor Db major", "a cappella", "instrumental", "rap", "whisper",
    "no vocals", "3/4 trap waltz", "120 bpm 90 bpm", "voice", "", " ",
)  # fmt: skip

# What a request cannot hold.
REFUSED: tuple[tuple[str, tuple[object, ...]], ...] = (
    ("weirdness", (-0.1, 1e9, float("nan"), "0.5")), ("style_weight", (2, float("-inf"), True)),
    ("duration_s", (9.9, 0, -1, 1e6, float("nan"))), ("vocal_gender", ("x", "female", "F")),
    ("seed", (1.5, "1", None, True)), ("voice", ("nobody", "🎤", " ")), ("lyrics", (None, 7, "w " * 20_000)),
)  # fmt: skip


def odd_spec(rng: Random) -> dict[str, object]:
    """Arguments for a SongSpec, some of which it has to refuse."""
    spec: dict[str, object] = {"lyrics": _lyrics(rng), "tags": _tags(rng), "seed": _seed(rng)}
    if rng.random() < 0.3:
        spec["negative_tags"] = _tags(rng)
    if rng.random() < 0.2:
        spec["title"] = _line(rng)
    if rng.random() < 0.25:
        spec["description"] = _line(rng)
    if rng.random() < 0.15:
        spec["instrumental"] = True
    if rng.random() < 0.5:
        spec["vocal_gender"] = rng.choice(("f", "m", ""))
    for name in ("style_weight", "weirdness"):
        if rng.random() < 0.3:
            spec[name] = rng.choice((0.0, 1.0, rng.random(), rng.random()))
    if rng.random() < 0.4:
        spec["duration_s"] = rng.choice((10.0, 11.3, 30.0, 95.0, 360.0, rng.uniform(10, 360)))
    if rng.random() < 0.06:
        name, values = rng.choice(REFUSED)
        spec[name] = rng.choice(values)
    return spec


def _seed(rng: Random) -> int:
    return rng.choice((0, 1, -1, 2**31, 2**63, -(2**70), rng.randrange(10**9)))


def _line(rng: Random) -> str:
    pool = rng.choice((WORDS, WORDS, WORDS, FOREIGN, SIGNS))
    words = [rng.choice(pool) for _ in range(rng.choice((1, 2, 4, 5, 6, 8, 11, 20)))]
    if rng.random() < 0.15:
        words[rng.randrange(len(words))] = rng.choice((*FOREIGN, *SIGNS))
    if rng.random() < 0.15:
        at = rng.randrange(len(words))
        words[at] = f"({words[at]})"
    return " ".join(words)


def _stanzas(rng: Random) -> str:
    parts = []
    for _ in range(rng.randrange(1, 7)):
        if rng.random() < 0.7:
            parts.append(rng.choice(HEADERS))
        parts += [_line(rng) for _ in range(rng.choice((0, 1, 2, 4, 4, 6)))]
        parts += [""] * rng.randrange(3)
    return "\n".join(parts)


KINDS: tuple[tuple[float, Callable[[Random], str]], ...] = (
    (10.0, _stanzas),
    (1.0, lambda rng: ""),
    (1.0, lambda rng: rng.choice((" ", "\n\n\n", "\u200b", "\t"))),
    (1.0, lambda rng: rng.choice((*WORDS, *FOREIGN, *SIGNS))),
    (1.0, lambda rng: rng.choice("aZ5.é鬱😀\x00(")),
    (0.7, lambda rng: "\n".join(rng.choice(HEADERS) for _ in range(rng.randrange(1, 12)))),
    (0.5, lambda rng: "\n".join(f"({_line(rng)})" for _ in range(4))),
    (0.5, lambda rng: " ".join(rng.choice(SIGNS) for _ in range(30))),
    (
        0.3,
        lambda rng: rng.choice(("a", "ba", "strength", "é", "鬱", "😀", "9")) * rng.choice((40, 400, 3000)),
    ),
    (0.15, lambda rng: "\n".join(_line(rng)[:36] for _ in range(500))),
    (0.15, lambda rng: ("word " * 5000)[: rng.choice((19_999, 20_000, 20_001))]),
    (0.3, lambda rng: "".join(chr(rng.randrange(1, 0x3000)) for _ in range(rng.randrange(1, 300)))),
)


def _lyrics(rng: Random) -> str:
    weights, makers = zip(*KINDS, strict=True)
    return str(rng.choices(makers, weights)[0](rng))


def _tags(rng: Random) -> str:
    cards = [rng.choice(rng.choice(CARDS).words) for _ in range(rng.randrange(3))]
    return ", ".join([*cards, *(rng.choice(TAGS) for _ in range(rng.randrange(2)))])


def short(arguments: dict[str, object], rng: Random) -> SongSpec:
    """The same request, short enough to be rendered: at most three lines, ten to twenty seconds. Raises
    ValueError when it is one that the engine refuses."""
    lyrics = arguments["lyrics"]
    cut = "\n".join(lyrics[:600].split("\n")[:3])[:160] if isinstance(lyrics, str) else lyrics
    length_s = rng.choice((10.0, 15.0, 20.0))
    return SongSpec(**{**arguments, "lyrics": cut, "duration_s": length_s})  # type: ignore[arg-type]
