"""The producer family: new songs on every host, and the files that come and go."""

from __future__ import annotations

from studio.musicapi.requests import producer as wire

from ..base import Choice, Field, Group, Kind, Operation, Result
from ..shared import (
    RECORDING,
    accept,
    builder,
    every,
    one_price,
    price,
    retired,
    unknown,
    unless_known,
    wanted,
)
from . import changes
from .fields import (
    BPM,
    CLIP,
    FUZZ_ONLY,
    LYRICS,
    SEED,
    SOUND,
    TITLE,
    check_picture,
    check_seed,
    sound_or_lyrics,
)

_NOT_AT_MUSICAPI = "api.musicapi.ai does not offer this."

_CREATE = (SOUND, LYRICS, TITLE, *FUZZ_ONLY[:2], BPM, SEED, *FUZZ_ONLY[2:])

CREATE_MUSIC = Operation(
    name="producer.create_music",
    label="New producer song",
    verb="Create",
    family="producer",
    request=wire.ProducerCreate,
    fields=_CREATE,
    build=builder(wire.ProducerCreate, _CREATE),
    check=every(sound_or_lyrics, check_seed, check_picture),
    price=price(10, at_musicapi=12),
    variant=one_price,
    icon="audio-waveform",
    about="One new song within a minute, from a description of its sound, lyrics, or both.",
)

_RECORDING = (RECORDING,)
_UNSURE = "api.musicapi.ai lists it, but marked it unavailable of late. It may be refused."

UPLOAD = Operation(
    name="producer.upload",
    label="Upload to the producer",
    verb="Upload",
    family="producer",
    request=wire.ProducerUpload,
    fields=_RECORDING,
    build=builder(wire.ProducerUpload, _RECORDING, {"recording": "audio_url"}),
    check=accept,
    price=price(2),
    variant=one_price,
    result=Result.UPLOAD,
    group=Group.BRING,
    icon="upload",
    about="Brings a recording to the producer family, which cannot use sonic's clips.",
    source="recording",
    availability=unless_known(musicapi=unknown(_UNSURE, "sonic.upload")),
)

_DOWNLOAD = (
    CLIP,
    Field(
        "format",
        Kind.CHOICE,
        "Format",
        choices=(Choice("wav", "WAV"), Choice("mp3", "MP3")),
        default="wav",
        is_required=True,
    ),
)

DOWNLOAD = Operation(
    name="producer.download",
    label="File",
    verb="Get the file",
    family="producer",
    request=wire.ProducerDownload,
    fields=_DOWNLOAD,
    build=builder(wire.ProducerDownload, _DOWNLOAD, {"clip": "clip_id"}),
    check=accept,
    price=price(2),
    variant=one_price,
    result=Result.FILES,
    group=Group.PARTS,
    icon="download",
    about="The clip as an MP3 or an uncompressed file.",
    source="clip",
    availability=unless_known(musicapi=unknown(_UNSURE)),
)

_LYRICS = (Field("prompt", Kind.TEXT, "What it is about", placeholder="a calm evening by the harbour"),)

LYRICS_CREATE = Operation(
    name="producer.lyrics_create",
    label="Write lyrics with the producer",
    verb="Write",
    family="producer",
    request=wire.ProducerLyrics,
    fields=_LYRICS,
    build=builder(wire.ProducerLyrics, _LYRICS),
    check=wanted("prompt", "Say in a few words what the lyrics shall be about."),
    price=price(1),
    variant=one_price,
    result=Result.LYRICS,
    group=Group.WORDS,
    icon="pencil",
    about="Lyrics of a description of any length.",
    availability=unless_known(musicapi=retired(_NOT_AT_MUSICAPI, "lyrics.make_lyrics")),
)

_VIDEO = (CLIP,)

VIDEO_CLIP = Operation(
    name="producer.video_clip",
    label="Video",
    verb="Make a video",
    family="producer",
    request=wire.ProducerVideoClip,
    fields=_VIDEO,
    build=builder(wire.ProducerVideoClip, _VIDEO, {"clip": "clip_id"}),
    check=accept,
    price=price(5),
    variant=one_price,
    result=Result.VIDEO,
    group=Group.PARTS,
    icon="video",
    about="A music video of the clip.",
    source="clip",
    availability=unless_known(musicapi=retired(_NOT_AT_MUSICAPI)),
)

OPERATIONS = (CREATE_MUSIC, *changes.OPERATIONS, UPLOAD, DOWNLOAD, LYRICS_CREATE, VIDEO_CLIP)
