"""What is under way beside the window: a slim line over the page for each, with how far it is and a way out."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.design import SPACE, dress
from app.errands import Errand, Errands

SOON = 500
"""Milliseconds after which an errand is worth a line: what is done by then is simply done."""
WHOLE = 1000
WIDTH = 240


class ErrandLine(QFrame):
    """One errand: what it is, how far, and a button that calls it off."""

    def __init__(self, errand: Errand, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        dress(self, "good")
        self._errand = errand
        self.title = QLabel(errand.title)
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.bar = QProgressBar(textVisible=False)
        self.bar.setFixedWidth(WIDTH)
        self.bar.setAccessibleName(errand.title)
        self.share = QLabel()
        dress(self.share, "soft")
        self.share.setFixedWidth(self.share.fontMetrics().horizontalAdvance("100 %") + SPACE[2])
        self.cancel = QPushButton(self.tr("Cancel"))
        self.cancel.setAccessibleName(self.tr("Cancel: {what}").format(what=errand.title))
        self.cancel.clicked.connect(errand.cancel)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE[3], SPACE[1], SPACE[2], SPACE[1])
        row.setSpacing(SPACE[3])
        row.addWidget(self.title, 1)
        row.addWidget(self.bar)
        row.addWidget(self.share)
        row.addWidget(self.cancel)
        self.setAccessibleName(errand.title)
        errand.advanced.connect(self._advance)
        self._advance()

    def _advance(self) -> None:
        share = self._errand.share
        self.bar.setRange(0, WHOLE if share is not None else 0)
        if share is not None:
            self.bar.setValue(round(share * WHOLE))
            self.share.setText(self.tr("{0} %").format(int(share * 100)))


class ErrandBar(QWidget):
    """Holds a page, and over it a line for each errand that takes longer than half a second."""

    def __init__(self, errands: Errands, page: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines: dict[Errand, ErrandLine] = {}
        self._stack = QVBoxLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.setSpacing(0)
        self._stack.addWidget(page, 1)
        errands.begun.connect(self._begin)

    def _begin(self, errand: Errand) -> None:
        wait = QTimer(errand, singleShot=True, interval=SOON)
        wait.timeout.connect(partial(self._show, errand))
        errand.ended.connect(partial(self._end, errand))
        wait.start()

    def _show(self, errand: Errand) -> None:
        if not errand.is_over:
            self.lines[errand] = ErrandLine(errand, self)
            self._stack.insertWidget(len(self.lines) - 1, self.lines[errand])
            self.lines[errand].show()

    def _end(self, errand: Errand) -> None:
        line = self.lines.pop(errand, None)
        if line is not None:
            line.hide()
            line.deleteLater()
