"""Portuguese as sung in Brazil: nasal vowels, soft t and d, weak final vowels."""

import re
import unicodedata

from studio.engine.lyrics.latin_stress import put_stress
from studio.engine.lyrics.spanish import transcribe

WEAK = frozenset(
    "o a os as e de do da dos das em no na nos nas um que se me te lhe por com ao meu teu seu mas ou".split()
)
_V = "aeiouáéíóúâêôãõà"
_NASAL = f"(?![{_V}hmn])"
_RULES = [
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"ção", "sˈɐ̃w"), (r"ões", "ˈõjs"), (r"ães", "ˈɐ̃js"), (r"ão", "ˈɐ̃w"), (r"ãe", "ˈɐ̃j"), (r"õem?", "ˈõj"), (r"ã", "ˈɐ̃"), (r"õ", "ˈõ"),
        (r"am$", "ɐ̃w"), (r"ém$", "ˈẽj"), (r"éns$", "ˈẽjs"), (r"ens$", "ẽjs"), (r"em$", "ẽj"),
        (rf"á[mn]{_NASAL}|â[mn]{_NASAL}", "ˈɐ̃"), (rf"ê[mn]{_NASAL}|é[mn]{_NASAL}", "ˈẽ"), (rf"í[mn]{_NASAL}", "ˈĩ"), (rf"ô[mn]{_NASAL}|ó[mn]{_NASAL}", "ˈõ"),
        (rf"ú[mn]{_NASAL}", "ˈũ"), (rf"a[mn]{_NASAL}", "ɐ̃"), (rf"e[mn]{_NASAL}", "ẽ"), (rf"i[mn]{_NASAL}", "ĩ"), (rf"o[mn]{_NASAL}", "õ"), (rf"u[mn]{_NASAL}", "ũ"),
        (r"lh", "ʎ"), (r"nh", "ɲ"), (r"ch", "ʃ"), (r"rr", "x"), (r"^r|(?<=[nls])r", "x"), (r"r", "ɾ"), (r"qu(?=[eiéêí])", "k"), (r"qu", "kw"), (r"q", "k"),
        (r"gu(?=[eiéêí])", "ɡ"), (r"gu(?=[aáo])", "ɡw"), (r"g(?=[eiéêí])", "ʒ"), (r"g", "ɡ"), (r"j", "ʒ"), (r"ss", "s"), (rf"(?<=[{_V}])s(?=[{_V}])", "z"),
        (r"sc(?=[ei])", "s"), (r"s", "s"), (r"ç", "s"), (r"c(?=[eiéêí])", "s"), (r"c", "k"), (r"z$", "s"), (r"z", "z"), (rf"(?<=^e)x(?=[{_V}])", "z"), (r"x", "ʃ"),
        (r"ph", "f"), (r"h", ""), (r"l(?![aeiouáéíóúâêôãõ])", "w"), (r"te$", "ʧi"), (r"tes$", "ʧis"), (r"de$", "ʤi"), (r"des$", "ʤis"), (r"t(?=[ií])", "ʧ"),
        (r"d(?=[ií])", "ʤ"), (r"á|à", "ˈa"), (r"é", "ˈɛ"), (r"í", "ˈi"), (r"ó", "ˈɔ"), (r"ú", "ˈu"), (r"â", "ˈɐ"), (r"ê", "ˈe"), (r"ô", "ˈo"),
        (r"ou", "o"), (r"([aeo])i(?!nh)", r"\1j"), (r"([aeo])u", r"\1w"), (r"ui", "uj"), (r"iu", "iw"), (r"w", "w"), (r"y", "i"),
        (r"e(?=s?$)", "i"), (r"o(?=s?$)", "u"), (r"a(?=s?$)", "ɐ"), (r"([bdfklmnptv])", r"\1"), (r"([aeiou])", r"\1"), (r".", ""),
    )
]  # fmt: skip
_IRREGULAR = {
    "eu": "ˈew", "você": "vosˈe", "muito": "mˈũjtu", "muita": "mˈũjtɐ", "não": "nˈɐ̃w", "e": "i", "é": "ˈɛ", "mais": "mˈajs", "pra": "pɾa", "meu": "mew",
    "agora": "aɡˈɔɾɐ", "hora": "ˈɔɾɐ", "embora": "ẽbˈɔɾɐ", "nossa": "nˈɔsɐ", "ela": "ˈɛlɐ", "bela": "bˈɛlɐ", "festa": "fˈɛstɐ", "mulher": "muʎˈɛɾ",
    "melhor": "meʎˈɔɾ", "sol": "sˈɔw", "céu": "sˈɛw", "próximo": "pɾˈɔsimu", "táxi": "tˈaksi",
}  # fmt: skip


def pronounce(word: str) -> str:
    """Phones of a lower-case Brazilian Portuguese word."""
    plain = word.replace("'", "")
    if plain in _IRREGULAR:
        return _decomposed(_IRREGULAR[plain])
    found = _decomposed(transcribe(plain, _RULES))
    # A written accent outranks the tilde: órfão.
    if found.count("ˈ") > 1:
        keep = found.index("ˈ") if re.search(r"[áéíóúâêô]", plain) else found.rindex("ˈ")
        found = "".join(char for index, char in enumerate(found) if char != "ˈ" or index == keep)
    if plain in WEAK:
        return found.replace("ˈ", "")
    if "ˈ" in found and re.search(r"[áéíóúâêô]", plain):
        # história, água, lírio: the vowels after the accent run together.
        found = re.sub(r"(?<=[^aeiouɐɛɔˈ])i(?=[ɐu]s?$)", "j", found)
        found = re.sub(r"u(?=[ɐ]s?$)", "w", found)
    open_end = re.search(r"(?:[aeo]s?|am|ens?|em)$", plain) is not None
    return put_stress(found, 2 if open_end else 1)


def _decomposed(phones: str) -> str:
    """The tilde of nasal vowels as a mark of its own, as the alphabet has it."""
    return unicodedata.normalize("NFD", phones)
