"""Courses: one program stepped at several sizes, one after the other, in one child process."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence

from app.bench.ticks import peak_megabytes
from app.progress import percentile

LEAST, MOST = 3, 200
"""How many steps are timed at a size, at least and at most: after some 300 a flock draws together and sees more."""


def course(
    make: Callable[[int], Callable[[], object]], people: Sequence[int], work: int, warm_up: int
) -> dict[str, float]:
    """Time a program at several sizes, the smallest first; `make(n)` returns what takes one step of n people.

    Each size takes `work` / n steps, after some that warm up. Returns for each size n: n_ms, the median time of a step;
    n_cpu, ms of processor a step, on all threads together; n_mb, the most memory that the process has held until then.
    """
    found: dict[str, float] = {}
    for count in people:
        step = make(count)
        ticks = min(MOST, max(LEAST, work // count))
        took, cpu = _timed(step, ticks, min(warm_up, ticks))
        found |= {f"{count}_ms": took, f"{count}_cpu": cpu, f"{count}_mb": peak_megabytes()}
    return found


def _timed(step: Callable[[], object], ticks: int, warm_up: int) -> tuple[float, float]:
    for _ in range(warm_up):
        step()
    gc.collect()
    took = []
    busy = time.process_time()
    for _ in range(ticks):
        begun = time.perf_counter()
        step()
        took.append(1000 * (time.perf_counter() - begun))
    busy = time.process_time() - busy
    return percentile(took, 0.5), 1000 * busy / ticks
