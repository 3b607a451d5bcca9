"""What the window has to say: a bar that stays until it is answered, and a quiet sheet while an engine starts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QToolButton, QVBoxLayout, QWidget

from app.design import SPACE, Design, dress, icon

Answer = tuple[str, Callable[[], object]]
DETAILS_HEIGHT = 160
SHEET_WIDTH = 380
CREEP = 200
"""Milliseconds between two steps of the line: the engine needs the processor more than a bar that moves smoothly."""


class Notice(QFrame):
    """One sentence, details behind a fold, and buttons. Hidden while there is nothing to say."""

    def __init__(self, design: Design, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self._design = design
        self._sentence = QLabel(wordWrap=True)
        self._sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._details = QLabel(wordWrap=True)
        self._details.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        dress(self._details, "mono small soft")
        self._fold = QToolButton()
        self._fold.setText(self.tr("Details"))
        self._fold.setCheckable(True)
        self._fold.setAccessibleName(self.tr("Show details"))
        self._fold.toggled.connect(self._details.setVisible)
        self._close = QToolButton()
        self._close.setAccessibleName(self.tr("Close this notice"))
        self._close.setToolTip(self.tr("Close this notice"))
        self._close.clicked.connect(self.hide)
        self._answers = QHBoxLayout()
        row = QHBoxLayout()
        row.setSpacing(SPACE[2])
        row.addWidget(self._sentence, 1)
        row.addWidget(self._fold)
        row.addLayout(self._answers)
        row.addWidget(self._close)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(SPACE[3], SPACE[2], SPACE[2], SPACE[2])
        whole.addLayout(row)
        whole.addWidget(self._details)
        design.changed.connect(self._tint)
        self._tint()
        self.hide()

    def tell(self, sentence: str, details: str = "", answers: Sequence[Answer] = (), look: str = "bad") -> None:
        """Say something; an answer is a button's text and what it does. `look` is bad, warn or good."""
        dress(self, look)
        self._sentence.setText(sentence)
        self.setAccessibleName(sentence)
        self._details.setText("\n".join(details.splitlines()[-12:]))
        self._fold.setVisible(bool(details))
        self._fold.setChecked(False)
        self._details.hide()
        while (item := self._answers.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for place, (text, run) in enumerate(answers):
            button = QPushButton(text)
            if place == 0:
                dress(button, "primary")
            button.clicked.connect(self.hide)
            button.clicked.connect(lambda _=False, run=run: run())
            self._answers.addWidget(button)
        self.show()

    @property
    def sentence(self) -> str:
        """What was said last."""
        return self._sentence.text()

    def buttons(self) -> list[QPushButton]:
        """Return the answers, first the one that is best."""
        items = (self._answers.itemAt(place) for place in range(self._answers.count()))
        found = [None if item is None else item.widget() for item in items]
        return [button for button in found if isinstance(button, QPushButton)]

    def _tint(self) -> None:
        self._close.setIcon(icon("mdi6.close", self._design.theme))


class Preparing(QFrame):
    """Covers the viewport while an engine starts: in the middle a sheet with what goes on, and a way out."""

    cancelled = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("cover")
        self._sheet = QFrame(self)
        self._sheet.setObjectName("sheet")
        self._title = QLabel(wordWrap=True)
        dress(self._title, "large")
        self._note = QLabel(wordWrap=True)
        dress(self._note, "soft")
        self._progress = QProgressBar(textVisible=False)
        self._progress.setRange(0, 1000)
        self._progress.setAccessibleName(self.tr("The engine is starting"))
        self._creep = QTimer(self, interval=CREEP)
        self._creep.timeout.connect(self._creep_on)
        cancel = QPushButton(self.tr("Cancel"))
        cancel.clicked.connect(self.cancelled)
        whole = QVBoxLayout(self._sheet)
        whole.setContentsMargins(SPACE[5], SPACE[5], SPACE[5], SPACE[4])
        whole.setSpacing(SPACE[3])
        whole.addWidget(self._title)
        whole.addWidget(self._note)
        whole.addWidget(self._progress)
        whole.addWidget(cancel, alignment=Qt.AlignmentFlag.AlignRight)
        self.hide()

    def tell(self, title: str, note: str) -> None:
        """Show what is being opened and what goes on."""
        self._title.setText(title)
        self._note.setText(note)
        if not self.isVisible():
            self._progress.setValue(0)
            self._creep.start()
        self.show()
        self.raise_()
        self.place()

    def hideEvent(self, event: QHideEvent) -> None:  # Qt's name
        """Stand still."""
        super().hideEvent(event)
        self._creep.stop()

    def _creep_on(self) -> None:
        left = self._progress.maximum() - self._progress.value()
        self._progress.setValue(self._progress.value() + left // 30)

    def place(self) -> None:
        """Cover the parent; the sheet lies in the middle."""
        over = self.parentWidget()
        if over is None:
            return
        self.setGeometry(over.rect())
        width = min(SHEET_WIDTH, over.width() - 2 * SPACE[3])
        height = max(self._sheet.sizeHint().height(), self._sheet.heightForWidth(width))
        self._sheet.setGeometry((over.width() - width) // 2, (over.height() - height) // 2, width, height)
