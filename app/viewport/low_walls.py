"""Buildings into which one looks: walls cut at a height over which one sees, with their thickness, and the floor."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.viewport.facades import covers
from app.viewport.faces import Faces, level, upright
from app.viewport.floorplan import FloorPlan
from app.viewport.ground import Ints
from app.viewport.mesh import Colour, linear
from app.viewport.plane_ground import METRES

Doubles = NDArray[np.float64]

CUT = 0.9 / METRES
"""How high walls are left."""
THICK = 0.26 / METRES
FLOOR = 0.02
"""How high a floor lies above the ground, in world units: enough to be seen, too little to hide feet."""
EDGE, BOARDS, SLABS, WALL = "#4d4a4c", "#b3926b", "#c6c0b4", "#d3cbbd"
LIT = 0.4
"""How much light there is indoors at night, as lamps give it (`props.GLOW`)."""


def open_rooms(faces: Faces, plan: FloorPlan, buildings: Ints, floor: Colour, wall: Doubles) -> None:
    """Add the floors and low walls of buildings; `wall` float64[b,3] are the colours of all buildings' walls."""
    side, low, high = plan.pieces
    mine = np.isin(plan.owner[side], buildings)
    side, low, high = side[mine], low[mine], high[mine]
    start, end = plan.on_side(side, low), plan.on_side(side, high)
    low_walls(faces, plan.owner[side], start, end, wall[plan.owner[side]], lamp=LIT)
    owner, corners = covers(plan, buildings, plan.first)
    boards = np.broadcast_to(linear(floor), (len(owner), 3))
    faces.add(owner, level(corners, FLOOR), boards, lamp=2.2 * LIT)


def low_walls(
    faces: Faces,
    owner: Ints,
    start: Doubles,
    end: Doubles,
    colour: Doubles,
    high: Doubles | float = CUT,
    lamp: float = 0.0,
) -> None:
    """Add walls float64[n,2] to float64[n,2], so high; their thickness lies to both sides. lamp: light at night."""
    way = end - start
    along = way / np.maximum(np.hypot(*way.T), 1e-9)[:, None] * THICK / 2
    aside = np.stack([along[:, 1], -along[:, 0]], 1)
    start, end = start - along, end + along
    ring = (start + aside, end + aside, end - aside, start - aside)
    for at in range(4):
        faces.add(owner, upright(ring[at], ring[(at + 1) % 4], 0.0, high), colour, shade=(0.8, 1.0), lamp=lamp)
    top = 0.25 * colour + 0.25 * linear(EDGE)
    faces.add(owner, level(np.stack(ring, 1), high), top, lamp=0.5 * lamp)
