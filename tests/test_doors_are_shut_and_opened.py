"""A door that is shut is a wall: people take another way, or wait and change their minds; nobody is lost."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.compose import Laboratory, compose, find_scenario, read_scenario, sections
from engine.errors import ScenarioError
from engine.record.reader import RunReader
from engine.scenario import Scenario, set_paths
from engine.spaces.plane.columns import GRAIN, PATIENCE
from engine.spaces.plane.space import PlaneSpace
from engine.values import Bools, Outcome
from tests.conftest import Sociarium
from tests.hamlet import founded, hashes
from tests.plane_spaces import check_room
from tests.test_a_society_lives_on_a_plane import town

HALL = {"west": 4, "east": 24, "south": 6, "north": 26}
SOUTH_DOOR = "{side: 0, at: 10, width: 1.2}"
SEND = "{at: 1, do: send, place: Meadow}"


def hall(*events: str, doors: str = "", people: int = 60) -> Scenario:
    """Return the hall, out of which everybody goes at tick 1, with more events and perhaps more doors."""
    crowd = find_scenario("crowd")
    own = crowd.document()["space"]["buildings"][0]["doors"]
    changes = [
        ("events", f"[{', '.join((SEND, *events))}]"),
        ("population.count", str(people)),
        (
            "space.buildings[0].doors",
            str([*own, *([] if not doors else [doors])]).replace("'{", "{").replace("}'", "}"),
        ),
        ("record.min_free_mb", "0"),
        ("record.checkpoint_every", "16"),
    ]
    return set_paths(crowd, changes, sections())


def inside(laboratory: Laboratory) -> Bools:
    """Whether each stands within the walls of the hall, bool[people]."""
    x, y = (laboratory.society.world[name] / GRAIN for name in ("space.x", "space.y"))
    within = (HALL["west"] < x) & (x < HALL["east"]) & (HALL["south"] < y) & (y < HALL["north"])
    return np.asarray(within, np.bool_)


def run_on(laboratory: Laboratory, ticks: int) -> list[str]:
    """Run on, and return why people did not come to where they went."""
    reasons = list[str]()
    for _ in range(ticks):
        record = laboratory.runner.tick()
        assert not laboratory.runner.commands.refusals
        refused = record.outcome == Outcome.REFUSED
        reasons += [laboratory.society.reasons[reason] for reason in record.reason[refused].tolist()]
    return reasons


def test_nobody_passes_a_shut_door_and_all_come_when_it_is_opened() -> None:
    laboratory = founded(hall("{at: 10, do: shut, building: Hall}", "{at: 60, do: open, building: Hall, door: 0}"))
    run_on(laboratory, 10)
    kept = inside(laboratory)
    assert 20 < kept.sum() < 60, "some are out already"
    for _ in range(49):
        run_on(laboratory, 1)
        assert np.array_equal(inside(laboratory), kept)
    assert (laboratory.society.world["space.waited"][kept] > 0).all()
    run_on(laboratory, 60)
    assert not inside(laboratory).any()
    assert (laboratory.society.world["space.place"] == 1).all()


def test_who_has_another_way_takes_it() -> None:
    laboratory = founded(hall("{at: 8, do: shut, building: Hall, door: 0}", doors=SOUTH_DOOR))
    run_on(laboratory, 120)
    assert not inside(laboratory).any()


def test_who_waits_three_minutes_in_vain_changes_their_mind() -> None:
    laboratory = founded(hall("{at: 10, do: shut, building: Hall}"))
    run_on(laboratory, 10)
    kept, going = inside(laboratory), laboratory.society.world["space.goal_kind"]
    assert (going[kept] == 1).all()
    ticks = PATIENCE // laboratory.scenario.time.tick
    run_on(laboratory, ticks // 2)
    assert (laboratory.society.world["space.goal_kind"][kept] == 1).all(), "they wait"
    run_on(laboratory, ticks)
    assert (laboratory.society.world["space.goal_kind"][kept] == 0).all(), "they stay"
    assert (laboratory.society.people.driven[kept] == 0).all()
    laboratory.runner.commands.queue += list(
        founded(hall("{at: 1, do: open, building: Hall}")).runner.commands.schedule(1)
    )
    run_on(laboratory, 80)
    assert not inside(laboratory).any()


def test_who_is_held_waits_however_long_the_door_is_shut() -> None:
    again = "{at: 2, do: send, place: Meadow, hold: true}"
    laboratory = founded(hall(again, "{at: 10, do: shut, building: Hall}", "{at: 250, do: open, building: Hall}"))
    assert not run_on(laboratory, 249)
    kept = inside(laboratory)
    assert kept.any() and (laboratory.society.world["space.goal_kind"][kept] == 1).all(), "eight minutes later"
    assert not run_on(laboratory, 60)
    assert (laboratory.society.world["space.place"] == 1).all()


def test_who_stands_in_a_doorway_steps_aside() -> None:
    stood = 0
    for tick in range(6, 16):
        laboratory = founded(hall(f"{{at: {tick}, do: shut, building: Hall}}", people=200))
        run_on(laboratory, tick - 1)
        x, y = (laboratory.society.world[name] / GRAIN for name in ("space.x", "space.y"))
        stood += int(((np.abs(x - HALL["east"]) < 0.2) & (np.abs(y - 16) < 0.5)).sum())
        run_on(laboratory, 1)
        space = laboratory.society.space
        assert isinstance(space, PlaneSpace)
        check_room(space)
        kept = inside(laboratory)
        run_on(laboratory, 5)
        check_room(space)
        assert np.array_equal(inside(laboratory), kept)
    assert stood, "nobody was in the doorway"


def test_who_stands_before_a_shut_door_stands_on_their_own_side_of_it() -> None:
    corners = "[[4, 6], [24.15, 6], [24.15, 26], [4, 26]]"  # the wall, and with it the door, runs through a cell's west
    laboratory = founded(set_paths(hall(), [("space.buildings[0].corners", corners)], sections()))
    space = laboratory.society.space
    assert isinstance(space, PlaneSpace)
    who = np.zeros(1, np.int32)
    columns = []
    for shut in (False, True, False):
        space.set_doors("Hall", None, shut)
        space._own.x[who], space._own.y[who] = round(24.05 * GRAIN), round(16.2 * GRAIN)
        columns.append(int(space._fine(who)[0]) % space.survey.navigation.columns)
    assert columns == [48, 47, 48]


def test_a_town_lives_on_where_doors_are_shut() -> None:
    scenario = town()
    names = [place.name for place in founded(scenario).society.places.all]
    square, house = names[0], next(name for name in names if name[0].isdigit())
    events = [f"{{at: {at}, do: {do}, building: {house!r}}}" for at, do in ((20, "shut"), (220, "open"))]
    laboratory = founded(set_paths(scenario, [("events", f"[{', '.join(events)}]")], sections()))
    society = laboratory.society
    run_on(laboratory, 20)
    room = names.index(house)
    kept = np.flatnonzero(society.world["space.place"] == room)
    run_on(laboratory, 199)
    assert np.array_equal(np.flatnonzero(society.world["space.place"] == room), kept)
    away = np.flatnonzero((society.people.home == room) & (society.world["space.place"] != room))
    assert away.size, f"nobody of {house} is out, on {square} or elsewhere"
    assert (society.space.place_distance(away.astype(np.int32), np.full(away.size, room, np.int32)) == 2**30).all()
    run_on(laboratory, 100)
    assert (society.space.place_distance(away.astype(np.int32), np.full(away.size, room, np.int32)) < 2**30).all()


def test_shut_doors_are_part_of_the_state_and_come_back_with_it() -> None:
    scenario = hall("{at: 10, do: shut, building: Hall}", "{at: 30, do: open, building: Hall}")
    laboratory, other = founded(scenario), compose(scenario)
    run_on(laboratory, 15)
    snapshot = laboratory.runner.snapshot()
    onwards = hashes(laboratory, 30)
    other.runner.restore(snapshot)
    assert hashes(other, 30) == onwards
    laboratory.runner.restore(snapshot)
    assert hashes(laboratory, 30) == onwards
    space = other.society.space
    space.set_doors("Hall", None, True)
    assert other.society.world.state_hash().hex() != onwards[-1]


def test_runs_in_which_doors_are_shut_resume_branch_and_verify(tmp_path: Path, sociarium: Sociarium) -> None:
    path, part, same = tmp_path / "hall.scenario.yaml", tmp_path / "part.sociarium", tmp_path / "same.sociarium"
    scenario = hall("{at: 10, do: shut, building: Hall}", "{at: 30, do: open, building: Hall}")
    path.write_text(scenario.to_yaml(), encoding="utf-8")
    assert sociarium("run", path, "--ticks", "20", "--out", part).status == 0
    assert sociarium("resume", part, "--ticks", "40").status == 0
    assert sociarium("branch", part, "--at", "21", "--out", same).status == 0
    known = hashes(founded(scenario), 40)
    for run, first in ((part, 1), (same, 21)):
        assert sociarium("verify", run).status == 0
        with RunReader(run) as reader:
            assert [reader.state_hash(tick).hex() for tick in range(first, 41)] == known[first - 1 :]


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ("building: Hell", r"events\[1\].building: `Hell` is no building. Did you mean `Hall`\?"),
        ("building: Hall, door: 1", r"events\[1\].door: is 1, but Hall has no such door. Write 0 to 0"),
    ],
)
def test_doors_that_are_not_there_are_named(event: str, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        hall(f"{{at: 1, do: shut, {event}}}")


def test_hexes_have_no_doors() -> None:
    text = "sociarium: 1\nname: a\nevents: [{at: 1, do: open, building: Hall}]\n"
    with pytest.raises(ScenarioError, match=r"a:3: events\[0\].do: is about a door, but the space is one of hexes"):
        read_scenario(text, "a")


def test_a_town_has_no_building_of_another_name() -> None:
    events = "[{at: 1, do: shut, building: Nowhere}, {at: 2, do: shut, building: Nowhere, door: 3}]"
    laboratory = founded(set_paths(town(20), [("events", events)], sections()))
    laboratory.runner.tick()
    refusals = laboratory.runner.commands.refusals
    assert len(refusals) == 1 and "there is no building 'Nowhere'; name a building of the scenario" in refusals[0]
