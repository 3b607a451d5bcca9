"""A builder of low-poly meshes: flat polygons with colours, and the solids that houses and trees are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from app.viewport.instanced import VERTEX, Array

Floats = NDArray[np.float64]
Colour = str | Sequence[float] | Floats
Shade = tuple[float, float, float, float]
"""Height below, height above, and the brightness there: light that grows from the ground upwards."""

_GOLDEN = (1 + 5**0.5) / 2
_ICOSAHEDRON = np.array(
    [
        (-1, _GOLDEN, 0), (1, _GOLDEN, 0), (-1, -_GOLDEN, 0), (1, -_GOLDEN, 0), (0, -1, _GOLDEN), (0, 1, _GOLDEN),
        (0, -1, -_GOLDEN), (0, 1, -_GOLDEN), (_GOLDEN, 0, -1), (_GOLDEN, 0, 1), (-_GOLDEN, 0, -1), (-_GOLDEN, 0, 1),
    ]
) / np.hypot(1, _GOLDEN)  # fmt: skip
_TRIANGLES = (
    (0, 11, 5), (0, 5, 1), (0, 1, 7), (0, 7, 10), (0, 10, 11), (1, 5, 9), (5, 11, 4), (11, 10, 2), (10, 7, 6),
    (7, 1, 8), (3, 9, 4), (3, 4, 2), (3, 2, 6), (3, 6, 8), (3, 8, 9), (4, 9, 5), (2, 4, 11), (6, 2, 10), (8, 6, 7),
    (9, 8, 1),
)  # fmt: skip
_OCTAHEDRON = np.array([(1, 0, 0), (0, 1, 0), (-1, 0, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1)], float)
_EIGHT = ((0, 1, 4), (1, 2, 4), (2, 3, 4), (3, 0, 4), (1, 0, 5), (2, 1, 5), (3, 2, 5), (0, 3, 5))


def linear(colour: Colour) -> Floats:
    """Return "#rrggbb" as linear light, float64[3] (gamma 2, as the shaders have it); numbers stay as they are."""
    if isinstance(colour, str):
        return np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]) ** 2
    return np.asarray(colour, float)


class Mesh:
    """Polygons of a mesh in the making; each method adds some and returns the mesh. z grows upwards."""

    def __init__(self) -> None:
        self._parts: list[Array] = []

    def polygon(
        self,
        points: Any,
        colour: Colour,
        *,
        tint: float = 0.0,
        glow: float = 0.0,
        part: float = 0.0,
        out: Any = None,
        shade: Shade | None = None,
        both: bool = False,
    ) -> Self:
        """Add a flat convex polygon.

        tint: weight of the instance's colour; glow: number of a lit window, 0 for none; part: how it moves; out: a
        direction that its front faces, else the points run counter-clockwise; shade: by height; both: seen from behind
        as well.
        """
        corners = np.asarray(points, float)
        normal = np.cross(corners[1] - corners[0], corners[2] - corners[0])
        normal /= np.linalg.norm(normal) + 1e-9
        if out is not None and normal @ np.asarray(out, float) < 0:  # so that culling works
            normal, corners = -normal, corners[::-1]
        fan = np.concatenate([corners[[0, at, at + 1]] for at in range(1, len(corners) - 1)])
        rows = np.zeros(len(fan), VERTEX)
        rows["a_vert"][:, :3], rows["a_vert"][:, 3] = fan, part
        rows["a_norm"][:, :3], rows["a_norm"][:, 3] = normal, glow
        bright = 1.0 if shade is None else np.interp(fan[:, 2], shade[:2], shade[2:])[:, None]
        rows["a_col"][:, :3], rows["a_col"][:, 3] = linear(colour) * bright, tint
        self._parts.append(rows)
        if both:
            self.polygon(corners, linear(colour) * 0.6, tint=tint, glow=glow, part=part, out=-normal, shade=shade)
        return self

    def prism(
        self,
        sides: int,
        below: float,
        above: float,
        z0: float,
        z1: float,
        colour: Colour,
        *,
        at: tuple[float, float] = (0.0, 0.0),
        top: bool = True,
        turn: float = 0.0,
        **look: Any,
    ) -> Self:
        """Add a prism, or a cone or its stump, with radii `below` and `above`."""
        angles = np.linspace(0, 2 * np.pi, sides, endpoint=False) + turn
        circle = np.c_[np.cos(angles), np.sin(angles)]
        low = np.c_[circle * below + at, np.full(sides, z0)]
        high = np.c_[circle * above + at, np.full(sides, z1)]
        for i in range(sides):
            j = (i + 1) % sides
            face = [low[i], low[j], high[j], high[i]] if above > 1e-6 else [low[i], low[j], high[i]]
            self.polygon(face, colour, out=((low[i] + low[j]) / 2 - [*at, z0 - 9e-3]), **look)
        if top and above > 1e-6:
            self.polygon(high, colour, out=(0, 0, 1), **look)
        return self

    def box(
        self, x: tuple[float, float], y: tuple[float, float], z: tuple[float, float], colour: Colour, **look: Any
    ) -> Self:
        """Add a box without its underside."""
        for corners, out in (
            ((0, 2, 6, 4), (-1, 0, 0)), ((1, 3, 7, 5), (1, 0, 0)), ((0, 1, 5, 4), (0, -1, 0)),
            ((2, 3, 7, 6), (0, 1, 0)), ((4, 5, 7, 6), (0, 0, 1)),
        ):  # fmt: skip
            self.polygon([(x[k & 1], y[k >> 1 & 1], z[k >> 2]) for k in corners], colour, out=out, **look)
        return self

    def post(self, x: float, y: float, z0: float, z1: float, colour: Colour, thick: float = 0.06, **look: Any) -> Self:
        """Add a square post."""
        half = thick / 2
        return self.box((x - half, x + half), (y - half, y + half), (z0, z1), colour, **look)

    def gable(
        self,
        x: float,
        y: float,
        z0: float,
        z1: float,
        over: float,
        wall: Colour,
        roof: Colour = "#ffffff",
        tint: float = 1.0,
        at: tuple[float, float] = (0.0, 0.0),
    ) -> Self:
        """Add a saddle roof with its two gables; its ridge runs along x, `over` is how far it hangs over the walls."""
        cx, cy = at
        eave = z0 - over * (z1 - z0) / y
        for side in (-1, 1):
            end, hang = cx + side * x, side * (y + over)
            self.polygon([(end, cy - y, z0), (end, cy + y, z0), (end, cy, z1)], wall, out=(side, 0, 0))
            for drop, bright in ((0.0, 1.0), (-0.09, 0.55)):
                plane = [(-x - over, hang, eave), (x + over, hang, eave), (x + over, 0, z1), (-x - over, 0, z1)]
                self.polygon(
                    np.add(plane, (cx, cy, drop)), linear(roof) * bright, tint=tint,
                    out=(0, 0, -1 if drop else 1), shade=(z0, z1, 0.86, 1.06),
                )  # fmt: skip
            edge = cx + side * (x + over)
            for flank in (-1, 1):
                foot = cy + flank * (y + over)
                self.polygon(
                    [(edge, foot, eave - 0.09), (edge, foot, eave), (edge, cy, z1), (edge, cy, z1 - 0.09)],
                    "#6e4a33", out=(side, 0, 0),
                )  # fmt: skip
                west, east = cx - x - over, cx + x + over
                self.polygon(
                    [(west, foot, eave - 0.09), (east, foot, eave - 0.09), (east, foot, eave), (west, foot, eave)],
                    "#6e4a33", out=(0, flank, 0),
                )  # fmt: skip
        return self

    def window(self, x: float, y: float, z: float, size: tuple[float, float], facing: str, number: float) -> Self:
        """Add a framed window on a wall that faces "+x", "-x", "+y" or "-y"; `number` picks whether it is lit."""
        sign = 1 if facing[0] == "+" else -1
        along_x = facing[1] == "y"
        for glow, colour, share in ((0.0, "#6e4a33", 1.0), (number, "#41525f", 0.72)):
            depth = 0.012 * sign * (1 + (glow > 0))
            corners = [
                (x + a * size[0] * share, y + depth, z + b * size[1] * share) if along_x
                else (x + depth, y + a * size[0] * share, z + b * size[1] * share)
                for a, b in ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5))
            ]  # fmt: skip
            self.polygon(corners, colour, glow=glow, out=(0, sign, 0) if along_x else (sign, 0, 0))
        return self

    def blob(
        self,
        centre: tuple[float, float, float],
        wide: float,
        high: float,
        colour: Colour,
        *,
        lowest: float = -9.0,
        smooth: bool = False,
        jitter: float = 0.0,
        rough: bool = False,
        **look: Any,
    ) -> Self:
        """Add a round lump of 20 faces (8 when `rough`); faces below `lowest` (-1..1) are left out."""
        corners, faces = (_OCTAHEDRON, _EIGHT) if rough else (_ICOSAHEDRON, _TRIANGLES)
        points = corners * (1 + jitter * np.sin(np.arange(len(corners)) * 2.4))[:, None]
        for face in faces:
            chosen = points[list(face)]
            if chosen[:, 2].max() <= lowest:
                continue
            self.polygon(chosen * (wide, wide, high) + centre, colour, out=chosen.sum(0), **look)
            if smooth:
                rows = self._parts[-1]
                rows["a_norm"][:, :3] = _directions((rows["a_vert"][:, :3] - centre) / (wide, wide, high))
        return self

    def add(
        self, other: Mesh | Array, at: tuple[float, float, float] = (0, 0, 0), heading: float = 0.0, scale: float = 1.0
    ) -> Self:
        """Add another mesh, turned, scaled and moved."""
        rows = (other.done() if isinstance(other, Mesh) else other).copy()
        cos, sin = np.cos(heading), np.sin(heading)
        turn = np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]])
        rows["a_vert"][:, :3] = rows["a_vert"][:, :3] @ turn * scale + at
        rows["a_norm"][:, :3] = rows["a_norm"][:, :3] @ turn
        self._parts.append(rows)
        return self

    def done(self) -> Array:
        """Return VERTEX[n], three for each triangle."""
        return np.concatenate(self._parts)


def _directions(vectors: Floats) -> Floats:
    lengths: Floats = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / lengths
