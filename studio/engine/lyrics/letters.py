"""Letters to phones for words no dictionary has: a small net, or spelling rules where it cannot run."""

import json
import re
from functools import lru_cache
from typing import Any

from studio.engine.lyrics.phones import ALPHABET, NUCLEI, STRESSES

NET, NET_TABLE = "oov.onnx", "oov.json"
MAX_LETTERS = 24


@lru_cache(maxsize=8_192)
def sound_out(word: str) -> str:
    """Phones of an unknown lower-case word of Latin letters; long ones are read in pieces of 24 letters."""
    pieces = [word[start : start + MAX_LETTERS] for start in range(0, len(word), MAX_LETTERS)]
    return "".join(_checked(_by_net(piece), piece) for piece in pieces)


def _checked(phones: str, word: str) -> str:
    """What the net says if it can be sung, else what the rules say."""
    kept = "".join(char for char in phones if char in ALPHABET)
    kept = re.sub(f"[{STRESSES}]+(?=[{STRESSES}])|[{STRESSES}]$", "", kept)
    return kept if any(char in NUCLEI for char in kept) else by_rules(word)


def _by_net(word: str) -> str:
    net = _net()
    if net is None:
        return ""
    import numpy as np

    session, table_in, table_out = net
    ids = [table_in[char] for char in word if char in table_in]
    if not ids:
        return ""
    rows = session.run(None, {"chars": np.asarray([ids], np.int64)})[0][0].tolist()
    # The net answers with a class for each slot: repeats are one sound, 0 is none.
    return "".join(
        table_out[item] for index, item in enumerate(rows) if item and (not index or rows[index - 1] != item)
    )


@lru_cache(maxsize=1)
def _net() -> tuple[Any, dict[str, int], dict[int, str]] | None:
    from studio.engine.assets import ASSETS, asset_path
    from studio.engine.spec import EngineUnavailable

    if not (ASSETS / NET).is_file():
        return None
    try:
        import onnxruntime
    except ImportError:
        return None
    try:
        path, table = asset_path(NET), json.loads(asset_path(NET_TABLE).read_text(encoding="utf-8"))
    except EngineUnavailable:
        return None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    table_in = {char: index for index, char in enumerate(table["in"], 1)}
    return session, table_in, dict(enumerate(table["out"], 1))


# Longest spelling first; a look behind or ahead is written into the pattern.
_RULES = [
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"tch", "ʧ"), (r"sch", "sk"), (r"tion\b", "ʃən"), (r"sion\b", "ʒən"), (r"cious\b|tious\b", "ʃəs"), (r"ture\b", "ʧəɹ"),
        (r"igh", "I"), (r"eigh", "A"), (r"ough\b", "O"), (r"augh", "ɔ"), (r"dge", "ʤ"), (r"ck", "k"), (r"ch", "ʧ"), (r"sh", "ʃ"),
        (r"th", "θ"), (r"ph", "f"), (r"gh\b", ""), (r"gh", "ɡ"), (r"wh", "w"), (r"\bkn|\bgn", "n"), (r"\bwr", "ɹ"), (r"\bps", "s"),
        (r"ng\b", "ŋ"), (r"n(?=[kgx])", "ŋ"), (r"qu", "kw"), (r"x", "ks"), (r"eer|ear|ier\b", "ɪɹ"), (r"air|are\b", "ɛɹ"),
        (r"our|oar|ore\b|or", "ɔɹ"), (r"ar", "ɑɹ"), (r"(?<=[^aeiouy])er\b|or\b", "əɹ"), (r"er|ir|ur", "ɜɹ"), (r"ee|ea|ie", "i"),
        (r"oo", "u"), (r"ou|ow(?=[nld])", "W"), (r"ow", "O"), (r"oi|oy", "Y"), (r"ai|ay|ey\b|ei", "A"), (r"au|aw", "ɔ"), (r"oa|oe\b", "O"),
        (r"ew|ue|eu", "u"), (r"a(?=[^aeiouywxr]e(?:s|d)?\b)", "A"), (r"e(?=[^aeiouywxr]e(?:s|d)?\b)", "i"),
        (r"i(?=[^aeiouywxr]e(?:s|d)?\b)", "I"), (r"o(?=[^aeiouywxr]e(?:s|d)?\b)", "O"), (r"u(?=[^aeiouywxr]e(?:s|d)?\b)", "u"),
        (r"(?<=[bcdfgkpstz])le\b", "ᵊl"), (r"(?<=[aeiouy][^aeiouy])e\b|(?<=[^aeiouy][^aeiouy])e\b", ""), (r"c(?=[eiy])", "s"), (r"c", "k"),
        (r"g(?=[eiy])", "ʤ"), (r"g", "ɡ"), (r"j", "ʤ"), (r"\by", "j"), (r"y\b", "i"), (r"y(?=[aeiou])", "j"), (r"y", "ɪ"), (r"r", "ɹ"),
        (r"a\b", "ə"), (r"a", "æ"), (r"e\b", "i"), (r"e", "ɛ"), (r"i\b", "i"), (r"i", "ɪ"), (r"o\b", "O"), (r"o", "ɑ"), (r"u\b", "u"), (r"u", "ʌ"),
        (r"s(?=\b)", "s"), (r"([bdfhklmnpstvwz])", r"\1"), (r".", ""),
    )
]  # fmt: skip


def by_rules(word: str) -> str:
    """Spelling rules alone; always at least one vowel, the stress on the first or the last but one."""
    plain = re.sub(r"([^aeiou])\1+", r"\1", word)
    found, place = "", 0
    while place < len(plain):
        for pattern, sound in _RULES:
            match = pattern.match(plain, place)
            if match and match.end() > place:
                found += match.expand(sound)
                place = match.end()
                break
    if not any(char in NUCLEI for char in found):
        found += "ə"
    places = [index for index, char in enumerate(found) if char in NUCLEI]
    stressed = places[0] if len(places) < 3 else places[-3] if len(places) > 3 else places[-2]
    return found[:stressed] + "ˈ" + found[stressed:]
