"""Small painted widgets that panels share: prose that wraps, links, bars, a course over time, folds."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QFontMetricsF,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from app.design import BODY, RADIUS, SMALL, SPACE, Design, Theme, blend, icon

BAR = 6
"""How thick a bar is, in logical pixels."""
ICON = 16
"""The side of an icon in a row of text."""
NARROW = 60
"""No piece asks for more width than this; what is longer wraps."""


def line_height(design: Design, size: int = BODY) -> int:
    """Return the height of a line of text of the type scale."""
    return QFontMetrics(design.font(size)).height()


def track(theme: Theme) -> QColor:
    """Return the colour of the part of a bar that is not filled."""
    return QColor(blend(theme.panel, theme.line, 0.7))


def ink(theme: Theme, tone: str) -> QColor:
    """Return a colour by its name in the theme ("ink", "soft", "bad"), or "#rrggbb" itself."""
    return QColor(tone if tone.startswith("#") else getattr(theme, tone))


def paint_bar(
    painter: QPainter, rect: QRectF, share: float, colour: QColor, track: QColor, middle: bool = False
) -> None:
    """Paint a bar: `share` of its length (0..1) is filled; with `middle` from there to either side (-1..1)."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(track)
    round_ = rect.height() / 2
    painter.drawRoundedRect(rect, round_, round_)
    painter.setBrush(colour)
    share = min(1.0, max(-1.0 if middle else 0.0, share))
    if middle:
        half = rect.width() / 2
        filled = QRectF(rect.center().x(), rect.y(), half * share, rect.height()).normalized()
        painter.drawRoundedRect(filled, round_, round_)
        painter.fillRect(QRectF(rect.center().x() - 0.5, rect.y() - 1, 1, rect.height() + 2), colour)
    elif share > 0:
        filled = QRectF(rect.x(), rect.y(), max(rect.height(), rect.width() * share), rect.height())
        painter.drawRoundedRect(filled, round_, round_)
    painter.restore()


def paint_course(painter: QPainter, rect: QRectF, points: Sequence[float | None], colour: QColor) -> None:
    """Paint values 0..1 over time as a line with a dot at its end; None leaves a gap."""
    if len(points) < 2:
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    step = rect.width() / (len(points) - 1)
    path, drawing, last = QPainterPath(), False, QPointF()
    for number, value in enumerate(points):
        if value is None:
            drawing = False
            continue
        last = QPointF(rect.x() + number * step, rect.bottom() - min(1.0, max(0.0, value)) * rect.height())
        (path.lineTo if drawing else path.moveTo)(last)
        drawing = True
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour, 1.4))
    painter.drawPath(path)
    if drawing:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(last, 2.2, 2.2)
    painter.restore()


