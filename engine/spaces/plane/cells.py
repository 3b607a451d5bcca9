"""Cell lists: people sorted into square cells as wide as one's reach, so that neighbours lie in nine cells.

Rows of cells lie one after the other, so the nine cells are three spans of people, up to nine where they wrap around
the edges of a torus. Within a cell people stand by id: what is summed up over them is a function of the state alone,
whatever the order in which the state was kept before.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from engine.errors import SpaceError
from engine.kernels import lean, unlocked
from engine.spaces.plane.lanes import LANES
from engine.values import Bools, Csr, Float32s, Int32s, Int64s

SPANS = 9
"""How many spans a person's candidates fill at most."""

_MARGIN = 1.001
"""How much wider than the reach cells are, so that no rounding of a position's cell hides somebody."""


class Cells(NamedTuple):
    """A grid of cells over a plane of width x height metres; `across` and `up` are cells a metre, `reach` metres."""

    columns: int
    rows: int
    width: np.float32
    height: np.float32
    across: np.float32
    up: np.float32
    torus: bool
    reach: float


class Spans(NamedTuple):
    """Scratch for the candidates of one cell: bounds int32[9,2] as first and end; shifts float32[9,4] in metres.

    A row of shifts is x and y of the shift, and between which y the candidates are.
    """

    bounds: Int32s
    shifts: Float32s


def make_cells(width: float, height: float, torus: bool, reach: float, twice: bool = False) -> Cells:
    """Return cells at least `reach` metres wide. Raises SpaceError where a torus would show people twice, unless told.

    Only `list_contacts` knows how to look at people whom it sees twice.
    """
    if not (0 < reach < math.inf and 0 < width < math.inf and 0 < height < math.inf):
        raise SpaceError(f"a plane of {width} x {height} m seen {reach} m far is none; use lengths above 0")
    columns, rows = (max(1, int(side / (reach * _MARGIN))) for side in (width, height))
    if torus and min(columns, rows) < 3 and not twice:
        least = 3 * reach * _MARGIN
        raise SpaceError(
            f"a torus of {width} x {height} m is too small to be seen {reach} m far; make it {least:.1f} m or wider"
        )
    across, up = np.float32(columns / width), np.float32(rows / height)
    return Cells(columns, rows, np.float32(width), np.float32(height), across, up, torus, float(reach))


def make_spans(parts: int) -> Spans:
    """Return scratch for so many parts of the work, each of which takes its row."""
    return Spans(np.zeros((parts, SPANS, 2), np.int32), np.zeros((parts, SPANS, 4), np.float32))


def padded(people: int) -> Float32s:
    """Return a float32 column with the spare rows that lanes may read beyond the last person."""
    return np.zeros(people + LANES, np.float32)


@lean
def cell_of(cells: Cells, x: np.float32, y: np.float32) -> int:
    """Return the cell of a position; what lies outside belongs to the cell at the edge."""
    column = min(max(int(x * cells.across), 0), cells.columns - 1)
    row = min(max(int(y * cells.up), 0), cells.rows - 1)
    return row * cells.columns + column


@lean
def sort_by_cell(
    cells: Cells, x: Float32s, y: Float32s, ids: Int32s, where: Int32s, start: Int32s, order: Int32s
) -> None:
    """Fill order int32[n] with people by (cell, id), and start int32[cells+1] with where each cell begins in it.

    A counting sort (Knuth, "The Art of Computer Programming" 3, 5.2), then by insertion within each cell. x and y may
    be longer than ids int32[n]; where int32[n] is filled with everyone's cell.
    """
    count, last = ids.size, start.size - 1
    start[:] = 0
    for i in range(count):
        cell = cell_of(cells, x[i], y[i])
        where[i] = cell
        start[cell + 1] += 1
    for cell in range(last):
        start[cell + 1] += start[cell]
    for i in range(count):
        at = start[where[i]]
        start[where[i]] = at + 1
        order[at] = i
    for cell in range(last, 0, -1):
        start[cell] = start[cell - 1]
    start[0] = 0
    for cell in range(last):
        for i in range(start[cell] + 1, start[cell + 1]):
            person, at = order[i], i
            while at > start[cell] and ids[order[at - 1]] > ids[person]:
                order[at] = order[at - 1]
                at -= 1
            order[at] = person


@unlocked
def reorder(
    part: int, first: int, end: int, order: Int32s, columns: tuple[Float32s, ...], out: tuple[Float32s, ...]
) -> None:
    """Fill rows first..end-1 of columns with those of others in the given order; both tuples are of one type."""
    for i in range(first, end):
        for k in range(len(columns)):
            out[k][i] = columns[k][order[i]]


