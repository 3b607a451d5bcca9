"""What stands on the land and walks on it: people, trees, stones, crops. Buildings are in `buildings`.

A mesh stands on z = 0 in circumradii of a cell (5.8 m); people are drawn larger than life, so that they can be seen.
People look along +x. White with tint 1 takes the colour of the instance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from app.viewport.buildings import BUILDINGS
from app.viewport.instanced import VERTEX, Array
from app.viewport.mesh import Mesh, linear

WHITE = "#ffffff"
SKIN, HAIR, LEATHER = "#e3b48f", "#5a3e2e", "#4b3b33"


def person() -> Mesh:
    """Return a person: tunic in the instance's colour; skin and hair get a tone of their own from the phase."""
    mesh = Mesh()
    for side in (-1, 1):
        leg = (side * 0.06 - 0.035, side * 0.06 + 0.035)
        mesh.box((-0.045, 0.05), leg, (0, 0.2), LEATHER, part=side)
        mesh.box((-0.045, 0.075), leg, (0, 0.045), "#33271f", part=side)
        arm = (side * 0.145 - 0.03, side * 0.145 + 0.03)
        mesh.box((-0.035, 0.035), arm, (0.25, 0.41), linear("#e8e8e8"), tint=1.0, part=-side * 0.8)
        mesh.box((-0.03, 0.03), (arm[0] + 0.005, arm[1] - 0.005), (0.205, 0.25), SKIN, tint=-0.5, part=-side * 0.8)
        corners = ((-0.012, -0.018), (0.012, -0.018), (0.012, 0.018), (-0.012, 0.018))
        eye = [(0.104, side * 0.04 + y, 0.535 + z) for y, z in corners]
        mesh.polygon(eye, "#2a211c", out=(1, 0, 0))
    mesh.prism(7, 0.145, 0.095, 0.13, 0.43, WHITE, tint=1.0, shade=(0.13, 0.40, 0.72, 1.04), turn=0.3)
    mesh.prism(7, 0.134, 0.128, 0.225, 0.255, LEATHER, top=False, turn=0.3)
    mesh.blob((0.005, 0, 0.535), 0.115, 0.12, SKIN, smooth=True, tint=-0.5)
    return mesh.blob((-0.022, 0, 0.558), 0.121, 0.122, HAIR, lowest=0.3, smooth=True, tint=-1.0)


def far_person() -> Mesh:
    """Return a person to be seen from afar: a tunic with a head, a seventh of the triangles."""
    mesh = Mesh().prism(4, 0.15, 0.09, 0.0, 0.44, WHITE, tint=1.0, shade=(0, 0.40, 0.55, 1.04), turn=0.785, top=False)
    return mesh.prism(4, 0.12, 0.10, 0.44, 0.64, "#9a7458", turn=0.4, tint=0.0)


def pine() -> Mesh:
    """Return a fir of three skirts."""
    mesh = Mesh().prism(5, 0.08, 0.06, 0, 0.4, "#6b4a34")
    leaf: dict[str, Any] = {"tint": 1.0, "part": 1.0, "top": False}
    mesh.prism(7, 0.58, 0.12, 0.30, 1.02, WHITE, shade=(0.3, 1.1, 0.60, 1.0), **leaf)
    mesh.prism(7, 0.46, 0.08, 0.74, 1.42, WHITE, turn=0.5, shade=(0.74, 1.4, 0.66, 1.1), **leaf)
    return mesh.prism(6, 0.32, 0.0, 1.18, 1.86, WHITE, turn=0.2, shade=(1.18, 1.86, 0.74, 1.22), **leaf)


def oak() -> Mesh:
    """Return a broad tree of two crowns."""
    mesh = Mesh().prism(5, 0.11, 0.07, 0, 0.6, "#75523a")
    leaf: dict[str, Any] = {"tint": 1.0, "part": 1.0}
    mesh.blob((0, 0, 0.98), 0.62, 0.56, WHITE, jitter=0.10, lowest=-0.55, shade=(0.5, 1.5, 0.62, 1.18), **leaf)
    return mesh.blob(
        (0.26, 0.16, 1.28), 0.36, 0.32, WHITE, lowest=-0.3, jitter=0.1, shade=(0.9, 1.5, 0.8, 1.22), **leaf
    )


def birch() -> Mesh:
    """Return a slender white-stemmed tree."""
    mesh = Mesh().prism(5, 0.055, 0.04, 0, 0.7, "#e6dfd2")
    mesh.prism(5, 0.057, 0.055, 0.22, 0.27, "#5b554c", top=False).prism(
        5, 0.054, 0.053, 0.45, 0.48, "#5b554c", top=False
    )
    return mesh.blob((0, 0, 1.15), 0.36, 0.72, WHITE, jitter=0.08, tint=1.0, part=1.0, shade=(0.5, 1.8, 0.66, 1.2))


def bush() -> Mesh:
    """Return a bush."""
    leaf: dict[str, Any] = {"tint": 1.0, "part": 0.5, "lowest": -0.2}
    mesh = Mesh().blob((0, 0, 0.15), 0.30, 0.24, WHITE, jitter=0.14, shade=(0, 0.4, 0.6, 1.1), **leaf)
    return mesh.blob((0.2, -0.12, 0.10), 0.20, 0.17, WHITE, jitter=0.1, shade=(0, 0.3, 0.6, 1.15), **leaf)


def far_pine() -> Mesh:
    """Return a fir to be seen from afar."""
    return Mesh().prism(5, 0.50, 0.0, 0.18, 1.80, WHITE, tint=1.0, shade=(0.2, 1.8, 0.60, 1.12))


