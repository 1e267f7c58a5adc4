"""What the polls of each family say, brought to one shape.

    sonic      {code, data: [clip with a state, …]}, pairs of them, or one persona as an object
    producer   three dialects: a `status` beside `data`; a `state` in each clip; neither, and what has an
               address is finished
    nuro       one flat object, without an id of its own
    riffusion  as sonic, always two clips: while there is one, there is more to come
    studio     {code: "success", data: {status, progress, data: {songs}}}, or {handledData: {data: {songs}}}

Unknown words mean "still running": the task's deadline decides, not a word that we do not know.
"""

from collections.abc import Callable
from typing import Any

from studio.musicapi import clips
from studio.musicapi.results import LyricsDraft, Persona, TaskAnswer, TaskState
from studio.musicapi.values import Fields, Malformed, first_text, inner, number, plain_text

DONE_WORDS = frozenset({"success", "succeeded"})
FAILED_WORDS = frozenset({"failed", "failure"})
RIFFUSION_CLIPS = 2

Read = Callable[[Fields, str], TaskAnswer]


def sonic(fields: Fields, task_id: str) -> TaskAnswer:
    data = fields.get("data")
    if isinstance(data, list):
        return _of_clips(clips.clips(data), is_joining=clips.has_open_pair(data))
    one = data if isinstance(data, dict) else fields
    if persona_id := first_text(one, "persona_id"):
        voice = Persona(persona_id=persona_id, name=first_text(one, "name"))
        return TaskAnswer(state="succeeded", voice=voice)
    if first_text(one, "clip_id"):  # an upload's task; its answer is documented for the synchronous call only
        return _of_clips((clips.clip(_flat(one, state=one.get("state") or "succeeded")),))
    return TaskAnswer(state="not_ready")


def producer(fields: Fields, task_id: str) -> TaskAnswer:
    word = _word(fields)
    items = [item for item in _items(fields.get("data")) if isinstance(item, dict)]
    if (word in DONE_WORDS or not word) and (drafts := tuple(filter(None, map(_draft, items)))):
        return TaskAnswer(state="succeeded", drafts=drafts)
    if word in DONE_WORDS and not items:
        raise Malformed("a finished task has no data")
    return _of_clips(tuple(_producer_clip(item, word, task_id) for item in items))


def _producer_clip(item: Fields, word: str, task_id: str) -> clips.Clip:
    state = plain_text(item.get("state")).strip().lower()
    is_told = word in DONE_WORDS and state != "failed"
    if is_told or (not word and not state and _has_address(item)):
        state = "succeeded"
    # A file that came without an id is told apart by its task.
    return clips.clip({**item, "clip_id": item.get("clip_id") or task_id, "state": state or "running"})


def _has_address(item: Fields) -> bool:
    return bool(first_text(item, "audio_url", "video_url", "wav_url"))


def _draft(item: Fields) -> LyricsDraft | None:
    """Written lyrics, which unlike a song have neither an id nor an address nor a state."""
    lyrics = first_text(item, "lyrics", "lyric")
    if not lyrics or _has_address(item) or item.get("clip_id") or item.get("state"):
        return None
    return LyricsDraft(lyrics=lyrics, title=first_text(item, "title"))


def nuro(fields: Fields, task_id: str) -> TaskAnswer:
    word = _word(fields)
    if not first_text(fields, "audio_url"):
        if word in DONE_WORDS:
            raise Malformed("a finished task has no audio_url")
        return TaskAnswer(state="not_ready", progress_percent=_percent(fields))
    song = _flat(
        fields,
        clip_id=first_text(fields, "task_id") or task_id,
        state="succeeded" if word in DONE_WORDS else word,
        tags=[fields.get(name) for name in ("genre", "mood", "theme", "instrument")],
    )
    return _of_clips((clips.clip(song),), progress_percent=_percent(fields))


def riffusion(fields: Fields, task_id: str) -> TaskAnswer:
    answer = sonic(fields, task_id)
    if answer.clips and len(answer.clips) < RIFFUSION_CLIPS:
        return TaskAnswer(state="running", clips=answer.clips)
    return answer


def studio(fields: Fields, task_id: str) -> TaskAnswer:
    task = _studio_task(fields)
    word = _word(task)
    songs = inner(task, "data").get("songs")
    found = [_studio_clip(song, word) for song in _items(songs) if isinstance(song, dict)]
    if word in DONE_WORDS and not found:
        raise Malformed("a finished task has no songs")
    return _of_clips(tuple(found), progress_percent=_percent(task))


def _studio_task(fields: Fields) -> Fields:
    return inner(fields, "handledData", "data")


def _studio_clip(song: Fields, word: str) -> clips.Clip:
    audio_url = first_text(song, "song_path")
    is_done = word in DONE_WORDS or not word
    names = {"clip_id": "id", "image_url": "image_path", "video_url": "video_path"}
    renamed = {ours: song.get(theirs) for ours, theirs in names.items()}
    state = "succeeded" if is_done and audio_url else "running"
    return clips.clip({**song, **renamed, "audio_url": audio_url, "state": state})


READERS: dict[str, Read] = {
    "sonic": sonic,
    "producer": producer,
    "nuro": nuro,
    "riffusion": riffusion,
    "studio": studio,
}


def failure_words(family: str, fields: Fields) -> str | None:
    """Why a task failed that says so in a `status`; "" when it does not say why, None when it has not."""
    if family == "studio":
        task = _studio_task(fields)
        return first_text(task, "fail_reason") if _word(task) in FAILED_WORDS else None
    if family in ("producer", "nuro") and _word(fields) in FAILED_WORDS:
        return first_text(fields, "error", "message", "detail")
    return None


def _of_clips(
    found: tuple[clips.Clip, ...], *, is_joining: bool = False, progress_percent: float | None = None
) -> TaskAnswer:
    state: TaskState = "running"
    if not found:
        state = "not_ready"
    elif all(clip.is_final for clip in found):
        state = "failed" if all(clip.state == "failed" for clip in found) else "succeeded"
    return TaskAnswer(state=state, clips=found, is_joining=is_joining, progress_percent=progress_percent)


def _flat(fields: Fields, **more: Any) -> dict[str, Any]:
    """A song that stands in the envelope itself, whose message is not the song's."""
    return {name: value for name, value in fields.items() if name != "message"} | more


def _items(data: object) -> list[Any]:
    return data if isinstance(data, list) else [data] if data else []


def _word(fields: Fields) -> str:
    return plain_text(fields.get("status")).strip().lower()


def _percent(fields: Fields) -> float | None:
    """A progress of 45, "45" or "45%"."""
    found = number(plain_text(fields.get("progress")).strip().removesuffix("%"))
    return None if found is None else min(max(found, 0.0), 100.0)
