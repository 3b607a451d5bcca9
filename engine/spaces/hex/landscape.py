"""A seeded landscape for a hex grid: kinds of land, elevation, bridges, and the places of its villages.

The valley is made in this order, all of it in integers (the same seed gives the same bits on every CPU):

1. villages: one in the middle, several far apart;
2. a river of summed waves that passes the villages at a bank's distance, and a pond for each village;
3. hills: where the map has borders a rim of them, elsewhere ranges by long noise, kept away from villages; bare rock
   above a height, which noise blurs; water cuts flat banks;
4. fields round the villages, woods where noise is highest;
5. roads: cheapest ways between villages and out to the four winds, with bridges over water; ring roads; squares;
6. places: the village's buildings beside roads, then spots with plenty of crops, wood, stone or water near by.

On a torus everything wraps: the noise is periodic, the river meets itself, roads go round the world.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.errors import SpaceError
from engine.rng import Rng
from engine.scenario import LandscapeSettings
from engine.society.land import KINDS
from engine.spaces.hex.landscape_ground import Ground, nearest_pair, plan_towns, raise_ground
from engine.spaces.hex.landscape_places import Site, Surveyor
from engine.spaces.hex.landscape_roads import lay_roads
from engine.spaces.hex.landscape_sheet import UNIT, lay_sheet
from engine.values import Bools, Bytes, Int16s, Int64s

__all__ = ["ELEVATION_STEP", "KINDS", "Landscape", "LandscapeSettings", "Site", "generate_landscape"]

MEADOW, FOREST, WATER, ROCK, FIELD, PATH = range(6)

RADIUS = 58
"""The circumradius of a cell in decimetres, by which heights are scaled: neighbours are 10 m apart."""

ELEVATION_STEP = 13
"""Land is stepped: its elevation is a multiple of this, in decimetres."""

BUILDINGS = ("hall", "workshop", "house")
WATER_LEVEL, BRIDGE_LEVEL = 10, 36
SMALLEST = 8
CLOSEST = 30 * UNIT


@dataclass(frozen=True)
class Landscape:
    """A finished landscape.

    kind uint8[cells] indexes `KINDS`; elevation int16[cells] in decimetres; bridge bool[cells], path over water; all
    read-only, cell = row * width + column. sites: the places, village by village.
    """

    width: int
    height: int
    edges: str
    kind: Bytes
    elevation: Int16s
    bridge: Bools
    sites: tuple[Site, ...]


def generate_landscape(
    width: int, height: int, edges: Literal["bounded", "torus"], seed: int, settings: LandscapeSettings
) -> Landscape:
    """Return the landscape of a grid of `width` columns and `height` rows; `seed` is 0..2^63-1.

    SpaceError: the map is too small for what every village must have, or on a torus its rows do not meet.
    """
    _check_size(width, height, edges)
    sheet, rng = lay_sheet(width, height, edges == "torus"), Rng(seed)
    towns = plan_towns(sheet, rng, settings.villages, settings.houses)
    if len(towns) > 1 and nearest_pair(sheet, [(town.x, town.y) for town in towns]) < CLOSEST**2:
        raise SpaceError(
            f"landscape: {settings.villages} villages do not fit on {width}x{height} hexes; "
            "lower `terrain.villages` or enlarge `space.width` and `space.height`"
        )
    ground = raise_ground(
        sheet, rng, towns, river=settings.river, pond=settings.pond, hills=settings.hills,
        woodland=settings.woodland, fields=settings.fields,
    )  # fmt: skip
    path = lay_roads(sheet, rng, towns, ground)
    sites = Surveyor(sheet, rng, ground, path, towns).villages(settings.houses, settings.workshops)
    _check_villages(sites, settings, width, height)
    kind, bridge = _kinds(ground, path), path & ground.water
    cleared = np.array([site.cell for site in sites if site.kind in BUILDINGS], np.int64)
    kind[cleared] = np.where(kind[cleared] == FOREST, MEADOW, kind[cleared])
    elevation = _elevation(ground.height, kind, bridge)
    for array in (kind, elevation, bridge):
        array.flags.writeable = False
    return Landscape(width, height, edges, kind, elevation, bridge, tuple(sites))


def _check_size(width: int, height: int, edges: str) -> None:
    if min(width, height) < SMALLEST:
        raise SpaceError(
            f"landscape: {width}x{height} hexes hold no village; make `space.width` and `space.height` at least "
            f"{SMALLEST}"
        )
    if edges == "torus" and height % 2:
        raise SpaceError(
            f"landscape: {height} rows do not meet on a torus, which needs an even number; write "
            f"`space.height: {height + 1}` or `space.edges: bounded`"
        )


def _check_villages(sites: Sequence[Site], settings: LandscapeSettings, width: int, height: int) -> None:
    needed = {"square", "market", "well", "house"} | ({"workshop"} if settings.workshops else set())
    for village in range(settings.villages):
        missing = sorted(needed - {site.kind for site in sites if site.village == village})
        if missing:
            raise SpaceError(
                f"landscape: {width}x{height} hexes leave no room for a {missing[0]} in village {village + 1}; enlarge "
                "`space.width` and `space.height`, or lower `terrain.villages`"
            )


def _kinds(ground: Ground, path: Bools) -> Bytes:
    kind = np.full(path.size, MEADOW, np.uint8)
    for mask, code in (
        (ground.forest, FOREST),
        (ground.rock, ROCK),
        (ground.field, FIELD),
        (ground.water, WATER),
        (path, PATH),
    ):
        kind[mask] = code
    return kind


def _elevation(height: Int64s, kind: Bytes, bridge: Bools) -> Int16s:
    """Return heights in whole steps of decimetres; water lies below its banks, bridges above it."""
    step = ELEVATION_STEP * UNIT
    stepped = (height * RADIUS + step // 2) // step * ELEVATION_STEP
    stepped = np.where(kind == WATER, WATER_LEVEL, np.where(bridge, BRIDGE_LEVEL, stepped))
    return stepped.astype(np.int16)
