"""The land as hexes: where cells lie, how high they are, what tone they have, and walls where a neighbour is lower.

World units are circumradii of a cell; the land's middle is the origin, x grows to the east, y to the north. Beyond the
map's edge some more hexes follow, mirrored (on a torus: what really lies there), which sink and fade into the haze.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.viewport.ground import Bools, Floats, Ints, cells_of_kind
from app.viewport.instanced import Array, make_instances
from app.viewport.mesh import linear
from engine.remote.wire import About, Columns

METRES = 10 / 3**0.5
"""A circumradius in metres: neighbours are 10 m apart."""
STEP = 13 / 10 / METRES
"""The step of elevations."""
WIDE = 3**0.5
"""The distance between neighbours."""
SNOW = 4.7
"""From about this height on there is snow."""
TONES = {
    "meadow": "#97b069", "forest": "#76955a", "water": "#5d98b0",
    "rock": "#a8a199", "field": "#b08a5a", "path": "#dcc9a3",
}  # fmt: skip
OTHER = "#97b069"
CROPS = ("#d9b65c", "#b5be63", "#b98d57", "#93b157")
PAVING, SAND, SNOW_TONE, EARTH = "#cfc3ae", "#d8c69a", "#f1f4f5", "#9a7b55"


def positions(row: Ints, column: Ints, width: int, height: int) -> Floats:
    """Return x, y of cells by row and column, also of rows and columns beyond the map, float32[n,2]."""
    x = (column + 0.5 * (row & 1) - (width - 0.5) / 2) * WIDE
    return np.stack([x, (row - (height - 1) / 2) * 1.5], -1).astype(np.float32)


class HexGround:
    """Where the cells are; see `ground.Ground`. A cell's height is that of its top, of a bridge that of its deck."""

    def __init__(self, about: About, land: Columns) -> None:
        self.width, self.height, self.torus = about.width, about.height, about.edges == "torus"
        self.unit = METRES
        self.kinds = about.kinds
        self.kind: NDArray[np.uint8] = np.asarray(land["kind"])
        self.bridge: Bools = np.asarray(land["bridge"])
        row, column = np.divmod(np.arange(self.width * self.height), self.width)
        high = np.asarray(land["elevation"], np.float32) / 10 / METRES
        self.xyz: Floats = np.column_stack([positions(row, column, self.width, self.height), high]).astype(np.float32)
        self.size = (float((self.width + 0.5) * WIDE), float(self.height * 1.5 + 0.5))
        self.water = self.is_kind("water")
        self.path = self.is_kind("path")

    def is_kind(self, name: str) -> Bools:
        """Return which cells are of a kind, bool[cells]; nowhere if the land knows no such kind."""
        return cells_of_kind(self.kind, self.kinds, name)

    def cell_at(self, xy: NDArray[Any]) -> Ints:
        """Return the cells under points float[n,2]; beyond the edge the nearest (on a torus: what lies there)."""
        xy = np.asarray(xy, float)
        y = xy[:, 1] / 1.5 + (self.height - 1) / 2
        x = xy[:, 0] / WIDE + (self.width - 0.5) / 2
        first = np.floor(y).astype(np.int64)
        best, found = np.full(len(xy), np.inf), np.zeros(len(xy), np.int64)
        for row in (first, first + 1):
            column = np.rint(x - 0.5 * (row & 1)).astype(np.int64)
            apart = (3.0 * (x - column - 0.5 * (row & 1)) ** 2) + (2.25 * (y - row) ** 2)
            nearer = apart < best
            best = np.where(nearer, apart, best)
            found = np.where(nearer, self._cell(row, column), found)
        return found

    def _cell(self, row: Ints, column: Ints) -> Ints:
        if self.torus:
            return row % self.height * self.width + column % self.width
        inside: Ints = np.clip(row, 0, self.height - 1) * self.width + np.clip(column, 0, self.width - 1)
        return inside

    def height_at(self, xy: NDArray[Any]) -> Floats:
        """Return the height of the ground (of a bridge: its deck) under points float[n,2], float32[n]."""
        high: Floats = self.xyz[self.cell_at(xy), 2]
        return high

    def neighbours(self) -> Ints:
        """Return each cell's neighbours to E, NE, NW, W, SW, SE, int64[cells,6]; -1 beyond the edge."""
        row, column = np.divmod(np.arange(self.kind.size), self.width)
        return neighbour_cells(row, column, self.height, self.width, self.torus)


