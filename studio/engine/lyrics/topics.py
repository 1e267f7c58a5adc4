"""What a description is about: its noun phrases, found by word class and by the words around them."""

import re

from studio.engine.lyrics.dictionary import look_up
from studio.engine.lyrics.lexicon import FUNCTION_WORDS
from studio.engine.lyrics.themes import THEMES, Theme

_OWNERS = frozenset("my our your his her their".split())
_ARTICLES = frozenset("a an the this that some".split())
_PREPOSITIONS = frozenset(
    "about of for on in at by to from with under over through near like around into between behind beside across".split()
)
# Words that describe the recording, not its subject.
MUSIC = frozenset(
    """song songs music track tune ballad anthem lyrics lyric melody chorus verse verses bridge hook beat beats vocal vocals voice singer style
    genre tempo bpm mood vibe vibes sound theme story feeling feel rhyme rhymes title version cover instrumental intro outro pop rock folk jazz
    blues soul country rap hip hop trap house techno edm metal punk indie funk disco reggae ska latin bossa nova lo fi lofi synthwave ambient
    orchestral cinematic acoustic electric guitar piano drums bass strings violin synth saxophone trumpet female male man woman kind sort lot bit
    way thing things someone something anything everything one nothing people line lines words word upbeat slow fast please write make create
    time times day part end start minute minutes second seconds""".split()
)
_NO_NOUNS = frozenset(
    """losing finding being going getting having making feeling falling missing leaving loving dancing running driving walking singing living waiting
    playing coming looking watching sitting standing growing trying moving turning dreaming flying riding drinking writing not very really too
    again always never now then here there maybe just only even also still back down up out off away more most less good bad great nice
    want wants need needs love loves like likes miss misses go goes get gets make makes feel feels write sing sings say says tell tells
    sad happy lonely young old new red blue green golden long short big small little sweet dark bright warm cold soft hard deep wild free
    lost broken beautiful all every each both believe yourself myself himself herself itself ourselves themselves rise wish
    stay leave think know see hear take give find keep let try help hold first last next own best better same other dreamy mellow cheerful energetic romantic funny angry emotional""".split()
)
_BARE = re.compile(r"(?:ness|ity|dom|ship|hood|ism|ment|ance|ence|ing)$")
_BARE_WORDS = frozenset(
    """love hope joy pain grief peace freedom summer winter spring autumn christmas music coffee rain snow fire faith luck fame money time heaven
    paris london berlin tokyo rome midnight sunshine moonlight courage loss home school life death war youth heartbreak nature gravity dance
    work thunder lightning water wine whiskey gold silver january february march april may june july august september october november december
    monday tuesday wednesday thursday friday saturday sunday""".split()
)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|[,.;:!?]")


def topics_of(text: str) -> list[str]:
    """Up to four noun phrases, ready to stand in a line ("my dog", "the red bicycle", "freedom"), in order.

    Adjectives, verbs and the vocabulary of music are no topics; a word the dictionary does not know is one
    when an article, a possessive or a preposition stands before it, or when it is written as a name.
    """
    words = _WORD.findall(text)
    found: list[str] = []
    place = 0
    while place < len(words):
        phrase, length = _phrase_at(words, place)
        if phrase and phrase.casefold() not in [item.casefold() for item in found]:
            found.append(phrase)
        place += max(1, length)
    return found[:4]


def _phrase_at(words: list[str], place: int) -> tuple[str, int]:
    """The noun phrase that starts here and how many words it takes; ("", 0) when none does."""
    lead, index = "", place
    if words[index].casefold() in _OWNERS | _ARTICLES:
        lead = words[index].casefold()
        index += 1
    described: list[str] = []
    while index < len(words) and _is_adjective(words[index]) and len(described) < 2:
        described.append(words[index].casefold())
        index += 1
    nouns: list[str] = []
    before = words[place - 1].casefold() if place else ""
    opened = bool(lead or described) or before in _PREPOSITIONS or not before
    while index < len(words) and len(nouns) < 2 and _is_noun(words, index, opened or bool(nouns)):
        nouns.append(words[index])
        index += 1
    if not nouns:
        return "", 0
    return _with_article(lead, described, nouns), index - place


def _is_adjective(word: str) -> bool:
    low = word.casefold()
    entry = look_up(low)
    if "-" in low:
        return True
    return low not in MUSIC and entry is not None and (entry.word_class == "J" or low in _ADJECTIVES)


_ADJECTIVES = frozenset(
    "red blue green golden old young new broken lost dark bright wild little long last first own lonely".split()
)


def _is_noun(words: list[str], index: int, opened: bool) -> bool:
    word = words[index]
    low = word.casefold()
    if (
        not word[0].isalpha()
        or low in MUSIC
        or low in FUNCTION_WORDS
        or low in _NO_NOUNS
        or low in _PREPOSITIONS
        or len(low) < 3
    ):
        return False
    entry = look_up(low)
    if (
        index
        and word[0].isupper()
        and words[index - 1] not in ".!?"
        and not (entry and entry.word_class in "JRV")
    ):
        return True
    if entry is None:
        return opened
    if entry.word_class == "N":
        return not low.endswith("ing") or low in _BARE_WORDS
    if entry.word_class in "JRV" or low.endswith(("ing", "ed", "ly")):
        return False
    if index and words[index - 1].casefold() in ("to", "who"):
        return False
    after = words[index + 1].casefold() if index + 1 < len(words) else "."
    if not index and after not in _PREPOSITIONS | {"and", ".", ",", "!", "?"}:
        return low in _THEME_WORDS
    return opened or low in _THEME_WORDS


_THEME_WORDS = frozenset(word for theme in THEMES for word in theme.words.split())


def _with_article(lead: str, described: list[str], nouns: list[str]) -> str:
    core = " ".join([*described, *(noun if _is_name(noun) else noun.casefold() for noun in nouns)])
    last = nouns[-1]
    low = last.casefold()
    if lead in _OWNERS or lead in ("this", "that"):
        return f"{lead} {core}"
    plural = low.endswith("s") and not low.endswith(("ss", "us", "is"))
    bare = _is_name(last) or plural or ((low in _BARE_WORDS or _BARE.search(low)) and not described)
    return core if bare and lead != "the" else f"the {core}"


def _is_name(word: str) -> bool:
    return word[0].isupper() and not word.isupper()


def theme_of(text: str) -> list[Theme]:
    """Themes the text asks for, the most often named first; empty when it names none."""
    words = re.findall(r"[^\W\d_]+", text.casefold())
    scored = []
    for index, theme in enumerate(THEMES):
        own = set(theme.words.split())
        hits = sum((word in own) + (word.rstrip("s") in own and word not in own) for word in words)
        if hits:
            scored.append((-hits, index, theme))
    return [theme for _, _, theme in sorted(scored, key=lambda row: row[:2])]
