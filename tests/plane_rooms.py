"""Rooms and crowds on the plane, for tests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.rng import Rng
from engine.spaces.plane.crowd import Crowd
from engine.spaces.plane.fields import FlowFields
from engine.spaces.plane.heading import head_for_places
from engine.spaces.plane.navigation import disc_around, make_navigation, navigation_cell
from engine.spaces.plane.plan import Building, Door, Plan, Wall, check_plan, wall_segments
from engine.spaces.plane.social_force import WALL_REACH, Walkers
from engine.spaces.plane.team import Team
from engine.spaces.plane.walls import lay_walls
from engine.spaces.plane.windows import FAR, NOTHING
from engine.values import Float32s, Int32s

Doubles = NDArray[np.float64]
RADIUS, PACE = 4, 5


def apart_spots(draw: np.random.Generator, low: tuple[float, float], high: tuple[float, float], people: int) -> Doubles:
    """Return so many spots in a rectangle, at least 0.6 m apart: on a grid that is shaken a little."""
    sides = np.array(high) - low
    columns = int(sides[0] / 0.7)
    rows = int(sides[1] / 0.7)
    assert columns * rows >= people, "the room is too small for so many people"
    picked = draw.permutation(columns * rows)[:people]
    grid = np.stack([picked % columns, picked // columns], axis=1) + 0.5
    spots: Doubles = low + grid * sides / (columns, rows) + draw.uniform(-0.05, 0.05, (people, 2))
    return spots


def walkers(draw: np.random.Generator, spots: Doubles) -> Float32s:
    """Return the states of people at spots, with bodies, paces and directions drawn."""
    angle = draw.uniform(0, 2 * np.pi, len(spots))
    states = np.zeros((len(spots), len(Walkers._fields)), np.float32)
    states[:, :2] = spots
    states[:, RADIUS] = draw.uniform(0.2, 0.25, len(spots))
    states[:, PACE] = draw.normal(1.34, 0.26, len(spots)).clip(0.5, 2.2)
    states[:, 2:4] = 0.5 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    states[:, 6:] = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return states


def crowd_of(plan: Plan, states: Float32s, seed: int = 3, threads: int = 1, plainly: bool = False) -> Crowd:
    """Return people with these states on a plan."""
    crowd = Crowd(plan.width, plan.height, plan.torus, wall_segments(plan), Rng(seed), Team(threads), plainly)
    crowd.take(np.arange(len(states), dtype=np.int32), states)
    return crowd


def keep_on(people: Walkers, ids: Int32s) -> None:
    """Let everyone want what they wanted before."""


class Hall:
    """A plan with flow fields to places at points, and people who go there."""

    def __init__(
        self,
        plan: Plan,
        targets: Sequence[tuple[float, float]],
        reach: int = 1,
        pitch: float = 0.5,
        team: Team | None = None,
    ) -> None:
        check_plan(plan, "hall")
        self.plan = plan
        self.walls = lay_walls(wall_segments(plan), plan.width, plan.height, plan.torus, WALL_REACH)
        self.grid = make_navigation(plan.width, plan.height, plan.torus, self.walls, pitch)
        cells = np.array([navigation_cell(self.grid, np.float32(x), np.float32(y)) for x, y in targets], np.int32)
        names = [f"place {i}" for i in range(len(targets))]
        ends = [disc_around(self.grid, int(cell), reach) for cell in cells]
        self.fields = FlowFields(self.grid, self.walls, names, cells, ends, team or Team(1))

    def step(self, crowd: Crowd, goals: Int32s, seconds: float, tick: int) -> None:
        """Move the crowd by one substep towards the places goals[id]."""

        def aim(people: Walkers, ids: Int32s) -> None:
            guides = self.fields.guides(goals[ids], people.x[: ids.size], people.y[: ids.size])
            crowd.share(head_for_places, self.grid, self.walls, self.fields.fields, guides, people)

        crowd.step(seconds, tick, 0, aim)

    def field(self, place: int) -> tuple[Int32s, Int32s]:
        """Return a place's own field by cell: the way in mm, FAR outside its window, and the cell to head for."""
        everywhere = middles(self)
        self.ways(place, everywhere)
        fields, every = self.fields.fields, np.arange(self.grid.open.size)
        south, west, rows, columns = fields.window[place].tolist()
        row = (every // self.grid.columns - south) % self.grid.rows
        column = (every % self.grid.columns - west) % self.grid.columns
        inside = (row < rows) & (column < columns)
        words = np.full(every.size, NOTHING, np.int64)
        words[inside] = fields.packed[fields.start[place] + row[inside] * columns + column[inside]]
        to_row = every // self.grid.columns + (words & 0xFF) - 128
        to_column = every % self.grid.columns + (words >> 8 & 0xFF) - 128
        aim = to_row % self.grid.rows * self.grid.columns + to_column % self.grid.columns
        way = np.where(words == NOTHING, FAR, 10 * (words >> 16))
        return way.astype(np.int32), np.where(words == NOTHING, -1, aim).astype(np.int32)

    def ways(self, place: int, spots: Doubles) -> Int32s:
        """Return the ways from spots to a place in millimetres."""
        x, y = spots.astype(np.float32).T
        return self.fields.ways(np.full(x.size, place, np.int32), x, y)


def middles(hall: Hall) -> Doubles:
    """Return the middles of all navigation cells."""
    row, column = np.divmod(np.arange(hall.grid.open.size), hall.grid.columns)
    spots: Doubles = np.stack([column + 0.5, row + 0.5], axis=1) * float(hall.grid.pitch)
    return spots


def streets(blocks: int) -> tuple[Plan, list[tuple[float, float]]]:
    """Return a plane of so many blocks each way, 44 m wide, and the middles of its houses, four to a block.

    Streets are 8 m wide, houses have doors on one of them, and every third block has a fence across its alley.
    """
    buildings, middles, walls = [], list[tuple[float, float]](), []
    for block in range(blocks * blocks):
        west, south = 44.0 * (block % blocks) + 4.17, 44.0 * (block // blocks) + 3.86
        for house, (across, up) in enumerate(((0.0, 0.0), (20.0, 0.0), (20.0, 20.0), (0.0, 20.0))):
            x, y = west + across, south + up
            corners = ((x, y), (x + 16, y), (x + 16, y + 16), (x, y + 16))
            side = (house + block % 2 * 3) % 4
            buildings.append(Building(f"house {block} {house}", corners, (Door(side, 4.0 + block % 3 * 4, 1.2),)))
            middles.append((x + 8.1, y + 8.1))
        if block % 3 == 0:
            walls.append(Wall(f"fence {block}", ((west + 16.5, south + 18.0), (west + 19.5, south + 18.0))))
    return Plan(44.0 * blocks, 44.0 * blocks, walls=tuple(walls), buildings=tuple(buildings)), middles


def room_with_a_door(width: float) -> Plan:
    """Return a bounded plane with a room of 10 x 10 metres in the west, and a door of that width to its east."""
    corners = ((1.0, 1.0), (11.0, 1.0), (11.0, 11.0), (1.0, 11.0))
    return Plan(24.0, 12.0, buildings=(Building("room", corners, (Door(1, 5.0, width),)),))
