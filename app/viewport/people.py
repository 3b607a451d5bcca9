"""People on the screen: frames become instances that the GPU moves, near ones in detail and far ones plain."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.viewport.ground import Bools, Floats
from app.viewport.instanced import QUAD, Array, Instanced
from app.viewport.mesh import Mesh
from app.viewport.meshes import person
from app.viewport.motion import Motion, turned
from app.viewport.quality import Quality
from app.viewport.scene import Scene
from app.viewport.shaders import (
    BLENDED,
    COVERED,
    OPAQUE,
    PLAIN_FRAGMENT,
    SHADOW_FRAGMENT,
    SHADOW_VERTEX,
    SOLID_VERTEX,
    Look,
)
from engine.remote.wire import About, Columns

PERSON = np.dtype([(name, np.float32, 4) for name in ("i_from", "i_to", "i_way", "i_look", "i_color")])
"""A way, size, phase, 0 and highlight, and linear rgb with the lamp light received."""

SIZE = 1.18
"""How large people are, against their mesh."""
MOST_NEAR = {"light": 260, "standard": 3_000, "fine": 8_000}
"""How many people are drawn in detail at most, by tier."""
NEAR = {"light": 22.0, "standard": 60.0, "fine": 130.0}
"""World units from the eye within which they are."""
CROWD = 8_000
"""Of so many, far people are drawn yet plainer."""
MARGIN = 1.3
SHADOWS_UPTO = {"light": 3_000, "standard": 1_000_000, "fine": 1_000_000}

_WALK = """
attribute vec4 i_from;    // x y z heading
attribute vec4 i_to;
attribute vec4 i_way;     // height after one and two thirds, size before and after
attribute vec4 i_look;    // size, phase, 0, highlight
uniform vec4 u_walk;      // blend, how far turned, where detail ends, which side of that is drawn (1, -1, 0 both)
uniform vec4 u_lens;      // where the eye is
vec4 i_place;
vec4 i_anim;
void walk() {
    float t = 3.0 * u_walk.x;
    float z = t < 1.0 ? mix(i_from.z, i_way.x, t)
            : t < 2.0 ? mix(i_way.x, i_way.y, t - 1.0) : mix(i_way.y, i_to.z, t - 2.0);
    i_place = vec4(mix(i_from.xy, i_to.xy, u_walk.x), z, mix(i_from.w, i_to.w, u_walk.y));
    float gait = u_walk.x < 1.0 ? min(2.0 * length(i_to.xy - i_from.xy), 1.0) : 0.0;
    float size = i_look.x * mix(i_way.z, i_way.w, u_walk.x);
    float beyond = length(i_place.xyz - u_lens.xyz) - u_walk.z;
    i_anim = vec4(beyond * u_walk.w > 0.0 ? 0.0 : size, i_look.y, gait, i_look.w);
}
"""


_STILL: Mapping[str, Any] = MappingProxyType({"u_walk": (1.0, 1.0, 0.0, 0.0), "u_lens": (0.0, 0.0, 0.0, 0.0)})


def _walking(code: str) -> str:
    """Return a vertex shader of the contract's INSTANCE for people on their way."""
    declared, changed = re.subn(r"attribute vec4 i_place;.*\nattribute vec4 i_anim;.*\n", _WALK, code)
    assert changed == 1, "the shader of people must declare i_place and i_anim one after the other"
    return declared.replace("void main() {", "void main() {\n    walk();")


def _before(code: str) -> str:
    """Return a vertex shader of people whose depth is that of a point nearer to the eye: nobody covers themselves."""
    changed, lines = re.subn(
        r"( *gl_Position = u_mvp \* vec4\(p, 1\.0\);)",
        r"\1\n    vec4 near = u_mvp * vec4(p + 0.7 * normalize(u_lens.xyz - p), 1.0);"
        r"\n    gl_Position.z = near.z / near.w * gl_Position.w;",
        code,
    )
    assert lines == 1, "the shader of people must set gl_Position once, from p"
    return changed


OUTLINE_FRAGMENT = """
varying vec3 v_color;
void main() {                    // every other pixel: what covers somebody is seen, too
    if (mod(floor(gl_FragCoord.x) + floor(gl_FragCoord.y), 2.0) > 0.5) discard;
    gl_FragColor = vec4(mix(v_color, vec3(1.0, 0.95, 0.8), 0.7), 1.0);
}"""

