"""Polygons as triangles: ears are cut off one by one (Meisters 1975), which is quick for the few corners of houses."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]


def triangulate(corners: Doubles) -> list[tuple[int, int, int]]:
    """Return the triangles of a simple polygon float64[n,2], counter-clockwise, by the numbers of its corners."""
    left = list(range(len(corners)))
    points = corners.tolist()
    found: list[tuple[int, int, int]] = []
    while len(left) > 3:
        ear = next((at for at in range(len(left)) if _is_ear(points, left, at)), 0)
        found.append((left[ear - 1], left[ear], left[(ear + 1) % len(left)]))
        del left[ear]
    return [*found, (left[0], left[1], left[2])]


def _turn(a: list[float], b: list[float], c: list[float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _is_ear(points: list[list[float]], left: list[int], at: int) -> bool:
    """Whether a corner can be cut off: it bulges, and no other corner lies in its triangle."""
    ring = (left[at - 1], left[at], left[(at + 1) % len(left)])
    a, b, c = (points[number] for number in ring)
    if _turn(a, b, c) <= 0:
        return False
    for number in left:
        point = points[number]
        if number not in ring and _turn(a, b, point) >= 0 and _turn(b, c, point) >= 0 and _turn(c, a, point) >= 0:
            return False
    return True
