"""The scene: all that stands still, built once from the land, and the light that falls on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from app.viewport.baked import Bakery, plain_tile
from app.viewport.chunks import Chunks
from app.viewport.instanced import INSTANCE, QUAD, Array, End, GlState, Instanced
from app.viewport.light import light_at
from app.viewport.meshes import hexagon, make, wall
from app.viewport.props import Props, place_props
from app.viewport.quality import Quality
from app.viewport.shaders import Look
from app.viewport.terrain import WIDE, Floats, Ground, lay_sheet, tiles, tones
from engine.remote.wire import About, Columns

SHADOWS, SKY, OVERLAY = 4, 5, 6
"""Orders of drawing: opaque things are 0 to 3; rings, lines and smoke come after the sky."""
PLANTS = ("pine", "oak", "birch", "bush", "crop", "tuft")
FAR = {"pine": "far pine", "oak": "far oak", "birch": "far birch"}
DETAILS = {"tuft": 0.4, "bush": 1.0, "tree shadows": 1.3}
"""How far small things are seen, as shares of how far detailed trees reach."""
BAKED = ("stone", "crop", "bush")
"""Small things that become plain triangles in the light tier."""
MINUTE = 1 / 60
HAZE = 1.5
"""Circumradii of haze for each hex of margin."""


class Scene:
    """Everything that stands still, under `parent_node` of a canvas, and the uniforms of everything that is drawn.

    ground: where cells are; visuals: all that is drawn, by name. Whoever draws more calls `add`, so that it has the
    same camera, light and time.
    """

    def __init__(self, about: About, land: Columns, parent_node: Any, quality: Quality) -> None:
        self.quality = quality
        self.ground = Ground(about, land)
        self.state = GlState()
        self.visuals: dict[str, Instanced] = {}
        self.matrix: Floats = np.eye(4, dtype=np.float32)
        self._parent = parent_node
        self._lit: tuple[float, ...] = ()
        self._uniforms: dict[str, Any] = {}
        dice = np.random.default_rng([about.seed, 0x746F6E65])
        sheet = lay_sheet(self.ground, quality.margin)
        tone = tones(about, self.ground, dice)
        self.props = place_props(about, self.ground, sheet, tone, quality)
        reach = (quality.margin + 1) * WIDE
        half = (self.ground.size[0] / 2 + reach, self.ground.size[1] / 2 + reach)
        self._chunks = Chunks(half)
        self._edge = (self.ground.size[0] / 2, self.ground.size[1] / 2, quality.margin * HAZE, 0.0)
        self.set_light(12.0, 47.0, 26.0, 40.0)
        self.set_matrix(np.eye(4, dtype=np.float32))
        self.set_time(0.0)
        land_parts = tiles(sheet, self.ground, tone, self.props.lamp)
        if quality.bevel:
            self._lay(*land_parts)
            self._grow(self.props.layers)
        else:
            self._bake(*land_parts, self.props.layers)
        self._furnish(self.props)
        self.add("sky", "sky" if quality.clouds else "plain sky", QUAD, None, SKY)
        self._end = End(self.state, parent=parent_node)
        self._end.order = 1000

    def add(
        self,
        name: str,
        look: str | Look,
        mesh: Array | str,
        instances: Array | None,
        order: int,
        **uniforms: Any,
    ) -> Instanced:
        """Draw something more: `mesh` is VERTEX[n], QUAD or the name of a mesh. It is known as `visuals[name]`."""
        made = make(mesh) if isinstance(mesh, str) else mesh
        visual = Instanced(look, made, instances, self._parent, order, self.state, **{**self._uniforms, **uniforms})
        self.visuals[name] = visual
        return visual

    def _lay(self, tops: Array, pools: Array, sides: Array) -> None:
        self._layer("walls", "flat tile", wall(), sides, 2)
        self._layer("tiles", "tile", hexagon(False), tops, 3)
        self._layer("water", "water", hexagon(False), pools, 3)

    def _grow(self, layers: Mapping[str, Array]) -> None:
        for name, instances in layers.items():
            self._layer(name, "plant" if name in PLANTS else "prop", name, instances, 1, FAR.get(name, ""))

    def _bake(self, tops: Array, pools: Array, sides: Array, layers: Mapping[str, Array]) -> None:
        """Make plain triangles of what is small and many."""
        bakery = Bakery(self._chunks)
        bakery.add(plain_tile(hexagon(True)), tops, slope=0.055)
        bakery.add(plain_tile(wall()), sides)
        for name, instances in layers.items():
            if name in FAR:
                self._layer(name, "prop", _stiff(make(name)), instances, 1)
                bakery.add(make(FAR[name]), instances, self.quality.near)
            elif name in BAKED:
                bakery.add(make(name), instances)
            else:
                self._layer(name, "prop", name, instances, 1)
        land = self.add("land", "baked", bakery.done(), None, 2, room=bakery.size)
        self._chunks.bake(land, bakery.parts)
        self._layer("water", "flat water", hexagon(False), pools, 3)

    def _layer(
        self,
        name: str,
        look: str,
        mesh: Array | str,
        instances: Array,
        order: int,
        far: str = "",
        **uniforms: Any,
    ) -> None:
        """Add a layer that is chosen from by what the camera sees."""
        if not len(instances):
            return
        instances = self._chunks.sort(instances)
        near = self.add(name, look, mesh, instances.copy(), order, **uniforms)
        simple = self.add(far, "prop", far, instances.copy(), order) if far else None
        reach = self.quality.near * (1.0 if name in FAR else DETAILS.get(name, np.inf))
        self._chunks.add(instances, near, simple, reach)

    def _furnish(self, props: Props) -> None:
        if len(props.furniture):
            self.add("furniture", "prop", props.furniture, _still(), 1)
        shape = (1.0, 0.0, 1.0)
        self._layer("shadows", "shadow", QUAD, props.shadows, SHADOWS, u_shape=shape)
        self._layer("tree shadows", "shadow", QUAD, props.tree_shadows, SHADOWS, u_shape=shape)
        if len(props.halos):
            self.add("halos", "halo", QUAD, props.halos, OVERLAY + 2)
        if len(props.smoke):
            self.add("smoke", "smoke", QUAD, props.smoke, OVERLAY + 3)

    def set_light(self, hour: float, distance: float, elevation: float, fov: float) -> None:
        """Set the light of an hour (0..24) for a camera `distance` from what it looks at; cheap when little changed."""
        wished = (round(hour / MINUTE / 2), round(np.log(max(distance, 1e-3)) * 20))
        if wished == self._lit:
            return
        self._lit = wished
        light, air = light_at(hour, distance, float(self.quality.bevel), float(self.quality.clouds))
        air[3] = self._edge
        self._set(u_light=light, u_air=air)

    def set_matrix(self, mvp: Floats) -> None:
        """Set the camera: clip = [x, y, z, 1] @ mvp, as VisPy's transforms give it, float[4,4]."""
        self.matrix = np.ascontiguousarray(mvp, np.float32)
        back = np.linalg.inv(mvp.astype(np.float64))
        corners = np.array([[0, 0, 1, 1], [1, 0, 1, 1], [0, 1, 1, 1], [0, 0, -1, 1]]) @ back
        far, right, up, near = corners[:, :3] / corners[:, 3:]
        eye_clip = np.array([0.0, 0.0, 1.0, 0.0]) @ back
        eye = eye_clip[:3] / eye_clip[3] if abs(eye_clip[3]) > 1e-12 else near
        rays = np.zeros((4, 4), np.float32)
        rays[0, :3], rays[1, :3], rays[2, :3], rays[3, :3] = far - eye, right - far, up - far, eye
        rays[:3] /= np.linalg.norm(rays[0, :3]) + 1e-12
        self._chunks.look(self.matrix)
        self._set(u_mvp=self.matrix, u_rays=rays, u_eye=tuple(float(part) for part in eye))

    def set_time(self, seconds: float) -> None:
        """Set the time by which people breathe, trees sway and water moves."""
        self._set(u_time=float(seconds))

    def _set(self, **values: Any) -> None:
        self._uniforms.update(values)
        for visual in self.visuals.values():
            visual.uniform(**values)

    def dispose(self) -> None:
        """Take everything off the canvas and free its buffers."""
        for visual in [*self.visuals.values(), self._end]:
            visual.parent = None
        for visual in self.visuals.values():
            visual.release()
        self.state.close()
        self.visuals.clear()


def _stiff(mesh: Array) -> Array:
    """Return a plant's mesh that does not sway: the look "prop" takes the same number for lamp light."""
    mesh["a_vert"][:, 3] = 0.0
    return mesh


def _still() -> Array:
    """Return the one instance of a mesh in world coordinates."""
    one = np.zeros(1, INSTANCE)
    one["i_anim"][:, 0] = 1.0
    one["i_color"][:, :3] = 1.0
    return one
