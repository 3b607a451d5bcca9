"""What is known of a map: navigation cells, rooms, ways, where one stands. A door that is shut makes another map."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.society.places import Places
from engine.spaces.plane.fields import FlowFields
from engine.spaces.plane.navigation import PITCH, Navigation, make_navigation, middles
from engine.spaces.plane.plan import Plan, Segments
from engine.spaces.plane.rooms import find_rooms
from engine.spaces.plane.social_force import WALL_REACH
from engine.spaces.plane.standing import Stands
from engine.spaces.plane.team import Team
from engine.spaces.plane.walls import Walls, lay_walls
from engine.values import Int32s


def lay_ground(plan: Plan, segments: Segments) -> tuple[Walls, Navigation]:
    """Return the walls float64[n,4] of a plan as they are looked up, and the navigation cells between them."""
    walls = lay_walls(segments, plan.width, plan.height, plan.torus, WALL_REACH)
    return walls, make_navigation(plan.width, plan.height, plan.torus, walls, PITCH)


class Survey:
    """All that follows from walls and places alone, made at one time, so that nothing of it is of other walls."""

    def __init__(
        self, plan: Plan, ground: tuple[Walls, Navigation], grid: Navigation, places: Places, team: Team
    ) -> None:
        """Survey a plan on the ground that was laid; `grid` has the cells of the society, in which places lie.

        Raises SpaceError for a place in a wall.
        """
        walls, self.navigation = ground
        at = middles(grid, self.navigation, places.cell)
        radius = (places.radius * (grid.pitch_mm // self.navigation.pitch_mm)).astype(np.int32)
        self.rooms = find_rooms(self.navigation, plan.buildings, at, radius)
        self.stands = Stands(self.navigation, walls)
        names = [place.name for place in places.all]
        self.ways = FlowFields(self.navigation, walls, names, at, self.rooms.ends, team)
        self._first_end = np.cumsum([0, *(ends.size for ends in self.rooms.ends)])
        self._ends: Int32s = np.concatenate([np.zeros(0, np.int32), *self.rooms.ends])

    def spots(self, places: Int32s, chance: NDArray[np.uint32]) -> Int32s:
        """Return where in each place one goes, navigation cells int32[n]: drawn by chance, uint32[n]."""
        first, drawn = self._first_end[places], chance.astype(np.int64) + 7919 * places
        found: Int32s = self._ends[first + drawn % (self._first_end[places + 1] - first)]
        return found
