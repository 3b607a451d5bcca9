"""Where there is room to stand, and which cells are near: searches over the navigation grid."""

from __future__ import annotations

from math import sqrt

import numpy as np

from engine.kernels import lean
from engine.spaces.plane.columns import GRAIN
from engine.spaces.plane.navigation import EAST_OF, NORTH_OF, Navigation, middle_of, navigation_cell, neighbour, sees
from engine.spaces.plane.walls import Walls
from engine.values import Bools, Csr, Float32s, Int32s, Int64s

NEVER = -(2**31)
"""A position in grains where nobody stands."""


class Stands:
    """In which navigation cells people stand; what was found is remembered for as long as they stay where they are."""

    def __init__(self, grid: Navigation, walls: Walls) -> None:
        self._grid, self._walls = grid, walls
        self._x, self._y, self._cell = (np.full(0, NEVER, np.int32) for _ in range(3))

    def cells(self, who: Int32s, x: Int32s, y: Int32s) -> Int32s:
        """Return the cells of people (int32 ids, each once) at these positions in grains, int32[n]."""
        ids = int(who.max(initial=-1)) + 1
        if ids > self._cell.size:
            more = np.full(max(ids, 2 * self._cell.size) - self._cell.size, NEVER, np.int32)
            self._x, self._y, self._cell = (np.concatenate((kept, more)) for kept in (self._x, self._y, self._cell))
        _stand_in(self._grid, self._walls, who, x, y, self._x, self._y, self._cell)
        found: Int32s = self._cell[who]
        return found


@lean
def _stand_in(
    grid: Navigation, walls: Walls, who: Int32s, x: Int32s, y: Int32s, known_x: Int32s, known_y: Int32s, cells: Int32s
) -> None:
    """Fill cells[who[i]] with the cell in which each stands, unless it is known from where they stood before.

    Where a wall lies between them and its middle it is the nearest around whose middle they see.
    """
    hair = np.float32(1e-3)
    for i in range(who.size):
        person = who[i]
        if x[i] == known_x[person] and y[i] == known_y[person]:
            continue
        known_x[person], known_y[person] = x[i], y[i]
        at_x, at_y = np.float32(x[i]) / np.float32(GRAIN), np.float32(y[i]) / np.float32(GRAIN)
        cell = navigation_cell(grid, at_x, at_y)
        cells[person] = cell
        if not grid.walled[cell]:
            continue
        to_x, to_y = middle_of(grid, cell)
        to_x, to_y = to_x - at_x, to_y - at_y
        if sees(grid, walls, at_x, at_y, to_x, to_y, hair):
            continue
        least = np.float32(np.inf)
        for k in range(8):
            near = neighbour(grid, cell, k)
            way_x, way_y = to_x + np.float32(EAST_OF[k]) * grid.pitch, to_y + np.float32(NORTH_OF[k]) * grid.pitch
            away = way_x * way_x + way_y * way_y
            if near >= 0 and away < least and sees(grid, walls, at_x, at_y, way_x, way_y, hair):
                cells[person], least = near, away


@lean
def _ring_cell(grid: Navigation, row: int, column: int, down: int, across: int) -> int:
    """Return the cell so many rows and columns away, -1 beyond the edge, or where the way around a torus is shorter."""
    r, c = row + down, column + across
    if grid.torus:
        if 2 * abs(down) > grid.rows or 2 * abs(across) > grid.columns:
            return -1
        return int(((r + grid.rows) % grid.rows) * grid.columns + (c + grid.columns) % grid.columns)
    if r < 0 or r >= grid.rows or c < 0 or c >= grid.columns:
        return -1
    return r * grid.columns + c


@lean
def _has_room(
    grid: Navigation,
    cell: int,
    radius: np.float32,
    head: Int32s,
    after: Int32s,
    x: Float32s,
    y: Float32s,
    wide: Float32s,
) -> bool:
    """Whether a body fits into the middle of a cell beside all that are there."""
    if not grid.open[cell]:
        return False
    to_x, to_y = middle_of(grid, cell)
    reach = int(np.float32(1.5) / grid.pitch) + 1
    row = cell // grid.columns
    column = cell - row * grid.columns
    for down in range(-reach, reach + 1):
        for across in range(-reach, reach + 1):
            near = _ring_cell(grid, row, column, down, across)
            at = head[near] if near >= 0 else -1
            while at >= 0:
                half_x, half_y = np.float32(grid.columns) * grid.pitch, np.float32(grid.rows) * grid.pitch
                dx, dy = abs(x[at] - to_x), abs(y[at] - to_y)
                if grid.torus:
                    dx, dy = min(dx, half_x - dx), min(dy, half_y - dy)
                touch = radius + wide[at]
                if dx * dx + dy * dy < touch * touch:
                    return False
                at = after[at]
    return True


