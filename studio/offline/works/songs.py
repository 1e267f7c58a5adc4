"""New songs, and songs made of songs: of the engine's own by their scores, of recordings by their sound.

Parameters, all JSON: `seed` tells takes apart; `persona` is a singer's parameters or None; "" and None leave
the choice to the engine.

  create            spec (fields of engine.SongSpec; persona as parameters)
  extend            clip_id, at_s, lyrics, tags, seed, duration_s, only_added, persona
  cover             clip_id, tags, title, vocal_gender, persona, audio_weight, instrumental, seed, remark
  remaster          clip_id, variation, seed, tags
  replace           clip_id, start_s, end_s, lyrics, tags, seed, persona, only_replaced
  add_vocals        clip_id, lyrics, description, tags, vocal_gender, persona, start_s, end_s, seed
  add_instrumental  clip_id, tags, start_s, end_s, audio_weight, seed
  sample            clip_id, start_s, end_s, lyrics, tags, title, instrumental, vocal_gender, persona,
                    duration_s, seed
  mashup            clip_id (whose voice), other_id (whose band), title, remark
  concat            clip_ids
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from studio import engine
from studio.engine import edits, uploads
from studio.engine.edits.desk import facts_of
from studio.offline.making import Source, source_of
from studio.offline.models import Take
from studio.offline.personas import singer_from
from studio.offline.works import Progress, Results, Work, alone
from studio.offline.works.results import of_edit, of_song

Heard = dict[str, Any]


def _heard(progress: Progress) -> Heard:
    return {"on_stage": progress.on_stage, "is_cancelled": progress.is_cancelled}


@contextmanager
def _apart(folder: Path) -> Iterator[Path]:
    """A folder for steps on the way, gone in the end."""
    with tempfile.TemporaryDirectory(prefix=".step-", dir=folder) as name:
        yield Path(name)


def create(take: Take, folder: Path, progress: Progress) -> Results:
    spec = dict(take.work["spec"])
    spec["persona"] = singer_from(spec.get("persona"))
    song = engine.render(engine.SongSpec(**spec), folder, on_preview=progress.on_preview, **_heard(progress))
    # The words stand since the take was planned.
    return replace(of_song(song), lyrics="")


def extend(take: Take, folder: Path, progress: Progress) -> Results:
    asked = take.work
    source = source_of(take, asked["clip_id"], progress)
    words = {name: asked.get(name) or "" for name in ("lyrics", "tags")}
    common = {"seed": asked["seed"], "duration_s": asked.get("duration_s"), **words, **_heard(progress)}
    if source.is_own:
        only_added = bool(asked.get("only_added"))
        song = edits.extend(source.folder, folder, asked["at_s"], only_added=only_added, **common)
        return alone.told_seam(of_song(song), asked["at_s"], facts_of(folder)["cut_s"])
    persona = singer_from(asked.get("persona"))
    if not asked.get("only_added"):
        whole = uploads.extend(source.flac, folder, asked["at_s"], persona=persona, **common)
        return alone.told_seam(of_edit(whole), asked["at_s"], whole.facts["continued_at_s"])
    with _apart(folder) as step:
        whole = uploads.extend(source.flac, step, asked["at_s"], persona=persona, **common)
        at_s = whole.facts["continued_at_s"]
        return alone.told_seam(alone.cut(whole, folder, at_s, whole.duration_s), asked["at_s"], at_s)


def cover(take: Take, folder: Path, progress: Progress) -> Results:
    return alone.with_remark(_cover(take, folder, progress), take.work.get("remark") or "")


def _cover(take: Take, folder: Path, progress: Progress) -> Results:
    asked = take.work
    source = source_of(take, asked["clip_id"], progress)
    if not source.is_own:
        return _cover_of_recording(source, folder, asked, progress)
    manner = {
        "persona": singer_from(asked.get("persona")),
        "vocal_gender": asked.get("vocal_gender") or "",
        "title": asked.get("title") or "",
        "seed": asked["seed"],
    }
    if asked.get("audio_weight") is not None:
        manner["audio_weight"] = asked["audio_weight"]
    if not asked.get("instrumental"):
        return of_song(
            edits.cover(source.folder, folder, asked.get("tags") or "", **manner, **_heard(progress))
        )
    score = edits.cover_score(engine.open_take(source.folder).score, asked.get("tags") or "", **manner)
    return of_song(engine.render_score(alone.unsung(score), folder, **_heard(progress)))


def _cover_of_recording(source: Source, folder: Path, asked: Heard, progress: Progress) -> Results:
    tags = asked.get("tags") or ""
    if not asked.get("instrumental"):
        return of_edit(uploads.cover(source.flac, folder, tags, asked["seed"], **_heard(progress)))
    with _apart(folder) as step:
        done = uploads.cover(source.flac, step, tags, asked["seed"], **_heard(progress))
        return alone.stem_alone(done, folder, "accompaniment")


def remaster(take: Take, folder: Path, progress: Progress) -> Results:
    asked = take.work
    source = source_of(take, asked["clip_id"], progress)
    variation = asked.get("variation") or "normal"
    if source.is_own:
        return of_song(
            edits.remaster(source.folder, folder, variation=variation, seed=asked["seed"], **_heard(progress))
        )
    profile, loudness = alone.mastering_for(variation, asked["seed"])
    return of_edit(
        uploads.remaster(source.flac, folder, profile=profile, loudness=loudness, **_heard(progress))
    )


def replace_section(take: Take, folder: Path, progress: Progress) -> Results:
    asked = take.work
    source = source_of(take, asked["clip_id"], progress)
    window = (asked["start_s"], asked["end_s"])
    words = {name: asked.get(name) or "" for name in ("lyrics", "tags")}
    common = {"seed": asked["seed"], **words, **_heard(progress)}
    if not asked.get("only_replaced"):
        if source.is_own:
            return of_song(edits.replace_section(source.folder, folder, *window, **common))
        persona = singer_from(asked.get("persona"))
        return of_edit(uploads.replace_section(source.flac, folder, *window, persona=persona, **common))
    with _apart(folder) as step:
        if source.is_own:
            song = edits.replace_section(source.folder, step, *window, **common)
            return alone.cut(song, folder, *alone.seams_of(step, song.duration_s))
        whole = uploads.replace_section(source.flac, step, *window, **common)
        return alone.cut(whole, folder, *whole.facts["replaced_s"])


def add_vocals(take: Take, folder: Path, progress: Progress) -> Results:
    asked = take.work
    source = source_of(take, asked["clip_id"], progress)
    manner = {
        "lyrics": asked.get("lyrics") or "",
        "tags": asked.get("tags") or "",
        "persona": singer_from(asked.get("persona")),
        "vocal_gender": asked.get("vocal_gender") or "",
        "seed": asked["seed"],
        **_heard(progress),
    }
    window = (asked.get("start_s"), asked.get("end_s"))
    if source.is_own:
        if not manner["lyrics"].strip():
            manner["lyrics"] = engine.write_lyrics(
                asked.get("description") or "a song", manner["tags"], asked["seed"]
            )
        return of_song(edits.add_vocals(source.folder, folder, start_s=window[0], end_s=window[1], **manner))
    manner["description"] = asked.get("description") or ""
    if window == (None, None):
        return of_edit(uploads.add_vocals(source.flac, folder, **manner))
    with _apart(folder) as step:
        start_s, part = alone.window_of(source.flac, *window, step)
        done = uploads.add_vocals(part, step / "done", **manner)
        return alone.laid_over(source.flac, done, folder, start_s, "vocals")


def add_instrumental(take: Take, folder: Path, progress: Progress) -> Results:
    asked = take.work
    source = source_of(take, asked["clip_id"], progress)
    tags, window = asked.get("tags") or "", (asked.get("start_s"), asked.get("end_s"))
    if source.is_own:
        weight = {} if asked.get("audio_weight") is None else {"audio_weight": asked["audio_weight"]}
        return of_song(
            edits.add_instrumental(
                source.folder,
                folder,
                tags,
                start_s=window[0],
                end_s=window[1],
                seed=asked["seed"],
                **weight,
                **_heard(progress),
            )
        )
    if window == (None, None):
        return of_edit(uploads.add_instrumental(source.flac, folder, tags, asked["seed"], **_heard(progress)))
    with _apart(folder) as step:
        start_s, part = alone.window_of(source.flac, *window, step)
        done = uploads.add_instrumental(part, step / "done", tags, asked["seed"], **_heard(progress))
        return alone.laid_over(source.flac, done, folder, start_s, "accompaniment")


def sample(take: Take, folder: Path, progress: Progress) -> Results:
    asked = take.work
    source = source_of(take, asked["clip_id"], progress)
    is_wordless = bool(asked.get("instrumental"))
    common = {
        "lyrics": "" if is_wordless else asked.get("lyrics") or "",
        "tags": asked.get("tags") or "",
        "seed": asked["seed"],
        "persona": singer_from(asked.get("persona")),
        "duration_s": asked.get("duration_s"),
        **_heard(progress),
    }
    window = (asked["start_s"], asked["end_s"])
    if source.is_own:
        return of_song(
            edits.sample(
                source.folder,
                folder,
                *window,
                title=asked.get("title") or "",
                instrumental=is_wordless,
                vocal_gender=asked.get("vocal_gender") or "",
                **common,
            )
        )
    return of_edit(uploads.sample(source.flac, folder, *window, **common))


def mashup(take: Take, folder: Path, progress: Progress) -> Results:
    return alone.with_remark(_mashup(take, folder, progress), take.work.get("remark") or "")


def _mashup(take: Take, folder: Path, progress: Progress) -> Results:
    asked = take.work
    voice = source_of(take, asked["clip_id"], progress)
    band = source_of(take, asked["other_id"], progress)
    if voice.is_own and band.is_own:
        return of_song(
            edits.mashup(
                voice.folder, band.folder, folder, title=asked.get("title") or "", **_heard(progress)
            )
        )
    return of_edit(uploads.mashup(voice.flac, band.flac, folder, **_heard(progress)))


def concat(take: Take, folder: Path, progress: Progress) -> Results:
    sources = [source_of(take, clip_id, progress) for clip_id in take.work["clip_ids"]]
    if all(source.is_own for source in sources):
        folders = [source.folder for source in sources]
        return of_song(edits.concat(folders, folder, title=take.title, **_heard(progress)))
    last = sources[-1].take.work
    if last["do"] == "extend" and len(sources) == 2:
        # Exactly as it was cut: the extension is made once more, whole.
        whole = replace_work(take, last | {"only_added": False})
        return extend(whole, folder, progress)
    return of_edit(uploads.concat([source.flac for source in sources], folder, **_heard(progress)))


def replace_work(take: Take, work: dict[str, Any]) -> Take:
    """The take as if it had been asked for `work`; not to be saved."""
    return Take(pk=take.pk, clip_id=take.clip_id, job=take.job, position=take.position, work=work)


WORKS: dict[str, Work] = {
    "create": create,
    "extend": extend,
    "cover": cover,
    "remaster": remaster,
    "replace": replace_section,
    "add_vocals": add_vocals,
    "add_instrumental": add_instrumental,
    "sample": sample,
    "mashup": mashup,
    "concat": concat,
}
