"""English spelling to phones: the dictionary first, then endings, then parts, then letters."""

import re
from functools import lru_cache

from studio.engine.lyrics.dictionary import Entry, look_up
from studio.engine.lyrics.letters import sound_out

# How singers say what dictionaries give in careful speech, or leave out.
SUNG = {
    "a": "ɐ", "an": "ɐn", "the": "ðə", "to": "tə", "i": "ˌI", "every": "ˈɛvɹi", "everything": "ˈɛvɹiθˌɪŋ",
    "everyone": "ˈɛvɹiwˌʌn", "everywhere": "ˈɛvɹiwˌɛɹ", "everyday": "ˈɛvɹidˌA", "everybody": "ˈɛvɹibˌɑdi",
    "yeah": "jˈæ", "yea": "jˈA", "oh": "ˈO", "ohh": "ˈO", "ooh": "ˈu", "oo": "ˈu", "ah": "ˈɑ", "aah": "ˈɑ", "uh": "ˈʌ",
    "la": "lˈɑ", "na": "nˈɑ", "da": "dˈɑ", "ba": "bˈɑ", "pa": "pˈɑ", "ra": "ɹˈɑ", "sha": "ʃˈɑ", "ta": "tˈɑ", "ha": "hˈɑ",
    "doo": "dˈu", "du": "dˈu", "dum": "dˈʌm", "dee": "dˈi", "dah": "dˈɑ", "woah": "wˈO", "whoa": "wˈO", "wo": "wˈO",
    "woo": "wˈu", "woohoo": "wˌuhˈu", "wop": "wˈɑp", "bop": "bˈɑp", "yo": "jˈO", "yuh": "jˈʌ", "ay": "ˈA", "ayy": "ˈA", "aye": "ˈA",
    "eh": "ˈA", "hey": "hˈA", "huh": "hˈʌ", "nah": "nˈɑ", "aw": "ˈɔ", "aww": "ˈɔ", "ow": "ˈW", "ugh": "ˈʌɡ", "mm": "m", "m": "ˈɛm",
    "mmm": "m", "hm": "hm", "hmm": "hm", "shh": "ʃ", "sh": "ʃ", "psst": "pst", "brr": "bɹˈɜɹ", "grr": "ɡɹˈɜɹ", "skrrt": "skˈɜɹt",
    "skrt": "skˈɜɹt", "tsk": "tˈɪsk", "zzz": "z", "pfft": "pft", "til": "tˈɪl", "'til": "tˈɪl", "cos": "kˈʌz", "cuz": "kˈʌz",
    "coz": "kˈʌz", "'cos": "kˈʌz", "'cuz": "kˈʌz", "'bout": "bˈWt", "bout": "bˈWt", "'round": "ɹˈWnd", "o'er": "ˈɔɹ", "e'er": "ˈɛɹ",
    "ne'er": "nˈɛɹ", "imma": "ˈImə", "ima": "ˈImə", "finna": "fˈɪnə", "tryna": "tɹˈInə", "gotta": "ɡˈɑTə", "outta": "ˈWTə",
    "lemme": "lˈɛmi", "gimme": "ɡˈɪmi", "dunno": "dənˈO", "kinda": "kˈIndə", "sorta": "sˈɔɹTə", "whatcha": "wˈʌʧə", "betcha": "bˈɛʧə",
    "gotcha": "ɡˈɑʧə", "ya": "jə", "yall": "jˈɔl", "hafta": "hˈæftə", "woulda": "wˈʊdə", "coulda": "kˈʊdə", "shoulda": "ʃˈʊdə",
    "live": "lˈɪv", "lives": "lˈɪvz", "nite": "nˈIt", "tonite": "tənˈIt", "luv": "lˈʌv", "thru": "θɹˈu", "tho": "ðˈO", "ur": "jʊɹ",
    "blvd": "bˈʊləvˌɑɹd", "etc": "ɛtsˈɛTəɹə", "vs": "vˈɜɹsəs", "mr": "mˈɪstəɹ", "mrs": "mˈɪsᵻz", "ms": "mˈɪz", "dr": "dˈɑktəɹ",
    "st": "sˈAnt", "ft": "fˈiʧəɹɪŋ", "feat": "fˈit", "ok": "ˌOkˈA", "okey": "ˌOkˈi", "hallelujah": "hˌæləlˈujə",
    "alleluia": "ˌæləlˈujə", "selah": "sˈAlə", "habibi": "həbˈibi", "sayonara": "sˌIənˈɑɹə", "amigo": "əmˈiɡO",
    "amor": "ɑmˈɔɹ", "corazon": "kˌɔɹəzˈOn", "mon": "mˈOn", "cherie": "ʃəɹˈi", "et": "ˈɛt", "le": "lə", "de": "də",
}  # fmt: skip

