"""The style sheet of a theme: how every kind of widget looks. It names no colour and no size but the tokens'."""

from __future__ import annotations

from pathlib import Path

from app.design import BODY, CONTROL, DISPLAY, LARGE, MONO, RADIUS, SMALL, SPACE, TITLE, Theme, blend

ICONS = Path(__file__).parent.parent / "assets" / "icons"


def stylesheet(theme: Theme, scale: float = 1.0) -> str:
    """Return the style sheet of a theme, with text `scale` times as large as the type scale says."""
    icons = ICONS.as_posix()
    names = {
        **{name: getattr(theme, name) for name in Theme.__slots__},
        "hover": blend(theme.raised, theme.ink, 0.07),
        "press": blend(theme.raised, theme.ink, 0.14),
        "row": blend(theme.panel, theme.accent, 0.22),
        "stripe": blend(theme.panel, theme.ink, 0.025),
        "edge": blend(theme.line, theme.ink, 0.18),
        "faint": blend(theme.soft, theme.panel, 0.45),
        "bright": blend(theme.accent, theme.ink, 0.15),
        "down": f"{icons}/down.svg",
        "up": f"{icons}/up.svg",
        "right": f"{icons}/right.svg",
        "check": f"{icons}/check-{theme.name}.svg",
        "small": f"{round(SMALL * scale)}px",
        "body": f"{round(BODY * scale)}px",
        "large": f"{round(LARGE * scale)}px",
        "title": f"{round(TITLE * scale)}px",
        "display": f"{round(DISPLAY * scale)}px",
        "control": f"{round(CONTROL * scale) - 2 * SPACE[1]}px",
        "radius": f"{RADIUS}px",
        "mono": MONO,
        **{f"s{place}": f"{size}px" for place, size in enumerate(SPACE)},
    }
    sheet = "\n".join((GROUND, TEXT, BUTTONS, FIELDS, LISTS, BARS, DOCKS, PIECES))
    for name in sorted(names, key=len, reverse=True):
        sheet = sheet.replace(f"@{name}", str(names[name]))
    return sheet


GROUND = """
QWidget { font-size: @body; color: @ink; }
QMainWindow, QDialog { background: @window; }
QMainWindow::separator { background: @window; width: @s1; height: @s1; }
QMainWindow::separator:hover { background: @accent; }
QToolTip { background: @raised; color: @ink; border: 1px solid @edge; padding: @s1 @s2; }
QSplitter::handle { background: @window; }
QSplitter::handle:hover { background: @accent; }
QScrollArea, QScrollArea > QWidget > QWidget#page { background: transparent; border: none; }
QStackedWidget#pages { background: @window; }
QFrame[frameShape="4"], QFrame[frameShape="5"] { color: @line; }
"""

TEXT = """
QLabel { background: transparent; }
QLabel[look~="display"] { font-size: @display; font-weight: 300; }
QLabel[look~="title"] { font-size: @title; font-weight: 500; }
QLabel[look~="large"] { font-size: @large; font-weight: 600; }
QLabel[look~="small"] { font-size: @small; }
QLabel[look~="soft"] { color: @soft; }
QLabel[look~="mono"] { font-family: @mono; }
QLabel[look~="good"] { color: @good; }
QLabel[look~="warn"] { color: @warn; }
QLabel[look~="bad"] { color: @bad; }
QLabel[look~="accent"] { color: @accent; }
QLabel:disabled { color: @faint; }
"""

