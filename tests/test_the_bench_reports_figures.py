"""What `sociarium bench` reports: every figure there, and sane; never how fast it was."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from app.bench import BENCHES, run_benches
from app.bench.children import BenchError, Children
from app.bench.figures import Figure
from app.bench.land_map import map_of
from app.bench.mesa_walkers import Walkers, neighbours
from app.bench.sizes import FULL, TINY, USUAL, Society
from app.bench.societies import settlement
from app.bench.stopwatch import STEPS, Stopwatch
from app.bench.table import bench_table
from app.bench.worker import JOBS
from app.compose import compose
from engine.errors import SociariumError
from engine.spaces.hex.grid import neighbour_table
from engine.spaces.hex.space import HexSpace


class Here(Children):
    """Runs the jobs in this process: what they report is the same, only not worth much."""

    def measure(self, job: str, arguments: Mapping[str, Any], about: str) -> dict[str, Any]:
        given = json.loads(json.dumps({"begun": 0.0, **arguments}))
        found: dict[str, Any] = json.loads(json.dumps(JOBS[job](given)))
        return found


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Here:
    monkeypatch.setenv("SOCIARIUM_HOME", str(tmp_path))
    return Here(tmp_path, lambda about: None)


def test_the_engine_bench_reports_every_figure(here: Here) -> None:
    found = BENCHES["engine"].measure(TINY, here)
    full_only = "city_", "flock_most_"
    expected = {figure.name for figure in BENCHES["engine"].figures if not figure.name.startswith(full_only)}
    assert set(found) == expected
    assert all(math.isfinite(value) and value >= 0 for value in found.values())
    for name in ("ms_per_tick", "frames_ms_per_tick", "town_ms_per_tick", "memory_mb", "mesa_to_hex", "first_tick_s"):
        assert found[name] > 0
    assert found["ms_per_tick"] <= found["ms_per_tick_p99"]
    assert sum(found[f"step_{step}_ms"] for step in STEPS) > 0
    assert found["walking_hex_cells"] > 0
    assert found["walking_mesa_cells"] > 0
    assert found["mesa_to_flock"] == pytest.approx(found["flock_mesa_ms"] / found["flock_ms"])
    assert found["crowd_many_people_per_s"] == pytest.approx(1000 * TINY.plane[1] / found["crowd_many_ms"], rel=0.2)


def test_the_record_bench_reports_every_figure(here: Here) -> None:
    found = BENCHES["record"].measure(TINY, here)
    known = {figure.name for figure in BENCHES["record"].figures}
    expected = {name for name in known if not name.startswith("seek_")}
    assert set(found) == expected | {f"seek_{TINY.long_ticks}_ms", f"seek_{TINY.long_ticks}_ms_p99"}
    assert {f"seek_{USUAL.long_ticks}_ms", f"seek_{FULL.long_ticks}_ms"} <= known
    assert all(math.isfinite(value) for value in found.values())
    assert 0 < found["recorder_share_percent"] < 100
    assert found["bytes_per_tick"] > 100


def test_a_measurement_runs_in_a_process_of_its_own(tmp_path: Path) -> None:
    said: list[str] = []
    children = Children(tmp_path, said.append)
    arguments = {"society": {"people": 20, "side": 40, "houses": 8}, "ticks": 2, "warm_up": 0}
    assert children.measure("walk_on_hex", arguments, "walking")["ms"] > 0
    assert said == ["walking"]
    with pytest.raises(BenchError, match=r"measuring walking .* failed: .*people"):
        children.measure("walk_on_hex", {**arguments, "society": {"people": 0}}, "walking")


def test_an_unknown_bench_is_named_with_the_known_ones() -> None:
    with pytest.raises(SociariumError, match="no bench 'engin'; known: engine, record"):
        run_benches(["engin"])


def test_figures_stand_beside_bars_and_aims() -> None:
    assert [Figure("a", "ms", "", 3, 1).met(value) for value in (0.9, 2.0, 3.1)] == ["aim", "bar", "no"]
    assert [Figure("a", "x", "", 5, 20, more=True).met(value) for value in (21, 6, 4)] == ["aim", "bar", "no"]
    assert Figure("a", "ms", "").met(1) == ""
    console = Console(width=100)
    with console.capture() as captured:
        console.print(bench_table(BENCHES["engine"], {"ms_per_tick": 1.25, "ticks_per_s": 800.0}, wide=False))
    lines = [[cell.strip() for cell in line.split("│")[1:-1]] for line in captured.get().splitlines() if "│" in line]
    assert lines == [["ms_per_tick", "1.25", "ms", "3", "1", "bar"], ["ticks_per_s", "800", "1/s", "", "", ""]]


def test_the_bars_are_those_that_are_asked_for() -> None:
    asked = {
        "ms_per_tick": (3, 1),
        "frames_ms_per_tick": (10, 6),
        "town_ms_per_tick": (30, 10),
        "mesa_to_hex": (5, 20),
        "flock_ms": (0.3, 0.09),
        "flock_many_ms": (8, 3.2),
        "flock_most_ms": (90, 33),
        "flock_exponent": (1.1, 1.0),
        "mesa_to_flock": (700, 2_300),
        "crowd_ms": (0.8, 0.3),
        "crowd_many_ms": (35, 12),
        "memory_mb": (350, 250),
        "recorder_share_percent": (25, 10),
        "bytes_per_tick": (8_000, 4_000),
        "seek_100000_ms": (300, 100),
    }
    figures = {figure.name: (figure.bar, figure.aim) for bench in BENCHES.values() for figure in bench.figures}
    assert {name: figures[name] for name in asked} == asked


def test_seconds_are_counted_once() -> None:
    clock = iter(range(100))

    class Work:
        def inner(self) -> None:
            next(clock)

        def outer(self) -> None:
            self.inner()

    stopwatch, work = Stopwatch(clock=lambda: float(next(clock))), Work()
    stopwatch.time(work, "inner", "inside")
    stopwatch.time(work, "outer", "outside")
    work.outer()
    assert dict(stopwatch.seconds) == {"inside": 2.0, "outside": 2.0}


def test_mesa_walks_our_map_by_our_rules() -> None:
    society = compose(settlement(Society(people=10, side=40, houses=8)), replay=True).society
    space = society.space
    assert isinstance(space, HexSpace)
    goals = np.array([0, len(society.places) - 1], np.int32)
    land = map_of(space, goals)
    free = np.flatnonzero((land.room > 0) & (land.away[:, 0] < 2**29)).astype(np.int32)
    cells = free[np.random.default_rng(5).choice(free.size, 60, replace=False)]
    model = Walkers(land, cells, np.full(60, 12, np.int32), 4, seed=1)
    assert np.array_equal(np.sort(neighbours(model), axis=1), np.sort(neighbour_table(space.grid), axis=1))
    walked = np.zeros(60, np.int32)
    for tick in range(1, 31):
        before = model.cells()
        model.step()
        now = model.cells()
        walked += space.distance(before, now)
        assert walked.max() * 10 <= 12 * 4 * tick  # no step costs less than on a path
        assert (np.bincount(now, minlength=space.cells) <= land.room).all()
        assert model.contacts() == _near_pairs(space, now)
    assert walked.min() > 0


def _near_pairs(space: HexSpace, cells: Any) -> int:
    count = 0
    for i, cell in enumerate(cells):
        others = np.delete(cells, i)
        count += int((space.distance(np.full(others.size, cell, np.int32), others) <= 1).sum())
    return count
