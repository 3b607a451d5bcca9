"""Our rules of walking and of being near, and nothing else: on our hex space, and on Mesa's hex grid beside it.

Both start from the same map, cells and speeds, have the same goals, and give whoever has arrived a new goal at random.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from app.bench.land_map import map_of
from app.bench.sizes import Society
from app.bench.societies import settlement
from app.compose import compose
from app.progress import percentile
from engine.rng import purpose
from engine.society.society import Society as Engine
from engine.spaces.hex.space import HexSpace
from engine.values import Int32s

GOALS = 32
"""So many places, spread over the list of all, are walked to: as many as Mesa's lookups have room for."""

PACE = 120
"""How fast all walk, in centimetres a second."""

WHERE, NEXT = purpose("bench.where"), purpose("bench.next")


def _walkers(society: Society) -> tuple[Engine, HexSpace, Int32s, Int32s]:
    """Return the engine's society with people at random cells, its space, their ids, and the goals."""
    engine = compose(settlement(society), replay=True).society
    space = engine.space
    assert isinstance(space, HexSpace)
    who = engine.world.add(society.people)
    space.rebuild()
    land = np.flatnonzero(space.room > 0).astype(np.int32)
    space.enter(who, land[engine.rng.below(land.size, WHERE, who, 0)])
    space.set_speed(who, np.full(who.size, PACE, np.int32))
    count = len(engine.places)
    goals = np.unique(np.linspace(0, count - 1, min(GOALS, count)).astype(np.int32))
    return engine, space, who, goals


def walk_on_hex(society: Society, ticks: int, warm_up: int) -> dict[str, Any]:
    """Measure our space: ms a tick, cells walked and contacts in a tick."""
    engine, space, who, goals = _walkers(society)
    took: list[float] = []
    cells = contacts = 0
    for tick in range(1, warm_up + ticks + 1):
        before = engine.bodies.cell.copy()
        begun = time.perf_counter()
        there = who[space.arrived(who)]
        space.head_for_place(there, goals[engine.rng.below(goals.size, NEXT, there, tick)])
        space.move(tick)
        near = space.contacts(who, 1)
        took.append(1000 * (time.perf_counter() - begun))
        if tick > warm_up:
            cells += int(space.distance(before, engine.bodies.cell.copy()).sum())
            contacts += near.items.size
    return _found(took[warm_up:], cells / ticks, contacts / ticks)


def walk_on_mesa(society: Society, ticks: int, warm_up: int) -> dict[str, Any]:
    """Measure Mesa: ms a tick, cells walked and contacts in a tick."""
    from app.bench.mesa_walkers import Walkers  # not before: Mesa takes a second and 100 MB

    engine, space, who, goals = _walkers(society)
    bodies = engine.bodies
    seed = engine.scenario.seed
    model = Walkers(map_of(space, goals), bodies.cell[who], bodies.speed[who], space.substeps, seed)
    took: list[float] = []
    cells = contacts = 0
    for tick in range(1, warm_up + ticks + 1):
        before = model.cells()
        begun = time.perf_counter()
        model.step()
        took.append(1000 * (time.perf_counter() - begun))
        if tick > warm_up:
            cells += int(space.distance(before, model.cells()).sum())
            contacts += model.contacts()
    return _found(took[warm_up:], cells / ticks, contacts / ticks)


def _found(took: list[float], cells: float, contacts: float) -> dict[str, Any]:
    return {"ms": percentile(took, 0.5), "p99": percentile(took, 0.99), "cells": cells, "contacts": contacts}