def neighbour_cells(row: Ints, column: Ints, height: int, width: int, torus: bool) -> Ints:
    """Return neighbours in a grid to E, NE, NW, W, SW, SE, int64[n,6]; -1 for none."""
    odd = row & 1
    rows = np.stack([row, row + 1, row + 1, row, row - 1, row - 1], 1)
    columns = np.stack([column + 1, column + odd, column + odd - 1, column - 1, column + odd - 1, column + odd], 1)
    if torus:
        rows, columns = rows % height, columns % width
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    return np.where(inside, rows * width + columns, -1)


@dataclass(frozen=True)
class Sheet:
    """The land with its margin, all arrays over the cells of the larger grid.

    source int64: the map's cell that it shows; row, column: beyond the map they are below 0 or past its end; outside:
    how far beyond the edge, 0 within, about 1 where all is haze; xyz; neighbours int64[n,6] within the larger grid.
    """

    rows: int
    columns: int
    row: Ints
    column: Ints
    source: Ints
    outside: Floats
    xyz: Floats
    neighbours: Ints


def lay_sheet(ground: HexGround, margin: int) -> Sheet:
    """Return the land with `margin` more hexes on each side."""
    margin += margin % 2  # so that the parity of rows stays
    rows, columns = ground.height + 2 * margin, ground.width + 2 * margin
    at, across = np.divmod(np.arange(rows * columns), columns)
    row, column = at - margin, across - margin
    source = _fold(row, ground.height, ground.torus) * ground.width + _fold(column, ground.width, ground.torus)
    xy = positions(row, column, ground.width, ground.height)
    half = np.array(ground.size, np.float32) / 2
    beyond = np.hypot(*np.maximum(np.abs(xy) - half, 0).T)
    outside = np.minimum(beyond / max(margin * 1.5 - 1.0, 1.0), 1.0).astype(np.float32)
    high = ground.xyz[source, 2]
    water = ground.water[source] | ground.bridge[source]
    sunk = (high + 1.0) * (1 - outside) ** 1.5 - 1.0 - 1.2 * outside
    sunk = np.where(water, high - 2.0 * outside, np.floor(sunk / STEP + 0.5) * STEP)
    high = np.where(outside > 0, sunk, high)
    return Sheet(
        rows, columns, row, column, source, outside, np.column_stack([xy, high]).astype(np.float32),
        neighbour_cells(at, across, rows, columns, False),
    )  # fmt: skip


def _fold(at: Ints, size: int, torus: bool) -> Ints:
    if torus:
        return at % size
    at = np.where(at < 0, -1 - at, at) % (2 * size)
    folded: Ints = np.where(at >= size, 2 * size - 1 - at, at)
    return folded


def noise(rows: int, columns: int, length: float, dice: np.random.Generator) -> Floats:
    """Return smooth noise of about `length` cells, float32[rows * columns], mean 0, deviation 1; it wraps round."""
    waves = np.hypot(*np.meshgrid(np.fft.fftfreq(rows), np.fft.rfftfreq(columns), indexing="ij"))
    spectrum = np.fft.rfft2(dice.standard_normal((rows, columns))) * np.exp(-((waves * length) ** 2))
    field = np.fft.irfft2(spectrum, (rows, columns))
    flat: Floats = (field / max(float(field.std()), 1e-9)).astype(np.float32).ravel()
    return flat


def distance_to(mask: Bools, neighbours: Ints, most: int) -> Ints:
    """Return the distance in cells to the nearest of `mask`, at most `most`, int64[cells]."""
    far = np.where(mask, 0, most)
    for _ in range(most - 1):
        around = np.where(neighbours >= 0, far[neighbours], most)
        far = np.minimum(far, around.min(1) + 1)
    return far


def plaza(ground: HexGround, about: About) -> Bools:
    """Return the paved cells: paths within the squares of the villages, bool[cells]."""
    paved = np.zeros(ground.kind.size, np.bool_)
    for place in about.places:
        if place.kind == "square":
            apart = ground.xyz[:, :2] - ground.xyz[place.cell, :2]
            paved |= np.hypot(*apart.T) < (place.radius + 0.35) * WIDE
    return paved & ground.path & ~ground.bridge


