"""Windows that open and close leave nothing behind: no file handles, threads, timers, widgets, GL objects or memory."""

from __future__ import annotations

import gc
import logging
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from vispy.gloo.globject import GLObject

from tests.hamlet import SOAK
from tests.windows import show, wait_for_people

CYCLES = 50 if SOAK else 6
WARM_UP = 2


@pytest.fixture
def quiet() -> Iterator[None]:
    logging.disable(logging.INFO)
    yield
    logging.disable(logging.NOTSET)


def census() -> Counter[str]:
    """Count what a window could leave behind."""
    for _ in range(3):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents()
        gc.collect()
    process, found = psutil.Process(), gc.get_objects()
    return Counter(
        {
            "files": process.num_fds(),
            "threads": threading.active_count(),
            "native threads": process.num_threads(),
            "children": len(process.children(recursive=True)),
            "widgets": len(QApplication.allWidgets()),
            "timers": sum(isinstance(thing, QTimer) and thing.isActive() for thing in found),
            "gl": sum(isinstance(thing, GLObject) for thing in found),
        }
    )


@pytest.mark.soak
def test_windows_that_come_and_go_leave_nothing(
    qtbot: QtBot, own_home: Path, no_hidden_errors: None, hamlet_run: Path, hamlet_file: Path, quiet: None
) -> None:
    from app.window import Window

    def cycle(live: bool) -> None:
        window = Window()
        show(window, qtbot)
        if live:
            window.open_new(str(hamlet_file))
        else:
            window.open_run(hamlet_run)
        wait_for_people(window, qtbot)
        window.view.select([3])
        qtbot.waitUntil(lambda: window.viewport.pictures > 1)
        window.close()
        window.deleteLater()

    for i in range(WARM_UP):
        cycle(live=i % 2 == 0)
    before, memory = census(), psutil.Process().memory_info().rss
    for i in range(CYCLES):
        cycle(live=i % 5 == 0)
    after, grown = census(), psutil.Process().memory_info().rss - memory
    assert after["files"] <= before["files"] + 2
    assert after["threads"] <= before["threads"] + 2
    assert after["native threads"] <= before["native threads"] + 2
    assert after["children"] == before["children"]
    for kind in ("widgets", "timers", "gl"):
        assert after[kind] <= before[kind], f"{kind}: {before[kind]} before, {after[kind]} after {CYCLES} windows"
    assert grown < CYCLES * 2**20 + 30 * 2**20, f"{grown / 2**20:.0f} MB more after {CYCLES} windows"
