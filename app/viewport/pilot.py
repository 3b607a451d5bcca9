"""Where the camera goes: overview, framing, following, steps of zoom and turn; always by an eased flight."""

from __future__ import annotations

import math
from dataclasses import replace
from time import perf_counter

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.view import NOBODY, View
from app.viewport.camera import GLIDE, HOME_AZIMUTH, HOME_ELEVATION, PORTRAIT, Camera, Pose
from app.viewport.ground import Ints
from app.viewport.people import People

NEAREST_LOOK, FURTHEST_LOOK = 0.7 * PORTRAIT, 1.35 * PORTRAIT
LEAST_STEEP, MOST_STEEP = math.radians(14), math.radians(38)
"""How a person is looked at, if the camera is not like that already."""
EYE_LEVEL = 0.55
MOST_SOUGHT = 100
"""Of who is selected, so many are looked for."""


class Pilot(QObject):
    """Flies the camera of one society after the other."""

    stirred = Signal()
    following_changed = Signal()

    def __init__(self, view: View, surface: QWidget, parent: QObject) -> None:
        super().__init__(parent)
        self.view, self.surface = view, surface
        self.camera: Camera | None = None
        self.people: People | None = None
        self.followed = NOBODY

    def take(self, people: People, camera: Camera) -> None:
        """Fly over this society."""
        self.people, self.camera = people, camera

    def drop(self) -> None:
        """Fly over none."""
        self.people, self.camera = None, None
        self.unfollow()

    def step(self, now: float) -> None:
        """Go on: the flight, and who is followed."""
        people, camera = self.people, self.camera
        if people is None or camera is None:
            return
        if self.is_following:
            if self.followed < people.count and people.motion.here[self.followed]:
                camera.carry(*self._face(people, self.followed, people.motion.blend(now)))
            else:
                self.unfollow()
        camera.step(now)

    # ------------------------------------------------------------------ where to

    def home(self) -> Pose:
        """Return the pose that has all that is built together in the picture."""
        people, camera = self.people, self.camera
        assert people is not None and camera is not None
        return camera.framing(people.scene.country.heart, self._aspect(), HOME_AZIMUTH, HOME_ELEVATION, 0.95)

    def overview(self) -> None:
        """Fly to where all of the villages are seen."""
        if self.camera is not None:
            self.unfollow()
            self._fly(self.home())

    def frame(self) -> None:
        """Fly to where all who are selected are seen."""
        if self.people is None or self.camera is None:
            return
        here = self.people.motion.here
        who = np.array([agent for agent in self.view.selected if agent < len(here) and here[agent]], np.int64)
        if len(who) == 1:
            self.fly_to(int(who[0]))
        elif len(who):
            pose = self.camera.goal
            self.unfollow()
            self._fly(
                self.camera.framing(self.people.feet(1.0, who), self._aspect(), pose.azimuth, pose.elevation, 0.75)
            )

    def fly_to(self, agent: int) -> None:
        """Fly to a person."""
        if self.people is None or self.camera is None or not 0 <= agent < self.people.count:
            return
        if not self.people.motion.here[agent]:
            return
        if agent != self.followed:
            self.unfollow()
        x, y, z = self._face(self.people, agent, 1.0)
        pose = self.camera.goal
        distance = min(max(pose.distance, NEAREST_LOOK), FURTHEST_LOOK)
        elevation = min(max(pose.elevation, LEAST_STEEP), MOST_STEEP)
        self._fly(replace(pose, x=x, y=y, z=z, distance=distance, elevation=elevation))

    def zoom(self, factor: float) -> None:
        """Go nearer (below 1) or further."""
        if self.camera is not None:
            self.camera.zoom(factor, perf_counter())
            self.stirred.emit()

    def turn(self, steps: int) -> None:
        """Turn by steps of 30 degrees."""
        if self.camera is not None:
            pose = self.camera.goal
            self.camera.fly(replace(pose, azimuth=pose.azimuth + steps * math.radians(30)), perf_counter(), 2 * GLIDE)
            self.stirred.emit()

    def _fly(self, pose: Pose) -> None:
        if self.camera is not None:
            self.camera.fly(pose, perf_counter())
            self.stirred.emit()

    def _aspect(self) -> float:
        return max(self.surface.width(), 1) / max(self.surface.height(), 1)

    # ------------------------------------------------------------------ with whom

    @property
    def is_following(self) -> bool:
        """Whether the camera goes with somebody."""
        return self.followed != NOBODY

    def follow(self, agent: int) -> None:
        """Fly to a person and go with them."""
        self.followed = agent
        self.fly_to(agent)
        self.following_changed.emit()

    def unfollow(self) -> None:
        """Stay where the camera is."""
        if self.followed != NOBODY:
            self.followed = NOBODY
            self.following_changed.emit()

    def toggle_follow(self) -> None:
        """Go with the first of the selected, or no longer."""
        if self.is_following:
            self.unfollow()
        elif self.view.chosen != NOBODY:
            self.follow(self.view.chosen)

    def sought(self) -> Ints:
        """Return whom nothing may hide: who is followed, and who is selected, of those who are here."""
        here = np.zeros(0, np.bool_) if self.people is None else self.people.motion.here
        who = dict.fromkeys((self.followed, *self.view.selected[:MOST_SOUGHT]))
        return np.array([agent for agent in who if 0 <= agent < len(here) and here[agent]], np.int64)

    def _face(self, people: People, agent: int, blend: float) -> tuple[float, float, float]:
        x, y, z = (float(part) for part in people.feet(blend, np.array([agent]))[0])
        return x, y, z + EYE_LEVEL
