"""A column that scrolls and keeps what one reads where it is, while what is above grows and shrinks."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QVBoxLayout, QWidget

from app.design import LARGE, SPACE, Design
from app.panels.pieces import Prose


class _Page(QWidget):
    def __init__(self, area: Body) -> None:
        super().__init__()
        self._area = area
        self.setObjectName("page")

    def event(self, event: QEvent) -> bool:
        """Put the anchor back after each layout."""
        done = super().event(event)
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self._area.restore()
        return done


class Body(QScrollArea):
    """Holds parts under each other. The part at the top of the sight stays there when others change their height."""

    def __init__(self, parts: list[QWidget]) -> None:
        super().__init__()
        self._parts = parts
        self._anchor: QWidget | None = None
        self._offset = 0
        self._restoring = False
        page = self._page = _Page(self)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(SPACE[2], 0, SPACE[2], SPACE[4])
        layout.setSpacing(SPACE[3])
        for part in parts:
            layout.addWidget(part)
        layout.addStretch(1)
        self.setWidget(page)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what is in it takes the keyboard, and leaves it the paging keys
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        page.setAutoFillBackground(False)
        self.verticalScrollBar().valueChanged.connect(self._remember)

    def settle(self) -> None:
        """Lay out now all that changed, from the inside out: else each level takes a turn, and it flickers."""
        page = self._page
        for widget in reversed(page.findChildren(QWidget)):
            layout = widget.layout()
            if layout is not None and widget.isVisible():
                layout.activate()
        QApplication.sendEvent(page, QEvent(QEvent.Type.LayoutRequest))

    def is_within(self, part: QWidget) -> bool:
        """Tell whether one reads further down in a part, past its beginning."""
        return part.isVisible() and self.verticalScrollBar().value() > part.y() + SPACE[5]

    def to_top(self) -> None:
        """Show the beginning."""
        self._anchor = None
        self.verticalScrollBar().setValue(0)

    def _remember(self, value: int) -> None:
        if self._restoring:
            return
        shown = [part for part in self._parts if part.isVisible()]
        self._anchor = next((part for part in shown if part.geometry().bottom() > value), None) if value else None
        self._offset = value - self._anchor.y() if self._anchor is not None else 0

    def restore(self) -> None:
        """Bring the part that was at the top of the sight back there."""
        if self._anchor is None or not self._anchor.isVisible() or self._restoring:
            return
        self._restoring = True
        self.verticalScrollBar().setValue(self._anchor.y() + self._offset)
        self._restoring = False


def blank_page(design: Design, said: str, more: str) -> tuple[QWidget, Prose]:
    """Return what stands in the inspector's place while it is about nobody, and its first sentence."""
    page = QWidget()
    layout = QVBoxLayout(page)
    layout.setContentsMargins(SPACE[5], SPACE[5], SPACE[5], SPACE[5])
    layout.setSpacing(SPACE[2])
    hint, below = Prose(design, LARGE, strong=True, icon="fa6s.arrow-pointer"), Prose(design, tone="soft")
    hint.say(said)
    below.say(more)
    layout.addWidget(hint)
    layout.addWidget(below)
    layout.addStretch(1)
    return page, hint
