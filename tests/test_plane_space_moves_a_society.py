"""What is true of `PlaneSpace` beyond the contract of a Space: bodies, metres and walls, in cells half a metre wide."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import SpaceError
from engine.rng import Rng
from engine.society.places import Place, Places
from engine.spaces.plane.plan import Building, Door, Plan, wall_segments
from engine.spaces.plane.space import PlaneSpace
from engine.spaces.plane.steps import SLACK
from engine.spaces.plane.team import Team
from engine.values import Int32s
from engine.world import World
from tests.contract.plane_board import PlaneBoard
from tests.contract.space_contract import bustle, ids
from tests.plane_spaces import make_plane
from tests.test_plane_people_never_pass_a_wall import distances

PITCH, COLUMNS, ROWS = 0.5, 48, 32
HOUSE = Building("house", ((14.0, 3.0), (21.0, 3.0), (21.0, 10.0), (14.0, 10.0)), (Door(3, 3.5, 1.2),))
SQUARE, HOME = 0, 1


def cell_at(x: float, y: float) -> int:
    return int(y / PITCH) * COLUMNS + int(x / PITCH)


def board(torus: bool = False) -> PlaneBoard:
    """Return a plane with a house and a square, in cells as wide as those over which ways are found."""
    places = Places([Place("square", "square", cell_at(4, 8), 5, 99), Place("home", "house", cell_at(17, 6), 3, 9)])
    return PlaneBoard("half metres", Plan(COLUMNS * PITCH, ROWS * PITCH, torus, buildings=(HOUSE,)), PITCH, places)


def made(people: int, torus: bool = False) -> tuple[World, PlaneSpace, Int32s]:
    """Return a world with people who are not in the space yet, its space, and their ids."""
    world, space = make_plane(board(torus), 3, people)
    return world, space, world.living()


@pytest.mark.parametrize("torus", (True, False))
def test_people_enter_where_there_is_room_and_keep_apart(torus: bool) -> None:
    world, space, who = made(150, torus)
    space.enter(who, ids([cell_at(17, 6), cell_at(4, 8), cell_at(14, 6)] * 50))
    at, reach = board().spots(world) * PITCH, world["space.radius"] / 1000
    gaps = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1)) - reach[:, None] - reach[None]
    np.fill_diagonal(gaps, 1)
    assert gaps.min() >= 0
    assert distances(at, wall_segments(Plan(24, 16, torus, buildings=(HOUSE,)))).min() > 0.2
    assert world["space.cell"][:2].tolist() == [cell_at(17, 6), cell_at(4, 8)]
    assert world["space.place"][:2].tolist() == [HOME, SQUARE]
    with pytest.raises(SpaceError, match=r"3000 people enter where \d+ fit; make the plane larger"):
        more = world.add(3_000)
        space.enter(more, ids([5] * 3_000))


def test_walking_takes_about_as_long_as_the_way() -> None:
    _, space, who = made(1)
    space.enter(who, ids([cell_at(22.5, 6)]))
    way = int(space.place_distance(who, ids([HOME]))[0])
    assert 15 <= way <= 18  # metres around the house to its door in the west
    space.head_for_place(who, ids([HOME]))
    ticks = 0
    while not space.arrived(who).all():
        space.move(ticks)
        ticks += 1
        assert ticks < 60
    assert way / 1.34 - 1 <= ticks <= way / 1.34 * 1.4 + 4


def test_nobody_comes_to_somebody_through_a_wall() -> None:
    world, space, who = made(2)
    space.enter(who, ids([cell_at(13.75, 9.25), cell_at(14.25, 9.25)]))
    space.head_for_agent(who[:1], who[1:])
    assert not space.arrived(who[:1]).any() and not space.contacts(who, 2).items.size
    for tick in range(20):
        space.move(tick)
    assert space.arrived(who).all() and world["space.place"].tolist() == [HOME, HOME]
    assert space.contacts(who, 2).items.tolist() == [1, 0]


def test_who_is_in_a_house_comes_to_somebody_in_the_open() -> None:
    world, space, who = made(2)
    space.enter(who, ids([cell_at(19, 9), cell_at(18, 13)]))
    space.head_for_agent(who[:1], who[1:])
    for tick in range(40):
        space.move(tick)
    assert space.arrived(who).all() and world["space.place"].tolist() == [-1, -1]


def test_nobody_is_in_a_wall_or_in_somebody_after_many_ticks() -> None:
    world, space, who = made(200)
    space.enter(who, ids(np.random.default_rng(5).integers(0, space.cells, 200)))
    ends = wall_segments(Plan(24, 16, buildings=(HOUSE,)))
    for tick in range(30):
        bustle(world, space, board(), tick)
        at, reach = board().spots(world) * PITCH, world["space.radius"] / 1000
        gaps = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1)) - reach[:, None] - reach[None]
        np.fill_diagonal(gaps, 1)
        assert gaps.min() > -SLACK
        assert (distances(at, ends).min(axis=1) > reach - SLACK).all()
        assert np.array_equal(world["space.cell"], ids((at // PITCH).astype(np.int32) @ (1, COLUMNS)))


def test_what_cannot_be_is_one_line() -> None:
    _, space, who = made(3)
    for call, message in (
        (lambda: space.enter(who, ids([1])), "3 people enter at 1 cells; give one cell for each"),
        (lambda: space.enter(who, ids([1, 2, 9_999])), "cells 1 to 9999 are entered; the grid has 0 to 1535"),
        (lambda: space.head_for_place(who, ids([0, 1, 2])), "places 0 to 2 are meant; ids are 0 to 1"),
        (lambda: space.arrived(ids([7])), "people 7 to 7 are meant; there are 0 to 2"),
        (lambda: space.set_speed(who, ids([0, 1, 1])), "a walking speed is 0 cm/s; use 1 or more"),
        (lambda: space.contacts(who, -1), "radius is -1; use 0 or more cells"),
        (lambda: space.nearest(who, np.zeros(3, np.bool_)), "the mask has 3 cells, the grid 1536; give one flag for"),
    ):
        with pytest.raises(SpaceError, match=message):
            call()
    with pytest.raises(SpaceError, match="the world has 9 cells, the grid 1536; make both of one size"):
        PlaneSpace(World(9, 0), Places([]), Plan(24, 16), PITCH, 10, 1.0, Rng(1), Team(1))
    with pytest.raises(SpaceError, match=r"a tick has 0 substeps and 1\.0 s; use 1 to 30000, and more than 0 s"):
        PlaneSpace(World(9, 0), Places([]), Plan(24, 16), PITCH, 0, 1.0, Rng(1), Team(1))
