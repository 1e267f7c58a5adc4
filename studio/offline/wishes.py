"""What the families beside sonic have in common on the way from a request to drafts of takes.

Imports the engine: only whoever plans should import this.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Any

from studio import engine
from studio.engine import edits
from studio.engine.chance import dice
from studio.engine.lyrics.rewriter import rewrite_lines
from studio.engine.score import Score
from studio.offline.clips import INSTRUMENTAL
from studio.offline.models import Take
from studio.offline.orders import Draft
from studio.offline.planning import refusing, score_of

__all__ = [
    "drafts_of",
    "loosened",
    "new_seeds",
    "new_words",
    "opening",
    "refusing",
    "rehearsed",
    "wants_voice",
]

ADHERENT = 0.5  # from here on, lyrics are sung as they were written
SEEDS = 2**31
_VOICE = re.compile(
    r"\b(?:vocals?|voices?|sings?|singing|sung|singers?|rap|rapped|rapper|choir|duet|lyrics?|soprano|alto|tenor|"
    r"baritone|crooning|crooner|spoken word)\b"
)
_NO_VOICE = re.compile(
    r"\b(?:instrumental|(?:no|without|zero) (?:any )?(?:vocals?|voices?|singing|singers?|lyrics?)|"
    r"(?:vocal|voice|lyric)[- ]?(?:free|less))\b"
)


def new_seeds(count: int, first: int | None = None) -> list[int]:
    """Seeds for the takes of one request: from the caller's own number always the same ones."""
    if first is None:
        return secrets.SystemRandom().sample(range(SEEDS), count)
    return [first, *(dice(first, "take", number).randrange(SEEDS) for number in range(1, count))]


def wants_voice(text: str) -> bool:
    """Whether a description without lyrics asks for singing."""
    plain = text.casefold()
    return bool(_VOICE.search(_NO_VOICE.sub(" ", plain))) and not _NO_VOICE.search(plain)


def drafts_of(
    spec: engine.SongSpec,
    seeds: Sequence[int],
    *,
    do: str = "create",
    about: dict[str, Any] | None = None,
    **more: Any,
) -> list[Draft]:
    """A draft for each seed: title and words are the same in all, the music is not. `more` goes to works."""
    found: list[Draft] = []
    with refusing():
        title, lyrics = spec.title, spec.lyrics
        for seed in seeds:
            mine = replace(spec, seed=seed, title=title, lyrics=lyrics)
            plan = engine.plan(mine)
            title = plan.title
            lyrics = lyrics if spec.instrumental else plan.lyrics
            words = INSTRUMENTAL if spec.instrumental else plan.lyrics
            work = {"do": do, "spec": asdict(mine), **more}
            found.append(Draft(work, title, plan.tags, words, about={"seed": seed} | (about or {})))
    return found


def loosened(lyrics: str, strength: float | None, about: str, seed: int) -> str:
    """The lyrics as far as they are to be adhered to: as they are from half of the scale on; below, up to
    half of the lines are written anew, as long and with the same rhymes. Only English can be."""
    share = 0.0 if strength is None else max(0.0, ADHERENT - strength)
    rows = lyrics.split("\n")
    sung = [n for n, row in enumerate(rows, 1) if row.strip() and not row.strip().startswith("[")]
    for number in sorted(dice(seed, "loosened").sample(sung, round(share * len(sung)))):
        try:
            lyrics = rewrite_lines(lyrics, number, number, about, seed)
        except engine.SpecError:
            return lyrics
    return lyrics


def new_words(lyrics: str, source: Take) -> str:
    """Lyrics for some bars of a song; "" for the whole song's own, of which the bars keep theirs."""
    return "" if _bare_words(lyrics) == _bare_words(source.lyrics) else lyrics


def _bare_words(lyrics: str) -> list[str]:
    return re.findall(r"[^\W_]+", re.sub(r"\[[^\]]*\]", " ", lyrics).casefold())


def opening(lyrics: str, seconds: float) -> str:
    """As many sections of written lyrics as are sung in about so many seconds, at least one."""
    sections = re.split(r"\n\s*\n", lyrics.strip())
    return "\n\n".join(sections[: max(1, round(seconds / 22))])


Work = dict[str, Any]
# Every change of a song on paper, to know what cannot be before anybody is charged.
REHEARSALS: dict[str, Callable[[Score, Work], object]] = {
    "extend": lambda song, work: edits.extend_score(
        song, work["at_s"], work["lyrics"], work["tags"], work["seed"], work.get("duration_s")
    ),
    "replace": lambda song, work: edits.replace_section_score(
        song, work["start_s"], work["end_s"], work["lyrics"], work["tags"], work["seed"]
    ),
    "play_anew": lambda song, work: edits.cover_score(
        edits.reworded(song, work["lyrics"], work["seed"]), work["tags"], seed=work["seed"]
    ),
    "swap_vocals": lambda song, work: edits.swap_vocals_score(
        song, work["sound"], work["lyrics"], seed=work["seed"]
    ),
    "swap_sound": lambda song, work: edits.swap_sound_score(
        song, work["sound"], work["lyrics"], seed=work["seed"]
    ),
    # A variation is the best of several covers; that one can be made says as much.
    "variation": lambda song, work: edits.cover_score(song, audio_weight=1.0, seed=work["seed"]),
    "precede": lambda song, work: edits.precede_score(
        song, work["lyrics"], work["tags"], work["seed"], work["duration_s"]
    ),
}


def rehearsed(work: Work, source: Take) -> Work:
    """The work, when it can be done with that source. Raises Refusal otherwise, in the engine's words.

    What recordings hold is only heard when the work is done, and paid back then when it cannot be.
    """
    song = score_of(source)
    with refusing():
        if song is not None and work["do"] in REHEARSALS:
            REHEARSALS[work["do"]](song, work)
    return work
