"""`HexSpace`: the Space on a hex grid, computed by numba kernels over the World's columns."""

from __future__ import annotations

import numpy as np

from engine.errors import SpaceError
from engine.rng import Rng, purpose
from engine.society.places import Places
from engine.spaces.hex import crowd as crowds
from engine.spaces.hex import fields, grid, walking
from engine.spaces.hex.crowd import Bodies
from engine.spaces.hex.terrain import COUNT, OWNER, ROOM, Terrain, lay_land
from engine.values import Bools, Csr, Int16s, Int32s
from engine.world import Column, World

WALKING_PACE = 67
"""What people walk a second unless told otherwise, in centimetres."""

MOST_SPEED = 30_000

NEAR_BY = 8
"""Within so many cells `nearest` looks around each person, before it spreads over the map."""


def columns(speed: int) -> tuple[Column, ...]:
    """Return the columns of a hex space; `speed` is what everyone has at first."""
    return (
        Column("cell", np.int32, fill=-1, frame=True, about="the cell where the person stands, -1 outside the space"),
        Column(
            "place",
            np.int16,
            fill=-1,
            frame=True,
            about="the place to which that cell belongs, -1 for none",
            kind="place",
        ),
        Column("goal_kind", np.int8, about="0 standing, 1 walking to a place, 2 to a person, 3 strolling"),
        Column("goal", np.int32, fill=-1, about="the place or person; for strollers the place that they stay near"),
        Column("progress", np.int32, unit="tenths of a path step", about="points saved up for the next step"),
        Column("heading", np.int8, frame=True, about="direction of the last step: 0 E, 1 NE, 2 NW, 3 W, 4 SW, 5 SE"),
        Column("waited", np.int16, unit="steps", about="steps waited on the way, less steps made since"),
        Column("speed", np.int16, fill=speed, unit="tenths of a path step a substep", about="how fast one walks"),
    )


