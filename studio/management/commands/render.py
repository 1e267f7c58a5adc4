"""A song from the command line: manage.py render --lyrics words.txt --tags "dream pop" --out song/"""

from __future__ import annotations

import shutil
import tempfile
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from studio import engine

STAGE = "{stage:<12}{seconds:7.2f} s"
TOTAL = "{duration_s:.1f} s of music in {wall_s:.1f} s: real-time factor {factor:.3f}"


class Command(BaseCommand):
    help = "Make a song of lyrics or a description and write its files into a folder. Needs no network."

    def add_arguments(self, parser: ArgumentParser) -> None:
        words = parser.add_mutually_exclusive_group()
        words.add_argument(
            "--lyrics", metavar="FILE", help="text file with the lyrics, [Verse] marks and all"
        )
        words.add_argument(
            "--description", default="", help="what the song is about; lyrics are written for it"
        )
        parser.add_argument("--tags", default="", help="comma-separated style words, as: dream pop, 104 bpm")
        parser.add_argument("--title", default="")
        parser.add_argument("--seed", type=int, default=0, help="another number, another take")
        parser.add_argument("--voice", default="", help="name of a singer")
        parser.add_argument("--duration", type=float, metavar="S", help="wished length in seconds")
        parser.add_argument("--instrumental", action="store_true", help="nobody sings")
        parser.add_argument(
            "--no-stems", action="store_true", help="leave out the parts as files of their own"
        )
        parser.add_argument("--out", required=True, metavar="DIR", help="folder for the files")

    def handle(self, *args: Any, **options: Any) -> None:
        spec = _spec(options)
        out = Path(options["out"])
        if out.exists() and not out.is_dir():
            raise CommandError(f"{out} is a file; --out names a folder.")
        began = time.perf_counter()
        try:
            song = self._render(spec, out, not options["no_stems"])
        except (engine.EngineError, ValueError) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"The files could not be written to {out}: {error.strerror}.") from error
        self._report(song, out, time.perf_counter() - began)

    def _render(self, spec: engine.SongSpec, out: Path, stems: bool) -> engine.Song:
        """Render beside the target and move what is wanted, so that a failure leaves nothing."""
        is_new = not out.exists()
        out.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=".render-", dir=out))
        try:
            song = engine.render(spec, work / "take", on_stage=self._announcer(), stems=stems)
            _place(work / "take", out, stems)
        finally:
            shutil.rmtree(work, ignore_errors=True)
            if is_new and not any(out.iterdir()):
                out.rmdir()
        return song

    def _announcer(self) -> Any:
        told: set[str] = set()

        def on_stage(stage: str, share: float) -> None:
            if stage not in told:
                told.add(stage)
                self.stdout.write(f"{round(100 * share):3d} %  {stage}")

        return on_stage

    def _report(self, song: engine.Song, out: Path, wall_s: float) -> None:
        self.stdout.write(f"\n{song.title}: {song.style}, {song.key}, {song.bpm:g} bpm, {song.meter}")
        for name, start_s, end_s in song.sections:
            self.stdout.write(f"  {start_s:7.2f} - {end_s:7.2f}  {name}")
        for remark in song.remarks:
            self.stdout.write(f"  Note: {remark}")
        self.stdout.write("")
        for stage, seconds in song.timings_s.items():
            self.stdout.write(STAGE.format(stage=stage, seconds=seconds))
        factor = wall_s / song.duration_s
        self.stdout.write(TOTAL.format(duration_s=song.duration_s, wall_s=wall_s, factor=factor))
        loudness = f"{song.loudness_lufs:.1f} LUFS, {song.true_peak_dbtp:.1f} dBTP"
        self.stdout.write(f"{loudness}; files are in {out}")


def _spec(options: dict[str, Any]) -> engine.SongSpec:
    try:
        return engine.SongSpec(
            lyrics=_read(options["lyrics"]) if options["lyrics"] else "",
            description=options["description"],
            tags=options["tags"],
            title=options["title"],
            seed=options["seed"],
            voice=options["voice"],
            duration_s=options["duration"],
            instrumental=options["instrumental"],
        )
    except ValueError as error:
        raise CommandError(str(error)) from error


def _read(name: str) -> str:
    try:
        text = Path(name).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise CommandError(f"{name} is not a text file in UTF-8.") from error
    except OSError as error:
        raise CommandError(f"The lyrics cannot be read from {name}: {error.strerror}.") from error
    if not text.strip():
        raise CommandError(f"{name} holds no lyrics.")
    return text


def _place(take: Path, out: Path, stems: bool) -> None:
    """WAV where the take keeps FLAC, at the same 24 bits; the other files as they are."""
    from studio.engine.encode import read_audio, write_wav

    write_wav(read_audio(take / "mix.flac"), take / "mix.wav")
    for path in sorted((take / "stems").glob("*.flac")):
        write_wav(read_audio(path), path.with_suffix(".wav"))
        path.unlink()
    # Stems of an earlier song would not belong to this one.
    shutil.rmtree(out / "stems", ignore_errors=True)
    if stems:
        (take / "stems").replace(out / "stems")
    for name in ("mix.wav", "mix.mp3", "song.mid", "notes.json", "timeline.json", "score.json", "master.npz"):
        (take / name).replace(out / name)
