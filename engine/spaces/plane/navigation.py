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
from engine.kernels import lean
from engine.spaces.plane.walls import WALL_SIDE, Walls, apart, clearance, wall_cell
from engine.values import Bools, Bytes, Float32s, Int32s

CLEAR = 0.2
"""How far ways keep from walls, in metres: no more than the least radius of a body."""

MOST_PITCH = 0.75
"""The widest cells: the walls that matter to a step must be in the list of the cell where it begins."""

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


@lean
def middle_of(grid: Navigation, cell: int) -> tuple[np.float32, np.float32]:
    """Return the middle of a cell in metres."""
    half = np.float32(0.5)
    row = cell // grid.columns
    return (np.float32(cell - row * grid.columns) + half) * grid.pitch, (np.float32(row) + half) * grid.pitch


@lean
def navigation_cell(grid: Navigation, x: np.float32, y: np.float32) -> int:
    """Return the cell of a position."""
    column = min(max(int(x / grid.pitch), 0), grid.columns - 1)
    row = min(max(int(y / grid.pitch), 0), grid.rows - 1)
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
    """Whether a straight way keeps so far from all walls in the list of a cell of walls."""
    for k in range(walls.start[cell], walls.start[cell + 1]):
        if apart(walls, walls.items[k], x, y, to_x, to_y) < keep:
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


def disc_around(grid: Navigation, cell: int, radius: int) -> Int32s:
    """Return the open cells within `radius` cells of a cell to which ways spread from it inside that circle."""
    if not grid.open[cell]:
        return np.zeros(0, np.int32)
    seen, queue = {cell}, [cell]
    row, column = divmod(cell, grid.columns)
    for at in queue:
        for k in range(8):
            near = neighbour(grid, at, k)
            if near < 0 or near in seen or not grid.spread[at] >> k & 1 or not grid.open[near]:
                continue
            down, across = abs(near // grid.columns - row), abs(near % grid.columns - column)
            if grid.torus:
                down, across = min(down, grid.rows - down), min(across, grid.columns - across)
            if down * down + across * across <= radius * radius:
                seen.add(near)
                queue.append(near)
    return np.array(sorted(seen), np.int32)
