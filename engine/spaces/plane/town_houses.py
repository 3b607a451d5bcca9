"""The houses of a town: how they stand along the sides of a block, their forms, doors and rooms.

A house is one open room. Of those who live there it holds all at once: the smallest has a room of 48 square metres and
more, and a body with the space that it keeps clear takes half a square metre at most.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from engine.spaces.plane.town_sheet import METRE, Dice, Sheet, Side, Spot, bounds, distance, left_of, meet, overlap
from engine.spaces.plane.town_streets import Block
from engine.spaces.plane.town_yards import Gate

NARROW_GAP = 20
"""Between the houses of a row, in centimetres: nobody fits in between."""

PASSAGE = 2 * METRE
"""The least gap between houses where people go through."""

SETBACK, SMALLEST = 2 * METRE, 8 * METRE
"""How far houses keep from the street, and how wide and deep they are, at least."""

DOOR, BESIDE = 140, 150
"""How wide a house's door is, and how far its middle lies from a corner."""

OUT_OF_DOORS = 60
"""A place keeps so far inside of its door, in centimetres, that nobody is in it who stands outside."""


@dataclass(frozen=True)
class Gap:
    """A door: the side of the walls on which it is, its middle on that side and its width, in centimetres."""

    side: int
    at: int
    width: int


@dataclass(frozen=True)
class Plot:
    """The ground of a house: so far `along` a side of a block, so `near` to it, so wide and deep, in centimetres."""

    side: Side
    along: int
    near: int
    width: int
    depth: int

    def box(self, margin: int = 0) -> tuple[Spot, ...]:
        """Return its corners, counter-clockwise from the left of its front; `margin` centimetres wider all around."""
        last, far = self.along + self.width + margin, self.near + self.depth + margin
        return self.side.box(self.along - margin, last, self.near - margin, far)

    def part(self, first: int, last: int, near: int, far: int) -> tuple[Spot, ...]:
        """Return the corners of a part of it, counted from the left of its front."""
        return self.side.box(self.along + first, self.along + last, self.near + near, self.near + far)


@dataclass(frozen=True)
class House:
    """A building: its plot, its corners counter-clockwise from the left of its front, its convex parts and its doors;
    the place inside, `middle` and `radius` in centimetres.
    """

    plot: Plot
    corners: tuple[Spot, ...]
    parts: tuple[tuple[Spot, ...], ...]
    doors: tuple[Gap, ...]
    storeys: int
    middle: Spot
    radius: int
    district: int

    @cached_property
    def box(self) -> tuple[Spot, ...]:
        """The corners of its plot."""
        return self.plot.box()

    @cached_property
    def bounds(self) -> tuple[int, int, int, int]:
        """Its west, south, east and north."""
        return bounds(self.box)


