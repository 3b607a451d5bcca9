"""The strip of the time line: days and nights, how much happened when, marks, and the playhead."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.design import RADIUS, SMALL, SPACE, Design
from app.models.moments import moment, ticks_of_hour
from app.panels.time_ground import Density, paint_ground
from app.panels.time_marks import LANE, Mark, near
from app.panels.time_scale import TimeScale
from app.session import Request
from app.view import View
from engine.remote.wire import Message

LOWEST = 72
"""The least height, in logical pixels."""
BUCKET = 3
"""Logical pixels of the strip that share a number."""
ASK_EVERY, ASK_SOON = 1000, 90
"""Milliseconds between two questions while the run grows, and after the strip was zoomed."""
AHEAD = 240
"""Ticks, or six hours where they are fewer, that the strip of a living society has room for from the beginning."""
STEPS = 16
"""The strip ends at a round number of ticks, so that it does not shrink with every tick of a living society."""
KEYS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End)


class TimeStrip(QWidget):
    """Paints time, and shows the tick under the pointer while one drags."""

    def __init__(self, view: View, design: Design) -> None:
        super().__init__()
        self._view, self._design = view, design
        self.scale = TimeScale()
        self.density = Density()
        self._wish: int | None = None
        """The tick under the pointer while it drags."""
        self._hover: float | None = None
        self._grip: float | None = None
        self._ground: QPixmap | None = None
        self._labels: list[QRectF] = []
        self._asking: Request | None = None
        self._asked = (0, 0, 0)
        self._commanded = -1
        """The tick of a command that is not marked yet."""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._ask)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(160, LOWEST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Time line"))
        self.setAccessibleDescription(
            self.tr("Left and Right move by a tick, with Shift by an hour; Home and End lead to the beginning and end")
        )
        view.opened.connect(self._open)
        view.closed.connect(self._close)
        view.commanded.connect(self._command)
        view.status_changed.connect(self._grow)
        view.frame_shown.connect(self._show)
        view.following_changed.connect(self.update)
        design.changed.connect(self._redraw)
        if view.about is not None:
            self._open()

    def sizeHint(self) -> QSize:
        """Ask for a wide and low strip."""
        return QSize(600, LOWEST + SPACE[3])

    # ------------------------------------------------------------------ state

    @property
    def head(self) -> int:
        """The tick at which the playhead stands: where one drags it, else the tick on screen."""
        return self._view.tick if self._wish is None else self._wish

    @property
    def marks(self) -> Sequence[Mark]:
        """Commands, and where the run branched off."""
        return self.density.marks

    def _open(self) -> None:
        self.density, self._wish, self._commanded = Density(), None, -1
        self._asked = (0, 0, 0)
        self.scale = TimeScale(width=max(1, self.width()))
        self._grow()

    def _close(self) -> None:
        self._timer.stop()
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None
        self.density, self._wish, self._hover = Density(), None, None
        self._redraw()

    def _grow(self) -> None:
        """Follow the run as it grows."""
        about, last = self._view.about, self._view.last_tick
        if about is None or not self.isVisible():
            return
        end = float(max(last, about.first + 1))
        if about.live:
            span = max(end - about.first, min(ticks_of_hour(about) * 6, AHEAD))
            step = 2.0 ** math.ceil(math.log2(span)) / STEPS
            end = about.first + math.ceil(span / step) * step
        if (float(about.first), max(end, about.first + 1.0)) != (self.scale.first, self.scale.end):
            self.scale.reach(about.first, end)
            self._redraw()
        if self._view.is_following and self._wish is None and self.scale.bring(last):
            self._redraw()
        self._ask_soon(ASK_EVERY)

    def _show(self) -> None:
        if self._view.playing and self.scale.bring(self._view.tick):
            self._changed_range()
        if self.isVisible():
            self.update()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up."""
        super().showEvent(event)
        self._grow()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the same ticks in sight."""
        super().resizeEvent(event)
        self.scale.width = max(1, self.width())
        self._changed_range()

    # ------------------------------------------------------------------ how much happened

    def _ask_soon(self, milliseconds: int) -> None:
        if not self._timer.isActive() or milliseconds < self._timer.remainingTime():
            self._timer.start(milliseconds if self.density.counts.size else ASK_SOON)

    def _ask(self) -> None:
        about = self._view.about
        if about is None or self._asking is not None or not self.isVisible():
            return
        first = max(about.first, math.floor(self.scale.left))
        last = min(self._view.last_tick, math.ceil(self.scale.right))
        buckets = max(8, self.width() // BUCKET)
        before = self._asked
        grown = self.density.ticks if self._commanded < 0 or self._commanded > last else 0
        if last < first or ((first, buckets) == (before[0], before[2]) and 0 <= last - before[1] < grown):
            return
        if grown == 0:
            self._commanded = -1
        self._asked = (first, last, buckets)
        self._asking = self._view.ask(
            "density", self._answer, self._not_answered, first=first, last=last, buckets=buckets
        )

    def _command(self, tick: int) -> None:
        """Mark a command as soon as its tick is in the file, however many ticks share a number."""
        self._commanded = max(tick, self._commanded)
        self._ask_soon(ASK_SOON)

    def _answer(self, message: Message) -> None:
        self._asking = None
        self.density = Density.of(message.head)
        self._redraw()
        first, last = math.floor(self.scale.left), math.ceil(self.scale.right)
        if first < self._asked[0] - 1 or min(last, self._view.last_tick) > self._asked[1]:
            self._ask_soon(ASK_EVERY)

    def _not_answered(self, sentence: str) -> None:
        self._asking = None

    def _changed_range(self) -> None:
        self._redraw()
        self._ask_soon(ASK_SOON)

    # ------------------------------------------------------------------ painting

    def _redraw(self) -> None:
        self._ground = None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground, which is kept, and the playhead over it."""
        ratio = self.devicePixelRatioF()
        if self._ground is None or self._ground.devicePixelRatio() != ratio:
            self._ground = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
            self._ground.setDevicePixelRatio(ratio)
            self._ground.fill(QColor(self._design.theme.panel))
            size = QSize(self.width(), self.height())
            self._labels = paint_ground(self._ground, size, self._view, self._design, self.scale, self.density)
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._ground)
        if self._view.about is not None:
            self._paint_head(painter)
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(self._design.theme.focus), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), RADIUS, RADIUS)
        painter.end()

    def _paint_head(self, painter: QPainter) -> None:
        assert self._view.about is not None
        theme = self._design.theme
        if self._hover is not None and self._wish is None:
            painter.setPen(QPen(QColor(theme.soft), 1, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(self._hover, 0), QPointF(self._hover, self.height()))
        x = self.scale.at(self.head)
        if not -1 <= x <= self.width() + 1:
            return
        x = min(max(x, 1.0), self.width() - 1.0)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.accent), 2))
        painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))
        painter.setFont(self._design.font(SMALL, True))
        words = moment(self._view.about, self.head)
        metrics = painter.fontMetrics()
        wide, high = metrics.horizontalAdvance(words) + SPACE[3], metrics.height() + 2
        left = min(max(x - wide / 2, 0), self.width() - wide)
        pill = QRectF(left, 1, wide, high)
        for label in self._labels:  # half a label under the pill reads wrongly
            if label.intersects(pill):
                painter.fillRect(label, QColor(theme.panel))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.accent))
        painter.drawRoundedRect(pill, RADIUS - 2, RADIUS - 2)
        painter.setPen(QColor(theme.on_accent))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, words)

    # ------------------------------------------------------------------ pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Jump to the tick under the pointer, and take hold of the playhead; the middle button takes the strip."""
        if event.button() == Qt.MouseButton.MiddleButton:
            self._grip = event.position().x()
        elif event.button() == Qt.MouseButton.LeftButton and self._view.about is not None:
            self._view.play(0)
            marked = self._mark_at(event.position())
            if marked is None:
                self._drag(event.position().x())
            else:
                self._view.show_tick(marked.tick)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the playhead, or the strip."""
        x = event.position().x()
        self._hover = x
        if self._wish is not None:
            self._drag(x)
        elif self._grip is not None:
            self.scale.pan(self.scale.tick(self._grip) - self.scale.tick(x))
            self._grip = x
            self._changed_range()
        on_mark = self._wish is None and self._mark_at(event.position()) is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if on_mark else Qt.CursorShape.ArrowCursor)
        self.update()

    def _mark_at(self, point: QPointF) -> Mark | None:
        """Return the mark in the lane of marks under a point."""
        if self._view.about is None or point.y() < self.height() - LANE:
            return None
        return next(iter(near(self.density.marks, self.density.checkpoints, self.scale, point.x())), None)

    def go_to_mark(self, way: int) -> None:
        """Show the next mark in sight (1) or the one before (-1); checkpoints are too many to go through."""
        ticks = [mark.tick for mark in self.density.marks if (mark.tick - self._view.tick) * way > 0]
        if ticks:
            self.move_by(min(ticks, key=lambda tick: abs(tick - self._view.tick)) - self._view.tick)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go; at the end of time one follows it again."""
        wish, self._wish, self._grip = self._wish, None, None
        if wish is not None and wish >= self._view.last_tick:
            self._view.follow()
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """No tick is under the pointer."""
        self._hover = None
        self.update()

    def _drag(self, x: float) -> None:
        about = self._view.about
        if about is None:
            return
        tick = min(max(round(self.scale.tick(x)), about.first), self._view.last_tick)
        if tick != self._wish:
            self._wish = tick
            self._view.show_tick(tick)
            self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the pointer; sideways, or with Shift, move."""
        turn = event.angleDelta()
        sideways = event.modifiers() & Qt.KeyboardModifier.ShiftModifier or abs(turn.x()) > abs(turn.y())
        if sideways:
            turned = turn.x() or turn.y()
            self.scale.pan(-turned / 120 * (self.scale.right - self.scale.left) / 12)
        else:
            self.scale.zoom(0.8 ** (turn.y() / 120), event.position().x())
        self._changed_range()
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show all of the time."""
        self.whole()

    def zoom(self, factor: float) -> None:
        """Show `factor` times as many ticks about the playhead, or about the middle if that is out of sight."""
        x = self.scale.at(self.head)
        self.scale.zoom(factor, x if 0 <= x <= self.width() else self.width() / 2)
        self._changed_range()

    def whole(self) -> None:
        """Show all of the time."""
        self.scale.whole()
        self._changed_range()

    def event(self, event: QEvent) -> bool:
        """Tell what is under the pointer, and keep the strip's own keys from being shortcuts of the window."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            commands = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
            if event.key() in KEYS and not event.modifiers() & commands:
                event.accept()
                return True
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self._view.about is not None:
            QToolTip.showText(event.globalPos(), self.tell(event.pos().x()), self)
            return True
        return super().event(event)

    def tell(self, x: float) -> str:
        """Return what lies at an x: the moment, how much happened, the marks."""
        assert self._view.about is not None
        tick = max(self._view.about.first, round(self.scale.tick(x)))
        lines = [self.tr("{0} · tick {1}").format(moment(self._view.about, tick), f"{tick:,}")]
        here = self.density.at(tick)
        if here is not None:
            lines.append(self.tr("{0} events a tick").format(f"{here:,.1f}".removesuffix(".0")))
        marked = near(self.density.marks, self.density.checkpoints, self.scale, x)
        lines += [f"{moment(self._view.about, mark.tick)}: {mark.text}" for mark in marked[:6]]
        if len(marked) > 6:
            lines.append(self.tr("and {0} more").format(len(marked) - 6))
        return "\n".join(lines)

    # ------------------------------------------------------------------ keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move by a tick, by an hour with Shift, to the beginning or the end; Up and Down zoom."""
        about = self._view.about
        if about is None:
            super().keyPressEvent(event)
            return
        step = ticks_of_hour(about) if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        match event.key():
            case Qt.Key.Key_Left:
                self.move_by(-step)
            case Qt.Key.Key_Right:
                self.move_by(step)
            case Qt.Key.Key_Home:
                self.move_by(about.first - self._view.tick)
            case Qt.Key.Key_End:
                self._view.follow()
            case Qt.Key.Key_Up:
                self.zoom(0.8)
            case Qt.Key.Key_Down:
                self.zoom(1.25)
            case _:
                super().keyPressEvent(event)

    def move_by(self, ticks: int) -> None:
        """Show another tick; past the end of time is the end, which is followed."""
        if self._view.about is None:
            return
        self._view.play(0)
        tick = self._view.tick + ticks
        if ticks > 0 and tick >= self._view.last_tick:
            self._view.follow()
        else:
            self._view.show_tick(tick)
            if self.scale.bring(max(tick, self._view.about.first)):
                self._changed_range()
