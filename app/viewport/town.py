"""A town on the plane: its ground, its buildings, whose roofs come off, and what stands in its streets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from app.viewport.baked import Bakery
from app.viewport.buildings import PLANK, STONE
from app.viewport.chunks import OVER, Chunks
from app.viewport.facades import PARAPET, RIDGE, Paint, covers, far_faces, is_pitched, near_faces
from app.viewport.faces import Faces, Laid, level
from app.viewport.floorplan import FloorPlan
from app.viewport.ground import Floats, Ints
from app.viewport.instanced import OVERLAY, QUAD, SHADOWS, VERTEX
from app.viewport.low_walls import CUT, SLABS, WALL, low_walls, open_rooms
from app.viewport.mesh import linear
from app.viewport.paving import middles, pave, surfaces, surround
from app.viewport.plane_ground import PlaneGround
from app.viewport.points import Points
from app.viewport.quality import Quality
from app.viewport.roofs import ROOM, Roofs, Shell
from app.viewport.shut_doors import ShutDoors
from app.viewport.street import furnish_town, lights
from app.viewport.town_looks import CAST, FACADE, GROUND, POND, POOL
from engine.remote.wire import About, Columns

if TYPE_CHECKING:
    from app.viewport.scene import Scene

HAZE = 4.0
"""World units beyond the edge within which the land fades, for each hex of a tier's margin."""
MOST = 0.88
"""How much of a town's extent an overview frames: what lies nearest and furthest is seen anyway."""
FEW = 8
"""Fewer buildings are no town: an overview has all places in it."""
HOUSES, FINE, TREES = 8.0, 4.0, 9.0
"""How far houses are drawn in full, the borders of the ground rounded, and trees with a trunk, against how far detailed
trees are.
"""
FINEST = 0.6
"""Metres to which the borders of the ground are rounded."""


