"""The other ways to move on a plane: a flock of people who have goals, and a random walk as physics knows it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.compose import Laboratory, find_scenario, sections
from engine.errors import SpaceError
from engine.rng import Rng
from engine.scenario import set_paths
from engine.society.places import Place, Places
from engine.spaces.plane.columns import GRAIN, metres
from engine.spaces.plane.heading import TO_PLACE
from engine.spaces.plane.locomotion import Locomotion
from engine.spaces.plane.plan import Plan, wall_segments
from engine.spaces.plane.social_force import Walkers
from engine.spaces.plane.space import PlaneSpace
from engine.spaces.plane.steps import SLACK
from engine.spaces.plane.team import Team
from engine.values import Float32s, Int32s
from engine.world import World
from tests.hamlet import founded
from tests.test_plane_people_never_pass_a_wall import SIDE, crossings, distances, random_walls

FLOCK, RANDOM_WALK = Locomotion("flocking"), Locomotion("random-walk")
WIDE, CELL = 120.0, 2.0


def ids(*numbers: int) -> Int32s:
    return np.array(numbers, np.int32)


def roaming(people: int, locomotion: Locomotion, seconds: float = 1.0) -> tuple[World, PlaneSpace]:
    """Return people scattered over a torus, and its space; nobody has set out."""
    cells = round(WIDE / CELL) ** 2
    places = Places([Place("tree", "tree", cells // 2 + 30, 4, 90)])
    world = World(cells, 1, capacity=64)
    world.add(people)
    space = PlaneSpace(world, places, Plan(WIDE, WIDE, True), CELL, 4, seconds, Rng(4), Team(1), locomotion)
    space.enter(world.living(), np.random.default_rng(2).integers(0, cells, people).astype(np.int32))
    return world, space


def spots(world: World) -> Float32s:
    return metres(np.stack([world["space.x"], world["space.y"]], axis=1))


def way(before: Float32s, after: Float32s) -> Float32s:
    """Return how far each came, the shorter way around the torus."""
    return ((after - before + WIDE / 2) % WIDE - WIDE / 2).astype(np.float32)


def small_flock() -> Laboratory:
    changes = {"population.count": "300", "space.width": "80", "space.height": "80", "events[0].at": "170",
               "places[1].at": "[20, 60]"}  # fmt: skip
    changes |= {"places[0].at": "[40, 40]", "places[0].radius": "20"}
    return founded(set_paths(find_scenario("flock"), list(changes.items()), sections()))


def order(laboratory: Laboratory) -> float:
    measures = laboratory.society.module("flow").measures()
    return float(np.ravel(next(measure for measure in measures if measure.name == "order").take())[0])


def run_on(laboratory: Laboratory, ticks: int) -> None:
    for _ in range(ticks):
        laboratory.runner.tick()


def test_who_set_out_as_they_liked_soon_move_as_one_and_come_when_they_are_called() -> None:
    laboratory = small_flock()
    run_on(laboratory, 5)
    assert order(laboratory) < 0.3
    run_on(laboratory, 160)
    assert order(laboratory) > 0.9
    world = laboratory.society.world
    oak, been = laboratory.society.places.find("Oak"), np.zeros(300, np.bool_)
    for _ in range(60):
        run_on(laboratory, 1)
        been |= world["space.place"] == oak
    assert been.all() and not (world["space.goal_kind"] == TO_PLACE).any()
    laboratory.close()


def test_people_fly_at_their_own_pace() -> None:
    world, space = roaming(60, FLOCK)
    space.set_speed(world.living(), np.where(np.arange(60) % 2, 90, 210).astype(np.int32))
    space.stroll(world.living())
    for tick in range(20):
        before = spots(world)
        space.move(tick)
        came = np.hypot(*way(before, spots(world)).T)
        speed = np.hypot(world["space.u"], world["space.v"]) / GRAIN
        assert np.allclose(speed, np.where(np.arange(60) % 2, 0.9, 2.1), atol=0.01)
        assert (came <= speed + 0.01).all() and (came > 0.5 * speed).mean() > 0.8


def test_who_has_landed_stays_and_leads_nobody() -> None:
    """The others fly to the same bits, whether those who stand are there or gone."""
    found = []
    for gone in (False, True):
        world, space = roaming(200, FLOCK)
        who = world.living()
        space.stroll(who[50:])
        stood = spots(world)[:50]
        if gone:
            space.leave(who[:50])
        for tick in range(30):
            space.move(tick)
        assert np.array_equal(spots(world)[:50], stood)
        found.append(spots(world)[50:])
    assert np.array_equal(found[0], found[1])
    assert not np.array_equal(found[0], stood.repeat(3, axis=0))


def test_who_takes_off_flies_at_once_and_who_lands_takes_up_no_room() -> None:
    world, space = roaming(40, FLOCK)
    who = world.living()
    space.stroll(who)
    before = spots(world)
    space.move(0)
    assert (np.hypot(*way(before, spots(world)).T) > 0.5).all()
    space.head_for_place(who, np.zeros(40, np.int32))
    for tick in range(1, 120):
        space.move(tick)
    assert space.arrived(who).all() and (world["space.place"] == 0).all()


def test_random_walkers_come_as_far_as_theory_says() -> None:
    """In t seconds sqrt(v^2 c t), whatever the substeps and the tick: courses are of c = 3 s."""
    for seconds in (1.0, 3.0):
        world, space = roaming(4_000, RANDOM_WALK, seconds)
        space.set_speed(world.living(), np.full(4_000, 120, np.int32))
        space.stroll(world.living())
        far, before = np.zeros((4_000, 2)), spots(world)
        for tick in range(round(300 / seconds)):
            space.move(tick)
            after = spots(world)
            far += way(before, after)
            before = after
        assert np.sqrt((far**2).sum(axis=1).mean()) == pytest.approx(1.2 * np.sqrt(3 * 300), rel=0.03)
        assert np.abs(far.mean(axis=0)).max() < 2.5
        assert np.square(far[:, 0]).mean() == pytest.approx(np.square(far[:, 1]).mean(), rel=0.1)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.booleans(), st.sampled_from((0.05, 0.25, 0.5)))
def test_nobody_who_walks_at_random_passes_a_wall(seed: int, count: int, torus: bool, seconds: float) -> None:
    draw = np.random.default_rng(seed)
    plan = Plan(SIDE, SIDE, torus, random_walls(draw, count))
    ends = wall_segments(plan)
    states = np.zeros((300, len(Walkers._fields)), np.float32)
    states[:, :2], states[:, 4], states[:, 5] = draw.uniform(0.3, SIDE - 0.3, (300, 2)), 0.23, 1.34
    states = states[distances(states[:, :2].astype(np.float64), ends).min(axis=1) > 0.23 + SLACK]
    bodies = RANDOM_WALK.bodies(plan, ends, Rng(1), Team(1))
    bodies.take(np.arange(len(states), dtype=np.int32), states)
    turns = draw.uniform(0, 2 * np.pi, len(states)).astype(np.float32)

    def aim(people: Walkers, who: Int32s) -> None:
        people.east[: who.size], people.north[: who.size] = np.cos(turns[who]), np.sin(turns[who])

    moved = 0.0
    for step in range(60):
        before = bodies.state()[:, :2].astype(np.float64)
        bodies.step(seconds, 0, step, aim)
        after = bodies.state()[:, :2].astype(np.float64)
        inland = np.abs(after - before).max(axis=1) < SIDE / 2
        assert not crossings(before[inland], after[inland], ends)
        assert distances(after, ends).min() > 0.23 - SLACK
        moved = max(moved, float(np.abs(after - before)[inland].max()))
    assert moved > 0.5 * 1.34 * seconds


def test_a_flock_says_what_does_not_fit() -> None:
    with pytest.raises(SpaceError, match=r"12 x 40 m is too small to be seen 5.0 m far; make it 15.0 m or wider"):
        FLOCK.bodies(Plan(12, 40, True), np.zeros((0, 4)), Rng(1), Team(1))
    world, space = roaming(5, FLOCK, seconds=40.0)
    space.stroll(world.living())
    with pytest.raises(SpaceError, match="let it see at least as far as it keeps apart and as it flies"):
        space.move(0)
