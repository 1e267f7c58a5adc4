"""Which of the five languages a text is in, by its little words and its letters."""

import re

_LITTLE = {
    "en": "the and you i to a of in it is me my that on for with we your be are not don't i'm it's when this all so but what just like oh "
          "no do was have can they he she at will know",
    "es": "el la los las y que de en un una es mi tu te se no con por para lo su si como más pero yo me al del está son hay soy eres muy "
          "cuando donde quiero nada todo ya",
    "it": "il lo la gli le e che di in un una è mi ti si non con per ma come più io tu sei sono della del nel al da quando dove tutto "
          "questo mio mia ho hai ci",
    "pt": "o a os as e que de em um uma é meu minha te se não com por para mas como mais eu você do da no na dos das sou está são tudo "
          "quando onde nada só vou foi ao",
    "fr": "le la les et que de en un une est mon ma te se ne pas avec pour mais comme plus je tu il elle nous vous du des au dans sur qui "
          "ce c'est j'ai l'amour suis tout quand où",
}  # fmt: skip
_WORDS = {language: frozenset(words.split()) for language, words in _LITTLE.items()}
_LETTERS = {
    "es": re.compile(r"[ñ¿¡]|[^\W\d_]+ción\b"),
    "it": re.compile(r"\b(?:perché|così|già|più|città|però)\b|gli\b|zione\b|ll'|è\b"),
    "pt": re.compile(r"[ãõ]|ção\b|[lnc]h[aeo]\b"),
    "fr": re.compile(r"[œçêûîëï]|\b[jlcdnmtqs]u?['’](?=\w)|eux\b|oi[rst]?\b|ée?s?\b"),
    "en": re.compile(r"\b\w+ing\b|\b\w+n't\b|th|wh|ght"),
}
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
DEFAULT = "en"


def language_of(text: str) -> str:
    """One of en, es, it, pt, fr; English when nothing speaks for another. Directions in [brackets] do not count."""
    plain = re.sub(r"\[[^\]\n]*\]", " ", text).casefold().replace("’", "'")
    words = _WORD.findall(plain)
    if not words:
        return DEFAULT
    letters = {language: 0.6 * len(_LETTERS[language].findall(plain)) for language in _WORDS}
    scores = {
        language: sum(word in little for word in words) + letters[language]
        for language, little in _WORDS.items()
    }
    best = max(scores, key=lambda language: scores[language])
    # "la la la" is no Spanish: one little word alone proves nothing.
    if not letters[best] and len(set(words) & _WORDS[best]) < 2:
        return DEFAULT
    needed = max(1.0, 0.12 * len(words))
    return best if scores[best] >= needed and scores[best] > 1.15 * scores[DEFAULT] else DEFAULT
