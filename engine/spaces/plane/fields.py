"""Flow fields: from everywhere to every place, how far it is and which way to go.

A place's field covers a window of the map around it; who is further away follows hubs (`hubs.py`) until they are in it.
On a small map the window is the whole map. Fields are functions of the map alone; they are made when they are first
asked for, kept within a budget, and shared by all who go there.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np

from engine.errors import SpaceError
from engine.spaces.plane.hubs import hub_windows, join_hubs, lay_hubs
from engine.spaces.plane.navigation import CLEAR, Navigation, middle_of
from engine.spaces.plane.onward import Ways
from engine.spaces.plane.spreading import reachable
from engine.spaces.plane.stock import Stock
from engine.spaces.plane.team import Team, edges_of
from engine.spaces.plane.walls import Walls
from engine.spaces.plane.ways import WORTHWHILE, fill_ways, mark_wanted
from engine.spaces.plane.windows import Fields, window_around
from engine.values import Bools, Float32s, Int32s

SQUARE = 16.0
"""How wide the squares of hubs are, in metres. A hub's field covers its square and those around."""

MARGIN, LEAST_MARGIN, ROOMY = 48.0, 24.0, 1_000
"""How far around itself a place's field reaches, in metres, and how far where there are more than so many places."""

BUDGET, SHARE = 1280 << 20, 8
"""Bytes of fields and ways that are kept at most, but for those that are asked for at once; an n-th is for the ways."""

_log = logging.getLogger("sociarium.plane")
"""Says how far it is with a large map, which takes a while, and "" when it is done."""


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
        self.grid, self.walls, self._team = grid, walls, team
        self._names, self._cells, self.ends = tuple(names), cells, ends
        for name, cell, covered in zip(names, cells, ends, strict=True):
            if not covered.size:
                raise SpaceError(f"place {name} at {self._where(int(cell))} stands in a wall; move it clear of it")
        self._reached = reachable(grid, self.ends[0]) if self.ends else np.zeros(grid.open.size, np.bool_)
        side, margin = round(SQUARE / float(grid.pitch)), MARGIN if len(self.ends) <= ROOMY else LEAST_MARGIN
        self._margin = round(margin * 1000)
        whole = grid.open.size <= ((2 * MARGIN + SQUARE) / float(grid.pitch)) ** 2
        around = max(grid.columns, grid.rows) if whole else round(margin / float(grid.pitch))
        windows = [_window(grid, int(cell), covered, around) for cell, covered in zip(cells, ends, strict=True)]
        # From all places, since a shut door may part some from the first.
        everywhere = np.unique(np.concatenate([np.zeros(0, np.int32), *self.ends]))
        mask = np.zeros(grid.open.size, np.bool_) if whole else reachable(grid, everywhere)
        self._hubs = lay_hubs(grid, mask, around if whole else side, len(self.ends))
        windows += hub_windows(grid, self._hubs)
        self._stock = Stock(
            grid, walls, np.array(windows, np.int32).reshape(-1, 4), [*self.ends, *self._hubs.cell[:, None]], team,
            budget - budget // SHARE,
        )  # fmt: skip
        graph = join_hubs(grid, self._stock, self._hubs)
        self._onward = Ways(grid, self._hubs, graph, len(self.ends), self._stock, team, budget // SHARE)
        self.fits = self.all_bytes <= budget - budget // SHARE
        _log.info("")
        if not self.fits:
            _log.warning(
                "the flow fields of %d places fill %d MB, and %d MB are kept: some are made again and again, and "
                "ticks take long; make the plane smaller, or its places fewer",
                len(self.ends), self.all_bytes // 10**6, budget // 10**6,
            )  # fmt: skip

    @property
    def fields(self) -> Fields:
        """The fields as they are kept now: those that were asked for last are among them."""
        return self._stock.fields

    @property
    def kept_bytes(self) -> int:
        """How many bytes all fields and ways fill that are kept."""
        return self._stock.kept_bytes + self._onward.kept_bytes

    @property
    def all_bytes(self) -> int:
        """How many bytes the fields of all places and hubs would fill."""
        return self._stock.all_bytes

    @property
    def made(self) -> int:
        """How many fields were made until now, those counted again that were made again."""
        return self._stock.made

    def ways(self, places: Int32s, x: Float32s, y: Float32s) -> Int32s:
        """Return the way from each (x, y) to its place in millimetres, int32[n]; FAR where there is none."""
        return self._lead(places, x, y)[0]

    def guides(self, places: Int32s, x: Float32s, y: Float32s) -> Int32s:
        """Return which field to follow from each (x, y) to its place, int32[n]; -1 where there is no way, or place."""
        return self._lead(places, x, y)[1]

    def _lead(self, places: Int32s, x: Float32s, y: Float32s) -> tuple[Int32s, Int32s]:
        """Return the way from each (x, y) to its place, and the field to follow; those of place -1 are FAR and -1."""
        way, guide = np.empty(places.size, np.int32), np.empty(places.size, np.int32)
        onward = self._onward.keep(self._asked(places))
        fields = self._keep(places, x, y)
        parts = self._team.parts(places.size, WORTHWHILE)
        self._team.run(
            fill_ways, edges_of(places.size, parts), self.grid, self.walls, fields, self._hubs, onward, self._margin,
            places, x, y, np.empty((parts, 2, self._hubs.most), np.int32), way, guide,
        )  # fmt: skip
        short = np.flatnonzero((places >= 0) & (way > onward.reach[places]))
        if short.size and self._hubs.most:
            self._onward.reach_further(self._asked(places[short]))
            way[short], guide[short] = self._lead(places[short], x[short], y[short])
        return way, guide

    def _asked(self, places: Int32s) -> Bools:
        """Return which places are among these, bool[places]; -1 is none."""
        asked: Bools = np.zeros(len(self.ends) + 1, np.bool_)
        asked[places] = True  # -1 is the one after the last
        return asked[:-1]

    def _keep(self, places: Int32s, x: Float32s, y: Float32s) -> Fields:
        """See to it that all fields are there that are asked on the ways from each (x, y) to its place, -1 for none."""
        wanted = np.zeros(self.fields.start.size, np.bool_)
        squares = np.zeros(self._hubs.across * self._hubs.up, np.bool_)
        mark_wanted(self.grid, self.fields, self._hubs, places, x, y, squares, wanted)
        return self._stock.keep(wanted)

    def prepare(self) -> None:
        """Make the fields of all places now, if they fit in the budget: else the first ticks take long."""
        if self.fits:
            self._onward.keep(np.ones(len(self.ends), np.bool_))
            _log.info("")

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


def _window(grid: Navigation, cell: int, ends: Int32s, margin: int) -> list[int]:
    """Return the window of a place's cells, whose middle is `cell`, and of `margin` cells around them."""
    row, column = divmod(cell, grid.columns)
    up, across = ends // grid.columns - row, ends % grid.columns - column
    if grid.torus:
        up = (up + grid.rows // 2) % grid.rows - grid.rows // 2
        across = (across + grid.columns // 2) % grid.columns - grid.columns // 2
    rows = row + int(up.min()), row + int(up.max())
    return window_around(grid, rows, (column + int(across.min()), column + int(across.max())), margin)
