"""A small lyric writer: verses and a chorus about what was asked, rhymed in couplets. A template writer, and no poet."""

from __future__ import annotations

import re
from random import Random

from studio.engine.chance import dice

# Rhyme families: line endings that rhyme with each other.
ENDINGS = {
    "night": (
        "in the pale street light",
        "and the stars are bright",
        "hold the moment tight",
        "till the edge of night",
    ),
    "rain": (
        "in the summer rain",
        "on a midnight train",
        "calling out your name again",
        "past the window pane",
    ),
    "fire": ("like a living wire", "climbing ever higher", "sitting by the fire", "singing with the choir"),
    "sea": ("down along the sea", "come and walk with me", "everything is free", "all that we could be"),
    "day": ("at the break of day", "let it drift away", "nothing left to say", "find another way"),
    "road": ("on an open road", "with a lighter load", "where the river flowed", "and the lanterns glowed"),
    "air": ("floating in the air", "like we didn't care", "finding you still there", "summer in your hair"),
    "blue": ("in a sky of blue", "coming back to you", "everything is new", "what I always knew"),
}
OPENINGS = (
    "I hear {topic}", "All about {topic}", "Somewhere there is {topic}", "We were dreaming of {topic}", "You remember {topic}",
    "Walking through {topic}", "Nobody but {topic}", "Every hour of {topic}", "Leave a little {topic}", "Every shadow knows",
    "Footsteps on the stairs", "Quiet as a stone", "Hands that never shake", "Radio turned low", "Coffee going cold",
    "Windows open wide", "Pictures on the wall", "Letters never sent",
)  # fmt: skip
CALLS = ("Oh, {topic}, ", "Give me {topic}, ", "Sing it, {topic}, ", "Stay with {topic}, ")
FILLER = frozenset(
    "a an the and or of in on at to for with about song track music that this is it its my your very some like into from by "
    "upbeat slow fast sad happy female male voice vocals vocal instrumental bpm".split()
)


def topics_of(text: str) -> list[str]:
    """What a description is about: its longer words, in order, without the small change."""
    words = re.findall(r"[^\W\d_][\w'’-]*", text)
    kept = [word for word in words if len(word) > 2 and word.casefold() not in FILLER]
    return list(dict.fromkeys(word.casefold() for word in kept))[:8] or ["the light"]


def write_lyrics(description: str, tags: str, seed: int) -> str:
    """Two verses and a chorus (and a bridge, now and then) on the description. Same arguments, same words."""
    rng = dice(seed, "lyrics", description, tags)
    topics = topics_of(description) if description.strip() else topics_of(tags)
    families = rng.sample(sorted(ENDINGS), 4)
    chorus = _chorus(rng, topics, families[2])
    parts = [
        ("Verse 1", _verse(rng, topics, families[0])),
        ("Chorus", chorus),
        ("Verse 2", _verse(rng, topics, families[1])),
        ("Chorus", chorus),
    ]
    if rng.random() < 0.3:
        parts.insert(3, ("Bridge", _verse(rng, topics, families[3])[:2]))
    return "\n\n".join(f"[{name}]\n" + "\n".join(lines) for name, lines in parts)


def _verse(rng: Random, topics: list[str], family: str) -> list[str]:
    openings, endings = rng.sample(OPENINGS, 4), rng.sample(ENDINGS[family], 4)
    return [
        f"{opening.format(topic=rng.choice(topics))}, {ending}"
        for opening, ending in zip(openings, endings, strict=True)
    ]


def _chorus(rng: Random, topics: list[str], family: str) -> list[str]:
    call = rng.choice(CALLS).format(topic=topics[0])
    endings = rng.sample(ENDINGS[family], 4)
    return [call + endings[0], endings[1].capitalize(), call + endings[2], endings[3].capitalize()]
