"""How what language models thought becomes rows, a few tens of bytes a thought.

Texts are cut into pieces (a part that people share, a listed choice, a sentence), and each piece is kept once, under a
number, in a row of `part`; one of a choice also holds the choice's numbers. A tick's row of `thought` holds the numbers
of the pieces that its thoughts are made of, in order: 0 for the next piece that is new with this tick, else the piece's
number + 1.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from engine.record.rows import Statement
from engine.record.squeeze import Squeezer, seal, sealed_numbers
from engine.record.texts import Piece, TextPacker, packed
from engine.values import Source, Thought, ThoughtPart

KEPT = 1 << 15
"""Pieces that the writer knows again, at least; of twice as many it forgets those that were not used for longest."""

LONGEST_KNOWN = 512
"""Characters of a moment's text that may come again; longer ones are written without looking."""

PIECE = re.compile(r"[^.\n]*(?:[.\n]+ ?|\Z)")
"""What the text of a moment is cut into: a line or a sentence."""

MOMENT = 3
"""The share of parts that are a moment's own; all others are kept whole."""

FIELDS = ("model", "words_lead", "words", "thinking", "why")
"""The texts of a thought besides its parts; their pieces come first."""

NUMBERS, PART_NUMBERS = 11, 4
"""Columns of a thought, and of a part of a prompt."""

IS_FRAME, DROPPED, LISTS, SHARE = 1, 2, 4, 3
"""Bits of a part's flags, and how far its share is shifted above them. One that lists a choice is the next to do so."""

UNKNOWN = 0x7E00
"""The half precision number that stands for a probability that is not known."""

_THOUGHT = "INSERT INTO thought VALUES (?, ?, ?, ?, ?)"
_USAGE = "INSERT OR REPLACE INTO usage VALUES (?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class Usage:
    """How many thoughts of a model ended in one way, and what they took; tokens and milliseconds of all of them."""

    model: str
    source: Source
    thoughts: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    generated_tokens: int = 0
    milliseconds: float = 0.0


class ThoughtPacker:
    """Turns the thoughts of tick after tick into statements. After rows that were not written, make a new one.

    Thoughts are taken apart as they come, between two ticks where there is time; what is left for the tick is short.
    `first` is the number of the next piece, `before` the last tick with thoughts or -1, `usage` all so far.
    """

    def __init__(self, first: int = 0, before: int = -1, usage: Iterable[Usage] = ()) -> None:
        self._next, self._before = first, before
        self._usage = {(one.model, one.source): one for one in usage}
        self._young: dict[object, int] = {}
        self._old: dict[object, int] = {}
        self._squeeze, self._texts = Squeezer(3).squeeze, TextPacker()
        self._begin()

    def _begin(self) -> None:
        """Have nothing of the next tick yet."""
        self._new: list[Piece] = []
        self._thoughts: list[Thought] = []
        self._references: list[int] = []
        self._parts: list[tuple[int, ...]] = []
        self._listed: list[int] = []

    def add(self, thoughts: Sequence[Thought]) -> None:
        """Take in thoughts that land at the next tick."""
        self._thoughts += thoughts
        for thought in thoughts:
            self._references += [self._plain(getattr(thought, name)) for name in FIELDS]
            self._take_apart(thought)

    def of(self, tick: int) -> list[Statement]:
        """Return the statements that write the thoughts which land at a tick."""
        thoughts, first = self._thoughts, self._next
        if not thoughts:
            return []
        references, parts, listed = self._references, self._parts, self._listed
        data = b"".join(
            (
                _column([first, len(self._new), len(thoughts), len(parts), len(references), len(listed)]),
                packed([_numbers(tick, thought) for thought in thoughts], NUMBERS),
                packed(parts, PART_NUMBERS),
                _column(references),
                _column(listed),
                _column(_halves(thoughts).tolist()),
            )
        )
        block = self._squeeze(data)
        agents = _column([len(thoughts)]) + _column([thought.agent for thought in thoughts])
        rows: list[Statement] = [
            (_THOUGHT, (tick, self._before, seal_thought(tick, self._before, agents, block), agents, block))
        ]
        if self._new:
            rows.append(self._texts.row(first, self._new))
        self._before, self._next = tick, first + len(self._new)
        self._begin()
        if len(self._young) > KEPT:
            self._young, self._old = {}, self._young
        return rows + self._count(thoughts)

    def _take_apart(self, thought: Thought) -> None:
        """Add a prompt's parts and choices."""
        references, parts = self._references, self._parts
        known, choices, apart = self._young.get, thought.choices, [1] * len(thought.choices)
        for part in thought.parts:
            text, option, flags, expected, size = part.text, part.option, IS_FRAME * part.is_frame, -1, 1
            if part.share < MOMENT or flags:
                number = known(text)
                references.append(self._piece(text, -1, (), True) if number is None else number + 1)
            else:
                *most, text = _cut(text)
                references += [self._plain(piece) for piece in most]
                size += len(most)
                if 0 <= option < len(apart) and apart[option]:
                    expected, apart[option], flags = len(apart) - sum(apart), 0, LISTS
                    references.append(self._piece(text, choices[option].action, choices[option].args))
                else:
                    references.append(self._plain(text))
            flags |= DROPPED * part.dropped | part.share << SHARE
            parts.append((size, flags, option - expected, part.tokens))
        references += [
            self._piece("", choices[k].action, choices[k].args) for k, is_apart in enumerate(apart) if is_apart
        ]
        self._listed += apart

    def _plain(self, text: str) -> int:
        """Return the reference to a text."""
        known = self._young.get(text)
        return self._piece(text, -1, ()) if known is None else known + 1

    def _piece(self, text: str, action: int, args: tuple[int, ...], is_shared: bool = False) -> int:
        """Return the reference to a piece, kept with this tick if it is new."""
        key = text if action < 0 else (text, action, args)
        known = self._young.get(key, -1)
        if known < 0:
            known = self._old.get(key, -1)
            number = known if known >= 0 else self._next + len(self._new)
            if is_shared or len(text) <= LONGEST_KNOWN:
                self._young[key] = number
            if known < 0:
                self._new.append((text, action, args))
        return known + 1

    def _count(self, thoughts: Sequence[Thought]) -> list[Statement]:
        """Return the rows of the counts that these thoughts change."""
        groups: dict[tuple[str, Source], list[Thought]] = {}
        for thought in thoughts:
            groups.setdefault((thought.model, thought.source), []).append(thought)
        for key, group in groups.items():
            so_far = self._usage.get(key) or Usage(*key)
            self._usage[key] = replace(
                so_far,
                thoughts=so_far.thoughts + len(group),
                prompt_tokens=so_far.prompt_tokens + sum(one.prompt_tokens for one in group),
                cached_tokens=so_far.cached_tokens + sum(one.cached_tokens for one in group),
                generated_tokens=so_far.generated_tokens + sum(one.generated_tokens for one in group),
                milliseconds=round(so_far.milliseconds + sum(one.milliseconds for one in group), 1),
            )
        return [_usage_row(self._usage[key]) for key in groups]


