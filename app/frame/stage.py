"""The middle of the window while a society is open: the viewport, above it a notice, over it what is going on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.design import Design
from app.frame.notice import Notice, Preparing
from app.view import View

if TYPE_CHECKING:
    from app.viewport.viewport import Viewport


class Stage(QWidget):
    """Holds the viewport, and shows the `preparing` of its society."""

    cancelled = Signal()

    def __init__(self, view: View, viewport: Viewport, design: Design, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._title = ""
        self.notice = Notice(design)
        self.viewport = viewport
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.notice)
        whole.addWidget(viewport, 1)
        self.preparing = Preparing(self)
        self.preparing.cancelled.connect(self.cancelled)
        view.status_changed.connect(self._follow)
        view.frame_shown.connect(self._follow)
        view.closed.connect(self.preparing.hide)
        view.lost.connect(self._lost)

    def expect(self, title: str) -> None:
        """Say that a society is on its way."""
        self._title = title
        self.notice.hide()
        self.preparing.tell(self.tr("Opening {title}").format(title=title), self.tr("The engine is starting."))

    def _lost(self, sentence: str, details: str) -> None:
        self.preparing.hide()

    def _follow(self) -> None:
        status = self._view.status
        if self._view.session is None:
            return
        if status is not None and status.state == "preparing" and self._view.frame is None:
            self.preparing.tell(self.tr("Opening {title}").format(title=self._title), status.note)
        elif self._view.frame is not None and self.preparing.isVisibleTo(self):
            self.preparing.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:  # Qt's name
        """Keep what lies over the viewport in its middle."""
        super().resizeEvent(event)
        self.preparing.place()
