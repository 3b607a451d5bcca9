"""Which way people want: along the flow field of the place where they go."""

from __future__ import annotations

from math import sqrt

import numpy as np

from engine.kernels import lean, unlocked
from engine.spaces.plane.fields import FAR, Fields, stand_in
from engine.spaces.plane.navigation import Navigation, middle_of
from engine.spaces.plane.social_force import Walkers
from engine.spaces.plane.walls import Walls
from engine.values import Int32s

_ZERO = np.float32(0)


@lean
def direction(dx: np.float32, dy: np.float32) -> tuple[np.float32, np.float32]:
    """Return the direction of a way, of length 1; of none where it has no length."""
    length = np.float32(sqrt(dx * dx + dy * dy))
    if length > 0:
        return dx / length, dy / length
    return _ZERO, _ZERO


@lean
def shorter(torus: bool, side: np.float32, way: np.float32) -> np.float32:
    """Return a way along one axis, or the one around the torus where that is shorter."""
    half = side * np.float32(0.5)
    if torus and way > half:
        return way - side
    if torus and way < -half:
        return way + side
    return way


@lean
def along_field(
    grid: Navigation, walls: Walls, fields: Fields, field: int, x: np.float32, y: np.float32
) -> tuple[np.float32, np.float32]:
    """Return the direction in which to go from (x, y); none in the place itself, and where there is no way."""
    cell = stand_in(grid, walls, fields, field, x, y)
    if fields.way[field, cell] == 0 or fields.way[field, cell] >= FAR:
        return _ZERO, _ZERO
    to = fields.aim[field, cell] if grid.open[cell] or not grid.walled[cell] else cell
    to_x, to_y = middle_of(grid, to)
    width, height = np.float32(grid.columns) * grid.pitch, np.float32(grid.rows) * grid.pitch
    return direction(shorter(grid.torus, width, to_x - x), shorter(grid.torus, height, to_y - y))


@unlocked
def head_for_places(
    part: int,
    first: int,
    end: int,
    grid: Navigation,
    walls: Walls,
    fields: Fields,
    goal: Int32s,
    people: Walkers,
    ids: Int32s,
) -> None:
    """Write which way the people in rows first..end-1 want to the place goal[id], -1 for standing."""
    for i in range(first, end):
        place = goal[ids[i]]
        people.east[i], people.north[i] = _ZERO, _ZERO
        if place >= 0:
            people.east[i], people.north[i] = along_field(
                grid, walls, fields, fields.row[place], people.x[i], people.y[i]
            )
