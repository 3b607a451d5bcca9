"""What happened how often, and who is mentioned when, by blocks of ticks: so that a long run is not read whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from engine.errors import RunFileError
from engine.kernels import kernel
from engine.record.header import RunHeader
from engine.record.packing import ROOM, put_column, take_column
from engine.values import ARGUMENTS, Bytes, Events, Int64s, Outcome, Source

BLOCK = 64
"""Ticks of a block: one bit each in a person's mentions."""

CHUNK = 1024
"""People of one row of mentions."""

CHUNKS = 1 << 16
"""Rows of mentions that a block has room for."""


@kernel
def note(
    raw: Bytes, asked: int, count: int, events: int, people: int, bit: int, fields: Bytes, mentions: Int64s,
    tally: Int64s, sizes: Int64s,
) -> None:  # fmt: skip
    """Count a tick's raw block (as `BodyPacker` lays it out) into `tally`; set `bit` of all whom its events mention.

    fields uint8[kinds] has bit k where value k of an event is a person; sizes int64[3] are the numbers of kinds of
    event, actions and reasons. `tally` holds kinds; actions x 4 outcomes; reasons; sources; ticks, asked, decisions.
    """
    words = raw[: raw.size // 4 * 4].view(np.int32)
    values = asked + 6 * count
    agents = values + 4 * events
    at = 4 * (agents + events)
    shorts = raw[at : at + 2 * (count + events)].view(np.int16)
    sources = raw[at + 2 * (count + events) + asked :]
    one = np.int64(1) << bit
    for i in range(events):
        kind = np.int64(shorts[count + i])
        if 0 <= words[agents + i] < people:
            mentions[words[agents + i]] |= one
        if not 0 <= kind < sizes[0]:
            continue
        tally[kind] += 1
        if fields[kind] != 0:
            for k in range(4):
                other = words[values + 4 * i + k]
                if fields[kind] >> k & 1 and 0 <= other < people:
                    mentions[other] |= one
    reasons = sizes[0] + 4 * sizes[1]
    others = reasons + sizes[2]
    for i in range(count):
        action, outcome, reason = np.int64(shorts[i]), sources[count + i], np.int64(sources[2 * count + i])
        if 0 <= action < sizes[1] and outcome < 4:
            tally[sizes[0] + 4 * action + outcome] += 1
        if reason < sizes[2]:
            tally[reasons + reason] += 1
        if sources[i] < tally.size - others - 3:
            tally[others + sources[i]] += 1
    tally[tally.size - 3] += 1
    tally[tally.size - 2] += asked
    tally[tally.size - 1] += count


@dataclass(frozen=True, slots=True)
class Tally:
    """What happened how often, by name; `decisions` action -> outcome -> number; `refused` by reason."""

    ticks: int
    asked: int
    decided: int
    events: Mapping[str, int]
    decisions: Mapping[str, Mapping[str, int]]
    refused: Mapping[str, int]
    sources: Mapping[str, int]


class Index:
    """What the ticks of a block are counted into, and how a block becomes rows and is read again."""

    def __init__(self, header: RunHeader) -> None:
        self._header = header
        self.sizes = np.array([len(header.events), len(header.actions), max(len(header.reasons), 1)], np.int64)
        self._fields = agent_fields(header)
        self._size = int(self.sizes[0] + 4 * self.sizes[1] + self.sizes[2]) + len(Source) + 3
        self.mentions: Int64s = np.zeros(CHUNK, np.int64)
        self.tally: Int64s = np.zeros(self._size, np.int64)

    def note(self, raw: Bytes, counts: tuple[int, int, int], people: int, tick: int) -> None:
        """Count a tick's raw block in; `counts` are asked, decisions and events, `people` how many ids were given."""
        people = min(people, CHUNK * CHUNKS)
        if people > self.mentions.size:
            grown = np.zeros(-(-max(people, 2 * self.mentions.size) // CHUNK) * CHUNK, np.int64)
            grown[: self.mentions.size] = self.mentions
            self.mentions = grown
        note(raw, *counts, people, tick % BLOCK, self._fields, self.mentions, self.tally, self.sizes)

    def clear(self) -> None:
        """Begin a new block."""
        self.mentions[:] = 0
        self.tally[:] = 0

    def pack_tally(self) -> Bytes:
        """Return the block's tally, with the number of its rows of mentions, as a block."""
        work = np.append(self.tally, len(self._chunks()))
        out = np.zeros(ROOM + 9 * work.size, np.uint8)
        return out[: put_column(work, work.size, out, 0)]

    def unpack_tally(self, block: bytes) -> tuple[Int64s, int]:
        """Return (tally, number of rows of mentions). Raises RunFileError when the block is not a tally of this run."""
        work = np.zeros(self._size + 1, np.int64)
        if take_column(np.frombuffer(block, np.uint8), 0, work.size, work) != len(block):
            raise RunFileError("a block's tally does not unpack")
        return work[:-1], int(work[-1])

    def _chunks(self) -> range:
        last = np.flatnonzero(self.mentions)
        return range(0, int(last[-1]) // CHUNK + 1) if last.size else range(0)

    def pack_mentions(self) -> Iterator[tuple[int, Bytes]]:
        """Yield (chunk, block) for each 1024 people up to the last that is mentioned."""
        out = np.zeros(ROOM + 9 * CHUNK, np.uint8)
        for chunk in self._chunks():
            bits = self.mentions[chunk * CHUNK : (chunk + 1) * CHUNK].copy()
            yield chunk, out[: put_column(bits, CHUNK, out, 0)]

    def named(self, tally: Int64s) -> Tally:
        """Return a tally with its numbers by name."""
        header = self._header
        kinds, actions, reasons = (int(size) for size in self.sizes)
        table = tally[kinds : kinds + 4 * actions].reshape(actions, 4)
        why = tally[kinds + 4 * actions : kinds + 4 * actions + reasons]
        sources = tally[-3 - len(Source) : -3]
        ticks, asked, decided = (int(number) for number in tally[-3:])
        return Tally(
            ticks,
            asked,
            decided,
            events={kind.name: int(n) for kind, n in zip(header.events, tally[:kinds], strict=True) if n},
            decisions={
                action: {outcome.name.lower(): int(row[outcome]) for outcome in Outcome if row[outcome]}
                for action, row in zip(header.actions, table, strict=True)
                if row.any()
            },
            refused={reason: int(n) for reason, n in zip(header.reasons, why, strict=False) if n and reason},
            sources={source.name.lower(): int(sources[source]) for source in Source if sources[source]},
        )


def unpack_mentions(block: bytes) -> Int64s:
    """Return the mentions of 1024 people, int64[1024] of one bit a tick. Raises RunFileError for other blocks."""
    work = np.zeros(CHUNK, np.int64)
    if take_column(np.frombuffer(block, np.uint8), 0, CHUNK, work) != len(block):
        raise RunFileError("a block's mentions do not unpack")
    return work


def agent_fields(header: RunHeader) -> Bytes:
    """Return for each kind of event a bit for each value that is a person, uint8[kinds]."""
    fields = [sum(1 << k for k, (_, kind) in enumerate(entry.fields) if kind == "agent") for entry in header.events]
    return np.array(fields, np.uint8)


def mentioning(events: Events, fields: Bytes, agent: int) -> Int64s:
    """Return the rows of events that mention a person, as the one it happened to or in a value; int64, ascending."""
    found = events.agent == agent
    known = (events.kind >= 0) & (events.kind < fields.size)
    bits = np.zeros(events.size, np.uint8)
    bits[known] = fields[events.kind[known]]
    for k in range(ARGUMENTS):
        found |= (bits >> k & 1).astype(np.bool_) & (events.values[:, k] == agent)
    return np.flatnonzero(found)


def people_of(events: Events, people: int) -> int:
    """Return how many ids were given, as far as a tick shows: `people` of its frame, or more by its events."""
    return max(int(events.agent.max(initial=-1)) + 1, people)
