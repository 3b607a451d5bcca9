"""Jobs that run a whole society: how long its ticks take, where that time goes, and how soon the first one is done."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import fmean
from typing import Any

import psutil

from app.bench.sizes import Society
from app.bench.societies import fresh, settlement
from app.bench.stopwatch import STEPS, Stopwatch, time_parts, time_steps
from app.compose import Laboratory, compose, header
from app.home import home
from app.progress import percentile
from app.runs import MEGABYTE
from engine.record.rows import RunSettings
from engine.record.writer import RunWriter
from engine.values import CONTINUE

CREATED = "2026-01-01T00:00:00+00:00"
"""When all run files of a bench claim to be made, so that they differ in nothing."""


@contextmanager
def recorded(laboratory: Laboratory, path: Path) -> Iterator[None]:
    """Let a society be recorded into a new run file, by its scenario's settings but with no word about a full disk."""
    settings = RunSettings(keyframe_every=laboratory.scenario.record.keyframe_every, min_free_bytes=0)
    writer = RunWriter.create(path, header(laboratory, created=CREATED), settings)
    laboratory.runner.recorder = writer
    try:
        yield
    finally:
        writer.close()
        laboratory.runner.recorder = None


@contextmanager
def founded(society: Society, space: str, recording: bool) -> Iterator[Laboratory]:
    """Compose and found a settlement, recorded or not; the run file is removed at the end."""
    laboratory = compose(settlement(society, space))
    if not recording:
        laboratory.found()
        yield laboratory
        return
    path = fresh(home() / "runs", f"{space}-{society.people}")
    try:
        with recorded(laboratory, path):
            laboratory.found()
            yield laboratory
    finally:
        path.unlink(missing_ok=True)


def run_ticks(society: Society, space: str, recording: bool, ticks: int, warm_up: int) -> dict[str, Any]:
    """Measure ticks after some that warm up: ms (median, p99, mean, processor time), decisions, peak memory."""
    with founded(society, space, recording) as laboratory:
        runner = laboratory.runner
        for _ in range(warm_up):
            runner.tick()
        gc.collect()
        took: list[float] = []
        decisions = chosen = 0
        busy = time.process_time()
        for _ in range(ticks):
            begun = time.perf_counter()
            record = runner.tick()
            took.append(1000 * (time.perf_counter() - begun))
            decisions += record.decisions.size
            chosen += int((record.decisions.action != CONTINUE).sum())
        busy = time.process_time() - busy
        alive = int(laboratory.society.world.alive.sum())
    return {
        "ms": percentile(took, 0.5),
        "p99": percentile(took, 0.99),
        "mean": fmean(took),
        "cpu": 1000 * busy / ticks,
        "people": alive,
        "decisions": decisions,
        "chosen": chosen,
        "seconds": sum(took) / 1000,
        "memory": peak_megabytes(),
    }


def run_steps(society: Society, space: str, ticks: int, warm_up: int, parts: bool = False) -> dict[str, Any]:
    """Measure how a tick's mean ms are spread over its steps, with `parts` over modules and actions inside them too."""
    with founded(society, space, recording=True) as laboratory:
        stopwatch = Stopwatch()
        if parts:
            time_parts(stopwatch, laboratory.runner)
        time_steps(stopwatch, laboratory.runner)
        for _ in range(warm_up):
            laboratory.runner.tick()
        stopwatch.seconds.clear()
        for _ in range(ticks):
            laboratory.runner.tick()
        names = sorted(stopwatch.seconds) if parts else STEPS
        return {name: 1000 * stopwatch.seconds[name] / ticks for name in names}


def first_tick(society: Society, space: str, begun: float) -> dict[str, Any]:
    """Measure the seconds from the start of this process to the end of its first tick, which is recorded."""
    with founded(society, space, recording=True) as laboratory:
        laboratory.runner.tick()
        return {"seconds": time.time() - begun, "memory": peak_megabytes()}


def peak_megabytes() -> float:
    """Return the most memory that this process has held so far, in MB (2^20 bytes) of resident set."""
    status = Path("/proc/self/status")
    if status.exists():  # ru_maxrss would count what the parent held when it forked
        peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(peak.split()[1]) / 1024
    if sys.platform == "win32":
        return float(psutil.Process().memory_info().peak_wset) / MEGABYTE
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE
