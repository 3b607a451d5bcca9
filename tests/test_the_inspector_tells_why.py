"""The inspector shows who somebody is and why they did what they did, as the engine has it, and leads on from there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget

from app.compose import compose
from app.headless import run
from engine.record.reader import RunReader
from engine.record.replay import seek
from engine.society.drives import Drives
from engine.society.module import EventKind
from engine.society.society import Society
from tests.hamlet import changed, hamlet
from tests.windows import PATIENCE, wait_for_people

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from app.panels.inspector import InspectorPanel
    from app.window import Window

SOMEBODY = 3
LAST = 40


def inspector(window: Window) -> InspectorPanel:
    from app.panels.inspector import InspectorPanel

    panel = window.docks.panel("inspector")
    window.docks.docks["inspector"].show()
    window.docks.docks["inspector"].raise_()
    assert isinstance(panel, InspectorPanel)
    return panel


def look_at(window: Window, qtbot: QtBot, agent: int) -> InspectorPanel:
    """Select somebody and wait until the host has told of them."""
    panel = inspector(window)
    with qtbot.waitSignal(panel.explained, timeout=PATIENCE, check_params_cb=lambda who: who == agent):
        window.view.select([agent])
    return panel


@pytest.fixture
def society(hamlet_run: Path) -> Society:
    """The society of the recorded run after its last tick, put together by the engine itself."""
    laboratory = compose(hamlet(), replay=True)
    with RunReader(hamlet_run) as reader:
        seek(laboratory.runner, reader, LAST)
    return laboratory.society


def test_who_is_selected_again_is_told_of_again(recorded: Window, hamlet_run: Path, qtbot: QtBot) -> None:
    look_at(recorded, qtbot, SOMEBODY)
    recorded.view.select([])
    look_at(recorded, qtbot, SOMEBODY)
    recorded.close_society()
    recorded.open_run(hamlet_run)
    wait_for_people(recorded, qtbot)
    look_at(recorded, qtbot, SOMEBODY)


def test_it_says_what_the_engine_says(recorded: Window, society: Society, hamlet_run: Path, qtbot: QtBot) -> None:
    agent = next(int(who) for who in society.world.living() if society.bodies.place[who] >= 0)
    panel = look_at(recorded, qtbot, agent)
    assert panel.header.name.text == society.name(agent)
    assert panel.header.role.text == society.roles[int(society.people.role[agent])]
    assert panel.header.place.text.casefold() == society.words("place", int(society.bodies.place[agent])).casefold()
    levels = [fact for fact in society.modules["drives"].facts(agent) if fact.kind in ("level", "lack")]
    shown = {meter.label.casefold(): (meter.value, meter.words) for meter in panel.needs.meters.meters}
    assert {fact.label.casefold(): (fact.value, fact.words) for fact in levels}.items() <= shown.items()
    assert [int(meter.value) for meter in panel.character.meters.meters] == society.people.traits[agent].tolist()
    qtbot.waitUntil(lambda: all(meter.course for meter in panel.needs.meters.meters), timeout=PATIENCE)


def test_it_shows_the_choices_and_marks_the_one_that_was_taken(
    recorded: Window, hamlet_run: Path, qtbot: QtBot
) -> None:
    with RunReader(hamlet_run) as reader:
        agent, tick = next(
            (int(decisions.agent[0]), record.tick)
            for record in reversed(list(reader.records(1, LAST)))
            if (decisions := record.decisions).size and record.tick < LAST and decisions.asked_at[0] == record.tick
        )
        record, header = reader.record(tick), reader.header
    row = int(np.flatnonzero(record.decisions.agent == agent)[0])
    recorded.view.show_tick(tick)
    qtbot.waitUntil(lambda: recorded.view.tick == tick, timeout=PATIENCE)
    panel = look_at(recorded, qtbot, agent)
    taken = [entry for entry in panel.options.rows.entries if entry.strong]
    action, args = header.actions[int(record.decisions.action[row])], record.decisions.args[row].tolist()
    assert len(taken) == 1 and isinstance(taken[0].key, tuple)
    assert taken[0].key[0] == action and list(taken[0].key[1]) == args[: len(taken[0].key[1])]
    shares = [entry.gauges[0].share for entry in panel.options.rows.entries if entry.gauges]
    assert shares == sorted(shares, reverse=True) and max(shares, default=1.0) == 1.0
    assert taken[0].text.casefold() in panel.why.decision.text.casefold()
    assert "mind" in panel.why.by.text
    before = panel.options.rows.rows()[0].height()
    QTest.mouseClick(panel.options.rows.rows()[0], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.options.rows.rows()[0].height() > before)


def test_a_click_on_a_tie_shows_the_other(recorded: Window, qtbot: QtBot) -> None:
    panel = look_at(recorded, qtbot, SOMEBODY)
    qtbot.waitUntil(lambda: bool(panel.ties.rows.rows()), timeout=PATIENCE)
    other = panel.ties.rows.rows()[0]
    key, name = other.entry.key, other.entry.text
    QTest.mouseClick(other, Qt.MouseButton.LeftButton)
    assert recorded.view.chosen == key != SOMEBODY
    assert panel.header.name.text == name


def test_a_click_in_the_history_shows_that_tick(recorded: Window, qtbot: QtBot) -> None:
    panel = look_at(recorded, qtbot, SOMEBODY)
    qtbot.waitUntil(lambda: len(panel.history.rows.rows()) > 2, timeout=PATIENCE)
    ticks = [entry.key[0] for entry in panel.history.rows.entries if isinstance(entry.key, tuple)]
    assert ticks == sorted(ticks, reverse=True)
    QTest.mouseClick(panel.history.rows.rows()[-1], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: recorded.view.tick == ticks[-1], timeout=PATIENCE)
    assert recorded.view.chosen == SOMEBODY
    qtbot.waitUntil(lambda: panel.person is not None and panel.person["tick"] == ticks[-1], timeout=PATIENCE)
    assert f"tick {ticks[-1]:,}" in panel.header.moment.text


def test_of_the_departed_it_tells_how_they_were_last(recorded: Window, qtbot: QtBot) -> None:
    gone = int(np.flatnonzero(~recorded.view.alive())[0])
    panel = look_at(recorded, qtbot, gone)
    qtbot.waitUntil(lambda: panel.person is not None and panel.person["tick"] == LAST - 1, timeout=PATIENCE)
    assert panel.person is not None and panel.person["alive"]
    assert panel.header.doing.text.startswith("Left the society")
    assert panel.needs.meters.meters and panel.header.badge.isVisible()


def test_a_recorded_run_says_that_nobody_can_be_driven(recorded: Window, qtbot: QtBot) -> None:
    panel = look_at(recorded, qtbot, SOMEBODY)
    QTest.mouseClick(panel.drive_button, Qt.MouseButton.LeftButton)
    assert "recorded" in panel.drive.state.text
    assert not panel.drive.search.isVisible()
    assert panel.drive.branch is not None and panel.drive.branch.isVisible()


def test_nobody_and_several(recorded: Window, qtbot: QtBot) -> None:
    panel = inspector(recorded)
    recorded.view.select([])
    assert panel.hint.isVisible()
    living = np.flatnonzero(recorded.view.alive())[:5].tolist()
    recorded.view.select(living)
    assert panel.several.isVisible() and panel.several.count.text == "5 people"
    assert panel.header.name.text == recorded.view.name(living[0])
    recorded.registry["inspector.next"].trigger()
    assert recorded.view.selected == (*living[1:], living[0])
    assert panel.header.name.text == recorded.view.name(living[1])


def test_it_copies_as_text(recorded: Window, qtbot: QtBot) -> None:
    panel = look_at(recorded, qtbot, SOMEBODY)
    qtbot.waitUntil(lambda: bool(panel.ties.listed), timeout=PATIENCE)
    recorded.registry["inspector.copy"].trigger()
    text = QGuiApplication.clipboard().text()
    assert text.startswith(f"{panel.header.name.text} (#{SOMEBODY})")
    for row in (panel.options.rows.rows()[0], panel.ties.rows.rows()[0]):
        assert row.entry.text.casefold() in text.casefold()


def test_a_run_by_other_rules_says_so(
    start_window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    path = tmp_path / "other.sociarium"
    with monkeypatch.context() as patch:
        patch.setattr(Drives, "events", (*Drives.events, EventKind("dreamt", "{agent} dreamt")))
        run(changed(hamlet(), time__ticks="8"), path, quiet=True)
    start_window.open_run(path)
    wait_for_people(start_window, qtbot)
    panel = look_at(start_window, qtbot, SOMEBODY)
    assert "other rules" in panel.why.unknown.text and panel.why.unknown.isVisible()
    assert not panel.options.isVisible()


def pieces(panel: QWidget) -> Iterator[QWidget]:
    """Yield what is painted with text in it."""
    from app.panels.flow import Chip
    from app.panels.inspector.needs import Meter
    from app.panels.pieces import Heading, Link, Prose
    from app.panels.rows import Row

    for piece in panel.findChildren(QWidget):
        if isinstance(piece, (Prose, Row, Meter, Chip, Link, Heading, QPushButton)) and piece.isVisibleTo(panel):
            yield piece


@pytest.mark.parametrize("width, scale", [(300, 1.0), (300, 1.5), (420, 1.0)])
def test_no_text_is_cut(recorded: Window, qtbot: QtBot, width: int, scale: float) -> None:
    recorded.design.enlarge(scale)
    panel = inspector(recorded)
    dock = recorded.docks.docks["inspector"]
    dock.setFloating(True)
    dock.resize(width, 700)
    look_at(recorded, qtbot, SOMEBODY)
    qtbot.waitUntil(lambda: bool(panel.ties.listed) and bool(panel.history.rows.rows()), timeout=PATIENCE)
    qtbot.waitUntil(lambda: panel.width() <= width)
    qtbot.wait(50)
    for piece in pieces(panel):
        told = f"{type(piece).__name__} {piece.accessibleName()!r} at {piece.width()} x {piece.height()}"
        if piece.hasHeightForWidth():
            assert piece.height() >= piece.heightForWidth(piece.width()), told
        else:
            assert piece.height() >= piece.sizeHint().height() and piece.width() >= piece.sizeHint().width(), told
        assert piece.mapTo(panel, piece.rect().topRight()).x() <= panel.width(), told
    assert len(list(pieces(panel))) > 30
