"""The time line shows any tick by dragging, keys and playing, both ways, at the speed that was chosen."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from engine.record.reader import RunReader

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from app.panels.timeline import Timeline
    from app.view import View
    from app.window import Window


def line_of(window: Window, qtbot: QtBot) -> Timeline:
    line = window.timeline
    qtbot.waitUntil(lambda: line.strip.density.counts.size > 0, timeout=20_000)
    return line


def shows(window: Window, run: Path, tick: int) -> bool:
    """Whether the frame on screen is that of the run file, column by column."""
    frame = window.view.frame
    assert frame is not None and frame.tick == tick
    with RunReader(run) as reader:
        held = reader.frame(tick)
    return all(np.array_equal(column, held[name]) for name, column in frame.columns.items()) and bool(frame.columns)


def _is_at(view: View, tick: int) -> bool:
    return view.tick == tick


def test_dragging_shows_the_ticks_under_the_pointer(recorded: Window, hamlet_run: Path, qtbot: QtBot) -> None:
    line, view = line_of(recorded, qtbot), recorded.view
    strip, left = line.strip, Qt.MouseButton.LeftButton
    assert view.is_following and view.tick == 40

    def point(tick: int) -> QPoint:
        return QPoint(round(strip.scale.at(tick)), strip.height() // 2)

    QTest.mousePress(strip, left, pos=point(5))
    for tick in (9, 14, 23):
        QTest.mouseMove(strip, point(tick))
    qtbot.waitUntil(lambda: view.tick == 23)
    assert strip.head == 23 and shows(recorded, hamlet_run, 23)
    QTest.mouseMove(strip, point(12))
    QTest.mouseRelease(strip, left, pos=point(12))
    qtbot.waitUntil(lambda: view.tick == 12)
    assert shows(recorded, hamlet_run, 12) and not view.is_following

    QTest.mouseClick(strip, left, pos=point(40))
    qtbot.waitUntil(lambda: view.is_following and view.tick == 40)


def test_keys_step_by_ticks_and_hours(recorded: Window, qtbot: QtBot) -> None:
    line, view = line_of(recorded, qtbot), recorded.view
    line.strip.setFocus()
    for key, modifier, tick in (
        (Qt.Key.Key_Left, Qt.KeyboardModifier.NoModifier, 39),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier, 9),  # 30 ticks of two minutes are an hour
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, 10),
        (Qt.Key.Key_Home, Qt.KeyboardModifier.NoModifier, 0),
        (Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier, 30),
        (Qt.Key.Key_End, Qt.KeyboardModifier.NoModifier, 40),
    ):
        QTest.keyClick(line.strip, key, modifier)
        qtbot.waitUntil(partial(_is_at, view, tick))
    assert view.is_following


def test_the_past_plays_both_ways_to_its_ends_at_the_chosen_speed(recorded: Window, qtbot: QtBot) -> None:
    line, view = line_of(recorded, qtbot), recorded.view
    seen: list[int] = []
    view.frame_shown.connect(lambda: seen.append(view.tick))
    line.speed.setCurrentIndex(line.speed.findData(64.0))
    line.speed.activated.emit(line.speed.currentIndex())
    QTest.mouseClick(line.buttons["timeline.play_backwards"], Qt.MouseButton.LeftButton)
    assert view.playing == -64.0 and line.buttons["timeline.play_backwards"].isChecked()
    qtbot.waitUntil(lambda: view.tick == 0 and view.playing == 0)
    assert seen == sorted(seen, reverse=True) and len(seen) > 5
    seen.clear()
    QTest.mouseClick(line.buttons["timeline.play_forwards"], Qt.MouseButton.LeftButton)
    assert view.playing == 64.0
    line.set_speed(32.0)
    assert view.playing == 32.0
    qtbot.waitUntil(lambda: view.is_following and view.tick == 40)
    assert seen == sorted(seen) and view.playing == 0


def test_density_and_marks_are_those_of_the_run_file(recorded: Window, hamlet_run: Path, qtbot: QtBot) -> None:
    line = line_of(recorded, qtbot)
    density = line.strip.density
    with RunReader(hamlet_run) as reader:
        events = [reader.record(tick).events.size for tick in range(density.first, 41)]
        commanded = [tick for tick in range(41) if reader.record(tick).commands]
    assert density.ticks == 1 and density.counts.tolist() == events and max(events) > 0
    assert [mark.tick for mark in density.marks] == commanded and commanded
    told = line.strip.tell(line.strip.scale.at(commanded[0]))
    assert density.marks[0].text in told and f"tick {commanded[0]}" in told


def test_zooming_keeps_the_tick_under_the_pointer() -> None:
    from app.panels.time_scale import TimeScale

    scale = TimeScale(0, 2000, 0, 2000, 1000)
    before = scale.tick(300)
    scale.zoom(0.25, 300)
    assert scale.tick(300) == before and scale.right - scale.left == 500 and not scale.is_whole
    scale.pan(10_000)
    assert scale.right == 2000
    scale.zoom(100, 300)
    assert scale.is_whole


def test_a_living_society_takes_the_speed_and_says_that_it_lives(window: Window, qtbot: QtBot) -> None:
    line, view = window.timeline, window.view
    assert line.live.isVisible() and line.live.text() == "LIVE"
    line.speed.setCurrentIndex(line.speed.findData(16.0))
    line.speed.activated.emit(line.speed.currentIndex())
    qtbot.waitUntil(lambda: view.status is not None and view.status.speed == 16.0)
    qtbot.waitUntil(lambda: view.last_tick > 5, timeout=20_000)
    view.show_tick(2)
    qtbot.waitUntil(lambda: view.tick == 2)
    assert line.live.text() == "Go live" and line.branch.isVisible()
    QTest.mouseClick(line.live, Qt.MouseButton.LeftButton)
    assert view.is_following and not line.branch.isVisible()


def test_a_click_on_a_mark_leads_to_its_very_tick(recorded: Window, hamlet_run: Path, qtbot: QtBot) -> None:
    line, view = line_of(recorded, qtbot), recorded.view
    strip = line.strip
    with RunReader(hamlet_run) as reader:
        held = reader.checkpoints(0, 40)
        assert held and all(reader.landmarks(tick)[0] == tick for tick in held)
    assert list(strip.density.checkpoints) == held
    marked = [mark for mark in strip.marks if mark.tick > 0]
    target = marked[0].tick if marked else held[-1]
    lane = QPoint(round(strip.scale.at(target)) + 4, strip.height() - 5)
    assert round(strip.scale.tick(lane.x())) == target or strip.scale.width > 400
    view.show_tick(20)
    qtbot.waitUntil(lambda: view.tick == 20)
    QTest.mouseMove(strip, lane)  # by way of the X server, which takes its time
    qtbot.waitUntil(lambda: strip.cursor().shape() == Qt.CursorShape.PointingHandCursor)
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=lane)
    qtbot.waitUntil(partial(_is_at, view, target))
    told = strip.tell(lane.x())
    assert (marked[0].text if marked else "Checkpoint") in told
    QTest.mouseMove(strip, QPoint(lane.x(), strip.height() // 2))
    qtbot.waitUntil(lambda: strip.cursor().shape() == Qt.CursorShape.ArrowCursor)


def test_a_command_is_marked_as_soon_as_it_is_recorded(window: Window, qtbot: QtBot) -> None:
    line, view = window.timeline, window.view
    assert view.session is not None
    strip = line.strip
    qtbot.waitUntil(lambda: view.last_tick >= 4, timeout=20_000)
    applied: list[int] = []
    view.commanded.connect(applied.append)
    view.command("announce", {"text": "The well is open"})
    qtbot.waitUntil(lambda: any("The well is open" in mark.text for mark in strip.marks), timeout=20_000)
    (mark,) = [mark for mark in strip.marks if "The well is open" in mark.text]
    assert applied == [mark.tick]
    view.session.pause()
    view.show_tick(1)
    qtbot.waitUntil(partial(_is_at, view, 1))
    window.registry.run("timeline.mark")
    qtbot.waitUntil(partial(_is_at, view, mark.tick))


def test_short_ticks_are_told_to_the_second_and_labels_are_a_tick_apart_or_more(recorded: Window) -> None:
    from app.models.moments import clock, moment, stride

    about = recorded.view.about
    assert about is not None
    seconds, minutes = replace(about, start=23 * 60 + 59, day=43_200), replace(about, start=9 * 60, day=720)
    assert [moment(seconds, tick) for tick in (0, 29, 30)] == [
        "Day 1, 23:59:00", "Day 1, 23:59:58", "Day 2, 00:00:00",
    ]  # fmt: skip
    assert clock(minutes, 7) == "09:14"
    assert [stride(seconds, wanted) for wanted in (0, 2.5, 40, 4000, 90_000)] == [2, 5, 60, 7200, 172_800]
    assert stride(minutes, 1) == 120, "a tick"


def test_a_society_of_seconds_has_room_on_its_time_line(recorded: Window, qtbot: QtBot) -> None:
    strip = line_of(recorded, qtbot).strip
    about = recorded.view.about
    assert about is not None
    recorded.view.about = replace(about, live=True, day=43_200)
    strip._grow()
    assert strip.scale.is_whole and strip.scale.end <= 256, "not six hours of 1,800 ticks"
    strip.grab()
    assert len(strip._labels) > 4


def test_the_speed_that_a_society_has_is_said_though_it_is_not_offered(window: Window, qtbot: QtBot) -> None:
    line = window.timeline
    assert window.view.session is not None
    window.view.session.set_speed(10.0)
    qtbot.waitUntil(lambda: line.speed.currentText() == "10 ticks/s", timeout=20_000)
    offered = [line.speed.itemData(row) for row in range(line.speed.count())]
    assert offered[:-1] == sorted(offered[:-1]) and offered[-1] == 0
    window.view.session.set_speed(8.0)
    qtbot.waitUntil(lambda: line.speed.findData(10.0) < 0, timeout=20_000)
