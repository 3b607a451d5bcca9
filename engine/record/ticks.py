"""What a tick leaves behind but its frame: who was asked, decisions with their outcomes, and events, as one block.

Most agents are asked every tick and carry on. Such a decision (`continue`, of the mind, asked now, ended as most such)
is not written: where agents of the decisions ascend, those asked that have no written decision carried on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.errors import RunFileError
from engine.kernels import inlined, kernel
from engine.record.packing import put_column, put_number, take_column, take_number
from engine.values import ARGUMENTS, Bytes, Decisions, Events, Int32s, Int64s, TickRecord

MOST_ROWS = 1 << 22
"""No tick asks more agents, or has more decisions or events, than this."""

ASKED_BYTES, DECISION_BYTES, EVENT_BYTES = 5, 29, 22
"""Bytes of a row in the raw block: asked 4 + cause 1; args 16, agent 4, asked at 4, action 2, source, outcome, reason 1
each; values 16, agent 4, kind 2."""

ROOM_PER_ROW = 64
"""Bytes that a packed row takes at most, over all of its columns."""


@inlined
def longest_ascent(agents: Int32s) -> tuple[int, int]:
    """Return the first row and the row after the last of the longest run of rows whose agents ascend."""
    best, best_end, first = 0, 0, 0
    for i in range(agents.size):
        if i == agents.size - 1 or agents[i] >= agents[i + 1]:
            if i + 1 - first > best_end - best:
                best, best_end = first, i + 1
            first = i + 1
    return best, best_end


@inlined
def accounts_for_asked(asked: Int32s, agents: Int32s, low: int, high: int, written: Int64s) -> bool:
    """Whether the rows low..high that are not written are exactly those asked that no written row of these names.

    `written` is 1 for a written row. Agents of the rows ascend; those asked must too.
    """
    row = low
    for i in range(asked.size):
        agent = asked[i]
        if i > 0 and agent <= asked[i - 1]:
            return False
        while row < high and agents[row] < agent:
            if written[row] == 0:
                return False
            row += 1
        if row >= high or agents[row] != agent:
            return False
        row += 1
    while row < high:
        if written[row] == 0:
            return False
        row += 1
    return True


@kernel
def pack_body(
    raw: Bytes, asked: int, count: int, events: int, tick: int, rows: Int64s, work: Int64s, out: Bytes
) -> int:
    """Pack a tick's raw block, laid out as `BodyPacker.pack` says; return how many bytes of `out` it takes."""
    words = raw[: raw.size // 4 * 4].view(np.int32)
    who, args, agents = words[:asked], words[asked : asked + 4 * count], words[asked + 4 * count : asked + 5 * count]
    asked_at, values = words[asked + 5 * count : asked + 6 * count], asked + 6 * count
    at = 4 * (values + 5 * events)
    shorts = raw[at : at + 2 * (count + events)].view(np.int16)
    bytes_ = raw[at + 2 * (count + events) :]
    sources, outcomes, reasons = bytes_[asked:], bytes_[asked + count :], bytes_[asked + 2 * count :]

    at = put_number(asked, out, 0)
    for c in range(2):
        for i in range(asked):
            work[i] = bytes_[i] if c == 1 else who[i] - (who[i - 1] if i > 0 else -1) - 1
        at = put_column(work, asked, out, at)

    low, high = longest_ascent(agents)
    outcome, reason, found = 0, 0, False
    for i in range(count):
        work[i] = 1
        if shorts[i] != 0 or sources[i] != 0 or asked_at[i] != tick or i < low or i >= high:
            continue
        if args[4 * i] | args[4 * i + 1] | args[4 * i + 2] | args[4 * i + 3] != 0:
            continue
        if not found:
            outcome, reason, found = int(outcomes[i]), int(reasons[i]), True
        if outcomes[i] == outcome and reasons[i] == reason:
            work[i] = 0
    if not found or not accounts_for_asked(who, agents, low, high, work):
        low, high = 0, 0
        work[:count] = 1
    kept = 0
    for i in range(count):
        if work[i] == 1:
            rows[kept] = i
            kept += 1
    for number in (count, low, high, outcome, reason, kept):
        at = put_number(number, out, at)
    for c in range(10):
        for i in range(kept):
            row = rows[i]
            if c == 0:
                work[i] = agents[row]
            elif c == 1:
                work[i] = shorts[row]
            elif c < 6:
                work[i] = args[ARGUMENTS * row + c - 2]
            elif c == 6:
                work[i] = tick - asked_at[row]
            else:
                work[i] = bytes_[asked + (c - 7) * count + row]
        at = put_column(work, kept, out, at)

    at = put_number(events, out, at)
    for c in range(6):
        for i in range(events):
            if c == 0:
                work[i] = shorts[count + i]
            elif c == 1:
                work[i] = words[values + ARGUMENTS * events + i]
            else:
                work[i] = words[values + ARGUMENTS * i + c - 2]
        at = put_column(work, events, out, at)
    return at


class BodyPacker:
    """Packs the bodies of tick after tick, with its scratch arrays kept."""

    def __init__(self) -> None:
        self._room(1024)

    def _room(self, rows: int) -> None:
        self._rows = np.zeros(rows, np.int64)
        self._work = np.zeros(rows, np.int64)
        self._out = np.zeros(1024 + ROOM_PER_ROW * rows, np.uint8)

    def pack(self, record: TickRecord) -> tuple[Bytes, Bytes]:
        """Return (raw block, packed block) as uint8; the packed one is valid until the next call.

        The raw block holds all int32 columns, then int16, then uint8, so that each is aligned.
        Raises RunFileError for columns of other lengths or dtypes than `TickRecord` states.
        """
        decisions, events = record.decisions, record.events
        sizes = record.asked.size, decisions.size, events.size
        parts: list[Any] = [
            record.asked, decisions.args, decisions.agent, decisions.asked_at, events.values, events.agent,
            decisions.action, events.kind, record.cause, decisions.source, record.outcome, record.reason,
        ]  # fmt: skip
        try:
            raw = np.frombuffer(b"".join(parts), np.uint8)
        except (BufferError, TypeError):  # strides
            parts = [np.ascontiguousarray(part) for part in parts]
            raw = np.frombuffer(b"".join(parts), np.uint8)
        if raw.size != ASKED_BYTES * sizes[0] + DECISION_BYTES * sizes[1] + EVENT_BYTES * sizes[2]:
            raise RunFileError(f"tick {record.tick} has columns of other lengths or dtypes than TickRecord states")
        rows = max(sizes)
        if rows > MOST_ROWS:
            raise RunFileError(f"tick {record.tick} has {rows} rows, more than {MOST_ROWS}")
        if rows > self._rows.size:
            self._room(2 * rows)
        end = pack_body(raw, *sizes, record.tick, self._rows, self._work, self._out)
        return raw, self._out[:end]


@dataclass(frozen=True, slots=True)
class Body:
    """A tick's body, read back; the columns are as in TickRecord."""

    asked: Int32s
    cause: Bytes
    decisions: Decisions
    outcome: Bytes
    reason: Bytes
    events: Events


class Columns:
    """A cursor over a packed block."""

    def __init__(self, block: bytes) -> None:
        self._data = np.frombuffer(block, np.uint8)
        self._at = 0

    def number(self, most: int = MOST_ROWS) -> int:
        """Return the next number."""
        value, self._at = take_number(self._data, self._at)
        if self._at < 0 or value > most:
            raise RunFileError("a tick's block ends too early or has a number out of range")
        return value

    def table(self, rows: int, columns: int) -> Int64s:
        """Return the next columns, all of so many rows, as the rows of one array."""
        table = np.zeros((columns, rows), np.int64)
        self._at = take_table(self._data, self._at, table)
        if self._at < 0:
            raise RunFileError("a tick's block has a column that does not unpack")
        return table

    def rest(self) -> bytes:
        """Return the bytes after what was taken."""
        return self._data[self._at :].tobytes()

    def end(self) -> None:
        """Raise RunFileError unless this is the end."""
        if self._at != self._data.size:
            raise RunFileError("a tick's block goes on after its end")


@kernel
def take_table(data: Bytes, at: int, table: Int64s) -> int:
    """Unpack columns into the rows of a table; return the offset after them, or -1."""
    for c in range(table.shape[0]):
        at = take_column(data, at, table.shape[1], table[c])
        if at < 0:
            return -1
    return at


@kernel
def place_rows(asked: Int32s, written: Int32s, low: int, high: int, rows: Int64s, agents: Int32s) -> bool:
    """Say where the written decisions of the ascending part low..high stand, and who decided in the rows between.

    `written` are their agents; rows int64[written] is filled with their rows, agents int32[all] with every agent of the
    part. Returns False when numbers or order do not fit.
    """
    at, row = low, 0
    for agent in asked:
        while row < written.size and written[row] < agent:
            if at >= high:
                return False
            rows[row], agents[at] = at, written[row]
            at += 1
            row += 1
        if row < written.size and written[row] == agent:
            continue
        if at >= high:
            return False
        agents[at] = agent
        at += 1
    while row < written.size:
        if at >= high:
            return False
        rows[row], agents[at] = at, written[row]
        at += 1
        row += 1
    return at == high


def unpack_body(block: bytes, tick: int) -> Body:
    """Return a tick's body. Raises RunFileError when the block is not one."""
    columns = Columns(block)
    people = columns.table(columns.number(), 2)
    asked = (np.cumsum(people[0] + 1) - 1).astype(np.int32)
    count, low, high, outcome, reason, kept = (columns.number() for _ in range(6))
    table = columns.table(kept, 10)
    happened = columns.table(columns.number(), 6)
    columns.end()
    events = Events(
        happened[0].astype(np.int16), happened[1].astype(np.int32), happened[2:].T.astype(np.int32, order="C")
    )
    agent = table[0].astype(np.int32)
    at, whose = _places(asked, agent, count, low, high)
    args = np.zeros((count, ARGUMENTS), np.int32)
    action, asked_at = np.zeros(count, np.int16), np.full(count, tick, np.int32)
    source, outcomes = np.zeros(count, np.uint8), np.full(count, outcome, np.uint8)
    reasons = np.full(count, reason, np.uint8)
    action[at], args[at], asked_at[at] = table[1], table[2:6].T, tick - table[6]
    source[at], outcomes[at], reasons[at] = table[7], table[8], table[9]
    return Body(
        asked, people[1].astype(np.uint8), Decisions(whose, action, args, asked_at, source), outcomes, reasons, events
    )


def _places(asked: Int32s, agent: Int32s, count: int, low: int, high: int) -> tuple[slice | Int64s, Int32s]:
    """Return (row of each written decision, all agents); those of the rows low..high stand between the unwritten."""
    if high == 0 and agent.size == count:
        return slice(0, count), agent
    middle = agent.size - low - (count - high)
    if not (0 <= low < high <= count and middle >= 0):
        raise RunFileError("a tick's block has other numbers of decisions than it says")
    at, whose = np.empty(agent.size, np.int64), np.empty(count, np.int32)
    at[:low], at[low + middle :] = np.arange(low), np.arange(high, count)
    whose[:low], whose[high:] = agent[:low], agent[low + middle :]
    if not place_rows(asked, agent[low : low + middle], low, high, at[low : low + middle], whose):
        raise RunFileError("a tick's block has other decisions than it says")
    return at, whose
