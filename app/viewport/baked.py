"""Things that stand still, baked into one mesh in world coordinates: for GL in software.

Each instance of a small mesh costs a software GL about as much as fifty triangles, so for the light tier land, stones,
crops and far trees become plain triangles. Which are drawn is told by an index, made anew when the camera has moved on.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from app.viewport.chunks import Chunks, Part
from app.viewport.instanced import VERTEX, Array


@dataclass
class Bakery:
    """Collects meshes times instances."""

    chunks: Chunks
    parts: list[Part] = field(default_factory=list)
    _vertices: list[Array] = field(default_factory=list)
    _count: int = 0

    def add(
        self, mesh: Array, instances: Array, beyond: float = -np.inf, upto: float = np.inf, slope: float = 0.0
    ) -> None:
        """Add a mesh for each instance; it is seen from a distance of `beyond` on, and up to one of `upto`.

        Walls (alpha 1 and feet at z -1) are drawn out to their depth; `slope` darkens a mesh towards the south.
        """
        if not len(instances):
            return
        instances = self.chunks.sort(instances)
        unique, index = np.unique(mesh, return_inverse=True)
        size, count = len(unique), len(instances)
        cos, sin = np.cos(instances["i_place"][:, 3])[:, None], np.sin(instances["i_place"][:, 3])[:, None]
        scale = instances["i_anim"][:, :1]
        x, y, z = (unique["a_vert"][None, :, axis] for axis in range(3))
        tall = np.where(z[0].min() == -1.0, instances["i_anim"][:, 2:3], 1.0)
        rows = np.zeros((count, size), VERTEX)
        place = instances["i_place"]
        rows["a_vert"][..., 0] = (cos * x - sin * y) * scale + place[:, :1]
        rows["a_vert"][..., 1] = (sin * x + cos * y) * scale + place[:, 1:2]
        rows["a_vert"][..., 2] = z * tall * scale + place[:, 2:3]
        rows["a_vert"][..., 3] = instances["i_color"][:, 3:]
        nx, ny = unique["a_norm"][None, :, 0], unique["a_norm"][None, :, 1]
        rows["a_norm"][..., 0], rows["a_norm"][..., 1] = cos * nx - sin * ny, sin * nx + cos * ny
        rows["a_norm"][..., 2] = unique["a_norm"][None, :, 2]
        weight = unique["a_col"][None, :, 3:]
        tint = 1 - weight + weight * instances["i_color"][:, None, :3]
        rows["a_col"][..., :3] = unique["a_col"][None, :, :3] * tint * (1 + slope * y[..., None])
        start = self._count + size * np.arange(count)[:, None]
        indices = (start + index.ravel()[None]).astype(np.uint32)
        piece = self.chunks.pieces(place[:, :2])
        first = np.searchsorted(piece, np.arange(len(self.chunks.corners) + 1)) * len(mesh)
        self.parts.append(Part(indices.ravel(), first, beyond, upto))
        self._vertices.append(rows.ravel())
        self._count += rows.size

    def done(self) -> Array:
        """Return all vertices, VERTEX[n]."""
        return np.concatenate(self._vertices)

    @property
    def size(self) -> int:
        """How many indices all of it takes."""
        return sum(len(part.indices) for part in self.parts)


def plain_tile(mesh: Array) -> Array:
    """Return a cell's top or wall as the look "baked" has it: normals for light, and taking the instance's colour."""
    made = mesh.copy()
    top = made["a_col"][:, 3] < 0.5
    made["a_norm"][top] = (0, 0, 1, 0)
    made["a_vert"][:, 3] = 0
    made["a_col"][:, 3] = 1
    return made
