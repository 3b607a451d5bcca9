"""The peer: our rules of walking and of being near, written for Mesa as a good user of Mesa would write them.

What can be known before the first tick is looked up, not computed: on every cell the steps that lead down to each goal,
best first, and how far it is from there; the neighbourhoods (Mesa keeps them). The rules are those of
`engine.spaces.hex.walking` for people who walk to places. Ties between equally good steps are not drawn, which spares
Mesa a random number.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from mesa import Model
from mesa.discrete_space import Cell, CellAgent, HexGrid

from app.bench.land_map import Map
from engine.spaces.hex.walking import ASIDE, DETOUR
from engine.values import Int32s


class Pace(NamedTuple):
    """A step that is possible: the cell that it leads to, and what it costs."""

    cell: Any
    cost: int


class Ground(Cell):
    """A cell that knows its place, the steps from it, and for each goal the way and the steps that lead down to it."""

    index: int
    place: int
    paces: tuple[Pace, ...]
    away: dict[int, int]
    down: dict[int, tuple[Pace, ...]]


class Walker(CellAgent):
    """A person who walks to its goal, step by step, and rests there until the next tick."""

    def __init__(self, model: Walkers, cell: Ground, speed: int) -> None:
        super().__init__(model)
        self.cell = cell
        self.speed = speed
        self.progress = 0
        self.waited = 0
        self.goal: int | None = None
        self.near: list[Walker] = []

    def choose(self) -> None:
        """Take a new goal when the last is reached."""
        if self.goal is None:
            self.goal = self.random.choice(self.model.goals)
            self.progress = self.waited = 0

    def look_around(self) -> None:
        """See who is within one cell."""
        near = self.cell.agents
        near.remove(self)
        near.extend(self.cell.neighborhood.agents)
        self.near = near

    def walk(self) -> None:
        """Gain the speed of a substep and spend it on steps."""
        goal = self.goal
        if goal is None:
            return
        self.progress += self.speed
        while True:
            here = self.cell
            down = here.down[goal]
            free = None
            for pace in down:
                if not pace.cell.is_full:
                    free = pace
                    break
            inside = here.place == goal
            if here.away[goal] == 0 or (inside and (free is None or free.cell.place != goal)):
                self.stop()
                return
            if not down:
                return
            if free is None:
                self.squeeze(down[0], goal)
                return
            if self.progress < free.cost:
                return
            self.step_to(free)
            self.waited = max(0, self.waited - 1)
            if self.cell.place == goal and self.random.random() < 0.5:
                self.stop()
                return

    def squeeze(self, wanted: Pace, goal: int) -> None:
        """Change places with somebody blocked the other way; step aside after a while; wait."""
        if self.progress >= wanted.cost:
            here, best, longest = self.cell, None, 0
            for other in wanted.cell.agents:
                if other.waited > longest and other.would_come_to(here):
                    best, longest = other, other.waited
            if best is not None:
                back = next(pace for pace in wanted.cell.paces if pace.cell is here)
                if best.progress >= back.cost:
                    here.capacity += 1  # for the moment in which both stand here
                    best.step_to(back)
                    best.waited -= 1
                    self.step_to(wanted)
                    here.capacity -= 1
                    return
        if self.waited >= ASIDE:
            most = self.cell.away[goal] + DETOUR
            for pace in self.cell.paces:
                if self.progress >= pace.cost and pace.cell.away[goal] <= most and not pace.cell.is_full:
                    self.step_to(pace)
                    break
        self.waited += 1
        self.progress = min(self.progress, wanted.cost)

    def would_come_to(self, cell: Ground) -> bool:
        """Whether a cell is nearer to one's goal than where one stands."""
        return self.goal is not None and cell.away[self.goal] < self.cell.away[self.goal]

    def step_to(self, pace: Pace) -> None:
        """Go to a neighbouring cell and pay for it."""
        self.move_to(pace.cell)
        self.progress -= pace.cost

    def stop(self) -> None:
        """Be there."""
        self.goal = None
        self.progress = self.waited = 0


class Walkers(Model):
    """People who walk from place to place on Mesa's hex grid, and see each tick who is near."""

    def __init__(self, land: Map, cells: Int32s, speeds: Int32s, substeps: int, seed: int) -> None:
        """Lay the map, and put people on cells with their speeds (tenths of a path step a substep)."""
        super().__init__(seed=seed)
        self.goals = land.goals.tolist()
        self.substeps = substeps
        self.grid = HexGrid(
            (land.width, land.height), torus=land.torus, capacity=1, random=self.random, cell_klass=Ground
        )
        # Mesa shifts odd rows the other way than we do, so columns are counted from the east.
        self.ground = [
            self.grid[land.width - 1 - index % land.width, index // land.width]
            for index in range(land.width * land.height)
        ]
        self._lay(land)
        self.people = [
            Walker(self, self.ground[cell], speed) for cell, speed in zip(cells.tolist(), speeds.tolist(), strict=True)
        ]

    def _lay(self, land: Map) -> None:
        neighbours, cost, away = land.neighbours.tolist(), land.cost.tolist(), land.away.tolist()
        for index, cell in enumerate(self.ground):
            cell.index = index
            cell.capacity = int(land.room[index])
            cell.place = int(land.place_of[index])
            paces = zip(neighbours[index], cost[index], strict=True)
            cell.paces = tuple(Pace(self.ground[near], price) for near, price in paces if price > 0)
            cell.away = dict(zip(self.goals, away[index], strict=True))
        for cell in self.ground:
            cell.down = {goal: self._down(cell, goal) for goal in self.goals}

    def _down(self, cell: Ground, goal: int) -> tuple[Pace, ...]:
        """Return the steps that lead nearer to a goal, the best first."""
        here = cell.away[goal]
        nearer = [pace for pace in cell.paces if pace.cell.away[goal] < here]
        return tuple(sorted(nearer, key=lambda pace: pace.cell.away[goal] + pace.cost))

    def step(self) -> None:
        """One tick."""
        self.agents.do("choose")
        for _ in range(self.substeps):
            self.agents.shuffle_do("walk")
        self.agents.do("look_around")

    def cells(self) -> Int32s:
        """Return the index of everyone's cell, in the order of their making."""
        return np.array([walker.cell.index for walker in self.people], np.int32)

    def contacts(self) -> int:
        """Return how many were seen in the last tick."""
        return sum(len(walker.near) for walker in self.people)


def neighbours(model: Walkers) -> Int32s:
    """Return the neighbours of each cell by our indices, sorted, int32[cells,6], filled with -1."""
    out = np.full((len(model.ground), 6), -1, np.int32)
    for row, cell in enumerate(model.ground):
        around = sorted(near.index for near in cell.neighborhood)
        out[row, : len(around)] = around
    return out
