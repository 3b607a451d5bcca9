"""The events panel tells exactly what the run file holds under each filter, and leads to it."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app import story
from app.models.events import BOOKKEEPING
from engine.record.index import agent_fields, mentioning
from engine.record.reader import RunReader

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from app.panels.events import EventsPanel
    from app.window import Window

Rows = list[tuple[int, str, int]]


def panel_of(window: Window) -> EventsPanel:
    from app.panels.events import EventsPanel

    window.docks.docks["events"].show()
    window.docks.docks["events"].raise_()
    panel = window.panels["events"]
    assert isinstance(panel, EventsPanel)
    return panel


def told(panel: EventsPanel, qtbot: QtBot) -> Rows:
    """Read the list to its end, as one does who scrolls."""
    from PySide6.QtCore import QModelIndex

    def at_end() -> bool:
        panel.model.fetchMore(QModelIndex())
        return not panel.model.is_looking and not panel.model.canFetchMore(QModelIndex())

    qtbot.waitUntil(at_end, timeout=20_000)
    return [(event.tick, event.kind, event.agent) for event in panel.model.rows]


def held(run: Path, kinds: Collection[str], agent: int | None = None, last: int | None = None) -> Rows:
    """Read the same from the run file, tick by tick, newest first."""
    found: Rows = []
    with RunReader(run) as reader:
        names = [kind.name for kind in reader.header.events]
        assert reader.last_tick is not None
        for tick in range(reader.last_tick if last is None else last, (reader.first_tick or 0) - 1, -1):
            events = reader.record(tick).events
            fields = agent_fields(reader.header)
            rows = list(range(events.size)) if agent is None else mentioning(events, fields, agent).tolist()
            found += [
                (tick, names[events.kind[row]], int(events.agent[row]))
                for row in reversed(rows)
                if names[events.kind[row]] in kinds
            ]
    return found


def usual(run: Path) -> set[str]:
    with RunReader(run) as reader:
        return {kind.name for kind in reader.header.events} - BOOKKEEPING


def test_bookkeeping_is_the_same_on_screen_and_on_paper() -> None:
    assert frozenset(story.BOOKKEEPING) == BOOKKEEPING


def test_filters_show_exactly_what_the_run_file_holds(recorded: Window, hamlet_run: Path, qtbot: QtBot) -> None:
    panel, view = panel_of(recorded), recorded.view
    everything = told(panel, qtbot)
    assert everything == held(hamlet_run, usual(hamlet_run))
    assert len(everything) > 50 and everything[0][0] > everything[-1][0]

    panel.kinds.choose(["refused", "talked"])
    few = told(panel, qtbot)
    assert few == held(hamlet_run, {"refused", "talked"}) and {row[1] for row in few} == {"refused", "talked"}

    person = few[0][2]
    view.select([person])
    panel.only.click()
    assert told(panel, qtbot) == held(hamlet_run, {"refused", "talked"}, person)
    panel.only.click()

    panel.kinds.choose(["arrived"])
    with RunReader(hamlet_run) as reader:
        places = reader.header.words["place"]
        arrived = {
            places[values[0]]
            for tick in range(0, 41)
            for kind, values in zip(
                *(getattr(reader.record(tick).events, what).tolist() for what in ("kind", "values")), strict=True
            )
            if reader.header.events[kind].name == "arrived"
        }
    place = sorted(arrived)[0]
    panel.places.setCurrentIndex(panel.places.findData(place))
    here = told(panel, qtbot)
    assert here and all(place in event.text for event in panel.model.rows)
    assert set(here) < set(held(hamlet_run, {"arrived"}))
    panel.places.setCurrentIndex(0)

    panel.kinds.usual()
    panel.time.setCurrentIndex(panel.time.findData("screen"))
    view.show_tick(25)
    qtbot.waitUntil(lambda: view.tick == 25 and panel.model.filter.last == 25)
    assert told(panel, qtbot) == held(hamlet_run, usual(hamlet_run), last=25)
    view.show_tick(31)
    qtbot.waitUntil(lambda: bool(panel.model.rows) and panel.model.rows[0].tick > 25)
    assert told(panel, qtbot) == held(hamlet_run, usual(hamlet_run), last=31)


def test_a_click_on_an_event_leads_to_its_moment_and_people(recorded: Window, hamlet_run: Path, qtbot: QtBot) -> None:
    panel, view = panel_of(recorded), recorded.view
    panel.kinds.choose(["talked"])
    told(panel, qtbot)
    event = next(event for event in panel.model.rows if event.tick < 38)
    index = panel.model.index(panel.model.rows.index(event))
    panel.list.scrollTo(index)
    with qtbot.waitSignal(view.wanted) as brought:
        QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=panel.list.visualRect(index).center())
    assert view.tick == event.tick and set(view.selected) == set(event.people) and len(view.selected) == 2
    assert brought.args == [event.people[0]]

    panel.list.setFocus()
    QTest.keyClick(panel.list, Qt.Key.Key_Down)
    current = panel.model.rows[panel.list.currentIndex().row()]
    QTest.keyClick(panel.list, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: view.tick == current.tick)


def test_a_living_list_grows_on_top_and_never_under_the_reader(window: Window, qtbot: QtBot) -> None:
    panel, view = panel_of(window), window.view
    assert view.session is not None
    view.session.set_speed(20)
    qtbot.waitUntil(
        lambda: len(panel.model.rows) > 60 and panel.list.verticalScrollBar().maximum() > 40, timeout=60_000
    )
    panel.list.verticalScrollBar().setValue(30)
    read = panel.model.rows[0]
    qtbot.waitUntil(lambda: panel.model.fresh > 0 and panel.chip.isVisible(), timeout=20_000)
    assert panel.model.rows[0] == read and panel.list.verticalScrollBar().value() == 30
    assert f"{panel.model.fresh:,}" in panel.chip.text()
    panel.chip.click()
    qtbot.waitUntil(lambda: panel.model.rows[0].tick > read.tick)
    view.session.pause()
    qtbot.waitUntil(lambda: view.status is not None and view.status.state in ("paused", "ended"))
    panel.to_newest()
    rows = [(event.tick, event.text, event.people) for event in panel.model.rows]
    assert [row[0] for row in rows] == sorted((row[0] for row in rows), reverse=True)


def test_an_empty_list_says_why_and_offers_the_mend(recorded: Window, qtbot: QtBot) -> None:
    panel = panel_of(recorded)
    told(panel, qtbot)
    panel.kinds.choose([])
    assert "No kind" in panel._say.text() and panel._mend.isVisible()
    panel._mend.click()
    qtbot.waitUntil(lambda: len(panel.model.rows) > 0)
    recorded.view.close()
    assert "told here" in panel._say.text() and not panel.model.rows
