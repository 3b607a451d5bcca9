"""What a run file tells of the past: frames, decisions, events, density, measures. Work is bounded."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.record.index import BLOCK
from engine.record.reader import RunReader
from engine.remote.wire import Columns
from engine.values import CONTINUE, Bools, Events, Int64s, TickRecord

PAGE_SECONDS = 0.25
"""After so long a page is handed on as it is; `next` goes on from there."""
WINDOW = 1024
"""Ticks that are searched for events at once; fewer where it takes their frames too."""
WINDOW_OF_FRAMES = 128
DECISIONS_AT_ONCE = 32
BLOCKS_AT_ONCE = 1024
"""Blocks of ticks whose events are counted for one question; of more, some stand for all."""

Row = tuple[int, int, int, list[int]]
"""tick, kind, agent, values"""
Cursor = tuple[int, int]


def frame(reader: RunReader, tick: int) -> Columns:
    """Return the columns of people of a tick's frame."""
    people = {column.name for column in reader.header.frame if column.per == "agent"}
    return {name: array for name, array in reader.frame(tick).items() if name in people}


def evenly(first: int, last: int, points: int) -> list[int]:
    """Return at most `points` ticks of first..last, evenly, both ends among them."""
    if last - first < points:
        return list(range(first, last + 1))
    if points == 1:
        return [last]
    return sorted({first + (last - first) * k // (points - 1) for k in range(points)})


def _windows(first: int, last: int, size: int, newest: bool) -> Iterator[tuple[int, int]]:
    """Yield pieces of first..last in the order of reading."""
    if newest:
        for end in range(last, first - 1, -size):
            yield max(first, end - size + 1), end
    else:
        for start in range(first, last + 1, size):
            yield start, min(last, start + size - 1)


def _page(
    windows: Iterator[tuple[int, int]],
    ticks_of: Callable[[int, int], Iterator[tuple[int, list[Any]]]],
    cursor: Cursor | None,
    limit: int,
    newest: bool,
) -> tuple[list[Any], str | None]:
    """Fill a page from windows of ticks; `ticks_of` yields (tick, rows in order) of a window, in order."""
    rows: list[Any] = []
    until = time.monotonic() + PAGE_SECONDS
    for start, end in windows:
        if time.monotonic() > until:
            return rows, f"{end if newest else start}.0"
        for tick, found in ticks_of(start, end):
            skip = cursor[1] if cursor is not None and tick == cursor[0] else 0
            for place in range(skip, len(found)):
                if len(rows) == limit:
                    return rows, f"{tick}.{place}"
                rows.append(found[place])
    return rows, None


class EventSearch:
    """Which events are wanted. `place` is a place's number, or -1 for any; `places` the values that are places."""

    def __init__(
        self, reader: RunReader, agent: int | None, kinds: Sequence[str] | None, place: int, newest: bool
    ) -> None:
        self._reader, self._agent, self._kinds = reader, agent, kinds
        self._place, self._newest = place, newest
        entries = reader.header.events
        self._fields: Bools = np.zeros((len(entries), 4), np.bool_)
        for code, entry in enumerate(entries):
            for k, (_, kind) in enumerate(entry.fields):
                self._fields[code, k] = kind == "place"

    def page(self, first: int, last: int, cursor: Cursor | None, limit: int) -> tuple[list[Row], str | None]:
        """Return a page of rows and where to go on, if there may be more."""
        if cursor is not None:
            first, last = (first, min(last, cursor[0])) if self._newest else (max(first, cursor[0]), last)
        size = WINDOW if self._place < 0 else WINDOW_OF_FRAMES
        return _page(_windows(first, last, size, self._newest), self._of, cursor, limit, self._newest)

    def _of(self, first: int, last: int) -> Iterator[tuple[int, list[Row]]]:
        where: dict[int, NDArray[Any]] = {}
        if self._place >= 0:
            where = {
                tick: columns["space.place"]
                for tick, columns in self._reader.frames(first, last)
                if "space.place" in columns
            }
        for tick, events in self._reader.events(self._agent, self._kinds, first, last, self._newest):
            rows = self._in_place(events, where.get(tick)) if self._place >= 0 else np.arange(events.size)
            if self._newest:
                rows = rows[::-1]
            yield (
                tick,
                [(tick, int(events.kind[i]), int(events.agent[i]), events.values[i].tolist()) for i in rows.tolist()],
            )

    def _in_place(self, events: Events, where: NDArray[Any] | None) -> Int64s:
        """Return the rows that happened at the place: as their kind says, or where the person stood."""
        fields = self._fields[events.kind]
        there = (fields & (events.values == self._place)).any(axis=1)
        if where is not None:
            known = (events.agent >= 0) & (events.agent < len(where))
            stood = np.zeros(events.size, np.bool_)
            stood[known] = where[events.agent[known]] == self._place
            there |= stood & ~fields.any(axis=1)
        return np.flatnonzero(there)


def decisions_page(
    reader: RunReader, agent: int, first: int, last: int, cursor: Cursor | None, limit: int
) -> tuple[list[tuple[TickRecord, int]], str | None]:
    """Return (record, row) of somebody's decisions, newest first, without those to carry on, and where to go on."""
    last = last if cursor is None else min(last, cursor[0])

    def of(start: int, end: int) -> Iterator[tuple[int, list[tuple[TickRecord, int]]]]:
        for record in reversed(list(reader.records(start, end))):
            mine = (record.decisions.agent == agent) & (record.decisions.action != CONTINUE)
            yield record.tick, [(record, row) for row in np.flatnonzero(mine)[::-1].tolist()]

    return _page(_windows(first, last, DECISIONS_AT_ONCE, True), of, cursor, limit, True)


class Counts:
    """How many events there were, by block of ticks and by tick; what is known of full blocks is kept."""

    def __init__(self) -> None:
        self._full: dict[int, Int64s] = {}
        self._ticks: dict[int, Int64s] = {}

    def kinds(self, reader: RunReader, first: int, last: int) -> dict[str, int]:
        """Return how often each kind of event happened in a run of first..last, roughly where it is very long."""
        total = np.zeros(len(reader.header.events), np.int64)
        blocks = range(first // BLOCK, last // BLOCK + 1)
        stride = -(-len(blocks) // BLOCKS_AT_ONCE)
        for block in blocks[::-1][::stride]:
            total += self._of_block(reader, block, first, last) * stride
        return {entry.name: int(n) for entry, n in zip(reader.header.events, total, strict=True)}

    def density(
        self, reader: RunReader, span: tuple[int, int], first: int, last: int, buckets: int
    ) -> tuple[int, int, list[int]]:
        """Return (first tick, ticks of a bucket, events of each) for first..last of a run of the ticks `span`."""
        wide = -(-(last - first + 1) // buckets)
        if wide < BLOCK and last - first < 4 * BLOCK * 16:
            found = np.zeros(-(-(last - first + 1) // wide), np.int64)
            for block in range(first // BLOCK, last // BLOCK + 1):
                counts = self._by_tick(reader, block, *span)
                for tick in range(max(first, block * BLOCK), min(last, block * BLOCK + BLOCK - 1) + 1):
                    found[(tick - first) // wide] += counts[tick % BLOCK]
            return first, wide, found.tolist()
        start = first // BLOCK
        per = max(1, -(-(last // BLOCK - start + 1) // buckets))
        stride = -(-(last // BLOCK - start + 1) // BLOCKS_AT_ONCE)
        found = np.zeros(-(-(last // BLOCK - start + 1) // per), np.int64)
        for block in range(start, last // BLOCK + 1, stride):
            found[(block - start) // per] += int(self._of_block(reader, block, *span).sum()) * stride
        return start * BLOCK, per * BLOCK, found.tolist()

    def _of_block(self, reader: RunReader, block: int, first: int, last: int) -> Int64s:
        """Return how often each kind happened in a block, int64[kinds]."""
        if block in self._full:
            return self._full[block]
        kinds = len(reader.header.events)
        known = reader.tally_of(block)
        if known is not None:
            self._full[block] = known[0][:kinds].copy()
            return self._full[block]
        counts = np.zeros(kinds, np.int64)
        for record in reader.records(max(first, block * BLOCK), min(last, block * BLOCK + BLOCK - 1)):
            counts += np.bincount(record.events.kind, minlength=kinds)[:kinds]
        return counts

    def _by_tick(self, reader: RunReader, block: int, first: int, last: int) -> Int64s:
        """Return how many events each tick of a block had, int64[BLOCK]."""
        if block in self._ticks:
            return self._ticks[block]
        counts = np.zeros(BLOCK, np.int64)
        for record in reader.records(max(first, block * BLOCK), min(last, block * BLOCK + BLOCK - 1)):
            counts[record.tick % BLOCK] = record.events.size
        if last // BLOCK > block:
            self._ticks[block] = counts
        return counts


class Measured:
    """Measures by tick; what was read once is kept."""

    def __init__(self) -> None:
        self._known: dict[int, dict[str, float | list[float]]] = {}

    def between(
        self, reader: RunReader, first: int, last: int, points: int, names: Sequence[str]
    ) -> tuple[list[int], dict[str, list[Any]]]:
        """Return at most `points` ticks, evenly, and the values of each measure, None where it was not taken."""
        ticks = [tick for tick in reader.measured() if first <= tick <= last]
        chosen = [ticks[k] for k in evenly(0, len(ticks) - 1, points)] if ticks else []
        missing = [tick for tick in chosen if tick not in self._known]
        if len(missing) > 8 and len(missing) * 4 > len(ticks):
            wanted = set(missing)
            self._known |= {tick: values for tick, values in reader.all_measures() if tick in wanted}
        for tick in chosen:
            if tick not in self._known:
                self._known[tick] = dict(reader.record(tick).measures)
        if not names:
            names = tuple(dict.fromkeys(name for tick in chosen[:1] + chosen[-1:] for name in self._known[tick]))
        return chosen, {name: [self._known[tick].get(name) for tick in chosen] for name in names}
