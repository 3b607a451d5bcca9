"""People live in a generated town: homes hold all who live there, and everybody comes to the market and back."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from engine.rng import Rng
from engine.scenario import TownSettings
from engine.society.places import Place, Places
from engine.spaces.plane.columns import GRAIN
from engine.spaces.plane.navigation import Navigation, disc_around, make_navigation
from engine.spaces.plane.plan import wall_segments
from engine.spaces.plane.social_force import WALL_REACH
from engine.spaces.plane.space import PlaneSpace
from engine.spaces.plane.team import Team
from engine.spaces.plane.town import Town, TownSite, least_plane, plan_town
from engine.spaces.plane.walls import lay_walls
from engine.values import Bools, Int32s
from engine.world import World
from tests.test_the_town_is_seeded import holds

PITCH, CELL, WATER = 0.5, 2, 2
SETTINGS = TownSettings(blocks=(3, 3))


@functools.cache
def made(seed: int) -> tuple[Town, Navigation, Bools]:
    """Return a town, its navigation grid, and which cells of it can be reached from the square, bool[cells]."""
    width, height = (side + side % CELL for side in least_plane(SETTINGS))
    town = plan_town(width, height, CELL, seed, SETTINGS)
    walls = lay_walls(wall_segments(town.plan), width, height, False, WALL_REACH)
    navigation = make_navigation(width, height, False, walls, PITCH)
    ways = np.zeros(navigation.open.size, np.bool_)
    ways[disc_around(navigation, cell_of(navigation, town.sites[0]), navigation.columns + navigation.rows)] = True
    return town, navigation, ways


def cell_of(navigation: Navigation, site: TownSite) -> int:
    return int(site.y / PITCH) * navigation.columns + int(site.x / PITCH)


def place_of(navigation: Navigation, site: TownSite) -> Int32s:
    """Return the navigation cells of a place."""
    return disc_around(navigation, cell_of(navigation, site), round(site.radius / PITCH))


@pytest.mark.parametrize("seed", (1, 2))
def test_every_place_is_reached_and_has_room_for_all_who_belong_there(seed: int) -> None:
    town, navigation, ways = made(seed)
    for site in town.sites:
        cells = place_of(navigation, site)
        assert cells.size and ways[cells].all(), site.name
        if site.kind == "house":
            assert cells.size * PITCH**2 >= 0.5 * SETTINGS.residents, site.name


@pytest.mark.parametrize("seed", (1, 2))
def test_nobody_is_at_home_who_stands_before_the_door(seed: int) -> None:
    town, navigation, _ = made(seed)
    for site in town.sites:
        if site.building >= 0:
            corners = town.plan.buildings[site.building].corners
            rows, columns = np.divmod(place_of(navigation, site), navigation.columns)
            middles = zip(((columns + 0.5) * PITCH).tolist(), ((rows + 0.5) * PITCH).tolist(), strict=True)
            assert all(holds(corners, x, y) for x, y in middles), site.name


@pytest.mark.parametrize("seed", (1, 2))
def test_one_can_walk_everywhere_but_on_water(seed: int) -> None:
    town, navigation, ways = made(seed)
    times = round(CELL / PITCH)
    wet = (town.kind == WATER).reshape(navigation.rows // times, navigation.columns // times)
    deep, near = wet.copy(), wet.copy()
    for shift in ((0, 1), (0, -1), (1, 0), (-1, 0)):
        deep &= np.roll(wet, shift, axis=(0, 1))
        near |= np.roll(wet, shift, axis=(0, 1))
    deep, near = (land.repeat(times, axis=0).repeat(times, axis=1).ravel() for land in (deep, near))
    assert deep.any() and not (ways & deep).any()
    assert not (navigation.open & ~ways & ~near).any()


def test_everybody_comes_from_home_to_the_market_and_back() -> None:
    town, navigation, _ = made(1)
    places = Places(
        [
            Place(site.name, site.kind, cell_of(navigation, site), round(site.radius / PITCH), 99, site.heading)
            for site in town.sites
        ]
    )
    world = World(navigation.open.size, len(places))
    space = PlaneSpace(world, places, town.plan, PITCH, 10, 5.0, Rng(3), Team(1))
    homes, market = places.of_kind("house")[::5], int(places.of_kind("market")[0])
    who = world.add(8 * homes.size)
    home = np.resize(homes, who.size).astype(np.int32)
    space.enter(who, places.cell[home])
    assert (world["space.place"][who] == home).all()
    for goals in (np.full(who.size, market, np.int32), home):
        space.head_for_place(who, goals)
        for tick in range(200):
            space.move(tick)
            if space.arrived(who).all():
                break
        assert space.arrived(who).all()
        at = np.stack([world["space.x"][who], world["space.y"][who]], axis=1) / GRAIN
        for goal, (x, y) in zip(goals.tolist(), at.tolist(), strict=True):
            site = town.sites[goal]
            if site.building < 0:
                assert np.hypot(x - site.x, y - site.y) < site.radius + 1
            else:
                assert holds(town.plan.buildings[site.building].corners, x, y)