def paint_focus(painter: QPainter, rect: QRect, theme: Theme) -> None:
    """Paint the ring around what has the keyboard."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme.focus), 2))
    painter.drawRoundedRect(QRectF(rect).adjusted(1, 1, -1, -1), RADIUS - 2, RADIUS - 2)
    painter.restore()


def stop_after(before: QWidget, widget: QWidget) -> None:
    """Let the Tab key come to a widget that is made late where one reads it: after what lies before it."""
    first: QWidget | None = before
    while first is not None and first.focusPolicy() == Qt.FocusPolicy.NoFocus:
        first = first.previousInFocusChain()
        if first is before or first is widget:
            return
    if first is not None:
        QWidget.setTabOrder(first, widget)


class Wrapped:
    """Text laid out to a width, kept until text, font or width change. Words that are too long break anywhere."""

    def __init__(self, design: Design, size: int = BODY, strong: bool = False, text: str = "") -> None:
        self._design = design
        self.text, self.size, self.strong = text, size, strong
        self._key: tuple[str, int, bool] | None = None
        self._heights: dict[float, int] = {}
        self._natural = -1
        self._layout = QTextLayout()
        self._width = -1.0

    def height(self, width: float) -> int:
        """Return how high the text is at a width; 0 when there is none."""
        self._check()
        if width not in self._heights:
            self._heights[width] = self._lay_out(width)
        return self._heights[width]

    def natural(self) -> int:
        """Return how wide the text is on one line."""
        self._check()
        if self._natural < 0:
            metrics = QFontMetricsF(self._design.font(self.size, self.strong))
            self._natural = int(metrics.horizontalAdvance(self.text)) + 2
        return self._natural

    def _check(self) -> None:
        """Forget what was known of another text or font: layouts ask for the height at many widths, many times."""
        key = (self.text, self._design.pixels(self.size), self.strong)
        if key != self._key:
            self._key, self._natural, self._width = key, -1, -1.0
            self._heights.clear()

    def _lay_out(self, width: float) -> int:
        layout = self._layout = QTextLayout(self.text, self._design.font(self.size, self.strong))
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        y = 0.0
        layout.beginLayout()
        while self.text and (line := layout.createLine()).isValid():
            line.setLineWidth(max(1.0, width))
            line.setPosition(QPointF(0, y))
            y += line.height()
        layout.endLayout()
        self._width = width
        return int(y + 0.999)

    def paint(self, painter: QPainter, x: float, y: float, width: float, colour: QColor) -> None:
        """Paint it with its upper left corner at a point."""
        self._check()
        if width != self._width:
            self._lay_out(width)
        painter.setPen(colour)
        self._layout.draw(painter, QPointF(x, y))


class Prose(QWidget):
    """A paragraph that wraps and is never cut. `tone` names a colour of the theme."""

    def __init__(
        self, design: Design, size: int = BODY, strong: bool = False, tone: str = "ink", icon: str = ""
    ) -> None:
        super().__init__()
        self._design, self.tone, self._icon = design, tone, icon
        self._words = Wrapped(design, size, strong)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        design.changed.connect(self.updateGeometry)
        design.changed.connect(self.update)

    @property
    def text(self) -> str:
        """What it says."""
        return self._words.text

    def say(self, text: str, tone: str = "") -> None:
        """Say something else, perhaps in another tone; nothing at all hides it."""
        if tone and tone != self.tone:
            self.tone = tone
            self.update()
        if text != self._words.text:
            self._words.text = text
            self.setAccessibleName(text)
            self.updateGeometry()
            self.update()
        self.setVisible(bool(text))

    @property
    def _indent(self) -> int:
        return ICON + SPACE[2] if self._icon else 0

    def hasHeightForWidth(self) -> bool:
        """It wraps."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of the wrapped text."""
        return max(self._words.height(width - self._indent), ICON if self._icon else 0)

    def sizeHint(self) -> QSize:
        """Ask for little width, and for the height that the width at hand takes."""
        return QSize(NARROW, self.heightForWidth(max(NARROW, self.width())))

    def minimumSizeHint(self) -> QSize:
        """Return the least: a few words wide."""
        return QSize(NARROW, line_height(self._design, self._words.size))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the icon and the text."""
        painter = QPainter(self)
        theme = self._design.theme
        if self._icon:
            line = line_height(self._design, self._words.size)
            icon(self._icon, theme, theme.soft).paint(painter, QRect(0, max(0, (line - ICON) // 2), ICON, ICON))
        self._words.paint(painter, self._indent, 0, self.width() - self._indent, ink(theme, self.tone))
        painter.end()


class Link(QAbstractButton):
    """Words that one can click, with the keyboard too."""

    def __init__(self, design: Design, size: int = BODY) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)  # painted anew when the pointer comes and goes
        self._design, self._size = design, size
        self.key = -1
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        design.changed.connect(self.updateGeometry)
        design.changed.connect(self.update)

    def say(self, text: str, key: int, tip: str = "") -> None:
        """Name what it leads to."""
        self.key = key
        if text != self.text():
            self.setText(text)
            self.setAccessibleName(text)
            self.updateGeometry()
        self.setToolTip(tip)
        self.show()

    def sizeHint(self) -> QSize:
        """Return the size of the words."""
        words = Wrapped(self._design, self._size, text=self.text())
        return QSize(words.natural() + SPACE[1] * 2, line_height(self._design, self._size) + SPACE[1])

    def minimumSizeHint(self) -> QSize:
        """Return the height; the width may shrink, the words are elided then and the tool tip has them."""
        return QSize(NARROW, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the words, underlined under the pointer."""
        painter = QPainter(self)
        theme = self._design.theme
        font = self._design.font(self._size)
        font.setUnderline(self.underMouse() or self.isDown())
        painter.setFont(font)
        painter.setPen(QColor(theme.accent))
        inner = self.rect().adjusted(SPACE[1], 0, -SPACE[1], 0)
        text = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        if self.hasFocus():
            paint_focus(painter, self.rect(), theme)
        painter.end()


