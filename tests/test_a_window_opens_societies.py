"""From the start page to a running village by real clicks; a recorded run opens; the window outlives its engine."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psutil
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.start.shelf import run_files
from app.window import Window
from engine.record.reader import RunReader
from tests.windows import PATIENCE, wait_for_people

LEFT = Qt.MouseButton.LeftButton
NO_KEYS = Qt.KeyboardModifier.NoModifier


def test_a_click_on_a_scenario_leads_to_a_running_village(start_window: Window, qtbot: QtBot) -> None:
    tile = start_window.start_page.tiles[0]
    QTest.mouseClick(tile.open_button, LEFT)
    assert start_window.is_watching
    wait_for_people(start_window, qtbot)
    qtbot.waitUntil(lambda: start_window.view.tick > 2, timeout=PATIENCE)
    assert start_window.view.is_live
    assert start_window.windowTitle().startswith(tile.card.title)
    assert not start_window.stage.preparing.isVisible()
    assert start_window.viewport.width() >= 0.55 * start_window.width()


def test_the_form_of_a_new_run_does_what_it_says(start_window: Window, qtbot: QtBot, hamlet_file: Path) -> None:
    page = start_window.new_run_page
    start_window.show_new_run(str(hamlet_file))
    page.seed.clear()
    QTest.keyClicks(page.seed, "77")
    page.ticks.setValue(50)
    page.lockstep.setChecked(True)
    page.speed.setCurrentIndex(page.speed.findData(64.0))
    page.file.clear()
    QTest.keyClicks(page.file, "mine")
    QTest.keyClick(page.file, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: start_window.view.tick >= 3, timeout=PATIENCE)
    start_window.close_society()
    (run,) = run_files()
    assert run.name == "mine.sociarium"
    with RunReader(run) as reader:
        assert reader.header.seed == 77
        assert "lockstep" in reader.header.scenario
        assert reader.last_tick is not None and reader.last_tick >= 3


def test_enter_on_a_button_of_the_form_does_what_the_button_does(start_window: Window, hamlet_file: Path) -> None:
    page = start_window.new_run_page
    start_window.show_new_run(str(hamlet_file))
    page.back_button.setFocus()
    QTest.keyClick(page.back_button, Qt.Key.Key_Return)
    assert start_window.is_on_start_page and not start_window.is_open and not run_files()


def test_a_bad_scenario_is_told_in_place_with_all_its_problems(
    start_window: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    torn = tmp_path / "torn.scenario.yaml"
    torn.write_text("sociarium: 1\nname: torn\npeople: 5\nspace: {width: 9000}\n")
    start_window.show_new_run(str(torn))
    QTest.mouseClick(start_window.new_run_page.start_button, LEFT)
    qtbot.waitUntil(lambda: bool(start_window.new_run_page.problems), timeout=PATIENCE)
    assert start_window.pages.currentWidget() is start_window.new_run_page
    assert "people" in start_window.new_run_page.problems
    assert "space.width" in start_window.new_run_page.problems
    assert not start_window.is_open


def test_a_recent_run_opens_by_a_click_and_a_damaged_one_is_shown(
    start_window: Window, qtbot: QtBot, hamlet_run: Path, own_home: Path
) -> None:
    runs = own_home / "runs"
    runs.mkdir(parents=True, exist_ok=True)
    (runs / "broken.sociarium").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    hamlet_run.rename(runs / "hamlet.sociarium")
    recent = start_window.start_page.recent
    recent.runs.refresh()
    qtbot.waitUntil(lambda: recent.runs.rowCount() == 2)
    words = {card.path.name: recent.runs.words(card) for card in recent.runs.cards}
    assert "not a run file" in words["broken.sociarium"]
    assert "complete, 80 min" in words["hamlet.sociarium"]
    row = [card.path.name for card in recent.runs.cards].index("hamlet.sociarium")
    QTest.mouseClick(recent.viewport(), LEFT, NO_KEYS, recent.visualRect(recent.runs.index(row)).center())
    wait_for_people(start_window, qtbot)
    assert not start_window.view.is_live
    assert "(recorded)" in start_window.windowTitle()


def test_a_file_that_is_dropped_opens(start_window: Window, qtbot: QtBot, hamlet_run: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(hamlet_run))])
    actions, buttons, keys = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    start_window.dropEvent(QDropEvent(QPointF(QPoint(50, 50)), actions, data, buttons, keys))
    wait_for_people(start_window, qtbot)
    assert start_window.view.last_tick == 40


def test_a_killed_engine_leaves_the_window_which_resumes_it(window: Window, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.view.tick >= 4, timeout=PATIENCE)
    assert window.opening is not None and window.opening.process is not None
    seen, run = window.view.tick, window.opening.run
    os.kill(window.opening.process.pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: window.is_lost, timeout=10_000)
    assert window.view.frame is not None, "the last frame stays"
    resume, start_page = window.notice.buttons()
    assert (resume.text(), start_page.text()) == ("Resume", "Start page")
    QTest.mouseClick(resume, LEFT)
    qtbot.waitUntil(lambda: not window.is_lost and window.view.frame is not None, timeout=PATIENCE)
    qtbot.waitUntil(lambda: window.view.tick > seen, timeout=PATIENCE)
    assert window.opening.run == run
    assert not window.notice.isVisible()


def test_from_the_tick_on_screen_a_branch_goes_on(recorded: Window, qtbot: QtBot, hamlet_run: Path) -> None:
    recorded.view.show_tick(17)
    qtbot.waitUntil(lambda: recorded.view.tick == 17)
    assert recorded.registry.run("run.branch")
    qtbot.waitUntil(lambda: recorded.view.is_live and recorded.view.tick > 17, timeout=PATIENCE)
    about = recorded.view.about
    assert about is not None and about.parent is not None
    with RunReader(hamlet_run) as reader:
        assert about.parent == (reader.header.run, 17)


def test_opening_can_be_cancelled(start_window: Window, qtbot: QtBot, hamlet_file: Path) -> None:
    start_window.open_new(str(hamlet_file))
    assert start_window.stage.preparing.isVisible()
    assert start_window.opening is not None and start_window.opening.process is not None
    pid = start_window.opening.process.pid
    start_window.stage.preparing.cancelled.emit()
    assert start_window.is_on_start_page
    assert not psutil.pid_exists(pid)


def test_closing_the_window_ends_its_engine(window: Window, qtbot: QtBot) -> None:
    assert window.opening is not None and window.opening.process is not None
    pid, run = window.opening.process.pid, window.opening.run
    window.close()
    assert not psutil.pid_exists(pid)
    assert run is not None
    with RunReader(run) as reader:
        assert reader.finished


def test_the_space_bar_pauses_and_goes_on(window: Window, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.view.status is not None and window.view.status.state == "running", timeout=PATIENCE)
    window.viewport.setFocus()
    QTest.keyClick(window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.view.status is not None and window.view.status.state == "paused", timeout=10_000)
    tick = window.view.last_tick
    qtbot.waitUntil(lambda: window.registry["run.pause"].text() == "Go &on")
    assert window.registry.run("run.step")
    qtbot.waitUntil(lambda: window.view.last_tick == tick + 1, timeout=10_000)
    QTest.keyClick(window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.view.last_tick > tick + 1, timeout=10_000)
