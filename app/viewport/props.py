"""What stands on the land: buildings by kind of place, market, lamps, bridges, trees, stones, crops, and their shadows.

All chance is drawn from the scenario's seed, so a society looks the same whenever it is opened. Nothing but a bridge
stands in water, and trees, stones and houses stand on no path.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.viewport.furniture import furnish
from app.viewport.ground import Bools, Floats, Ints
from app.viewport.instanced import INSTANCE, Array, make_instances
from app.viewport.mesh import linear
from app.viewport.quality import Quality
from app.viewport.terrain import TONES, HexGround, Sheet, noise, plaza
from engine.remote.wire import About, PlaceEntry

ROOFS = ("#b5654e", "#c27a5a", "#a35848", "#8a7666", "#6c7e90")
ROOF_SHARES = (0.34, 0.28, 0.16, 0.10, 0.12)
SLATE = "#6e7f93"
GREENS = ("#4f8a5b", "#5f9a54", "#7fae4e", "#97b24a", "#c9a23f")
GREEN_SHARES = (0.18, 0.32, 0.30, 0.16, 0.04)
BLOSSOMS = ("#f6f1e4", "#f2c14e", "#d98bb0", "#b9a4dc", "#e9e2a0")
FOOTPRINTS = {
    "house": (0.86, 1.15), "cottage": (0.84, 1.05), "workshop": (1.25, 1.2), "hall": (1.9, 2.0), "pine": (0.52, 1.25),
    "oak": (0.62, 1.1), "birch": (0.40, 1.2), "bush": (0.30, 0.25), "stone": (0.32, 0.22),
}  # fmt: skip
"""Radius and height of the shadow of each mesh at scale 1."""
GROWING = ("pine", "oak", "birch", "bush", "stone")
GLOW = 0.42
"""How much light a lamp gives right under it."""
CLEARING = 1.5
"""How far trees keep from buildings."""
BACK = 0.18
"""How far a house stands back from the middle of its cell, away from the road."""


@dataclass
class Props:
    """What stands on the land.

    layers: INSTANCE arrays by name of mesh; furniture: VERTEX[n] in world coordinates; shadows, tree_shadows, smoke and
    halos: INSTANCE arrays; lamp float32[cells]: lamp light that reaches each cell; built bool[cells]: where something
    is built.
    """

    layers: dict[str, Array]
    furniture: Array
    shadows: Array
    tree_shadows: Array
    smoke: Array
    halos: Array
    lamp: Floats
    built: Bools


@dataclass
class _Plan:
    """What is known before trees grow."""

    layers: dict[str, list[Array]] = field(default_factory=dict)
    lights: list[tuple[float, float]] = field(default_factory=list)
    taken: list[tuple[float, float, float]] = field(default_factory=list)
    chimneys: list[tuple[float, float, float]] = field(default_factory=list)

    def put(self, name: str, instances: Array) -> None:
        self.layers.setdefault(name, []).append(instances)


def heading_of(place: PlaceEntry) -> float:
    """Return by how much a building's mesh, which looks along -y, is turned, in radians."""
    return float(np.deg2rad(place.heading) + np.pi / 2)


def place_props(about: About, ground: HexGround, sheet: Sheet, tone: Floats, quality: Quality) -> Props:
    """Return all that stands on the land; `tone` is what `terrain.tones` gave."""
    dice = np.random.default_rng([about.seed, 0x6C616E64])
    plan = _Plan()
    _houses(about, ground, plan, dice)
    _halls_and_workshops(about, ground, plan, dice)
    paved = plaza(ground, about)
    furniture = furnish(about, ground, paved, plan.lights, plan.taken, dice)
    lamp = _lamp_light(ground, plan.lights)
    built = np.zeros(ground.kind.size, np.bool_)
    for x, y, _ in plan.taken:
        built[ground.cell_at(np.array([[x, y]]))] = True
    _grow(about, ground, sheet, plan, tone, quality, dice)
    layers = {name: np.concatenate(parts) for name, parts in plan.layers.items()}
    for instances in layers.values():
        instances["i_color"][:, 3] = lamp[ground.cell_at(instances["i_place"][:, :2])]
    shady = {name: _shadows(name, layers[name]) for name in layers if name in FOOTPRINTS}
    growing = [shadow for name, shadow in shady.items() if name in GROWING]
    built_up = [shadow for name, shadow in shady.items() if name not in GROWING]
    return Props(
        layers=layers,
        furniture=_with_lamp_light(furniture.mesh, ground, lamp),
        shadows=np.concatenate([furniture.shadows, *built_up]),
        tree_shadows=np.concatenate([np.zeros(0, INSTANCE), *growing]),
        smoke=_smoke(plan.chimneys, dice) if quality.smoke else np.zeros(0, INSTANCE),
        halos=furniture.halos,
        lamp=lamp,
        built=built,
    )


