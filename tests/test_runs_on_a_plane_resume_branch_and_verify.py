"""Promise 2 on the plane: a killed run of a town, or of a hall that empties, goes on as if it were unbroken."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.compose import find_scenario, sections
from engine.record.reader import RunReader
from engine.record.replay import span
from engine.scenario import Scenario, set_paths
from tests.conftest import Sociarium
from tests.test_a_killed_run_resumes import wait_for_ticks
from tests.test_a_society_lives_on_a_plane import town

LONG = 100_000
"""Ticks that no run comes to before it is killed."""


def hall() -> Scenario:
    """Return the hall, out of which everybody is sent at tick 5."""
    return set_paths(
        find_scenario("crowd"), [("record.min_free_mb", "0"), ("record.checkpoint_every", "16")], sections()
    )


def flock() -> Scenario:
    """Return a small flock that is called to its tree at tick 10."""
    return _small("flocking")


def stray() -> Scenario:
    """Return the same people, who walk at random."""
    return _small("random-walk")


def _small(locomotion: str) -> Scenario:
    changes = {
        "space.locomotion": locomotion, "population.count": "200", "events[0].at": "10",
        "record.min_free_mb": "0", "record.checkpoint_every": "16",
    }  # fmt: skip
    return set_paths(find_scenario("flock"), list(changes.items()), sections())


def states(path: Path) -> dict[int, str]:
    """Return the state hash of every tick in a run file."""
    with RunReader(path) as reader:
        first, last = span(reader)
        assert reader.header.space == "plane"
        return {tick: reader.state_hash(tick).hex() for tick in range(first, last + 1)}


@pytest.fixture(params=[town, hall, flock, stray])
def scenario_file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    make: Callable[[], Scenario] = request.param
    path = tmp_path / f"{make.__name__}.scenario.yaml"
    path.write_text(make().to_yaml(), encoding="utf-8")
    return path


def run_and_kill(scenario_file: Path, path: Path) -> int:
    """Start a run and kill it on its way; return the last tick that is in its file."""
    command = [sys.executable, "-m", "app.cli", "run", scenario_file, "--ticks", LONG, "--out", path]
    process = subprocess.Popen([str(word) for word in command], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    wait_for_ticks(process, path)
    process.kill()
    process.wait()
    with RunReader(path) as reader:
        return span(reader)[1]


def test_a_killed_run_on_a_plane_goes_on_as_if_unbroken(
    scenario_file: Path, tmp_path: Path, sociarium: Sociarium
) -> None:
    killed, whole = tmp_path / "killed.sociarium", tmp_path / "whole.sociarium"
    last = run_and_kill(scenario_file, killed) + 20
    resumed = sociarium("resume", killed, "--ticks", last, "--json")
    assert resumed.status == 0, resumed.err
    assert sociarium("run", scenario_file, "--ticks", last, "--out", whole).status == 0
    assert states(killed) == states(whole)
    verified = sociarium("verify", killed, "--json")
    assert verified.status == 0, verified.err
    assert verified.report["ticks"] == last


def test_a_branch_from_the_middle_is_the_same_unless_something_changes(
    scenario_file: Path, tmp_path: Path, sociarium: Sociarium
) -> None:
    whole, same, other = (tmp_path / f"{name}.sociarium" for name in ("whole", "same", "other"))
    assert sociarium("run", scenario_file, "--ticks", "40", "--out", whole).status == 0
    for path, changes in ((same, ()), (other, ("--set", "events=[{at: 30, do: remove_people, people: 20}]"))):
        branched = sociarium("branch", whole, "--at", "21", *changes, "--out", path, "--json")
        assert branched.status == 0, branched.err
    assert sociarium("verify", other).status == 0
    assert states(same) == {tick: state for tick, state in states(whole).items() if tick >= 21}
    before, after = states(same), states(other)
    assert [tick for tick in before if before[tick] != after[tick]] == list(range(30, 41))
