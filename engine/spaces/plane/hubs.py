"""Hubs: points all over the map through which people are led who are far from where they are going.

The map is cut into squares, and each has a hub where its streets cross, or about there. A hub's field covers its square
and the eight around, so it leads to the hub from each of their hubs. Where walls cut a square to pieces so that the
field of its hub does not reach one of them, that piece has a hub of its own. Thus each cell, from which places can be
reached, is covered by a hub of its own square.
"""

from __future__ import annotations

import logging
from typing import NamedTuple

import numpy as np

from engine.kernels import kernel, lean
from engine.spaces.plane.navigation import EAST_OF, NORTH_OF, Navigation
from engine.spaces.plane.spreading import cell_within, step_within
from engine.spaces.plane.stock import Stock
from engine.spaces.plane.windows import FAR, NOTHING, Fields, told, window_around
from engine.values import Bools, Bytes, Int32s

TOGETHER = 256
"""So many fields of hubs are asked for at once, which threads share out."""

_log = logging.getLogger("sociarium.plane")


class Hubs(NamedTuple):
    """Hubs by square: square s has those numbered first[s]..first[s+1]-1, and `field` is the field of number 0.

    There are `up` rows of `across` squares, `side` cells wide. cell int32[hubs]: where each hub is; `most`: how many
    there are at most in a square and the eight around.
    """

    side: int
    across: int
    up: int
    first: Int32s
    cell: Int32s
    field: int
    most: int


class Graph(NamedTuple):
    """Which hubs have ways to which: to hub h lead ways from other[start[h]:start[h+1]], so long in millimetres."""

    start: Int32s
    other: Int32s
    way: Int32s


