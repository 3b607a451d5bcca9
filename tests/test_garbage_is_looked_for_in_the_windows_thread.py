"""No worker may destroy objects of Qt's because it happens to make the object at which Python looks for garbage."""

from __future__ import annotations

import gc
import threading
import weakref
from typing import TYPE_CHECKING

from app.desktop import Collector
from app.view import View

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


class Ring:
    """Something that only a look for garbage frees."""

    def __init__(self) -> None:
        self.itself = self


def test_only_the_windows_thread_frees_rings(qtbot: QtBot) -> None:
    view, freed_in = View(), list[str]()
    stop = threading.Event()

    def work() -> None:
        kept: list[list[int]] = []
        while not stop.is_set():
            kept = [[] for _ in range(20_000)]  # far more than it takes to set Python looking
        kept.clear()

    worker = threading.Thread(target=work, name="worker")
    with Collector(view):
        worker.start()
        for _ in range(100):
            weakref.finalize(Ring(), lambda: freed_in.append(threading.current_thread().name))
        try:
            qtbot.waitUntil(lambda: len(freed_in) == 100, timeout=20_000)
        finally:
            stop.set()
            worker.join()
    assert set(freed_in) == {threading.main_thread().name}
    assert gc.isenabled() and gc.get_freeze_count() == 0
