"""Doors that are shut and opened: while one is shut, a wall closes its gap."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

import numpy as np

from engine.errors import SpaceError
from engine.spaces.plane.plan import Building, Segments, door_gaps
from engine.values import Bools, Float32s, Int32s


class Doors:
    """The doors of a plan's buildings, numbered through in their order."""

    def __init__(self, buildings: Sequence[Building]) -> None:
        self._names = [building.name for building in buildings]
        self._first = np.cumsum([0, *(len(building.doors) for building in buildings)])
        gaps = [gap for building in buildings for gap in door_gaps(building)]
        self.gaps: Segments = np.array(gaps, np.float64).reshape(-1, 4)

    def find(self, building: str, door: int | None) -> Int32s:
        """Return the numbers of a building's doors, or of that one. Raises SpaceError when it is not there."""
        if building not in self._names:
            near = get_close_matches(building, self._names, 1)
            mend = f"did you mean {near[0]!r}?" if near else "name a building of the scenario, or a place of its town"
            raise SpaceError(f"there is no building {building!r}; {mend}")
        at = self._names.index(building)
        doors = np.arange(self._first[at], self._first[at + 1], dtype=np.int32)
        if door is None:
            return doors
        if not 0 <= door < doors.size:
            raise SpaceError(f"{building} has no door {door}; its doors are 0 to {doors.size - 1}")
        return doors[door : door + 1]

    def in_the_way(self, doors: Int32s, x: Float32s, y: Float32s, radius: Float32s) -> Bools:
        """Whether each body would touch one of these doors, were they shut: bool[n]."""
        touched = np.zeros(x.size, np.bool_)
        for ax, ay, bx, by in self.gaps[doors].tolist():
            along_x, along_y, to_x, to_y = bx - ax, by - ay, x.astype(np.float64) - ax, y.astype(np.float64) - ay
            share = ((to_x * along_x + to_y * along_y) / (along_x * along_x + along_y * along_y)).clip(0, 1)
            off_x, off_y = to_x - share * along_x, to_y - share * along_y
            touched |= off_x * off_x + off_y * off_y < radius.astype(np.float64) ** 2
        return touched
