"""Real windows for tests. pytest finds the fixtures by itself (tests/conftest.py names this file); just take one:

    def test_the_table_filters(window: Window, qtbot: QtBot) -> None:
        window.panels["people"]...

`window`        a shown Window (1440x900) with a live hamlet in it, from a real host process; people are on screen.
`start_window`  a shown Window on its start page, nothing open.
`recorded`      a Window with a run file of the hamlet (40 ticks, complete) in it; people are on screen.
`hamlet_run`    the path of that run file: a copy of your own, which you may spoil.
`hands`         somebody's hands at mouse and keyboard, whose clicks and keys come in through the X server.

All of them use a SOCIARIUM_HOME of their own (tmp_path / "home"). A test fails when anything is raised inside a
handler of Qt (pytest-qt sees to that) or of VisPy (`no_hidden_errors`), and everything is closed afterwards.
`show(window, ...)` and `wait_for_people` are there for tests that open something else. A screen is needed:
xvfb-run -a -s "-screen 0 1600x1200x24".
"""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.hamlet import HAMLET
from tests.hands import Hands, not_here

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from app.window import Window

PATIENCE = 90_000
"""Milliseconds to wait for a host: on a fresh checkout it compiles the engine first."""


@pytest.fixture(scope="session")
def qapp_args() -> list[str]:
    from app.desktop import prepare

    prepare()
    return ["sociarium"]


class _Ears(logging.Handler):
    """Hears what VisPy logs and then passes over: exceptions in its handlers."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(self.format(record))


@pytest.fixture
def no_hidden_errors() -> Iterator[None]:
    ears = _Ears()
    logger = logging.getLogger("vispy")
    logger.addHandler(ears)
    yield
    logger.removeHandler(ears)
    assert not ears.heard, "\n".join(ears.heard)


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SOCIARIUM_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def show(window: Window, qtbot: QtBot, width: int = 1440, height: int = 900) -> None:
    """Show a window and wait until it is there and has the keyboard."""
    window.resize(width, height)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=10_000)


def wait_for_people(window: Window, qtbot: QtBot) -> None:
    """Wait until somebody is on screen."""
    qtbot.waitUntil(lambda: window.view.frame is not None and bool(window.view.alive().any()), timeout=PATIENCE)


@pytest.fixture
def start_window(qtbot: QtBot, own_home: Path, no_hidden_errors: None) -> Iterator[Window]:
    from app.window import Window

    window = Window()
    show(window, qtbot)
    yield window
    window.close()
    window.deleteLater()
    qtbot.wait(1)


@pytest.fixture
def window(start_window: Window, qtbot: QtBot, hamlet_file: Path) -> Window:
    start_window.open_new(str(hamlet_file))
    wait_for_people(start_window, qtbot)
    return start_window


@pytest.fixture(scope="session")
def _hamlet_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hamlet")
    scenario, run = folder / "hamlet.scenario.yaml", folder / "hamlet.sociarium"
    scenario.write_text(HAMLET)
    command = [sys.executable, "-m", "app.cli", "run", str(scenario), "--ticks", "40", "--json", "--out", str(run)]
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE / 1000)
    return run


@pytest.fixture
def hamlet_run(_hamlet_run: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(_hamlet_run, tmp_path / "hamlet.sociarium"))


@pytest.fixture
def recorded(start_window: Window, qtbot: QtBot, hamlet_run: Path) -> Window:
    start_window.open_run(hamlet_run)
    wait_for_people(start_window, qtbot)
    return start_window


@pytest.fixture
def hands(qtbot: QtBot) -> Hands:
    from PySide6.QtGui import QGuiApplication

    if shutil.which("xdotool") is None or QGuiApplication.platformName() != "xcb":
        not_here()

    def let_pass(is_over: Callable[[], bool]) -> None:
        qtbot.waitUntil(is_over, timeout=30_000)

    return Hands(let_pass)
