"""What stands in the open in a town: trees, lamps, the fountain and benches of squares, the stalls of markets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.viewport.floorplan import FloorPlan
from app.viewport.furniture import AWNINGS
from app.viewport.ground import Bools, Floats, Ints
from app.viewport.instanced import INSTANCE, VERTEX, Array, make_instances
from app.viewport.low_walls import LIT
from app.viewport.mesh import linear
from app.viewport.paving import NAMES
from app.viewport.plane_ground import METRES, PlaneGround
from app.viewport.props import FOOTPRINTS, GLOW, GREEN_SHARES, GREENS, Props
from engine.remote.wire import About, Columns, PlaceEntry

Doubles = NDArray[np.float64]

TREE = (1.5, 2.1)
"""How large trees are, against their meshes."""
LAMP = 1.9
LAMP_GAP = 18.0
"""Metres of street for a lamp."""
HEAD = 0.80
"""How high the light of a lamp is, in its mesh."""
FOUNTAIN, WELL, BENCH, STALL = 2.6, 1.15, 1.15, 1.08
FURNITURE = {"lamp": (0.10, 0.8), "stall": (0.6, 0.8), "fountain": (0.6, 0.6), "well": (0.5, 0.7)}
"""Radius and height of the shadow of each at scale 1."""


@dataclass
class _Street:
    """What stands where, in the making."""

    ground: PlaneGround
    plan: FloorPlan
    dice: np.random.Generator
    layers: dict[str, list[Array]] = field(default_factory=dict)

    def put(self, name: str, xy: Doubles, turn: Any, scale: Any, colour: Any = (1.0, 1.0, 1.0)) -> None:
        """Put things where no building stands and no water is."""
        free = (self.plan.at(xy) < 0) & ~self.ground.water[self.ground.cell_at(xy)]
        xyz = np.column_stack([xy, np.zeros(len(xy))])
        phase = self.dice.random(len(xy)) * 6.28
        made = make_instances(xyz, turn, scale, phase, colour=colour)[free]
        if len(made):
            self.layers.setdefault(name, []).append(made)


def furnish_town(
    about: About,
    land: Columns,
    ground: PlaneGround,
    plan: FloorPlan,
    made_of: Ints,
    indoors: Bools,
    dice: np.random.Generator,
) -> Props:
    """Return what stands in the open; `made_of` is what `paving.surfaces` gave, indoors bool[cells]."""
    street = _Street(ground, plan, dice)
    trees = ground.world(np.asarray(land.get("tree", ()), np.float64).reshape(-1, 2))
    lone = [place.cell for place in about.places if place.kind == "tree"]
    trees = np.concatenate([trees, ground.xyz[lone, :2].astype(np.float64)])
    _plant(street, trees, made_of)
    _lamps(street, made_of)
    for place in about.places:
        match place.kind:
            case "square":
                _square(street, place)
            case "well":
                street.put("well", ground.xyz[[place.cell], :2].astype(np.float64), 0.6, WELL)
            case "park":
                _benches(street, ground.xyz[place.cell, :2], 0.6 * place.radius * ground.pitch)
    _stalls(street)
    layers = {name: np.concatenate(parts) for name, parts in street.layers.items()}
    lamps = layers.get("lamp", np.zeros(0, INSTANCE))["i_place"][:, :2]
    lamp = _lamp_light(ground, lamps, indoors)
    for instances in layers.values():
        instances["i_color"][:, 3] = lamp[ground.cell_at(instances["i_place"][:, :2])]
    growing = [_shadows(*FOOTPRINTS[name], layers[name]) for name in layers if name in FOOTPRINTS]
    standing = [_shadows(*FURNITURE[name], layers[name]) for name in layers if name in FURNITURE]
    nothing = np.zeros(0, INSTANCE)
    return Props(
        layers=layers,
        furniture=np.zeros(0, VERTEX),
        shadows=np.concatenate([nothing, *standing]),
        tree_shadows=np.concatenate([nothing, *growing]),
        smoke=nothing,
        halos=nothing,
        lamp=lamp,
        built=np.zeros(ground.kind.size, np.bool_),
    )


def lights(props: Props) -> tuple[Array, Array]:
    """Return the pools of light under the lamps and the halos round them, INSTANCE[n] each."""
    lamps = props.layers.get("lamp", np.zeros(0, INSTANCE))["i_place"][:, :3]
    heads = lamps + np.array([0.0, 0.0, HEAD * LAMP])
    return make_instances(lamps, scale=8.0 / METRES), make_instances(heads, scale=0.9)


def _shadows(radius: float, height: float, instances: Array) -> Array:
    scale = instances["i_anim"][:, 0] * radius
    return make_instances(instances["i_place"][:, :3], scale=scale, gait=height / radius)


def _plant(street: _Street, trees: Doubles, made_of: Ints) -> None:
    """Plant trees: of one kind along streets, of all kinds where grass grows."""
    count, dice = len(trees), street.dice
    green = np.isin(made_of[street.ground.cell_at(trees)], [NAMES.index("meadow"), NAMES.index("forest")])
    luck = dice.random(count)
    kind = np.where(green & (luck < 0.22), 1, np.where(green & (luck < 0.36), 2, 0))
    greens = np.array([linear(colour) for colour in GREENS])
    colour = greens[dice.choice(len(GREENS), count, p=GREEN_SHARES)] * dice.uniform(0.85, 1.15, (count, 1))
    colour = np.where((kind == 2)[:, None], linear(GREENS[0]) * (0.8, 0.95, 1.05), colour)
    turn, size = dice.random(count) * 6.28, dice.uniform(*TREE, count)
    for number, name in enumerate(("oak", "birch", "pine")):
        chosen = kind == number
        street.put(name, trees[chosen], turn[chosen], size[chosen], colour[chosen])


def _lamps(street: _Street, made_of: Ints) -> None:
    """Put lamps on pavements beside streets, one for each square of `LAMP_GAP`."""
    ground = street.ground
    table = made_of.reshape(ground.height, ground.width)
    beside = np.pad(table == NAMES.index("street"), 1)
    near = beside[:-2, 1:-1] | beside[2:, 1:-1] | beside[1:-1, :-2] | beside[1:-1, 2:]
    cells = np.flatnonzero((near & (table == NAMES.index("pavement"))).ravel())
    gap = max(1, round(LAMP_GAP / METRES / ground.pitch))
    row, column = np.divmod(cells, ground.width)
    number = row // gap * ground.width + column // gap
    chosen = cells[np.unique(number, return_index=True)[1]]
    street.put("lamp", ground.xyz[chosen, :2].astype(np.float64), street.dice.random(len(chosen)), LAMP)


def _ring(middle: Floats, radius: float, count: int, start: float = 0.0) -> tuple[Doubles, Doubles]:
    """Return points on a circle, and in which direction each looks away from its middle."""
    turn = start + np.arange(count) * 2 * np.pi / max(count, 1)
    return middle + radius * np.stack([np.cos(turn), np.sin(turn)], 1), turn


def _square(street: _Street, place: PlaceEntry) -> None:
    middle = street.ground.xyz[place.cell, :2]
    radius = place.radius * street.ground.pitch
    street.put("fountain", middle[None].astype(np.float64), 0.0, FOUNTAIN)
    if radius > 5 / METRES:
        _benches(street, middle, 0.55 * radius)
        corners, turn = _ring(middle, 0.85 * radius, 8, np.pi / 8)
        street.put("lamp", corners, turn, LAMP)


def _benches(street: _Street, middle: Floats, radius: float) -> None:
    points, turn = _ring(middle, radius, max(4, min(16, int(2 * np.pi * radius * METRES / 7))))
    street.put("bench", points, turn + np.pi / 2, BENCH)


def _stalls(street: _Street) -> None:
    """Put a stall into every counter of three walls, which looks over the middle one."""
    counters = street.plan.walls[street.plan.counters]
    front = (counters[:, 1, :2] + counters[:, 1, 2:]) / 2
    back = (counters[:, 0, :2] + counters[:, 2, 2:]) / 2
    looks = np.arctan2(*(front - back).T[::-1])
    awnings = np.array([linear(colour) for colour in AWNINGS])
    street.put("stall", (front + back) / 2, looks + np.pi / 2, STALL, awnings[np.arange(len(front)) % len(awnings)])


def _lamp_light(ground: PlaneGround, lamps: Floats, indoors: Bools) -> Floats:
    """Return how much light reaches each cell at night, float32[cells]: of lamps, and of what is lit indoors."""
    lamp = np.zeros(ground.kind.size, np.float32)
    reach = 7.0 / METRES
    steps = np.arange(-reach, reach + 0.01, ground.pitch)
    for dx in steps:
        for dy in steps:
            cells = ground.cell_at(lamps + np.array([dx, dy]))
            apart = ((ground.xyz[cells, :2] - lamps) ** 2).sum(1)
            np.add.at(lamp, cells, np.exp(-apart / (0.35 * reach * reach)).astype(np.float32))
    lit: Floats = np.where(indoors, np.float32(LIT), np.minimum(lamp, 1.0) * np.float32(GLOW))
    return lit