BUTTONS = """
QPushButton { background: @raised; border: 1px solid @line; border-radius: @radius; padding: @s1 @s3;
    min-height: @control; }
QPushButton:hover { background: @hover; border-color: @edge; }
QPushButton:pressed, QPushButton:checked { background: @press; }
QPushButton:focus { border: 2px solid @focus; padding: 3px 11px; }
QPushButton:disabled { color: @faint; background: @panel; border-color: @line; }
QPushButton[look~="primary"] { background: @accent; color: @on_accent; border-color: @accent; font-weight: 600; }
QPushButton[look~="primary"]:hover { background: @bright; border-color: @bright; }
QPushButton[look~="primary"]:focus { border: 2px solid @focus; }
QPushButton[look~="primary"]:disabled { background: @raised; color: @faint; border-color: @line; }
QPushButton[look~="quiet"] { background: transparent; border-color: transparent; }
QPushButton[look~="quiet"]:hover { background: @hover; }
QPushButton[look~="quiet"]:focus { border: 2px solid @focus; }
QToolButton { background: transparent; border: 2px solid transparent; border-radius: @radius; padding: @s1; }
QToolButton:hover { background: @hover; }
QToolButton:pressed, QToolButton:checked { background: @press; }
QToolButton:focus { border-color: @focus; }
QToolButton:disabled { color: @faint; }
QToolButton::menu-indicator { image: none; }
QToolButton[popupMode="1"] { padding-right: 14px; }
QToolButton::menu-button { border: none; width: 12px; }
QCheckBox, QRadioButton { spacing: @s2; background: transparent; min-height: @control; }
QCheckBox::indicator, QRadioButton::indicator, QGroupBox::indicator { width: 14px; height: 14px;
    border: 1px solid @edge; background: @raised; }
QCheckBox::indicator { border-radius: 3px; }
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover { border-color: @soft; }
QCheckBox::indicator:checked { background: @accent; border-color: @accent; image: url(@check); }
QRadioButton::indicator:checked { border-color: @accent; background: qradialgradient(cx: 0.5, cy: 0.5, radius: 0.5,
    fx: 0.5, fy: 0.5, stop: 0 @accent, stop: 0.5 @accent, stop: 0.58 @raised, stop: 1 @raised); }
QCheckBox:focus, QRadioButton:focus { color: @focus; }
QCheckBox::indicator:focus, QRadioButton::indicator:focus { border: 2px solid @focus; width: 12px; height: 12px; }
"""

FIELDS = """
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox, QPlainTextEdit, QTextEdit, QTextBrowser { background: @raised;
    border: 1px solid @line; border-radius: @radius; padding: 3px @s2; selection-background-color: @accent;
    selection-color: @on_accent; placeholder-text-color: @soft; }
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox { min-height: @control; }
QLineEdit:hover, QSpinBox:hover, QDoubleSpinBox:hover, QComboBox:hover { border-color: @edge; }
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus, QPlainTextEdit:focus, QTextEdit:focus,
QTextBrowser:focus { border: 2px solid @focus; padding: 2px 7px; }
QAbstractSpinBox QLineEdit, QComboBox QLineEdit, QAbstractSpinBox QLineEdit:focus, QComboBox QLineEdit:focus {
    border: none; background: transparent; padding: 0 0 0 @s1; min-height: 0; }
QLineEdit[look~="bad"], QSpinBox[look~="bad"] { border-color: @bad; }
QLineEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled, QComboBox:disabled { color: @faint;
    background: @panel; }
QLineEdit[readOnly="true"] { background: @panel; }
QComboBox::drop-down { border: none; width: 22px; }
QComboBox::down-arrow { image: url(@down); width: 12px; height: 12px; }
QComboBox QAbstractItemView { background: @raised; border: 1px solid @edge; padding: @s1; outline: none;
    selection-background-color: @row; selection-color: @ink; }
QSpinBox::up-button, QDoubleSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::down-button { border: none;
    width: 18px; background: transparent; }
QSpinBox::up-button:hover, QDoubleSpinBox::up-button:hover, QSpinBox::down-button:hover,
QDoubleSpinBox::down-button:hover { background: @hover; }
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow { image: url(@up); width: 10px; height: 10px; }
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow { image: url(@down); width: 10px; height: 10px; }
QSlider { min-height: 20px; background: transparent; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: @line; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: @accent; }
QSlider::handle:horizontal { width: 14px; height: 14px; margin: -5px 0; border-radius: 7px; background: @ink; }
QSlider::handle:horizontal:hover { background: @accent; }
QSlider:focus::handle:horizontal, QSlider::handle:horizontal:focus { border: 2px solid @focus; width: 10px;
    height: 10px; }
QGroupBox { border: 1px solid @line; border-radius: @radius; margin-top: @s3; padding: @s2; }
QGroupBox::title { subcontrol-origin: margin; left: @s2; padding: 0 @s1; color: @soft; }
"""

