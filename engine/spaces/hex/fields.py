"""Flow fields: from every cell, how far it is to walk to each place, in tenths of a path step.

A field is Dijkstra's distances (1959) in Dial's buckets (1969) from a place outwards, each edge weighed as it is
walked, towards the place. Where all places times all cells are too much to hold, the smaller places keep only a
*window* of cells around them and a *hub*: a bigger place near by, whose field leads into the window from everywhere
else. Which places those are depends on the map alone, and all is computed at set-up: nothing is evicted or depends on
use.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.kernels import lean, woven
from engine.society.places import Places
from engine.spaces.hex.grid import Grid
from engine.spaces.hex.terrain import STEP, Land, aligned
from engine.values import Bytes, Int32s, Int64s

FAR = 1 << 30
"""The distance where there is no way."""

BUDGET = 160_000_000
"""Bytes that all fields may fill, about."""

REACHED = 64
"""The bit of `Ways.flow` that says that there is a way."""

LEAST_SIDE, MOST_SIDE = 33, 97
"""Bounds of a window's side in cells."""


class Ways(NamedTuple):
    """The fields of all places, one after the other in `value` (tenths of a path step, int32).

    flow uint8: bit k for each direction k that is best, and REACHED where there is a way at all; in tiles of 8 x 8
    cells, each a line of the processor's cache, so that walking on seldom leaves it; start and source int64[p]: where
    a place's field begins in value and in flow; row, column, rows, columns int32[p]: its window's south-west corner
    and size; hub int32[p]: whose field leads there from outside the window, -1 for a field of the whole map; onward
    int32[p]: the way from the hub to the place; centre int32[p]: the places' middles.
    """

    value: Int32s
    flow: Bytes
    start: Int64s
    source: Int64s
    row: Int32s
    column: Int32s
    rows: Int32s
    columns: Int32s
    hub: Int32s
    onward: Int32s
    centre: Int32s


@woven
def locate(ways: Ways, grid: Grid, place: int, cell: int) -> int:
    """Return where a cell's entry is in a place's own field, -1 outside its window."""
    if ways.hub[place] < 0:
        return int(ways.start[place] + cell)
    row = cell // grid.width
    column = cell - row * grid.width - ways.column[place]
    row -= ways.row[place]
    row += grid.height if row < 0 else 0
    column += grid.width if column < 0 else 0
    if row >= ways.rows[place] or column >= ways.columns[place]:
        return -1
    return int(ways.start[place] + row * ways.columns[place] + column)


@woven
def stream(ways: Ways, grid: Grid, place: int, cell: int) -> int:
    """Return a cell's entry in the flow of a place's own field: its best directions; 0 outside its window."""
    row = cell // grid.width
    column = cell - row * grid.width - ways.column[place]
    row -= ways.row[place]
    row += grid.height if row < 0 else 0
    column += grid.width if column < 0 else 0
    if row >= ways.rows[place] or column >= ways.columns[place]:
        return 0
    return int(ways.flow[ways.source[place] + _tiled(row, column, ways.columns[place])])


@woven
def _tiled(row: int, column: int, columns: int) -> int:
    """Return where a cell of a window lies among the tiles of its flow."""
    tile = (row >> 3) * ((columns + 7) >> 3) + (column >> 3)
    return tile * 64 + (row & 7) * 8 + (column & 7)


@woven
def look(ways: Ways, grid: Grid, place: int, cell: int) -> int:
    """Return the distance in a place's own field; FAR outside its window."""
    at = locate(ways, grid, place, cell)
    return int(ways.value[at]) if at >= 0 else FAR


@woven
def guide(ways: Ways, grid: Grid, place: int, cell: int) -> int:
    """Return the place whose field to follow from a cell: the place itself, its hub, or -1 where there is no way."""
    if stream(ways, grid, place, cell):
        return place
    hub = int(ways.hub[place])
    if hub >= 0 and stream(ways, grid, hub, cell):
        return hub
    return -1


