"""Social forces against Helbing and Molnar's equations in float64, everyone against everyone."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import SpaceError
from engine.rng import Rng
from engine.spaces.plane.crowd import SWAY
from engine.spaces.plane.exponential import LEAST, exponential
from engine.spaces.plane.plan import Plan, Wall, wall_segments
from engine.spaces.plane.social_force import PACE, REACH, WALL_REACH
from tests.plane_rooms import Doubles, apart_spots, crowd_of, keep_on, walkers

SECONDS, SIDE, SEED = 0.01, 24.0, 3


def test_our_exponential_is_as_exact_as_it_says() -> None:
    exponents = np.linspace(float(LEAST), 0, 200_001, dtype=np.float32)
    off = np.abs(exponential(exponents) / np.exp(exponents.astype(np.float64)) - 1)
    assert off.max() < 1.2e-4
    assert off[exponents >= -10].max() < 1e-5
    assert exponential(np.float32(0)) == 1


def expected_acceleration(states: Doubles, plan: Plan) -> Doubles:
    """Return the paper's acceleration of everyone in m/s2, and our sway."""
    x, velocity, want = states[:, :2], states[:, 2:4], states[:, 6:]
    way = x[:, None] - x[None]
    if plan.torus:
        way -= SIDE * np.round(way / SIDE)
    far = np.hypot(way[..., 0], way[..., 1])
    near = (far > 0) & (far < REACH)
    stride = 2.0 * velocity
    ahead = way - stride[None]
    with np.errstate(divide="ignore", invalid="ignore"):
        later = np.hypot(ahead[..., 0], ahead[..., 1])
        semi_minor = np.sqrt(np.maximum((far + later) ** 2 - (stride**2).sum(axis=1)[None], 1e-4)) / 2
        near &= semi_minor < REACH / 2
        gradient = ((far + later) / (4 * semi_minor))[..., None] * (way / far[..., None] + ahead / later[..., None])
        force = 2.1 / 0.3 * np.exp(-semi_minor / 0.3)[..., None] * gradient
        size = np.hypot(force[..., 0], force[..., 1])
        seen = (want[:, None] * -force).sum(axis=2) >= size * np.cos(np.deg2rad(100))
    near &= (want != 0).any(axis=1)[:, None] | (want != 0).any(axis=1)[None]
    force = np.where(near[..., None], force * np.where(seen, 1, 0.5)[..., None], 0).sum(axis=1)
    words = Rng(SEED).words(SWAY, np.arange(len(x), dtype=np.int32), 7, 2)
    held_up = (1 - (velocity * want).sum(axis=1) / states[:, 5]).clip(0, 1)
    sway = (0.2 + 4 * held_up)[:, None] * ((words >> 8) / 2.0**23 - 1)
    drive = (states[:, 5:6] * want - velocity) / 0.5
    walls = _from_walls(x, plan)
    goes = (want != 0).any(axis=1)[:, None]
    walls -= np.minimum((walls * want).sum(axis=1), 0)[:, None] * want
    total: Doubles = drive + force + np.where(goes, walls + sway, 0)
    return total


def _from_walls(x: Doubles, plan: Plan) -> Doubles:
    ends = wall_segments(plan)
    along = ends[:, 2:] - ends[:, :2]
    share = (((x[:, None] - ends[None, :, :2]) * along).sum(axis=2) / (along**2).sum(axis=1)).clip(0, 1)
    way = x[:, None] - (ends[None, :, :2] + share[..., None] * along)
    far = np.hypot(way[..., 0], way[..., 1])
    nearest = far.argmin(axis=1)
    rows = np.arange(len(x))
    least = far[rows, nearest]
    push = 10 / 0.2 * np.exp(-least / 0.2) * (least < WALL_REACH)
    force: Doubles = (push / least)[:, None] * way[rows, nearest]
    return force


