"""Small hex maps for the contract of a Space, and what is true of them by brute force, in other words than the space's.

Neighbours come from where the middles of hexagons lie on the plane, distances from a search over those neighbours.
"""

from __future__ import annotations

import heapq
import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from engine.society.places import Place, Places
from engine.values import Bools, Bytes, Int16s, Int32s
from engine.world import World
from tests.contract.space_board import FAR, Doubles, among_present

MEADOW, FOREST, WATER, ROCK, FIELD, PATH = range(6)
COSTS = np.array([13, 22, 0, 0, 15, 10], np.int16)
PITCH = 10


@dataclass(frozen=True)
class HexBoard:
    """A map with places: what a space is made from. Small enough that everything can be looked at."""

    name: str
    width: int
    height: int
    torus: bool
    kind: Bytes
    elevation: Int16s
    bridge: Bools
    places: Places = field(default_factory=lambda: Places([]))
    cost: Int16s = field(default_factory=lambda: COSTS)
    capacity: int = 2
    substeps: int = 2
    ticks: int = 40
    rest: int = 0
    sway: float = 0
    beside: float = 3  # one, and two substeps in which the other may walk on
    slack: float = 0

    @property
    def cells(self) -> int:
        return self.width * self.height

    @cached_property
    def neighbours(self) -> list[dict[int, int]]:
        """For each cell, its neighbours by direction (E, NE, NW, W, SW, SE): those one hexagon's width away."""
        found: list[dict[int, int]] = [{} for _ in range(self.cells)]
        shifts = (-1, 0, 1) if self.torus else (0,)
        wide, high = math.sqrt(3) * self.width, 1.5 * self.height
        for a in range(self.cells):
            xa, ya = self._middle(a)
            for b in range(self.cells):
                xb, yb = self._middle(b)
                for i in shifts:
                    for j in shifts:
                        dx, dy = xb + i * wide - xa, yb + j * high - ya
                        if abs(math.hypot(dx, dy) - math.sqrt(3)) < 1e-6:
                            found[a][round(math.atan2(dy, dx) / (math.pi / 3)) % 6] = b
        return found

    def _middle(self, cell: int) -> tuple[float, float]:
        row, column = divmod(cell, self.width)
        return math.sqrt(3) * (column + 0.5 * (row & 1)), 1.5 * row

    @cached_property
    def distance(self) -> Int32s:
        """How many cells it is from each cell to each as the crow flies."""
        out = np.full((self.cells, self.cells), FAR, np.int32)
        for start in range(self.cells):
            out[start, start] = 0
            queue = deque([start])
            while queue:
                cell = queue.popleft()
                for near in self.neighbours[cell].values():
                    if out[start, near] == FAR:
                        out[start, near] = out[start, cell] + 1
                        queue.append(near)
        return out

    @property
    def nearness(self) -> Int32s:
        return self.distance

    def spots(self, world: World) -> Doubles:
        return np.stack(np.divmod(world["space.cell"], self.width), axis=1).astype(np.float64)

    def gaps(self, world: World) -> Doubles:
        cell = world["space.cell"]
        return among_present(world, self.distance[cell][:, cell].astype(np.float64))

    def standing_in(self, world: World) -> Int32s:
        cell = world["space.cell"]
        return np.where(cell < 0, -1, self.owner[cell])

    @cached_property
    def entry(self) -> Int32s:
        """What entering each cell costs, 0 for never."""
        return np.where(self.bridge, COSTS[PATH], self.cost[self.kind]).astype(np.int32)

    def step(self, cell: int, near: int) -> int:
        """What a step costs, 0 for never: the entry, and eight times the climb up to 250, in tenths of a path step."""
        if not (self.entry[cell] and self.entry[near]):
            return 0
        climb = max(0, int(self.elevation[near]) - int(self.elevation[cell]))
        return int(self.entry[near]) + min(250, 8 * climb // PITCH)

    def ways(self, ends: Sequence[int]) -> Int32s:
        """How far it is to walk from each cell to the nearest of the ends."""
        out = np.full(self.cells, FAR, np.int32)
        out[list(ends)] = 0
        heap = [(0, end) for end in ends]
        while heap:
            reach, cell = heapq.heappop(heap)
            if reach > out[cell]:
                continue
            for near in self.neighbours[cell].values():
                cost = self.step(near, cell)
                if cost and reach + cost < out[near]:
                    out[near] = reach + cost
                    heapq.heappush(heap, (reach + cost, near))
        return out

    @cached_property
    def owner(self) -> Int32s:
        """The place that each cell belongs to: of the smallest radius, then of the lowest index; -1 for none."""
        out = np.full(self.cells, -1, np.int32)
        order = sorted(range(len(self.places)), key=lambda i: (-self.places.radius[i], -i))
        for i in order:
            out[(self.distance[self.places.cell[i]] <= self.places.radius[i]) & (self.entry > 0)] = i
        return out

    def ends(self, place: int) -> list[int]:
        """The cells where walking to a place ends: its own (or if it has none, any) that are nearest to its middle."""
        reach = (self.distance[self.places.cell[place]] <= self.places.radius[place]) & (self.entry > 0)
        own = np.flatnonzero(reach & (self.owner == place))
        own = own if own.size else np.flatnonzero(reach)
        away = self.distance[self.places.cell[place]][own]
        return [int(cell) for cell in own[away == away.min()]]

    @cached_property
    def room(self) -> Int32s:
        """How many fit into each cell: the capacity, or a place's share where that is more."""
        out = np.where(self.entry > 0, self.capacity, 0).astype(np.int32)
        for i in range(len(self.places)):
            own = self.owner == i
            if own.any():
                out[own] = np.maximum(out[own], -(-int(self.places.capacity[i]) // int(own.sum())))
        return out


def plain(width: int, height: int, torus: bool, places: Sequence[Place] = (), capacity: int = 2) -> HexBoard:
    """Return a flat meadow."""
    cells = width * height
    return HexBoard(
        f"plain {width}x{height}",
        width,
        height,
        torus,
        np.zeros(cells, np.uint8),
        np.zeros(cells, np.int16),
        np.zeros(cells, np.bool_),
        Places(places),
        capacity=capacity,
    )


def wild(width: int, height: int, torus: bool, seed: int, places: int = 4) -> HexBoard:
    """Return hills, woods and water with a few bridges, and places on land."""
    draw = np.random.default_rng(seed)
    cells = width * height
    kind = draw.choice(np.array([0, 0, 0, 1, 2, 3, 4, 5, 5], np.uint8), cells)
    elevation = (draw.integers(0, 5, cells) * 13).astype(np.int16)
    bridge = (kind == WATER) & (draw.random(cells) < 0.4)
    name = f"wild {width}x{height} {'torus' if torus else 'bounded'}"
    board = HexBoard(name, width, height, torus, kind, elevation, bridge)
    spots = draw.permutation(np.flatnonzero(board.entry > 0))[:places]
    found = [
        Place(f"place {i}", "house" if i % 2 else "market", int(spot), 0 if i % 2 else 1 + i % 3, 3 + i)
        for i, spot in enumerate(spots)
    ]
    return replace(board, places=Places(found))


BOARDS = (
    wild(9, 7, False, seed=1),
    wild(7, 10, False, seed=2),
    wild(10, 8, True, seed=3),
    wild(6, 4, True, seed=4, places=2),
)
"""Bounded with odd rows, bounded and high, a torus, and a torus so small that a radius meets itself."""

TOWNS = tuple(
    plain(
        12,
        10,
        torus,
        [Place("square", "square", 65, 3, 90), Place("well", "well", 65, 1, 20), Place("house", "house", 12, 0, 7)],
        capacity=4,
    )
    for torus in (False, True)
)
"""A square of 40 and more with a well of 14 in its middle, and a house of 6 elsewhere."""

GREEN = plain(15, 12, False, [Place("green", "square", 97, 1, 40)])
