"""Starting the window: Qt's application, signals, crash reports, and a picture if one is wanted."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QSocketNotifier, Qt, QTimer
from PySide6.QtWidgets import QApplication

from app.opening import Opening

if TYPE_CHECKING:
    from app.view import View

COLLECT_EVERY = 1000
"""Milliseconds between two looks whether there may be garbage."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that is wanted instead of a window: where to, and after how many seconds."""

    path: Path
    after: float


def prepare() -> None:
    """Set what must be set before there is an application: one world of OpenGL, so that docks may float."""
    if QCoreApplication.instance() is None:
        QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
        QCoreApplication.setApplicationName("sociarium")
        QCoreApplication.setOrganizationName("sociarium")


def run(society: Opening | None, size: tuple[int, int] | None = None, picture: Picture | None = None) -> int:
    """Show the window, on its start page or with a society, until it is closed; return the exit status."""
    prepare()
    application = QApplication(sys.argv[:1])
    application.setApplicationDisplayName("Sociarium")
    application.setStyle("Fusion")
    from app.window import Window

    window = Window()
    if picture is not None:
        window.keeps_preferences = False
        window.preferences.layout = window.preferences.geometry = b""
        window.resize(*(size or (1440, 900)))
    elif size is not None:
        window.resize(*size)
    if society is not None:
        window.open(society)
    window.show()
    window.assistance.reporter.install()
    trouble: list[str] = []
    if picture is not None:
        from app.shot import Shot

        shot = Shot(window, picture.path, picture.after, needs_people=society is not None)
        shot.done.connect(trouble.append)
        shot.done.connect(lambda sentence: window.close())
    try:
        with _closed_by_signals(window), Collector(window.view):
            application.exec()
    finally:
        window.assistance.reporter.remove()
        window.close()
    for sentence in trouble[:1]:
        if sentence:
            print(f"sociarium: {sentence}", file=sys.stderr)
            return 1
    return 0


class Collector(QObject):
    """Looks for garbage from the window's thread alone, while it is entered.

    Python would do it in whichever thread makes the next object; things of Qt's that lie in it would be destroyed
    there, and Qt ends a process that does so. What has survived a look at everything is not looked at again, since that
    takes a tenth of a second, until a society is closed.
    """

    def __init__(self, view: View) -> None:
        super().__init__()
        self._timer = QTimer(self, interval=COLLECT_EVERY)
        self._timer.timeout.connect(self._collect)
        view.closed.connect(gc.unfreeze)

    def __enter__(self) -> Collector:
        gc.disable()
        self._timer.start()
        return self

    def __exit__(self, *what: object) -> None:
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

    def _collect(self) -> None:
        """Look at the oldest generation whose turn it is, as Python does."""
        counts, limits = gc.get_count(), gc.get_threshold()
        for generation in (2, 1, 0):
            if counts[generation] > limits[generation]:
                gc.collect(generation)
                if generation == 2:
                    gc.freeze()
                return


@contextlib.contextmanager
def _closed_by_signals(window: object) -> Iterator[None]:
    """Let SIGINT and SIGTERM close the window in order. Python hears of signals only while it runs: a pipe wakes it."""
    from app.window import Window

    assert isinstance(window, Window)
    here, there = socket.socketpair()
    here.setblocking(False)
    there.setblocking(False)
    notifier = QSocketNotifier(here.fileno(), QSocketNotifier.Type.Read)

    def wake() -> None:
        with contextlib.suppress(OSError):
            here.recv(64)

    notifier.activated.connect(wake)
    numbers = (signal.SIGINT, signal.SIGTERM)
    kept = {number: signal.signal(number, lambda number, frame: window.close()) for number in numbers}
    before = signal.set_wakeup_fd(there.fileno(), warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        for number, handler in kept.items():
            signal.signal(number, handler)
        notifier.setEnabled(False)
        here.close()
        there.close()


def quieten() -> None:
    """Keep Qt from talking on stderr of things that a user cannot mend."""
    os.environ.setdefault("QT_LOGGING_RULES", "qt.qpa.*=false;qt.text.font.*=false")
