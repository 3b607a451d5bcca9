"""The plane under a landscape in fixed point: where cells lie, who borders whom, smooth noise, angles and roots.

Everything is integer arithmetic, so the same seed gives the same bits on every CPU. Lengths are in 1/1024 of a cell's
circumradius (`UNIT`); noise is in 1/1024 of its standard deviation. Pointy-top hexagons, odd rows shifted right by
half a cell, rows growing to the north: x = sqrt(3) (column + (row & 1) / 2), y = 1.5 row.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from engine.kernels import inlined, kernel
from engine.rng import Rng, purpose
from engine.spaces.hex.grid import make_grid, neighbour_table
from engine.values import Int32s, Int64s

UNIT = 1024
"""Fixed-point one: a cell's circumradius, and one standard deviation of noise."""

HALF_CELL = 887
"""Half the width of a cell, sqrt(3)/2 in 1/1024."""

ROW = 1536
"""The distance between rows, 1.5 in 1/1024."""

FAR = 1 << 40
"""A distance beyond every map."""

Whole = TypeVar("Whole", int, Int64s)

TURN = 65536
"""A full turn of `wave`."""


@dataclass(frozen=True)
class Sheet:
    """A hex grid laid on the plane.

    x, y int64[cells]: centres in 1/1024 of a circumradius; neighbours int32[cells,6]: E, NE, NW, W, SW, SE, or -1;
    span_x, span_y: the extent, which on a torus is the period; room: half the smaller extent.
    """

    width: int
    height: int
    torus: bool
    x: Int64s
    y: Int64s
    neighbours: Int32s

    @property
    def span_x(self) -> int:
        """The extent from west to east in 1/1024."""
        return 2 * HALF_CELL * self.width

    @property
    def span_y(self) -> int:
        """The extent from south to north in 1/1024."""
        return ROW * self.height

    @property
    def room(self) -> int:
        """Half the smaller extent in 1/1024."""
        return min(self.span_x, self.span_y) // 2

    @property
    def size(self) -> int:
        """The number of cells."""
        return self.width * self.height

    def east(self, difference: Int64s) -> Int64s:
        """Return differences of x, the shorter way round on a torus."""
        half = self.span_x // 2
        return (difference + half) % self.span_x - half if self.torus else difference

    def north(self, difference: Int64s) -> Int64s:
        """Return differences of y, the shorter way round on a torus."""
        half = self.span_y // 2
        return (difference + half) % self.span_y - half if self.torus else difference

    def step(self, start: tuple[int, int], end: tuple[int, int]) -> tuple[int, int]:
        """Return the vector from one point to another, the shorter way round on a torus."""
        dx, dy = end[0] - start[0], end[1] - start[1]
        if self.torus:
            dx = (dx + self.span_x // 2) % self.span_x - self.span_x // 2
            dy = (dy + self.span_y // 2) % self.span_y - self.span_y // 2
        return dx, dy

    def holds(self, x: int, y: int, margin: int) -> bool:
        """Return whether a point lies on the sheet, `margin` away from a border (always on a torus)."""
        return self.torus or (margin <= x < self.span_x - margin and margin <= y < self.span_y - margin)

    def cell_at(self, x: int, y: int) -> int:
        """Return the cell whose centre is nearest to a point; beyond a border, the nearest within it."""
        best, found = -1, 0
        row = y // ROW
        for r in (row - 1, row, row + 1, row + 2):
            r = r % self.height if self.torus else min(max(r, 0), self.height - 1)
            column = (x - HALF_CELL * (r & 1)) // (2 * HALF_CELL)
            for c in (column, column + 1):
                c = c % self.width if self.torus else min(max(c, 0), self.width - 1)
                cell = r * self.width + c
                dx, dy = self.step((x, y), self.point(cell))
                if best < 0 or dx * dx + dy * dy < best:
                    best, found = dx * dx + dy * dy, cell
        return found

    def cells_near(self, points: Int64s) -> Int64s:
        """Return a cell at most one away from the nearest to each point of int64[n,2] on the sheet, int64[n]."""
        row = (points[:, 1] + ROW // 2) // ROW
        column = (points[:, 0] - HALF_CELL * (row & 1) + HALF_CELL) // (2 * HALF_CELL)
        if self.torus:
            row, column = row % self.height, column % self.width
        cells: Int64s = np.clip(row, 0, self.height - 1) * self.width + np.clip(column, 0, self.width - 1)
        return cells

    def point(self, cell: int) -> tuple[int, int]:
        """Return the centre of a cell."""
        return int(self.x[cell]), int(self.y[cell])

    def distance(self, x: int, y: int) -> Int64s:
        """Return the distance of every cell from a point, int64[cells]."""
        return distances(self.x, self.y, x, y, *self.periods)

    def distance_of(self, cells: Int64s, x: int, y: int) -> Int64s:
        """Return the distance of some cells from a point, int64[cells]."""
        return distances(self.x[cells], self.y[cells], x, y, *self.periods)

    @property
    def periods(self) -> tuple[int, int]:
        """The periods of x and y; FAR where the map has borders."""
        return (self.span_x, self.span_y) if self.torus else (FAR, FAR)


def lay_sheet(width: int, height: int, torus: bool) -> Sheet:
    """Return the sheet of a grid."""
    row, column = np.divmod(np.arange(width * height, dtype=np.int64), width)
    x = HALF_CELL * (2 * column + (row & 1))
    return Sheet(width, height, torus, x, ROW * row, neighbour_table(make_grid(width, height, torus)))


@inlined
def root(value: int) -> int:
    """Return the whole part of a square root; floating point only guesses, so the result is exact on every CPU."""
    guess = int(math.sqrt(value))
    while guess * guess > value:
        guess -= 1
    while (guess + 1) * (guess + 1) <= value:
        guess += 1
    return guess


@inlined
def shorter(difference: int, period: int) -> int:
    """Return a difference of coordinates the shorter way round."""
    return (difference + period // 2) % period - period // 2


@kernel
def distances(x: Int64s, y: Int64s, px: int, py: int, period_x: int, period_y: int) -> Int64s:
    """Return the distances of points int64[n] from one point."""
    out = np.empty(x.size, np.int64)
    for i in range(x.size):
        dx, dy = shorter(x[i] - px, period_x), shorter(y[i] - py, period_y)
        out[i] = root(dx * dx + dy * dy)
    return out


@kernel
def square_root(values: Int64s) -> Int64s:
    """Return the whole parts of the square roots of int64[n]."""
    out = np.empty(values.size, np.int64)
    for i in range(values.size):
        out[i] = root(values[i])
    return out


@kernel
def _blur(rows: Int64s, radius: int) -> Int64s:
    count, length = rows.shape
    out = np.empty_like(rows)
    for i in range(count):
        total = 0
        for k in range(-radius, radius + 1):
            total += rows[i, k % length]
        for j in range(length):
            out[i, j] = total // (2 * radius + 1)
            total += rows[i, (j + radius + 1) % length] - rows[i, (j - radius) % length]
    return out


def smooth_noise(sheet: Sheet, rng: Rng, name: str, radius: int, passes: int = 3) -> Int64s:
    """Return isotropic smooth noise, int64[cells], mean 0 and standard deviation 1024; it wraps round on every sheet.

    White noise, blurred `passes` times by a box of 2 radius + 1 cells each way, which comes near to a Gaussian blur of
    sqrt(passes radius (radius + 1) / 3) cells (central limit theorem).
    """
    cells = np.arange(sheet.size, dtype=np.int32)
    words = rng.words(purpose("landscape." + name), cells, 0)[:, 0]
    field = (words >> np.uint32(8)).astype(np.int64).reshape(sheet.height, sheet.width)
    for _ in range(passes):
        field = _blur(field, radius)
        field = np.ascontiguousarray(_blur(np.ascontiguousarray(field.T), radius).T)
    flat: Int64s = field.ravel()
    flat = flat - int(flat.sum()) // flat.size
    deviation = math.isqrt(int((flat * flat).sum()) // flat.size)
    return flat * UNIT // max(deviation, 1)


def wave(turn: Whole) -> Whole:
    """Return the sine of an angle in 1/65536 of a turn, in 1/1024; Bhaskara's rational approximation, 0.2 % off."""
    half = TURN // 2
    side, rest = turn % TURN // half, turn % half
    product = rest * (half - rest)
    return 16 * UNIT * product // (5 * half * half - 4 * product) * (1 - 2 * side)


_COSINE = np.array([wave(degree * TURN // 360 + TURN // 4) for degree in range(360)], np.int64)
_SINE = np.array([wave(degree * TURN // 360) for degree in range(360)], np.int64)


def towards(x: int, y: int) -> int:
    """Return the direction of a vector in whole degrees, 0 = east, 90 = north."""
    aside = np.abs(_COSINE * y - _SINE * x)
    return int(np.argmin(np.where(_COSINE * x + _SINE * y > 0, aside, FAR)))


class Dice:
    """A row of random whole numbers for one purpose."""

    def __init__(self, rng: Rng, name: str) -> None:
        self._rng, self._stream, self._drawn = rng, purpose("landscape." + name), 0

    def below(self, bound: int) -> int:
        """Return a number of 0..bound-1."""
        self._drawn += 1
        return int(self._rng.below(bound, self._stream, np.array([self._drawn], np.int32), 0)[0])

    def several(self, count: int, bound: int) -> Int64s:
        """Return numbers of 0..bound-1, int64[count]."""
        draws = np.arange(self._drawn + 1, self._drawn + 1 + count, dtype=np.int32)
        self._drawn += count
        return self._rng.below(bound, self._stream, draws, 0)

    def between(self, least: int, most: int) -> int:
        """Return a number of least..most."""
        return least + self.below(most - least + 1)
