"""`PlaneSpace` does what the Space protocol says, on a plane with a house and a square."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.errors import SpaceError
from engine.ports import Space
from engine.rng import Rng
from engine.society.places import Place, Places
from engine.spaces.plane.columns import GRAIN
from engine.spaces.plane.plan import Building, Door, Plan, wall_segments
from engine.spaces.plane.space import LEASH, PlaneSpace
from engine.spaces.plane.steps import SLACK
from engine.spaces.plane.team import Team
from engine.values import Csr, Int32s
from engine.world import World
from tests.test_plane_people_never_pass_a_wall import distances

FAR, PITCH, COLUMNS, ROWS = 1 << 30, 0.5, 48, 32
HOUSE = Building("house", ((14.0, 3.0), (21.0, 3.0), (21.0, 10.0), (14.0, 10.0)), (Door(3, 3.5, 1.2),))
SQUARE, HOME = 0, 1


def cell_at(x: float, y: float) -> int:
    return int(y / PITCH) * COLUMNS + int(x / PITCH)


def made(people: int, torus: bool = False, seed: int = 3) -> tuple[World, PlaneSpace, Int32s]:
    """Return a world with people who are not in the space yet, its space, and their ids."""
    places = Places([Place("square", "square", cell_at(4, 8), 5, 99), Place("home", "house", cell_at(17, 6), 3, 9)])
    world = World(COLUMNS * ROWS, len(places))
    plan = Plan(COLUMNS * PITCH, ROWS * PITCH, torus, buildings=(HOUSE,))
    space = PlaneSpace(world, places, plan, PITCH, 10, 1.0, Rng(seed), Team(1))
    return world, space, world.add(people)


def ids(numbers: Sequence[int] | NDArray[np.signedinteger[Any]]) -> Int32s:
    return np.array(numbers, np.int32)


def rows(csr: Csr) -> list[list[int]]:
    return [csr.row(i).tolist() for i in range(csr.start.size - 1)]


def spots(world: World) -> NDArray[np.float64]:
    return np.stack([world["space.x"], world["space.y"]], axis=1) / GRAIN


def populated(people: int = 60, torus: bool = False) -> tuple[World, PlaneSpace, Int32s]:
    world, space, who = made(people, torus)
    space.enter(who, ids(np.random.default_rng(5).integers(0, space.cells, people)))
    return world, space, who


def bustle(space: Space, who: Int32s, tick: int) -> None:
    """Give everyone something to do now and then, and move."""
    if tick % 4 == 0:
        groups = np.array_split(np.random.default_rng(tick).permutation(who), 4)
        space.head_for_place(groups[0], ids(groups[0] % 2))
        space.head_for_agent(groups[1], np.roll(groups[1], 1))
        space.stroll(groups[2])
        space.halt(groups[3])
    space.move(tick)


@pytest.mark.parametrize("torus", (True, False))
def test_people_enter_where_there_is_room_and_keep_apart(torus: bool) -> None:
    world, space, who = made(150, torus)
    space.enter(who, ids([cell_at(17, 6), cell_at(4, 8), cell_at(14, 6)] * 50))
    at, reach = spots(world), world["space.radius"] / 1000
    gaps = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1)) - reach[:, None] - reach[None]
    np.fill_diagonal(gaps, 1)
    assert gaps.min() >= 0
    assert distances(at, wall_segments(Plan(24, 16, torus, buildings=(HOUSE,)))).min() > 0.2
    assert world["space.cell"][:2].tolist() == [cell_at(17, 6), cell_at(4, 8)]
    assert world["space.place"][:2].tolist() == [HOME, SQUARE]
    with pytest.raises(SpaceError, match=r"3000 people enter where \d+ fit; make the plane larger"):
        more = world.add(3_000)
        space.enter(more, ids([5] * 3_000))


@pytest.mark.parametrize("torus", (True, False))
def test_walkers_arrive_in_places_through_doors(torus: bool) -> None:
    world, space, who = made(34, torus)
    space.enter(who, ids([cell_at(18, 14)] * 24 + [cell_at(4, 8)] * 10))
    goals = ids([SQUARE] * 20 + [HOME] * 14)
    space.head_for_place(who, goals)
    assert not space.arrived(who).any()
    for tick in range(60):
        space.move(tick)
    assert space.arrived(who).all() and not space.stuck(who).any()
    assert np.array_equal(world["space.place"], goals)
    assert np.unique(world["space.cell"][:20]).size > 15
    space.head_for_place(who, goals)
    assert space.arrived(who).all()


def test_walking_takes_about_as_long_as_the_way() -> None:
    _, space, who = made(1)
    space.enter(who, ids([cell_at(22.5, 6)]))
    way = int(space.place_distance(who, ids([HOME]))[0])
    assert 150 < way < 180  # around the house to its door in the west, in tenths of a metre
    space.head_for_place(who, ids([HOME]))
    ticks = 0
    while not space.arrived(who).all():
        space.move(ticks)
        ticks += 1
        assert ticks < 60
    assert way / 13.4 - 1 <= ticks <= way / 13.4 * 1.4 + 4


def test_people_reach_each_other_and_give_up_who_left() -> None:
    world, space, who = made(4)
    space.enter(who, ids([cell_at(17, 6), cell_at(22.5, 6), cell_at(2, 2), cell_at(23, 15)]))
    space.head_for_agent(who[1:], ids([0, 0, 0]))
    met = np.zeros(3, np.bool_)
    for tick in range(60):
        space.move(tick)
        there = space.arrived(who[1:])
        away = np.hypot(*(spots(world)[1:] - spots(world)[0]).T)
        assert (away[there & ~met] <= 2 * 0.23 + 0.5 + 1e-3).all()
        met |= there
    assert met.all()
    space.head_for_agent(who[1:2], ids([3]))
    space.leave(ids([3]))
    space.move(99)
    assert space.stuck(who[1:2]).all() and not space.arrived(who[1:2]).any()
    space.halt(who[1:2])
    assert space.arrived(who[1:2]).all() and not space.stuck(who[1:2]).any()


def test_strollers_stay_near_the_place_in_which_they_set_out() -> None:
    world, space, who = made(6)
    space.enter(who, ids([cell_at(4, 8)] * 6))
    space.stroll(who)
    been = set[int]()
    for tick in range(80):
        space.move(tick)
        been |= set(world["space.cell"].tolist())
        away = space.distance(ids([cell_at(4, 8)] * 6), world["space.cell"])
        assert (away <= 5 + LEASH + 5).all()
    assert len(been) > 40
    space.halt(who)
    for tick in range(80, 84):
        space.move(tick)
    at = spots(world)
    space.move(84)
    assert np.abs(spots(world) - at).max() < 0.2


@pytest.mark.parametrize("torus", (True, False))
def test_contacts_are_by_distance_and_leave_out_who_left(torus: bool) -> None:
    world, space, who = populated(80, torus)
    for tick in range(5):
        bustle(space, who, tick)
    space.leave(ids([4, 9]))
    world.remove(ids([11]))
    at = spots(world)
    asked = np.concatenate([who[::-1], who[:3]])
    for radius in (0, 1, 4, 8):
        for person, found in zip(asked.tolist(), rows(space.contacts(asked, radius)), strict=True):
            way = at - at[person]
            if torus:
                way -= (24, 16) * np.round(way / (24, 16))
            far = np.hypot(*way.T)
            far[[4, 9, 11, person]] = np.inf
            near = np.flatnonzero(far <= radius * PITCH) if person not in (4, 9, 11) else np.zeros(0, np.int64)
            assert sorted(found) == near.tolist()
            assert (np.diff(far[found]) > -1e-5).all()


def test_nobody_is_in_a_wall_or_in_somebody_after_many_ticks() -> None:
    world, space, who = populated(200)
    ends = wall_segments(Plan(24, 16, buildings=(HOUSE,)))
    for tick in range(30):
        bustle(space, who, tick)
        at, reach = spots(world), world["space.radius"] / 1000
        gaps = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1)) - reach[:, None] - reach[None]
        np.fill_diagonal(gaps, 1)
        assert gaps.min() > -SLACK
        assert (distances(at, ends).min(axis=1) > reach - SLACK).all()
        assert np.array_equal(world["space.cell"], ids((at // PITCH).astype(np.int32) @ (1, COLUMNS)))


@pytest.mark.parametrize("torus", (True, False))
def test_a_restored_space_goes_on_alike(torus: bool) -> None:
    world, space, who = populated(90, torus)
    for tick in range(6):
        bustle(space, who, tick)
    space.leave(ids([2]))
    snapshot = world.snapshot({})
    other, again, _ = made(0, torus)
    other.restore(snapshot)
    again.rebuild()
    for tick in range(6, 14):
        space.contacts(who, 2)  # whatever is asked changes nothing
        bustle(space, who[3:], tick)
        bustle(again, who[3:], tick)
        assert world.state_hash() == other.state_hash()


def test_other_seeds_move_otherwise() -> None:
    hashes = []
    for seed in (1, 1, 2):
        world, space, who = made(20, seed=seed)
        space.enter(who, ids([cell_at(4, 8)] * 20))
        space.stroll(who)
        space.move(1)
        hashes.append(world.state_hash())
    assert hashes[0] == hashes[1] != hashes[2]


@pytest.mark.parametrize("torus", (True, False))
def test_cells_are_counted_as_the_crow_flies(torus: bool) -> None:
    _, space, who = populated(12, torus)
    every = np.arange(space.cells)
    row, column = np.divmod(every, COLUMNS)
    for cell in (0, 5, 700, space.cells - 1):
        down, across = abs(row - row[cell]), abs(column - column[cell])
        if torus:
            down, across = np.minimum(down, ROWS - down), np.minimum(across, COLUMNS - across)
        square = down**2 + across**2
        assert np.array_equal(space.distance(ids([cell] * space.cells), ids(every)), np.sqrt(square).astype(int))
        for radius in (0, 1, 3, 17):
            order = np.lexsort((every, square))
            near = order[square[order] <= radius**2]
            assert rows(space.neighbourhood(ids([cell]), radius)) == [near.tolist()]
    mask = np.random.default_rng(1).random(space.cells) < 0.01
    for person, found in zip(who, space.nearest(who, mask), strict=True):
        here = space._own.cell[person]
        down, across = abs(row - row[here]), abs(column - column[here])
        if torus:
            down, across = np.minimum(down, ROWS - down), np.minimum(across, COLUMNS - across)
        square = np.where(mask, down**2 + across**2, 10**9)
        assert found == square.argmin()
    assert (space.nearest(who, np.zeros(space.cells, np.bool_)) == -1).all()


def test_distances_to_places_are_tables_of_ways() -> None:
    _, space, who = populated(10)
    space.leave(ids([3]))
    table = space.place_distances(who, ids([SQUARE, HOME]))
    assert table.shape == (10, 2) and (table[3] == FAR).all()
    assert np.array_equal(table[:, 1], space.place_distance(who, ids([HOME] * 10)))
    assert (table[[0, 1, 2]] < 600).all()


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
