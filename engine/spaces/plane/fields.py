"""Flow fields: from everywhere to every place, how far it is and which way to go.

A place's field covers a window of the map around it; who is further away follows hubs (`hubs.py`) until they are in it.
On a small map the window is the whole map. Fields are functions of the map alone; they are made when they are first
asked for, kept within a budget, and shared by all who go there.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.errors import SpaceError
from engine.spaces.plane.hubs import TOGETHER, Graph, Hubs, fill_onward, join_hubs, lay_hubs
from engine.spaces.plane.navigation import CLEAR, Navigation, middle_of
from engine.spaces.plane.spreading import reachable
from engine.spaces.plane.stock import BUDGET, Stock
from engine.spaces.plane.team import Team
from engine.spaces.plane.walls import Walls
from engine.spaces.plane.ways import fill_guides, fill_ways, mark_wanted
from engine.spaces.plane.windows import Fields, window_around
from engine.values import Bools, Float32s, Int32s

SQUARE = 16.0
"""How wide the squares of hubs are, in metres. A hub's field covers its square and those around."""

MARGIN, LEAST_MARGIN, ROOMY = 3, 2, 1_000
"""How many squares around itself a place's field covers, and how many where there are more than so many places."""


class FlowFields:
    """The fields of places on one map. A place is a cell in its middle, and its ends: the open cells that it covers."""

    def __init__(
        self,
        grid: Navigation,
        walls: Walls,
        names: Sequence[str],
        cells: Int32s,
        ends: Sequence[Int32s],
        team: Team,
        budget: int = BUDGET,
    ) -> None:
        """Take the places and lay the hubs; `team` makes fields, and `budget` bytes of them are kept.

        Raises SpaceError for a place without ends: it stands in a wall.
        """
        self.grid, self.walls = grid, walls
        self._names, self._cells, self.ends = tuple(names), cells, ends
        for name, cell, covered in zip(names, cells, ends, strict=True):
            if not covered.size:
                raise SpaceError(f"place {name} at {self._where(int(cell))} stands in a wall; move it clear of it")
        self._reached = reachable(grid, self.ends[0]) if self.ends else np.zeros(grid.open.size, np.bool_)
        side, margin = round(SQUARE / float(grid.pitch)), MARGIN if len(self.ends) <= ROOMY else LEAST_MARGIN
        if grid.open.size <= ((2 * MARGIN + 1) * side) ** 2:
            side = max(grid.columns, grid.rows)
        windows = [
            window_around(grid, int(cell), _reach(grid, int(cell), covered), side, margin)
            for cell, covered in zip(cells, ends, strict=True)
        ]
        self._hubs, self._stock, self._graph = self._lay(side, windows, team, budget)
        self._onward = np.empty((len(self.ends), self._hubs.cell.size), np.int32)
        self._known = np.zeros(len(self.ends), np.bool_)

    def _lay(self, side: int, windows: list[list[int]], team: Team, budget: int) -> tuple[Hubs, Stock, Graph]:
        """Return hubs between which there are ways, those of all fields; none where one square holds the whole map."""
        whole = side >= max(self.grid.columns, self.grid.rows)
        # From all places, since a shut door may part some from the first.
        everywhere = np.unique(np.concatenate([np.zeros(0, np.int32), *self.ends]))
        mask = np.zeros(self.grid.open.size, np.bool_) if whole else reachable(self.grid, everywhere)
        hubs = lay_hubs(self.grid, mask, side, len(self.ends))
        around = [window_around(self.grid, cell, 0, side, 1) for cell in hubs.cell.tolist()]
        stock = Stock(
            self.grid, self.walls, np.array(windows + around, np.int32).reshape(-1, 4),
            [*self.ends, *hubs.cell[:, None]], team, budget,
        )  # fmt: skip
        return hubs, stock, join_hubs(self.grid, stock, hubs)

    @property
    def fields(self) -> Fields:
        """The fields as they are kept now: those that were asked for last are among them."""
        return self._stock.fields

    @property
    def kept_bytes(self) -> int:
        """How many bytes all fields fill that are kept."""
        return self._stock.kept_bytes

    def ways(self, places: Int32s, x: Float32s, y: Float32s) -> Int32s:
        """Return the way from each (x, y) to its place in millimetres, int32[n]; FAR where there is none."""
        out = np.empty(places.size, np.int32)
        near = np.empty((2, self._hubs.most), np.int32)
        fields = self._keep(places, x, y)
        fill_ways(self.grid, self.walls, fields, self._hubs, self._onward, places, x, y, near, out)
        return out

    def guides(self, places: Int32s, x: Float32s, y: Float32s) -> Int32s:
        """Return which field to follow from each (x, y) to its place, int32[n]; -1 where there is no way, or place."""
        out = np.empty(places.size, np.int32)
        near = np.empty((2, self._hubs.most), np.int32)
        fields = self._keep(places, x, y)
        fill_guides(self.grid, self.walls, fields, self._hubs, self._onward, places, x, y, near, out)
        return out

    def _keep(self, places: Int32s, x: Float32s, y: Float32s) -> Fields:
        """See to it that all is there that is asked on the ways from each (x, y) to its place, -1 for none."""
        self._fill_onward(places)
        wanted = np.zeros(self.fields.start.size, np.bool_)
        squares = np.zeros(self._hubs.across * self._hubs.up, np.bool_)
        mark_wanted(self.grid, self.fields, self._hubs, places, x, y, squares, wanted)
        return self._stock.keep(wanted)

    def _fill_onward(self, places: Int32s) -> None:
        """Find the ways from the hubs to those of these places where they are not known yet."""
        asked: Bools = np.zeros(len(self.ends) + 1, np.bool_)
        asked[places] = True  # -1 is the one after the last
        new = np.flatnonzero(asked[:-1] & ~self._known) if self._hubs.most else np.zeros(0, np.int64)
        for some in np.array_split(new, -(-new.size // TOGETHER)) if new.size else ():
            wanted = np.zeros(self.fields.start.size, np.bool_)
            wanted[some] = True
            fields = self._stock.keep(wanted)
            for place in some.tolist():
                fill_onward(self.grid, fields, self._hubs, self._graph, place, self._onward[place])
            self._known[some] = True

    def prepare(self) -> None:
        """Make the fields of all places now, if there are no more than a thousand: else the first ticks take long."""
        if len(self.ends) <= ROOMY:
            self._fill_onward(np.arange(len(self.ends), dtype=np.int32))
            wanted = np.zeros(self.fields.start.size, np.bool_)
            wanted[: len(self.ends)] = True
            self._stock.keep(wanted)

    def check_ways(self) -> None:
        """Raise SpaceError for the first place from which there is no way to the first of all."""
        for name, cell, covered in zip(self._names, self._cells, self.ends, strict=True):
            if not self._reached[covered].any():
                raise SpaceError(
                    f"place {name} at {self._where(int(cell))} cannot be reached from {self._names[0]}; "
                    f"give its building a door, {2 * CLEAR + float(self.grid.pitch):.2f} m or wider"
                )

    def _where(self, cell: int) -> list[float]:
        return [round(float(at), 2) for at in middle_of(self.grid, cell)]


def _reach(grid: Navigation, cell: int, ends: Int32s) -> int:
    """Return how many rows or columns a place covers at most to each side of its middle."""
    rows, columns = (
        np.abs(ends // grid.columns - cell // grid.columns),
        np.abs(ends % grid.columns - cell % grid.columns),
    )
    if grid.torus:
        rows, columns = np.minimum(rows, grid.rows - rows), np.minimum(columns, grid.columns - columns)
    return int(max(rows.max(), columns.max()))