def _square_window(grid: Navigation, side: int, square: int, margin: int) -> list[int]:
    """Return the window of a square of a map cut into squares, and of `margin` cells around it."""
    up, across = divmod(square, -(-grid.columns // side))
    rows = up * side, min((up + 1) * side, grid.rows) - 1
    columns = across * side, min((across + 1) * side, grid.columns) - 1
    return window_around(grid, rows, columns, margin)


def hub_windows(grid: Navigation, hubs: Hubs) -> list[list[int]]:
    """Return the windows of the fields of all hubs: each one's square, and as much around it as a square is wide."""
    squares = np.repeat(np.arange(hubs.first.size - 1), np.diff(hubs.first))
    return [_square_window(grid, hubs.side, square, hubs.side) for square in squares.tolist()]


def lay_hubs(grid: Navigation, mask: Bools, side: int, field: int) -> Hubs:
    """Return hubs for the open cells of a mask, with ways between all of them if there are between all of these cells.

    Where hubs are not joined to the first one, every piece of the squares around them gets a hub of its own: pieces
    that touch lie in squares side by side, so that the fields of their hubs lead from each to the other.
    """
    across, up = -(-grid.columns // side), -(-grid.rows // side)
    bounds, windows = (
        np.array([_square_window(grid, side, square, around) for square in range(across * up)], np.int32)
        for around in (0, side)
    )
    every, new = np.zeros(across * up, np.bool_), np.ones(across * up, np.bool_)
    cells = [np.zeros(0, np.int32)] * (across * up)
    while True:
        looked_at = np.flatnonzero(new).tolist()
        for done, square in enumerate(looked_at):
            if done % TOGETHER == TOGETHER - 1:
                _log.info("looking for the crossings of the town: %d of %d squares", done, len(looked_at))
            cells[square] = _hubs_of(grid, mask, bounds[square], windows[square], bool(every[square]))
        first = np.cumsum([0, *(some.size for some in cells)]).astype(np.int32)
        hubs = Hubs(side, across, up, first, np.concatenate(cells), field, 0)
        hubs = hubs._replace(most=_most_around(grid, hubs))
        new = _cut_off(grid, mask, hubs, windows) & ~every
        if not new.any():
            return hubs
        every |= new


def _cut_off(grid: Navigation, mask: Bools, hubs: Hubs, windows: Int32s) -> Bools:
    """Return in or beside which squares there are hubs that are not joined to the first, bool[squares]."""
    other, count = np.full((hubs.cell.size, hubs.most), -1, np.int32), hubs.cell.size
    of = np.repeat(np.arange(hubs.first.size - 1), np.diff(hubs.first))
    for hub in range(count):
        _meet(grid, hubs, hub, windows[of[hub]], _flood(grid, mask, windows[of[hub]], hubs.cell[hub]), other[hub])
    ends, place = np.nonzero(other >= 0)
    near = other[ends, place].astype(np.int64)
    both = np.isin(near * count + ends, ends * count + near)
    start = np.searchsorted(ends[both], np.arange(count + 1))
    joined, queue = np.zeros(count, np.bool_), [0] if count else list[int]()
    joined[queue] = True
    for at in queue:
        onwards = np.unique(near[both][start[at] : start[at + 1]])
        onwards = onwards[~joined[onwards]]
        joined[onwards] = True
        queue += onwards.tolist()
    out = np.zeros(hubs.first.size - 1, np.bool_)
    for square in np.unique(of[~joined]).tolist():
        out[[near for near in (square_around(grid, hubs, square, k) for k in range(9)) if near >= 0]] = True
    return out


@lean
def _meet(grid: Navigation, hubs: Hubs, hub: int, window: Int32s, steps: Int32s, out: Int32s) -> None:
    """Fill the beginning of out with the hubs that the field of one reaches inside its window."""
    count, square = 0, square_of(hubs, hubs.cell[hub] % grid.columns, hubs.cell[hub] // grid.columns)
    for k in range(9):
        first, end = hubs_in(hubs, square_around(grid, hubs, square, k))
        for near in range(first, end):
            row = (hubs.cell[near] // grid.columns - window[0] + grid.rows) % grid.rows
            column = (hubs.cell[near] % grid.columns - window[1] + grid.columns) % grid.columns
            if near != hub and steps[row * window[3] + column] >= 0:
                out[count] = near
                count += 1


@lean
def square_of(hubs: Hubs, column: int, row: int) -> int:
    """Return in which square a cell is."""
    return row // hubs.side * hubs.across + column // hubs.side


@lean
def square_around(grid: Navigation, hubs: Hubs, square: int, k: int) -> int:
    """Return the k-th of the nine squares in and around one, -1 beyond the edge."""
    up = square // hubs.across
    across = square - up * hubs.across + k % 3 - 1
    up += k // 3 - 1
    if grid.torus:
        across, up = (across + hubs.across) % hubs.across, (up + hubs.up) % hubs.up
    if across < 0 or up < 0 or across >= hubs.across or up >= hubs.up:
        return -1
    return int(up * hubs.across + across)


@lean
def hubs_in(hubs: Hubs, square: int) -> tuple[int, int]:
    """Return the first hub of a square and the one after the last; no hubs for square -1."""
    if square < 0:
        return 0, 0
    return int(hubs.first[square]), int(hubs.first[square + 1])


@lean
def _most_around(grid: Navigation, hubs: Hubs) -> int:
    most = 0
    for square in range(hubs.across * hubs.up):
        count = 0
        for k in range(9):
            first, end = hubs_in(hubs, square_around(grid, hubs, square, k))
            count += end - first
        most = max(most, count)
    return most


@kernel
def _hubs_of(grid: Navigation, mask: Bools, square: Int32s, window: Int32s, every: bool) -> Int32s:
    """Return the hubs of a square, the one that lies best first; `window` is what their fields cover."""
    rows, columns = square[2], square[3]
    piece = np.full(rows * columns, -1, np.int32)
    count = _label(grid, mask, square, piece)
    middle, found = np.full(count, -1, np.int32), np.empty(count, np.int32)
    apart = _detours(grid, mask, square, window)
    for at in range(rows * columns):
        own = piece[at]
        if own >= 0 and (middle[own] < 0 or apart[at] < apart[middle[own]]):
            middle[own] = at
    covered, hubs = np.zeros(count, np.bool_), 0
    while True:
        best = -1
        for own in range(count):
            if not covered[own] and (best < 0 or apart[middle[own]] < apart[middle[best]]):
                best = own
        if best < 0:
            return found[:hubs]
        found[hubs] = cell_within(grid, square, middle[best] // columns, middle[best] % columns)
        covered[best] = True
        hubs += 1
        if not every and not covered.all():
            _cover(grid, square, window, _flood(grid, mask, window, found[hubs - 1]), piece, covered)


@kernel
def _label(grid: Navigation, mask: Bools, square: Int32s, piece: Int32s) -> int:
    """Number the pieces into which walls cut a square, for every cell of the mask in it; return how many there are."""
    columns, count = square[3], 0
    queue = np.empty(piece.size, np.int32)
    for seed in range(piece.size):
        if piece[seed] >= 0 or not mask[cell_within(grid, square, seed // columns, seed % columns)]:
            continue
        piece[seed], queue[0] = count, seed
        head, tail = 0, 1
        while head < tail:
            row, column = queue[head] // columns, queue[head] % columns
            head += 1
            links = grid.spread[cell_within(grid, square, row, column)]
            for k in range(8):
                near = step_within(grid, square, row, column, k) if (links >> k) & 1 else -1
                if near < 0 or piece[near] >= 0:
                    continue
                if mask[cell_within(grid, square, near // columns, near % columns)]:
                    piece[near], queue[tail] = count, near
                    tail += 1
        count += 1
    return count


@kernel
def _detours(grid: Navigation, mask: Bools, square: Int32s, window: Int32s) -> Int32s:
    """Return for every cell of a square how badly a hub lies there, FAR outside the mask.

    It is how much longer the ways are to the four sides of the window than in the open, and how far the square's middle
    is: in cells, moving as the king does in chess. Streets lie better than houses, and best where they cross.
    """
    rows, columns = window[2], window[3]
    links = _links_within(grid, mask, window)
    offset = NORTH_OF * columns + EAST_OF
    down, along = (square[0] - window[0] + grid.rows) % grid.rows, (square[1] - window[1] + grid.columns) % grid.columns
    total = np.full(square[2] * square[3], FAR, np.int32)
    for row in range(square[2]):
        for column in range(square[3]):
            if mask[cell_within(grid, square, row, column)]:
                off = (2 * row - square[2]) ** 2 + (2 * column - square[3]) ** 2
                total[row * square[3] + column] = off // (4 * square[2])
    for side in range(4):
        steps, queue = np.full(rows * columns, rows + columns, np.int32), np.empty(rows * columns, np.int32)
        head = tail = 0
        for i in range(rows if side < 2 else columns):
            at = i * columns + side * (columns - 1) if side < 2 else (side - 2) * (rows - 1) * columns + i
            if mask[cell_within(grid, window, at // columns, at % columns)]:
                steps[at], queue[tail] = 0, at
                tail += 1
        while head < tail:
            at = queue[head]
            head += 1
            bits = links[at]
            for k in range(8):
                if (bits >> k) & 1 and steps[at + offset[k]] > steps[at] + 1:
                    steps[at + offset[k]] = steps[at] + 1
                    queue[tail] = at + offset[k]
                    tail += 1
        for row in range(square[2]):
            for column in range(square[3]):
                r, c = row + down, column + along
                straight = (c if side == 0 else columns - 1 - c) if side < 2 else (r if side == 2 else rows - 1 - r)
                if total[row * square[3] + column] < FAR:
                    total[row * square[3] + column] += steps[r * columns + c] - straight
    return total


@kernel
def _links_within(grid: Navigation, mask: Bools, window: Int32s) -> Bytes:
    """Return the directions in which ways spread from each cell of a window to others of the mask, uint8, bit k for k.

    Ways all around a torus are left out.
    """
    rows, columns = window[2], window[3]
    links = np.zeros(rows * columns, np.uint8)
    for row in range(rows):
        for column in range(columns):
            cell = cell_within(grid, window, row, column)
            bits = grid.spread[cell] if mask[cell] else 0
            for k in range(8):
                r, c = row + NORTH_OF[k], column + EAST_OF[k]
                if (bits >> k) & 1 and r >= 0 and c >= 0 and r < rows and c < columns:
                    links[row * columns + column] |= mask[cell_within(grid, window, r, c)] << k
    return links


@kernel
def _flood(grid: Navigation, mask: Bools, window: Int32s, hub: int) -> Int32s:
    """Return after how many steps a hub's field reaches each cell of its window, -1 where it does not inside it."""
    columns = window[3]
    steps, queue = np.full(window[2] * columns, -1, np.int32), np.empty(window[2] * columns, np.int32)
    row = (hub // grid.columns - window[0] + grid.rows) % grid.rows
    column = (hub % grid.columns - window[1] + grid.columns) % grid.columns
    queue[0] = row * columns + column
    steps[queue[0]] = 0
    head, tail = 0, 1
    while head < tail:
        at = queue[head]
        row, column = at // columns, at % columns
        head += 1
        links = grid.spread[cell_within(grid, window, row, column)]
        for k in range(8):
            near = step_within(grid, window, row, column, k) if (links >> k) & 1 else -1
            if near >= 0 and steps[near] < 0 and mask[cell_within(grid, window, near // columns, near % columns)]:
                steps[near], queue[tail] = steps[at] + 1, near
                tail += 1
    return steps


@kernel
def _cover(grid: Navigation, square: Int32s, window: Int32s, steps: Int32s, piece: Int32s, covered: Bools) -> None:
    """Mark the pieces of a square that lie not many steps from a hub inside its window."""
    down, along = (square[0] - window[0] + grid.rows) % grid.rows, (square[1] - window[1] + grid.columns) % grid.columns
    for row in range(square[2]):
        for column in range(square[3]):
            at = row * square[3] + column
            taken = steps[(row + down) * window[3] + column + along]
            if piece[at] >= 0 and 0 <= taken <= square[2] + square[3]:
                covered[piece[at]] = True


def join_hubs(grid: Navigation, stock: Stock, hubs: Hubs) -> Graph:
    """Return the graph of hubs, of the ways that there are in both directions, each as its end's field tells it."""
    wanted, count = np.zeros(stock.fields.start.size, np.bool_), hubs.cell.size
    other, way = np.empty(hubs.most, np.int32), np.empty(hubs.most, np.int32)
    others, ways, ends = [], [], []
    for hub in range(count):
        if hub % TOGETHER == 0:
            wanted[:] = False
            wanted[hubs.field + hub : hubs.field + hub + TOGETHER] = True
            fields = stock.keep(wanted)
            if hub:
                _log.info("joining the streets of the town: %d of %d crossings", hub, count)
        found = _ways_in(grid, fields, hubs, hub, other, way)
        others.append(other[:found].copy())
        ways.append(way[:found].copy())
        ends.append(np.full(found, hub, np.int64))
    start, end = np.concatenate([np.zeros(0, np.int32), *others]), np.concatenate([np.zeros(0, np.int64), *ends])
    both = np.isin(start * np.int64(count) + end, end * count + start)
    lengths = np.concatenate([np.zeros(0, np.int32), *ways])[both]
    first = np.searchsorted(end[both], np.arange(count + 1)).astype(np.int32)
    return Graph(first, start[both], lengths)


@lean
def _ways_in(grid: Navigation, fields: Fields, hubs: Hubs, hub: int, other: Int32s, way: Int32s) -> int:
    """List from which hubs there is a way to one in its field, and how far; return how many there are."""
    count, square = 0, square_of(hubs, hubs.cell[hub] % grid.columns, hubs.cell[hub] // grid.columns)
    for k in range(9):
        first, end = hubs_in(hubs, square_around(grid, hubs, square, k))
        for near in range(first, end):
            near_row = hubs.cell[near] // grid.columns
            word = told(grid, fields, hubs.field + hub, hubs.cell[near] - near_row * grid.columns, near_row)
            if near != hub and word != NOTHING:
                other[count], way[count] = near, 10 * (word >> 16)
                count += 1
    return count
