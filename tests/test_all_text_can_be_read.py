"""Text has contrast AA in both themes, and none is cut off on the pages and around a society, at 1280x720 and 200 %."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from app.design import PAIRS, THEMES, Theme, blend, contrast
from app.stylesheet import stylesheet
from app.window import Window
from tests.painted_text import cut
from tests.windows import show, wait_for_people

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_every_text_has_contrast_on_every_ground(theme: Theme) -> None:
    for text, ground in PAIRS:
        found = contrast(getattr(theme, text), getattr(theme, ground))
        assert found >= 4.5, f"{text} on {ground}: {found:.2f}"
    chosen = blend(theme.panel, theme.accent, 0.22)
    assert contrast(theme.ink, chosen) >= 4.5, "a selected row"
    for ground in ("window", "panel", "raised"):
        assert contrast(theme.focus, getattr(theme, ground)) >= 3, "the ring of the focus (WCAG 1.4.11)"


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_the_style_sheet_leaves_no_name_open(theme: Theme) -> None:
    assert not re.findall(r"@\w+", stylesheet(theme))


def test_colours_are_named_in_the_design_only() -> None:
    rooms = ("*.py", "frame/*.py", "models/*.py", "panels/**/*.py", "start/*.py")
    for path in [path for room in rooms for path in ROOT.glob(f"app/{room}")]:
        if path.name != "design.py":
            assert not re.findall(r"[\"']#[0-9a-fA-F]{6}[\"']", path.read_text(encoding="utf-8")), path


@pytest.mark.parametrize("theme", THEMES)
def test_no_text_is_cut_on_the_pages(start_window: Window, qtbot: QtBot, theme: str) -> None:
    window = start_window
    window.preferences.theme = theme
    window.design.use(THEMES[theme])
    show(window, qtbot, 1280, 720)
    assert list(cut(window)) == []
    window.registry.run("view.larger_text")
    qtbot.wait(20)
    assert list(cut(window)) == []
    window.show_new_run()
    window.new_run_page.complain(["space.width: is 9000 and may be at most 1000. Give a smaller number " * 3] * 2)
    qtbot.wait(20)
    assert list(cut(window)) == []
    for parts in (window.new_run_page.people, window.new_run_page.speed, window.new_run_page.file):
        assert parts.height() >= parts.sizeHint().height()


def test_no_text_is_cut_around_a_society(recorded: Window, qtbot: QtBot) -> None:
    show(recorded, qtbot, 1280, 720)
    recorded.docks.reset()
    recorded.notice.tell("The engine ended. " * 8, "details\n" * 5, [("Resume", int), ("Start page", int)])
    qtbot.wait(50)
    assert list(cut(recorded.stage.notice)) == []
    assert list(cut(recorded.tools)) == []
    for dock in recorded.docks.docks.values():
        title = dock.titleBarWidget()
        assert list(cut(title)) == []
    recorded.stage.preparing.tell("Opening a society with quite a long name", "The engine is compiled for this machine")
    qtbot.wait(20)
    assert list(cut(recorded.stage.preparing)) == []


@pytest.mark.parametrize("theme", THEMES)
def test_pictures_of_the_pages(start_window: Window, qtbot: QtBot, hamlet_run: Path, theme: str) -> None:
    """They are kept where SOCIARIUM_PICTURES points, to be looked at."""
    window = start_window
    window.design.use(THEMES[theme])
    folder = Path(os.environ.get("SOCIARIUM_PICTURES", hamlet_run.parent))
    pictures = []
    for name, go in (
        ("start", window.show_start_page),
        ("new-run", window.show_new_run),
        ("society", lambda: window.open_run(hamlet_run)),
        ("help", lambda: window.registry.run("help.shortcuts")),
    ):
        go()
        if window.is_watching:
            wait_for_people(window, qtbot)
        qtbot.wait(50)
        pictures.append(folder / f"window-{name}-{theme}.png")
        assert window.grab().save(str(pictures[-1]))
    assert len({picture.read_bytes() for picture in pictures}) == len(pictures)


AT_200 = """
import sys
from app.desktop import prepare
prepare()
from PySide6.QtWidgets import QApplication
application = QApplication([])
application.setStyle("Fusion")
from app.window import Window
from app.preferences import Preferences
from tests.painted_text import cut
for theme in ("dark", "light"):
    window = Window(Preferences(theme=theme))
    window.keeps_preferences = False
    window.resize(1280, 720)
    window.show()
    for page in (window.show_start_page, window.show_new_run):
        page()
        application.processEvents()
        for line in cut(window):
            print(line)
    assert window.devicePixelRatio() == 2, window.devicePixelRatio()
    window.close()
"""


def test_no_text_is_cut_at_200_percent(own_home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", AT_200], capture_output=True, text=True, timeout=120, check=False, cwd=ROOT,
        env={**os.environ, "QT_SCALE_FACTOR": "2"},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def test_controls_have_names_for_screen_readers(start_window: Window, qtbot: QtBot) -> None:
    for page in (start_window.show_start_page, start_window.show_new_run):
        page()
        for child in start_window.findChildren(QWidget):
            if child.isVisible() and child.focusPolicy() & Qt.FocusPolicy.TabFocus:
                named = child.accessibleName() or (isinstance(child, QAbstractButton) and child.text())
                assert named, f"{type(child).__name__} {child.objectName()}"
