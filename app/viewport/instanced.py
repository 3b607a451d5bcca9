"""The one Visual: a mesh times a buffer of instances, with one of the looks of `shaders`."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QOpenGLContext

from app.viewport.gl import GL, Visual, gloo, scene
from app.viewport.shaders import BEHIND, BLENDED, COVERED, LOOKS, ONCE, OPAQUE, Look

f32 = np.float32
INSTANCE = np.dtype([("i_place", f32, 4), ("i_anim", f32, 4), ("i_color", f32, 4)])
"""x y z heading | scale, phase, gait (of shadows: height), highlight | linear rgb, lamp light received."""
VERTEX = np.dtype([("a_vert", f32, 4), ("a_norm", f32, 4), ("a_col", f32, 4)])
"""xyz and how it moves | normal and glow | linear rgb and weight of the instance's colour."""
QUAD = np.array([[-1, -1], [1, -1], [1, 1], [-1, -1], [1, 1], [-1, 1]], f32)
"""The mesh of the looks shadow, ring, smoke and sky."""

SHADOWS, SKY, OVERLAY = 4, 5, 6
"""Orders of drawing: opaque things are 0 to 3; rings, lines and smoke come after the sky."""

Array = NDArray[Any]


def _state(depth: str, writes: bool, culls: bool, **more: Any) -> Mapping[str, Any]:
    """Return what a state sets; `more` is what it has beside depth and culling."""
    plain = {"depth_test": True, "blend": False, "stencil_test": False}
    return MappingProxyType({**plain, "depth_func": depth, "depth_mask": writes, "cull_face": culls, **more})


_BLEND = {"blend": True, "blend_func": ("src_alpha", "one_minus_src_alpha")}
_STATES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        OPAQUE: _state("less", True, True),
        BLENDED: _state("less", False, False, **_BLEND),
        BEHIND: _state("lequal", True, False),
        COVERED: _state("greater", False, True),
        ONCE: _state(
            "less",
            False,
            False,
            stencil_test=True,
            stencil_func=("equal", 0, 255),
            stencil_op=("keep", "keep", "incr"),
            **_BLEND,
        ),
    }
)


class GlState:
    """Which state GL is in, so that it is set only when it changes; one for each canvas.

    generation: another number when GL's context is another one (a dock was floated): vertex arrays are not shared.
    """

    def __init__(self) -> None:
        self.current = ""
        self.generation = 0
        self._context: QOpenGLContext | None = None

    def take(self, state: str) -> None:
        """Set a state if it is not set already, and let GL do what was asked for until now."""
        if state == self.current:
            return
        if not self.current:
            self._look_at_context()
        GL.glBindVertexArray(0)
        gloo.set_state(**_STATES[state])
        gloo.context.get_current_canvas().context.flush_commands()
        self.current = state

    def end(self) -> None:
        """Leave GL as VisPy expects it; the next frame cannot know what others set meanwhile."""
        self.take(BEHIND)
        GL.glBindVertexArray(0)
        self.current = ""

    def close(self) -> None:
        """Forget the context."""
        if self._context is not None:
            self._context.aboutToBeDestroyed.disconnect(self._lose)
            self._context = None

    def _look_at_context(self) -> None:
        now = QOpenGLContext.currentContext()
        if now is not self._context:
            self.close()
            self._context = now
            self.generation += 1
            if now is not None:
                now.aboutToBeDestroyed.connect(self._lose)

    def _lose(self) -> None:
        self._context = None


def make_instances(
    xyz: Array,
    heading: Array | float = 0.0,
    scale: Array | float = 1.0,
    phase: Array | float = 0.0,
    gait: Array | float = 0.0,
    highlight: Array | float = 0.0,
    colour: Array | tuple[float, float, float] = (1.0, 1.0, 1.0),
    lamp: Array | float = 0.0,
) -> Array:
    """Return INSTANCE[n] for places float[n,3]; the rest as arrays or as one value for all. Colours are linear."""
    made = np.zeros(len(xyz), INSTANCE)
    made["i_place"][:, :3] = xyz
    made["i_place"][:, 3] = heading
    for part, value in enumerate((scale, phase, gait, highlight)):
        made["i_anim"][:, part] = value
    made["i_color"][:, :3] = colour
    made["i_color"][:, 3] = lamp
    return made