class Town:
    """The town; see `country.Country`."""

    indoors: tuple[str, ...] = ()
    clear = 2.6
    crowd, specks = 0, 170.0

    def __init__(self, about: About, land: Columns, quality: Quality) -> None:
        self.ground = PlaneGround(about, land)
        self.standing = Points(self.ground, float(about.tick))
        self.plan = FloorPlan(self.ground, land)
        self._shut = ShutDoors(self.plan.doors)
        dice = np.random.default_rng([about.seed, 0x746F776E])
        indoors = self.plan.at(self.ground.xyz[:, :2]) >= 0
        self._made_of = surfaces(self.ground, indoors)
        self.props = furnish_town(about, land, self.ground, self.plan, self._made_of, indoors, dice)
        self.haze = quality.margin * HAZE
        extent = (self.plan.high - self.plan.low).max(initial=0.0)
        half = (self.ground.size[0] / 2 + self.haze, self.ground.size[1] / 2 + self.haze)
        self.chunks = Chunks(half, OVER + 0.75 * float(extent) + 4.0)
        self.heart = _heart(about, self.ground, self.plan)
        self._pitched = is_pitched(self.plan)
        self._paint = Paint.of(self.plan, self._pitched, dice)
        self._top = self.plan.height + np.where(self._pitched, RIDGE, PARAPET) * (self.plan.storeys > 0)
        self._dice = dice

    def lay(self, scene: Scene) -> Roofs:
        """Draw the town."""
        self._lay_ground(scene)
        self._lay_low_walls(scene)
        self._lay_street(scene)
        reach = scene.quality.near * HOUSES
        middle = self.plan.middle
        near = near_faces(self.plan, self._paint, self._pitched).lay(self.chunks, middle, upto=reach)
        far = far_faces(self.plan, self._paint, self._pitched).lay(self.chunks, middle, beyond=reach)
        cast = self._cast_shadows().lay(self.chunks, middle, upto=reach)
        found: list[Shell] = []
        for name, look, laid, order in (
            ("houses", FACADE, near, 1),
            ("far houses", FACADE, far, 1),
            ("shadows of houses", CAST, cast, SHADOWS),
        ):
            visual = scene.mesh(name, look, laid, order)
            if visual is not None:
                found.append(Shell(visual, laid))
        if len(barriers := self._shut.room()):
            self._shut.draw_with(scene.add("shut doors", "baked", barriers, None, 1, room=len(barriers) * 3 // 2))
        inside = scene.add("open houses", "baked", np.zeros(ROOM, VERTEX), None, 1, room=ROOM * 3 // 2)
        return Roofs(self.plan, tuple(found), inside, self._paint.wall, self._top, self._rooms())

    def take(self, frame: Columns) -> None:
        """Draw barriers across the doors that are shut; a run that was recorded without them has none."""
        if "space.shut" in frame:
            self._shut.take(np.asarray(frame["space.shut"], np.bool_))

    def _rooms(self) -> Ints:
        """Return in which building each cell lies with all of its corners, int64[cells], -1 for none."""
        ground = self.ground
        lines = [np.arange(count + 1) * ground.pitch - size / 2
                 for count, size in zip((ground.width, ground.height), ground.size, strict=True)]  # fmt: skip
        x, y = np.meshgrid(*lines)
        corner = self.plan.at(np.stack([x.ravel(), y.ravel()], 1)).reshape(x.shape)
        one = corner[:-1, :-1]
        whole = (one == corner[1:, :-1]) & (one == corner[:-1, 1:]) & (one == corner[1:, 1:])
        rooms: Ints = np.where(whole, one, -1).ravel()
        return rooms

    def _lay_ground(self, scene: Scene) -> None:
        """Draw the ground: its borders are rounded near by, and plain in the distance."""
        reach = scene.quality.near * FINE
        for suffix, finest, near, far in (("", FINEST, -np.inf, reach), (" far away", np.inf, reach, np.inf)):
            for name, look, dry in (("ground", GROUND, True), ("water", POND, False)):
                faces = pave(self.ground, self._made_of, dry, self.haze, finest, self._dice)
                scene.mesh(name + suffix, look, faces.lay(self.chunks, middles(faces), near, far), 3)
        earth = Faces()
        surround(earth, self.ground, self.haze, self._dice)
        scene.mesh("earth", GROUND, earth.lay(self.chunks, middles(earth)), 3)

    def _lay_low_walls(self, scene: Scene) -> None:
        """Draw halls without a roof, and walls that stand free."""
        scene.mesh("low walls", "baked", self._free_walls(), 1)
        faces = Faces()
        halls = np.flatnonzero(self.plan.storeys == 0)
        pale = np.broadcast_to(linear(WALL), (self.plan.count, 3))
        open_rooms(faces, self.plan, halls, SLABS, pale)
        scene.mesh("halls", "baked", faces.lay(self.chunks, self.plan.middle), 1)

    def _free_walls(self) -> Laid:
        """Return walls: counters are of wood, banks of water hardly rise."""
        faces, walls = Faces(), self.plan.walls
        middle = (walls[:, :2] + walls[:, 2:]) / 2
        along = walls[:, 2:] - walls[:, :2]
        aside = np.stack([along[:, 1], -along[:, 0]], 1) / np.maximum(np.hypot(*along.T), 1e-9)[:, None]
        beside = [self.ground.cell_at(middle + side * self.ground.pitch * aside) for side in (-1, 1)]
        is_bank = self.ground.water[beside[0]] | self.ground.water[beside[1]]
        colour = np.where(is_bank[:, None], linear(STONE), linear(WALL))
        colour[self.plan.counters.ravel()] = linear(PLANK)
        high = np.where(is_bank, 0.3 * CUT, CUT)
        low_walls(faces, np.arange(len(walls)), walls[:, :2], walls[:, 2:], colour, high)
        return faces.lay(self.chunks, middle)

    def _lay_street(self, scene: Scene) -> None:
        bakery = Bakery(self.chunks)
        for name, instances in self.props.layers.items():
            if name not in scene.far_trees:
                scene.layer(name, "prop", name, instances, 1)
            elif scene.quality.bevel:
                scene.layer(name, "plant", name, instances, 1, scene.far_trees[name])
            else:
                scene.bake_trees(name, instances, bakery, TREES)
        if bakery.parts:
            scene.bake("trees", bakery)
        pools, halos = lights(self.props)
        scene.layer("pools", POOL, QUAD, pools, SHADOWS + 1)
        scene.layer("halos", "halo", QUAD, halos, OVERLAY + 2)

    def _cast_shadows(self) -> Faces:
        """Return what `town_looks.CAST` makes shadows of: outlines, and the same raised to the roofs."""
        faces, plan = Faces(), self.plan
        roofed = np.flatnonzero(plan.storeys > 0)
        side = np.flatnonzero(plan.storeys[plan.owner] > 0)
        owner = plan.owner[side]
        high = plan.height + np.where(self._pitched, 0.4 * RIDGE, PARAPET)
        ring = np.stack([plan.first[side], plan.second[side], plan.second[side], plan.first[side]], 1)
        black = np.zeros((len(side), 3))
        faces.add(owner, level(ring, 0.0), black, across=high[owner][:, None] * np.array([0.0, 0.0, 1.0, 1.0]))
        owner, corners = covers(plan, roofed, plan.first)
        faces.add(owner, level(corners, 0.0), np.zeros((len(owner), 3)), across=high[owner][:, None])
        return faces


def _heart(about: About, ground: PlaneGround, plan: FloorPlan) -> Floats:
    """Return the corners of most of what is built, or of all places where that is little, float32[4,3]."""
    half = np.array(ground.size) / 2
    built = plan.first if plan.count else plan.walls.reshape(-1, 2)
    share = MOST
    if plan.count < FEW and about.places:
        cells = [place.cell for place in about.places]
        reach = np.array([[place.radius + 1.0] for place in about.places]) * about.pitch / ground.unit
        middles, share = ground.xyz[cells, :2], 1.0
        built = np.concatenate([built, middles - reach, middles + reach])
    low, high = (built.min(0), built.max(0)) if len(built) else (-half, half)
    middle, reach = (low + high) / 2, share * (high - low) / 2
    corners = [(*(middle + np.array(side) * reach), 0.0) for side in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    return np.array(corners, np.float32)
