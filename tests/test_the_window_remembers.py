"""Where docks lie is remembered and can be reset; preferences that cannot be read are set aside with one sentence."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QToolButton, QWidget
from pytestqt.qtbot import QtBot

from app import preferences
from app.frame.docks import LEFT, RIGHT
from app.window import Window
from tests.hands import Hands
from tests.windows import PATIENCE, show, wait_for_people


def test_the_layout_is_remembered_and_reset(window: Window, qtbot: QtBot, hamlet_run: Path) -> None:
    people = window.docks.docks["people"]
    window.addDockWidget(RIGHT, people)
    window.docks.docks["measures"].hide()
    window.resizeDocks([people], [400], Qt.Orientation.Horizontal)
    qtbot.wait(1)
    width = people.width()
    window.close()
    again = Window()
    show(again, qtbot)
    again.open_run(hamlet_run)
    wait_for_people(again, qtbot)
    try:
        assert again.dockWidgetArea(again.docks.docks["people"]) == RIGHT
        assert again.docks.docks["measures"].isHidden()
        assert abs(again.docks.docks["people"].width() - width) <= 2
        assert again.registry.run("view.reset_layout")
        assert again.dockWidgetArea(again.docks.docks["people"]) == LEFT
        assert not again.docks.docks["measures"].isHidden()
        qtbot.waitUntil(lambda: again.viewport.width() >= 0.55 * again.width())
    finally:
        again.close()
        again.deleteLater()


def test_a_dock_that_floats_is_found_where_it_was_dragged_and_reset_docks_it(
    recorded: Window, hands: Hands, qtbot: QtBot, hamlet_run: Path
) -> None:
    dock = recorded.docks.docks["people"]
    qtbot.waitUntil(lambda: "people" in recorded.docks.panels, timeout=PATIENCE)
    title = dock.titleBarWidget()
    hands.click(title.findChildren(QToolButton)[0])
    qtbot.waitUntil(dock.isFloating)
    assert dock.grab().toImage().pixelColor(2, 70).name() == recorded.design.theme.panel, "it has the window's colours"
    start = dock.pos()
    grip = title.rect().center()
    hands.drag(title, grip, grip + QPoint(400, 250))
    qtbot.waitUntil(lambda: dock.pos() == start + QPoint(400, 250) and dock.isFloating())
    place = dock.geometry()
    recorded.close()
    again = Window()
    show(again, qtbot)
    again.open_run(hamlet_run)
    wait_for_people(again, qtbot)
    try:
        found = again.docks.docks["people"]
        qtbot.waitUntil(lambda: found.isFloating() and found.isVisible() and found.geometry() == place)
        again.show_start_page()
        assert not found.isVisible(), "nothing floats over the start page"
        again.show_society()
        qtbot.waitUntil(lambda: found.isFloating() and found.isVisible() and found.geometry() == place)
        assert again.registry.run("view.reset_layout")
        assert not found.isFloating() and again.dockWidgetArea(found) == LEFT
    finally:
        again.close()
        again.deleteLater()


@pytest.mark.parametrize("size", [(1280, 720), (3840, 2160)], ids=str)
def test_the_window_has_room_for_everything_at_every_size(
    recorded: Window, qtbot: QtBot, size: tuple[int, int]
) -> None:
    window, viewport = recorded, recorded.viewport
    window.docks.make_all()
    for wide, high in ((1600, 1000), size):
        window.resize(wide, high)
        qtbot.waitUntil(partial(_is_drawn_at, window, wide, high), timeout=PATIENCE)
    panels = filter(_is_in_sight, window.docks.panels.values())
    for part in (window.tools, window.timeline, window.status_line, *panels):
        place = QRect(part.mapTo(window, QPoint()), part.size())
        assert window.rect().contains(place), part
        assert part.width() >= part.minimumSizeHint().width() and part.height() >= part.minimumSizeHint().height(), part
    assert viewport.width() >= 0.45 * window.width() and viewport.height() >= 0.6 * window.height()


def _is_drawn_at(window: Window, wide: int, high: int) -> bool:
    """Whether the window has a size, and its viewport drew a picture since."""
    if (window.width(), window.height()) != (wide, high):
        return False
    corner = window.viewport.grab_image().pixelColor(window.viewport.width() - 2, window.viewport.height() - 2)
    return corner.lightness() > 20


def _is_in_sight(panel: QWidget) -> bool:
    return not panel.visibleRegion().isEmpty()


def test_theme_and_size_of_text_are_kept(start_window: Window, qtbot: QtBot) -> None:
    before = start_window.design.theme
    start_window.registry.run("view.theme")
    start_window.registry.run("view.larger_text")
    start_window.close()
    again = Window()
    try:
        assert again.design.theme == start_window.design.theme != before
        assert again.design.scale == start_window.design.scale == 1.15
    finally:
        again.close()
        again.deleteLater()


BROKEN = ["", "{", "[1]", '{"theme": "pink"}', '{"scale": "huge"}', '{"layout": "%%%"}', '{"recent": 3}', "[" * 100_000]


def test_columns_are_kept_and_what_is_none_is_left_out(own_home: Path) -> None:
    liked = preferences.Preferences(columns={"settlement": [("name", 0), ("goods.grain", 90)]})
    assert liked.save() == "" and preferences.load() == liked
    file = own_home / preferences.FILE
    held = json.loads(file.read_text())
    held["columns"] |= {"a": 3, "b": [["name", -1], ["coins"], 4, ["role", 1e9], [7, 7]], "c": [["trade.coins", 60]]}
    file.write_text(json.dumps(held))
    assert preferences.load().columns == {**liked.columns, "c": [("trade.coins", 60)]}


@pytest.mark.parametrize("text", BROKEN, ids=range(len(BROKEN)))
def test_broken_preferences_are_set_aside(own_home: Path, text: str) -> None:
    own_home.mkdir()
    (own_home / "preferences.json").write_text(text)
    read = preferences.load()
    assert read == preferences.Preferences()
    assert read.complaint.count("\n") == 0 and "preferences.json" in read.complaint
    assert (own_home / "preferences.broken.json").read_text() == text
    assert read.save() == ""
    assert preferences.load().complaint == ""


def test_numbers_are_bounded_and_strangers_passed_over(own_home: Path) -> None:
    own_home.mkdir()
    wild = {"scale": 1e9, "recent": ["a"] * 500, "geometry": "AAAA", "layout": "AAAA", "colour": "red"}
    (own_home / "preferences.json").write_text(json.dumps(wild))
    read = preferences.load()
    assert read.complaint == ""
    assert read.scale <= 3 and len(read.recent) <= preferences.MOST_RECENT


def test_a_window_opens_with_broken_preferences_and_says_so(own_home: Path, qtbot: QtBot) -> None:
    own_home.mkdir()
    (own_home / "preferences.json").write_text("{")
    window = Window()
    show(window, qtbot)
    try:
        assert window.start_page.notice.isVisible()
        assert "preferences" in window.start_page.notice.sentence
    finally:
        window.close()
        window.deleteLater()


def test_a_layout_of_another_version_is_passed_over(own_home: Path, qtbot: QtBot, hamlet_run: Path) -> None:
    window = Window(preferences.Preferences(layout=b"nonsense", geometry=b"nonsense"))
    show(window, qtbot)
    try:
        window.open_run(hamlet_run)
        assert window.docks.docks["people"].isVisible()
    finally:
        window.close()
        window.deleteLater()
