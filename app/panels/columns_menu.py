"""The menu in which the columns of the people table are chosen. It stays open, so that many can be."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QMenu, QWidget

from app.models.fields import Field, Fields
from app.models.people import describe


class ColumnsMenu(QMenu):
    """Lists all fields by whose they are, those that are shown ticked."""

    toggled = Signal(object)
    """A Field was ticked or unticked."""
    usual_wanted = Signal()
    """The columns of the beginning are wanted again."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Columns"))
        self.setToolTipsVisible(True)

    def offer(self, fields: Fields, shown: Sequence[Field]) -> None:
        """Offer these fields: those of frames at once, all others in a menu for each owner."""
        self.clear()
        self.addAction(self.tr("The usual columns"), self.usual_wanted.emit)
        self.addSeparator()
        more: dict[str, ColumnsMenu] = {}
        for field in sorted(fields.all[1:], key=lambda field: (_owner(field), field.heading)):
            if field.in_frame:
                self._add(field, shown)
                continue
            owner = _owner(field)
            if owner not in more:
                more[owner] = ColumnsMenu(self)
                more[owner].setTitle(self.tr("More of {owner}").format(owner=owner))
                more[owner].toggled.connect(self.toggled)
            more[owner]._add(field, shown)
        self.addSeparator()
        for menu in more.values():
            self.addMenu(menu)

    def _add(self, field: Field, shown: Sequence[Field]) -> None:
        action = QAction(field.heading, self)
        action.setCheckable(True)
        action.setChecked(field in shown)
        action.setToolTip(describe(field))
        action.toggled.connect(lambda _, field=field: self.toggled.emit(field))
        self.addAction(action)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Tick without closing."""
        if not self._tick():
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Tick without closing on blank or Enter."""
        pressed = event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if not (pressed and self._tick()):
            super().keyPressEvent(event)

    def _tick(self) -> bool:
        action = self.activeAction()
        if action is None or not action.isCheckable():
            return False
        action.toggle()
        return True


def _owner(field: Field) -> str:
    return field.name.partition(".")[0]
