"""Flow fields: from everywhere to the door, by ways that are hardly longer than the shortest that there are."""

from __future__ import annotations

import heapq

import numpy as np
import pytest

from engine.spaces.plane.navigation import CLEAR
from engine.spaces.plane.plan import Building, Door, Plan, Segments, Wall, wall_segments
from engine.spaces.plane.windows import FAR
from tests.plane_rooms import Doubles, Hall, middles
from tests.test_plane_people_never_pass_a_wall import crossings, distances

MAZE = Plan(
    20.0,
    16.0,
    walls=(Wall("bend", ((2, 12), (9, 12), (9, 15))), Wall("slant", ((13.2, 1.3), (17.7, 6.1)))),
    buildings=(Building("shop", ((5, 3), (11, 3), (11, 9), (5, 9)), (Door(3, 2.3, 1.0), Door(1, 4.0, 1.2))),),
)
TARGET = 8.25, 6.25


def shortest(plan: Plan, target: tuple[float, float], starts: Doubles) -> Doubles:
    """Return the shortest ways that keep clear of walls, in metres: over a graph of points around the walls' ends."""
    ends = wall_segments(plan)
    angles = np.arange(24) * np.pi / 12
    around = np.stack([np.cos(angles), np.sin(angles)], axis=1) * CLEAR * 1.01
    corners = (np.unique(ends.reshape(-1, 2), axis=0)[:, None] + around[None]).reshape(-1, 2)
    corners = corners[distances(corners, ends).min(axis=1) > CLEAR * 0.98]
    corners = corners[((corners > 0) & (corners < (plan.width, plan.height))).all(axis=1)]
    points = np.concatenate([[target], corners, starts])
    ways = np.full(len(points), np.inf)
    ways[0] = 0
    queue = [(0.0, 0)]
    while queue:
        way, at = heapq.heappop(queue)
        if way > ways[at]:
            continue
        here = np.repeat(points[at : at + 1], len(points), axis=0)
        legs = np.hypot(*(points - here).T)
        for to in np.flatnonzero((ways > way + legs) & (legs > 0)):
            if keeps_clear(here[0], points[to], ends):
                ways[to] = way + legs[to]
                heapq.heappush(queue, (float(ways[to]), int(to)))
    return ways[-len(starts) :]


def keeps_clear(start: Doubles, end: Doubles, ends: Segments) -> bool:
    """Whether a straight way keeps clear of all walls, but for a hair."""
    way = np.concatenate([start, end])[None]
    nearest = min(distances(ends.reshape(-1, 2), way).min(), distances(way.reshape(-1, 2), ends).min())
    return nearest > 0.98 * CLEAR and not crossings(start[None], end[None], ends)


@pytest.mark.parametrize("pitch", (0.25, 0.5))
def test_fields_lead_from_everywhere_by_nearly_the_shortest_way(pitch: float) -> None:
    hall = Hall(MAZE, [TARGET], reach=0, pitch=pitch)
    way = hall.field(0)[0]
    spots = middles(hall)
    target = spots[hall.fields.ends[0][0]]
    picked = np.random.default_rng(2).choice(np.flatnonzero(hall.grid.open), 60, replace=False)
    assert (way[hall.grid.open] < FAR).all()
    least = shortest(MAZE, (float(target[0]), float(target[1])), spots[picked])
    found = way[picked] / 1000
    assert (found >= least * 0.98 - 0.05).all()
    assert (found <= least * 1.03 + 1.5 * pitch).all()


def test_everyone_sees_the_point_that_they_head_for() -> None:
    hall = Hall(MAZE, [TARGET], reach=0)
    (way, aim), ends, spots = hall.field(0), wall_segments(MAZE), middles(hall)
    assert crossings(spots, spots[aim], ends) == 0
    inside = np.flatnonzero(hall.grid.open & (aim != np.arange(aim.size)))
    assert (way[aim[inside]] < way[inside]).all()
    for share in (0.25, 0.5, 0.75):
        between = spots[inside] + share * (spots[aim[inside]] - spots[inside])
        assert distances(between, ends).min() > CLEAR - 1e-3


def test_ways_lead_through_a_door_wherever_it_is_on_the_grid() -> None:
    for at in np.arange(2.0, 3.0, 0.09):
        corners = ((2.1, 2.2), (7.3, 2.2), (7.3, 7.4), (2.1, 7.4))
        plan = Plan(10.0, 10.0, buildings=(Building("hut", corners, (Door(0, float(at), 0.9),)),))
        hall = Hall(plan, [(5, 5)])
        way = hall.field(0)[0]
        assert (way[hall.grid.open] < FAR).all(), at


def test_a_torus_is_crossed_at_its_edges() -> None:
    hall = Hall(Plan(40.0, 30.0, True, (Wall("bar", ((20, 0), (20, 30))),)), [(1.25, 15.25)], reach=0)
    way = hall.field(0)[0].reshape(60, 80)
    assert way[30, 78] == 2_000
    assert way[30, 41] > 18_000
    assert abs(int(way[0, 2]) - 14_750) < 800
