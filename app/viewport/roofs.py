"""Which buildings are open to be looked into: those that hide who is looked for, inside or behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.viewport.faces import TWO, Faces, Laid
from app.viewport.floorplan import FloorPlan
from app.viewport.ground import Bools, Floats, Ints
from app.viewport.instanced import VERTEX, Array, Instanced
from app.viewport.low_walls import BOARDS, open_rooms
from app.viewport.picking import HEIGHT

MOST_OPEN = 48
"""Buildings that are open at once, at most."""
ROOM = 24_000
"""Vertices that open buildings may have, all together."""
STEP = 0.35
"""World units between the points of the line of sight at which is asked whether a building stands there."""
MOST_STEPS = 240
FACE = 0.8 * HEIGHT
NARROW = 0.15
"""How far to both sides of somebody nothing may hide them, in world units."""


@dataclass(eq=False)
class Shell:
    """A mesh of closed buildings, on screen, and as it was laid."""

    visual: Instanced
    laid: Laid


class Roofs:
    """Roofs of a town, which come off; a land without a `plan` has none.

    shells: what is drawn of closed buildings; inside: draws the open ones; walls float64[b,3]: the walls' colours; top
    float64[b]: how high buildings are; rooms int64[cells]: in which building each cell lies all of it.
    """

    def __init__(
        self,
        plan: FloorPlan | None = None,
        shells: tuple[Shell, ...] = (),
        inside: Instanced | None = None,
        walls: Any = None,
        top: Any = None,
        rooms: Ints | None = None,
    ) -> None:
        self.plan, self.shells, self.inside, self.walls, self.top, self.rooms = plan, shells, inside, walls, top, rooms
        self.opened: frozenset[int] = frozenset()

    def hides(self, points: Floats) -> Bools:
        """Return who stands under a closed roof, of points float32[n,3]."""
        if self.plan is None or not len(points):
            return np.zeros(len(points), np.bool_)
        return self._closed(self.plan)[self.plan.at(points[:, :2])]

    def covers(self, cells: Ints) -> Bools:
        """Return which cells int64[n] lie all of them under a closed roof: quicker than `hides`, and never too many."""
        if self.plan is None or self.rooms is None:
            return np.zeros(len(cells), np.bool_)
        return self._closed(self.plan)[self.rooms[cells]]

    def _closed(self, plan: FloorPlan) -> Bools:
        """Return which buildings are closed; the last is the open air, which is not."""
        closed: Bools = np.append(plan.storeys > 0, False)
        closed[list(self.opened)] = False
        return closed

    def look(self, eye: tuple[float, float, float], feet: Floats) -> bool:
        """Open what hides these people, float32[n,3], from an eye; close all else. Return whether anything changed.

        Of the first of them nothing on the line of sight stays closed, of the others the roof over their heads.
        """
        if self.plan is None:
            return False
        wanted: list[Ints] = []
        if len(feet):
            wanted += [self._in_sight(np.array(eye), feet[0].astype(np.float64)), self.plan.at(feet[:, :2])]
        found = np.concatenate([np.zeros(0, np.int64), *wanted])
        found = found[found >= 0]
        opened = frozenset(found[self.plan.storeys[found] > 0][:MOST_OPEN].tolist())
        if opened == self.opened:
            return False
        self._open(opened)
        return True

    def _in_sight(self, eye: NDArray[np.float64], feet: NDArray[np.float64]) -> Ints:
        """Return the buildings between an eye and somebody, the nearest to them first."""
        assert self.plan is not None and self.top is not None
        face = feet + np.array([0.0, 0.0, FACE])
        way = eye - face
        over = float(self.top.max(initial=0.0)) - FACE
        if over <= 0:
            return np.zeros(0, np.int64)  # nothing here is taller than they are
        share = 1.0 if way[2] <= 0 else min(1.0, over / way[2])
        flat = float(np.hypot(way[0], way[1]))
        steps = min(int(flat * share / STEP) + 1, MOST_STEPS)
        at = np.linspace(0.0, share, steps + 1)[:, None]
        aside = np.array([way[1], -way[0]]) / max(flat, 1e-9) * NARROW
        found = []
        for side in (0.0, -1.0, 1.0):
            line = face + at * way
            building = self.plan.at(line[:, :2] + side * aside)
            found.append(building[(building >= 0) & (self.top[building] > line[:, 2])])
        return np.concatenate(found)

    def _open(self, opened: frozenset[int]) -> None:
        for shell in self.shells:
            for building in self.opened ^ opened:
                first, count = int(shell.laid.first[building]), int(shell.laid.count[building])
                rows = shell.laid.vertices[first : first + count]
                shell.visual.reshape(np.zeros(count, VERTEX) if building in opened else rows, first)
        self.opened = opened
        if self.inside is not None and self.plan is not None:
            faces = Faces()
            if opened:
                open_rooms(faces, self.plan, np.array(sorted(opened)), BOARDS, self.walls)
            show(self.inside, faces.vertices())


def show(visual: Instanced, faces: Array) -> None:
    """Draw faces, VERTEX[n,4], as many as there is room for, with a visual that was made with `room`."""
    faces = faces[: ROOM // 4]
    if len(faces):
        visual.reshape(faces.ravel(), 0)
    visual.choose((4 * np.arange(len(faces))[:, None] + TWO).astype(np.uint32).ravel())
