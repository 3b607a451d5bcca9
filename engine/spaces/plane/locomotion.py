"""How people move on a plane: by social forces, in a flock, or at random and through each other.

All of them want what `Aims` says. Who goes somewhere goes there in each, and who stands stays; they differ in what
others do to one's way, and in what those do who stroll.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from engine.rng import Rng
from engine.spaces.plane.crowd import Aim, Crowd
from engine.spaces.plane.flight import Flight, FlightRules
from engine.spaces.plane.plan import Plan, Segments
from engine.spaces.plane.random_walk import RandomWalk
from engine.spaces.plane.team import Team
from engine.values import Float32s, Int32s


class Bodies(Protocol):
    """Moves bodies: takes them over, steps, and gives them back. See `Crowd` for the shapes."""

    def take(self, ids: Int32s, states: Float32s) -> None:
        """Take over people."""

    def step(self, seconds: float, tick: int, substep: int, aim: Aim) -> None:
        """Move everyone by one substep; `aim` is asked which way they want."""

    def share(self, kernel: Callable[..., None], *arguments: Any) -> None:
        """Run a kernel(part, first, end, *arguments) over all rows."""

    def state(self) -> Float32s:
        """Return everyone by ascending id."""


@dataclass(frozen=True, slots=True)
class Locomotion:
    """A way to move; `flock` has the rules of a flock."""

    kind: Literal["social-force", "flocking", "random-walk"] = "social-force"
    flock: FlightRules = field(default_factory=FlightRules)

    @property
    def roams(self) -> bool:
        """Whether strollers go on for good, rather than rest and stay near the place in which they set out."""
        return self.kind != "social-force"

    @property
    def flies(self) -> bool:
        """Whether strollers never stand and who stands is no part of it."""
        return self.kind == "flocking"

    def bodies(self, plan: Plan, segments: Segments, rng: Rng, team: Team) -> Bodies:
        """Return what moves people on a plan whose walls are float64[s,4]; a flock knows no walls but the edges.

        Raises SpaceError for a torus too small to see who is near.
        """
        if self.kind == "flocking":
            return Flight(plan.width, plan.height, plan.torus, self.flock, team)
        kind = RandomWalk if self.kind == "random-walk" else Crowd
        return kind(plan.width, plan.height, plan.torus, segments, rng, team)


SOCIAL_FORCE = Locomotion()
"""How people walk unless told otherwise."""