def far_oak() -> Mesh:
    """Return a broad tree to be seen from afar."""
    mesh = Mesh().prism(5, 0.40, 0.63, 0.48, 0.88, WHITE, tint=1.0, top=False, shade=(0.4, 1.6, 0.6, 1.2))
    mesh.prism(5, 0.63, 0.30, 0.88, 1.42, WHITE, tint=1.0, shade=(0.4, 1.6, 0.6, 1.2))
    return mesh.prism(3, 0.10, 0.08, 0, 0.5, "#75523a", top=False)


def far_birch() -> Mesh:
    """Return a slender tree to be seen from afar."""
    mesh = Mesh().blob((0, 0, 1.15), 0.38, 0.76, WHITE, rough=True, tint=1.0, shade=(0.5, 1.8, 0.62, 1.2))
    return mesh.prism(3, 0.055, 0.05, 0, 0.6, "#e6dfd2", top=False)


def speck() -> Mesh:
    """Return a tree as one of thousands in the distance."""
    return Mesh().prism(4, 0.52, 0.0, 0.35, 1.75, WHITE, tint=1.0, shade=(0.3, 1.6, 0.6, 1.15), turn=0.4)


def stone() -> Mesh:
    """Return a boulder."""
    return Mesh().blob((0, 0, 0.1), 0.3, 0.22, "#b3aca3", lowest=-0.3, jitter=0.2, tint=1.0, shade=(0, 0.3, 0.72, 1.05))


def crop() -> Mesh:
    """Return a cell's rows of crops; they run along x."""
    mesh = Mesh()
    for y in (-0.6, -0.3, 0.0, 0.3, 0.6):
        end = 0.80 - abs(y) * 0.52
        for side in (-1, 1):
            row = [(-end, y + side * 0.10, 0), (end, y + side * 0.10, 0), (end, y, 0.17), (-end, y, 0.17)]
            mesh.polygon(row, WHITE, tint=1.0, part=0.8, out=(0, side, 0.6), shade=(0, 0.17, 0.70, 1.08))
    return mesh


def tuft() -> Mesh:
    """Return a tuft of grass with flowers in the instance's colour."""
    mesh = Mesh()
    for angle, reach, high in (
        (0.3, 0.10, 0.13),
        (1.7, 0.12, 0.11),
        (2.9, 0.09, 0.15),
        (4.1, 0.12, 0.12),
        (5.3, 0.10, 0.10),
    ):
        along = np.array([np.cos(angle), np.sin(angle), 0.0])
        aside = np.array([-along[1], along[0], 0.0]) * 0.022
        tip = along * reach + (0, 0, high)
        mesh.polygon([along * 0.03 - aside, along * 0.03 + aside, tip], "#6d9440", part=1.0, out=(0, 0, 1), both=True)
        mesh.prism(
            4, 0.026, 0.0, high - 0.005, high + 0.03, WHITE, at=(float(tip[0]), float(tip[1])), tint=1.0, part=1.0
        )
    return mesh


def hexagon(simple: bool) -> Array:
    """Return a cell's top: a triangle for each edge, or when `simple` the fewest that will do, without a middle."""
    angles = np.deg2rad(60 * np.arange(6) + 30)
    corners = np.c_[np.cos(angles), np.sin(angles), np.zeros(6)]
    rows: list[tuple[tuple[float, ...], ...]] = []
    if simple:
        for j, k in ((1, 2), (2, 3), (3, 4), (4, 5)):
            rows += [((*corners[i], 1.0), (0, 0, 0, 0), (1, 1, 1, 0)) for i in (0, j, k)]
        return np.array(rows, VERTEX)
    for i in range(6):
        ends = corners[i], corners[(i + 1) % 6]
        out = (ends[0] + ends[1]) / np.linalg.norm(ends[0] + ends[1])
        for point, rim in ((np.zeros(3), 0.0), (ends[0], 1.0), (ends[1], 1.0)):
            rows.append(((*point, rim), (out[0], out[1], 0.0, float((i + 1) % 6)), (1, 1, 1, 0)))
    return np.array(rows, VERTEX)


def wall() -> Array:
    """Return a cell's eastern side, from z = 0 down to -1."""
    corners = [(0.8660254, -0.5, 0), (0.8660254, 0.5, 0), (0.8660254, 0.5, -1), (0.8660254, -0.5, -1)]
    rows = [
        ((*corners[k], 0), (1, 0, 0, 0), (*(np.ones(3) * (0.82 if corners[k][2] == 0 else 0.55)), 1))
        for k in (0, 2, 1, 0, 3, 2)
    ]
    return np.array(rows, VERTEX)


def ribbon(pieces: int = 12) -> Array:
    """Return the mesh of the look "line": how far along 0..1 and side -1 or 1, in so many pieces."""
    mesh = np.zeros(6 * pieces, VERTEX)
    first, last = np.arange(pieces) / pieces, (np.arange(pieces) + 1) / pieces
    mesh["a_vert"][:, 0] = np.stack([first, first, last, last, first, last], 1).ravel()
    mesh["a_vert"][:, 1] = np.tile([-1, 1, 1, 1, -1, -1], pieces)
    return mesh


MESHES: Mapping[str, Callable[[], Mesh]] = {
    "person": person, "far person": far_person, "pine": pine, "oak": oak, "birch": birch, "bush": bush,
    "far pine": far_pine, "far oak": far_oak, "far birch": far_birch, "speck": speck,
    "stone": stone, "crop": crop, "tuft": tuft,
    **BUILDINGS,
}  # fmt: skip
"""Every mesh's maker by name."""


def make(name: str) -> Array:
    """Return a mesh by its name in `MESHES`, VERTEX[n]."""
    return MESHES[name]().done()