LISTS = """
QAbstractItemView { background: @panel; alternate-background-color: @stripe; border: none; outline: none;
    selection-background-color: @row; selection-color: @ink; gridline-color: @line; }
QAbstractItemView::item { padding: @s1 @s2; border: none; }
QAbstractItemView::item:hover { background: @hover; }
QAbstractItemView::item:selected { background: @row; color: @ink; }
QAbstractItemView:focus { border: 1px solid @focus; }
QTreeView::branch { background: transparent; }
QTreeView::branch:has-children:closed { image: url(@right); }
QTreeView::branch:has-children:open { image: url(@down); }
QHeaderView { background: @panel; border: none; }
QHeaderView::section { background: @panel; color: @soft; border: none; border-bottom: 1px solid @line;
    padding: @s1 @s2; font-size: @small; font-weight: 600; }
QHeaderView::section:hover { color: @ink; }
QHeaderView::up-arrow { image: url(@up); width: 10px; height: 10px; }
QHeaderView::down-arrow { image: url(@down); width: 10px; height: 10px; }
QTableCornerButton::section { background: @panel; border: none; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: @line; border-radius: 4px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: @soft; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; border: none; }
"""

BARS = """
QMenuBar { background: @window; color: @ink; border: none; padding: 0 @s1; }
QMenuBar::item { padding: 9px @s2; border-radius: @radius; background: transparent; }
QMenuBar::item:selected, QMenuBar::item:pressed { background: @hover; }
QMenu { background: @raised; border: 1px solid @edge; padding: @s1; }
QMenu::item { padding: @s1 @s5 @s1 @s2; border-radius: 4px; min-height: 18px; }
QMenu::item:selected { background: @row; color: @ink; }
QMenu::item:disabled { color: @faint; background: transparent; }
QMenu::icon { padding-left: @s2; }
QMenu::separator { height: 1px; background: @line; margin: @s1 @s2; }
QMenu::right-arrow { image: url(@right); width: 12px; height: 12px; }
QToolBar { background: @window; border: none; spacing: 2px; padding: 2px; }
QToolBar#timeline { background: @panel; border-top: 1px solid @line; }
QToolBar::separator { background: @line; width: 1px; margin: 6px 6px; }
QStatusBar { background: @window; color: @soft; border: none; }
QStatusBar::item { border: none; }
QProgressBar { background: @line; border: none; border-radius: 3px; max-height: 6px; min-height: 6px;
    text-align: center; color: transparent; }
QProgressBar::chunk { background: @accent; border-radius: 3px; }
"""

DOCKS = """
QDockWidget { color: @soft; background: @edge; }
QDockWidget > QWidget { background: @panel; }
QDockWidget > QWidget#dockTitle { background: @panel; border-bottom: 1px solid @line; }
QTabBar { background: @window; border: none; qproperty-drawBase: 0; }
QTabBar::tab { background: transparent; color: @soft; padding: 6px @s3; border: none;
    border-bottom: 2px solid transparent; }
QTabBar::tab:hover { color: @ink; }
QTabBar::tab:selected { color: @ink; border-bottom: 2px solid @accent; }
QTabBar::tab:focus { color: @focus; }
QTabWidget::pane { border: none; background: @panel; }
"""

PIECES = """
QFrame#cover { background: @window; border: none; }
QFrame#card { background: @panel; border: 1px solid @line; border-radius: 10px; }
QFrame#card:hover { border-color: @edge; }
QFrame#card[current="true"], QFrame#card:focus { border: 2px solid @focus; }
QFrame#sheet { background: @panel; border: 1px solid @line; border-radius: 10px; }
QFrame#notice { background: @raised; border: none; border-left: 4px solid @warn; }
QFrame#notice[look~="bad"] { border-left-color: @bad; }
QFrame#notice[look~="good"] { border-left-color: @good; }
QFrame#problems { background: @raised; border: 1px solid @bad; border-radius: @radius; }
QListView#recent { background: transparent; }
"""
