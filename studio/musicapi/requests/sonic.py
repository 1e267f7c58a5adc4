"""The sonic family. Prices in credits are those of 2026-09 on aimusicapi.ai; musicapi.ai asks others.

Models are spelled "sonic-v5" or "chirp-v5"; the provider takes both and echoes what was sent. Clips are named
by the provider's ids and must come from the same account. A fresh one is less than 24 hours old.
"""

from typing import ClassVar, Generic, Literal

import msgspec

from studio.musicapi.requests.base import UPLOAD_WAIT_S, ApiRequest, HookedRequest, Question, R
from studio.musicapi.results import (
    AlignedLyrics,
    ClipFiles,
    Midi,
    Persona,
    Tempo,
    Uploaded,
    UpsampledTags,
    Vox,
    Wav,
)


class _Styled(HookedRequest, frozen=True, kw_only=True):
    """What song-making requests of the family share."""

    family: ClassVar[str] = "sonic"

    prompt: str | None = None  # lyrics with [Verse] marks, at most 5000 characters (v3.5 and v4: 3000)
    title: str | None = None  # at most 80 characters
    tags: str | None = None  # at most 1000 characters (v3.5, v4, mashup and sample: 200)
    negative_tags: str | None = None  # at most 200 characters
    vocal_gender: Literal["f", "m"] | None = None  # v4.5 and later
    style_weight: float | None = None  # 0-1
    weirdness_constraint: float | None = None  # 0-1


class _Composed(_Styled, frozen=True, kw_only=True):
    """What requests for a whole new song share."""

    mv: str  # model
    custom_mode: bool | None = None  # True: lyrics, tags and title are given; False: a description
    gpt_description_prompt: str | None = None  # the description, at most 400 characters
    make_instrumental: bool | None = None


class _Song(_Composed, frozen=True, kw_only=True, tag_field="task_type"):
    """What the song-making tasks of /sonic/create share. `task_type` is always sent.

    `custom_mode` is required by the docs' tables and left out by the vendor's guides wherever there is a
    source. Of `use_suno_cdn` one account was asked; others take it and do without.
    """

    path: ClassVar[str] = "/sonic/create"

    auto_lyrics: bool | None = None  # needs custom_mode; `prompt` then says what the lyrics are about
    use_suno_cdn: bool | None = None


class _Upkeep(HookedRequest, frozen=True, kw_only=True, tag_field="task_type"):
    """What the tasks of /sonic/create share that write no song."""

    family: ClassVar[str] = "sonic"
    path: ClassVar[str] = "/sonic/create"

    continue_clip_id: str
    use_suno_cdn: bool | None = None


class SonicCreate(_Song, frozen=True, kw_only=True, tag="create_music"):
    """Create music from lyrics (`custom_mode=True`) or from a description. Two clips; 10 or 14 credits."""

    custom_mode: bool
    duration_s: int | None = msgspec.field(default=None, name="duration")  # wished length, 10-360


class SonicExtend(_Song, frozen=True, kw_only=True, tag="extend_music"):
    """Go on from a moment of a generated clip. Yields only the added part, see SonicConcat. 10 credits."""

    continue_clip_id: str
    continue_at_s: float | None = msgspec.field(default=None, name="continue_at")
    duration_s: int | None = msgspec.field(default=None, name="duration")  # 10-360


class SonicCover(_Song, frozen=True, kw_only=True, tag="cover_music"):
    """Sing a generated clip anew in another style. Two clips; 10 or 14 credits."""

    continue_clip_id: str
    audio_weight: float | None = None  # 0-1: 0-0.3 free, 0.4-0.6 balanced, 0.7-1 close to the source
    duration_s: int | None = msgspec.field(default=None, name="duration")  # 10-360


class SonicExtendUpload(_Song, frozen=True, kw_only=True, tag="extend_upload_music"):
    """Go on from a moment of an uploaded clip; for those SonicExtend must not be used."""

    continue_clip_id: str
    continue_at_s: float | None = msgspec.field(default=None, name="continue_at")  # 0.1 is "from the start"
    audio_weight: float | None = None  # 0-1


