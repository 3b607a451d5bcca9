"""A person at the screen decides for somebody by real clicks; the run file has it, and they can be let go again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from engine.record.reader import RunReader
from engine.values import Command
from tests.windows import PATIENCE

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from app.panels.inspector import InspectorPanel
    from app.window import Window


def commands(run: Path) -> list[Command]:
    """Return the commands in a run file that views gave."""
    with RunReader(run) as reader:
        first, last = reader.first_tick, reader.last_tick
        assert first is not None and last is not None
        return [c for record in reader.records(first, last) for c in record.commands if c.do in ("drive", "release")]


def test_driving_by_clicks_holds_and_is_recorded_and_release_lets_go(window: Window, qtbot: QtBot) -> None:
    from app.panels.inspector import InspectorPanel

    found = window.docks.panel("inspector")
    assert isinstance(found, InspectorPanel)
    panel: InspectorPanel = found
    window.docks.docks["inspector"].show()
    window.docks.docks["inspector"].raise_()
    assert window.view.session is not None and window.opening is not None and window.opening.run is not None
    run = window.opening.run
    window.view.session.set_speed(20)
    agent = int(np.flatnonzero(window.view.alive())[7])
    window.view.select([agent])
    qtbot.waitUntil(lambda: panel.person is not None and panel.person["agent"] == agent, timeout=PATIENCE)
    QTest.mouseClick(panel.drive_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(panel.drive.rows.rows()) > 1, timeout=PATIENCE)
    assert not panel.drive.is_held and not window.registry["inspector.release"].isEnabled()

    QTest.keyClicks(panel.drive.search, "wander")
    wanted = [row for row in panel.drive.rows.rows() if not row.entry.heading]
    assert wanted and all("wander" in row.entry.text.casefold() for row in wanted)
    QTest.mouseClick(wanted[0], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.drive.is_held, timeout=PATIENCE)
    assert "applied" in panel.drive.feedback.text
    qtbot.waitUntil(lambda: panel.header.badge.isVisible() and "held" in panel.header.badge.text, timeout=PATIENCE)

    QTest.mouseClick(panel.drive.release, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not panel.drive.is_held, timeout=PATIENCE)
    qtbot.waitUntil(lambda: panel.person is not None and not panel.person["driven"], timeout=PATIENCE)
    window.close_society()

    drive, release = commands(run)
    assert (drive.do, release.do) == ("drive", "release")
    assert drive.what["agent"] == release.what["agent"] == agent
    assert drive.what["action"] == "wander" and drive.what["hold"] is True


def test_a_choice_that_is_stale_is_refused_with_a_reason_in_the_panel(window: Window, qtbot: QtBot) -> None:
    from app.panels.inspector import InspectorPanel

    panel = window.docks.panel("inspector")
    assert isinstance(panel, InspectorPanel)
    window.docks.docks["inspector"].show()
    window.docks.docks["inspector"].raise_()
    assert window.view.session is not None
    agent = int(np.flatnonzero(window.view.alive())[7])
    window.view.select([agent])
    QTest.mouseClick(panel.drive_button, Qt.MouseButton.LeftButton)
    seen = QWidget.visibleRegion

    def in_sight() -> list[QWidget]:
        return [row for row in panel.drive.rows.rows() if not row.entry.heading and not seen(row).isEmpty()]

    qtbot.waitUntil(lambda: bool(in_sight()), timeout=PATIENCE)
    dismissed: list[object] = []
    window.view.command("dismiss", {"agent": agent}, dismissed.append)
    QTest.mouseClick(in_sight()[0], Qt.MouseButton.LeftButton)
    assert panel.drive.feedback.text, "the click was heard"
    qtbot.waitUntil(lambda: panel.drive.feedback.text.startswith("Refused"), timeout=PATIENCE)
    assert "no living person" in panel.drive.feedback.text
    assert not panel.drive.is_held
