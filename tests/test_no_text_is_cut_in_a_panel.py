"""No text is cut off in any panel, with a society in it, at 1280x720 and at 200 %, in both themes, larger too."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton, QTableWidget, QTabWidget, QVBoxLayout, QWidget

from app.design import THEMES
from tests.painted_text import cut
from tests.panel_tour import tour
from tests.windows import show

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from app.window import Window

ROOT = Path(__file__).parents[1]


def walk(window: Window, qtbot: QtBot) -> list[str]:
    """Return all that is cut off anywhere on a tour of the panels."""
    found: list[str] = []
    for state in tour(window, lambda so: qtbot.waitUntil(so, timeout=20_000), qtbot.wait):
        found += [f"{state}: {line}" for line in cut(window)]
    return found


@pytest.mark.parametrize("theme", sorted(THEMES))
def test_in_a_living_society(window: Window, qtbot: QtBot, theme: str) -> None:
    window.design.use(THEMES[theme])
    show(window, qtbot, 1280, 720)
    qtbot.waitUntil(lambda: window.view.last_tick >= 25, timeout=60_000)
    assert window.view.session is not None
    window.view.session.pause()
    qtbot.wait(300)
    assert walk(window, qtbot) == []


def test_in_a_recorded_run_with_larger_text(recorded: Window, qtbot: QtBot) -> None:
    show(recorded, qtbot, 1280, 720)
    recorded.registry.run("view.larger_text")
    assert walk(recorded, qtbot) == []


AT_200 = """
import sys, time
from pathlib import Path
from app.desktop import prepare
prepare()
from PySide6.QtWidgets import QApplication
application = QApplication([])
application.setStyle("Fusion")
from app.preferences import Preferences
from app.window import Window
from tests.painted_text import cut
from tests.panel_tour import tour

def until(so):
    end = time.monotonic() + 60
    while not so():
        application.processEvents()
        time.sleep(0.005)
        assert time.monotonic() < end, "it never came"

def linger(milliseconds):
    end = time.monotonic() + milliseconds / 1000
    until(lambda: time.monotonic() >= end)

window = Window(Preferences(theme="light"))
window.keeps_preferences = False
window.resize(1280, 720)
window.show()
window.open_run(Path(sys.argv[1]))
until(lambda: window.view.frame is not None and bool(window.view.alive().any()))
for state in tour(window, until, linger):
    for line in cut(window):
        print(f"{state}: {line}")
assert window.devicePixelRatio() == 2, window.devicePixelRatio()
window.close()
"""


def test_at_200_percent(own_home: Path, hamlet_run: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", AT_200, str(hamlet_run)], capture_output=True, text=True, timeout=200, check=False,
        cwd=ROOT, env={**os.environ, "QT_SCALE_FACTOR": "2"},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


WORDS = "What somebody has to read"


def wrapping() -> QWidget:
    made = QLabel(" ".join([WORDS] * 9), wordWrap=True)
    made.setFixedSize(120, 30)
    return made


def choice() -> QWidget:
    made = QComboBox()
    made.addItem(WORDS)
    made.setFixedWidth(60)
    return made


def tabs() -> QWidget:
    made = QTabWidget()
    made.addTab(QWidget(), WORDS)
    made.tabBar().setFixedWidth(60)
    return made


def heading() -> QWidget:
    made = QTableWidget(1, 1)
    made.setHorizontalHeaderLabels([WORDS])
    made.setColumnWidth(0, 60)
    return made


def narrow(made: QWidget) -> QWidget:
    made.setFixedWidth(60)
    return made


SQUEEZED: dict[str, Callable[[], QWidget]] = {
    "label": lambda: narrow(QLabel(WORDS)),
    "label that wraps": wrapping,
    "button": lambda: narrow(QPushButton(WORDS)),
    "choice": choice,
    "tabs": tabs,
    "heading": heading,
}
"""Widgets with too little room for their words."""


@pytest.mark.parametrize("kind", SQUEEZED)
def test_what_is_cut_is_found(qtbot: QtBot, kind: str) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    QVBoxLayout(page).addWidget(SQUEEZED[kind]())
    page.show()
    qtbot.waitExposed(page)
    assert len(list(cut(page))) >= 1
