"""Promise 1: same scenario, seed and decisions, same state hash at every tick, however and wherever computed."""

import json
import os
import subprocess
import sys

import pytest

from tests.hamlet import SOAK, changed, founded, hamlet, hashes
from tests.other_processors import Disguise

TICKS = 100 if SOAK else 70

IN_A_PROCESS = """
import importlib, json, os, sys
import numba
features = importlib.import_module("numpy._core._multiarray_umath").__cpu_features__
assert not any(features[name] for name in os.environ.get("NPY_DISABLE_CPU_FEATURES", "").split())
from tests.hamlet import changed, founded, hamlet, hashes
backend, threads, ticks = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
numba.set_num_threads(threads)
print(json.dumps(hashes(founded(changed(hamlet(), space__backend=backend)), ticks)))
"""


@pytest.fixture(scope="module")
def reference() -> list[str]:
    return hashes(founded(hamlet()), TICKS)


def in_a_process(backend: str, threads: int, env: dict[str, str], ticks: int = TICKS) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", IN_A_PROCESS, backend, str(threads), str(ticks)],
        capture_output=True,
        text=True,
        env={**os.environ, **env},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: list[str] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("hash_seed", ["1", "271828"])
@pytest.mark.parametrize("threads", [1, 2])
def test_another_process_gives_the_same_hashes(reference: list[str], hash_seed: str, threads: int) -> None:
    assert in_a_process("hex", threads, {"PYTHONHASHSEED": hash_seed}) == reference


def test_another_backend_gives_the_same_hashes(reference: list[str]) -> None:
    assert in_a_process("mesa-frames", 1, {"PYTHONHASHSEED": "5"}) == reference


@pytest.mark.soak
def test_another_cpu_gives_the_same_hashes(reference: list[str], disguise: Disguise) -> None:
    assert in_a_process("hex", 2, disguise("generic")) == reference


def test_another_seed_gives_other_hashes(reference: list[str]) -> None:
    other = hashes(founded(changed(hamlet(), seed="12")), 5)
    assert not set(other) & set(reference)


def test_people_come_and_go_on_the_way() -> None:
    laboratory = founded(hamlet())
    hashes(laboratory, 45)
    world = laboratory.society.world
    assert (world.count, int(world.alive.sum())) == (130, 115)
    assert laboratory.society.scenario.modules["drives"].hunger == 1500
    hashes(laboratory, 20)
    assert laboratory.society.modules["drives"].settings.hunger == 3000
