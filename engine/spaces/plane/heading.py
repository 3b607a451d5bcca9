"""Which way people want: along the flow field of a place, towards somebody, or about."""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

import numpy as np

from engine.kernels import lean, unlocked, woven
from engine.spaces.plane.navigation import CLEAR, Navigation, column_and_row, middle_of, sees
from engine.spaces.plane.social_force import Walkers
from engine.spaces.plane.stock import SIGHT
from engine.spaces.plane.walls import Walls
from engine.spaces.plane.windows import NOTHING, Fields, place_in, stand_in, told, told_way
from engine.values import Bools, Float32s, Int8s, Int16s, Int32s

NOWHERE, TO_PLACE, TO_AGENT, STROLLING = 0, 1, 2, 3
"""The kinds of goals (`space.goal_kind`)."""

BESIDE, NEAR_SPOT = np.float32(0.5), np.float32(0.4)
"""How far bodies are apart at most that are beside each other, and how near to their spot people stop, in metres."""

COURSE_EAST = np.array((1, sqrt(0.5), 0, -sqrt(0.5), -1, -sqrt(0.5), 0, sqrt(0.5)), np.float32)
COURSE_NORTH = np.array((0, sqrt(0.5), 1, sqrt(0.5), 0, -sqrt(0.5), -1, -sqrt(0.5)), np.float32)
"""The eight ways of strollers, east and on counter-clockwise."""

_ZERO, _HALF, _HAIR, _CLOSE = np.float32(0), np.float32(0.5), np.float32(1e-3), np.float32(0.75 * CLEAR)


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
def _beyond(grid: Navigation, fields: Fields, field: int, cell: int, east: int, north: int) -> tuple[int, int]:
    """Return where the cell that lies so far from another heads for, in cells from that other."""
    row = cell // grid.columns
    column = (cell - row * grid.columns + east + grid.columns) % grid.columns
    word = told(grid, fields, field, column, (row + north + grid.rows) % grid.rows)
    if word == NOTHING:
        return east, north
    return east + ((word >> 8) & 0xFF) - 128, north + (word & 0xFF) - 128


@lean
def _sees(
    grid: Navigation, walls: Walls, cell: int, east: int, north: int, x: np.float32, y: np.float32, keep: np.float32
) -> bool:
    """Whether the straight way from (x, y) to the cell that lies so far from another keeps so far from walls."""
    to_x, to_y = middle_of(grid, cell)
    to_x += np.float32(east) * grid.pitch - x
    to_y += np.float32(north) * grid.pitch - y
    width, height = np.float32(grid.columns) * grid.pitch, np.float32(grid.rows) * grid.pitch
    return sees(grid, walls, x, y, shorter(grid.torus, width, to_x), shorter(grid.torus, height, to_y), keep)


@lean
def _along_walls(
    grid: Navigation, walls: Walls, fields: Fields, field: int, x: np.float32, y: np.float32
) -> tuple[np.float32, np.float32]:
    """Return the direction in which to go from (x, y), wherever that is: as `along_field`.

    Who has got out of the field's window heads for its middle, until they are told again which field to follow. On a
    straight way one brushes cells that do not see its end and send one back: who sees beyond goes on.
    """
    width, height = np.float32(grid.columns) * grid.pitch, np.float32(grid.rows) * grid.pitch
    cell, word = stand_in(grid, walls, fields, field, x, y)
    to_x, to_y = middle_of(grid, cell)
    if word == NOTHING:
        column, row = column_and_row(grid, x, y)
        if place_in(grid, fields, field, column, row) >= 0:
            return _ZERO, _ZERO
        window = fields.window[field]
        to_x = np.float32(2 * window[1] + window[3]) * np.float32(0.5) * grid.pitch
        to_y = np.float32(2 * window[0] + window[2]) * np.float32(0.5) * grid.pitch
    elif told_way(word) == 0:
        return _ZERO, _ZERO
    else:
        east, north = ((word >> 8) & 0xFF) - 128, (word & 0xFF) - 128
        free = grid.open[cell] or not grid.walled[cell]
        if abs(east) <= 1 and abs(north) <= 1:
            further_east, further_north = _beyond(grid, fields, field, cell, east, north)
            if _sees(grid, walls, cell, further_east, further_north, x, y, _CLOSE):
                east, north, free = further_east, further_north, True
        if free or _sees(grid, walls, cell, east, north, x, y, _HAIR):
            to_x += np.float32(east) * grid.pitch
            to_y += np.float32(north) * grid.pitch
    return direction(shorter(grid.torus, width, to_x - x), shorter(grid.torus, height, to_y - y))


