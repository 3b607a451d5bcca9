"""A seeded town on a bounded plane: streets and blocks, houses with doors, and the places where people live and meet.

It is made in this order, all of it in whole centimetres (the same seed gives the same bits on every CPU):

1. streets and blocks, in districts of about four by four blocks around crossings of two avenues (`town_streets`);
2. what lies around the town: a river, gardens, a wood, rock (`town_edge`);
3. block by block a market square with a hall, a park, a school, a station, or houses along the sides with a yard behind
   them (`town_houses`, `town_yards`, `town_commons`);
4. workshops among the houses, and everybody's addresses (`town_names`).

A bigger town is one number away: `TownSettings.blocks`, on a plane of `least_plane` metres or more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.errors import SpaceError
from engine.rng import Rng
from engine.scenario import TownSettings
from engine.spaces.plane.plan import Building, Door, Plan
from engine.spaces.plane.town_commons import Commons, TownSite, site_at, wall_of
from engine.spaces.plane.town_edge import LEAST_EDGE, Outskirts
from engine.spaces.plane.town_houses import Builder, House, Plot
from engine.spaces.plane.town_names import name_districts, name_streets, name_workshops, number_houses
from engine.spaces.plane.town_sheet import MEADOW, METRE, PATH, Dice, Sheet
from engine.spaces.plane.town_streets import Block, Streets, lay_streets, town_extent
from engine.spaces.plane.town_yards import choose_gate, hedges, is_narrow
from engine.values import Bytes, Float32s

__all__ = ["Town", "TownSettings", "TownSite", "house_room", "least_plane", "plan_town"]

LEAST_CELL, MOST_CELL = 1, 2


@dataclass(frozen=True)
class Town:
    """A finished town.

    plan: its buildings with their doors, and walls; kind uint8[cells]: the land in society cells, indices into `KINDS`,
    cell = row * columns + column; sites: the places, the first square first; storeys uint8[buildings]; trees
    float32[t,2] in metres. The arrays are read-only.
    """

    plan: Plan
    kind: Bytes
    sites: tuple[TownSite, ...]
    storeys: Bytes
    trees: Float32s


def least_plane(settings: TownSettings) -> tuple[int, int]:
    """Return the width and height in metres of the smallest plane on which a town of these settings has room."""
    width, height = ((extent + 2 * LEAST_EDGE + METRE - 1) // METRE for extent in town_extent(settings))
    return width, height


def house_room(town: Town, settings: TownSettings) -> int:
    """Return for how many people a town has homes."""
    return settings.residents * sum(site.kind == "house" for site in town.sites)


def plan_town(width: float, height: float, cell: float, seed: int, settings: TownSettings) -> Town:
    """Return the town of a bounded plane of width x height metres in society cells of `cell` metres; seed is 0..2^63-1.

    SpaceError: the town does not fit on the plane, or the plane is no whole number of cells.
    """
    sheet, rng = _sheet(width, height, cell, settings), Rng(seed)
    extent = town_extent(settings)
    low = (sheet.width - extent[0]) // 2, (sheet.height - extent[1]) // 2
    streets = lay_streets(settings, low, Dice(rng, "streets"))
    west, south, east, north = streets.hull
    sheet.paint(((west, south), (east, south), (east, north), (west, north)), PATH)
    commons = Commons(sheet, Dice(rng, "commons"))
    dice = Dice(rng, "names")
    districts = name_districts(streets.districts, dice)
    names = name_streets(streets.streets, streets.lanes, streets.avenues, dice)
    raised = _Raised(streets, commons, Builder(sheet, Dice(rng, "houses"), streets.avenues), districts, names)
    for block in sorted(streets.blocks, key=lambda block: block.use != "square"):
        raised.build_on(block, settings.gardens)
    Outskirts(commons, streets.hull).lay_out(settings.river)
    return _finished(commons, raised, _workshops(raised, settings.workshops, Dice(rng, "workshops")))


def _sheet(width: float, height: float, cell: float, settings: TownSettings) -> Sheet:
    """Return the empty sheet of a plane that is large enough."""
    across, up, side = (round(length * METRE) for length in (width, height, cell))
    if not LEAST_CELL * METRE <= side <= MOST_CELL * METRE or across % side or up % side:
        raise SpaceError(
            f"town: a plane of {width:g} x {height:g} m is no whole number of cells of {cell:g} m; use cells of "
            f"{LEAST_CELL} to {MOST_CELL} m that `space.width` and `space.height` are multiples of"
        )
    least = least_plane(settings)
    if width < least[0] or height < least[1]:
        raise SpaceError(
            f"town: {settings.blocks[0]} x {settings.blocks[1]} blocks do not fit on {width:g} x {height:g} m; make "
            f"`space.width` at least {least[0]} and `space.height` at least {least[1]}, or lower `town.blocks`"
        )
    return Sheet(across, up, side)


class _Raised:
    """What stands so far: homes, and public buildings with their names and kinds."""

    def __init__(
        self, streets: Streets, commons: Commons, builder: Builder, districts: Sequence[str], names: Sequence[str]
    ) -> None:
        self.streets, self.commons, self.builder = streets, commons, builder
        self.districts, self.names = districts, names
        self.homes: list[House] = []
        self.public: list[tuple[str, str, House]] = []
        self._gardens: dict[str, int] = {}

    def build_on(self, block: Block, gardens: int) -> None:
        """Build on a block what it is for; `gardens` is how many each district may have inside its blocks."""
        commons, district = self.commons, self.districts[block.district]
        commons.sheet.paint(block.corners, MEADOW)
        built: list[House] = []
        if block.use == "homes":
            gate = choose_gate(block, self.streets.avenues, self.builder.dice)
            built = self.builder.line(block, gate)
            self.homes += built
            parts = [part for house in built for part in house.parts]
            commons.walls += [wall_of("hedge", ends) for ends in hedges(block, parts, gate)]
            commons.garden(block, self._garden(block, gardens))
        elif block.use == "park":
            commons.park(block, district)
        elif block.use == "square":
            built = [commons.square(block, district, self.builder)]
            self.public.append((f"{district}Town Hall", "hall", built[0]))
        else:
            built = [self._public_house(block)]
            commons.forecourt(built[0])
            self.public.append((district + block.use.capitalize(), block.use, built[0]))
        commons.street_trees(block, self.streets.avenues)
        for house in built:
            commons.sheet.paint(house.corners, PATH)
        if block.use not in ("park", "square"):
            commons.plant(block.corners, 8 * METRE, 60, [house.box for house in built])

    def _garden(self, block: Block, most: int) -> str:
        """Return the name of the garden inside a block; none where the district has enough of them."""
        own = sum(district == block.district for district in self._gardens.values())
        names = [f"{self.names[side.street]} Gardens" for side in block.sides]
        free = [name for name in names if name not in self._gardens]
        if own >= most or not free or is_narrow(block):
            return ""
        self._gardens[free[0]] = block.district
        return free[0]

    def _public_house(self, block: Block) -> House:
        """Build a school or a station, set back from the street behind a forecourt."""
        ordinary = [k for k in range(4) if block.sides[k].street < self.streets.streets - self.streets.lanes]
        front = max(ordinary, key=lambda k: (block.sides[k].length, k))
        side, room = block.sides[front], min(block.sides[k].length for k in ((front + 1) % 4, (front + 3) % 4))
        width, depth = min(32 * METRE, side.length - 8 * METRE), min(12 * METRE, room - 8 * METRE)
        plot = Plot(side, (side.length - width) // 2, room - depth - 4 * METRE, width, depth)
        return self.builder.build(plot, 2, block.district, doors=((260, 180), (width - 260, 180)))


def _workshops(raised: _Raised, count: int, dice: Dice) -> dict[int, str]:
    """Return which homes are workshops instead, and their names: `count` in each district, at most a third of it."""
    names: dict[int, str] = {}
    for number, district in enumerate(raised.districts):
        own = [k for k, home in enumerate(raised.homes) if home.district == number]
        wanted = name_workshops(min(count, len(own) // 3), district, dice)
        for name in wanted:
            names[own.pop(dice.below(len(own)))] = name
    return names


def _finished(commons: Commons, raised: _Raised, workshops: dict[int, str]) -> Town:
    """Return the town as data, in metres."""
    homes = raised.homes
    addresses = number_houses(
        [(home.plot.side.street, home.plot.side.bank, _order(home.plot)) for home in homes], raised.names
    )
    named = list(raised.public)
    for k, home in enumerate(homes):
        if k in workshops:
            named.append((workshops[k], "workshop", replace(home, storeys=1 + home.storeys % 2)))
        else:
            named.append((addresses[k], "house", home))
    sites = list(commons.sites)
    for index, (name, kind, house) in enumerate(named):
        sites.append(site_at(name, kind, house.middle, house.radius, index, house.plot.side.heading))
    sheet = commons.sheet
    plan = Plan(
        sheet.width / METRE,
        sheet.height / METRE,
        walls=tuple(commons.walls),
        buildings=tuple(_building(name, house) for name, _, house in named),
    )
    land = sheet.kind.ravel()
    storeys = np.array([house.storeys for _, _, house in named], np.uint8)
    trees = np.array(commons.trees, np.float32).reshape(-1, 2) / np.float32(METRE)
    for array in (land, storeys, trees):
        array.flags.writeable = False
    return Town(plan, land, tuple(sites), storeys, trees)


def _order(plot: Plot) -> int:
    """Return where a house lies along its street, from the west or the south."""
    x, y = plot.side.at(plot.along, 0)
    east, north = (abs(plot.side.end[k] - plot.side.start[k]) for k in (0, 1))
    return x if east > north else y


def _building(name: str, house: House) -> Building:
    corners = tuple((x / METRE, y / METRE) for x, y in house.corners)
    return Building(name, corners, tuple(Door(door.side, door.at / METRE, door.width / METRE) for door in house.doors))
