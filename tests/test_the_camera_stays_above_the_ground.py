"""The camera is never under the ground, never leaves the land, and never jumps: it flies."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from app.viewport.camera import CLEARANCE, FLIGHT, Camera, Pose, ease

BOUNDS = (-50.0, -40.0, 50.0, 40.0)


def hills(xy: NDArray[np.float32]) -> NDArray[np.float32]:
    """Steep hills in steps, as the land has."""
    high = 6 * np.sin(xy[:, 0] * 0.35) * np.cos(xy[:, 1] * 0.3) + 4
    return np.asarray(np.round(high / 0.22) * 0.22, np.float32)


def is_sound(camera: Camera) -> bool:
    x, y, z = camera.eye()
    left, bottom, right, top = BOUNDS
    pose = camera.pose
    above = z >= float(hills(np.array([[x, y]], np.float32))[0]) + CLEARANCE - 1e-4
    return above and left <= pose.x <= right and bottom <= pose.y <= top and pose.distance <= camera.furthest


numbers = st.floats(-400, 400)
moves = st.one_of(
    st.tuples(st.just("orbit"), st.floats(-7, 7), st.floats(-7, 7)),
    st.tuples(st.just("pan"), numbers, numbers),
    st.tuples(st.just("zoom"), st.floats(0.05, 20), st.just(0.0)),
    st.tuples(st.just("fly"), numbers, numbers),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(moves, min_size=1, max_size=12))
def test_whatever_is_done_it_is_above_ground_and_over_the_land(done: list[tuple[str, float, float]]) -> None:
    camera, time = Camera(BOUNDS, hills), 0.0
    for kind, one, other in done:
        if kind == "orbit":
            camera.orbit(one, other)
        elif kind == "pan":
            camera.pan(one, other)
        elif kind == "zoom":
            camera.zoom(one, time)
        else:
            camera.fly(Pose(one, other, -30.0, one, other, abs(one) + 0.01), time)
        for _ in range(4):
            time += 0.07
            camera.step(time)
            assert is_sound(camera)


def test_a_flight_has_no_jump_and_ends_where_it_was_to() -> None:
    camera = Camera(BOUNDS, hills)
    camera.put(Pose(-30, -20, 4, 3.0, 0.4, 30))
    goal = Pose(30, 25, 4, -3.0, 0.9, 8)
    camera.fly(goal, 0.0)
    way = [camera.pose]
    for step in range(1, 61):
        camera.step(FLIGHT * step / 60)
        way.append(camera.pose)
    assert not camera.flies
    assert way[-1] == camera.held(goal)
    whole = math.dist(way[0].centre, way[-1].centre)
    steps = [math.dist(one.centre, other.centre) for one, other in pairwise(way)]
    assert max(steps) < 0.05 * whole, "half a sixtieth of the way more than once is a jump"
    assert steps[0] < 0.001 * whole, "it sets out gently"
    assert max(abs(one.azimuth - other.azimuth) for one, other in pairwise(way[1:-1])) < 0.05


def test_a_flight_that_is_left_goes_on_from_where_it_is() -> None:
    camera = Camera(BOUNDS, hills)
    camera.fly(Pose(30, 0, 4), 0.0)
    camera.step(FLIGHT / 2)
    half_way = camera.pose
    camera.fly(Pose(-30, 0, 4), FLIGHT / 2)
    camera.step(FLIGHT / 2)
    assert camera.pose == half_way
    assert ease(0.5) == 0.5


def test_framing_has_everything_in_the_picture() -> None:
    camera = Camera(BOUNDS, hills)
    points = np.array([(-30, -30, 0), (30, 30, 2), (-30, 30, 5), (10, -35, 1)], np.float32)
    pose = camera.framing(points, 1.6, 0.3, 0.5)
    clip = np.c_[points, np.ones(4)] @ camera.matrix(1.6, pose)
    assert (np.abs(clip[:, :2]) <= 0.87 * clip[:, 3:]).all()
    near = camera.framing(points[:1], 1.6, 0.3, 0.5)
    assert near.distance < pose.distance