class Builder:
    """Builds houses on the blocks of a town; none of a block's overlap, and one can go around behind them."""

    def __init__(self, sheet: Sheet, dice: Dice, avenues: frozenset[int]) -> None:
        self.sheet, self.dice, self.avenues = sheet, dice, avenues

    def line(self, block: Block, gate: Gate) -> list[House]:
        """Return houses along all sides of a block, on those of avenues first; none in the gate."""
        built: list[House] = []
        order = sorted(range(4), key=lambda k: (block.sides[k].street not in self.avenues, -block.sides[k].length, k))
        room = min(side.length for side in block.sides) - 2 * SETBACK
        deepest = (room - PASSAGE) // 2 if room >= 2 * SMALLEST + PASSAGE else room
        for k in order:
            closed = (gate.first, gate.last) if k == gate.side else (0, 0)
            built += list(self._row(block, block.sides[k], min(deepest, 13 * METRE), closed, built))
        return built

    def _row(
        self, block: Block, side: Side, deepest: int, closed: tuple[int, int], built: Sequence[House]
    ) -> Iterator[House]:
        """Yield houses along one side, clear of those that stand already and of a part that is closed to them."""
        dice, avenue = self.dice, side.street in self.avenues
        setback = SETBACK + 50 * dice.below(3)
        along, in_row = SETBACK + 50 * dice.below(3), 0
        while along + SMALLEST <= side.length - SETBACK:
            end = closed[0] if along < closed[0] else side.length - SETBACK
            if closed[0] <= along < closed[1] or end - along < SMALLEST:
                along, in_row = closed[1], 0
                continue
            width = min(10 * dice.between(85, 165 if avenue else 140), end - along)
            depth = min(deepest, 10 * dice.between(85, 130))
            near = min(setback if in_row else setback + 50 * dice.below(2), SETBACK + deepest - depth)
            plot = Plot(side, along, near, width, depth)
            if self._is_free(block, plot, built):
                storeys = dice.between(3, 6) if avenue else dice.between(2, 4)
                yield self.build(plot, storeys, block.district, bend=dice.below(6) - 4)
                in_row = (in_row + 1) % 4 if dice.chance(75) else 0
                along += width + (NARROW_GAP if in_row else PASSAGE + 10 * dice.between(0, 25))
            else:
                in_row = 0
                along += METRE

    def _is_free(self, block: Block, plot: Plot, built: Sequence[House]) -> bool:
        """Whether a plot lies in the block, and one can pass between it and what stands on other sides."""
        for corner in plot.box():
            if any(left_of(side.start, side.end, corner) < side.length * SETBACK // 2 for side in block.sides):
                return False
        wide = plot.box(PASSAGE)
        limits = bounds(wide)
        return not any(meet(limits, house.bounds) and overlap(wide, house.box) for house in built)

    def build(
        self, plot: Plot, storeys: int, district: int, bend: int = -1, doors: Sequence[tuple[int, int]] = ()
    ) -> House:
        """Return a house on a plot: L-shaped, with a wing behind its front on the left (bend 0) or right (bend 1), if
        it is large enough. doors: the middle along the front and the width of each; if none, one near a corner.
        """
        width, depth = plot.width, plot.depth
        parts, right = [(0, width, 0, depth)], self.dice.chance(50)
        corners, aim = plot.box(), (width // 2, depth * 55 // 100)
        if bend >= 0 and width >= 11 * METRE and depth >= 10 * METRE:
            right = bend == 0
            begin, end = (0, width * 55 // 100) if right else (width * 45 // 100, width)
            bar = depth * 55 // 100
            parts = [(0, width, 0, bar), (begin, end, 0, depth)]
            front, rear = plot.part(0, width, 0, bar), plot.part(begin, end, bar, depth)
            corners = (*front[:3], *rear[1:]) if right else (*front[:2], *rear[2:], rear[0], front[3])
            aim = (begin + end) // 2, depth // 2
        gaps = tuple(Gap(0, *door) for door in doors or ((width - BESIDE if right else BESIDE, DOOR),))
        middle, radius = self._place_in(plot, parts, aim, gaps)
        return House(plot, corners, tuple(plot.part(*part) for part in parts), gaps, storeys, middle, radius, district)

    def _place_in(
        self, plot: Plot, parts: Sequence[tuple[int, int, int, int]], aim: Spot, gaps: Sequence[Gap]
    ) -> tuple[Spot, int]:
        """Return the middle of a cell near the point `aim` of a plot, in one of a house's parts, and a radius.

        Of the cells around it is the one whose radius leaves the doors outside and is the largest, up to three quarters
        of the house's breadth; of several the nearest.
        """
        cell, most, best = self.sheet.cell, min(plot.width, plot.depth) * 3 // 4, (0, 0, aim)
        x, y = plot.side.at(plot.along + aim[0], plot.near + aim[1])
        for east in (-cell, 0, cell):
            for north in (-cell, 0, cell):
                spot = self.sheet.nearest_middle((x + east, y + north))
                along, inward = plot.side.locate(spot)
                along, inward = along - plot.along, inward - plot.near
                if any(_holds(part, along, inward) for part in parts):
                    clear = min(distance((along, inward), (gap.at, 0)) - gap.width // 2 for gap in gaps)
                    radius = self.sheet.whole_radius(min(clear - OUT_OF_DOORS, most))
                    best = max(best, (radius, -distance((along, inward), aim), spot))
        return best[2], best[0]


def _holds(part: tuple[int, int, int, int], along: int, inward: int) -> bool:
    """Whether a part of a house holds a point a metre or more inside its walls."""
    first, last, near, far = part
    return first + METRE <= along <= last - METRE and near + METRE <= inward <= far - METRE
