"""All that a user does in the window, by a pointer and keys that come in through the X server as theirs do."""

from __future__ import annotations

import math
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QApplication, QComboBox, QWidget

from app import display
from engine.errors import RunFileError
from engine.record.reader import RunReader
from tests.hands import BETWEEN_CLICKS, MIDDLE, RIGHT, Hands, not_here
from tests.staging import look, meadow, seen_at, settle, stage
from tests.windows import PATIENCE, wait_for_people

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from app.panels.inspector import InspectorPanel
    from app.panels.people import PeoplePanel
    from app.viewport.camera import Pose
    from app.viewport.viewport import Viewport
    from app.window import Window


@pytest.fixture
def viewport(recorded: Window, qtbot: QtBot) -> Viewport:
    """The viewport of a recorded run, with all docks in their places."""
    viewport = recorded.viewport
    qtbot.waitUntil(lambda: viewport.pictures > 0 and "inspector" in recorded.docks.panels, timeout=30_000)
    return viewport


def selects(viewport: Viewport, *agents: int) -> bool:
    return set(viewport.view.selected) == set(agents)


def state(window: Window) -> str:
    return "" if window.view.status is None else window.view.status.state


def test_from_the_start_page_to_a_running_village(start_window: Window, hands: Hands, qtbot: QtBot) -> None:
    tile = start_window.start_page.tiles[0]
    hands.click(tile)
    wait_for_people(start_window, qtbot)
    qtbot.waitUntil(lambda: start_window.view.tick > 2, timeout=PATIENCE)
    assert start_window.view.is_live and start_window.windowTitle().startswith(tile.card.title)


