"""What a scenario's society stands on: its places, the land, and the space in which bodies move."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.ports import Space
from engine.rng import Rng
from engine.scenario import HexSection, PlaneSection, Scenario
from engine.society.land import KINDS, Land
from engine.society.places import Place, Places
from engine.spaces.hex.landscape import Landscape, generate_landscape
from engine.spaces.hex.space import HexSpace
from engine.spaces.plane.flight import FlightRules
from engine.spaces.plane.locomotion import Locomotion
from engine.spaces.plane.plan import Building, Door, Plan, Wall, area, check_plan, door_gaps
from engine.spaces.plane.space import PlaneSpace
from engine.spaces.plane.team import Team
from engine.spaces.plane.town import Town, plan_town
from engine.values import Bools, Bytes, Int16s
from engine.world import World

Settled = tuple[Space, Land]


class Ground(NamedTuple):
    """The places of a scenario, how many cells there are, and what makes the space of a World, and the land with it."""

    places: Places
    cells: int
    settle: Callable[[World, Rng], Settled]


def lay_ground(scenario: Scenario) -> Ground:
    """Return what a scenario says of where. Raises SpaceError or ScenarioError for land that will not do."""
    if isinstance(scenario.space, PlaneSection):
        return _lay_plane(scenario, scenario.space)
    return _lay_hexes(scenario, scenario.space)


# ---------------------------------------------------------------------------------------------------------------- hexes


@dataclass(frozen=True)
class _Terrain:
    """The landscape and the scenario's costs as the terrain that a hex space asks for."""

    width: int
    height: int
    torus: bool
    kind: Bytes
    elevation: Int16s
    bridge: Bools
    cost: Int16s


def _lay_hexes(scenario: Scenario, section: HexSection) -> Ground:
    landscape = generate_landscape(
        section.width, section.height, section.edges, scenario.landscape_seed, scenario.terrain
    )
    places = Places(_places_on_hexes(scenario, landscape))

    def settle(world: World, rng: Rng) -> Settled:
        kind = HexSpace
        if section.backend == "mesa-frames":
            from engine.spaces.hex.mesa_frames import MesaFramesSpace

            kind = MesaFramesSpace
        terrain = _Terrain(
            landscape.width, landscape.height, landscape.edges == "torus",
            landscape.kind, landscape.elevation, landscape.bridge,
            np.array([getattr(scenario.terrain.cost, kind) for kind in KINDS], np.int16),
        )  # fmt: skip
        space = kind(world, places, terrain, section.capacity, section.substeps, section.pitch, scenario.time.tick, rng)
        land = Land(
            landscape.width, landscape.height, landscape.edges, float(section.pitch),
            landscape.kind, landscape.elevation, landscape.bridge,
        )  # fmt: skip
        return space, land

    return Ground(places, landscape.kind.size, settle)


def _places_on_hexes(scenario: Scenario, landscape: Landscape) -> list[Place]:
    """Return the landscape's places, moved or joined by the scenario's own, with capacities by kind."""
    kinds = scenario.place_kinds
    found = {
        site.name: Place(site.name, site.kind, site.cell, site.radius, kinds[site.kind].capacity, site.heading)
        for site in landscape.sites
    }
    for own in scenario.places:
        kind = kinds[own.kind]
        column, row = own.at
        found[own.name] = Place(
            own.name,
            own.kind,
            row * landscape.width + column,
            kind.radius if own.radius is None else own.radius,
            kind.capacity if own.capacity is None else own.capacity,
        )
    return list(found.values())


# ---------------------------------------------------------------------------------------------------------------- plane


