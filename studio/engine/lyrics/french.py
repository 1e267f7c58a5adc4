"""French spelling to phones: nasal vowels, silent endings, no liaison; a final e is not sung."""

import re

from studio.engine.lyrics.latin_stress import put_stress
from studio.engine.lyrics.phones import NUCLEI
from studio.engine.lyrics.spanish import transcribe

WEAK = frozenset(
    "je me te se le la les de des du un une et en ne que ce ces mon ma mes ton ta tes son sa ses au aux à il on y tu qui".split()
)
_IRREGULAR = {
    "est": "ɛ", "et": "e", "les": "le", "des": "de", "mes": "me", "tes": "te", "ses": "se", "ces": "se", "femme": "fam", "femmes": "fam",
    "monsieur": "məsjø", "fils": "fis", "temps": "tɑ̃", "longtemps": "lɔ̃tɑ̃", "printemps": "pʁɛ̃tɑ̃", "corps": "kɔʁ", "œil": "œj", "yeux": "jø",
    "ville": "vil", "villes": "vil", "mille": "mil", "tranquille": "tʁɑ̃kil", "oui": "wi", "six": "sis", "dix": "dis", "sept": "sɛt", "huit": "ɥit",
    "eu": "y", "aujourd'hui": "oʒuʁdɥi", "pied": "pje", "pieds": "pje", "pays": "pei", "hier": "jɛʁ", "donc": "dɔ̃k", "blanc": "blɑ̃", "doigt": "dwa",
    "doigts": "dwa", "août": "ut", "mer": "mɛʁ", "fer": "fɛʁ", "cher": "ʃɛʁ", "hiver": "ivɛʁ", "enfer": "ɑ̃fɛʁ", "amer": "amɛʁ", "ver": "vɛʁ",
    "fier": "fjɛʁ", "vers": "vɛʁ", "univers": "ynivɛʁ", "travers": "tʁavɛʁ", "envers": "ɑ̃vɛʁ", "hélas": "elas", "sens": "sɑ̃s", "os": "ɔs",
    "jadis": "ʒadis", "toi": "twa", "moi": "mwa", "es": "ɛ", "ai": "e", "j'ai": "ʒe", "c'est": "sɛ", "n'est": "nɛ", "qu'est": "kɛ", "seconde": "səɡɔ̃d",
    "tous": "tu", "plus": "ply", "chez": "ʃe", "album": "albɔm", "maximum": "maksimɔm", "net": "nɛt", "sud": "syd", "club": "klœb", "cinq": "sɛ̃k",
    "gars": "ɡɑ", "clef": "kle", "nuit": "nɥi", "nuits": "nɥi", "fleur": "flœʁ", "cœur": "kœʁ", "coeur": "kœʁ", "cœurs": "kœʁ", "soleil": "sɔlɛj",
    "ciel": "sjɛl", "miel": "mjɛl", "faim": "fɛ̃", "parfum": "paʁfœ̃", "automne": "otɔn", "damné": "dane", "oignon": "ɔɲɔ̃", "examen": "ɛɡzamɛ̃",
    "bonheur": "bɔnœʁ", "toujours": "tuʒuʁ", "alors": "alɔʁ", "ailleurs": "ajœʁ", "dehors": "dəɔʁ", "dedans": "dədɑ̃", "dessus": "dəsy", "dessous": "dəsu",
    "patient": "pasjɑ̃", "orient": "ɔʁjɑ̃", "maintenant": "mɛ̃tnɑ̃", "faisait": "fəzɛ", "tabac": "taba", "franc": "fʁɑ̃", "porc": "pɔʁ", "riz": "ʁi", "nez": "ne",
}  # fmt: skip
# Words in -ent that are no verbs; the verbs' ending is silent.
_SOUNDED_ENT = re.compile(
    r"(?:ment|vent|^cent|dent|^argent|^lent|cident|cent|serpent|talent|accent|absent|présent|innocent|parent|client|différent|content|silent|"
    r"violent|urgent|agent|souvent|torrent|continent|orient|transparent|insolent|ardent|évident|fréquent|patient)s?$"
)
_V = "aeiouyéèêëàâîïôûùœ"
_NASAL = f"(?![{_V}hnm])"
_RULES = [
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"eaux?$", "o"), (r"eau|au", "o"), (r"œu(?=[fr]|vr|ds?$)", "œ"), (r"œux?|œ", "ø"), (rf"oin{_NASAL}", "wɛ̃"), (r"oy(?=[aeiouéè])", "waj"), (r"oy", "wa"),
        (r"oi|oî", "wa"), (r"où|oû|ou(?=[ieaé])(?!i?ll)", "u"), (r"ouill", "uj"), (r"ou", "u"), (r"euill|euil|ueill|ueil", "œj"), (r"eill|eil", "ɛj"),
        (r"aill|ail(?=s?$)", "aj"), (r"(?<=^v)ill|(?<=^m)ill|(?<=qu)ill", "il"), (rf"(?<=[{_V}])ill", "j"), (r"ill(?=[aeéioèu])", "ij"), (rf"i?en(?:s|t)?(?<=iens)$|ien{_NASAL}", "jɛ̃"),
        (rf"[ae]in{_NASAL}|aim{_NASAL}", "ɛ̃"), (rf"(?:in|im|yn|ym){_NASAL}", "ɛ̃"), (rf"(?:un|um){_NASAL}", "œ̃"), (rf"(?:on|om){_NASAL}", "ɔ̃"),
        (rf"(?:an|am|en|em|ean){_NASAL}", "ɑ̃"), (r"emm(?=e)", "ɛm"), (r"^e(?=mm|nn)", "ɑ̃"), (r"aî|aie?s?$|ais$|ait$|ay(?=$)|ai|ei|ey", "ɛ"),
        (r"ay(?=[aeé])", "ɛj"), (r"eû|eu(?:x|es?)?$|eu(?=se|t$|x)", "ø"), (r"eu", "œ"), (r"ui|uy", "ɥi"), (r"gn", "ɲ"), (r"ch(?=r)", "k"), (r"ch", "ʃ"), (r"ph", "f"), (r"th", "t"),
        (r"qu", "k"), (r"q", "k"), (r"gu(?=[eiéèêy])", "ɡ"), (r"ge(?=[aoâ])", "ʒ"), (r"g(?=[eiéèêy])", "ʒ"), (r"gg?", "ɡ"), (r"sc(?=[eiéè])", "s"), (r"cc(?=[eié])", "ks"),
        (r"c(?=[eiéèêy])", "s"), (r"ç", "s"), (r"cc?", "k"), (r"j", "ʒ"), (r"ss", "s"), (rf"(?<=[{_V}])s(?=[{_V}])", "z"), (r"s", "s"), (rf"(?<=^e)x(?=[{_V}])", "ɡz"),
        (r"x", "ks"), (r"rr?", "ʁ"), (r"h", ""), (r"é", "e"), (r"è|ê|ë", "ɛ"), (r"e(?=[^aeiouyéèêhs](?:[^aeiouyéèêhrl]|$))", "ɛ"), (r"e(?=s[^aeiouyéès])", "ɛ"),
        (r"e(?=ss|tt|ll|rr|ff|cc)", "ɛ"), (r"e$", ""), (r"e", "ə"), (r"à|a", "a"), (r"â", "ɑ"), (r"î|ï", "i"), (r"ô", "o"), (r"û|ù", "y"),
        (rf"[iy](?=[{_V}])(?!e?s?$)", "j"), (rf"(?<=[{_V}])y(?=[{_V}])", "j"), (r"y", "i"), (r"o(?=se|t?s?$)", "o"), (r"o", "ɔ"), (r"u", "y"), (r"w", "w"), (r"i", "i"),
        (r"([bdfklmnptvz])\1?", r"\1"), (r".", ""),
    )
]  # fmt: skip


