"""A crowd of walkers: their columns, kept in cell order, and the substep that moves them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from engine.errors import SpaceError
from engine.rng import Purpose, Rng, purpose
from engine.spaces.plane.cells import make_cells, make_spans, padded, reorder, sort_by_cell
from engine.spaces.plane.plan import Segments
from engine.spaces.plane.social_force import (
    HASTE,
    REACH,
    WALL_REACH,
    Beat,
    Walkers,
    make_desk,
    walk,
    walk_plainly,
)
from engine.spaces.plane.steps import SLACK
from engine.spaces.plane.team import Team, edges_of, edges_of_rows
from engine.spaces.plane.walls import Walls, clearance, lay_walls
from engine.values import Float32s, Int32s

WORTHWHILE = 1_000
"""From so many people on threads give more than they cost: social forces take a third of a microsecond a person."""

SWAY: Purpose = purpose("plane.sway")


Aim = Callable[[Walkers, Int32s], None]
"""What writes into `east` and `north` which way everyone wants; it is given the columns and the ids of their rows."""


class Crowd:
    """People who walk by social forces on a plane of width x height metres, among walls."""

    def __init__(
        self,
        width: float,
        height: float,
        torus: bool,
        segments: Segments,
        rng: Rng,
        team: Team,
        plainly: bool = False,
    ) -> None:
        """Lay the walls (float64[s,4]); `plainly` steps by the reference. Raises SpaceError for a torus too small."""
        self.cells = make_cells(width, height, torus, REACH)
        self.walls: Walls = lay_walls(segments, width, height, torus, WALL_REACH)
        self._seed, self._team, self._kernel = rng.seed, team, walk_plainly if plainly else walk
        self._start = np.zeros(self.cells.columns * self.cells.rows + 1, np.int32)
        self.take(np.zeros(0, np.int32), np.zeros((0, len(Walkers._fields)), np.float32))

    def take(self, ids: Int32s, states: Float32s) -> None:
        """Take over people: ids int32[n], and states float32[n,8], the columns of `Walkers`.

        Raises SpaceError when somebody stands off the plane or is so broad that cells do not hold all whom they touch.
        """
        count = ids.size
        sides = float(self.cells.width), float(self.cells.height)
        wrong = np.flatnonzero(~((states[:, :2] >= 0) & (states[:, :2] <= sides)).all(axis=1))
        if wrong.size:
            at = [round(float(length), 2) for length in states[wrong[0], :2]]
            mend = f"put them on the plane of {sides[0]:g} x {sides[1]:g} m"
            raise SpaceError(f"person {ids[wrong[0]]} stands at {at}; {mend}")
        odd = np.flatnonzero(~(states[:, 4:6] > 0).all(axis=1))
        if odd.size:
            radius, pace = (round(float(number), 2) for number in states[odd[0], 4:6])
            raise SpaceError(f"person {ids[odd[0]]} is {radius} m wide and walks {pace} m/s; use more than 0 for both")
        self.ids = ids.copy()
        self._people, self._sorted = (Walkers(*(padded(count) for _ in Walkers._fields)) for _ in range(2))
        for column, values in zip(self._people, states.T, strict=True):
            column[:count] = values
        self._widest = float(states[:, 4].max(initial=0))
        self._fastest = HASTE * float(states[:, 5].max(initial=0))
        self._where, self._order = np.zeros(count, np.int32), np.zeros(count, np.int32)
        parts = self._team.parts(count, WORTHWHILE)
        self._edges, self._desk = edges_of(count, parts), make_desk(make_spans(parts))
        self._wide_edges = edges_of(count, self._team.parts(count))

    def check_room(self) -> None:
        """Raise SpaceError for the first person who stands in a wall; who is pushed to one never does."""
        for i, person in enumerate(self.ids.tolist()):
            x, y, radius = self._people.x[i], self._people.y[i], float(self._people.radius[i])
            if clearance(self.walls, x, y) < radius - SLACK:
                at = [round(float(x), 2), round(float(y), 2)]
                raise SpaceError(f"person {person} stands in a wall at {at}; put them {radius:.2f} m away from it")

    def step(self, seconds: float, tick: int, substep: int, aim: Aim) -> None:
        """Move everyone by one substep of so many seconds; `aim` is asked which way they want.

        Raises SpaceError when the substep is so long that people could pass each other unseen.
        """
        longest = self._fastest * seconds
        if 2 * (self._widest + longest) > REACH or seconds <= 0:
            most = (REACH / 2 - self._widest) / max(self._fastest, 1e-6)
            raise SpaceError(f"a substep takes {seconds} s; use more than 0 and at most {most:.2f} s")
        people, ordered = self._people, self._sorted
        sort_by_cell(self.cells, people.x, people.y, self.ids, self._where, self._start, self._order)
        self.ids = self.ids[self._order]
        self._team.run(reorder, self._wide_edges, self._order, people, ordered)
        aim(ordered, self.ids)
        beat = Beat(
            np.float32(seconds), np.float32(self._widest), np.float32(longest),
            self._seed, np.uint64(SWAY), int(tick), int(substep),
        )  # fmt: skip
        rows = edges_of_rows(self._start, self.cells.columns, self._edges.size - 1)
        self._team.run(
            self._kernel, rows, self.cells, self._start, self.walls, ordered, self.ids, people, beat, self._desk
        )

    def share(self, kernel: Callable[..., None], *arguments: Any) -> None:
        """Run a kernel(part, first, end, *arguments) over all rows, on as many threads as are worthwhile."""
        self._team.run(kernel, self._edges, *arguments)

    def state(self) -> Float32s:
        """Return the columns of `Walkers` of everyone by ascending id, float32[n,8]."""
        rows = np.stack([column[: self.ids.size] for column in self._people], axis=1)
        ordered: Float32s = rows[np.argsort(self.ids)]
        return ordered
