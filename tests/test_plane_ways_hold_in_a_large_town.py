"""A large map: fields cover windows, hubs lead from one to the next, and ways stay nearly the shortest."""

from __future__ import annotations

import numpy as np
import pytest

from app.compiling import Compiling, Kernels
from engine.errors import SpaceError
from engine.spaces.plane.fields import FlowFields
from engine.spaces.plane.heading import along_field, head_for_places
from engine.spaces.plane.plan import Building, Door, Plan, Wall
from engine.spaces.plane.social_force import Walkers
from engine.spaces.plane.spreading import Ends, make_scratch, spread
from engine.spaces.plane.team import Team
from engine.spaces.plane.windows import FAR, NOTHING, Fields
from engine.values import Bools, Int32s
from tests.plane_rooms import Doubles, Hall, middles, streets

PLAN, HOUSES = streets(7)
PACE, STEP_SECONDS, REVIEW = 1.34, 0.1, 13
FACTOR, MORE = 1.15, 2.0
"""A way is never longer than this times the shortest, and so many metres."""


@pytest.fixture(scope="module")
def hall() -> Hall:
    return Hall(PLAN, HOUSES, reach=3)


def shortest(hall: Hall, place: int) -> Doubles:
    """Return the ways in metres by a field over the whole map, which hardly differs from the shortest ways."""
    grid, cells, ends = hall.grid, hall.grid.open.size, hall.fields.ends[place]
    window = np.array([[0, 0, grid.rows, grid.columns]], np.int32)
    fields = Fields(window, np.zeros(1, np.int64), np.empty(cells, np.uint32))
    scratch = make_scratch(1, cells, ends.size)
    ends_of = Ends(np.array([0, ends.size], np.int64), ends)
    spread(0, 0, 1, grid, hall.walls, fields, np.zeros(1, np.int32), ends_of, 16_000, scratch)
    return np.where(fields.packed == NOTHING, np.inf, (fields.packed >> 16) / 100)


def walk(hall: Hall, goals: Int32s, spots: Doubles, seconds: float, review: int = REVIEW) -> tuple[Doubles, Bools]:
    """Let people walk to places through each other; return how far each went, and who came there."""
    people = Walkers(*(np.zeros(goals.size, np.float32) for _ in Walkers._fields))
    people.x[:], people.y[:] = spots.T
    gone, there = np.zeros(goals.size), np.zeros(goals.size, np.bool_)
    for step in range(int(seconds / STEP_SECONDS)):
        if step % review == 0:
            there = hall.fields.ways(goals, people.x, people.y) == 0
            if there.all():
                break
            guides = hall.fields.guides(goals, people.x, people.y)
        head_for_places(0, 0, goals.size, hall.grid, hall.walls, hall.fields.fields, guides, people)
        people.x[:] += np.float32(PACE * STEP_SECONDS) * people.east
        people.y[:] += np.float32(PACE * STEP_SECONDS) * people.north
        gone += PACE * STEP_SECONDS * np.hypot(people.east, people.north)
    return gone, there


def pairs(hall: Hall, count: int, seed: int, every: int = 1) -> tuple[Int32s, Int32s]:
    """Return places, of which `every` so many are taken, and open cells all over the town."""
    draw = np.random.default_rng(seed)
    places = draw.choice(np.arange(0, len(HOUSES), every), count).astype(np.int32)
    return places, draw.choice(np.flatnonzero(hall.grid.open), count).astype(np.int32)


def test_said_ways_are_nearly_the_shortest(hall: Hall) -> None:
    spots = middles(hall)
    for place in range(0, len(HOUSES), 17):
        picked = np.random.default_rng(place).choice(np.flatnonzero(hall.grid.open), 3_000)
        least, found = shortest(hall, place)[picked], hall.ways(place, spots[picked]) / 1000
        assert (found >= least * 0.98 - 0.05).all()
        assert (found <= least * FACTOR + MORE).all(), (found / least).max()


