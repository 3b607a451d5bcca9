"""`PlaneSpace`: the Space on a continuous plane, computed by numba kernels over the World's columns.

The World keeps positions and velocities in whole steps of 1/4096 m, which float32 holds exactly on planes up to four
kilometres wide. A tick reads them, moves everyone by `substeps` substeps, and rounds them back, so that a restored
World goes on to the same bits.
"""

from __future__ import annotations

import numpy as np

from engine.errors import SpaceError
from engine.rng import Rng
from engine.society.places import Places
from engine.spaces.plane import standing
from engine.spaces.plane.aims import Aims
from engine.spaces.plane.cells import contacts_within, make_cells
from engine.spaces.plane.columns import (
    BESIDE,
    COLUMNS,
    PATIENCE,
    SIDEWAYS,
    TURNING,
    grains,
    headings,
    metres,
)
from engine.spaces.plane.doors import Doors
from engine.spaces.plane.heading import (
    NOWHERE,
    STROLLING,
    TO_AGENT,
    TO_PLACE,
    Goals,
    find_at_spot,
    find_beside,
    head_for_goals,
    land,
)
from engine.spaces.plane.locomotion import SOCIAL_FORCE, Locomotion
from engine.spaces.plane.navigation import Navigation, coarser, middles, navigation_cells
from engine.spaces.plane.plan import Plan, wall_segments
from engine.spaces.plane.rooms import together
from engine.spaces.plane.social_force import HASTE, Walkers
from engine.spaces.plane.survey import Survey, lay_ground
from engine.spaces.plane.team import Team
from engine.spaces.plane.walls import Walls, find_near_walls
from engine.spaces.plane.windows import FAR
from engine.values import Bools, Csr, Float32s, Int16s, Int32s
from engine.world import World

_REVIEW = 1.5
"""After so many seconds at most people think again which field to follow."""

_HELD_UP = np.float32(10)
"""Who comes less far in a tick than a tenth of what their pace allows waits."""

_MOST_WAITED = 30_000


