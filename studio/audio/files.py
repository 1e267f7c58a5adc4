"""What a file is, and its samples.

Kinds are told by signature, never by name or by what a server claims. Decoding streams: libsndfile for WAV,
AIFF, FLAC, Ogg Vorbis and MP3, PyAV for the rest (M4A, Opus, AAC, WebM).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import soundfile as sf

Samples = npt.NDArray[np.float32]  # shape (frames, channels), full scale is 1.0

BLOCK_FRAMES = 65_536  # 1.4 s at 48 kHz: large enough for numpy, small enough for memory
HEAD_BYTES = 4096  # what sniffing wants to see
# MP3 encoders pad up to 2 frames in front and behind (2 x 1152 samples) and rounding adds a little.
DURATION_TOLERANCE_S = 0.25
DURATION_TOLERANCE_RATIO = 0.01


class BrokenAudio(ValueError):
    """Not audio, not decodable, empty, or shorter than it says or should be. Fetch it again."""


@dataclass(frozen=True)
class Kind:
    """A file format: its short name, the media type to serve it with and the usual extension, no dot."""

    name: str
    media_type: str
    extension: str


AudioKind = Kind
ImageKind = Kind

MP3 = Kind("mp3", "audio/mpeg", "mp3")
WAV = Kind("wav", "audio/wav", "wav")
FLAC = Kind("flac", "audio/flac", "flac")
OGG = Kind("ogg", "audio/ogg", "ogg")
OPUS = Kind("opus", "audio/ogg; codecs=opus", "opus")
M4A = Kind("m4a", "audio/mp4", "m4a")
AAC = Kind("aac", "audio/aac", "aac")
AIFF = Kind("aiff", "audio/aiff", "aiff")
WEBM = Kind("webm", "audio/webm", "webm")  # what browsers record
JPEG = Kind("jpeg", "image/jpeg", "jpg")
PNG = Kind("png", "image/png", "png")
WEBP = Kind("webp", "image/webp", "webp")

# (offset, signature, offset, second signature or empty, kind), first match wins
_AUDIO = (
    (0, b"RIFF", 8, b"WAVE", WAV),
    (0, b"RF64", 8, b"WAVE", WAV),
    (0, b"FORM", 8, b"AIF", AIFF),
    (0, b"fLaC", 0, b"", FLAC),
    (0, b"OggS", 28, b"OpusHead", OPUS),
    (0, b"OggS", 28, b"\x01vorbis", OGG),
    (0, b"OggS", 28, b"\x7fFLAC", OGG),
    (4, b"ftyp", 8, b"M4A", M4A),
    (4, b"ftyp", 8, b"M4B", M4A),
    (4, b"ftyp", 8, b"mp4", M4A),
    (4, b"ftyp", 8, b"iso", M4A),
    (4, b"ftyp", 8, b"dash", M4A),
    (0, b"\x1a\x45\xdf\xa3", 0, b"", WEBM),
)
_IMAGES = (
    (0, b"\xff\xd8\xff", 0, b"", JPEG),
    (0, b"\x89PNG\r\n\x1a\n", 0, b"", PNG),
    (0, b"RIFF", 8, b"WEBP", WEBP),
)


def _by_table(head: bytes, table: tuple[tuple[int, bytes, int, bytes, Kind], ...]) -> Kind | None:
    for at, first, second_at, second, kind in table:
        if head.startswith(first, at) and head.startswith(second, second_at):
            return kind
    return None


_AV_ONLY = (OPUS, M4A, AAC, WEBM)
_AV_FORMATS = {"opus": "ogg", "m4a": "mp4"}  # where FFmpeg's name is not ours
_AV_KNOWS_LENGTH = (M4A, OPUS, WEBM, FLAC)  # for the others FFmpeg multiplies bytes by a bit rate
_NO_LENGTH = 1 << 62  # libsndfile says this or nothing when a file does not tell its length


def sniff(head: bytes) -> AudioKind | None:
    """The audio format a file's first bytes (4096 are plenty) show, None when they show none."""
    tag_bytes = _id3_bytes(head)
    if tag_bytes:
        # A cover may make the tag larger than what we see. Then it is an MP3: no other format leads with ID3.
        return (sniff(head[tag_bytes:]) or MP3) if tag_bytes + 4 <= len(head) else MP3
    return _by_table(head, _AUDIO) or _frame_sync(head)


