"""Walls as bodies meet them: which are near, how far away, and whether a straight way is clear of them.

Walls are kept by square cells, each with the list of those that come within reach of any point in it. On a torus a
wall near an edge is kept a second time, beyond the opposite edge.
"""

from __future__ import annotations

import math
from math import sqrt
from typing import NamedTuple

import numpy as np

from engine.kernels import kernel, lean
from engine.spaces.plane.plan import Segments
from engine.values import Bools, Float32s, Int32s

WALL_SIDE = 2.0
"""How wide the cells of walls are, about, in metres."""


class Walls(NamedTuple):
    """Walls, ends float32[w,4], by cell: cell c has items[start[c]:start[c+1]]; `across` and `up` are cells a metre."""

    ends: Float32s
    start: Int32s
    items: Int32s
    columns: int
    rows: int
    across: np.float32
    up: np.float32


def lay_walls(segments: Segments, width: float, height: float, torus: bool, reach: float) -> Walls:
    """Return walls for a plane of width x height metres, of which those within `reach` metres can be asked."""
    columns, rows = max(1, round(width / WALL_SIDE)), max(1, round(height / WALL_SIDE))
    kept = _with_copies(segments, width, height, reach) if torus else segments
    ends = np.ascontiguousarray(kept, np.float32)
    far = reach + math.hypot(width / columns, height / rows) / 2
    start = np.zeros(columns * rows + 1, np.int32)
    pitch = np.float32(width / columns), np.float32(height / rows)
    _list_walls(ends, columns, rows, pitch, np.float32(far), start, np.empty(0, np.int32))
    items = np.empty(start[-1], np.int32)
    _list_walls(ends, columns, rows, pitch, np.float32(far), start, items)
    return Walls(ends, start, items, columns, rows, np.float32(columns / width), np.float32(rows / height))


def _with_copies(segments: Segments, width: float, height: float, reach: float) -> Segments:
    """Return segments and those of their copies one plane further on that come within reach of the plane."""
    copies = [segments + np.array((dx, dy, dx, dy)) for dx in (0, -width, width) for dy in (0, -height, height)]
    every = np.concatenate(copies)
    low = np.minimum(every[:, :2], every[:, 2:])
    high = np.maximum(every[:, :2], every[:, 2:])
    near: Segments = every[((low <= (width + reach, height + reach)) & (high >= -reach)).all(axis=1)]
    return near


@lean
def nearest_of(ends: Float32s, wall: int, x: np.float32, y: np.float32) -> tuple[np.float32, np.float32]:
    """Return the point of a wall that is nearest to (x, y), seen from there."""
    to_x, to_y = ends[wall, 0] - x, ends[wall, 1] - y
    along_x, along_y = ends[wall, 2] - ends[wall, 0], ends[wall, 3] - ends[wall, 1]
    share = -(to_x * along_x + to_y * along_y) / (along_x * along_x + along_y * along_y)
    share = min(max(share, np.float32(0)), np.float32(1))
    return to_x + share * along_x, to_y + share * along_y


@kernel
def _list_walls(
    ends: Float32s,
    columns: int,
    rows: int,
    pitch: tuple[np.float32, np.float32],
    far: np.float32,
    start: Int32s,
    items: Int32s,
) -> None:
    """Count the walls near each cell into start, and fill items if it is long enough."""
    fill = items.size > 0
    start[:] = 0
    for turn in range(2 if fill else 1):
        for wall in range(ends.shape[0]):
            west, east = min(ends[wall, 0], ends[wall, 2]) - far, max(ends[wall, 0], ends[wall, 2]) + far
            south, north = min(ends[wall, 1], ends[wall, 3]) - far, max(ends[wall, 1], ends[wall, 3]) + far
            for row in range(max(0, int(south / pitch[1]) - 1), min(rows, int(north / pitch[1]) + 1)):
                for column in range(max(0, int(west / pitch[0]) - 1), min(columns, int(east / pitch[0]) + 1)):
                    x = (np.float32(column) + np.float32(0.5)) * pitch[0]
                    y = (np.float32(row) + np.float32(0.5)) * pitch[1]
                    dx, dy = nearest_of(ends, wall, x, y)
                    if dx * dx + dy * dy > far * far:
                        continue
                    cell = row * columns + column
                    if turn == 0:
                        start[cell + 1] += 1
                    else:
                        items[start[cell]] = wall
                        start[cell] += 1
        if turn == 0:
            for cell in range(columns * rows):
                start[cell + 1] += start[cell]
    if fill:
        for cell in range(columns * rows, 0, -1):
            start[cell] = start[cell - 1]
        start[0] = 0


@lean
def wall_cell(walls: Walls, x: np.float32, y: np.float32) -> int:
    """Return the cell in whose list the walls near (x, y) are."""
    column = min(max(int(x * walls.across), 0), walls.columns - 1)
    row = min(max(int(y * walls.up), 0), walls.rows - 1)
    return row * walls.columns + column


@lean
def clearance(walls: Walls, x: np.float32, y: np.float32) -> np.float32:
    """Return how far the nearest wall is in metres, infinity where none is within reach."""
    least = np.float32(np.inf)
    cell = wall_cell(walls, x, y)
    for k in range(walls.start[cell], walls.start[cell + 1]):
        dx, dy = nearest_of(walls.ends, walls.items[k], x, y)
        least = min(least, dx * dx + dy * dy)
    return np.float32(sqrt(least))


@kernel
def find_near_walls(walls: Walls, x: Float32s, y: Float32s, reach: Float32s, out: Bools) -> None:
    """Write into bool[n] whether a wall is nearer than `reach` to each point, all in metres."""
    for i in range(x.size):
        out[i] = clearance(walls, x[i], y[i]) < reach[i]


@lean
def apart(walls: Walls, wall: int, x: np.float32, y: np.float32, to_x: np.float32, to_y: np.float32) -> np.float32:
    """Return how far a wall is from the straight way from (x, y) to (to_x, to_y) in metres; 0 where they cross."""
    ends = walls.ends
    way_x, way_y = to_x - x, to_y - y
    ax, ay, bx, by = ends[wall, 0] - x, ends[wall, 1] - y, ends[wall, 2] - x, ends[wall, 3] - y
    left, right = way_x * ay - way_y * ax, way_x * by - way_y * bx
    along_x, along_y = bx - ax, by - ay
    here = along_y * ax - along_x * ay
    there = here + along_x * way_y - along_y * way_x
    if ((left < 0) != (right < 0)) and ((here < 0) != (there < 0)):
        return np.float32(0)
    dx, dy = nearest_of(ends, wall, x, y)
    least = dx * dx + dy * dy
    dx, dy = nearest_of(ends, wall, to_x, to_y)
    least = min(least, dx * dx + dy * dy)
    length = way_x * way_x + way_y * way_y
    for end_x, end_y in ((ax, ay), (bx, by)):
        share = (
            np.float32(0)
            if length == 0
            else min(max((end_x * way_x + end_y * way_y) / length, np.float32(0)), np.float32(1))
        )
        dx, dy = end_x - share * way_x, end_y - share * way_y
        least = min(least, dx * dx + dy * dy)
    return np.float32(sqrt(least))
