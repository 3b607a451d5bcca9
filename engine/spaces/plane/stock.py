"""The stock of flow fields: they are made when they are asked for, and kept within a budget of bytes.

A field is a function of the map alone: one that is made again is the same as before. So what is in the stock changes
how long an answer takes, and never what it is.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.spaces.plane.navigation import Navigation
from engine.spaces.plane.shelf import Shelf
from engine.spaces.plane.spreading import Ends, make_scratch, spread
from engine.spaces.plane.team import Team, edges_of
from engine.spaces.plane.walls import Walls
from engine.spaces.plane.windows import MOST_AHEAD, Fields
from engine.values import Bools, Int32s

SIGHT = 16.0
"""How far ahead the point is at most that people head for, in metres."""


class Stock:
    """The fields of one map, of which some are kept. `fields` says which; it changes whenever some are asked for."""

    def __init__(
        self, grid: Navigation, walls: Walls, windows: Int32s, ends: Sequence[Int32s], team: Team, budget: int
    ) -> None:
        """Take the windows, int32[fields,4], and the ends of all fields; none is made yet."""
        self._grid, self._walls, self._team = grid, walls, team
        self._ends = Ends(np.cumsum([0, *(some.size for some in ends)]), np.concatenate([np.zeros(0, np.int32), *ends]))
        self._windows, self._sizes = windows, windows[:, 2].astype(np.int64) * windows[:, 3]
        shortest = min(grid.columns, grid.rows) // 2 - 1 if grid.torus else MOST_AHEAD
        self._sight = min(round(SIGHT * 1000), max(1, min(shortest, MOST_AHEAD)) * grid.pitch_mm)
        self._shelf = Shelf(len(ends), np.uint32, budget)

    @property
    def fields(self) -> Fields:
        """The fields as they are kept now."""
        return Fields(self._windows, self._shelf.start, self._shelf.items)

    @property
    def made(self) -> int:
        """How many fields were made until now, those counted again that were made again."""
        return self._shelf.made

    @property
    def kept_bytes(self) -> int:
        """How many bytes the fields fill that are kept."""
        return self._shelf.kept_bytes

    @property
    def all_bytes(self) -> int:
        """How many bytes all fields would fill."""
        return int(self._sizes.sum()) * self._shelf.items.itemsize

    def keep(self, wanted: Bools) -> Fields:
        """Return the fields, with the wanted ones (bool[fields]) among them. Those asked for longest ago give way."""
        missing = self._shelf.use(wanted)
        if missing.size:
            sizes = self._sizes[missing]
            self._shelf.put(missing, sizes)
            parts = self._team.parts(missing.size, 2)
            scratch = make_scratch(parts, int(sizes.max()), int(np.diff(self._ends.start)[missing].max()))
            self._team.run(
                spread, edges_of(missing.size, parts), self._grid, self._walls, self.fields, missing, self._ends,
                self._sight, scratch,
            )  # fmt: skip
        return self.fields
