"""A seed gives one town, the same bits on every CPU: a valid plan with homes for as many as its blocks allow."""

from __future__ import annotations

import functools
import math
import time
from collections import Counter, defaultdict
from collections.abc import Iterator

import numpy as np
import pytest
import xxhash
from pydantic import ValidationError

from engine.errors import SpaceError
from engine.scenario import TownSettings
from engine.society.land import KINDS
from engine.spaces.plane.plan import Building, Point, check_plan
from engine.spaces.plane.town import Town, TownSite, house_room, least_plane, plan_town

MEADOW, FOREST, WATER, ROCK, FIELD, PATH = range(6)
CELL = 2
ALWAYS = {"square", "market", "well", "hall", "house", "workshop", "school", "station", "park"}
ALWAYS |= {"field", "wood", "shore", "quarry"}
CASES: list[tuple[int, TownSettings]] = [
    (1, TownSettings()),
    (2, TownSettings(blocks=(2, 2))),
    (3, TownSettings(blocks=(3, 3), park=False, river=False, gardens=0)),
    (4, TownSettings(blocks=(3, 5), block=50, street=6, residents=60, workshops=50)),
    (5, TownSettings(blocks=(7, 4), block=120, street=20, residents=1, workshops=0)),
    (6, TownSettings(blocks=(8, 8))),
]
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[1].blocks[0]}x{case[1].blocks[1]}")


def sides(settings: TownSettings) -> tuple[int, int]:
    """Return the smallest plane of whole cells for a town."""
    width, height = (side + side % CELL for side in least_plane(settings))
    return width, height


@functools.cache
def made(seed: int, settings: TownSettings) -> Town:
    return plan_town(*sides(settings), CELL, seed, settings)


def digest(town: Town) -> str:
    parts = [town.kind.tobytes(), town.storeys.tobytes(), town.trees.astype("<f4").tobytes()]
    return xxhash.xxh3_64_hexdigest(b"".join(parts) + repr((town.plan, town.sites)).encode())


def sites(town: Town, *kinds: str) -> list[TownSite]:
    return [site for site in town.sites if site.kind in kinds]


def holds(corners: tuple[Point, ...], x: float, y: float) -> bool:
    """Whether a polygon holds a point (even-odd rule)."""
    inside = False
    for (ax, ay), (bx, by) in zip(corners, (*corners[1:], corners[0]), strict=True):
        if (ay > y) != (by > y) and x < ax + (y - ay) * (bx - ax) / (by - ay):
            inside = not inside
    return inside


def cross(one: Building, two: Building) -> bool:
    """Whether two buildings have a point in common."""

    def turn(a: Point, b: Point, c: Point) -> float:
        return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

    for a, b in one.sides():
        for c, d in two.sides():
            if turn(a, b, c) * turn(a, b, d) < 0 and turn(c, d, a) * turn(c, d, b) < 0:
                return True
    return holds(one.corners, *middle(two)) or holds(two.corners, *middle(one))


def middle(building: Building) -> Point:
    """Return a point inside a building, half-way between its first corner and its third."""
    (ax, ay), _, (bx, by) = building.corners[:3]
    return (ax + bx) / 2, (ay + by) / 2


