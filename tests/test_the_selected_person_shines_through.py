"""Who is selected is seen behind a house too, and nobody else is; in plain sight nothing is drawn over them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.staging import look, meadow, settle, stage
from tests.test_people_are_drawn_where_they_are import picture

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from app.viewport.viewport import Viewport
    from app.window import Window

WHO = 3
REACH = 60
"""Half the side of the part of the picture around somebody, in logical pixels."""


@pytest.fixture
def viewport(recorded: Window, qtbot: QtBot) -> Viewport:
    found = recorded.viewport
    qtbot.waitUntil(lambda: found.pictures > 0, timeout=30_000)
    found.talk.shown = False
    return found


def shine(viewport: Viewport) -> None:
    """Make it noon at once."""
    viewport.toggle_day()
    viewport.daylight.reset()


def stand_behind_a_house(viewport: Viewport, qtbot: QtBot) -> None:
    """Stage one person next to a house, and look from its other side."""
    about, scene, camera = viewport.view.about, viewport.scene, viewport.pilot.camera
    assert about is not None and scene is not None and camera is not None
    taken = {place.cell for place in about.places}
    house = next(place.cell for place in about.places if place.kind == "house" and place.cell + 1 not in taken)
    shine(viewport)
    stage(viewport, 1, {WHO: house + 1})
    settle(viewport, qtbot)
    feet = scene.ground.xyz[house + 1]
    away = scene.ground.xyz[house] - feet
    for azimuth in np.linspace(0, 2 * math.pi, 24, endpoint=False):
        camera.put(replace(camera.pose, azimuth=float(azimuth), elevation=0.12, distance=7.0,
                           x=float(feet[0]), y=float(feet[1]), z=float(feet[2]) + 0.3))  # fmt: skip
        eye = np.array(camera.eye()) - feet
        if eye[:2] @ away[:2] > 0.99 * math.hypot(*eye[:2]) * math.hypot(*away[:2]):
            break
    settle(viewport, qtbot)


def drawn_for(viewport: Viewport, qtbot: QtBot, sought: int) -> int:
    """Return how many pixels around where somebody stands differ when they are sought, rings left out."""
    assert viewport.people is not None and viewport.marks is not None
    at = viewport.screen_position(WHO)
    assert at is not None
    pictures = []
    for agent in (-1, sought):
        viewport.people.seek(agent)
        settle(viewport, qtbot)
        pictures.append(picture(viewport)[at.y() - REACH : at.y() + REACH, at.x() - REACH : at.x() + REACH])
    return int((np.abs(pictures[0] - pictures[1]).sum(-1) > 30).sum())


def test_the_selected_person_shines_through_a_house(viewport: Viewport, qtbot: QtBot) -> None:
    stand_behind_a_house(viewport, qtbot)
    assert drawn_for(viewport, qtbot, -1) == 0, "nothing else moves there"
    assert drawn_for(viewport, qtbot, WHO) > 200
    viewport.view.select([WHO])
    assert viewport.people is not None and viewport.people.covered.count == 1
    viewport.view.select([])
    assert viewport.people.covered.count == 0


def test_in_plain_sight_nothing_is_drawn_over_them(
    viewport: Viewport, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(viewport.scene, "set_time", lambda seconds: None)  # nobody breathes
    shine(viewport)
    stage(viewport, 1, {WHO: meadow(viewport, 450, 1)[0]})
    settle(viewport, qtbot)
    for azimuth in (0.4, 2.5, 4.6):
        look(viewport, WHO, azimuth, 0.4)
        settle(viewport, qtbot)
        assert drawn_for(viewport, qtbot, WHO) == 0
