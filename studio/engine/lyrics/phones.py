"""Phone strings: the alphabet, syllables by maximal onset, and which letters belong to which syllable.

The alphabet is that of the singing nets (Kokoro's: IPA with A I O W Y Q for the English diphthongs, T for the
tapped t, ᵊ and ᵻ for reduced vowels); a stress mark stands directly before the nucleus.
"""

import itertools
import unicodedata
from functools import lru_cache

PRIMARY, SECONDARY = "ˈ", "ˌ"
STRESSES = PRIMARY + SECONDARY
NUCLEI = frozenset("AIOQWYaeiouyøœæɑɐɒɔəɚɛɜɨɪɯɤʊʌᵊᵻ")
MODIFIERS = frozenset("ː̃ʰʲ")
CONSONANTS = frozenset("bdfhjklmnpstvwzðŋɡɹTʃʒʤʧθʣʦxrɾʁɣβɲʎɥçχʔɕʥʨɴɸʝɟcqʂʈɖɳɭɻɽʋɰꭧ")
ALPHABET = frozenset(STRESSES) | NUCLEI | MODIFIERS | CONSONANTS

_LIQUIDS = frozenset("lɹɾrʁjwɥʎ")
_BEFORE_LIQUIDS = frozenset("pbtdkɡfvθʃmnsh")
# s + stop (+ liquid) opens a syllable in English; t/d + l never does.
_S_CLUSTERS = frozenset("sp st sk sm sn sf spl spɹ spj stɹ stj skɹ skw skj skl".split())
# Letters the English of the alphabet does without; where they stand, any consonant takes a glide (mwa, njo).
_FOREIGN = frozenset("aeoøœɾrʁɲʎɥ")
_NO_ONSETS = frozenset("tl dl θl nl ml nɹ mɹ hl hɹ nw mw nɾ mɾ sɹ sɾ nr mr sr nʁ mʁ sʁ".split())


def nuclei_count(phones: str) -> int:
    """Syllables of a phone string; what has no vowel ("mm", "shh") is one."""
    return max(1, sum(char in NUCLEI for char in phones)) if phones else 0


@lru_cache(maxsize=65_536)
def split_phones(phones: str) -> tuple[str, ...]:
    """One string for each nucleus, consonants given to the right as far as a syllable may begin with them."""
    places = [index for index, char in enumerate(phones) if char in NUCLEI]
    if len(places) <= 1:
        return (phones,) if phones else ()
    foreign = any(char in _FOREIGN for char in phones)
    cuts = [0]
    for left, right in itertools.pairwise(places):
        start = left + 1
        while phones[start] in MODIFIERS:
            start += 1
        end = right - (phones[right - 1] in STRESSES)
        cuts.append(start + _coda_length(phones[start:end], foreign))
    cuts.append(len(phones))
    return tuple(phones[a:b] for a, b in itertools.pairwise(cuts))


def _coda_length(cluster: str, foreign: bool) -> int:
    """How many of the consonants between two vowels stay with the first."""
    return next((cut for cut in range(len(cluster)) if _opens(cluster[cut:], foreign)), len(cluster))


def _opens(cluster: str, foreign: bool) -> bool:
    plain = "".join(char for char in cluster if char not in MODIFIERS)
    if len(plain) == 1:
        return plain not in "ŋɴ" and cluster[0] not in MODIFIERS
    if plain in _S_CLUSTERS:
        return True
    if foreign and len(plain) == 2 and plain[1] in "jwɥ":
        return plain[0] not in "ŋjwɥ"
    return (
        len(plain) == 2 and plain[0] in _BEFORE_LIQUIDS and plain[1] in _LIQUIDS and plain not in _NO_ONSETS
    )


def stress_of(phones: str) -> str:
    """The stress mark of a syllable, or an empty string."""
    return next((char for char in phones if char in STRESSES), "")


def without_stress(phones: str) -> str:
    return "".join(char for char in phones if char not in STRESSES)


def with_stress(phones: str, mark: str) -> str:
    """The phones of one syllable with its stress replaced by `mark`, placed directly before the nucleus."""
    plain = without_stress(phones)
    place = next((index for index, char in enumerate(plain) if char in NUCLEI), None)
    return plain if place is None or not mark else plain[:place] + mark + plain[place:]


