"""The list of recent runs: read in the background, newest first, damaged ones shown as such."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.amounts import DAY, duration
from app.design import BODY, RADIUS, SMALL, SPACE, Design, blend
from app.start.shelf import RunCard, run_card, run_files

MOST = 200
"""More runs than this are found by the file dialog."""
AT_ONCE = 8
CARD = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()


class _Reader(QObject):
    """Reads run files in a thread of its own."""

    found = Signal(int, object)
    """The number of the reading, list[RunCard]."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.elsewhere: Sequence[Path] = ()
        self.number = 0
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()

    def start(self) -> None:
        """Read anew."""
        self.stop()
        self.number += 1
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read, args=(self.number, self._stop), name="recent", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop reading."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _read(self, number: int, stop: threading.Event) -> None:
        cards: list[RunCard] = []
        for path in run_files(self.elsewhere)[:MOST]:
            if stop.is_set():
                return
            try:
                cards.append(run_card(path))
            except OSError:
                continue  # it was deleted just now
            if len(cards) == AT_ONCE:
                self.found.emit(number, cards)
                cards = []
        self.found.emit(number, cards)


class RunModel(QAbstractListModel):
    """Run files, newest first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.cards: list[RunCard] = []
        self._reader = _Reader(self)
        self._reader.found.connect(self._add)

    def list_also(self, elsewhere: Sequence[Path]) -> None:
        """List these files too, which lie elsewhere than in SOCIARIUM_HOME/runs, from the next reading on."""
        self._reader.elsewhere = tuple(elsewhere)

    def refresh(self) -> None:
        """Read the run files anew, in the background."""
        self.beginResetModel()
        self.cards = []
        self.endResetModel()
        self._reader.start()

    def stop(self) -> None:
        """Stop reading."""
        self._reader.stop()

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """Return how many runs there are."""
        return 0 if parent.isValid() else len(self.cards)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a run's words, or its card."""
        card = self.cards[index.row()]
        if role == CARD:
            return card
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{card.title}, {self.words(card)}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return card.trouble or str(card.path)
        return None

    def words(self, card: RunCard) -> str:
        """Return when, how far and how large."""
        if card.trouble:
            sentence = card.trouble.removeprefix(f"{card.path}: ")
            return self.tr("cannot be opened: {why}").format(why=sentence.partition(";")[0])
        days = -(-card.ticks // card.day)
        far = self.tr("day {day:,} of {days:,}").format(day=min(card.last // card.day + 1, days), days=days)
        if card.last >= card.ticks:
            far = self.tr("complete, {lasts}").format(lasts=duration(DAY * card.last / card.day))
        if card.branched_at is not None:
            far = self.tr("{far}, a branch from tick {tick:,}").format(far=far, tick=card.branched_at)
        if card.busy:
            far = self.tr("{far}, running now").format(far=far)
        return " · ".join((self._when(card.changed), far, size_words(card.size)))

    def _when(self, moment: float) -> str:
        ago = max(0.0, time.time() - moment)
        if ago < 90:
            return self.tr("just now")
        if ago < 5400:
            return self.tr("{n:.0f} minutes ago").format(n=ago / 60)
        if ago < 36 * 3600:
            return self.tr("{n:.0f} hours ago").format(n=ago / 3600)
        if ago < 14 * 86400:
            return self.tr("{n:.0f} days ago").format(n=ago / 86400)
        return time.strftime("%Y-%m-%d", time.localtime(moment))

    def _add(self, number: int, cards: list[RunCard]) -> None:
        if number != self._reader.number or not cards:
            return
        self.beginInsertRows(QModelIndex(), len(self.cards), len(self.cards) + len(cards) - 1)
        self.cards += cards
        self.endInsertRows()


def size_words(size: int) -> str:
    """Return bytes as people read them."""
    if size < 2**20:
        return f"{size / 2**10:,.0f} kB"
    if size < 10 * 2**30:
        return f"{size / 2**20:,.1f} MB" if size < 10 * 2**20 else f"{size / 2**20:,.0f} MB"
    return f"{size / 2**30:,.1f} GB"


class _Row(QStyledItemDelegate):
    """Draws a run in two lines."""

    def __init__(self, design: Design, parent: QObject) -> None:
        super().__init__(parent)
        self._design = design

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return room for two lines."""
        return QSize(200, self._design.pixels(BODY) + self._design.pixels(SMALL) + 2 * SPACE[3] + SPACE[2])

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw title and words, and the ring of the focus."""
        rect, state = _part(option)
        theme, card = self._design.theme, index.data(CARD)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        box = rect.adjusted(1, 1, -1, -1)
        if state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(QColor(blend(theme.raised, theme.ink, 0.04)))
            painter.drawRoundedRect(box, RADIUS, RADIUS)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.focus), 2))
            painter.drawRoundedRect(box, RADIUS, RADIUS)
        inner = rect.adjusted(SPACE[3], SPACE[2], -SPACE[3], -SPACE[2])
        colours = (theme.soft, theme.bad) if card.trouble else (theme.ink, theme.soft)
        model = index.model()
        words = model.words(card) if isinstance(model, RunModel) else ""
        half = inner.height() * 11 // 20
        for text, size, colour, line in (
            (card.title, BODY, colours[0], QRect(inner.left(), inner.top(), inner.width(), half)),
            (words, SMALL, colours[1], QRect(inner.left(), inner.top() + half, inner.width(), inner.height() - half)),
        ):
            painter.setFont(self._design.font(size, bold=size == BODY))
            painter.setPen(QColor(colour))
            told = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, line.width())
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, told)
        painter.restore()


def _part(option: Any) -> tuple[QRect, QStyle.StateFlag]:
    """Return where and in which state an item is drawn; PySide's stubs hide these fields of QStyleOption."""
    return option.rect, option.state


class RecentRuns(QListView):
    """The list of recent runs; `chosen` names the file that somebody wants opened."""

    chosen = Signal(Path)

    def __init__(self, design: Design, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("recent")
        self.setAccessibleName(self.tr("Recent runs"))
        self.runs = RunModel(self)
        self.setModel(self.runs)
        self.setItemDelegate(_Row(design, self))
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.clicked.connect(self._choose)
        self.activated.connect(self._choose)
        self._last = (Path(), 0.0)
        design.changed.connect(self.scheduleDelayedItemsLayout)

    def _choose(self, index: QModelIndex) -> None:
        """Open a run; a style that activates by one click says so twice."""
        card, now = index.data(CARD), time.monotonic()
        if (card.path, True) != (self._last[0], now - self._last[1] < 0.5):
            self._last = (card.path, now)
            self.chosen.emit(card.path)
