"""A scenario on the start page: its picture (or a painted landscape), its title, a sentence, two buttons."""

from __future__ import annotations

import math
import random

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QLinearGradient, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPixmap, QPolygonF
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.amounts import DAY, duration
from app.design import OKABE_ITO, SPACE, Design, Theme, blend, dress
from app.start.shelf import ScenarioCard

WIDTH = 300
"""The least width of a tile, in logical pixels."""
SHAPE = 2.0
CORNER = 9.0


class Picture(QWidget):
    """The upper part of a tile."""

    def __init__(self, card: ScenarioCard, design: Design, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._card, self._design = card, design
        self._picture = QPixmap(str(card.picture)) if card.picture else QPixmap()
        self._fitted = QPixmap()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        design.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Return the picture's usual size."""
        return QSize(WIDTH, self.heightForWidth(WIDTH))

    def hasHeightForWidth(self) -> bool:
        """Return that the shape stays."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height that belongs to a width."""
        return round(width / SHAPE)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture, cut to the shape, with the tile's round corners."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        rect = QRectF(self.rect())
        round_top = QPainterPath()
        round_top.addRoundedRect(rect.adjusted(0, 0, 0, CORNER * 2), CORNER, CORNER)
        painter.setClipPath(round_top)
        if self._picture.isNull():
            paint_landscape(painter, rect, self._design.theme, self._card.name)
        else:
            painter.drawPixmap(rect, self._fit(), QRectF(self._fitted.rect()))
        painter.end()

    def _fit(self) -> QPixmap:
        """Return the picture cut and scaled to the screen's pixels; it is kept, as fine details take their time."""
        size = self.size() * self.devicePixelRatioF()
        if self._fitted.size() != size:
            grown = self._picture.scaled(
                size, Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation
            )
            part = QRect(QPoint(), size)
            part.moveCenter(grown.rect().center())
            self._fitted = grown.copy(part)
        return self._fitted


def paint_landscape(painter: QPainter, rect: QRectF, theme: Theme, name: str) -> None:
    """Paint a calm valley of hexes; each name has its own."""
    chance = random.Random(name)
    sky, green, sun = OKABE_ITO[1], OKABE_ITO[2], OKABE_ITO[0]
    gradient = QLinearGradient(rect.topLeft(), rect.bottomLeft())
    gradient.setColorAt(0, QColor(blend(sky, theme.panel, 0.45)))
    gradient.setColorAt(0.7, QColor(blend(sun, theme.panel, 0.72)))
    painter.fillRect(rect, gradient)
    painter.setPen(Qt.PenStyle.NoPen)
    disc = rect.height() * 0.13
    painter.setBrush(QColor(blend(sun, theme.raised, 0.35)))
    painter.drawEllipse(
        QPointF(rect.left() + rect.width() * chance.uniform(0.6, 0.8), rect.height() * 0.34), disc, disc
    )
    for layer in range(4):
        path = QPainterPath(rect.bottomLeft())
        base, swing = 0.46 + 0.13 * layer, 0.09 - 0.015 * layer
        turns, shift = chance.uniform(0.8, 1.6), chance.uniform(0, 6)
        for step in range(41):
            share = step / 40
            rise = math.sin(share * turns * 2 * math.pi + shift) + 0.4 * math.sin(share * turns * 5 + shift * 2)
            path.lineTo(rect.left() + share * rect.width(), rect.top() + rect.height() * (base - swing * rise))
        path.lineTo(rect.bottomRight())
        painter.setBrush(QColor(blend(blend(green, sun, 0.14), theme.panel, 0.62 - 0.15 * layer)))
        painter.drawPath(path)
    side = rect.height() * 0.075
    for row in range(3):
        for column in range(int(rect.width() / (side * math.sqrt(3))) + 2):
            x = rect.left() + (column + 0.5 * (row % 2)) * side * math.sqrt(3)
            y = rect.bottom() - row * side * 0.78
            tone = blend(blend(green, sun, chance.uniform(0.05, 0.3)), theme.panel, chance.uniform(0.12, 0.3))
            painter.setBrush(QColor(tone))
            corners = (math.pi / 6 + turn * math.pi / 3 for turn in range(6))
            painter.drawPolygon(
                QPolygonF([QPointF(x + side * math.cos(a) * 0.97, y + side * 0.55 * math.sin(a)) for a in corners])
            )


class ScenarioTile(QFrame):
    """A card with two ways into a scenario: at once, or by the page of a new run."""

    opened = Signal(str)
    prepared = Signal(str)

    def __init__(self, card: ScenarioCard, design: Design, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.card = card
        self.setAccessibleName(card.title)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        title = QLabel(card.title)
        dress(title, "large")
        about = QLabel(card.description, wordWrap=True)
        about.setAlignment(Qt.AlignmentFlag.AlignTop)
        dress(about, "soft")
        lasts = duration(DAY * card.ticks / card.day)
        facts = QLabel(self.tr("{people:,} people · {lasts}").format(people=card.people, lasts=lasts))
        dress(facts, "small soft")
        self.open_button = QPushButton(self.tr("Open"))
        self.open_button.setAccessibleName(self.tr("Open {title}").format(title=card.title))
        dress(self.open_button, "primary")
        self.open_button.clicked.connect(lambda: self.opened.emit(card.what))
        self.set_up_button = QPushButton(self.tr("Set up …"))
        self.set_up_button.setAccessibleName(self.tr("Set up a new run of {title}").format(title=card.title))
        self.set_up_button.clicked.connect(lambda: self.prepared.emit(card.what))
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE[2])
        buttons.addWidget(self.open_button)
        buttons.addWidget(self.set_up_button)
        buttons.addStretch()
        buttons.addWidget(facts)
        words = QVBoxLayout()
        words.setContentsMargins(SPACE[4], SPACE[3], SPACE[4], SPACE[4])
        words.setSpacing(SPACE[2])
        words.addWidget(title)
        words.addWidget(about, 1)
        words.addLayout(buttons)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(1, 1, 1, 1)
        whole.setSpacing(0)
        whole.addWidget(Picture(card, design))
        whole.addLayout(words)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # Qt's name
        """Open the scenario by a click anywhere on the tile: it has the pointer of what can be clicked."""
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.open_button.click()
