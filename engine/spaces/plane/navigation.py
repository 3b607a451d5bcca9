"""The navigation grid: square cells over the plane, and between which neighbours one can walk.

From a cell ways are found outwards, to the cells from which one can come to it. Cells whose middle is clear of walls by
`CLEAR` are open. From an open cell ways spread to open neighbours where the straight way between the middles keeps
clear of every wall; and from any cell to neighbours that are not open, where no wall lies between: there people may
stand, pressed to a wall, but ways do not lead through.
"""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

import numpy as np

from engine.errors import SpaceError
from engine.kernels import kernel, lean
from engine.spaces.plane.walls import WALL_SIDE, Walls, apart, clearance, wall_cell
from engine.values import Bools, Bytes, Float32s, Int32s

CLEAR = 0.2
"""How far ways keep from walls, in metres: no more than the least radius of a body."""

PITCH = 0.5
"""How wide the cells are over which ways are found, in metres."""

MOST_PITCH = 0.75
"""The widest cells: the walls that matter to a step must be in the list of the cell where it begins."""

_HAIR = np.float32(1e-3)

EAST_OF = np.array((1, 1, 0, -1, -1, -1, 0, 1), np.int32)
NORTH_OF = np.array((0, 1, 1, 1, 0, -1, -1, -1), np.int32)
"""The steps to the eight neighbours, east and on counter-clockwise."""


class Navigation(NamedTuple):
    """A grid of columns x rows cells, `pitch` metres wide (millimetres in `pitch_mm`).

    spread uint8[cells]: bit k where ways spread to neighbour k; open bool[cells]: whether the middle is clear; walled
    bool[cells]: whether a wall comes near enough to the middle to lie between it and somebody in the cell.
    """

    columns: int
    rows: int
    pitch: np.float32
    pitch_mm: int
    torus: bool
    spread: Bytes
    open: Bools
    walled: Bools


def make_navigation(width: float, height: float, torus: bool, walls: Walls, pitch: float) -> Navigation:
    """Lay the grid. Raises SpaceError for a pitch that is too wide, or that a torus is not a multiple of."""
    if not 0.1 <= pitch <= MOST_PITCH:
        raise SpaceError(f"navigation cells are {pitch} m wide; use 0.1 to {MOST_PITCH}")
    columns, rows = (max(1, round(side / pitch - 1e-6)) for side in (width, height))
    fits = abs(columns * pitch - width) < 1e-3 and abs(rows * pitch - height) < 1e-3
    if not fits:
        raise SpaceError(
            f"a plane of {width:g} x {height:g} m is no whole number of cells of {pitch:g} m; "
            f"make it {columns * pitch:g} x {rows * pitch:g} m"
        )
    cells = columns * rows
    grid = Navigation(
        columns, rows, np.float32(pitch), round(1000 * pitch), torus,
        np.zeros(cells, np.uint8), np.zeros(cells, np.bool_), np.zeros(cells, np.bool_),
    )  # fmt: skip
    _measure(grid, walls)
    return grid


def coarser(grid: Navigation, width: float) -> Navigation:
    """Return a grid of cells `width` metres wide over the same plane; one is open where any within it is.

    Ways are not found over it, so `spread` and `walled` are empty. Raises SpaceError where its cells do not fit.
    """
    times = round(width * 1000) // grid.pitch_mm
    if times < 1 or times * grid.pitch_mm != round(width * 1000) or grid.columns % times or grid.rows % times:
        sides = f"{grid.columns * float(grid.pitch):g} x {grid.rows * float(grid.pitch):g} m"
        raise SpaceError(
            f"cells {width:g} m wide do not fit a plane of {sides}; "
            f"make them a multiple of {float(grid.pitch):g} m that divides both sides"
        )
    columns, rows = grid.columns // times, grid.rows // times
    is_open = grid.open.reshape(rows, times, columns, times).any(axis=(1, 3)).ravel()
    return Navigation(
        columns, rows, np.float32(times) * grid.pitch, times * grid.pitch_mm, grid.torus,
        np.zeros(0, np.uint8), is_open, np.zeros(0, np.bool_),
    )  # fmt: skip


def middles(coarse: Navigation, fine: Navigation, cells: Int32s) -> Int32s:
    """Return the fine cells in the middles of coarse ones, int32[n]."""
    times = fine.columns // coarse.columns
    row, column = cells // coarse.columns * times + times // 2, cells % coarse.columns * times + times // 2
    found: Int32s = (row * np.int32(fine.columns) + column).astype(np.int32)
    return found


@lean
def middle_of(grid: Navigation, cell: int) -> tuple[np.float32, np.float32]:
    """Return the middle of a cell in metres."""
    half = np.float32(0.5)
    row = cell // grid.columns
    return (np.float32(cell - row * grid.columns) + half) * grid.pitch, (np.float32(row) + half) * grid.pitch


@lean
def column_and_row(grid: Navigation, x: np.float32, y: np.float32) -> tuple[int, int]:
    """Return the column and the row of the cell of a position."""
    return min(max(int(x / grid.pitch), 0), grid.columns - 1), min(max(int(y / grid.pitch), 0), grid.rows - 1)


@lean
def navigation_cell(grid: Navigation, x: np.float32, y: np.float32) -> int:
    """Return the cell of a position."""
    column, row = column_and_row(grid, x, y)
    return row * grid.columns + column