def _shadows(name: str, instances: Array) -> Array:
    radius, height = FOOTPRINTS[name]
    scale = instances["i_anim"][:, 0] * radius
    return make_instances(instances["i_place"][:, :3], scale=scale, gait=height / radius)


def _roofs(count: int, dice: np.random.Generator) -> Floats:
    palette = np.array([linear(roof) for roof in ROOFS])
    chosen = palette[dice.choice(len(ROOFS), count, p=ROOF_SHARES)] * dice.uniform(0.88, 1.12, (count, 1))
    return chosen.astype(np.float32)


def _houses(about: About, ground: HexGround, plan: _Plan, dice: np.random.Generator) -> None:
    places = [place for place in about.places if place.kind == "house"]
    if not places:
        return
    xyz = ground.xyz[[place.cell for place in places]].copy()
    heading = np.array([heading_of(place) for place in places])
    facing = heading - np.pi / 2
    xyz[:, :2] -= BACK * np.stack([np.cos(facing), np.sin(facing)], -1)
    scale = dice.uniform(0.98, 1.14, len(places))
    turn = heading + dice.normal(0, 0.05, len(places))
    roofs, phase = _roofs(len(places), dice), dice.random(len(places)) * 6
    winged = dice.random(len(places)) < 0.35
    for name, chosen in (("house", ~winged), ("cottage", winged)):
        if chosen.any():
            plan.put(
                name, make_instances(xyz[chosen], turn[chosen], scale[chosen], phase[chosen], colour=roofs[chosen])
            )
    at = np.where(winged[:, None], (-0.30, 0.18), (0.39, 0.21)) * scale[:, None]
    cos, sin = np.cos(turn), np.sin(turn)
    top = np.where(winged, 1.30, 1.40) * scale + xyz[:, 2]
    smoking = dice.random(len(places)) < 0.4
    for i in range(len(places)):
        plan.lights.append((float(xyz[i, 0]), float(xyz[i, 1])))
        plan.taken.append((float(xyz[i, 0]), float(xyz[i, 1]), CLEARING))
        if smoking[i]:
            x = xyz[i, 0] + cos[i] * at[i, 0] - sin[i] * at[i, 1]
            y = xyz[i, 1] + sin[i] * at[i, 0] + cos[i] * at[i, 1]
            plan.chimneys.append((float(x), float(y), float(top[i])))


def _halls_and_workshops(about: About, ground: HexGround, plan: _Plan, dice: np.random.Generator) -> None:
    for place in about.places:
        if place.kind not in ("hall", "workshop"):
            continue
        xyz = ground.xyz[place.cell]
        colour = np.asarray(linear(SLATE) if place.kind == "hall" else _roofs(1, dice)[0])
        turn, phase = heading_of(place), dice.random() * 6
        plan.put(place.kind, make_instances(xyz[None], turn, 1.12, phase, colour=colour))
        x, y = float(xyz[0]), float(xyz[1])
        plan.lights.append((x, y))
        plan.taken.append((x, y, 2.6 if place.kind == "hall" else 2.2))


