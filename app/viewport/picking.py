"""Who is under the pointer, in depth order, from where people are drawn: GL is not asked."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Ints = NDArray[np.int64]

HEIGHT, HALF = 0.80, 0.19
"""How tall a person is drawn, and half as wide, in world units at size 1."""
FORGIVING = 7.0
"""Logical pixels beside a person that still count when nobody is right under the pointer."""
NOBODY = -1


def project(matrix: NDArray[np.float32], points: Floats, width: float, height: float) -> tuple[Doubles, Doubles]:
    """Return where world points float32[n,3] are on a surface of logical pixels: xy float64[n,2], and their depth.

    `matrix` takes rows: clip = [x y z 1] @ matrix. Depth is the distance along the view; xy of depth <= 0 mean nothing.
    """
    clip = points.astype(np.float64) @ matrix[:3].astype(np.float64) + matrix[3]
    depth = clip[:, 3]
    safe = np.where(depth > 1e-6, depth, 1.0)
    screen = np.empty((len(points), 2))
    screen[:, 0] = (clip[:, 0] / safe + 1) * 0.5 * width
    screen[:, 1] = (1 - clip[:, 1] / safe) * 0.5 * height
    return screen, depth


def pick(
    pointer: tuple[float, float],
    feet: Floats,
    sizes: Floats,
    matrix: NDArray[np.float32],
    surface: tuple[float, float],
    scale: float,
) -> int:
    """Return the index of who is under the pointer, or NOBODY.

    Of those right under it the nearest to the camera; where there are none, whoever is least beside it. feet
    float32[n,3], sizes float32[n] (0: not to be seen); scale is how many pixels a world unit is at depth 1.
    """
    screen, depth = project(matrix, feet, *surface)
    reach = np.maximum(scale * HEIGHT * 1.3 * sizes, 0) / np.maximum(depth, 1e-6) + FORGIVING + 6
    near = np.flatnonzero(
        (depth > 0)
        & (sizes > 0)
        & (np.abs(screen[:, 0] - pointer[0]) < reach)
        & (np.abs(screen[:, 1] - pointer[1]) < reach)
    )
    if not near.size:
        return NOBODY
    heads = feet[near].copy()
    heads[:, 2] += HEIGHT * sizes[near]
    top, _ = project(matrix, heads, *surface)
    beside = _distance(np.asarray(pointer), screen[near], top)
    half = np.maximum(scale * HALF * sizes[near] / depth[near], 3.0)
    under = beside <= half
    if under.any():
        return int(near[under][np.argmin(depth[near][under])])
    gap = beside - half
    best = int(np.argmin(gap))
    return int(near[best]) if gap[best] <= FORGIVING else NOBODY


def within(
    box: tuple[float, float, float, float],
    feet: Floats,
    sizes: Floats,
    matrix: NDArray[np.float32],
    surface: tuple[float, float],
) -> Ints:
    """Return who stands in a box (left, top, right, bottom) on the surface, by index; see `pick`."""
    middle = feet.copy()
    middle[:, 2] += 0.5 * HEIGHT
    screen, depth = project(matrix, middle, *surface)
    left, top, right, bottom = box
    inside = (screen[:, 0] >= left) & (screen[:, 0] <= right) & (screen[:, 1] >= top) & (screen[:, 1] <= bottom)
    found: Ints = np.flatnonzero(inside & (depth > 0) & (sizes > 0))
    return found


def _distance(point: Doubles, start: Doubles, end: Doubles) -> Doubles:
    """Return the distance of a point from each of n segments."""
    way = end - start
    share = np.sum((point - start) * way, 1) / np.maximum(np.sum(way * way, 1), 1e-9)
    closest = start + way * np.clip(share, 0, 1)[:, None]
    gap: Doubles = np.hypot(*(closest - point).T)
    return gap
