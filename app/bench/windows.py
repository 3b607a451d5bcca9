"""Jobs of the window: a real one with a real engine, on the screen in use or else on one in memory (Xvfb)."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil

from app.home import RUN_SUFFIX, home
from app.progress import percentile

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

Arguments = dict[str, Any]
PATIENCE = 120.0
SIZE = (1280, 720)
PICTURES = 90
MEGABYTE = 2**20


@contextlib.contextmanager
def _window(what: str, changes: tuple[str, ...] = (), speed: float = 50.0) -> Iterator[tuple[QApplication, Any]]:
    """Show a window of 1280 x 720 with a society in it. The host starts first, as the command does it."""
    from app import opening

    recorded = what.endswith(RUN_SUFFIX)
    society = opening.recorded_society(Path(what)) if recorded else opening.new_society(what, changes, speed)
    from PySide6.QtWidgets import QApplication

    from app import desktop

    desktop.prepare()
    application = QApplication(["sociarium"])
    application.setStyle("Fusion")
    from app.window import Window

    window = Window()
    window.keeps_preferences = False
    window.resize(*SIZE)
    window.open(society)
    window.show()
    try:
        yield application, window
    finally:
        window.close()


def _until(application: QApplication, condition: Callable[[], bool]) -> float:
    """Let the window live until something is so; return the seconds that it took."""
    begun = time.perf_counter()
    while not condition():
        application.processEvents()
        if time.perf_counter() - begun > PATIENCE:
            raise TimeoutError("the window did not get there")
        time.sleep(0.0005)
    return time.perf_counter() - begun


def _live(application: QApplication, seconds: float) -> None:
    until = time.perf_counter() + seconds
    _until(application, lambda: time.perf_counter() >= until)


def _has_people(window: Any) -> bool:
    viewport = window.viewport
    return window.view.frame is not None and bool(window.view.alive().any()) and viewport.pictures > 0


def first_people(given: Arguments) -> dict[str, Any]:
    """Measure the seconds from the start of this process to the first picture with people in it."""
    with _window("settlement", speed=4.0) as (application, window):
        _until(application, lambda: _has_people(window))
        return {"seconds": time.time() - given["begun"]}


def frames(given: Arguments) -> dict[str, Any]:
    """Measure pictures a second, the longest intervals between them, and memory, while a society runs at a speed."""
    with _window(given["scenario"], tuple(given["changes"]), given["speed"]) as (application, window):
        _until(application, lambda: _has_people(window))
        _live(application, 3)
        window.viewport.frame_times.clear()
        _live(application, given["seconds"])
        intervals = [1000 * seconds for seconds in window.viewport.frame_times]
        mapped = psutil.Process().memory_full_info().uss
        return {
            "per_s": 1000 * len(intervals) / sum(intervals),
            "p99": percentile(intervals, 0.99),
            "memory": psutil.Process().memory_info().rss / MEGABYTE,
            "own": mapped / MEGABYTE,
            "ticks_per_s": 0.0 if window.view.status is None else window.view.status.ticks_per_s,
        }


def crowd(given: Arguments) -> dict[str, Any]:
    """Measure Python's ms for a picture of so many people while the camera turns; what GL does is left out."""
    people = int(given["people"])
    side = 300 if people > 20_000 else 100
    changes = ("population.count=20", f"space.width={side}", f"space.height={side}")
    with _window("settlement", changes, 4.0) as (application, window):
        _until(application, lambda: _has_people(window))
        view, viewport = window.view, window.viewport
        assert view.session is not None and view.frame is not None
        view.session.framed.disconnect()
        view.session.pause()
        _live(application, 0.5)
        _fill(window, people)
        _live(application, 0.5)
        canvas, took = viewport.surface.canvas, []
        _stub_drawing()
        for _ in range(PICTURES):
            viewport.pilot.camera.orbit(0.01, 0)
            begun = time.perf_counter()
            viewport._advance()
            if not viewport.surface.is_busy:  # Qt would have it drawn later
                canvas.set_current()
                canvas._draw_scene()
            took.append(1000 * (time.perf_counter() - begun))
            viewport.surface.clear()
        return {"ms": median(took), "p99": percentile(took, 0.99)}


def _stub_drawing() -> None:
    """Let everything that GL computes for a picture take no time; all that Python does for it stays."""
    from vispy.gloo import gl

    from app.viewport.gl import GL

    for module in (GL, gl):
        for name in ("glDrawArraysInstanced", "glDrawElements", "glDrawArrays", "glClear"):
            if hasattr(module, name):
                setattr(module, name, lambda *arguments: None)


