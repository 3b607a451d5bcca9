"""Small planes for the contract of a Space, and what is true of them by brute force, in other words than the space's.

Distances are the least of those to all images of the plane. People are in the room in which the middle of their
half-metre square lies, or if a wall parts them from it, that of the nearest around from which none does; the corners of
a building turn around whatever lies in it. Places in the open are discs of such squares.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.society.places import Place, Places
from engine.spaces.plane.plan import Building, Door, Plan, Segments, Wall, wall_segments
from engine.values import Bools, Int32s
from engine.world import World
from tests.contract.space_board import Doubles, among_present

GRAIN, SQUARE = 4096, 0.5


@dataclass(frozen=True)
class PlaneBoard:
    """A plane with places: what a space is made from. `cell` is the width of its cells in metres."""

    name: str
    plan: Plan
    cell: float
    places: Places
    substeps: int = 10
    seconds: float = 1.0
    ticks: int = 150
    rest: int = 4
    slack: float = 1e-5

    @property
    def columns(self) -> int:
        return round(self.plan.width / self.cell)

    @property
    def cells(self) -> int:
        return self.columns * round(self.plan.height / self.cell)

    @property
    def sway(self) -> float:
        """A fifth of a metre, for those around give way."""
        return 0.2 / self.cell

    @property
    def beside(self) -> float:
        """Half a metre from body to body, each as broad as everyone is here."""
        return (0.5 + 2 * 0.23) / self.cell

    @cached_property
    def nearness(self) -> Int32s:
        """The squares of the distances between the middles of cells, the nearest image counting."""
        row, column = np.divmod(np.arange(self.cells), self.columns)
        middles = (np.stack([column, row], axis=1) + 0.5) * self.cell
        return np.rint((self._gaps(middles) / self.cell) ** 2).astype(np.int32)

    @cached_property
    def distance(self) -> Int32s:
        return np.floor(np.sqrt(self.nearness)).astype(np.int32)

    def _gaps(self, points: Doubles) -> Doubles:
        """Return how far each point is from the nearest image of each, in metres."""
        sides = (self.plan.width, self.plan.height)
        shifts = [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)] if self.plan.torus else [(0, 0)]
        images = [points[:, None] - points[None] + np.multiply(shift, sides) for shift in shifts]
        least: Doubles = np.sqrt(np.min([(way**2).sum(axis=2) for way in images], axis=0))
        return least

    def spots(self, world: World) -> Doubles:
        return np.stack([world["space.x"], world["space.y"]], axis=1) / (GRAIN * self.cell)

    def gaps(self, world: World) -> Doubles:
        room = self.rooms(world)
        apart = self._gaps(self.spots(world) * self.cell) / self.cell
        return among_present(world, np.where(room[:, None] == room[None], apart, np.inf))

    def rooms(self, world: World) -> Int32s:
        """Return the building in which each is, -1 for none."""
        return self._rooms(self._squares(world))

    def _rooms(self, points: Doubles) -> Int32s:
        room = np.full(len(points), -1, np.int32)
        for index, building in enumerate(self.plan.buildings):
            room[_turned_around(building, points)] = index
        return room

    def _squares(self, world: World) -> Doubles:
        """Return the middles of the squares in which people stand."""
        points = self.spots(world) * self.cell
        steps = [(0, 0), *((i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if (i, j) != (0, 0))]
        around = ((np.floor(points / SQUARE) + 0.5)[:, None] + steps) * SQUARE
        far = np.hypot(*(around - points[:, None]).transpose(2, 0, 1))
        far[:, 0] = 0
        far[_parted(points[:, None], around, wall_segments(self.plan))] = np.inf
        nearest: Doubles = around[np.arange(len(points)), far.argmin(axis=1)]
        return nearest

    def standing_in(self, world: World) -> Int32s:
        squares, middles = self._squares(world), self._middles()
        rooms, own = self._rooms(squares), self._rooms(middles)
        place = np.full(len(squares), -1, np.int32)
        for index in sorted(range(len(middles)), key=lambda i: (-self.places.radius[i], -i)):
            far = self._gaps(np.concatenate([middles[[index]], squares]))[0, 1:]
            near = far <= self.places.radius[index] * self.cell + 1e-9
            place[(rooms == own[index]) & (near | (own[index] >= 0))] = index
        place[world["space.cell"] < 0] = -1
        return place

    def _middles(self) -> Doubles:
        """Return the middles of the half-metre squares in which the middles of places are."""
        row, column = np.divmod(self.places.cell, self.columns)
        middles = (np.stack([column, row], axis=1) + 0.5) * self.cell
        out: Doubles = (np.floor(middles / SQUARE) + 0.5) * SQUARE
        return out


def _turned_around(building: Building, points: Doubles) -> Bools:
    """Return around which points the corners of a building turn."""
    ways = np.array(building.corners)[None] - points[:, None]
    onward = np.roll(ways, -1, axis=1)
    cross = ways[..., 0] * onward[..., 1] - ways[..., 1] * onward[..., 0]
    turned = np.arctan2(cross, (ways * onward).sum(axis=2)).sum(axis=1)
    inside: Bools = np.abs(turned) > np.pi
    return inside


def _parted(points: Doubles, others: Doubles, walls: Segments) -> Bools:
    """Return whether a wall lies between points and others."""

    def left(a: Doubles, b: Doubles, c: Doubles) -> Bools:
        turn: Bools = (b - a)[..., 0] * (c - a)[..., 1] > (b - a)[..., 1] * (c - a)[..., 0]
        return turn

    a, b, p, q = walls[:, :2], walls[:, 2:], points[..., None, :], others[..., None, :]
    crossed = (left(a, b, p) != left(a, b, q)) & (left(p, q, a) != left(p, q, b))
    parted: Bools = crossed.any(axis=-1)
    return parted


HOUSE = Building("house", ((13.2, 4.1), (20.3, 3.4), (21.0, 10.6), (13.9, 11.3)), (Door(3, 3.6, 1.2),))
SHED = Building("shed", ((1.1, 0.8), (5.2, 0.8), (5.2, 3.9), (1.1, 3.9)), (Door(1, 1.5, 1.0),))
FENCE = Wall("fence", ((15.0, 13.5), (20.5, 16.1)))


def court(torus: bool) -> PlaneBoard:
    """Return 24 x 20 m in cells of 2 m: a house, a shed, a fence, and a square with a well in its middle."""
    places = [
        Place("square", "square", 63, 3, 90),
        Place("well", "well", 63, 1, 20),
        Place("house", "house", 44, 1, 9),
        Place("shed", "shed", 13, 1, 4),
    ]
    plan = Plan(24, 20, torus, walls=(FENCE,), buildings=(HOUSE, SHED))
    return PlaneBoard(f"court {'torus' if torus else 'bounded'}", plan, 2.0, Places(places))


HUT = Building("hut", ((6.8, 6.7), (11.3, 6.7), (11.3, 10.9), (6.8, 10.9)), (Door(0, 1.2, 1.1),))
YARD = PlaneBoard(
    "yard torus",
    Plan(12, 12, True, buildings=(HUT,)),
    1.0,
    Places([Place("green", "square", 26, 2, 40), Place("hut", "house", 105, 1, 9)]),
)
"""A torus so small that a radius meets itself, in cells of 1 m."""

COURTS = court(False), court(True)
PLANES = (*COURTS, YARD)


def meadow(torus: bool) -> PlaneBoard:
    """Return 24 x 20 m without a wall, in cells of 2 m: a square with a well in its middle, and two trees."""
    places = [
        Place("square", "square", 63, 3, 90),
        Place("well", "well", 63, 1, 20),
        Place("oak", "tree", 20, 1, 9),
        Place("elm", "tree", 13, 1, 4),
    ]
    return PlaneBoard(f"meadow {'torus' if torus else 'bounded'}", Plan(24, 20, torus), 2.0, Places(places))


MEADOWS = meadow(False), meadow(True)
