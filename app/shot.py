"""`--shot`: wait until people are on screen and then some seconds, save a picture of the whole window, leave."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.window import Window

PATIENCE = 60.0
"""Seconds without anything new after which there will be no picture."""


class Shot(QObject):
    """Takes one picture of a window. `done` says how it went: "" or one sentence."""

    done = Signal(str)

    def __init__(self, window: Window, path: Path, after: float, needs_people: bool) -> None:
        super().__init__(window)
        self._window, self._path, self._after = window, path, after
        self._is_due = False
        self._patience = QTimer(self, singleShot=True, interval=round(PATIENCE * 1000))
        self._patience.timeout.connect(self._give_up)
        self._patience.start()
        if needs_people:
            window.viewport.drew.connect(self._see)
            window.view.status_changed.connect(self._wait_on)
            window.view.lost.connect(lambda sentence, details: self.done.emit(sentence))
        else:
            self._take_soon()

    def _wait_on(self) -> None:
        """An engine that is being compiled takes its time, and says so."""
        status = self._window.view.status
        if status is not None and status.state == "preparing" and not self._is_due:
            self._patience.start()

    def _see(self) -> None:
        if not self._is_due and self._window.view.alive().any():
            self._take_soon()

    def _take_soon(self) -> None:
        self._is_due = True
        self._patience.stop()
        QTimer.singleShot(round(self._after * 1000), self, self._take)

    def _take(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self.done.emit(f"{self._path}: no picture can be saved there ({error.strerror}); choose another place")
            return
        saved = self._window.grab().save(str(self._path), "PNG")
        mend = f"{self._path}: no picture can be saved there; choose another place"
        self.done.emit("" if saved else mend)

    def _give_up(self) -> None:
        self.done.emit(
            f"no people came on screen in {PATIENCE:.0f} s, so there is no picture; `sociarium doctor` helps"
        )
