"""Figures with their captions in even columns, as many as there is room for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.design import LARGE, SMALL, SPACE, Design
from app.panels.pieces import NARROW, ink

MOST_COLUMNS = 3


class Figure(NamedTuple):
    """A figure, what it is of, what it means in a sentence, and a tone of the theme."""

    figure: str
    caption: str
    about: str = ""
    tone: str = "ink"


class Figures(QWidget):
    """Each figure over its caption."""

    def __init__(self, design: Design) -> None:
        super().__init__()
        self._design = design
        self.figures: tuple[Figure, ...] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        design.changed.connect(self.updateGeometry)
        design.changed.connect(self.update)

    def show_figures(self, figures: Sequence[Figure]) -> None:
        """Show others."""
        if tuple(figures) != self.figures:
            is_other = [one.caption for one in figures] != [one.caption for one in self.figures]
            self.figures = tuple(figures)
            self.setAccessibleName(", ".join(f"{one.figure} {one.caption}" for one in figures))
            if is_other:
                self.updateGeometry()
            self.update()
        self.setVisible(bool(figures))

    def _fonts(self) -> tuple[QFont, QFont]:
        strong, small = self._design.font(LARGE, True), self._design.font(SMALL)
        strong.setFeature(QFont.Tag("tnum"), 1)
        return strong, small

    def _grid(self, width: int) -> tuple[int, int, int]:
        """Return (columns, width of one, height of one)."""
        strong, small = (QFontMetrics(font) for font in self._fonts())
        widest = max(
            (max(strong.horizontalAdvance(one.figure), small.horizontalAdvance(one.caption)) for one in self.figures),
            default=1,
        )
        room = width - 2 * SPACE[1]
        columns = max(1, min(MOST_COLUMNS, room // (widest + SPACE[2])))
        return columns, room // columns, strong.height() + small.height() + SPACE[2]

    def hasHeightForWidth(self) -> bool:
        """It takes more lines where it is narrow."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of all lines."""
        columns, _, high = self._grid(width)
        return -(-len(self.figures) // columns) * high

    def sizeHint(self) -> QSize:
        """Ask for little width, and for the height that the width at hand takes."""
        return QSize(NARROW, self.heightForWidth(max(NARROW, self.width())))

    def minimumSizeHint(self) -> QSize:
        """Return the least."""
        return QSize(NARROW, 0)

    def event(self, event: QEvent) -> bool:
        """Tell what the figure under the pointer means."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            columns, wide, high = self._grid(self.width())
            at = event.pos().y() // high * columns + min(columns - 1, max(0, event.pos().x() - SPACE[1]) // wide)
            QToolTip.showText(event.globalPos(), self.figures[at].about if at < len(self.figures) else "", self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint figures and captions."""
        painter, theme = QPainter(self), self._design.theme
        strong, small = self._fonts()
        tall = QFontMetrics(strong).height()
        columns, wide, high = self._grid(self.width())
        for number, one in enumerate(self.figures):
            x, y = SPACE[1] + number % columns * wide, number // columns * high
            painter.setFont(strong)
            painter.setPen(ink(theme, one.tone))
            painter.drawText(x, y, wide, tall, Qt.AlignmentFlag.AlignLeft, one.figure)
            painter.setFont(small)
            painter.setPen(QColor(theme.soft))
            painter.drawText(x, y + tall, wide, high - tall, Qt.AlignmentFlag.AlignLeft, one.caption)
        painter.end()
