"""What everyone is after, read from the World's columns at the begin of a tick."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.rng import Rng, purpose
from engine.society.places import Places
from engine.spaces.plane.columns import metres
from engine.spaces.plane.heading import NOWHERE, STROLLING, TO_AGENT, TO_PLACE, Goals
from engine.spaces.plane.navigation import Navigation
from engine.spaces.plane.rooms import OUTDOORS
from engine.spaces.plane.standing import crow_flies
from engine.spaces.plane.survey import Survey
from engine.values import Bools, Int16s, Int32s
from engine.world import World

LEASH = 1
"""How far beyond a place's radius strollers go who set out in it, in cells."""

_SPOT, _COURSE = purpose("plane.spot"), purpose("plane.course")
_COURSE_SECONDS = 3
"""For so long strollers keep their course."""

_COURSES, _PAUSES = 8, 4
"""In how many directions strollers go, and how often, to these, they stand instead."""


class Aims:
    """Makes the `Goals` of a World whose space has the columns `own`, and says by which field each finds the way.

    Strollers stand a third of the time, and turn back outside the place in which they set out; where they `roam`, they
    do neither.
    """

    def __init__(self, world: World, own: Any, places: Places, grid: Navigation, rng: Rng, roam: bool) -> None:
        """Read the goals of people among places that lie in the cells of a grid."""
        self._world, self._own, self._places, self._grid = world, own, places, grid
        self._rng, self._roam = rng, roam

    def inside(self) -> Bools:
        """Return who lives and is in the space, bool[people]."""
        inside: Bools = self._world.alive & (self._own.cell >= 0)
        return inside

    def goals(self, survey: Survey, second: int = 0) -> Goals:
        """Return what everyone is after at a second of the run; strollers change their course every few seconds."""
        own, everyone = self._own, np.arange(self._world.count, dtype=np.int32)
        spot = np.full(everyone.size, -1, np.int32)
        heading = everyone[own.goal_kind == TO_PLACE]
        spot[heading] = survey.spots(own.goal[heading], self._rng.words(_SPOT, heading, 0)[:, 0])
        if self._roam:  # no chance is in their way that would lead those around a place within theirs who go straight
            spot[own.waited > 0] = -1
        strolling, course = everyone[own.goal_kind == STROLLING], np.full(everyone.size, -1, np.int8)
        ways = _COURSES if self._roam else _COURSES + _PAUSES
        turns = self._rng.below(ways, _COURSE, strolling, second // _COURSE_SECONDS)
        course[strolling] = np.where(turns < _COURSES, turns, -1)
        return Goals(
            own.goal_kind.copy(), own.goal.copy(), spot, course, self._anchors(), np.full(everyone.size, -1, np.int32),
            metres(own.x), metres(own.y), self.inside(), own.radius / np.float32(1000),
            survey.rooms.room[survey.stands.cells(everyone, own.x, own.y)],
        )  # fmt: skip

    def toward(self, survey: Survey, goals: Goals) -> Int32s:
        """Return the place that everyone is going to by id, -1 for none; they find others by the places of these."""
        others = self._known_by(survey, goals.room)[np.where(goals.kind == TO_AGENT, goals.goal, 0)]
        toward: Int32s = np.select([goals.kind == TO_PLACE, goals.kind == TO_AGENT], [goals.goal, others], goals.anchor)
        return toward.astype(np.int32)

    def _known_by(self, survey: Survey, room: Int16s) -> Int32s:
        """Return the place by whose field others find each: where they are, where they go, or one near by; or -1."""
        own = self._own
        by: Int32s = np.where((own.place < 0) & (own.goal_kind != TO_AGENT), own.goal, own.place).astype(np.int32)
        wanted = own.goal[own.goal_kind == TO_AGENT]
        lone = np.unique(wanted[(by[wanted] < 0) & (own.cell[wanted] >= 0) & (room[wanted] == OUTDOORS)])
        places = np.flatnonzero(survey.rooms.of_places == OUTDOORS).astype(np.int32)
        if lone.size and places.size:
            cells, middles = np.repeat(own.cell[lone], places.size), np.tile(self._places.cell[places], lone.size)
            by[lone] = places[crow_flies(self._grid, cells, middles).reshape(lone.size, -1).argmin(axis=1)]
        return by

    def _anchors(self) -> Int32s:
        """Return the place to which each turns back: who stands outside theirs, who strolled too far from it; or -1."""
        own = self._own
        tied_down = own.goal_kind == NOWHERE
        if not self._roam:
            tied_down |= own.goal_kind == STROLLING
        anchor = np.where(tied_down & (own.cell >= 0), own.goal, -1).astype(np.int32)
        tied = np.flatnonzero(anchor >= 0).astype(np.int32)
        place, strolling = anchor[tied], own.goal_kind[tied] == STROLLING
        leash = np.where(strolling, self._places.radius[place] + LEASH, -1)
        away = crow_flies(self._grid, self._places.cell[place], own.cell[tied]) > leash
        anchor[tied[~away | (own.place[tied] == place)]] = -1
        return anchor
