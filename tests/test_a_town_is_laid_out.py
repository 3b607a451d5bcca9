"""What the viewport makes of a town's ground plan: who is inside what, where doors are, what the ground is made of."""

from __future__ import annotations

import numpy as np
import pytest

from app.viewport.floorplan import FloorPlan, spread
from app.viewport.paving import NAMES, rectangles, rounded, surfaces
from app.viewport.picking import HEIGHT
from app.viewport.plane_ground import METRES, PlaneGround
from app.viewport.triangles import triangulate
from tests.plane_views import Drawn, hall, small_town


@pytest.fixture(scope="module")
def town() -> Drawn:
    return small_town()


def plan_of(drawn: Drawn) -> tuple[PlaneGround, FloorPlan]:
    ground = PlaneGround(drawn.about(), drawn.columns())
    return ground, FloorPlan(ground, drawn.columns())


def inside(point: tuple[float, float], outline: list[tuple[float, float]]) -> bool:
    """The crossing rule for one point, slowly."""
    x, y = point
    found = False
    for (ax, ay), (bx, by) in zip(outline, [*outline[1:], outline[0]], strict=True):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            found = not found
    return found


def test_a_person_is_as_tall_as_people_are() -> None:
    tall = HEIGHT * METRES
    assert tall == pytest.approx(1.75)


def test_points_are_found_in_the_buildings_around_them(town: Drawn) -> None:
    ground, plan = plan_of(town)
    rows, columns = town.kind.shape
    spots = np.random.default_rng(3).uniform((-5, -5), (columns * 2 + 5, rows * 2 + 5), (3_000, 2))
    found = plan.at(ground.world(spots))
    for spot, building in zip(spots.tolist(), found.tolist(), strict=True):
        around = [number for number, outline in enumerate(town.outlines) if inside((spot[0], spot[1]), outline)]
        assert around == ([] if building < 0 else [building])
    assert (found >= 0).sum() > 300


def test_outlines_may_run_either_way_round() -> None:
    drawn = hall()
    drawn.outlines[0].reverse()
    ground, plan = plan_of(drawn)
    assert plan.at(ground.world(np.array([[25.0, 20.0], [5.0, 5.0]]))).tolist() == [0, -1]
    middle = plan.first.mean(0)
    assert (((plan.first + plan.second) / 2 - middle) * plan.outward > -1e-9).all(), "sides look outwards"


def test_every_door_is_a_gap_of_its_building(town: Drawn) -> None:
    _, plan = plan_of(town)
    side, low, high = plan.gaps
    assert sorted(plan.owner[side].tolist()) == list(range(plan.count))
    assert np.allclose(high - low, [np.hypot(c - a, d - b) / METRES for a, b, c, d in town.doors], atol=1e-4)
    piece, start, end = plan.pieces
    left = np.bincount(piece, end - start, len(plan.owner))
    assert np.allclose(left, plan.length - np.bincount(side, high - low, len(plan.owner)))


def test_rectangles_cover_the_map_once() -> None:
    dice = np.random.default_rng(5)
    made_of = np.repeat(np.repeat(dice.integers(0, 3, (9, 13)), 4, 0), 3, 1)
    covered = np.zeros(made_of.shape, int)
    for row, column, rows, columns, number in rectangles(made_of.ravel(), made_of.shape[1], 8).tolist():
        covered[row : row + rows, column : column + columns] += 1
        assert (made_of[row : row + rows, column : column + columns] == number).all()
        assert row // 8 == (row + rows - 1) // 8 and column // 8 == (column + columns - 1) // 8
    assert (covered == 1).all()


def test_borders_are_rounded() -> None:
    steps = np.add.outer(np.arange(6), np.arange(6)) > 5
    fine = rounded(steps.astype(np.int64)).astype(bool)
    assert fine.shape == (12, 12)
    assert (np.diff(fine.argmax(1))[3:-3] == -1).all(), "steps are half as high"
    level = np.repeat(np.arange(3), 2)[:, None] * np.ones((1, 4), np.int64)
    assert np.array_equal(rounded(level), np.repeat(np.repeat(level, 2, 0), 2, 1)), "straight ones stay"


def test_streets_have_pavements_beside_them(town: Drawn) -> None:
    ground, plan = plan_of(town)
    made_of = surfaces(ground, plan.at(ground.xyz[:, :2]) >= 0).reshape(ground.height, ground.width)
    across = [NAMES[number] for number in made_of[30, :8]]  # into the first block from the west
    assert across == ["street"] * 6 + ["pavement", "meadow"]
    assert (made_of == NAMES.index("water")).sum() == (town.kind == 2).sum()
    square = next(place.cell for place in town.places if place.kind == "square")
    assert NAMES[made_of.ravel()[square]] == "square"


def test_stalls_are_counters_of_three_walls(town: Drawn) -> None:
    _, plan = plan_of(town)
    assert len(plan.counters) == 16
    front = plan.walls[plan.counters[:, 1]] * METRES
    assert np.allclose(np.hypot(front[:, 2] - front[:, 0], front[:, 3] - front[:, 1]), 2.6, atol=1e-3)


def test_polygons_are_cut_into_triangles() -> None:
    outline = np.array([(0, 0), (4, 0), (4, 1), (1, 1), (1, 3), (4, 3), (4, 4), (0, 4)], float)
    triangles = outline[np.array(triangulate(outline))]
    one, two = triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    areas = (one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]) / 2
    assert (areas > -1e-9).all() and areas.sum() == pytest.approx(10)


def test_ranges_are_spread() -> None:
    which, number = spread(np.array([5, 2, 9]), np.array([2, 0, 1]))
    assert which.tolist() == [0, 0, 2] and number.tolist() == [5, 6, 9]


def test_a_land_without_buildings_is_open() -> None:
    drawn = hall()
    bare = {name: column for name, column in drawn.columns().items() if name in ("kind", "elevation", "bridge")}
    plan = FloorPlan(PlaneGround(drawn.about(), bare), bare)
    assert plan.count == 0 and plan.at(np.zeros((2, 2))).tolist() == [-1, -1]
