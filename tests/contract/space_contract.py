"""The contract of a Space, to be run against any implementation: on hexagons, on the plane, on yours.

@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_my_space(check): check(Subject("mine", boards, towns, green, make))
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.ports import Space
from engine.values import Csr, Int32s
from engine.world import World
from tests.contract.space_board import FAR, Board, Doubles

B = TypeVar("B", bound=Board)

STRAY = 2
"""How many cells beyond the radius of their place strollers come at most."""


@dataclass(frozen=True)
class Subject(Generic[B]):
    """A space under test, and the boards on which it is tested.

    boards: with places and whatever else is hard, bounded and torus, the first three with room for 70; towns: bounded
    and torus, with three places that can all be reached: one for 40 people and more, within it one for 14, and one for
    6 elsewhere; green: with a place in the open. `make(board, seed, people)` returns a fresh World, with that many
    people who are not in the space yet, and the space.
    """

    name: str
    boards: tuple[B, ...]
    towns: tuple[B, ...]
    green: B
    make: Callable[[B, int, int], tuple[World, Space]]


def ids(numbers: Sequence[int] | NDArray[np.signedinteger[Any]]) -> Int32s:
    """Return numbers as a column of ids."""
    return np.array(numbers, np.int32)


def rows(csr: Csr) -> list[list[int]]:
    """Return ragged rows as lists."""
    return [csr.row(i).tolist() for i in range(csr.start.size - 1)]


def populated(subject: Subject[B], board: B, people: int = 30, seed: int = 5) -> tuple[World, Space, Int32s]:
    """Return a board with people scattered over it."""
    world, space = subject.make(board, seed, people)
    who = world.living()
    space.enter(who, ids(np.random.default_rng(seed).integers(0, board.cells, people)))
    return world, space, who


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


def distances_are_those_of_the_board(subject: Subject[B]) -> None:
    for board in subject.boards:
        _, space = subject.make(board, 0, 0)
        a, b = np.divmod(np.arange(board.cells**2), board.cells)
        assert space.cells == board.cells
        assert np.array_equal(space.distance(ids(a), ids(b)), board.distance.ravel())


def neighbourhoods_are_whole_and_in_order(subject: Subject[B]) -> None:
    for board in subject.boards:
        _, space = subject.make(board, 0, 0)
        for radius in (0, 1, 2, 3, 5, 30):
            for cell, found in enumerate(rows(space.neighbourhood(ids(range(board.cells)), radius))):
                order = np.lexsort((np.arange(board.cells), board.nearness[cell]))
                near = [i for i in order if board.distance[cell, i] <= radius]
                assert found == near, (board.name, radius, cell)


def in_order(gap: Doubles, found: list[int], radius: int, slack: float) -> bool:
    """Whether these are all within a radius by (gap, id), where gaps that differ by no more than a slack may swap."""
    sure, maybe = (set(np.flatnonzero(gap <= radius + more).tolist()) for more in (-slack, slack))
    if not sure <= set(found) <= maybe or len(set(found)) < len(found):
        return False
    steps = np.diff(gap[found])
    return bool((steps >= -slack).all() and (np.diff(found)[steps == 0] > 0).all())


def contacts_are_all_who_are_near_in_order(subject: Subject[B]) -> None:
    for board in subject.boards:
        world, space, who = populated(subject, board)
        asked = np.concatenate([who[::-1], who[:3]])
        asked.flags.writeable = False
        for tick in range(4):
            gaps = board.gaps(world)
            for radius in (0, 1, 2, 3, 40):
                for agent, found in zip(asked, rows(space.contacts(asked, radius)), strict=True):
                    assert in_order(gaps[agent], found, radius, board.slack), (board.name, tick, radius, agent)
            bustle(world, space, board, tick)
            if tick == 2:
                space.leave(ids([4, 9]))
                world.remove(ids([11, 12]))


def who_leaves_is_gone(subject: Subject[B]) -> None:
    for board in subject.boards:
        world, space, who = populated(subject, board)
        space.head_for_place(who, ids([0] * who.size))
        space.leave(who[::2])
        for tick in range(4):
            space.move(tick)
        assert (world["space.cell"][::2] == -1).all() and (world["space.place"][::2] == -1).all()
        assert (world["space.cell"][1::2] >= 0).all()
        for radius in (0, 1, 2, 40):
            assert not any(agent % 2 == 0 for agent in space.contacts(who, radius).items)
            assert space.contacts(who[::2], radius).items.size == 0
        assert (space.place_distance(who[::2], ids([0] * who[::2].size)) == FAR).all()


def people_know_the_place_in_which_they_are(subject: Subject[B]) -> None:
    for board in subject.boards:
        world, space, _ = populated(subject, board)
        for tick in range(30):
            assert np.array_equal(world["space.place"], board.standing_in(world)), (board.name, tick)
            bustle(world, space, board, tick)


def walkers_arrive_and_spread_over_the_place(subject: Subject[B]) -> None:
    for board in subject.towns:
        world, space, who = populated(subject, board, 60)
        goals = ids([0] * 40 + [1] * 14 + [2] * 6)
        there = world["space.place"] == goals
        space.head_for_place(who, goals)
        assert np.array_equal(space.arrived(who), there)
        for tick in range(board.ticks):
            space.move(tick)
        assert space.arrived(who).all() and not space.stuck(who).any()
        assert np.array_equal(world["space.place"], goals)
        assert np.unique(world["space.cell"][:40]).size >= 12
        space.head_for_place(who, goals)
        assert space.arrived(who).all()


def who_walks_to_a_place_comes_nearer(subject: Subject[B]) -> None:
    for board in subject.boards:
        world, space, who = populated(subject, board, 1)
        for place in range(len(board.places)):
            space.halt(who)
            for tick in range(board.rest):
                space.move(100 * place + 50 + tick)
            way = first = int(space.place_distance(who, ids([place]))[0])
            space.head_for_place(who, ids([place]))
            there = space.arrived(who).all()
            for tick in range(board.ticks):
                space.move(100 * place + tick)
                way = int(space.place_distance(who, ids([place]))[0])
                assert way <= first, (board.name, place, tick)
                if space.arrived(who).all():
                    break
            assert space.arrived(who).all() == (first < FAR) and (way < first or there or first == FAR)
            assert first == FAR or world["space.place"][0] == board.standing_in(world)[0] == place


def tables_of_ways_hold_the_way_of_each_pair(subject: Subject[B]) -> None:
    for board in subject.boards:
        _, space, who = populated(subject, board)
        space.leave(who[3:5])
        places = ids([*range(len(board.places)), 0])
        for asked in (who[::-1], who[:5], who[:0]):
            table = space.place_distances(asked, places)
            assert table.shape == (asked.size, places.size)
            for column, place in enumerate(places):
                assert np.array_equal(table[:, column], space.place_distance(asked, ids([place] * asked.size)))
            assert ((table == FAR) | ~np.isin(asked, (3, 4))[:, None]).all() and (table >= 0).all()


def people_reach_each_other(subject: Subject[B]) -> None:
    for board in subject.towns:
        world, space, who = populated(subject, board, 20)
        space.stroll(who[:10])
        space.head_for_agent(who[10:], who[:10])
        met = np.zeros(10, np.bool_)
        for tick in range(board.ticks):
            space.move(tick)
            there = space.arrived(who[10:])
            away = board.gaps(world)[who[10:], who[:10]]
            assert (away[there & ~met] <= board.beside + board.slack).all(), (board.name, tick)
            met |= there
        assert met.all()
        assert space.arrived(who[:10]).all()
        space.head_for_agent(ids([3]), ids([4]))
        space.leave(ids([4]))
        space.move(board.ticks)
        assert space.stuck(ids([3])).all() and not space.arrived(ids([3])).any()
        space.halt(ids([3]))
        assert space.arrived(ids([3])).all() and not space.stuck(ids([3])).any()


def strollers_stay_near(subject: Subject[B]) -> None:
    board = subject.green
    middle, most = int(board.places.cell[0]), int(board.places.radius[0]) + STRAY
    world, space = subject.make(board, 0, 10)
    who = world.living()
    space.enter(who, ids([middle] * 10))
    space.stroll(who)
    been = set[int]()
    for tick in range(80):
        space.move(tick)
        been |= set(world["space.cell"].tolist())
        assert (board.distance[middle][world["space.cell"]] <= most).all()
    assert len(been) > 12
    space.halt(who)
    for tick in range(board.rest):
        space.move(90 + tick)
    at = board.spots(world)
    space.move(100)
    assert np.abs(board.spots(world) - at).max() <= board.sway


def the_nearest_cell_is_nearest(subject: Subject[B]) -> None:
    for board in subject.boards:
        world, space, who = populated(subject, board)
        space.leave(who[:2])
        for share in (0.0, 0.02, 0.3):
            mask = np.random.default_rng(7).random(board.cells) < share
            found = space.nearest(who, mask)
            for agent, cell in enumerate(world["space.cell"]):
                away = [(board.nearness[cell, i], i) for i in np.flatnonzero(mask)] if cell >= 0 else []
                assert found[agent] == (min(away)[1] if away else -1)


def a_restored_space_goes_on_alike(subject: Subject[B]) -> None:
    for board in subject.boards[:3]:
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


def the_dead_give_up_their_room(subject: Subject[B]) -> None:
    for board in subject.towns:
        world, space = subject.make(board, 0, 16)
        space.enter(world.living(), ids([65] * 16))
        world.remove(ids([6]))
        space.rebuild()
        late = world.add(1)
        space.enter(late, ids([65]))
        spots = board.spots(world)
        assert np.array_equal(spots[late[0]], spots[6])


def the_same_seed_moves_alike_whatever_is_asked(subject: Subject[B]) -> None:
    board = subject.boards[0]
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
                space.nearest(who, np.arange(board.cells) % 7 == 2)
                space.rebuild()
        hashes.append(found)
    assert hashes[0] == hashes[1]
    assert hashes[0] != hashes[2]


CHECKS = (
    distances_are_those_of_the_board,
    neighbourhoods_are_whole_and_in_order,
    contacts_are_all_who_are_near_in_order,
    who_leaves_is_gone,
    people_know_the_place_in_which_they_are,
    walkers_arrive_and_spread_over_the_place,
    who_walks_to_a_place_comes_nearer,
    tables_of_ways_hold_the_way_of_each_pair,
    people_reach_each_other,
    strollers_stay_near,
    the_nearest_cell_is_nearest,
    a_restored_space_goes_on_alike,
    the_dead_give_up_their_room,
    the_same_seed_moves_alike_whatever_is_asked,
)
