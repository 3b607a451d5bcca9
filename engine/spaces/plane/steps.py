"""How far people may step: so far that no bodies come to overlap and nobody passes a wall.

Towards a neighbour nobody goes further than half of the gap between the two, towards a wall no further than the gap.
Each such limit holds along one direction, so standing still keeps all of them, and any step can be shortened until it
does. Others go no further than their half, and all of a straight wall lies beyond the line through its nearest point.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import numpy as np

from engine.kernels import woven
from engine.spaces.plane.lanes import LANES, Lanes, lowest, sift
from engine.values import Float32s, Int32s

SLACK = 0.001
"""Metres by which bodies may overlap, or come nearer to a wall than their radius, by rounding."""

LIMITS = 64
"""How many limits a step can have."""

APART = np.float32(0.02)
"""How far at most people who overlap part in a step, in metres."""

KEEP = np.float32(1e-4)
"""What people leave of every gap, in metres, so that rounding alone stops nobody."""

_ROUNDS = 4
_LAST = np.uint64(1)
_ZERO, _HALF, _ONE = (np.float32(number) for number in (0, 0.5, 1))


@woven
def add_limit(
    limits: Float32s,
    count: int,
    dx: np.float32,
    dy: np.float32,
    touch: np.float32,
    share: np.float32,
    beyond: np.float32,
) -> int:
    """Add the limit that something at (dx, dy) sets, which is touched at the distance `touch`; return the new count.

    One may go `share` of the gap that way. One wants to keep a little less, and to part where bodies overlap already.
    """
    square = dx * dx + dy * dy
    if square >= beyond * beyond or square == 0:
        return count
    if count >= LIMITS:
        return LIMITS + 1
    distance = np.float32(sqrt(square))
    gap = (distance - touch) * share
    limits[count, 0], limits[count, 1] = dx / distance, dy / distance
    limits[count, 2], limits[count, 3] = max(gap, _ZERO), max(gap, -APART) - KEEP
    return count + 1


def _near(other: Sequence[Lanes], constants: Sequence[Lanes]) -> Lanes:
    """Say who is nearer to a place than the square root of a number, but not at it."""
    dx, dy = other[0] - constants[0], other[1] - constants[1]
    square = dx * dx + dy * dy
    return (square < constants[2]) & (square > _ZERO)


_sift = sift(_near)


@woven
def limit_by_people(
    x: Float32s,
    y: Float32s,
    radius: Float32s,
    limits: Float32s,
    count: int,
    i: int,
    bounds: Int32s,
    shifts: Float32s,
    spans: int,
    beyond: np.float32,
) -> int:
    """Add the limits that others nearer than `beyond` set to the person in row i; return how many there are now.

    x and y are columns as `sift` takes them.
    """
    for s in range(spans):
        here_x, here_y = x[i] - shifts[s, 0], y[i] - shifts[s, 1]
        if here_y < shifts[s, 2] - beyond or here_y > shifts[s, 3] + beyond:
            continue
        for at in range(bounds[s, 0], bounds[s, 1], LANES):
            near = _sift((x, y), at, bounds[s, 1], (here_x, here_y, beyond * beyond))
            while near:
                j = at + lowest(near)
                near &= near - _LAST
                count = add_limit(
                    limits, count, x[j] - here_x, y[j] - here_y, radius[i] + radius[j], _HALF, beyond
                )  # fmt: skip
    return count


@woven
def step_within(
    limits: Float32s, count: int, dx: np.float32, dy: np.float32, longest: np.float32
) -> tuple[np.float32, np.float32]:
    """Return the step nearest to (dx, dy), about, that keeps all limits: slide along each in turn, then shorten.

    Whoever has more limits than there is room for is hemmed in, and stays.
    """
    if count > LIMITS:
        return _ZERO, _ZERO
    for _ in range(_ROUNDS):
        kept = True
        for k in range(count):
            excess = dx * limits[k, 0] + dy * limits[k, 1] - limits[k, 3]
            if excess > 0:
                dx -= excess * limits[k, 0]
                dy -= excess * limits[k, 1]
                kept = False
        if kept:
            break
    share, length = _ONE, np.float32(sqrt(dx * dx + dy * dy))
    if length > longest:
        share = longest / length
    for k in range(count):
        along = dx * limits[k, 0] + dy * limits[k, 1]
        if along * share > limits[k, 2]:
            share = limits[k, 2] / along
    return dx * share, dy * share
