"""Ways over fields and hubs: how far it is from where somebody is to a place, and which field they follow now.

The way is the shorter one of what the place's own field tells, and of the ways by the hubs of the nine squares around.
People follow a hub only until another leads on: what they think of the way gets shorter with every step, so that they
come to the place even where they cut corners that hubs lie beyond.
"""

from __future__ import annotations

import numpy as np

from engine.kernels import lean, unlocked
from engine.spaces.plane.hubs import Hubs, hubs_in, square_around, square_of
from engine.spaces.plane.navigation import Navigation, column_and_row
from engine.spaces.plane.onward import Onward, way_onward
from engine.spaces.plane.walls import Walls
from engine.spaces.plane.windows import FAR, Fields, place_in, told, told_way, way_by
from engine.values import Bools, Float32s, Int32s

WORTHWHILE = 2_000
"""From so many pairs on threads give more than they cost."""

AT_HUB, LENIENT = 2_000, 1_000
"""From how near on people look for the next hub, and how much longer its way may seem then, in millimetres."""


@lean
def mark_wanted(
    grid: Navigation,
    fields: Fields,
    hubs: Hubs,
    places: Int32s,
    x: Float32s,
    y: Float32s,
    squares: Bools,
    wanted: Bools,
) -> None:
    """Mark in wanted bool[fields] which fields the ways from (x[i], y[i]) to places[i] ask; none where that is -1.

    squares bool[squares] is scratch, all False.
    """
    for i in range(places.size):
        if places[i] >= 0:
            column, row = column_and_row(grid, x[i], y[i])
            squares[square_of(hubs, column, row)] = True
            if place_in(grid, fields, places[i], column, row) >= 0:
                wanted[places[i]] = True
    for square in range(squares.size):
        for k in range(9 if squares[square] else 0):
            first, end = hubs_in(hubs, square_around(grid, hubs, square, k))
            for hub in range(first, end):
                wanted[hubs.field + hub] = True


@lean
def _list_hubs(
    grid: Navigation, walls: Walls, fields: Fields, hubs: Hubs, x: np.float32, y: np.float32, near: Int32s
) -> int:
    """List the hubs to which fields lead from (x, y) in near[0], and how far they are in near[1]; return how many."""
    count = 0
    column, row = column_and_row(grid, x, y)
    square, walled = square_of(hubs, column, row), grid.walled[row * grid.columns + column]
    for k in range(9):
        first, end = hubs_in(hubs, square_around(grid, hubs, square, k))
        for hub in range(first, end):
            if walled:
                way = way_by(grid, walls, fields, hubs.field + hub, x, y)
            else:
                way = told_way(told(grid, fields, hubs.field + hub, column, row))
            if way < FAR:
                near[0, count], near[1, count] = hub, way
                count += 1
    return count


@lean
def _direct(grid: Navigation, walls: Walls, fields: Fields, place: int, x: np.float32, y: np.float32) -> int:
    """Return the way by the place's own field; FAR outside its window."""
    column, row = column_and_row(grid, x, y)
    if place_in(grid, fields, place, column, row) < 0:
        return FAR
    return way_by(grid, walls, fields, place, x, y)


@lean
def _best(onward: Onward, place: int, near: Int32s, count: int) -> tuple[int, int]:
    """Return by which of the listed hubs the way to a place is shortest, -1 for none, and how long it is."""
    best, least = -1, FAR
    for j in range(count):
        way = near[1, j] + way_onward(onward, place, near[0, j])
        if way < least:
            best, least = j, way
    return best, least


@unlocked
def fill_ways(
    part: int,
    first: int,
    end: int,
    grid: Navigation,
    walls: Walls,
    fields: Fields,
    hubs: Hubs,
    onward: Onward,
    margin: int,
    places: Int32s,
    x: Float32s,
    y: Float32s,
    scratch: Int32s,
    way: Int32s,
    guide: Int32s,
) -> None:
    """Fill way with that from (x[i], y[i]) to places[i] in mm, and guide with the field to follow; FAR and -1 for none.

    There is neither to place -1. A way longer than the place's reach may not be the shortest: ask again with more.
    Places' fields reach `margin` millimetres around their cells: a way no longer than that does not lead outside.
    scratch is int32[parts,2,hubs.most]. The hubs are listed once for as many pairs as begin at the same point, one
    after the other.
    """
    near, count, listed = scratch[part], 0, -1
    for i in range(first, end):
        way[i], guide[i] = FAR, -1
        if places[i] < 0:
            continue
        direct = _direct(grid, walls, fields, places[i], x[i], y[i])
        if direct < FAR:
            way[i], guide[i] = direct, places[i]
        if direct <= margin or hubs.most == 0:
            continue
        if listed < 0 or x[i] != x[listed] or y[i] != y[listed]:
            count, listed = _list_hubs(grid, walls, fields, hubs, x[i], y[i], near), i
        best, least = _best(onward, places[i], near, count)
        if best >= 0 and least < way[i]:
            way[i] = least
        if best >= 0 and (direct == FAR or direct > least + LENIENT):
            guide[i] = hubs.field + near[0, _further(onward, places[i], near, count, best, least)]


@lean
def _further(onward: Onward, place: int, near: Int32s, count: int, best: int, least: int) -> int:
    """Return which listed hub to follow: the best, or from near it the best of those that lie further on."""
    if near[1, best] >= AT_HUB:
        return best
    here, found, bound = way_onward(onward, place, near[0, best]), best, least + LENIENT + 1
    for j in range(count):
        onwards = way_onward(onward, place, near[0, j])
        if onwards < here and near[1, j] + onwards < bound:
            found, bound = j, near[1, j] + onwards
    return found
