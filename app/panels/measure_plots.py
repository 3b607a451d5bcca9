"""Plots of measures, one below the other over the same time: lines, several lines, and strips of distributions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor

from app.design import OKABE_ITO, SMALL, SPACE, Design, blend
from app.models.moments import DAY, clock, moment, stride
from app.panels.choice_menu import plain
from app.view import View
from engine.remote.wire import MeasureEntry

PLOT = 130
"""The least height of a plot, in logical pixels."""
LEAST = 84
"""The least height of its axes, below the caption."""
AXIS = 52
"""The width of the axes at the left, so that all plots begin at the same x."""
NARROWEST = 120.0
"""Captions wrap at no less than this, in logical pixels."""
SHADES = 64
LABELS = 7
"""About how many labels there are on an axis of time."""

Value = float | list[float] | None


class TimeAxis(pg.AxisItem):
    """An axis of ticks that reads day and hour."""

    def __init__(self, view: View) -> None:
        super().__init__("bottom")
        self._view = view

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Return where labels stand: on whole days and hours, not too many."""
        about = self._view.about
        if about is None or high <= low:
            return []
        wanted = (high - low) / max(2.0, min(LABELS, size / 90)) * DAY / about.day
        step, zero = stride(about, wanted) * about.day / DAY, -about.start * about.day / 1440
        first = np.ceil((low - zero) / step)
        return [(step, (zero + step * np.arange(first, (high - zero) / step + 1e-9)).tolist())]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """Return the words of labels: the hour, or the day where one begins."""
        about = self._view.about
        if about is None:
            return []
        whole = spacing >= about.day
        return [moment(about, value).split(",")[0] if whole or not clock(about, value).strip("0:")
                else clock(about, value) for value in values]  # fmt: skip


class Caption(pg.LabelItem):
    """Words over a plot, which wrap where there is little room."""

    def __init__(self) -> None:
        super().__init__("", justify="left")
        self._words = ""

    def say(self, words: str) -> None:
        """Say something else, as HTML."""
        if words != self._words:
            self._words = words
            self.item.setHtml(words)
            self.updateMin()

    def updateMin(self) -> None:
        """Be as high as the words are at the width at hand, and as narrow as need be."""
        self.item.setTextWidth(max(NARROWEST, self.size().width()))
        self.item.setPos(0, 0)
        height = self.item.boundingRect().height()
        self.setMinimumSize(0, height)
        self.setPreferredSize(NARROWEST, height)
        self.setMaximumSize(100_000, height)

    def resizeEvent(self, event: Any) -> None:
        """Wrap anew."""
        self.updateMin()


class MeasurePlot:
    """One measure in a plot of its own, under a caption that reads its values at the playhead."""

    def __init__(self, entry: MeasureEntry, caption: Caption, plot: pg.PlotItem, view: View, design: Design) -> None:
        self.entry, self.caption, self.plot = entry, caption, plot
        self._view, self._design = view, design
        self._strip: pg.ImageItem | None = None
        self.ticks: NDArray[np.float64] = np.zeros(0)
        self.values: list[Value] = []
        theme = design.theme
        self.head = pg.InfiniteLine(angle=90, pen=pg.mkPen(theme.accent, width=1.5))
        plot.addItem(self.head, ignoreBounds=True)
        plot.setMouseEnabled(x=True, y=False)
        plot.hideButtons()
        plot.setMenuEnabled(False)
        plot.showGrid(x=True, y=True, alpha=0.12)
        for side in ("left", "bottom"):
            axis = plot.getAxis(side)
            axis.setPen(pg.mkPen(theme.line))
            axis.setTextPen(pg.mkPen(theme.soft))
            axis.setStyle(tickFont=design.font(SMALL), tickLength=-4)
        plot.getAxis("left").setWidth(AXIS)
        caption.item.setFont(design.font(SMALL))
        self._lines: list[pg.PlotDataItem] = [self._line(number) for number in range(len(entry.labels))]

    def _colour(self, number: int) -> str:
        return blend(OKABE_ITO[number % len(OKABE_ITO)], self._design.theme.ink, 0.15)

    def _line(self, number: int) -> pg.PlotDataItem:
        style = Qt.PenStyle.SolidLine if number < len(OKABE_ITO) else Qt.PenStyle.DashLine
        return self.plot.plot([], [], pen=pg.mkPen(self._colour(number), width=1.6, style=style), antialias=True)

    def show(self, ticks: NDArray[np.float64], values: list[Value]) -> None:
        """Plot the values at these ticks."""
        self.ticks, self.values = ticks, values
        if self.entry.labels:
            for number, line in enumerate(self._lines):
                line.setData(ticks, [_part(value, number) for value in values])
        elif any(isinstance(value, list) for value in values):
            self._show_strip(ticks, values)
        else:
            if not self._lines:
                self._lines.append(
                    self.plot.plot([], [], pen=pg.mkPen(self._design.theme.accent, width=1.8), antialias=True)
                )
            self._lines[0].setData(ticks, [_number(value) for value in values])
        self.read()

    def _show_strip(self, ticks: NDArray[np.float64], values: list[Value]) -> None:
        if self._strip is None:
            theme = self._design.theme
            self._strip = pg.ImageItem(axisOrder="col-major")
            colours = pg.ColorMap(None, [QColor(blend(theme.panel, theme.accent, 0.06)), QColor(theme.accent)])
            self._strip.setLookupTable(colours.getLookupTable(0.0, 1.0, SHADES))
            self._strip.setZValue(-10)
            self.plot.addItem(self._strip)
        rows = [value if isinstance(value, list) else [] for value in values]
        table = np.full((len(rows), max(1, *map(len, rows))), np.nan, np.float32)
        for number, row in enumerate(rows):
            table[number, : len(row)] = row
        top = float(np.nanmax(table)) if np.isfinite(table).any() else 1.0
        self._strip.setImage(table, autoLevels=False, levels=(0.0, top or 1.0))
        step = float(ticks[-1] - ticks[0]) / max(1, len(ticks) - 1) or 1.0
        self._strip.setRect(QRectF(float(ticks[0]) - step / 2, 0, step * len(ticks), table.shape[1]))

    def read(self) -> None:
        """Move the playhead, and let the caption read the values there."""
        theme, tick = self._design.theme, self._view.tick
        self.head.setPos(tick)
        owner, _, name = self.entry.name.partition(".")
        words = [f"<b style='color:{theme.ink}'>{plain(owner)}: {name.replace('_', ' ')}</b>"]
        at = int(np.searchsorted(self.ticks, tick, "right")) - 1
        here = self.values[at] if 0 <= at < len(self.values) else None
        if isinstance(here, (int, float)):
            words.append(f"<b style='color:{theme.accent}'>{figure(here)}</b>")
        words.append(f"<span style='color:{theme.soft}'>{escape(self.entry.unit)}</span>")
        for number, label in enumerate(self.entry.labels):
            value = _part(here, number)
            words.append(
                f"<span style='color:{self._colour(number)}'>●</span>&nbsp;"
                f"<span style='color:{theme.ink}'>{escape(label).replace(' ', '&nbsp;')}</span>&nbsp;"
                f"<span style='color:{theme.soft}'>{'' if np.isnan(value) else figure(value)}</span>"
            )
        self.caption.say(" &nbsp;".join(words))