def neighbours(town: Town) -> Iterator[tuple[Building, Building]]:
    """Yield the pairs of buildings that are near each other."""
    by_square: dict[tuple[int, int], list[Building]] = defaultdict(list)
    for building in town.plan.buildings:
        x, y = building.corners[0]
        column, row = int(x // 40), int(y // 40)
        for square in ((column + k, row + j) for k in (-1, 0, 1) for j in (-1, 0, 1)):
            yield from ((building, other) for other in by_square[square])
        by_square[column, row].append(building)


def land_around(town: Town, site: TownSite, reach: float) -> Counter[int]:
    """Return the kinds of land whose cells' middles lie within reach of a place."""
    columns = round(town.plan.width) // CELL
    row, column = np.divmod(np.arange(town.kind.size), columns)
    near = np.hypot(CELL * column + CELL / 2 - site.x, CELL * row + CELL / 2 - site.y) <= reach
    return Counter(town.kind[near].tolist())


@pytest.mark.parametrize(
    ("case", "expected"),
    [(CASES[0], "3d6283a1f1b5a26e"), (CASES[1], "f17660fa3fa57685"), (CASES[5], "caf678f179eba734")],
    ids=["town", "hamlet", "districts"],
)
def test_a_seed_gives_the_same_bits_on_every_machine(case: tuple[int, TownSettings], expected: str) -> None:
    assert digest(made(*case)) == expected


def test_the_same_seed_gives_the_same_and_another_another() -> None:
    settings = TownSettings(blocks=(3, 3))
    first, same, other = (plan_town(*sides(settings), CELL, seed, settings) for seed in (9, 9, 2**63 - 1))
    assert digest(first) == digest(same) != digest(other)
    assert (first.kind != other.kind).mean() > 0.1


@every_case
def test_arrays_have_their_shapes_and_cannot_be_written(case: tuple[int, TownSettings]) -> None:
    town, (width, height) = made(*case), sides(case[1])
    cells = width // CELL * height // CELL
    assert [(array.dtype.name, array.shape) for array in (town.kind, town.storeys, town.trees)] == [
        ("uint8", (cells,)),
        ("uint8", (len(town.plan.buildings),)),
        ("float32", (len(town.trees), 2)),
    ]
    assert not any(array.flags.writeable for array in (town.kind, town.storeys, town.trees))
    assert town.kind.max() < len(KINDS)
    assert town.storeys.min() >= 1 and town.storeys.max() <= 6
    assert (town.trees >= 0).all() and (town.trees <= (width, height)).all()


@every_case
def test_the_plan_is_valid_and_no_building_overlaps_another(case: tuple[int, TownSettings]) -> None:
    town = made(*case)
    check_plan(town.plan, "town")
    assert [(one.name, two.name) for one, two in neighbours(town) if cross(one, two)] == []
    doors = [door for building in town.plan.buildings for door in building.doors]
    assert min(door.width for door in doors) >= 1.2


@every_case
def test_doors_open_where_nothing_stands(case: tuple[int, TownSettings]) -> None:
    town = made(*case)
    by_name = {building.name: building for building in town.plan.buildings}
    for one, two in neighbours(town):
        for building, other in ((one, two), (two, one)):
            for x, y in steps_outside(building):
                assert not holds(other.corners, x, y), (building.name, other.name)
    for building in by_name.values():
        for x, y in steps_outside(building):
            assert 0 < x < town.plan.width and 0 < y < town.plan.height
            assert not holds(building.corners, x, y)


def steps_outside(building: Building) -> Iterator[Point]:
    """Yield the spot one and a half metres in front of each door."""
    for door in building.doors:
        (ax, ay), (bx, by) = building.sides()[door.side]
        length = math.dist((ax, ay), (bx, by))
        east, north = (bx - ax) / length, (by - ay) / length
        yield ax + door.at * east + 1.5 * north, ay + door.at * north - 1.5 * east


@every_case
def test_hedges_close_gaps_between_houses_and_cross_none(case: tuple[int, TownSettings]) -> None:
    town = made(*case)
    hedges = [wall.points for wall in town.plan.walls if wall.name == "hedge"]
    assert hedges
    for (ax, ay), (bx, by) in hedges:
        for share in (0.02, 0.5, 0.98):
            x, y = ax + share * (bx - ax), ay + share * (by - ay)
            near = [b for b in town.plan.buildings if math.dist(b.corners[0], (x, y)) < 40]
            assert not any(holds(building.corners, x, y) for building in near)


@every_case
def test_every_place_has_its_own_name_and_stands_in_the_middle_of_a_cell(case: tuple[int, TownSettings]) -> None:
    town = made(*case)
    assert [name for name, count in Counter(site.name for site in town.sites).items() if count > 1] == []
    assert town.sites[0].kind == "square"
    for site in town.sites:
        assert site.x % CELL == site.y % CELL == CELL / 2
        assert site.radius % CELL == 0 < site.radius
        assert 0 <= site.heading < 360


@every_case
def test_places_in_buildings_are_inside_and_others_are_not(case: tuple[int, TownSettings]) -> None:
    town = made(*case)
    inside = [site for site in town.sites if site.building >= 0]
    assert sorted(site.building for site in inside) == list(range(len(town.plan.buildings)))
    for site in inside:
        building = town.plan.buildings[site.building]
        assert building.name == site.name
        (ax, ay), (bx, by) = building.sides()[building.doors[0].side]
        assert abs((math.degrees(math.atan2(ax - bx, by - ay)) - site.heading + 180) % 360 - 180) < 2
        for x, y in ((site.x + dx, site.y + dy) for dx in (-0.6, 0.6) for dy in (-0.6, 0.6)):
            assert holds(building.corners, x, y), site.name
    for site in sites(town, "square", "market", "well", "park", "field", "wood", "shore", "quarry"):
        near = [b for b in town.plan.buildings if math.dist(b.corners[0], (site.x, site.y)) < 40]
        assert not any(holds(building.corners, site.x, site.y) for building in near), site.name


@every_case
def test_the_settings_say_what_there_is(case: tuple[int, TownSettings]) -> None:
    town, settings = made(*case), case[1]
    count = Counter(site.kind for site in town.sites)
    missing = set() if settings.workshops else {"workshop"}
    missing |= set() if settings.park else {"park"}
    missing |= set() if settings.park or settings.river else {"shore"}
    assert set(count) == ALWAYS - missing
    assert (town.kind == WATER).any() == (settings.park or settings.river)
    assert count["workshop"] <= settings.workshops * count["square"]
    assert house_room(town, settings) == settings.residents * count["house"]


@every_case
def test_what_is_gathered_lies_around_its_places(case: tuple[int, TownSettings]) -> None:
    town = made(*case)
    for kind, land in (("field", FIELD), ("wood", FOREST), ("shore", WATER), ("quarry", ROCK)):
        for site in sites(town, kind):
            assert land_around(town, site, site.radius + 6)[land] >= 6, site.name


@pytest.mark.parametrize("seed", range(1, 9))
def test_the_default_town_has_homes_for_2500_people(seed: int) -> None:
    assert house_room(made(seed, TownSettings()), TownSettings()) >= 2500
    assert max(least_plane(TownSettings())) <= 320


def test_a_town_of_100000_people_is_one_number_away_and_quickly_made() -> None:
    settings = TownSettings(blocks=(26, 26))
    begun = time.process_time()
    town = plan_town(*sides(settings), CELL, 1, settings)
    check_plan(town.plan, "town")
    assert time.process_time() - begun < 20
    assert house_room(town, settings) >= 100_000
    assert len({site.name for site in town.sites}) == len(town.sites)
    assert [(one.name, two.name) for one, two in neighbours(town) if cross(one, two)] == []


def test_a_larger_plane_leaves_more_land_around_the_town() -> None:
    settings = TownSettings(blocks=(3, 3))
    town = plan_town(400, 300, CELL, 1, settings)
    check_plan(town.plan, "town")
    assert town.kind.size == 200 * 150
    assert (town.kind == PATH).mean() < (made(1, settings).kind == PATH).mean()


def test_a_plane_that_will_not_do_is_refused_with_the_mend() -> None:
    with pytest.raises(SpaceError, match=r"4 x 4 blocks do not fit on 300 x 400 m.*`space.width` at least 318"):
        plan_town(300, 400, CELL, 1, TownSettings())
    with pytest.raises(SpaceError, match="no whole number of cells of 2 m"):
        plan_town(401, 400, CELL, 1, TownSettings())
    with pytest.raises(SpaceError, match="use cells of 1 to 2 m"):
        plan_town(400, 400, 5, 1, TownSettings())


@pytest.mark.parametrize("blocks", ([4], [4, 4, 4], [1, 4], [4, 61], ["4", 4], [True, 4], 4))
def test_blocks_are_two_whole_numbers(blocks: object) -> None:
    with pytest.raises(ValidationError, match="must be two whole numbers"):
        TownSettings.model_validate({"blocks": blocks})
    assert TownSettings.model_validate({"blocks": [5, 6]}).blocks == (5, 6)
