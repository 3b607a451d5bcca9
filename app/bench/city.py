"""What a society on a plane costs beside its walking: a tick of the city, and the memory of a person."""

from __future__ import annotations

import gc
import json
import math
from statistics import fmean, median

import numpy as np
import psutil

from app.bench.plane import DENSITY
from app.bench.societies import fresh
from app.bench.stopwatch import Stopwatch
from app.bench.ticks import recorded
from app.compose import compose, find_scenario, read_scenario, sections
from app.home import home
from engine.scenario import Scenario, set_paths
from engine.spaces.plane.space import PlaneSpace

RUSH = "07:00"
"""When people set out for work."""

PLAIN = """
sociarium: 1
name: plain
time: {{tick: 2}}
space: {{kind: plane, width: {side}, height: {side}, edges: torus, substeps: 8, cell: 2}}
places: [{{name: Square, kind: square, at: [20, 20], radius: 10}}]
population: {{count: 1, roles: {{walker: 1.0}}}}
roles: {{walker: {{}}}}
modules: {{drives: {{}}}}
"""


def city_ticks(people: int, blocks: int, side: int, ticks: int, warm_up: int) -> dict[str, float]:
    """Measure recorded ticks of the city in the morning rush, in ms, without and of the substeps of its bodies.

    Returns rest, the median without them, mean, the same as a mean, and substeps, their median.
    """
    changes = {
        "population.count": people, "town.blocks": [blocks, blocks], "space.width": side, "space.height": side,
        "time.start": RUSH,
    }  # fmt: skip
    pairs = [(path, json.dumps(value)) for path, value in changes.items()]
    laboratory = compose(set_paths(find_scenario("city"), pairs, sections()))
    space = laboratory.society.space
    assert isinstance(space, PlaneSpace)
    path = fresh(home() / "runs", f"city-{people}")
    stopwatch, took = Stopwatch(), []
    try:
        with recorded(laboratory, path):
            laboratory.found()
            stopwatch.time(laboratory.runner, "tick", "rest")
            stopwatch.time(space._bodies, "step", "substeps")
            for _ in range(warm_up):
                laboratory.runner.tick()
            for _ in range(ticks):
                stopwatch.seconds.clear()
                laboratory.runner.tick()
                took.append(dict(stopwatch.seconds))
    finally:
        path.unlink(missing_ok=True)
    rest, substeps = ([1000 * tick[part] for tick in took] for part in ("rest", "substeps"))
    return {"rest": median(rest), "mean": fmean(rest), "substeps": median(substeps)}


def memory(people: int, land_for: int, ticks: int) -> dict[str, float]:
    """Measure the memory in bytes of people with bodies and drives alone, on a plane with land for so many.

    They stroll for some ticks. Returns settled, what the process holds afterwards, and land, the plane's size in
    square metres.
    """
    side = max(40, 2 * math.ceil(math.sqrt(land_for / DENSITY) / 2))
    laboratory = compose(_populated(read_scenario(PLAIN.format(side=side), "plain"), people))
    society = laboratory.society
    who = society.world.add(people)
    space = society.space
    space.set_speed(who, np.full(people, 134, np.int32))
    space.enter(who, np.linspace(0, space.cells - 1, people).astype(np.int32))
    for module in society.modules.values():
        module.born(who, 0)
    space.stroll(who)
    for tick in range(1, ticks + 1):
        now = society.now(tick)
        for module in society.modules.values():
            module.settle(now)
        space.move(tick)
    gc.collect()
    return {"settled": float(psutil.Process().memory_info().rss), "land": float(side * side)}


def _populated(scenario: Scenario, people: int) -> Scenario:
    """Return a scenario with room for more people than one that is read may have."""
    population = scenario.population.model_copy(update={"count": people})
    return scenario.model_copy(update={"population": population})
