"""How long everything is told to the net, and where that lies in real time."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from studio.engine.voice import net
from studio.engine.voice.bank import Bank
from studio.engine.voice.phones import is_voiceless
from studio.engine.voice.phrase import Phrase, spans

PAD_S = 0.15
CLOSE_S = 0.10
MARK_S = 0.05
NEXT_TO_S = 0.001
# The nets are told vowels of a spoken length, and a stretch in the vowel's heart is held: see Bank. Pairs are
# for single and for gliding vowels. A held vowel's last seconds lead away from the heart.
GLIDING = frozenset("AIOQWY")
AWAY_S = ((0.14, 0.18), (0.12, 0.40))
# The net lets go of a vowel this many frames too soon when the tongue's tip closes it without a voice:
# measured as the end of its pitch, 35 to 50 ms before t, s and their kin and hardly any before others.
CLOSING, CLOSED_EARLY, MOST_OF_VOWEL = frozenset("tsʃʧʦʨɕʂʈ"), 2.4, 0.4

Floats = NDArray[np.float32]
Curve = NDArray[np.float64]


@dataclass(frozen=True)
class Timing:
    """Token edges in frames, as sung and as spoken, and the map between real time and the sung frames: at
    `map_s` the sound is that of frame `map_frames`, linear between."""

    steps: Floats
    edges: Curve
    spoken_edges: Curve
    map_s: Curve
    map_frames: Curve

    @property
    def frames(self) -> int:
        return round(float(self.steps.sum())) * net.FRAMES_PER_TOKEN_STEP

    def spoken_frames(self) -> Curve:
        """For every sung frame the spoken one it comes from."""
        return np.asarray(np.interp(np.arange(self.frames), self.edges, self.spoken_edges))

    def times_s(self) -> Curve:
        """The real time of every sung frame."""
        return np.asarray(np.interp(np.arange(self.frames), self.map_frames, self.map_s))


def timing(phrase: Phrase, bank: Bank) -> Timing:
    """How long everything is told to the net, and where that lies in real time."""
    edges_s = _edges_s(phrase)
    steps = _steps(_told_lengths(phrase, np.diff(edges_s), bank))
    edges = _edges(steps, bank)
    map_s, map_frames = _map(phrase, edges_s, edges, bank)
    _keep_open(phrase, map_s, map_frames)
    spoken = np.maximum(1.0, np.round(bank.natural(phrase.text)[0]))
    return Timing(steps, edges, _edges(spoken, bank), map_s, map_frames)


def _edges(steps: Floats, bank: Bank) -> Curve:
    return np.concatenate([[0.0], np.cumsum(steps)]) * net.FRAMES_PER_TOKEN_STEP - bank.lead_frames


def _edges_s(phrase: Phrase) -> Curve:
    """Real times of the edges of all tokens, pads included."""
    phones = phrase.phones
    edges = [phones[0].start_s - PAD_S, phones[0].start_s]
    for place, owner in enumerate(phrase.owners[:-1]):
        if owner < 0:
            edges.append(phones[phrase.owners[place + 1]].start_s)
            continue
        phone = phones[owner]
        own = [
            n
            for n in range(max(0, place - 4), place + 5)
            if n < len(phrase.owners) and phrase.owners[n] == owner
        ]
        rank, count = own.index(place) + 1, len(own)
        length = phone.end_s - phone.start_s
        if phone.mark:
            head = min(MARK_S, 0.4 * length)
            share = head + (length - head) * (rank - 1) / max(1, count - 1)
        else:
            share = length * rank / count
        edges.append(phone.start_s + share if rank < count else phone.end_s)
    edges.append(edges[-1] + CLOSE_S)
    edges.append(edges[-1] + PAD_S)
    return np.array(edges)


def _told_lengths(phrase: Phrase, lengths_s: Curve, bank: Bank) -> Curve:
    """What the net is told of the tokens' lengths: of a vowel no more than is good, the rest is held."""
    told = lengths_s.copy()
    for first, last, phone in spans(phrase):
        most_s = bank.most_told_s[phone.symbol[0] in GLIDING]
        total_s = float(lengths_s[first:last].sum())
        if phone.role == "nucleus" and total_s > most_s:
            # The mark keeps its length, so that the vowel's onset is as spoken.
            told[last - 1] -= total_s - most_s
    return np.maximum(told, net.TOKEN_S)


def _map(phrase: Phrase, edges_s: Curve, edges_frames: Curve, bank: Bank) -> tuple[Curve, Curve]:
    """Real times and net frames that belong together: the token edges, and inside long vowels the part that
    is held."""
    pairs = list(zip(edges_s, edges_frames, strict=True))
    found = spans(phrase)
    for number, (first, last, phone) in enumerate(found):
        start_s, end_s = edges_s[first], edges_s[last]
        start = edges_frames[first]
        gliding = phone.symbol[0] in GLIDING
        if phone.role != "nucleus" or end_s - start_s <= bank.most_told_s[gliding]:
            continue
        pairs = [pair for pair in pairs if not start_s < pair[0] < end_s]
        (heart, heart_end), (shortest_s, longest_s) = bank.heart[gliding], AWAY_S[gliding]
        before = found[number - 1][2] if number else None
        if gliding and (before is None or before.role != "onset" or is_voiceless(before.symbol)):
            heart, heart_end = heart + bank.late_start, heart_end + bank.late_start
        tail_s = min(longest_s, max(shortest_s, 0.35 * (end_s - start_s)))
        heart_s = max(heart * net.FRAME_S, MARK_S / 5)
        pairs += [(start_s + heart_s, start + heart), (end_s - tail_s, start + heart_end)]
    pairs.sort()
    return np.array([at for at, _ in pairs]), np.array([frame for _, frame in pairs])


def _keep_open(phrase: Phrase, map_s: Curve, map_frames: Curve) -> None:
    """Show vowels to their ends where the net closes them early, in place."""
    for (_, _, vowel), (_, _, after) in pairwise(spans(phrase)):
        touches = abs(after.start_s - vowel.end_s) < NEXT_TO_S
        if (
            vowel.role != "nucleus"
            or after.role == "nucleus"
            or after.symbol[0] not in CLOSING
            or not touches
        ):
            continue
        end = int(np.argmin(np.abs(map_s - vowel.end_s)))
        if end:
            map_frames[end] -= min(CLOSED_EARLY, MOST_OF_VOWEL * (map_frames[end] - map_frames[end - 1]))


def _steps(lengths_s: Curve) -> Floats:
    """Whole token steps for lengths in seconds; what rounding takes from one token the next one gets."""
    out, owed = [], 0.0
    for length in lengths_s:
        wanted = length / net.TOKEN_S + owed
        steps = max(1.0, round(wanted))
        owed = min(0.5, max(-0.5, wanted - steps))
        out.append(steps)
    return np.array(out, np.float32)
