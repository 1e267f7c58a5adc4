"""Which songs the gates make: styles, voices, seeds, and lyrics that nothing was ever tuned on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from studio.engine.spec import SongSpec

ROOT = Path(__file__).resolve().parents[3]
LYRICS_FOLDER = ROOT / "tests" / "engine" / "gate_lyrics"
STYLES = (
    "pop", "dream pop", "rock", "punk", "folk", "country", "blues", "jazz", "bossa nova", "soul",
    "funk", "reggae", "hip-hop", "trap", "lo-fi", "house", "synthwave", "drum and bass", "orchestral",
    "waltz",
)  # fmt: skip
VOICES = ("f", "m")
SEEDS = (1, 2)
# Texts to be rapped, and the styles that take no others; all other styles take the other texts in turn.
RAP_MARK = "_rap"
RAP_STYLES = ("hip-hop", "trap")
MALE_SHIFT = 5  # texts further on: both voices of a style sing different words
LONG_S = 240.0


@dataclass(frozen=True)
class Case:
    """One song of the gates. `twice` asks for a second render, to compare; `duration_s` 0 leaves the length
    to the lyrics."""

    style: str
    voice: str
    seed: int
    lyrics: str
    twice: bool = False
    duration_s: float = 0.0

    @property
    def name(self) -> str:
        """As a file name: what tells this song from the others."""
        length = f"-{self.duration_s:g}s" if self.duration_s else ""
        return f"{self.style.replace(' ', '_')}-{self.voice}-{self.seed}-{self.lyrics}{length}"

    def spec(self, folder: Path = LYRICS_FOLDER) -> SongSpec:
        """The request. Raises FileNotFoundError for unknown lyrics."""
        text = (folder / f"{self.lyrics}.txt").read_text(encoding="utf-8")
        return SongSpec(
            lyrics=text,
            tags=self.style,
            title=self.lyrics.replace("_", " ").title(),
            vocal_gender=self.voice,
            seed=self.seed,
            duration_s=self.duration_s or None,
        )


def make_cases(
    styles: Sequence[str] = STYLES,
    voices: Sequence[str] = VOICES,
    seeds: Sequence[int] = SEEDS,
    *,
    lyrics: Sequence[str] = (),
    folder: Path = LYRICS_FOLDER,
) -> list[Case]:
    """Every style with every voice and seed; `lyrics` narrows the texts. Each eighth is rendered twice.

    Raises ValueError when the folder has none of the texts.
    """
    known = sorted(path.stem for path in folder.glob("*.txt"))
    texts = [name for name in known if name in lyrics] if lyrics else known
    if not texts or set(lyrics) - set(known):
        raise ValueError(f"The lyrics are: {', '.join(known)}.")
    cases: list[Case] = []
    for style in styles:
        # The whole table decides, so that a part of it has the same songs.
        place = STYLES.index(style) if style in STYLES else len(style)
        is_rap = style in RAP_STYLES
        pool = [text for text in texts if text.endswith(RAP_MARK) == is_rap] or texts
        for voice in voices:
            text = pool[(place + MALE_SHIFT * (voice == "m")) % len(pool)]
            cases += [Case(style, voice, seed, text, place % 4 == 0 and seed == 1) for seed in seeds]
    return cases


def code_hash() -> str:
    """Changes with every line of the engine, so that old rows are not taken for new ones."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "studio" / "engine").rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