class SonicCoverUpload(_Song, frozen=True, kw_only=True, tag="cover_upload_music"):
    """Sing an uploaded clip anew; for those SonicCover must not be used."""

    continue_clip_id: str
    audio_weight: float | None = None  # 0-1


class SonicPersonaMusic(_Song, frozen=True, kw_only=True, tag="persona_music"):
    """Create music sung by a persona or voice. In practice `prompt` is required. 10 credits."""

    persona_id: str
    duration_s: int | None = msgspec.field(default=None, name="duration")  # 10-360


class SonicAddVocals(_Song, frozen=True, kw_only=True, tag="add_vocals"):
    """Sing over a fresh upload, with `prompt` and `tags` or a description. v4.5 and later; 10 credits."""

    continue_clip_id: str
    audio_weight: float | None = None  # 0-1
    overpainting_start_s: float | None = None
    overpainting_end_s: float | None = None


class SonicAddInstrumental(_Song, frozen=True, kw_only=True, tag="add_instrumental"):
    """Accompany a fresh upload. v4.5 and later; 10 credits."""

    continue_clip_id: str
    audio_weight: float | None = None  # 0-1
    overpainting_start_s: float | None = None
    overpainting_end_s: float | None = None


class SonicConcat(_Upkeep, frozen=True, kw_only=True, tag="concat_music"):
    """Join an extended part with what it extends. One clip; 2 credits."""


class SonicRemaster(_Upkeep, frozen=True, kw_only=True, tag="remaster"):
    """Sound the same song anew, from a fresh clip. 10 credits."""

    mv: str
    variation_category: Literal["subtle", "normal", "high"] | None = None  # sonic-v5 only


class SonicReplaceSection(_Styled, frozen=True, kw_only=True):
    """Make a window of a clip anew. v4 and later; 10 credits."""

    path: ClassVar[str] = "/sonic/replace-section"

    clip_id: str
    mv: str
    infill_start_s: float
    infill_end_s: float
    infill_lyrics: str | None = None  # of the window, at most 3000; `prompt` has the song's lyrics
    auto_concat: bool | None = None  # answer in pairs, the part and the whole song


class _FromUrl(_Composed, frozen=True, kw_only=True):
    """Upload and make something of it in one request, which takes 30-60 s to be answered."""

    wait_s = UPLOAD_WAIT_S

    custom_mode: bool
    url: str  # public and direct, at most 8 minutes of audio
    audio_weight: float | None = None  # 0-1
    auto_concat: bool | None = None  # answer in pairs, the part and the whole song
    duration_s: int | None = msgspec.field(default=None, name="duration")  # 10-360


class SonicUploadExtend(_FromUrl, frozen=True, kw_only=True):
    """Upload a recording and go on from a moment of it. Price of an upload (2) and an extension."""

    path: ClassVar[str] = "/sonic/upload-extend"

    continue_at_s: float | None = msgspec.field(default=None, name="continue_at")


class SonicUploadCover(_FromUrl, frozen=True, kw_only=True):
    """Upload a recording and sing it anew. Price of an upload (2) and a cover."""

    path: ClassVar[str] = "/sonic/upload-cover"


class SonicSample(_Composed, frozen=True, kw_only=True):
    """A song built on a window of a recording (`url`) or a clip (`sample_clip_id`). 10 or 14 credits."""

    path: ClassVar[str] = "/sonic/sample"
    wait_s = UPLOAD_WAIT_S

    custom_mode: bool
    make_instrumental: bool
    url: str | None = None  # exactly one of url and sample_clip_id
    sample_clip_id: str | None = None
    chop_sample_start_s: float
    chop_sample_end_s: float
    auto_lyrics: bool | None = None
    audio_weight: float | None = None  # 0-1


class SonicMashup(_Composed, frozen=True, kw_only=True):
    """Two clips made one song. 10 or 14 credits."""

    path: ClassVar[str] = "/sonic/mashup"

    custom_mode: bool
    mashup_clip_ids: tuple[str, str]
    auto_lyrics: bool | None = None
    audio_weight: float | None = None  # 0-1


class SonicStemsBasic(ApiRequest, frozen=True, kw_only=True):
    """Part a clip into vocals and the rest, of late four parts. One clip per stem; 20 credits."""

    family: ClassVar[str] = "sonic"
    path: ClassVar[str] = "/sonic/stems/basic"

    clip_id: str


