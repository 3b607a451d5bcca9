"""Several people at once: how many, their roles, how they are on average."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.design import LARGE, SMALL, SPACE, Design
from app.panels.flow import Chip, Flow
from app.panels.inspector.needs import MILLIONTHS, Meters
from app.panels.inspector.words import title, translate
from app.panels.pieces import BAR, Prose
from app.view import View


class Shares(QWidget):
    """Shares of a whole side by side, each in its colour."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[tuple[float, str]] = []
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def show_parts(self, parts: list[tuple[float, str]]) -> None:
        """Show (share, "#rrggbb") each."""
        self._parts = parts
        self.update()

    def sizeHint(self) -> QSize:
        """Return a line."""
        return QSize(BAR * 10, BAR)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the parts, with a gap between."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QPainterPath()
        whole.addRoundedRect(QRectF(self.rect()), BAR / 2, BAR / 2)
        painter.setClipPath(whole)
        x = 0.0
        for share, colour in self._parts:
            wide = self.width() * share
            painter.fillRect(QRectF(x, 0, max(1.0, wide - 1), self.height()), QColor(colour))
            x += wide
        painter.end()


class Several(QWidget):
    """The summary of a selection of more than one; all of it from the frame."""

    def __init__(self, design: Design, view: View) -> None:
        super().__init__()
        self._design, self._view = design, view
        self.count = Prose(design, LARGE, strong=True)
        self._bar = Shares()
        self._flow = Flow(SPACE[1])
        self._chips: list[Chip] = []
        self.meters = Meters(design, thin=True)
        self._average = Prose(design, SMALL, tone="soft")
        self.below = Prose(design, SMALL, tone="soft")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE[1], SPACE[3], SPACE[1], 0)
        layout.setSpacing(SPACE[2])
        for piece in (self.count, self._bar, self._flow, self._average, self.meters, self.below):
            layout.addWidget(piece)
        self.hide()

    def show_selected(self, kinds: dict[str, str]) -> None:
        """Show the selected of the frame on screen; `kinds` says which levels are lacks, by name."""
        view, about, frame = self._view, self._view.about, self._view.frame
        if about is None or frame is None or len(view.selected) < 2:
            self.hide()
            return
        ids = np.array(view.selected, np.int64)
        ids = ids[view.alive()[ids]]
        gone = len(view.selected) - ids.size
        self.count.say(
            translate("Inspector", "{0:,} people").format(ids.size)
            + (translate("Inspector", ", {0:,} departed").format(gone) if gone else "")
        )
        roles = np.bincount(frame.columns["people.role"][ids], minlength=len(about.roles))
        parts = sorted(
            ((int(n), entry) for n, entry in zip(roles, about.roles, strict=False) if n), key=lambda p: -p[0]
        )
        self._bar.show_parts([(n / ids.size, entry.colour) for n, entry in parts])
        self._bar.setVisible(bool(parts))
        while len(self._chips) < len(parts):
            chip = Chip(self._design)
            chip.setParent(self._flow)
            self._chips.append(chip)
        for chip, (n, entry) in zip(self._chips, parts, strict=False):
            chip.say(
                f"{entry.name.replace('_', ' ')} {100 * n / ids.size:.0f} %",
                dot=entry.colour,
                tip=f"{entry.name}: {n:,}",
            )
        self._flow.flow(self._chips[: len(parts)])
        levels = []
        for column in about.columns:
            if column.unit == MILLIONTHS and column.frame and column.name in frame.columns and ids.size:
                mean, name = float(frame.columns[column.name][ids].mean()) / 1000, title(column.name)
                levels.append((name, kinds.get(name, "level"), mean, f"{mean / 10:.0f} %"))
        self.meters.show_levels(levels)
        self._average.say(translate("Inspector", "On average:") if levels else "")
        self.below.say(translate("Inspector", "First of them:"))
        self.show()
