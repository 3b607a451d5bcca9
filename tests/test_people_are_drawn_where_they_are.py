"""The viewport's pixels: people where they should be, in their colours; night darker than noon; a hundred thousand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.typing import NDArray

from app.session import Frame
from tests.staging import look, meadow, settle, stage

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from app.viewport.viewport import Viewport
    from app.window import Window


MACHINES = {"no card": "CopiedSurface", "no card, antialiased": "CopiedSurface", "card": "Surface"}
"""Machines that a window takes this one for, and the surface that it draws on there."""


@pytest.fixture
def machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Which machine this is taken for; as it is, if a test does not say otherwise."""
    from app.viewport import quality

    name = str(getattr(request, "param", "no card"))
    if name == "card":
        monkeypatch.setattr(quality, "SOFTWARE", ())
    elif name == "no card, antialiased":
        monkeypatch.setattr("app.viewport.viewport.choose", lambda renderer, wish="auto": quality.STANDARD)
    return name


@pytest.fixture
def viewport(machine: str, request: pytest.FixtureRequest, qtbot: QtBot) -> Viewport:
    from app.viewport.viewport import Viewport

    recorded: Window = request.getfixturevalue("recorded")
    found = recorded.viewport
    assert isinstance(found, Viewport)
    qtbot.waitUntil(lambda: found.pictures > 0, timeout=30_000)
    found.talk.shown = False
    return found


def picture(viewport: Viewport) -> NDArray[np.float64]:
    """Return what is on screen, float64[height,width,3] in logical pixels."""
    image = viewport.grab_image().convertToFormat(viewport.grab_image().Format.Format_RGB32)
    image = image.scaled(viewport.size())
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    return pixels[:, : image.width(), 2::-1].astype(float)


@pytest.mark.parametrize("machine", MACHINES, indirect=True)
def test_somebody_is_where_their_place_is_projected_and_in_their_colour(
    machine: str, viewport: Viewport, qtbot: QtBot
) -> None:
    assert type(viewport.surface).__name__ == MACHINES[machine]
    assert viewport.view.frame is not None and viewport.people is not None
    west, east = meadow(viewport, 450, 2)
    viewport.toggle_day()
    stage(viewport, 1, {3: west})
    settle(viewport, qtbot)
    look(viewport, 3, 0.4, 0.4)
    colours = np.tile(np.array([[0.9, 0.0, 0.9]], np.float32), (viewport.people.count, 1))
    viewport.people.paint(colours)
    settle(viewport, qtbot)
    at = viewport.screen_position(3)
    assert at is not None
    with_person = picture(viewport)
    assert viewport.pilot.camera is not None
    pose = viewport.pilot.camera.pose
    stage(viewport, 1, {3: east})
    viewport.pilot.camera.put(pose)
    settle(viewport, qtbot)
    without = picture(viewport)
    around = (slice(at.y() - 60, at.y() + 60), slice(at.x() - 45, at.x() + 45))
    changed = np.abs(with_person - without)[around].sum(-1) > 60
    rows, columns = np.nonzero(changed)
    assert changed.sum() > 300, "somebody is drawn there"
    assert abs(np.median(columns) - 45) < 12 and abs(np.median(rows) - 60) < 25
    coat = with_person[around][changed]
    magenta = (coat[:, 0] > coat[:, 1] + 40) & (coat[:, 2] > coat[:, 1] + 40)
    assert magenta.mean() > 0.25, "in the colour that they have"


def wait_for_hour(viewport: Viewport, qtbot: QtBot, hour: float) -> None:
    qtbot.waitUntil(lambda: abs((viewport.daylight.hour - hour + 12) % 24 - 12) < 0.1, timeout=20_000)


def wait_for_pictures(viewport: Viewport, qtbot: QtBot, count: int) -> None:
    wanted = viewport.pictures + count
    qtbot.waitUntil(lambda: viewport.pictures >= wanted, timeout=60_000)


def test_night_is_darker_than_noon(viewport: Viewport, qtbot: QtBot) -> None:
    about = viewport.view.about
    assert about is not None
    bright: dict[int, float] = {}
    for hour in (12, 0):
        minutes = (hour * 60 - about.start) % 1440
        stage(viewport, minutes * about.day // 1440, {3: 450})
        wait_for_hour(viewport, qtbot, hour)
        settle(viewport, qtbot)
        bright[hour] = float(picture(viewport).mean())
    assert bright[0] < 0.65 * bright[12]


def test_frames_move_people_on_the_screen(viewport: Viewport, qtbot: QtBot) -> None:
    cells = meadow(viewport, 450, 3)
    stage(viewport, 1, {3: cells[0]})
    settle(viewport, qtbot)
    look(viewport, 3, 0.0, 0.6)
    settle(viewport, qtbot)
    start = viewport.screen_position(3)
    assert viewport.people is not None and start is not None
    stage(viewport, 2, {3: cells[1]})
    begun = viewport.screen_position(3)
    assert begun is not None and abs(begun.x() - start.x()) < 40, "nobody hops"
    settle(viewport, qtbot)
    end = viewport.screen_position(3)
    assert end is not None and end.x() > start.x() + 30


def test_the_overview_is_flown_to_by_key(viewport: Viewport, qtbot: QtBot) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    camera = viewport.pilot.camera
    assert camera is not None
    settle(viewport, qtbot)
    home = camera.pose
    camera.put(replace(home, x=home.x + 5, distance=6.0))
    viewport.surface.widget.setFocus()
    before = camera.pose
    QTest.keyClick(viewport.surface.widget, Qt.Key.Key_Home)
    assert camera.flies and camera.pose == before, "it flies, it does not jump"
    settle(viewport, qtbot)
    assert camera.pose.distance == pytest.approx(home.distance, rel=0.1)


def test_a_hundred_thousand_people_are_drawn(viewport: Viewport, qtbot: QtBot) -> None:
    assert viewport.view.frame is not None and viewport.scene is not None and viewport.people is not None
    count, dice = 100_000, np.random.default_rng(1)
    land = np.flatnonzero(~viewport.scene.ground.water)
    made: dict[str, Any] = {
        name: np.resize(array, (count, *array.shape[1:])) for name, array in viewport.view.frame.columns.items()
    }
    made["people.alive"] = np.ones(count, np.bool_)
    made["people.action"] = np.zeros(count, np.int16)
    for tick in (5, 6):
        made["space.cell"] = dice.choice(land, count).astype(np.int32)
        viewport.view._show(Frame(tick, dict(made)))
        wait_for_pictures(viewport, qtbot, 2)
    assert viewport.people.count == count and viewport.people.far.count == count
    assert int(viewport.people.motion.here.sum()) == count
    assert viewport.screen_position(99_999) is not None or viewport.people.shown_sizes()[99_999] > 0