PERSON_LOOK = Look(_walking(SOLID_VERTEX), PLAIN_FRAGMENT, OPAQUE)
COVERED_LOOK = Look(_before(_walking(SOLID_VERTEX)), OUTLINE_FRAGMENT, COVERED)
SHADOW_LOOK = Look(_walking(SHADOW_VERTEX), SHADOW_FRAGMENT, BLENDED)


def plain_person() -> Mesh:
    """Return a person as seen from afar: the same outline of a fifth of the faces."""
    made = Mesh()
    for side in (-1, 1):
        made.box((-0.045, 0.05), (side * 0.06 - 0.035, side * 0.06 + 0.035), (0, 0.2), "#4b3b33", part=side)
    made.prism(4, 0.20, 0.15, 0.13, 0.43, "#ffffff", tint=1.0, shade=(0.13, 0.40, 0.72, 1.04), turn=0.785)
    made.blob((0.005, 0, 0.535), 0.13, 0.135, "#e3b48f", rough=True, smooth=True, tint=-0.5)
    return made.blob((-0.02, 0, 0.565), 0.135, 0.13, "#5a3e2e", lowest=0.3, rough=True, smooth=True, tint=-1.0)


def plainest_person() -> Mesh:
    """Return a person as one of tens of thousands: coat and head, fourteen faces."""
    made = Mesh().prism(3, 0.19, 0.10, 0.0, 0.46, "#ffffff", tint=1.0, shade=(0, 0.4, 0.6, 1.04), top=False)
    return made.prism(4, 0.13, 0.07, 0.42, 0.68, "#7a5a44", tint=-0.5, turn=0.785)


def speck() -> Mesh:
    """Return a person of a few pixels: three faces."""
    return Mesh().prism(3, 0.17, 0.05, 0.0, 0.66, "#ffffff", tint=1.0, shade=(0, 0.6, 0.85, 0.75), top=False)


