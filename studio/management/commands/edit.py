"""Edits from the command line: manage.py edit extend song/ --at 42 --lyrics more.txt --out longer/"""

from __future__ import annotations

import inspect
import json
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from studio import engine

# By the word on the command line: the function of studio.engine.edits (and .uploads) and how many sources.
OPERATIONS: dict[str, tuple[str, int]] = {
    "extend": ("extend", 1), "cover": ("cover", 1), "remaster": ("remaster", 1),
    "replace-section": ("replace_section", 1), "add-vocals": ("add_vocals", 1),
    "add-instrumental": ("add_instrumental", 1), "sample": ("sample", 1), "mashup": ("mashup", 2),
    "concat": ("concat", 0), "persona": ("make_persona", 1), "stems": ("stems", 1), "midi": ("midi", 1),
    "bpm": ("bpm", 1), "vox": ("vox", 1), "wav": ("wav", 1), "timeline": ("timeline", 1),
    "lyrics": ("lyrics", 1), "tags": ("tags", 1),
}  # fmt: skip
MANY = 0  # as many sources as one likes
# The option on the command line for each parameter of the functions.
FLAGS = {
    "at_s": "--at", "start_s": "--start", "end_s": "--end", "lyrics": "--lyrics", "tags": "--tags",
    "seed": "--seed", "voice": "--voice", "vocal_gender": "--gender", "title": "--title",
    "profile": "--profile", "variation": "--variation", "audio_weight": "--audio-weight",
    "duration_s": "--duration", "count": "--count", "name": "--name", "only_added": "--only-added",
    "instrumental": "--instrumental", "persona": "--persona",
}  # fmt: skip
MANY_CHARS = 400


class Command(BaseCommand):
    help = "Edit a rendered song (a folder) or a recording (an audio file); writes a new folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("operation", choices=sorted(OPERATIONS))
        parser.add_argument("sources", nargs="+", metavar="SOURCE", help="folder of a song, or an audio file")
        parser.add_argument("--out", metavar="DIR", help="folder for the result")
        parser.add_argument("--at", dest="at_s", type=float, metavar="S", help="where to go on, in seconds")
        parser.add_argument("--start", dest="start_s", type=float, metavar="S", help="start of the window")
        parser.add_argument("--end", dest="end_s", type=float, metavar="S", help="end of the window")
        parser.add_argument("--lyrics", metavar="FILE", help="text file with the new words")
        parser.add_argument("--tags", help="comma-separated style words")
        parser.add_argument("--seed", type=int, help="another number, another result")
        parser.add_argument("--voice", help="name of a singer")
        parser.add_argument("--persona", metavar="FILE", help="a persona.json made by `edit persona`")
        parser.add_argument("--gender", dest="vocal_gender", choices=("f", "m"))
        parser.add_argument("--title")
        parser.add_argument("--profile", help="the sound of a remaster")
        parser.add_argument("--variation", choices=("subtle", "normal", "high"))
        parser.add_argument("--audio-weight", dest="audio_weight", type=float, metavar="0..1")
        parser.add_argument("--duration", dest="duration_s", type=float, metavar="S")
        parser.add_argument("--count", type=int, choices=(2, 12), help="how many stems")
        parser.add_argument("--name", help="name of the persona")
        parser.add_argument("--only-added", dest="only_added", action="store_true", default=None)
        parser.add_argument("--instrumental", action="store_true", default=None, help="nobody sings")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.perf_counter()
        with tempfile.TemporaryDirectory(prefix="edit-") as scratch:
            try:
                result = self._edit(options, Path(scratch))
            except (engine.EngineError, ValueError) as error:
                raise CommandError(str(error)) from error
            except OSError as error:
                where = error.filename or options["out"] or options["sources"][0]
                raise CommandError(f"{where}: {error.strerror or error}.") from error
        self._report(options["operation"], result, options["out"], time.perf_counter() - began)

    def _edit(self, options: dict[str, Any], scratch: Path) -> Any:
        name, count = OPERATIONS[options["operation"]]
        sources = [Path(source) for source in options["sources"]]
        _check(options["operation"], sources, count, options["out"])
        home: Any = self._home(sources)
        if not hasattr(home, name):
            raise CommandError(f"{options['operation']} works on folders of songs, not on audio files.")
        function = getattr(home, name)
        given = _given(options)
        if home.__name__.endswith(".edits"):
            sources = [self._take(source, scratch / str(number)) for number, source in enumerate(sources)]
        else:
            sources = [engine.mix_path(source) if source.is_dir() else source for source in sources]
        call = _call(options["operation"], function, sources, options["out"], given, self._announcer())
        return call()

    def _home(self, sources: list[Path]) -> Any:
        """Where the edits of these sources live: folders are songs with a score, files are recordings."""
        if all(source.is_dir() for source in sources):
            from studio.engine import edits

            return edits
        try:
            from studio.engine import uploads
        except ImportError as error:
            raise CommandError(
                "Audio files cannot be edited here yet. Name the folder of a rendered song."
            ) from error
        return uploads

    def _take(self, folder: Path, scratch: Path) -> Path:
        """The folder; when its master is gone, its song is made again from the score."""
        if (folder / "master.npz").is_file() or not (folder / "score.json").is_file():
            return folder
        from studio.engine.pipeline import render_score
        from studio.engine.score import from_json

        self.stdout.write(f"{folder} holds no master, so its song is rendered again first.")
        try:
            score = from_json((folder / "score.json").read_text("utf-8"))
        except (ValueError, KeyError, TypeError) as error:
            raise CommandError(f"{folder / 'score.json'} cannot be read; render the song again.") from error
        render_score(score, scratch)
        return scratch

    def _announcer(self) -> Callable[[str, float], None]:
        told: set[str] = set()

        def on_stage(stage: str, share: float) -> None:
            if stage not in told:
                told.add(stage)
                self.stdout.write(f"{round(100 * share):3d} %  {stage}")

        return on_stage

    def _report(self, operation: str, result: Any, out: str | None, wall_s: float) -> None:
        if isinstance(result, engine.Song):
            self._report_song(result)
        elif operation == "persona" and out:
            path = Path(out) / "persona.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(asdict(result), indent=1), "utf-8")
            self.stdout.write(f"{result.name}: {path}")
        else:
            self._report_values(result)
        where = f"; files are in {out}" if out else ""
        self.stdout.write(f"{operation} took {wall_s:.1f} s{where}")

    def _report_song(self, song: engine.Song) -> None:
        self.stdout.write(f"\n{song.title}: {song.style}, {song.key}, {song.bpm:g} bpm, {song.meter}")
        for name, start_s, end_s in song.sections:
            self.stdout.write(f"  {start_s:7.2f} - {end_s:7.2f}  {name}")
        for remark in song.remarks:
            self.stdout.write(f"  Note: {remark}")
        for stage, seconds in song.timings_s.items():
            self.stdout.write(f"{stage:<12}{seconds:7.2f} s")
        figures = f"{song.duration_s:.1f} s, {song.loudness_lufs:.1f} LUFS, {song.true_peak_dbtp:.1f} dBTP"
        self.stdout.write(figures)

    def _report_values(self, result: Any) -> None:
        if is_dataclass(result) and not isinstance(result, type):
            rows: Any = asdict(result).items()
        elif isinstance(result, dict):
            rows = result.items()
        elif isinstance(result, str | Path):
            rows = [("", str(result))]
        else:
            rows = [(f"{w.start_s:8.2f} - {w.end_s:8.2f}", w.text.strip()) for w in result]
        for key, value in rows:
            text = str(value)
            short = text if len(text) <= MANY_CHARS else f"{text[:MANY_CHARS]} …"
            self.stdout.write(f"{key}: {short}" if key else text)


