"""The contract suite of Space catches hex spaces that are broken on purpose."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import SpaceError
from engine.spaces.hex import fields, grid
from engine.spaces.hex.space import HexSpace
from engine.spaces.hex.terrain import COUNT, HEAD, ROOM
from engine.values import Bools, Csr, Int32s
from tests.contract.hex_contract import HEX_CHECKS
from tests.contract.space_contract import CHECKS
from tests.hex_spaces import subject


class IgnoresCapacity(HexSpace):
    """Lets any number into a cell once they walk."""

    def move(self, tick: int) -> None:
        room = self._land.cells[:, ROOM].copy()
        self._land.cells[:, ROOM] = np.where(room > 0, 99, 0)
        super().move(tick)
        self._land.cells[:, ROOM] = room


class WalksOnWater(HexSpace):
    """Puts people where they are told to, water or not."""

    def enter(self, agents: Int32s, cells: Int32s) -> None:
        super().enter(agents, cells)
        self._own.cell[agents] = cells
        self.rebuild()


class CountsItself(HexSpace):
    """Returns people as their own contacts."""

    def contacts(self, agents: Int32s, radius: int) -> Csr:
        found = super().contacts(agents, radius)
        return Csr(found.start + np.arange(agents.size + 1), np.insert(found.items, found.start[:-1], agents))


class OrdersById(HexSpace):
    """Returns contacts by id alone."""

    def contacts(self, agents: Int32s, radius: int) -> Csr:
        found = super().contacts(agents, radius)
        for i in range(agents.size):
            found.row(i).sort()
        return found


class HasAnEdge(HexSpace):
    """Does not see across the edge of a torus."""

    def distance(self, cells: Int32s, others: Int32s) -> Int32s:
        return grid.distances(self.grid._replace(torus=False), cells, others)


class MissesTheLastRing(HexSpace):
    """Knows a smaller neighbourhood than it is asked for, as mesa-frames does."""

    def neighbourhood(self, cells: Int32s, radius: int) -> Csr:
        return super().neighbourhood(cells, min(radius, 1))


class LeavesAGhost(HexSpace):
    """Forgets to take those who leave out of its index."""

    def leave(self, agents: Int32s) -> None:
        self.halt(agents)
        self._own.cell[agents] = -1
        self._own.place[agents] = -1


class RemembersTheDead(HexSpace):
    """Counts the dead when it makes its index anew."""

    def rebuild(self) -> None:
        super().rebuild()
        cell = self._own.cell
        self._land.cells[:, COUNT] = np.bincount(cell[cell >= 0], minlength=self.cells)


class ForgetsOnRebuild(HexSpace):
    """Keeps its old index when the columns were restored."""

    def rebuild(self) -> None:
        old = self._land.cells[:, COUNT : HEAD + 1].copy()
        first = not self._land.after.size
        super().rebuild()
        if not first:
            self._land.cells[:, COUNT : HEAD + 1] = old


class KeepsSomethingToItself(HexSpace):
    """Has state outside of its columns: how often it was asked for contacts decides its luck."""

    asked = 0

    def contacts(self, agents: Int32s, radius: int) -> Csr:
        self.asked += 1
        return super().contacts(agents, radius)

    def move(self, tick: int) -> None:
        super().move(tick + 1000 * self.asked)


class FavoursLowIds(HexSpace):
    """Moves people one after the other by their ids."""

    def move(self, tick: int) -> None:
        kinds = self._own.goal_kind.copy()
        for agent in np.flatnonzero(kinds):
            self._own.goal_kind[:] = 0
            self._own.goal_kind[agent] = kinds[agent]
            super().move(tick)
            kinds[agent] = self._own.goal_kind[agent]
        self._own.goal_kind[:] = kinds


class Jumps(HexSpace):
    """Takes two steps for one."""

    def move(self, tick: int) -> None:
        super().move(tick)
        super().move(tick + 1_000_000)


class StandsStill(HexSpace):
    """Never moves anybody."""

    def move(self, tick: int) -> None:
        """Do nothing."""


class NeverStuck(HexSpace):
    """Hides that people are stuck."""

    def stuck(self, agents: Int32s) -> Bools:
        return np.zeros(agents.size, np.bool_)


class FliesLikeACrow(HexSpace):
    """Takes the way to a place for the distance."""

    def place_distance(self, agents: Int32s, places: Int32s) -> Int32s:
        cell = self._own.cell[agents]
        away = 13 * self.distance(np.maximum(cell, 0), self.places.cell[places])
        return np.where(cell < 0, fields.FAR, away).astype(np.int32)


class TakesTheFirstOfTheMask(HexSpace):
    """Returns any cell of the mask for the nearest."""

    def nearest(self, agents: Int32s, cells: Bools) -> Int32s:
        return np.full(agents.size, int(np.argmax(cells)) if cells.any() else -1, np.int32)


class StaysInItsFirstPlace(HexSpace):
    """Forgets that whoever walks comes into other places."""

    def move(self, tick: int) -> None:
        place = self._own.place.copy()
        super().move(tick)
        self._own.place[:] = place


class CountsTheWayFromTheWrongEnd(HexSpace):
    """Says how far people have come, not how far it still is."""

    def place_distance(self, agents: Int32s, places: Int32s) -> Int32s:
        way = super().place_distance(agents, places)
        return np.where(way < fields.FAR, 10_000 - way, way).astype(np.int32)


class MixesUpPairs(HexSpace):
    """Fills the table of ways by place where it is read by person."""

    def place_distances(self, agents: Int32s, places: Int32s) -> Int32s:
        return super().place_distances(agents, places).T.reshape(agents.size, places.size)


BROKEN: dict[type[HexSpace], tuple[str, ...]] = {
    IgnoresCapacity: ("no_cell_overflows_and_nobody_leaves_the_land",),
    WalksOnWater: ("people_enter_the_nearest_cells_with_room", "there_is_no_entering_a_full_space"),
    CountsItself: ("contacts_are_all_who_are_near_in_order",),
    OrdersById: ("contacts_are_all_who_are_near_in_order",),
    HasAnEdge: ("distances_are_those_of_the_board",),
    MissesTheLastRing: ("neighbourhoods_are_whole_and_in_order",),
    LeavesAGhost: ("who_leaves_is_gone",),
    RemembersTheDead: ("the_dead_give_up_their_room", "the_dead_leave_room_in_a_full_space"),
    ForgetsOnRebuild: ("a_restored_space_goes_on_alike",),
    KeepsSomethingToItself: ("the_same_seed_moves_alike_whatever_is_asked",),
    FavoursLowIds: ("the_last_room_goes_to_anyone",),
    Jumps: ("nobody_jumps",),
    StandsStill: (
        "walkers_arrive_and_spread_over_the_place",
        "strollers_stay_near",
        "walking_takes_as_long_as_the_way",
    ),
    NeverStuck: ("who_cannot_come_nearer_is_stuck", "people_reach_each_other"),
    FliesLikeACrow: ("ways_are_the_shortest",),
    TakesTheFirstOfTheMask: ("the_nearest_cell_is_nearest",),
    StaysInItsFirstPlace: ("people_know_the_place_in_which_they_are",),
    CountsTheWayFromTheWrongEnd: ("who_walks_to_a_place_comes_nearer",),
    MixesUpPairs: ("tables_of_ways_hold_the_way_of_each_pair",),
}


CASES = [(broken, name) for broken, names in BROKEN.items() for name in names]


@pytest.mark.parametrize(("broken", "name"), CASES, ids=lambda case: getattr(case, "__name__", case))
def test_a_broken_space_is_caught(broken: type[HexSpace], name: str) -> None:
    check = next(check for check in (*CHECKS, *HEX_CHECKS) if check.__name__ == name)
    with pytest.raises((AssertionError, SpaceError)):
        check(subject(broken.__name__, broken))


def test_every_check_catches_something() -> None:
    assert {name for _, name in CASES} == {check.__name__ for check in (*CHECKS, *HEX_CHECKS)}
