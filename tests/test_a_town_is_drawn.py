"""A town on the plane in pixels: people where they are, roofs that come off, lit windows, a hall to look into."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray

from app.session import Frame
from tests.plane_views import Drawn, Point, frame_of, hall, small_town, viewport_of
from tests.staging import now, settle
from tests.test_people_are_drawn_where_they_are import picture

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from app.viewport.viewport import Viewport

WHO = 3
STREET: Point = (7.0, 50.0)
"""On the street to the west of the first block."""
REACH = 40


@pytest.fixture(scope="module")
def town() -> Drawn:
    return small_town()


def middle(drawn: Drawn, building: int) -> Point:
    x, y = np.mean(drawn.outlines[building], axis=0).tolist()
    return x, y


def paint(viewport: Viewport) -> None:
    """Give everybody a colour that nothing else has."""
    assert viewport.people is not None
    viewport.people.paint(np.tile(np.array([[0.9, 0.0, 0.9]], np.float32), (viewport.people.count, 1)))


def stand_before(viewport: Viewport, agent: int, azimuth: float, elevation: float, distance: float = 9.0) -> None:
    camera, people = viewport.pilot.camera, viewport.people
    assert camera is not None and people is not None
    x, y, z = people.feet(1.0, np.array([agent]))[0].tolist()
    camera.put(replace(camera.pose, x=x, y=y, z=z + 0.4, azimuth=azimuth, elevation=elevation, distance=distance))


def magenta(viewport: Viewport, qtbot: QtBot, agent: int) -> int:
    """Return how many pixels around where somebody is projected have the colour of `paint`."""
    from app.viewport.picking import HEIGHT, project

    paint(viewport)
    settle(viewport, qtbot)
    assert viewport.people is not None
    body = viewport.people.feet(1.0, np.array([agent]))
    body[:, 2] += 0.5 * HEIGHT
    x, y = project(viewport.matrix, body, viewport.width(), viewport.height())[0][0].astype(int).tolist()
    shown: NDArray[np.float64] = picture(viewport)[y - REACH : y + REACH, x - REACH : x + REACH]
    return int(((shown[..., 0] > shown[..., 1] + 40) & (shown[..., 2] > shown[..., 1] + 40)).sum())


def test_somebody_is_drawn_at_their_point(town: Drawn, qtbot: QtBot, no_hidden_errors: None) -> None:
    viewport = viewport_of(qtbot, town, {WHO: STREET})
    assert viewport.scene is not None and viewport.people is not None
    rows, columns = town.kind.shape
    feet = viewport.people.feet(1.0, np.array([WHO]))[0]
    expected = (np.array(STREET) - np.array([columns, rows])) / viewport.scene.ground.unit
    assert np.allclose(feet, [*expected, 0.0], atol=1e-3), "two metres a cell, the middle of the land is the origin"
    stand_before(viewport, WHO, 0.0, 0.5)
    assert magenta(viewport, qtbot, WHO) > 150
    viewport.view._show(frame_of(town, 1, {WHO: (STREET[0], STREET[1] + 8)}))
    settle(viewport, qtbot)
    walked = viewport.people.feet(1.0, np.array([WHO]))[0] - feet
    assert np.allclose(walked, [0, 8 / viewport.scene.ground.unit, 0], atol=1e-3)
    assert viewport.people.instances["i_to"][WHO, 3] == pytest.approx(math.pi / 2), "they look where they go"


def test_nobody_hops_between_two_points(town: Drawn, qtbot: QtBot, no_hidden_errors: None) -> None:
    viewport = viewport_of(qtbot, town, {WHO: STREET})
    people = viewport.people
    assert people is not None
    begin = people.feet(people.motion.blend(now()), np.array([WHO]))[0]
    viewport.view._show(frame_of(town, 1, {WHO: (STREET[0] + 3, STREET[1] + 3)}))
    half = people.feet(0.5, np.array([WHO]))[0]
    assert np.allclose(half, (begin + people.motion.goal[WHO]) / 2, atol=1e-4), "straight from one to the other"
    viewport.view._show(frame_of(town, 2, {WHO: (STREET[0] + 200, STREET[1] + 3)}))
    assert np.allclose(people.feet(0.0, np.array([WHO]))[0], people.motion.goal[WHO]), "further than one can go"


def test_the_roof_comes_off_over_who_is_selected(town: Drawn, qtbot: QtBot, no_hidden_errors: None) -> None:
    home = middle(town, 0)
    viewport = viewport_of(qtbot, town, {WHO: home, 5: (home[0] + 1.5, home[1]), 6: middle(town, 1)})
    stand_before(viewport, WHO, 0.0, 0.9)
    assert magenta(viewport, qtbot, WHO) == 0, "the roof is on"
    assert viewport.people is not None and not viewport.people.shown_sizes()[[WHO, 5, 6]].any()
    viewport.view.select([WHO])
    assert magenta(viewport, qtbot, WHO) > 150
    assert (viewport.people.shown_sizes()[[WHO, 5]] > 0).all(), "and who is with them is seen and picked too"
    assert viewport.people.shown_sizes()[6] == 0, "the neighbours keep their roof"
    viewport.view.select([])
    assert magenta(viewport, qtbot, WHO) == 0, "it is on again"


def test_who_is_under_a_roof_costs_nothing(town: Drawn, qtbot: QtBot, no_hidden_errors: None) -> None:
    viewport = viewport_of(qtbot, town, {WHO: middle(town, 0), 4: middle(town, 1), 5: STREET})
    people = viewport.people
    assert people is not None and people.crowd is not None

    def drawn() -> int:
        assert people.crowd is not None
        settle(viewport, qtbot)
        return int(people.crowd.count + people.specks.count)

    assert drawn() == 1, "only who is in the street"
    viewport.view.select([WHO])
    assert drawn() == 2
    viewport.view._show(frame_of(town, 1, {WHO: middle(town, 0), 4: STREET, 5: middle(town, 1)}))
    assert drawn() == 3, "who comes in or goes out is seen on the way"
    viewport.view._show(frame_of(town, 2, {WHO: middle(town, 0), 4: STREET, 5: middle(town, 1)}))
    assert drawn() == 2


def test_no_building_hides_who_is_selected(town: Drawn, qtbot: QtBot, no_hidden_errors: None) -> None:
    corner = town.outlines[0][0]
    viewport = viewport_of(qtbot, town, {WHO: (corner[0] + 5, corner[1] - 2)})
    stand_before(viewport, WHO, math.pi, 0.25)
    assert viewport.scene is not None
    assert magenta(viewport, qtbot, WHO) == 0, "a house stands between"
    viewport.view.select([WHO])
    assert magenta(viewport, qtbot, WHO) > 150
    assert viewport.scene.roofs.opened


@pytest.mark.parametrize("quality", ["light", "standard"])
def test_windows_are_lit_at_night(quality: str, town: Drawn, qtbot: QtBot, no_hidden_errors: None) -> None:
    red: dict[int, NDArray[np.float64]] = {}
    for hour in (12, 23):
        viewport = viewport_of(qtbot, town, {WHO: STREET}, quality, start=60 * hour)
        settle(viewport, qtbot)
        red[hour] = picture(viewport)[..., 0]
        viewport.view.close()
    assert red[23].mean() < 0.65 * red[12].mean()
    assert (red[23] > red[12] + 60).sum() > 1_000, "where there was dark glass at noon"


def test_a_hall_shows_who_is_in_it(qtbot: QtBot, no_hidden_errors: None) -> None:
    drawn = hall()
    viewport = viewport_of(qtbot, drawn, {WHO: (30.0, 20.0)})
    stand_before(viewport, WHO, 0.3, 0.6)
    assert magenta(viewport, qtbot, WHO) > 150
    at = viewport.screen_position(WHO)
    assert at is not None
    assert viewport.pointer.at(at.toPointF()) == WHO


@pytest.mark.parametrize("land", [hall(), Drawn(np.zeros((30, 40), np.uint8))], ids=["a hall", "an open field"])
def test_who_is_selected_where_nothing_has_a_roof_is_seen(land: Drawn, qtbot: QtBot, no_hidden_errors: None) -> None:
    viewport = viewport_of(qtbot, land, {WHO: (30.0, 20.0)})
    stand_before(viewport, WHO, 0.3, 0.25, 30.0)
    viewport.view.select([WHO])
    assert magenta(viewport, qtbot, WHO) > 20
    assert viewport.scene is not None and not viewport.scene.roofs.opened
    viewport.view.select([])
    assert magenta(viewport, qtbot, WHO) > 20


def test_a_barrier_stands_in_a_door_while_it_is_shut(qtbot: QtBot, no_hidden_errors: None) -> None:
    drawn, beside = hall(), (43.0, 16.0)
    viewport = viewport_of(qtbot, drawn, {WHO: beside})
    stand_before(viewport, WHO, math.pi / 2, 0.5)

    def red(*shut: bool) -> int:
        columns = {**frame_of(drawn, 1, {WHO: beside}).columns, "space.shut": np.array(shut, np.bool_)}
        viewport.view._show(Frame(1, columns))
        settle(viewport, qtbot)
        shown = picture(viewport)
        return int(((shown[..., 0] > 120) & (shown[..., 1:].max(2) < 0.5 * shown[..., 0])).sum())

    assert red(False) == 0
    assert red(True) > 100
    assert red(False) == 0


def test_the_overview_has_all_of_the_town_in_sight(town: Drawn, qtbot: QtBot, no_hidden_errors: None) -> None:
    from app.viewport.picking import project

    viewport = viewport_of(qtbot, town, {WHO: STREET})
    assert viewport.scene is not None
    settle(viewport, qtbot)
    screen, depth = project(viewport.matrix, viewport.scene.country.heart, viewport.width(), viewport.height())
    assert (depth > 0).all()
    assert ((screen >= 0) & (screen <= [viewport.width(), viewport.height()])).all()