def navigation_cells(grid: Navigation, x: Float32s, y: Float32s) -> Int32s:
    """Return the cells of positions, int32[n]: `navigation_cell` for many."""
    column = (x / grid.pitch).astype(np.int32).clip(0, grid.columns - 1)
    row = (y / grid.pitch).astype(np.int32).clip(0, grid.rows - 1)
    cells: Int32s = row * np.int32(grid.columns) + column
    return cells


@lean
def neighbour(grid: Navigation, cell: int, k: int) -> int:
    """Return the k-th neighbour of a cell, -1 beyond the edge."""
    row = cell // grid.columns
    column = cell - row * grid.columns + EAST_OF[k]
    row += NORTH_OF[k]
    if grid.torus:
        column = (column + grid.columns) % grid.columns
        row = (row + grid.rows) % grid.rows
    elif column < 0 or column >= grid.columns or row < 0 or row >= grid.rows:
        return -1
    return int(row * grid.columns + column)


@lean
def _measure(grid: Navigation, walls: Walls) -> None:
    """Fill open, walled and spread."""
    clear, half = np.float32(CLEAR), grid.pitch * np.float32(0.7072)
    for cell in range(grid.open.size):
        x, y = middle_of(grid, cell)
        gap = clearance(walls, x, y)
        grid.open[cell] = gap >= clear
        grid.walled[cell] = gap < half
    for cell in range(grid.open.size):
        x, y = middle_of(grid, cell)
        for k in range(8):
            near = neighbour(grid, cell, k)
            if near < 0 or (grid.open[near] and not grid.open[cell]):
                continue
            keep = clear if grid.open[near] else np.float32(1e-3)
            to_x, to_y = x + np.float32(EAST_OF[k]) * grid.pitch, y + np.float32(NORTH_OF[k]) * grid.pitch
            if _kept(walls, wall_cell(walls, x, y), x, y, to_x, to_y, keep):
                grid.spread[cell] |= np.uint8(1 << k)


@lean
def _kept(
    walls: Walls, cell: int, x: np.float32, y: np.float32, to_x: np.float32, to_y: np.float32, keep: np.float32
) -> bool:
    """Whether a straight way keeps so far from all walls in the list of a cell of walls.

    Most of them lie beside the box around the way, and need no closer look.
    """
    ends, wide = walls.ends, keep + _HAIR
    west, east, south, north = min(x, to_x) - wide, max(x, to_x) + wide, min(y, to_y) - wide, max(y, to_y) + wide
    for k in range(walls.start[cell], walls.start[cell + 1]):
        wall = walls.items[k]
        if max(ends[wall, 0], ends[wall, 2]) < west or min(ends[wall, 0], ends[wall, 2]) > east:
            continue
        if max(ends[wall, 1], ends[wall, 3]) < south or min(ends[wall, 1], ends[wall, 3]) > north:
            continue
        if apart(walls, wall, x, y, to_x, to_y) < keep:
            return False
    return True


@lean
def sees(
    grid: Navigation, walls: Walls, x: np.float32, y: np.float32, way_x: np.float32, way_y: np.float32, keep: np.float32
) -> bool:
    """Whether the straight way from (x, y) by (way_x, way_y) keeps so far, less than half a metre, from every wall.

    All walls so near to a point are in the list of its cell, so looking every two metres finds every wall.
    """
    width, height = np.float32(grid.columns) * grid.pitch, np.float32(grid.rows) * grid.pitch
    steps = int(np.float32(sqrt(way_x * way_x + way_y * way_y)) / np.float32(WALL_SIDE)) + 1
    last = -1
    for step in range(steps + 1):
        share = np.float32(step) / np.float32(steps)
        at_x, at_y, from_x, from_y = x + share * way_x, y + share * way_y, x, y
        if grid.torus:
            if at_x < 0 or at_x >= width:
                shift = width if at_x < 0 else -width
                at_x += shift
                from_x += shift
            if at_y < 0 or at_y >= height:
                shift = height if at_y < 0 else -height
                at_y += shift
                from_y += shift
        cell = wall_cell(walls, at_x, at_y)
        if cell != last and not _kept(walls, cell, from_x, from_y, from_x + way_x, from_y + way_y, keep):
            return False
        last = cell
    return True


@kernel
def disc_around(grid: Navigation, cell: int, radius: int) -> Int32s:
    """Return the open cells within `radius` cells of a cell to which ways spread from it inside that circle, sorted."""
    side = 2 * radius + 1
    seen, queue, count = np.zeros(side * side, np.bool_), np.empty(side * side, np.int32), 0
    row, column = cell // grid.columns, cell % grid.columns
    if grid.open[cell]:
        seen[radius * side + radius], queue[0], count = True, cell, 1
    head = 0
    while head < count:
        at = queue[head]
        head += 1
        for k in range(8):
            near = neighbour(grid, at, k) if (grid.spread[at] >> k) & 1 else -1
            if near < 0 or not grid.open[near]:
                continue
            up, across = near // grid.columns - row, near % grid.columns - column
            if grid.torus:
                up -= grid.rows * ((2 * up > grid.rows) - (2 * up < -grid.rows))
                across -= grid.columns * ((2 * across > grid.columns) - (2 * across < -grid.columns))
            if up * up + across * across > radius * radius:
                continue
            local = (up + radius) * side + across + radius
            if not seen[local]:
                seen[local], queue[count] = True, near
                count += 1
    return np.sort(queue[:count])
