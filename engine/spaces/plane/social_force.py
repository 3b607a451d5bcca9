"""Social forces: Helbing and Molnar 1995, "Social force model for pedestrian dynamics", Phys. Rev. E 51, 4282.

A person accelerates (metres, seconds; equations of the paper)
- towards their own pace in the direction they want: (pace e - v) / 0.5 s                                     (2)
- away from others: the potential 2.1 m2/s2 exp(-b / 0.3 m), where b is the semi-minor axis of the ellipse whose foci
  are the other's place and where the other will be in two seconds                                          (3), (4)
- away from the nearest wall, by the potential 10 m2/s2 exp(-distance / 0.2 m)                                (5)
- half as much by whom they do not see: beyond 100 degrees off their way                                      (8), (9)
- and a little at random, 0.2 m/s2, more the more they are held up, to 4.2 m/s2                             (10)
and goes at most 1.3 times as fast as their pace (11), (12). Others count within 3.5 m where b is below 1.75 m, walls
within 1.5 m: at a pace of 1.34 m/s nobody who is left out adds more than 0.03 m/s2. b grows fast beside and behind
whoever walks, so that in the open a third of those within 3.5 m count. Who counts is found without roots: for the ways
d from where the other is and e from where they will be, 2b = sqrt((|d| + |e|)^2 - s^2) is below a length L where
r = L^2 + s^2 - d^2 - e^2 is above 0 and 4 d^2 e^2 is below r^2.

Of the push by a wall that part is left out which is straight against the way that one wants: a wall pushes aside, not
back. In the paper's streets nobody wants to go through a wall; at a door the way leads close by its posts, and the full
push held people up in front of it for good.

Who wants to go nowhere gives way to those who do, and to nothing else: people who wait somewhere, and walls, would push
each other apart for ever.

That chance grows with impatience is from Helbing, Farkas and Vicsek 2000, "Freezing by heating in a driven mesoscopic
system", Phys. Rev. Lett. 84, 1240; it opens the arches that bodies build in front of a narrow door.

The paper's people are points. Ours have a radius, and keep it by the way they step (`engine.spaces.plane.steps`).

One step gathers only; see `engine.spaces.plane.flocking` on bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, pi, sqrt
from typing import NamedTuple

import numpy as np

from engine.kernels import lean, unlocked, woven
from engine.rng import philox
from engine.spaces.plane.cells import Cells, Spans, find_spans
from engine.spaces.plane.exponential import LEAST, exponential, spliced_exponential
from engine.spaces.plane.lanes import LANES, Lanes, each, lowest, sift
from engine.spaces.plane.steps import APART, KEEP, LIMITS, add_limit, limit_by_people, step_within
from engine.spaces.plane.walls import Walls, nearest_of, wall_cell
from engine.values import Float32s, Int32s

REACH, WALL_REACH = 3.5, 1.5
"""How far others and walls act, in metres; others less far beside and behind them, where 2b comes to REACH."""

PACE, HASTE = 1.34, 1.3
"""The paper's mean pace in metres a second, and how many times that people go at most."""

PAIR = 6
"""How many numbers are written down of a pair."""

_RELAXATION = np.float32(0.5)
_STRIDE = np.float32(2.0)
_WIDTH = np.float32(-1 / 0.3)
_PUSH = np.float32(2.1 / 0.3)
_WALL_WIDTH = np.float32(-1 / 0.2)
_WALL_PUSH = np.float32(10 / 0.2)
_SIGHT = np.float32(cos(100 * pi / 180) ** 2)
_BLIND = np.float32(0.5)
_SWAY, _SHAKE = np.float32(0.2), np.float32(4.0)
_HASTE = np.float32(HASTE)
_NEAR, _WALL_NEAR = np.float32(REACH * REACH), np.float32(WALL_REACH * WALL_REACH)
_THIN = np.float32(1e-4)
"""The least (2b)^2 in m2: on the very line of somebody's way the gradient of b is a matter of rounding."""

_ZERO, _HALF, _ONE, _TWO, _FOUR = (np.float32(number) for number in (0, 0.5, 1, 2, 4))
_LOW, _WORD, _LAST = np.uint64(0xFFFFFFFF), np.uint64(32), np.uint64(1)


class Walkers(NamedTuple):
    """Columns of people in cell order, float32[n + LANES]: position and velocity in metres and seconds, radius in
    metres, pace in metres a second, and the direction wanted, of length 1 or 0.
    """

    x: Float32s
    y: Float32s
    u: Float32s
    v: Float32s
    radius: Float32s
    pace: Float32s
    east: Float32s
    north: Float32s