def _smoke(chimneys: list[tuple[float, float, float]], dice: np.random.Generator) -> Array:
    puffs = 11
    if not chimneys:
        return np.zeros(0, INSTANCE)
    start = dice.random(len(chimneys))
    phase = (start[:, None] + np.arange(puffs) / puffs).ravel()
    return make_instances(np.repeat(np.array(chimneys), puffs, 0), phase=phase)


def _lamp_light(ground: HexGround, lights: list[tuple[float, float]]) -> Floats:
    """Return how much light of lamps and windows reaches each cell, float32[cells], at most `GLOW`."""
    lamp = np.zeros(ground.kind.size, np.float32)
    if not lights:
        return lamp
    at = np.array(lights)
    for dx in np.arange(-3, 4) * 3**0.5:
        for dy in np.arange(-3, 4) * 1.5:
            cells = ground.cell_at(np.add(at, (dx, dy)))
            apart = ((ground.xyz[cells, :2] - at) ** 2).sum(1)
            np.add.at(lamp, cells, np.exp(-apart / 3.2) * (apart < 20))
    return np.minimum(lamp, 1.0) * np.float32(GLOW)


def _with_lamp_light(mesh: Array, ground: HexGround, lamp: Floats) -> Array:
    """Write into a mesh in world coordinates how much lamp light reaches each corner, which fades upwards."""
    if len(mesh):
        xy = mesh["a_vert"][:, :2]
        above = mesh["a_vert"][:, 2] - ground.height_at(xy)
        mesh["a_vert"][:, 3] = lamp[ground.cell_at(xy)] * (1 - 0.85 * np.clip((above - 0.45) / 0.75, 0, 1))
    return mesh


def _near_buildings(xy: Floats, taken: list[tuple[float, float, float]]) -> Bools:
    """Return which points lie too near to something built."""
    near = np.zeros(len(xy), np.bool_)
    for x, y, clear in taken:
        near |= (xy[:, 0] - x) ** 2 + (xy[:, 1] - y) ** 2 < clear * clear
    return near


def _grow(
    about: About,
    ground: HexGround,
    sheet: Sheet,
    plan: _Plan,
    tone: Floats,
    quality: Quality,
    dice: np.random.Generator,
) -> None:
    """Let trees, bushes, stones, crops and flowers grow on the land and on its margin."""
    source, cells = sheet.source, len(sheet.source)
    meadow, forest, rock, sown = (ground.is_kind(kind)[source] for kind in ("meadow", "forest", "rock", "field"))
    seen, within = sheet.outside < 0.75, sheet.outside == 0
    reserved = np.zeros(ground.kind.size, np.bool_)
    reserved[[place.cell for place in about.places if place.kind not in ("field", "wood", "quarry", "shore")]] = True
    clear = seen & ~(reserved[source] & within)
    broad = noise(sheet.rows, sheet.columns, 7.0, dice)
    away = meadow & (_distance_to_squares(about, ground, sheet) > 8)
    for dense, sparse in ((0.96, 0.10), (0.52, 0.02)):
        chance = np.where(forest, dense, 0.0) + np.where(away, sparse * (1 + 0.6 * broad), 0.0)
        chosen = np.flatnonzero(clear & (dice.random(cells) < chance * quality.woods))
        _trees(sheet, chosen, plan, broad, dice)
    bushes = np.flatnonzero(clear & (meadow | forest) & (dice.random(cells) < 0.07 * quality.woods))
    size = dice.uniform(0.7, 1.3, len(bushes))
    _keep(plan, "bush", _scattered(sheet, bushes, 0.6, dice), _greens(len(bushes), dice) * 0.95, size, dice)
    stony = np.where(rock, 0.20, np.where(meadow, 0.012, 0.0))
    _stones(sheet, np.flatnonzero(clear & (dice.random(cells) < stony)), rock, tone, plan, dice)
    rows = np.flatnonzero(sown & seen)
    if rows.size:
        sown_tone = np.clip((tone[source[rows]] - 0.45 * linear(TONES["field"])) / 0.55, 0.05, 1.0)
        colour = sown_tone * dice.uniform(0.92, 1.1, (rows.size, 1))
        plan.put("crop", make_instances(sheet.xyz[rows], 0.45, 1.0, dice.random(rows.size) * 6, colour=colour))
    if quality.bevel:
        flowers = np.flatnonzero(clear & within & meadow & (dice.random(cells) < 0.25 + 0.12 * broad))
        palette = np.array([linear(colour) for colour in BLOSSOMS])
        for _ in range(2):
            blossom = palette[dice.integers(0, len(BLOSSOMS), len(flowers))]
            size = dice.uniform(0.8, 1.4, len(flowers))
            _keep(plan, "tuft", _scattered(sheet, flowers, 0.65, dice), blossom, size, dice)


