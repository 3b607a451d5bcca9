"""What all share in a town: market squares with stalls, parks with ponds, gardens, trees, and their places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.spaces.plane.plan import Wall
from engine.spaces.plane.town_houses import Builder, House, Plot
from engine.spaces.plane.town_sheet import (
    FIELD,
    FOREST,
    MEADOW,
    METRE,
    PATH,
    WATER,
    Dice,
    Sheet,
    Side,
    Spot,
    around,
    bounds,
    holds,
)  # fmt: skip
from engine.spaces.plane.town_streets import Block
from engine.spaces.plane.town_yards import YARD

CROWN = 150
"""How far trees keep from houses, in centimetres."""

SHORE = 4 * METRE
"""How far a shore reaches along the water."""


@dataclass(frozen=True)
class TownSite:
    """A place in a town: its middle and radius in metres, the building in which it is (-1: in the open), and in degrees
    where the front door looks (0 east, 90 north).
    """

    name: str
    kind: str
    x: float
    y: float
    radius: float
    building: int
    heading: int


def site_at(name: str, kind: str, middle: Spot, radius: int, building: int = -1, heading: int = 0) -> TownSite:
    """Return a place whose middle and radius are given in centimetres."""
    return TownSite(name, kind, middle[0] / METRE, middle[1] / METRE, radius / METRE, building, heading)


def wall_of(name: str, spots: Sequence[Spot]) -> Wall:
    """Return a wall from point to point."""
    return Wall(name, tuple((x / METRE, y / METRE) for x, y in spots))


class Commons:
    """Lays out what is outdoors; collects walls, trees and places."""

    def __init__(self, sheet: Sheet, dice: Dice) -> None:
        self.sheet, self.dice = sheet, dice
        self.walls: list[Wall] = []
        self.trees: list[Spot] = []
        self.sites: list[TownSite] = []

    def add(self, name: str, kind: str, spot: Spot, radius: int) -> Spot:
        """Add a place in the open; return its middle, that of a cell."""
        middle = self.sheet.nearest_middle(spot)
        self.sites.append(site_at(name, kind, middle, self.sheet.whole_radius(radius)))
        return middle

    def square(self, block: Block, district: str, builder: Builder) -> House:
        """Lay out a market square: hall, market with stalls, well. Return the hall, which looks onto the square."""
        quiet = [k for k in range(4) if block.sides[k].street not in builder.avenues]
        turn = quiet[self.dice.below(len(quiet))] if quiet else self.dice.below(4)
        side, depth = block.sides[turn], min(block.sides[(turn + 1) % 4].length, block.sides[(turn + 3) % 4].length)
        self.sheet.paint(block.corners, PATH)
        back = 15 * METRE
        front = Side(side.at(side.length, back), side.at(0, back), side.street, side.bank)
        doors = (200, 240), (24 * METRE - 200, 240)
        plot = Plot(front, side.length // 2 - 12 * METRE, 0, 24 * METRE, 13 * METRE)
        hall = builder.build(plot, 3, block.district, doors=doors)
        reach = min(side.length // 4, (depth - back) // 2) - 80
        inward, flip = back + (depth - back) // 2, self.dice.chance(50)
        for name, kind, left in (("Square", "square", not flip), ("Market", "market", flip)):
            along = side.length * (27 if left else 73) // 100
            middle = self.add(district + name, kind, side.at(along, inward), reach)
            if kind == "market":
                self._stalls(side, along, inward, self.sheet.whole_radius(reach), middle, district)
        self.add(district + "Well", "well", side.at(side.length // 2, depth - 4 * METRE), 2 * METRE)
        for along in range(3 * METRE, side.length - 2 * METRE, 7 * METRE):
            self.trees.append(side.at(along, depth - METRE))
        return hall

    def _stalls(self, side: Side, along: int, inward: int, reach: int, middle: Spot, district: str) -> None:
        """Put up stalls in rows, each a counter on three sides, open towards the aisle behind it."""
        count = 0
        for row in range(-reach + 250, reach - 200, 5 * METRE):
            for at in range(-reach + 100, reach - 300, 420):
                first, near = along + at, inward + row
                shape = side.box(first, first + 260, near, near + 150)
                if holds(side.box(first - 200, first + 460, near - 200, near + 350), middle):
                    continue
                if at * at + row * row > reach * reach or (at + 260) ** 2 + (row + 150) ** 2 > reach * reach:
                    continue
                count += 1
                self.walls.append(wall_of(f"{district}stall {count}", (shape[3], shape[0], shape[1], shape[2])))

    def park(self, block: Block, district: str) -> None:
        """Lay out a park: a pond with a walk around it, walks to the corners, a grove and a lawn."""
        longest = max(range(4), key=lambda k: (block.sides[k].length, k))
        side, depth = block.sides[longest], min(block.sides[k].length for k in ((longest + 1) % 4, (longest + 3) % 4))
        length = side.length
        self.sheet.paint(block.corners, MEADOW)
        pond = side.at(length * 64 // 100, depth * 50 // 100)
        level = side.start[1] == side.end[1] or abs(side.end[0] - side.start[0]) > abs(side.end[1] - side.start[1])
        wide, high = min(length * 20 // 100, 15 * METRE), depth * 20 // 100
        shore = side.at(length * 64 // 100 + wide + 250, depth // 2)
        shape = around(pond, *((wide, high) if level else (high, wide)), 16, self.dice, 22)
        bow = self.dice.between(12, 25) * (1 if self.dice.chance(50) else -1)
        for corner in block.corners:
            self._walk(corner, pond, bow)
        walk = tuple((x + (x - pond[0]) * 45 // 100, y + (y - pond[1]) * 45 // 100) for x, y in shape)
        bank = tuple((x + (x - pond[0]) * 20 // 100, y + (y - pond[1]) * 20 // 100) for x, y in shape)
        for ring, kind in ((walk, PATH), (bank, MEADOW), (shape, WATER)):
            self.sheet.paint(ring, kind)
        self.walls.append(wall_of(f"{district}Pond", (*shape, shape[0])))
        grove = side.at(length * 17 // 100, depth * 70 // 100)
        wide, high = length * 13 // 100, depth * 22 // 100
        copse = around(grove, *((wide, high) if level else (high, wide)), 12, self.dice, 25)
        self.sheet.paint(copse, FOREST, over=MEADOW)
        self.add(f"{district}Park", "park", side.at(length * 33 // 100, depth * 34 // 100), 10 * METRE)
        self.add(f"{district}Grove", "wood", grove, min(wide, high) + METRE)
        self.add(f"{district}Pond", "shore", shore, SHORE)
        self.plant(copse, 4 * METRE, 100)
        self.plant(block.corners, 9 * METRE, 45, clear=[walk])

    def _walk(self, start: Spot, end: Spot, bow: int) -> None:
        """Pave a walk three metres wide, a parabola that bows out to the left by `bow` percent of its length."""
        way, steps, last = Side(start, end), 8, start
        for k in range(1, steps + 1):
            spot = way.at(way.length * k // steps, 4 * way.length * bow * k * (steps - k) // (100 * steps * steps))
            piece, last = Side(last, spot), spot
            self.sheet.paint(piece.box(-50, piece.length + 50, -150, 150), PATH)

    def plant(self, shape: Sequence[Spot], apart: int, percent: int, clear: Sequence[Sequence[Spot]] = ()) -> None:
        """Plant trees about so far apart in a convex shape, on `percent` of all spots, none near shapes in `clear`."""
        west, south, east, north = bounds(shape)
        kept = [(bounds(near), near) for near in clear]
        shake = apart * 35 // 100
        for x in range(west + apart // 2, east, apart):
            for y in range(south + apart // 2, north, apart):
                spot = x + self.dice.between(-shake, shake), y + self.dice.between(-shake, shake)
                if not self.dice.chance(percent) or not holds(shape, spot, METRE):
                    continue
                if self.sheet.kind_at(spot) in (MEADOW, FOREST) and not any(_is_near(*near, spot) for near in kept):
                    self.trees.append(spot)

    def garden(self, block: Block, name: str) -> None:
        """Lay out a garden of crops inside a block, unless its name is empty."""
        if name:
            corners, half = block.corners, min(side.length for side in block.sides) // 2
            middle = sum(x for x, _ in corners) // 4, sum(y for _, y in corners) // 4
            reach = half - YARD
            bed = tuple(
                (middle[0] + (x - middle[0]) * reach // half, middle[1] + (y - middle[1]) * reach // half)
                for x, y in corners
            )
            self.sheet.paint(bed, FIELD)
            self.add(name, "field", middle, reach)

    def forecourt(self, house: House) -> None:
        """Pave the way from a public building to the street, as wide as it is."""
        plot = house.plot
        self.sheet.paint(plot.part(-3 * METRE, plot.width + 3 * METRE, -plot.near, 0), PATH)

    def street_trees(self, block: Block, avenues: frozenset[int]) -> None:
        """Plant trees along avenues, and here and there in front of houses."""
        for side in block.sides:
            if side.street in avenues:
                inward, apart = -100, 9 * METRE
            elif self.dice.chance(35):
                inward, apart = 80, 12 * METRE
            else:
                continue
            self.trees += [side.at(along, inward) for along in range(apart // 2, side.length, apart)]


def _is_near(limits: tuple[int, int, int, int], shape: Sequence[Spot], spot: Spot) -> bool:
    """Whether a convex shape with these bounds holds a point, or comes nearer to it than a tree's crown is wide."""
    west, south, east, north = limits
    near = west - CROWN < spot[0] < east + CROWN and south - CROWN < spot[1] < north + CROWN
    return near and holds(shape, spot, -CROWN)