def _usage_row(usage: Usage) -> Statement:
    data = {name: value for name, value in asdict(usage).items() if name not in ("model", "source")}
    text = json.dumps(data, separators=(",", ":"))
    return _USAGE, (usage.model, int(usage.source), seal_usage(usage.model, usage.source, text), text)


def _numbers(tick: int, thought: Thought) -> tuple[int, ...]:
    return (
        thought.agent, tick - thought.tick, tick - thought.landed, len(thought.parts), len(thought.choices),
        thought.chosen, int(thought.source), thought.prompt_tokens - sent_tokens(thought.parts),
        thought.cached_tokens, thought.generated_tokens, round(10 * thought.milliseconds),
    )  # fmt: skip


def _cut(text: str) -> Sequence[str]:
    """Return the pieces of a moment's text, at least one."""
    if "." not in text and text.find("\n") in (-1, len(text) - 1):
        return (text,)
    return PIECE.findall(text)[:-1]


def sent_tokens(parts: Sequence[ThoughtPart]) -> int:
    """Return how many tokens the parts that were sent had; mostly as many as the whole prompt."""
    return sum(part.tokens for part in parts if not part.dropped)


def _halves(thoughts: Sequence[Thought]) -> np.ndarray:
    """Return the probabilities of all choices as half precision bits."""
    chances = [choice.probability for thought in thoughts for choice in thought.choices]
    halves = np.array([np.nan if chance is None else chance for chance in chances], np.float16)
    bits = halves.view(np.uint16)
    return np.where(np.isnan(halves), UNKNOWN, bits)


def _column(values: Sequence[int]) -> bytes:
    return packed(list(zip(values)), 1)


def seal_thought(tick: int, before: int, agents: bytes, block: bytes) -> bytes:
    """Return the checksum of a row of `thought`."""
    return seal(sealed_numbers(tick, before, len(agents)), agents, block)


def seal_usage(model: str, source: int, text: str) -> bytes:
    """Return the checksum of a row of `usage`."""
    return seal(f"{len(model.encode())} {model} {source}\0{text}".encode())