@lean
def enter(
    grid: Navigation,
    agents: Int32s,
    cells: Int32s,
    x: Float32s,
    y: Float32s,
    radius: Float32s,
    inside: Bools,
    head: Int32s,
    after: Int32s,
) -> int:
    """Put people into the middles of cells, or of the nearest with room (ties to the smallest), one after the other.

    x, y, radius float32[n] in metres and inside bool[n] are by id; head int32[cells] and after int32[n] are scratch.
    Return how many found room; the first who did not ends it.
    """
    head[:] = -1
    for person in range(inside.size):
        if inside[person]:
            cell = navigation_cell(grid, x[person], y[person])
            after[person], head[cell] = head[cell], person
    for i in range(agents.size):
        person = agents[i]
        row = cells[i] // grid.columns
        column = cells[i] - row * grid.columns
        found, least = -1, grid.rows * grid.rows + grid.columns * grid.columns
        for ring in range(max(grid.rows, grid.columns)):
            if found >= 0 and least < ring * ring:
                break
            for down in range(-ring, ring + 1):
                for across in range(-ring, ring + 1, 1 if abs(down) == ring else 2 * ring):
                    near = _ring_cell(grid, row, column, down, across)
                    away = down * down + across * across
                    if near < 0 or away > least or (away == least and near > found):
                        continue
                    if _has_room(grid, near, radius[person], head, after, x, y, radius):
                        found, least = near, away
        if found < 0:
            return i
        x[person], y[person] = middle_of(grid, found)
        inside[person] = True
        after[person], head[found] = head[found], person
    return agents.size


@lean
def nearest(grid: Navigation, mask: Bools, wanted: Int32s, out: Int32s) -> None:
    """Fill out with the cell of the mask that is nearest to each wanted one as the crow flies, ties to the smallest."""
    for i in range(wanted.size):
        out[i] = -1
        if wanted[i] < 0:
            continue
        row = wanted[i] // grid.columns
        column = wanted[i] - row * grid.columns
        least = grid.rows * grid.rows + grid.columns * grid.columns
        for ring in range(max(grid.rows, grid.columns)):
            if out[i] >= 0 and least < ring * ring:
                break
            for down in range(-ring, ring + 1):
                for across in range(-ring, ring + 1, 1 if abs(down) == ring else 2 * ring):
                    near = _ring_cell(grid, row, column, down, across)
                    if near < 0 or not mask[near]:
                        continue
                    away = down * down + across * across
                    if out[i] < 0 or away < least or (away == least and near < out[i]):
                        out[i], least = near, away


def crow_flies(grid: Navigation, cells: Int32s, others: Int32s) -> Int32s:
    """Return the distance between the middles of cells in whole cells, int32[n], the shorter way around a torus."""
    out = np.empty(cells.size, np.int32)
    _fill_distances(grid, np.array(cells, np.int32), np.array(others, np.int32), out)
    return out


@lean
def _fill_distances(grid: Navigation, cells: Int32s, others: Int32s, out: Int32s) -> None:
    for i in range(cells.size):
        row, near = cells[i] // grid.columns, others[i] // grid.columns
        up, across = abs(near - row), abs((others[i] - near * grid.columns) - (cells[i] - row * grid.columns))
        if grid.torus:
            up, across = min(up, grid.rows - up), min(across, grid.columns - across)
        out[i] = int(sqrt(np.float64(up * up + across * across)))


def neighbourhoods(grid: Navigation, cells: Int32s, radius: int) -> Csr:
    """Return the cells within `radius` of each as `crow_flies` counts, the nearest first, and then the smallest."""
    along = np.arange(-radius, radius + 1)
    down, across = (steps.ravel() for steps in np.meshgrid(along, along, indexing="ij"))
    near = down * down + across * across < (radius + 1) * (radius + 1)
    down, across = down[near], across[near]
    rows, columns = cells[:, None] // grid.columns + down, cells[:, None] % grid.columns + across
    if grid.torus:
        kept = np.broadcast_to((2 * abs(down) <= grid.rows) & (2 * abs(across) <= grid.columns), rows.shape)
        rows, columns = rows % grid.rows, columns % grid.columns
    else:
        kept = (rows >= 0) & (rows < grid.rows) & (columns >= 0) & (columns < grid.columns)
    found = (rows * grid.columns + columns).astype(np.int32)
    squares = np.broadcast_to(down * down + across * across, found.shape)
    order = np.lexsort((found, squares), axis=1)
    kept, found = np.take_along_axis(kept, order, 1), np.take_along_axis(found, order, 1)
    if grid.torus:  # half the way around there are two ways to one cell
        squares = np.take_along_axis(squares, order, 1)
        same = (found[:, 1:] == found[:, :-1]) & (squares[:, 1:] == squares[:, :-1])
        kept = kept.copy()
        kept[:, 1:] &= ~same
    start: Int64s = np.concatenate([[0], np.cumsum(kept.sum(axis=1))]).astype(np.int64)
    return Csr(start, found[kept])
