"""What the AI Music API tells us, as frozen types: how tasks go, and the answers of synchronous calls."""

from typing import Literal

import msgspec

from studio.musicapi.clips import Clip, TimedWord
from studio.musicapi.values import Malformed

TaskState = Literal["not_ready", "running", "succeeded", "failed"]


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """The provider took the request: it runs, and it is charged."""

    task_id: str
    warning: str = ""
    clip_id: str = ""  # of the recording that upload-extend, upload-cover or sample took in first


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Why a task ended without clips."""

    kind: str
    text: str  # the provider's words, fit to show
    is_refunded: bool | None = None  # None: the provider did not say


class LyricsDraft(msgspec.Struct, frozen=True, kw_only=True):
    """One version of written lyrics."""

    lyrics: str  # with [Verse] marks
    title: str = ""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of a synchronous call. Field names are those of the wire unless said otherwise."""

    raw: str = ""  # the body as received, without the key; URLs are whole, so keep it out of logs

    def __repr__(self) -> str:
        shown = {
            name: value
            for name, value in msgspec.structs.asdict(self).items()
            if name != "raw" and not name.endswith("url")
        }
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in shown.items())})"


class Persona(Reply, frozen=True, kw_only=True):
    """A reusable singer, from a clip (persona) or from a recording (create-voice)."""

    persona_id: str
    name: str = ""  # said by create-voice only


class TaskAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a poll says.

    `failed` means a failure was reported or every clip failed; `succeeded` means that everything is final and
    at least one thing is good; `running` that something is not final yet; `not_ready` that there is nothing.
    """

    state: TaskState
    clips: tuple[Clip, ...] = ()
    failure: Failure | None = None
    voice: Persona | None = None  # of create-voice
    drafts: tuple[LyricsDraft, ...] = ()  # of producer's lyrics-create
    progress_percent: float | None = None  # 0-100, said by nuro and studio
    is_joining: bool = False  # a pair's `full` is still null: more may come, though it is not promised
    raw: str = ""  # the body as received, without the key; URLs are whole, so keep it out of logs

    def __repr__(self) -> str:
        return f"TaskAnswer(state={self.state!r}, clips={self.clips!r}, failure={self.failure!r})"


class Uploaded(Reply, frozen=True, kw_only=True):
    """A recording the provider took in: its clip, or the task that will say so."""

    clip_id: str = ""
    task_id: str = ""

    def __post_init__(self) -> None:
        if not self.clip_id and not self.task_id:
            raise Malformed("clip_id is missing")


class Tempo(Reply, frozen=True, kw_only=True):
    """Beats per minute of a clip."""

    avg_bpm: float
    min_bpm: float | None = None
    max_bpm: float | None = None


class Vox(Reply, frozen=True, kw_only=True):
    """The voice of a clip, cut out for a persona."""

    vox_audio_id: str
    status: str = ""  # "complete"
    source_clip_id: str = ""
    vocal_start_s: float | None = None
    vocal_end_s: float | None = None
    audio_url: str = ""  # not documented; said by those who hand out the cut voice


class Wav(Reply, frozen=True, kw_only=True):
    """Where a clip's WAV file is."""

    wav_url: str


class FileLink(msgspec.Struct, frozen=True, kw_only=True):
    """Where one file of a clip is."""

    format: str  # mp3, m4a or wav
    file_url: str

    def __repr__(self) -> str:
        return f"FileLink({self.format!r})"


class ClipFiles(Reply, frozen=True, kw_only=True):
    """A clip's files in the wished formats; some may be missing, all may not."""

    files: tuple[FileLink, ...]

    def __post_init__(self) -> None:
        if not self.files:
            raise Malformed("files are missing")


class MidiNote(msgspec.Struct, frozen=True, kw_only=True):
    """One note of a transcription."""

    pitch: int  # 0-127
    start_s: float = msgspec.field(name="start")
    end_s: float = msgspec.field(name="end")
    velocity: float | None = None  # 0-1


class MidiInstrument(msgspec.Struct, frozen=True, kw_only=True):
    """One track of a transcription."""

    notes: tuple[MidiNote, ...]
    name: str = ""


class Midi(Reply, frozen=True, kw_only=True):
    """The notes of a clip, as a file or spelled out; at least one of the two."""

    midi_url: str = ""
    instruments: tuple[MidiInstrument, ...] = ()

    def __post_init__(self) -> None:
        if not self.midi_url and not self.instruments:
            raise Malformed("midi_url is missing")


class AlignedLyrics(Reply, frozen=True, kw_only=True):
    """When each word of a clip is sung. Some clips have none."""

    words: tuple[TimedWord, ...] = msgspec.field(name="alignment")


class UpsampledTags(Reply, frozen=True, kw_only=True):
    """Tags made richer."""

    upsampled_tags: str


class LyricsDrafts(Reply, frozen=True, kw_only=True):
    """Lyrics to choose from, usually two."""

    drafts: tuple[LyricsDraft, ...] = msgspec.field(name="results")

    def __post_init__(self) -> None:
        if not self.drafts:
            raise Malformed("results hold no lyrics")


class Credits(msgspec.Struct, frozen=True, kw_only=True):
    """Balance of an account in whole credits, part credits rounded down."""

    credits: int  # of the subscription, reset each cycle
    extra_credits: int = 0  # bought, spent first

    @property
    def total(self) -> int:
        return self.credits + self.extra_credits


class Downloaded(msgspec.Struct, frozen=True, kw_only=True):
    """A file that arrived whole."""

    size_bytes: int
    content_type: str  # as the server says, without parameters
    sha256: str  # hex