def _check(operation: str, sources: list[Path], count: int, out: str | None) -> None:
    if count != MANY and len(sources) != count:
        raise CommandError(
            f"{operation} takes {count} source{'s' * (count > 1)}, and {len(sources)} are named."
        )
    for source in sources:
        if not source.exists():
            raise CommandError(f"{source} does not exist.")
    if out and Path(out).exists() and not Path(out).is_dir():
        raise CommandError(f"{out} is a file; --out names a folder.")


def _given(options: dict[str, Any]) -> dict[str, Any]:
    """The options that were named, as parameters of the functions."""
    given = {key: options[key] for key in FLAGS if options.get(key) is not None}
    if "lyrics" in given:
        given["lyrics"] = _read(given["lyrics"])
    if "persona" in given:
        given["persona"] = _persona(given["persona"])
    return given


def _read(name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise CommandError(f"{name} is not a text file in UTF-8.") from error


def _persona(name: str) -> Any:
    from studio.engine.persona import Persona

    try:
        plain = json.loads(_read(name))
        return Persona(**{**plain, "comfort_hz": tuple(plain["comfort_hz"])})
    except (ValueError, TypeError, KeyError) as error:
        raise CommandError(f"{name} holds no persona; make one with: manage.py edit persona") from error


def _call(
    operation: str,
    function: Callable[..., Any],
    sources: list[Path],
    out: str | None,
    given: dict[str, Any],
    on_stage: Callable[[str, float], None],
) -> Callable[[], Any]:
    """The function with what it takes; options it does not take, or lacks, are named."""
    parameters = inspect.signature(function).parameters
    for name in given:
        if name not in parameters:
            raise CommandError(f"{operation} knows no {FLAGS[name]}.")
    arguments: dict[str, Any] = dict(given)
    if "on_stage" in parameters:
        arguments["on_stage"] = on_stage
    if "out" in parameters:
        if out is None and parameters["out"].default is inspect.Parameter.empty:
            raise CommandError(f"{operation} writes files: name a folder with --out.")
        arguments["out"] = Path(out) if out else None
    for name, parameter in parameters.items():
        needed = parameter.default is parameter.empty and parameter.kind is not parameter.VAR_KEYWORD
        if needed and name in FLAGS and name not in arguments:
            raise CommandError(f"{operation} needs {FLAGS[name]}.")
    places: list[Any] = [sources] if "sources" in parameters else list(sources)
    return lambda: function(*places, **arguments)
