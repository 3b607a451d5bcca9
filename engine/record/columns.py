"""Frames and snapshots: sets of columns as blocks, whole or as the difference to the set before."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import RunFileError
from engine.record.header import DTYPES, FrameColumn
from engine.record.packing import ROOM, pack_columns, put_column, take_column, unpack_columns
from engine.record.squeeze import LIMIT
from engine.values import Bytes, Int64s, Snapshot

SPLIT = 8
"""Rows of up to so many values are packed value by value: all first ones, all second ones, and so on."""


class Layout:
    """Where columns lie in one raw block (widest dtype first, so that each is aligned), and how they are packed."""

    def __init__(self, columns: Sequence[tuple[str, str, tuple[int, ...], int]]) -> None:
        """`columns` holds (name, dtype, shape with rows first, shift). Raises RunFileError when they are too large."""
        for name, dtype, shape, _ in columns:
            if dtype not in DTYPES or any(size < 0 for size in shape) or not 0 < len(shape) <= 4:
                raise RunFileError(f"column {name} is {dtype}{list(shape)}, which no run file holds")
        self.order = sorted(range(len(columns)), key=lambda c: (-np.dtype(columns[c][1]).itemsize, c))
        self.columns = tuple(columns[c] for c in self.order)
        parts: list[tuple[int, int, int, int, int]] = []
        start = 0
        for _, dtype, shape, shift in self.columns:
            width, rows = np.dtype(dtype).itemsize, shape[0]
            total = width * int(np.prod(shape, dtype=object))
            values = total // width // max(rows, 1)
            if start + total > LIMIT:
                raise RunFileError(f"the columns take more than {LIMIT} bytes")
            if values <= SPLIT:
                parts += [(start + k * width, values * width, rows, width, shift) for k in range(values)]
            else:
                parts.append((start, width, values * rows, width, shift))
            start += total
        self.size = start
        self.parts = np.array(parts, np.int64).reshape(-1, 5)
        self.longest = int(self.parts[:, 2].max(initial=0))
        self.room = int((ROOM + self.parts[:, 2] * (self.parts[:, 3] + 1)).sum())
        self._padding = bytes(-start % 8)
        self._names = [name for name, _, _, _ in self.columns]

    def raw(self, arrays: Mapping[str, NDArray[Any]]) -> Bytes:
        """Return the arrays as one raw block, uint8 (its size a multiple of 8)."""
        parts: list[Any] = [arrays[name] for name in self._names]
        parts.append(self._padding)
        try:
            block = b"".join(parts)
        except (BufferError, TypeError):  # strides
            block = b"".join([np.ascontiguousarray(part) for part in parts[:-1]] + parts[-1:])
        raw = np.frombuffer(block, np.uint8)
        if raw.size != self.size + len(self._padding):
            raise RunFileError("the columns have other sizes than they had when they were laid out")
        return raw

    def empty(self) -> Bytes:
        """Return a raw block of zeros, to unpack into."""
        return np.zeros(self.size + len(self._padding), np.uint8)

    def arrays(self, raw: Bytes) -> dict[str, NDArray[Any]]:
        """Return the columns of a raw block, copied, in the order in which they were given."""
        found: list[tuple[int, str, NDArray[Any]]] = []
        start = 0
        for place, (name, dtype, shape, _) in zip(self.order, self.columns, strict=True):
            end = start + np.dtype(dtype).itemsize * int(np.prod(shape))
            block = raw[start:end]
            array = block != 0 if dtype == "bool" else block.copy().view(dtype)
            found.append((place, name, array.reshape(shape)))
            start = end
        return {name: array for _, name, array in sorted(found, key=lambda item: item[0])}


class FramePacker:
    """Packs the frames of tick after tick: whole every `keyframe_every` and when a column's length changes."""

    def __init__(self, columns: Sequence[FrameColumn], keyframe_every: int) -> None:
        self._columns = columns
        self._names = [column.name for column in columns]
        self._every = keyframe_every
        self._rows: list[int] | None = None
        self._since = 0
        self._previous: Bytes = np.zeros(0, np.uint8)
        self.people = 0
        """How many people the last frame had."""

    def pack(self, frame: Mapping[str, NDArray[Any]]) -> tuple[int, Bytes]:
        """Return (ticks since the last whole frame, packed block, valid until the next call).

        Raises RunFileError when a column is missing or is not as the header says.
        """
        try:
            rows = [len(frame[name]) for name in self._names]
        except KeyError as error:
            raise RunFileError(f"the frame lacks column {error}; the header names it") from error
        fresh = rows != self._rows or self._since + 1 >= self._every
        if fresh:
            self._lay_out(frame, rows)
        raw = self._layout.raw(frame)
        self._since = 0 if fresh else self._since + 1
        at = 0
        if fresh:
            self._work[: len(rows)] = rows
            at = put_column(self._work, len(rows), self._out, 0)
        end = pack_columns(raw, raw if fresh else self._previous, self._layout.parts, fresh, self._work, self._out, at)
        self._previous = raw
        return self._since, self._out[:end]

    def _lay_out(self, frame: Mapping[str, NDArray[Any]], rows: list[int]) -> None:
        for column in self._columns:
            array = frame[column.name]
            if array.dtype != column.dtype or array.shape[1:] != column.shape:
                raise RunFileError(
                    f"frame column {column.name} is {array.dtype}{list(array.shape)}; "
                    f"the header says {column.dtype}[rows, {', '.join(map(str, column.shape))}]"
                )
        if rows != self._rows:
            self._rows = rows
            self.people = max((n for c, n in zip(self._columns, rows, strict=True) if c.per == "agent"), default=0)
            self._layout = frame_layout(self._columns, rows)
            self._work = np.zeros(max(self._layout.longest, len(rows), 1), np.int64)
            self._out = np.zeros(self._layout.room + ROOM + 9 * len(rows), np.uint8)


