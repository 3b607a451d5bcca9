"""The window's own actions, and the menus and the tool bar that are made of the registry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtWidgets import QMainWindow, QMenu, QSizePolicy, QToolBar, QWidget

from app.actions import Actions
from app.design import ICON

if TYPE_CHECKING:
    from app.window import Window

MENUS: Mapping[str, Sequence[str]] = {
    "file": (
        "file.new_run", "file.open", "file.recent", "", "file.start_page", "file.close", "", "file.export_parquet",
        "file.export_csv", "file.shot", "",
        "file.quit",
    ),
    "run": (
        "run.pause", "run.step", "run.follow", "", "run.slower", "run.faster", "", "run.branch", "run.resume",
    ),
    "view": (
        "view.full_screen", "view.theme", "view.theme_system", "", "view.larger_text", "view.smaller_text", "",
        "view.reset_layout",
    ),
    "help": ("help.shortcuts", "help.crash_report", "help.about"),
}  # fmt: skip
"""What lies in which menu, in order; "" is a line. Actions that others register follow, by their name's first word."""
TOOLS = (
    "file.start_page", "", "run.pause", "run.step", "run.slower", "run.faster", "run.follow", "", "run.branch",
    "run.resume",
)  # fmt: skip
TRAILING = ("file.shot", "view.theme", "help.shortcuts")
"""What lies at the tool bar's right end."""


def tr(text: str) -> str:
    """Return a text in the user's language."""
    return QCoreApplication.translate("Window", text)


def register(window: Window) -> None:
    """Register the actions of files and of what is open."""
    _register_files(window)
    _register_runs(window)


def _register_files(window: Window) -> None:
    add = window.registry.add
    add(
        "file.new_run", tr("&New run …"), window.show_new_run, "mdi6.plus", "Ctrl+N",
        about=tr("Set up a new run of a scenario"),
    )  # fmt: skip
    add("file.open", tr("&Open file …"), window.ask_for_file, "mdi6.folder-open-outline", "Ctrl+O",
        about=tr("Open a scenario or a run file"))  # fmt: skip
    add("file.recent", tr("&Recent runs"), window.show_recent, "mdi6.history", "Ctrl+R",
        about=tr("Show the list of recent runs"))  # fmt: skip
    add("file.start_page", tr("&Start page"), window.show_start_page, "mdi6.home-outline", "Ctrl+Home",
        lambda: not window.is_on_start_page, about=tr("Go to the start page; what is open stays open"))  # fmt: skip
    add("file.close", tr("&Close"), window.close_society, "mdi6.close", "Ctrl+W", lambda: window.is_open,
        about=tr("Close the society; all committed ticks are in its file"))  # fmt: skip
    add("file.quit", tr("&Quit"), window.close, "mdi6.exit-to-app", "Ctrl+Q",
        about=tr("Close the window and end its engine"))  # fmt: skip


def _register_runs(window: Window) -> None:
    add = window.registry.add
    add("run.branch", tr("Continue from &here"), window.branch, "mdi6.source-branch", "Ctrl+B", window.can_branch,
        about=tr("Go on from the tick on screen in a new run"))  # fmt: skip
    add("run.resume", tr("&Resume"), window.resume, "mdi6.restart", "Ctrl+Shift+R", window.can_resume,
        about=tr("Go on with a run that ended early, in the same file"))  # fmt: skip
    add("view.reset_layout", tr("&Reset layout"), window.reset_layout, "mdi6.view-dashboard-outline", "",
        lambda: window.is_watching, about=tr("Put all docks back where they were at first"))  # fmt: skip


class Menus:
    """The menu bar. It is filled again whenever an action is registered."""

    def __init__(self, window: QMainWindow, actions: Actions) -> None:
        self._window, self._actions = window, actions
        bar = window.menuBar()
        titles = {"file": tr("&File"), "run": tr("&Run"), "view": tr("&View"), "help": tr("&Help")}
        self.menus = {name: bar.addMenu(title) for name, title in titles.items()}
        self.docks = QMenu(tr("&Panels"), window)
        self._more: dict[str, QMenu] = {}
        for name, menu in self.menus.items():
            menu.aboutToShow.connect(actions.refresh)
            self._fill(name)
        for name in actions:
            if name.partition(".")[0] not in self.menus:
                self._added(name)
        actions.added.connect(self._added)

    def _added(self, name: str) -> None:
        self._window.addAction(self._actions[name])
        group = name.partition(".")[0]
        if group in self.menus:
            self._fill(group)
        else:
            if group not in self._more:
                self._more[group] = QMenu(group.replace("_", " ").capitalize(), self._window)
                self._fill("view")
            self._more[group].addAction(self._actions[name])

    def _fill(self, group: str) -> None:
        """Lay out a menu: its own actions in their order, then those of others."""
        menu, known = self.menus[group], set(self._actions)
        menu.clear()
        for name in MENUS[group]:
            if not name:
                menu.addSeparator()
            elif name in known:
                menu.addAction(self._actions[name])
                self._window.addAction(self._actions[name])
        others = [name for name in self._actions if name.startswith(f"{group}.") and name not in MENUS[group]]
        if others:
            menu.addSeparator()
        for name in others:
            menu.addAction(self._actions[name])
        if group == "view":
            menu.addSeparator()
            menu.addMenu(self.docks)
            for more in self._more.values():
                menu.addMenu(more)

    def hold(self, tools: QToolBar) -> None:
        """Put the tool bar beside the menus: the land has a row more. Menus outside the window leave it its own."""
        bar = self._window.menuBar()
        if bar.isNativeMenuBar():
            self._window.addToolBar(tools)
        else:
            bar.setCornerWidget(tools)


def tool_bar(window: QMainWindow, actions: Actions) -> QToolBar:
    """Return the one tool bar."""
    bar = QToolBar(tr("Tools"), window)
    bar.setObjectName("tools")
    bar.setMovable(False)
    bar.setIconSize(QSize(ICON, ICON))
    bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
    for name in TOOLS:
        if name:
            bar.addAction(actions[name])
        else:
            bar.addSeparator()
    gap = QWidget()
    gap.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    bar.addWidget(gap)
    for name in TRAILING:
        bar.addAction(actions[name])
    for action in bar.actions():
        button = bar.widgetForAction(action)
        if action.objectName():
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setAccessibleName(action.text().replace("&", ""))
    return bar
