"""Clicking, pointing and drawing a box in the viewport mean the people who are seen there."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from tests.staging import look, meadow, seen_at, settle, stage

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from app.viewport.viewport import Viewport
    from app.window import Window

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def viewport(recorded: Window, qtbot: QtBot) -> Viewport:
    from app.viewport.viewport import Viewport

    found = recorded.viewport
    assert isinstance(found, Viewport)
    qtbot.waitUntil(lambda: found.pictures > 0, timeout=30_000)
    return found


def click(viewport: Viewport, at: QPoint, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.mouseClick(viewport.surface.widget, LEFT, keys, at)


def test_of_two_who_overlap_the_one_in_front_is_picked(viewport: Viewport, qtbot: QtBot) -> None:
    west, east = meadow(viewport, 450, 2)
    stage(viewport, 1, {3: west, 4: east})
    settle(viewport, qtbot)
    assert viewport.people is not None
    feet = viewport.people.feet(1.0, np.array([3, 4]))
    along = math.atan2(*(feet[1, :2] - feet[0, :2])[::-1]) - math.pi / 2
    for azimuth, in_front in ((along, 3), (along + math.pi, 4)):
        look(viewport, 3, azimuth)
        settle(viewport, qtbot)
        places = [seen_at(viewport, agent) for agent in (3, 4)]
        assert abs(places[0].x() - places[1].x()) < 4, "the test must make them overlap"
        behind = places[1] if in_front == 3 else places[0]
        front = places[0] if in_front == 3 else places[1]
        click(viewport, QPoint(front.x(), (front.y() + behind.y()) // 2))
        assert viewport.view.selected == (in_front,)


def test_pointing_lights_up_and_clicking_on_the_land_lets_go(viewport: Viewport, qtbot: QtBot) -> None:
    west, east = meadow(viewport, 450, 2)
    stage(viewport, 1, {3: west, 4: east})
    settle(viewport, qtbot)
    look(viewport, 3, 0.0, 0.5)
    settle(viewport, qtbot)
    QTest.mouseMove(viewport.surface.widget, seen_at(viewport, 4))
    qtbot.waitUntil(lambda: viewport.view.hovered == 4, timeout=5_000)
    click(viewport, seen_at(viewport, 3))
    assert list(viewport.view.selected) == [3]
    click(viewport, seen_at(viewport, 4), Qt.KeyboardModifier.ControlModifier)
    assert list(viewport.view.selected) == [3, 4]
    click(viewport, QPoint(viewport.width() - 30, viewport.height() - 30))
    assert not list(viewport.view.selected)


def test_a_box_selects_who_stands_in_it(viewport: Viewport, qtbot: QtBot) -> None:
    cells = meadow(viewport, 450, 3)
    stage(viewport, 1, dict(zip((3, 4, 5), cells, strict=True)))
    settle(viewport, qtbot)
    look(viewport, 4, 0.0, 0.7)
    settle(viewport, qtbot)
    one, two, three = (seen_at(viewport, agent) for agent in (3, 4, 5))
    assert one.x() < two.x() < three.x()
    surface, shift = viewport.surface.widget, Qt.KeyboardModifier.ShiftModifier
    start, end = QPoint(one.x() - 60, one.y() - 90), QPoint((two.x() + three.x()) // 2, two.y() + 90)
    QTest.mousePress(surface, LEFT, shift, start)
    for step in (0.3, 0.7, 1.0):
        drag(surface, start + (end - start) * step, shift)
    QTest.mouseRelease(surface, LEFT, shift, end)
    assert set(viewport.view.selected) == {3, 4}


def drag(surface: object, at: QPoint, keys: Qt.KeyboardModifier) -> None:
    """Move with the left button held: QTest.mouseMove holds none."""
    from PySide6.QtCore import QCoreApplication, QEvent, QPointF
    from PySide6.QtGui import QMouseEvent
    from PySide6.QtWidgets import QWidget

    assert isinstance(surface, QWidget)
    event = QMouseEvent(QEvent.Type.MouseMove, QPointF(at), surface.mapToGlobal(QPointF(at)), LEFT, LEFT, keys)
    QCoreApplication.sendEvent(surface, event)
