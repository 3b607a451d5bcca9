"""A society that `sociarium serve` serves is opened by its address like any other; what fails is told in one line."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app import opening
from engine.remote.client import Client
from tests.conftest import Sociarium
from tests.windows import PATIENCE, wait_for_people

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from app.window import Window


@dataclass(frozen=True)
class Served:
    """A host of its own: its address, the file with its token, its process."""

    address: str
    token_file: Path
    process: subprocess.Popen[str]

    def tick(self) -> int:
        client = Client(self.address.removeprefix(opening.SCHEME), self.token_file.read_text().strip())
        try:
            return int(client.ask("status").head["status"]["tick"])
        finally:
            client.close()


@pytest.fixture
def served(tmp_path: Path, hamlet_file: Path) -> Iterator[Served]:
    token = tmp_path / "token"
    with subprocess.Popen(
        [sys.executable, "-m", "app.cli", "serve", str(hamlet_file), "--token-file", str(token)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "SOCIARIUM_HOME": str(tmp_path / "elsewhere")},
    ) as process:
        assert process.stdout is not None
        yield Served(process.stdout.readline().split()[0], token, process)
        process.terminate()


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a port on which nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"{opening.SCHEME}127.0.0.1:{held.getsockname()[1]}"


def state(window: Window) -> str:
    return "" if window.view.status is None else window.view.status.state


def told(window: Window) -> str:
    """Return what the bar in sight says: one line."""
    sentence = window.notice.sentence
    assert sentence and "\n" not in sentence and "Traceback" not in sentence
    return sentence


def test_it_lives_in_the_window_is_paused_and_lives_on_without_it(
    start_window: Window, served: Served, qtbot: QtBot
) -> None:
    from app.panels.inspector import InspectorPanel

    window, view = start_window, start_window.view
    window.open(opening.society(served.address, served.token_file))
    wait_for_people(window, qtbot)
    qtbot.waitUntil(lambda: view.is_live and view.tick > 1, timeout=PATIENCE)
    assert served.address.removeprefix(opening.SCHEME) in window.windowTitle()
    assert window.registry.run("run.pause")
    qtbot.waitUntil(lambda: state(window) == "paused")
    assert not window.registry["run.branch"].isEnabled(), "its run file is not on this machine"
    inspector = window.docks.panel("inspector")
    assert isinstance(inspector, InspectorPanel)
    with qtbot.waitSignal(inspector.explained, timeout=PATIENCE):
        view.select([3])
    view.show_tick(1)
    qtbot.waitUntil(lambda: view.tick == 1 and not view.is_following)
    view.follow()
    assert window.registry.run("run.pause")
    qtbot.waitUntil(lambda: state(window) == "running")
    window.close_society()
    assert window.is_on_start_page
    left = served.tick()
    qtbot.waitUntil(lambda: served.tick() > left, timeout=PATIENCE)


def test_the_window_outlives_it_and_offers_no_resume(start_window: Window, served: Served, qtbot: QtBot) -> None:
    start_window.open(opening.society(served.address, served.token_file))
    wait_for_people(start_window, qtbot)
    served.process.send_signal(signal.SIGKILL)
    qtbot.waitUntil(lambda: start_window.is_lost, timeout=10_000)
    assert start_window.view.frame is not None, "the last frame stays"
    assert "engine" in told(start_window)
    assert [button.text() for button in start_window.notice.buttons()] == ["Start page"]
    assert not start_window.registry["run.resume"].isEnabled()


def test_where_nobody_answers_is_said_on_the_page_one_came_from(
    start_window: Window, silent: str, tmp_path: Path, qtbot: QtBot
) -> None:
    token = tmp_path / "token"
    token.write_text("x" * 40)
    start_window.open(opening.society(silent, token))
    qtbot.waitUntil(lambda: not start_window.is_open, timeout=20_000)
    assert start_window.is_on_start_page
    assert silent.removeprefix(opening.SCHEME) in told(start_window) and "is it running?" in told(start_window)


def test_a_wrong_token_is_said(start_window: Window, served: Served, tmp_path: Path, qtbot: QtBot) -> None:
    token = tmp_path / "wrong"
    token.write_text("x" * 40)
    start_window.open(opening.society(served.address, token))
    qtbot.waitUntil(lambda: not start_window.is_open, timeout=20_000)
    assert start_window.is_on_start_page
    assert "token" in told(start_window)


def test_the_command_opens_it_and_says_what_fails(
    served: Served, silent: str, tmp_path: Path, sociarium: Sociarium
) -> None:
    picture, given = tmp_path / "picture.png", ("--token-file", served.token_file, "--after", 0)
    done = sociarium("open", served.address, "--shot", picture, *given)
    assert (done.status, done.err) == (0, "") and picture.stat().st_size > 20_000
    failed = sociarium("open", silent, "--shot", picture, *given)
    assert failed.status == 1
    assert failed.err.count("\n") == 1 and "is it running?" in failed.err
