"""The windows of flow fields: which part of the map a field covers, and what it says of a cell, in four bytes.

A field says of a cell how far the way is, in centimetres up to 655 m (a longer way inside a window is said to be that
long), and for which cell to head: so many cells to the east and to the north.
"""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.kernels import lean
from engine.spaces.plane.navigation import EAST_OF, NORTH_OF, Navigation, column_and_row, middle_of, neighbour, sees
from engine.spaces.plane.walls import Walls
from engine.values import Int32s, Int64s

FAR = 1 << 30
"""The distance in millimetres where there is no way."""

NOTHING = 0xFFFFFFFF
"""What a field says of cells that lie outside its window, or from which no way leads inside it."""

LONGEST, MOST_AHEAD = 0xFFFE, 127
"""The longest way that is told, in centimetres, and how many cells ahead one heads at most."""

Words = NDArray[np.uint32]


class Fields(NamedTuple):
    """Flow fields: those of the places, and after them those of the hubs.

    window int32[fields,4]: row and column of each window's south-west corner, its rows and its columns; start
    int64[fields]: where a field begins in `packed`, -1 while it is not kept; packed uint32: what the fields say of the
    cells in their windows, row by row.
    """

    window: Int32s
    start: Int64s
    packed: Words


def span(first: int, last: int, length: int, torus: bool, margin: int) -> tuple[int, int]:
    """Return where a stretch begins that holds positions first..last along an axis, and how long it is, in cells.

    `margin` cells are added at both ends. The axis is `length` cells long; on a torus it goes round.
    """
    first, last = first - margin, last + margin
    if not torus:
        first, last = max(0, first), min(length - 1, last)
    if last - first + 1 >= length:
        return 0, length
    return first % length, last - first + 1


def window_around(grid: Navigation, row: tuple[int, int], column: tuple[int, int], margin: int) -> list[int]:
    """Return the window that holds rows and columns from the first to the last of each, and `margin` cells around them.

    It is given by row, column, rows and columns, as in `Fields`.
    """
    south, rows = span(*row, grid.rows, grid.torus, margin)
    west, columns = span(*column, grid.columns, grid.torus, margin)
    return [south, west, rows, columns]


@lean
def pack(way: int, east: int, north: int) -> np.uint32:
    """Return what a field says of a cell: the way in millimetres, and the cells to the one to head for."""
    centimetres = min((way + 5) // 10, LONGEST)
    return np.uint32((centimetres << 16) | ((east + 128) << 8) | (north + 128))


@lean
def told_way(word: int) -> int:
    """Return the way in millimetres that a field tells, FAR for none; 0 in the place itself."""
    return FAR if word == NOTHING else 10 * (word >> 16)


@lean
def place_in(grid: Navigation, fields: Fields, field: int, column: int, row: int) -> int:
    """Return which cell of a field's window a cell is, -1 outside."""
    row -= fields.window[field, 0]
    column -= fields.window[field, 1]
    if grid.torus:
        row += grid.rows if row < 0 else 0
        column += grid.columns if column < 0 else 0
    columns = fields.window[field, 3]
    if row < 0 or column < 0 or row >= fields.window[field, 2] or column >= columns:
        return -1
    return int(row * columns + column)


@lean
def told(grid: Navigation, fields: Fields, field: int, column: int, row: int) -> int:
    """Return what a field says of a cell."""
    at = place_in(grid, fields, field, column, row)
    return NOTHING if at < 0 else int(fields.packed[fields.start[field] + at])


@lean
def stand_in(
    grid: Navigation, walls: Walls, fields: Fields, field: int, x: np.float32, y: np.float32
) -> tuple[int, int]:
    """Return the navigation cell by which somebody at (x, y) finds the way, and what the field says of it.

    Mostly it is the one they stand in. Where a wall lies between them and its middle it is the cell around, in sight,
    by which the way is shortest.
    """
    column, row = column_and_row(grid, x, y)
    cell, word = row * grid.columns + column, told(grid, fields, field, column, row)
    if not grid.walled[cell]:
        return cell, word
    to_x, to_y = middle_of(grid, cell)
    if word != NOTHING and sees(grid, walls, x, y, to_x - x, to_y - y, np.float32(1e-3)):
        return cell, word
    best, best_word, least = cell, word, np.float32(FAR)
    for k in range(8):
        near = neighbour(grid, cell, k)
        if near < 0:
            continue
        near_row = near // grid.columns
        near_word = told(grid, fields, field, near - near_row * grid.columns, near_row)
        if near_word == NOTHING:
            continue
        away_x = to_x + np.float32(EAST_OF[k]) * grid.pitch - x
        away_y = to_y + np.float32(NORTH_OF[k]) * grid.pitch - y
        length = np.float32(sqrt(away_x * away_x + away_y * away_y)) * np.float32(1000)
        length += np.float32(told_way(near_word))
        if length < least and sees(grid, walls, x, y, away_x, away_y, np.float32(1e-3)):
            best, best_word, least = near, near_word, length
    return best, best_word


@lean
def way_by(grid: Navigation, walls: Walls, fields: Fields, field: int, x: np.float32, y: np.float32) -> int:
    """Return the way from (x, y) in millimetres by a field that is kept; FAR where it knows none."""
    return told_way(stand_in(grid, walls, fields, field, x, y)[1])
