"""The contract of a Space on hexagons, to be run against any implementation.

    @pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
    def test_my_space(check): check(Subject("mine", make))

`make(board, seed, people)` returns a fresh World, with that many people who are not in the space yet, and the space.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.errors import SpaceError
from engine.ports import Space
from engine.society.places import Place
from engine.values import Csr, Int32s
from engine.world import World
from tests.contract.space_board import BOARDS, FAR, WATER, Board, plain

STEP = 13


@dataclass(frozen=True)
class Subject:
    """A space under test."""

    name: str
    make: Callable[[Board, int, int], tuple[World, Space]]


def ids(numbers: Sequence[int] | NDArray[np.signedinteger[Any]]) -> Int32s:
    """Return numbers as a column of ids."""
    return np.array(numbers, np.int32)


def rows(csr: Csr) -> list[list[int]]:
    """Return ragged rows as lists."""
    return [csr.row(i).tolist() for i in range(csr.start.size - 1)]


def populated(subject: Subject, board: Board, people: int = 30, seed: int = 5) -> tuple[World, Space, Int32s]:
    """Return a board with people scattered over it."""
    world, space = subject.make(board, seed, people)
    who = world.living()
    space.enter(who, ids(np.random.default_rng(seed).integers(0, board.cells, people)))
    return world, space, who


def crowding(world: World, board: Board) -> Int32s:
    """Return how many of the living stand in each cell."""
    cell = world["space.cell"]
    return ids(np.bincount(cell[world.alive & (cell >= 0)], minlength=board.cells))


def bustle(world: World, space: Space, board: Board, tick: int) -> None:
    """Give everyone who is in the space something to do, and move."""
    draw = np.random.default_rng(tick)
    inside = ids(np.flatnonzero(world.alive & (world["space.cell"] >= 0)))
    groups = np.array_split(draw.permutation(inside), 4)
    if tick % 6 == 0:
        space.head_for_place(groups[0], ids(draw.integers(0, len(board.places), groups[0].size)))
        space.head_for_agent(groups[1], draw.choice(inside, groups[1].size))
        space.stroll(groups[2])
        space.halt(groups[3])
    space.move(tick)


def distances_are_those_of_the_grid(subject: Subject) -> None:
    for board in BOARDS:
        _, space = subject.make(board, 0, 0)
        a, b = np.divmod(np.arange(board.cells**2), board.cells)
        assert space.cells == board.cells
        assert np.array_equal(space.distance(ids(a), ids(b)), board.distance.ravel())


def neighbourhoods_are_whole_and_in_order(subject: Subject) -> None:
    for board in BOARDS:
        _, space = subject.make(board, 0, 0)
        for radius in (0, 1, 2, 3, 5, 30):
            for cell, found in enumerate(rows(space.neighbourhood(ids(range(board.cells)), radius))):
                away = board.distance[cell]
                near = [i for i in np.lexsort((np.arange(board.cells), away)) if away[i] <= radius]
                assert found == near, (board.name, radius, cell)


def people_enter_the_nearest_cells_with_room(subject: Subject) -> None:
    for board in BOARDS:
        world, space = subject.make(board, 0, 20)
        held = np.zeros(board.cells, np.int32)
        space.enter(world.living(), ids([3, 8] * 10))
        for agent in range(20):
            away = board.distance[[3, 8][agent % 2]]
            expected = min((away[i], i) for i in range(board.cells) if held[i] < board.room[i])[1]
            held[expected] += 1
            assert world["space.cell"][agent] == expected
            assert world["space.place"][agent] == board.owner[expected]


def there_is_no_entering_a_full_space(subject: Subject) -> None:
    board = BOARDS[3]
    room = int(board.room.sum())
    world, space = subject.make(board, 0, room + 1)
    space.enter(ids(range(room)), ids([0] * room))
    assert np.array_equal(crowding(world, board), board.room)
    before = world.state_hash()
    with pytest.raises(SpaceError):
        space.enter(ids([room]), ids([0]))
    assert world.state_hash() == before
    space.leave(ids([4]))
    space.enter(ids([room]), ids([0]))
    assert np.array_equal(crowding(world, board), board.room)


def contacts_are_all_who_are_near_in_order(subject: Subject) -> None:
    for board in BOARDS:
        world, space, who = populated(subject, board)
        for tick in range(3):
            bustle(world, space, board, tick)
        space.leave(ids([4, 9]))
        world.remove(ids([11, 12]))
        cell = world["space.cell"]
        present = [i for i in who.tolist() if cell[i] >= 0 and i not in (11, 12)]
        asked = np.concatenate([who[::-1], who[:3]])
        asked.flags.writeable = False
        for radius in (0, 1, 2, 3, 40):
            for agent, found in zip(asked, rows(space.contacts(asked, radius)), strict=True):
                near = [(board.distance[cell[agent], cell[i]], i) for i in present if agent in present and i != agent]
                assert found == [i for away, i in sorted(near) if away <= radius], (board.name, radius, agent)


def who_leaves_is_gone(subject: Subject) -> None:
    for board in BOARDS:
        world, space, who = populated(subject, board)
        space.head_for_place(who, ids([0] * who.size))
        space.leave(who[::2])
        for tick in range(4):
            space.move(tick)
        assert (world["space.cell"][::2] == -1).all() and (world["space.place"][::2] == -1).all()
        for radius in (0, 1, 2, 40):
            assert not any(agent % 2 == 0 for agent in space.contacts(who, radius).items)
            assert space.contacts(who[::2], radius).items.size == 0
        assert (space.place_distance(who[::2], ids([0] * who[::2].size)) == FAR).all()
        assert (crowding(world, board) <= board.room).all()


def no_cell_overflows_and_nobody_leaves_the_land(subject: Subject) -> None:
    for board in BOARDS:
        world, space, _ = populated(subject, board, 30)
        for tick in range(30):
            bustle(world, space, board, tick)
            assert (crowding(world, board) <= board.room).all(), (board.name, tick)
            assert np.array_equal(world["space.place"], board.owner[world["space.cell"]])


def nobody_jumps(subject: Subject) -> None:
    board = replace(plain(20, 12, False, [Place("far", "hall", 239, 1, 99)], capacity=1), substeps=3)
    world, space, who = populated(subject, board, 60)
    far = ids([0] * who.size)
    walked = np.zeros(who.size, np.int64)
    space.head_for_place(who, far)
    for tick in range(20):
        if tick == 10:
            space.head_for_agent(who, ids(np.roll(who, 1)))
        before = space.place_distance(who, far)
        at = world["space.cell"].copy()
        space.move(tick)
        most = board.substeps * int(world["space.speed"][0])
        walked += np.abs(before - space.place_distance(who, far)) - most
        assert (board.distance[at, world["space.cell"]] * STEP <= most + STEP).all()
        assert (walked <= STEP).all()
        walked = np.maximum(walked, 0)


def walkers_arrive_and_spread_over_the_place(subject: Subject) -> None:
    for torus in (False, True):
        places = [
            Place("square", "square", 65, 3, 90),
            Place("well", "well", 65, 1, 20),
            Place("house", "house", 12, 0, 7),
        ]
        board = plain(12, 10, torus, places, capacity=4)
        world, space, who = populated(subject, board, 60)
        goals = ids([0] * 40 + [1] * 14 + [2] * 6)
        there = world["space.place"] == goals
        space.head_for_place(who, goals)
        assert np.array_equal(space.arrived(who), there)
        for tick in range(40):
            space.move(tick)
        assert space.arrived(who).all() and not space.stuck(who).any()
        assert np.array_equal(world["space.place"], goals)
        assert np.unique(world["space.cell"][:40]).size >= 12
        space.head_for_place(who, goals)
        assert space.arrived(who).all()


def walking_takes_as_long_as_the_way(subject: Subject) -> None:
    for board in BOARDS:
        world, space, who = populated(subject, board, 1)
        for place in range(len(board.places)):
            space.halt(who)
            way = int(space.place_distance(who, ids([place]))[0])
            space.head_for_place(who, ids([place]))
            if way == FAR:
                continue
            ticks = -(-way // (board.substeps * int(world["space.speed"][0])))
            for tick in range(ticks):
                space.move(100 * place + tick)
            assert space.arrived(who).all() and world["space.place"][0] == place, (board.name, place)


def people_reach_each_other(subject: Subject) -> None:
    for torus in (False, True):
        board = plain(14, 8, torus)
        _, space, who = populated(subject, board, 20)
        space.stroll(who[:10])
        space.head_for_agent(who[10:], who[:10])
        met = np.zeros(10, np.bool_)
        for tick in range(30):
            space.move(tick)
            met |= space.arrived(who[10:])
        assert met.all()
        assert space.arrived(who[:10]).all()
        space.head_for_agent(ids([3]), ids([4]))
        space.leave(ids([4]))
        space.move(99)
        assert space.stuck(ids([3])).all() and not space.arrived(ids([3])).any()
        space.halt(ids([3]))
        assert space.arrived(ids([3])).all() and not space.stuck(ids([3])).any()


def who_cannot_come_nearer_is_stuck(subject: Subject) -> None:
    board = plain(9, 9, False, [Place("island", "hall", 40, 0, 9), Place("house", "house", 10, 0, 1)], capacity=1)
    board.kind[[near for near in board.neighbours[40].values()]] = WATER
    world, space = subject.make(board, 0, 5)
    space.enter(world.living(), ids([40, 0, 10, 8, 80]))
    space.head_for_place(ids([0, 1, 3]), ids([1, 0, 1]))
    space.head_for_agent(ids([4]), ids([0]))
    for tick in range(30):
        space.move(tick)
    assert space.stuck(ids([0, 1, 2, 3, 4])).tolist() == [True, True, False, True, True]
    assert space.arrived(ids([0, 1, 2, 3, 4])).tolist() == [False, False, True, False, False]
    assert space.place_distance(ids([0, 1]), ids([1, 0])).tolist() == [FAR, FAR]
    space.halt(ids([0, 1, 3, 4]))
    assert space.arrived(world.living()).all() and not space.stuck(world.living()).any()


def strollers_stay_near(subject: Subject) -> None:
    board = plain(15, 12, False, [Place("green", "square", 97, 1, 40)])
    world, space = subject.make(board, 0, 10)
    who = world.living()
    space.enter(who, ids([97] * 10))
    space.stroll(who)
    been = set[int]()
    for tick in range(40):
        space.move(tick)
        been |= set(world["space.cell"].tolist())
        assert (board.distance[97][world["space.cell"]] <= 3).all()
    assert len(been) > 12
    space.halt(who)
    at = world["space.cell"].copy()
    space.move(50)
    assert np.array_equal(at, world["space.cell"])


def ways_are_the_shortest(subject: Subject) -> None:
    for board in BOARDS:
        world, space = subject.make(board, 0, board.cells)
        land = ids(np.flatnonzero(board.entry > 0))
        who = ids(range(land.size))
        space.enter(who, land)
        assert np.array_equal(world["space.cell"][who], land)
        for place in range(len(board.places)):
            expected = board.ways(board.ends(place))[land]
            assert np.array_equal(space.place_distance(who, ids([place] * land.size)), expected), (board.name, place)


def the_nearest_cell_is_nearest(subject: Subject) -> None:
    for board in BOARDS:
        world, space, who = populated(subject, board)
        space.leave(who[:2])
        for share in (0.0, 0.02, 0.3):
            mask = np.random.default_rng(7).random(board.cells) < share
            found = space.nearest(who, mask)
            for agent, cell in enumerate(world["space.cell"]):
                away = [(board.distance[cell, i], i) for i in np.flatnonzero(mask)] if cell >= 0 else []
                assert found[agent] == (min(away)[1] if away else -1)


def a_restored_space_goes_on_alike(subject: Subject) -> None:
    for board in BOARDS[:3]:
        world, space, _ = populated(subject, board)
        for tick in range(9):
            bustle(world, space, board, tick)
        space.leave(ids([2, 3]))
        world.remove(ids([2]))
        snapshot = world.snapshot({})
        other, again = subject.make(board, 5, 0)
        again.move(0)
        other.restore(snapshot)
        again.rebuild()
        for tick in range(9, 20):
            if tick == 12:
                for each, where in ((world, space), (other, again)):
                    where.enter(each.add(40), ids([5] * 40))
            bustle(world, space, board, tick)
            bustle(other, again, board, tick)
            assert world.state_hash() == other.state_hash(), (board.name, tick)
            assert rows(space.contacts(world.living(), 2)) == rows(again.contacts(world.living(), 2))


def the_dead_give_up_their_room(subject: Subject) -> None:
    board = plain(4, 4, False, capacity=1)
    world, space = subject.make(board, 0, 16)
    space.enter(world.living(), ids(range(16)))
    world.remove(ids([6]))
    space.rebuild()
    late = world.add(1)
    space.enter(late, ids([0]))
    assert world["space.cell"][late[0]] == 6


def the_same_seed_moves_alike_whatever_is_asked(subject: Subject) -> None:
    board = BOARDS[0]
    hashes = []
    for seed, curious in ((5, False), (5, True), (6, False)):
        world, space = subject.make(board, seed, 30)
        who = world.living()
        space.enter(who, ids(np.random.default_rng(0).integers(0, board.cells, 30)))
        found = []
        for tick in range(12):
            bustle(world, space, board, tick)
            found.append(world.state_hash())
            if curious:
                space.contacts(who, 2)
                space.place_distance(who, ids([0] * 30))
                space.nearest(who, board.kind == WATER)
                space.rebuild()
        hashes.append(found)
    assert hashes[0] == hashes[1]
    assert hashes[0] != hashes[2]


def the_last_room_goes_to_anyone(subject: Subject) -> None:
    spots = [row * 24 + column for row in range(2, 24, 4) for column in range(2, 24, 4)]
    houses = [Place(f"house {i}", "house", cell, 0, 1) for i, cell in enumerate(spots)]
    board = replace(plain(24, 24, False, houses, capacity=1), substeps=1)
    world, space = subject.make(board, 3, 6 * len(houses))
    draw = np.random.default_rng(1)
    places = ids(np.repeat(np.arange(len(houses)), 6))
    wins = np.zeros(6, np.int64)
    for tick in range(14):
        who = np.concatenate([draw.permutation(6) + 6 * i for i in range(len(houses))])
        around = [near for house in houses for near in board.neighbours[house.cell].values()]
        space.enter(ids(who), ids(around))
        assert np.array_equal(world["space.cell"][who], around)
        space.head_for_place(ids(who), places)
        space.move(tick)
        inside = np.flatnonzero(world["space.place"] >= 0)
        assert inside.size == len(houses)
        wins += np.bincount(inside % 6, minlength=6)
        space.leave(ids(who))
    expected = wins.sum() / 6
    assert ((wins - expected) ** 2 / expected).sum() < 20.5, wins  # chi-squared of 5 degrees, one in a thousand


CHECKS = (
    distances_are_those_of_the_grid,
    neighbourhoods_are_whole_and_in_order,
    people_enter_the_nearest_cells_with_room,
    there_is_no_entering_a_full_space,
    contacts_are_all_who_are_near_in_order,
    who_leaves_is_gone,
    no_cell_overflows_and_nobody_leaves_the_land,
    nobody_jumps,
    walkers_arrive_and_spread_over_the_place,
    walking_takes_as_long_as_the_way,
    people_reach_each_other,
    who_cannot_come_nearer_is_stuck,
    strollers_stay_near,
    ways_are_the_shortest,
    the_nearest_cell_is_nearest,
    a_restored_space_goes_on_alike,
    the_dead_give_up_their_room,
    the_same_seed_moves_alike_whatever_is_asked,
    the_last_room_goes_to_anyone,
)
