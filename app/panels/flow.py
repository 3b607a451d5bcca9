"""Widgets one after the other like words: chips and links that wrap with the width of a panel."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.design import SMALL, SPACE, Design
from app.panels.pieces import NARROW, Wrapped, ink, line_height

DOT = 8
"""How wide the dot of a colour is."""


class Flow(QWidget):
    """Lays widgets out like the words of a paragraph, on the next line where there is no room."""

    def __init__(self, gap: int = SPACE[1]) -> None:
        super().__init__()
        self._gap = gap
        self._shown: list[QWidget] = []
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def flow(self, widgets: Sequence[QWidget]) -> None:
        """Show these, in this order; all others that were here are hidden. They must be made with this as parent."""
        for child in self.children():
            if isinstance(child, QWidget) and child not in widgets:
                child.hide()
        self._shown = list(widgets)
        for widget in self._shown:
            widget.show()
        self.setVisible(bool(widgets))
        self.updateGeometry()
        self._place(self.width(), True)

    def hasHeightForWidth(self) -> bool:
        """It wraps."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of all lines."""
        return self._place(width, False)

    def sizeHint(self) -> QSize:
        """Ask for little width, and for the height that the width at hand takes."""
        return QSize(NARROW, self.heightForWidth(max(NARROW, self.width())))

    def minimumSizeHint(self) -> QSize:
        """Return the least."""
        return QSize(NARROW, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out anew."""
        super().resizeEvent(event)
        self._place(self.width(), True)

    def _place(self, width: int, move: bool) -> int:
        x = y = deep = 0
        for widget in self._shown:
            size = widget.sizeHint()
            wide = min(size.width(), width)
            if x and x + wide > width:
                x, y, deep = 0, y + deep + self._gap, 0
            if move:
                widget.setGeometry(QRect(QPoint(x, y), QSize(wide, size.height())))
            x, deep = x + wide + self._gap, max(deep, size.height())
        return y + deep


class Chip(QWidget):
    """A few words on a small ground, with a dot of a colour where there is one."""

    def __init__(self, design: Design) -> None:
        super().__init__()
        self._design, self._words = design, Wrapped(design, SMALL)
        self._dot, self._tone = "", "ink"
        design.changed.connect(self.updateGeometry)
        design.changed.connect(self.update)

    @property
    def text(self) -> str:
        """What it says."""
        return self._words.text

    def say(self, text: str, dot: str = "", tone: str = "ink", tip: str = "") -> None:
        """Say something else; `dot` is a colour, `tone` the name of one."""
        if (text, dot, tone) != (self._words.text, self._dot, self._tone):
            self._words.text, self._dot, self._tone = text, dot, tone
            self.setAccessibleName(text)
            self.updateGeometry()
            self.update()
        self.setToolTip(tip or text)

    def sizeHint(self) -> QSize:
        """Return the size of the words, the dot and the ground."""
        dot = DOT + SPACE[1] if self._dot else 0
        return QSize(self._words.natural() + dot + 2 * SPACE[2], line_height(self._design, SMALL) + SPACE[1] + 2)

    def minimumSizeHint(self) -> QSize:
        """Return the height; words that do not fit are elided, and the tool tip has them."""
        return QSize(NARROW, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint ground, dot and words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, inner = self._design.theme, self.rect().adjusted(SPACE[2], 0, -SPACE[2] + 1, 0)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.raised))
        painter.drawRoundedRect(self.rect(), self.height() / 2, self.height() / 2)
        if self._dot:
            painter.setBrush(QColor(self._dot))
            painter.drawEllipse(QRect(inner.x(), (self.height() - DOT) // 2, DOT, DOT))
            inner.setLeft(inner.left() + DOT + SPACE[1])
        painter.setPen(ink(theme, self._tone))
        painter.setFont(self._design.font(SMALL))
        text = painter.fontMetrics().elidedText(self._words.text, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()
