"""The sheet on which a town is drawn: points, sides and shapes in whole centimetres, kinds of land in society cells.

Everything is integer arithmetic, so the same seed gives the same bits on every CPU.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.rng import Rng, purpose
from engine.society.land import KINDS
from engine.spaces.hex.landscape_sheet import TURN, UNIT, towards, wave
from engine.values import Bools, Bytes

Spot = tuple[int, int]
"""A point: centimetres to the east and to the north of the south-west corner."""

MEADOW, FOREST, WATER, ROCK, FIELD, PATH = range(len(KINDS))

METRE = 100
_DRAWN_AT_ONCE = 512


class Dice:
    """A row of random whole numbers for one purpose."""

    def __init__(self, rng: Rng, name: str) -> None:
        self._rng, self._stream, self._drawn = rng, purpose("town." + name), 0
        self._words: list[int] = []

    def below(self, bound: int) -> int:
        """Return a number of 0..bound-1."""
        at = self._drawn % _DRAWN_AT_ONCE
        if at == 0:
            numbers = np.arange(self._drawn, self._drawn + _DRAWN_AT_ONCE, dtype=np.int32)
            self._words = self._rng.words(self._stream, numbers, 0)[:, 0].tolist()
        self._drawn += 1
        return self._words[at] * bound >> 32

    def between(self, least: int, most: int) -> int:
        """Return a number of least..most."""
        return least + self.below(most - least + 1)

    def chance(self, percent: int) -> bool:
        """Return True in so many of a hundred cases."""
        return self.below(100) < percent


def distance(one: Spot, two: Spot) -> int:
    """Return how far two points are apart, in whole centimetres."""
    return math.isqrt((one[0] - two[0]) ** 2 + (one[1] - two[1]) ** 2)


@dataclass(frozen=True)
class Side:
    """A side of a block, which lies to its left, along a street.

    street is the street's number, bank which bank of it this is (0 or 1): house numbers are odd on one and even on
    the other.
    """

    start: Spot
    end: Spot
    street: int = -1
    bank: int = 0

    @cached_property
    def length(self) -> int:
        """Its length in whole centimetres."""
        return distance(self.start, self.end)

    @cached_property
    def heading(self) -> int:
        """Where one looks from the block across the side, in degrees: 0 east, 90 north."""
        return towards(self.end[1] - self.start[1], self.start[0] - self.end[0])

    def at(self, along: int, inward: int) -> Spot:
        """Return the point so many centimetres along the side and then into the block."""
        (x, y), (end_x, end_y), length = self.start, self.end, self.length
        east, north = end_x - x, end_y - y
        return (
            x + (east * along - north * inward + length // 2) // length,
            y + (north * along + east * inward + length // 2) // length,
        )

    def locate(self, spot: Spot) -> Spot:
        """Return how far along the side and into the block a point lies, in whole centimetres."""
        (x, y), (end_x, end_y), length = self.start, self.end, self.length
        east, north, to_x, to_y = end_x - x, end_y - y, spot[0] - x, spot[1] - y
        return (to_x * east + to_y * north) // length, (to_y * east - to_x * north) // length

    def box(self, first: int, last: int, near: int, far: int) -> tuple[Spot, ...]:
        """Return the four corners of a rectangle, counter-clockwise: `first`..`last` along, `near`..`far` inward."""
        return self.at(first, near), self.at(last, near), self.at(last, far), self.at(first, far)


def left_of(start: Spot, end: Spot, spot: Spot) -> int:
    """Return how far to the left of a line a point lies, times the line's length."""
    return (end[0] - start[0]) * (spot[1] - start[1]) - (end[1] - start[1]) * (spot[0] - start[0])


def holds(shape: Sequence[Spot], spot: Spot, margin: int = 0) -> bool:
    """Whether a convex shape, counter-clockwise, holds a point at least `margin` centimetres inside it."""
    start = shape[-1]
    for end in shape:
        if left_of(start, end, spot) < (margin * distance(start, end) if margin else 0):
            return False
        start = end
    return True


