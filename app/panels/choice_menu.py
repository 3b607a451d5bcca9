"""A choice of several among many: a button that says how many, and under it a list to tick."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.design import SPACE, dress

TALLEST = 420
"""The list is no higher than this, in logical pixels; it scrolls then."""


@dataclass(frozen=True, slots=True)
class Option:
    """Something to tick: its key, its words, what it is, and whether it is ticked until somebody says otherwise."""

    key: str
    words: str
    about: str
    usual: bool


def plain(name: str) -> str:
    """Return a name of the program in plain words."""
    return name.replace("_", " ").capitalize()


class ChoiceMenu(QPushButton):
    """Says how many are chosen, and opens the list. `saying` makes its words of (chosen, all)."""

    chosen_changed = Signal()
    opening = Signal()
    """The list is about to be seen: counts should be fresh."""

    def __init__(self, title: str, saying: Callable[[int, int], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._boxes: dict[str, QCheckBox] = {}
        self._options: dict[str, Option] = {}
        self._title, self._saying, self._quiet = title, saying, False
        self.setAccessibleName(title)
        self._popup = QFrame(self, Qt.WindowType.Popup)
        self._popup.setObjectName("sheet")
        self._popup.setAccessibleName(title)
        buttons = QHBoxLayout()
        for words, pick in (
            (self.tr("Usual"), lambda key: self._options[key].usual),
            (self.tr("All"), lambda key: True),
            (self.tr("None"), lambda key: False),
        ):
            button = QPushButton(words)
            dress(button, "quiet")
            button.clicked.connect(lambda _=False, pick=pick: self.choose(filter(pick, self._boxes)))
            buttons.addWidget(button)
        self._column = QVBoxLayout()
        self._column.setSpacing(0)
        self._column.setContentsMargins(SPACE[2], 0, SPACE[2], SPACE[2])
        inner = self._inner = QWidget()
        inner.setObjectName("page")
        inner.setLayout(self._column)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(inner)
        layout = QVBoxLayout(self._popup)
        layout.setContentsMargins(SPACE[1], SPACE[1], SPACE[1], SPACE[1])
        layout.addLayout(buttons)
        layout.addWidget(self._area)
        self.clicked.connect(self._open)
        self._say()

    @property
    def chosen(self) -> tuple[str, ...]:
        """The chosen keys, in the order of the list."""
        return tuple(key for key, box in self._boxes.items() if box.isChecked())

    @property
    def is_all(self) -> bool:
        """Whether everything is chosen."""
        return len(self.chosen) == len(self._boxes)

    def offer(self, options: Sequence[Option]) -> None:
        """Offer these; what was chosen or not of them before stays so."""
        before = {key: box.isChecked() for key, box in self._boxes.items()}
        for box in self._boxes.values():
            self._column.removeWidget(box)
            box.deleteLater()
        self._boxes, self._options = {}, {option.key: option for option in options}
        for option in options:
            box = QCheckBox(option.words)
            box.setToolTip(option.about)
            box.setChecked(before.get(option.key, option.usual))
            box.toggled.connect(self._toggled)
            self._boxes[option.key] = box
            self._column.addWidget(box)
        self._say()

    def usual(self) -> None:
        """Choose what is chosen until somebody says otherwise."""
        self.choose(key for key, option in self._options.items() if option.usual)

    def all(self) -> None:
        """Choose everything."""
        self.choose(self._options)

    def choose(self, keys: Iterable[str]) -> None:
        """Choose exactly these."""
        wanted, before = frozenset(keys), self.chosen
        self._quiet = True
        for key, box in self._boxes.items():
            box.setChecked(key in wanted)
        self._quiet = False
        self._say()
        if self.chosen != before:
            self.chosen_changed.emit()

    def count(self, counts: Mapping[str, int]) -> None:
        """Show how many there are of each."""
        for key, box in self._boxes.items():
            words = self._options[key].words
            box.setText(f"{words}  ·  {counts[key]:,}" if key in counts else words)

    def _toggled(self) -> None:
        if not self._quiet:
            self._say()
            self.chosen_changed.emit()

    def _say(self) -> None:
        words = self._saying(len(self.chosen), len(self._boxes)) if self._boxes else self._title
        self.setText(words)
        self.setAccessibleDescription(words)

    def _open(self) -> None:
        self.opening.emit()
        hint = self._inner.sizeHint()
        self._area.setMinimumWidth(max(hint.width() + SPACE[5], self.width()))
        self._area.setFixedHeight(min(TALLEST, hint.height() + SPACE[1]))
        self._popup.adjustSize()
        corner = self.mapToGlobal(QPoint(0, self.height() + 2))
        room = self.screen().availableGeometry()
        corner.setX(max(room.left(), min(corner.x(), room.right() - self._popup.width())))
        corner.setY(max(room.top(), min(corner.y(), room.bottom() - self._popup.height())))
        self._popup.move(corner)
        self._popup.show()
        if self._boxes:
            next(iter(self._boxes.values())).setFocus(Qt.FocusReason.PopupFocusReason)
