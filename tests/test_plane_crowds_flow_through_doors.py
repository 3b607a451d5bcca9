"""Evacuation: everyone gets out, and the wider the door, the faster."""

from __future__ import annotations

import numpy as np

from engine.spaces.plane.plan import Plan, Wall
from tests.plane_rooms import Hall, apart_spots, crowd_of, room_with_a_door, walkers

PEOPLE, SECONDS, WALL = 70, 0.1, 11.0


def seconds_until_half_are_out(width: float) -> float:
    """Return how long it takes until half of the people are out of a room with a door of that width."""
    hall, draw = Hall(room_with_a_door(width), [(22, 6)], reach=3), np.random.default_rng(1)
    crowd = crowd_of(hall.plan, walkers(draw, apart_spots(draw, (1.6, 1.6), (9.0, 10.4), PEOPLE)))
    goals, half = np.zeros(PEOPLE, np.int32), 0.0
    for tick in range(1, 1_200):
        hall.step(crowd, goals, SECONDS, tick)
        out = int((crowd.state()[:, 0] > WALL).sum())
        if not half and out >= PEOPLE / 2:
            half = tick * SECONDS
        if out == PEOPLE:
            return half
    raise AssertionError(f"{PEOPLE - out} people are still in the room with the door of {width} m")


def test_flow_through_a_door_rises_with_its_width_and_everyone_gets_out() -> None:
    taken = [seconds_until_half_are_out(width) for width in (1.1, 1.6, 2.4, 3.6)]
    assert taken == sorted(taken, reverse=True)
    assert taken[0] > 1.8 * taken[3]


def test_people_walk_slower_the_denser_they_are() -> None:
    """The fundamental diagram: mean speed along a corridor that is a ring falls with density."""
    speeds = []
    for people in (10, 60, 120):
        sides = ((0.0, 4.0), (30.0, 4.0)), ((0.0, 8.0), (30.0, 8.0))
        plan = Plan(30, 12, True, tuple(Wall(f"side {i}", ends) for i, ends in enumerate(sides)))
        draw = np.random.default_rng(people)
        states = walkers(draw, apart_spots(draw, (0.3, 4.4), (29.7, 7.6), people))
        states[:, 6:] = 1, 0
        crowd, along = crowd_of(plan, states), []
        for tick in range(150):
            crowd.step(SECONDS, tick, 0, lambda people, ids: None)
            along.append(crowd.state()[:, 2].mean())
        speeds.append(float(np.mean(along[75:])))
    assert speeds[0] > 1.0
    assert speeds[0] > speeds[1] > speeds[2] > 0
