"""Flow fields: from every navigation cell, how far it is to a place and the point to head for on the way there.

A field is Dijkstra's (1959), spread from the place outwards in integer millimetres, with straight ways over many cells
as in Lazy Theta* (Nash, Koenig and Tovey 2010): a cell heads for the furthest point on its way that it can see, keeping
clear of walls, so people go straight for a door and close around its corner. Fields are functions of the map alone;
they are made when a place is first asked for, and shared by all who go there.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

import numpy as np

from engine.errors import SpaceError
from engine.kernels import kernel, lean
from engine.spaces.plane.navigation import (
    CLEAR,
    EAST_OF,
    NORTH_OF,
    Navigation,
    disc_around,
    middle_of,
    navigation_cell,
    neighbour,
    sees,
)
from engine.spaces.plane.walls import Walls
from engine.values import Bools, Float32s, Int32s, Int64s

FAR = 1 << 30
"""The distance in millimetres where there is no way."""

SIGHT = 16.0
"""How far ahead the point is at most that people head for, in metres."""


class Fields(NamedTuple):
    """The fields of places: `row` int32[places] is a place's row in the others, -1 where it was not asked for yet.

    way int32[rows,cells]: millimetres to the place; aim int32[rows,cells]: the cell to head for, its own there.
    """

    row: Int32s
    way: Int32s
    aim: Int32s


@lean
def _apart(grid: Navigation, one: int, two: int) -> tuple[int, int]:
    """Return the way from a cell's middle to another's in cells, the shorter way around a torus."""
    row, near = one // grid.columns, two // grid.columns
    across, up = (two - near * grid.columns) - (one - row * grid.columns), near - row
    if grid.torus:
        if 2 * abs(across) > grid.columns:
            across -= grid.columns if across > 0 else -grid.columns
        if 2 * abs(up) > grid.rows:
            up -= grid.rows if up > 0 else -grid.rows
    return across, up


@lean
def _length(grid: Navigation, one: int, two: int) -> int:
    """Return how far it is from a cell's middle to another's, in whole millimetres."""
    across, up = _apart(grid, one, two)
    return int(sqrt(np.float64(across * across + up * up)) * np.float64(grid.pitch_mm) + 0.5)


@lean
def _push(heap: Int64s, size: int, way: int, cell: int) -> int:
    """Add a cell to a binary heap, the least way and then the least cell first; return its new size."""
    entry, at = (np.int64(way) << 32) | np.int64(cell), size
    while at > 0:
        above = (at - 1) >> 1
        if heap[above] <= entry:
            break
        heap[at] = heap[above]
        at = above
    heap[at] = entry
    return size + 1


@lean
def _pop(heap: Int64s, size: int) -> int:
    """Take the least out of a binary heap of `size` entries, which lies in heap[0], and close the gap."""
    entry, at = heap[size - 1], 0
    while True:
        below = 2 * at + 1
        if below >= size - 1:
            break
        if below + 1 < size - 1 and heap[below + 1] < heap[below]:
            below += 1
        if heap[below] >= entry:
            break
        heap[at] = heap[below]
        at = below
    heap[at] = entry
    return size - 1


@kernel
def _spread(grid: Navigation, walls: Walls, ends: Int32s, sight: int, way: Int32s, aim: Int32s) -> None:
    """Fill a field from the cells of its place; `sight` is how far ahead one heads, in millimetres.

    A cell first counts on seeing what its neighbour heads for. When its turn comes and it does not, it is put back with
    the way by the best of its settled neighbours.
    """
    heap = np.empty(16 * way.size + ends.size + 1, np.int64)
    done, sure = np.zeros(way.size, np.bool_), np.zeros(way.size, np.bool_)
    way[:] = FAR
    aim[:] = -1
    size = 0
    for cell in ends:
        way[cell], aim[cell], sure[cell] = 0, cell, True
        size = _push(heap, size, 0, cell)
    while size:
        cell, key = int(heap[0] & 0xFFFFFFFF), int(heap[0] >> 32)
        size = _pop(heap, size)
        if done[cell] or key != way[cell]:
            continue
        if not sure[cell] and not _sees_aim(grid, walls, cell, aim[cell]):
            _go_by_neighbour(grid, cell, done, way, aim)
            sure[cell] = True
            size = _push(heap, size, way[cell], cell)
            continue
        done[cell] = True
        for k in range(8):
            near = neighbour(grid, cell, k)
            if near < 0 or done[near] or not (grid.spread[cell] >> k) & 1:
                continue
            by = aim[cell] if grid.open[near] else cell
            length = _length(grid, near, by)
            if length > sight:
                by, length = cell, _length(grid, near, cell)
            if way[by] + length < way[near]:
                way[near], aim[near], sure[near] = way[by] + length, by, by == cell
                size = _push(heap, size, way[near], near)


@lean
def _sees_aim(grid: Navigation, walls: Walls, cell: int, aim: int) -> bool:
    """Whether the straight way from a cell to the one that it heads for keeps clear of walls."""
    x, y = middle_of(grid, cell)
    across, up = _apart(grid, cell, aim)
    return sees(grid, walls, x, y, np.float32(across) * grid.pitch, np.float32(up) * grid.pitch, np.float32(CLEAR))


@lean
def _go_by_neighbour(grid: Navigation, cell: int, done: Bools, way: Int32s, aim: Int32s) -> None:
    """Let a cell go by the best of its settled neighbours."""
    way[cell] = FAR
    for k in range(8):
        near = neighbour(grid, cell, k)
        if near < 0 or not done[near] or not (grid.spread[near] >> ((k + 4) & 7)) & 1:
            continue
        length = _length(grid, cell, near)
        if way[near] + length < way[cell]:
            way[cell], aim[cell] = way[near] + length, near


@lean
def stand_in(grid: Navigation, walls: Walls, fields: Fields, field: int, x: np.float32, y: np.float32) -> int:
    """Return the navigation cell by which somebody at (x, y) finds the way: mostly the one they stand in.

    Where a wall lies between them and its middle it is the cell around, in sight, by which the way is shortest.
    """
    cell = navigation_cell(grid, x, y)
    if not grid.walled[cell]:
        return cell
    to_x, to_y = middle_of(grid, cell)
    if fields.way[field, cell] < FAR and sees(grid, walls, x, y, to_x - x, to_y - y, np.float32(1e-3)):
        return cell
    best, least = -1, np.float32(FAR)
    for k in range(8):
        near = neighbour(grid, cell, k)
        if near < 0 or fields.way[field, near] >= FAR:
            continue
        to_x, to_y = middle_of(grid, cell)
        to_x += np.float32(EAST_OF[k]) * grid.pitch - x
        to_y += np.float32(NORTH_OF[k]) * grid.pitch - y
        length = np.float32(sqrt(to_x * to_x + to_y * to_y)) * np.float32(1000) + np.float32(fields.way[field, near])
        if length < least and sees(grid, walls, x, y, to_x, to_y, np.float32(1e-3)):
            best, least = near, length
    return best if best >= 0 else cell


@lean
def ways_from(
    grid: Navigation, walls: Walls, fields: Fields, places: Int32s, x: Float32s, y: Float32s, out: Int32s
) -> None:
    """Fill out with the way from (x[i], y[i]) to places[i] in millimetres, FAR where there is none."""
    for i in range(places.size):
        field = fields.row[places[i]]
        out[i] = fields.way[field, stand_in(grid, walls, fields, field, x[i], y[i])]


class FlowFields:
    """The fields of places on one map. A place is a cell and a radius in cells: its ends are what is open around it."""

    def __init__(self, grid: Navigation, walls: Walls, names: Sequence[str], cells: Int32s, radius: Int32s) -> None:
        """Find the ends of the places. Raises SpaceError for a place that stands in a wall."""
        self.grid, self.walls = grid, walls
        self._names, self._cells = tuple(names), cells
        self.ends = [disc_around(grid, int(cell), int(reach)) for cell, reach in zip(cells, radius, strict=True)]
        for name, cell, ends in zip(names, cells, self.ends, strict=True):
            if not ends.size:
                raise SpaceError(f"place {name} at {self._where(int(cell))} stands in a wall; move it clear of it")
        shortest = min(grid.columns, grid.rows) // 2 - 1 if grid.torus else grid.columns + grid.rows
        self._sight = min(round(SIGHT * 1000), max(1, shortest) * grid.pitch_mm)
        self._count = 0
        self._kept = Fields(np.full(len(self._names), -1, np.int32), *np.zeros((2, 0, grid.open.size), np.int32))

    def of(self, places: Int32s) -> Fields:
        """Return the fields, with those of these places among them."""
        for place in np.unique(places):
            if self._kept.row[place] < 0:
                self._make(int(place))
        return self._kept

    def _make(self, place: int) -> None:
        """Make a field in the next free row; twice as many rows when none is free."""
        row, way, aim = self._kept
        if self._count == way.shape[0]:
            room = np.empty((max(1, self._count), way.shape[1]), np.int32)
            way, aim = np.concatenate([way, room]), np.concatenate([aim, room])
            self._kept = Fields(row, way, aim)
        _spread(self.grid, self.walls, self.ends[place], self._sight, way[self._count], aim[self._count])
        row[place] = self._count
        self._count += 1

    def check_ways(self) -> None:
        """Raise SpaceError for the first place from which there is no way to the first of all."""
        if not self._names:
            return
        way = self.of(np.zeros(1, np.int32)).way[self._kept.row[0]]
        for name, cell in zip(self._names, self._cells, strict=True):
            if way[cell] >= FAR:
                raise SpaceError(
                    f"place {name} at {self._where(int(cell))} cannot be reached from {self._names[0]}; "
                    f"give its building a door, {2 * CLEAR + float(self.grid.pitch):.2f} m or wider"
                )

    def _where(self, cell: int) -> list[float]:
        return [round(float(at), 2) for at in middle_of(self.grid, cell)]
