"""How people's levels and places went over many ticks, from the frames; what was read once is kept, for all people."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.record.reader import RunReader
from engine.values import Int16s, Int32s

KEPT_BYTES = 32 * 2**20
IN_A_ROW = 1024
"""Ticks whose frames are read one after the other; of longer spans only whole frames are read."""
NEAR = 32
"""Missing ticks that are no further apart are read in one go."""
FRAMES_OF_PEOPLE = 3_000_000
"""Most rows of frames that are read for one question: in large societies fewer ticks."""


class Strip(NamedTuple):
    """What is kept of a frame: levels int16[names, people] of 0..1000, cell int32[people]."""

    levels: Int16s
    cell: Int32s


class Strips:
    """Reads frames; scales: name of a level -> (column of the frame, what a thousandth is in it)."""

    def __init__(self, scales: Mapping[str, tuple[str, int]]) -> None:
        self.scales = dict(scales)
        self._lock = threading.Lock()
        self._kept: OrderedDict[int, Strip] = OrderedDict()
        self._whole: dict[int, int] = {}
        self._bytes = 0

    def levels(
        self, reader: RunReader, agent: int, first: int, last: int, points: int
    ) -> tuple[list[int], dict[str, list[int | None]]]:
        """Return at most `points` ticks, evenly, and the levels by name, 0..1000, None before somebody came."""
        found = self._between(reader, first, last, points)
        levels: dict[str, list[int | None]] = {
            name: [int(strip.levels[k, agent]) if agent < strip.cell.size else None for _, strip in found]
            for k, name in enumerate(self.scales)
        }
        return [tick for tick, _ in found], levels

    def trail(self, reader: RunReader, agent: int, first: int, last: int, points: int) -> tuple[Int32s, Int32s]:
        """Return ticks and the cells where somebody stood, where they stood in any."""
        found = self._between(reader, first, last, points)
        way = [
            (tick, int(strip.cell[agent]))
            for tick, strip in found
            if agent < strip.cell.size and strip.cell[agent] >= 0
        ]
        both = np.array(way, np.int32).reshape(-1, 2)
        return np.ascontiguousarray(both[:, 0]), np.ascontiguousarray(both[:, 1])

    def _between(self, reader: RunReader, first: int, last: int, points: int) -> list[tuple[int, Strip]]:
        with self._lock:
            people = max(1, next(reversed(self._kept.values())).cell.size if self._kept else reader.people(last))
            row = min(IN_A_ROW, max(NEAR, FRAMES_OF_PEOPLE // people))
            ticks = grid(first, last, min(points, row))
            if last - first >= row:
                ticks = sorted({max(first, self._whole_before(reader, tick)) for tick in ticks[:-1]} | {last})
            return list(self._read(reader, ticks).items())

    def _whole_before(self, reader: RunReader, tick: int) -> int:
        if tick not in self._whole:
            self._whole[tick] = reader.whole_frame_before(tick)
        return self._whole[tick]

    def _read(self, reader: RunReader, ticks: list[int]) -> dict[int, Strip]:
        """Return the strips of some ticks, ascending, and keep them."""
        found = {tick: self._kept[tick] for tick in ticks if tick in self._kept}
        for run in _runs(tick for tick in ticks if tick not in found):
            wanted = set(run)
            frames = reader.frames(run[0], run[-1]) if len(run) > 1 else [(run[0], reader.frame(run[0]))]
            for tick, frame in frames:
                if tick in wanted:
                    found[tick] = self._keep(tick, frame)
        return {tick: found[tick] for tick in ticks}

    def _keep(self, tick: int, frame: Mapping[str, NDArray[np.generic]]) -> Strip:
        levels = [np.clip(frame[column] // unit, 0, 1000).astype(np.int16) for column, unit in self.scales.values()]
        cell = np.array(frame.get("space.cell", np.zeros(0, np.int32)), np.int32)
        strip = Strip(np.stack(levels) if levels else np.zeros((0, cell.size), np.int16), cell)
        self._kept[tick] = strip
        self._bytes += strip.levels.nbytes + cell.nbytes
        while self._bytes > KEPT_BYTES and len(self._kept) > 1:
            _, old = self._kept.popitem(last=False)
            self._bytes -= old.levels.nbytes + old.cell.nbytes
        return strip


def grid(first: int, last: int, points: int) -> list[int]:
    """Return at most `points` ticks of first..last: multiples of a power of two, and the last.

    So the ticks stay the same while the span slides on with a living society.
    """
    step = 1
    while step < last - first + 1 and (last // step - (first - 1) // step) + (last % step > 0) > points:
        step *= 2
    ticks = [tick for tick in range(-(-first // step) * step, last + 1, step) if tick != last]
    return [*ticks[: points - 1], last] if points > 1 else [last]


def _runs(ticks: Iterable[int]) -> list[list[int]]:
    """Return ascending ticks in groups that are worth reading in one go."""
    groups: list[list[int]] = []
    for tick in ticks:
        if groups and tick - groups[-1][-1] <= NEAR:
            groups[-1].append(tick)
        else:
            groups.append([tick])
    return groups
