"""Spreading a flow field over its window: Dijkstra's ways (1959) from the ends outwards, straight over many cells.

Ways are whole millimetres. They are straight over many cells as in Lazy Theta* (Nash, Koenig and Tovey 2010): a cell
heads for the furthest point on its way that it can see, keeping clear of walls, so people go straight for a door and
close around its corner.
"""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

import numpy as np

from engine.kernels import kernel, lean, unlocked
from engine.spaces.plane.navigation import CLEAR, EAST_OF, NORTH_OF, Navigation, middle_of, sees
from engine.spaces.plane.walls import Walls
from engine.spaces.plane.windows import FAR, NOTHING, Fields, Words, pack
from engine.values import Bools, Bytes, Int8s, Int32s, Int64s


@lean
def push(heap: Int64s, size: int, way: int, node: int) -> int:
    """Add a node to a binary heap, the least way and then the least node first; return its new size."""
    entry, at = (np.int64(way) << 32) | np.int64(node), size
    while at > 0:
        above = (at - 1) >> 1
        if heap[above] <= entry:
            break
        heap[at] = heap[above]
        at = above
    heap[at] = entry
    return size + 1


@lean
def pop(heap: Int64s, size: int) -> int:
    """Take the least out of a binary heap of `size` entries, which lies in heap[0], and close the gap."""
    entry, at = heap[size - 1], 0
    while True:
        below = 2 * at + 1
        if below >= size - 1:
            break
        if below + 1 < size - 1 and heap[below + 1] < heap[below]:
            below += 1
        if heap[below] >= entry:
            break
        heap[at] = heap[below]
        at = below
    heap[at] = entry
    return size - 1


@lean
def _length(grid: Navigation, east: int, north: int) -> int:
    """Return how long the straight way over so many cells is, in whole millimetres."""
    return int(sqrt(np.float64(east * east + north * north)) * np.float64(grid.pitch_mm) + 0.5)


@lean
def step_within(grid: Navigation, window: Int32s, row: int, column: int, k: int) -> int:
    """Return which cell of a window is the k-th neighbour of one in it; -1 outside. It may go all around a torus."""
    rows, columns = window[2], window[3]
    row += NORTH_OF[k]
    column += EAST_OF[k]
    if grid.torus:
        if rows == grid.rows:
            row += rows if row < 0 else (-rows if row >= rows else 0)
        if columns == grid.columns:
            column += columns if column < 0 else (-columns if column >= columns else 0)
    if row < 0 or column < 0 or row >= rows or column >= columns:
        return -1
    return int(row * columns + column)


@lean
def cell_within(grid: Navigation, window: Int32s, row: int, column: int) -> int:
    """Return which cell of the map is the one in a window's row and column."""
    row += window[0]
    column += window[1]
    if grid.torus:
        row -= grid.rows if row >= grid.rows else 0
        column -= grid.columns if column >= grid.columns else 0
    return int(row * grid.columns + column)


class Scratch(NamedTuple):
    """Where fields are worked out, each part of the work in a row of its own, as long as the largest window.

    heap int64, longer; way int32 in millimetres; east, north int8: the cells to the one to head for; links uint8 and
    clear bool: the navigation grid; done, sure bool: which cells are settled, and which see what they head for.
    """

    heap: Int64s
    way: Int32s
    east: Int8s
    north: Int8s
    links: Bytes
    clear: Bools
    done: Bools
    sure: Bools


class Ends(NamedTuple):
    """The ends of all fields: those of field f are cell[start[f]:start[f+1]]."""

    start: Int64s
    cell: Int32s


def make_scratch(parts: int, size: int, ends: int) -> Scratch:
    """Return scratch for windows of so many cells at most, with so many ends at most."""
    kinds = (np.int32, np.int8, np.int8, np.uint8, np.bool_, np.bool_, np.bool_)
    return Scratch(np.empty((parts, 10 * size + ends), np.int64), *(np.empty((parts, size), kind) for kind in kinds))


@unlocked
def spread(
    part: int,
    first: int,
    end: int,
    grid: Navigation,
    walls: Walls,
    fields: Fields,
    asked: Int32s,
    ends: Ends,
    sight: int,
    scratch: Scratch,
) -> None:
    """Fill in the fields asked[first:end], which have a place in `fields`, from their ends, which lie in the windows.

    `sight` is how far ahead one heads, in millimetres.
    """
    for i in range(first, end):
        field = asked[i]
        window, start = fields.window[field], fields.start[field]
        size = window[2] * window[3]
        _spread_one(
            grid, walls, window, ends.cell[ends.start[field] : ends.start[field + 1]], sight,
            scratch.heap[part], scratch.way[part, :size], scratch.east[part], scratch.north[part],
            scratch.links[part], scratch.clear[part], scratch.done[part], scratch.sure[part],
            fields.packed[start : start + size],
        )  # fmt: skip


