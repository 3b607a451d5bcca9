"""Windows and societies that come and go leave nothing: no files, threads, timers, widgets, GL objects or memory."""

from __future__ import annotations

import gc
import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtGui import QOffscreenSurface, QOpenGLContext
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from shiboken6 import Shiboken
from vispy.gloo.globject import GLObject

from app.panels.inspector import InspectorPanel
from app.window import Window
from tests.hamlet import SOAK
from tests.resident import megabytes
from tests.windows import PATIENCE, show, wait_for_people

CYCLES = 50 if SOAK else 6
WARM_UP = 3
ROWS = 40
"""Widgets that panels may have more because somebody had more to show: they keep them for the next."""
NAMES = 2000
"""GL names objects by small numbers, the free ones first: so many are looked at."""
TRIES = 20
"""Looks at what stays, a quarter of a second apart."""
SLACK, SLACK_PER_CYCLE = 20, 0.25
"""MB that memory may grow: once (caches fill, what the allocator can not give back), and with each cycle."""


@pytest.fixture
def quiet() -> Iterator[None]:
    logging.disable(logging.INFO)
    yield
    logging.disable(logging.NOTSET)


def gl_objects() -> dict[str, int]:
    """Count what GL itself holds, whoever made it: all contexts share their objects, so any of them knows all."""
    from app.viewport.gl import GL

    surface, context = QOffscreenSurface(), QOpenGLContext()
    surface.create()
    context.setShareContext(QOpenGLContext.globalShareContext())
    assert context.create() and context.makeCurrent(surface)
    kinds = {
        "GL buffers": GL.glIsBuffer,
        "GL programs": GL.glIsProgram,
        "GL shaders": GL.glIsShader,
        "GL textures": GL.glIsTexture,
        "GL renderbuffers": GL.glIsRenderbuffer,
    }
    counts = {kind: sum(bool(holds(name)) for name in range(1, NAMES)) for kind, holds in kinds.items()}
    context.doneCurrent()
    return counts


def collect_elsewhere() -> None:
    """Collect garbage in a thread, as happens to a window with threads; nothing of Qt's may be left to it."""
    thread = threading.Thread(target=gc.collect)
    thread.start()
    thread.join()


def census() -> Counter[str]:
    """Count what a window could leave behind."""
    for _ in range(3):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents()
        collect_elsewhere()
    process = psutil.Process()
    found = [thing for thing in gc.get_objects() if isinstance(thing, GLObject | QTimer)]
    timers = [thing for thing in found if isinstance(thing, QTimer) and Shiboken.isValid(thing) and thing.isActive()]
    return Counter(
        {
            "files": process.num_fds(),
            "threads": threading.active_count(),
            "native threads": process.num_threads(),
            "children": len(process.children(recursive=True)),
            "widgets": len(QApplication.allWidgets()),
            "timers": len(timers),
            "gloo objects": sum(isinstance(thing, GLObject) for thing in found),
            **gl_objects(),
        }
    )


def assert_nothing_stays(cycle: Callable[[int], None], spare_widgets: int = 0) -> None:
    """Go through a cycle (of a number) again and again, and compare what there is before and after."""
    for i in range(WARM_UP):
        cycle(i)
    before, memory = census(), megabytes()
    for i in range(CYCLES):
        cycle(i)
    spare = {"files": 2, "threads": 2, "native threads": 2, "widgets": spare_widgets}
    for _ in range(TRIES):
        after = census()
        more = {kind: after[kind] - before[kind] for kind in before if after[kind] - before[kind] > spare.get(kind, 0)}
        if not more:
            break
        QTest.qWait(250)  # timers that end by themselves may still run
    grown = megabytes() - memory
    assert not more, f"more after {CYCLES} cycles: {more}"
    assert grown < SLACK + SLACK_PER_CYCLE * CYCLES, f"{grown:.0f} MB more after {CYCLES} cycles"


@pytest.mark.soak
def test_windows_that_come_and_go_leave_nothing(
    qtbot: QtBot, own_home: Path, no_hidden_errors: None, hamlet_run: Path, hamlet_file: Path, quiet: None
) -> None:
    def cycle(number: int) -> None:
        window = Window()
        show(window, qtbot)
        if number % 5 == 0:
            window.open_new(str(hamlet_file))
        else:
            window.open_run(hamlet_run)
        wait_for_people(window, qtbot)
        window.view.select([3])
        qtbot.waitUntil(lambda: window.viewport.pictures > 1)
        window.close()
        window.deleteLater()
        qtbot.waitUntil(lambda: not Shiboken.isValid(window))
        collect_elsewhere()

    assert_nothing_stays(cycle)


@pytest.mark.soak
def test_societies_that_come_and_go_in_one_window_leave_nothing(
    start_window: Window, qtbot: QtBot, hamlet_run: Path, hamlet_file: Path, quiet: None
) -> None:
    window = start_window
    inspector = window.panels["inspector"]
    assert isinstance(inspector, InspectorPanel)

    def cycle(number: int) -> None:
        if number % 5 == 0:
            window.open_new(str(hamlet_file))
        else:
            window.open_run(hamlet_run)
        wait_for_people(window, qtbot)
        pictures = window.viewport.pictures
        with qtbot.waitSignal(inspector.explained, timeout=PATIENCE):
            window.view.select([3])
        qtbot.waitUntil(lambda: window.viewport.pictures > pictures + 1)
        if number % 3 == 0:  # one society takes the place of another
            window.open_run(hamlet_run)
            wait_for_people(window, qtbot)
        window.close_society()
        collect_elsewhere()

    assert_nothing_stays(cycle, ROWS)
