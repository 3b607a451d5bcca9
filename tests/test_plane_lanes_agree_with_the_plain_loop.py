"""The kernels that work on many people at once give the bits of the plain loops beside them."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import SpaceError
from engine.spaces.plane.flocking import Flock, FlockRules
from engine.spaces.plane.plan import Plan, Wall
from engine.spaces.plane.team import Team
from tests.plane_rooms import Doubles, apart_spots, crowd_of, keep_on, walkers

SIDE = 40.0


def flock(birds: int, torus: bool, plainly: bool, seed: int = 1) -> Flock:
    draw = np.random.default_rng(seed)
    places = (draw.random((birds, 2)) * SIDE * 0.999).astype(np.float32)
    angle = draw.uniform(0, 2 * np.pi, birds)
    velocities = np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32)
    return Flock(SIDE, SIDE, torus, places, velocities, FlockRules(), Team(1), plainly)


def reference_step(states: Doubles, torus: bool, rules: FlockRules) -> Doubles:
    """Move a flock by one step in float64, everyone against everyone."""
    x, velocity = states[:, :2], states[:, 2:]
    way = x[None] - x[:, None]
    if torus:
        way -= SIDE * np.round(way / SIDE)
    far = np.hypot(way[..., 0], way[..., 1])
    seen, close = far < rules.vision, far < rules.separation
    share = 1 / np.maximum(seen.sum(axis=1) - 1, 1)[:, None]
    middle = (way * seen[..., None]).sum(axis=1) * share
    push = (way * close[..., None]).sum(axis=1)
    along = ((velocity[None] * seen[..., None]).sum(axis=1) - velocity) * share
    new = velocity + rules.cohere * middle - rules.separate * push + rules.match * along
    new *= rules.speed / np.hypot(*new.T)[:, None]
    at = x + new
    if torus:
        return np.concatenate([at % SIDE, new], axis=1)
    beyond = (at < 0) | (at > SIDE)
    at = np.where(at < 0, -at, np.where(at > SIDE, 2 * SIDE - at, at))
    return np.concatenate([at, np.where(beyond, -new, new)], axis=1)


@pytest.mark.parametrize("torus", (True, False))
@pytest.mark.parametrize("birds", (1, 7, 300, 1_500))
def test_a_flock_has_the_same_bits_in_lanes_and_one_by_one(birds: int, torus: bool) -> None:
    lanes, plain = flock(birds, torus, False), flock(birds, torus, True)
    for _ in range(12):
        lanes.step()
        plain.step()
        assert np.array_equal(lanes.state().view(np.int32), plain.state().view(np.int32))
    assert (np.hypot(*lanes.state()[:, 2:].T) > 0.99).all()


@pytest.mark.parametrize("torus", (True, False))
def test_a_flock_flies_as_in_double_precision(torus: bool) -> None:
    birds = flock(400, torus, False)
    for _ in range(5):
        expected = reference_step(birds.state().astype(np.float64), torus, birds.rules)
        birds.step()
        off = birds.state() - expected
        if torus:
            off[:, :2] -= SIDE * np.round(off[:, :2] / SIDE)
        assert np.abs(off).max() < 2e-5


def test_a_flock_does_not_depend_on_the_order_in_which_it_was_kept() -> None:
    going, fresh = flock(500, True, False), flock(500, True, False)
    for _ in range(6):
        states = going.state()
        fresh = Flock(SIDE, SIDE, True, states[:, :2], states[:, 2:], FlockRules(), Team(1))
        going.step()
        fresh.step()
        assert np.array_equal(going.state(), fresh.state())


def test_a_flock_says_what_does_not_fit() -> None:
    places = np.array([[1, 1], [3, 50]], np.float32)
    with pytest.raises(SpaceError, match=r"a torus of 12 x 40 m is too small to be seen 5.0 m far; make it 15.0 m or"):
        Flock(12, 40, True, places[:1], places[:1], FlockRules(), Team(1))
    with pytest.raises(SpaceError, match=r"bird 1 is at \[3.0, 50.0\]; put it on the plane of 40.0 x 40.0 m"):
        Flock(SIDE, SIDE, True, places, np.zeros((2, 2), np.float32), FlockRules(), Team(1))
    with pytest.raises(SpaceError, match="let it see at least as far as it keeps apart"):
        FlockRules(vision=1, separation=2)


@pytest.mark.parametrize("torus", (True, False))
@pytest.mark.parametrize("people", (1, 12, 250))
def test_a_crowd_has_the_same_bits_in_lanes_and_one_by_one(people: int, torus: bool) -> None:
    plan = Plan(20, 20, torus, (Wall("fence", ((5, 10), (14, 10), (15, 16))),))
    draw = np.random.default_rng(people)
    spots = apart_spots(draw, (0.4, 0.4), (19.6, 9.4), people)
    states = walkers(draw, spots)
    states[: people // 4, 6:] = 0
    lanes, plain = crowd_of(plan, states), crowd_of(plan, states, plainly=True)
    for tick in range(25):
        lanes.step(0.1, tick, 0, keep_on)
        plain.step(0.1, tick, 0, keep_on)
        assert np.array_equal(lanes.state().view(np.int32), plain.state().view(np.int32))
    assert np.abs(lanes.state()[:, :2] - states[:, :2]).max() > 0.3


def test_a_crowd_does_not_depend_on_the_order_in_which_it_was_kept() -> None:
    plan, draw = Plan(14, 14), np.random.default_rng(4)
    going = crowd_of(plan, walkers(draw, apart_spots(draw, (0.5, 0.5), (13.5, 13.5), 120)))
    for tick in range(8):
        fresh = crowd_of(plan, going.state())
        going.step(0.1, tick, 0, keep_on)
        fresh.step(0.1, tick, 0, keep_on)
        assert np.array_equal(going.state(), fresh.state())
