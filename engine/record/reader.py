"""Everything that a run file tells. It may be read while it is written; nothing is ever changed by reading."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import RunFileError
from engine.record.columns import FrameUnpacker, SnapshotUnpacker
from engine.record.header import RunHeader
from engine.record.index import BLOCK, CHUNK, CHUNKS, Index, Tally, agent_fields, mentioning, unpack_mentions
from engine.record.opening import Door, ask, telling_damage
from engine.record.recall import ThoughtReader
from engine.record.schema import HAS_COMMANDS, HAS_MEASURES, HAS_SNAPSHOT, HAS_THOUGHTS
from engine.record.sealed import Row, checked, ending, load_store, snapshot_row
from engine.record.squeeze import Unsqueezer, seal, sealed_numbers
from engine.record.ticks import Body, BodyPacker, unpack_body
from engine.values import Command, Events, Int64s, Snapshot, Thought, TickRecord

CHAIN = 64
"""No snapshot is further than this many steps from a whole one."""

KEYFRAMES = 1024
"""No frame is further than this many ticks from a whole one."""

AT_ONCE = 64
"""Ticks that are fetched together when many are read."""

Measures = dict[str, float | list[float]]

_TICKS = "SELECT * FROM tick WHERE tick"


class RunReader:
    """Reads a run file. Ticks that are not there raise RunFileError, and so does damage. Close it, or use `with`."""

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self._door = Door(self.path)
        self._unsqueeze = Unsqueezer().unsqueeze
        self.thinking = ThoughtReader(self._door, self._unsqueeze)
        try:
            with self._door.connection() as connection:
                rows = ask(connection, "SELECT header, checksum FROM run")
                if len(rows) != 1 or seal(rows[0][0].encode()) != rows[0][1]:
                    raise RunFileError("its header is not the one that was written")
                self.header = RunHeader.from_json(rows[0][0])
        except BaseException:
            self._door.close()
            raise

    @property
    def finished(self) -> bool:
        """Whether the writer closed the run in order (and did not go on since)."""
        with self._door.connection() as connection:
            return ending(connection) is not None

    @property
    def first_tick(self) -> int | None:
        """The first tick of the run, or None when there is none."""
        return self._span()[0]

    @property
    def last_tick(self) -> int | None:
        """The last tick that was committed, or None when there is none."""
        return self._span()[1]

    def _span(self) -> tuple[int, int] | tuple[None, None]:
        with self._door.connection() as connection:
            ((first,),), ((last,),) = (ask(connection, f"SELECT {edge}(tick) FROM tick") for edge in ("min", "max"))
            there = (-1, -1) if first is None or last is None else (int(first), int(last))
            if ending(connection) not in (None, there):
                raise RunFileError("ticks are missing at its beginning or end")
            return (None, None) if there == (-1, -1) else there

    def state_hash(self, tick: int) -> bytes:
        """Return the state hash after a tick, 16 bytes."""
        return self._row(tick).state_hash

    def check_tick(self, tick: int) -> None:
        """Raise RunFileError when what was written of a tick is not what is there: damage, not other rules.

        Covers the tick with its frame, commands, measures, thoughts and snapshot.
        """
        row = self._row(tick)
        if row.holds & HAS_THOUGHTS:
            self.thinking.check(tick)
        self._commands(row)
        self._measures(row)
        if row.holds & HAS_SNAPSHOT:
            with self._door.connection() as connection:
                snapshot_row(connection, tick)

    def record(self, tick: int) -> TickRecord:
        """Return a tick as it was recorded, without frame and snapshot."""
        return self._record(self._row(tick))

    def records(self, first: int, last: int) -> Iterator[TickRecord]:
        """Yield the ticks first..last as they were recorded, without frames and snapshots."""
        for start in range(first, last + 1, AT_ONCE):
            for row in self._rows(start, min(start + AT_ONCE - 1, last)):
                yield self._record(row)

    def _record(self, row: Row) -> TickRecord:
        commands, measures, body = self._commands(row), self._measures(row), self._body(row)
        return TickRecord(
            row.tick, commands, body.asked, body.cause, body.decisions, body.outcome, body.reason, body.events, {},
            measures, row.state_hash, None,
        )  # fmt: skip

    def _row(self, tick: int) -> Row:
        return self._rows(tick, tick)[0]

    def _rows(self, first: int, last: int) -> list[Row]:
        """Return the rows first..last. Raises RunFileError when one is missing or is not what was written."""
        with self._door.connection() as connection:
            rows = [checked(row) for row in ask(connection, f"{_TICKS} BETWEEN ? AND ?", (first, last))]
        if [row.tick for row in rows] == list(range(first, last + 1)):
            return rows
        start, end = self.first_tick, self.last_tick
        if start is None or end is None:
            raise RunFileError(f"{self.path}: holds no ticks; the run was ended before its first")
        if first < start or last > end:
            odd = first if first < start else last
            raise RunFileError(f"{self.path}: holds ticks {start} to {end}, not {odd}; choose one of these")
        raise RunFileError(f"{self.path}: is damaged: ticks between {first} and {last} are missing; use another copy")

    def _chosen(self, ticks: Sequence[int]) -> list[Row]:
        """Return the rows of some ticks of a block, in the order asked for."""
        with self._door.connection() as connection:
            rows = [checked(row) for tick in ticks for row in ask(connection, f"{_TICKS} = ?", (tick,))]
            if len(rows) != len(ticks):
                raise RunFileError("a tick is missing")
        return rows

    def _body(self, row: Row) -> Body:
        with telling_damage(self.path):
            return unpack_body(self._unsqueeze(row.body), row.tick)

    def _commands(self, row: Row) -> tuple[Command, ...]:
        if not row.holds & HAS_COMMANDS:
            return ()
        with self._door.connection() as connection:
            rows = ask(connection, "SELECT checksum, data FROM command WHERE tick = ?", (row.tick,))
            if len(rows) != 1 or seal(sealed_numbers(row.tick), rows[0][1]) != rows[0][0]:
                raise RunFileError(f"the commands of tick {row.tick} are not what was written")
            return tuple(Command(do, what, by) for do, what, by in json.loads(self._unsqueeze(rows[0][1])))

    def _measures(self, row: Row) -> Measures:
        if not row.holds & HAS_MEASURES:
            return {}
        with self._door.connection() as connection:
            rows = ask(connection, "SELECT * FROM measure WHERE tick = ?", (row.tick,))
            if len(rows) != 1:
                raise RunFileError(f"the measures of tick {row.tick} are missing")
            return self._measures_of(rows[0])

    def _measures_of(self, row: tuple[Any, ...]) -> Measures:
        tick, before, checksum, block = row
        if seal(sealed_numbers(tick, before), block) != checksum:
            raise RunFileError(f"the measures of tick {tick} are not what was written")
        return dict(json.loads(self._unsqueeze(block)))

    def thoughts(self, tick: int) -> list[Thought]:
        """Return what language models thought for decisions that landed at a tick."""
        return self.thinking.at(tick) if self._row(tick).holds & HAS_THOUGHTS else []

    def thought(self, tick: int, agent: int) -> Thought | None:
        """Return what a language model thought for an agent's decision that landed at a tick, or None."""
        found = self.thinking.at(tick, agent) if self._row(tick).holds & HAS_THOUGHTS else []
        return found[-1] if found else None

    def last_thought(self, agent: int, tick: int) -> Thought | None:
        """Return an agent's last thought that landed at or before a tick, or None (see `SEARCHED`)."""
        landed = self.thinking.last(agent, tick)
        return None if landed < 0 else self.thought(landed, agent)

    def commands(self, first: int, last: int) -> Iterator[tuple[int, tuple[Command, ...]]]:
        """Yield (tick, commands) for the ticks first..last that have any."""
        with self._door.connection() as connection:
            found = ask(connection, "SELECT tick FROM command WHERE tick BETWEEN ? AND ? ORDER BY tick", (first, last))
        for (tick,) in found:
            yield tick, self._commands(self._row(tick))

    def measured(self) -> list[int]:
        """Return the ticks that have measures, ascending."""
        last = self.last_tick
        if last is None:
            return []
        since = self._row(last).since_measure
        with self._door.connection() as connection:
            rows = ask(connection, "SELECT tick, before FROM measure WHERE tick <= ? ORDER BY tick", (last,))
            ticks = [int(tick) for tick, _ in rows]
            if [-1, *ticks] != [*(before for _, before in rows), last - since if since >= 0 else -1]:
                raise RunFileError("some measures are missing")
        return ticks

    def measures(self, name: str) -> tuple[Int64s, list[float | list[float]]]:
        """Return (ticks, values) of a measure; none when there is no such measure."""
        found = [(tick, values[name]) for tick, values in self.all_measures() if name in values]
        return np.array([tick for tick, _ in found], np.int64), [value for _, value in found]

    def all_measures(self) -> Iterator[tuple[int, Measures]]:
        """Yield (tick, measures) for each tick that has any."""
        ticks = self.measured()
        for start in range(0, len(ticks), AT_ONCE):
            few = ticks[start : start + AT_ONCE]
            with self._door.connection() as connection:
                rows = ask(connection, "SELECT * FROM measure WHERE tick BETWEEN ? AND ?", (few[0], few[-1]))
                found = [(int(row[0]), self._measures_of(row)) for row in rows]
            yield from found

    def frame(self, tick: int) -> dict[str, NDArray[Any]]:
        """Return the frame after a tick: column -> array, without the low bits that the header's shift drops."""
        since = self._row(tick).since_key
        if not 0 <= since < KEYFRAMES:
            raise RunFileError(f"{self.path}: is damaged: tick {tick} has no whole frame before it; use another copy")
        unpacker = FrameUnpacker(self.header.frame)
        self._take_frames(unpacker, self._rows(tick - since, tick))
        return unpacker.frame()

    def frames(self, first: int, last: int) -> Iterator[tuple[int, dict[str, NDArray[Any]]]]:
        """Yield (tick, frame) for first..last, each unpacked once."""
        since = self._row(first).since_key
        unpacker = FrameUnpacker(self.header.frame)
        if 0 < since < KEYFRAMES:
            self._take_frames(unpacker, self._rows(first - since, first - 1))
        for start in range(first, last + 1, AT_ONCE):
            for row in self._rows(start, min(start + AT_ONCE - 1, last)):
                self._take_frames(unpacker, [row])
                yield row.tick, unpacker.frame()

    def _take_frames(self, unpacker: FrameUnpacker, rows: Sequence[Row]) -> None:
        with telling_damage(self.path):
            for row in rows:
                unpacker.take(self._unsqueeze(row.frame), row.since_key == 0)

    def landmarks(self, tick: int) -> tuple[int, int]:
        """Return the last ticks at or before a tick that have a snapshot and measures, or -1."""
        row = self._row(tick)
        return (
            tick - row.since_snapshot if row.since_snapshot >= 0 else -1,
            tick - row.since_measure if row.since_measure >= 0 else -1,
        )

    def checkpoints(self, first: int, last: int) -> list[int]:
        """Return the ticks of first..last that have a snapshot, ascending."""
        with self._door.connection() as connection:
            found = ask(connection, "SELECT tick FROM snapshot WHERE tick BETWEEN ? AND ? ORDER BY tick", (first, last))
        return [int(tick) for (tick,) in found]

    def whole_frame_before(self, tick: int) -> int:
        """Return the last tick at or before a tick whose frame is whole, and so quickest to read."""
        return tick - max(self._row(tick).since_key, 0)

    def people(self, tick: int) -> int:
        """Return how many ids were given after a tick, as far as frame and decisions show."""
        columns = [column.name for column in self.header.frame if column.per == "agent"]
        if columns:
            frame = self.frame(tick)
            return max(len(frame[name]) for name in columns)
        body = self._body(self._row(tick))
        return max(int(body.asked.max(initial=-1)), int(body.decisions.agent.max(initial=-1))) + 1

    def snapshot_before(self, tick: int) -> Snapshot:
        """Return the last snapshot at or before a tick. Raises RunFileError when there is none."""
        since = self._row(tick).since_snapshot
        if since < 0:
            raise RunFileError(f"{self.path}: has no snapshot at or before tick {tick}; choose a later tick")
        found = tick - since
        with self._door.connection() as connection:
            chain: list[tuple[int | None, bytes]] = []
            at: int | None = found
            while at is not None and len(chain) < CHAIN:
                chain.append(snapshot_row(connection, at))
                base = chain[-1][0]
                if base is not None and base >= at:
                    raise RunFileError(f"the snapshot of tick {at} follows from a later one")
                at = base
            unpacker = SnapshotUnpacker()
            for base, block in reversed(chain):
                unpacker.take(self._unsqueeze(block), base is None)
            return unpacker.snapshot(found)

    def stores(self, owner: str) -> dict[str, bytes]:
        """Return the rows that a mind or module keeps, as they are at the end of the run."""
        with self._door.connection() as connection:
            return load_store(self.path, connection, owner)

    def events(
        self, agent: int | None = None, kinds: Collection[str] | None = None, first: int | None = None,
        last: int | None = None, newest_first: bool = False,
    ) -> Iterator[tuple[int, Events]]:  # fmt: skip
        """Yield (tick, events) for the ticks first..last that have any that mention `agent` and are of `kinds`.

        Long runs are read through the index by agent and the tallies by kind. Events keep their order within a tick.
        """
        names = [kind.name for kind in self.header.events]
        if kinds is not None and not set(kinds) <= set(names):
            odd = ", ".join(sorted(set(kinds) - set(names)))
            raise RunFileError(f"{self.path}: has no kind of event {odd}; known: {', '.join(sorted(names))}")
        codes = None if kinds is None else np.array([names.index(kind) for kind in kinds], np.int64)
        fields = agent_fields(self.header)
        begin, end = self.first_tick, self.last_tick
        if begin is None or end is None or (agent is not None and agent < 0):
            return
        begin, end = max(begin, begin if first is None else first), min(end, end if last is None else last)
        blocks = range(begin // BLOCK, end // BLOCK + 1)
        for block in reversed(blocks) if newest_first else blocks:
            ticks = self._ticks_of_interest(block, agent, codes)
            ticks = [tick for tick in ticks if begin <= tick <= end]
            for row in self._chosen(ticks[::-1] if newest_first else ticks):
                events = self._body(row).events
                rows = np.arange(events.size) if agent is None else mentioning(events, fields, agent)
                if codes is not None:
                    rows = rows[np.isin(events.kind[rows], codes)]
                if rows.size:
                    yield row.tick, Events(events.kind[rows], events.agent[rows], events.values[rows])

    def _ticks_of_interest(self, block: int, agent: int | None, codes: Int64s | None) -> list[int]:
        """Return the ticks of a block that may have such events: all of them where the block has no index yet."""
        every = list(range(block * BLOCK, (block + 1) * BLOCK))
        known = self.tally_of(block)
        if known is None:
            return every
        tally, chunks = known
        if codes is not None and not tally[codes].any():
            return []
        if agent is None:
            return every
        if not 0 <= agent < chunks * CHUNK:
            return []
        number = block * CHUNKS + agent // CHUNK
        with self._door.connection() as connection:
            rows = ask(connection, "SELECT checksum, data FROM mention WHERE id = ?", (number,))
            if len(rows) != 1 or seal(sealed_numbers(number), rows[0][1]) != rows[0][0]:
                raise RunFileError(f"the index of ticks {every[0]} to {every[-1]} is not what was written")
            bits = int(unpack_mentions(self._unsqueeze(rows[0][1]))[agent % CHUNK])
        return [tick for bit, tick in enumerate(every) if bits >> bit & 1]

    def tally_of(self, block: int) -> tuple[Int64s, int] | None:
        """Return (tally, rows of mentions) of a block of `BLOCK` ticks, or None when it is not full yet.

        The tally begins with how often each kind of event happened (see `engine.record.index`).
        """
        with self._door.connection() as connection:
            rows = ask(connection, "SELECT checksum, data FROM tally WHERE block = ?", (block,))
            if not rows:
                return None
            if seal(sealed_numbers(block), rows[0][1]) != rows[0][0]:
                raise RunFileError(f"the tally of block {block} is not what was written")
            return Index(self.header).unpack_tally(self._unsqueeze(rows[0][1]))

    def tally(self) -> Tally:
        """Return what happened how often in the whole run."""
        index = Index(self.header)
        total = np.zeros_like(index.tally)
        first, last = self.first_tick, self.last_tick
        packer = BodyPacker()
        if first is not None and last is not None:
            for block in range(first // BLOCK, last // BLOCK + 1):
                known = self.tally_of(block)
                if known is not None:
                    total += known[0]
                    continue
                for record in self.records(max(first, block * BLOCK), min(last, block * BLOCK + BLOCK - 1)):
                    raw, _ = packer.pack(record)
                    index.note(raw, (record.asked.size, record.decisions.size, record.events.size), 0, record.tick)
        return index.named(total + index.tally)

    def close(self) -> None:
        """Close the file. Using the reader again opens it again."""
        self._door.close()

    def __enter__(self) -> RunReader:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