def _lay_plane(scenario: Scenario, section: PlaneSection) -> Ground:
    town = None
    if scenario.town is not None:
        town = plan_town(section.width, section.height, section.cell, scenario.landscape_seed, scenario.town)
    plan = _plan(section, town)
    check_plan(plan, scenario.origin.name, scenario.origin.line_of)
    columns, rows = section.width // section.cell, section.height // section.cell
    places = Places(_places_on_plane(scenario, section, town))

    def settle(world: World, rng: Rng) -> Settled:
        space = PlaneSpace(
            world, places, plan, section.cell, section.substeps, scenario.time.tick, rng, Team(),
            Locomotion(section.locomotion, FlightRules(**section.flock.model_dump())),
        )  # fmt: skip
        cells = columns * rows
        land = Land(
            columns, rows, section.edges, float(section.cell),
            np.zeros(cells, np.uint8) if town is None else town.kind,
            np.zeros(cells, np.int16), np.zeros(cells, np.bool_),
            _shapes(section, plan, town, space.survey.rooms.of_places),
        )  # fmt: skip
        return space, land

    return Ground(places, columns * rows, settle)


def _plan(section: PlaneSection, town: Town | None) -> Plan:
    """Return the scenario's own walls and buildings, and then those of the town."""
    walls = tuple(Wall(wall.name, wall.points) for wall in section.walls)
    buildings = tuple(
        Building(
            building.name, building.corners, tuple(Door(door.side, door.at, door.width) for door in building.doors)
        )
        for building in section.buildings
    )
    if town is not None:
        walls, buildings = walls + town.plan.walls, buildings + town.plan.buildings
    return Plan(float(section.width), float(section.height), section.edges == "torus", walls, buildings)


def _places_on_plane(scenario: Scenario, section: PlaneSection, town: Town | None) -> list[Place]:
    """Return the town's places, moved or joined by the scenario's own, with capacities by kind."""
    kinds, cell = scenario.place_kinds, section.cell

    def place(name: str, kind: str, x: float, y: float, radius: float, capacity: int, heading: int = 0) -> Place:
        at = int(y // cell) * (section.width // cell) + int(x // cell)
        return Place(name, kind, at, math.ceil(radius / cell), capacity, heading)

    sites = () if town is None else town.sites
    room = {} if town is None else _room_in_houses(town, kinds["house"].capacity)
    found = {
        site.name: place(
            site.name, site.kind, site.x, site.y, site.radius,
            room.get(site.name, kinds[site.kind].capacity), site.heading,
        )
        for site in sites
    }  # fmt: skip
    for own in scenario.places:
        kind = kinds[own.kind]
        radius = kind.radius if own.radius is None else own.radius
        capacity = kind.capacity if own.capacity is None else own.capacity
        found[own.name] = place(own.name, own.kind, own.at[0], own.at[1], radius, capacity)
    return list(found.values())


def _room_in_houses(town: Town, capacity: int) -> dict[str, int]:
    """Return how many people have room in each house of a town, by name: `capacity` in one of the mean size."""
    houses = {site.name: area(town.plan.buildings[site.building]) for site in town.sites if site.kind == "house"}
    whole = sum(houses.values())
    return {name: max(1, round(capacity * len(houses) * size / whole)) for name, size in houses.items()}


def _shapes(section: PlaneSection, plan: Plan, town: Town | None, rooms: Int16s) -> dict[str, NDArray[Any]]:
    """Return what views draw; rooms int16[places]: the building in which each place lies."""
    corners = [building.corners for building in plan.buildings]
    place = np.full(len(corners), -1, np.int16)
    inside = np.flatnonzero(rooms >= 0)[::-1]
    place[rooms[inside]] = inside
    storeys = [building.storeys for building in section.buildings]
    return {
        "building.corner": _points([point for polygon in corners for point in polygon], 2),
        "building.start": np.array([0, *accumulate(map(len, corners))], np.int32),
        "building.storeys": np.array(storeys + ([] if town is None else town.storeys.tolist()), np.uint8),
        "building.place": place,
        "door": _points([gap for building in plan.buildings for gap in door_gaps(building)], 4),
        "wall": _points([(*first, *second) for wall in plan.walls for first, second in wall.sides()], 4),
        "tree": np.zeros((0, 2), np.float32) if town is None else town.trees,
    }


def _points(rows: Sequence[Sequence[float]], width: int) -> NDArray[np.float32]:
    return np.array(rows, np.float32).reshape(-1, width)
