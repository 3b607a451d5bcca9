"""Flat faces in world coordinates, thousands at once: quads, of which a triangle is one with a corner twice.

They become vertices of four a face, and triangles that are chosen by what the camera sees (`chunks`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.viewport.chunks import Chunks, Part
from app.viewport.ground import Ints
from app.viewport.instanced import VERTEX, Array

Doubles = NDArray[np.float64]

TWO = np.array([0, 1, 2, 0, 2, 3])
"""The corners of a quad's two triangles."""


@dataclass
class Laid:
    """Faces as a mesh: VERTEX[n], the triangles by piece of land, and from which vertex on each owner's begin."""

    vertices: Array
    part: Part
    first: Ints
    count: Ints


@dataclass
class Faces:
    """Collects faces and whose each is."""

    rows: list[Array] = field(default_factory=list)
    owners: list[Ints] = field(default_factory=list)

    def add(
        self,
        owner: Ints,
        corners: Doubles,
        colour: Doubles,
        *,
        normal: Doubles | None = None,
        shade: tuple[float, float] = (1.0, 1.0),
        across: Any = 0.0,
        seed: Any = 0.0,
        weight: float = 0.0,
        lamp: float = 0.0,
    ) -> None:
        """Add quads float64[n,4,3] that run counter-clockwise seen from outside, in linear colours float64[n,3].

        shade: brightness of the first two corners and of the others; across [n,4], seed [n], weight and lamp are what
        the look makes of them: see `town_looks.FACADE` (across, seed, weight) and the look "baked" (lamp, seed its
        glow).
        """
        if not len(corners):
            return
        made = np.zeros((len(corners), 4), VERTEX)
        made["a_vert"][..., :3] = corners
        made["a_vert"][..., 3] = across if lamp == 0 else lamp
        made["a_norm"][..., :3] = (_normals(corners) if normal is None else normal)[:, None]
        made["a_norm"][..., 3] = np.broadcast_to(np.asarray(seed), len(corners))[:, None]
        bright = np.array([shade[0], shade[0], shade[1], shade[1]])
        made["a_col"][..., :3] = colour[:, None] * bright[None, :, None]
        made["a_col"][..., 3] = weight
        self.rows.append(made)
        self.owners.append(np.asarray(owner, np.int64))

    def vertices(self) -> Array:
        """Return VERTEX[n,4] in the order in which faces were added."""
        return np.concatenate([np.zeros((0, 4), VERTEX), *self.rows])

    def lay(self, chunks: Chunks, middle: Doubles, beyond: float = -np.inf, upto: float = np.inf) -> Laid:
        """Return all faces as a mesh; `middle` float64[owners,2] tells on which piece of land each owner's are.

        They are seen at distances of `beyond` and more, and of less than `upto`.
        """
        rows = self.vertices()
        owner = np.concatenate([np.zeros(0, np.int64), *self.owners])
        piece = chunks.pieces(middle) if len(middle) else np.zeros(0, np.int64)
        order = np.lexsort((owner, piece[owner]))
        rows, owner = rows[order], owner[order]
        indices = (4 * np.arange(len(rows))[:, None] + TWO).astype(np.uint32).ravel()
        first = np.searchsorted(piece[owner], np.arange(len(chunks.corners) + 1)) * len(TWO)
        count = 4 * np.bincount(owner, minlength=len(middle))
        begin = np.zeros(len(middle), np.int64)
        begin[owner[::-1]] = 4 * np.arange(len(owner))[::-1]
        return Laid(rows.ravel(), Part(indices, first, beyond, upto), begin, count)


def upright(low: Doubles, high: Doubles, z0: Any, z1: Any) -> Doubles:
    """Return walls float64[n,4,3] from points float64[n,2] to others, seen from their right, from z0 up to z1."""
    corners = np.empty((len(low), 4, 3))
    corners[:, (0, 3), :2], corners[:, (1, 2), :2] = low[:, None], high[:, None]
    corners[:, :2, 2], corners[:, 2:, 2] = (np.broadcast_to(np.asarray(z), len(low))[:, None] for z in (z0, z1))
    return corners


def level(corners: Doubles, z: Any) -> Doubles:
    """Return level quads float64[n,4,3] from corners float64[n,4,2]."""
    made = np.empty((len(corners), 4, 3))
    made[..., :2] = corners
    made[..., 2] = np.broadcast_to(np.asarray(z), len(corners))[:, None]
    return made


def _normals(corners: Doubles) -> Doubles:
    """Return where quads look, also those with a corner twice."""
    normal = np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
    made: Doubles = normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
    return made