def _distance_to_squares(about: About, ground: HexGround, sheet: Sheet) -> Floats:
    town = np.full(len(sheet.source), np.inf, np.float32)
    for place in about.places:
        if place.kind == "square":
            town = np.minimum(town, np.hypot(*(sheet.xyz[:, :2] - ground.xyz[place.cell, :2]).T))
    return town


def _stones(sheet: Sheet, cells: Ints, rock: Bools, tone: Floats, plan: _Plan, dice: np.random.Generator) -> None:
    """Lay boulders, of the rock's tone and large where there is rock, pale and small on grass."""
    xyz = _scattered(sheet, cells, 0.5, dice) - (0, 0, 0.05)
    bare = rock[cells, None]
    grey = np.where(bare, 0.35 + 1.2 * tone[sheet.source[cells]], (1.0, 0.98, 0.93))
    size = np.where(bare[:, 0], dice.uniform(0.8, 2.2, len(cells)), dice.uniform(0.4, 0.9, len(cells)))
    _keep(plan, "stone", xyz, np.minimum(grey, 1.1), size, dice)


def _scattered(sheet: Sheet, cells: Ints, reach: float, dice: np.random.Generator) -> Floats:
    """Return a point in each cell, at most `reach` from its middle, float32[n,3]."""
    angle, out = dice.random(len(cells)) * 2 * np.pi, np.sqrt(dice.random(len(cells))) * reach
    xyz: Floats = sheet.xyz[cells] + np.stack([out * np.cos(angle), out * np.sin(angle), np.zeros(len(cells))], -1)
    return xyz


def _greens(count: int, dice: np.random.Generator) -> Floats:
    palette = np.array([linear(green) for green in GREENS])
    chosen = palette[dice.choice(len(GREENS), count, p=GREEN_SHARES)] * dice.uniform(0.85, 1.15, (count, 1))
    return chosen.astype(np.float32)


def _trees(sheet: Sheet, cells: Ints, plan: _Plan, broad: Floats, dice: np.random.Generator) -> None:
    count = len(cells)
    xyz = _scattered(sheet, cells, 0.62, dice) - (0, 0, 0.02)
    pine = (xyz[:, 2] + dice.normal(0, 0.5, count) > 1.5) | (dice.random(count) < 0.12 + 0.25 * (broad[cells] > 1.0))
    birch = ~pine & (dice.random(count) < 0.28)
    greens, fir = _greens(count, dice), linear(GREENS[0]) * (0.8, 0.95, 1.05)
    colour = np.where(pine[:, None], fir * dice.uniform(0.85, 1.15, (count, 1)), greens)
    size = dice.uniform(0.75, 1.2, count)
    for name, chosen in (("pine", pine), ("birch", birch), ("oak", ~pine & ~birch)):
        _keep(plan, name, xyz[chosen], colour[chosen], size[chosen], dice)


def _keep(plan: _Plan, name: str, xyz: Floats, colour: Floats, size: NDArray[Any], dice: np.random.Generator) -> None:
    """Plant what is not too near to a building."""
    free = ~_near_buildings(xyz, plan.taken)
    heading, phase = dice.random(len(xyz)) * 6.28, dice.random(len(xyz)) * 6.28
    if free.any():
        plan.put(name, make_instances(xyz[free], heading[free], size[free], phase[free], colour=colour[free]))