@pytest.mark.parametrize("torus", (True, False))
def test_people_accelerate_as_in_the_paper(torus: bool) -> None:
    plan = Plan(SIDE, SIDE, torus, (Wall("fence", ((5, 3), (14, 10), (15, 20))),))
    draw = np.random.default_rng(11)
    spots = np.stack(np.meshgrid(np.arange(1.0, 23, 1.9), np.arange(1.0, 23, 1.9)), axis=2).reshape(-1, 2)
    states = walkers(draw, spots + draw.uniform(-0.4, 0.4, spots.shape))
    states = states[np.hypot(*_from_nearest(states[:, :2].astype(np.float64), plan).T) > 0.5]
    states[::5, 6:] = 0
    crowd = crowd_of(plan, states, SEED)
    expected = expected_acceleration(crowd.state().astype(np.float64), plan)
    crowd.step(SECONDS, 7, 0, keep_on)
    after = crowd.state()
    found = (after[:, 2:4].astype(np.float64) - states[:, 2:4]) / SECONDS
    free = np.hypot(*after[:, 2:4].T) < 1.29 * states[:, 5]
    assert free.sum() > 90
    off = np.abs(found - expected)[free]
    assert (off < 2e-3 + 1e-3 * np.abs(expected[free])).all()
    assert np.median(np.hypot(*expected.T)) > 1


def _from_nearest(x: Doubles, plan: Plan) -> Doubles:
    """Return the way from the nearest wall."""
    ends = wall_segments(plan)
    along = ends[:, 2:] - ends[:, :2]
    share = (((x[:, None] - ends[None, :, :2]) * along).sum(axis=2) / (along**2).sum(axis=1)).clip(0, 1)
    way = x[:, None] - (ends[None, :, :2] + share[..., None] * along)
    nearest: Doubles = way[np.arange(len(x)), np.hypot(way[..., 0], way[..., 1]).argmin(axis=1)]
    return nearest


def test_nobody_goes_faster_than_haste_allows() -> None:
    plan, draw = Plan(SIDE, SIDE), np.random.default_rng(5)
    states = walkers(draw, apart_spots(draw, (1, 1), (20, 20), 300))
    crowd = crowd_of(plan, states)
    for tick in range(40):
        crowd.step(0.1, tick, 0, keep_on)
        state = crowd.state()
        assert (np.hypot(*state[:, 2:4].T) <= 1.3 * state[:, 5] * 1.00001).all()


def test_a_crowd_says_what_does_not_fit() -> None:
    plan, draw = Plan(SIDE, SIDE), np.random.default_rng(5)
    crowd = crowd_of(plan, walkers(draw, apart_spots(draw, (1, 1), (20, 20), 5)))
    with pytest.raises(SpaceError, match=r"a substep takes 2.0 s; use more than 0 and at most 0\.\d\d s"):
        crowd.step(2.0, 1, 0, keep_on)
    outside = walkers(draw, np.array([[3.0, 30.0]]))
    with pytest.raises(SpaceError, match=r"person 0 stands at \[3.0, 30.0\]; put them on the plane of 24 x 24 m"):
        crowd_of(plan, outside)
    lame = walkers(draw, np.array([[3.0, 3.0]]))
    lame[0, 4:6] = 0.25, 0
    with pytest.raises(SpaceError, match=r"person 0 is 0.25 m wide and walks 0.0 m/s; use more than 0 for both"):
        crowd_of(plan, lame)


def test_nobody_who_is_left_out_would_push_by_much() -> None:
    """At the paper's mean pace, from any side, and by a whole crowd less than a twentieth of what it adds."""
    way = np.stack(np.meshgrid(*[np.arange(-8, 8, 0.02) + 0.01] * 2), axis=2)
    stride = np.array((2 * PACE, 0))
    far, later = np.hypot(*np.moveaxis(way, 2, 0)), np.hypot(*np.moveaxis(way - stride, 2, 0))
    semi_minor = np.sqrt((far + later) ** 2 - stride[0] ** 2) / 2
    gradient = ((far + later) / (4 * semi_minor))[..., None] * (
        way / far[..., None] + (way - stride) / later[..., None]
    )
    push = 2.1 / 0.3 * np.exp(-semi_minor / 0.3) * np.hypot(*np.moveaxis(gradient, 2, 0))
    left_out = (far >= REACH) | (semi_minor >= REACH / 2)
    assert push[left_out].max() < 0.0305
    assert push[left_out & (far > 0.5)].sum() < 0.05 * push[~left_out & (far > 0.5)].sum()