def test_walked_ways_are_nearly_the_shortest_and_everyone_arrives(hall: Hall) -> None:
    goals, cells = pairs(hall, 600, 1, every=20)
    ways = {goal: shortest(hall, goal) for goal in np.unique(goals).tolist()}
    least = np.array([ways[goal][cell] for goal, cell in zip(goals.tolist(), cells.tolist(), strict=True)])
    gone, there = walk(hall, goals, middles(hall)[cells], 600)
    assert there.all()
    assert (gone <= least * FACTOR + MORE).all(), (gone / least).max()


def test_who_seldom_thinks_again_still_arrives(hall: Hall) -> None:
    goals, cells = pairs(hall, 60, 2)
    _, there = walk(hall, goals, middles(hall)[cells], 1_800, review=400)
    assert there.all()


def fields_within(hall: Hall, budget: int) -> FlowFields:
    """Return the fields of the same houses that are kept within a budget of bytes."""
    ends = hall.fields.ends
    middle = np.array([covered[covered.size // 2] for covered in ends], np.int32)
    names = [f"house {i}" for i in range(len(ends))]
    return FlowFields(hall.grid, hall.walls, names, middle, ends, Team(1), budget)


def test_what_is_kept_and_asked_first_changes_no_way(hall: Hall) -> None:
    goals, cells = pairs(hall, 1_500, 3, every=4)
    x, y = middles(hall)[cells].astype(np.float32).T
    roomy, tight = (fields_within(hall, most) for most in (1 << 30, 3_000_000))
    ways, guides = roomy.ways(goals, x, y), roomy.guides(goals, x, y)
    for some in np.array_split(np.argsort(-x), 12):
        assert np.array_equal(tight.guides(goals[some], x[some], y[some]), guides[some])
        assert np.array_equal(tight.ways(goals[some], x[some], y[some]), ways[some])
    assert tight.kept_bytes < roomy.kept_bytes / 2


def test_fields_that_fit_are_made_once(hall: Hall, caplog: pytest.LogCaptureFixture) -> None:
    budget = hall.fields.all_bytes * 8 // 7 + 8
    fields = fields_within(hall, budget)
    fields.prepare()
    assert fields.fits and not caplog.messages
    for seed in range(6):
        goals, cells = pairs(hall, 1_000, seed)
        fields.ways(goals, *middles(hall)[cells].astype(np.float32).T)
        if seed == 0:
            made = fields.made
    assert fields.made == made == fields.fields.start.size
    assert fields.kept_bytes <= budget


def test_a_budget_that_is_too_small_is_said(hall: Hall, caplog: pytest.LogCaptureFixture) -> None:
    tight = fields_within(hall, 3_000_000)
    assert not tight.fits
    (said,) = caplog.messages
    assert said.startswith("the flow fields of 196 places fill ") and "make the plane smaller" in said
    tight.prepare()
    for seed in range(2):
        goals, cells = pairs(hall, 200, seed)
        x, y = middles(hall)[cells].astype(np.float32).T
        assert np.array_equal(tight.ways(goals, x, y), hall.fields.ways(goals, x, y))
    assert tight.made > tight.fields.start.size


def test_it_is_told_how_far_a_large_town_is(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("hubs", "onward"):
        monkeypatch.setattr(f"engine.spaces.plane.{module}.TOGETHER", 2)
    said = list[str]()
    with Kernels(said.append):
        fields_within(hall, 1 << 30).prepare()
    assert said[-1] == ""
    told = [sentence for sentence in said if " of the town: " in sentence]
    begun = [sentence.partition(" the ")[0] for sentence in told]
    assert list(dict.fromkeys(begun)) == ["looking for", "joining", "finding"]
    assert f"finding the ways to the places of the town: 194 of {len(HOUSES)}" in told
    fields_within(hall, 1 << 30).prepare()
    assert said[-1] == "" and len(said) == len(told) + 2, "nothing is told outside"


def test_a_warning_goes_where_it_always_goes(hall: Hall, capsys: pytest.CaptureFixture[str]) -> None:
    said = list[str]()
    with Compiling(quiet=True), Kernels(said.append):
        fields_within(hall, 3_000_000)
    assert "the flow fields of 196 places fill " in capsys.readouterr().err
    assert not any("places fill" in sentence for sentence in said)


def test_who_is_outside_of_the_window_heads_back_into_it(hall: Hall) -> None:
    fields = hall.fields.fields
    south, west, rows, columns = (fields.window[0] * hall.grid.pitch).tolist()
    at = west + columns + 1, south + rows / 2
    assert at[0] < PLAN.width
    east, north = along_field(hall.grid, hall.walls, fields, 0, np.float32(at[0]), np.float32(at[1]))
    assert [east, north] == [-1.0, 0.0]


def test_a_maze_of_long_walls_is_found_out_of() -> None:
    bars = [
        Wall(f"bar {i}", ((5.0 * i, 0.0 if i % 2 else 4.0), (5.0 * i, 146.0 if i % 2 else 150.0))) for i in range(1, 30)
    ]
    hall = Hall(Plan(150.0, 150.0, walls=tuple(bars)), [(2.5, 2.5), (147.5, 75.0)])
    hall.fields.check_ways()
    cells = np.flatnonzero(hall.grid.open)
    found = hall.ways(0, middles(hall)[cells]) / 1000
    least = shortest(hall, 0)[cells]
    told = least < 650  # a field tells no longer ways
    assert (found < FAR / 1000).all()
    assert (found[told] <= least[told] * FACTOR + MORE).all()
    assert found.max() > 3_500
    picked = np.random.default_rng(5).choice(cells, 40)
    _, there = walk(hall, np.zeros(40, np.int32), middles(hall)[picked], 6_000)
    assert there.all()


def test_what_cannot_be_reached_stays_far() -> None:
    room = ((100.0, 100.0), (110.0, 100.0), (110.0, 110.0), (100.0, 110.0))
    plan = Plan(200.0, 200.0, walls=(Wall("shut", (*room, room[0])),))
    hall = Hall(plan, [(20, 20), (105, 105), (180, 180)])
    spots = np.array([[104.0, 104.0], [95.0, 105.0], [20.0, 20.0], [150.0, 100.0]])
    assert hall.ways(1, spots)[0] > 0
    assert (hall.ways(1, spots)[0] < 2_000) and (hall.ways(1, spots)[1:] == FAR).all()
    assert hall.ways(0, spots)[0] == FAR and hall.ways(2, spots)[2] < 240_000
    x, y = spots.astype(np.float32).T
    assert hall.fields.guides(np.array([0, 1, 1, -1], np.int32), x, y).tolist() == [-1, -1, -1, -1]
    with pytest.raises(SpaceError, match=r"place place 1 at \[105.25, 105.25\] cannot be reached from place 0"):
        hall.fields.check_ways()


def test_a_large_torus_is_crossed_at_its_edges() -> None:
    house = Building("house", ((1.0, 90.0), (9.0, 90.0), (9.0, 98.0), (1.0, 98.0)), (Door(3, 4.0, 1.2),))
    hall = Hall(Plan(205.0, 190.0, True, buildings=(house,)), [(195.0, 94.0), (5.0, 94.0)], reach=0)
    spots = np.array([[30.0, 94.0], [120.0, 94.0], [195.0, 1.0], [100.0, 20.0]])
    straight = np.hypot((195.0 - spots[:, 0] + 102.5) % 205 - 102.5, (94.0 - spots[:, 1] + 95) % 190 - 95)
    found = hall.ways(0, spots) / 1000
    assert (found >= straight - 1).all() and (found <= straight * FACTOR + MORE).all()
    goals = np.array([0, 0, 0, 0, 1, 1, 1, 1], np.int32)
    x, y = spots[:4].T
    assert hall.fields.guides(goals, np.tile(x, 2).astype(np.float32), np.tile(y, 2).astype(np.float32)).min() >= 0
    assert hall.ways(1, spots)[0] < 50_000
