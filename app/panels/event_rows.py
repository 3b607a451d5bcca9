"""How a row of the events list is painted: when, of what kind, and a sentence that wraps and is never cut."""

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen, QTextCharFormat, QTextLayout, QTextOption
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.design import BODY, OKABE_ITO, RADIUS, SMALL, SPACE, Design, blend
from app.models.events import EVENT_ROLE, Event, EventsModel
from app.models.moments import moment
from app.view import View

DOT = 8
KEPT = 3000
"""Sentences whose layout is kept."""
NARROWEST = 80
"""A sentence is never laid out to less than this, in logical pixels."""

Index = QModelIndex | QPersistentModelIndex


class EventRows(QStyledItemDelegate):
    """Paints events. Over those of one tick stands their moment; those of the tick on screen carry a bar."""

    def __init__(self, list_view: QListView, view: View, design: Design) -> None:
        super().__init__(list_view)
        self._list, self._view, self._design = list_view, view, design
        self._layouts: OrderedDict[tuple[str, int], tuple[QTextLayout, int]] = OrderedDict()
        self._widths: dict[str, int] = {}
        self._colours: dict[str, str] = {}
        self._strong_metrics, self._line = QFontMetrics(design.font(BODY)), 0
        self._heading = 0
        """How high the moment over the first row of a tick is."""
        design.changed.connect(self.forget)
        view.opened.connect(self._open)
        view.named.connect(self.forget)
        if view.about is not None:
            self._open()

    def forget(self) -> None:
        """Lay everything out again: another theme, size or names."""
        self._layouts.clear()
        self._widths.clear()
        strong = self._design.font(BODY)
        strong.setWeight(QFont.Weight.DemiBold)
        self._strong_metrics = QFontMetrics(strong)
        self._line = max(self._strong_metrics.height(), QFontMetrics(self._design.font(BODY)).height())
        self._heading = QFontMetrics(self._design.font(SMALL)).height() + SPACE[1]
        self._list.doItemsLayout()

    def colour(self, kind: str) -> str:
        """Return the colour of a kind of event: that of the module which it is of."""
        return self._colours.get(kind, OKABE_ITO[-1])

    def _open(self) -> None:
        assert self._view.about is not None
        owners = list(dict.fromkeys(entry.owner for entry in self._view.about.events))
        self._colours = {e.name: OKABE_ITO[owners.index(e.owner) % len(OKABE_ITO)] for e in self._view.about.events}
        self.forget()

    # ------------------------------------------------------------------ measuring and painting

    def _left(self) -> int:
        return SPACE[3] + DOT + SPACE[2]

    def _room(self) -> int:
        return max(NARROWEST, self._list.viewport().width() - self._left() - SPACE[3])

    def _layout(self, event: Event) -> tuple[QTextLayout, int]:
        """Return a sentence laid out to the width of the list, with the names in it strong, and its height."""
        key = (event.text, self._room())
        known = self._layouts.get(key)
        if known is not None:
            self._layouts.move_to_end(key)
            return known
        layout = QTextLayout(event.text, self._design.font(BODY))
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        layout.setFormats(self._strong(event))
        height = 0.0
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(key[1])
            line.setPosition(QPointF(0, height))
            height += line.height()
        layout.endLayout()
        self._layouts[key] = made = (layout, int(height + 0.999))
        if len(self._layouts) > KEPT:
            self._layouts.popitem(last=False)
        return made

    def _strong(self, event: Event) -> list[QTextLayout.FormatRange]:
        """Return where the names of people stand in a sentence."""
        found = []
        for name in {self._view.name(agent) for agent in event.people}:
            at = event.text.find(name)
            while at >= 0:
                part = QTextLayout.FormatRange()
                part.start, part.length = at, len(name)
                part.format = QTextCharFormat()
                part.format.setFontWeight(QFont.Weight.DemiBold)
                found.append(part)
                at = event.text.find(name, at + len(name))
        return found

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height that the sentence takes at the width of the list.

        A list asks for all rows whenever new ones come on top: the model's own list is read, not the model.
        """
        rows, row = self._rows(), index.row()
        if not 0 <= row < len(rows):
            return QSize(NARROWEST, 0)
        event = rows[row]
        heading = self._heading if row == 0 or rows[row - 1].tick != event.tick else 0
        return QSize(NARROWEST, heading + self._height(event) + SPACE[1])

    def _rows(self) -> list[Event]:
        model = self._list.model()
        return model.rows if isinstance(model, EventsModel) else []

    def _height(self, event: Event) -> int:
        """Return how high a sentence is. Laying out is dear: what fits on one line even if all of it were strong is not
        laid out before it is painted."""
        width = self._widths.get(event.text)
        if width is None:
            width = self._widths[event.text] = self._strong_metrics.horizontalAdvance(event.text)
            if len(self._widths) > KEPT:
                self._widths.pop(next(iter(self._widths)))
        return self._line if width <= self._room() else self._layout(event)[1]

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint a row."""
        event: Event | None = index.data(EVENT_ROLE)
        if event is None or self._view.about is None:
            return
        theme = self._design.theme
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        layout, _ = self._layout(event)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(blend(theme.panel, theme.accent, 0.22)))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(blend(theme.panel, theme.ink, 0.06)))
        if event.tick == self._view.tick and not self._view.is_following:
            painter.fillRect(QRect(rect.x(), rect.y(), 3, rect.height()), QColor(theme.accent))
        top = rect.y() + SPACE[1] // 2
        x = rect.x() + SPACE[3]
        rows, row = self._rows(), index.row()
        if row == 0 or rows[row - 1].tick != event.tick:
            painter.setFont(self._design.font(SMALL))
            painter.setPen(QColor(theme.soft))
            where = QRectF(x, top, rect.right() - x, self._heading)
            flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(where, flags, moment(self._view.about, event.tick))
            top += self._heading
        line = layout.lineAt(0).height()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.colour(event.kind)))
        painter.drawEllipse(QRectF(x, top + (line - DOT) / 2, DOT, DOT))
        painter.setPen(QColor(theme.ink))
        layout.draw(painter, QPointF(x + DOT + SPACE[2], top))
        if state & QStyle.StateFlag.State_HasFocus and self._list.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.focus), 2))
            painter.drawRoundedRect(QRectF(rect).adjusted(1, 1, -1, -1), RADIUS - 2, RADIUS - 2)
        painter.restore()
