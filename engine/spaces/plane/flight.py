"""People who move as a flock: `Flock` with goals, in seconds.

Whoever goes somewhere flies with the others and turns there besides: the migratory urge of Reynolds 1987. Whoever is
there, or stands, has landed, and no one of the flock. Who strolls flies on, and has no goal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.kernels import unlocked
from engine.spaces.plane.cells import make_cells, padded
from engine.spaces.plane.columns import GRAIN
from engine.spaces.plane.crowd import Aim
from engine.spaces.plane.flocking import Birds, Flock, FlockRules
from engine.spaces.plane.social_force import HASTE, Walkers, wants
from engine.spaces.plane.team import Team, edges_of
from engine.values import Float32s, Int32s

URGE = 4.0
"""How fast those who go somewhere turn there, 1/s: a quarter of their pace is the radius of the turn in metres."""


@dataclass(frozen=True, slots=True)
class FlightRules:
    """How a flock flies: lengths in metres, and by how much one turns in a second.

    cohere is the acceleration in 1/s2 towards the middle of those in sight, for each metre that it is away; separate
    that away from those who are too close, for each metre; match the share of the difference to the mean velocity that
    one takes on in a second. At one step a second they are the weights of `FlockRules`.
    """

    vision: float = 5.0
    separation: float = 1.0
    cohere: float = 0.03
    separate: float = 0.15
    match: float = 0.5

    def each(self, seconds: float, pace: float) -> FlockRules:
        """Return the rules for steps of so many seconds, in which nobody flies faster than `pace` metres a second."""
        return FlockRules(
            self.vision, self.separation, pace * seconds,
            self.cohere * seconds * seconds, self.separate * seconds * seconds, self.match * seconds,
        )  # fmt: skip


@unlocked
def lead(part: int, first: int, end: int, birds: Birds, people: Walkers, share: np.float32) -> None:
    """Turn the birds in rows first..end-1 to where they want to go."""
    for i in range(first, end):
        if wants(people.east[i], people.north[i]):
            pull = share * birds.pace[i]
            birds.u[i] += pull * people.east[i]
            birds.v[i] += pull * people.north[i]


class Flight:
    """People who fly on a plane of width x height metres, bounded or a torus: the interface of `Crowd`."""

    def __init__(self, width: float, height: float, torus: bool, rules: FlightRules, team: Team) -> None:
        """Fly by rules. Raises SpaceError when a torus is too small for how far they see."""
        make_cells(width, height, torus, rules.vision)
        self._sides, self._torus, self._rules, self._team = (width, height), torus, rules, team
        self.take(np.zeros(0, np.int32), np.zeros((0, len(Walkers._fields)), np.float32))

    def take(self, ids: Int32s, states: Float32s) -> None:
        """Take over people: ids int32[n], ascending, and states float32[n,8], the columns of `Walkers`."""
        self._ids, self._states, self._seconds = ids.copy(), states, 0.0
        self._flock: Flock | None = None
        self._edges = edges_of(ids.size, self._team.parts(ids.size))
        self._scratch = Walkers(*(padded(ids.size) for _ in Walkers._fields))

    def share(self, kernel: Callable[..., None], *arguments: Any) -> None:
        """Run a kernel(part, first, end, *arguments) over all rows, on as many threads as are worthwhile."""
        self._team.run(kernel, self._edges, *arguments)

    def step(self, seconds: float, tick: int, substep: int, aim: Aim) -> None:
        """Move everyone by one substep of so many seconds; `aim` is asked which way they want, and may set paces to 0.

        Raises SpaceError when the substep is so long that they fly further than they see.
        """
        if self._flock is None:
            self._flock, self._seconds = self._gather(seconds), seconds
        people = self._scratch

        def turn(birds: Birds, rows: Int32s) -> None:
            here = people._replace(x=birds.x, y=birds.y, u=birds.u, v=birds.v, pace=birds.pace)
            aim(here, self._ids[rows])
            self.share(lead, birds, here, np.float32(URGE * seconds))

        self._flock.step(turn)

    def _gather(self, seconds: float) -> Flock:
        """Return everyone as a flock, in whose unit of time a substep is one; who stands on the edge is just inside."""
        sides = np.array(self._sides, np.float32)
        places = self._states[:, :2]
        places = np.where(places >= sides, 0 if self._torus else sides - np.float32(1 / GRAIN), places)
        paces = self._states[:, 5] * np.float32(seconds)
        rules = self._rules.each(seconds, float(self._states[:, 5].max(initial=1e-3)) * HASTE)
        return Flock(
            *self._sides, self._torus, places, self._states[:, 2:4] * np.float32(seconds), rules, self._team,
            paces=paces,
        )  # fmt: skip

    def state(self) -> Float32s:
        """Return the columns of `Walkers` of everyone by ascending id, float32[n,8]."""
        out = self._states.copy()
        if self._flock is not None:
            out[:, :4] = self._flock.state()
            out[:, 2:4] /= np.float32(self._seconds)
        return out
