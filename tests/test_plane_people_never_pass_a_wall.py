"""Nobody passes a wall and no bodies overlap, in crowded rooms with whatever walls, pushed whichever way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.spaces.plane.plan import Plan, Segments, Wall, wall_segments
from engine.spaces.plane.social_force import Walkers
from engine.spaces.plane.steps import SLACK
from engine.values import Int32s
from tests.hamlet import SOAK
from tests.plane_rooms import RADIUS, Doubles, apart_spots, crowd_of, walkers

EXAMPLES, SUBSTEPS = (20, 10_000) if SOAK else (12, 150)
SIDE = 12.0


def distances(points: Doubles, ends: Segments) -> Doubles:
    """Return how far each point is from each segment."""
    along = ends[:, 2:] - ends[:, :2]
    share = ((points[:, None] - ends[None, :, :2]) * along).sum(axis=2) / (along**2).sum(axis=1)
    way = points[:, None] - (ends[None, :, :2] + share.clip(0, 1)[..., None] * along)
    far: Doubles = np.hypot(way[..., 0], way[..., 1])
    return far


def crossings(before: Doubles, after: Doubles, ends: Segments) -> int:
    """Count the ways from before to after that cross a segment."""

    def side(a: Doubles, b: Doubles, c: Doubles) -> Doubles:
        turn: Doubles = (b[..., 0] - a[..., 0]) * (c[..., 1] - a[..., 1]) - (b[..., 1] - a[..., 1]) * (
            c[..., 0] - a[..., 0]
        )
        return turn

    p, q, a, b = before[:, None], after[:, None], ends[None, :, :2], ends[None, :, 2:]
    return int(((side(a, b, p) * side(a, b, q) < 0) & (side(p, q, a) * side(p, q, b) < 0)).sum())


def test_the_measure_finds_a_crossing() -> None:
    ends = np.array([[0.0, 0.0, 2.0, 2.0]])
    assert crossings(np.array([[0.0, 1.0]]), np.array([[1.0, 0.0]]), ends) == 1
    assert crossings(np.array([[0.0, 1.0]]), np.array([[0.4, 0.6]]), ends) == 0


def random_walls(draw: np.random.Generator, count: int) -> tuple[Wall, ...]:
    spots = draw.uniform(0.5, SIDE - 0.5, (count, 3, 2))
    return tuple(Wall(f"wall {i}", tuple((float(x), float(y)) for x, y in points)) for i, points in enumerate(spots))


@pytest.mark.soak
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32 - 1), st.integers(0, 5), st.booleans(), st.sampled_from((0.05, 0.1, 0.25)))
def test_nobody_passes_a_wall_and_no_bodies_overlap(seed: int, count: int, torus: bool, seconds: float) -> None:
    draw = np.random.default_rng(seed)
    plan = Plan(SIDE, SIDE, torus, random_walls(draw, count))
    ends = wall_segments(plan)
    states = walkers(draw, apart_spots(draw, (0.3, 0.3), (SIDE - 0.3, SIDE - 0.3), 200))
    if ends.size:
        states = states[distances(states[:, :2].astype(np.float64), ends).min(axis=1) > states[:, RADIUS] + SLACK]
    crowd = crowd_of(plan, states, seed)
    corner = draw.uniform(0, SIDE, 2).astype(np.float32)

    def press(people: Walkers, ids: Int32s) -> None:
        """Let half of the people want to one spot, the others wherever they wanted."""
        for i in np.flatnonzero(ids % 2 == 0):
            way = corner - np.array([people.x[i], people.y[i]])
            people.east[i], people.north[i] = way / np.float32(max(float(np.hypot(*way)), 1e-6))

    before = crowd.state().astype(np.float64)
    for tick in range(SUBSTEPS):
        crowd.step(seconds, tick, 0, press)
        after = crowd.state().astype(np.float64)
        assert np.isfinite(after).all()
        _check(before, after, ends, torus)
        before = after


def _check(before: Doubles, after: Doubles, ends: Segments, torus: bool) -> None:
    step = after[:, :2] - before[:, :2]
    if torus:
        step -= SIDE * np.round(step / SIDE)
    if ends.size:
        assert crossings(after[:, :2] - step, after[:, :2], ends) == 0
        assert (distances(after[:, :2], ends).min(axis=1) > after[:, RADIUS] - SLACK).all()
    way = after[:, None, :2] - after[None, :, :2]
    if torus:
        way -= SIDE * np.round(way / SIDE)
    gaps = np.hypot(way[..., 0], way[..., 1]) - after[:, RADIUS][:, None] - after[:, RADIUS][None]
    np.fill_diagonal(gaps, 1)
    assert gaps.min() > -SLACK


def test_people_who_overlap_at_first_come_apart() -> None:
    draw = np.random.default_rng(1)
    crowd = crowd_of(Plan(SIDE, SIDE), walkers(draw, np.array([[5.0, 5.0], [5.05, 5.0], [0.1, 6.0]])))
    for tick in range(60):
        crowd.step(0.1, tick, 0, lambda people, ids: None)
    after = crowd.state().astype(np.float64)
    assert np.hypot(*(after[0, :2] - after[1, :2])) > after[0, RADIUS] + after[1, RADIUS] - SLACK
    assert after[2, 0] > after[2, RADIUS] - SLACK
