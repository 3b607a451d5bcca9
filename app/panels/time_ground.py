"""What the strip of the time line paints under its playhead: days, nights, labels, the density of events, marks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPaintDevice, QPainter, QPainterPath, QPen, QPolygonF

from app.design import SMALL, SPACE, Design, Theme, blend
from app.models.moments import DAY, hour
from app.models.moments import stride as timed
from app.panels.time_marks import LANE, Mark, paint_marks
from app.panels.time_scale import TimeScale
from app.view import View
from engine.remote.wire import About

DAWN, MORNING, EVENING, DUSK = 5 * 60, 7 * 60, 19 * 60, 21 * 60
"""Minutes of the day between which it dawns and darkens."""
DAYS_SHOWN = 90
"""Where more days than these are in sight, nights are too thin to be painted."""
APART = 64
"""Labels are no nearer to one another than this, in logical pixels."""
HIGHEST = 99.0
"""The percentile of density that reaches the top: one spike does not flatten all else."""


@dataclass(frozen=True, slots=True)
class Density:
    """Events a tick, float64[n], in buckets of `ticks` ticks from `first` to `last`, and what is marked there."""

    first: int = 0
    last: int = 0
    ticks: int = 1
    counts: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    marks: tuple[Mark, ...] = ()
    checkpoints: tuple[int, ...] = ()

    @staticmethod
    def of(head: Mapping[str, Any]) -> Density:
        """Return what the answer to `density` says."""
        first, last, ticks = int(head["first"]), int(head["last"]), max(1, int(head["ticks"]))
        events = np.array(head["events"], np.float64)
        starts = first + ticks * np.arange(events.size)
        covered = np.clip(last + 1 - starts, 1, ticks)  # the last bucket may hold fewer ticks
        marks = tuple(Mark(int(mark["tick"]), str(mark["kind"]), str(mark["text"])) for mark in head.get("marks", ()))
        checkpoints = tuple(int(tick) for tick in head.get("checkpoints", ()))
        return Density(first, last, ticks, events / covered, marks, checkpoints)

    def at(self, tick: float) -> float | None:
        """Return events a tick around a tick, or None where that is not known."""
        bucket = int((tick - self.first) // self.ticks)
        return float(self.counts[bucket]) if 0 <= bucket < self.counts.size else None


def paint_ground(
    device: QPaintDevice, size: QSize, view: View, design: Design, scale: TimeScale, density: Density
) -> list[QRectF]:
    """Paint everything but the playhead; return where labels are, so that the playhead need not cut through them."""
    labels: list[QRectF] = []
    painter = QPainter(device)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    theme, about = design.theme, view.about
    if about is None:
        painter.setFont(design.font())
        painter.setPen(QColor(theme.soft))
        words = QCoreApplication.translate("TimeStrip", "The time of the society runs here.")
        painter.drawText(QRectF(0, 0, size.width(), size.height()), Qt.AlignmentFlag.AlignCenter, words)
    else:
        chart = QRectF(0, LANE, size.width(), size.height() - 2 * LANE + SPACE[1])
        _paint_days(painter, QRectF(0, LANE, size.width(), size.height() - LANE), theme, about, scale)
        _paint_density(painter, chart, theme, scale, density)
        _paint_future(painter, size, theme, view, scale)
        labels = _paint_labels(painter, size, design, about, scale)
        paint_marks(painter, size, theme, scale, density.marks, density.checkpoints)
    painter.end()
    return labels


def _paint_days(painter: QPainter, where: QRectF, theme: Theme, about: About, scale: TimeScale) -> None:
    """Paint a warm ground for the day and a cool one for the night, with dawn and dusk between."""
    day, night = QColor(blend(theme.panel, theme.accent, 0.13)), QColor(blend(theme.window, theme.focus, 0.09))
    if (scale.right - scale.left) / about.day > DAYS_SHOWN:
        painter.fillRect(where, day)
        return
    painter.fillRect(where, night)
    for number in _days(about, scale):
        left, right = (scale.at(_tick_of(about, number, minute)) for minute in (DAWN, DUSK))
        band = QRectF(left, where.y(), right - left, where.height())
        gradient = QLinearGradient(band.topLeft(), band.topRight())
        span = DUSK - DAWN
        gradient.setColorAt(0, night)
        gradient.setColorAt((MORNING - DAWN) / span, day)
        gradient.setColorAt((EVENING - DAWN) / span, day)
        gradient.setColorAt(1, night)
        painter.fillRect(band, gradient)


def _paint_density(painter: QPainter, where: QRectF, theme: Theme, scale: TimeScale, density: Density) -> None:
    if density.counts.size < 2:
        return
    top = float(np.percentile(density.counts, HIGHEST)) or float(density.counts.max())
    if top <= 0:
        return
    middles = density.first + density.ticks * (np.arange(density.counts.size) + 0.5)
    middles[-1] = min(middles[-1], (middles[-1] - density.ticks / 2 + density.last + 1) / 2)
    xs = [scale.at(tick) for tick in middles.tolist()]
    ys = (where.bottom() - np.minimum(density.counts / top, 1.0) * (where.height() - SPACE[1])).tolist()
    line = QPolygonF([QPointF(x, y) for x, y in zip(xs, ys, strict=True)])
    area = QPainterPath()
    area.moveTo(xs[0], where.bottom())
    area.addPolygon(line)
    area.lineTo(xs[-1], where.bottom())
    area.lineTo(xs[0], where.bottom())
    fill = QColor(theme.ink)
    fill.setAlphaF(0.22)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(fill)
    painter.drawPath(area)
    painter.setPen(QPen(QColor(theme.soft), 1.2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(line)


def _paint_future(painter: QPainter, size: QSize, theme: Theme, view: View, scale: TimeScale) -> None:
    """Hatch what has not happened yet."""
    x = scale.at(view.last_tick)
    if x >= size.width():
        return
    veil = QColor(theme.panel)
    veil.setAlphaF(0.72)
    painter.fillRect(QRectF(x, LANE, size.width() - x, size.height() - LANE), veil)


def _paint_labels(painter: QPainter, size: QSize, design: Design, about: About, scale: TimeScale) -> list[QRectF]:
    theme, labels = design.theme, list[QRectF]()
    painter.setFont(design.font(SMALL))
    metrics = painter.fontMetrics()
    pixels_a_day = scale.width / (scale.right - scale.left) * about.day
    apart = max(APART, metrics.horizontalAdvance(_day_words(1000)) + SPACE[3])
    stride = next((n for n in (1, 2, 5, 10, 20, 50, 100, 200, 500) if n * pixels_a_day >= apart), 1000)
    between = min(timed(about, APART * DAY / pixels_a_day), DAY)
    base = LANE / 2 + metrics.ascent() / 2 - 1
    for number in _days(about, scale):
        x = scale.at(_tick_of(about, number, 0))
        if (number - 1) % stride == 0:
            painter.setPen(QPen(QColor(theme.line), 1))
            painter.drawLine(QPointF(x, 0), QPointF(x, size.height()))
            painter.setPen(QColor(theme.ink))
            left = max(x, 0.0) + SPACE[1]
            ends = scale.at(_tick_of(about, number + stride, 0))
            if left + metrics.horizontalAdvance(_day_words(number)) < min(ends, size.width()):
                painter.drawText(QPointF(left, base), _day_words(number))
                labels.append(QRectF(left, 0, metrics.horizontalAdvance(_day_words(number)) + 1, LANE - 4))
        painter.setPen(QColor(theme.soft))
        begun = (scale.left - _tick_of(about, number, 0)) * DAY / about.day
        for second in range(between * max(1, int(begun // between)), DAY, between):
            at = scale.at(_tick_of(about, number, second / 60))
            if at > size.width():
                break
            words = hour(second, between % 60 > 0)
            half = metrics.horizontalAdvance(words) / 2
            clear = max(x, 0.0) + metrics.horizontalAdvance(_day_words(number)) + SPACE[3]
            if at - half > clear and at + half < size.width():
                painter.drawText(QPointF(at - half, base), words)
                labels.append(QRectF(at - half, 0, 2 * half + 1, LANE - 4))
                painter.drawLine(QPointF(at, LANE - 3), QPointF(at, LANE))
    return labels


def _days(about: About, scale: TimeScale) -> Iterator[int]:
    """Yield the numbers of the days in sight, fewer where there are very many."""
    first, last = about.moment(int(max(0, scale.left)))[0], about.moment(int(scale.right))[0]
    step = max(1, (last - first) // 400)
    yield from range(first - (first - 1) % step, last + 1, step)


def _tick_of(about: About, day: int, minute: float) -> float:
    """Return the tick, perhaps between two, of a minute of a day."""
    return ((day - 1) * 1440 + minute - about.start) * about.day / 1440


def _day_words(number: int) -> str:
    return QCoreApplication.translate("TimeStrip", "Day {0}").format(f"{number:,}")
