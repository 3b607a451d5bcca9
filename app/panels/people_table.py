"""The table of the people panel: calm rows, painted straight from the model, and gestures that select people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.design import BODY, OKABE_ITO, SPACE, Design, blend
from app.models.fields import Field, Kind
from app.models.people import LOADING, NOTHING, PeopleModel
from app.panels.pieces import paint_bar

ROW = BODY * 2
"""The height of a row, in logical pixels, where text is as large as the type scale says."""
DOT = 8
BAR = 4
STRIPE = 3
SHADE = 0.22
"""How much of the accent a selected row has, as all lists have it."""
MOST_RANGES = 2000
"""So many stretches of rows Qt's own selection may hold; what is painted does not depend on it."""
AGAIN = 1.0
"""Seconds after which typing in the table begins a new name."""
_Index = QModelIndex | QPersistentModelIndex
_Flag = QItemSelectionModel.SelectionFlag


class PeopleCells(QStyledItemDelegate):
    """Paints cells: a role with its colour, levels as bars, numbers to the right."""

    def __init__(self, table: PeopleTable, model: PeopleModel, design: Design) -> None:
        super().__init__(table)
        self._table, self._model, self._design = table, model, design
        self.dress()

    def dress(self) -> None:
        """Take fonts and colours from the design."""
        theme = self._design.theme
        self.font = tabular(self._design.font())
        self.metrics = QFontMetrics(self.font)
        self._ink, self._soft, self._line = QColor(theme.ink), QColor(theme.soft), QColor(theme.line)
        self._level, self._accent, self._raised = QColor(theme.focus), QColor(theme.accent), QColor(theme.raised)
        self._tint = QColor(blend(theme.panel, theme.accent, SHADE))
        self._figures = self.metrics.horizontalAdvance("100 %")
        roles = self._model.about.roles if self._model.about is not None else ()
        self._roles = [QColor(role.colour or OKABE_ITO[number % len(OKABE_ITO)]) for number, role in enumerate(roles)]

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint a cell."""
        model, table = self._model, self._table
        column, row = index.column(), index.row()
        if row >= len(model.order) or column >= len(model.shown):
            return
        agent, field, rect = int(model.order[row]), model.shown[column], option.rect
        chosen = table.is_chosen(agent)
        if chosen:
            painter.fillRect(rect, self._tint)
        elif agent == table.hovered:
            painter.fillRect(rect, self._raised)
        if chosen and table.columnViewportPosition(column) <= 0 <= rect.right() and rect.left() <= STRIPE:
            painter.fillRect(QRect(0, rect.y(), STRIPE, rect.height()), self._accent)
        painter.setFont(self.font)
        self._paint_value(painter, rect.adjusted(SPACE[2], 0, -SPACE[2], 0), agent, field)
        if table.hasFocus() and row == table.currentIndex().row():
            painter.setPen(QColor(self._design.theme.focus))
            painter.drawLine(rect.topLeft(), rect.topRight())
            painter.drawLine(rect.bottomLeft(), rect.bottomRight())

    def _paint_value(self, painter: QPainter, rect: QRect, agent: int, field: Field) -> None:
        said = self._model.text(agent, field)
        painter.setPen(self._soft if said in (NOTHING, LOADING) else self._ink)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if field.kind is Kind.LEVEL and said != LOADING:
            painter.drawText(rect, right, said)
            room = rect.width() - self._figures - SPACE[2]
            if room > 2 * BAR:
                bar = QRectF(rect.x(), rect.center().y() - BAR / 2 + 1, room, BAR)
                share = (self._model.value(agent, field) or 0) / field.full
                paint_bar(painter, bar, share, self._level, self._line, middle=field.unit.startswith("-"))
            return
        if field.kind is Kind.NUMBER and field.unit != "tick":
            painter.drawText(rect, right, said)
            return
        if field.name == "people.role" and said != LOADING:
            value = self._model.value(agent, field)
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._roles[value] if value is not None and value < len(self._roles) else self._soft)
            painter.drawEllipse(QPointF(rect.x() + DOT / 2, rect.center().y() + 1), DOT / 2, DOT / 2)
            painter.restore()
            rect = rect.adjusted(DOT + SPACE[1] + 2, 0, 0, 0)
        if self.metrics.horizontalAdvance(said) > rect.width():
            said = self.metrics.elidedText(said, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, left, said)

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Return the size of a cell with all its text: for a column that is fitted by a double click."""
        model = self._model
        if index.row() >= len(model.order):
            return QSize(0, self._design.pixels(ROW))
        said = model.text(int(model.order[index.row()]), model.shown[index.column()])
        return QSize(self.metrics.horizontalAdvance(said) + 2 * SPACE[2] + DOT + SPACE[2], self._design.pixels(ROW))


