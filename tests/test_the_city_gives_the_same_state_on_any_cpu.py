"""Promise 1 for a whole town: one state at every tick, with any number of threads and compiled for any CPU."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import partial

import pytest

import app.ground
from app.compose import find_scenario, sections
from engine.scenario import Scenario, set_paths
from engine.spaces.plane.team import Team
from tests.hamlet import SOAK, founded, hashes
from tests.other_processors import Disguise, only_on_x86_64

PEOPLE, TICKS = (2_500, 1_440) if SOAK else (400, 180)
"""Nearly all have set out after a quarter of an hour, 180 ticks."""

IN_A_PROCESS = """
import json, sys
from tests.test_the_city_gives_the_same_state_on_any_cpu import states
print(json.dumps(states(int(sys.argv[1]))))
"""

EVERYWHERE = [("native", 2), ("native", 4), ("generic", 1), ("generic", 2), ("generic", 4)]
EVERYWHERE += [("x86-64-v3", 1), ("x86-64-v3", 2), ("x86-64-v3", 4)]


class EagerTeam(Team):
    """A team that cuts up the work for however few people."""

    def parts(self, people: int, worthwhile: int = 0) -> int:
        return super().parts(people, 1)


def city() -> Scenario:
    """Return the city in the morning, from six o'clock on."""
    return set_paths(find_scenario("city"), [("population.count", str(PEOPLE))], sections())


def states(threads: int) -> list[str]:
    """Return the state hash of every tick."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app.ground, "Team", partial(EagerTeam, threads))
        laboratory = founded(city())
    found = hashes(laboratory, TICKS)
    society = laboratory.society
    assert (society.world["space.place"] != society.people.home)[society.people.alive].mean() > 0.7, "they are out"
    laboratory.close()
    return found


@pytest.fixture(scope="module")
def reference() -> list[str]:
    return states(1)


@pytest.mark.soak
@only_on_x86_64
@pytest.mark.parametrize(("cpu", "threads"), EVERYWHERE if SOAK else [("native", 4), ("generic", 2)])
def test_the_city_is_the_same_on_any_cpu(reference: list[str], disguise: Disguise, cpu: str, threads: int) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", IN_A_PROCESS, str(threads)],
        capture_output=True,
        text=True,
        env={**os.environ, **disguise(cpu)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    differs = [tick for tick, (one, other) in enumerate(zip(found, reference, strict=True), 1) if one != other]
    assert not differs, f"tick {differs[0]} is another on {cpu} with {threads} threads"
