"""What Qt paints over the 3D picture: speech bubbles, dots, the name under the pointer, the box of a selection.

Text is painted by Qt so that it is crisp at every zoom and scale. The overlay takes no mouse events.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap, QRegion
from PySide6.QtWidgets import QWidget

from app.design import LARGE, RADIUS, SMALL, SPACE, Design
from app.viewport.bubbles import Placed

WIDEST = 260
"""Logical pixels of a line of text; longer text wraps."""
NARROWEST = 96
CORNER = 2 * RADIUS
TAIL_WIDE = 9.0
REACH = 4
"""Pixels round a bubble that its shadow takes."""


@dataclass(frozen=True, slots=True)
class Words:
    """What a bubble or a tag says: a name, what the person is, the role's colour, and the line ("" for a tag)."""

    name: str
    role: str
    colour: str
    text: str


@dataclass(frozen=True, slots=True)
class Dot:
    """Somebody who speaks and has no bubble: where."""

    at: tuple[float, float]


class Overlay(QWidget):
    """Paints what the viewport lays out; everything is in logical pixels."""

    def __init__(self, design: Design, parent: QWidget) -> None:
        super().__init__(parent)
        self.design = design
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.placed: list[Placed] = []
        self.dots: list[Dot] = []
        self.box: QRect | None = None
        self._words: dict[int, Words] = {}
        self._pictures: dict[tuple[Words, float], QPixmap] = {}
        self._sizes: dict[Words, QSizeF] = {}
        self._painted = QRegion()
        self._dot_picture: QPixmap | None = None
        design.changed.connect(self._dress)

    def _dress(self) -> None:
        self._pictures.clear()
        self._dot_picture = None
        self.update()

    # ------------------------------------------------------------------ what it shows

    def show_bubbles(self, placed: Sequence[Placed], words: dict[int, Words], dots: Sequence[Dot]) -> None:
        """Show these bubbles and dots; only what changed is painted anew."""
        fresh = list(placed)
        if fresh == self.placed and list(dots) == self.dots and words == self._words:
            return
        self.placed, self.dots, self._words = fresh, list(dots), words
        self._paint_anew()

    def show_box(self, box: QRect | None) -> None:
        """Show the box of a selection, None for none."""
        self.box = box
        self._paint_anew()

    def _paint_anew(self) -> None:
        region = QRegion()
        for one in self.placed:
            left, top, wide, high = one.box
            around = QRectF(left, top, wide, high).united(QRectF(one.tip[0] - 1, one.tip[1] - 1, 2, 2))
            region += around.adjusted(-REACH - 8, -REACH - 4, REACH + 8, REACH + 6).toAlignedRect()
        for dot in self.dots:
            region += QRect(int(dot.at[0]) - 12, int(dot.at[1]) - 22, 24, 26)
        if self.box is not None:
            region += self.box.adjusted(-3, -3, 3, 3)
        self.update(self._painted.united(region))
        self._painted = region

    def size_of(self, words: Words) -> tuple[float, float]:
        """Return how large a bubble with these words is: wide enough that no word is cut."""
        if words not in self._sizes:
            if len(self._sizes) > 500:
                self._sizes.clear()
                self._pictures.clear()
            name = QFontMetricsF(self._font(SMALL + 1, True)).horizontalAdvance(words.name)
            role = QFontMetricsF(self._font(SMALL + 1)).horizontalAdvance(words.role)
            head = name + role + 10 + 2 * SPACE[2] + 2
            text = self._text_size(words)
            high = QFontMetricsF(self._font(SMALL + 1)).height()
            tall = 2 * SPACE[2] + high + (text.height() + SPACE[1] if words.text else 0)
            wide = max(head, text.width(), NARROWEST if words.text else 0) + 2 * SPACE[3]
            self._sizes[words] = QSizeF(float(int(wide + 1)), float(int(tall + 1)))
        size = self._sizes[words]
        return size.width(), size.height()

    def _text_size(self, words: Words) -> QSizeF:
        if not words.text:
            return QSizeF(0, 0)
        metrics = QFontMetricsF(self._font(LARGE - 1))
        room = QRectF(0, 0, WIDEST, 10_000)
        return metrics.boundingRect(room, _wrapping(words.text, metrics), words.text).size()

    def _font(self, pixels: int, bold: bool = False) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(pixels)
        font.setBold(bold)
        return font

    # ------------------------------------------------------------------ painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint dots, bubbles, the box."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for dot in self.dots:
            painter.drawPixmap(QPointF(dot.at[0] - 12, dot.at[1] - 21), self._dot())
        spoken = [one for one in reversed(self.placed) if one.agent in self._words]
        for one in spoken:  # first all tails: none shall cross another's words
            self._paint_tail(painter, one)
        for one in spoken:
            paper = self.picture_of(self._words[one.agent])
            painter.drawPixmap(QPointF(one.box[0] - REACH, one.box[1] - REACH), paper)
            self._paint_tail(painter, one, inside=True)
        if self.box is not None:
            colour = QColor(self.design.theme.focus)
            painter.setPen(QPen(colour, 1.5))
            colour.setAlpha(48)
            painter.setBrush(colour)
            painter.drawRoundedRect(QRectF(self.box), RADIUS / 2, RADIUS / 2)

    def _dot(self) -> QPixmap:
        """Return the dot of somebody who speaks, painted once."""
        scale = self.devicePixelRatioF()
        if self._dot_picture is None or self._dot_picture.devicePixelRatioF() != scale:
            picture = QPixmap(int(24 * scale), int(18 * scale))
            picture.setDevicePixelRatio(scale)
            picture.fill(Qt.GlobalColor.transparent)
            painter = QPainter(picture)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(40, 48, 66, 110), 1))
            painter.setBrush(QColor(self.design.theme.bubble))
            painter.drawRoundedRect(QRectF(3, 3, 18, 12), 6, 6)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self.design.theme.on_bubble))
            for step in (-4.0, 0.0, 4.0):
                painter.drawEllipse(QPointF(12 + step, 9), 1.2, 1.2)
            painter.end()
            self._dot_picture = picture
        return self._dot_picture

    def _paint_tail(self, painter: QPainter, one: Placed, inside: bool = False) -> None:
        """Paint the tail from the bubble to the head; once more without its edge where it meets the paper."""
        left, top, wide, high = one.box
        foot = min(max(one.tip[0], left + CORNER + TAIL_WIDE), left + wide - CORNER - TAIL_WIDE)
        bottom = top + high
        if one.tip[1] <= bottom + 1:
            return
        tip = QPointF(*one.tip)
        path = QPainterPath(QPointF(foot - TAIL_WIDE, bottom - 0.6))
        path.lineTo(tip)
        path.lineTo(QPointF(foot + TAIL_WIDE, bottom - 0.6))
        if inside:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self.design.theme.bubble))
            painter.drawRect(QRectF(foot - TAIL_WIDE + 0.8, bottom - 2.0, 2 * TAIL_WIDE - 1.6, 2.4))
            return
        painter.setPen(QPen(QColor(40, 48, 66, 150), 1.2))
        painter.setBrush(QColor(self.design.theme.bubble))
        painter.drawPath(path)

    def picture_of(self, words: Words) -> QPixmap:
        """Return the bubble's paper with its words, painted once."""
        scale = self.devicePixelRatioF()
        key = (words, scale)
        if key not in self._pictures:
            wide, high = self.size_of(words)
            picture = QPixmap(int((wide + 2 * REACH) * scale + 0.5), int((high + 2 * REACH) * scale + 0.5))
            picture.setDevicePixelRatio(scale)
            picture.fill(Qt.GlobalColor.transparent)
            painter = QPainter(picture)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_paper(painter, QRectF(REACH, REACH, wide, high), words)
            painter.end()
            self._pictures[key] = picture
        return self._pictures[key]

    def _paint_paper(self, painter: QPainter, box: QRectF, words: Words) -> None:
        theme = self.design.theme
        corner = CORNER if words.text else box.height() / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(20, 26, 40, 48))
        painter.drawRoundedRect(box.translated(0, 2.5), corner, corner)
        painter.setPen(QPen(QColor(40, 48, 66, 150), 1.2))
        painter.setBrush(QColor(theme.bubble))
        painter.drawRoundedRect(box, corner, corner)
        x = box.left() + SPACE[3]
        bold, plain = self._font(SMALL + 1, True), self._font(SMALL + 1)
        metrics = QFontMetricsF(bold)
        y = box.top() + SPACE[2]
        painter.setPen(QPen(QColor(40, 48, 66, 150), 1))
        painter.setBrush(QColor(words.colour))
        painter.drawEllipse(QRectF(x, y + (metrics.height() - 10) / 2, 10, 10))
        x += 10 + SPACE[2]
        baseline = y + metrics.ascent()
        painter.setPen(QColor(theme.on_bubble))
        painter.setFont(bold)
        painter.drawText(QPointF(x, baseline), words.name)
        soft = QColor(theme.on_bubble)
        soft.setAlpha(185)
        painter.setPen(soft)
        painter.setFont(plain)
        painter.drawText(QPointF(x + metrics.horizontalAdvance(words.name) + SPACE[2], baseline), words.role)
        if words.text:
            painter.setPen(QColor(theme.on_bubble))
            font = self._font(LARGE - 1)
            painter.setFont(font)
            room = QRectF(
                box.left() + SPACE[3], y + metrics.height() + SPACE[1], box.width() - 2 * SPACE[3] + 1, 10_000
            )
            painter.drawText(room, _wrapping(words.text, QFontMetricsF(font)), words.text)


def _wrapping(text: str, metrics: QFontMetricsF) -> int:
    """Return how text wraps: between words, and within one that is wider than a bubble."""
    longest = max((metrics.horizontalAdvance(word) for word in text.split()), default=0.0)
    flag = Qt.TextFlag.TextWrapAnywhere if longest > WIDEST else Qt.TextFlag.TextWordWrap
    return int(flag)