class People:
    """Everybody of one society, drawn by three visuals: near, far, shadows; who is sought by a fourth where covered.

    Where most are out of sight, `crowd` draws those far ones who are in it, instead of `far`, which draws all, and
    `specks` those who are but a few pixels.

    `motion` knows where they are.
    """

    def __init__(self, scene: Scene, about: About, quality: Quality) -> None:
        self.scene, self.about, self.quality = scene, about, quality
        ground = scene.ground
        self.motion = Motion(ground, scene.country.standing, ground.size, ground.torus)
        self.instances = np.zeros(0, PERSON)
        self.sizes: Floats = np.zeros(0, np.float32)
        self.hidden: Bools = np.zeros(0, np.bool_)
        self._rest = about.actions.index("rest") if "rest" in about.actions else -1
        self._indoors = np.array([place.kind in scene.country.indoors for place in about.places] + [False])
        self._cells = np.array([place.cell for place in about.places] + [-1])
        self._lit = -1
        self._roofed: Bools | None = None
        self._opened: frozenset[int] = frozenset()
        self._colours: Floats | None = None
        self._near_eye: Floats = np.zeros(3, np.float32)
        self._reach, self._limit = 0.0, 0.0
        empty = np.zeros(1, PERSON)
        self.near = self._visual("near people", PERSON_LOOK, person().done(), empty, 2)
        self.far = self._visual("people", PERSON_LOOK, plain_person().done(), empty.copy(), 2)
        self.crowd: Instanced | None = None
        self._covered: Bools = np.zeros(0, np.bool_)
        self._away: Bools = np.zeros(0, np.bool_)
        self._gathered: tuple[object, ...] | None = None
        self.specks = self._visual("specks", PERSON_LOOK, speck().done(), empty.copy(), 2)
        self.shadows = scene.add("shadows of people", SHADOW_LOOK, QUAD, None, 4, u_shape=(0.19, 0.5, 0.0), **_STILL)
        self.shadows.share(self.far)
        self.covered = self._visual("covered person", COVERED_LOOK, person().done(), empty.copy(), 5)
        self._sought = -1
        for visual in (self.near, self.far, self.specks, self.shadows, self.covered):
            visual.count = 0

    def _visual(self, name: str, look: Look, mesh: Array, instances: Array, order: int) -> Instanced:
        return self.scene.add(name, look, mesh, instances, order, **_STILL)

    @property
    def count(self) -> int:
        """How many ids have been given."""
        return len(self.sizes)

    # ------------------------------------------------------------------ once a frame of the society

    def take(self, tick: int, columns: Columns, colours: Floats, now: float) -> None:
        """Show a frame: everybody sets out from where they are drawn to where it has them. colours are linear.

        A frame of the past may hold fewer people; those who are to come are nowhere.
        """
        columns = _padded(columns, self.count)
        action, place = columns.get("people.action"), np.asarray(columns["space.place"], np.int64)
        place = np.where(place < len(self._indoors) - 1, place, -1)
        rests = np.zeros(len(place), np.bool_) if action is None else np.asarray(action) == self._rest
        self.hidden = rests & self._indoors[place]
        cells = np.where(self.hidden, self._cells[place], np.asarray(columns["space.cell"]))
        count = len(place)
        if count != self.count:
            self._grow(count)
        self._covered = self.scene.roofs.covers(self.motion.cells) | ~self.motion.here
        self.motion.take(tick, {**columns, "space.cell": cells}, self.hidden, now)
        self._roofed = None
        self._tint(colours)
        changed = self.motion.changed
        self.instances["i_color"][changed, 3] = self.scene.props.lamp[self.motion.cells[changed]]
        self._send(0, count)
        self._reach = 0.0
        self.seek(self._sought)

    def _send(self, first: int, count: int) -> None:
        """Have changed instances drawn: those of everybody, or soon of those who are gathered."""
        self._gathered = None
        if self.crowd is None:
            self.far.upload(first, count)

    def _grow(self, count: int) -> None:
        """Make room for more people, each with a size and a phase of their own."""
        known = self.count
        self.far.resize(max(count, 1))
        if self.crowd is None and count >= self.scene.country.crowd:
            self.far.visible = False
            mesh = (plainest_person if count >= CROWD else plain_person)().done()
            self.crowd = self._visual("crowd", PERSON_LOOK, mesh, np.zeros(1, PERSON), 2)
        if self.crowd is None:
            self.shadows.share(self.far)
            self.shadows.count = count
        self.far.count = count
        self.shadows.visible = count <= SHADOWS_UPTO[self.quality.name]
        self.instances = self.far.instances
        number = np.arange(known, count)
        self.sizes = np.r_[self.sizes, SIZE * (0.94 + 0.16 * ((number * 0.7548777) % 1.0))].astype(np.float32)
        self.instances["i_look"][known:count, 0] = self.sizes[known:]
        self.instances["i_look"][known:count, 1] = (number * 0.5698403 % 1.0) * 6.2832
        self.motion.write_to(_numbers(self.instances[:count]))

    def _tint(self, colours: Floats) -> None:
        if colours is not self._colours:
            self.instances["i_color"][: len(colours), :3] = colours
            self._colours = colours

    def paint(self, colours: Floats) -> None:
        """Give everybody another colour, linear float32[people,3]."""
        if 0 < len(colours) <= self.count:
            self._tint(colours)
            self._send(0, self.count)
            self._reach = 0.0

    def light_up(self, agent: int) -> None:
        """Highlight one person, -1 for nobody."""
        if agent == self._lit:
            return
        for who, shine in ((self._lit, 0.0), (agent, 1.0)):
            if 0 <= who < self.count:
                self.instances["i_look"][who, 3] = shine
                self._send(who, 1)
        self._lit = agent
        self._reach = 0.0

    def seek(self, agent: int) -> None:
        """Let one person shine through whatever covers them, -1 for nobody."""
        self._sought = agent
        self.covered.count = int(0 <= agent < self.count)
        if self.covered.count:
            self.covered.instances[0] = self.instances[agent]
            self.covered.upload(0, 1)

    # ------------------------------------------------------------------ once a frame of the screen

    def step(self, now: float, eye: tuple[float, float, float]) -> float:
        """Move everybody on; return the blend. Costs the same for one and for a hundred thousand."""
        blend = self.motion.blend(now)
        if self.crowd is not None:
            self._gather(self.crowd, eye)
        here = np.array(eye, np.float32)
        moved = float(np.linalg.norm(here - self._near_eye))
        if self._reach - moved < self._limit or not self._reach:
            self._choose_near(here)
            moved = 0.0
        cut = max(min(self._limit, self._reach - moved), 0.0)
        lens = (*eye, 0.0)
        walk = (blend, turned(blend), cut)
        some = ((self.near, 1.0), (self.far, -1.0), (self.crowd, -1.0), (self.specks, 0.0))
        for visual, side in (*some, (self.shadows, 0.0), (self.covered, 0.0)):
            if visual is not None and visual.visible:
                visual.uniform(u_walk=(*walk, side), u_lens=lens)
        return blend

    def _gather(self, crowd: Instanced, eye: tuple[float, float, float]) -> None:
        """Draw those whom the camera may see, and who are not under a roof all the way; anew when that changed."""
        scene, motion = self.scene, self.motion
        now = (scene.sight, scene.roofs.opened)
        if now == self._gathered:
            return
        if self._gathered is None or self._gathered[1] != now[1]:
            self._reach = 0.0
        self._gathered = now
        self._away = scene.roofs.covers(motion.cells)
        self._away[: len(self._covered)] &= self._covered[: len(self._away)]
        here = motion.visible() & ~self._away
        here &= scene.may_see(motion.goal[:, :2]) | scene.may_see(motion.start[:, :2])
        who = np.flatnonzero(here)
        far = _squares(motion.goal[who] - np.array(eye, np.float32)) > scene.country.specks**2
        for visual, chosen in ((crowd, who[~far]), (self.specks, who[far])):
            visual.resize(len(chosen))
            if len(chosen):
                _numbers(visual.instances)[: len(chosen)] = _numbers(self.instances).take(chosen, 0)
                visual.upload(0, len(chosen))
        if self.shadows.buffer is not crowd.buffer:
            self.shadows.share(crowd)
        self.shadows.count = crowd.count

    def _choose_near(self, eye: Floats) -> None:
        """Gather who is near the eye, with a margin so that it need not be done again for a while."""
        limit, most = NEAR[self.quality.name], MOST_NEAR[self.quality.name]
        self._near_eye = eye
        if not self.count:
            self._limit, self._reach = limit, limit * MARGIN
            return
        far = np.minimum(_squares(self.motion.start - eye), _squares(self.motion.goal - eye))
        if self.crowd is not None:
            far[self._away] = np.inf
        reach = max(limit * MARGIN, float(np.sqrt(far.min())))  # when all are far, it need not be done again for long
        chosen = np.flatnonzero(far < reach**2)
        if len(chosen) > most:
            kept = np.argpartition(far[chosen], most)[: most + 1]
            reach = float(np.sqrt(far[chosen[kept]].max()))
            chosen = chosen[kept]
        self._limit, self._reach = min(limit, reach / MARGIN), reach
        self.near.resize(len(chosen))
        if len(chosen):
            _numbers(self.near.instances)[: len(chosen)] = _numbers(self.instances).take(chosen, 0)
            self.near.upload(0, len(chosen))

    # ------------------------------------------------------------------ where they are

    def feet(self, blend: float, who: NDArray[np.int64] | None = None) -> Floats:
        """Return where people stand, float32[n,3]."""
        return self.motion.positions(blend, who)

    def shown_sizes(self, who: NDArray[np.int64] | None = None) -> Floats:
        """Return how large people are drawn, float32[n], 0 for who is not to be seen; all, or those indexed."""
        chosen = slice(None) if who is None else who
        roofed = self._under_all_roofs() if who is None else self._under_roofs(who)
        sizes: Floats = self.sizes[chosen] * self.motion.visible()[chosen] * ~roofed
        return sizes

    def _under_roofs(self, who: NDArray[np.int64] | slice) -> Bools:
        """Return who is under a closed roof all the way of this frame."""
        roofs, motion = self.scene.roofs, self.motion
        roofed = roofs.hides(motion.goal[who])
        roofed[roofed] = roofs.hides(motion.start[who][roofed])
        return roofed

    def _under_all_roofs(self) -> Bools:
        """Return that of everybody, which is looked up once a frame."""
        if self._roofed is None or self.scene.roofs.opened is not self._opened:
            self._opened = self.scene.roofs.opened
            self._roofed = self._under_roofs(slice(None))
        return self._roofed


def _numbers(people: Array) -> Floats:
    """Return PERSON[n] as float32[n,20], the same memory."""
    numbers: Floats = people.view(np.float32).reshape(len(people), -1)
    return numbers


def _padded(columns: Columns, count: int) -> Columns:
    """Return the columns that place people, at least so long: who was not yet there is not alive, in no cell."""
    here = len(columns["people.alive"])
    if here >= count:
        return columns
    nowhere = {"space.cell": -1, "space.place": -1}
    return {
        name: np.pad(columns[name], (0, count - here), constant_values=nowhere.get(name, 0))
        for name in (
            "people.alive",
            "people.action",
            "space.cell",
            "space.place",
            "space.heading",
            "space.x",
            "space.y",
        )
        if name in columns
    }


def _squares(apart: Floats) -> Floats:
    squares: Floats = np.einsum("ij,ij->i", apart, apart)
    return squares
