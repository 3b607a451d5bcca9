"""Mistakes in a plan's geometry are said at once, each in one line with the place and the mend."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import ScenarioError, SpaceError
from engine.rng import Rng
from engine.spaces.plane.crowd import Crowd
from engine.spaces.plane.navigation import make_navigation
from engine.spaces.plane.plan import Building, Door, Plan, Point, Wall, check_plan, wall_segments
from engine.spaces.plane.team import Team
from engine.spaces.plane.walls import lay_walls
from tests.plane_rooms import Hall, room_with_a_door, walkers

SQUARE: tuple[Point, ...] = ((2, 2), (8, 2), (8, 8), (2, 8))
BOW: tuple[Point, ...] = ((2, 2), (8, 8), (8, 2), (2, 8))


def one(*buildings: Building, walls: tuple[Wall, ...] = ()) -> Plan:
    return Plan(20, 10, buildings=buildings, walls=walls)


@pytest.mark.parametrize(
    ("plan", "message"),
    (
        (Plan(0, 10), "town: space: a plane of 0 x 10 m is none. Give it a width and a height above 0"),
        (
            one(Building("bakery", BOW, (Door(0, 2),))),
            "town: space.buildings[0] (bakery): its sides 0 and 2 cross near [2, 2]. "
            "Order the corners so that no two sides meet",
        ),
        (
            one(Building("home 3", SQUARE)),
            "town: space.buildings[0] (home 3): the building has no door. "
            "Give it one, so that people can get in and out",
        ),
        (
            one(Building("home 3", SQUARE[:2], (Door(0, 2),))),
            "town: space.buildings[0] (home 3): the building has 2 corners. Give it three or more",
        ),
        (
            one(Building("home 3", SQUARE, (Door(4, 2),))),
            "town: space.buildings[0] (home 3).doors[0]: there is no side 4. Use 0 to 3",
        ),
        (
            one(Building("home 3", SQUARE, (Door(1, 5.8),))),
            "town: space.buildings[0] (home 3).doors[0]: a door 1 m wide at 5.8 m sticks out of side 1, 6 m long. "
            "Move it, or make it narrower",
        ),
        (
            one(Building("home 3", SQUARE, (Door(1, 3, 0.5),))),
            "town: space.buildings[0] (home 3).doors[0]: the door is 0.5 m wide. Make it 0.9 m or wider",
        ),
        (
            one(walls=(Wall("fence", ((1, 1),)),)),
            "town: space.walls[0] (fence): the wall has 1 points. Give it two or more",
        ),
        (
            one(walls=(Wall("fence", ((1, 1), (1, 12))),)),
            "town: space.walls[0] (fence): the corner [1, 12] lies outside the plane of 20 x 10 m. "
            "Move it onto the plane",
        ),
        (
            one(walls=(Wall("fence", ((1, 1), (1, 1), (4, 4))),)),
            "town: space.walls[0] (fence): the corner [1, 1] comes twice in a row. Take one out",
        ),
        (
            one(walls=(Wall("fence", ((1, 1), (9, 1), (9, 5), (4, 0.5))),)),
            "town: space.walls[0] (fence): its sides 0 and 2 cross near [1, 1]. "
            "Order the corners so that no two sides meet",
        ),
    ),
)
def test_a_mistake_is_one_line_with_the_place_and_the_mend(plan: Plan, message: str) -> None:
    with pytest.raises(ScenarioError) as found:
        check_plan(plan, "town")
    assert str(found.value) == message


def test_all_mistakes_are_said_at_once() -> None:
    plan = one(Building("bakery", BOW), Building("home", SQUARE), walls=(Wall("fence", ((1, 1), (30, 1))),))
    with pytest.raises(ScenarioError) as found:
        check_plan(plan, "town")
    assert [problem.path for problem in found.value.problems] == [
        "space.walls[0] (fence)",
        "space.buildings[0] (bakery)",
        "space.buildings[0] (bakery)",
        "space.buildings[1] (home)",
    ]


def test_a_sound_plan_has_walls_with_gaps_for_its_doors() -> None:
    plan = room_with_a_door(2.0)
    check_plan(plan, "town")
    ends = wall_segments(plan)
    assert len(ends) == 5 + 4
    lengths = np.hypot(*(ends[:, 2:] - ends[:, :2]).T)
    assert lengths.sum() == pytest.approx(40 - 2 + 2 * (24 + 12))
    assert len(wall_segments(Plan(20, 10, True))) == 0


def test_places_that_cannot_be_reached_or_stand_in_a_wall_are_named() -> None:
    shut = Plan(20, 10, walls=(Wall("shut", (*SQUARE, SQUARE[0])),))
    with pytest.raises(SpaceError) as found:
        Hall(shut, [(15, 5), (5, 5)]).fields.check_ways()
    assert str(found.value) == (
        "place place 1 at [5.25, 5.25] cannot be reached from place 0; give its building a door, 0.90 m or wider"
    )
    with pytest.raises(SpaceError) as found:
        Hall(Plan(20, 10, walls=(Wall("fence", ((5.25, 2), (5.25, 8))),)), [(5.2, 5)])
    assert str(found.value) == "place place 0 at [5.25, 5.25] stands in a wall; move it clear of it"
    Hall(room_with_a_door(1.0), [(5, 5), (20, 5)]).fields.check_ways()


def test_people_in_a_wall_or_off_the_plane_are_named() -> None:
    plan, draw = room_with_a_door(1.0), np.random.default_rng(1)
    crowd = Crowd(plan.width, plan.height, False, wall_segments(plan), Rng(1), Team(1))
    states = walkers(draw, np.array([[5.0, 5.0], [1.1, 6.0]]))
    crowd.take(np.arange(2, dtype=np.int32), states)
    with pytest.raises(SpaceError, match=r"person 1 stands in a wall at \[1.1, 6.0\]; put them 0.2\d m away from it"):
        crowd.check_room()
    states[1, 0] = 1.4
    crowd.take(np.arange(2, dtype=np.int32), states)
    crowd.check_room()


@pytest.mark.parametrize(
    ("pitch", "message"),
    (
        (1.0, "navigation cells are 1.0 m wide; use 0.1 to 0.75"),
        (0.7, "a plane of 20 x 10 m is no whole number of cells of 0.7 m; make it 20.3 x 9.8 m"),
    ),
)
def test_navigation_cells_fit_the_plane(pitch: float, message: str) -> None:
    walls = lay_walls(wall_segments(Plan(20, 10)), 20, 10, False, 1.5)
    with pytest.raises(SpaceError) as found:
        make_navigation(20, 10, False, walls, pitch)
    assert str(found.value) == message
