"""What a clip is taken apart into, and what is found out about it."""

from __future__ import annotations

from studio.musicapi import ApiRequest
from studio.musicapi.requests.sonic import (
    SonicAlignedLyrics,
    SonicBpm,
    SonicDownload,
    SonicMidi,
    SonicStemsBasic,
    SonicStemsFull,
    SonicVox,
    SonicWav,
)

from .. import singable
from ..base import Availability, Choice, Context, Field, Group, Kind, Operation, Problem, Result, Values
from ..shared import Check, accept, builder, one_price, price, unknown, unless_known
from .fields import FRESH, clip, window

CLIP_ID = {"clip": "clip_id"}
VOX_MOST_S = 30.0


def _of_clip(
    name: str,
    label: str,
    verb: str,
    request: type[ApiRequest],
    result: Result,
    icon: str,
    about: str,
    credits: tuple[int, int],
    *,
    fields: tuple[Field, ...] = (clip(),),
    group: Group = Group.PARTS,
    check: Check = accept,
    availability: dict[str, Availability] | None = None,
) -> Operation:
    """An entry that asks for a clip and little else; `credits` are aimusicapi.ai's and musicapi.ai's."""
    return Operation(
        name=f"sonic.{name}",
        label=label,
        verb=verb,
        family="sonic",
        request=request,
        fields=fields,
        build=builder(request, fields, CLIP_ID),
        check=check,
        price=price(*credits),
        variant=one_price,
        result=result,
        group=group,
        icon=icon,
        about=about,
        source="clip",
        availability=availability or {},
    )


STEMS_BASIC = _of_clip(
    "stems_basic",
    "Stems: voice and band",
    "Split voice and band",
    SonicStemsBasic,
    Result.STEMS,
    "layers",
    "Parts the clip into the voice and the rest; some providers give four parts.",
    (20, 30),
)
STEMS_FULL = _of_clip(
    "stems_full",
    "Stems: every part",
    "Split into every part",
    SonicStemsFull,
    Result.STEMS,
    "split",
    "Parts the clip into up to twelve stems, as many as it has: voices, drums, bass, guitars, keys, strings.",
    (50, 75),
)
MIDI = _of_clip(
    "midi",
    "MIDI",
    "Write the notes down",
    SonicMidi,
    Result.MIDI,
    "piano",
    "The notes of each instrument as a MIDI file and a piano roll.",
    (1, 1),
    fields=(clip(FRESH),),
)
WAV = _of_clip(
    "wav",
    "WAV",
    "Get the WAV",
    SonicWav,
    Result.WAV,
    "file-audio",
    "The clip as an uncompressed file.",
    (1, 2),
)

_FORMATS = Field(
    "formats",
    Kind.WORDS,
    "Formats",
    choices=(Choice("mp3", "MP3"), Choice("m4a", "M4A"), Choice("wav", "WAV")),
    default=("wav",),
    is_required=True,
)
DOWNLOAD = _of_clip(
    "download",
    "Files",
    "Get the files",
    SonicDownload,
    Result.FILES,
    "download",
    "The clip as files of the formats that you choose; any number of them for one price.",
    (2, 2),
    fields=(clip(), _FORMATS),
    availability=unless_known(
        musicapi=unknown("Only api.aimusicapi.ai names it; here it may be refused.", "sonic.wav")
    ),
)
BPM = _of_clip(
    "bpm",
    "Tempo",
    "Measure the tempo",
    SonicBpm,
    Result.TEMPO,
    "gauge",
    "The tempo of the clip in beats a minute: the average and how far it strays.",
    (1, 1),
    fields=(clip(FRESH),),
)

_VOX = (clip(FRESH), *window("vocal_start_s", "vocal_end_s", "Voice", VOX_MOST_S))
VOX = _of_clip(
    "vox",
    "Cut the voice out",
    "Cut the voice out",
    SonicVox,
    Result.VOX,
    "scissors",
    "The bare voice of up to 30 seconds, to hear and to make a persona of.",
    (1, 1),
    fields=_VOX,
)


def _has_words(_values: Values, context: Context) -> list[Problem]:
    source = context.sources.get("clip")
    if source is None or not source.lyrics.strip() or singable.sung_words(source.lyrics):
        return []
    return [Problem("clip", f"“{source.title}” has no words to time. It may be refused.", is_advice=True)]


ALIGNED_LYRICS = _of_clip(
    "aligned_lyrics",
    "Lyrics timeline",
    "Time the words",
    SonicAlignedLyrics,
    Result.TIMELINE,
    "captions",
    "When each word is sung, so that the lyrics light up as the clip plays. Free once it is known.",
    (1, 1),
    group=Group.WORDS,
    check=_has_words,
)

OPERATIONS = (STEMS_BASIC, STEMS_FULL, MIDI, WAV, DOWNLOAD, BPM, VOX, ALIGNED_LYRICS)