class SonicStemsFull(SonicStemsBasic, frozen=True, kw_only=True):
    """Part a clip into 12 stems or more; 24 were seen. 50 credits."""

    path: ClassVar[str] = "/sonic/stems/full"


class SonicCreateVoice(HookedRequest, frozen=True, kw_only=True):
    """Make a voice of a recording: MP3 or WAV, over 10 s, one clear speaker. 4 credits."""

    family: ClassVar[str] = "sonic"
    path: ClassVar[str] = "/sonic/create-voice"

    audio_url: str  # public


class SonicUploadLater(ApiRequest, frozen=True, kw_only=True):
    """Upload a recording as a task; `callback_url` is told the outcome. aimusicapi.ai only; 2 credits."""

    family: ClassVar[str] = "sonic"
    path: ClassVar[str] = "/sonic/upload"
    wait_s = UPLOAD_WAIT_S

    url: str  # public and direct, at most 8 minutes of audio
    callback_url: str  # the body it is sent is not documented


class _Question(Question[R], Generic[R], frozen=True, kw_only=True):
    family: ClassVar[str] = "sonic"


class _OfClip(_Question[R], Generic[R], frozen=True, kw_only=True):
    clip_id: str


class SonicUpload(_Question[Uploaded], frozen=True, kw_only=True):
    """Upload a recording, which takes about 20 s. 2 credits."""

    path: ClassVar[str] = "/sonic/upload"
    reply = Uploaded
    wait_s = UPLOAD_WAIT_S

    url: str  # public and direct, at most 8 minutes of audio


class SonicPersona(_Question[Persona], frozen=True, kw_only=True):
    """Make a persona of a fresh clip. 1 credit; aimusicapi.ai has withdrawn it."""

    path: ClassVar[str] = "/sonic/persona"
    reply = Persona

    name: str  # at most 79 characters
    clip_id: str
    describe: str | None = None
    styles: str | None = None  # at most 2000 characters
    vox_audio_id: str | None = None  # of SonicVox
    vocal_start_s: float | None = None
    vocal_end_s: float | None = None


class SonicBpm(_OfClip[Tempo], frozen=True, kw_only=True):
    """The tempo of a fresh clip. 1 credit."""

    path: ClassVar[str] = "/sonic/bpm"
    reply = Tempo


class SonicVox(_OfClip[Vox], frozen=True, kw_only=True):
    """Cut the voice out of at most 30 s of a fresh clip. 1 credit."""

    path: ClassVar[str] = "/sonic/vox"
    reply = Vox

    vocal_start_s: float | None = None
    vocal_end_s: float | None = None


class SonicWav(_OfClip[Wav], frozen=True, kw_only=True):
    """Where a clip's WAV file is. 1 credit."""

    path: ClassVar[str] = "/sonic/wav"
    reply = Wav


class SonicDownload(_OfClip[ClipFiles], frozen=True, kw_only=True):
    """A clip's files on the provider's own storage. NotReady while they are copied, which costs nothing.

    2 credits for any number of formats. aimusicapi.ai names it in place of SonicWav; how it answers is known
    from a client in production, not from the docs.
    """

    path: ClassVar[str] = "/sonic/download"
    reply = ClipFiles

    formats: tuple[Literal["mp3", "m4a", "wav"], ...]


class SonicMidi(_OfClip[Midi], frozen=True, kw_only=True):
    """The notes of a fresh clip or stem. NotReady until they are written; 1 credit.

    Whether asking for the same notes again is charged again is not documented.
    """

    path: ClassVar[str] = "/sonic/midi"
    reply = Midi


class SonicAlignedLyrics(_OfClip[AlignedLyrics], frozen=True, kw_only=True):
    """When each word of a clip is sung. 1 credit the first time, then free for this clip."""

    path: ClassVar[str] = "/sonic/aligned-lyrics"
    reply = AlignedLyrics


class SonicUpsampleTags(_Question[UpsampledTags], frozen=True, kw_only=True):
    """A richer description of a style. 1 credit."""

    path: ClassVar[str] = "/sonic/upsample-tags"
    reply = UpsampledTags

    tags: str
