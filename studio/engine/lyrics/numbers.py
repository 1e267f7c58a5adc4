"""Numbers as words, in the five languages the engine sings."""

MAX_DIGITS = 9

_ONES = {
    "en": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
          "eighteen nineteen",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete "
          "dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete "
          "veintiocho veintinueve",
    "it": "zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici "
          "diciassette diciotto diciannove",
    "pt": "zero um dois três quatro cinco seis sete oito nove dez onze doze treze quatorze quinze dezesseis dezessete "
          "dezoito dezenove",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit "
          "dix-neuf",
}  # fmt: skip
_TENS = {
    "en": "- - twenty thirty forty fifty sixty seventy eighty ninety",
    "es": "- - veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    "it": "- - venti trenta quaranta cinquanta sessanta settanta ottanta novanta",
    "pt": "- - vinte trinta quarenta cinquenta sessenta setenta oitenta noventa",
    "fr": "- - vingt trente quarante cinquante soixante soixante quatre-vingt quatre-vingt",
}
_HUNDREDS = {
    "es": "- ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos",
    "pt": "- cento duzentos trezentos quatrocentos quinhentos seiscentos setecentos oitocentos novecentos",
}
_THOUSAND = {"en": "thousand", "es": "mil", "it": "mila", "pt": "mil", "fr": "mille"}
_MILLION = {
    "en": ("million", "million"), "es": ("millón", "millones"), "it": ("milione", "milioni"),
    "pt": ("milhão", "milhões"), "fr": ("million", "millions"),
}  # fmt: skip
SIGNS = {
    "en": {"&": "and", "%": "percent", "+": "plus", "@": "at", "=": "equals", "#": "number"},
    "es": {"&": "y", "%": "por ciento", "+": "más", "@": "arroba", "=": "igual", "#": "número"},
    "it": {"&": "e", "%": "per cento", "+": "più", "@": "chiocciola", "=": "uguale", "#": "numero"},
    "pt": {"&": "e", "%": "por cento", "+": "mais", "@": "arroba", "=": "igual", "#": "número"},
    "fr": {"&": "et", "%": "pour cent", "+": "plus", "@": "arobase", "=": "égale", "#": "numéro"},
}
CURRENCIES = {
    "en": {"$": ("dollar", "dollars"), "£": ("pound", "pounds"), "€": ("euro", "euros"), "¥": ("yen", "yen")},
    "es": {
        "$": ("dólar", "dólares"),
        "£": ("libra", "libras"),
        "€": ("euro", "euros"),
        "¥": ("yen", "yenes"),
    },
    "it": {
        "$": ("dollaro", "dollari"),
        "£": ("sterlina", "sterline"),
        "€": ("euro", "euro"),
        "¥": ("yen", "yen"),
    },
    "pt": {
        "$": ("dólar", "dólares"),
        "£": ("libra", "libras"),
        "€": ("euro", "euros"),
        "¥": ("iene", "ienes"),
    },
    "fr": {
        "$": ("dollar", "dollars"),
        "£": ("livre", "livres"),
        "€": ("euro", "euros"),
        "¥": ("yen", "yens"),
    },
}
POINT = {"en": "point", "es": "punto", "it": "punto", "pt": "ponto", "fr": "virgule"}
_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip


def digit_words(digits: str, language: str = "en") -> list[str]:
    """A row of digits one by one."""
    ones = _ONES[language].split()
    return [ones[int(char)] for char in digits]


def number_words(digits: str, language: str = "en") -> list[str]:
    """Words for a row of ASCII digits; long rows and rows with a leading zero digit by digit, English years
    as years."""
    if len(digits) > MAX_DIGITS or (len(digits) > 1 and digits[0] == "0"):
        return digit_words(digits, language)
    number = int(digits)
    if language == "en" and 1100 <= number <= 2099 and number % 1000 >= 100:
        tail = number % 100
        if tail == 0:
            return [*_below_hundred(number // 100, "en"), "hundred"]
        ending = _below_hundred(tail, "en")
        return [*_below_hundred(number // 100, "en"), *(["oh", *ending] if tail < 10 else ending)]
    return cardinal(number, language)


def cardinal(number: int, language: str = "en") -> list[str]:
    """Words for 0..999 999 999."""
    if number == 0:
        return _ONES[language].split()[:1]
    millions, rest = divmod(number, 1_000_000)
    thousands, rest = divmod(rest, 1000)
    words: list[str] = []
    if millions:
        one = {"es": "un", "it": "un"}.get(language, "")
        head = [one] if millions == 1 and one else _below_thousand(millions, language)
        words += [*head, _MILLION[language][millions > 1]]
    if thousands:
        if thousands == 1 and language != "en":
            words.append({"it": "mille"}.get(language, _THOUSAND[language]))
        else:
            words += [*_below_thousand(thousands, language), _THOUSAND[language]]
    if rest:
        if words and language == "pt" and (rest < 100 or rest % 100 == 0):
            words.append("e")
        words += _below_thousand(rest, language)
    return words


def ordinal_words(number: int) -> list[str]:
    """English ordinals: twenty first."""
    *head, last = cardinal(number)
    if last in _ORDINALS:
        return [*head, _ORDINALS[last]]
    return [*head, last[:-1] + "ieth" if last.endswith("y") else last + "th"]


def decade_words(digits: str) -> list[str]:
    """English decades, "80" or "1980" to (nineteen) eighties."""
    *head, last = number_words(digits)
    return [*head, last[:-1] + "ies" if last.endswith("y") else last + "s"]


def _below_thousand(number: int, language: str) -> list[str]:
    hundreds, rest = divmod(number, 100)
    if not hundreds:
        return _below_hundred(rest, language)
    tail = _below_hundred(rest, language)
    if language in _HUNDREDS:
        if hundreds == 1 and not rest:
            return ["cien" if language == "es" else "cem"]
        head = [_HUNDREDS[language].split()[hundreds]]
        return [*head, "e", *tail] if language == "pt" and tail else [*head, *tail]
    word = {"en": "hundred", "it": "cento", "fr": "cent"}[language]
    head = [word] if hundreds == 1 and language != "en" else [_ONES[language].split()[hundreds], word]
    return [*head, *tail]


def _below_hundred(number: int, language: str) -> list[str]:
    ones = _ONES[language].split()
    if number == 0:
        return []
    if number < len(ones):
        return [ones[number]]
    if language == "fr":
        return _french(number, ones)
    tens, unit = divmod(number, 10)
    word = _TENS[language].split()[tens]
    if not unit:
        return [word]
    if language == "it":
        return [(word[:-1] if unit in (1, 8) else word) + ones[unit]]
    return [word, *({"es": ["y"], "pt": ["e"]}.get(language, [])), ones[unit]]


def _french(number: int, ones: list[str]) -> list[str]:
    tens, unit = divmod(number, 10)
    word = _TENS["fr"].split()[tens]
    if tens in (7, 9):
        unit += 10
    if unit == 0:
        return ["quatre-vingts" if tens == 8 else word]
    return [word, "et", ones[unit]] if unit in (1, 11) and tens < 8 else [word, ones[unit]]