class InstancedVisual(Visual):
    """The drawing part of `Instanced`, without its place in the scene graph."""

    def __init__(
        self,
        look: str | Look,
        mesh: Array,
        instances: Array | None,
        state: GlState,
        uniforms: Mapping[str, Any],
        room: int = 0,
    ) -> None:
        self.look = LOOKS[look] if isinstance(look, str) else look
        vertex, fragment, _ = self.look
        self.code = vertex + fragment
        self.instances: Array = np.zeros(0, INSTANCE)
        self.count = 1
        self.vertices = len(mesh)
        self.buffer: Any = None
        self.state = state
        self.mesh: Any = gloo.VertexBuffer(np.ascontiguousarray(mesh))
        self.index: Any = gloo.IndexBuffer(np.zeros(room, np.uint32)) if room else None
        self.indices = 0
        self._is_drawn_once = False
        self._generation = -1
        self._array = 0
        self._places: dict[str, int] = {}
        self._linked: Any = None
        self._pending: dict[str, Any] = {}
        self._held: dict[str, Any] = {}
        Visual.__init__(self, vertex, fragment)
        program, vertices = self.shared_program, self.mesh
        if mesh.dtype.names:
            for name in VERTEX.names or ():
                if name in vertex:
                    program[name] = vertices[name]
        else:
            program["a_quad"] = vertices
        self._draw_mode = "triangles"
        self.set_gl_state(**_STATES[self.look.state])
        if instances is not None:
            self._bind(instances)
        if "u_time" in self.code:
            self.uniform(u_time=0.0)
        if "u_mvp" in self.code:
            self.uniform(u_mvp=np.eye(4, dtype=f32))
        self.uniform(**uniforms)
        self.freeze()

    def _bind(self, instances: Array) -> None:
        self.instances, self.count = instances, len(instances)
        if len(instances):
            self.buffer = gloo.VertexBuffer(instances.copy())
            self._attach()

    def _attach(self) -> None:
        for name in self.instances.dtype.names or ():
            if name in self.code:
                part = self.buffer[name]
                part.divisor = 1
                self.shared_program[name] = part
        self._is_drawn_once, self._generation = False, -1

    def share(self, other: InstancedVisual) -> None:
        """Draw the instances of another visual: one upload serves both. Call it again after the other's resize."""
        self.instances, self.count, self.buffer = other.instances, other.count, other.buffer
        if self.buffer is not None:
            self._attach()

    def upload(self, first: int = 0, count: int | None = None) -> None:
        """Send instances, which may have been edited in place, to the GPU; how many are drawn stays."""
        part = self.instances[first:] if count is None else self.instances[first : first + count]
        if len(part) and self.buffer is not None:
            self.buffer.set_subdata(part, first, copy=True)

    def choose(self, indices: NDArray[np.uint32]) -> None:
        """Draw only the triangles of these indices from now on; for who was made with `room` for them."""
        self.indices = len(indices)
        if len(indices):
            self.index.set_subdata(indices, 0, copy=True)

    def reshape(self, vertices: Array, first: int) -> None:
        """Draw other vertices, VERTEX[n], in the place of those from `first` on."""
        if len(vertices):
            self.mesh.set_subdata(vertices, first, copy=True)

    def resize(self, count: int) -> None:
        """Make room for and draw `count` instances; the first keep what they hold, new ones are zero."""
        if count > len(self.instances):
            grown = np.zeros(count + count // 4, self.instances.dtype)
            grown[: len(self.instances)] = self.instances
            self._bind(grown)
        self.count = count

    def uniform(self, **values: Any) -> None:
        """Set uniforms; names that this look does not have are passed over, values that it has cost nothing."""
        for name, value in values.items():
            if name in self.code and self._held.get(name) is not value:
                self._held[name] = self._pending[name] = value

    def release(self) -> None:
        """Free what the GPU holds of it; it can not be drawn any more."""
        self.count = 0
        self.visible = False
        if self._array and self._generation == self.state.generation:
            GL.glDeleteVertexArrays(1, [self._array])
        for thing in (self.buffer, self.index, self.mesh, self._program):
            if thing is not None:
                thing.delete()

    def draw(self) -> None:
        """Draw all instances: at first as VisPy does, which checks and links, then straight, by a vertex array."""
        if not self.count or not self.visible:
            return
        state = self.state
        state.take(self.look.state)
        if self._generation != state.generation:
            if not self._is_drawn_once:
                for name, value in self._pending.items():
                    self.shared_program[name] = value
                self._pending.clear()
                GL.glBindVertexArray(0)
                self._program.draw("triangles", self.index)
                self._is_drawn_once = True
                return
            self._record()
        self._linked.activate()
        if self._pending:
            for name, value in self._pending.items():
                self._send(name, value)
            self._pending.clear()
        GL.glBindVertexArray(self._array)
        if self.index is not None:
            GL.glDrawElements(GL.GL_TRIANGLES, self.indices, GL.GL_UNSIGNED_INT, None)
        else:
            GL.glDrawArraysInstanced(GL.GL_TRIANGLES, 0, self.vertices, self.count)

    def _send(self, name: str, value: Any) -> None:
        """Set a uniform straight: VisPy takes ten times as long, and all looks get the camera at each frame."""
        handle = self._linked.handle
        at = self._places.get(name)
        if at is None:
            at = self._places[name] = int(GL.glGetUniformLocation(handle, name))
        if at < 0:
            return
        if isinstance(value, np.ndarray) and value.ndim == 2:
            GL.glUniformMatrix4fv(at, 1, False, np.ascontiguousarray(value, np.float32))
        elif isinstance(value, tuple | list | np.ndarray):
            (GL.glUniform2f, GL.glUniform3f, GL.glUniform4f)[len(value) - 2](at, *value)
        else:
            GL.glUniform1f(at, value)

    def _record(self) -> None:
        """Keep in a vertex array where the attributes lie: a fifth of the cost of telling it at each draw."""
        parser = gloo.context.get_current_canvas().context.shared.parser
        self._linked = parser.get_object(self._program._id)
        self._array = int(GL.glGenVertexArrays(1))
        GL.glBindVertexArray(self._array)
        for buffer, attribute, _, pointer, divisor in self._linked._attributes.values():
            GL.glBindBuffer(GL.GL_ARRAY_BUFFER, buffer)
            GL.glEnableVertexAttribArray(attribute)
            size, kind, normalised, stride, offset = pointer
            start = offset if isinstance(offset, ctypes.c_void_p) else ctypes.c_void_p(int(offset or 0))
            GL.glVertexAttribPointer(attribute, size, kind, normalised, stride, start)
            GL.glVertexAttribDivisor(attribute, divisor or 0)
        if self.index is not None:
            GL.glBindBuffer(GL.GL_ELEMENT_ARRAY_BUFFER, parser.get_object(self.index.id).handle)
        GL.glBindBuffer(GL.GL_ARRAY_BUFFER, 0)
        self._generation = self.state.generation

    def _prepare_transforms(self, view: Any) -> None:
        """Nothing: u_mvp is set once for all looks when the camera moved."""

    def _compute_bounds(self, axis: int, view: Any) -> None:
        """Nothing is known of the bounds, and nobody asks for them."""


_Node: Any = scene.visuals.create_visual_node(InstancedVisual)


class Instanced(_Node):
    """A mesh, drawn once for each instance.

    look: a key of `shaders.LOOKS`, or one's own; mesh: VERTEX[n] or QUAD; instances: INSTANCE[n] (or any structured
    array whose fields the look's attributes are named after), edited in place and then `upload`ed, or None for looks
    that need none; room: for how many indices, where not all triangles are drawn; order: opaque things 0..3, shadows 4,
    the sky 5, rings, lines and smoke 6..9.
    """

    def __init__(
        self,
        look: str | Look,
        mesh: Array,
        instances: Array | None,
        parent: Any,
        order: int,
        state: GlState,
        room: int = 0,
        **uniforms: Any,
    ) -> None:
        super().__init__(look, mesh, instances, state, uniforms, room, parent=parent)
        self.order = order


class _EndVisual(Visual):
    """Draws nothing."""

    def __init__(self, state: GlState) -> None:
        self.state = state
        Visual.__init__(self, *LOOKS["end"][:2])
        self.freeze()

    def draw(self) -> None:
        """Leave depth writes on, or the next clear is skipped."""
        self.state.end()

    def _prepare_transforms(self, view: Any) -> None:
        """Nothing has a place."""

    def _compute_bounds(self, axis: int, view: Any) -> None:
        """There are none."""


End: Any = scene.visuals.create_visual_node(_EndVisual)
"""The last node of a frame: End(state, parent=node), with the highest `order`."""
