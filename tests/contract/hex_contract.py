"""What is true of a Space on hexagons beyond `space_contract`: cells that fill up, ways whose length is exact.

@pytest.mark.parametrize("check", HEX_CHECKS, ids=lambda check: check.__name__)
def test_my_hexes(check): check(Subject("mine", BOARDS, TOWNS, GREEN, make))
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.errors import SpaceError
from engine.society.places import Place
from engine.values import Int32s
from engine.world import World
from tests.contract.hex_board import BOARDS, WATER, HexBoard, plain
from tests.contract.space_board import FAR
from tests.contract.space_contract import Subject, bustle, ids, populated

STEP = 13

Hexes = Subject[HexBoard]


def crowding(world: World, board: HexBoard) -> Int32s:
    """Return how many of the living stand in each cell."""
    cell = world["space.cell"]
    return ids(np.bincount(cell[world.alive & (cell >= 0)], minlength=board.cells))


def people_enter_the_nearest_cells_with_room(subject: Hexes) -> None:
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


def there_is_no_entering_a_full_space(subject: Hexes) -> None:
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


def no_cell_overflows_and_nobody_leaves_the_land(subject: Hexes) -> None:
    for board in BOARDS:
        world, space, who = populated(subject, board, 30)
        for tick in range(36):
            if tick == 30:
                space.head_for_place(who, ids([0] * who.size))
                space.leave(who[::2])
            bustle(world, space, board, tick)
            assert (crowding(world, board) <= board.room).all(), (board.name, tick)
            assert np.array_equal(world["space.place"], board.standing_in(world))


def nobody_jumps(subject: Hexes) -> None:
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


def walking_takes_as_long_as_the_way(subject: Hexes) -> None:
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


def who_cannot_come_nearer_is_stuck(subject: Hexes) -> None:
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


def ways_are_the_shortest(subject: Hexes) -> None:
    for board in BOARDS:
        world, space = subject.make(board, 0, board.cells)
        land = ids(np.flatnonzero(board.entry > 0))
        who = ids(range(land.size))
        space.enter(who, land)
        assert np.array_equal(world["space.cell"][who], land)
        for place in range(len(board.places)):
            expected = board.ways(board.ends(place))[land]
            assert np.array_equal(space.place_distance(who, ids([place] * land.size)), expected), (board.name, place)


def the_dead_leave_room_in_a_full_space(subject: Hexes) -> None:
    board = plain(4, 4, False, capacity=1)
    world, space = subject.make(board, 0, 16)
    space.enter(world.living(), ids(range(16)))
    world.remove(ids([6]))
    space.rebuild()
    late = world.add(1)
    space.enter(late, ids([0]))
    assert world["space.cell"][late[0]] == 6


def the_last_room_goes_to_anyone(subject: Hexes) -> None:
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


HEX_CHECKS = (
    people_enter_the_nearest_cells_with_room,
    there_is_no_entering_a_full_space,
    no_cell_overflows_and_nobody_leaves_the_land,
    nobody_jumps,
    walking_takes_as_long_as_the_way,
    who_cannot_come_nearer_is_stuck,
    ways_are_the_shortest,
    the_dead_leave_room_in_a_full_space,
    the_last_room_goes_to_anyone,
)