def pronounce(word: str) -> str:
    """Phones of a lower-case French word; what is elided before an apostrophe sounds with the next word."""
    bare = word.strip("'")
    if bare in _IRREGULAR:
        return _marked(_IRREGULAR[bare], bare)
    if "'" in bare:
        left, _, right = bare.rpartition("'")
        head = transcribe(left.replace("'", ""), _RULES)
        return head.replace("ə", "") + pronounce(right)
    found = _softened(transcribe(_silenced(bare), _RULES))
    # quatre, simple, peuple: the cluster at the end leans on a sung e.
    return _marked(found, bare) + ("ə" if re.search(r"[bcdfgptv][rl]es?$", bare) else "")


def _silenced(word: str) -> str:
    """The word without the final letters nobody hears."""
    if len(word) <= 2:
        return word
    if word.endswith("ent") and not _SOUNDED_ENT.search(word) and len(word) > 4:
        return word[:-3] + "e"
    if word.endswith(("er", "ez")) and len(word) > 3:
        return word[:-2] + "é"
    if word.endswith("ers") and len(word) > 4:
        return word[:-3] + "é"
    if word.endswith(("et", "ets")):
        return word.rstrip("s")[:-2] + "è"
    plain = re.sub(r"(?<=[^aiouyéèêàâîôûù])es$", "e", word)
    plain = re.sub(r"es$", "e", plain)
    plain = re.sub(r"[sxztdp]+$", "", plain) if re.search(r"[sxztdp]$", plain) else plain
    # "dans" loses its s and keeps its n; "long" and "champ" lose theirs after a nasal.
    plain = re.sub(r"(?<=[nm])[gbpc]$", "", plain)
    if plain.endswith("g") and len(plain) > 2 and plain[-2] in "nr":
        plain = plain[:-1]
    return plain or word


def _softened(phones: str) -> str:
    """A word needs a vowel: je, le, me keep their schwa."""
    found = re.sub(r"([bdfkɡpt][lʁ])j(?=[aeɛɔøœ])", r"\1ij", phones)
    return found if any(char in NUCLEI for char in found) else found + "ə"


def _marked(phones: str, word: str) -> str:
    return phones if word in WEAK else put_stress(phones, 1)
