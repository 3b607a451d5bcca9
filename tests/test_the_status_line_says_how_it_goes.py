"""The status line says what Status says, warns in words, and is never cut, nor are the panels of time around it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QWidget

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from app.window import Window

NARROWEST = 640
"""A window of 1280 pixels at 200 %, in logical pixels."""


def test_it_says_what_the_host_says(window: Window, qtbot: QtBot) -> None:
    line, view = window.status_line, window.view
    assert view.session is not None
    view.session.pause()
    qtbot.waitUntil(lambda: view.status is not None and view.status.state == "paused", timeout=20_000)
    qtbot.waitUntil(lambda: line.state.words == "Paused")
    qtbot.waitUntil(lambda: view.tick == view.last_tick, timeout=20_000)  # the last frame may come after the state
    line.set_frames_per_s(lambda: 47.4)
    status = view.status
    assert status is not None and view.about is not None
    view._status(replace(status, decisions_per_s=1234.4, ticks_per_s=3.96, waiting=7, disk=5_900_000, free=81 * 10**9))
    line._say_rates()
    told = {name: field.part.figure for name, field in line.fields.items()}
    day, minute = view.about.moment(view.tick)
    assert told == {
        "tick": f"{view.tick:,}",
        "moment": f"Day {day}, {minute // 60:02}:{minute % 60:02}",
        "people": f"{int(view.alive().sum()):,}",
        "ticks": "4.0",
        "frames": "47",
        "decisions": "1,234",
        "waiting": "7",
        "fallbacks": f"{status.fallbacks:,}",
        "disk": "5.9 MB",
        "free": "81.0 GB",
    }
    view._status(replace(status, fallbacks=3))
    assert (line.fields["fallbacks"].part.figure, line.fields["fallbacks"].part.tone) == ("3", "warn")
    note = "the disk is full; make room, and the run goes on by itself"
    view._status(replace(status, state="waiting", note=note))
    assert line.state.words == "Waiting for disk" and line.note.toolTip() == note


def test_figures_never_jump(window: Window, qtbot: QtBot) -> None:
    line, view = window.status_line, window.view
    status = view.status
    assert status is not None and view.session is not None
    view.session.pause()
    qtbot.waitUntil(lambda: view.status is not None and view.status.state == "paused", timeout=20_000)
    places = []
    for number in (1, 10, 999):
        view._status(replace(status, state="paused", decisions_per_s=number, waiting=number, ticks_per_s=number))
        line._say_rates()
        qtbot.wait(1)
        places.append([(field.x(), field.width()) for field in line.fields.values()])
    assert places[0] == places[1] == places[2]


@pytest.mark.parametrize("width", [1280, NARROWEST])
def test_nothing_is_cut(window: Window, qtbot: QtBot, width: int) -> None:
    view = window.view
    view.select([3])
    qtbot.waitUntil(lambda: len(view.names) > 3)
    for panel, high in (
        (window.panels["events"], 300),
        (window.panels["measures"], 300),
        (window.timeline, 96),
        (window.status_line, 24),
    ):
        panel.setParent(None)
        panel.resize(width if high < 100 else width // 2, high)
        panel.show()
        qtbot.waitExposed(panel)
        qtbot.wait(1)
        assert panel.width() <= width, f"{panel.accessibleName()} asks for {panel.width()} logical pixels"
        assert cut(panel) == [], panel.accessibleName()
        panel.close()
        panel.deleteLater()


def cut(panel: QWidget) -> list[str]:
    """Return the texts that do not fit into their widgets and that no tool tip tells in full."""
    found = []
    for part in panel.findChildren(QWidget):
        if not part.isVisible():
            continue
        room = part.contentsRect().width()
        if isinstance(part, QComboBox):
            text, room = part.currentText(), room - 22
        elif isinstance(part, (QAbstractButton, QLabel)):
            text = part.text().replace("&", "")
            if isinstance(part, QLabel) and part.wordWrap():
                continue
            if text.endswith("…") and part.toolTip():
                continue
        else:
            continue
        if part.fontMetrics().horizontalAdvance(text) > room and not _icon_only(part):
            found.append(f"{text} ({part.fontMetrics().horizontalAdvance(text)} in {room})")
        if part.x() + part.width() > (part.parentWidget() or panel).width() + 1:
            found.append(f"{text} sticks out")
    return found


def _icon_only(part: QWidget) -> bool:
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QToolButton

    return isinstance(part, QToolButton) and part.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonIconOnly
