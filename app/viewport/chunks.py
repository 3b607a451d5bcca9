"""What the camera sees of things that stand still: instances sorted by square pieces of land.

A GPU draws all the land at once without trouble; a CPU that draws in its place must be spared what is out of sight, and
trees in the distance may be simple.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.viewport.instanced import Array, Instanced

SIDE = 14.0
"""The side of a piece of land, in world units."""
OVER = 1.5
SPARE = 9.0
"""Pieces so far out of sight are drawn already, so that not each turn of the camera sorts anew."""

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]


@dataclass(eq=False)
class Part:
    """Triangles of a baked mesh: indices sorted by piece, where each piece begins, from and up to what distance."""

    indices: NDArray[np.uint32]
    first: NDArray[np.int64]
    beyond: float
    upto: float = np.inf


@dataclass(eq=False)
class Layer:
    """Instances of one mesh, sorted by piece; see `Chunks.add`."""

    instances: Array
    first: NDArray[np.int64]
    near: Any
    far: Any
    reach: float


class Chunks:
    """The pieces of a land of an extent, and the layers of things on it; `over` is how far things reach over pieces."""

    def __init__(self, half: tuple[float, float], over: float = OVER) -> None:
        self.reach = SIDE * 0.71 + over
        self.origin = np.array([-half[0], -half[1]])
        self.shape = np.maximum(np.ceil(2 * np.array(half) / SIDE), 1).astype(np.int64)
        across, up = np.meshgrid(np.arange(self.shape[0]), np.arange(self.shape[1]), indexing="ij")
        middle = np.stack([across.ravel(), up.ravel()], 1) * SIDE + SIDE / 2 + self.origin
        self.corners = np.column_stack([middle, np.full(len(middle), 1.0), np.ones(len(middle))])
        self.layers: list[Layer] = []
        self.baked: list[tuple[Instanced, Sequence[Part]]] = []
        self.choices = 0
        """How often was chosen anew what is drawn."""
        self._shown: Bools = np.zeros(len(middle), np.bool_)
        self._depth: NDArray[Any] = np.full(len(middle), np.inf)

    def pieces(self, xy: NDArray[Any]) -> NDArray[np.int64]:
        """Return in which piece points float[n,2] lie."""
        at = np.clip(((xy - self.origin) // SIDE).astype(np.int64), 0, self.shape - 1)
        found: NDArray[np.int64] = at[:, 0] * self.shape[1] + at[:, 1]
        return found

    def shows(self, xy: NDArray[Any]) -> Bools:
        """Return which points float[n,2] lie on pieces that are drawn now."""
        shown: Bools = self._shown[self.pieces(xy)]
        return shown

    def sort(self, instances: Array) -> Array:
        """Return instances in the order of their pieces."""
        return instances[np.argsort(self.pieces(instances["i_place"][:, :2]), kind="stable")]

    def add(self, instances: Array, near: Instanced, far: Instanced | None = None, reach: float = np.inf) -> None:
        """Have a sorted layer drawn from now on, whose visuals have room for all of it.

        near: draws its pieces up to a distance of `reach`; `far`, where there is one, those beyond.
        """
        piece = self.pieces(instances["i_place"][:, :2])
        first = np.searchsorted(piece, np.arange(len(self.corners) + 1))
        self.layers.append(Layer(instances, first, near, far, reach))
        self._shown[:] = False

    def bake(self, visual: Instanced, parts: Sequence[Part]) -> None:
        """Have parts of a baked mesh drawn from now on, which has room for all their indices."""
        self.baked.append((visual, parts))
        self._shown[:] = False

    def look(self, mvp: Floats) -> bool:
        """Choose what is drawn for a camera, clip = [x, y, z, 1] @ mvp; return whether the choice is another one."""
        clip = self.corners @ mvp
        depth = clip[:, 3]
        planes = np.stack(
            [clip[:, 3] - clip[:, 0], clip[:, 3] + clip[:, 0], clip[:, 3] - clip[:, 1], clip[:, 3] + clip[:, 1]]
        )
        norms = np.linalg.norm(
            np.stack([mvp[:3, 3] + sign * mvp[:3, axis] for axis in (0, 1) for sign in (-1, 1)]), axis=1
        )
        inside = (planes / norms[:, None]).min(0)
        needed = (inside > -self.reach) & (depth > -self.reach)
        wasteful = self._shown.sum() > needed.sum() * 2 + 24
        closer = (self._depth - depth)[needed].max(initial=0.0) > SPARE
        if not wasteful and not closer and not (needed & ~self._shown).any():
            return False
        self.choices += 1
        self._shown = (inside > -self.reach - SPARE) & (depth > -self.reach - SPARE)
        self._depth = depth
        order = np.argsort(depth)  # the near first: what they hide costs no pixels
        order = order[self._shown[order]]
        for layer in self.layers:
            edge = int(np.searchsorted(depth[order], layer.reach))
            self._send(layer, layer.near, order[:edge])
            if layer.far is not None:
                self._send(layer, layer.far, order[edge:])
        for visual, parts in self.baked:
            chosen = [
                part.indices[part.first[piece] : part.first[piece + 1]]
                for part in parts
                for piece in order[slice(*np.searchsorted(depth[order], (part.beyond, part.upto)))]
            ]
            visual.choose(np.concatenate(chosen) if chosen else np.zeros(0, np.uint32))
        return True

    @staticmethod
    def _send(layer: Layer, target: Instanced, pieces: NDArray[np.int64]) -> None:
        first, last = layer.first[pieces], layer.first[pieces + 1]
        count = int((last - first).sum())
        target.count = count
        if count:
            sizes = last - first
            index = np.repeat(first - np.concatenate(([0], np.cumsum(sizes)[:-1])), sizes) + np.arange(count)
            target.instances[:count] = layer.instances[index]
            target.upload(0, count)