class HexSpace:
    """The Space protocol on a hex grid. Its state is the columns `space.*`; the index and the fields are derived.

    room int16[cells] is how many fit into a cell: `capacity`, or a place's share where that is more; place_of
    int16[cells] is the place to which a cell belongs: the one of the smallest radius, then of the lowest index.
    """

    def __init__(
        self,
        world: World,
        places: Places,
        terrain: Terrain,
        capacity: int,
        substeps: int,
        pitch_metres: float,
        tick_seconds: int,
        rng: Rng,
    ) -> None:
        """Survey the map and declare the columns.

        Raises SpaceError when the grid is too small or does not close, the terrain does not fit it, a place has no
        passable cell, or a number is out of range.
        """
        self.grid = grid.make_grid(terrain.width, terrain.height, terrain.torus)
        for name, value in (("capacity", capacity), ("substeps", substeps), ("tick_seconds", tick_seconds)):
            if not 1 <= value <= 30_000:
                raise SpaceError(f"{name} is {value}; use 1 to 30000")
        pitch = round(pitch_metres * 100)
        if not 10 <= pitch <= 10_000_000:
            raise SpaceError(f"pitch_metres is {pitch_metres}; use 0.1 to 100000")
        if world.rows["cell"] != self.cells:
            raise SpaceError(f"the world has {world.rows['cell']} cells, the grid {self.cells}; make both of one size")
        self.world, self.places, self.substeps = world, places, int(substeps)
        self._land, sources = lay_land(self.grid, terrain, places, int(capacity), pitch)
        self._ways = fields.survey(self._land, places, sources)
        self.room: Int16s = self._land.cells[:, ROOM].astype(np.int16)
        self.place_of: Int16s = self._land.cells[:, OWNER].astype(np.int16)
        self._reach, self._pace = int(tick_seconds) * 10, pitch * self.substeps
        speed = WALKING_PACE * self._reach // self._pace
        world.declare("space", columns(min(max(speed, 1), MOST_SPEED)))
        self._own = world.own("space")
        self._discs: dict[int, grid.Disc] = {}
        self._key = (rng.seed, np.uint64(purpose("move.order")), np.uint64(purpose("move.turn")))
        self._movers: Int32s = np.zeros(0, np.int32)
        self._found: Int32s = np.zeros(1024, np.int32)
        self._lists: Int32s = np.zeros(1024, np.int32)
        self.rebuild()

    @property
    def cells(self) -> int:
        """The number of cells."""
        return self.grid.width * self.grid.height

    @property
    def passable(self) -> Bools:
        """Which cells one can stand on, bool[cells]."""
        return self.room > 0

    def enter(self, agents: Int32s, cells: Int32s) -> None:
        """Put people into the space at cells, or into the nearest with room; see `Space`.

        Raises SpaceError when there is not room for all, or a cell does not exist.
        """
        who, where = self._ids(agents), writable(cells)
        if where.size != who.size:
            raise SpaceError(f"{who.size} people enter at {where.size} cells; give one cell for each")
        if where.size and not (where.min() >= 0 and where.max() < self.cells):
            raise SpaceError(f"cells {where.min()} to {where.max()} are entered; the grid has 0 to {self.cells - 1}")
        self._leave(who)
        free = int(np.maximum(self.room - self._land.cells[:, COUNT], 0).sum(dtype=np.int64))
        if np.unique(who).size > free:
            raise SpaceError(f"{who.size} people enter where {free} fit; make the map or `capacity` larger")
        seen, queue = np.full(self.cells, -1, np.int32), np.empty(self.cells, np.int32)
        crowds.enter(self._land, self._bodies(), who, where, seen, queue)

    def leave(self, agents: Int32s) -> None:
        """Take people out of the space; see `Space`."""
        self._leave(self._ids(agents))

    def _leave(self, who: Int32s) -> None:
        self._fit()
        crowds.leave(self._land, self._bodies(), who)
        self.halt(who)

    def head_for_place(self, agents: Int32s, places: Int32s) -> None:
        """Set people walking to places; see `Space`. Who is there already arrives at once."""
        self._check_places(places)
        walking.head_for_place(self._bodies(), self._land, self._ways, self._ids(agents), writable(places))

    def head_for_agent(self, agents: Int32s, targets: Int32s) -> None:
        """Set people walking towards others; see `Space`. A goal that a person has already keeps its wait."""
        who, others = self._ids(agents), self._ids(targets)
        own = self._own
        new = (own.goal_kind[who] != walking.TO_AGENT) | (own.goal[who] != others)
        own.waited[who[new]] = 0
        own.goal_kind[who] = walking.TO_AGENT
        own.goal[who] = others

    def stroll(self, agents: Int32s) -> None:
        """Set people strolling; see `Space`. Who sets out in a place stays within its radius and two cells more."""
        own = self._own
        new = agents[own.goal_kind[agents] != walking.STROLLING]
        own.goal_kind[new] = walking.STROLLING
        own.goal[new] = own.place[new]
        own.progress[new] = 0
        own.waited[new] = 0

    def halt(self, agents: Int32s) -> None:
        """Let people stand."""
        own = self._own
        own.goal_kind[agents] = walking.NOWHERE
        own.goal[agents] = -1
        own.progress[agents] = 0
        own.waited[agents] = 0

    def arrived(self, agents: Int32s) -> Bools:
        """Whether each is where it was heading; see `Space`. Strollers head nowhere, so they are."""
        own = self._own
        kind = own.goal_kind[agents]
        there: Bools = (kind == walking.NOWHERE) | (kind == walking.STROLLING)
        after = np.flatnonzero(kind == walking.TO_AGENT)
        if after.size:
            here, target = own.cell[agents[after]], own.cell[own.goal[agents[after]]]
            both = (here >= 0) & (target >= 0)
            there[after[both]] = grid.distances(self.grid, here[both], target[both]) <= 1
        return there

    def stuck(self, agents: Int32s) -> Bools:
        """Whether each has waited twelve steps on its way, or there is no way, or whom it is after has left."""
        stuck: Bools = self._own.waited[agents] >= walking.STUCK
        return stuck

    def set_doors(self, building: str, door: int | None, shut: bool) -> None:
        """Raise SpaceError: hexes have no doors."""
        raise SpaceError(f"hexes have no doors, so {building} has none; write `space: {{kind: plane}}`")

    def set_speed(self, agents: Int32s, centimetres: Int32s) -> None:
        """Set how fast people walk, int32 centimetres a second on a path. Raises SpaceError for less than 1."""
        if centimetres.size and centimetres.min() < 1:
            raise SpaceError(f"a walking speed is {centimetres.min()} cm/s; use 1 or more")
        self._own.speed[agents] = np.clip(centimetres.astype(np.int64) * self._reach // self._pace, 1, MOST_SPEED)

    def move(self, tick: int) -> None:
        """Move everyone by one tick; see `Space`."""
        self._fit()
        walking.walk(
            self._bodies(), self._land, self._ways, self.places.radius, self._movers,
            self._key, int(tick), self.substeps,
        )  # fmt: skip

    def contacts(self, agents: Int32s, radius: int) -> Csr:
        """Return who is within `radius` cells of each by (distance, id); see `Space`."""
        self._fit()
        who, cell, alive = self._ids(agents), self._own.cell, self.world.alive
        start = np.empty(who.size + 1, np.int64)
        disc = self._disc(radius)
        if not disc.steps.shape[1]:
            return Csr(start, crowds.contacts_by_all(self.grid, disc.radius, alive, cell, who, start))
        found = -1
        while found < 0:
            known = np.full((cell.size, 2), -1, np.int64)
            found = crowds.contacts(
                self.grid, disc, self._land, alive, cell, who, start, self._found, known, self._lists
            )
            if found < 0:
                self._found, self._lists = (np.empty(2 * self._found.size, np.int32) for _ in range(2))
        return Csr(start, self._found[:found].copy())

    def nearest(self, agents: Int32s, cells: Bools) -> Int32s:
        """Return the cell of the mask nearest to each as the crow flies, ties to the smallest; see `Space`."""
        if cells.size != self.cells:
            raise SpaceError(f"the mask has {cells.size} cells, the grid {self.cells}; give one flag for each cell")
        mask = cells if cells.flags.writeable and cells.flags.c_contiguous else np.array(cells, np.bool_)
        where = self._own.cell[self._ids(agents)]
        return grid.nearest(self.grid, self._disc(NEAR_BY), self._land.cells, mask, where)

    def place_distance(self, agents: Int32s, places: Int32s) -> Int32s:
        """Return the way of each pair in tenths of a path step, int32[n]; 2^30 where there is none."""
        self._check_places(places)
        out = np.empty(agents.size, np.int32)
        fields.walking_distances(self._ways, self.grid, self._own.cell[agents], writable(places), out)
        return out

    def place_distances(self, agents: Int32s, places: Int32s) -> Int32s:
        """Return the way of every person to every place, int32[agents,places], as `place_distance`."""
        self._check_places(places)
        out = np.empty((agents.size, places.size), np.int32)
        fields.walking_table(self._ways, self.grid, self._own.cell[agents], writable(places), out)
        return out

    def distance(self, cells: Int32s, others: Int32s) -> Int32s:
        """Return the distance between cells in cells as the crow flies, int32[n]."""
        return grid.distances(self.grid, writable(cells), writable(others))

    def neighbourhood(self, cells: Int32s, radius: int) -> Csr:
        """Return the cells within `radius` of each, itself first, by (distance, cell)."""
        return grid.neighbourhoods(self.grid, self._disc(radius), writable(cells))

    def rebuild(self) -> None:
        """Make the index anew from the World's columns; see `Space`."""
        self._land = self._land._replace(after=np.full(self.world.capacity, -1, np.int32))
        self._movers = np.zeros(self.world.capacity, np.int32)
        crowds.index(self._land, self.world.alive, self._own.cell)

    def _fit(self) -> None:
        """Make the index longer when the World has grown."""
        if self._land.after.size < self.world.count:
            self.rebuild()

    def _bodies(self) -> Bodies:
        own = self._own
        return Bodies(
            self.world.alive, own.cell, own.place, own.goal_kind, own.goal, own.progress, own.heading, own.waited,
            own.speed,
        )  # fmt: skip

    def _disc(self, radius: int) -> grid.Disc:
        radius = min(int(radius), self.grid.width + self.grid.height)
        if radius not in self._discs:
            if radius < 0:
                raise SpaceError(f"radius is {radius}; use 0 or more cells")
            self._discs[radius] = grid.make_disc(self.grid, radius)
        return self._discs[radius]

    def _ids(self, agents: Int32s) -> Int32s:
        if agents.size and not (agents.min() >= 0 and agents.max() < self.world.count):
            raise SpaceError(
                f"people {agents.min()} to {agents.max()} are meant; there are 0 to {self.world.count - 1}"
            )
        return writable(agents)

    def _check_places(self, places: Int32s) -> None:
        if places.size and not (places.min() >= 0 and places.max() < len(self.places)):
            raise SpaceError(f"places {places.min()} to {places.max()} are meant; ids are 0 to {len(self.places) - 1}")


def writable(numbers: Int32s) -> Int32s:
    """Return the numbers as a contiguous int32 array that is not read-only: numba compiles anew for read-only ones."""
    if numbers.flags.writeable and numbers.flags.c_contiguous and numbers.dtype == np.int32:
        return numbers
    return np.array(numbers, np.int32)