# Written without the apostrophe.
BARE = {
    word.replace("'", ""): word
    for word in """don't can't won't isn't ain't didn't doesn't wasn't weren't couldn't wouldn't shouldn't haven't hasn't
    hadn't aren't i'm i've you're you've you'll you'd they're they've they'll he's she's it's that's there's here's
    what's who's where's how's let's c'mon y'all we've we're""".split()
    if word not in ("we're", "can't")
} | {"cant": "can't"}

# Letter names, for NYC and the like; W keeps three syllables.
LETTER_NAMES = {
    "a": "ˈA", "b": "bˈi", "c": "sˈi", "d": "dˈi", "e": "ˈi", "f": "ˈɛf", "g": "ʤˈi", "h": "ˈAʧ", "i": "ˈI", "j": "ʤˈA",
    "k": "kˈA", "l": "ˈɛl", "m": "ˈɛm", "n": "ˈɛn", "o": "ˈO", "p": "pˈi", "q": "kjˈu", "r": "ˈɑɹ", "s": "ˈɛs", "t": "tˈi",
    "u": "jˈu", "v": "vˈi", "w": "dˈʌbᵊlju", "x": "ˈɛks", "y": "wˈI", "z": "zˈi",
}  # fmt: skip

_TAPPING = frozenset("AIOWYiuæɑəɛɪɹʊʌ")
_FIRE = re.compile(r"(ire|yre|ires|ired|oir|iar)('s|s|d)?$")
_HOUR = re.compile(r"our('s|s|ed|)?$")
_RUNS = re.compile(r"([a-z])\1{1,}")
_LONG_RUN = re.compile(r"([a-z])\1{2,}")


@lru_cache(maxsize=16_384)
def pronounce(word: str) -> str:
    """Phones of one lower-case English word, straight apostrophes allowed. Never empty for a-z."""
    return known(word) or _stretched(word) or _stutter_free(word) or sound_out(word.replace("'", ""))


@lru_cache(maxsize=16_384)
def known(word: str) -> str:
    """Phones by dictionary and endings, or an empty string."""
    direct = SUNG.get(word) or _from_entry(word)
    if direct:
        return direct
    if word in BARE:
        return known(BARE[word])
    plain = word.strip("'")
    if plain and plain != word and (direct := SUNG.get(plain) or _from_entry(plain)):
        return _dropped_g(word) or direct
    return _dropped_g(word) or _with_s(word) or _with_ed(word) or _with_ing(word) or _with_more(word)


def reading(word: str, wanted: str) -> str:
    """The reading of a homograph as "verb", "noun" or "past", or an empty string when it has none."""
    entry = look_up(word)
    return getattr(entry, wanted) if entry else ""


def is_word(word: str) -> bool:
    """Whether singers would take it for a word and not for a row of letters."""
    entry = look_up(word)
    return word in SUNG or (entry is not None and entry.is_common)


def _from_entry(word: str) -> str:
    entry: Entry | None = look_up(word)
    return _as_sung(word, entry.phones) if entry else ""


def _as_sung(word: str, phones: str) -> str:
    """Fire, desire, hour and our are sung on one note per written vowel."""
    if "Iəɹ" in phones and _FIRE.search(word):
        return phones.replace("Iəɹ", "Iɹ")
    if "Wəɹ" in phones and _HOUR.search(word):
        return phones.replace("Wəɹ", "Wɹ")
    return phones


def _base(word: str) -> str:
    return "" if len(word) < 2 else SUNG.get(word) or _from_entry(word)


def _dropped_g(word: str) -> str:
    """lovin', darlin, nothin'."""
    plain = word.rstrip("'")
    if not plain.endswith("in") or len(plain) < 5 or (plain == word and look_up(word)):
        return ""
    phones = _from_entry(plain + "g") or _with_ing(plain + "g")
    return phones[:-1] + "n" if phones.endswith("ɪŋ") else ""


def _with_s(word: str) -> str:
    if not word.endswith("s") or len(word) < 3:
        return ""
    stems = [word[:-2]] if word.endswith("'s") else [word[:-1]]
    if word.endswith("es"):
        stems.append(word[:-2])
    if word.endswith("ies"):
        stems.append(word[:-3] + "y")
    if word.endswith("ss"):
        return ""
    stem = next((phones for item in stems if (phones := _base(item.strip("'")))), "")
    if not stem:
        return ""
    if stem[-1] in "ptkfθ":
        return stem + "s"
    return stem + ("ᵻz" if stem[-1] in "szʃʒʧʤ" else "z")


