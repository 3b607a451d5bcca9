"""The scene: all that stands still, built once from the land, and the light that falls on it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from app.viewport.baked import Bakery
from app.viewport.country import country_of
from app.viewport.faces import Laid
from app.viewport.ground import Bools, Floats
from app.viewport.instanced import INSTANCE, OVERLAY, QUAD, SHADOWS, SKY, Array, End, GlState, Instanced
from app.viewport.light import light_at
from app.viewport.meshes import make
from app.viewport.props import Props
from app.viewport.quality import Quality
from app.viewport.shaders import Look
from engine.remote.wire import About, Columns

FAR_TREES: Mapping[str, str] = MappingProxyType({"pine": "far pine", "oak": "far oak", "birch": "far birch"})
DETAILS = {
    "tuft": 0.4,
    "bush": 1.0,
    "tree shadows": 1.3,
    "lamp": 1.6,
    "bench": 1.6,
    "stall": 6.0,
    "well": 3.0,
    "pools": 7.0,
    "halos": 8.0,
}
"""How far small things are seen, as shares of how far detailed trees reach."""
MINUTE = 1 / 60


class Scene:
    """Everything that stands still, under `parent_node` of a canvas, and the uniforms of everything that is drawn.

    country: what it is made of; ground: where cells are; roofs: those that come off; visuals: all that is drawn, by
    name. Whoever draws more calls `add`, so that it has the same camera, light and time.
    """

    far_trees = FAR_TREES

    def __init__(self, about: About, land: Columns, parent_node: Any, quality: Quality) -> None:
        self.quality = quality
        self.country = country_of(about, land, quality)
        self.ground, self.props = self.country.ground, self.country.props
        self.state = GlState()
        self.visuals: dict[str, Instanced] = {}
        self.matrix: Floats = np.eye(4, dtype=np.float32)
        self._parent = parent_node
        self._lit: tuple[float, ...] = ()
        self._uniforms: dict[str, Any] = {}
        self._chunks = self.country.chunks
        self._edge = (self.ground.size[0] / 2, self.ground.size[1] / 2, self.country.haze, 0.0)
        self.set_light(12.0, 47.0, 26.0, 40.0)
        self.set_matrix(np.eye(4, dtype=np.float32))
        self.set_time(0.0)
        self.roofs = self.country.lay(self)
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

    # ------------------------------------------------------------------ what is chosen from by what the camera sees

    def layer(
        self,
        name: str,
        look: str | Look,
        mesh: Array | str,
        instances: Array,
        order: int,
        far: str = "",
        **uniforms: Any,
    ) -> None:
        """Add instances of which those are drawn that the camera sees; `far` is the mesh of distant ones."""
        if not len(instances):
            return
        instances = self._chunks.sort(instances)
        near = self.add(name, look, mesh, instances.copy(), order, **uniforms)
        simple = self.add(far, "prop", far, instances.copy(), order) if far else None
        reach = self.quality.near * (1.0 if name in FAR_TREES else DETAILS.get(name, np.inf))
        self._chunks.add(instances, near, simple, reach)

    def bake_trees(self, name: str, instances: Array, bakery: Bakery, specks: float = np.inf) -> None:
        """Add trees: instances near by, plain triangles of a bakery beyond, and specks from `specks` reaches on."""
        near = self.quality.near
        self.layer(name, "prop", _stiff(make(name)), instances, 1)
        bakery.add(make(FAR_TREES[name]), instances, near, near * specks)
        if specks < np.inf:
            bakery.add(make("speck"), instances, near * specks)

    def bake(self, name: str, bakery: Bakery) -> None:
        """Draw what a bakery collected."""
        visual = self.add(name, "baked", bakery.done(), None, 2, room=bakery.size)
        self._chunks.bake(visual, bakery.parts)

    def mesh(self, name: str, look: str | Look, laid: Laid, order: int) -> Instanced | None:
        """Draw faces of which those are drawn that the camera sees; None if there are none."""
        if not len(laid.vertices):
            return None
        visual = self.add(name, look, laid.vertices, None, order, room=len(laid.part.indices))
        self._chunks.bake(visual, [laid.part])
        return visual

    @property
    def sight(self) -> int:
        """A number that is another one when the camera sees other pieces of the land."""
        return self._chunks.choices

    def may_see(self, xy: Floats) -> Bools:
        """Return which points float32[n,2] the camera may see, or nearly."""
        return self._chunks.shows(xy)

    def _furnish(self, props: Props) -> None:
        if len(props.furniture):
            self.add("furniture", "prop", props.furniture, _still(), 1)
        shape = (1.0, 0.0, 1.0)
        self.layer("shadows", "shadow", QUAD, props.shadows, SHADOWS, u_shape=shape)
        self.layer("tree shadows", "shadow", QUAD, props.tree_shadows, SHADOWS, u_shape=shape)
        if len(props.halos):
            self.add("halos", "halo", QUAD, props.halos, OVERLAY + 2)
        if len(props.smoke):
            self.add("smoke", "smoke", QUAD, props.smoke, OVERLAY + 3)

    # ------------------------------------------------------------------ light, camera, time

    def set_light(self, hour: float, distance: float, elevation: float, fov: float) -> None:
        """Set the light of an hour (0..24) for a camera `distance` from what it looks at; cheap when little changed."""
        wished = (round(hour / MINUTE / 2), round(np.log(max(distance, 1e-3)) * 20))
        if wished == self._lit:
            return
        self._lit = wished
        tier, clear = self.quality, self.country.clear
        light, air = light_at(hour, distance, float(tier.bevel), float(tier.clouds), clear)
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
