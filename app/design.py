"""The look of everything: type, spacing, colours, icons, dark and light. Nothing else names a colour or a size.

A widget is dressed by its class alone. What differs says so with a property: `dress(label, "title")`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QIcon, QIconEngine, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QWidget


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours by what they are for, "#rrggbb". All text on its ground has a contrast of at least 4.5 (WCAG 2.2 AA)."""

    name: str
    window: str
    panel: str
    raised: str
    line: str
    ink: str
    soft: str
    accent: str
    on_accent: str
    focus: str
    good: str
    warn: str
    bad: str
    bubble: str
    on_bubble: str


DARK = Theme(
    "dark", window="#14181f", panel="#1b212b", raised="#252d3a", line="#364152", ink="#e8ecf2", soft="#a3afc0",
    accent="#e2b357", on_accent="#1b1407", focus="#7fb6f0", good="#79c28a", warn="#e2b357", bad="#f08a80",
    bubble="#fffdf7", on_bubble="#1f2937",
)  # fmt: skip
LIGHT = Theme(
    "light", window="#eceae4", panel="#f8f6f1", raised="#ffffff", line="#d3cdc0", ink="#1f2937", soft="#566072",
    accent="#8a5a10", on_accent="#ffffff", focus="#1c5fae", good="#2a6e40", warn="#855610", bad="#b3372c",
    bubble="#fffdf7", on_bubble="#1f2937",
)  # fmt: skip
THEMES = {theme.name: theme for theme in (DARK, LIGHT)}

GROUNDS = ("window", "panel", "raised")
"""What text lies on."""
TEXTS = ("ink", "soft", "accent", "focus", "good", "warn", "bad")
"""What text is written in; each is readable on every ground."""
PAIRS = (*((text, ground) for text in TEXTS for ground in GROUNDS), ("on_accent", "accent"), ("on_bubble", "bubble"))
"""(text, ground): all that may be written on what."""

SPACE = (0, 4, 8, 12, 16, 24, 32)
"""Margins and gaps in logical pixels: SPACE[1] inside a control, [2] between controls, [3] panels, [5] pages."""
RADIUS = 6
SMALL, BODY, LARGE, TITLE, DISPLAY = 11, 13, 15, 20, 30
"""The type scale in logical pixels."""
ICON = 18
"""The side of an icon in a tool bar, in logical pixels."""
CONTROL = 28
"""The least height of a button or a field, in logical pixels."""
MONO = "'JetBrains Mono', 'SF Mono', 'Cascadia Mono', 'DejaVu Sans Mono', monospace"
"""Families for numbers and code, the first that there is."""
SCALES = (0.85, 1.0, 1.15, 1.3, 1.5)
"""How large text can be told to be, beside what the screen's own scale makes of it."""

OKABE_ITO = ("#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7", "#999999")
"""Colours for kinds, told apart by all who see colours otherwise (Okabe, Ito 2008)."""

LOOKS = ("display", "title", "large", "soft", "small", "mono", "good", "warn", "bad", "accent")
"""What a label can look like; see `dress`."""


class Design(QObject):
    """The theme and the size of text in use; `changed` says that one is another. There is one for each window."""

    changed = Signal()

    def __init__(self, theme: Theme = DARK, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.scale = 1.0

    def use(self, theme: Theme) -> None:
        """Take another theme."""
        if theme != self.theme:
            self.theme = theme
            self.changed.emit()

    def enlarge(self, scale: float) -> None:
        """Take another size of text, one of SCALES."""
        if scale != self.scale:
            self.scale = scale
            self.changed.emit()

    def pixels(self, size: int) -> int:
        """Return a size of the type scale as it is in use."""
        return round(size * self.scale)

    def font(self, size: int = BODY, bold: bool = False) -> QFont:
        """Return a font of the type scale, for what is painted by hand."""
        font = QFont()
        font.setPixelSize(self.pixels(size))
        if bold:
            font.setWeight(QFont.Weight.DemiBold)
        return font


def icon(name: str, theme: Theme, colour: str = "") -> QIcon:
    """Return an icon of Font Awesome 6 or Material Design by its name in qtawesome ("fa6s.play", "mdi6.account")."""
    import qtawesome

    ink = colour or theme.ink
    made: Any = qtawesome.icon(name, color=ink, color_disabled=theme.line, color_active=ink)
    assert isinstance(made, QIcon)
    return QIcon(_Glyph(made))


class _Glyph(QIconEngine):
    """Paints an icon of a font, and nothing where a squeezed widget asks for none: the font's engine would complain."""

    def __init__(self, icon: QIcon) -> None:
        super().__init__()
        self._icon = icon

    def clone(self) -> QIconEngine:
        """Return another one."""
        return _Glyph(self._icon)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Paint the icon into a rectangle."""
        if not rect.isEmpty():
            self._icon.paint(painter, rect, Qt.AlignmentFlag.AlignCenter, mode, state)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Return the icon as a picture of a size."""
        return QPixmap() if size.isEmpty() else self._icon.pixmap(size, mode, state)


def dress(widget: QWidget, look: str) -> None:
    """Let a label look like some of LOOKS (with blanks between), or a button like "primary" or "quiet"."""
    widget.setProperty("look", look.split())
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def blend(one: str, other: str, share: float) -> str:
    """Return the colour that has a share (0..1) of `other` in it."""
    pairs = ((int(one[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def palette(theme: Theme) -> QPalette:
    """Return the theme as Qt's palette, for what no style sheet reaches."""
    made = QPalette()
    role = QPalette.ColorRole
    for name, colour in {
        role.Window: theme.window, role.WindowText: theme.ink, role.Base: theme.panel, role.AlternateBase: theme.raised,
        role.Text: theme.ink, role.Button: theme.raised, role.ButtonText: theme.ink, role.BrightText: theme.bad,
        role.Highlight: theme.accent, role.HighlightedText: theme.on_accent, role.Link: theme.focus,
        role.LinkVisited: theme.focus, role.ToolTipBase: theme.raised, role.ToolTipText: theme.ink,
        role.PlaceholderText: theme.soft, role.Mid: theme.line, role.Dark: theme.line, role.Light: theme.raised,
    }.items():  # fmt: skip
        made.setColor(name, QColor(colour))
    for name in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, name, QColor(blend(theme.soft, theme.panel, 0.45)))
    return made
