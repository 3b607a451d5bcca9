"""Where people are between two frames: stable places to stand in a cell, and the way from one frame to the next.

The way is laid down once a frame; the shader of people walks along it by one number, the blend. `positions` does the
same in numpy, for whoever needs to know (picking, rings, bubbles, the camera that follows).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.remote.wire import Columns, PlaceEntry

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NUMBERS = 12
"""A way in numbers: x, y, z, heading from where; the same to where; the height after one and two thirds; the size
before and after, 0 for who is not to be seen."""

DOORS = {"house": 1.02, "workshop": 1.42, "hall": 1.95}
"""How far in front of the middle of a building people stand, by kind of place; nobody stands within."""
ROUND = ("well", "market", "square")
"""Kinds of places with something in the middle of their cell."""
SHORTEST, LONGEST, STEP = 1 / 120, 1.2, 0.35
"""Seconds that a way takes at least, at most, and when frames come one by one."""
SLACK = 1.08
"""A way takes a little longer than frames are apart, so that nobody stops and starts at each."""
LEAP, FAR_LEAP = 8.0, 40.0
"""Cells that a person may have walked in a tick, and between two frames; more is a jump."""
MOST_TICKS = 30
"""Frames further apart than so many ticks are different times, and nobody walks from one to the other."""
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


class Motion:
    """Everybody's way from the last frame to the newest.

    `way` float32[people,12 or more] is one row a person; whoever draws may put its own rows there (`write_to`), so that
    ways are written where they are drawn from. A frame costs by how many are on their way, not by how many live.
    """

    def __init__(
        self, ground: GroundLike, places: Sequence[PlaceEntry], size: tuple[float, float], torus: bool
    ) -> None:
        self.ground, self.size, self.torus = ground, size, torus
        self.doors = Doors.of(places, len(ground.xyz))
        self.way: Floats = np.zeros((0, NUMBERS), np.float32)
        self.start: Floats = np.zeros((0, 3), np.float32)
        self.goal: Floats = np.zeros((0, 3), np.float32)
        """Where everybody's way begins and ends, float32[people,3]."""
        self.changed: Ints = np.zeros(0, np.int64)
        """Who is in another cell than in the frame before."""
        self.tick, self.tick_before = 0, 0
        self.duration = 0.0
        self._cell: Ints = np.zeros(0, np.int64)
        self._slot: Ints = np.zeros(0, np.int64)
        self._shown: Bools = np.zeros(0, np.bool_)
        self._restless: Bools = np.zeros(0, np.bool_)
        self._owner = np.full(len(ground.xyz) * PROBES, -1, np.int32)
        turn = (_mixed(np.arange(len(ground.xyz))) % 997).astype(np.float32) * np.float32(np.pi / 3 / 997)
        self._turn = turn
        self._cosine, self._sine = np.cos(turn), np.sin(turn)
        self._has_frame = False
        self._arrived = -1e9
        self._gap = 0.25

    @property
    def cells(self) -> Ints:
        """Everybody's cell, int64[people], 0 for who is nowhere."""
        return np.maximum(self._cell, 0)

    @property
    def here(self) -> Bools:
        """Who is on the map, bool[people]."""
        here: Bools = self._cell >= 0
        return here

    # ------------------------------------------------------------------ when

    def blend(self, now: float) -> float:
        """Return how far everybody is on the way, 0 to 1, at a time in seconds."""
        if self.duration <= 0:
            return 1.0
        return min(max((now - self._arrived) / self.duration, 0.0), 1.0)

    def tick_at(self, now: float) -> float:
        """Return the tick that is shown, with its fraction."""
        return self.tick_before + (self.tick - self.tick_before) * self.blend(now)

    def _time(self, tick: int, now: float, near: bool) -> None:
        """Take the time that this way takes from how far apart frames arrive."""
        gap = now - self._arrived
        if gap < 2.0:
            self._gap += 0.4 * (min(max(gap, SHORTEST), LONGEST) - self._gap)
            wanted = self._gap * SLACK
        else:
            wanted = STEP
        self.tick_before = round(self.tick_at(now)) if near else tick
        self.duration = min(max(wanted, SHORTEST), LONGEST) if near else 0.0
        self.tick, self._arrived = tick, now

    # ------------------------------------------------------------------ the next frame

    def write_to(self, way: Floats) -> None:
        """Write ways into an array from now on; it holds the ways so far, and zeros for people to come."""
        more = len(way) - len(self._cell)
        self.way = way
        self.start, self.goal = (np.pad(array, ((0, more), (0, 0))) for array in (self.start, self.goal))
        self._cell, self._slot = (np.pad(array, (0, more), constant_values=-1) for array in (self._cell, self._slot))
        self._shown, self._restless = (np.pad(array, (0, more)) for array in (self._shown, self._restless))

    def take(self, tick: int, columns: Columns, hidden: Bools, now: float) -> None:
        """Lay everybody's way from where they are drawn now to where a frame has them. `hidden` are not to be seen."""
        blend = self.blend(now)
        cell = np.asarray(columns["space.cell"], np.int64)
        cell = np.where(columns["people.alive"], cell, -1)
        if len(cell) != len(self._cell):
            grown = np.zeros((len(cell), self.way.shape[1]), np.float32)
            grown[: len(self.way)] = self.way
            self.write_to(grown)
        shown = (cell >= 0) & ~hidden
        moved = cell != self._cell
        who = np.flatnonzero(moved | self._restless | (shown != self._shown))
        self.changed = np.flatnonzero(moved)
        place, size = _now(self.way.take(who, 0), blend)
        was, here = self._cell[who] >= 0, cell[who] >= 0
        self._stand(self.changed, cell[self.changed])
        goal = self.goal[who]
        ticks = abs(tick - self.tick)
        near = ticks <= MOST_TICKS and self._has_frame
        away = np.abs(goal[:, :2] - place[:, :2])
        reach = np.hypot(away[:, 0], away[:, 1])
        steady = was & here & (reach <= (min(LEAP * max(ticks, 1), FAR_LEAP) * PACE if near else -1.0))
        if self.torus:
            steady &= (away[:, 0] < 0.5 * self.size[0]) & (away[:, 1] < 0.5 * self.size[1])
        self._time(tick, now, near)
        fresh = here & ~was
        place[fresh, 3] = np.asarray(columns["space.heading"])[who[fresh]].astype(np.float32) * np.float32(np.pi / 3)
        before = np.where(steady | fresh, size, shown[who]).astype(np.float32)
        self._lay(who, place, goal, steady & (reach > 0.05), steady)
        self.way[who, 10], self.way[who, 11] = before, shown[who]
        self._restless[who] |= before != shown[who]
        self._shown, self._has_frame = shown, True

    def _lay(self, who: Ints, place: Floats, goal: Floats, walks: Bools, steady: Bools) -> None:
        """Write the ways: who is not steady is at once where the frame has them."""
        rows = np.empty((len(who), 10), np.float32)
        heading = place[:, 3]
        apart = goal[:, :2] - place[:, :2]
        turn = (np.arctan2(apart[:, 1], apart[:, 0]) - heading + np.pi) % (2 * np.pi) - np.pi
        rows[:, :3] = np.where(steady[:, None], place[:, :3], goal)
        rows[:, 3] = heading
        rows[:, 4:7], rows[:, 7] = goal, heading + np.where(walks, turn, 0)
        rows[:, 8], rows[:, 9] = rows[:, 2], rows[:, 6]
        far = np.flatnonzero(walks & (np.einsum("ij,ij->i", apart, apart) > (1.5 * PACE) ** 2))
        if far.size:  # further than next door: up and down as the land goes
            for third in (1, 2):
                between = place[far, :2] + apart[far] * np.float32(third / 3)
                rows[far, 7 + third] = self.ground.height_at(between)
        self.way[who, :10] = rows
        self.start[who] = rows[:, :3]
        self._restless[who] = walks

    # ------------------------------------------------------------------ where to stand

    def _stand(self, who: Ints, cell: Ints) -> None:
        """Give those who changed cell a slot there: the first free of their own order; who stays keeps theirs."""
        flat = self._owner
        held = who[self._slot[who] >= 0]
        old = self._cell[held] * PROBES + self._slot[held]
        mine = flat[old] == held
        flat[old[mine]] = -1
        self._cell[who], self._slot[who] = cell, -1
        left = who[cell >= 0]
        start = _mixed(left) % 7
        for probe in range(PROBES):
            if not left.size:
                break
            wish = (start + probe) % 7 if probe < 7 else np.full(len(left), probe)
            spot = self._cell[left] * PROBES + wish
            free = flat[spot] < 0
            flat[spot[free]] = left[free]
            got = flat[spot] == left
            self._slot[left[got]] = wish[got]
            left, start = left[~got], start[~got]
        self._slot[left] = _mixed(left) % PROBES
        there = who[cell >= 0]
        self.goal[there] = self._spots(self._cell[there], self._slot[there])

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

    # ------------------------------------------------------------------ where they are

    def positions(self, blend: float, who: NDArray[Any] | None = None) -> Floats:
        """Return where people are drawn at a blend, float32[n,3]: all, or those of an index array."""
        return _along(self.way if who is None else self.way[who], blend)

    def visible(self) -> Bools:
        """Return who is to be seen now or soon."""
        return self._shown


def _along(way: Floats, blend: float) -> Floats:
    """Return where ways are at a blend; the shader of people does the same."""
    place: Floats = way[:, :3] + (way[:, 4:7] - way[:, :3]) * np.float32(blend)
    third = 3.0 * blend
    legs = (2, 8, 9, 6)
    leg = min(int(third), 2)
    low, high = way[:, legs[leg]], way[:, legs[leg + 1]]
    place[:, 2] = low + (high - low) * np.float32(third - leg)
    return place


def _now(way: Floats, blend: float) -> tuple[Floats, Floats]:
    """Return where ways are, x y z heading, and how large their people."""
    place = np.empty((len(way), 4), np.float32)
    place[:, :3] = _along(way, blend)
    place[:, 3] = way[:, 3] + (way[:, 7] - way[:, 3]) * np.float32(turned(blend))
    size: Floats = way[:, 10] + (way[:, 11] - way[:, 10]) * np.float32(blend)
    return place, size


def turned(blend: float) -> float:
    """Return how far a person has turned into the way: quickly, in its first third."""
    share = min(blend * 3.0, 1.0)
    return share * share * (3.0 - 2.0 * share)


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
