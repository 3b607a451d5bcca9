"""The look of one window as the user wants it: theme, size of text, full screen."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow

from app.actions import Actions
from app.design import DARK, LIGHT, SCALES, THEMES, Design, Theme, palette
from app.preferences import QUALITIES, Preferences
from app.stylesheet import stylesheet


class Looks(QObject):
    """Dresses a window, follows the system's colours where that is wished, and registers the actions of it."""

    quality_changed = Signal(str)
    """How much is drawn shall be another: a name of QUALITIES."""

    def __init__(self, window: QMainWindow, design: Design, actions: Actions, preferences: Preferences) -> None:
        super().__init__(window)
        self._window, self._design, self._preferences = window, design, preferences
        design.theme = self._wished()
        design.scale = min(SCALES, key=lambda scale: abs(scale - preferences.scale))
        self._register(actions)
        design.changed.connect(self._dress)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow)
        self._dress()

    def _register(self, actions: Actions) -> None:
        actions.add(
            "view.theme", self.tr("&Dark or light"), self.toggle_theme, "mdi6.theme-light-dark", "Ctrl+Shift+L",
            about=self.tr("Change between the dark and the light theme"),
        )  # fmt: skip
        actions.add(
            "view.theme_system", self.tr("&Theme of the system"), self.use_system_theme,
            checked=lambda: self._preferences.theme == "system", about=self.tr("Follow the system's colours"),
        )  # fmt: skip
        actions.add(
            "view.larger_text", self.tr("&Larger text"), lambda: self.enlarge(1), "mdi6.format-font-size-increase",
            "Ctrl++", lambda: self.can_enlarge(1),
        )  # fmt: skip
        actions.add(
            "view.smaller_text", self.tr("&Smaller text"), lambda: self.enlarge(-1), "mdi6.format-font-size-decrease",
            "Ctrl+-", lambda: self.can_enlarge(-1),
        )  # fmt: skip
        actions.add(
            "view.full_screen", self.tr("&Full screen"), self.toggle_full_screen, "mdi6.fullscreen", "F11",
            checked=self._window.isFullScreen,
        )  # fmt: skip
        words = {
            "auto": self.tr("As the &machine can"), "light": self.tr("&Light"), "standard": self.tr("&Standard"),
            "fine": self.tr("&Fine"),
        }  # fmt: skip
        for name in QUALITIES:
            actions.add(
                f"quality.{name}", words[name], partial(self.draw, name),
                checked=partial(self._draws, name),
                about=self.tr("How much is drawn; smooth edges change when the window is opened next"),
            )  # fmt: skip

    def draw(self, quality: str) -> None:
        """Draw more or less from now on."""
        self._preferences.quality = quality
        self.quality_changed.emit(quality)

    def _draws(self, quality: str) -> bool:
        return self._preferences.quality == quality

    def _wished(self) -> Theme:
        if self._preferences.theme in THEMES:
            return THEMES[self._preferences.theme]
        return LIGHT if QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Light else DARK

    def _follow(self) -> None:
        self._design.use(self._wished())

    def _dress(self) -> None:
        self._window.setPalette(palette(self._design.theme))
        self._window.setStyleSheet(stylesheet(self._design.theme, self._design.scale))

    def toggle_theme(self) -> None:
        """Take the other theme."""
        self._preferences.theme = LIGHT.name if self._design.theme == DARK else DARK.name
        self._follow()

    def use_system_theme(self) -> None:
        """Follow the system's colours."""
        self._preferences.theme = "system"
        self._follow()

    def can_enlarge(self, way: int) -> bool:
        """Tell whether text can be larger (1) or smaller (-1)."""
        return 0 <= SCALES.index(self._design.scale) + way < len(SCALES)

    def enlarge(self, way: int) -> None:
        """Make text larger (1) or smaller (-1)."""
        if self.can_enlarge(way):
            self._preferences.scale = SCALES[SCALES.index(self._design.scale) + way]
            self._design.enlarge(self._preferences.scale)

    def toggle_full_screen(self) -> None:
        """Fill the screen, or not."""
        (self._window.showNormal if self._window.isFullScreen() else self._window.showFullScreen)()