def _with_ed(word: str) -> str:
    if not word.endswith("ed") or len(word) < 4:
        return ""
    stems = [word[:-1], word[:-2]]
    if len(word) > 5 and word[-3] == word[-4]:
        stems.append(word[:-3])
    if word.endswith("ied"):
        stems.append(word[:-3] + "y")
    stem = next((phones for item in stems if (phones := _base(item))), "")
    if not stem:
        return ""
    if stem[-1] in "pkfθʃsʧ":
        return stem + "t"
    if stem[-1] == "d":
        return stem + "ᵻd"
    if stem[-1] in "tT":
        return (stem[:-1] + "T" if len(stem) > 1 and stem[-2] in _TAPPING else stem) + "ᵻd"
    return stem + "d"


def _with_ing(word: str) -> str:
    if not word.endswith("ing") or len(word) < 5:
        return ""
    stems = [word[:-3], word[:-3] + "e"]
    if len(word) > 6 and word[-4] == word[-5]:
        stems.append(word[:-4])
    stem = next((phones for item in stems if (phones := _base(item))), "")
    if not stem:
        return ""
    return (stem[:-1] + "T" if len(stem) > 1 and stem[-1] == "t" and stem[-2] in _TAPPING else stem) + "ɪŋ"


_ENDINGS = (
    ("less", "ləs"), ("ness", "nəs"), ("ful", "fəl"), ("ly", "li"), ("ment", "mᵊnt"), ("er", "əɹ"), ("est", "əst"),
    ("y", "i"), ("ish", "ɪʃ"), ("like", "lˌIk"), ("ward", "wəɹd"), ("wards", "wəɹdz"), ("n't", "ᵊnt"), ("'ll", "əl"), ("'re", "əɹ"),
    ("'ve", "əv"), ("'d", "d"), ("'em", "əm"), ("'m", "əm"),
)  # fmt: skip
_PREFIXES = (
    ("un", "ˌʌn"),
    ("re", "ɹˌi"),
    ("over", "ˌOvəɹ"),
    ("under", "ˌʌndəɹ"),
    ("out", "ˌWt"),
    ("mis", "mˌɪs"),
)


def _with_more(word: str) -> str:
    """Other endings, prefixes, and two common words written as one."""
    for ending, sound in _ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 2:
            stem = word[: -len(ending)]
            for item in (stem, stem + "e", re.sub(r"i$", "y", stem), re.sub(r"(.)\1$", r"\1", stem)):
                entry = look_up(item)
                if entry and len(item) > 2 and entry.is_common:
                    return entry.phones + sound
    for prefix, sound in _PREFIXES:
        rest = word.removeprefix(prefix)
        if rest != word and len(rest) > 3 and (entry := look_up(rest)) and entry.is_common:
            return sound + entry.phones
    return _compound(word)


def _compound(word: str) -> str:
    for cut in sorted(range(3, len(word) - 2), key=lambda place: abs(2 * place - len(word))):
        left, right = look_up(word[:cut]), look_up(word[cut:])
        if left and right and left.is_common and right.is_common:
            return left.phones + right.phones.replace("ˈ", "ˌ")
    return ""


def _stretched(word: str) -> str:
    """sooooo, heyyy, loooove: the word behind letters written again and again."""
    if not _LONG_RUN.search(word):
        return ""
    short = _RUNS.sub(r"\1", word)
    if SUNG.get(short) or short in _LITTLE:
        return known(short)
    runs = [match.span() for match in _LONG_RUN.finditer(word)][:4]
    found = []
    for choice in range(2 ** len(runs)):
        trial = word
        for number, (start, end) in reversed(list(enumerate(runs))):
            keep = 1 if choice >> number & 1 else 2
            trial = trial[:start] + word[start] * keep + trial[end:]
        found.append(trial)
    for trial in [*found, short]:
        if is_word(trial):
            return known(trial)
    return next((phones for trial in [*found, short] if (phones := known(trial))), "") or sound_out(short)


_LITTLE = frozenset(
    "so no go me we he she be you my why by do who to oh hi baby please yes love long hello now".split()
)


def _stutter_free(word: str) -> str:
    """A lone consonant before a hyphen (b-b-baby) gets a short vowel; rows of consonants that hum keep humming."""
    plain = word.replace("'", "")
    if plain and not set(plain) & set("aeiouy"):
        if set(plain) <= set("mh") and "m" in plain:
            return "hm" if plain.startswith("h") else "m"
        if set(plain) <= set("sh"):
            return "ʃ" if "h" in plain else "s"
        if len(plain) <= 4:
            return "".join(LETTER_NAMES[char] for char in plain if char in LETTER_NAMES)
    return ""
