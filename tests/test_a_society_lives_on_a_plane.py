"""A small town on the plane: everything of the society goes on there, and mistakes in one are told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app import compiling
from app.cli import main
from app.compose import compose, find_scenario, read_scenario, sections
from engine.errors import SociariumError
from engine.scenario import Scenario, parse_scenario, set_paths
from engine.spaces.plane import onward
from engine.spaces.plane.columns import GRAIN
from engine.spaces.plane.space import PlaneSpace
from tests.conftest import Sociarium
from tests.hamlet import founded, hashes
from tests.plane_spaces import check_room


def town(people: int = 150) -> Scenario:
    """Return the city with two blocks by two, in which people rise at seven."""
    changes = [
        ("space.width", "200"),
        ("space.height", "200"),
        ("town.blocks", "[2, 2]"),
        ("population.count", str(people)),
        ("time.start", "'07:00'"),
        ("record.min_free_mb", "0"),
        ("record.checkpoint_every", "16"),
        ("events", "[{at: 10, do: add_people, people: 20, role: citizen}, {at: 20, do: remove_people, people: 5}]"),
    ]
    return set_paths(find_scenario("city"), changes, sections())


def test_people_of_a_town_live_work_and_meet() -> None:
    laboratory = founded(town())
    society = laboratory.society
    bodies, people, places = society.world.see("space"), society.people, society.places
    assert isinstance(society.space, PlaneSpace)
    homes = {place.name for place in places.all if place.kind == "house"}
    assert len(homes) >= 6 and (people.home[people.alive] >= 0).all()
    assert (bodies.place[people.alive] == people.home[people.alive]).mean() > 0.9, "everybody wakes at home"
    seen = set[str]()
    been = set[int]()
    for _ in range(120):
        laboratory.runner.tick()
        seen |= {society.actions[code].name for code in people.action[people.alive].tolist() if code >= 0}
        been |= set(bodies.place[people.alive].tolist())
    assert {"go", "gather", "craft", "eat"} <= seen
    assert len({places.kind[place] for place in been if place >= 0}) >= 5, "they are at many kinds of places"
    assert people.alive.sum() == 165
    assert (society.world.see("ties").partner >= 0).any(axis=1)[people.alive].mean() > 0.3, "they know each other"
    laboratory.close()


def test_more_people_live_in_larger_houses() -> None:
    laboratory = founded(town(240))
    society = laboratory.society
    space = society.space
    assert isinstance(space, PlaneSpace)
    houses = society.places.of_kind("house")
    floors = np.array([space.survey.rooms.ends[house].size for house in houses])
    living = np.bincount(society.people.home[society.people.alive], minlength=len(society.places))[houses]
    assert living.sum() == 240 and np.corrcoef(floors, living)[0, 1] > 0.9
    shares = living / society.places.capacity[houses]
    assert shares.max() <= 1 and shares.max() - shares.min() < 0.12
    laboratory.close()


def test_nobody_of_a_town_is_in_another_room_than_their_place() -> None:
    laboratory = founded(town())
    society = laboratory.society
    space = society.space
    assert isinstance(space, PlaneSpace)
    for _ in range(40):
        laboratory.runner.tick()
    bodies, alive = society.world.see("space"), society.people.alive
    inside = alive & (bodies.place >= 0)
    rooms = space.survey.rooms.of_places[bodies.place[inside]]
    at = space._fine(np.flatnonzero(inside).astype(np.int32))
    assert np.array_equal(space.survey.rooms.room[at][rooms >= 0], rooms[rooms >= 0])
    assert (np.abs(bodies.u[alive]) < 3 * GRAIN).all()
    laboratory.close()


def test_another_seed_is_another_town_and_the_same_seed_the_same() -> None:
    runs = []
    for seed in ("1", "1", "2"):
        laboratory = founded(set_paths(town(60), [("seed", seed)], sections()))
        runs.append(hashes(laboratory, 6))
        laboratory.close()
    assert runs[0] == runs[1] and runs[0][-1] != runs[2][-1]


PLANE = """
sociarium: 1
name: yard
time: {tick: 2}
space: {kind: plane, width: 40, height: 40, substeps: 5, %s}
places: [{name: Yard, kind: square, at: [6, 6], radius: 3}, {name: Shed, kind: hall, at: [%s]}]
population: {count: 5}
"""
SHED = "corners: [[20, 20], [30, 20], [30, 30], [20, 30]], doors: [{side: 0, at: 5}]"


@pytest.mark.parametrize(
    ("space", "at", "message"),
    [
        (
            "buildings: [{name: Bow, corners: [[20, 20], [30, 30], [30, 20], [20, 30]], doors: [{side: 1, at: 5}]}]",
            "6, 30",
            r"^yard:5: space.buildings\[0\] \(Bow\): its sides 0 and 2 cross near \[20, 20\]. Order the corners",
        ),
        (
            f"buildings: [{{name: Shed, {SHED}}}], walls: [{{name: Bar, points: [[19, 18], [31, 18], [31, 35], "
            "[19, 35], [19, 18]]}]",
            "25, 25",
            r"^yard: place Shed at \[.*\] cannot be reached from Yard; give its building a door, 0.90 m or wider",
        ),
        (
            "walls: [{name: Bar, points: [[10, 31.25], [20, 31.25]]}]",
            "14, 30",
            r"^yard: place Shed at \[.*\] stands in a wall; move it clear of it",
        ),
        (
            "buildings: [{name: Shed, corners: [[20, 20], [30, 20], [30, 30]], doors: [{side: 5, at: 5}]}]",
            "6, 30",
            r"^yard:5: space.buildings\[0\] \(Shed\).doors\[0\]: there is no side 5. Use 0 to 2",
        ),
        (
            "walls: [{name: Bar, points: [[1, 20], [5, 20], [5, 24], [3, 18]]}]",
            "6, 30",
            r"^yard:5: space.walls\[0\] \(Bar\): its sides 0 and 2 cross near \[1, 20\]. Order the corners",
        ),
        (
            "buildings: [{name: Home 7, corners: [[20, 20], [30, 20], [30, 30]], doors: []}]",
            "6, 30",
            r"^yard:5: space.buildings\[0\].doors: has 0 entries, which is too short. Write a list of 1 to 64",
        ),
    ],
    ids=["crossing sides", "unreachable", "in a wall", "no such side", "crossing walls", "no door"],
)
def test_mistakes_in_geometry_name_the_place(space: str, at: str, message: str) -> None:
    with pytest.raises(SociariumError, match=message):
        compose(read_scenario(PLANE % (space, at), "yard"))


def test_mistakes_in_geometry_name_the_file_whatever_else_is_set(sociarium: Sociarium, tmp_path: Path) -> None:
    path, out = tmp_path / "yard.scenario.yaml", tmp_path / "yard.sociarium"
    wall = "walls: [{name: Bar, points: [[1, 20], [5, 20], [5, 24], [3, 18]]}]"
    path.write_text(PLANE % (wall, "6, 30"), encoding="utf-8")
    ended = sociarium("run", path, "--ticks", "3", "--set", "population.count=7", "--out", out)
    assert ended.status == 2
    assert ended.err.startswith(f"sociarium: {path}:5: space.walls[0] (Bar): its sides 0 and 2 cross near [1, 20]")
    assert len(ended.err.splitlines()) == 1


def test_nobody_begins_in_a_wall() -> None:
    """People stand between the walls about a place, and around it when it is full; what they need is said."""
    fences = ", ".join(f"{{name: Fence {i}, points: [[{2.75 + i}, 1.5], [{2.75 + i}, 11.5]]}}" for i in range(9))
    scenario = read_scenario(PLANE % (f"walls: [{fences}]", "1, 1"), "yard")
    laboratory = founded(set_paths(scenario, [("population.count", "400")], sections()))
    space = laboratory.society.space
    assert isinstance(space, PlaneSpace)
    space.move(1)
    check_room(space)
    laboratory.close()
    full = [("space.width", "12"), ("space.height", "12"), ("population.count", "432")]
    with pytest.raises(SociariumError, match=r"^yard: 432 people enter where \d+ fit; make the plane larger"):
        founded(set_paths(scenario, full, sections()))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("space: {kind: plane, width: 41}", "a:3: space.width: is 41 m, which cells of 2 m do not divide. Write 40"),
        ("space: {kind: plain}", "a:3: space.kind: is `plain`, which is not known. Did you mean `plane`?"),
        ("space: {kind: plane, walls: [{name: a, points: [[1, 2], [3, x]]}]}", "it must be two numbers. Write"),
        ("town: {}", "a:3: town: is for a plane, but the space is one of hexes. Write `space: {kind: plane}`"),
        ("space: {kind: plane}\nterrain: {houses: 3}", "a:4: terrain: is for hexes, but the space is a plane"),
        ("space: {kind: plane, edges: torus}\ntown: {}", "a:3: space.edges: is torus, but a town has edges. Write"),
        (
            "space: {kind: plane, substeps: 1}",
            "people at 130 cm/s could pass each other unseen. Write 156",
        ),
        ("space: {kind: plane}", "places: is empty: people on a plane need a place to begin at. Add one"),
        ("space: {kind: plane}\nplaces: [{name: a, kind: hall, at: [400, 2]}]", "outside the map of 320 x 320 metres"),
        ("space: {kind: plane, locomotion: swimming}", "a:3: space.locomotion: is `swimming`, which does not fit"),
        (
            "space: {kind: plane, locomotion: flocking}\ntown: {}",
            "a:4: town: stands in the way of a flock, which flies",
        ),
        (
            "space: {kind: plane, locomotion: flocking, walls: [{name: a, points: [[1, 2], [3, 4]]}]}",
            "a:3: space.walls: stands in the way of a flock",
        ),
        (
            "space: {kind: plane, locomotion: flocking, flock: {vision: 4, separation: 5}}",
            "a:3: space.flock.separation: is 5 m, but they see 4 m far. Write less, or make `vision` longer",
        ),
        (
            "space: {kind: plane, locomotion: flocking, edges: torus, width: 14, flock: {vision: 5}}",
            "a:3: space.edges: is a torus on which a flock would see somebody twice. Make both sides 16 m",
        ),
        ("space: {width: 2}", "a:3: space.width: is 2, which is too small. Write 4 to 1000 hexes"),
    ],
)
def test_mistakes_in_a_plane_say_where_and_how_to_mend(text: str, message: str) -> None:
    with pytest.raises(SociariumError, match=message.replace("?", r"\?")):
        parse_scenario(f"sociarium: 1\nname: a\n{text}\n", "a")


def test_every_command_that_lays_out_a_town_says_how_far_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(compiling, "PATIENCE", -1.0)
    monkeypatch.setattr(onward, "TOGETHER", 4)
    path, file, branch = (str(tmp_path / name) for name in ("a.scenario.yaml", "a.sociarium", "b.sociarium"))
    Path(path).write_text(town(30).to_yaml(), encoding="utf-8")
    for command in (
        ["scenario", "check", path],
        ["run", path, "--ticks", "2", "--out", file],
        ["resume", file, "--ticks", "3"],
        ["branch", file, "--at", "1", "--ticks", "3", "--out", branch],
        ["verify", file],
    ):
        assert main(command) == 0, command
        assert "finding the ways to the places of the town: 4 of " in capsys.readouterr().err, command


def test_a_town_that_does_not_fit_says_how_large_it_must_be() -> None:
    small = set_paths(find_scenario("city"), [("space.width", "100")], sections())
    with pytest.raises(SociariumError, match="4 x 4 blocks do not fit on 100 x 320 m; make"):
        compose(small)
