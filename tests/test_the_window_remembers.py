"""Where docks lie is remembered and can be reset; preferences that cannot be read are set aside with one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app import preferences
from app.frame.docks import LEFT, RIGHT
from app.window import Window
from tests.windows import show, wait_for_people


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
