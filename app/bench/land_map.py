"""The map of our hex space as a peer gets it: the same land, ways and room."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.spaces.hex.fields import walking_table
from engine.spaces.hex.grid import neighbour_table
from engine.spaces.hex.space import HexSpace
from engine.spaces.hex.terrain import OWNER, STEP
from engine.values import Int16s, Int32s


class Map(NamedTuple):
    """The map of our space, as it is handed to Mesa.

    neighbours and cost int32[cells,6]: by direction, -1 for none; tenths of a path step, 0 where one cannot go.
    room and place_of int16[cells]. goals int32[g]: places; away int32[cells,g]: the way to each.
    """

    width: int
    height: int
    torus: bool
    neighbours: Int32s
    cost: Int32s
    room: Int16s
    place_of: Int16s
    goals: Int32s
    away: Int32s


def map_of(space: HexSpace, goals: Int32s) -> Map:
    """Return what Mesa is to know of our map."""
    cells = np.arange(space.cells, dtype=np.int32)
    away = np.empty((cells.size, goals.size), np.int32)
    walking_table(space._ways, space.grid, cells, goals, away)
    return Map(
        space.grid.width,
        space.grid.height,
        space.grid.torus,
        neighbour_table(space.grid),
        space._land.cells[:, STEP:OWNER],
        space.room,
        space.place_of,
        goals,
        away,
    )
