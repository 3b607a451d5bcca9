"""The plane alone: a flock and a crowd among buildings on our kernels, and Mesa's own flockers beside the flock."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from app.progress import percentile
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


def fly(birds: int, ticks: int, warm_up: int) -> dict[str, Any]:
    """Measure our flock on a torus: ms a step."""
    side, draw = math.sqrt(birds / DENSITY), np.random.default_rng(1)
    places = (draw.random((birds, 2)) * side * 0.9999).astype(np.float32)
    angle = draw.uniform(0, 2 * np.pi, birds)
    velocities = np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32)
    flock = Flock(side, side, True, places, velocities, FlockRules(VISION, SEPARATION), Team())
    return _timed(flock.step, ticks, warm_up)


def fly_on_mesa(birds: int, ticks: int, warm_up: int) -> dict[str, Any]:
    """Measure Mesa's own example of flocking at the same density and vision: ms a step."""
    from mesa.examples.basic.boid_flockers.model import BoidFlockers  # not before: it takes a second and 100 MB

    side = math.sqrt(birds / DENSITY)
    model = BoidFlockers(birds, side, side, vision=VISION, separation=SEPARATION, seed=1)
    return _timed(model.step, ticks, warm_up)


def walk_in_town(people: int, ticks: int, warm_up: int) -> dict[str, Any]:
    """Measure a crowd that crosses a town by flow fields, and goes in and out of its buildings: ms a substep."""
    plan = town(people)
    check_plan(plan, "town")
    segments, draw = wall_segments(plan), np.random.default_rng(1)
    walls = lay_walls(segments, plan.width, plan.height, plan.torus, WALL_REACH)
    grid = make_navigation(plan.width, plan.height, plan.torus, walls, 0.5)
    spots = ((1.0, 1.0), (plan.width - 1, plan.height - 1), (plan.width / 2, 1.0))
    cells = np.array([navigation_cell(grid, np.float32(x), np.float32(y)) for x, y in spots], np.int32)
    names, ends, team = [f"end {i}" for i in range(cells.size)], [disc_around(grid, int(c), 2) for c in cells], Team()
    fields = FlowFields(grid, walls, names, cells, ends, team)
    states = _standing_free(plan, people, draw)
    states = states[[clearance(walls, x, y) > ROOM for x, y in states[:, :2]]]
    goals = draw.integers(0, cells.size, len(states)).astype(np.int32)
    guides, tick = np.full(len(states), -1, np.int32), 0
    crowd = Crowd(plan.width, plan.height, plan.torus, segments, Rng(1), team)
    crowd.take(np.arange(len(states), dtype=np.int32), states)

    def aim(walkers: Walkers, ids: Int32s) -> None:
        if tick % SUBSTEPS == 0:
            guides[ids] = fields.guides(goals[ids], walkers.x[: ids.size], walkers.y[: ids.size])
        crowd.share(head_for_places, grid, walls, fields.fields, guides[ids], walkers)

    def go_on() -> None:
        nonlocal tick
        crowd.step(SUBSTEP, tick, 0, aim)
        tick += 1

    return {**_timed(go_on, ticks, warm_up), "people": len(states)}


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


def _standing_free(plan: Plan, people: int, draw: np.random.Generator) -> Float32s:
    """Return people on a shaken grid all over a plane, by the columns of `Walkers`, with the paper's paces."""
    along = math.ceil(math.sqrt(people))
    pitch = (plan.width - 1) / along
    spots = np.stack(np.divmod(np.arange(people), along), axis=1) * pitch + pitch / 2 + 0.5
    states = np.zeros((people, len(Walkers._fields)), np.float32)
    states[:, :2] = spots + draw.uniform(-0.2, 0.2, spots.shape)
    states[:, 4] = draw.uniform(0.2, 0.25, people)
    states[:, 5] = draw.normal(1.34, 0.26, people).clip(0.5, 2.2)
    return states


def _timed(step: Callable[[], None], ticks: int, warm_up: int) -> dict[str, Any]:
    took = []
    for _ in range(warm_up + ticks):
        begun = time.perf_counter()
        step()
        took.append(1000 * (time.perf_counter() - begun))
    return {"ms": percentile(took[warm_up:], 0.5), "p99": percentile(took[warm_up:], 0.99)}
