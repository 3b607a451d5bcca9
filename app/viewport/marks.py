"""Marks on the land for who is selected: rings, the way of the last day, and the strongest ties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.viewport.colours import CONTRAST, blend
from app.viewport.ground import Floats, Ints
from app.viewport.instanced import INSTANCE, QUAD, Array, Instanced
from app.viewport.meshes import ribbon
from app.viewport.people import People
from app.viewport.scene import Scene

MOST_RINGS = 400
MOST_TIES = 8
MOST_STEPS = 600
"""Steps of the way that are drawn at most: the newest."""
SELECTED, HOVERED = (1.0, 1.0, 1.0), (1.0, 0.86, 0.55)
RING, HOVER_RING, HOUSE_RING = 0.42, 0.36, 1.35
CHEST = 0.45


@dataclass(frozen=True, slots=True)
class Tie:
    """A tie of the selected person: with whom, trust -1000..1000, familiarity 0..1000."""

    agent: int
    trust: int
    familiarity: int


def smoothed(points: Floats, rounds: int = 2) -> Floats:
    """Return a way with its corners cut (Chaikin 1974); the ends stay."""
    for _ in range(rounds):
        if len(points) < 3:
            return points
        near, far = 0.75 * points[:-1] + 0.25 * points[1:], 0.25 * points[:-1] + 0.75 * points[1:]
        between = np.empty((2 * len(near), points.shape[1]), np.float32)
        between[0::2], between[1::2] = near, far
        points = np.concatenate([points[:1], between[1:-1], points[-1:]])
    return points


class Marks:
    """Rings, trail and ties of one society."""

    def __init__(self, scene: Scene, people: People) -> None:
        self.people, self.ground = people, scene.ground
        self.scene = scene
        self.rings = self._visual("rings", "ring", QUAD, MOST_RINGS, 8)
        self.ties = self._visual("ties", "line", ribbon(20), MOST_TIES, 7)
        self.trail = self._visual("trail", "line", ribbon(1), 4 * MOST_STEPS + 8, 6)
        self.selected: Ints = np.zeros(0, np.int64)
        self.hovered = -1
        self._with: Ints = np.zeros(0, np.int64)

    def _visual(self, name: str, look: str, mesh: Array, most: int, order: int) -> Instanced:
        visual = self.scene.add(name, look, mesh, np.zeros(most, INSTANCE), order)
        visual.count = 0
        return visual

    # ------------------------------------------------------------------ who

    def select(self, agents: Sequence[int]) -> None:
        """Put rings under these people; the first one shines through houses.

        Trail and ties go until `show_trail` and `show_ties` bring them anew.
        """
        first_before = self.selected[:1].tolist()
        self.selected = np.array([agent for agent in agents if agent < self.people.count][: MOST_RINGS - 1], np.int64)
        if self.selected[:1].tolist() != first_before:
            self.ties.count = self.trail.count = 0
            self._with = np.zeros(0, np.int64)
        self.people.seek(int(self.selected[0]) if self.selected.size else -1)

    def show_trail(self, cells: Ints, blend_: float) -> None:
        """Draw the way through cells, oldest first, fading towards its beginning, ending where the person is."""
        steps = cells[(cells >= 0) & (cells < len(self.ground.xyz))]
        if steps.size:
            steps = steps[np.r_[True, np.diff(steps) != 0]][-MOST_STEPS:]
        if not self.selected.size or steps.size < 2:
            self.trail.count = 0
            return
        end = self.people.feet(blend_, self.selected[:1])
        points = np.concatenate([self.ground.xyz[steps[:-1]], end]).astype(np.float32)
        points = smoothed(points, 2)
        start, stop = points[:-1], points[1:]
        whole = np.abs(stop[:, :2] - start[:, :2]).max(1) < 0.25 * min(self.ground.size)
        start, stop = start[whole], stop[whole]
        made = self.trail.instances[: len(start)]
        age = np.linspace(0, 1, len(start), dtype=np.float32)
        made["i_place"][:, :3], made["i_place"][:, 3] = start, 0.035 + 0.04 * age
        made["i_anim"][:, :3], made["i_anim"][:, 3] = stop, 0
        made["i_color"][:, :3] = (1.0, 0.90, 0.60)
        made["i_color"][:, 3] = 0.9 * age**2
        self.trail.count = len(start)
        self.trail.upload(0, len(start))

    def show_ties(self, ties: Sequence[Tie], blend_: float) -> None:
        """Draw arcs to those whom the selected person is tied to: colour by trust, width by familiarity."""
        known = [tie for tie in ties if 0 <= tie.agent < self.people.count][:MOST_TIES]
        self._with = np.array([tie.agent for tie in known], np.int64)
        made = self.ties.instances[: len(known)]
        if known:
            trust = np.array([tie.trust for tie in known], np.float64)
            familiar = np.array([tie.familiarity for tie in known], np.float32)
            made["i_color"][:, :3] = np.sqrt(blend(CONTRAST, 0.5 + trust / 2000))
            made["i_color"][:, 3] = 0.9
            made["i_place"][:, 3] = 0.018 + 0.03 * familiar / 1000
        self.ties.count = len(known)
        self.move(blend_)

    # ------------------------------------------------------------------ once a frame of the screen

    def move(self, blend_: float) -> None:
        """Keep rings and arcs with the people who walk. A frame of the past may hold fewer people than are tied."""
        if self._with.size and self._with.max() >= self.people.count:
            self.ties.count, self._with = 0, self._with[:0]
        self._move_rings(blend_)
        if self.trail.count and self.selected.size:  # it ends where the person is
            self.trail.instances["i_anim"][self.trail.count - 1, :3] = self.feet(blend_, self.selected[:1])[0]
            self.trail.upload(self.trail.count - 1, 1)
        if self.ties.count and self.selected.size:
            made = self.ties.instances[: self.ties.count]
            start, end = self.feet(blend_, self.selected[:1]), self.feet(blend_, self._with)
            start[:, 2] += CHEST
            end[:, 2] += CHEST
            made["i_place"][:, :3], made["i_anim"][:, :3] = start, end
            apart = np.hypot(end[:, 0] - start[:, 0], end[:, 1] - start[:, 1])
            made["i_anim"][:, 3] = np.minimum(0.25 + 0.16 * apart, 5.0)
            self.ties.upload(0, self.ties.count)

    def feet(self, blend_: float, who: Ints) -> Floats:
        """Return where people are: who is indoors is in the middle of the house."""
        return self.people.feet(blend_, who)

    def _move_rings(self, blend_: float) -> None:
        who = self.selected
        if self.hovered >= 0 and self.hovered < self.people.count and self.hovered not in who:
            who = np.r_[who, self.hovered]
        made = self.rings.instances[: len(who)]
        self.rings.count = len(who)
        if not len(who):
            return
        made["i_place"][:, :3] = self.feet(blend_, who)
        made["i_anim"][:, 0], made["i_anim"][:, 2] = RING, 0
        made["i_color"][:] = (*SELECTED, 1.0)
        if len(who) > len(self.selected):
            made["i_anim"][-1, 0] = HOVER_RING
            made["i_color"][-1] = (*HOVERED, 0.8)
        if len(self.selected):
            made["i_anim"][0, 2] = 1.0
        inside = self.people.hidden[who]
        if inside.any():
            cells = self.people.motion.cells[who[inside]]
            made["i_place"][inside, :3] = self.ground.xyz[cells]
            made["i_anim"][inside, 0] = HOUSE_RING
        here = self.people.motion.here[who]
        made["i_color"][~here, 3] = 0
        self.rings.upload(0, len(who))
