"""What bodies walk on: the terrain that a space is given, and the land that it makes from it."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np

from engine.errors import SpaceError
from engine.kernels import kernel
from engine.society.places import Places
from engine.spaces.hex.grid import Disc, Grid, distances, make_disc, neighbour_table, neighbourhoods
from engine.values import Bools, Bytes, Int16s, Int32s

STEEPEST = 250
"""What climbing adds to a step at most, in tenths of a path step; no step costs more than twice this."""

PATH = 5
"""The terrain kind `path`, whose cost a bridge has."""

MOST_ROOM = 30_000


class Terrain(Protocol):
    """The land: kinds, heights and bridges by cell, and what each kind costs to enter."""

    @property
    def width(self) -> int:
        """Columns."""
        ...

    @property
    def height(self) -> int:
        """Rows."""
        ...

    @property
    def torus(self) -> bool:
        """Whether opposite edges meet."""
        ...

    @property
    def kind(self) -> Bytes:
        """The kind of land of each cell, uint8[cells]."""
        ...

    @property
    def elevation(self) -> Int16s:
        """The height of each cell in decimetres, int16[cells]."""
        ...

    @property
    def bridge(self) -> Bools:
        """Which cells carry a bridge, bool[cells]."""
        ...

    @property
    def cost(self) -> Int16s:
        """What a cell of each kind costs to enter, int16[kinds] in tenths of a path step, 1..250; 0 = impassable."""
        ...


STEP, OWNER, ROOM, COUNT, HEAD, WORDS = 6, 12, 13, 14, 15, 16
"""Columns of `Land.cells`; the first six are the neighbours."""


class Land(NamedTuple):
    """The walkable map and who stands on it, all of a cell in one line of the processor's cache (64 bytes).

    cells int32[cells,16]: the neighbours by direction, -1 for none; STEP.. what that step costs in tenths of a path
    step, 0 where one cannot go; OWNER the place that the cell belongs to, -1 for none; ROOM how many fit, 0 where
    nobody can stand; COUNT how many are there; HEAD the first of them, -1 for none. after int32[people]: the next one.
    """

    grid: Grid
    cells: Int32s
    after: Int32s


def lay_land(grid: Grid, terrain: Terrain, places: Places, capacity: int, pitch_cm: int) -> tuple[Land, list[Int32s]]:
    """Return the land, empty of people, and for each place the cells where walking to it ends (its sources).

    A cell belongs to the place of the smallest radius that reaches it, then of the lowest index. A place's cells hold
    at least their share of its capacity. Walking ends at the place's own cells that are nearest to its middle. Raises
    SpaceError for columns of the wrong size, costs out of range, or a place without a passable cell.
    """
    entry = _entry_costs(grid, terrain)
    neighbours = neighbour_table(grid)
    step = _step_costs(neighbours, entry, np.ascontiguousarray(terrain.elevation, np.int16), max(1, pitch_cm))
    passable: Bools = entry > 0
    reaches = _reaches(grid, places, passable)
    place_of = np.full(passable.size, -1, np.int16)
    for place in np.lexsort((-np.arange(len(places)), -places.radius)):
        place_of[reaches[place]] = place
    room = np.where(passable, capacity, 0).astype(np.int32)
    sources = []
    for place, reach in enumerate(reaches):
        own = reach[place_of[reach] == place]
        share = -(-int(places.capacity[place]) // max(1, own.size))
        room[own] = np.maximum(room[own], min(share, MOST_ROOM))
        ends = own if own.size else reach
        away = distances_from(grid, int(places.cell[place]), ends)
        sources.append(ends[away == away.min()])
    cells = aligned(passable.size * WORDS * 4).view(np.int32).reshape(passable.size, WORDS)
    cells[:, :STEP], cells[:, STEP:OWNER] = neighbours, step
    cells[:, OWNER], cells[:, ROOM], cells[:, COUNT], cells[:, HEAD] = place_of, room, 0, -1
    return Land(grid, cells, np.zeros(0, np.int32)), sources


def aligned(size: int) -> Bytes:
    """Return room for so many bytes that begins with a line of the processor's cache."""
    spare = np.empty(size + 64, np.uint8)
    skip = -spare.ctypes.data % 64
    return spare[skip : skip + size]


def distances_from(grid: Grid, cell: int, others: Int32s) -> Int32s:
    """Return the distances between one cell and others in cells, int32[n]."""
    return distances(grid, np.full(others.size, cell, np.int32), others)


def _entry_costs(grid: Grid, terrain: Terrain) -> Int32s:
    cells = grid.width * grid.height
    for name in ("kind", "elevation", "bridge"):
        size = int(getattr(terrain, name).size)
        if size != cells:
            raise SpaceError(f"terrain.{name} has {size} cells, the grid has {cells}; make both of one size")
    cost = np.asarray(terrain.cost, np.int32)
    if cost.size <= int(terrain.kind.max()):
        raise SpaceError(f"terrain.cost knows {cost.size} kinds, kind {terrain.kind.max()} occurs; add its cost")
    if cost.min() < 0 or cost.max() > STEEPEST:
        raise SpaceError(f"terrain.cost holds {cost.min()} to {cost.max()}; use 0 (impassable) to {STEEPEST}")
    path = int(cost[PATH]) if cost.size > PATH else 0
    entry: Int32s = np.where(terrain.bridge, path or 10, cost[terrain.kind]).astype(np.int32)
    return entry


@kernel
def _step_costs(neighbours: Int32s, entry: Int32s, elevation: Int16s, pitch_cm: int) -> Int16s:
    """Return what each step costs: entering the cell, and eight times the climb (Naismith's rule: 7.92 times)."""
    out = np.zeros(neighbours.shape, np.int16)
    for cell in range(neighbours.shape[0]):
        if entry[cell] <= 0:
            continue
        for k in range(6):
            near = neighbours[cell, k]
            if near >= 0 and entry[near] > 0:
                climb = max(0, int(elevation[near]) - int(elevation[cell]))
                out[cell, k] = entry[near] + min(STEEPEST, climb * 800 // pitch_cm)
    return out


def _reaches(grid: Grid, places: Places, passable: Bools) -> list[Int32s]:
    """Return the passable cells within each place's radius."""
    cells, discs, out = passable.size, dict[int, Disc](), list[Int32s]()
    for place in places.all:
        if not 0 <= place.cell < cells:
            raise SpaceError(f"place {place.name} is at cell {place.cell}; the grid has cells 0 to {cells - 1}")
        if place.radius not in discs:
            discs[place.radius] = make_disc(grid, place.radius)
        around = neighbourhoods(grid, discs[place.radius], np.array([place.cell], np.int32)).items
        reach = around[passable[around]]
        if not reach.size:
            row, column = divmod(place.cell, grid.width)
            raise SpaceError(
                f"place {place.name} at [{column}, {row}] has no passable cell within {place.radius}; move it to land"
            )
        out.append(reach)
    return out