class Heading(QAbstractButton):
    """The line over a fold: an arrow, what is under it, and a note at the right."""

    def __init__(self, design: Design, title: str) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)  # painted anew when the pointer comes and goes
        self._design, self._note = design, ""
        self.setText(title)
        self.setAccessibleName(title)
        self.setCheckable(True)
        self.setChecked(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        design.changed.connect(self.updateGeometry)
        design.changed.connect(self.update)

    def note(self, note: str) -> None:
        """Write a note at the right end."""
        if note != self._note:
            self._note = note
            self.update()

    def sizeHint(self) -> QSize:
        """Return one line."""
        words = Wrapped(self._design, SMALL, True, self.text())
        return QSize(words.natural() + ICON + SPACE[2], line_height(self._design, SMALL) + SPACE[2])

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint arrow, title and note."""
        painter = QPainter(self)
        theme = self._design.theme
        painter.setFont(self._design.font(SMALL, True))
        painter.setPen(QColor(theme.ink if self.underMouse() else theme.soft))
        inner = self.rect().adjusted(SPACE[1], 0, -ICON - 2 * SPACE[1], 0)
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())
        painter.setFont(self._design.font(SMALL))
        room = inner.adjusted(self.sizeHint().width() - ICON, 0, 0, 0)
        note = painter.fontMetrics().elidedText(self._note, Qt.TextElideMode.ElideRight, max(0, room.width()))
        painter.setPen(QColor(theme.soft))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, note)
        arrow = "fa6s.angle-down" if self.isChecked() else "fa6s.angle-right"
        side = ICON - SPACE[1]
        box = QRect(self.width() - side - SPACE[1], (self.height() - side) // 2, side, side)
        icon(arrow, theme, theme.soft).paint(painter, box)
        if self.hasFocus():
            paint_focus(painter, self.rect(), theme)
        painter.end()


class Fold(QWidget):
    """A part of a panel under a heading, which opens and closes. Fill `body`."""

    def __init__(self, design: Design, title: str) -> None:
        super().__init__()
        self._design = design
        self.heading = Heading(design, title)
        self.content = QWidget()
        self.body = QVBoxLayout(self.content)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(SPACE[2])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, SPACE[2], 0, 0)
        layout.setSpacing(SPACE[1])
        layout.addWidget(self.heading)
        layout.addWidget(self.content)
        self.heading.toggled.connect(self.content.setVisible)
        design.changed.connect(self.updateGeometry)
        design.changed.connect(self.update)

    def add(self, widget: QWidget, wide: bool = False) -> None:
        """Put something under the heading. Its text stands under the heading's; a `wide` one keeps its own margin."""
        margin = 0 if wide else SPACE[1]
        inner = QVBoxLayout()
        inner.setContentsMargins(margin, 0, margin, 0)
        inner.addWidget(widget)
        self.body.addLayout(inner)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the hairline that sets it off from what is above."""
        painter = QPainter(self)
        painter.fillRect(SPACE[1], 0, self.width() - 2 * SPACE[1], 1, QColor(self._design.theme.line))
        painter.end()