class MeasurePlots(pg.GraphicsLayoutWidget):
    """The plots, one below the other. A click on one shows its moment."""

    def __init__(self, view: View, design: Design, touched: Callable[[], None]) -> None:
        super().__init__()
        self._view, self._design, self._touched = view, design, touched
        self.plots: dict[str, MeasurePlot] = {}
        self._first: pg.PlotItem | None = None
        self.is_zoomed = False
        self.scene().sigMouseClicked.connect(self._clicked)

    def make(self, entries: Sequence[MeasureEntry]) -> None:
        """Make empty plots for these measures."""
        self.clear()
        self.plots, self._first, self.is_zoomed = {}, None, False
        self.setBackground(self._design.theme.panel)
        self.ci.layout.setContentsMargins(SPACE[2], SPACE[1], SPACE[3], SPACE[1])
        self.ci.layout.setSpacing(SPACE[1])
        for row, entry in enumerate(entries):
            caption = Caption()
            self.addItem(caption, row=2 * row, col=0)
            plot = self.addPlot(row=2 * row + 1, col=0, axisItems={"bottom": TimeAxis(self._view)})
            plot.setMinimumHeight(LEAST)
            self.ci.layout.setRowStretchFactor(2 * row + 1, 1)
            plot.vb.setBackgroundColor(None)
            plot.vb.sigRangeChangedManually.connect(self._zoomed)
            if self._first is None:
                self._first = plot
            else:
                plot.setXLink(self._first)
            self.plots[entry.name] = MeasurePlot(entry, caption, plot, self._view, self._design)
        self.setMinimumHeight(max(1, len(entries)) * PLOT)

    def reset(self) -> None:
        """Show all the time again."""
        self.is_zoomed = False
        for made in self.plots.values():
            made.plot.enableAutoRange()
        self._touched()

    def read(self) -> None:
        """Move the playheads."""
        for made in self.plots.values():
            made.read()

    def _zoomed(self) -> None:
        self.is_zoomed = True
        self._touched()

    def _clicked(self, event: Any) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._view.about is None:
            return
        for made in self.plots.values():
            if made.plot.sceneBoundingRect().contains(event.scenePos()):
                self._view.play(0)
                self._view.show_tick(round(made.plot.vb.mapSceneToView(event.scenePos()).x()))


def figure(value: float) -> str:
    """Return a number to read: no more digits than tell."""
    if value == 0 or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _part(value: Value, number: int) -> float:
    return float(value[number]) if isinstance(value, list) and number < len(value) else float("nan")


def _number(value: Value) -> float:
    return float(value) if isinstance(value, (int, float)) else float("nan")


def _with_alpha(colour: str, alpha: int) -> QColor:
    made = QColor(colour)
    made.setAlpha(alpha)
    return made
