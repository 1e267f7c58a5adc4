"""Candidate lines for a song: patterns filled from a theme, each measured in syllables, stress and rhyme."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from studio.engine.lyrics.rhymes import last_word, metre_of, rhyme_of
from studio.engine.lyrics.themes import Theme

TAILS = (
    "tonight; all night; all night long; once again; in the rain; for a while; in the dark; all alone; on my own; in the cold; somehow; right now; by your side; "
    "deep inside; in my mind; day by day; all the way; come what may; till the dawn; till the morning comes; one more time; all the time; in my head; like before; "
    "in the air; everywhere; like a dream; like a song; like a fire; like the sea; like an old friend; till the end; from the start; with all my heart; "
    "without a sound; all over town; when no one's around; when the lights go down; underneath the moon; way too soon; this afternoon; all summer through; out of the blue; "
    "into the blue; the way you do; after all; through it all; as the years go by; under the sky; in the sun; one by one; when the day is done; in the light; "
    "in the dead of night; with my eyes closed; down the road; like a river; forever; together; like the weather; at the break of day; every time it rains; "
    "in black and white; wide awake; for old times' sake; a little more; like never before; after the storm; before the fall; every single day; at the end of the day; "
    "like yesterday; when the leaves come down; when the wind is high"
)
CLAUSES = (
    "I've been waiting; I keep dreaming; we were dancing; you were laughing; I'm still learning; we keep talking; I was running; you come walking; I could stay here; "
    "we can start over; everything changes; I'm holding on; I hear you calling; we keep believing; I was falling; you found me; I carry on; we keep moving; "
    "I'm coming back; you lead me on; I lose my way; we lose the thread; we talk it over; I call your name"
)
# Kept without their "and": they take "and", "and now" or "and still" to reach the length of the line they answer.
CLOSERS = (
    "I don't know what to say; I wouldn't change a thing; I'm not afraid to fall; I can feel it in my bones; I never told a soul; I don't know your name; "
    "I was never good at that; the truth is plain to see; I learned to let it be; it all comes back to you; I know that it was true; I have nothing left to lose; "
    "it's only me to blame; nothing ever stays the same; the rest is history; I was blind but now I see; you were everything I need; I take it as it comes; "
    "I tell you what I hear; it brings me back to here; I swear that it was real; I forgot how that could feel; I'm learning how to heal; I hold my head up high; "
    "I never asked you why; we were never meant to hide; I've been saving it inside; you know I'm on your side; there's so much more to find; I could leave it all behind; "
    "I think I'm doing fine; I meant it every time; I had to make it mine; that's the way it goes; that's all anybody knows; I'm a long way from the start; "
    "I play a smaller part; you can hear it in my heart; we were never far apart; I'd do it all again; I remember now and then; it was better way back when; "
    "I'm ready to begin; I go and let you in; every ending is a door; I don't need it anymore; I keep asking you for more; I was never here before; I'm older than I was; "
    "I do it just because; there's nowhere left to go; there's something you should know; I was taking it too slow; nobody even tried; I had it all this time; "
    "the world is wide awake; that's a chance I had to take; it was worth the long mistake; I'm standing on my own; I have never felt alone; I was flesh and I was bone; "
    "I made it through the day; I'm gonna be okay; if you want me I will stay; I threw the key away; I still have far to fall; it doesn't hurt at all; I don't need much at all; "
    "you taught me how to sing; I wait to hear it ring; I take the long way round; I'm safe on solid ground; you never made a sound; I dance to my own song; I knew it all along; "
    "I've been here far too long; nobody did me wrong; we made it out alive; I never had to drive; I watch it all go by; I never learned to lie; I never said goodbye; "
    "there's no one else in town; I won't be backing down; you turned it all around; my hands are getting cold; my heart is not for sold_; I do what I am told; we're never growing old; "
    "the best is yet to come; I miss where I come from; I walk the wire for fun; the night is almost done; I only wanted one; I haven't even begun; I leave it in your hands; "
    "nobody understands; I make my little plans; the silence is so loud; I lost you in the crowd; I said it all out loud; I never felt so proud"
).replace("my heart is not for sold_; ", "")
# Whole lines for a chorus, to the one the song is sung to.
PLEAS = (
    "I'll be here by your side; I've got nothing to hide; let it turn with the tide; there's a fire inside; you can hear me tonight; we'll be holding on tight; everything is alright; "
    "till the end of the night; let it burn, let it shine; put your hand into mine; I was walking the line; give me only a sign; I don't want it to end; be my lover, my friend; "
    "every heart has to mend; there is so much to spend; I was lost in the rain; say my name once again; it was never in vain; you can take all the pain; I can hear it, I know; "
    "I won't let you go; let it out, let it show; let the cold wind blow; I will never be far; take me just as you are; wish upon any star; every wound leaves a scar; "
    "I'm not waiting no more; leave a light at the door; I was never so sure; this is what we came for; come and dance me to sleep; it's a promise to keep; and the river runs deep; "
    "let me fall, let me leap; you can carry me there; let it fill up the air; I will find you somewhere; show the world that we care; I belong to you now; we will make it somehow; "
    "take a breath, take a bow; I don't need to know how; through the dark, through the day; let it wash me away; all I want is to stay; hear me now when I say; every road leads to you; "
    "nothing else feels as true; we can start something new; all the colours of blue; there's a song in my head; all the words left unsaid; let me follow instead; there's a long road ahead; "
    "we were born to be wild; I was only a child; all the roads that we ran; catch me now if you can; hold me close, hold me near; everything becomes clear; I have nothing to fear; "
    "you're the voice that I hear; this is all that I need; let it go, let it bleed; let it grow like a seed; I will follow your lead; we could stay here for hours; all the world could be ours; "
    "I can feel it come down; let it play all around; you were lost, you were found; keep my feet on the ground; oh, we're never too late; we don't have to be great; let the whole world wait; "
    "open up every gate; and I don't want to sleep; so don't let me down easy; I would wait for a lifetime; we can fly from the wire; we can only go higher; in the heat of the fire; "
    "you're my only desire; sing it over and over; we were younger and bolder; put your head on my shoulder; and the nights growing colder; time is all that we've got; ready now or not; "
    "I remember your face; you can leave me a trace; there's a time and a place; let me slow down the pace; fall into my embrace; wake me up when you're here; we'll be singing it loud; "
    "we'll be lost in the crowd; come on down from your cloud; say it strong, say it proud"
)
# Lines that climb into a chorus and lines that look at the song from outside; {turn} is what the theme is about.
LIFTS = (
    "and I can feel {turn} tonight; and every time I lose {turn}, I lose my way; oh, I can feel it closing in; tell me where do I begin; it's getting harder to pretend; "
    "we're getting closer to the end; the walls are coming down again; I never know how, I only know when; I hold my breath and count to ten; and then I hear it once again; "
    "and now it's rising in my chest; I never wanted second best; oh, if you see me coming through; you know exactly what to do; so when it all comes down to this; "
    "there's not a minute I would miss; I keep on running up the stairs; I keep on saying all my prayers; and something's moving in the air; and when I turn, I find you there; "
    "can you feel it coming on; in a moment it is gone; hold on, hold on, it's almost here; turn around and face the fear; I'm only one step from the door; "
    "I've never felt this way before; and in the quiet I can hear; a little louder, loud and clear; it's getting hard to look away; I had a thousand things to say; "
    "my heart is beating like a drum; I didn't know how far we'd come; I feel it pulling me along; I think I knew it all along; I see the colours start to change; "
    "and nothing here is out of range; oh, keep me steady, keep me strong; it won't be long, it won't be long; the clock is running out of time; I give you yours, you give me mine; "
    "I know the road, I know the sign; we leave it all upon the line; I couldn't see it till today; I couldn't turn and walk away; we only have a little light; we only have a single night"
)
TURNS = (
    "maybe {turn} was all we had; maybe it never was that bad; and if {turn} should ever fade; I'd still believe in what we made; what if {turn} could make us stay; "
    "what would you do, what would you say; we never asked the price we paid; I'm not ashamed, I'm not afraid; I gave {turn} a brand new name; and nothing ever stayed the same; "
    "one day they'll ask us where we've been; we'll show the scars, we'll show the skin; and if I have to start again; I'll hold {turn} until then; so let {turn} carry me; "
    "I only want what has to be; I wrote {turn} upon the wall; I'd lose it once to keep it all; if you could see what I have seen; you'd know exactly what I mean; "
    "when I am old and out of tune; I'll tell this story to the moon; maybe we lose it, maybe we win; maybe that's where we begin; oh, all the roads that I have known; "
    "not one of them I walked alone; there is a place where no one goes; and only you and I, we know_; forget the years, forget the cost; not everything we lose is lost; "
    "we count the lines, we count the days; I never learned another way; and in the end it's only this; a little luck, a little bliss; I learned to bend, I learned to break; "
    "I learned from every small mistake; and now the room is growing still; if no one else believes, I will; we carry more than we can hold; a little fire against the cold; "
    "the story isn't over yet; and there are things I won't forget"
).replace("; and only you and I, we know_", "; beneath the ice the river flows")
SELF_VERBS = ("keep", "hide", "leave", "find")
TOPIC_LINES = (
    "I keep coming back to {np}; it all begins with {np}; I still believe in {np}; there's nothing in the world like {np}; I close my eyes and think of {np}; "
    "I would give it all for {np}; with {np} on my mind; I think about {np} at night; I think about {np} every day; I tell the stars about {np}; "
    "you were talking about {np}; I never forgot about {np}; nothing but {np} and you; nothing but {np} and me; I learned to live for {np}; I wrote this one for {np}; "
    "this is the story of {np}; I see {np} when I dream; I hear {np} in this song; no one ever told me about {np}; I follow {np} all the way home"
)
TOPIC_FRONTS = "I think about; I remember; I dream of; I talk about; I'm coming back to; we were lost without; I believe in"
TOPIC_HOOKS = (
    "Back to {np}; All for {np}; Sing it for {np}; You, me and {np}; Thinking of {np}; Nothing without {np}; One more song for {np}; Hold on to {np}; Remember {np}; "
    "Dreaming of {np}"
)
_MASS = frozenset("rain dust thunder gravity snow sand coffee bass ground sun moon world gravity".split())
_STATIC = frozenset(
    "on in by under at behind inside beside beneath outside around underneath below next".split()
)
_BARE_VERBS = {"lies": "lie", "dies": "die", "goes": "go"}
_COMMON = frozenset(
    "with your that this what when where there there's have from like just only every into over under never been were will then them they "
    "could would should about could here down some more than until till even I've we've I'll you're".casefold().split()
)
ANSWERS = ("", "and ", "and now ", "and still ")


@dataclass(frozen=True, slots=True)
class Line:
    """A candidate: `kind` is scene, self, topic, closer, plea, lift or turn; `stuff` what it spends."""

    text: str
    kind: str
    pattern: str
    stuff: frozenset[str]
    rhyme: str = field(default="", compare=False)
    metre: tuple[float, ...] = field(default=(), compare=False)

    @property
    def end(self) -> str:
        return last_word(self.text)


def make(text: str, kind: str, pattern: str, *stuff: str) -> Line:
    text = re.sub(r"\bi\b", "I", text)
    text = text[0].upper() + text[1:]
    return Line(text, kind, pattern, frozenset(stuff) | content_of(text), rhyme_of(text), metre_of(text))


def content_of(text: str) -> frozenset[str]:
    """The words of a line that are noticed when they come back."""
    return frozenset(word for word in re.findall(r"[a-z']{4,}", text.casefold()) if word not in _COMMON)


def repeats_itself(text: str) -> bool:
    words = [
        word
        for word in re.findall(r"[a-z']+", text.casefold())
        if len(word) > 3 or word in ("sun", "now", "day")
    ]
    return len(words) > len(set(words))


_PERSONAL = re.compile(r"\b(?:my|me|you|your|we|alone)\b")


def neutral_tails() -> list[str]:
    """Tails that suit any subject."""
    return [tail for tail in split_list(TAILS) if not _PERSONAL.search(tail)]


def _clash(clause: str, tail: str) -> bool:
    """ "you were laughing by your side"."""
    return clause.startswith("you ") and re.search(r"\byour?\b", tail) is not None


def split_list(text: str) -> list[str]:
    return [item.strip() for item in text.split(";") if item.strip()]


def bare(verb: str) -> str:
    """ "rises" to "rise", "passes" to "pass"."""
    if verb in _BARE_VERBS:
        return _BARE_VERBS[verb]
    if verb.endswith(("shes", "ches", "sses", "xes")):
        return verb[:-2]
    return verb[:-3] + "y" if verb.endswith("ies") else verb.removesuffix("s")


def article(phrase: str) -> str:
    return f"an {phrase}" if phrase[0] in "aeiou" else f"a {phrase}"


def _the(noun: str) -> str:
    return noun if noun.startswith(("your ", "my ")) else f"the {noun}"


def scenes(theme: Theme, rng: Random) -> Iterator[Line]:
    """What can be seen and heard."""
    tails, places = neutral_tails(), theme.listed("places")
    for noun, plural, verbs in theme.thing_list:
        for verb in verbs:
            plain = verb if plural else bare(verb)
            for place in rng.sample(places, 10):
                yield make(f"{_the(noun)} {verb} {place}", "scene", "thing does somewhere", noun, verb, place)
                yield make(f"I hear {_the(noun)} {plain} {place}", "self", "I hear", noun, verb, place)
                yield make(f"I watch {_the(noun)} {plain} {place}", "self", "I watch", noun, verb, place)
                yield make(
                    f"{place}, {_the(noun)} {verb}", "scene", "somewhere, thing does", noun, verb, place
                )
            for tail in rng.sample(tails, 12):
                yield make(f"{_the(noun)} {verb} {tail}", "scene", "thing does somehow", noun, verb, tail)
        if not plural and " " not in noun and noun not in _MASS:
            for quality in theme.listed("qualities"):
                for place in rng.sample(places, 5):
                    yield make(
                        f"there's {article(quality)} {noun} {place}",
                        "scene",
                        "there is",
                        noun,
                        quality,
                        place,
                    )


def selves(theme: Theme, rng: Random) -> Iterator[Line]:
    """What I and you do."""
    places = [
        place
        for place in theme.listed("places")
        if place.split()[0] in _STATIC and not {"my", "your"} & set(place.split())
    ]
    tails = split_list(TAILS)
    for thing in theme.listed("objects"):
        for verb in SELF_VERBS:
            for place in rng.sample(places, min(6, len(places))):
                yield make(f"I {verb} your {thing} {place}", "self", "I keep your", thing, verb, place)
                if verb in ("leave", "keep"):
                    yield make(
                        f"you {verb} your {thing} {place}", "self", "you keep your", thing, verb, place
                    )
        for quality in rng.sample(theme.listed("qualities"), 3):
            yield make(f"all I have is {article(quality)} {thing}", "self", "all I have", thing, quality)
    for clause in split_list(CLAUSES):
        for tail in rng.sample([tail for tail in tails if not _clash(clause, tail)], 24):
            yield make(f"{clause} {tail}", "self", f"clause {clause.split()[0]}", clause, tail)
    for closer in split_list(CLOSERS):
        for answer in ANSWERS:
            yield make(f"{answer}{closer}", "closer", f"closer {answer or closer.split()[0]}", closer)


def topical(phrases: list[str], rng: Random) -> Iterator[Line]:
    """Lines with the noun phrases of a description in them."""
    tails = split_list(TAILS)
    for phrase in phrases:
        for pattern in split_list(TOPIC_LINES):
            yield make(pattern.format(np=phrase), "topic", f"topic {pattern.split('{')[0]}", phrase, pattern)
        for front in split_list(TOPIC_FRONTS):
            for tail in rng.sample(tails, min(50, len(tails))):
                yield make(f"{front} {phrase} {tail}", "topic", f"topic {front}", phrase, front, tail)


def pleas() -> Iterator[Line]:
    """Lines for a chorus."""
    for text in split_list(PLEAS):
        for lead in ("", "oh, ", "and "):
            if not (lead and text.startswith(("and ", "oh, ", "so "))):
                yield make(lead + text, "plea", f"plea {text.split()[0]}", text)


def lifts(theme: Theme) -> Iterator[Line]:
    """Lines that lead into a chorus, in rhyming couplets as they stand and in others."""
    yield from _turned(LIFTS, "lift", theme)


def turns(theme: Theme) -> Iterator[Line]:
    """Lines for a bridge: maybe, what if, and then."""
    yield from _turned(TURNS, "turn", theme)


def _turned(source: str, kind: str, theme: Theme) -> Iterator[Line]:
    for text in split_list(source):
        for turn in theme.listed("turns") if "{turn}" in text else ("",):
            filled = text.format(turn=turn)
            yield make(filled, kind, f"{kind} {text}", text, turn or text)