class Desk(NamedTuple):
    """Scratch by part of the work: spans; sums float32[parts, 2, LANES], the accelerations of the people at work.

    pairs float32[parts, PAIR, LANES]: the way from the other, their velocity, and what somebody wants; whose
    int32[parts, LANES]: to whose sum a pair adds; pushes float32[parts, 2, LANES] by them; limits float32[parts, 64, 4]
    of a step: a direction, how far one may go that way, and how far one wants to.
    """

    spans: Spans
    sums: Float32s
    pairs: Float32s
    whose: Int32s
    pushes: Float32s
    limits: Float32s


class Beat(NamedTuple):
    """One substep: its length in seconds, the widest radius and the longest step in metres, and the key of chance."""

    seconds: np.float32
    widest: np.float32
    longest: np.float32
    seed: np.uint64
    stream: np.uint64
    tick: int
    substep: int


def make_desk(spans: Spans) -> Desk:
    """Return scratch for as many parts as the spans have."""
    parts = spans.bounds.shape[0]
    return Desk(
        spans, np.zeros((parts, 2, LANES), np.float32), np.zeros((parts, PAIR, LANES), np.float32),
        np.zeros((parts, LANES), np.int32), np.zeros((parts, 2, LANES), np.float32),
        np.zeros((parts, LIMITS, 4), np.float32),
    )  # fmt: skip


def _near(other: Sequence[Lanes], constants: Sequence[Lanes]) -> Lanes:
    """Say who pushes somebody at (x, y), of whose wish's length the square is given: `_counts`, for lanes."""
    x, y, wish = constants
    dx, dy = x - other[0], y - other[1]
    stride_x, stride_y = other[2] * _STRIDE, other[3] * _STRIDE
    ahead_x, ahead_y = dx - stride_x, dy - stride_y
    square, later = dx * dx + dy * dy, ahead_x * ahead_x + ahead_y * ahead_y
    room = stride_x * stride_x + stride_y * stride_y + _NEAR - square - later
    around = (square > _ZERO) & (square < _NEAR) & (room > _ZERO) & (square * later * _FOUR < room * room)
    return around & (other[4] * other[4] + other[5] * other[5] + wish > _ZERO)


def _pushes(pair: Sequence[Lanes]) -> tuple[Lanes, Lanes]:
    """Say how one pushes another: `_push`, for lanes."""
    dx, dy, u, v, east, north = pair
    ahead_x, ahead_y = dx - u * _STRIDE, dy - v * _STRIDE
    away = (dx * dx + dy * dy).root()
    later = (ahead_x * ahead_x + ahead_y * ahead_y).at_least(_THIN).root()
    axis = ((away * later + (dx * ahead_x + dy * ahead_y)) * _TWO).at_least(_THIN).root()
    inverse = (away * later * axis).over(_ONE)
    per_away, per_later = inverse * later * axis, inverse * away * axis
    strength = (
        exponential((axis * _HALF * _WIDTH).at_least(LEAST)) * ((away + later) * (inverse * away * later)) * _HALF
    )
    to_x, to_y = dx * per_away + ahead_x * per_later, dy * per_away + ahead_y * per_later
    facing = -(east * to_x + north * to_y)
    seen = (facing > _ZERO) | (facing * facing < (to_x * to_x + to_y * to_y) * _SIGHT)
    strength = strength * _PUSH * seen.choose(dx.filled(_ONE), dx.filled(_BLIND))
    return strength * to_x, strength * to_y


_sift, _each = sift(_near), each(_pushes, PAIR)


@lean
def _counts(
    dx: np.float32, dy: np.float32, u: np.float32, v: np.float32, wish: np.float32, other_wish: np.float32
) -> bool:
    """Whether another pushes somebody: as `_push`, with the squares of the lengths of what both want."""
    stride_x, stride_y = u * _STRIDE, v * _STRIDE
    ahead_x, ahead_y = dx - stride_x, dy - stride_y
    square, later = dx * dx + dy * dy, ahead_x * ahead_x + ahead_y * ahead_y
    room = stride_x * stride_x + stride_y * stride_y + _NEAR - square - later
    around = _ZERO < square < _NEAR and room > _ZERO and square * later * _FOUR < room * room
    return bool(around and other_wish + wish > _ZERO)


