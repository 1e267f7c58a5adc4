"""From a request to a score: the text side of a take, decided once for `plan` and `render` alike."""

from __future__ import annotations

from dataclasses import replace

from studio.engine.compose import compose, outline, tags_for
from studio.engine.compose.form import Block
from studio.engine.lyrics.languages import language_of
from studio.engine.lyrics.parse import LyricSection, clean, parse_lyrics
from studio.engine.lyrics.remarks import remarks_on
from studio.engine.lyrics.titles import invent_title
from studio.engine.lyrics.writer import write_lyrics
from studio.engine.perform import LEAD_IN_S, RING_S
from studio.engine.persona import Persona
from studio.engine.score import Score, Section
from studio.engine.spec import EngineUnavailable, Plan, SongSpec
from studio.engine.tags import Brief, read_tags

INSTRUMENTAL = "[Instrumental]"


class _Words:
    """Lyrics, sections, title, language and singer of a take."""

    def __init__(self, spec: SongSpec) -> None:
        self._spec = spec
        self.brief: Brief = read_tags(spec)
        self.text = self._text(spec)
        self.language = language_of(self.text)
        self.sections: list[LyricSection] = (
            [] if spec.instrumental else parse_lyrics(self.text, self.language)
        )
        if spec.instrumental and spec.lyrics.strip():
            # Marks still shape an instrumental; its words are not sung.
            self.sections = [LyricSection(s.kind, s.name) for s in parse_lyrics(spec.lyrics)]
        self.sung = any(section.lines for section in self.sections)
        self.title = spec.title.strip() or invent_title(spec, self.sections, self.brief.card.name)

    def _text(self, spec: SongSpec) -> str:
        if spec.instrumental:
            return INSTRUMENTAL
        if spec.lyrics.strip():
            return clean(spec.lyrics)
        if spec.description.strip():
            return write_lyrics(spec.description, spec.tags, spec.seed)
        return INSTRUMENTAL

    @property
    def lyrics(self) -> str:
        return self.text if self.sung else INSTRUMENTAL

    def remarks(self) -> tuple[str, ...]:
        """What the musician should know of the words and of who sings them, in sentences."""
        if not self.sung:
            return ()
        return (*remarks_on(self.text, self.language), *self._accent())

    def _accent(self) -> tuple[str, ...]:
        persona = self.persona()
        if persona is None:
            return ()
        from studio.engine import voice

        remark = voice.remark_on(replace(persona, language=self.language))
        return (remark,) if remark else ()

    def persona(self) -> Persona | None:
        """Who sings; None when nobody does or no voice is installed. Raises SpecError for an unknown name,
        and EngineUnavailable for a singer whose pack is not here."""
        spec = self._spec
        if not self.sung:
            return None
        try:
            from studio.engine import voice

            if spec.persona is not None:
                voice.require_bank(spec.persona)
                return spec.persona
            return voice.choose_persona(
                gender=spec.vocal_gender or self.brief.gender,
                tags=spec.tags,
                name=spec.voice,
                language=self.language,
                is_rap=self.brief.is_rap,
                seed=spec.seed,
            )
        except ImportError as error:
            if spec.voice or spec.persona:
                raise EngineUnavailable(f"The singing voice is not installed: {error}") from error
            return None


def plan(spec: SongSpec) -> Plan:
    """Title, tags, lyrics, sections, tempo, key and expected length of a take, in milliseconds.

    Agrees with what `render` will make of the same spec. Raises SpecError, also for an unknown voice.
    """
    words = _Words(spec)
    words.persona()
    brief, blocks, sections, remarks = outline(words.brief, words.sections)
    spans = _spans(brief, sections)
    return Plan(
        title=words.title,
        tags=tags_for(brief),
        lyrics=words.lyrics,
        sections=spans,
        bpm=brief.bpm,
        key=brief.key,
        duration_s=round(spans[-1][2] + RING_S + _slowing(brief, blocks), 1),
        style=brief.card.name,
        meter=brief.meter,
        remarks=(*words.remarks(), *remarks),
    )


def _slowing(brief: Brief, blocks: list[Block]) -> float:
    """Seconds that the ritardando of the last two bars adds; see perform.Clock."""
    return LEAD_IN_S + brief.card.ritardando * brief.bar_beats * 60.0 / brief.bpm if blocks else 0.0


def _spans(brief: Brief, sections: tuple[Section, ...]) -> tuple[tuple[str, float, float], ...]:
    beat_s = 60.0 / brief.bpm
    return tuple((s.name, round(s.start_beat * beat_s, 3), round(s.end_beat * beat_s, 3)) for s in sections)


def write_score(spec: SongSpec) -> Score:
    """The composed score of a take, without any sound. Raises SpecError."""
    words = _Words(spec)
    score = compose(
        words.brief, words.sections, title=words.title, text=words.lyrics, persona=words.persona()
    )
    return replace(score, remarks=(*words.remarks(), *score.remarks))
