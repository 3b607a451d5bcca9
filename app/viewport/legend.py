"""The legend in the viewport's corner: the hour, how many people, and what their colours mean."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QComboBox, QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from app.design import BODY, RADIUS, SMALL, SPACE, Design, dress, icon
from app.viewport.colours import Entry

DOT = 10
OPAQUE_ENOUGH = 236
"""Of 255: the land shows through a little, the words stay readable."""


class Row(QAbstractButton):
    """An entry: a dot, words, a count. Clicking it selects whom it counts."""

    def __init__(self, entry: Entry, design: Design, parent: QWidget) -> None:
        super().__init__(parent)
        self.design = design
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        font = QFont(self.font())
        font.setPixelSize(BODY)
        self.setFont(font)
        self.show_entry(entry)

    def show_entry(self, entry: Entry) -> None:
        """Take another entry."""
        self.entry = entry
        self.setAccessibleName(f"{entry.label}, {entry.count}")
        self.setToolTip(self.tr("Select the {count:,} of: {label}").format(count=entry.count, label=entry.label))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for the dot, the words and the count."""
        metrics = QFontMetrics(self.font())
        words = metrics.horizontalAdvance(self.entry.label) + metrics.horizontalAdvance(f"{self.entry.count:,}")
        return QSize(words + DOT + SPACE[2] + SPACE[4] + 2 * SPACE[1], metrics.height() + SPACE[1])

    def minimumSizeHint(self) -> QSize:
        """Return the size hint: nothing is cut off."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the row; a frame shows the focus."""
        theme = self.design.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() or self.isDown():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.raised))
            painter.drawRoundedRect(self.rect(), RADIUS / 2, RADIUS / 2)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.focus), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), RADIUS / 2, RADIUS / 2)
        inner = self.rect().adjusted(SPACE[1], 0, -SPACE[1], 0)
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.setBrush(QColor(self.entry.colour))
        painter.drawEllipse(QRectF(inner.left(), self.height() / 2 - DOT / 2, DOT, DOT))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(theme.ink))
        words = inner.adjusted(DOT + SPACE[2], 0, 0, 0)
        painter.drawText(words, int(middle | Qt.AlignmentFlag.AlignLeft), self.entry.label)
        painter.setPen(QColor(theme.soft))
        painter.drawText(inner, int(middle | Qt.AlignmentFlag.AlignRight), f"{self.entry.count:,}")


class Legend(QFrame):
    """The legend. It says which colour is chosen and which entry is clicked; it knows nothing of the society."""

    colour_chosen = Signal(str)
    entry_chosen = Signal(int)
    resized = Signal()

    def __init__(self, design: Design, parent: QWidget) -> None:
        super().__init__(parent)
        self.design = design
        self.setAccessibleName(self.tr("Legend"))
        self.is_folded = False
        self._rows: list[Row] = []
        self._names: tuple[str, ...] = ()
        self.clock, self.people = QLabel(self), QLabel(self)
        dress(self.people, "small soft")
        self.fold = QToolButton(self)
        self.fold.setAutoRaise(True)
        self.fold.setAccessibleName(self.tr("Fold the legend"))
        self.fold.setToolTip(self.tr("Show the hour only, or all of the legend"))
        self.fold.clicked.connect(self._turn)
        self.choice = QComboBox(self)
        self.choice.setAccessibleName(self.tr("Colour people by"))
        self.choice.setToolTip(self.tr("What people are coloured by"))
        self.choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.choice.activated.connect(lambda index: self.colour_chosen.emit(self._names[index]))
        head = QHBoxLayout()
        head.setSpacing(SPACE[2])
        head.addWidget(self.clock)
        head.addStretch(1)
        head.addWidget(self.people)
        head.addWidget(self.fold)
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(SPACE[3], SPACE[2], SPACE[2], SPACE[2])
        whole.setSpacing(SPACE[1])
        whole.addLayout(head)
        whole.addWidget(self.choice)
        whole.addLayout(self._list)
        design.changed.connect(self._dress)
        self._dress()

    # ------------------------------------------------------------------ what it shows

    def show_time(self, clock: str, people: str) -> None:
        """Show the hour and how many people there are, both as words."""
        if clock != self.clock.text() or people != self.people.text():
            grows = len(clock) != len(self.clock.text()) or len(people) != len(self.people.text())
            self.clock.setText(clock)
            self.people.setText(people)
            if grows:
                self._fit()

    def show_colours(self, names: Sequence[str], titles: Sequence[str], chosen: str) -> None:
        """Offer colours by name, with what each reads."""
        if tuple(names) != self._names:
            self._names = tuple(names)
            self.choice.clear()
            self.choice.addItems(list(titles))
        if chosen in self._names:
            self.choice.setCurrentIndex(self._names.index(chosen))
        self._fit()

    def show_entries(self, entries: Sequence[Entry]) -> None:
        """Show what the colours mean."""
        if len(entries) == len(self._rows) and all(
            row.entry.label == entry.label for row, entry in zip(self._rows, entries, strict=True)
        ):
            for row, entry in zip(self._rows, entries, strict=True):
                if row.entry != entry:
                    row.show_entry(entry)
            return
        while self._rows:
            row = self._rows.pop()
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        for index, entry in enumerate(entries):
            row = Row(entry, self.design, self)
            row.clicked.connect(lambda _=False, index=index: self.entry_chosen.emit(index))
            row.setVisible(not self.is_folded)
            self._list.addWidget(row)
            self._rows.append(row)
        self._fit()

    @property
    def rows(self) -> tuple[Row, ...]:
        """The entries' rows, from the top."""
        return tuple(self._rows)

    # ------------------------------------------------------------------ its look

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground: the theme's panel, a little transparent."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QColor(self.design.theme.panel)
        ground.setAlpha(OPAQUE_ENOUGH)
        edge = QColor(self.design.theme.line)
        painter.setPen(QPen(edge, 1))
        painter.setBrush(ground)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS * 1.5, RADIUS * 1.5)

    def _turn(self) -> None:
        self.is_folded = not self.is_folded
        for part in (self.choice, *self._rows):
            part.setVisible(not self.is_folded)
        self._dress()
        self._fit()

    def _fit(self) -> None:
        layout = self.layout()
        if layout is not None:
            layout.invalidate()
            layout.activate()
        self.resize(self.sizeHint())
        self.resized.emit()

    def _dress(self) -> None:
        theme = self.design.theme
        self.clock.setFont(self.design.font(BODY, bold=True))
        self.fold.setIcon(icon("fa6s.chevron-down" if self.is_folded else "fa6s.chevron-up", theme))
        self.fold.setIconSize(QSize(SMALL, SMALL))
        self._fit()
        self.update()