@woven
def along_field(
    grid: Navigation, walls: Walls, fields: Fields, field: int, x: np.float32, y: np.float32
) -> tuple[np.float32, np.float32]:
    """Return the direction in which to go from (x, y); none at the end of the way, and where there is none.

    Mostly one is in the open and heads for a cell further on, which takes a look and no call.
    """
    column, row = column_and_row(grid, x, y)
    word = told(grid, fields, field, column, row)
    east, north = ((word >> 8) & 0xFF) - 128, (word & 0xFF) - 128
    ahead = (
        word != NOTHING
        and told_way(word) > 0
        and max(abs(east), abs(north)) > 1
        and not grid.walled[row * grid.columns + column]
    )
    if ahead:
        to_x = (np.float32(column) + _HALF) * grid.pitch + np.float32(east) * grid.pitch - x
        to_y = (np.float32(row) + _HALF) * grid.pitch + np.float32(north) * grid.pitch - y
        if grid.torus:
            to_x = shorter(True, np.float32(grid.columns) * grid.pitch, to_x)
            to_y = shorter(True, np.float32(grid.rows) * grid.pitch, to_y)
        way = direction(to_x, to_y)
    else:
        way = _along_walls(grid, walls, fields, field, x, y)
    return way


@unlocked
def head_for_places(
    part: int, first: int, end: int, grid: Navigation, walls: Walls, fields: Fields, guides: Int32s, people: Walkers
) -> None:
    """Write which way the people in rows first..end-1 want by the field guides[row], -1 for standing."""
    for i in range(first, end):
        people.east[i], people.north[i] = _ZERO, _ZERO
        if guides[i] >= 0:
            people.east[i], people.north[i] = along_field(grid, walls, fields, guides[i], people.x[i], people.y[i])


class Goals(NamedTuple):
    """What everyone is after, by id: kind int8 and goal int32 as in the World.

    spot int32: the navigation cell of the place where one means to stand, -1 for the first that one comes to; course
    int8: the way of a stroller (0 east, counter-clockwise to 7, -1 standing); anchor int32: the place to which one
    turns back who strolled or was pushed out of it, or -1; guide int32: the field that one follows now, or -1; x, y,
    radius float32 in metres, inside bool and room int16: where everyone is.
    """

    kind: Int8s
    goal: Int32s
    spot: Int32s
    course: Int8s
    anchor: Int32s
    guide: Int32s
    x: Float32s
    y: Float32s
    inside: Bools
    radius: Float32s
    room: Int16s


@lean
def beside(goals: Goals, person: int, other: int, dx: np.float32, dy: np.float32) -> bool:
    """Whether somebody at (dx, dy) is so near that one has come to them, and not behind a wall in another room."""
    touch = goals.radius[person] + goals.radius[other] + BESIDE
    return bool(dx * dx + dy * dy <= touch * touch) and goals.room[person] == goals.room[other]