def bounds(shape: Sequence[Spot]) -> tuple[int, int, int, int]:
    """Return the west, south, east and north of a shape."""
    x, y = [x for x, _ in shape], [y for _, y in shape]
    return min(x), min(y), max(x), max(y)


def meet(one: tuple[int, int, int, int], two: tuple[int, int, int, int]) -> bool:
    """Whether two shapes with these bounds may have a point in common."""
    return one[0] <= two[2] and two[0] <= one[2] and one[1] <= two[3] and two[1] <= one[3]


def overlap(one: Sequence[Spot], two: Sequence[Spot]) -> bool:
    """Whether two convex shapes, counter-clockwise, have a point in common (no side of either parts them)."""
    return not (_parted(one, two) or _parted(two, one))


def _parted(one: Sequence[Spot], two: Sequence[Spot]) -> bool:
    start = one[-1]
    for end in one:
        if all(left_of(start, end, spot) < 0 for spot in two):
            return True
        start = end
    return False


def around(middle: Spot, across: int, up: int, corners: int, dice: Dice, rough: int) -> tuple[Spot, ...]:
    """Return a round shape, counter-clockwise: an ellipse whose radii vary by up to `rough` percent."""
    found = []
    for k in range(corners):
        turn, share = TURN * k // corners, 100 - dice.below(rough + 1)
        x, y = across * wave(turn + TURN // 4) * share, up * wave(turn) * share
        found.append((middle[0] + x // (UNIT * 100), middle[1] + y // (UNIT * 100)))
    return tuple(found)


class Sheet:
    """The land in society cells: kind uint8[rows,columns]; `cell` is the cells' width in centimetres."""

    def __init__(self, width: int, height: int, cell: int) -> None:
        """Lay a meadow of width x height centimetres, whole numbers of cells."""
        self.width, self.height, self.cell = width, height, cell
        self.kind: Bytes = np.full((height // cell, width // cell), MEADOW, np.uint8)

    def nearest_middle(self, spot: Spot) -> Spot:
        """Return the middle of the cell in which a point lies: places stand in the middles of cells."""
        x, y = (
            min(max(at // self.cell, 0), side // self.cell - 1) * self.cell + self.cell // 2
            for at, side in zip(spot, (self.width, self.height), strict=True)
        )
        return x, y

    def kind_at(self, spot: Spot) -> int:
        """Return the kind of the cell in which a point lies."""
        return int(self.kind[spot[1] // self.cell, spot[0] // self.cell])

    def whole_radius(self, radius: int) -> int:
        """Return the largest whole number of cells that a radius holds, in centimetres; one cell at least."""
        return max(1, radius // self.cell) * self.cell

    def paint(self, shape: Sequence[Spot], kind: int, over: int = -1) -> None:
        """Give all cells whose middles a shape holds a kind, or only those that are of the kind `over`."""
        rows, columns, inside = self._inside(shape)
        part = self.kind[rows, columns]
        part[inside & (part == over) if over >= 0 else inside] = kind

    def _inside(self, shape: Sequence[Spot]) -> tuple[slice, slice, Bools]:
        """Return the rows and columns around a shape, and which of their cells' middles lie in it (even-odd rule)."""
        cell, (rows, columns) = self.cell, self.kind.shape
        west, south, east, north = bounds(shape)
        across = slice(max(west // cell, 0), min(east // cell + 1, columns))
        up = slice(max(south // cell, 0), min(north // cell + 1, rows))
        x, y = (np.arange(part.start, part.stop, dtype=np.int64) * cell + cell // 2 for part in (across, up))
        inside = np.zeros((y.size, x.size), np.bool_)
        before = shape[-1]
        for spot in shape:
            (low_x, low_y), (high_x, high_y) = (before, spot) if before[1] <= spot[1] else (spot, before)
            if low_y < high_y:
                right = (high_x - low_x) * (y - low_y)[:, None] > (high_y - low_y) * (x - low_x)
                inside ^= right & ((low_y <= y) & (y < high_y))[:, None]
            before = spot
        return up, across, inside
