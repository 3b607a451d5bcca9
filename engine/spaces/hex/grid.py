"""Hex arithmetic: neighbours, distance, wrap, and what lies within a radius.

Cells are int32 indices row * width + column of pointy-top hexagons; odd rows are shifted right by half a cell and rows
grow to the north. Directions 0..5 are E, NE, NW, W, SW, SE. Everything is integer arithmetic.
Axial coordinates and the distance: Patel, "Hexagonal grids", redblobgames.com/grids/hexagons.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.errors import SpaceError
from engine.kernels import kernel, lean, woven
from engine.values import Bools, Csr, Int32s, Int64s

DIRECTIONS = 6
"""East and on counter-clockwise."""


class Grid(NamedTuple):
    """A grid's shape; on a torus both pairs of edges meet."""

    width: int
    height: int
    torus: bool


class Disc(NamedTuple):
    """What lies within a radius of a cell: the steps (row, column) by the parity of its row, ordered by distance.

    steps int32[2,k,2]: ring d holds rows 3d(d-1)+1 to 3d(d+1); empty when the disc would meet itself or hold more than
    the grid: then everything is looked at.
    """

    radius: int
    steps: Int32s


def make_grid(width: int, height: int, torus: bool) -> Grid:
    """Return a checked grid. Raises SpaceError for fewer than 2 rows or columns, or a torus whose rows do not meet."""
    if width < 2 or height < 2:
        raise SpaceError(f"a grid of {width} x {height} cells is too small; give it at least 2 x 2")
    if torus and height % 2:
        raise SpaceError(f"a torus of {height} rows does not close: odd rows are shifted; use {height + 1} rows")
    return Grid(int(width), int(height), bool(torus))


@kernel
def neighbour_table(grid: Grid) -> Int32s:
    """Return the six neighbours of each cell by direction, int32[cells,6], -1 for none."""
    width, height = grid.width, grid.height
    out = np.full((width * height, 6), -1, np.int32)
    for row in range(height):
        odd = row & 1
        for column in range(width):
            for direction in range(6):
                r, c = row, column
                if direction == 0:
                    c += 1
                elif direction == 3:
                    c -= 1
                else:
                    r += 1 if direction < 3 else -1
                    c += odd if direction == 1 or direction == 5 else odd - 1
                if grid.torus:
                    r, c = r % height, c % width
                if 0 <= r < height and 0 <= c < width:
                    out[row * width + column, direction] = r * width + c
    return out


@lean
def hex_distance(grid: Grid, a: int, b: int) -> int:
    """Return the distance between two cells in cells, the shorter way round on a torus."""
    width, height = grid.width, grid.height
    row_a, row_b = a // width, b // width
    dr = row_b - row_a
    dq = b - row_b * width - (row_b >> 1) - (a - row_a * width - (row_a >> 1))
    best = max(abs(dq), abs(dr), abs(dq + dr))
    if grid.torus:
        for j in range(-1, 2):
            r = dr + j * height
            for i in range(-1, 2):
                q = dq + i * width - j * (height >> 1)
                best = min(best, max(abs(q), abs(r), abs(q + r)))
    return best


@lean
def _distances(grid: Grid, cells: Int32s, others: Int32s, out: Int32s) -> None:
    for i in range(cells.size):
        out[i] = hex_distance(grid, cells[i], others[i])


def distances(grid: Grid, cells: Int32s, others: Int32s) -> Int32s:
    """Return the distance of each pair of cells, int32[n]."""
    out = np.empty(cells.size, np.int32)
    _distances(grid, cells, others, out)
    return out


def make_disc(grid: Grid, radius: int) -> Disc:
    """Return the steps to everything within a radius."""
    size = 3 * radius * (radius + 1) + 1
    meets_itself = grid.torus and 2 * radius + 1 > min(grid.width, grid.height)
    if meets_itself or size > grid.width * grid.height:
        return Disc(radius, np.zeros((2, 0, 2), np.int32))
    found = []
    for parity in (0, 1):
        steps = []
        for dr in range(-radius, radius + 1):
            row = parity + dr
            shift = (row >> 1) - (parity >> 1)
            for dc in range(-radius - 1, radius + 2):
                dq = dc - shift
                distance = max(abs(dq), abs(dr), abs(dq + dr))
                if distance <= radius:
                    steps.append((distance, dr, dc))
        found.append([(dr, dc) for _, dr, dc in sorted(steps)])
    return Disc(radius, np.array(found, np.int32))


@woven
def stepped(grid: Grid, row: int, column: int, down: int, across: int) -> int:
    """Return the cell some rows and columns away, or -1 beyond the edge."""
    r, c = row + down, column + across
    if grid.torus:
        if r < 0:
            r += grid.height
        elif r >= grid.height:
            r -= grid.height
        if c < 0:
            c += grid.width
        elif c >= grid.width:
            c -= grid.width
    elif r < 0 or r >= grid.height or c < 0 or c >= grid.width:
        return -1
    return r * grid.width + c


@lean
def _fill_rings(grid: Grid, disc: Disc, cells: Int32s, start: Int64s, items: Int32s) -> int:
    steps, fill = disc.steps, 0
    for i in range(cells.size):
        start[i] = fill
        row = cells[i] // grid.width
        column = cells[i] - row * grid.width
        for d in range(disc.radius + 1):
            ring = fill
            for k in range(3 * d * (d - 1) + 1 if d else 0, 3 * d * (d + 1) + 1):
                near = stepped(grid, row, column, steps[row & 1, k, 0], steps[row & 1, k, 1])
                if near >= 0:
                    keep_ordered(items, ring, fill, near)
                    fill += 1
    start[cells.size] = fill
    return fill


