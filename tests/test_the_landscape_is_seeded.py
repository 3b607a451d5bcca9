"""A seed gives one landscape, the same bits on every CPU, in which everybody can walk to every place."""

from __future__ import annotations

import functools
from collections import deque
from typing import Literal

import numpy as np
import pytest
import xxhash
from pydantic import ValidationError

from engine.errors import SpaceError
from engine.spaces.hex.landscape import ELEVATION_STEP, KINDS, Landscape, LandscapeSettings, Site, generate_landscape
from engine.spaces.hex.landscape_sheet import towards, wave

MEADOW, FOREST, WATER, ROCK, FIELD, PATH = range(6)
Edges = Literal["bounded", "torus"]
CASES: list[tuple[int, int, Edges, int, LandscapeSettings]] = [
    (100, 100, "bounded", 1, LandscapeSettings()),
    (100, 100, "torus", 2, LandscapeSettings()),
    (12, 12, "bounded", 3, LandscapeSettings(houses=4)),
    (12, 12, "torus", 4, LandscapeSettings(houses=4)),
    (8, 8, "bounded", 5, LandscapeSettings()),
    (70, 44, "torus", 6, LandscapeSettings(houses=150, woodland=60, hills=40)),
    (160, 120, "bounded", 7, LandscapeSettings(villages=3, workshops=8, fields=9)),
    (120, 160, "torus", 8, LandscapeSettings(villages=4, river=False, pond=False, hills=0, woodland=0)),
]
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}x{case[1]}-{case[2]}-{case[3]}")


@functools.cache
def made(case: tuple[int, int, Edges, int, LandscapeSettings]) -> Landscape:
    return generate_landscape(*case)


def neighbours(land: Landscape, cell: int) -> list[int]:
    row, column = divmod(cell, land.width)
    shift = row & 1
    around = [(row, column + 1), (row, column - 1)]
    around += [(row + up, column + side) for up in (1, -1) for side in (shift - 1, shift)]
    if land.edges == "torus":
        around = [(r % land.height, c % land.width) for r, c in around]
    return [r * land.width + c for r, c in around if 0 <= r < land.height and 0 <= c < land.width]


def walk(land: Landscape, start: int) -> set[int]:
    reached, waiting = {start}, deque([start])
    while waiting:
        for cell in neighbours(land, waiting.popleft()):
            if cell not in reached and land.kind[cell] not in (WATER, ROCK):
                reached.add(cell)
                waiting.append(cell)
    return reached


def disk(land: Landscape, cell: int, radius: int) -> set[int]:
    cells = {cell}
    for _ in range(radius):
        cells |= {other for each in cells for other in neighbours(land, each)}
    return cells


def digest(land: Landscape) -> str:
    arrays = [land.kind, land.elevation.astype("<i2"), land.bridge]
    return xxhash.xxh3_64_hexdigest(b"".join(array.tobytes() for array in arrays) + repr(land.sites).encode())


def sites(land: Landscape, *kinds: str) -> list[Site]:
    return [site for site in land.sites if site.kind in kinds]


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (CASES[0], "c3bf43dbf0fcd343"),
        (CASES[1], "aeb3d3a2aa1d3dd1"),
        (CASES[2], "1357285d99bfbb04"),
        (CASES[6], "ce59713197a293af"),
    ],
    ids=["bounded", "torus", "tiny", "villages"],
)
def test_a_seed_gives_the_same_bits_on_every_machine(
    case: tuple[int, int, Edges, int, LandscapeSettings], expected: str
) -> None:
    assert digest(generate_landscape(*case)) == expected


def test_the_same_seed_gives_the_same_and_another_another() -> None:
    settings = LandscapeSettings()
    first, same, other = (generate_landscape(60, 60, "bounded", seed, settings) for seed in (9, 9, 2**63 - 1))
    assert digest(first) == digest(same) != digest(other)
    assert (first.kind != other.kind).mean() > 0.1


@every_case
def test_arrays_have_their_shapes_and_cannot_be_written(case: tuple[int, int, Edges, int, LandscapeSettings]) -> None:
    land = made(case)
    cells = case[0] * case[1]
    assert [(a.dtype.name, a.shape) for a in (land.kind, land.elevation, land.bridge)] == [
        ("uint8", (cells,)),
        ("int16", (cells,)),
        ("bool", (cells,)),
    ]
    assert not any(array.flags.writeable for array in (land.kind, land.elevation, land.bridge))
    dry = (land.kind != WATER) & ~land.bridge
    assert land.kind.max() < len(KINDS)
    assert (land.elevation[dry] % ELEVATION_STEP == 0).all()
    assert (land.kind[land.bridge] == PATH).all()
    if (land.kind == WATER).any():
        assert land.elevation[land.kind == WATER].max() < land.elevation[dry].min()


@every_case
def test_every_place_can_be_reached_on_foot(case: tuple[int, int, Edges, int, LandscapeSettings]) -> None:
    land = made(case)
    reached = walk(land, land.sites[0].cell)
    assert [site for site in land.sites if site.cell not in reached] == []
    assert len({site.name for site in land.sites}) == len(land.sites)
    assert all(0 <= site.heading < 360 for site in land.sites)


@every_case
def test_every_village_has_what_it_needs(case: tuple[int, int, Edges, int, LandscapeSettings]) -> None:
    land = made(case)
    for village in range(case[4].villages):
        own = [site for site in land.sites if site.village == village]
        assert own[0].kind == "square"
        assert {"square", "market", "well", "workshop", "house"} <= {site.kind for site in own}
        near = disk(land, own[0].cell, own[0].radius)
        assert all(site.cell in near for site in own if site.kind in ("market", "well"))
        assert len({site.cell for site in own if site.kind in ("square", "market", "well", "hall")}) >= 3


