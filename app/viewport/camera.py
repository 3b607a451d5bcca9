"""The camera: where it looks from, eased flights, and never under the ground. Knows no Qt and no GL."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Heights = Callable[[Floats], Floats]

FLIGHT = 0.6
"""Seconds that a flight takes."""
GLIDE = 0.18
"""Seconds that a step of the wheel or a key takes."""
LOWEST, HIGHEST = math.radians(7), math.radians(86)
NEAREST = 2.4
CLEARANCE = 0.9
"""World units that the camera stays above the ground under it."""
AROUND = np.array([(0, 0), (1.2, 0), (-1.2, 0), (0, 1.2), (0, -1.2)], np.float32)
HOME_AZIMUTH, HOME_ELEVATION = math.radians(-24), math.radians(27)
FIELD_OF_VIEW = math.radians(40)
PORTRAIT = 9.0
"""How far away a person is looked at."""


@dataclass(frozen=True, slots=True)
class Pose:
    """A camera: the point that it looks at, from which side (0: from the south, looking north), how steep, how far."""

    x: float = 0.0
    y: float = 0.0
    z: float = 0.0
    azimuth: float = HOME_AZIMUTH
    elevation: float = HOME_ELEVATION
    distance: float = 40.0

    @property
    def centre(self) -> tuple[float, float, float]:
        """The point that it looks at."""
        return self.x, self.y, self.z


def ease(share: float) -> float:
    """Return an eased share of a flight: no start and no stop is felt (smootherstep)."""
    share = min(max(share, 0.0), 1.0)
    return share**3 * (share * (share * 6 - 15) + 10)


def between(start: Pose, end: Pose, share: float) -> Pose:
    """Return the pose at a share of the flight: the short way round, and a little higher on a long way."""

    def mix(a: float, b: float) -> float:
        return a + (b - a) * share

    turn = (end.azimuth - start.azimuth + math.pi) % (2 * math.pi) - math.pi
    way = math.hypot(end.x - start.x, end.y - start.y)
    rise = 0.5 * min(way / max(start.distance + end.distance, 1e-6), 1.2) * 4 * share * (1 - share)
    return Pose(
        mix(start.x, end.x),
        mix(start.y, end.y),
        mix(start.z, end.z),
        start.azimuth + turn * share,
        mix(start.elevation, end.elevation),
        math.exp(mix(math.log(start.distance), math.log(end.distance)) + rise),
    )


class Camera:
    """A camera over a map: it is moved by hand at once, and flies wherever else it goes.

    `bounds` (left, bottom, right, top) are where the point that it looks at may be; `heights` returns the ground's
    heights at points float32[n,2].
    """

    def __init__(self, bounds: tuple[float, float, float, float], heights: Heights) -> None:
        self.bounds, self.heights = bounds, heights
        self.furthest = max(1.5 * max(bounds[2] - bounds[0], bounds[3] - bounds[1]), 40.0)
        self.pose = Pose()
        self._from, self._goal = self.pose, self.pose
        self._begun, self._seconds = 0.0, 0.0

    def height(self, x: float, y: float) -> float:
        """Return the ground's height at a point."""
        return float(self.heights(np.array([[x, y]], np.float32))[0])

    # ------------------------------------------------------------------ where it goes

    @property
    def flies(self) -> bool:
        """Whether a flight is under way."""
        return self._seconds > 0

    @property
    def goal(self) -> Pose:
        """Where it is, or where the flight ends."""
        return self._goal if self.flies else self.pose

    def put(self, pose: Pose) -> None:
        """Be there at once; for the first look at a society, and while the hand moves it."""
        self._seconds = 0.0
        self.pose = self.held(pose)

    def fly(self, pose: Pose, now: float, seconds: float = FLIGHT) -> None:
        """Fly there; a flight under way is left where it is."""
        self._from, self._goal = self.pose, self.held(pose)
        self._begun, self._seconds = now, seconds

    def step(self, now: float) -> None:
        """Go on with the flight."""
        if self.flies:
            share = (now - self._begun) / self._seconds
            if share >= 1:
                self.pose, self._seconds = self._goal, 0.0
            else:
                pose = between(self._from, self._goal, ease(share))
                self.pose = replace(pose, distance=min(pose.distance, self.furthest))

    def carry(self, x: float, y: float, z: float) -> None:
        """Look at a point that moves (who is followed); a flight under way is led there."""
        if self.flies:
            self._goal = self.held(replace(self._goal, x=x, y=y, z=z))
        else:
            self.pose = self.held(replace(self.pose, x=x, y=y, z=z))

    def held(self, pose: Pose) -> Pose:
        """Return the pose within bounds, on the ground and not under it."""
        left, bottom, right, top = self.bounds
        x, y = min(max(pose.x, left), right), min(max(pose.y, bottom), top)
        z = max(pose.z, self.height(x, y))
        return Pose(
            x,
            y,
            z,
            math.remainder(pose.azimuth, 2 * math.pi),
            min(max(pose.elevation, LOWEST), HIGHEST),
            min(max(pose.distance, NEAREST), self.furthest),
        )

    # ------------------------------------------------------------------ by hand

    def orbit(self, azimuth: float, elevation: float) -> None:
        """Turn round the point that it looks at, by angles."""
        pose = self.goal
        self.put(replace(self.pose, azimuth=self.pose.azimuth + azimuth, elevation=pose.elevation + elevation))

    def shifted(self, right: float, forward: float) -> Pose:
        """Return the goal moved over the ground, in world units as seen from the camera."""
        pose = self.goal
        sine, cosine = math.sin(pose.azimuth), math.cos(pose.azimuth)
        x, y = pose.x + cosine * right - sine * forward, pose.y + sine * right + cosine * forward
        left, bottom, far, top = self.bounds
        x, y = min(max(x, left), far), min(max(y, bottom), top)
        return replace(pose, x=x, y=y, z=self.height(x, y))

    def pan(self, right: float, forward: float) -> None:
        """Move over the ground."""
        self.put(self.shifted(right, forward))

    def zoom(self, factor: float, now: float, towards: tuple[float, float, float] | None = None) -> None:
        """Go nearer (a factor below 1) or further, towards a point of the ground when one is given."""
        pose = self.goal
        distance = min(max(pose.distance * factor, NEAREST), self.furthest)
        goal = replace(pose, distance=distance)
        if towards is not None:
            keep = distance / pose.distance
            x, y = (to + (at - to) * keep for at, to in ((pose.x, towards[0]), (pose.y, towards[1])))
            goal = replace(goal, x=x, y=y, z=self.height(x, y))
        self.fly(goal, now, GLIDE)

    # ------------------------------------------------------------------ what it sees

    def eye(self, pose: Pose | None = None) -> tuple[float, float, float]:
        """Return where the camera is, lifted above the ground where that is needed."""
        pose = pose or self.pose
        flat = math.cos(pose.elevation) * pose.distance
        x, y = pose.x + math.sin(pose.azimuth) * flat, pose.y - math.cos(pose.azimuth) * flat
        z = pose.z + math.sin(pose.elevation) * pose.distance
        ground = float(self.heights(np.array((x, y), np.float32) + AROUND).max())
        return x, y, max(z, ground + CLEARANCE)

    def elevation(self) -> float:
        """Return how steeply it looks down, in degrees, after lifting."""
        x, y, z = self.eye()
        flat = math.hypot(x - self.pose.x, y - self.pose.y)
        return math.degrees(math.atan2(z - self.pose.z, max(flat, 1e-6)))

    def matrix(self, aspect: float, pose: Pose | None = None) -> Floats:
        """Return the matrix of view and projection, float32[4,4], for rows: clip = [x y z 1] @ matrix."""
        pose = pose or self.pose
        eye = np.array(self.eye(pose))
        ahead = np.array(pose.centre) - eye
        ahead /= np.linalg.norm(ahead)
        right = np.cross(ahead, (0.0, 0.0, 1.0))
        right /= max(float(np.linalg.norm(right)), 1e-9)
        up = np.cross(right, ahead)
        look = np.eye(4)
        look[:3, 0], look[:3, 1], look[:3, 2] = right, up, -ahead
        look[3, :3] = -eye @ look[:3, :3]
        near = max(0.25, 0.03 * pose.distance)
        far = max(pose.distance * 6, 400.0)
        scale = 1 / math.tan(FIELD_OF_VIEW / 2)
        lens = np.zeros((4, 4))
        lens[0, 0], lens[1, 1] = scale / aspect, scale
        lens[2, 2], lens[2, 3], lens[3, 2] = (far + near) / (near - far), -1.0, 2 * far * near / (near - far)
        return (look @ lens).astype(np.float32)

    def ray(self, across: float, up: float, aspect: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return where a ray through a point of the picture (-1..1 each) begins and its direction."""
        back = np.linalg.inv(self.matrix(aspect).astype(np.float64))
        ends = np.array([[across, up, -1.0, 1.0], [across, up, 1.0, 1.0]]) @ back
        points = ends[:, :3] / ends[:, 3:]
        way = points[1] - points[0]
        return points[0], way / np.linalg.norm(way)

    def ground_under(self, across: float, up: float, aspect: float) -> tuple[float, float, float] | None:
        """Return the point of the ground that is seen at a point of the picture, None for the sky."""
        start, way = self.ray(across, up, aspect)
        if way[2] >= -1e-3:
            return None
        z = self.pose.z
        for _ in range(4):
            point = start + way * ((z - start[2]) / way[2])
            z = self.height(float(point[0]), float(point[1]))
        left, bottom, right, top = self.bounds
        if not (left <= point[0] <= right and bottom <= point[1] <= top):
            return None
        return float(point[0]), float(point[1]), z

    def framing(self, points: Floats, aspect: float, azimuth: float, elevation: float, fill: float = 0.86) -> Pose:
        """Return the pose nearest to points float32[n,3] that has all of them in the picture, seen from one side."""
        middle = 0.5 * (points.min(0) + points.max(0))
        x, y, z = (float(value) for value in middle)
        pose = Pose(x, y, z, azimuth, elevation, PORTRAIT)
        near, far = PORTRAIT, self.furthest
        for _ in range(18):
            pose = replace(pose, distance=math.sqrt(near * far))
            clip = np.c_[points, np.ones(len(points))] @ self.matrix(aspect, pose)
            depth = clip[:, 3]
            inside = (depth > 0.5) & (np.abs(clip[:, :2]) <= fill * depth[:, None]).all(1)
            near, far = (near, pose.distance) if inside.all() else (pose.distance, far)
        return replace(pose, distance=far)