def tones(about: About, ground: HexGround, dice: np.random.Generator) -> Floats:
    """Return the tone of each cell of the map, linear, float32[cells,3]."""
    rows, columns = ground.height, ground.width
    broad, middle, fine = (noise(rows, columns, length, dice) for length in (16.0, 9.0, 4.0))
    grain = dice.standard_normal(ground.kind.size).astype(np.float32)
    neighbours = ground.neighbours()
    palette = np.array([linear(TONES.get(kind, OTHER)) for kind in about.kinds])
    tone = palette[ground.kind] * np.clip(1 + 0.045 * broad + 0.045 * grain, 0.8, 1.25)[:, None]
    meadow, rock, field = ground.is_kind("meadow"), ground.is_kind("rock"), ground.is_kind("field")
    shade = np.stack([0.10 * fine + 0.05 * middle, 0.03 * fine + 0.02 * middle, -0.05 * fine], -1)
    green = meadow | ground.is_kind("forest")
    tone[green] *= 1 + shade[green]
    high = ground.xyz[:, 2]
    tone[rock] *= (1 + 0.07 * np.sin(high[rock] * 4.0 + broad[rock]))[:, None]
    x, y = ground.xyz[:, 0], ground.xyz[:, 1]
    crops = np.array([linear(crop) for crop in CROPS])
    sown = crops[((x - 0.2 * y) // 6.5 + 3 * (y // 9)).astype(np.int64) % len(CROPS)]
    tone[field] = (0.55 * sown + 0.45 * linear(TONES["field"]))[field] * (1 + 0.04 * grain[field])[:, None]
    wet = distance_to(ground.water & ~ground.bridge, neighbours, 3)
    beach = (wet == 1) & green & (high < 0.7)
    tone[beach] = 0.62 * tone[beach] + 0.38 * linear(SAND)
    dry = distance_to(~ground.water, neighbours, 5)
    water = ground.water | ground.bridge
    tone[water] = linear(TONES["water"]) * np.clip(1.22 - 0.14 * dry + 0.02 * fine, 0.5, 1.25)[water][:, None]
    paved = plaza(ground, about)
    tone[paved] = linear(PAVING) * np.clip(1 + 0.07 * grain, 0.8, 1.2)[paved][:, None]
    snow = np.clip((high - SNOW - 0.35 * fine) / 0.8, 0, 1)[:, None] * (~water)[:, None]
    return np.asarray(tone * (1 - snow) + linear(SNOW_TONE) * snow, np.float32)


def tiles(sheet: Sheet, ground: HexGround, tone: Floats, lamp: Floats) -> tuple[Array, Array, Array]:
    """Return the instances of land tops, of water (its `gait` tells by bits which sides are shores) and of walls.

    tone float32[cells,3], lamp float32[cells]: of the map's cells.
    """
    water = (ground.water | ground.bridge)[sheet.source]
    colour, light = tone[sheet.source], lamp[sheet.source] * (sheet.outside == 0)
    xyz = sheet.xyz.copy()
    level = ground.xyz[ground.water & ~ground.bridge, 2]
    bridged = ground.bridge[sheet.source]
    xyz[bridged, 2] = (float(level.max()) if level.size else 0.0) - 2.0 * sheet.outside[bridged]
    phase = xyz[:, 0] * 0.55 + xyz[:, 1] * 0.33
    land = np.flatnonzero(~water)
    tops = make_instances(xyz[land], gait=1.0, phase=phase[land], colour=colour[land], lamp=light[land])
    pool = np.flatnonzero(water)
    beside = np.where(sheet.neighbours[pool] >= 0, ~water[sheet.neighbours[pool]], False)
    shores = (beside * 2.0 ** np.arange(6)).sum(1)
    pools = make_instances(xyz[pool], gait=shores, phase=phase[pool], colour=colour[pool])
    rock = ground.is_kind("rock")[sheet.source]
    sides = []
    for side in range(6):
        beyond = sheet.neighbours[:, side]
        drop = np.where(beyond >= 0, xyz[:, 2] - xyz[beyond, 2], 0.0)
        low = np.flatnonzero(drop > 0.01)
        earth = colour[low] * 0.55 + (linear(EARTH) * 0.25).astype(np.float32)
        face = np.where(rock[low, None], colour[low] * 0.9, earth)
        turn = np.deg2rad(60 * side)
        sides.append(make_instances(xyz[low], turn, gait=drop[low], colour=face, lamp=light[low] * 0.7))
    return tops, pools, np.concatenate(sides)
