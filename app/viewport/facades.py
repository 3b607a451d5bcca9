"""Buildings of a town from outside: walls with windows and doors, roofs; near ones in full, far ones as plain boxes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.viewport.faces import Faces, level, upright
from app.viewport.floorplan import STOREY, FloorPlan, spread
from app.viewport.ground import Bools, Ints
from app.viewport.mesh import linear
from app.viewport.plane_ground import METRES
from app.viewport.triangles import triangulate

Doubles = NDArray[np.float64]

WINDOW = 2.7 / METRES
"""The wall that a window takes."""
DOOR = 2.2 / METRES
"""How high doors are."""
PARAPET = 0.7 / METRES
EAVES = 0.35 / METRES
"""How far a roof hangs over."""
TALLEST_PITCHED = 3
"""Storeys up to which houses of four corners have pitched roofs."""
RIDGE = 3.2 / METRES
"""The highest ridge above its eaves."""
WALLS = ("#e9dcc3", "#e3cda6", "#d8a98a", "#b9705a", "#d5d8d2", "#ead9cd", "#aebcba", "#cdb994", "#c4ccd6")
ROOFS = ("#b5654e", "#a35848", "#c27a5a", "#7d6a5c", "#66788a", "#8d5a4a")
FLAT = ("#a8a49c", "#b9b2a6", "#8f9494", "#a39a8e")
DOORS = ("#6b452e", "#3f5a52", "#7a3b34", "#3d4f6b")


@dataclass(frozen=True)
class Paint:
    """What colours the buildings have, linear float64[b,3], and a number 0..1 of each, float64[b]."""

    wall: Doubles
    roof: Doubles
    door: Doubles
    number: Doubles

    @staticmethod
    def of(plan: FloorPlan, pitched: Bools, dice: np.random.Generator) -> Paint:
        """Choose them."""
        shade = dice.uniform(0.90, 1.10, (plan.count, 1))
        wall, tile, flat, door = (
            np.array([linear(colour) for colour in palette])[dice.integers(0, len(palette), plan.count)]
            for palette in (WALLS, ROOFS, FLAT, DOORS)
        )
        return Paint(wall * shade, np.where(pitched[:, None], tile, flat) * shade, door, dice.random(plan.count))


def is_pitched(plan: FloorPlan) -> Bools:
    """Return which buildings have a pitched roof: those of four corners, right angles and few storeys."""
    pitched: Bools = (plan.sides == 4) & (plan.storeys >= 1) & (plan.storeys <= TALLEST_PITCHED)
    quads = np.flatnonzero(pitched)
    side = plan.start[quads][:, None] + np.arange(4)
    square = np.abs((plan.along[side] * plan.along[np.roll(side, 1, 1)]).sum(2)).max(1) < 0.2
    short = plan.length[side].min(1)
    pitched[quads[~square | (short > 16 / METRES)]] = False
    return pitched


def near_faces(plan: FloorPlan, paint: Paint, pitched: Bools) -> Faces:
    """Return the faces of all buildings with a roof in full."""
    faces = Faces()
    top = plan.height + np.where(pitched, 0.0, PARAPET)
    _walls(faces, plan, paint, top)
    _doors(faces, plan, paint)
    _pitched_roofs(faces, plan, paint, np.flatnonzero(pitched))
    _flat_roofs(faces, plan, paint, np.flatnonzero(~pitched & (plan.storeys > 0)))
    return faces


def far_faces(plan: FloorPlan, paint: Paint, pitched: Bools) -> Faces:
    """Return the faces of all buildings with a roof as plain boxes, a little lower than their ridges."""
    faces = Faces()
    side = np.flatnonzero(plan.storeys[plan.owner] > 0)
    owner = plan.owner[side]
    top = plan.height + np.where(pitched, 0.3 * RIDGE, PARAPET)
    faces.add(
        owner,
        upright(plan.first[side], plan.second[side], 0.0, top[owner]),
        paint.wall[owner],
        shade=(0.78, 1.0),
        across=_windows(plan.length[side]),
        seed=paint.number[owner],
        weight=1.0,
    )
    for_all = np.flatnonzero(plan.storeys > 0)
    _covers(faces, plan, for_all, plan.first, top, paint.roof)
    return faces


def _windows(length: Doubles) -> Doubles:
    """Return numbers along walls, [n,4], that run from 0 to how many windows there is room for; -1 where for none."""
    count = np.floor(length / WINDOW)
    across = np.where(count > 0, count, -1.0)
    start = np.where(count > 0, 0.0, -1.0)
    return np.stack([start, across, across, start], 1)


def _walls(faces: Faces, plan: FloorPlan, paint: Paint, top: Doubles) -> None:
    """Add the ground floor between doors, and all that is above it."""
    side, low, high = plan.pieces
    roofed = plan.storeys[plan.owner[side]] > 0
    side, low, high = side[roofed], low[roofed], high[roofed]
    owner = plan.owner[side]
    faces.add(
        owner,
        upright(plan.on_side(side, low), plan.on_side(side, high), 0.0, STOREY),
        paint.wall[owner],
        shade=(0.72, 0.92),
        across=_windows(high - low),
        seed=paint.number[owner],
        weight=1.0,
    )
    side = np.flatnonzero(top[plan.owner] > STOREY * 1.01)
    side = side[plan.storeys[plan.owner[side]] > 0]
    owner = plan.owner[side]
    faces.add(
        owner,
        upright(plan.first[side], plan.second[side], STOREY, top[owner]),
        paint.wall[owner],
        shade=(0.92, 1.04),
        across=np.where(plan.storeys[owner][:, None] > 1, _windows(plan.length[side]), -1.0),
        seed=paint.number[owner],
        weight=1.0,
    )


def _doors(faces: Faces, plan: FloorPlan, paint: Paint) -> None:
    """Fill the gaps: a door, and the wall above it."""
    side, low, high = plan.gaps
    roofed = plan.storeys[plan.owner[side]] > 0
    side, low, high = side[roofed], low[roofed], high[roofed]
    owner = plan.owner[side]
    start, end = plan.on_side(side, low), plan.on_side(side, high)
    faces.add(owner, upright(start, end, 0.0, DOOR), paint.door[owner], shade=(0.8, 1.0))
    faces.add(owner, upright(start, end, DOOR, STOREY), paint.wall[owner], shade=(0.85, 0.92))


def _pitched_roofs(faces: Faces, plan: FloorPlan, paint: Paint, chosen: Ints) -> None:
    """Add saddle and hipped roofs; their ridges run along the longer sides."""
    side = plan.start[chosen][:, None] + np.arange(4)
    is_across = plan.length[side[:, 0]] < plan.length[side[:, 1]]
    side = np.where(is_across[:, None], np.roll(side, -1, 1), side)
    wide = plan.length[side[:, 1]]
    rise = np.minimum(wide * (0.30 + 0.16 * paint.number[chosen]), RIDGE)
    eaves = plan.height[chosen] - EAVES * rise / (0.5 * wide)
    ridge = plan.height[chosen] + rise
    hipped = (paint.number[chosen] * 7.0) % 1.0 < 0.4
    along, aside = plan.along[side[:, 0]], plan.outward[side[:, 0]]
    corner = plan.first[side]
    sign = np.array([(-1, 1), (1, 1), (1, -1), (-1, -1)])  # along the ridge, and away from it
    hung = corner + EAVES * (sign[:, :1] * along[:, None] + sign[:, 1:] * aside[:, None])
    west, east = (corner[:, 0] + corner[:, 3]) / 2, (corner[:, 1] + corner[:, 2]) / 2
    inset = np.where(hipped, np.minimum(0.5 * wide, 0.42 * plan.length[side[:, 0]]), -EAVES)[:, None] * along
    ends = (west + inset, east - inset)
    low, high = np.broadcast_to(eaves[:, None], (len(chosen), 4)), ridge
    for corners, one, other in (((0, 1), 1, 0), ((2, 3), 0, 1)):
        slope = np.stack([hung[:, corners[0]], hung[:, corners[1]], ends[one], ends[other]], 1)
        z = np.stack([low[:, 0], low[:, 1], high, high], 1)
        faces.add(chosen, np.dstack([slope, z]), paint.roof[chosen], shade=(0.88, 1.08))
    for corners, end, wall_end in (((1, 2), ends[1], east), ((3, 0), ends[0], west)):
        hip = np.stack([hung[:, corners[0]], hung[:, corners[1]], end, end], 1)
        z = np.stack([low[:, 0], low[:, 1], high, high], 1)
        faces.add(chosen[hipped], np.dstack([hip, z])[hipped], paint.roof[chosen[hipped]], shade=(0.88, 1.08))
        wall = np.stack([corner[:, corners[0]], corner[:, corners[1]], wall_end, wall_end], 1)
        foot = plan.height[chosen]
        gable = np.dstack([wall, np.stack([foot, foot, high, high], 1)])
        plain = ~hipped
        faces.add(chosen[plain], gable[plain], paint.wall[chosen[plain]], shade=(1.0, 1.04), across=-1.0)


def _flat_roofs(faces: Faces, plan: FloorPlan, paint: Paint, chosen: Ints) -> None:
    """Add level roofs behind parapets, and the room of the lift on tall ones."""
    which, side = spread(plan.start[chosen], plan.sides[chosen])
    owner = chosen[which]
    inner = inset(plan, 0.25 / METRES)
    following = plan.after[side]
    foot, top = plan.height[owner] - 0.02, plan.height[owner] + PARAPET
    rim = np.stack([plan.first[side], plan.second[side], inner[following], inner[side]], 1)
    faces.add(owner, level(rim, top), paint.wall[owner] * 0.8)
    faces.add(owner, upright(inner[following], inner[side], foot, top), paint.wall[owner] * 0.7)
    _covers(faces, plan, chosen, inner, plan.height, paint.roof)
    tall = chosen[(plan.storeys[chosen] > 3) & (plan.at(plan.middle[chosen]) == chosen)]
    half = 1.3 / METRES
    for step in range(4):
        ends = [
            plan.middle[tall] + half * np.array([np.cos(turn), np.sin(turn)]) * 2**0.5
            for turn in np.pi / 2 * (np.arange(2) + step) + np.pi / 4
        ]
        box = upright(ends[0], ends[1], plan.height[tall], plan.height[tall] + 2.3 / METRES)
        faces.add(tall, box, paint.wall[tall] * 0.9, across=-1.0)
    square = plan.middle[tall][:, None] + half * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    faces.add(tall, level(square, plan.height[tall] + 2.3 / METRES), paint.roof[tall] * 0.8)


def inset(plan: FloorPlan, deep: float) -> Doubles:
    """Return the corners of all buildings, moved inwards by the thickness of a wall, float64[k,2]."""
    before = np.empty(len(plan.owner), np.int64)
    before[plan.after] = np.arange(len(plan.owner))
    one, other = plan.outward[before], plan.outward
    bend = np.maximum(1 + (one * other).sum(1), 0.3)
    moved: Doubles = plan.first - deep * (one + other) / bend[:, None]
    return moved


def _covers(faces: Faces, plan: FloorPlan, chosen: Ints, corner: Doubles, height: Doubles, colour: Doubles) -> None:
    """Add level faces over the outlines of buildings, whose corners are at `corner`."""
    owner, corners = covers(plan, chosen, corner)
    faces.add(owner, level(corners, height[owner]), colour[owner])


def covers(plan: FloorPlan, chosen: Ints, corner: Doubles) -> tuple[Ints, Doubles]:
    """Return quads [n,4,2] that cover outlines of buildings whose corners are at `corner`, and whose each is."""
    quads = chosen[(plan.sides[chosen] == 4) & _is_convex(plan)[chosen]]
    owners, found = [quads], [corner[plan.start[quads][:, None] + np.arange(4)]]
    for building in chosen[~np.isin(chosen, quads)].tolist():
        outline = corner[plan.start[building] : plan.start[building + 1]]
        triangles = np.array(triangulate(outline))
        owners.append(np.full(len(triangles), building))
        found.append(outline[triangles[:, (0, 1, 2, 2)]])
    return np.concatenate(owners), np.concatenate(found)


def _is_convex(plan: FloorPlan) -> Bools:
    turn = plan.along[plan.after]
    hollow = plan.along[:, 0] * turn[:, 1] - plan.along[:, 1] * turn[:, 0] < -1e-9
    convex: Bools = np.bincount(plan.owner[hollow], minlength=plan.count) == 0
    return convex
