"""Where people stand on a land of hexes: in slots of their cell, which they keep for as long as they stay there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from app.viewport.ground import Bools, Floats, Ints
from engine.remote.wire import Columns, PlaceEntry

DOORS = {"house": 1.02, "workshop": 1.42, "hall": 1.95}
"""How far in front of the middle of a building people stand, by kind of place; nobody stands within."""
ROUND = ("well", "market", "square")
"""Kinds of places with something in the middle of their cell."""
PACE = 3**0.5
"""World units between the middles of neighbouring cells."""
PROBES = 19

_RING = np.deg2rad(np.arange(6) * 60.0)
_RIM = np.deg2rad(np.arange(12) * 30.0 + 15.0)
SLOTS: Floats = np.concatenate(
    [
        np.zeros((1, 2)),
        0.52 * np.stack([np.cos(_RING), np.sin(_RING)], 1),
        0.80 * np.stack([np.cos(_RIM), np.sin(_RIM)], 1),
    ]
).astype(np.float32)
"""Where people stand in a cell, from its middle, in world units: the middle, six around, twelve at the rim."""


class GroundLike(Protocol):
    """What is asked of the ground."""

    xyz: Floats

    def height_at(self, xy: Floats) -> Floats:
        """Return the height at points float32[n,2]."""
        ...


@dataclass(frozen=True)
class Doors:
    """Where people stand who are in a building's cell: which cells, the spot before the door, and its direction."""

    kind: NDArray[np.int8]
    spot: Floats
    heading: Floats

    @staticmethod
    def of(places: Sequence[PlaceEntry], cells: int) -> Doors:
        """Return the doors of a map: `kind` int8[cells] is 1 in a building, 2 round something in the middle."""
        kind, spot, heading = np.zeros(cells, np.int8), np.zeros((cells, 2), np.float32), np.zeros(cells, np.float32)
        for place in places:
            if not 0 <= place.cell < cells:
                continue
            if place.kind in DOORS:
                angle = np.deg2rad(place.heading)
                kind[place.cell], heading[place.cell] = 1, angle
                spot[place.cell] = DOORS[place.kind] * np.cos(angle), DOORS[place.kind] * np.sin(angle)
            elif place.kind in ROUND and kind[place.cell] == 0:
                kind[place.cell] = 2
        return Doors(kind, spot, heading)


class Slots:
    """Who has which slot; see `motion.Standing`."""

    pace, leap, far_leap = PACE, 8.0, 40.0

    def __init__(self, ground: GroundLike, places: Sequence[PlaceEntry]) -> None:
        self.ground = ground
        self.doors = Doors.of(places, len(ground.xyz))
        self._slot: Ints = np.zeros(0, np.int64)
        self._owner = np.full(len(ground.xyz) * PROBES, -1, np.int32)
        turn = (_mixed(np.arange(len(ground.xyz))) % 997).astype(np.float32) * np.float32(np.pi / 3 / 997)
        self._turn = turn
        self._cosine, self._sine = np.cos(turn), np.sin(turn)

    def grow(self, more: int) -> None:
        """Make room for more people."""
        self._slot = np.pad(self._slot, (0, more), constant_values=-1)

    def moved(self, columns: Columns, before: Ints, cell: Ints) -> Bools:
        """Return who is in another cell than before."""
        moved: Bools = cell != before
        return moved

    def stand(self, who: Ints, before: Ints, cell: Ints) -> Floats:
        """Give those who changed cell a slot there: the first free of their own order; who stays keeps theirs."""
        flat = self._owner
        had = self._slot[who] >= 0
        held = who[had]
        old = before[had] * PROBES + self._slot[held]
        mine = flat[old] == held
        flat[old[mine]] = -1
        self._slot[who] = -1
        there, into = who[cell >= 0], cell[cell >= 0]
        left, where = there, into
        start = _mixed(left) % 7
        for probe in range(PROBES):
            if not left.size:
                break
            wish = (start + probe) % 7 if probe < 7 else np.full(len(left), probe)
            spot = where * PROBES + wish
            free = flat[spot] < 0
            flat[spot[free]] = left[free]
            got = flat[spot] == left
            self._slot[left[got]] = wish[got]
            left, where, start = left[~got], where[~got], start[~got]
        self._slot[left] = _mixed(left) % PROBES
        return self._spots(into, self._slot[there])

    def _spots(self, cell: Ints, slot: Ints) -> Floats:
        """Return the world positions of slots of cells, float32[n,3]."""
        sine, cosine, place = self._sine[cell], self._cosine[cell], SLOTS[slot]
        offset = np.empty((len(cell), 2), np.float32)
        offset[:, 0] = cosine * place[:, 0] - sine * place[:, 1]
        offset[:, 1] = sine * place[:, 0] + cosine * place[:, 1]
        kind = self.doors.kind[cell]
        around = np.flatnonzero((kind == 2) & (slot < 7))
        if around.size:
            angle = self._turn[cell[around]] + slot[around].astype(np.float32) * np.float32(2 * np.pi / 7)
            offset[around] = np.stack([np.cos(angle), np.sin(angle)], 1) * np.float32(0.78)
        inside = np.flatnonzero(kind == 1)
        if inside.size:
            heading = self.doors.heading[cell[inside]]
            offset[inside] = self.doors.spot[cell[inside]] + _before_the_door(slot[inside], heading)
        spots: Floats = self.ground.xyz[cell]
        spots[:, :2] += offset
        if inside.size:
            spots[inside, 2] = self.ground.height_at(spots[inside, :2])
        return spots


def _before_the_door(slot: Ints, heading: Floats) -> Floats:
    """Return offsets in rows of five before a door."""
    across = ((slot % 5 + 1) // 2 * np.where(slot % 5 % 2, 1, -1)).astype(np.float32) * np.float32(0.36)
    along = (slot // 5).astype(np.float32) * np.float32(0.36)
    cosine, sine = np.cos(heading), np.sin(heading)
    offsets: Floats = np.stack([cosine * along - sine * across, sine * along + cosine * across], 1).astype(np.float32)
    return offsets


def _mixed(numbers: NDArray[Any]) -> Ints:
    """Return numbers that look drawn at random, the same ones for the same numbers (xorshift-multiply)."""
    mixed = numbers.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    return (mixed >> np.uint64(33)).astype(np.int64)
