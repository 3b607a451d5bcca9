"""The contract suite of Space catches plane spaces that are broken on purpose, by each of its checks."""

from __future__ import annotations

import numpy as np
import pytest

from engine.spaces.plane import standing
from engine.spaces.plane.space import PlaneSpace
from engine.values import Bools, Csr, Int32s
from tests.contract.space_contract import CHECKS
from tests.plane_spaces import subject


class SeesOverTheEdge(PlaneSpace):
    """Does not count across the edge of a torus."""

    def distance(self, cells: Int32s, others: Int32s) -> Int32s:
        return standing.crow_flies(self.grid._replace(torus=False), cells, others)


class CountsSteps(PlaneSpace):
    """Takes a neighbourhood for a square."""

    def neighbourhood(self, cells: Int32s, radius: int) -> Csr:
        return super().neighbourhood(cells, radius + radius // 3)


class SeesThroughWalls(PlaneSpace):
    """Returns people in other rooms as contacts."""

    def contacts(self, agents: Int32s, radius: int) -> Csr:
        rooms = self.survey.rooms
        self.survey.rooms = rooms._replace(room=np.zeros_like(rooms.room))
        found = super().contacts(agents, radius)
        self.survey.rooms = rooms
        return found


class MeetsNobodyOverTheEdge(PlaneSpace):
    """Forgets that a torus has no edge when it looks for contacts."""

    def contacts(self, agents: Int32s, radius: int) -> Csr:
        grid = self.grid
        self.grid = grid._replace(torus=False)
        found = super().contacts(agents, radius)
        self.grid = grid
        return found


class ListsThePlaneById(PlaneSpace):
    """Returns contacts by id alone."""

    def contacts(self, agents: Int32s, radius: int) -> Csr:
        found = super().contacts(agents, radius)
        for i in range(agents.size):
            found.row(i).sort()
        return found


class IsHaunted(PlaneSpace):
    """Keeps those who left among the people."""

    def leave(self, agents: Int32s) -> None:
        super().leave(agents)
        self._aims.inside = lambda: self.world.alive.copy()  # type: ignore[method-assign]


class LooksOnlyAtTheDoor(PlaneSpace):
    """Knows the place in which people entered, and never again."""

    def move(self, tick: int) -> None:
        place = self._own.place.copy()
        super().move(tick)
        self._own.place[:] = place


class Freezes(PlaneSpace):
    """Never moves anybody."""

    def move(self, tick: int) -> None:
        """Do nothing."""


class GoesByTheCrow(PlaneSpace):
    """Takes the way to a place for the distance, walls or not."""

    def place_distance(self, agents: Int32s, places: Int32s) -> Int32s:
        cell = self._own.cell[agents]
        return np.where(cell < 0, 1 << 30, 2 * self.distance(cell, self.places.cell[places])).astype(np.int32)


class MixesUpWays(PlaneSpace):
    """Fills the table of ways by place where it is read by person."""

    def place_distances(self, agents: Int32s, places: Int32s) -> Int32s:
        return super().place_distances(agents, places).T.reshape(agents.size, places.size)


class ArrivesAtOnce(PlaneSpace):
    """Takes whoever is after somebody for one who has come to them."""

    def arrived(self, agents: Int32s) -> Bools:
        return np.ones(agents.size, np.bool_)


class HopesOn(PlaneSpace):
    """Hides that people are stuck."""

    def stuck(self, agents: Int32s) -> Bools:
        return np.zeros(agents.size, np.bool_)


class StraysAway(PlaneSpace):
    """Never turns strollers back."""

    def move(self, tick: int) -> None:
        self._aims._roam = True
        super().move(tick)


class TakesAnyCell(PlaneSpace):
    """Returns any cell of the mask for the nearest."""

    def nearest(self, agents: Int32s, cells: Bools) -> Int32s:
        return np.full(agents.size, int(np.argmax(cells)) if cells.any() else -1, np.int32)


class CountsItsOwnTicks(PlaneSpace):
    """Has state outside of its columns: how often it has moved decides who goes where."""

    moved = 0

    def move(self, tick: int) -> None:
        self.moved += 1
        super().move(self.moved)


class MakesRoomForTheDead(PlaneSpace):
    """Takes the dead for people who fill room."""

    def enter(self, agents: Int32s, cells: Int32s) -> None:
        self._aims.inside = lambda: self._own.cell >= 0  # type: ignore[method-assign]
        super().enter(agents, cells)


class RollsItsOwnDice(PlaneSpace):
    """Moves by random numbers of the process, which no seed decides."""

    def move(self, tick: int) -> None:
        super().move(int(np.random.default_rng().integers(1 << 30)))


class ChangesWhenAsked(PlaneSpace):
    """Lets whoever is asked for contacts take a breath."""

    def contacts(self, agents: Int32s, radius: int) -> Csr:
        self._own.u[agents] = 0
        return super().contacts(agents, radius)


BROKEN_PLANES: dict[type[PlaneSpace], str] = {
    SeesOverTheEdge: "distances_are_those_of_the_board",
    CountsSteps: "neighbourhoods_are_whole_and_in_order",
    SeesThroughWalls: "contacts_are_all_who_are_near_in_order",
    MeetsNobodyOverTheEdge: "contacts_are_all_who_are_near_in_order",
    ListsThePlaneById: "contacts_are_all_who_are_near_in_order",
    IsHaunted: "who_leaves_is_gone",
    LooksOnlyAtTheDoor: "people_know_the_place_in_which_they_are",
    Freezes: "walkers_arrive_and_spread_over_the_place",
    GoesByTheCrow: "who_walks_to_a_place_comes_nearer",
    MixesUpWays: "tables_of_ways_hold_the_way_of_each_pair",
    ArrivesAtOnce: "people_reach_each_other",
    HopesOn: "people_reach_each_other",
    StraysAway: "strollers_stay_near",
    TakesAnyCell: "the_nearest_cell_is_nearest",
    CountsItsOwnTicks: "a_restored_space_goes_on_alike",
    MakesRoomForTheDead: "the_dead_give_up_their_room",
    RollsItsOwnDice: "the_same_seed_moves_alike_whatever_is_asked",
    ChangesWhenAsked: "the_same_seed_moves_alike_whatever_is_asked",
}


@pytest.mark.parametrize("broken", BROKEN_PLANES, ids=lambda broken: broken.__name__)
def test_a_broken_plane_is_caught(broken: type[PlaneSpace]) -> None:
    check = next(check for check in CHECKS if check.__name__ == BROKEN_PLANES[broken])
    with pytest.raises(AssertionError):
        check(subject(broken.__name__, broken))


def test_every_check_catches_something() -> None:
    assert set(BROKEN_PLANES.values()) == {check.__name__ for check in CHECKS}
