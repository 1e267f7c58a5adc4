"""How words sound: against the reading of a careful singer, in the alphabet of the singing nets."""

from __future__ import annotations

import json
import unicodedata

import pytest

from studio.engine.lyrics import letters
from studio.engine.lyrics.context import readings
from studio.engine.lyrics.dictionary import look_up
from studio.engine.lyrics.phones import ALPHABET, nuclei_count, split_letters, split_phones
from studio.engine.lyrics.syllables import syllables


def sound(word: str, language: str = "en", reading: str = "") -> str:
    return ".".join(syllable.phones for syllable in syllables(word, language, reading))


@pytest.mark.parametrize(
    ("word", "phones"),
    [
        ("hello", "hə.lˈO"),
        ("little", "lˈɪ.Tᵊl"),
        ("rhythm", "ɹˈɪ.ðəm"),
        ("every", "ˈɛ.vɹi"),
        ("fire", "fˈIɹ"),
        ("our", "ˌWɹ"),
        ("the", "ðə"),
        ("I", "ˌI"),
        ("don't", "dˈOnt"),
        ("dont", "dˈOnt"),
        ("we're", "wɪɹ"),
        ("lovin'", "lˈʌ.vɪn"),
        ("girl's", "ɡˈɜɹlz"),
        ("horses", "hˈɔɹ.sᵻz"),
        ("wanted", "wˈɑn.tᵻd"),
        ("sooooo", "sˌO"),
        ("heyyy", "hˈA"),
        ("loooove", "lˈʌv"),
        ("goooood", "ɡˈʊd"),
        ("mm", "m"),
        ("shh", "ʃ"),
        ("la-la", "lˈɑ.lˈɑ"),
        ("b-b-baby", "bə.bə.bˈA.bi"),
        ("ni-i-ight", "nˈI.I.It"),
        ("yo-o-ou", "ju.u.u"),
        ("Mr.", "mˈɪ.stəɹ"),
        ("TV", "tˌi.vˈi"),
        ("LOVE", "lˈʌv"),
        ("NASA", "nˈæ.sə"),
        ("3:30", "θɹˈi.θˈɜɹ.Ti"),
        ("1st", "fˈɜɹst"),
        ("moonlit", "mˈun.lˌɪt"),
    ],
)
def test_english_words_sound_as_they_are_sung(word: str, phones: str) -> None:
    assert sound(word) == phones


@pytest.mark.parametrize(
    ("language", "word", "phones"),
    [
        ("es", "corazón", "ko.ɾa.sˈon"),
        ("es", "guitarra", "ɡi.tˈa.ra"),
        ("es", "cielo", "sjˈe.lo"),
        ("es", "día", "dˈi.a"),
        ("es", "ciudad", "sju.ðˈad"),
        ("it", "perché", "peɾ.kˈe"),
        ("it", "giorno", "ʤˈoɾ.no"),
        ("it", "anima", "ˈa.ni.ma"),
        ("it", "l'amore", "la.mˈo.ɾe"),
        ("it", "poesia", "po.e.zˈi.a"),
        ("pt", "coração", "ko.ɾa.sˈɐ̃w"),
        ("pt", "saudade", "saw.dˈa.ʤi"),
        ("pt", "gente", "ʒˈẽ.ʧi"),
        ("fr", "chanson", "ʃɑ̃.sˈɔ̃"),
        ("fr", "étoiles", "e.twˈal"),
        ("fr", "toujours", "tu.ʒˈuʁ"),
        ("fr", "chantent", "ʃˈɑ̃t"),
        ("fr", "soleil", "sɔ.lˈɛj"),
        ("fr", "maison", "mɛ.zˈɔ̃"),
        ("fr", "village", "vi.lˈaʒ"),
        ("it", "cielo", "ʧˈe.lo"),
        ("it", "cantavano", "kan.tˈa.va.no"),
        ("es", "vergüenza", "beɾ.ɡwˈen.sa"),
        ("es", "baby", "bˈA.bi"),
    ],
)
def test_other_languages_follow_their_own_rules(language: str, word: str, phones: str) -> None:
    assert sound(word, language) == unicodedata.normalize("NFD", phones)


@pytest.mark.parametrize(
    ("word", "phones"),
    [
        ("мир", "mˈir"),
        ("αγάπη", "a.ɣˈa.pi"),
        ("שלום", "ʃa.lˈom"),
        ("さくら", "sˈa.ku.ɾa"),
        ("안녕", "ˈan.njʌŋ"),
        ("नमस्ते", "nə.mˈə.ste"),
        ("我爱你", "wˈɔ.ˈI.nˈi"),
        ("𝓱𝓮𝓵𝓵𝓸", "hə.lˈO"),
    ],
)
def test_other_scripts_are_sounded_out(word: str, phones: str) -> None:
    assert sound(word) == phones


def test_neighbours_choose_the_reading() -> None:
    line = "I used to close the eyes to open the record player and live the live show"
    marks = dict(zip(line.split(), readings(line.split()), strict=True))
    assert marks["used"] == "past" and marks["close"] == "verb"
    assert sound("the", reading="vowel") == "ði" and sound("used", reading="past") == "jˈust"
    assert readings(["the", "record"])[1] == "noun" and readings(["to", "record"])[1] == "verb"
    assert sound("record", reading="verb") != sound("record", reading="noun")


def test_the_dictionary_finds_its_first_and_last_words_and_no_others() -> None:
    for word in ("'cause", "a", "love", "zebra", "zoom"):
        entry = look_up(word)
        assert entry is not None and set(entry.phones) <= ALPHABET
    assert look_up("") is None and look_up("lov") is None and look_up("zzzzzz") is None


def test_unknown_words_are_read_with_and_without_the_net(monkeypatch: pytest.MonkeyPatch) -> None:
    with_net = letters.sound_out("brindlewock")
    monkeypatch.setattr(letters, "_net", lambda: None)
    letters.sound_out.cache_clear()
    by_rules = letters.sound_out("brindlewock")
    letters.sound_out.cache_clear()
    assert nuclei_count(with_net) == nuclei_count(by_rules) == 3
    assert set(by_rules) <= ALPHABET


@pytest.mark.parametrize("word", ["splash", "thrown", "qi", "xyz", "aeiou", "grrl", "nightlife"])
def test_the_rules_always_give_a_vowel(word: str) -> None:
    assert nuclei_count(letters.by_rules(word)) >= 1
    assert set(letters.by_rules(word)) <= ALPHABET


def test_syllables_begin_with_as_many_consonants_as_they_may() -> None:
    assert split_phones("ɛkstɹˈim") == ("ɛk", "stɹˈim")
    assert split_phones("wˈɪndO") == ("wˈɪn", "dO")
    assert split_letters("extreme", ("ɛk", "stɹˈim")) == ("ex", "treme")
    assert split_letters("hm", ("h", "ə", "m")) == ("h", "m", "")


def test_every_phone_is_in_the_alphabet_of_the_nets() -> None:
    from studio.engine.assets import ASSETS

    vocabulary = ASSETS / "voice" / "phones.json"
    if not vocabulary.is_file():
        pytest.skip("the voice bank is not here")
    stored = json.loads(vocabulary.read_text(encoding="utf-8"))
    symbols = set(stored.get("symbols", stored) if isinstance(stored, dict) else stored)
    for word, language in (
        ("yesterday", "en"),
        ("corazón", "es"),
        ("gli", "it"),
        ("mãe", "pt"),
        ("huit", "fr"),
        ("мышь", "en"),
    ):
        assert {char for syllable in syllables(word, language) for char in syllable.phones} <= symbols
