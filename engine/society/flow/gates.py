"""Who crosses a gate: straight ways against segments, all in whole numbers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.values import Bools, Int64s


class Gates(NamedTuple):
    """Segments from (x, y) to (to_x, to_y), int64[gates] each, in whole steps of the plane."""

    x: Int64s
    y: Int64s
    to_x: Int64s
    to_y: Int64s


def passed(gates: Gates, x: Int64s, y: Int64s, to_x: Int64s, to_y: Int64s) -> tuple[Int64s, Int64s]:
    """Return how many of the ways int64[n] cross each gate from its left to its right, and back, int64[gates] each.

    Left is the left hand of who looks along a gate from its first end. A point on the line counts as left, so that
    nobody is counted twice who stops on it (O'Rourke, "Computational Geometry in C", 1.5).
    """
    there, back = np.zeros(gates.x.size, np.int64), np.zeros(gates.x.size, np.int64)
    for gate, ends in enumerate(zip(*gates, strict=True)):
        first_x, first_y, last_x, last_y = (int(end) for end in ends)
        was = _left(first_x, first_y, last_x, last_y, x, y)
        now = _left(first_x, first_y, last_x, last_y, to_x, to_y)
        between = _left(x, y, to_x, to_y, first_x, first_y) != _left(x, y, to_x, to_y, last_x, last_y)
        there[gate] = np.count_nonzero(was & ~now & between)
        back[gate] = np.count_nonzero(~was & now & between)
    return there, back


def _left(
    x: Int64s | int, y: Int64s | int, to_x: Int64s | int, to_y: Int64s | int, at_x: Int64s | int, at_y: Int64s | int
) -> Bools:
    """Whether points lie to the left of lines or on them."""
    left: Bools = np.asarray((to_x - x) * (at_y - y) - (to_y - y) * (at_x - x)) >= 0
    return left
