"""Help in the window: the dock with actions and keys, crash reports and how they are told of, pictures."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QImage, QImageWriter
from PySide6.QtWidgets import QMainWindow

from app.actions import Actions
from app.errands import Errands
from app.frame import crash
from app.frame.docks import Docks
from app.frame.help_panel import HelpPanel
from app.frame.notice import Notice
from app.home import home
from app.writing import write_whole

SIZE = (460, 560)
"""Of the help where it floats, in logical pixels."""


class Assistance(QObject):
    """Registers the actions of help. `notice` returns the bar that is in sight."""

    crashed = Signal(Path, str)
    """A report was written (from any thread): its path and its headline."""

    def __init__(
        self, window: QMainWindow, docks: Docks, actions: Actions, errands: Errands, notice: Callable[[], Notice]
    ) -> None:
        super().__init__(window)
        self._window, self._docks, self._actions, self._notice = window, docks, actions, notice
        self._errands = errands
        self.reporter = crash.Reporter(self.crashed.emit)
        self.crashed.connect(self._tell_of_crash)
        actions.add(
            "file.shot", self.tr("Save &picture"), self.save_picture, "mdi6.camera-outline", "Ctrl+P",
            about=self.tr("Save a picture of the window"),
        )  # fmt: skip
        actions.add(
            "help.shortcuts", self.tr("&Actions and keys"), self.show_shortcuts, "mdi6.keyboard-outline", "F1",
            about=self.tr("List every action and its key"),
        )  # fmt: skip
        actions.add(
            "help.crash_report", self.tr("Last &crash report"), self.show_crash_report, "mdi6.file-alert-outline",
            enabled=lambda: bool(crash.reports()),
            about=self.tr("Read the report of the last fault; it lies only on this machine"),
        )  # fmt: skip
        actions.add("help.about", self.tr("A&bout Sociarium"), self.show_about, "mdi6.information-outline")

    def _panel(self) -> HelpPanel:
        """Return the help panel, in sight: in its dock beside a society, else floating."""
        dock, panel = self._docks.docks["help"], self._docks.panel("help")
        assert isinstance(panel, HelpPanel)
        if not self._docks.are_shown:
            dock.setFloating(True)
            dock.resize(*SIZE)
            dock.move(self._window.frameGeometry().center() - dock.rect().center())
        dock.show()
        dock.raise_()
        return panel

    def show_shortcuts(self) -> None:
        """List every action and its key."""
        self._panel().show_shortcuts()

    def show_about(self) -> None:
        """Say what this program is."""
        self._panel().show_about()

    def show_crash_report(self) -> None:
        """Show the last report."""
        found = crash.reports()
        if found:
            self._panel().show_report(found[0])

    def _tell_of_crash(self, path: Path, headline: str) -> None:
        told = self.tr("Something went wrong in the window; it goes on. A report was written, which stays here.")
        answers = [(self.tr("Open report"), lambda: self._panel().show_report(path))]
        self._notice().tell(told, headline, answers)
        self._actions.refresh()

    def save_picture(self) -> None:
        """Save a picture of the window among the user's pictures."""
        folder = home() / "pictures"
        path = folder / f"sociarium-{datetime.now():%Y%m%d-%H%M%S-%f}.png"
        image = self._window.grab().toImage()
        errand = self._errands.begin(self.tr("Saving a picture of the window"))

        def saved(refusal: str) -> None:
            errand.end()
            self._tell_of_picture(path, refusal)

        self._errands.work(errand, lambda tell: _save(image, path), saved)

    def _tell_of_picture(self, path: Path, refusal: str) -> None:
        if refusal:
            self._notice().tell(refusal)
            return
        url = QUrl.fromLocalFile(str(path.parent))
        answers = [(self.tr("Show folder"), lambda: QDesktopServices.openUrl(url))]
        self._notice().tell(self.tr("The picture is {path}").format(path=path), answers=answers, look="good")


def _save(image: QImage, path: Path) -> str:
    """Write a picture as PNG; return one sentence where the disk refuses."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    with suppress(OSError):  # what is wrong there is told of the file
        path.parent.mkdir(parents=True, exist_ok=True)
    return write_whole(path, bytes(buffer.data().data()))
