"""The docks around the viewport: where each lies at first, how large, and how their places are remembered and reset."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QByteArray, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar, QTabWidget, QWidget

from app.design import Design
from app.frame.dock_title import DockTitle
from app.preferences import Preferences

VERSION = 3
"""Of the layout; another one cannot be restored."""
HERO = 0.56
"""The least share of the window's width that the viewport has at first; its height it shares with no dock."""
LEFT_SHARE = 0.47
"""The left column's part of what the viewport leaves."""
WIDEST = 380
TALL = 800
"""From this height on, in logical pixels, the lower docks of a side lie under the others, not behind them."""
LOWER = 0.42
"""Their part of the height then."""

LEFT, RIGHT = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea


@dataclass(frozen=True, slots=True)
class Place:
    """Where a dock lies at first, its title, what makes its panel, and whether it is shown at first.

    A lower one lies under the others of its side in a tall window, and behind them in another.
    """

    name: str
    title: str
    area: Qt.DockWidgetArea
    make: Callable[[], QWidget]
    shown: bool = True
    is_lower: bool = False


class Docks(QObject):
    """The docks of one window. Panels are made once, when their dock is first seen."""

    made = Signal(str)
    """The name of a panel that has just been made."""

    def __init__(self, window: QMainWindow, places: list[Place], preferences: Preferences, design: Design) -> None:
        super().__init__(window)
        self._window, self._preferences = window, preferences
        self._places = {place.name: place for place in places}
        self.docks: dict[str, QDockWidget] = {}
        self.panels: dict[str, QWidget] = {}
        self.are_shown = False
        self._is_held = True
        self._next = QTimer(self, singleShot=True, interval=0)
        self._next.timeout.connect(self._make_next)
        options = QMainWindow.DockOption
        window.setDockOptions(options.AllowNestedDocks | options.AllowTabbedDocks | options.GroupedDragging)
        window.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        for corner, area in (
            (Qt.Corner.BottomLeftCorner, LEFT), (Qt.Corner.BottomRightCorner, RIGHT),
            (Qt.Corner.TopLeftCorner, LEFT), (Qt.Corner.TopRightCorner, RIGHT),
        ):  # fmt: skip
            window.setCorner(corner, area)
        for place in places:
            dock = QDockWidget(place.title, window)
            dock.setObjectName(f"dock-{place.name}")
            dock.setAccessibleName(place.title)
            dock.setTitleBarWidget(DockTitle(dock, design))
            ground = QWidget(dock)  # until the panel is made
            ground.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
            dock.setWidget(ground)
            dock.visibilityChanged.connect(lambda seen, name=place.name: self._see(name, seen))
            dock.topLevelChanged.connect(self._fold_titles)
            dock.dockLocationChanged.connect(self._fold_titles)
            self.docks[place.name] = dock
            dock.hide()
        self._arrange()
        self.hide()

    def _see(self, name: str, seen: bool) -> None:
        if seen and self.are_shown and not self._is_held:
            self._next.start()
        self._fold_titles()

    def release(self) -> None:
        """Make the panels that are in sight, one after the other; until then all time is the first picture's."""
        self._is_held = False
        self._next.start()

    def _make_next(self) -> None:
        waiting = [name for name, dock in self.docks.items() if name not in self.panels and _is_seen(dock)]
        if waiting:
            self.panel(waiting[0])
        if len(waiting) > 1:
            self._next.start()

    def _fold_titles(self) -> None:
        """Where docks share a place, their tabs say the names."""
        for bar in self._window.findChildren(QTabBar):
            if not bar.accessibleName():
                bar.setAccessibleName(self.tr("Panels of one place"))
                bar.installEventFilter(self)
            _stop_in_sight(bar)
        for dock in self.docks.values():
            title = dock.titleBarWidget()
            others = self._window.tabifiedDockWidgets(dock)
            if isinstance(title, DockTitle):
                title.fold(not dock.isFloating() and any(not other.isHidden() for other in others))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice where Qt puts the bars of tabs."""
        if event.type() == QEvent.Type.Move and isinstance(watched, QTabBar):
            _stop_in_sight(watched)
        return False

    def panel(self, name: str) -> QWidget:
        """Return a panel, made now if it was not yet."""
        if name not in self.panels:
            self.panels[name] = self._places[name].make()
            self.panels[name].setAttribute(Qt.WidgetAttribute.WA_StyledBackground)  # it may float: a window of its own
            ground = self.docks[name].widget()
            self.docks[name].setWidget(self.panels[name])
            ground.deleteLater()
            self.made.emit(name)
        return self.panels[name]

    def make_all(self) -> None:
        """Make every panel that is not there yet."""
        for name in self._places:
            self.panel(name)

    def show(self) -> None:
        """Show the docks where they were left, or where they lie at first."""
        if self.are_shown:
            return
        self.are_shown = True
        layout = self._preferences.layout
        if not layout or not self._window.restoreState(QByteArray(layout), VERSION):
            self.reset()

    def hide(self) -> None:
        """Hide all docks, and keep in mind where they were."""
        if self.are_shown:
            self._preferences.layout = self.bytes()
        self.are_shown = False
        for dock in self.docks.values():
            dock.hide()

    def bytes(self) -> bytes:
        """Return where the docks are, as Qt tells it."""
        state = self._window.saveState(VERSION)
        return bytes(state.data())

    def reset(self) -> None:
        """Put every dock where it lies at first."""
        self._arrange()
        for name, place in self._places.items():
            self.docks[name].setVisible(place.shown)
        self._resize()
        for first in self._firsts().values():
            first.raise_()

    def _stands_lower(self, place: Place) -> bool:
        return place.is_lower and self._window.height() >= TALL

    def _firsts(self) -> dict[tuple[Qt.DockWidgetArea, bool], QDockWidget]:
        """Return the dock in front at each spot: a side, and whether it is under that side's others."""
        found: dict[tuple[Qt.DockWidgetArea, bool], QDockWidget] = {}
        for name, place in self._places.items():
            found.setdefault((place.area, self._stands_lower(place)), self.docks[name])
        return found

    def _arrange(self) -> None:
        """Dock everything anew; docks of one spot lie behind each other."""
        firsts = self._firsts()
        for name, place in self._places.items():
            dock, first = self.docks[name], firsts[place.area, self._stands_lower(place)]
            dock.setFloating(False)
            self._window.addDockWidget(place.area, dock)
            if dock is not first:
                self._window.tabifyDockWidget(first, dock)
            elif self._stands_lower(place):
                self._window.splitDockWidget(firsts[place.area, False], dock, Qt.Orientation.Vertical)

    def _resize(self) -> None:
        """Give the viewport its share; the rest goes to the sides."""
        sides = round(self._window.width() * (1 - HERO))
        left = min(WIDEST, round(sides * LEFT_SHARE))
        widths = {LEFT: left, RIGHT: min(WIDEST, sides - left)}
        high = self._window.height()
        for (area, is_lower), dock in self._firsts().items():
            self._window.resizeDocks([dock], [widths[area]], Qt.Orientation.Horizontal)
            if (area, True) in self._firsts():
                share = LOWER if is_lower else 1 - LOWER
                self._window.resizeDocks([dock], [round(high * share)], Qt.Orientation.Vertical)


def _is_seen(dock: QDockWidget) -> bool:
    """Tell whether a dock is in sight: shown, and not behind another's tab."""
    return dock.isVisible() and not dock.visibleRegion().isEmpty()


def _stop_in_sight(bar: QTabBar) -> None:
    """Let the Tab key stop at a bar of tabs, but not while Qt keeps it outside of the window for want of tabs."""
    policy = Qt.FocusPolicy
    bar.setFocusPolicy(
        policy.TabFocus if bar.geometry().right() > 0 and bar.geometry().bottom() > 0 else policy.NoFocus
    )
