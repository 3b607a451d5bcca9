"""Thoughts read back from a run file: the rows that `engine.record.thoughts` writes, checked and put together again."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection
from functools import partial
from typing import Any

import apsw
import numpy as np

from engine.errors import RunFileError
from engine.record.opening import Door, ask
from engine.record.texts import Piece, TextReader
from engine.record.thoughts import (
    DROPPED,
    FIELDS,
    IS_FRAME,
    LISTS,
    NUMBERS,
    PART_NUMBERS,
    SHARE,
    Usage,
    seal_thought,
    seal_usage,
    sent_tokens,
)
from engine.record.ticks import MOST_ROWS, Columns
from engine.values import Int64s, Source, Thought, ThoughtChoice, ThoughtPart

SINCE_FORMAT = 2
"""The format since which run files hold thoughts."""

SPOKEN = 64
"""Ticks with thoughts that are looked through for somebody's last words."""

SEARCHED = 4096
"""Ticks with thoughts that are looked through for an agent's last one."""


class ThoughtReader:
    """Reads thoughts through the door of a run file. Raises RunFileError for rows that are not what was written."""

    def __init__(self, door: Door, unsqueeze: Callable[[bytes], bytes]) -> None:
        self._door, self._unsqueeze = door, unsqueeze
        self._texts, self._ticks = TextReader(), dict[int, Unpacked]()

    def at(self, tick: int, agent: int | None = None) -> list[Thought]:
        """Return the thoughts that landed at a tick which has some, all or those of one agent."""
        with self._door.connection() as connection:
            found, piece = self._unpacked(connection, tick), partial(self._texts.piece, connection)
            chosen = [row for row, one in enumerate(found.agents) if agent is None or one == agent]
            return [found.thought(row, piece) for row in chosen]

    def check(self, tick: int) -> None:
        """Raise RunFileError when a tick's thoughts, or the texts that are new with it, are not what was written."""
        with self._door.connection() as connection:
            found = self._unpacked(connection, tick)
            if found.fresh:
                self._texts.check(connection, found.first, found.fresh)

    def _unpacked(self, connection: apsw.Connection, tick: int) -> Unpacked:
        rows = ask(connection, "SELECT * FROM thought WHERE tick = ?", (tick,))
        if not rows:
            raise RunFileError(f"the thoughts of tick {tick} are missing")
        return Unpacked(tick, _agents(rows[0]), self._unsqueeze(rows[0][4]))

    def last(self, agent: int, tick: int) -> int:
        """Return the last tick at or before a tick at which a thought of the agent landed, or -1.

        The last `SEARCHED` ticks that have thoughts are looked through.
        """
        with self._door.connection() as connection:
            if not _has_thoughts(connection):
                return -1
            follows: int | None = None
            question = f"SELECT * FROM thought WHERE tick <= ? ORDER BY tick DESC LIMIT {SEARCHED}"
            for row in connection.execute(question, (tick,)):
                if follows not in (None, row[0]):
                    raise RunFileError(f"thoughts before tick {tick} are missing")
                if agent in _agents(row):
                    return int(row[0])
                follows = row[1]
            if follows is not None and follows >= 0 and _is_last(connection, follows):
                raise RunFileError(f"thoughts before tick {tick} are missing")
        return -1

    def last_words(self, agents: Collection[int], tick: int) -> dict[int, Thought]:
        """Return the last thought with words of each of some agents, of the last `SPOKEN` ticks that have thoughts."""
        wanted, found = set(agents), dict[int, Thought]()
        with self._door.connection() as connection:
            if not _has_thoughts(connection):
                return found
            piece = partial(self._texts.piece, connection)
            question = f"SELECT tick FROM thought WHERE tick <= ? ORDER BY tick DESC LIMIT {SPOKEN}"
            for (landed,) in ask(connection, question, (tick,)):
                if not wanted:
                    break
                there = self._recent(connection, landed)
                for row, agent in enumerate(there.agents):
                    if agent in wanted and there.words(row, piece):
                        found[agent] = there.thought(row, piece)
                wanted -= found.keys()
        return found

    def _recent(self, connection: apsw.Connection, tick: int) -> Unpacked:
        """Return a tick's thoughts, which stay in memory for a while: who plays a run asks for them again and again."""
        if tick not in self._ticks:
            self._ticks[tick] = self._unpacked(connection, tick)
            while len(self._ticks) > 2 * SPOKEN:
                del self._ticks[next(iter(self._ticks))]
        return self._ticks[tick]

    def usage(self) -> list[Usage]:
        """Return how many thoughts there were by model and source, and what they took."""
        with self._door.connection() as connection:
            found: list[Usage] = []
            if not _has_thoughts(connection):
                return found
            for model, source, checksum, data in ask(connection, "SELECT * FROM usage ORDER BY model, source"):
                if seal_usage(model, source, data) != checksum:
                    raise RunFileError(f"the usage of {model} is not what was written")
                found.append(Usage(model, Source(source), **json.loads(data)))
            return found

    def size(self) -> int:
        """Return how many bytes of the file the thoughts take."""
        with self._door.connection() as connection:
            if not _has_thoughts(connection):
                return 0
            sums = (
                "SELECT sum(length(agents) + length(data) + 16) FROM thought",
                "SELECT sum(length(data) + 16) FROM part",
            )
            return sum(int(ask(connection, question)[0][0] or 0) for question in sums)

    def end(self) -> tuple[int, int]:
        """Return (number of the next piece, last tick with thoughts or -1), for a writer that goes on."""
        with self._door.connection() as connection:
            parts = ask(connection, "SELECT first + count FROM part ORDER BY first DESC LIMIT 1")
            ((tick,),) = ask(connection, "SELECT max(tick) FROM thought")
            return int(parts[0][0]) if parts else 0, -1 if tick is None else int(tick)


