"""The people panel in a real window, by real keys and clicks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication

from app.actions import Actions
from app.design import Design
from app.models.fields import Kind
from app.panels.people import PeoplePanel
from app.session import Frame
from app.view import View
from engine.remote.wire import About, ColumnEntry, PlaceEntry, RoleEntry

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from app.window import Window

KEY = Qt.Key
CONTROL, SHIFT, PLAIN = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.NoModifier,
)
LEFT = Qt.MouseButton.LeftButton
FULL = 1_000_000


def society(people: int) -> tuple[About, dict[str, Any], list[str]]:
    """Return a society that stands still: what it is, its frame, and names."""
    draw = np.random.default_rng(3)
    columns: dict[str, Any] = {
        "people.alive": draw.random(people) < 0.95,
        "people.role": draw.integers(0, 3, people).astype(np.uint8),
        "people.action": draw.integers(0, 3, people).astype(np.int16),
        "space.place": draw.integers(-1, 2, people).astype(np.int16),
        "drives.hunger": draw.integers(0, FULL + 1, people).astype(np.int32),
        "trade.coins": draw.integers(0, 50, people).astype(np.int32),
    }
    units = {"drives.hunger": "millionths", "trade.coins": "coins"}
    entries = [
        ColumnEntry(name, array.dtype.name, (), units.get(name, ""), "", True) for name, array in columns.items()
    ]
    about = About(
        name="still", title="Still", description="", run="", program="", seed=1, scenario="", tick=120, day=720,
        start=0, ticks=10, mode="live", rate=4.0, space="hex", width=2, height=2, edges="wall", substeps=1,
        live=False, first=0, parent=None, changes=(), kinds=(), actions=("continue", "rest", "eat"), appeals=(),
        minds=(), events=(), measures=(), columns=tuple(entries),
        roles=tuple(RoleEntry(name, "#e69f00", "") for name in ("citizen", "merchant", "leader")),
        places=tuple(PlaceEntry(name, name, n, 0, 9, 0) for n, name in enumerate(("market", "library"))),
    )  # fmt: skip
    return about, columns, [f"Person {number:06}" for number in range(people)]


@pytest.fixture
def standing(qtbot: QtBot) -> Iterator[tuple[PeoplePanel, View]]:
    """A panel over 400 people who stand still, and its View."""
    view, panel = opened(400)
    qtbot.addWidget(panel)
    qtbot.waitExposed(panel)
    yield panel, view


def opened(people: int) -> tuple[View, PeoplePanel]:
    view, design = View(), Design()
    panel = PeoplePanel(view, Actions(design), design)
    panel.resize(640, 480)
    panel.show()
    about, columns, names = society(people)
    view.about, view.names = about, names
    view.opened.emit()
    view._arrive(Frame(0, columns))
    return view, panel


def listed(panel: PeoplePanel) -> list[int]:
    return [int(agent) for agent in panel.model.order]


def click(qtbot: QtBot, panel: PeoplePanel, row: int, keys: Qt.KeyboardModifier = PLAIN, column: int = 0) -> int:
    """Click on a row; return whose it is."""
    rect = panel.table.visualRect(panel.model.index(row, column))
    QTest.mouseClick(panel.table.viewport(), LEFT, keys, rect.center())
    return int(panel.model.order[row])


def offers(panel: PeoplePanel) -> QAbstractItemView:
    popup = panel.search._completer.popup()
    assert popup is not None
    return popup


def rows_selected(panel: PeoplePanel) -> set[int]:
    return {int(panel.model.order[index.row()]) for index in panel.table.selectionModel().selectedRows()}


def test_a_filter_that_is_typed_lists_those_people(window: Window, qtbot: QtBot) -> None:
    panel, view = window.panels["people"], window.view
    assert isinstance(panel, PeoplePanel)
    assert view.session is not None
    view.session.pause()
    qtbot.waitUntil(lambda: len(view.names) > 0 and len(listed(panel)) == int(view.alive().sum()))
    QTest.keyClicks(panel.search, 'role == "merchant" and earned >= 0')
    assert view.frame is not None and view.about is not None
    merchant = [role.name for role in view.about.roles].index("merchant")

    def as_wanted() -> None:
        assert view.frame is not None
        found = np.flatnonzero((view.frame.columns["people.role"] == merchant) & view.alive())
        assert found.size and sorted(listed(panel)) == found.tolist()

    qtbot.waitUntil(as_wanted)  # `earned` is in no frame: the host is asked for it
    earned = panel.fields.find("earned")
    assert earned is not None and not earned.in_frame
    panel.columns.toggle(earned)
    qtbot.waitUntil(lambda: all(panel.model.text(agent, earned).isdigit() for agent in listed(panel)))
    assert panel.count.text().startswith(f"{len(listed(panel))} of {int(view.alive().sum())} people")
    QTest.keyClick(panel.search, KEY.Key_Escape)
    qtbot.waitUntil(lambda: len(listed(panel)) == int(view.alive().sum()))
    QTest.keyClicks(panel.search, view.name(3).lower())
    qtbot.waitUntil(lambda: 3 in listed(panel))
    assert all(view.name(3).casefold() in view.name(agent).casefold() for agent in listed(panel))


def test_a_mistake_keeps_the_last_good_filter_and_says_where(standing: tuple[PeoplePanel, View], qtbot: QtBot) -> None:
    panel, view = standing
    QTest.keyClicks(panel.search, "coins < 5")
    good = listed(panel)
    assert view.frame is not None
    assert sorted(good) == np.flatnonzero((view.frame.columns["trade.coins"] < 5) & view.alive()).tolist()
    QTest.keyClicks(panel.search, " and coin > 1")
    qtbot.waitUntil(panel.note.isVisible)
    assert "Character 15" in panel.note.text() and "did you mean `coins`?" in panel.note.text()
    assert listed(panel) == good
    offers(panel).hide()
    QTest.keyClick(panel.search, KEY.Key_Return)
    assert panel.search.selectedText() == "coin"
    QTest.keyClicks(panel.search, "coins")
    assert not panel.note.isVisible() and 0 < len(listed(panel)) < len(good)


def test_columns_and_words_are_completed(standing: tuple[PeoplePanel, View], qtbot: QtBot) -> None:
    panel, _ = standing
    popup = offers(panel)
    QTest.keyClicks(panel.search, "ro")
    assert popup.isVisible() and panel.search.offers() == ["role"]
    QTest.keyClick(popup, KEY.Key_Down)
    QTest.keyClick(popup, KEY.Key_Return)
    assert panel.search.text() == "role"
    QTest.keyClicks(panel.search, " == m")
    assert panel.search.offers() == ['"merchant"']
    QTest.keyClick(popup, KEY.Key_Down)
    QTest.keyClick(popup, KEY.Key_Return)
    assert panel.search.text() == 'role == "merchant"'
    assert {panel.model.text(agent, panel.model.shown[1]) for agent in listed(panel)} == {"merchant"}


def test_clicks_and_keys_select_in_the_view(standing: tuple[PeoplePanel, View], qtbot: QtBot) -> None:
    panel, view = standing
    flown: list[int] = []
    view.wanted.connect(flown.append)
    one = click(qtbot, panel, 2)
    assert list(view.selected) == [one]
    other = click(qtbot, panel, 5, CONTROL)
    assert list(view.selected) == [one, other]
    last = click(qtbot, panel, 7, SHIFT)
    assert set(view.selected) == {one, *listed(panel)[5:8]} and last in view.selected
    QTest.keyClick(panel.table, KEY.Key_Down)
    assert view.selected == (listed(panel)[8],)
    QTest.keyClick(panel.table, KEY.Key_Down, SHIFT)
    assert view.selected == tuple(listed(panel)[8:10])
    QTest.keyClick(panel.table, KEY.Key_Return)
    assert flown == [listed(panel)[9]] and view.selected == (listed(panel)[9],)
    rect = panel.table.visualRect(panel.model.index(4, 1))
    QTest.mouseClick(panel.table.viewport(), LEFT, PLAIN, rect.center())
    QTest.mouseDClick(panel.table.viewport(), LEFT, PLAIN, rect.center())
    assert flown[1:] == [listed(panel)[4]]
    QTest.keyClick(panel.table, KEY.Key_A, CONTROL)
    assert set(view.selected) == set(listed(panel))
    QTest.keyClicks(panel.search, "role == leader")
    offers(panel).hide()
    panel.table.setCurrentIndex(QModelIndex())
    QTest.keyClick(panel.search, KEY.Key_Down)
    assert view.selected == (listed(panel)[0],)
    QTest.keyClick(panel.table, KEY.Key_Return)
    assert flown[-1] == listed(panel)[0]
    panel._actions["people.select_shown"].trigger()
    assert view.selected == tuple(listed(panel)) and f"{len(listed(panel))} selected" in panel.count.text()


def test_a_selection_made_elsewhere_is_shown_without_taking_the_focus(
    standing: tuple[PeoplePanel, View], qtbot: QtBot
) -> None:
    panel, view = standing
    panel.activateWindow()
    panel.search.setFocus()
    alive = np.flatnonzero(view.alive()).tolist()
    view.select([alive[-1], alive[3]])
    assert rows_selected(panel) == {alive[-1], alive[3]}
    first, last = panel.table.in_sight()
    assert first <= panel.model.row(alive[-1]) <= last
    assert not panel.table.hasFocus()
    click(qtbot, panel, panel.model.row(alive[-2]), CONTROL)
    assert set(view.selected) == {alive[-1], alive[3], alive[-2]}
    QTest.keyClicks(panel.search, "#" + str(alive[9]))
    assert listed(panel) == [alive[9]] and "3 selected, 3 not listed" in panel.count.text()
    click(qtbot, panel, 0, CONTROL)
    assert set(view.selected) == {alive[-1], alive[3], alive[-2], alive[9]}
    panel.hide()
    view.select([alive[0]])
    panel.search.clear()
    panel.show()
    assert rows_selected(panel) == {alive[0]}


def test_sorting_keeps_the_selection(standing: tuple[PeoplePanel, View], qtbot: QtBot) -> None:
    panel, view = standing
    one, other = click(qtbot, panel, 1), click(qtbot, panel, 6, CONTROL)
    header = panel.table.horizontalHeader()
    assert view.frame is not None
    for number, field in enumerate(panel.model.shown):
        for turn in range(2):
            at = QPoint(header.sectionViewportPosition(number) + 12, header.height() // 2)
            QTest.mouseClick(header.viewport(), LEFT, PLAIN, at)
            agents = listed(panel)
            read = [panel.model.text(agent, field) for agent in agents]
            if field.kind in (Kind.LEVEL, Kind.NUMBER):
                keys: list[Any] = [int(text.split()[0]) for text in read]
            else:
                keys = [(text == "–", text.casefold()) for text in read]
            assert keys == sorted(keys, reverse=panel.wish.descending), (field.name, turn)
            assert view.selected == (one, other) and rows_selected(panel) == {one, other}
    assert sorted(listed(panel)) == np.flatnonzero(view.alive()).tolist()


def test_who_has_left_is_listed_when_wanted(standing: tuple[PeoplePanel, View], qtbot: QtBot) -> None:
    panel, view = standing
    gone = set(np.flatnonzero(~view.alive()).tolist())
    assert gone and not gone & set(listed(panel))
    QTest.keyClicks(panel.search, "not alive")
    assert set(listed(panel)) == gone
    panel.search.clear()
    panel._actions["people.departed"].trigger()
    assert len(listed(panel)) == 400 and panel._actions["people.departed"].isChecked()


def test_a_frame_changes_what_is_read_and_in_the_end_the_order(
    standing: tuple[PeoplePanel, View], qtbot: QtBot
) -> None:
    panel, view = standing
    hunger = panel.fields.find("hunger")
    assert hunger is not None and view.frame is not None
    panel.table.horizontalHeader().setSortIndicator(panel.model.shown.index(hunger), Qt.SortOrder.AscendingOrder)
    fresh = dict(view.frame.columns)
    fresh["drives.hunger"] = (FULL - fresh["drives.hunger"]).astype(np.int32)
    before = listed(panel)
    view._arrive(Frame(1, fresh))
    assert panel.model.text(before[0], hunger) == f"{round(int(fresh['drives.hunger'][before[0]]) * 100 / FULL)} %"
    qtbot.waitUntil(lambda: listed(panel) == before[::-1])


def test_a_hundred_thousand_rows_are_listed_filtered_sorted_and_selected(qtbot: QtBot) -> None:
    view, panel = opened(100_000)
    qtbot.addWidget(panel)
    qtbot.waitExposed(panel)
    assert view.frame is not None
    columns, alive = view.frame.columns, view.alive()
    assert len(listed(panel)) == int(alive.sum()) == panel.table.model().rowCount()
    panel.search.setText("role == merchant and coins < 5")
    found = np.flatnonzero((columns["people.role"] == 1) & (columns["trade.coins"] < 5) & alive)
    assert listed(panel) == found.tolist()
    panel._actions["people.select_shown"].trigger()
    panel.search.clear()
    panel.table.horizontalHeader().setSortIndicator(4, Qt.SortOrder.DescendingOrder)
    assert view.selected == tuple(found.tolist()) and len(listed(panel)) == int(alive.sum())
    assert np.all(np.diff(columns["drives.hunger"][panel.model.order]) <= 0)
    assert panel.table.is_chosen(int(found[-1])) and not panel.table.is_chosen(int(found[-1]) + 1)
    view.select(listed(panel))
    one = click(qtbot, panel, panel.table.in_sight()[0] + 3)
    assert view.selected == (one,)


def test_headings_say_what_they_are(standing: tuple[PeoplePanel, View], qtbot: QtBot) -> None:
    panel, _ = standing
    headings = [panel.model.headerData(n, Qt.Orientation.Horizontal) for n in range(panel.model.columnCount())]
    assert headings == ["Name", "Role", "Doing", "At", "Hunger", "Coins"]
    role = Qt.ItemDataRole.AccessibleTextRole
    assert panel.model.data(panel.model.index(0, 1), role).startswith("Role: ")
    assert QApplication.focusWidget() is not panel.count


def test_goods_skills_and_traits_are_columns_and_filters(window: Window, qtbot: QtBot) -> None:
    panel, view = window.panels["people"], window.view
    assert isinstance(panel, PeoplePanel) and view.session is not None and view.about is not None
    view.session.pause()
    (stock,) = [entry for entry in view.about.columns if entry.name == "goods.stock"]
    (traits,) = [entry for entry in view.about.columns if entry.name == "people.traits"]
    assert len(stock.words) == stock.shape[0] and len(traits.words) == traits.shape[0]
    good = stock.words[0]
    for name in (good, f"skill_{good}", "sociable"):
        field = panel.fields.find(name.replace(" ", "_"))
        assert field is not None
        panel.columns.toggle(field)
    QTest.keyClicks(panel.search, f"{good} > 3 and skill_{good} >= 0% and sociable < 90%")
    offers(panel).hide()
    asked: list[Any] = []
    view.ask("columns", asked.append, names="goods.stock,people.traits")
    qtbot.waitUntil(lambda: bool(asked))
    held = asked[0].columns
    wanted = (held["goods.stock"][:, 0] > 3) & (np.rint(held["people.traits"][:, 0] / 10) < 90) & view.alive()
    qtbot.waitUntil(lambda: sorted(listed(panel)) == np.flatnonzero(wanted).tolist(), timeout=20_000)
    field = panel.fields.find(good)
    assert field is not None and wanted.any()
    for agent in listed(panel):
        assert panel.model.text(agent, field) == str(held["goods.stock"][agent, 0])


def test_chosen_columns_are_remembered_for_their_scenario_and_reset(qtbot: QtBot) -> None:
    liked: dict[str, Any] = {}

    def fresh() -> tuple[View, PeoplePanel]:
        view, design = View(), Design()
        panel = PeoplePanel(view, Actions(design), design, liked)
        qtbot.addWidget(panel)
        panel.resize(640, 480)
        panel.show()
        about, columns, names = society(40)
        view.about, view.names = about, names
        view.opened.emit()
        view._arrive(Frame(0, columns))
        return view, panel

    _, panel = fresh()
    usual = [field.name for field in panel.model.shown]
    assert panel.columns.are_usual and liked == {} and usual[:3] == ["name", "people.role", "people.action"]
    header = panel.table.horizontalHeader()
    panel.columns.toggle(panel.model.shown[1])
    header.moveSection(header.visualIndex(2), 1)
    panel.table.setColumnWidth(0, 201)
    order = [field.name for field in panel.columns.shown()]
    assert liked["still"][0] == ("name", 201) and "people.role" not in order

    _, again = fresh()
    assert [field.name for field in again.model.shown] == order and not again.columns.are_usual
    assert again.table.columnWidth(0) == 201
    assert again._actions.run("people.usual_columns") and liked == {}
    assert [field.name for field in again.model.shown] == usual and again.table.columnWidth(0) != 201


def test_the_usual_columns_are_those_that_fit(standing: tuple[PeoplePanel, View], qtbot: QtBot) -> None:
    panel, _ = standing
    for width in (240, 400, 640, 300):
        panel.resize(width, 480)
        qtbot.wait(20)
        table, shown = panel.table, panel.model.shown
        total = sum(table.columnWidth(n) for n in range(len(shown)))
        assert len(shown) >= 2 and (total <= table.viewport().width() or len(shown) == 2)
        assert all(table.columnWidth(n) >= table.needed(field) for n, field in enumerate(shown))
    assert len(shown) < len(panel.fields.usual())
