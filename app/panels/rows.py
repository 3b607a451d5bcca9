"""A list of rows that wrap, for panels: one stop of the Tab key, arrows move in it, rows change in place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from app.design import BODY, RADIUS, SMALL, SPACE, Design, icon
from app.panels.pieces import ICON, NARROW, Wrapped, ink, line_height, paint_bar, paint_focus, stop_after, track

NOTE = 0.55
"""The most of a row's width that its note takes; a longer one stands under the text."""
THIN = 4
"""How thick the bars of a row are."""
TAIL = 44
"""The width that a bar's value takes."""


@dataclass(frozen=True, slots=True)
class Gauge:
    """A small bar: what it is, how full (0..1, or -1..1 from the middle), its colour by tone, and how it reads."""

    label: str
    share: float
    tone: str = "accent"
    middle: bool = False
    words: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a row shows. `key` says what it stands for; `more` opens under it; a `heading` cannot be chosen."""

    key: object
    text: str
    note: str = ""
    under: str = ""
    icon: str = ""
    tone: str = "ink"
    strong: bool = False
    gauges: tuple[Gauge, ...] = ()
    more: tuple[Gauge, ...] = ()
    tip: str = ""
    heading: bool = False


class Row(QAbstractButton):
    """One row: an icon, text that wraps, a note at the right, what is under it, and bars."""

    def __init__(self, design: Design, indent: bool) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)  # painted anew when the pointer comes and goes
        self._design, self._indent = design, ICON + SPACE[1] if indent else 0
        self.entry = Entry(None, "")
        self.is_open = False
        self._text, self._under, self._note = Wrapped(design), Wrapped(design, SMALL), Wrapped(design, SMALL)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._heights: dict[int, int] = {}
        design.changed.connect(self._restyle)

    def _restyle(self) -> None:
        self._heights.clear()
        self.updateGeometry()
        self.update()

    def show_entry(self, entry: Entry, is_open: bool) -> None:
        """Show something else."""
        if entry == self.entry and is_open == self.is_open:
            return
        self.entry, self.is_open = entry, is_open
        self._heights.clear()
        self._text.text, self._text.strong = entry.text, entry.strong or entry.heading
        self._text.size = SMALL if entry.heading else BODY
        self._under.text, self._note.text = entry.under, entry.note
        self.setText(entry.text)
        read = [entry.text, entry.note, entry.under, *(f"{g.label} {g.words}".strip() for g in entry.gauges)]
        self.setAccessibleName(", ".join(part for part in read if part))
        self.setAccessibleDescription(entry.tip)
        self.setToolTip(entry.tip)
        self.setEnabled(not entry.heading)
        self.setCursor(Qt.CursorShape.ArrowCursor if entry.heading else Qt.CursorShape.PointingHandCursor)
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        """It wraps."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height at a width."""
        if width not in self._heights:
            self._heights[width] = self._arrange(width, None)
        return self._heights[width]

    def sizeHint(self) -> QSize:
        """Ask for little width, and for the height that the width at hand takes."""
        return QSize(NARROW, self.heightForWidth(max(NARROW, self.width())))

    def minimumSizeHint(self) -> QSize:
        """Return the least."""
        return QSize(NARROW, ICON)

    def _arrange(self, width: int, painter: QPainter | None) -> int:
        """Walk down the row, painting when there is a painter; return the height."""
        entry, theme = self.entry, self._design.theme
        left, right = SPACE[1] + self._indent, SPACE[1]
        y = SPACE[2] if entry.heading else SPACE[1]
        room = width - left - right
        note = self._note.natural() + SPACE[1] if entry.note else 0
        if note > room * NOTE:
            note = 0
        tall = self._text.height(room - note - (SPACE[2] if note else 0))
        if painter is not None:
            if entry.icon:
                icon(entry.icon, theme, theme.accent if entry.strong else theme.soft).paint(
                    painter, QRect(SPACE[1], y + 1, ICON - 2, ICON - 2)
                )
            tone = "soft" if entry.heading else entry.tone
            self._text.paint(painter, left, y, room - note - (SPACE[2] if note else 0), ink(theme, tone))
            if note:
                self._note.paint(painter, width - right - note + SPACE[1], y + 1, note, QColor(theme.soft))
        y += max(tall, self._note.height(note) if note else 0, ICON if entry.icon else 0)
        if entry.note and not note:
            if painter is not None:
                self._note.paint(painter, left, y, room, QColor(theme.soft))
            y += self._note.height(room)
        if entry.under:
            if painter is not None:
                self._under.paint(painter, left, y, room, QColor(theme.soft))
            y += self._under.height(room)
        y = self._gauges(entry.gauges, painter, left, y, room, across=True)
        if self.is_open:
            y = self._gauges(entry.more, painter, left, y + SPACE[1], room, across=False)
        return y + SPACE[1]

    def _gauges(
        self, gauges: Sequence[Gauge], painter: QPainter | None, x: int, y: int, room: int, across: bool
    ) -> int:
        """Walk over bars, side by side or one under the other; return where they end."""
        if not gauges:
            return y
        theme = self._design.theme
        line = line_height(self._design, SMALL)
        slot = room // len(gauges) if across else room
        tail = 0 if across else TAIL
        tall = line if any(gauge.label for gauge in gauges) else THIN + SPACE[1]
        for number, gauge in enumerate(gauges):
            at = QRect(x + number * slot, y, slot, tall) if across else QRect(x, y + number * line, slot, tall)
            if painter is None:
                continue
            label = Wrapped(self._design, SMALL, text=gauge.label).natural() + SPACE[1] if gauge.label else 0
            label = label if across else int(room * 0.42)
            painter.setFont(self._design.font(SMALL))
            painter.setPen(QColor(theme.soft))
            text = painter.fontMetrics().elidedText(gauge.label, Qt.TextElideMode.ElideRight, label)
            painter.drawText(at, Qt.AlignmentFlag.AlignVCenter, text)
            wide = max(8, slot - label - tail - (SPACE[2] if across and len(gauges) > 1 else 0))
            bar = QRectF(at.x() + label, at.y() + (tall - THIN) / 2, wide, THIN)
            paint_bar(painter, bar, gauge.share, ink(theme, gauge.tone), track(theme), gauge.middle)
            if tail:
                painter.drawText(at, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, gauge.words)
        return y + (tall if across else line * len(gauges))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the row, lit up under the pointer."""
        painter = QPainter(self)
        theme = self._design.theme
        if self.underMouse() and self.isEnabled():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.raised))
            painter.drawRoundedRect(QRectF(self.rect()), RADIUS, RADIUS)
        self._arrange(self.width(), painter)
        if self.hasFocus():
            paint_focus(painter, self.rect(), theme)
        painter.end()


class Rows(QWidget):
    """Rows under each other, made once and filled anew. `indent` leaves room for icons at the left."""

    chosen = Signal(object)
    """The key of the row that was clicked, or on which Enter or Space was pressed."""

    def __init__(self, design: Design, indent: bool = False, opens: bool = False) -> None:
        super().__init__()
        self._design, self._indent, self._opens = design, indent, opens
        self._rows: list[Row] = []
        self._open: set[object] = set()
        self._shown = 0
        self._current = 0
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self._layout = layout

    def show_entries(self, entries: Sequence[Entry]) -> None:
        """Show these; rows are used again, so nothing flickers and the keyboard stays where it is."""
        while len(self._rows) < len(entries):
            row = Row(self._design, self._indent)
            row.clicked.connect(lambda *_, row=row: self._choose(row))
            row.installEventFilter(self)
            self._layout.addWidget(row)
            stop_after(self._rows[-1] if self._rows else self, row)
            self._rows.append(row)
        for row, entry in zip(self._rows, entries, strict=False):
            row.show_entry(entry, entry.key in self._open)
            row.setVisible(True)
        for row in self._rows[len(entries) :]:
            row.setVisible(False)
        self._shown = len(entries)
        self.setVisible(bool(entries))
        self._stop_at(min(self._current, max(0, len(entries) - 1)))

    def show_open(self, entries: Sequence[Entry]) -> None:
        """Show these with all that is under them."""
        self._open = {entry.key for entry in entries}
        self.show_entries(entries)

    @property
    def entries(self) -> list[Entry]:
        """What is shown."""
        return [row.entry for row in self.rows()]

    def rows(self) -> list[Row]:
        """Return the rows that are shown."""
        return self._rows[: self._shown]

    def forget(self) -> None:
        """Close what was opened."""
        self._open.clear()

    def _choose(self, row: Row) -> None:
        self._stop_at(self._rows.index(row))
        if self._opens:
            self._open ^= {row.entry.key}
            row.show_entry(row.entry, row.entry.key in self._open)
        self.chosen.emit(row.entry.key)

    def _stop_at(self, number: int) -> None:
        """Let the Tab key stop at one row only: from there arrows lead on."""
        rows = self.rows()
        if rows and not rows[min(number, len(rows) - 1)].isEnabled():
            number = next((n for n, row in enumerate(rows) if row.isEnabled()), 0)
        self._current = number
        for n, row in enumerate(rows):
            row.setFocusPolicy(Qt.FocusPolicy.StrongFocus if n == number else Qt.FocusPolicy.ClickFocus)

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """Move with the arrow keys, Home and End; choose with Enter."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and isinstance(watched, Row):
            at, key = self._rows.index(watched), event.key()
            usable = [n for n, row in enumerate(self.rows()) if row.isEnabled()]
            later, sooner = [n for n in usable if n > at], [n for n in usable if n < at]
            match key:
                case Qt.Key.Key_Down if later:
                    self._go(later[0])
                case Qt.Key.Key_Up if sooner:
                    self._go(sooner[-1])
                case Qt.Key.Key_Home if usable:
                    self._go(usable[0])
                case Qt.Key.Key_End if usable:
                    self._go(usable[-1])
                case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                    watched.click()
                case _:
                    return False
            return True
        return False

    def focus_first(self) -> None:
        """Give the keyboard to the first row."""
        usable = [n for n, row in enumerate(self.rows()) if row.isEnabled()]
        if usable:
            self._go(usable[0])

    def _go(self, number: int) -> None:
        self._stop_at(number)
        self._rows[number].setFocus(Qt.FocusReason.TabFocusReason)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Pass the keyboard on."""
        self.focus_first()