def _has_thoughts(connection: apsw.Connection) -> bool:
    return int(connection.pragma("user_version")) >= SINCE_FORMAT


def _is_last(connection: apsw.Connection, tick: int) -> bool:
    """Whether no row of `thought` is at or before a tick."""
    return not ask(connection, "SELECT 1 FROM thought WHERE tick <= ? LIMIT 1", (tick,))


def _agents(row: tuple[Any, ...]) -> list[int]:
    """Return whose thoughts a row of `thought` holds. Raises RunFileError when it is not what was written."""
    tick, before, checksum, agents, block = row
    if seal_thought(tick, before, agents, block) != checksum:
        raise RunFileError(f"the thoughts of tick {tick} are not what was written")
    columns = Columns(agents)
    found = columns.table(int(_count(columns.table(1, 1)[0, 0])), 1)[0]
    columns.end()
    return [int(agent) for agent in found.tolist()]


def _count(number: int) -> int:
    if not 0 <= number <= MOST_ROWS:
        raise RunFileError("a tick's thoughts have a number out of range")
    return number


class Unpacked:
    """A tick's thoughts as columns."""

    def __init__(self, tick: int, agents: list[int], block: bytes) -> None:
        self._tick, self.agents = tick, agents
        columns = Columns(block)
        self.first, self.fresh, thoughts, parts, references, choices = (
            int(number) for number in columns.table(6, 1)[0].tolist()
        )
        if thoughts != len(agents):
            raise RunFileError("a tick's thoughts are not those of the agents that it names")
        self._numbers = columns.table(_count(thoughts), NUMBERS)
        self._parts = columns.table(_count(parts), PART_NUMBERS)
        numbers = columns.table(_count(references), 1)[0]
        self._apart = columns.table(_count(choices), 1)[0]
        self._chances = columns.table(choices, 1)[0].astype(np.uint16).view(np.float16)
        columns.end()
        is_fresh = numbers == 0
        self._pieces: Int64s = np.where(is_fresh, self.first + np.cumsum(is_fresh) - 1, numbers - 1)
        self._part_starts, self._choice_starts = _starts(self._numbers[3]), _starts(self._numbers[4])
        self._piece_starts, self._apart_starts = _starts(self._parts[0]), _starts(self._apart)
        ends = self._part_starts[-1], self._choice_starts[-1], self._piece_starts[-1] + self._apart_starts[-1]
        if ends != (parts, choices, references - len(FIELDS) * thoughts) or int(is_fresh.sum()) != self.fresh:
            raise RunFileError("a tick's thoughts have other lengths than they say")

    def _at(self, row: int) -> int:
        """Return where the pieces of a thought begin."""
        parts = self._piece_starts[self._part_starts[row]]
        return len(FIELDS) * row + int(parts + self._apart_starts[self._choice_starts[row]])

    def words(self, row: int, piece: Callable[[int], Piece]) -> str:
        """Return the words of a thought."""
        return piece(int(self._pieces[self._at(row) + FIELDS.index("words")]))[0]

    def thought(self, row: int, piece: Callable[[int], Piece]) -> Thought:
        """Return the thought of a row; `piece` looks up pieces by number."""
        (agent, ago, landed, _, _, chosen, source, prompt, cached, generated, tenths) = self._numbers[:, row].tolist()
        first, last = self._part_starts[row : row + 2].tolist()
        start, end = self._choice_starts[row : row + 2].tolist()
        at, tick = self._at(row), self._tick
        model, lead, words, thinking, why = (piece(n)[0] for n in self._pieces[at : at + len(FIELDS)].tolist())
        parts: list[ThoughtPart] = []
        options: dict[int, Piece] = {}
        at += len(FIELDS)
        for size, flags, surprise, tokens in self._parts[:, first:last].T.tolist():
            pieces = [piece(number) for number in self._pieces[at : at + size].tolist()]
            at += size
            option = surprise + (len(options) if flags & LISTS else -1)
            text = "".join(text for text, _, _ in pieces)
            parts.append(
                ThoughtPart(text, flags >> SHARE, bool(flags & IS_FRAME), option, tokens, bool(flags & DROPPED))
            )
            if flags & LISTS:
                options[option] = pieces[-1]
        for number, apart in enumerate(self._apart[start:end].tolist()):
            if apart:
                options[number] = piece(int(self._pieces[at]))
                at += 1
        chances = [None if math.isnan(chance) else chance for chance in self._chances[start:end].tolist()]
        if sorted(options) != list(range(len(chances))):
            raise RunFileError("a thought lists other choices than it had")
        choices = tuple(ThoughtChoice(*options[number][1:], chance) for number, chance in enumerate(chances))
        return Thought(
            agent, tick - ago, tick - landed, model, tuple(parts), choices, chosen, words, lead, thinking,
            prompt + sent_tokens(parts), cached, generated, tenths / 10, Source(source), why,
        )  # fmt: skip


def _starts(sizes: Int64s) -> Int64s:
    """Return where rows of these sizes begin, one after the other, and where the last ends."""
    if sizes.size and int(sizes.min()) < 0:
        raise RunFileError("a tick's thoughts have a number out of range")
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes)))
