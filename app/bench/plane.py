"""The plane alone, on our kernels: a flock, a crowd among buildings, and a crowd in an open field."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from app.bench.courses import course
from engine.rng import Rng
from engine.spaces.plane.crowd import Crowd
from engine.spaces.plane.fields import FlowFields
from engine.spaces.plane.flocking import Flock, FlockRules
from engine.spaces.plane.heading import head_for_places
from engine.spaces.plane.navigation import disc_around, make_navigation, navigation_cell
from engine.spaces.plane.plan import Building, Door, Plan, check_plan, wall_segments
from engine.spaces.plane.social_force import WALL_REACH, Walkers
from engine.spaces.plane.team import Team
from engine.spaces.plane.walls import clearance, lay_walls
from engine.values import Float32s, Int32s

DENSITY = 0.5
"""Birds and people a square metre."""

VISION, SEPARATION = 5.0, 1.0
BLOCK = 10.0
SUBSTEP, SUBSTEPS = 0.1, 10
"""How many seconds a substep takes, and after how many people think again which field to follow."""

ROOM = 0.3
"""How far people stand from walls at first, in metres."""

SPARE = 1.1
"""So many more spots than people are drawn, since some lie in walls."""

MARGIN = 20.0
"""How far an open field goes on beyond the people in it, in metres."""


def fly(people: Sequence[int], work: int, warm_up: int) -> dict[str, float]:
    """Measure our flock on a torus; see `course`."""
    return course(lambda birds: flock_of(birds).step, people, work, warm_up)


def walk_in_town(people: Sequence[int], work: int, warm_up: int) -> dict[str, float]:
    """Measure a crowd that crosses a town by flow fields, and goes in and out of its buildings; see `course`."""
    return course(town_walk, people, work, warm_up)


def walk_in_field(people: Sequence[int], work: int, warm_up: int) -> dict[str, float]:
    """Measure a crowd that walks east over an open field; see `course`."""
    return course(field_walk, people, work, warm_up)


def birds_of(birds: int) -> tuple[float, Float32s, Float32s]:
    """Return the side of a square in metres, and places and velocities float32[n,2] of birds all over it."""
    side, draw = math.sqrt(birds / DENSITY), np.random.default_rng(1)
    places = (draw.random((birds, 2)) * side * 0.9999).astype(np.float32)
    angle = draw.uniform(0, 2 * np.pi, birds)
    return side, places, np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32)


def flock_of(birds: int) -> Flock:
    """Return our flock on a torus."""
    side, places, velocities = birds_of(birds)
    return Flock(side, side, True, places, velocities, FlockRules(VISION, SEPARATION), Team())


def field_walk(people: int) -> Callable[[], None]:
    """Return what moves a crowd by a substep over an open field; everyone wants to go east."""
    side, states = field_of(people)
    crowd = Crowd(side, side, False, np.zeros((0, 4)), Rng(1), Team())
    crowd.take(np.arange(people, dtype=np.int32), states)
    return _walk(crowd, lambda walkers, ids, tick: None)


def field_of(people: int) -> tuple[float, Float32s]:
    """Return the side of an open field in metres, and people amid it who want to go east, by columns of `Walkers`."""
    side, draw = math.sqrt(people / DENSITY), np.random.default_rng(1)
    states = _spread(side, people, draw)
    states[:, :2] += MARGIN
    states[:, 6] = 1.0
    return side + 2 * MARGIN, states


def town_walk(people: int) -> Callable[[], None]:
    """Return what moves a crowd by a substep through a town, to three ends of it."""
    plan, draw = town(people), np.random.default_rng(1)
    ends = ((1.0, 1.0), (plan.width - 1, plan.height - 1), (plan.width / 2, 1.0))
    walls = lay_walls(wall_segments(plan), plan.width, plan.height, plan.torus, WALL_REACH)
    states = _spread(plan.width, math.ceil(SPARE * people), draw)
    free = np.flatnonzero([clearance(walls, x, y) > ROOM for x, y in states[:, :2]])
    states = states[draw.choice(free, min(people, free.size), replace=False)]
    return headed_walk(plan, ends, states, draw.integers(0, len(ends), len(states)).astype(np.int32))[1]


def headed_walk(
    plan: Plan, ends: Sequence[tuple[float, float]], states: Float32s, goals: Int32s
) -> tuple[Crowd, Callable[[], None]]:
    """Return a crowd on a plan, and what moves it by a substep to the ends[goals[id]] by their flow fields."""
    check_plan(plan, "bench")
    segments, team = wall_segments(plan), Team()
    walls = lay_walls(segments, plan.width, plan.height, plan.torus, WALL_REACH)
    grid = make_navigation(plan.width, plan.height, plan.torus, walls, 0.5)
    cells = np.array([navigation_cell(grid, np.float32(x), np.float32(y)) for x, y in ends], np.int32)
    names, discs = [f"end {i}" for i in range(cells.size)], [disc_around(grid, int(cell), 2) for cell in cells]
    fields = FlowFields(grid, walls, names, cells, discs, team)
    guides = np.full(len(states), -1, np.int32)
    crowd = Crowd(plan.width, plan.height, plan.torus, segments, Rng(1), team)
    crowd.take(np.arange(len(states), dtype=np.int32), states)

    def aim(walkers: Walkers, ids: Int32s, tick: int) -> None:
        if tick % SUBSTEPS == 0:
            guides[ids] = fields.guides(goals[ids], walkers.x[: ids.size], walkers.y[: ids.size])
        crowd.share(head_for_places, grid, walls, fields.fields, guides[ids], walkers)

    return crowd, _walk(crowd, aim)


def _walk(crowd: Crowd, aim: Callable[[Walkers, Int32s, int], None]) -> Callable[[], None]:
    """Return what moves a crowd by one substep; aim(walkers, ids, tick) says which way they want."""
    tick = 0

    def step() -> None:
        nonlocal tick
        crowd.step(SUBSTEP, tick, 0, lambda walkers, ids: aim(walkers, ids, tick))
        tick += 1

    return step


def town(people: int) -> Plan:
    """Return a plane of blocks with room for so many people; on every fifth stands a building with a door."""
    blocks = max(3, math.ceil(math.sqrt(people / DENSITY) / BLOCK))
    buildings = []
    for row in range(blocks):
        for column in range(blocks):
            if (3 * row + column) % 5 == 2:
                west, south, side = column * BLOCK + 2, row * BLOCK + 2, BLOCK - 4
                corners = ((west, south), (west + side, south), (west + side, south + side), (west, south + side))
                buildings.append(Building(f"house {row} {column}", corners, (Door((row + column) % 4, 3.0, 1.5),)))
    return Plan(blocks * BLOCK, blocks * BLOCK, buildings=tuple(buildings))


def _spread(side: float, people: int, draw: np.random.Generator) -> Float32s:
    """Return people on a shaken grid all over a square, by the columns of `Walkers`, with the paper's paces."""
    along = math.ceil(math.sqrt(people))
    pitch = (side - 1) / along
    spots = np.stack(np.divmod(np.arange(people), along), axis=1) * pitch + pitch / 2 + 0.5
    states = np.zeros((people, len(Walkers._fields)), np.float32)
    states[:, :2] = spots + draw.uniform(-0.2, 0.2, spots.shape)
    states[:, 4], states[:, 5] = bodies(people, draw)
    return states


def bodies(people: int, draw: np.random.Generator) -> tuple[Float32s, Float32s]:
    """Return radii in metres, and paces in metres a second by the paper's mean and spread."""
    radii, paces = draw.uniform(0.2, 0.25, people), draw.normal(1.34, 0.26, people).clip(0.5, 2.2)
    return radii.astype(np.float32), paces.astype(np.float32)