def frame_layout(columns: Sequence[FrameColumn], rows: Sequence[int]) -> Layout:
    """Return the layout of a frame whose columns have these numbers of rows."""
    return Layout([(c.name, c.dtype, (n, *c.shape), c.shift) for c, n in zip(columns, rows, strict=True)])


class FrameUnpacker:
    """Puts frames together from a whole one and the differences that follow it."""

    def __init__(self, columns: Sequence[FrameColumn]) -> None:
        self._columns = columns
        self._rows: list[int] | None = None

    def take(self, block: bytes, fresh: bool) -> None:
        """Take the next block. Raises RunFileError when it is not a frame's."""
        data = np.frombuffer(block, np.uint8)
        at = 0
        if fresh:
            counts: Int64s = np.zeros(len(self._columns), np.int64)
            at = take_column(data, 0, counts.size, counts)
            rows = [int(count) for count in counts]
            if at < 0 or any(count < 0 for count in rows):
                raise RunFileError("a frame does not say how many rows its columns have")
            if rows != self._rows:
                self._rows = rows
                self._layout = frame_layout(self._columns, rows)
                self._work = np.zeros(max(self._layout.longest, 1), np.int64)
                self._state = self._layout.empty()
        elif self._rows is None:
            raise RunFileError("a frame says how it differs from one that is not there")
        if unpack_columns(data, at, self._layout.parts, fresh, self._work, self._state) != data.size:
            raise RunFileError("a frame's block does not unpack")

    def frame(self) -> dict[str, NDArray[Any]]:
        """Return the columns as they are now, copied; values without the low bits that the header's shift drops."""
        return self._layout.arrays(self._state)


class SnapshotPacker:
    """Packs snapshot after snapshot: each as the difference to the one before, whole at the start of each chain."""

    def __init__(self, chain: int) -> None:
        self._chain = chain
        self._length = 0
        self._base: tuple[int, list[Any], Bytes] | None = None

    def pack(self, snapshot: Snapshot) -> tuple[int | None, bytes]:
        """Return (tick of the snapshot that this one differs from, or None; block)."""
        columns = [[name, str(array.dtype), list(array.shape)] for name, array in snapshot.columns.items()]
        layout = _snapshot_layout(columns)
        raw = layout.raw(snapshot.columns)
        base = self._base
        fresh = base is None or base[1] != columns or self._length >= self._chain
        self._length = 1 if fresh else self._length + 1
        self._base = (snapshot.tick, columns, raw)
        previous = raw if base is None or fresh else base[2]
        out = np.zeros(layout.room, np.uint8)
        end = pack_columns(raw, previous, layout.parts, fresh, np.zeros(max(layout.longest, 1), np.int64), out, 0)
        parts = {name: len(part) for name, part in snapshot.parts.items()}
        says = json.dumps([snapshot.count, columns, parts], separators=(",", ":")).encode()
        block = b"".join([len(says).to_bytes(4, "little"), says, *snapshot.parts.values(), out[:end].tobytes()])
        return (None if base is None or fresh else base[0]), block


def _snapshot_layout(columns: Sequence[Any]) -> Layout:
    return Layout([(str(name), str(dtype), tuple(int(size) for size in shape), 0) for name, dtype, shape in columns])


class SnapshotUnpacker:
    """Puts a snapshot together from a whole one and the differences that follow it."""

    def __init__(self) -> None:
        self._columns: list[Any] | None = None

    def take(self, block: bytes, fresh: bool) -> None:
        """Take the next block of a chain. Raises RunFileError when it is not a snapshot's."""
        end = 4 + int.from_bytes(block[:4], "little")
        says = json.loads(block[4:end])
        if not isinstance(says, list) or len(says) != 3 or type(says[0]) is not int:
            raise RunFileError("a snapshot does not say what it holds")
        self._count, columns, parts = says
        if fresh:
            self._layout = _snapshot_layout(columns)
            self._state = self._layout.empty()
            self._columns = columns
        elif columns != self._columns:
            raise RunFileError("a snapshot differs from one that has other columns")
        self._parts: dict[str, bytes] = {}
        for name, size in parts.items():
            if not 0 <= int(size) <= len(block) - end:
                raise RunFileError("a snapshot is shorter than it says")
            self._parts[str(name)] = block[end : end + size]
            end += size
        data = np.frombuffer(block, np.uint8, offset=end) if end < len(block) else np.zeros(0, np.uint8)
        work = np.zeros(max(self._layout.longest, 1), np.int64)
        if unpack_columns(data, 0, self._layout.parts, fresh, work, self._state) != data.size:
            raise RunFileError("a snapshot's block does not unpack")

    def snapshot(self, tick: int) -> Snapshot:
        """Return the snapshot as it is now."""
        return Snapshot(tick, self._count, self._layout.arrays(self._state), dict(self._parts))
