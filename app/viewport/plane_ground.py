"""The plane as ground: square cells, flat, true to scale.

People are drawn as tall in world units on any land (`picking.HEIGHT`); here that is as tall as people are, so that a
world unit is 2.2 m, and houses, streets and trees have their own size beside them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.viewport.ground import Bools, Floats, Ints, cells_of_kind
from app.viewport.picking import HEIGHT
from engine.remote.wire import About, Columns

METRES = 1.75 / HEIGHT
"""A world unit in metres."""
GRAIN = 4096
"""Steps to a metre in which a frame tells where people are."""


class PlaneGround:
    """Where the cells are; see `ground.Ground`. pitch: the side of a cell in world units."""

    def __init__(self, about: About, land: Columns) -> None:
        self.width, self.height, self.torus = about.width, about.height, about.edges == "torus"
        self.unit = METRES
        self.pitch = about.pitch / METRES
        self.kinds = about.kinds
        self.kind: NDArray[np.uint8] = np.asarray(land["kind"])
        self.bridge: Bools = np.asarray(land["bridge"])
        self.size = (self.width * self.pitch, self.height * self.pitch)
        row, column = np.divmod(np.arange(self.width * self.height), self.width)
        middle = np.stack([column + 0.5, row + 0.5], 1) * self.pitch - np.array(self.size) / 2
        self.xyz: Floats = np.column_stack([middle, np.zeros(len(middle))]).astype(np.float32)
        self.water = self.is_kind("water")
        self.path = self.is_kind("path")

    def is_kind(self, name: str) -> Bools:
        """Return which cells are of a kind, bool[cells]; nowhere if the land knows no such kind."""
        return cells_of_kind(self.kind, self.kinds, name)

    def world(self, metres: NDArray[Any]) -> NDArray[np.float64]:
        """Return points of metres from the south-west corner, float[n,2], in world units."""
        points: NDArray[np.float64] = np.asarray(metres, np.float64) / METRES - np.array(self.size) / 2
        return points

    def cell_at(self, xy: NDArray[Any]) -> Ints:
        """Return the cells under points float[n,2]; beyond the edge the nearest (on a torus: what lies there)."""
        at = np.floor((np.asarray(xy, float) + np.array(self.size) / 2) / self.pitch).astype(np.int64)
        most = np.array([self.width, self.height])
        column, row = (at % most if self.torus else np.clip(at, 0, most - 1)).T
        found: Ints = row * self.width + column
        return found

    def height_at(self, xy: NDArray[Any]) -> Floats:
        """Return the height of the ground, which is flat, under points float[n,2]: zeros, float32[n]."""
        return np.zeros(len(xy), np.float32)