@lean
def _spread_one(
    grid: Navigation,
    walls: Walls,
    window: Int32s,
    ends: Int32s,
    sight: int,
    heap: Int64s,
    way: Int32s,
    east: Int8s,
    north: Int8s,
    links: Bytes,
    clear: Bools,
    done: Bools,
    sure: Bools,
    out: Words,
) -> None:
    """Fill out with a field. The other arrays are rows of a Scratch.

    A cell first counts on seeing what its neighbour heads for. When its turn comes and it does not, it is put back with
    the way by the best of its settled neighbours.
    """
    rows, columns, size = window[2], window[3], out.size
    way[:] = FAR
    for row in range(rows):
        for column in range(columns):
            at, cell = row * columns + column, cell_within(grid, window, row, column)
            links[at], clear[at], done[at], sure[at] = grid.spread[cell], grid.open[cell], False, False
    waiting, across = 0, _length(grid, 1, 1)
    for cell in ends:
        row, column = cell // grid.columns - window[0], cell % grid.columns - window[1]
        row += grid.rows if row < 0 else 0
        column += grid.columns if column < 0 else 0
        at = row * columns + column
        way[at], east[at], north[at], sure[at] = 0, 0, 0, True
        waiting = push(heap, waiting, 0, at)
    while waiting:
        at, key = int(heap[0] & 0xFFFFFFFF), int(heap[0] >> 32)
        waiting = pop(heap, waiting)
        if done[at] or key != way[at]:
            continue
        row = at // columns
        column = at - row * columns
        if not sure[at]:
            sure[at] = True
            if not _sees_aim(grid, walls, cell_within(grid, window, row, column), east[at], north[at]):
                _go_by_neighbour(grid, window, row, column, links, done, way, east, north)
                waiting = push(heap, waiting, way[at], at)
                continue
        done[at] = True
        ahead = east[at] != 0 or north[at] != 0
        begun = way[at] - _length(grid, east[at], north[at])
        for k in range(8):
            near = step_within(grid, window, row, column, k) if (links[at] >> k) & 1 else -1
            if near < 0 or done[near]:
                continue
            to_east, to_north = east[at] - EAST_OF[k], north[at] - NORTH_OF[k]
            length = _length(grid, to_east, to_north)
            straight = ahead and clear[near] and length <= sight
            if not straight:
                to_east, to_north, length = -EAST_OF[k], -NORTH_OF[k], across if k & 1 else grid.pitch_mm
            found = length + (begun if straight else way[at])
            if found < way[near]:
                way[near], sure[near], east[near], north[near] = found, not straight, to_east, to_north
                waiting = push(heap, waiting, found, near)
    for at in range(size):
        out[at] = NOTHING if way[at] >= FAR else pack(way[at], east[at], north[at])


@lean
def _sees_aim(grid: Navigation, walls: Walls, cell: int, east: int, north: int) -> bool:
    """Whether the straight way from a cell over so many cells keeps clear of walls."""
    x, y = middle_of(grid, cell)
    return sees(grid, walls, x, y, np.float32(east) * grid.pitch, np.float32(north) * grid.pitch, np.float32(CLEAR))


@lean
def _go_by_neighbour(
    grid: Navigation,
    window: Int32s,
    row: int,
    column: int,
    links: Bytes,
    done: Bools,
    way: Int32s,
    east: Int8s,
    north: Int8s,
) -> None:
    """Let a cell of a window go by the best of its settled neighbours."""
    at = row * window[3] + column
    way[at] = FAR
    for k in range(8):
        near = step_within(grid, window, row, column, k)
        if near < 0 or not done[near] or not (links[near] >> ((k + 4) & 7)) & 1:
            continue
        length = _length(grid, EAST_OF[k], NORTH_OF[k])
        if way[near] + length < way[at]:
            way[at], east[at], north[at] = way[near] + length, EAST_OF[k], NORTH_OF[k]


@kernel
def reachable(grid: Navigation, ends: Int32s) -> Bools:
    """Return which open cells of the map can be reached from these, bool[cells]."""
    found, queue = np.zeros(grid.open.size, np.bool_), np.empty(grid.open.size, np.int32)
    head = tail = 0
    for cell in ends:
        found[cell], queue[tail] = True, cell
        tail += 1
    whole = np.array((0, 0, grid.rows, grid.columns), np.int32)
    while head < tail:
        cell = queue[head]
        head += 1
        row = cell // grid.columns
        for k in range(8):
            near = step_within(grid, whole, row, cell - row * grid.columns, k) if (grid.spread[cell] >> k) & 1 else -1
            if near >= 0 and grid.open[near] and not found[near]:
                found[near], queue[tail] = True, near
                tail += 1
    return found
