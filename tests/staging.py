"""Puts people of a viewport where a test wants them: real frames of a real host, with columns changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from app.session import Frame

if TYPE_CHECKING:
    from PySide6.QtCore import QPoint
    from pytestqt.qtbot import QtBot

    from app.viewport.viewport import Viewport


def stage(viewport: Viewport, tick: int, cells: Mapping[int, int], **columns: Any) -> None:
    """Show a frame in which these people stand in these cells, and nobody else lives, until another is staged."""
    view = viewport.view
    frame = view.frame
    assert frame is not None and not view.is_live, "a recorded run stands still; a live one brings frames of its own"
    made = {name: np.array(array) for name, array in frame.columns.items()}
    made["people.alive"][:] = False
    made["people.action"][:] = 0
    made["space.place"][:] = -1
    for agent, cell in cells.items():
        made["people.alive"][agent], made["space.cell"][agent] = True, cell
    staged = Frame(tick, {**made, **columns})
    view.newest = staged  # what a view shows again, a moment after somebody was selected
    view._show(staged)


def meadow(viewport: Viewport, about: int, count: int) -> list[int]:
    """Return cells of open land side by side to the east of each other, near a cell, flat and without a place."""
    assert viewport.scene is not None and viewport.view.about is not None
    ground = viewport.scene.ground
    taken = {place.cell for place in viewport.view.about.places}
    open_land = ground.is_kind("meadow") | ground.path
    order = np.argsort(np.hypot(*(ground.xyz[:, :2] - ground.xyz[about, :2]).T))
    for first in order.tolist():
        row = [first + step for step in range(count)]
        if first % ground.width + count < ground.width and not taken & set(row):
            high = ground.xyz[row, 2]
            if open_land[row].all() and high.max() - high.min() < 0.01:
                return row
    raise AssertionError("this land has no such meadow")


def settle(viewport: Viewport, qtbot: QtBot) -> None:
    """Wait until everybody is where they were going, the camera too, and a picture of it was drawn.

    Two pictures may have been begun before: one that is being drawn and one that waits to be painted.
    """

    def is_still() -> bool:
        people, camera = viewport.people, viewport.pilot.camera
        assert people is not None and camera is not None
        return people.motion.blend(now()) >= 1 and not camera.flies

    qtbot.waitUntil(is_still, timeout=20_000)
    drawn = viewport.pictures

    def is_drawn() -> bool:
        viewport.update_soon()
        return viewport.pictures >= drawn + 3

    qtbot.waitUntil(is_drawn, timeout=20_000)


def look(viewport: Viewport, agent: int, azimuth: float, elevation: float = 0.2) -> None:
    """Put the camera near somebody, at once."""
    camera, people = viewport.pilot.camera, viewport.people
    assert camera is not None and people is not None
    x, y, z = people.feet(1.0, np.array([agent]))[0].tolist()
    camera.put(replace(camera.pose, x=x, y=y, z=z + 0.4, azimuth=azimuth, elevation=elevation, distance=8.0))


def seen_at(viewport: Viewport, agent: int) -> QPoint:
    """Return where in the viewport somebody is seen."""
    at = viewport.screen_position(agent)
    assert at is not None
    return at


def now() -> float:
    """Return the time that viewports go by."""
    from time import perf_counter

    return perf_counter()
