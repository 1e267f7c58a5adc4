"""Files and words that are asked for as tasks of their own.

download   clip_id, format: mp3 or wav
video      clip_id
words      prompt, seed: two drafts of lyrics, in about["drafts"]
"""

from __future__ import annotations

import shutil
from pathlib import Path

from studio.engine import encode
from studio.engine.analysis.samples import load
from studio.engine.lyrics.writer import make_lyrics
from studio.engine.spec import TimedWord
from studio.engine.video import make_video
from studio.offline.making import source_of
from studio.offline.models import Take
from studio.offline.works import Progress, Results, Work


def download(take: Take, folder: Path, progress: Progress) -> Results:
    source = source_of(take, take.work["clip_id"], progress)
    progress.on_stage("encoding", 0.2)
    kind = take.work["format"]
    name = f"song.{kind}"
    if kind == "wav":
        encode.write_wav(load(source.flac), folder / name)
    else:
        shutil.copyfile(source.folder / source.take.files["mp3"], folder / name)
    return Results(files={kind: name}, duration_s=source.take.duration_s)


def video(take: Take, folder: Path, progress: Progress) -> Results:
    source = source_of(take, take.work["clip_id"], progress)
    clip = source.take
    words = [TimedWord(row["word"], row["start_s"], row["end_s"]) for row in clip.alignment]
    done = make_video(
        source.flac,
        folder / "video.webm",
        cover=clip.path("jpg"),
        words=words,
        title=clip.title,
        caption=", ".join(clip.tags.split(", ")[:4]),
        on_stage=progress.on_stage,
        is_cancelled=progress.is_cancelled,
    )
    return Results(files={"webm": done.path.name}, duration_s=done.duration_s, remarks=list(done.remarks))


def words(take: Take, folder: Path, progress: Progress) -> Results:
    progress.on_stage("writing", 0.0)
    drafts = make_lyrics(take.work["prompt"], take.work["seed"])
    found = [{"title": draft.title, "lyrics": draft.text} for draft in drafts]
    return Results(title=drafts[0].title, lyrics=drafts[0].text, about={"drafts": found})


WORKS: dict[str, Work] = {"download": download, "video": video, "words": words}
