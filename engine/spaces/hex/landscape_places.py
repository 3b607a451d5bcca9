"""The places of a landscape: what stands round each square, and where to find crops, wood, stone and fish.

Every place can be reached on foot from the first square, over all land but rock, and over bridges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.kernels import kernel
from engine.rng import Rng, purpose
from engine.spaces.hex.landscape_ground import Ground, Town
from engine.spaces.hex.landscape_sheet import TURN, UNIT, Dice, Sheet, towards, wave
from engine.values import Bools, Int32s, Int64s

WORKSHOPS = (
    "Smithy", "Carpentry", "Pottery", "Weavery", "Tannery", "Bakery", "Brewery", "Mill", "Cooperage", "Ropewalk",
    "Glassworks", "Dyeworks", "Saddlery", "Brickworks", "Chandlery", "Papermill",
)  # fmt: skip
WINDS = ("East", "Northeast", "North", "Northwest", "West", "Southwest", "South", "Southeast")
FURTHER = ("", "Far ", "Long ", "Old ", "Upper ", "Lower ", "Little ", "Great ")
FIRST_HALVES = (
    "Alder", "Ash", "Birch", "Bram", "Brook", "Cold", "Dun", "Elm", "Fair", "Fern", "Green", "Hart", "Hazel", "High",
    "Kings", "Lind", "Long", "Maple", "Mill", "Moor", "North", "Oak", "Red", "Rook", "Stone", "Thorn", "Wheat", "White",
    "Wil", "Wind", "Wood", "Wren",
)  # fmt: skip
SECOND_HALVES = ("bridge", "brook", "bury", "dale", "field", "ford", "ham", "ley", "mere", "stead", "ton", "wick")


@dataclass(frozen=True, slots=True)
class Site:
    """A place that the landscape offers: middle cell, radius in cells, heading in degrees (0 east, 90 north).

    village is the number of the village to which it belongs; the heading says where a building's front looks.
    """

    name: str
    kind: str
    cell: int
    radius: int
    heading: int = 0
    village: int = 0


class Surveyor:
    """Finds places on finished land: `path`, `water` and `rock` are bool[cells] as they came out."""

    def __init__(self, sheet: Sheet, rng: Rng, ground: Ground, path: Bools, towns: Sequence[Town]) -> None:
        self.sheet, self.rng, self.ground, self.path, self.towns = sheet, rng, ground, path, towns
        self.water = ground.water & ~path
        self.rock = ground.rock & ~path
        self.forest = ground.forest & ~path
        self.field = ground.field & ~path
        self.reached = _flood(sheet.neighbours, ~self.water & ~self.rock, towns[0].cell)
        self.free = self.reached & ~path & ~self.field
        self.taken = np.zeros(sheet.size, np.bool_)
        self.roadside = _beside(sheet.neighbours, path & ~ground.water)
        shore = self.reached & ~path
        self.pond = _beside(sheet.neighbours, ground.pond & self.water) & shore
        self.river = _beside(sheet.neighbours, self.water & ~ground.pond) & shore
        self.stone = _beside(sheet.neighbours, self.rock) & shore

    def villages(self, houses: int, workshops: int) -> list[Site]:
        """Return all the places, village by village; each village's square comes first."""
        names = self._village_names()
        wanted = len(self.towns)
        sites: list[Site] = []
        for number, town in enumerate(self.towns):
            distance = self.sheet.distance(town.x, town.y)
            found = self._buildings(number, town, distance, houses, workshops)
            found += self._lands(town, distance)
            sites += [
                Site(f"{names[number]} {s.name}" if wanted > 1 else s.name, s.kind, s.cell, s.radius, s.heading, number)
                for s in found
            ]
        return sites

    def _village_names(self) -> list[str]:
        dice = Dice(self.rng, "names")
        names: list[str] = []
        while len(names) < len(self.towns):
            name = FIRST_HALVES[dice.below(len(FIRST_HALVES))] + SECOND_HALVES[dice.below(len(SECOND_HALVES))]
            if name not in names and name[:-4].lower() != name[-4:]:
                names.append(name)
        return names

    def _buildings(self, number: int, town: Town, distance: Int64s, houses: int, workshops: int) -> list[Site]:
        sheet = self.sheet
        around = sheet.neighbours[town.cell]
        radius = max(1, town.plaza // (2 * UNIT * 866 // 1000))
        south = int(sheet.neighbours[around[4], 5])
        sites = [
            Site("Square", "square", town.cell, radius, 0),
            Site("Market", "market", south if radius > 1 else int(around[4]), 1, 90),
            Site("Well", "well", int(around[2]), 1, 270),
        ]
        free = self.free & (distance >= town.plaza + UNIT * 4 // 5) & (distance == self.ground.town)
        taken = self.taken
        halls = np.flatnonzero(free & ~taken & (distance < town.plaza + 8 * UNIT))
        if halls.size:
            aim = sheet.distance_of(halls, *sheet.point(town.hall))
            hall = int(halls[np.argmin(aim)])
            sites.append(Site("Town Hall", "hall", hall, 1, towards(*sheet.step(sheet.point(hall), (town.x, town.y)))))
            self._take(taken, hall, 2 if town.plaza > 5 * UNIT else 1)
        free &= self.roadside
        sites += self._workshops(town, workshops, free, distance, taken)
        candidates = np.flatnonzero(free & (distance < town.reach + 30 * UNIT))
        # Nearer is better, give or take a few cells, so that the village has no sharp edge.
        words = self.rng.words(purpose("landscape.houses"), candidates.astype(np.int32), number, 4).astype(np.int64)
        order = np.argsort(distance[candidates] + (words.sum(axis=1) >> 20) * 3, kind="stable")
        chosen = _apart(candidates[order], sheet.neighbours, taken, houses)
        sites += [
            Site(f"House {i + 1}", "house", int(cell), 1, self._facing(int(cell), town))
            for i, cell in enumerate(chosen)
        ]
        return sites

    def _workshops(self, town: Town, count: int, free: Bools, distance: Int64s, taken: Bools) -> list[Site]:
        sheet = self.sheet
        sites: list[Site] = []
        circle = town.rings[0] if town.rings else town.plaza + 3 * UNIT
        for i in range(count):
            cells = np.flatnonzero(free & ~taken & (distance < town.reach) & (distance > town.plaza + 2 * UNIT))
            if cells.size == 0:
                cells = np.flatnonzero(free & ~taken & (distance < town.reach + 8 * UNIT))
            if cells.size == 0:
                break
            turn = TURN * 35 // 60 + TURN * i // count
            aim = (town.x + circle * wave(turn + TURN // 4) // UNIT, town.y + circle * wave(turn) // UNIT)
            cell = int(cells[np.argmin(sheet.distance_of(cells, *aim))])
            name = WORKSHOPS[i % len(WORKSHOPS)] + (f" {i // len(WORKSHOPS) + 1}" if i >= len(WORKSHOPS) else "")
            sites.append(Site(name, "workshop", cell, 1, self._facing(cell, town)))
            self._take(taken, cell, 2 if town.rings else 1)
        return sites

    def _take(self, taken: Bools, cell: int, radius: int) -> None:
        cells = np.array([cell], np.int64)
        for _ in range(radius):
            around = self.sheet.neighbours[cells].ravel()
            cells = np.unique(np.concatenate((cells, around[around >= 0])))
        taken[cells] = True

    def _facing(self, cell: int, town: Town) -> int:
        """Return where a building's front looks: to the road beside it, else to the square."""
        here = self.sheet.point(cell)
        steps = [
            self.sheet.step(here, self.sheet.point(int(other)))
            for other in self.sheet.neighbours[cell]
            if other >= 0 and self.path[other]
        ]
        x, y = sum(step[0] for step in steps), sum(step[1] for step in steps)
        if x * x + y * y < UNIT:
            x, y = steps[0] if steps else self.sheet.step(here, (town.x, town.y))
        return towards(x, y)

    def _lands(self, town: Town, distance: Int64s) -> list[Site]:
        own = self.reached & (distance == self.ground.town)
        big = self.sheet.room >= 24 * UNIT
        return [
            *self._spots(town, distance, "Field", "field", own & self.field, 3 if big else 1, 24, 40, True),
            *self._spots(town, distance, "Wood", "wood", self.forest & self.reached, 4 if big else 2, 3, 50, True),
            *self._spots(town, distance, "Quarry", "quarry", self.stone, 2, 1, 15, False),
            *self._spots(town, distance, "Riverside", "shore", self.river & ~self.pond, 2, 2, 20, True),
            *self._spots(town, distance, "Pond", "shore", self.pond, 2, 1, 20, False),
        ]

    def _spots(
        self,
        town: Town,
        distance: Int64s,
        name: str,
        kind: str,
        good: Bools,
        radius: int,
        most: int,
        share: int,
        winds: bool,
    ) -> list[Site]:
        """Return up to `most` places near a village with at least `share` percent good cells within `radius`."""
        sheet = self.sheet
        good = good & (distance > town.plaza + UNIT)
        cells = np.flatnonzero(good & (distance < 70 * UNIT + town.reach))
        disk = 3 * radius * (radius + 1) + 1
        plenty = _plenty(good, sheet.width, sheet.height, sheet.torus, cells, radius) * 100 // disk
        keep = plenty >= share
        cells, plenty = cells[keep], plenty[keep]
        score = np.minimum(plenty, min(100, share * 2)) * 20 - distance[cells] * 25 // UNIT
        sites: list[Site] = []
        names: set[str] = set()
        while cells.size and len(sites) < most:
            cell = int(cells[np.argmax(score)])
            title = self._title(town, cell, name, names) if winds else name
            sites.append(Site(title, kind, cell, radius))
            clear = sheet.distance_of(cells, *sheet.point(cell)) > (2 * radius + 3) * 2 * UNIT
            cells, score = cells[clear], score[clear]
        return sites

    def _title(self, town: Town, cell: int, name: str, names: set[str]) -> str:
        x, y = self.sheet.step((town.x, town.y), self.sheet.point(cell))
        wind = WINDS[(towards(x, y) * 2 + 45) // 90 % 8]
        titles = [f"{further}{wind} {name}" for further in FURTHER] + [f"{wind} {name} {i}" for i in range(2, 40)]
        title = next(title for title in titles if title not in names)
        names.add(title)
        return title


@kernel
def _flood(neighbours: Int32s, passable: Bools, start: int) -> Bools:
    reached = np.zeros(passable.size, np.bool_)
    stack = np.empty(passable.size, np.int32)
    stack[0], height = start, 1
    reached[start] = True
    while height > 0:
        height -= 1
        cell = stack[height]
        for direction in range(6):
            other = neighbours[cell, direction]
            if other >= 0 and passable[other] and not reached[other]:
                reached[other] = True
                stack[height] = other
                height += 1
    return reached


@kernel
def _beside(neighbours: Int32s, mask: Bools) -> Bools:
    out = np.zeros(mask.size, np.bool_)
    for cell in range(mask.size):
        for direction in range(6):
            other = neighbours[cell, direction]
            if other >= 0 and mask[other]:
                out[cell] = True
    return out


@kernel
def _apart(order: Int64s, neighbours: Int32s, taken: Bools, most: int) -> Int64s:
    """Return the first cells of `order`, none of them taken or beside another."""
    out = np.empty(min(most, order.size), np.int64)
    found = 0
    for cell in order:
        if found == out.size:
            break
        if taken[cell]:
            continue
        out[found] = cell
        found += 1
        taken[cell] = True
        for direction in range(6):
            if neighbours[cell, direction] >= 0:
                taken[neighbours[cell, direction]] = True
    return out[:found]


@kernel
def _plenty(good: Bools, width: int, height: int, torus: bool, cells: Int64s, radius: int) -> Int64s:
    """Return how many good cells lie within `radius` of each of `cells`."""
    out = np.zeros(cells.size, np.int64)
    for i in range(cells.size):
        row, column = cells[i] // width, cells[i] % width
        for step in range(-radius, radius + 1):
            other = row + step
            if not torus and (other < 0 or other >= height):
                continue
            length = 2 * radius - abs(step)
            first = (2 * column + (row & 1) - length - (other & 1)) // 2
            for c in range(first, first + length + 1):
                if torus:
                    out[i] += good[other % height * width + c % width]
                elif 0 <= c < width:
                    out[i] += good[other * width + c]
    return out
