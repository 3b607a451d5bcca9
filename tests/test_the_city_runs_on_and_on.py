"""A city that is recorded day after day takes no more memory, and no more time a tick, than in its first days."""

from __future__ import annotations

import gc
import time
from pathlib import Path
from statistics import median

import pytest

from app import runs
from app.compose import find_scenario, sections
from app.progress import percentile
from engine.record.space import Waiting
from engine.scenario import set_paths
from tests.hamlet import SOAK
from tests.resident import megabytes

MINUTES, PEOPLE, DAY = (30.0, 2_500, 2_880) if SOAK else (0.1, 300, 120)
"""How long, how many, and how many ticks a day has: a short one, so that many days can be held against each other."""

LEAST_DAYS, WARM_UP = 9, 2
MOST_MORE = 16.0
"""MB that the last days may take more than the first: what the allocator can not give back, and caches of SQLite."""

SLOWER, SLACK = (1.25, 1.0) if SOAK else (2.0, 5.0)
"""How much longer the 99th percentile of ticks may be in the last days: so many times, and so many milliseconds."""


@pytest.mark.soak
def test_memory_and_the_time_of_ticks_stay_as_they_are(tmp_path: Path) -> None:
    """Time is that of the CPU, so that what else the machine does is not counted."""
    scenario = set_paths(find_scenario("city"), [("population.count", str(PEOPLE)), ("time.day", str(DAY))], sections())
    memory, slowest = list[float](), list[float]()
    with runs.founded(scenario, tmp_path / "city.sociarium", Waiting()) as laboratory:
        end = time.monotonic() + 60 * MINUTES
        while time.monotonic() < end or len(memory) < LEAST_DAYS:
            taken = list[float]()
            for _ in range(DAY):
                begun = time.process_time()
                laboratory.runner.tick()
                taken.append(1000 * (time.process_time() - begun))
            gc.collect()
            memory.append(megabytes())
            slowest.append(percentile(taken, 0.99))
    third = (len(memory) - WARM_UP) // 3
    first, last = slice(WARM_UP, WARM_UP + third), slice(-third, None)
    told = f"by day: {[round(mb) for mb in memory]} MB, {[round(ms, 1) for ms in slowest]} ms"
    assert median(memory[last]) < median(memory[first]) + MOST_MORE, told
    assert median(slowest[last]) < SLOWER * median(slowest[first]) + SLACK, told