def _id3_bytes(head: bytes) -> int:
    """Length of a leading ID3v2 tag, 0 when there is none; the tag gives it as four digits of 7 bits."""
    if not head.startswith(b"ID3") or len(head) < 10:
        return 0
    return 10 + sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))


def sniff_image(head: bytes) -> ImageKind | None:
    """The image format a file's first bytes show: JPEG, PNG or WebP, the ones covers come in."""
    return _by_table(head, _IMAGES)


def _frame_sync(head: bytes) -> AudioKind | None:
    """MPEG audio has no signature, only 11 set bits and forbidden field values (ISO 11172-3, 13818-7)."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    if layer == 0:
        return AAC if head[1] & 0xF6 == 0xF0 and head[2] >> 2 & 15 < 13 else None
    bit_rate, sample_rate = head[2] >> 4, head[2] >> 2 & 3
    return MP3 if version != 1 and layer == 1 and bit_rate not in (0, 15) and sample_rate != 3 else None


@dataclass(frozen=True)
class AudioFacts:
    """What is true of a whole, decodable file."""

    kind: AudioKind
    duration_s: float  # of the decoded samples
    sample_rate_hz: int
    channels: int
    bit_rate_bps: int  # average over the file, tags and covers included


class Decoded:
    """An opened audio file whose samples are read once, block by block.

    Iterating yields float32 arrays of shape (frames, channels), at most 65536 frames each, and raises
    BrokenAudio in the middle when the data breaks off. Not reusable: decode again for a second pass.
    """

    def __init__(
        self, sample_rate_hz: int, channels: int, declared_frames: int | None, blocks: Iterator[Samples]
    ) -> None:
        self.sample_rate_hz = sample_rate_hz
        self.channels = channels
        self.declared_frames = declared_frames  # what the container promises; None when it does not say
        self.frames = 0  # decoded so far
        self._blocks = blocks

    @property
    def duration_s(self) -> float:
        """Length of what was decoded so far, in seconds."""
        return self.frames / self.sample_rate_hz

    def __iter__(self) -> Iterator[Samples]:
        for block in self._blocks:
            self.frames += len(block)
            yield block
        if self.frames == 0:
            raise BrokenAudio("The file holds no audio.")
        if self.declared_frames is not None:
            _check_length(self.duration_s, self.declared_frames / self.sample_rate_hz)


def _check_length(duration_s: float, expected_s: float) -> None:
    tolerance_s = max(DURATION_TOLERANCE_S, expected_s * DURATION_TOLERANCE_RATIO)
    if duration_s < expected_s - tolerance_s:
        raise BrokenAudio(f"The audio ends after {duration_s:.1f} of {expected_s:.1f} seconds.")


def kind_of(path: Path) -> AudioKind:
    """The file's format by its first bytes; raises BrokenAudio when it is none we know."""
    with path.open("rb") as file:
        kind = sniff(file.read(HEAD_BYTES))
    if kind is None:
        raise BrokenAudio("The file is not audio of a kind that can be read.")
    return kind


def decode(path: Path) -> Decoded:
    """Open a file for decoding. Raises BrokenAudio when its beginning already shows that it is broken."""
    kind = kind_of(path)
    if kind in (WAV, AIFF):
        _check_promised_size(path, kind)
    if kind in _AV_ONLY or (kind is MP3 and not _says_its_length(path)):
        return _decode_with_av(path, kind)
    return _decode_with_soundfile(path, kind)


def _says_its_length(path: Path) -> bool:
    """Whether an MP3 leads with a Xing, Info or VBRI frame.

    Without one libsndfile guesses the length from the first frames and reads no further than its guess: a
    song with a quiet beginning and a variable bit rate would lose its end.
    """
    with path.open("rb") as file:
        file.seek(_id3_bytes(file.read(10)))
        first_frame = file.read(256)
    return any(word in first_frame for word in (b"Xing", b"Info", b"VBRI"))


def _check_promised_size(path: Path, kind: AudioKind) -> None:
    """libsndfile silently shortens a WAV or AIFF whose data ends early, so header and file are compared."""
    with path.open("rb") as file:
        head = file.read(8)
    promised_bytes = int.from_bytes(head[4:8], "little" if kind is WAV else "big") + 8
    is_known = head.startswith((b"RIFF", b"FORM")) and promised_bytes < 0xFFFFFFFF  # all ones: a stream
    if is_known and path.stat().st_size < promised_bytes - 1:
        raise BrokenAudio("The audio file is shorter than its header says.")


