"""The ring around the picture while it has the keyboard by way of the keyboard: who clicked into it knows."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.design import Design
from app.panels.pieces import paint_focus

BY_KEYS = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)
IN_PASSING = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)
"""Reasons for which the keyboard goes and comes without anybody having gone elsewhere in the window."""


class FocusRing(QWidget):
    """Lies over a widget that cannot paint its own ring; hidden, and free, while there is none."""

    def __init__(self, ringed: QWidget, design: Design) -> None:
        super().__init__(ringed)
        self._ringed, self._design = ringed, design
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.hide()
        ringed.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the keyboard and the size of what it rings."""
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self._ringed.rect())
        elif isinstance(event, QFocusEvent) and event.reason() not in IN_PASSING:
            self.setVisible(event.gotFocus() and event.reason() in BY_KEYS)
            self.raise_()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ring."""
        painter = QPainter(self)
        paint_focus(painter, self.rect(), self._design.theme)
        painter.end()