@every_case
def test_houses_stand_beside_a_road_look_at_it_and_keep_apart(
    case: tuple[int, int, Edges, int, LandscapeSettings],
) -> None:
    land = made(case)
    built = {site.cell for site in sites(land, "hall", "workshop", "house")}
    assert len(built) == len(sites(land, "hall", "workshop", "house"))
    for house in sites(land, "house"):
        around = neighbours(land, house.cell)
        assert any(land.kind[cell] == PATH for cell in around), house
        assert not built & set(around), house
        assert land.kind[house.cell] == MEADOW, house


def test_a_house_on_the_west_side_of_a_road_looks_east() -> None:
    land = made(CASES[0])
    checked = 0
    for house in sites(land, "house"):
        row, column = divmod(house.cell, land.width)
        roads = {cell for cell in neighbours(land, house.cell) if land.kind[cell] == PATH}
        if roads == {row * land.width + column + 1}:
            assert house.heading == 0
            checked += 1
        if roads == {row * land.width + column - 1}:
            assert house.heading == 180
            checked += 1
    assert checked


@every_case
def test_places_have_plenty_of_what_they_are_named_for(case: tuple[int, int, Edges, int, LandscapeSettings]) -> None:
    land = made(case)
    edge = {"quarry": ROCK, "shore": WATER}
    for site in sites(land, "field", "wood"):
        near = disk(land, site.cell, site.radius)
        wanted = FIELD if site.kind == "field" else FOREST
        assert sum(land.kind[cell] == wanted for cell in near) * 3 >= len(near), site
    for site in sites(land, "quarry", "shore"):
        assert any(land.kind[cell] == edge[site.kind] for cell in neighbours(land, site.cell)), site


def test_the_default_landscape_has_everything() -> None:
    for case in CASES[:2]:
        land = made(case)
        counts = {kind: len(sites(land, kind)) for kind in {site.kind for site in land.sites}}
        assert counts["house"] == 72
        assert counts["workshop"] == 3
        assert {"hall", "field", "wood", "quarry", "shore"} <= set(counts)
        assert counts["field"] >= 3
        assert land.bridge.any()
        assert all((land.kind == kind).any() for kind in range(len(KINDS)))


def test_shares_follow_the_settings() -> None:
    def share(kind: int, settings: LandscapeSettings) -> float:
        return float((generate_landscape(80, 80, "bounded", 3, settings).kind == kind).mean())

    dry = LandscapeSettings(river=False, pond=False, hills=0, woodland=0, fields=0, workshops=0)
    assert [share(kind, dry) for kind in (FOREST, WATER, ROCK, FIELD)] == [0, 0, 0, 0]
    assert share(FOREST, LandscapeSettings(woodland=10)) < 0.12
    assert 0.35 < share(FOREST, LandscapeSettings(woodland=45)) < 0.5
    assert 0.05 < share(ROCK, LandscapeSettings(hills=10)) < 0.13
    assert 0.2 < share(ROCK, LandscapeSettings(hills=35)) < 0.4


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_a_torus_has_no_cliff_at_its_seam(seed: int) -> None:
    settings = LandscapeSettings()
    land = generate_landscape(64, 64, "torus", seed, settings)
    height = land.elevation.reshape(64, 64).astype(np.int64)
    across = np.abs(height - np.roll(height, 1, axis=1)).mean(axis=0)
    along = np.abs(height - np.roll(height, 1, axis=0)).mean(axis=1)
    # The step over the seam (index 0) is one like the others, not an outlier.
    assert across[0] <= across[1:].max()
    assert along[0] <= along[1:].max()
    water = (land.kind == WATER).reshape(64, 64)
    if water[0].any():  # the river that leaves in the south comes in from the north
        assert (water[0] & (water[-1] | np.roll(water[-1], 1) | np.roll(water[-1], -1))).any()


def test_a_large_map_holds_several_villages() -> None:
    land = generate_landscape(450, 450, "bounded", 1, LandscapeSettings(villages=6, houses=100))
    reached = walk(land, land.sites[0].cell)
    assert len(sites(land, "house")) > 500
    assert all(site.cell in reached for site in land.sites)
    assert len(sites(land, "square")) == 6


@pytest.mark.parametrize(
    ("width", "height", "edges", "settings", "mend"),
    [
        (6, 40, "bounded", LandscapeSettings(), "at least 8"),
        (20, 21, "torus", LandscapeSettings(), "`space.height: 22`"),
        (20, 20, "bounded", LandscapeSettings(villages=5), "terrain.villages"),
    ],
    ids=["small", "odd", "villages"],
)
def test_a_map_that_is_too_small_is_refused_with_the_mend(
    width: int, height: int, edges: Edges, settings: LandscapeSettings, mend: str
) -> None:
    with pytest.raises(SpaceError, match=mend):
        generate_landscape(width, height, edges, 1, settings)


def test_settings_are_described_and_bounded() -> None:
    for name, field in LandscapeSettings.model_fields.items():
        assert field.description, name
        assert isinstance(field.json_schema_extra, dict) and "unit" in field.json_schema_extra, name
    with pytest.raises(ValidationError):
        LandscapeSettings(villages=0)
    with pytest.raises(ValidationError):
        LandscapeSettings.model_validate({"lakes": 3})


def test_angles_are_right_to_a_degree() -> None:
    assert [towards(x, y) for x, y in ((5, 0), (0, 5), (-5, 0), (0, -5))] == [0, 90, 180, 270]
    assert [towards(x, y) for x, y in ((887, 1536), (-887, 1536), (887, -1536))] == [60, 120, 300]
    assert [wave(turn) for turn in (0, 16384, 32768, 49152)] == [0, 1024, 0, -1024]
