"""Jobs on run files: making one, seeking in it, and reading it again as verification and export do."""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from app.bench.sizes import Society
from app.bench.societies import settlement
from app.bench.ticks import recorded
from app.compose import compose, read_scenario, rules_version
from app.progress import percentile
from engine.record.reader import RunReader
from engine.record.replay import seek, span, verify

DRAWN = 20260401
"""The seed of the ticks that are sought."""


def make_file(society: Society, path: Path, ticks: int) -> dict[str, Any]:
    """Run a settlement into a file and close it: its bytes in all, and those of a tick with everything included."""
    laboratory = compose(settlement(society))
    with recorded(laboratory, path):
        laboratory.found()
        for _ in range(ticks):
            laboratory.runner.tick()
    size = sum(file.stat().st_size for file in path.parent.glob(f"{path.name}*"))
    return {"bytes": size, "bytes_per_tick": size / ticks}


def seek_in(path: Path, seeks: int) -> dict[str, Any]:
    """Seek random ticks of a file, a composed runner at hand: ms to open it, to read a frame, to restore the world."""
    begun = time.perf_counter()
    with RunReader(path) as reader:
        opened = 1000 * (time.perf_counter() - begun)
        scenario = read_scenario(reader.header.scenario, str(path))
        runner = compose(scenario, replay=True).runner
        chance = random.Random(DRAWN)
        ticks = [chance.randint(*span(reader)) for _ in range(seeks + 1)]
        frames, worlds = [], []
        for tick in ticks:
            begun = time.perf_counter()
            reader.frame(tick)
            between = time.perf_counter()
            seek(runner, reader, tick)
            frames.append(1000 * (between - begun))
            worlds.append(1000 * (time.perf_counter() - between))
    frames, worlds = frames[1:], worlds[1:]
    return {
        "open": opened, "frame": median(frames),
        "world": median(worlds), "world_p99": percentile(worlds, 0.99),
    }  # fmt: skip


def reread(path: Path) -> dict[str, Any]:
    """Verify a file and export it to Parquet: ticks a second of each, and MB of tables a second."""
    from engine.record.export import export_run  # not before: it takes libraries that seeking does not need

    with RunReader(path) as reader:
        scenario = read_scenario(reader.header.scenario, str(path))
        runner = compose(scenario, replay=True).runner
        begun = time.perf_counter()
        verdict = verify(runner, reader, rules_version(scenario))
        verified = verdict.ticks / (time.perf_counter() - begun)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            begun = time.perf_counter()
            written = export_run(reader, Path(folder), "parquet")
            took = time.perf_counter() - begun
            size = sum(file.stat().st_size for file in written)
    return {
        "verified": verified, "held": float(verdict.parted_at is None),
        "exported": verdict.ticks / took, "export_mb": size / 1e6 / took,
    }  # fmt: skip
