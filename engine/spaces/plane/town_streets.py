"""The streets of a town, the blocks between them, and what each block is for.

A town is made of districts of about four by four blocks. Two avenues cross in the middle of each; at the crossing lies
its market square. Streets lie unevenly and bend a little where they meet; here and there a piece of street is left out
and two blocks become one, or a lane parts a block in two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, TypeVar

from engine.scenario import TownSettings
from engine.spaces.plane.town_sheet import METRE, Dice, Side, Spot

Use = Literal["homes", "square", "park", "school", "station"]
Thing = TypeVar("Thing")

AVENUE = 6 * METRE
"""How much wider an avenue is than a street."""

LANE = 5 * METRE
UNEVEN, BENT = 14, 7
"""How much blocks differ in size and how far streets bend, in percent of a block."""

DISTRICT = 4
"""About so many blocks lie along a district's side."""

MERGED, PARTED = 28, 45
"""How many of a hundred blocks are joined with the one beside, and of the others how many a lane parts."""


@dataclass(frozen=True)
class Block:
    """A block: its sides counter-clockwise from the south, what it is for, and the number of its district."""

    sides: tuple[Side, Side, Side, Side]
    use: Use
    district: int

    @property
    def corners(self) -> tuple[Spot, ...]:
        """The corners, counter-clockwise from the south-west."""
        return tuple(side.start for side in self.sides)

    @property
    def depth(self) -> int:
        """How deep it is behind its southern side, at least, in centimetres."""
        return min(self.sides[1].length, self.sides[3].length)


@dataclass(frozen=True)
class Streets:
    """The net of streets. `hull`: the west, south, east and north of all that they and the blocks cover; streets: how
    many have numbers, of which the last `lanes` are lanes; avenues: which are avenues; districts: how many there are.
    """

    hull: tuple[int, int, int, int]
    blocks: tuple[Block, ...]
    streets: int
    lanes: int
    avenues: frozenset[int]
    districts: int


def town_extent(settings: TownSettings) -> tuple[int, int]:
    """Return how far streets and blocks reach, from west to east and from south to north, in centimetres."""
    across, along = (_span(count, settings) for count in settings.blocks)
    return across, along


def _span(count: int, settings: TownSettings) -> int:
    avenues = len(_avenues(count))
    return (count * settings.block + (count + 1) * settings.street) * METRE + avenues * AVENUE


def _bounds(count: int) -> list[int]:
    """Return the blocks with which the districts along one side of the town begin, and the number of blocks."""
    districts = max(1, (2 * count + DISTRICT) // (2 * DISTRICT))
    return [count * k // districts for k in range(districts + 1)]


def _avenues(count: int) -> list[int]:
    """Return which of the parallel streets are avenues: one through the middle of each district."""
    bounds = _bounds(count)
    return [(low + high) // 2 for low, high in pairwise(bounds)]


@dataclass(frozen=True)
class _Lines:
    """The parallel streets of one direction: where the middle of each lies at each crossing, and half its width."""

    at: list[list[int]]
    half: list[int]


def lay_streets(settings: TownSettings, low: Spot, dice: Dice) -> Streets:
    """Return the streets of a town whose south-western corner is `low`."""
    across, along = settings.blocks
    parcels = _Parcels(across, along, dice)
    parcels.give_uses(settings)
    upright = _lines(settings, across, along, low[0], dice)
    level = _lines(settings, along, across, low[1], dice)
    blocks: list[Block] = []
    ordinary = streets = across + along + 2
    for parcel in parcels.all:
        whole = _block(parcel, upright, level, across)
        if parcel.parted:
            blocks += _part(whole, streets, dice)
            streets += 1
        else:
            blocks.append(whole)
    avenues = frozenset((*_avenues(across), *(across + 1 + line for line in _avenues(along))))
    width, height = town_extent(settings)
    hull = (*low, low[0] + width, low[1] + height)
    return Streets(hull, tuple(blocks), streets, streets - ordinary, avenues, len(parcels.districts))


def _lines(settings: TownSettings, count: int, crossings: int, low: int, dice: Dice) -> _Lines:
    """Lay `count` + 1 parallel streets, each with `crossings` + 1 crossings."""
    avenues = set(_avenues(count))
    half = [(settings.street * METRE + (AVENUE if line in avenues else 0)) // 2 for line in range(count + 1)]
    weight = [100 + dice.between(-UNEVEN, UNEVEN) for _ in range(count)]
    room, total, passed = count * settings.block * METRE, sum(weight), 0
    bend = settings.block * METRE * BENT // 100
    at: list[list[int]] = []
    streets = 0
    for line in range(count + 1):
        middle = low + streets + half[line] + room * passed // total
        streets += 2 * half[line]
        straight = line in avenues or line in (0, count)
        at.append([middle + (0 if straight else dice.between(-bend, bend)) for _ in range(crossings + 1)])
        passed += weight[line] if line < count else 0
    return _Lines(at, half)


@dataclass
class _Parcel:
    """Blocks that are one: from column to column and from row to row, both without the last."""

    column: int
    row: int
    columns: int
    rows: int
    district: int
    use: Use = "homes"
    parted: bool = False


class _Parcels:
    """The blocks of a town, while it is settled what each is for."""

    def __init__(self, across: int, along: int, dice: Dice) -> None:
        self.dice, self.across, self.along = dice, across, along
        self.upright, self.level = set(_avenues(across)), set(_avenues(along))
        columns, rows = _bounds(across), _bounds(along)
        self.districts = [
            (west, south, east, north) for south, north in pairwise(rows) for west, east in pairwise(columns)
        ]
        self.all: list[_Parcel] = []

    def give_uses(self, settings: TownSettings) -> None:
        """Settle what the blocks of every district are for, district by district."""
        for number, (west, south, east, north) in enumerate(self.districts):
            free = [(column, row) for row in range(south, north) for column in range(west, east)]
            corner = ((west + east) // 2 - self.dice.below(2), (south + north) // 2 - self.dice.below(2))
            self._take(free, corner, (1, 1), number, "square")
            if settings.park and len(free) > 1:
                big = [(spot, size) for spot in free for size in ((2, 1), (1, 2)) if self._joins(free, spot, size)]
                spot, size = self._one_of(big) if len(free) >= 8 and big else (self._one_of(free), (1, 1))
                self._take(free, spot, size, number, "park")
            outer = [(c, r) for c, r in free if c in (0, self.across - 1) or r in (0, self.along - 1)]
            if number % (DISTRICT * DISTRICT) == 0 and outer:
                self._take(free, self._one_of(outer), (1, 1), number, "station", parted=True)
            self._take(free, self._one_of(free), (1, 1), number, "school", parted=True)
            self._settle(free, number)

    def _settle(self, free: list[tuple[int, int]], number: int) -> None:
        """Give the rest to homes; some blocks are joined, and others parted."""
        while free:
            spot = free[0]
            wide = [size for size in ((2, 1), (1, 2)) if self._joins(free, spot, size)]
            if wide and self.dice.chance(MERGED):
                self._take(free, spot, self._one_of(wide), number, "homes")
            else:
                self._take(free, spot, (1, 1), number, "homes", parted=self.dice.chance(PARTED))

    def _one_of(self, things: Sequence[Thing]) -> Thing:
        return things[self.dice.below(len(things))]

    def _joins(self, free: Sequence[tuple[int, int]], spot: tuple[int, int], size: tuple[int, int]) -> bool:
        """Whether two blocks can be one: both are free and no avenue runs between them."""
        column, row = spot
        other = (column + size[0] - 1, row + size[1] - 1)
        avenue = column + 1 in self.upright if size[0] > 1 else row + 1 in self.level
        return other in free and not avenue

    def _take(
        self,
        free: list[tuple[int, int]],
        spot: tuple[int, int],
        size: tuple[int, int],
        district: int,
        use: Use,
        parted: bool = False,
    ) -> None:
        for column in range(spot[0], spot[0] + size[0]):
            for row in range(spot[1], spot[1] + size[1]):
                free.remove((column, row))
        self.all.append(_Parcel(*spot, *size, district, use, parted))


def _block(parcel: _Parcel, upright: _Lines, level: _Lines, across: int) -> Block:
    """Return the block of a parcel, clear of the streets around it."""
    west, south = parcel.column, parcel.row
    east, north = west + parcel.columns, south + parcel.rows

    def corner(line: int, row: int, right: int, up: int) -> Spot:
        return upright.at[line][row] + right * upright.half[line], level.at[row][line] + up * level.half[row]

    corners = (
        corner(west, south, 1, 1),
        corner(east, south, -1, 1),
        corner(east, north, -1, -1),
        corner(west, north, 1, -1),
    )
    first = across + 1
    return Block(
        (
            Side(corners[0], corners[1], first + south, 0),
            Side(corners[1], corners[2], east, 1),
            Side(corners[2], corners[3], first + north, 1),
            Side(corners[3], corners[0], west, 0),
        ),
        parcel.use,
        parcel.district,
    )


def _part(block: Block, lane: int, dice: Dice) -> tuple[Block, Block]:
    """Return a block's two halves; a lane leads between them. The first has its use, the second is for homes."""
    turn = int(block.sides[0].length < block.sides[1].length)
    one, two, three, four = (block.sides[(k + turn) % 4] for k in range(4))
    share = dice.between(44, 56)
    begin, end = one.length * share // 100, three.length * (100 - share) // 100
    near, far = one.at(begin - LANE // 2, 0), three.at(end + LANE // 2, 0)
    first = (
        Side(one.start, near, one.street, one.bank),
        Side(near, far, lane, 0),
        Side(far, three.end, three.street, three.bank),
        four,
    )
    near, far = one.at(begin + LANE // 2, 0), three.at(end - LANE // 2, 0)
    second = (
        Side(near, one.end, one.street, one.bank),
        two,
        Side(three.start, far, three.street, three.bank),
        Side(far, near, lane, 1),
    )
    return (
        Block(_from_south(first, turn), block.use, block.district),
        Block(_from_south(second, turn), "homes", block.district),
    )


def _from_south(sides: tuple[Side, Side, Side, Side], turn: int) -> tuple[Side, Side, Side, Side]:
    """Return sides that begin with the one `turn` after the southern, from the southern on."""
    one, two, three, four = sides
    return (four, one, two, three) if turn else sides
