"""Doing something again and again, but not more often than makes sense."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from PySide6.QtCore import QObject, QTimer


class Pace(QObject):
    """Does `then` at once when it was last done `every` seconds ago or longer, else as soon as that is so."""

    def __init__(self, every: float, then: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self._every, self._then = every, then
        self._done = -every
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.now)

    def soon(self) -> None:
        """Do it, now or in a moment; many wishes in between are one."""
        if self._timer.isActive():
            return
        wait = self._done + self._every - monotonic()
        if wait <= 0:
            self.now()
        else:
            self._timer.start(int(wait * 1000) + 1)

    def now(self) -> None:
        """Do it now, whenever it was done before."""
        self._timer.stop()
        self._done = monotonic()
        self._then()

    def stop(self) -> None:
        """Do not do what is still to come."""
        self._timer.stop()
