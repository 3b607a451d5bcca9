"""The stock of flow fields: they are made when they are asked for, and kept within a budget of bytes.

A field is a function of the map alone: one that is made again is the same as before. So what is in the stock changes
how long an answer takes, and never what it is.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.spaces.plane.navigation import Navigation
from engine.spaces.plane.spreading import Ends, make_scratch, spread
from engine.spaces.plane.team import Team, edges_of
from engine.spaces.plane.walls import Walls
from engine.spaces.plane.windows import MOST_AHEAD, Fields
from engine.values import Bools, Int32s

BUDGET = 1 << 30
"""Bytes of fields that are kept at most, but for those that are asked for at once."""

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
        self._sizes = windows[:, 2].astype(np.int64) * windows[:, 3]
        self._most, self._used = budget // np.dtype(np.uint32).itemsize, 0
        shortest = min(grid.columns, grid.rows) // 2 - 1 if grid.torus else MOST_AHEAD
        self._sight = min(round(SIGHT * 1000), max(1, min(shortest, MOST_AHEAD)) * grid.pitch_mm)
        self._clock, self._asked = 0, np.zeros(len(ends), np.int64)
        self.fields = Fields(windows, np.full(len(ends), -1, np.int64), np.zeros(0, np.uint32))

    def keep(self, wanted: Bools) -> Fields:
        """Return the fields, with the wanted ones (bool[fields]) among them. Those asked for longest ago give way."""
        self._clock += 1
        self._asked[wanted] = self._clock
        missing = np.flatnonzero(wanted & (self.fields.start < 0)).astype(np.int32)
        if missing.size:
            sizes = self._sizes[missing]
            self._make_room(int(sizes.sum()))
            self.fields.start[missing] = self._used + sizes.cumsum() - sizes
            self._used += int(sizes.sum())
            parts = self._team.parts(missing.size, 2)
            scratch = make_scratch(parts, int(sizes.max()), int(np.diff(self._ends.start)[missing].max()))
            self._team.run(
                spread, edges_of(missing.size, parts), self._grid, self._walls, self.fields, missing, self._ends,
                self._sight, scratch,
            )  # fmt: skip
        return self.fields

    @property
    def kept_bytes(self) -> int:
        """How many bytes the fields fill that are kept."""
        return self._used * np.dtype(np.uint32).itemsize

    def _make_room(self, size: int) -> None:
        """Make room for so many cells at the end of the stock."""
        if self._used + size > self._most:
            self._give_way(self._used + size - self._most)
        packed = self.fields.packed
        if self._used + size > packed.size:
            room = np.empty(max(self._used + size, min(2 * packed.size, self._most)), np.uint32)
            room[: self._used] = packed[: self._used]
            self.fields = self.fields._replace(packed=room)

    def _give_way(self, excess: int) -> None:
        """Drop the fields that were asked for longest ago, and an eighth more than must be; close the gaps."""
        start, packed = self.fields.start, self.fields.packed
        kept = np.flatnonzero((start >= 0) & (self._asked < self._clock))
        oldest = kept[np.lexsort((kept, self._asked[kept]))]
        enough = int(np.searchsorted(self._sizes[oldest].cumsum(), excess + self._most // 8)) + 1
        start[oldest[:enough]] = -1
        kept = np.flatnonzero(start >= 0)
        self._used = 0
        for field in kept[np.argsort(start[kept])].tolist():
            size, before = int(self._sizes[field]), int(start[field])
            packed[self._used : self._used + size] = packed[before : before + size]
            start[field] = self._used
            self._used += size