@lean
def find_spans(cells: Cells, start: Int32s, row: int, column: int, bounds: Int32s, shifts: Float32s) -> int:
    """Fill the spans of people around a cell and return how many there are.

    A candidate at x is seen by somebody at x' of the cell at the distance x - (x' - shift).
    """
    count = 0
    west, east = max(column - 1, 0), min(column + 1, cells.columns - 1)
    for step in range(-1, 2):
        near, shift = row + step, np.float32(0)
        if near < 0 or near >= cells.rows:
            if not cells.torus:
                continue
            shift = -cells.height if near < 0 else cells.height
            near += cells.rows if near < 0 else -cells.rows
        first = near * cells.columns
        for s in range(count, min(count + 2, SPANS)):
            shifts[s, 2], shifts[s, 3] = np.float32(near) / cells.up, np.float32(near + 1) / cells.up
        if cells.torus and column == 0:
            bounds[count, 0], bounds[count, 1] = start[first + cells.columns - 1], start[first + cells.columns]
            shifts[count, 0], shifts[count, 1] = -cells.width, shift
            count += 1
        bounds[count, 0], bounds[count, 1] = start[first + west], start[first + east + 1]
        shifts[count, 0], shifts[count, 1] = np.float32(0), shift
        count += 1
        if cells.torus and column == cells.columns - 1:
            bounds[count, 0], bounds[count, 1] = start[first], start[first + 1]
            shifts[count, 0], shifts[count, 1] = cells.width, shift
            count += 1
    return count


@lean
def _list_contacts(
    cells: Cells,
    start: Int32s,
    x: Float32s,
    y: Float32s,
    ids: Int32s,
    asked: Int32s,
    reach: np.float32,
    spans: Spans,
    begin: Int64s,
    items: Int32s,
    away: Float32s,
) -> int:
    """Fill the contacts of each asked row by (distance, id), as far as there is room; return how many there are."""
    bounds, shifts = spans.bounds[0], spans.shifts[0]
    total = 0
    for k in range(asked.size):
        begin[k] = total
        i = asked[k]
        if i < 0:
            continue
        cell = cell_of(cells, x[i], y[i])
        count = find_spans(cells, start, cell // cells.columns, cell % cells.columns, bounds, shifts)
        for s in range(count):
            here_x, here_y = x[i] - shifts[s, 0], y[i] - shifts[s, 1]
            for j in range(bounds[s, 0], bounds[s, 1]):
                dx, dy = x[j] - here_x, y[j] - here_y
                distance = dx * dx + dy * dy
                if j == i or distance > reach * reach:
                    continue
                if total < items.size:
                    at = total
                    while at > begin[k] and (
                        away[at - 1] > distance or (away[at - 1] == distance and items[at - 1] > ids[j])
                    ):
                        away[at], items[at] = away[at - 1], items[at - 1]
                        at -= 1
                    away[at], items[at] = distance, ids[j]
                total += 1
    begin[asked.size] = total
    return total


def list_contacts(
    cells: Cells, start: Int32s, x: Float32s, y: Float32s, ids: Int32s, asked: Int32s, reach: float
) -> Csr:
    """Return who is within `reach` metres of each asked row, itself excluded, as ids ordered by (distance, id).

    x, y float32 and ids int32[n] are columns in the order of the cells; asked int32 are rows of them, -1 for somebody
    who is not there and has no contacts. Raises SpaceError when the cells are narrower than the reach.
    """
    if not 0 <= reach <= cells.reach:
        raise SpaceError(f"contacts within {reach} m are asked of cells for {cells.reach} m; make cells for that reach")
    begin, spans = np.zeros(asked.size + 1, np.int64), make_spans(1)
    room = 8 * asked.size + 64
    while True:
        items, away = np.empty(room, np.int32), np.empty(room, np.float32)
        room = _list_contacts(cells, start, x, y, ids, asked, np.float32(reach), spans, begin, items, away)
        if room <= items.size:
            break
    found = Csr(begin, items[:room].copy())
    if not cells.torus or min(cells.columns, cells.rows) >= 3:
        return found
    row, first = np.repeat(np.arange(asked.size), np.diff(begin)), np.zeros(room, np.bool_)
    first[np.unique(row << 32 | found.items, return_index=True)[1]] = True
    return only(found, first)


def contacts_within(cells: Cells, ids: Int32s, x: Float32s, y: Float32s, asked: Int32s, reach: float) -> Csr:
    """Return who is within `reach` metres of each asked person, as `list_contacts`; who is not in `ids` has nobody.

    ids int32[n], ascending, and x, y float32[n] in metres: who is there, and where; asked int32: ids.
    """
    xs, ys, order = padded(ids.size), padded(ids.size), np.empty(ids.size, np.int32)
    xs[: ids.size], ys[: ids.size] = x, y
    start = np.empty(cells.columns * cells.rows + 1, np.int32)
    sort_by_cell(cells, xs, ys, ids, np.empty(ids.size, np.int32), start, order)
    xs[: ids.size], ys[: ids.size] = xs[order], ys[order]
    row = np.full(max(int(ids.max(initial=-1)), int(asked.max(initial=-1))) + 1, -1, np.int32)
    row[ids[order]] = np.arange(ids.size, dtype=np.int32)
    return list_contacts(cells, start, xs, ys, ids[order], row[asked], reach)


def only(contacts: Csr, kept: Bools) -> Csr:
    """Return contacts less those who are not to be kept, bool[items]."""
    before: Int64s = np.concatenate([np.zeros(1, np.int64), np.cumsum(kept, dtype=np.int64)])
    return Csr(before[contacts.start], contacts.items[kept])