@woven
def keep_ordered(items: Int32s, start: int, end: int, item: int) -> None:
    """Insert an item into items[start:end], which is ascending."""
    at = end
    while at > start and items[at - 1] > item:
        items[at] = items[at - 1]
        at -= 1
    items[at] = item


@lean
def order_by_distance(
    grid: Grid, radius: int, cell: int, others: Int32s, wanted: Bools, ends: Int64s, items: Int32s, fill: int
) -> int:
    """Append to items, from `fill`, the wanted others within a radius as indices by (distance, index); return the end.

    A counting sort; ends int64[radius + 2] is scratch.
    """
    ends[:] = 0
    for i in range(others.size):
        if wanted[i] and others[i] >= 0:
            d = hex_distance(grid, cell, others[i])
            if d <= radius:
                ends[d + 1] += 1
    for d in range(radius + 1):
        ends[d + 1] += ends[d]
    for i in range(others.size):
        if wanted[i] and others[i] >= 0:
            d = hex_distance(grid, cell, others[i])
            if d <= radius:
                items[fill + ends[d]] = i
                ends[d] += 1
    return fill + int(ends[radius])


def neighbourhoods(grid: Grid, disc: Disc, cells: Int32s) -> Csr:
    """Return the cells within the disc's radius of each cell, itself first, ordered by (distance, cell)."""
    start = np.zeros(cells.size + 1, np.int64)
    if disc.steps.shape[1]:
        items = np.empty(cells.size * disc.steps.shape[1], np.int32)
        return Csr(start, items[: _fill_rings(grid, disc, cells, start, items)])
    every = np.arange(grid.width * grid.height, dtype=np.int32)
    items, ends = np.empty(cells.size * every.size, np.int32), np.empty(disc.radius + 2, np.int64)
    for i, cell in enumerate(cells.tolist()):
        fill = int(start[i])
        start[i + 1] = order_by_distance(
            grid, disc.radius, cell, every, np.ones(every.size, np.bool_), ends, items, fill
        )
    return Csr(start, items[: start[-1]])


@lean
def nearest_in_disc(grid: Grid, disc: Disc, mask: Bools, wanted: Int32s, out: Int32s) -> int:
    """Fill out with the nearest cell of the mask, -1 for those who find none in the disc; return how many do not."""
    steps, missing = disc.steps, 0
    for i in range(wanted.size):
        out[i] = -1
        if wanted[i] < 0:
            continue
        row = wanted[i] // grid.width
        column = wanted[i] - row * grid.width
        ring = 0
        for k in range(steps.shape[1]):
            if k == 3 * ring * (ring + 1) + 1:
                if out[i] >= 0:
                    break
                ring += 1
            near = stepped(grid, row, column, steps[row & 1, k, 0], steps[row & 1, k, 1])
            if near >= 0 and mask[near] and (out[i] < 0 or near < out[i]):
                out[i] = near
        missing += out[i] < 0
    return missing


@lean
def nearest_by_rings(
    near_cells: Int32s, mask: Bools, wanted: Int32s, out: Int32s, label: Int32s, ring: Int32s, queue: Int32s
) -> None:
    """Fill out, where it is -1, with the nearest cell of the mask by spreading from all of it at once.

    A cell's smallest nearest one is the smallest of its neighbours' that are one ring nearer, so labels settle ring by
    ring. near_cells int32[cells,6..] is the neighbour table; label, ring and queue int32[cells] are scratch.
    """
    label[:] = -1
    ring[:] = -1
    begin, end, depth = 0, 0, 0
    for cell in range(mask.size):
        if mask[cell]:
            label[cell], ring[cell], queue[end] = cell, 0, cell
            end += 1
    while begin < end:
        depth += 1
        last = end
        for at in range(begin, last):
            cell = queue[at]
            for k in range(6):
                near = near_cells[cell, k]
                if near < 0:
                    continue
                if ring[near] < 0:
                    ring[near], label[near], queue[end] = depth, label[cell], near
                    end += 1
                elif ring[near] == depth and label[cell] < label[near]:
                    label[near] = label[cell]
        begin = last
    for i in range(wanted.size):
        if out[i] < 0 and wanted[i] >= 0:
            out[i] = label[wanted[i]]


def nearest(grid: Grid, disc: Disc, near_cells: Int32s, mask: Bools, wanted: Int32s) -> Int32s:
    """Return the cell of the mask that is nearest to each wanted cell as the crow flies, ties to the smallest; or -1.

    Looks around each in the disc first where that is less work, then from the whole mask for those who find nothing.
    """
    out = np.full(wanted.size, -1, np.int32)
    rarity = mask.size // max(1, int(np.count_nonzero(mask))) + 1
    missing = wanted.size
    if wanted.size * min(rarity, disc.steps.shape[1]) < 3 * mask.size:
        missing = nearest_in_disc(grid, disc, mask, wanted, out)
    if missing:
        label, ring, queue = np.empty((3, mask.size), np.int32)
        nearest_by_rings(near_cells, mask, wanted, out, label, ring, queue)
    return out
