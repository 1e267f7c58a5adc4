"""The nuro family, withdrawn from aimusicapi.ai: one song a task, Chinese or English, 10 credits.

The vocabularies are those of the vendor's pages. The API says nothing of what it does with other words.
"""

from typing import ClassVar, Literal

import msgspec

from studio.musicapi.requests.base import HookedRequest

SEGMENTS = ("intro", "verse", "chorus", "inst", "bridge", "outro")
LIST_MAX_ITEMS = 5  # of each list of a bgm request

VOCAL_WORDS = {
    "genre": (
        "Folk", "Pop", "Rock", "Chinese Style", "Hip Hop/Rap", "R&B/Soul", "Punk", "Electronic", "Jazz",
        "Reggae", "DJ", "Pop Punk", "Disco", "Future Bass", "Pop Rap", "Trap Rap", "R&B Rap",
        "Chinoiserie Electronic", "GuFeng Music", "Pop Rock", "Jazz Pop", "Bossa Nova", "Contemporary R&B",
    ),
    "mood": (
        "Happy", "Dynamic/Energetic", "Sentimental/Melancholic/Lonely", "Inspirational/Hopeful",
        "Nostalgic/Memory", "Excited", "Sorrow/Sad", "Chill", "Romantic", "Miss", "Groovy/Funky",
        "Dreamy/Ethereal", "Calm/Relaxing",
    ),
    "timbre": (
        "Warm", "Bright", "Husky", "Electrified voice", "Sweet_AUDIO_TIMBRE", "Cute_AUDIO_TIMBRE",
        "Loud and sonorous", "Powerful", "Sexy/Lazy",
    ),
}  # fmt: skip
BGM_WORDS = {
    "genre": (
        "corporate", "dance/edm", "orchestral", "chill out", "rock", "hip hop", "folk", "funk", "ambient",
        "holiday", "jazz", "kids", "world", "travel", "commercial", "advertising", "driving", "cinematic",
        "upbeat", "epic", "inspiring", "business", "video game", "dark", "pop", "trailer", "modern",
        "electronic", "documentary", "soundtrack", "fashion", "acoustic", "movie", "tv", "high tech",
        "industrial", "dance", "video", "vlog", "marketing", "game", "radio", "promotional", "sports",
        "party", "summer", "beauty",
    ),
    "mood": (
        "positive", "uplifting", "energetic", "happy", "bright", "optimistic", "hopeful", "cool", "dreamy",
        "fun", "light", "powerful", "calm", "confident", "joyful", "dramatic", "peaceful", "playful", "soft",
        "groovy", "reflective", "easy", "relaxed", "lively", "smooth", "romantic", "intense", "elegant",
        "mellow", "emotional", "sentimental", "cheerful happy", "contemplative", "soothing", "proud",
        "passionate", "sweet", "mystical", "tranquil", "cheerful", "casual", "beautiful", "ethereal",
        "melancholy", "sad", "aggressive", "haunting", "adventure", "serene", "sincere", "funky", "funny",
    ),
    "instrument": (
        "piano", "drums", "guitar", "percussion", "synth", "electric guitar", "acoustic guitar",
        "bass guitar", "brass", "violin", "cello", "flute", "organ", "trumpet", "ukulele", "saxophone",
        "double bass", "harp", "glockenspiel", "synthesizer", "keyboard", "marimba", "bass", "banjo",
        "strings",
    ),
    "theme": (
        "inspirational", "motivational", "achievement", "discovery", "every day", "love", "technology",
        "lifestyle", "journey", "meditation", "drama", "children", "hope", "fantasy", "holiday", "health",
        "family", "real estate", "media", "kids", "science", "education", "progress", "world", "vacation",
        "training", "christmas", "sales",
    ),
}  # fmt: skip


class _Task(HookedRequest, frozen=True, kw_only=True, tag_field="type"):
    family: ClassVar[str] = "nuro"
    path: ClassVar[str] = "/nuro/create"


class NuroVocal(_Task, frozen=True, kw_only=True, tag="vocal"):
    """A sung song. What is absent of gender, genre and mood is guessed from the lyrics."""

    lyrics: str  # with [verse] marks, 300-2000 characters; the lower bound may not be enforced
    gender: Literal["Female", "Male"] | None = None
    genre: str | None = None  # this and the next two of VOCAL_WORDS
    mood: str | None = None
    timbre: str | None = None
    duration_s: int | None = msgspec.field(default=None, name="duration")  # 30-240


class NuroSegment(msgspec.Struct, frozen=True, kw_only=True):
    """One section of background music."""

    name: Literal["intro", "verse", "chorus", "inst", "bridge", "outro"]
    duration_s: int = msgspec.field(name="duration")  # 5-120, a single one at least 30


class NuroBgm(_Task, frozen=True, kw_only=True, tag="bgm"):
    """Background music. v1.0 takes words of BGM_WORDS, v2.0 segments."""

    version: Literal["v1.0", "v2.0"]
    description: str  # v2.0: under 200 characters
    duration_s: int | None = msgspec.field(default=None, name="duration")  # v1.0: 1-60; v2.0: 30-120
    genre: tuple[str, ...] | None = None  # v1.0, as the next three: at most 5 words each
    mood: tuple[str, ...] | None = None
    instrument: tuple[str, ...] | None = None
    theme: tuple[str, ...] | None = None
    segments: tuple[NuroSegment, ...] | None = None  # v2.0: 30-120 s in all, and `duration` no other sum