class PeopleTable(QTableView):
    """Shows a PeopleModel. Who is selected is painted from `choose`; Qt's own selection only follows gestures."""

    flown = Signal(int)
    """Somebody was double clicked, or Enter was pressed."""
    picked = Signal(object, object, bool)
    """People that a gesture selected, that it unselected (int64 arrays of ids), and whether it keeps all others; where
    it does not, the first are all who are selected now."""
    hovering = Signal(int)
    """The pointer is over this person, -1 for nobody."""
    scrolled = Signal()
    """Other rows are in sight."""
    resized = Signal()
    """There is more or less room for columns."""
    sized = Signal()
    """Somebody has sized a column: `sizes` are others."""

    def __init__(self, model: PeopleModel, design: Design, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._people, self._design = model, design
        self.hovered = -1
        self.is_pressed = False
        self.empty = ""
        self._chosen: NDArray[np.bool_] = np.zeros(0, np.bool_)
        self._selected: tuple[int, ...] = ()
        self._following = False
        self._keeps = False
        self._sought, self._sought_at = "", 0.0
        self.sizes: dict[str, int] = {}
        """Widths that somebody chose, by the full name of the field."""
        self._needed: dict[Field, int] = {}
        self.setModel(model)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSelectionModel(QItemSelectionModel(model, header))  # its own: it would ask for every row of a column
        header.setSectionsMovable(True)
        header.setFirstSectionMovable(False)
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        header.setSortIndicatorClearable(False)
        header.setMinimumSectionSize(SPACE[6])
        header.sectionResized.connect(self._resized)
        self._sizing = False
        self.cells = PeopleCells(self, model, design)
        self.setItemDelegate(self.cells)
        self.dress()
        self.doubleClicked.connect(self._fly)
        self.entered.connect(lambda index: self.hovering.emit(int(model.order[index.row()])))
        self.verticalScrollBar().valueChanged.connect(self.scrolled)
        self.selectionModel().selectionChanged.connect(self._select)
        model.modelReset.connect(self.measure)

    def dress(self) -> None:
        """Take fonts, colours and sizes from the design and the society."""
        self.cells.dress()
        self._needed.clear()
        height = self._design.pixels(ROW)
        self.verticalHeader().setMinimumSectionSize(height)
        self.verticalHeader().setDefaultSectionSize(height)
        self.measure()
        self.viewport().update()

    # ------------------------------------------------------------------ who is selected

    def is_chosen(self, agent: int) -> bool:
        """Return whether somebody is selected."""
        return agent < len(self._chosen) and bool(self._chosen[agent])

    def choose(self, agents: Sequence[int]) -> None:
        """Paint these people as the selected ones; `follow` makes Qt's selection theirs."""
        self._selected = tuple(agents)
        self._chosen = np.zeros(max(agents, default=-1) + 1, np.bool_)
        self._chosen[list(agents)] = True
        self.viewport().update()

    def follow(self) -> None:
        """Select the rows of the selected people, as far as they are listed."""
        rows = self._people.rows(self._selected)
        breaks = np.flatnonzero(np.diff(rows) > 1)
        last = len(self._people.shown) - 1
        selection = QItemSelection()
        if rows.size and last >= 0:
            firsts, lasts = rows[np.append(0, breaks + 1)], rows[np.append(breaks, rows.size - 1)]
            for first, end in zip(firsts[:MOST_RANGES].tolist(), lasts[:MOST_RANGES].tolist(), strict=True):
                selection.append(QItemSelectionRange(self._people.index(first, 0), self._people.index(end, last)))
        self._following = True
        self.selectionModel().select(selection, _Flag.ClearAndSelect)
        self._following = False

    def let_go(self) -> None:
        """Clear Qt's selection, before rows change places; `follow` brings it back."""
        self._following = True
        self.selectionModel().clearSelection()
        self._following = False

    def reveal(self, agent: int) -> None:
        """Make somebody's row the current one and scroll to it, without taking the focus."""
        row = self._people.row(agent)
        if row < 0:
            return
        index = self._people.index(row, max(0, self.currentIndex().column()))
        if index != self.currentIndex():
            self.selectionModel().setCurrentIndex(index, _Flag.NoUpdate)
        self.scrollTo(self._people.index(row, max(0, self.columnAt(1))), QAbstractItemView.ScrollHint.EnsureVisible)

    def selectionCommand(self, index: _Index, event: QEvent | None = None) -> QItemSelectionModel.SelectionFlag:
        """Return what a gesture does to the selection, and remember whether it keeps what is out of sight."""
        flags = super().selectionCommand(index, event)
        self._keeps = not flags & _Flag.Clear
        return flags

    def selectAll(self) -> None:
        """Select everybody who is listed."""
        self._keeps = False
        super().selectAll()

    def _select(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        if not self._following:
            chosen = selected if self._keeps else self.selectionModel().selection()
            self.picked.emit(self._agents(chosen), self._agents(deselected), self._keeps)

    def _agents(self, selection: QItemSelection) -> NDArray[np.int64]:
        order = self._people.order
        ranges = (selection.at(n) for n in range(selection.size()))
        parts = [order[one.top() : one.bottom() + 1] for one in ranges]
        return np.concatenate(parts) if parts else np.zeros(0, np.int64)

    # ------------------------------------------------------------------ what is in sight

    def in_sight(self) -> tuple[int, int]:
        """Return the first and the last row that can be seen."""
        last = len(self._people.order) - 1
        first, end = self.rowAt(0), self.rowAt(self.viewport().height() - 1)
        return max(0, first), end if end >= 0 else last

    def needed(self, field: Field) -> int:
        """Return the width that a field's words need."""
        if field not in self._needed:
            self._needed[field] = _width(field, self.cells.metrics.horizontalAdvance)
        return self._needed[field]

    def measure(self) -> None:
        """Give every column its width: what somebody chose, or what its words need and a part of what is left over."""
        shown = self._people.shown
        widths = [self.sizes.get(field.name) or self.needed(field) for field in shown]
        left = self.viewport().width() - sum(widths)
        kinds = (Kind.NAME, Kind.WORDS, Kind.LEVEL)
        wordy = [n for n, field in enumerate(shown) if field.kind in kinds and field.name not in self.sizes]
        for k, n in enumerate(wordy if left > 0 else ()):
            widths[n] += left * (k + 1) // len(wordy) - left * k // len(wordy)
        self._sizing = True
        for n, width in enumerate(widths):
            self.setColumnWidth(n, width)
        self._sizing = False

    def _resized(self, section: int, before: int, width: int) -> None:
        if not self._sizing and section < len(self._people.shown):
            self.sizes[self._people.shown[section].name] = width
            self.sized.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share out the width anew."""
        super().resizeEvent(event)
        self.resized.emit()
        self.measure()
        self.scrolled.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows, or in one sentence why there are none."""
        super().paintEvent(event)
        if self.empty and not len(self._people.order):
            painter = QPainter(self.viewport())
            painter.setPen(QColor(self._design.theme.soft))
            painter.setFont(self._design.font())
            room = self.viewport().rect().adjusted(SPACE[4], SPACE[4], -SPACE[4], -SPACE[4])
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.empty)

    # ------------------------------------------------------------------ keys and pointer

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter flies to the current person."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._fly(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Go to the next person whose name begins with what is typed."""
        now = monotonic()
        goes_on = now - self._sought_at < AGAIN
        self._sought, self._sought_at = (self._sought if goes_on else "") + search.casefold(), now
        order, low = self._people.order.tolist(), self._people.people.names
        start = max(0, self.currentIndex().row()) + (not goes_on)
        for row in (*range(start, len(order)), *range(min(start, len(order)))):
            if order[row] < len(low) and low[order[row]].startswith(self._sought):
                self.setCurrentIndex(self._people.index(row, max(0, self.currentIndex().column())))
                return

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember that a button is held down."""
        self.is_pressed = True
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Remember that it is let go."""
        self.is_pressed = False
        super().mouseReleaseEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell when the pointer leaves the rows."""
        super().mouseMoveEvent(event)
        if self.hovered >= 0 and not self.indexAt(event.position().toPoint()).isValid():
            self.hovering.emit(-1)

    def leaveEvent(self, event: QEvent) -> None:
        """Tell that the pointer has left."""
        super().leaveEvent(event)
        if self.hovered >= 0:
            self.hovering.emit(-1)

    def hover(self, agent: int) -> None:
        """Paint somebody as the one under the pointer, here or anywhere else."""
        before, self.hovered = self.hovered, agent
        first, last = self.in_sight()
        for row in np.flatnonzero(np.isin(self._people.order[first : last + 1], (before, agent))).tolist():
            at = self.rowViewportPosition(first + row)
            self.viewport().update(0, at, self.viewport().width(), self.rowHeight(first + row))

    def _fly(self, index: QModelIndex) -> None:
        if index.isValid() and index.row() < len(self._people.order):
            self.flown.emit(int(self._people.order[index.row()]))


def tabular(font: QFont) -> QFont:
    """Return the font with figures of one width."""
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def _width(field: Field, advance: Callable[[str], int]) -> int:
    """Return the width that a field's words need, with its heading and the arrow of the order."""
    heading = advance(field.heading) + 2 * SPACE[2] + SPACE[4]
    match field.kind:
        case Kind.NAME:
            content = advance("m" * 9)
        case Kind.WORDS:
            content = min(max((advance(word) for word in field.words[:200]), default=0), advance("m" * 12))
            content += DOT + SPACE[2] if field.name == "people.role" else 0
        case Kind.LEVEL:
            content = advance("100 %") + SPACE[2] + 2 * SPACE[5] - SPACE[2]
        case Kind.NUMBER:
            content = advance("day 100, 00:00" if field.unit == "tick" else "00,000")
        case _:
            content = 0
    return max(heading, content + 2 * SPACE[2])
