"""The columns of a plane space in the World: whole numbers, so that the state hash is tied to no CPU."""

from __future__ import annotations

import numpy as np

from engine.values import Float32s, Int8s, Int32s
from engine.world import Column

GRAIN = 4096
"""Steps to a metre in which positions and velocities are kept."""

PATIENCE = 180
"""Simulated seconds without coming on after which a person is stuck: queues at doors last a minute or two."""

SIDEWAYS, TURNING, BESIDE = np.float32(0.65), 5, np.float32(0.1)
"""Who is held up for five seconds less than 0.1 m from a wall turns a shoulder forward and reaches 0.65 times as far.

Shoulders are 0.46 m wide; a chest is 0.25 m deep, 0.3 m in clothes (Pheasant and Haslegrave 2006, Bodyspace, 3rd ed.).
Otherwise arches of bodies between the posts of a door that is a metre wide hold for good. While they turn back, beside
that wall, bodies overlap by what they had turned away, and part by at most 0.02 m a substep.
"""

WALKING_PACE, RADIUS = 134, 230
"""What people walk a second unless told otherwise, in centimetres, and how far their bodies reach, in millimetres."""


COLUMNS = (
    Column("cell", np.int32, fill=-1, frame=True, about="the cell where the person is, -1 outside the space"),
    Column(
        "place",
        np.int16,
        fill=-1,
        frame=True,
        about="the place in which the person is, -1 for none",
        kind="place",
    ),
    Column("x", np.int32, frame=True, shift=6, unit="1/4096 m", about="where the person is, from the west"),
    Column("y", np.int32, frame=True, shift=6, unit="1/4096 m", about="where the person is, from the south"),
    Column("u", np.int32, unit="1/4096 m/s", about="velocity to the east"),
    Column("v", np.int32, unit="1/4096 m/s", about="velocity to the north"),
    Column("goal_kind", np.int8, about="0 standing, 1 walking to a place, 2 to a person, 3 strolling"),
    Column("goal", np.int32, fill=-1, about="the place or person; for others the place that they stay near or in"),
    Column("heading", np.int8, frame=True, about="sixth of a circle last moved to, from 0, east, counter-clockwise"),
    Column("waited", np.int16, unit="substeps", about="substeps held up on the way, less substeps of coming on since"),
    Column("speed", np.int16, fill=WALKING_PACE, unit="cm/s", about="the pace at which one likes to walk"),
    Column("radius", np.int16, fill=RADIUS, unit="mm", about="how far the body reaches"),
    Column("shut", np.bool_, "door", frame=True, about="whether the door is shut"),
)
"""The columns; doors are those of the buildings, in their order."""


def metres(grains: Int32s) -> Float32s:
    """Return lengths or speeds as float32 metres: exact below four kilometres."""
    return grains.astype(np.float32) / np.float32(GRAIN)


def grains(lengths: Float32s) -> Int32s:
    """Return float32 metres in whole steps of 1/4096 m, rounded to the nearest."""
    whole: Int32s = np.rint(lengths * np.float32(GRAIN)).astype(np.int32)
    return whole


def headings(u: Int32s, v: Int32s, before: Int8s) -> Int8s:
    """Return in which sixth of a circle each goes: 0 is 30 degrees to both sides of east; who stands keeps theirs."""
    east, north = u.astype(np.int64), v.astype(np.int64)
    along = np.abs(north) * 1000 < np.abs(east) * 577
    slanted = np.where(north > 0, np.where(east >= 0, 1, 2), np.where(east < 0, 4, 5))
    found = np.where(along, np.where(east > 0, 0, 3), slanted)
    kept: Int8s = np.where((np.abs(east) + np.abs(north)) * 10 < GRAIN, before, found).astype(np.int8)
    return kept
