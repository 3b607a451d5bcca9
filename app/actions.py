"""Every action of the window, registered once: name, words, icon, shortcut, when it can be done, what it does."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QKeySequence

from app.design import Design, icon


class Actions(QObject):
    """The registry. Menus, tool bars, panels and (later) the command palette take their actions from it."""

    added = Signal(str)
    """The name of an action that has just been registered."""

    def __init__(self, design: Design, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.design = design
        self._all: dict[str, QAction] = {}
        self._icons: dict[str, str] = {}
        self._enabled: dict[str, Callable[[], bool]] = {}
        self._checked: dict[str, Callable[[], bool]] = {}
        design.changed.connect(self._tint)

    def add(
        self,
        name: str,
        text: str,
        run: Callable[[], object],
        icon: str = "",
        shortcut: str = "",
        enabled: Callable[[], bool] = lambda: True,
        checked: Callable[[], bool] | None = None,
        about: str = "",
    ) -> QAction:
        """Register an action: `name` is "menu.what" ("run.pause"), `text` what menus read, `about` its tool tip."""
        action = QAction(text, self)
        action.setObjectName(name)
        action.setToolTip(about or text.replace("&", ""))
        action.setStatusTip(about)
        if shortcut:
            action.setShortcut(QKeySequence(shortcut))
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            action.setToolTip(f"{action.toolTip()} ({keys})")
        if checked is not None:
            action.setCheckable(True)
            self._checked[name] = checked
        action.triggered.connect(lambda: run())
        action.triggered.connect(self.refresh)
        self._all[name], self._icons[name], self._enabled[name] = action, icon, enabled
        self._dress(name)
        self.added.emit(name)
        return action

    def dress(self, name: str, icon: str) -> None:
        """Give an action another icon."""
        self._icons[name] = icon
        self._dress(name)

    def run(self, name: str) -> bool:
        """Do an action by its name if it can be done now; return whether it was."""
        self.refresh()
        action = self._all[name]
        if action.isEnabled():
            action.trigger()
            return True
        return False

    def __getitem__(self, name: str) -> QAction:
        return self._all[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def refresh(self) -> None:
        """Ask every action whether it can be done and whether it is on."""
        for name, action in self._all.items():
            action.setEnabled(self._enabled[name]())
            if name in self._checked:
                action.setChecked(self._checked[name]())

    def _dress(self, name: str) -> None:
        if self._icons[name]:
            self._all[name].setIcon(icon(self._icons[name], self.design.theme))

    def _tint(self) -> None:
        for name in self._all:
            self._dress(name)