@lean
def find_beside(grid: Navigation, goals: Goals, agents: Int32s, out: Bools) -> None:
    """Fill out with whether each is in the space and beside the person whom it is after."""
    width, height = np.float32(grid.columns) * grid.pitch, np.float32(grid.rows) * grid.pitch
    for i in range(agents.size):
        person, other = agents[i], goals.goal[agents[i]]
        dx = shorter(grid.torus, width, goals.x[other] - goals.x[person])
        dy = shorter(grid.torus, height, goals.y[other] - goals.y[person])
        out[i] = goals.inside[person] and goals.inside[other] and beside(goals, person, other, dx, dy)


@lean
def find_at_spot(grid: Navigation, goals: Goals, agents: Int32s, out: Bools) -> None:
    """Fill out with whether each is near the spot where it means to stand."""
    width, height = np.float32(grid.columns) * grid.pitch, np.float32(grid.rows) * grid.pitch
    for i in range(agents.size):
        to_x, to_y = middle_of(grid, goals.spot[agents[i]])
        dx = shorter(grid.torus, width, to_x - goals.x[agents[i]])
        dy = shorter(grid.torus, height, to_y - goals.y[agents[i]])
        out[i] = dx * dx + dy * dy <= NEAR_SPOT * NEAR_SPOT


@unlocked
def head_for_goals(
    part: int,
    first: int,
    end: int,
    grid: Navigation,
    walls: Walls,
    fields: Fields,
    goals: Goals,
    people: Walkers,
    ids: Int32s,
) -> None:
    """Write which way the people in rows first..end-1 want; who stands, or is there, wants nowhere."""
    width, height = np.float32(grid.columns) * grid.pitch, np.float32(grid.rows) * grid.pitch
    for i in range(first, end):
        person = ids[i]
        kind, goal, guide = goals.kind[person], goals.goal[person], goals.guide[person]
        x, y = people.x[i], people.y[i]
        east, north = _ZERO, _ZERO
        if kind == TO_PLACE:
            column, row = column_and_row(grid, x, y)
            if guide >= 0 and (guide != goal or told_way(told(grid, fields, guide, column, row)) > 0):
                east, north = along_field(grid, walls, fields, guide, x, y)
            elif guide >= 0 and goals.spot[person] >= 0:
                to_x, to_y = middle_of(grid, goals.spot[person])
                to_x, to_y = shorter(grid.torus, width, to_x - x), shorter(grid.torus, height, to_y - y)
                if to_x * to_x + to_y * to_y > NEAR_SPOT * NEAR_SPOT:
                    east, north = direction(to_x, to_y)
        elif kind == TO_AGENT and goals.inside[goal]:
            to_x = shorter(grid.torus, width, goals.x[goal] - x)
            to_y = shorter(grid.torus, height, goals.y[goal] - y)
            if not beside(goals, person, goal, to_x, to_y):
                blind = to_x * to_x + to_y * to_y > SIGHT * SIGHT or not sees(grid, walls, x, y, to_x, to_y, _HAIR)
                if blind and guide >= 0:
                    east, north = along_field(grid, walls, fields, guide, x, y)
                if east == 0 and north == 0:
                    east, north = direction(to_x, to_y)
        elif goals.anchor[person] >= 0:
            if guide >= 0:
                east, north = along_field(grid, walls, fields, guide, x, y)
        elif kind == STROLLING and goals.course[person] >= 0:
            east, north = COURSE_EAST[goals.course[person]], COURSE_NORTH[goals.course[person]]
        people.east[i], people.north[i] = east, north


@unlocked
def land(part: int, first: int, end: int, kinds: Int8s, people: Walkers, ids: Int32s) -> None:
    """Let those in rows first..end-1 fly no more who are where they were going.

    Strollers take off on their course, and then follow nothing but the flock.
    """
    for i in range(first, end):
        kind, still = kinds[ids[i]], people.u[i] == 0 and people.v[i] == 0
        if kind == STROLLING and not still:
            people.east[i], people.north[i] = _ZERO, _ZERO
        elif kind == TO_PLACE and people.east[i] == 0 and people.north[i] == 0:
            people.pace[i] = _ZERO
