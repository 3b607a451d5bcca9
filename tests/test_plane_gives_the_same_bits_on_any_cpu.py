"""Promise 1 on the plane: the same bits with any number of threads, and whatever CPU the kernels are compiled for."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
import xxhash

from engine.rng import Rng
from engine.spaces.plane.flocking import Flock, FlockRules
from engine.spaces.plane.locomotion import Locomotion
from engine.spaces.plane.plan import Plan, Wall, wall_segments
from engine.spaces.plane.social_force import Walkers
from engine.spaces.plane.team import WORTHWHILE, Team
from engine.values import Float32s, Int32s
from tests.hamlet import SOAK
from tests.other_processors import Disguise, only_on_x86_64
from tests.plane_rooms import Hall, apart_spots, crowd_of, streets, walkers

BIRDS, PEOPLE, STEPS = WORTHWHILE + 100, 1_500, 5
SIDE = 100.0
PLAN = Plan(40.0, 40.0, walls=(Wall("bend", ((5, 20), (18, 20), (20, 34))), Wall("slant", ((25.2, 4.3), (33.7, 29.1)))))

IN_A_PROCESS = "from tests.test_plane_gives_the_same_bits_on_any_cpu import hashes; print(hashes(2))"


def hashes(threads: int) -> str:
    """Return the hashes of a flock and of a crowd on its way to two places, after some steps."""
    draw = np.random.default_rng(1)
    team = Team(threads)
    places = (draw.random((BIRDS, 2)) * SIDE * 0.999).astype(np.float32)
    velocities = draw.uniform(-0.7, 0.7, (BIRDS, 2)).astype(np.float32)
    flock = Flock(SIDE, SIDE, True, places, velocities, FlockRules(), team)
    hall = Hall(PLAN, [(3, 37), (37, 37)], reach=2)
    spots = apart_spots(draw, (0.5, 0.5), (39.5, 39.5), PEOPLE)
    states = walkers(draw, spots)
    crowd = crowd_of(PLAN, states, threads=threads)
    goals = draw.integers(0, 2, PEOPLE).astype(np.int32)
    for step in range(STEPS):
        flock.step()
        hall.step(crowd, goals, 0.1, step)
    assert np.isfinite(flock.state()).all() and np.isfinite(crowd.state()).all()
    far, roaming = ways_in_town(team), roamers(team)
    team.close()
    found = (flock.state(), crowd.state(), *hall.field(0), *hall.field(1), *far, *roaming)
    return " ".join(xxhash.xxh3_64_hexdigest(np.ascontiguousarray(column).tobytes()) for column in found)


def roamers(team: Team) -> list[Float32s]:
    """Return where people are who fly in a flock, or walk at random, half of them to a corner."""
    states = np.zeros((BIRDS, len(Walkers._fields)), np.float32)
    states[:, :2] = np.random.default_rng(3).random((BIRDS, 2)) * SIDE * 0.999
    states[:, 2:4], states[:, 4], states[:, 5] = (0.3, -0.4), 0.23, 1.2
    found = []

    def aim(people: Walkers, ids: Int32s) -> None:
        people.east[: ids.size] = people.north[: ids.size] = np.where(ids % 2, np.float32(0.6), np.float32(0))

    for kind in ("flocking", "random-walk"):
        bodies = Locomotion(kind).bodies(Plan(SIDE, SIDE), wall_segments(PLAN), Rng(1), team)
        bodies.take(np.arange(BIRDS, dtype=np.int32), states)
        for step in range(STEPS):
            bodies.step(0.25, 1, step, aim)
        assert np.isfinite(bodies.state()).all() and (bodies.state()[:, :2] != states[:, :2]).any()
        found.append(bodies.state())
    return found


def ways_in_town(team: Team) -> tuple[Int32s, Int32s]:
    """Return how far it is over hubs to houses of a town, and which fields to follow."""
    hall = Hall(*streets(4), reach=3, team=team)
    draw = np.random.default_rng(2)
    places = draw.choice(np.arange(0, 64, 9), 2_000).astype(np.int32)
    x, y = draw.random((2, places.size)).astype(np.float32) * np.float32(hall.plan.width)
    return hall.fields.ways(places, x, y), hall.fields.guides(places, x, y)


@pytest.fixture(scope="module")
def reference() -> str:
    return hashes(1)


@pytest.mark.parametrize("threads", (2, 4))
def test_any_number_of_threads_gives_the_same_bits(reference: str, threads: int) -> None:
    assert hashes(threads) == reference


@pytest.mark.soak
@only_on_x86_64
@pytest.mark.parametrize("cpu", ("generic", "x86-64-v3", "native") if SOAK else ("generic",))
def test_any_cpu_gives_the_same_bits(reference: str, cpu: str, disguise: Disguise) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", IN_A_PROCESS],
        capture_output=True,
        text=True,
        env={**os.environ, **disguise(cpu)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == reference


def fail(part: int, first: int, end: int) -> None:
    raise ZeroDivisionError(f"part {part} fails")


def test_a_team_shares_out_all_of_the_work() -> None:
    team = Team(2)
    done: list[tuple[int, int, int]] = []
    edges = np.array([0, 3, 3, 10], np.int32)
    team.run(lambda part, first, end: done.append((part, first, end)), edges)
    assert sorted(done) == [(0, 0, 3), (1, 3, 3), (2, 3, 10)]
    assert [team.parts(people) for people in (WORTHWHILE - 1, WORTHWHILE, 2 * WORTHWHILE, 10**6)] == [1, 2, 4, 8]
    assert Team(1).parts(10**6) == 1
    with pytest.raises(ZeroDivisionError):
        team.run(fail, edges)
    team.close()
