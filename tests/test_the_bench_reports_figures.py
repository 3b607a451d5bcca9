"""What `sociarium bench` reports: every figure there, and sane; never how fast it was."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from rich.console import Console

from app.bench import BENCHES, engine, run_benches, write_plot
from app.bench.children import BenchError, Children
from app.bench.compute_limit import operations, pairs_looked_at
from app.bench.crowd_studies import weidmann
from app.bench.figures import Figure
from app.bench.land_map import map_of
from app.bench.mesa_walkers import Walkers, neighbours
from app.bench.plane import birds_of, flock_of
from app.bench.plane_peers import TreeFlock
from app.bench.plot import picture
from app.bench.sizes import FULL, TINY, USUAL, Society
from app.bench.societies import settlement
from app.bench.stopwatch import STEPS, Stopwatch
from app.bench.table import bench_table, course_table
from app.bench.worker import JOBS
from app.cli import main
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


@pytest.fixture(scope="module")
def engine_figures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    folder = tmp_path_factory.mktemp("engine")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOCIARIUM_HOME", str(folder))
        here = Here(folder, lambda about: None)
        found = BENCHES["engine"].measure(TINY, here)
    assert here.notes == []
    return found


def sizes_named(names: set[str]) -> set[str]:
    """Names of figures without the numbers of people, doors and densities in them."""
    return {re.sub(r"_\d+(?=_|cm)", "_N", name) for name in names}


def test_the_engine_bench_reports_every_figure(engine_figures: dict[str, float]) -> None:
    found = engine_figures
    full_only = "city_ms_per_tick", "city_memory_mb"
    expected = {figure.name for figure in BENCHES["engine"].figures if figure.name not in full_only}
    assert sizes_named(set(found)) == sizes_named(expected)
    assert all(math.isfinite(value) and value >= 0 for name, value in found.items() if not name.endswith("_exponent"))
    for name in ("ms_per_tick", "frames_ms_per_tick", "town_ms_per_tick", "memory_mb", "mesa_to_hex", "first_tick_s"):
        assert found[name] > 0
    assert found["ms_per_tick"] <= found["ms_per_tick_p99"]
    assert sum(found[f"step_{step}_ms"] for step in STEPS) > 0
    assert found["walking_hex_cells"] > 0
    assert found["walking_mesa_cells"] > 0
    assert found["mesa_to_flock"] == pytest.approx(found["mesa_flock_150_ms"] / found["flock_150_ms"])
    assert found["jupedsim_to_field"] == pytest.approx(found["jupedsim_150_ms"] / found["field_150_ms"])
    assert found["crowd_600_per_s"] == pytest.approx(1000 * 600 / found["crowd_600_ms"])
    assert found["flock_600_mb"] > 50
    assert found["float32_gops"] > 0.1
    assert 0 < found["flock_needed_percent"] < found["flock_limit_percent"] < 100
    assert 30 < found["flock_neighbours"] < 50
    assert found["city_60_ms"] > 0 and found["city_60_substeps_ms"] > 0
    assert 0 < found["door_120cm_per_s"] < found["door_240cm_per_s"]
    assert found["speed_5_to_10m2"] > found["speed_20_to_10m2"] > 0


def test_the_usual_sizes_and_the_long_form_have_figures_for_all_they_measure() -> None:
    known = {figure.name for figure in BENCHES["engine"].figures}
    for sizes in (USUAL, FULL):
        assert {f"flock_{people}_ms" for people in sizes.plane.flock} <= known
        assert {f"mesa_flock_{people}_mb" for people in sizes.plane.mesa} <= known
        assert {f"jupedsim_{people}_per_s" for people in sizes.plane.jupedsim} <= known
        assert {f"door_{round(100 * width)}cm_per_s" for width in sizes.plane.doors} <= known
        assert {f"speed_{round(10 * density)}_to_10m2" for density in sizes.plane.densities} <= known
        for peer, ours in (("mesa", "flock"), ("tree", "flock"), ("jupedsim", "field")):
            assert sizes.plane.few in getattr(sizes.plane, peer) and sizes.plane.few in getattr(sizes.plane, ours)
    assert min(USUAL.plane.flock) == 500 and max(USUAL.plane.flock) == 1_000_000


def test_a_peer_that_is_not_installed_is_left_out_with_the_mend(monkeypatch: pytest.MonkeyPatch, here: Here) -> None:
    monkeypatch.setattr("app.bench.engine.find_spec", lambda name: None if name == "jupedsim" else find_spec(name))
    jobs = engine._installed(engine._jobs(TINY), here)
    assert "jupedsim" not in jobs and {"flock", "mesa_flock", "tree_flock"} <= set(jobs)
    assert here.notes == ["jupedsim is left out, jupedsim is not installed; type: uv pip install -e '.[bench]'"]


def test_a_flock_on_a_tree_flies_by_our_rules() -> None:
    ours, theirs = flock_of(700), TreeFlock(*birds_of(700))
    for _ in range(5):
        ours.step()
        theirs.step()
        states = ours.state().astype(np.float64)
        away = states[:, :2] - theirs.places.T
        away -= theirs.side * np.rint(away / theirs.side)
        assert np.abs(away).max() < 1e-4
        assert np.abs(states[:, 2:] - theirs.velocities.T).max() < 1e-4


def test_pairs_and_operations_of_a_step_are_counted_as_the_kernel_makes_them() -> None:
    flock = flock_of(300)
    cells, (x, y) = flock.cells, flock.state()[:, :2].T.astype(np.float64)
    column, row = (
        (x * cells.columns / float(cells.width)).astype(int),
        (y * cells.rows / float(cells.height)).astype(int),
    )
    near = [
        ((at[:, None] - at[None] + 1) % count <= 2) for at, count in ((column, cells.columns), (row, cells.rows))
    ]  # fmt: skip
    assert pairs_looked_at(flock) == int((near[0] & near[1]).sum())

    def visit(own: Any, other: Any, constants: Any) -> Any:
        dx = own[0] - other[0]
        return [(dx * dx < constants[0], dx), ((dx > np.float32(0)) & (dx < constants[0]), dx.root())]

    assert operations(visit, (1, 1, 1)) == 6 + 2, "five, a root, and an addition for each sum"


def test_speed_by_density_is_that_of_the_paper() -> None:
    assert weidmann(1e-6) == pytest.approx(1.34)
    assert weidmann(5.4) == pytest.approx(0)
    assert max(density * weidmann(density) for density in np.linspace(0.5, 5, 46)) == pytest.approx(1.22, abs=0.01)


def test_the_picture_shows_every_program_at_every_size(engine_figures: dict[str, float], tmp_path: Path) -> None:
    bench, file = BENCHES["engine"], tmp_path / "engine.svg"
    write_plot({"engine": engine_figures}, file)
    root = ElementTree.parse(file).getroot()
    words = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    dots = root.findall("{http://www.w3.org/2000/svg}circle")
    assert len(dots) == sum(len(course.points(engine_figures)) for course in bench.courses) == 10
    assert {course.label for course in bench.courses} <= set(words)
    assert all(0 < float(dot.get("cx", 0)) < 1080 and 0 < float(dot.get("cy", 0)) < 520 for dot in dots)
    assert "prefers-color-scheme: dark" in file.read_text(encoding="utf-8")


def test_slower_stands_higher_in_the_picture() -> None:
    found = {"flock_500_ms": 0.1, "flock_2500_ms": 0.5, "mesa_flock_2500_ms": 500.0}
    found |= {name.replace("_ms", f"_{what}"): 1.0 for name in list(found) for what in ("per_s", "mb")}
    document = picture(BENCHES["engine"], found)
    low, ours, theirs = (float(y) for y in re.findall(r"<circle cx='[\d.]+' cy='([\d.]+)'", document))
    assert low > ours > theirs
    assert ">1,000 times<" in document


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("bench engine --plot engine.pdf", "SVG or PNG; give a name that ends in .svg or .png"),
        ("bench engine --plot nowhere/engine.svg", "there is no folder nowhere; make it first"),
        ("bench record --plot engine.svg", "name it: sociarium bench engine --plot engine.svg"),
    ],
)
def test_a_picture_that_cannot_be_is_refused_before_anything_is_measured(
    words: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words.split()) == 2
    said = capsys.readouterr().err
    assert message in said and said.count("\n") == 1


def test_programs_stand_in_a_table_by_size(engine_figures: dict[str, float]) -> None:
    console = Console(width=140)
    with console.capture() as captured:
        console.print(course_table(BENCHES["engine"], engine_figures))
        console.print(bench_table(BENCHES["engine"], {**engine_figures, "door_120cm_per_s": 1.75}, wide=False))
    said = captured.get()
    assert re.search(r"Flocking +│ Sociarium +│ +150 │", said)
    assert re.search(r"JuPedSim, open field +│ +150 │", said)
    assert re.search(r"door_120cm_per_s +│ +1.75 │ 1/s .*│ 1.6 to 2.3", said)
    assert "flock_150_per_s" not in said


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
        "flock_2500_ms": (0.3, 0.09),
        "flock_100000_ms": (8, 3.2),
        "flock_1000000_ms": (90, 33),
        "flock_exponent": (1.1, 1.0),
        "mesa_to_flock": (700, 2_300),
        "crowd_2500_ms": (0.8, 0.3),
        "crowd_100000_ms": (35, 12),
        "jupedsim_to_field": (5, 12),
        "city_2500_ms": (6, 2),
        "city_100000_ms": (300, 80),
        "person_bytes": (400, 200),
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
