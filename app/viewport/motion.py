"""Where people are between two frames: the way from where they stood to where they stand.

The way is laid down once a frame; the shader of people walks along it by one number, the blend. `positions` does the
same in numpy, for whoever needs to know (picking, rings, bubbles, the camera that follows).
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from app.viewport.ground import Bools, Floats, Ints
from app.viewport.slots import GroundLike
from engine.remote.wire import Columns

NUMBERS = 12
"""A way in numbers: x, y, z, heading from where; the same to where; the height after one and two thirds; the size
before and after, 0 for who is not to be seen."""

SHORTEST, LONGEST, STEP = 1 / 120, 1.2, 0.35
"""Seconds that a way takes at least, at most, and when frames come one by one."""
SLACK = 1.08
"""A way takes a little longer than frames are apart, so that nobody stops and starts at each."""
MOST_TICKS = 30
"""Frames further apart than so many ticks are different times, and nobody walks from one to the other."""


class Standing(Protocol):
    """Where everybody stands on a land.

    pace: world units between neighbouring spots; leap, far_leap: paces that a person may have walked in a tick, and
    between two frames; more is a jump.
    """

    pace: float
    leap: float
    far_leap: float

    def grow(self, more: int) -> None:
        """Make room for more people."""
        ...

    def moved(self, columns: Columns, before: Ints, cell: Ints) -> Bools:
        """Return who stands elsewhere than in the frame before, bool[people]; cells are -1 for who is nowhere."""
        ...

    def stand(self, who: Ints, before: Ints, cell: Ints) -> Floats:
        """Return where those who moved stand now, float32[n,3]: of `who` those whose new cell is none of -1."""
        ...


class Motion:
    """Everybody's way from the last frame to the newest.

    `way` float32[people,12 or more] is one row a person; whoever draws may put its own rows there (`write_to`), so that
    ways are written where they are drawn from. A frame costs by how many are on their way, not by how many live.
    """

    def __init__(self, ground: GroundLike, standing: Standing, size: tuple[float, float], torus: bool) -> None:
        self.ground, self.standing, self.size, self.torus = ground, standing, size, torus
        self.way: Floats = np.zeros((0, NUMBERS), np.float32)
        self.start: Floats = np.zeros((0, 3), np.float32)
        self.goal: Floats = np.zeros((0, 3), np.float32)
        """Where everybody's way begins and ends, float32[people,3]."""
        self.changed: Ints = np.zeros(0, np.int64)
        """Who stands elsewhere than in the frame before."""
        self.tick, self.tick_before = 0, 0
        self.duration = 0.0
        self._cell: Ints = np.zeros(0, np.int64)
        self._shown: Bools = np.zeros(0, np.bool_)
        self._restless: Bools = np.zeros(0, np.bool_)
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
        self._cell = np.pad(self._cell, (0, more), constant_values=-1)
        self.standing.grow(more)
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
        moved = self.standing.moved(columns, self._cell, cell)
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
        steady = was & here & (reach <= (self._furthest(ticks) if near else -1.0))
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

    def _stand(self, who: Ints, cell: Ints) -> None:
        """Let those who moved stand where they are now."""
        self.goal[who[cell >= 0]] = self.standing.stand(who, self._cell[who], cell)
        self._cell[who] = cell

    def _furthest(self, ticks: int) -> float:
        """Return how far somebody may have walked in so many ticks, in world units."""
        return min(self.standing.leap * max(ticks, 1), self.standing.far_leap) * self.standing.pace

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
        far = np.flatnonzero(walks & (np.einsum("ij,ij->i", apart, apart) > (1.5 * self.standing.pace) ** 2))
        if far.size:  # further than next door: up and down as the land goes
            for third in (1, 2):
                between = place[far, :2] + apart[far] * np.float32(third / 3)
                rows[far, 7 + third] = self.ground.height_at(between)
        self.way[who, :10] = rows
        self.start[who] = rows[:, :3]
        self._restless[who] = walks

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
