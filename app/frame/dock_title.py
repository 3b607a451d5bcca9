"""The title bar of a dock: its name, a button to let it float and one to close it. Gone where a tab says the name."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QToolButton, QWidget

from app.design import SPACE, Design, dress, icon

BUTTON_ICON = 14


class DockTitle(QWidget):
    """Lies above a dock's panel. `fold` takes it away, so that a tab and a title do not say the same."""

    def __init__(self, dock: QDockWidget, design: Design) -> None:
        super().__init__(dock)
        self.setObjectName("dockTitle")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._dock, self._design = dock, design
        self._is_folded = False
        name = QLabel(dock.windowTitle())
        dress(name, "soft")
        self._float = self._button(self.tr("Let {name} float").format(name=dock.windowTitle()))
        self._float.clicked.connect(lambda: dock.setFloating(not dock.isFloating()))
        self._close = self._button(self.tr("Close {name}").format(name=dock.windowTitle()))
        self._close.clicked.connect(dock.close)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE[3], SPACE[1], SPACE[1], SPACE[1])
        row.setSpacing(SPACE[0])
        row.addWidget(name, 1)
        row.addWidget(self._float)
        row.addWidget(self._close)
        design.changed.connect(self._tint)
        self._tint()

    def _button(self, about: str) -> QToolButton:
        button = QToolButton()
        button.setIconSize(QSize(BUTTON_ICON, BUTTON_ICON))
        button.setAccessibleName(about)
        button.setToolTip(about)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _tint(self) -> None:
        theme = self._design.theme
        self._float.setIcon(icon("mdi6.dock-window", theme, theme.soft))
        self._close.setIcon(icon("mdi6.close", theme, theme.soft))

    def fold(self, folded: bool) -> None:
        """Take the bar away, or bring it back."""
        if folded != self._is_folded:
            self._is_folded = folded
            self.setVisible(not folded)
            self.updateGeometry()
            layout = self._dock.layout()
            if layout is not None:
                layout.invalidate()

    def sizeHint(self) -> QSize:
        """Return no height while it is folded."""
        return QSize(0, 0) if self._is_folded else super().sizeHint()

    def minimumSizeHint(self) -> QSize:
        """Return no height while it is folded."""
        return QSize(0, 0) if self._is_folded else super().minimumSizeHint()