@woven
def way(ways: Ways, grid: Grid, place: int, cell: int) -> int:
    """Return how far it is to walk from a cell to a place, by way of its hub from outside its window; or FAR."""
    if cell < 0:
        return FAR
    by = guide(ways, grid, place, cell)
    if by < 0:
        return FAR
    return look(ways, grid, by, cell) + (0 if by == place else int(ways.onward[place]))


@lean
def walking_distances(ways: Ways, grid: Grid, cells: Int32s, places: Int32s, out: Int32s) -> None:
    """Fill out int32[n] with the way of each pair."""
    for i in range(cells.size):
        out[i] = way(ways, grid, places[i], cells[i])


@lean
def walking_table(ways: Ways, grid: Grid, cells: Int32s, places: Int32s, out: Int32s) -> None:
    """Fill out int32[cells,places] with the way from every cell to every place; field by field: caches."""
    for j in range(places.size):
        for i in range(cells.size):
            out[i, j] = way(ways, grid, places[j], cells[i])


@lean
def _flow(land: Land, window: Int32s, value: Int32s, out: Bytes) -> None:
    """Fill out with the best directions of a field, in tiles."""
    grid, width = land.grid, land.grid.width
    row0, column0, rows, columns = window[0], window[1], window[2], window[3]
    out[:] = 0
    for at in range(value.size):
        if value[at] >= FAR:
            continue
        row, column = row0 + at // columns, column0 + at % columns
        cell = (row % grid.height) * width + column % width
        mask = REACHED
        for k in range(6):
            near = land.cells[cell, k]
            cost = land.cells[cell, STEP + k]
            if cost == 0:
                continue
            r = near // width
            c = near - r * width - column0
            r -= row0
            r += grid.height if r < 0 else 0
            c += width if c < 0 else 0
            if r < rows and c < columns and value[at] > 0 and value[r * columns + c] + cost == value[at]:
                mask |= 1 << k
        out[_tiled(at // columns, at % columns, columns)] = mask


@lean
def _spread(land: Land, sources: Int32s, window: Int32s, out: Int32s, links: Int32s, bucket: Int32s) -> None:
    """Fill out int32[rows*columns] with the distances to the sources by ways inside the window.

    window: row, column, rows, columns. Scratch: links int32[2,rows*columns] chains the cells of a bucket both ways,
    bucket int32[512] is the first of each: no step costs that much, so the buckets can go round.
    """
    grid, width = land.grid, land.grid.width
    row0, column0, rows, columns = window[0], window[1], window[2], window[3]
    after, before = links[0], links[1]
    out[:] = FAR
    bucket[:] = -1
    waiting = 0
    for source in sources:
        at = ((source // width - row0) % grid.height) * columns + (source % width - column0) % grid.width
        out[at] = 0
        before[at], after[at] = -1, bucket[0]
        if bucket[0] >= 0:
            before[bucket[0]] = at
        bucket[0] = at
        waiting += 1
    distance = 0
    while waiting > 0:
        at = bucket[distance & 511]
        if at < 0:
            distance += 1
            continue
        bucket[distance & 511] = after[at]
        if after[at] >= 0:
            before[after[at]] = -1
        waiting -= 1
        row, column = row0 + at // columns, column0 + at % columns
        cell = (row % grid.height) * width + column % width
        for k in range(6):
            near = land.cells[cell, k]
            if near < 0:
                continue
            weight = land.cells[near, STEP + (k + 3) % 6]
            if weight == 0:
                continue
            r = near // width
            c = near - r * width - column0
            r -= row0
            r += grid.height if r < 0 else 0
            c += width if c < 0 else 0
            if r >= rows or c >= columns:
                continue
            to, reach = r * columns + c, distance + weight
            if reach >= out[to]:
                continue
            if out[to] < FAR:
                if before[to] >= 0:
                    after[before[to]] = after[to]
                else:
                    bucket[out[to] & 511] = after[to]
                if after[to] >= 0:
                    before[after[to]] = before[to]
            else:
                waiting += 1
            out[to] = reach
            slot = reach & 511
            before[to], after[to] = -1, bucket[slot]
            if bucket[slot] >= 0:
                before[bucket[slot]] = to
            bucket[slot] = to


def _order_of_hubs(places: Places, whole: int) -> list[int]:
    """Return which places get a field of the whole map from the start: all that fit, else the widest."""
    if len(places) <= whole:
        return list(range(len(places)))
    order = np.lexsort((np.arange(len(places)), -places.radius))
    return [int(place) for place in order[: whole * 2 // 3] if places.radius[place] > 0] or [int(order[0])]


def survey(land: Land, places: Places, sources: list[Int32s], budget: int = BUDGET) -> Ways:
    """Return the fields of all places within about `budget` bytes.

    A place that finds no hub in its window, by a way inside it, becomes one, so that from everywhere there is a way.
    """
    grid, count = land.grid, len(places)
    cells = grid.width * grid.height
    whole = budget * 3 // 4 // (5 * cells)
    everything = np.array([0, 0, grid.height, grid.width], np.int32)
    hubs = _order_of_hubs(places, max(1, whole))
    rest = [place for place in range(count) if place not in set(hubs)]
    side = int(np.clip(np.sqrt(budget / 20 / max(1, len(rest))), LEAST_SIDE, MOST_SIDE)) | 1
    values: dict[int, Int32s] = {}
    windows = np.tile(everything, (count, 1))
    hub, onward = np.full(count, -1, np.int32), np.zeros(count, np.int32)
    for place in hubs:
        values[place] = _field(land, sources[place], everything)
    for place in rest:
        window = _window(grid, int(places.cell[place]), side)
        values[place] = _field(land, sources[place], window)
        first = np.cumsum([0] + [sources[other].size for other in hubs[:-1]])
        ends = np.concatenate([sources[other] for other in hubs])
        away = np.maximum.reduceat(_in_window(grid, window, values[place], ends), first)
        best = int(np.argmin(away))
        if away[best] < FAR:
            hub[place], onward[place], windows[place] = hubs[best], away[best], window
        else:
            values[place] = _field(land, sources[place], everything)
            hubs.append(place)
    sizes = np.array([values[place].size for place in range(count)], np.int64)
    start = np.cumsum(sizes) - sizes
    joined = np.empty(int(sizes.sum()), np.int32)
    tiles = ((windows[:, 2] + 7) >> 3).astype(np.int64) * ((windows[:, 3] + 7) >> 3) * 64
    source = np.cumsum(tiles) - tiles
    flow = aligned(int(tiles.sum()))
    for place in range(count):
        value = values.pop(place)
        part = slice(start[place], start[place] + value.size)
        joined[part] = value
        _flow(land, windows[place], value, flow[source[place] : source[place] + tiles[place]])
    corners = [np.ascontiguousarray(windows[:, i]) for i in range(4)]
    return Ways(joined, flow, start, source, corners[0], corners[1], corners[2], corners[3], hub, onward, places.cell)


def _field(land: Land, sources: Int32s, window: Int32s) -> Int32s:
    size = int(window[2]) * int(window[3])
    out = np.empty(size, np.int32)
    _spread(land, sources, window, out, np.empty((2, size), np.int32), np.empty(512, np.int32))
    return out


def _window(grid: Grid, centre: int, side: int) -> Int32s:
    """Return a window around a cell as (row, column, rows, columns), inside the edges of a bounded grid."""
    rows, columns = min(side, grid.height), min(side, grid.width)
    row, column = centre // grid.width - rows // 2, centre % grid.width - columns // 2
    if grid.torus:
        row, column = row % grid.height, column % grid.width
    else:
        row, column = min(max(row, 0), grid.height - rows), min(max(column, 0), grid.width - columns)
    return np.array([row, column, rows, columns], np.int32)


def _in_window(grid: Grid, window: Int32s, value: Int32s, cells: Int32s) -> Int32s:
    row = (cells // grid.width - window[0]) % grid.height
    column = (cells % grid.width - window[1]) % grid.width
    inside = (row < window[2]) & (column < window[3])
    out = np.full(cells.size, FAR, np.int32)
    out[inside] = value[row[inside] * window[3] + column[inside]]
    return out
