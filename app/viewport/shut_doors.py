"""Doors that are shut: a striped barrier across each, seen from outside, from above and in rooms that are open."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.viewport.faces import TWO, Faces, level, upright
from app.viewport.floorplan import spread
from app.viewport.ground import Bools, Ints
from app.viewport.instanced import VERTEX, Array, Instanced
from app.viewport.low_walls import CUT, THICK
from app.viewport.mesh import linear
from app.viewport.plane_ground import METRES

Doubles = NDArray[np.float64]

RED, WHITE = "#c8372d", "#f2ece2"
STRIPE = 0.35 / METRES
"""How wide stripes are, about: a barrier has a whole number of them, red at both ends."""
HIGH, DEEP = 1.25 * CUT, 1.6 * THICK
"""How high barriers are, and how thick: they stand out of the wall on both sides."""
GLOW = 0.5
"""How well they are seen at night, as lamps light things."""
VERTICES = 4 * 5
"""The vertices of a stripe: faces before, behind, above, and at both ends."""
MOST = 80_000
"""Vertices of all barriers together, at most: those of a thousand doors; more that are shut are not drawn."""


class ShutDoors:
    """The barriers of a town; `doors` float64[d,2,2] are both ends of every door."""

    def __init__(self, doors: Doubles) -> None:
        self._doors, self._stripes = doors, _stripes(doors)
        self._drawn: Bools = np.zeros(len(doors), np.bool_)
        self._visual: Instanced | None = None

    def room(self) -> Array:
        """Return vertices for as many barriers as are drawn at most, none of them laid yet."""
        return np.zeros(min(VERTICES * int(self._stripes.sum()), MOST), VERTEX)

    def draw_with(self, visual: Instanced) -> None:
        """Draw with a visual that was made of `room`, from now on."""
        self._visual = visual
        visual.choose(np.zeros(0, np.uint32))

    def take(self, shut: Bools) -> None:
        """Draw the barriers of these doors, bool[d], and no others; cheap when they are the same as before."""
        if self._visual is None or len(shut) != len(self._drawn) or np.array_equal(shut, self._drawn):
            return
        self._drawn = shut.copy()
        doors = np.flatnonzero(shut)
        doors = doors[VERTICES * np.cumsum(self._stripes[doors]) <= MOST]
        rows = _barriers(self._doors[doors], self._stripes[doors]).vertices()
        self._visual.reshape(rows.ravel(), 0)
        self._visual.choose((4 * np.arange(len(rows))[:, None] + TWO).astype(np.uint32).ravel())


def _stripes(doors: Doubles) -> Ints:
    """Return how many stripes the barriers of doors float64[n,2,2] have: odd numbers, three at least."""
    wide = np.hypot(*(doors[:, 1] - doors[:, 0]).T)
    count: Ints = 2 * np.maximum(np.rint(0.5 * (wide / STRIPE - 1)), 1).astype(np.int64) + 1
    return count


def _barriers(doors: Doubles, stripes: Ints) -> Faces:
    """Return the faces of the barriers across doors float64[n,2,2]."""
    faces = Faces()
    door, number = spread(np.zeros(len(doors), np.int64), stripes)
    way = doors[:, 1] - doors[:, 0]
    aside = np.stack([way[:, 1], -way[:, 0]], 1) / np.maximum(np.hypot(*way.T), 1e-9)[:, None] * DEEP / 2
    aside = aside[door]
    start, end = (doors[door, 0] + way[door] * ((number + k) / stripes[door])[:, None] for k in (0, 1))
    colour = np.where((number % 2 == 0)[:, None], linear(RED), linear(WHITE))
    ring = (start + aside, end + aside, end - aside, start - aside)
    for at in range(4):
        faces.add(door, upright(ring[at], ring[(at + 1) % 4], 0.0, HIGH), colour, shade=(0.85, 1.0), lamp=GLOW)
    faces.add(door, level(np.stack(ring, 1), HIGH), colour, lamp=GLOW)
    return faces
