"""How a tick becomes the rows of its transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.record.columns import FramePacker, SnapshotPacker
from engine.record.header import RunHeader
from engine.record.index import BLOCK, CHUNKS, Index, people_of
from engine.record.schema import HAS_COMMANDS, HAS_MEASURES, HAS_SNAPSHOT, HAS_THOUGHTS
from engine.record.squeeze import Squeezer, seal, sealed_numbers
from engine.record.ticks import BodyPacker
from engine.values import Snapshot, TickRecord

_TICK = "INSERT INTO tick VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_COMMAND = "INSERT INTO command VALUES (?, ?, ?)"
_MEASURE = "INSERT INTO measure VALUES (?, ?, ?, ?)"
_SNAPSHOT = "INSERT INTO snapshot VALUES (?, ?, ?, ?)"
_TALLY = "INSERT OR REPLACE INTO tally VALUES (?, ?, ?)"
_MENTION = "INSERT OR REPLACE INTO mention VALUES (?, ?, ?)"
_STORE = "INSERT OR REPLACE INTO store VALUES (?, ?, ?, ?)"

Statement = tuple[str, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class RunSettings:
    """How a run is written.

    Every `keyframe_every` ticks a frame is whole; of `snapshot_chain` snapshots one is, and the others build on it;
    below `min_free_bytes` of free disk the writer waits. The log beside the file is taken into it every
    `checkpoint_pages` pages and every `checkpoint_seconds`.
    """

    keyframe_every: int = 32
    min_free_bytes: int = 1 << 30
    snapshot_chain: int = 8
    checkpoint_pages: int = 1000
    checkpoint_seconds: float = 5.0


class TickRows:
    """Turns record after record into statements. After an error, or rows that were not written, make a new one.

    `snapshot` and `measured` are the last ticks of the file that have a snapshot and measures, or -1.
    """

    def __init__(self, header: RunHeader, settings: RunSettings, snapshot: int = -1, measured: int = -1) -> None:
        self._snapshot_at, self._measured_at = snapshot, measured
        self.index = Index(header)
        self._bodies = BodyPacker()
        self._frames = FramePacker(header.frame, settings.keyframe_every)
        self._snapshots = SnapshotPacker(settings.snapshot_chain)
        self._fast, self._tight = Squeezer(1).squeeze, Squeezer(3).squeeze

    def count(self, record: TickRecord, people: int) -> None:
        """Count a record that is in the file already into the block that is not full yet."""
        raw, _ = self._bodies.pack(record)
        self.index.note(raw, _sizes(record), people_of(record.events, people), record.tick)

    def of(
        self, record: TickRecord, stores: Mapping[str, Mapping[str, bytes]], thoughts: Sequence[Statement] = ()
    ) -> list[Statement]:
        """Return the statements of a tick and of the store rows (owner -> key -> value) and thoughts that go with it.

        Raises RunFileError when the record is not as the header says.
        """
        tick = record.tick
        raw, packed = self._bodies.pack(record)
        body = self._fast(packed)
        since, packed = self._frames.pack(record.frame)
        frame = self._fast(packed)
        self.index.note(raw, _sizes(record), people_of(record.events, self._frames.people), tick)
        holds = 0
        more: list[Statement] = list(thoughts)
        if thoughts:
            holds |= HAS_THOUGHTS
        if record.commands:
            holds |= HAS_COMMANDS
            block = self._json([[command.do, command.what, command.by] for command in record.commands])
            more.append((_COMMAND, (tick, seal(sealed_numbers(tick), block), block)))
        if record.measures:
            holds |= HAS_MEASURES
            block, before = self._json(record.measures), self._measured_at
            more.append((_MEASURE, (tick, before, seal(sealed_numbers(tick, before), block), block)))
            self._measured_at = tick
        if record.snapshot is not None:
            holds |= HAS_SNAPSHOT
            more.append(self._snapshot(record.snapshot))
            self._snapshot_at = tick
        for owner, values in stores.items():
            more += store_rows(owner, values)
        if tick % BLOCK == BLOCK - 1:
            more += self._block(tick // BLOCK)
        snapshot = tick - self._snapshot_at if self._snapshot_at >= 0 else -1
        measure = tick - self._measured_at if self._measured_at >= 0 else -1
        checksum = seal_tick(tick, holds, since, snapshot, measure, record.state_hash, body, frame)
        return [(_TICK, (tick, record.state_hash, checksum, holds, since, snapshot, measure, body, frame)), *more]

    def _json(self, data: object) -> bytes:
        return self._fast(json.dumps(data, separators=(",", ":")).encode())

    def _snapshot(self, snapshot: Snapshot) -> Statement:
        base, packed = self._snapshots.pack(snapshot)
        block = self._tight(packed)
        return _SNAPSHOT, (snapshot.tick, base, seal_snapshot(snapshot.tick, base, block), block)

    def _block(self, block: int) -> list[Statement]:
        """Return the rows of a block that is full now, and begin the next."""
        data = self._fast(self.index.pack_tally())
        rows: list[Statement] = [(_TALLY, (block, seal(sealed_numbers(block), data), data))]
        for chunk, packed in self.index.pack_mentions():
            data, number = self._fast(packed), block * CHUNKS + chunk
            rows.append((_MENTION, (number, seal(sealed_numbers(number), data), data)))
        self.index.clear()
        return rows


def store_rows(owner: str, values: Mapping[str, bytes]) -> list[Statement]:
    """Return the statements that write an owner's rows."""
    return [(_STORE, (owner, key, seal_store(owner, key, value), value)) for key, value in values.items()]


def _sizes(record: TickRecord) -> tuple[int, int, int]:
    return record.asked.size, record.decisions.size, record.events.size


def seal_tick(
    tick: int, holds: int, key: int, snapshot: int, measure: int, state_hash: bytes, body: bytes, frame: bytes
) -> bytes:
    """Return the checksum of a row of `tick`."""
    numbers = sealed_numbers(tick, holds, key, snapshot, measure, len(state_hash), len(body))
    return seal(numbers, state_hash, body, frame)


def seal_snapshot(tick: int, base: int | None, block: bytes) -> bytes:
    """Return the checksum of a row of `snapshot`."""
    return seal(sealed_numbers(tick, -1 if base is None else base), block)


def seal_store(owner: str, key: str, value: bytes) -> bytes:
    """Return the checksum of a row of `store`."""
    return seal(f"{len(owner)} {owner} {len(key)} {key}\0".encode(), value)