def _decode_with_soundfile(path: Path, kind: AudioKind) -> Decoded:
    try:
        file = sf.SoundFile(path)
    except (sf.SoundFileError, RuntimeError):
        raise BrokenAudio("The audio file cannot be opened.") from None
    if not 0 < file.frames < _NO_LENGTH:  # libsndfile reads nothing of a FLAC that was written as a stream
        file.close()
        return _decode_with_av(path, kind)
    return Decoded(file.samplerate, file.channels, file.frames, _soundfile_blocks(file))


def _soundfile_blocks(file: sf.SoundFile) -> Iterator[Samples]:
    with file:
        while True:
            try:
                block: Samples = file.read(BLOCK_FRAMES, dtype="float32", always_2d=True)
            except (sf.SoundFileError, RuntimeError):
                raise BrokenAudio("The audio data is damaged.") from None
            if not len(block):
                return
            yield block


def _decode_with_av(path: Path, kind: AudioKind) -> Decoded:
    try:
        # The container is named, or a playlist posing as audio could make FFmpeg open other files.
        container = av.open(str(path), format=_AV_FORMATS.get(kind.name, kind.name))
    except (av.FFmpegError, ValueError):
        raise BrokenAudio("The audio file cannot be opened.") from None
    if not container.streams.audio:
        container.close()
        raise BrokenAudio("The file has no audio track.")
    stream = container.streams.audio[0]
    declared = None
    if kind in _AV_KNOWS_LENGTH and stream.duration and stream.time_base:
        declared = int(stream.duration * stream.time_base * stream.sample_rate)
    blocks = _av_blocks(container, stream, skips_rubbish=kind is MP3)
    return Decoded(stream.sample_rate, stream.channels, declared, blocks)


def _av_blocks(
    container: av.container.InputContainer, stream: av.AudioStream, *, skips_rubbish: bool
) -> Iterator[Samples]:
    resampler = av.AudioResampler("flt", stream.layout, stream.sample_rate, frame_size=BLOCK_FRAMES)
    with container:
        try:
            for frame in _av_frames(container, stream, skips_rubbish):
                frame.pts = None  # gaps in time stamps are not ours to fill with silence
                for packed in resampler.resample(frame):
                    yield _unpack(packed)
            for packed in resampler.resample(None):
                yield _unpack(packed)
        except (av.FFmpegError, ValueError):
            raise BrokenAudio("The audio data is damaged.") from None


def _av_frames(
    container: av.container.InputContainer, stream: av.AudioStream, skips_rubbish: bool
) -> Iterator[av.AudioFrame]:
    for packet in container.demux(stream):
        try:
            yield from packet.decode()
        except av.InvalidDataError:
            # MP3s come with tags of all kinds at their end, which the decoder takes for a bad frame.
            if not skips_rubbish:
                raise


def _unpack(frame: av.AudioFrame) -> Samples:
    """Packed float frames come as shape (1, frames * channels)."""
    return frame.to_ndarray().reshape(-1, len(frame.layout.channels)).astype(np.float32, copy=False)


def check_duration(duration_s: float, expected_duration_s: float | None) -> None:
    """Raise BrokenAudio when decoded audio is shorter than expected by more than 0.25 s and 1 %.

    An MP3 carries no length and survives being cut: only who knows how long it should be can tell.
    """
    if expected_duration_s is not None:
        _check_length(duration_s, expected_duration_s)


def probe(path: Path, *, expected_duration_s: float | None = None) -> AudioFacts:
    """Facts of a file, found by decoding it all, as headers lie (0.25 s for four minutes of MP3).

    Raises BrokenAudio when it is not audio, damaged, empty, or shorter than its container or the caller says.
    """
    source = decode(path)
    for _ in source:
        pass
    check_duration(source.duration_s, expected_duration_s)
    bit_rate_bps = round(path.stat().st_size * 8 / source.duration_s)
    return AudioFacts(kind_of(path), source.duration_s, source.sample_rate_hz, source.channels, bit_rate_bps)
