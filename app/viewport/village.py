"""A land of hexes: its tiles, what people built on it, and what grows there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from app.viewport.baked import Bakery, plain_tile
from app.viewport.chunks import Chunks
from app.viewport.ground import Floats
from app.viewport.instanced import Array
from app.viewport.meshes import hexagon, make, wall
from app.viewport.props import place_props
from app.viewport.quality import Quality
from app.viewport.roofs import Roofs
from app.viewport.slots import Slots
from app.viewport.terrain import WIDE, HexGround, lay_sheet, tiles, tones
from engine.remote.wire import About, Columns

if TYPE_CHECKING:
    from app.viewport.scene import Scene

PLANTS = ("pine", "oak", "birch", "bush", "crop", "tuft")
BAKED = ("stone", "crop", "bush")
"""Small things that become plain triangles in the light tier."""
HAZE = 1.5
"""Circumradii of haze for each hex of margin."""
BUILT = ("house", "workshop", "hall", "square", "market")
MOST_OF_ONE, MOST_OF_MANY = 0.62, 0.9
"""The share of the buildings that an overview frames, of one village and of several: not those that lie far out."""


class Village:
    """The land, villages and woods; see `country.Country`."""

    indoors: tuple[str, ...] = ("house", "hall")
    clear = 1.0
    crowd, specks = 8_000, float("inf")

    def __init__(self, about: About, land: Columns, quality: Quality) -> None:
        self.ground = HexGround(about, land)
        self.standing = Slots(self.ground, about.places)
        dice = np.random.default_rng([about.seed, 0x746F6E65])
        sheet = lay_sheet(self.ground, quality.margin)
        tone = tones(about, self.ground, dice)
        self.props = place_props(about, self.ground, sheet, tone, quality)
        reach = (quality.margin + 1) * WIDE
        self.chunks = Chunks((self.ground.size[0] / 2 + reach, self.ground.size[1] / 2 + reach))
        self.haze = quality.margin * HAZE
        self.heart = _heart(about, self.ground)
        self._land = tiles(sheet, self.ground, tone, self.props.lamp)

    def lay(self, scene: Scene) -> Roofs:
        """Draw the land and what grows on it."""
        if scene.quality.bevel:
            self._lay(scene, *self._land)
            _grow(scene, self.props.layers)
        else:
            self._bake(scene, *self._land, self.props.layers)
        return Roofs()

    def take(self, frame: Columns) -> None:
        """Nothing of the land changes."""

    def _lay(self, scene: Scene, tops: Array, pools: Array, sides: Array) -> None:
        scene.layer("walls", "flat tile", wall(), sides, 2)
        scene.layer("tiles", "tile", hexagon(False), tops, 3)
        scene.layer("water", "water", hexagon(False), pools, 3)

    def _bake(self, scene: Scene, tops: Array, pools: Array, sides: Array, layers: Mapping[str, Array]) -> None:
        """Make plain triangles of what is small and many."""
        bakery = Bakery(self.chunks)
        bakery.add(plain_tile(hexagon(True)), tops, slope=0.055)
        bakery.add(plain_tile(wall()), sides)
        for name, instances in layers.items():
            if name in scene.far_trees:
                scene.bake_trees(name, instances, bakery)
            elif name in BAKED:
                bakery.add(make(name), instances)
            else:
                scene.layer(name, "prop", name, instances, 1)
        scene.bake("land", bakery)
        scene.layer("water", "flat water", hexagon(False), pools, 3)


def _grow(scene: Scene, layers: Mapping[str, Array]) -> None:
    for name, instances in layers.items():
        scene.layer(name, "plant" if name in PLANTS else "prop", name, instances, 1, scene.far_trees.get(name, ""))


def _heart(about: About, ground: HexGround) -> Floats:
    """Return points float32[n,3] of what an overview frames: the buildings that lie together."""
    cells = [place.cell for place in about.places if place.kind in BUILT]
    points = ground.xyz[cells] if cells else ground.xyz[:: max(len(ground.xyz) // 500, 1)]
    apart = np.hypot(*(points[:, :2] - np.median(points[:, :2], 0)).T)
    squares = sum(place.kind == "square" for place in about.places)
    within: Floats = points[apart <= np.quantile(apart, MOST_OF_MANY if squares > 1 else MOST_OF_ONE)]
    return within
