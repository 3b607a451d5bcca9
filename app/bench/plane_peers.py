"""The peers of the plane: Mesa's own flockers, a flock on SciPy's tree, and JuPedSim's social force.

mesa-frames has no continuous space, only grids and networks: it is measured where it can be, as a backend of our hexes.
Each peer is imported when it is measured: Mesa takes a second and 100 MB.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from app.bench.courses import course
from app.bench.plane import DENSITY, MARGIN, SEPARATION, VISION, birds_of, field_of
from engine.spaces.plane.flocking import FlockRules
from engine.values import Float32s


def fly_on_mesa(people: Sequence[int], work: int, warm_up: int) -> dict[str, float]:
    """Measure Mesa's own example of flocking at the same density and vision; see `course`."""
    return course(_mesa, people, work, warm_up)


def fly_on_tree(people: Sequence[int], work: int, warm_up: int) -> dict[str, float]:
    """Measure `TreeFlock`, our rules in numpy on a cKDTree; see `course`."""
    return course(lambda birds: TreeFlock(*birds_of(birds)).step, people, work, warm_up)


def walk_on_jupedsim(people: Sequence[int], work: int, warm_up: int) -> dict[str, float]:
    """Measure JuPedSim's social force in an open field; see `course`."""
    return course(_jupedsim, people, work, warm_up)


def _mesa(birds: int) -> Callable[[], object]:
    from mesa.examples.basic.boid_flockers.model import BoidFlockers

    side = math.sqrt(birds / DENSITY)
    flockers = BoidFlockers(birds, side, side, vision=VISION, separation=SEPARATION, seed=1)
    step: Callable[[], object] = flockers.step
    return step


class TreeFlock:
    """Our rules of flocking on a torus as a good user of numpy and SciPy would write them, in float64.

    A tree finds all pairs within sight once; each column is added up over the pairs, there and back, by `bincount`.
    """

    def __init__(self, side: float, places: Float32s, velocities: Float32s) -> None:
        """Take over places float32[n,2] in metres and velocities float32[n,2] in metres a step."""
        self.side, self.rules = side, FlockRules(VISION, SEPARATION)
        self.places, self.velocities = places.T.astype(np.float64), velocities.T.astype(np.float64)

    def step(self) -> None:
        """Move everyone by one step."""
        from scipy.spatial import cKDTree

        rules, side, count = self.rules, self.side, self.places.shape[1]
        tree = cKDTree(self.places.T, boxsize=side, balanced_tree=False, compact_nodes=False)
        one, other = np.ascontiguousarray(tree.query_pairs(rules.vision, output_type="ndarray").T)
        away = [column[other] - column[one] for column in self.places]
        for column in away:
            column -= side * np.rint(column / side)
        close = np.flatnonzero(away[0] ** 2 + away[1] ** 2 < rules.separation**2)
        seen = np.bincount(one, minlength=count) + np.bincount(other, minlength=count)
        share = 1 / np.maximum(seen, 1)
        for k, own in enumerate(self.velocities.copy()):
            middle = np.bincount(one, away[k], count) - np.bincount(other, away[k], count)
            push = np.bincount(one[close], away[k][close], count) - np.bincount(other[close], away[k][close], count)
            along = np.bincount(one, own[other], count) + np.bincount(other, own[one], count)
            self.velocities[k] += rules.cohere * middle * share - rules.separate * push + rules.match * along * share
        length = np.sqrt((self.velocities**2).sum(axis=0))
        self.velocities *= rules.speed / np.where(length > 0, length, 1)
        self.places = (self.places + self.velocities) % side


def _jupedsim(people: int) -> Callable[[], object]:
    """Return a step of the people of `field_of` in JuPedSim, who walk east without a way-finder in between.

    Of its time step, a hundredth of a second, ours takes ten; it sees less far than we do, and its people push.
    """
    import jupedsim

    side, states = field_of(people)
    corners = [(0.0, 0.0), (side, 0.0), (side, side), (0.0, side)]
    simulation = jupedsim.Simulation(model=jupedsim.SocialForceModel(), geometry=corners)
    stage = simulation.add_direct_steering_stage()
    journey = simulation.add_journey(jupedsim.JourneyDescription([stage]))
    for x, y, radius, pace in states[:, (0, 1, 4, 5)].astype(float):
        walker = jupedsim.SocialForceModelAgentParameters(
            position=(x, y), journey_id=journey, stage_id=stage, desired_speed=pace, radius=radius
        )
        simulation.agent(simulation.add_agent(walker)).target = (side - MARGIN / 2, y)
    step: Callable[[], object] = simulation.iterate
    return step