@lean
def _push(
    dx: np.float32, dy: np.float32, u: np.float32, v: np.float32, east: np.float32, north: np.float32
) -> tuple[np.float32, np.float32]:
    """Return the acceleration in m/s2 of somebody who wants to (east, north) by another.

    (dx, dy) is the way from the other in metres, (u, v) the other's velocity in m/s; equations (3), (4), (8), (9).
    """
    ahead_x, ahead_y = dx - u * _STRIDE, dy - v * _STRIDE
    away = np.float32(sqrt(dx * dx + dy * dy))
    later = np.float32(sqrt(max(ahead_x * ahead_x + ahead_y * ahead_y, _THIN)))
    axis = np.float32(sqrt(max((away * later + (dx * ahead_x + dy * ahead_y)) * _TWO, _THIN)))
    inverse = _ONE / (away * later * axis)
    per_away, per_later = inverse * later * axis, inverse * away * axis
    strength = (
        spliced_exponential(max(axis * _HALF * _WIDTH, LEAST)) * ((away + later) * (inverse * away * later)) * _HALF
    )
    to_x, to_y = dx * per_away + ahead_x * per_later, dy * per_away + ahead_y * per_later
    facing = -(east * to_x + north * to_y)
    seen = facing > _ZERO or facing * facing < (to_x * to_x + to_y * to_y) * _SIGHT
    strength = strength * _PUSH * (_ONE if seen else _BLIND)
    return strength * to_x, strength * to_y


@lean
def _spread_evenly(word: np.uint64) -> np.float32:
    """Return a number of -1..1 from a random word of 32 bits."""
    return np.float32(np.int64(word >> np.uint64(8))) * np.float32(2.0**-23) - _ONE


@woven
def wants(east: np.float32, north: np.float32) -> bool:
    """Whether somebody wants to go anywhere."""
    return bool(east * east + north * north > 0)


@woven
def _by_walls(
    walls: Walls,
    limits: Float32s,
    x: np.float32,
    y: np.float32,
    radius: np.float32,
    east: np.float32,
    north: np.float32,
    longest: np.float32,
) -> tuple[int, np.float32, np.float32]:
    """Add the limits that walls set to somebody; return their number, and the acceleration by the nearest, (5)."""
    count, nearest, from_x, from_y, force_x, force_y = 0, _WALL_NEAR, _ZERO, _ZERO, _ZERO, _ZERO
    cell = wall_cell(walls, x, y)
    for k in range(walls.start[cell], walls.start[cell + 1]):
        dx, dy = nearest_of(walls.ends, walls.items[k], x, y)
        square = dx * dx + dy * dy
        if square < nearest:
            nearest, from_x, from_y = square, dx, dy
        count = add_limit(limits, count, dx, dy, radius, _ONE, radius + longest)
    if _ZERO < nearest < _WALL_NEAR and wants(east, north):
        distance = np.float32(sqrt(nearest))
        strength = _WALL_PUSH * spliced_exponential(distance * _WALL_WIDTH) / distance
        ahead = strength * max(from_x * east + from_y * north, _ZERO)
        force_x, force_y = ahead * east - strength * from_x, ahead * north - strength * from_y
    return count, force_x, force_y


@woven
def _walk(
    cells: Cells,
    walls: Walls,
    people: Walkers,
    after: Walkers,
    person: int,
    i: int,
    force_x: np.float32,
    force_y: np.float32,
    beat: Beat,
    bounds: Int32s,
    shifts: Float32s,
    spans: int,
    limits: Float32s,
) -> None:
    """Write where the person in row i goes, whom the others push by (force_x, force_y)."""
    x, y, u, v, radius, pace = people.x[i], people.y[i], people.u[i], people.v[i], people.radius[i], people.pace[i]
    east, north = people.east[i], people.north[i]
    count, wall_x, wall_y = _by_walls(walls, limits, x, y, radius, east, north, beat.longest)
    force_x += wall_x
    force_y += wall_y
    words = philox(
        np.uint64(person),
        np.uint64(beat.tick),
        beat.stream,
        np.uint64(beat.substep),
        beat.seed & _LOW,
        beat.seed >> _WORD,
    )
    held_up = min(max(pace - (u * east + v * north), _ZERO) / pace, _ONE)
    sway = _SWAY + held_up * _SHAKE if wants(east, north) else _ZERO
    u += ((pace * east - u) / _RELAXATION + force_x + sway * _spread_evenly(words[0])) * beat.seconds
    v += ((pace * north - v) / _RELAXATION + force_y + sway * _spread_evenly(words[1])) * beat.seconds
    speed = np.float32(sqrt(u * u + v * v))
    if speed > _HASTE * pace:
        u *= _HASTE * pace / speed
        v *= _HASTE * pace / speed
        speed = _HASTE * pace

    longest = min(speed * beat.seconds + APART, beat.longest)
    beyond = radius + beat.widest + _TWO * longest + KEEP
    count = limit_by_people(people.x, people.y, people.radius, limits, count, i, bounds, shifts, spans, beyond)
    dx, dy = step_within(limits, count, u * beat.seconds, v * beat.seconds, longest)
    after.x[i], after.y[i] = onto(cells.torus, cells.width, x + dx), onto(cells.torus, cells.height, y + dy)
    after.u[i], after.v[i] = dx / beat.seconds, dy / beat.seconds
    after.radius[i], after.pace[i] = radius, pace
    after.east[i], after.north[i] = east, north