_VOWEL_LETTERS = frozenset("aeiouyw")
_SOUNDS: dict[str, str] = {
    "b": "b", "c": "kskʃʧ", "d": "dTʤt", "f": "fv", "g": "ɡʤʒŋ", "h": "hʃʧθðx", "j": "ʤjhxʒ", "k": "k", "l": "lʎ",
    "m": "m", "n": "nŋɲ", "p": "pf", "q": "k", "r": "ɹɾrʁɚ", "s": "szʃʒ", "t": "tTθðʃʧ", "u": "wɥ", "v": "vfbβ",
    "w": "wv", "x": "kzɡʃ", "y": "j", "z": "zsθʦʒ", "i": "jʧʃ", "o": "w", "e": "j",
}  # fmt: skip
_VOWEL_SOUNDS: dict[str, str] = {
    "a": "AaæɑɐəɛɔWᵊᵻɒ", "e": "eiɛəɪɜᵊᵻAøɑ", "i": "iIɪəᵻAɜ", "o": "OoɔɑʌəWuʊYɜᵊɒQ", "u": "uʊʌyəɜjɪœø", "y": "iIɪəy", "w": "uWOɔ",
}  # fmt: skip


@lru_cache(maxsize=65_536)
def split_letters(word: str, parts: tuple[str, ...]) -> tuple[str, ...]:
    """The word's letters, cut where its phone syllables meet: ("little", ("lˈɪ", "Tᵊl")) is ("lit", "tle").

    The pieces join to the word. With fewer letters than syllables the last pieces are empty.
    """
    count = len(parts)
    if count <= 1:
        return (word,) * count
    if len(word) > 60:
        return _evenly(word, count)
    starts = _aligned_starts(word, [without_stress(part) for part in parts])
    for index in range(1, count):
        starts[index] = max(starts[index], starts[index - 1] + 1)
    for index in range(count - 1, 0, -1):
        limit = len(word) - (count - index)
        starts[index] = max(0, min(starts[index], limit)) if len(word) >= count else min(index, len(word))
    starts.append(len(word))
    return tuple(word[a:b] for a, b in itertools.pairwise(starts))


def _evenly(word: str, count: int) -> tuple[str, ...]:
    cuts = [round(index * len(word) / count) for index in range(count + 1)]
    return tuple(word[a:b] for a, b in itertools.pairwise(cuts))


def _aligned_starts(word: str, parts: list[str]) -> list[int]:
    """For every syllable the letter that begins it, by the cheapest alignment of letters and phones."""
    letters = [base_letter(char) for char in word]
    sounds = [char for part in parts for char in part]
    rows, columns = len(letters), len(sounds)
    cost = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    move = [[""] * (columns + 1) for _ in range(rows + 1)]
    for j in range(1, columns + 1):
        cost[0][j], move[0][j] = cost[0][j - 1] + _unwritten(sounds[j - 1]), "sound"
    for i in range(1, rows + 1):
        silent = _silence(letters, i - 1)
        above, here = cost[i - 1], cost[i]
        here[0], move[i][0] = above[0] + silent, "letter"
        for j in range(1, columns + 1):
            best, how = above[j - 1] + _distance(letters[i - 1], sounds[j - 1]), "both"
            if above[j] + silent < best:
                best, how = above[j] + silent, "letter"
            if here[j - 1] + _unwritten(sounds[j - 1]) < best:
                best, how = here[j - 1] + _unwritten(sounds[j - 1]), "sound"
            here[j], move[i][j] = best, how
    return _read_back(move, rows, columns, parts)


def _read_back(move: list[list[str]], rows: int, columns: int, parts: list[str]) -> list[int]:
    letter_of = [rows] * (columns + 1)
    i, j = rows, columns
    while j > 0:
        how = move[i][j]
        if how != "sound":
            i -= 1
        if how != "letter":
            j -= 1
            letter_of[j] = i
    starts, place = [0], 0
    for part in parts[:-1]:
        place += len(part)
        starts.append(letter_of[place])
    return starts


def _distance(letter: str, sound: str) -> float:
    if sound in NUCLEI:
        if letter in _VOWEL_LETTERS:
            return 0.0 if sound in _VOWEL_SOUNDS.get(letter, "") else 0.45
        return 2.5
    if sound in _SOUNDS.get(letter, ""):
        return 0.0 if letter not in "ieou" else 0.2
    return 1.6 if letter in _VOWEL_LETTERS else 1.1


def _unwritten(sound: str) -> float:
    if sound in NUCLEI:
        return 0.6 if sound == "ᵊ" else 1.4
    return 0.5 if sound in "jwskɡz" else 0.9


def _silence(letters: list[str], index: int) -> float:
    """What it costs to leave a letter without a sound; of a doubled letter the first is the silent one."""
    letter = letters[index]
    if not letter.isalpha():
        return 0.0
    if index + 1 < len(letters) and letters[index + 1] == letter:
        return 0.3
    if letter in "hwgeu":
        return 0.35
    return 0.5 if letter in _VOWEL_LETTERS else 0.8


@lru_cache(maxsize=4_096)
def base_letter(char: str) -> str:
    """The plain lower-case letter under accents."""
    special = {
        "ß": "s",
        "æ": "a",
        "œ": "o",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "t",
        "ı": "i",
        "’": "'",
    }
    lower = char.lower()[:1] or char
    return special.get(lower, unicodedata.normalize("NFKD", lower)[0] if lower else char)
