"""Finds text that is cut off, in whatever way a widget paints it: what is painted is read back from a drawing of it.

`cut(widget)` yields a line for each text below a widget that does not lie whole within all that is around it, or that
is elided. Only names and what people wrote may be elided, and only where a tool tip has the whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

from PySide6.QtCore import QBuffer, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QRegion, QTransform
from PySide6.QtOpenGLWidgets import QOpenGLWidget
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QAbstractItemView, QAbstractScrollArea, QLineEdit, QPushButton, QWidget

from app.panels.pieces import Link
from app.viewport.overlay import Overlay

UNREAD: tuple[type[QWidget], ...] = (QOpenGLWidget, Overlay)
"""The 3D picture, and the bubbles over it, which have tests of their own."""
SLACK = 2.0
"""Logical pixels by which the font's box may reach over: its ink does not."""
GROUP = re.compile(r"matrix\(([^)]*)\)")


@dataclass(frozen=True, slots=True)
class Painted:
    """A text and its box, in the logical pixels of the widget that painted it."""

    text: str
    box: QRectF


def painted(widget: QWidget) -> list[Painted]:
    """Return the texts that a widget itself paints, its children's left out."""
    buffer, generator = QBuffer(), QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(widget.size())
    generator.setViewBox(QRectF(0, 0, widget.width(), widget.height()))
    generator.setResolution(widget.logicalDpiX())
    painter = QPainter(generator)
    widget.render(painter, QPoint(), QRegion(), QWidget.RenderFlag(0))
    painter.end()
    drawing = re.sub(r'xlink:href="data:[^"]*"', "", bytes(buffer.data().data()).decode())
    found: list[Painted] = []
    for group in ElementTree.fromstring(drawing).iter("{http://www.w3.org/2000/svg}g"):
        place = GROUP.search(group.get("transform", ""))
        turn = QTransform(*map(float, place[1].split(","))) if place else QTransform()
        for text in group.findall("{http://www.w3.org/2000/svg}text"):
            words = (text.text or "").rstrip()
            if words:
                found.append(Painted(words, turn.mapRect(_box(text, words))))
    return found


def _box(text: ElementTree.Element, words: str) -> QRectF:
    font = QFont(text.get("font-family", ""))
    font.setPixelSize(max(1, round(float(text.get("font-size", "13")))))
    font.setWeight(QFont.Weight(int(text.get("font-weight", "400"))))
    metrics = QFontMetricsF(font)
    x, y = float(text.get("x", "0")), float(text.get("y", "0"))
    return QRectF(x, y - metrics.ascent(), metrics.horizontalAdvance(words), metrics.height())


def cut(root: QWidget) -> Iterator[str]:
    """Yield the visible texts in and below a widget that are cut off or elided."""
    for widget in [root, *root.findChildren(QWidget)]:
        if not widget.isVisible() or isinstance(widget, UNREAD) or widget.visibleRegion().isEmpty():
            continue
        for one in painted(widget):
            where = f"{type(widget).__name__} {widget.objectName()} {one.text!r}"
            if "…" in one.text and one.text != "…" and not one.text.endswith(" …"):
                if not _may_be_elided(widget, one.text, one.box.center().toPoint()):
                    yield f"{where} is elided"
            elif over := _reaches_over(widget, one.box, root):
                yield f"{where} is cut off by {over}"


def _may_be_elided(widget: QWidget, text: str, at: QPoint) -> bool:
    """Tell whether a text is a name or free, and its tool tip has it whole."""
    view = widget.parentWidget()
    if isinstance(view, QAbstractItemView) and widget is view.viewport():
        return bool(view.indexAt(at).data(Qt.ItemDataRole.ToolTipRole))
    name = text.rstrip("…")
    told = name in widget.toolTip() or name.partition(" ")[2] in widget.toolTip()
    return isinstance(widget, Link | QPushButton) and bool(widget.toolTip()) and told


def _reaches_over(widget: QWidget, box: QRectF, root: QWidget) -> str:
    """Return what a box reaches over: the widget, or one around it; down and up only until all of it scrolls."""
    around: QWidget | None = widget
    typed = isinstance(widget, QLineEdit)
    scrolls = False
    while around is not None:
        area = around.parentWidget()
        scrolls = scrolls or (isinstance(area, QAbstractScrollArea) and area.viewport() is around)
        origin = widget.mapTo(around, QPoint()) if around is not widget else QPoint()
        here = box.translated(origin)
        inside = QSize(around.width(), around.height())
        wide = here.left() >= -SLACK and here.right() <= inside.width() + SLACK
        high = here.top() >= -SLACK and here.bottom() <= inside.height() + SLACK
        if not (wide or typed) or not (high or scrolls):
            return f"{type(around).__name__} {around.objectName()} of {inside.toTuple()}: {here.toRect().getCoords()}"
        if around is root or around.isWindow():
            break
        around = area
    return ""
