"""What is asked of the ground, whichever kind of land it is: hexes (`terrain`) or the plane (`plane_ground`)."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Ground(Protocol):
    """Where the cells are, in world units: the land's middle is the origin, x grows to the east, y to the north.

    xyz float32[cells,3]: the middle of each cell's top; size: the land's extent, x and y; unit: metres in a world unit;
    kind uint8[cells] indexes `kinds`; path, water, bridge bool[cells].
    """

    width: int
    height: int
    torus: bool
    unit: float
    kinds: tuple[str, ...]
    kind: NDArray[np.uint8]
    bridge: Bools
    xyz: Floats
    size: tuple[float, float]
    water: Bools
    path: Bools

    def is_kind(self, name: str) -> Bools:
        """Return which cells are of a kind, bool[cells]; nowhere if the land knows no such kind."""
        ...

    def cell_at(self, xy: NDArray[Any]) -> Ints:
        """Return the cells under points float[n,2]; beyond the edge the nearest (on a torus: what lies there)."""
        ...

    def height_at(self, xy: NDArray[Any]) -> Floats:
        """Return the height of the ground under points float[n,2], float32[n]."""
        ...


def cells_of_kind(kind: NDArray[np.uint8], kinds: tuple[str, ...], name: str) -> Bools:
    """Return which cells are of a kind, bool[cells]; nowhere if there is no such kind."""
    if name not in kinds:
        return np.zeros(kind.size, np.bool_)
    found: Bools = kind == kinds.index(name)
    return found
