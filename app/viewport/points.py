"""Where people stand on the plane: at the point where a frame has them."""

from __future__ import annotations

import numpy as np

from app.viewport.ground import Bools, Floats, Ints
from app.viewport.plane_ground import GRAIN, METRES, PlaneGround
from engine.remote.wire import Columns

FASTEST = 3.0
"""Metres a second that somebody may have gone; who went further was put there."""
LEAST_LEAP = 12.0


class Points:
    """Everybody's point; see `motion.Standing`. `seconds` is how long a tick is."""

    pace, far_leap = 1 / METRES, 400.0

    def __init__(self, ground: PlaneGround, seconds: float) -> None:
        self.ground = ground
        self.leap = max(FASTEST * seconds, LEAST_LEAP)
        self._at = np.zeros((0, 2), np.int64)

    def grow(self, more: int) -> None:
        """Make room for more people."""
        self._at = np.pad(self._at, ((0, more), (0, 0)))

    def moved(self, columns: Columns, before: Ints, cell: Ints) -> Bools:
        """Return who is at another point than before, or has come or gone."""
        at = np.stack([columns["space.x"], columns["space.y"]], 1).astype(np.int64)
        moved: Bools = ((cell >= 0) != (before >= 0)) | ((cell >= 0) & (at != self._at).any(1))
        self._at = at
        return moved

    def stand(self, who: Ints, before: Ints, cell: Ints) -> Floats:
        """Return where those who moved and are on the plane stand now."""
        xyz = np.zeros((int((cell >= 0).sum()), 3), np.float32)
        xyz[:, :2] = self.ground.world(self._at[who[cell >= 0]] / GRAIN)
        return xyz