def _fill(window: Any, people: int) -> None:
    """Show two frames of a made-up crowd that walks about near the village."""
    from app.session import Frame

    view, viewport = window.view, window.viewport
    assert view.frame is not None and viewport.scene is not None
    ground, rng = viewport.scene.ground, np.random.default_rng(0)
    distance = np.hypot(*(ground.xyz[:, :2] - ground.xyz[:, :2].mean(0)).T)
    weight = np.exp(-((distance / (18 if people < 5_000 else 60)) ** 2)) + 1e-9
    cell = rng.choice(len(ground.xyz), people, p=weight / weight.sum()).astype(np.int32)
    for step in range(2):
        columns = {name: np.resize(column, (people, *column.shape[1:])) for name, column in view.frame.columns.items()}
        columns["space.cell"] = np.minimum(cell + step, len(ground.xyz) - 1).astype(np.int32)
        columns["people.alive"] = np.ones(people, np.bool_)
        columns["space.place"] = np.full(people, -1, np.int16)
        view._show(Frame(view.frame.tick + 1, columns))


def clicks(given: Arguments) -> dict[str, Any]:
    """Measure the ms from a click on somebody in the viewport until the inspector is filled, while the society runs."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    with _window("settlement") as (application, window):
        _until(application, lambda: _has_people(window))
        panel = window.panels["inspector"]
        _live(application, 3)
        rng = np.random.default_rng(1)
        took: list[float] = []
        while len(took) < given["clicks"]:
            agent = int(rng.choice(np.flatnonzero(window.view.alive())))
            spot = window.viewport.screen_position(agent)
            if spot is None:
                continue
            told: list[tuple[int, float]] = []
            hear = partial(_hear, told)
            panel.explained.connect(hear)
            before, begun = window.view.chosen, time.perf_counter()
            QTest.mouseClick(window.viewport.surface.widget, Qt.MouseButton.LeftButton, pos=spot)
            if window.view.chosen not in (before, -1):
                _until(application, partial(_is_told, told, window))
                took.append(1000 * (told[-1][1] - begun))
            panel.explained.disconnect(hear)
            _live(application, 0.6)
        return {"ms": median(took), "p95": percentile(took, 0.95)}


def scrub(given: Arguments) -> dict[str, Any]:
    """Measure the ms from the wish for a random tick of a recorded run until its picture is drawn."""
    run = home() / "runs" / f"scrubbed-{given['ticks']}.sociarium"
    if not run.exists():
        _record(run, given)
    with _window(str(run)) as (application, window):
        _until(application, lambda: _has_people(window))
        _live(application, 2)
        rng = np.random.default_rng(1)
        took: list[float] = []
        drawn: list[float] = []
        window.view.frame_shown.connect(drawn.clear)
        window.viewport.drew.connect(lambda: drawn.append(time.perf_counter()))
        for _ in range(given["clicks"]):
            tick = int(rng.integers(0, given["ticks"]))
            begun = time.perf_counter()
            window.view.show_tick(tick)
            _until(application, partial(_shows, window, tick, drawn))
            took.append(1000 * (drawn[0] - begun))
            _live(application, 0.5)
        return {"ms": median(took), "p95": percentile(took, 0.95)}


def _hear(told: list[tuple[int, float]], agent: int) -> None:
    told.append((agent, time.perf_counter()))


def _is_told(told: list[tuple[int, float]], window: Any) -> bool:
    return bool(told) and told[-1][0] == window.view.chosen


def _shows(window: Any, tick: int, drawn: list[float]) -> bool:
    """Tell whether a tick is shown and a picture was drawn since."""
    return bool(window.view.tick == tick and drawn)


def _record(run: Path, given: Arguments) -> None:
    from app.bench.sizes import Society
    from app.bench.societies import settlement

    run.parent.mkdir(parents=True, exist_ok=True)
    scenario = run.with_suffix(".scenario.yaml")
    scenario.write_text(settlement(Society(**given["society"]), "hex").to_yaml(), encoding="utf-8")
    command = [sys.executable, "-m", "app.cli", "run", str(scenario), "--ticks", str(given["ticks"]), "--out", str(run)]
    subprocess.run([*command, "--json"], check=True, capture_output=True)


def table(given: Arguments) -> dict[str, Any]:
    """Measure the people table with 100,000 rows."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from app.bench.view_table import measure_people_table

    return dict(measure_people_table(int(given["people"])))
