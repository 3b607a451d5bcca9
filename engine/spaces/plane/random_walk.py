"""A random walk: nobody minds anybody, and walls alone stop people.

Strollers go straight on for some seconds, each time in one of eight directions drawn anew, so that over t seconds at a
pace v they come sqrt(v^2 c t) far in the root mean square, where c are the seconds of a course: Codling, Plank and
Benhamou 2008, "Random walk models in biology", J. R. Soc. Interface 5, 813. Who goes somewhere goes straight there.
It is what meetings by chance alone are compared with.
"""

from __future__ import annotations

import numpy as np

from engine.kernels import unlocked
from engine.rng import Rng
from engine.spaces.plane.cells import Cells
from engine.spaces.plane.crowd import Crowd
from engine.spaces.plane.plan import Segments
from engine.spaces.plane.social_force import Beat, Desk, Walkers, onto
from engine.spaces.plane.steps import add_limit, step_within
from engine.spaces.plane.team import Team
from engine.spaces.plane.walls import Walls, nearest_of, wall_cell
from engine.values import Int32s

_ONE = np.float32(1)


@unlocked
def drift(
    part: int,
    first: int,
    end: int,
    cells: Cells,
    start: Int32s,
    walls: Walls,
    people: Walkers,
    ids: Int32s,
    after: Walkers,
    beat: Beat,
    desk: Desk,
) -> None:
    """Move the people in rows first..end-1 of the cells by one substep, each at their pace."""
    limits = desk.limits[part]
    for i in range(start[first * cells.columns], start[end * cells.columns]):
        x, y, radius, pace = people.x[i], people.y[i], people.radius[i], people.pace[i]
        longest, cell, count = pace * beat.seconds, wall_cell(walls, x, y), 0
        for k in range(walls.start[cell], walls.start[cell + 1]):
            to_x, to_y = nearest_of(walls.ends, walls.items[k], x, y)
            count = add_limit(limits, count, to_x, to_y, radius, _ONE, radius + longest)
        east, north = people.east[i], people.north[i]
        dx, dy = step_within(limits, count, east * longest, north * longest, longest)
        after.x[i], after.y[i] = onto(cells.torus, cells.width, x + dx), onto(cells.torus, cells.height, y + dy)
        after.u[i], after.v[i] = dx / beat.seconds, dy / beat.seconds
        after.radius[i], after.pace[i] = radius, pace
        after.east[i], after.north[i] = east, north


class RandomWalk(Crowd):
    """People who walk through each other; walls stop them."""

    def __init__(self, width: float, height: float, torus: bool, segments: Segments, rng: Rng, team: Team) -> None:
        """Lay the walls; see `Crowd`."""
        super().__init__(width, height, torus, segments, rng, team)
        self._kernel = drift
