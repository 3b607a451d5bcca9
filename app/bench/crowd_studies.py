"""What studies of crowds measure, on our crowd: the flow through a door by its width, and speed by density.

Beside ours stands what is known of people:

- doors: 1.3 people a second and metre of width is what evacuations are planned with (International Maritime
  Organization, MSC.1/Circ.1533, Revised guidelines on evacuation analysis, annex 2, table 1.2, doorways); about 1.9 is
  what experiments found, with a flow that grows linearly with the width (Seyfried, Passon, Steffen, Boltes, Rupprecht
  and Klingsch 2009, "New insights into pedestrian flow through bottlenecks", Transportation Science 43(3), 395-406);
- speed by density, the fundamental diagram: v = 1.34 m/s (1 - exp(-1.913 (1/density - 1/5.4))), drawn from many studies
  together (Weidmann 1993, "Transporttechnik der Fussgänger", Schriftenreihe des IVT 90, ETH Zürich).

Ours is nothing fitted: the paces are Weidmann's, as in the paper of the social force, and all else follows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from app.bench.plane import bodies
from app.compose import compose, find_scenario, sections
from engine.rng import Rng
from engine.scenario import set_paths
from engine.spaces.plane.crowd import Crowd
from engine.spaces.plane.plan import Plan, Wall, wall_segments
from engine.spaces.plane.social_force import Walkers
from engine.spaces.plane.team import Team
from engine.values import Float32s

DOOR_FLOW = (1.3, 1.9)
"""People a second and metre of a door's width that studies find; see above."""

STEP = 0.05
"""Seconds of a substep, as in the scenario `crowd`.

With steps of 0.1 s doors let through up to a tenth less, and at two people to a square metre they walk a fifth slower;
with steps half as long those speeds change by 4 %.
"""

NEAR_WALLS = 0.4
"""How far people stand from walls at first, in metres."""

BETWEEN = (0.2, 0.7)
"""The flow is that between the moments when these shares of the people are out."""

PATIENCE = 400
"""After so many seconds a door is taken for blocked."""

RING, LANE = 30.0, 4.0
"""Length and width of the corridor that is a ring, in metres."""


def doors(people: int, widths: Sequence[float]) -> dict[str, float]:
    """Let people out of a room through doors of so many metres; return people a second, by the width in cm."""
    return {f"{centimetres(width)}": door_flow(people, width) for width in widths}


def centimetres(width: float) -> int:
    """Return metres in whole centimetres, by which doors are named."""
    return round(100 * width)


def door_flow(people: int, width: float) -> float:
    """Return how many people a second leave the hall of the scenario `crowd` by a door; 0 when they do not get out.

    Substeps are as long as there; ticks last a second, which is what the time is measured in.
    """
    door = "space.buildings[0].doors[0].width"
    second = {"time.tick": 1, "space.substeps": round(1 / STEP), "population.count": people, door: width}
    hall = set_paths(find_scenario("crowd"), [(path, str(value)) for path, value in second.items()], sections())
    laboratory = compose(hall)
    laboratory.found()
    bodies, inside = laboratory.society.world.see("space"), laboratory.society.places.find("Hall")
    begun = first = 0
    for tick in range(PATIENCE):
        laboratory.runner.tick()
        out = int((bodies.place != inside).sum())
        if out < BETWEEN[0] * people:
            begun, first = tick, out
        elif out >= BETWEEN[1] * people:
            return (out - first) / (tick - begun)
    return 0.0


def fundamental(densities: Sequence[float], seconds: float) -> dict[str, float]:
    """Let people walk round a corridor; return their mean speed in m/s by people to ten square metres.

    It is that in the second half of so many seconds.
    """
    return {f"{tenths(density)}": speed_at(density, seconds) for density in densities}


def tenths(density: float) -> int:
    """Return people to ten square metres, by which densities are named."""
    return round(10 * density)


def speed_at(density: float, seconds: float) -> float:
    """Return the mean speed along a corridor of 30 x 4 m that is a ring, with so many people to a square metre."""
    people, draw = round(density * RING * LANE), np.random.default_rng(round(100 * density))
    low, high = 4.0, 4.0 + LANE
    sides = tuple(Wall(f"side {y:g}", ((0.0, y), (RING, y))) for y in (low, high))
    plan = Plan(RING, 12, True, sides)
    states = _standing((0.0, low), (RING, high), people, draw)
    states[:, 6] = 1.0
    crowd = Crowd(plan.width, plan.height, plan.torus, wall_segments(plan), Rng(1), Team(1))
    crowd.take(np.arange(people, dtype=np.int32), states)
    ticks, along = int(seconds / STEP), []
    for tick in range(ticks):
        crowd.step(STEP, tick, 0, _keep_on)
        along.append(float(crowd.state()[:, 2].mean()))
    return float(np.mean(along[ticks // 2 :]))


def weidmann(density: float) -> float:
    """Return the speed in m/s at so many people to a square metre; Weidmann 1993, see above."""
    return 1.34 * (1 - math.exp(-1.913 * (1 / density - 1 / 5.4)))


def _standing(low: tuple[float, float], high: tuple[float, float], people: int, draw: np.random.Generator) -> Float32s:
    """Return people in a rectangle on a slightly shaken grid, by the columns of `Walkers`."""
    sides = np.array(high) - low - 2 * NEAR_WALLS
    rows = math.ceil(math.sqrt(people * sides[1] / sides[0]))
    columns = math.ceil(people / rows)
    place = np.stack([np.arange(people) // rows + 0.5, np.arange(people) % rows + 0.5], axis=1)
    states = np.zeros((people, len(Walkers._fields)), np.float32)
    states[:, :2] = np.array(low) + NEAR_WALLS + place * sides / (columns, rows)
    states[:, :2] += draw.uniform(-0.02, 0.02, (people, 2))
    states[:, 4], states[:, 5] = bodies(people, draw)
    return states


def _keep_on(people: Walkers, ids: object) -> None:
    """Let everyone want what they wanted before."""
