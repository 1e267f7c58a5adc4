"""The English pronouncing dictionary: one sorted text, unpacked once and searched by halving.

A line holds word, phones, word class and, for homographs, readings that differ: V as a verb, N as a noun, D in
the past. Classes: N noun, J adjective, R adverb, V verb, P proper name, c common but ambiguous, - rare.
"""

import gzip
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from studio.engine.assets import asset_path

ASSET = "words_en.tsv.gz"


class Entry(NamedTuple):
    phones: str
    word_class: str
    verb: str = ""
    noun: str = ""
    past: str = ""

    @property
    def is_common(self) -> bool:
        return self.word_class != "-"


@lru_cache(maxsize=1)
def _text() -> bytes:
    return gzip.decompress(asset_path(ASSET).read_bytes())


@lru_cache(maxsize=65_536)
def look_up(word: str) -> Entry | None:
    """The entry of a lower-case word (straight apostrophes), or None. Raises EngineUnavailable without asset."""
    key = word.encode("utf-8", "replace") + b"\t"
    text = _text()
    low, high = 0, len(text) - 1
    while low < high:
        start = text.rfind(b"\n", 0, (low + high) // 2 + 1)
        end = text.find(b"\n", start + 1)
        line = text[start + 1 : end]
        if line.startswith(key):
            return _entry(line)
        if line.partition(b"\t")[0] + b"\t" < key:
            low = end
        else:
            high = start
    return None


def _entry(line: bytes) -> Entry:
    _, phones, word_class, *others = line.decode().split("\t")
    readings = {item[0]: item[1:] for item in others}
    return Entry(phones, word_class, readings.get("V", ""), readings.get("N", ""), readings.get("D", ""))


def every_entry(classes: str) -> Iterator[tuple[str, Entry]]:
    """Words of the given classes in alphabetical order."""
    for line in _text().split(b"\n"):
        fields = line.split(b"\t", 3)
        if len(fields) > 2 and fields[2].decode() in classes:
            yield fields[0].decode(), _entry(line)
