"""The hall empties through its door, and the module `flow` measures it as studies of crowds do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app import headless
from app.compose import compose, find_scenario, read_scenario, sections
from engine.errors import SocietyError
from engine.record.reader import RunReader
from engine.runner import refused
from engine.scenario import Scenario, set_paths
from engine.society.flow.gates import Gates, passed
from engine.spaces.plane.columns import metres
from engine.values import Int64s


def longs(*numbers: int) -> Int64s:
    return np.array(numbers, np.int64)


GATE = Gates(longs(0), longs(0), longs(0), longs(10))
"""It looks north: its left is the west."""


@pytest.mark.parametrize(
    ("way", "counts"),
    [
        ((-3, 5, 3, 5), (1, 0)),
        ((3, 5, -3, 5), (0, 1)),
        ((-3, 5, -1, 5), (0, 0)),
        ((-3, 12, 3, 12), (0, 0)),
        ((-3, -1, 3, -1), (0, 0)),
        ((-3, 5, 0, 5), (0, 0)),
        ((0, 5, 3, 5), (1, 0)),
        ((0, 5, 0, 7), (0, 0)),
        ((-3, 14, 3, 4), (1, 0)),
    ],
    ids=["across", "back", "not yet", "north of it", "south of it", "onto it", "from it", "along it", "slantwise"],
)
def test_who_crosses_a_gate_is_counted_once(way: tuple[int, int, int, int], counts: tuple[int, int]) -> None:
    there, back = passed(GATE, *(longs(part) for part in way))
    assert (int(there[0]), int(back[0])) == counts


def emptied(scenario: Scenario, path: Path) -> RunReader:
    """Run the hall, and return its run."""
    headless.run(scenario, path, quiet=True)
    return RunReader(path)


def test_a_hall_empties_quicker_through_a_wider_door(tmp_path: Path) -> None:
    hall = find_scenario("crowd")
    half_out = []
    for width in (1.2, 2.4):
        wide = set_paths(hall, [("space.buildings[0].doors[0].width", str(width))], sections())
        reader = emptied(wide, tmp_path / f"{width}.sociarium")
        ticks, net = reader.measures("flow.passed")
        people = np.array(net)[:, 0]
        assert people[0] == 0 and people[-1] == 200
        half_out.append(int(ticks[np.argmax(people >= 100)]))
        _, rates = reader.measures("flow.rate")
        busy = np.array(rates)[:, 0].max() / width
        assert 0.6 < busy < 2.6, "people a second and metre; studies find 1.3 to 1.9"
        reader.close()
    assert half_out[1] - 5 < 0.8 * (half_out[0] - 5), "they are called at tick 5"


@pytest.mark.parametrize("width", [0.9, 1.0])
def test_nobody_is_held_up_for_good_at_a_narrow_door(width: float) -> None:
    narrow = [("space.buildings[0].doors[0].width", str(width)), ("seed", "1")]
    laboratory = compose(set_paths(find_scenario("crowd"), narrow, sections()))
    laboratory.found()
    for _ in range(120):
        laboratory.runner.tick()
    bodies = laboratory.society.world.see("space")
    assert (metres(bodies.x) > 24).all(), "bodies built arches between the posts, which held"
    laboratory.close()


def test_who_is_held_waits_in_the_queue_however_long_it_takes() -> None:
    many = set_paths(find_scenario("crowd"), [("population.count", "400")], sections())
    laboratory = compose(many)
    laboratory.found()
    society = laboratory.society
    assert not sum(refused(laboratory.runner.tick()) for _ in range(240))
    assert (society.world.see("space").place == society.places.find("Meadow")).all()
    laboratory.close()


def test_people_walk_slower_the_denser_they_stand(tmp_path: Path) -> None:
    reader = emptied(find_scenario("crowd"), tmp_path / "hall.sociarium")
    _, rows = reader.measures("flow.fundamental")
    speeds = np.array(rows)
    mean = [column[column > 0].mean() for column in speeds.T[:6]]
    assert mean[0] > 1.0 and mean[0] > 1.5 * mean[3]
    assert sorted(mean[:4], reverse=True) == mean[:4]
    reader.close()


def test_flow_is_for_planes() -> None:
    hexes = read_scenario("sociarium: 1\nname: a\nmodules: {flow: {}}\n", "a")
    with pytest.raises(SocietyError, match="module flow measures on a plane, but the space is of hexes; switch flow"):
        compose(hexes)


def test_who_is_sent_goes_whatever_they_were_about() -> None:
    laboratory = compose(find_scenario("crowd"))
    laboratory.found()
    for _ in range(6):
        laboratory.runner.tick()
    bodies, people = laboratory.society.world.see("space"), laboratory.society.people
    assert people.driven.sum() == 200 and (bodies.goal_kind == 1).sum() == 200
    assert {place.name for place in laboratory.society.places.all} == {"Hall", "Meadow"}
    laboratory.close()


CORRIDOR = """
sociarium: 1
name: corridor
time: {tick: 2, start: '12:00'}
space:
  kind: plane
  width: 40
  height: 24
  substeps: 8
  buildings: [{name: Hall, corners: [[4, 4], [16, 4], [16, 20], [4, 20]], doors: [{side: 1, at: 9.25}]}]
  walls:
    - {name: South wall, points: [[16, 12.6], [24, 12.6]]}
    - {name: North wall, points: [[16, 13.9], [24, 13.9]]}
places:
  - {name: Hall, kind: hall, at: [10, 12]}
  - {name: Corridor, kind: field, at: [20, 12], radius: 4}
  - {name: Yard, kind: square, at: [33, 12], radius: 5}
population: {count: 36, roles: {porter: 24, visitor: 12}}
roles: {porter: {}, visitor: {}}
actions: {off: [wander, approach]}
events:
  - {at: 1, do: send, place: Corridor, role: porter, hold: true}
  - {at: 40, do: send, place: Yard, role: visitor}
"""


def test_nobody_is_lost_behind_a_corridor_full_of_people() -> None:
    laboratory = compose(read_scenario(CORRIDOR, "corridor"))
    laboratory.found()
    society = laboratory.society
    bodies, places = society.world.see("space"), society.places
    visitors = society.people.role == society.role("visitor")
    there = {name: places.find(name) for name in ("Hall", "Corridor", "Yard")}
    for _ in range(50):
        laboratory.runner.tick()
    assert not (bodies.place[visitors] == there["Yard"]).any(), "the corridor is full, and they wait"
    for _ in range(130):
        laboratory.runner.tick()
    assert (bodies.place[visitors] == there["Yard"]).all(), "they have come through"
    assert (bodies.place[~visitors] == there["Corridor"]).all(), "who was pushed out has come back"
    assert society.people.alive.all() and (bodies.cell >= 0).all()
    laboratory.close()