class PlaneSpace:
    """The Space protocol on a plane. Its state is the columns `space.*`; cells are squares some metres wide.

    Within them ways are found over navigation cells half a metre wide. A place in a building is all of its room; one in
    the open is what can be reached out of doors within its radius without leaving that circle. Where places overlap,
    one stands in the smallest, then in that of the lowest index. Walls part people: who is in another room is no
    contact, and nobody has come to them.
    """

    def __init__(
        self,
        world: World,
        places: Places,
        plan: Plan,
        cell: float,
        substeps: int,
        tick_seconds: float,
        rng: Rng,
        team: Team,
        locomotion: Locomotion = SOCIAL_FORCE,
    ) -> None:
        """Survey a checked plan and declare the columns; `cell` is the width of cells in metres, halves allowed.

        Raises SpaceError for cells that do not fit the plane, a place in a wall or out of reach, or a wrong number.
        """
        if not 1 <= substeps <= 30_000 or not 0 < tick_seconds <= 30_000:
            raise SpaceError(f"a tick has {substeps} substeps and {tick_seconds} s; use 1 to 30000, and more than 0 s")
        self.world, self.places, self.substeps = world, places, substeps
        self._plan, self._doors, self._rng, self._team = plan, Doors(plan.buildings), rng, team
        self._locomotion = locomotion
        self._seconds = tick_seconds / substeps
        self._patience = min(max(round(PATIENCE / self._seconds), 1), _MOST_WAITED)
        self._turning = max(round(TURNING / self._seconds), 1)
        self._sides = plan.width, plan.height
        ground = self._lay(np.zeros(self._doors.gaps.shape[0], np.bool_))
        self.grid = coarser(ground[1], cell)
        if world.rows["cell"] != self.cells:
            raise SpaceError(f"the world has {world.rows['cell']} cells, the grid {self.cells}; make both of one size")
        self.survey = Survey(plan, ground, self.grid, places, team)
        self.survey.ways.check_ways()
        self.survey.ways.prepare()
        world.rows["door"] = self._doors.gaps.shape[0]
        world.declare("space", COLUMNS)
        self._own = world.own("space")
        self._aims = Aims(world, self._own, places, self.grid, rng, locomotion.roams)

    def _lay(self, shut: Bools) -> tuple[Walls, Navigation]:
        """Lay the walls, with shut doors bool[doors] among them: the crowd meets them from now on."""
        segments = np.concatenate([wall_segments(self._plan), self._doors.gaps[shut]])
        self._bodies = self._locomotion.bodies(self._plan, segments, self._rng, self._team)
        self._surveyed = shut.copy()
        return lay_ground(self._plan, segments)

    @property
    def cells(self) -> int:
        """The number of cells."""
        return self.grid.columns * self.grid.rows

    @property
    def passable(self) -> Bools:
        """In which cells one can stand, bool[cells]."""
        return self.grid.open

    def enter(self, agents: Int32s, cells: Int32s) -> None:
        """Put people into the middles of cells, or of the nearest with room; see `Space`.

        Raises SpaceError when there is not room for all, or a cell does not exist.
        """
        who = self._ids(agents)
        if cells.size != who.size:
            raise SpaceError(f"{who.size} people enter at {cells.size} cells; give one cell for each")
        if cells.size and not (cells.min() >= 0 and cells.max() < self.cells):
            raise SpaceError(f"cells {cells.min()} to {cells.max()} are entered; the grid has 0 to {self.cells - 1}")
        self._stand_near(who, middles(self.grid, self.survey.navigation, np.array(cells, np.int32)))
        self.halt(who)

    def _stand_near(self, who: Int32s, cells: Int32s) -> None:
        """Let people stand in the middles of navigation cells, or of the nearest with room; SpaceError: for not all."""
        own, inside, grid = self._own, self._aims.inside(), self.survey.navigation
        inside[who] = False
        x, y, radius = metres(own.x), metres(own.y), own.radius / np.float32(1000)
        head, after = np.empty(grid.open.size, np.int32), np.empty(inside.size, np.int32)
        found = standing.enter(grid, who, cells, x, y, radius, inside, head, after)
        if found < who.size:
            raise SpaceError(f"{who.size} people enter where {found} fit; make the plane larger")
        self._put(who, x[who], y[who])
        own.u[who], own.v[who] = 0, 0

    def leave(self, agents: Int32s) -> None:
        """Take people out of the space; see `Space`."""
        who = self._ids(agents)
        self._own.cell[who] = -1
        self._own.place[who] = -1
        self.halt(who)

    def head_for_place(self, agents: Int32s, places: Int32s) -> None:
        """Set people walking to places; see `Space`. Who is there already arrives at once."""
        self._check_places(places)
        who, own = self._ids(agents), self._own
        there = self._ways_to(who, np.array(places, np.int32)) == 0
        self._stand(who[there], places[there])
        new = ~there & ((own.goal_kind[who] != TO_PLACE) | (own.goal[who] != places))
        own.goal_kind[who[new]], own.goal[who[new]], own.waited[who[new]] = TO_PLACE, places[new], 0

    def head_for_agent(self, agents: Int32s, targets: Int32s) -> None:
        """Set people walking towards others; see `Space`. A goal that a person has already keeps its wait."""
        who, others, own = self._ids(agents), self._ids(targets), self._own
        new = (own.goal_kind[who] != TO_AGENT) | (own.goal[who] != others)
        own.waited[who[new]] = 0
        own.goal_kind[who], own.goal[who] = TO_AGENT, others

    def stroll(self, agents: Int32s) -> None:
        """Set people strolling; see `Space`. Who sets out in a place turns back two metres or so outside it."""
        own = self._own
        new = agents[own.goal_kind[agents] != STROLLING]
        own.goal_kind[new], own.goal[new], own.waited[new] = STROLLING, own.place[new], 0

    def halt(self, agents: Int32s) -> None:
        """Let people stand; whom others push out of the place in which they stand comes back to it."""
        self._stand(agents, self._own.place[agents])

    def _stand(self, who: Int32s, places: Int16s | Int32s) -> None:
        own = self._own
        own.goal_kind[who], own.goal[who], own.waited[who] = NOWHERE, places, 0

    def arrived(self, agents: Int32s) -> Bools:
        """Whether each is where it was heading; see `Space`. Strollers head nowhere, so they are."""
        who = self._ids(agents)
        kind = self._own.goal_kind[who]
        there: Bools = (kind == NOWHERE) | (kind == STROLLING)
        after = kind == TO_AGENT
        if after.any():
            there[after] = self._beside(self._aims.goals(self.survey), who[after])
        return there

    def stuck(self, agents: Int32s) -> Bools:
        """Whether each has waited three minutes on its way, or before a shut door, or whom it is after has left."""
        stuck: Bools = self._own.waited[agents] >= self._patience
        return stuck

    def set_doors(self, building: str, door: int | None, shut: bool) -> None:
        """Shut or open a building's doors, or that one; see `Space`. Who stands in a doorway steps aside."""
        own, doors = self._own, self._doors.find(building, door)
        before = own.shut.copy()
        own.shut[doors] = shut
        try:
            self.rebuild()
            x, y = metres(own.x), metres(own.y)
            touched = self._doors.in_the_way(doors[own.shut[doors]], x, y, own.radius / np.float32(1000))
            who = np.flatnonzero(self._aims.inside() & touched).astype(np.int32)
            self._stand_near(who, navigation_cells(self.survey.navigation, x[who], y[who]))
        except SpaceError:
            own.shut[:] = before
            self.rebuild()
            raise

    def set_speed(self, agents: Int32s, centimetres: Int32s) -> None:
        """Set how fast people walk, int32 centimetres a second. Raises SpaceError for less than 1."""
        if centimetres.size and centimetres.min() < 1:
            raise SpaceError(f"a walking speed is {centimetres.min()} cm/s; use 1 or more")
        self._own.speed[agents] = np.minimum(centimetres, 30_000)

    def move(self, tick: int) -> None:
        """Move everyone by one tick; see `Space`. Nobody moves first: a substep gathers from the one before."""
        own, bodies, known = self._own, self._bodies, self.survey
        moving = self._aims.inside()
        if self._locomotion.flies:
            moving &= own.goal_kind != NOWHERE
        who = np.flatnonzero(moving).astype(np.int32)
        if not who.size:
            return
        states = self._states(who)
        if self._locomotion.flies:  # nobody whom they are after ever rests
            states[own.goal_kind[who] == TO_AGENT, 5] *= np.float32(HASTE)
        bodies.take(who, states)
        goals = self._aims.goals(known, int(tick * self._seconds * self.substeps))
        toward, review = self._aims.toward(known, goals), max(1, int(_REVIEW / self._seconds))

        def aim(people: Walkers, ids: Int32s) -> None:
            goals.x[ids], goals.y[ids] = people.x[: ids.size], people.y[: ids.size]
            if substep % review == 0:
                goals.guide[ids] = known.ways.guides(toward[ids], goals.x[ids], goals.y[ids])
            bodies.share(head_for_goals, known.navigation, known.ways.walls, known.ways.fields, goals, people, ids)
            if self._locomotion.flies:
                bodies.share(land, goals.kind, people, ids)

        for substep in range(self.substeps):
            bodies.step(self._seconds, tick, substep, aim)
        after = bodies.state()
        before = metres(own.x[who]), metres(own.y[who])
        self._put(who, after[:, 0], after[:, 1])
        own.u[who], own.v[who] = grains(after[:, 2]), grains(after[:, 3])
        own.heading[who] = headings(own.u[who], own.v[who], own.heading[who])
        moved = np.maximum(np.abs(after[:, 0] - before[0]), np.abs(after[:, 1] - before[1]))
        everyone = np.arange(self.world.count, dtype=np.int32)
        goals = goals._replace(x=metres(own.x), y=metres(own.y), room=self.survey.rooms.room[self._fine(everyone)])
        self._settle(who, goals, moved * _HELD_UP < after[:, 5] * np.float32(self._seconds * self.substeps))

    def _settle(self, who: Int32s, goals: Goals, slow: Bools) -> None:
        """Stop those who have come to where they were heading, and count how long the others wait."""
        own = self._own
        walking = (own.goal_kind[who] == TO_PLACE) | (own.goal_kind[who] == TO_AGENT)
        waited = np.where(slow, own.waited[who] + self.substeps, np.maximum(own.waited[who] - self.substeps, 0))
        own.waited[who] = np.where(walking, np.minimum(waited, _MOST_WAITED), 0)

        heading = who[own.goal_kind[who] == TO_PLACE]
        at_spot = np.empty(heading.size, np.bool_)
        find_at_spot(self.survey.navigation, goals, heading, at_spot)
        heading = heading[at_spot | (own.waited[heading] > 0) | self._locomotion.flies]
        here = heading[self._ways_to(heading, own.goal[heading]) == 0]
        self._stand(here, own.goal[here])

        after_someone = who[own.goal_kind[who] == TO_AGENT]
        alone = after_someone[~goals.inside[own.goal[after_someone]]]
        own.waited[alone] = np.maximum(own.waited[alone], self._patience)
        self.halt(after_someone[self._beside(goals, after_someone)])

    def contacts(self, agents: Int32s, radius: int) -> Csr:
        """Return who is in the same room within `radius` cells of each by (distance, id); see `Space`."""
        if radius < 0:
            raise SpaceError(f"radius is {radius}; use 0 or more cells")
        asked, pitch = self._ids(agents), float(self.grid.pitch)
        cells = make_cells(*self._sides, self.grid.torus, max(radius, 1) * pitch, twice=True)
        ids = np.flatnonzero(self._aims.inside()).astype(np.int32)
        near = contacts_within(cells, ids, metres(self._own.x[ids]), metres(self._own.y[ids]), asked, radius * pitch)
        room = self.survey.rooms.room[self._fine(np.arange(self.world.count, dtype=np.int32))]
        return together(near, room[asked], room)

    def nearest(self, agents: Int32s, cells: Bools) -> Int32s:
        """Return the cell of the mask nearest to each as the crow flies, ties to the smallest; see `Space`."""
        if cells.size != self.cells:
            raise SpaceError(f"the mask has {cells.size} cells, the grid {self.cells}; give one flag for each cell")
        out = np.full(agents.size, -1, np.int32)
        if cells.any():
            standing.nearest(self.grid, np.array(cells), self._own.cell[self._ids(agents)], out)
        return out

    def place_distance(self, agents: Int32s, places: Int32s) -> Int32s:
        """Return the way of each pair in metres, int32[n]; 2^30 where there is none. A path step is ten metres."""
        self._check_places(places)
        way = self._ways_to(self._ids(agents), np.array(places, np.int32))
        out: Int32s = np.where(way >= FAR, FAR, (way + 500) // 1000).astype(np.int32)
        return out

    def place_distances(self, agents: Int32s, places: Int32s) -> Int32s:
        """Return the way of every person to every place, int32[agents,places], as `place_distance`."""
        every = self.place_distance(np.repeat(agents, places.size), np.tile(places, agents.size))
        return every.reshape(agents.size, places.size)

    def distance(self, cells: Int32s, others: Int32s) -> Int32s:
        """Return the distance between cells in whole cells as the crow flies, int32[n]."""
        return standing.crow_flies(self.grid, cells, others)

    def neighbourhood(self, cells: Int32s, radius: int) -> Csr:
        """Return the cells within `radius` of each, itself first, by (distance, cell)."""
        return standing.neighbourhoods(self.grid, cells, radius)

    def rebuild(self) -> None:
        """Find the ways anew where other doors are shut; all else that is derived is made when it is asked for."""
        if not np.array_equal(self._surveyed, self._own.shut):
            self.survey = Survey(self._plan, self._lay(self._own.shut), self.grid, self.places, self._team)

    def _states(self, who: Int32s) -> Float32s:
        """Return the columns of `Walkers` of people, float32[n,8]; who is held up beside a wall is narrower."""
        own = self._own
        states = np.zeros((who.size, len(Walkers._fields)), np.float32)
        for k, column in enumerate((own.x, own.y, own.u, own.v)):
            states[:, k] = metres(column[who])
        states[:, 4], states[:, 5] = own.radius[who] / np.float32(1000), own.speed[who] / np.float32(100)
        rows = np.flatnonzero(own.waited[who] >= self._turning)
        squeezed = np.empty(rows.size, np.bool_)
        x, y, reach = states[rows, 0], states[rows, 1], states[rows, 4] + BESIDE
        find_near_walls(self.survey.ways.walls, x, y, reach, squeezed)
        states[rows[squeezed], 4] *= SIDEWAYS
        return states

    def _put(self, who: Int32s, x: Float32s, y: Float32s) -> None:
        """Write where people are, and what follows from it."""
        own = self._own
        own.x[who], own.y[who] = grains(x), grains(y)
        own.cell[who] = navigation_cells(self.grid, metres(own.x[who]), metres(own.y[who]))
        own.place[who] = self.survey.rooms.place[self._fine(who)]

    def _fine(self, who: Int32s) -> Int32s:
        """Return the navigation cells in which people stand."""
        return self.survey.stands.cells(who, self._own.x[who], self._own.y[who])

    def _ways_to(self, who: Int32s, places: Int32s) -> Int32s:
        """Return the way of each pair in millimetres; FAR where there is none, or the person is outside the space."""
        own = self._own
        way = self.survey.ways.ways(places, metres(own.x[who]), metres(own.y[who]))
        way[own.place[who] == places] = 0
        way[own.cell[who] < 0] = FAR
        return way

    def _beside(self, goals: Goals, who: Int32s) -> Bools:
        beside = np.empty(who.size, np.bool_)
        find_beside(self.survey.navigation, goals, who, beside)
        return beside

    def _ids(self, agents: Int32s) -> Int32s:
        if agents.size and not (agents.min() >= 0 and agents.max() < self.world.count):
            raise SpaceError(
                f"people {agents.min()} to {agents.max()} are meant; there are 0 to {self.world.count - 1}"
            )
        return np.array(agents, np.int32)

    def _check_places(self, places: Int32s) -> None:
        if places.size and not (places.min() >= 0 and places.max() < len(self.places)):
            raise SpaceError(f"places {places.min()} to {places.max()} are meant; ids are 0 to {len(self.places) - 1}")
