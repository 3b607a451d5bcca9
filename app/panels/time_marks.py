"""What is marked on the time line: commands, where the run branched off, and checkpoints of everything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QPointF, QSize
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from app.design import Theme
from app.panels.time_scale import TimeScale

LANE = 18
"""The lanes of labels and of marks, in logical pixels."""
NEAR = 6
"""How near to a mark the pointer counts as on it, in logical pixels."""
MARK, DASH = 5, 3
BRANCH, CHECKPOINT = "branch", "checkpoint"
PERSONAL = ("drive", "release", "dismiss")
"""Commands to one person; the others are to the society."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something to find again: a command, where the run branched off, or a checkpoint."""

    tick: int
    kind: str
    text: str


def checkpoint(tick: int) -> Mark:
    """Return the mark of a checkpoint."""
    return Mark(tick, CHECKPOINT, QCoreApplication.translate("TimeStrip", "Checkpoint: the file holds everything"))


def near(marks: Sequence[Mark], checkpoints: Sequence[int], scale: TimeScale, x: float) -> list[Mark]:
    """Return what is marked at an x: commands and branches, the nearest first, or else the nearest checkpoint."""
    found = [mark for mark in marks if abs(scale.at(mark.tick) - x) <= NEAR]
    if found:
        return sorted(found, key=lambda mark: abs(scale.at(mark.tick) - x))
    ticks = [tick for tick in _apart(checkpoints, scale, NEAR) if abs(scale.at(tick) - x) <= NEAR]
    return [checkpoint(min(ticks, key=lambda tick: abs(scale.at(tick) - x)))] if ticks else []


def paint_marks(
    painter: QPainter, size: QSize, theme: Theme, scale: TimeScale, marks: Sequence[Mark], checkpoints: Sequence[int]
) -> None:
    """Paint a dash for a checkpoint, a diamond for a command to somebody, a square for one to the society, a ring for
    where the run branched off; near ones share one."""
    y = size.height() - LANE / 2 + 1
    painter.setPen(QPen(QColor(theme.soft), 1.5))
    for tick in _apart(checkpoints, scale, NEAR):
        x = scale.at(tick)
        painter.drawLine(QPointF(x, y - DASH), QPointF(x, y + DASH))
    shown = {mark.tick: mark for mark in sorted(marks, key=lambda mark: (mark.tick, mark.kind == BRANCH))}
    for tick in _apart(sorted(shown), scale, MARK):
        x = min(max(scale.at(tick), float(MARK)), size.width() - float(MARK))
        _paint_mark(painter, theme, shown[tick].kind, x, y)


def _paint_mark(painter: QPainter, theme: Theme, kind: str, x: float, y: float) -> None:
    if kind == BRANCH:
        painter.setPen(QPen(QColor(theme.good), 2))
        painter.setBrush(QColor(theme.panel))
        painter.drawEllipse(QPointF(x, y), MARK - 0.5, MARK - 0.5)
        return
    painter.setPen(QPen(QColor(theme.panel), 1))
    painter.setBrush(QColor(theme.accent))
    side = MARK - 1
    turned = ((x, y - MARK), (x + MARK, y), (x, y + MARK), (x - MARK, y))
    straight = ((x - side, y - side), (x + side, y - side), (x + side, y + side), (x - side, y + side))
    painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in (turned if kind in PERSONAL else straight)]))


def _apart(ticks: Sequence[int], scale: TimeScale, pixels: int) -> Iterator[int]:
    """Yield those of ascending ticks that are in sight and not too near to one another."""
    before = -1e9
    for tick in ticks:
        x = scale.at(tick)
        if -MARK <= x <= scale.width + MARK and x - before >= pixels:
            before = x
            yield tick
