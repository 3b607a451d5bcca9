"""The ground plan of a town in world units: the sides of its buildings, the gaps of doors, and who is inside what.

All of it is arrays over sides or buildings, so that a town of sixteen thousand buildings opens in a moment.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.viewport.ground import Ints
from app.viewport.plane_ground import METRES, PlaneGround
from engine.remote.wire import Columns

Doubles = NDArray[np.float64]

STOREY = 3.1 / METRES
"""The height of a storey in world units."""
BESIDE = 0.5 / METRES
"""How far from its door the inside of a building is looked for."""
AT_ONCE = 65_536
"""Points that are looked up at once: more would take much memory."""
JOINED, COUNTER = 0.01, 4.0 / METRES
"""How near ends of walls lie that are joined; how long the sides of a counter are at most."""
GRID = 8.0 / METRES
"""The side of a cell of the grid in which buildings are looked up."""


def spread(first: Ints, count: Ints) -> tuple[Ints, Ints]:
    """Return for ranges that begin at `first` and are `count` long: which range, and the number in it, one after all.

    >>> spread(np.array([5, 9]), np.array([2, 1]))
    (array([0, 0, 1]), array([5, 6, 9]))
    """
    which = np.repeat(np.arange(len(first)), count)
    begin = np.cumsum(count) - count
    return which, np.arange(len(which)) - begin[which] + first[which]


class FloorPlan:
    """Buildings and free-standing walls; a land that tells of none has none.

    first, second float64[k,2]: both ends of each side, counter-clockwise round its building; owner int64[k]: whose it
    is; after int64[k]: the side that follows; start int64[b+1]: the sides of building i are start[i] to start[i+1];
    storeys int64[b]; height float64[b]: of the walls, 0 for halls without a roof; doors float64[d,2,2]: both ends of
    each; gaps: doors as (side, from, to) along that side; walls float64[s,4].
    """

    def __init__(self, ground: PlaneGround, land: Columns) -> None:
        corner, doors, walls = (
            ground.world(np.asarray(land.get(name, ()), np.float64).reshape(-1, 2))
            for name in ("building.corner", "door", "wall")
        )
        self.start: Ints = np.asarray(land.get("building.start", (0,)), np.int64)
        self.storeys: Ints = np.asarray(land.get("building.storeys", ()), np.int64)
        self.count = len(self.storeys)
        self.sides: Ints = np.diff(self.start)
        self.owner: Ints = np.repeat(np.arange(self.count), self.sides)
        self.after = np.arange(len(self.owner)) + 1
        self.after[self.start[1:] - 1] = self.start[:-1]
        self.height: Doubles = self.storeys.astype(np.float64) * STOREY
        self.first = corner[self._counter_clockwise(corner)]
        self.second = self.first[self.after]
        along = self.second - self.first
        self.length: Doubles = np.maximum(np.hypot(*along.T), 1e-9)
        self.along: Doubles = along / self.length[:, None]
        self.outward: Doubles = np.stack([self.along[:, 1], -self.along[:, 0]], 1)
        self.low, self.high = self._box(np.minimum, np.inf), self._box(np.maximum, -np.inf)
        self.middle: Doubles = (self.low + self.high) / 2
        self.walls: Doubles = walls.reshape(-1, 4)
        self.doors: Doubles = doors.reshape(-1, 2, 2)
        self.gaps = self._gaps(self.doors)

    def _counter_clockwise(self, corner: Doubles) -> Ints:
        """Return the order of corners that runs round every building counter-clockwise."""
        order = np.arange(len(corner))
        following = corner[self.after]
        turn = corner[:, 0] * following[:, 1] - corner[:, 1] * following[:, 0]
        area = np.bincount(self.owner, turn, self.count)
        flip = area[self.owner] < 0
        order[flip] = (self.start[:-1] + self.start[1:] - 1)[self.owner[flip]] - order[flip]
        return order

    def _box(self, pick: np.ufunc, start: float) -> Doubles:
        box: Doubles = np.full((self.count, 2), start)
        pick.at(box, self.owner, self.first)
        return box

    @cached_property
    def _grid(self) -> tuple[Doubles, Ints, Ints, Ints]:
        """A coarse grid: its origin and shape, and by cell the buildings whose box touches it."""
        origin = self.low.min(0)
        shape = ((self.high.max(0) - origin) // GRID).astype(np.int64) + 1
        low, high = ((edge - origin) // GRID for edge in (self.low, self.high))
        spans = (high - low).astype(np.int64) + 1
        building, number = spread(np.zeros(self.count, np.int64), spans.prod(1))
        column = low[building, 0].astype(np.int64) + number % spans[building, 0]
        row = low[building, 1].astype(np.int64) + number // spans[building, 0]
        cell = row * shape[0] + column
        order = np.argsort(cell, kind="stable")
        first = np.searchsorted(cell[order], np.arange(shape.prod() + 1))
        return origin, shape, first, building[order]

    def at(self, xy: NDArray[Any]) -> Ints:
        """Return in which building points float[n,2] lie, int64[n], -1 for the open air."""
        found = np.full(len(xy), -1, np.int64)
        for first in range(0, len(xy) if self.count else 0, AT_ONCE):
            self._find(np.asarray(xy[first : first + AT_ONCE], np.float64), found[first : first + AT_ONCE])
        return found

    def _find(self, xy: Doubles, found: Ints) -> None:
        """Write into `found` in which building points lie, if any (even-odd rule, O'Rourke 1998, 7.4)."""
        origin, shape, first, member = self._grid
        where = ((xy - origin) // GRID).astype(np.int64)
        there = np.flatnonzero(((where >= 0) & (where < shape)).all(1))
        cell = where[there, 1] * shape[0] + where[there, 0]
        at, slot = spread(first[cell], first[cell + 1] - first[cell])
        point, building = there[at], member[slot]
        pair, side = spread(self.start[building], self.sides[building])
        x, y = xy[point[pair]].T
        (ax, ay), (bx, by) = self.first[side].T, self.second[side].T
        rise = np.where(by == ay, 1.0, by - ay)
        crossed = ((ay > y) != (by > y)) & (x < (bx - ax) * (y - ay) / rise + ax)
        inside = np.bincount(pair[crossed], minlength=len(point)) % 2 == 1
        found[point[inside]] = building[inside]

    def _gaps(self, ends: Doubles) -> tuple[Ints, Doubles, Doubles]:
        """Return doors as gaps of sides: side int64[g], and from where to where along it."""
        nothing = np.zeros(0)
        if not len(ends) or not self.count:
            return np.zeros(0, np.int64), nothing, nothing
        middle, way = ends.mean(1), ends[:, 1] - ends[:, 0]
        aside = np.stack([way[:, 1], -way[:, 0]], 1) / np.maximum(np.hypot(*way.T), 1e-9)[:, None] * BESIDE
        door = np.tile(np.arange(len(ends)), 2)
        building = self.at(np.concatenate([middle + aside, middle - aside]))
        door, building = door[building >= 0], building[building >= 0]
        pair, side = spread(self.start[building], self.sides[building])
        off = np.abs(((middle[door[pair]] - self.first[side]) * self.outward[side]).sum(1))
        along = ((ends[door[pair]] - self.first[side][:, None]) * self.along[side][:, None]).sum(2)
        low, high = along.min(1), along.max(1)
        off += np.maximum(-low, 0) + np.maximum(high - self.length[side], 0)
        off += np.where(high - low < 0.5 * np.hypot(*way.T)[door[pair]], np.inf, 0)  # a side across the door
        order = np.lexsort((off, pair))
        best = order[np.unique(pair[order], return_index=True)[1]]
        best = best[off[best] < BESIDE]
        return side[best], np.maximum(low[best], 0), np.minimum(high[best], self.length[side[best]])

    @cached_property
    def pieces(self) -> tuple[Ints, Doubles, Doubles]:
        """What is left of the sides between doors: side int64[p], and from where to where along it."""
        side, low, high = self.gaps
        number, zero = np.arange(len(self.owner)), np.zeros(len(self.owner))
        from_side, from_at = np.concatenate([number, side]), np.concatenate([zero, high])
        to_side, to_at = np.concatenate([number, side]), np.concatenate([self.length, low])
        begin, end = np.lexsort((from_at, from_side)), np.lexsort((to_at, to_side))
        kept = to_at[end] - from_at[begin] > 1e-6
        return from_side[begin][kept], from_at[begin][kept], to_at[end][kept]

    @cached_property
    def counters(self) -> Ints:
        """Walls that are the three sides of a stall's counter, the front in the middle: their numbers, int64[n,3]."""
        start, end = self.walls[:, :2], self.walls[:, 2:]
        if not len(start):
            return np.zeros((0, 3), np.int64)
        joined = np.hypot(*(end[:-1] - start[1:]).T) < JOINED
        chain = np.append(0, np.cumsum(~joined))
        size, first = np.bincount(chain), np.unique(chain, return_index=True)[1]
        found = first[size == 3][:, None] + np.arange(3)
        short = (np.hypot(*(end - start).T)[found] < COUNTER).all(1)
        is_open = np.hypot(*(start[found[:, 0]] - end[found[:, 2]]).T) > JOINED
        counters: Ints = found[short & is_open]
        return counters

    def on_side(self, side: Ints, at: Doubles) -> Doubles:
        """Return the points so far along sides, float64[n,2]."""
        points: Doubles = self.first[side] + self.along[side] * at[:, None]
        return points