@lean
def onto(torus: bool, side: np.float32, at: np.float32) -> np.float32:
    """Return a coordinate on the plane: wrapped around on a torus."""
    if torus:
        if at < 0:
            at += side
        if at >= side:
            at -= side
    return at


@lean
def _add_up(pairs: Float32s, whose: Int32s, count: int, pushes: Float32s, sums: Float32s) -> int:
    """Add the pushes of the first `count` pairs to the sums float32[2, LANES] of those whose they are; return 0."""
    _each(pairs, pushes)
    for k in range(count):
        sums[0, whose[k]] += pushes[0, k]
        sums[1, whose[k]] += pushes[1, k]
    return 0


@unlocked
def walk(
    part: int,
    first: int,
    end: int,
    cells: Cells,
    start: Int32s,
    walls: Walls,
    people: Walkers,
    ids: Int32s,
    after: Walkers,
    beat: Beat,
    desk: Desk,
) -> None:
    """Move the people in rows first..end-1 of the cells by one substep; `LANES` pushes at a time."""
    bounds, shifts = desk.spans.bounds[part], desk.spans.shifts[part]
    sums, limits = desk.sums[part], desk.limits[part]
    pairs, whose, pushes = desk.pairs[part], desk.whose[part], desk.pushes[part]
    others = (people.x, people.y, people.u, people.v, people.east, people.north)
    for row in range(first, end):
        for column in range(cells.columns):
            cell = row * cells.columns + column
            spans = find_spans(cells, start, row, column, bounds, shifts)
            for at in range(start[cell], start[cell + 1], LANES):
                last, count = min(at + LANES, start[cell + 1]), 0
                sums[:] = _ZERO
                for i in range(at, last):
                    east, north = people.east[i], people.north[i]
                    wish = east * east + north * north
                    for s in range(spans):
                        x, y = people.x[i] - shifts[s, 0], people.y[i] - shifts[s, 1]
                        for group in range(bounds[s, 0], bounds[s, 1], LANES):
                            near = _sift(others, group, bounds[s, 1], (x, y, wish))
                            while near:
                                j = group + lowest(near)
                                near &= near - _LAST
                                pairs[0, count], pairs[1, count] = x - people.x[j], y - people.y[j]
                                pairs[2, count], pairs[3, count] = people.u[j], people.v[j]
                                pairs[4, count], pairs[5, count] = east, north
                                whose[count] = i - at
                                count += 1
                                if count == LANES:
                                    count = _add_up(pairs, whose, count, pushes, sums)
                _add_up(pairs, whose, count, pushes, sums)
                for i in range(at, last):
                    _walk(
                        cells, walls, people, after, ids[i], i, sums[0, i - at], sums[1, i - at], beat,
                        bounds, shifts, spans, limits,
                    )  # fmt: skip


@unlocked
def walk_plainly(
    part: int,
    first: int,
    end: int,
    cells: Cells,
    start: Int32s,
    walls: Walls,
    people: Walkers,
    ids: Int32s,
    after: Walkers,
    beat: Beat,
    desk: Desk,
) -> None:
    """Do what `walk` does, one person and one neighbour at a time: the reference."""
    bounds, shifts, limits = desk.spans.bounds[part], desk.spans.shifts[part], desk.limits[part]
    for row in range(first, end):
        for column in range(cells.columns):
            cell = row * cells.columns + column
            spans = find_spans(cells, start, row, column, bounds, shifts)
            for i in range(start[cell], start[cell + 1]):
                force_x, force_y = _ZERO, _ZERO
                wish = people.east[i] * people.east[i] + people.north[i] * people.north[i]
                for s in range(spans):
                    x, y = people.x[i] - shifts[s, 0], people.y[i] - shifts[s, 1]
                    for j in range(bounds[s, 0], bounds[s, 1]):
                        dx, dy = x - people.x[j], y - people.y[j]
                        east, north = people.east[j], people.north[j]
                        other_wish = east * east + north * north
                        if _counts(dx, dy, people.u[j], people.v[j], wish, other_wish):
                            by_x, by_y = _push(dx, dy, people.u[j], people.v[j], people.east[i], people.north[i])
                            force_x += by_x
                            force_y += by_y
                _walk(
                    cells, walls, people, after, ids[i], i, force_x, force_y, beat, bounds, shifts, spans, limits
                )  # fmt: skip