def test_the_person_in_front_is_picked_and_a_box_takes_all_in_it(
    viewport: Viewport, hands: Hands, qtbot: QtBot
) -> None:
    cells = meadow(viewport, 450, 3)
    stage(viewport, 1, {3: cells[0], 4: cells[1]})
    settle(viewport, qtbot)
    assert viewport.people is not None
    surface, view = viewport.surface.widget, viewport.view
    feet = viewport.people.feet(1.0, np.array([3, 4]))
    along = math.atan2(*(feet[1, :2] - feet[0, :2])[::-1]) - math.pi / 2
    for azimuth, in_front in ((along, 3), (along + math.pi, 4)):
        look(viewport, 3, azimuth)
        settle(viewport, qtbot)
        west, east = (seen_at(viewport, agent) for agent in (3, 4))
        assert abs(west.x() - east.x()) < 4, "the test must make them overlap"
        front, behind = (west, east) if in_front == 3 else (east, west)
        hands.click(surface, QPoint(front.x(), (front.y() + behind.y()) // 2))
        qtbot.waitUntil(partial(selects, viewport, in_front))
        qtbot.wait(BETWEEN_CLICKS)
    stage(viewport, 2, dict(zip((3, 4, 5), cells, strict=True)))
    settle(viewport, qtbot)
    look(viewport, 4, 0.0, 0.7)
    settle(viewport, qtbot)
    one, two, three = (seen_at(viewport, agent) for agent in (3, 4, 5))
    hands.point(surface, two)
    qtbot.waitUntil(lambda: view.hovered == 4)
    end = QPoint((two.x() + three.x()) // 2, two.y() + 90)
    hands.drag(surface, QPoint(one.x() - 60, one.y() - 90), end, keys=("shift",))
    qtbot.waitUntil(partial(selects, viewport, 3, 4))
    hands.click(surface, three, keys=("ctrl",))
    qtbot.waitUntil(partial(selects, viewport, 3, 4, 5))
    hands.click(surface, QPoint(viewport.width() - 30, viewport.height() - 30))
    qtbot.waitUntil(partial(selects, viewport))


def test_wheel_and_drags_move_the_camera_and_keys_frame_and_return(
    viewport: Viewport, hands: Hands, qtbot: QtBot
) -> None:
    stage(viewport, 1, {3: meadow(viewport, 450, 1)[0]})
    settle(viewport, qtbot)
    camera, surface = viewport.pilot.camera, viewport.surface.widget
    assert camera is not None
    middle = surface.rect().center()

    def after(do: Callable[[], None]) -> tuple[Pose, Pose]:
        before = camera.pose
        do()
        qtbot.waitUntil(lambda: camera.pose != before)
        settle(viewport, qtbot)
        return before, camera.pose

    before, now = after(lambda: hands.wheel(surface, middle, 3))
    assert now.distance < 0.75 * before.distance
    before, now = after(lambda: hands.wheel(surface, middle, -2))
    assert now.distance > 1.3 * before.distance
    before, now = after(lambda: hands.drag(surface, middle, middle + QPoint(120, 40)))
    assert now.azimuth != before.azimuth and now.elevation > before.elevation
    assert (now.x, now.y, now.distance) == (before.x, before.y, before.distance), "a left drag orbits"
    for button in (RIGHT, MIDDLE):
        before, now = after(partial(hands.drag, surface, middle, middle + QPoint(-90, 60), button=button))
        assert (now.azimuth, now.elevation) == (before.azimuth, before.elevation), "a right or middle drag pans"
        assert math.hypot(now.x - before.x, now.y - before.y) > 0.05 * before.distance
    look(viewport, 3, 0.0, 0.7)
    settle(viewport, qtbot)
    hands.click(surface, seen_at(viewport, 3))
    qtbot.waitUntil(partial(selects, viewport, 3))
    overview = after(lambda: hands.press("Home"))[1]
    before, now = after(lambda: hands.press("f"))
    assert before == overview and now.distance < before.distance
    assert surface.rect().adjusted(100, 100, -100, -100).contains(seen_at(viewport, 3))


def test_somebody_is_driven_from_the_inspector_and_the_run_file_has_it(
    window: Window, hands: Hands, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: state(window) == "running" and "inspector" in window.docks.panels, timeout=PATIENCE)
    panel, people = _inspector(window), _people(window)
    assert window.opening is not None and window.opening.run is not None
    run = window.opening.run
    hands.click(people.table.viewport(), people.table.visualRect(people.model.index(4, 0)).center())
    qtbot.waitUntil(lambda: panel.person is not None and panel.person["agent"] == window.view.chosen, timeout=PATIENCE)
    agent = window.view.chosen
    hands.click(panel.drive_button)
    qtbot.waitUntil(lambda: len(panel.drive.rows.rows()) > 1, timeout=PATIENCE)
    hands.type("wander")
    qtbot.waitUntil(lambda: [row.entry.heading for row in panel.drive.rows.rows()].count(False) > 0)
    qtbot.waitUntil(
        lambda: all("wander" in row.entry.text.casefold() for row in panel.drive.rows.rows() if not row.entry.heading)
    )
    hands.click(next(row for row in panel.drive.rows.rows() if not row.entry.heading))
    qtbot.waitUntil(lambda: panel.drive.is_held, timeout=PATIENCE)
    hands.click(panel.drive.release)
    qtbot.waitUntil(lambda: not panel.drive.is_held, timeout=PATIENCE)
    window.close_society()
    with RunReader(run) as reader:
        told = [command for record in reader.records(0, reader.last_tick or 0) for command in record.commands]
    drive, release = (command for command in told if command.do in ("drive", "release"))
    assert (drive.what["agent"], drive.what["action"], drive.what["hold"]) == (agent, "wander", True)
    assert (release.do, release.what["agent"]) == ("release", agent)


def _inspector(window: Window) -> InspectorPanel:
    from app.panels.inspector import InspectorPanel

    panel = window.docks.panel("inspector")
    assert isinstance(panel, InspectorPanel)
    return panel


def _people(window: Window) -> PeoplePanel:
    from app.panels.people import PeoplePanel

    panel = window.docks.panel("people")
    assert isinstance(panel, PeoplePanel)
    return panel


def test_time_is_paused_stepped_dragged_back_and_branched_off(window: Window, hands: Hands, qtbot: QtBot) -> None:
    view, strip = window.view, window.timeline.strip
    qtbot.waitUntil(lambda: state(window) == "running" and view.tick >= 7, timeout=PATIENCE)
    hands.press("space")
    qtbot.waitUntil(lambda: state(window) == "paused")
    stood = view.last_tick
    hands.press("period")
    qtbot.waitUntil(lambda: view.last_tick == view.tick == stood + 1)

    def point(tick: int) -> QPoint:
        return QPoint(round(strip.scale.at(tick)), strip.height() // 2)

    hands.drag(strip, point(6), point(2), point(4))
    qtbot.waitUntil(lambda: view.tick == 4 and not view.is_following)
    assert view.last_tick == stood + 1, "the live end stands where it stood"
    qtbot.waitUntil(window.timeline.branch.isVisible)
    assert window.opening is not None
    trunk = window.opening.run
    assert trunk is not None
    hands.click(window.timeline.branch)
    qtbot.waitUntil(lambda: window.opening is not None and window.opening.run != trunk, timeout=PATIENCE)
    qtbot.waitUntil(lambda: view.is_live and view.tick > 4, timeout=PATIENCE)
    assert view.about is not None and view.about.parent is not None and view.about.parent[1] == 4


def test_a_filter_that_is_typed_lists_those_people(recorded: Window, hands: Hands, qtbot: QtBot) -> None:
    view = recorded.view
    qtbot.waitUntil(lambda: "people" in recorded.docks.panels, timeout=PATIENCE)
    panel = _people(recorded)
    everybody = int(view.alive().sum())
    qtbot.waitUntil(lambda: len(panel.model.order) == everybody)
    hands.press("ctrl+f")
    qtbot.waitUntil(panel.search.hasFocus)
    hands.type('role == "merchant" and hunger > 10%')
    assert view.frame is not None and view.about is not None
    columns = view.frame.columns
    merchant = [role.name for role in view.about.roles].index("merchant")
    hungry = columns["drives.hunger"] > 100_000
    wanted = np.flatnonzero(view.alive() & (columns["people.role"] == merchant) & hungry).tolist()
    assert 0 < len(wanted) < everybody
    qtbot.waitUntil(lambda: sorted(int(agent) for agent in panel.model.order) == wanted)
    hands.press("Escape", "ctrl+a", "BackSpace")
    qtbot.waitUntil(lambda: len(panel.model.order) == everybody)


def walk(hands: Hands, qtbot: QtBot, key: str) -> list[QWidget]:
    """Press a key until the keyboard is where it was; return where it was on the way."""
    reached: list[QWidget] = []
    while True:
        before = QApplication.focusWidget()
        hands.press(key)
        qtbot.waitUntil(partial(has_gone_from, before))
        now = QApplication.focusWidget()
        assert now is not None
        if now in reached:
            assert now is reached[0], f"{named(now)} leads round a part of the window only"
            return reached
        qtbot.waitUntil(partial(is_in_sight, now))
        reached.append(now)


def has_gone_from(before: QWidget | None) -> bool:
    return QApplication.focusWidget() not in (None, before)


def is_in_sight(widget: QWidget) -> bool:
    return not widget.visibleRegion().isEmpty()


def named(widget: QWidget) -> str:
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    return f"{type(widget).__name__} {widget.accessibleName() or text or widget.objectName()}"


def stops(window: Window) -> set[QWidget]:
    """Return what the Tab key must reach: all that can be used by keys and is not part of such a thing."""
    found = set()
    for widget in window.findChildren(QWidget):
        takes = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible() and widget.isEnabled()
        is_part = isinstance(widget.parentWidget(), QComboBox | QAbstractSpinBox)
        if takes and not is_part:
            found.add(widget)
    return found


def looks(widget: QWidget) -> QImage:
    return widget.grab().toImage()


@pytest.mark.parametrize("page", ["start page", "form", "society"])
def test_the_tab_key_reaches_everything_and_shows_where_it_is(
    start_window: Window, hamlet_run: Path, hands: Hands, qtbot: QtBot, page: str
) -> None:
    window = start_window
    if page == "form":
        window.show_new_run()
    elif page == "society":
        window.open_run(hamlet_run)
        wait_for_people(window, qtbot)
        qtbot.waitUntil(lambda: window.docks.panels.keys() >= {"people", "inspector"}, timeout=PATIENCE)
        panel = _inspector(window)
        with qtbot.waitSignal(panel.explained, timeout=PATIENCE):
            window.view.select([int(np.flatnonzero(window.view.alive())[0])])
        settle(window.viewport, qtbot)
    reached = walk(hands, qtbot, "Tab")
    missed = stops(window) - set(reached)
    assert not missed, sorted(map(named, missed))
    if page != "society":  # it has too many stops for a way there and back
        assert walk(hands, qtbot, "shift+Tab")[::-1][:-1] == reached[:-1], "backwards is the same way"
    dull = []
    for widget in reached:
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        lit = looks(widget)
        widget.clearFocus()
        if looks(widget) == lit:
            dull.append(named(widget))
    assert not dull, dull


def test_the_program_is_led_by_keys_alone(tmp_path: Path) -> None:
    """From the start page to a new run of one's own and out again, in a process as a user starts it."""
    if shutil.which("xdotool") is None or not display.has_screen_in_memory():
        not_here()
    home = tmp_path / "home"
    with display.screen_in_memory() as surroundings:
        environment = {**surroundings, "SOCIARIUM_HOME": str(home)}
        program = subprocess.Popen([sys.executable, "-m", "app.cli", "open"], env=environment)
        try:
            hands = Hands(wait_until, environment)
            hands.focus("Sociarium")
            hands.press("ctrl+n", "Tab", "ctrl+a")
            hands.type("77")
            hands.press(*["Tab"] * 7)
            hands.type("mine")
            hands.press("Tab", "Tab", "space")
            run = home / "runs" / "mine.sociarium"
            wait_until(lambda: "mine.sociarium" in hands.do("getwindowfocus", "getwindowname"))
            wait_until(lambda: run.exists() and last_tick(run) >= 3)
            hands.press("ctrl+q")
            assert program.wait(30) == 0
        finally:
            program.kill()
            program.wait()
    with RunReader(run) as reader:
        assert reader.header.seed == 77 and reader.finished


def wait_until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def last_tick(run: Path) -> int:
    try:
        with RunReader(run) as reader:
            return reader.last_tick or 0
    except RunFileError:  # it has only just been begun
        return 0
