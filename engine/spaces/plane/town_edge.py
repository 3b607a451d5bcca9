"""What lies around a town, on its four sides: a river, gardens, a wood, and rock with a quarry."""

from __future__ import annotations

from engine.spaces.hex.landscape_sheet import TURN, UNIT, wave
from engine.spaces.plane.town_commons import SHORE, Commons, wall_of
from engine.spaces.plane.town_sheet import FIELD, FOREST, METRE, ROCK, WATER, Side, Spot, around

WINDS = ("South", "East", "North", "West")
BANKS = (
    "Riverside", "Willow Bank", "Old Quay", "Mill Weir", "Swan Bank", "Ferry Steps", "Reed Bank", "Fisher's Landing",
)  # fmt: skip
CORNER = 24 * METRE
"""Where two sides meet, so much of each is left to the meadow."""

LEAST_EDGE = 20 * METRE
"""The land around a town is at least so deep."""


class Outskirts:
    """Lays out the four sides of the land around a town: `hull` is what streets cover, west, south, east, north."""

    def __init__(self, commons: Commons, hull: tuple[int, int, int, int]) -> None:
        self.commons, self.sheet, self.dice = commons, commons.sheet, commons.dice
        width, height = self.sheet.width, self.sheet.height
        corners = (0, 0), (width, 0), (width, height), (0, height)
        self.sides = [Side(corners[k], corners[(k + 1) % 4]) for k in range(4)]
        self.depths = [hull[1], width - hull[2], height - hull[3], hull[0]]

    def lay_out(self, river: bool) -> None:
        """Give each side what lies there; chance says which is where. Gardens lie opposite to the river."""
        turn = self.dice.below(4)
        for k, lay in enumerate((self._river if river else self._gardens, self._wood, self._gardens, self._rock)):
            which = (k + turn) % 4
            lay(self.sides[which], self.depths[which], WINDS[which])

    def _river(self, side: Side, depth: int, wind: str) -> None:
        bank: list[Spot] = []
        steps = side.length // (8 * METRE)
        for k in range(steps + 1):
            inward = 750 + 160 * wave(TURN * k // 17) // UNIT + self.dice.between(-40, 40)
            bank.append(side.at(side.length * k // steps, inward))
        self.sheet.paint((side.end, side.start, *bank), WATER)
        self.commons.walls.append(wall_of("River", bank))
        for k, along in enumerate(range(CORNER, side.length - CORNER, 80 * METRE)):
            name = BANKS[k % len(BANKS)] + (f" {k // len(BANKS) + 1}" if k >= len(BANKS) else "")
            self.commons.add(name, "shore", side.at(along, 1150), SHORE)
        self._row_of_trees(side, 1450, 7 * METRE)

    def _row_of_trees(self, side: Side, inward: int, apart: int) -> None:
        for along in range(apart, side.length - apart, apart):
            spot = side.at(along + self.dice.between(-100, 100), inward + self.dice.between(-60, 60))
            self.commons.trees.append(spot)

    def _gardens(self, side: Side, depth: int, wind: str) -> None:
        along, number = CORNER, 0
        while along + 14 * METRE <= side.length - CORNER:
            length = min(10 * self.dice.between(140, 260), side.length - CORNER - along)
            far = depth - 10 * self.dice.between(30, 50)
            self.sheet.paint(side.box(along, along + length, 200, far), FIELD)
            if number % 2 == 0:
                reach = min(length, far - 200) // 2
                spot = side.at(along + length // 2, (far + 200) // 2)
                self.commons.add(f"{wind} Gardens {number // 2 + 1}", "field", spot, reach)
            number += 1
            along += length + 4 * METRE

    def _wood(self, side: Side, depth: int, wind: str) -> None:
        border = [side.at(side.length - CORNER, 0), side.at(CORNER, 0)]
        steps = max(2, (side.length - 2 * CORNER) // (9 * METRE))
        for k in range(steps + 1):
            inward = depth * self.dice.between(50, 82) // 100
            border.append(side.at(CORNER + (side.length - 2 * CORNER) * k // steps, inward))
        self.sheet.paint(border, FOREST)
        self.commons.plant(self.sheet_box(side, depth), 380, 80)
        for k, along in enumerate(range(2 * CORNER, side.length - CORNER, 90 * METRE)):
            self.commons.add(f"{wind} Wood {k + 1}", "wood", side.at(along, depth * 40 // 100), 6 * METRE)

    def _rock(self, side: Side, depth: int, wind: str) -> None:
        for k, along in enumerate(range(side.length // 2, side.length - CORNER, 240 * METRE)):
            middle = side.at(along, depth * 45 // 100)
            level = side.start[1] == side.end[1]
            for away, wide in ((0, 16), (-22, 8), (19, 11)):
                reach = (wide * METRE, depth * (20 + wide) // 80)
                rock = side.at(along + away * METRE, depth * self.dice.between(25, 45) // 100)
                self.sheet.paint(around(rock, *(reach if level else reach[::-1]), 14, self.dice, 30), ROCK)
            self.commons.add("Quarry" if k == 0 else f"Quarry {k + 1}", "quarry", middle, 6 * METRE)
        self.commons.plant(self.sheet_box(side, depth), 6 * METRE, 55)

    def sheet_box(self, side: Side, depth: int) -> tuple[Spot, ...]:
        """Return the land of a side less the corners and a strip beside the street."""
        return side.box(CORNER, side.length - CORNER, 100, depth - 2 * METRE)
