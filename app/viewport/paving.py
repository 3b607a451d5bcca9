"""The ground of a town: streets, pavements, squares, grass, beds and water, in as few rectangles as they take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from app.viewport.faces import Faces, level
from app.viewport.ground import Bools, Ints
from app.viewport.mesh import linear
from app.viewport.plane_ground import METRES, PlaneGround

Doubles = NDArray[np.float64]

MOST_FINE = 1_000_000
"""Maps of so many cells are fine enough."""
BLOCK = 16.0
"""Metres of the squares within which cells are put together."""
LONGEST = 6.0
"""World units of a face beyond the land's edge, where it fades."""
BELOW = -0.06
"""How deep the earth lies under all else: it shows beyond the land's edge."""


@dataclass(frozen=True)
class Surface:
    """What ground is made of.

    grain: speckles a metre and how strong they are; joints: lines a metre and how strong; grid: lines both ways.
    """

    colour: str
    grain: tuple[float, float]
    joints: tuple[float, float] = (1.0, 0.0)
    grid: bool = True


SURFACES: Mapping[str, Surface] = MappingProxyType(
    {
        "street": Surface("#8b8984", (2.0, 0.05)),
        "pavement": Surface("#beb6a8", (0.8, 0.06), (0.8, 0.12)),
        "square": Surface("#d2c4ab", (0.5, 0.08), (0.5, 0.14)),
        "meadow": Surface("#97b069", (0.7, 0.09)),
        "forest": Surface("#7d9a5c", (0.6, 0.18)),
        "rock": Surface("#b0aa9f", (0.9, 0.10)),
        "field": Surface("#8f7a52", (1.2, 0.16), (0.9, 0.34), False),
        "water": Surface("#5d98b0", (0.25, 0.06)),
        "earth": Surface("#93a868", (0.4, 0.08)),
    }
)
"""By name: the kinds of the land, of which ways are streets, pavements and squares, and the earth around."""
NAMES = tuple(SURFACES)
PAVEMENT, SQUARE = 2.0, 10.0
"""Metres of pavement beside streets; ways that reach further to all sides are squares."""


def surfaces(ground: PlaneGround, indoors: Bools) -> Ints:
    """Return of what each cell is made: the number of its name in `NAMES`, int64[cells].

    Ways are streets in their middle, pavements where something else begins, and squares where there is much of them.
    """
    found = np.full(ground.kind.size, NAMES.index("meadow"), np.int64)
    for kind in ("meadow", "forest", "rock", "field", "water"):
        found[ground.is_kind(kind)] = NAMES.index(kind)
    pitch = ground.pitch * ground.unit
    shape = (ground.height, ground.width)
    way = ground.path.reshape(shape)
    street = _eroded(way & ~indoors.reshape(shape), max(1, round(PAVEMENT / pitch)))
    wide = round(SQUARE / pitch)
    square = ~_eroded(~_eroded(np.pad(way, wide), wide), wide)[wide:-wide, wide:-wide]
    found[ground.path] = NAMES.index("pavement")
    found[street.ravel()] = NAMES.index("street")
    found[(square & way).ravel()] = NAMES.index("square")
    return found


def _eroded(mask: Bools, cells: int) -> Bools:
    """Return what of a mask is more than so many cells from its edge; the land goes on beyond its own."""
    for axis in (0, 1):
        for _ in range(cells):
            wide = np.pad(mask, 1, mode="edge")
            rows, columns = mask.shape
            beside = (wide[:rows, 1:-1], wide[2:, 1:-1]) if axis == 0 else (wide[1:-1, :columns], wide[1:-1, 2:])
            mask = mask & beside[0] & beside[1]
    return mask


def rectangles(made_of: Ints, width: int, block: int) -> Ints:
    """Return rectangles of one number each that cover a map of `width` columns: row, column, rows, columns, number.

    int64[n,5]; none reaches over a line of the grid of `block` cells.
    """
    table = made_of.reshape(-1, width)
    rows, columns = table.shape
    starts = np.ones_like(table, np.bool_)
    starts[:, 1:] = table[:, 1:] != table[:, :-1]
    starts[:, ::block] = True
    row, first = np.nonzero(starts)
    flat = row * columns + first
    length = np.diff(np.append(flat, rows * columns))
    number = table[row, first]
    order = np.lexsort((row, number, length, first))
    row, first, length, number = row[order], first[order], length[order], number[order]
    goes_on = np.zeros(len(row), np.bool_)
    goes_on[1:] = (
        (first[1:] == first[:-1]) & (length[1:] == length[:-1]) & (number[1:] == number[:-1])
        & (row[1:] == row[:-1] + 1) & (row[1:] % block != 0)
    )  # fmt: skip
    begin = np.flatnonzero(~goes_on)
    high = np.diff(np.append(begin, len(row)))
    return np.stack([row[begin], first[begin], high, length[begin], number[begin]], 1)


def pave(
    ground: PlaneGround, made_of: Ints, dry: bool, reach: float, finest: float, dice: np.random.Generator
) -> Faces:
    """Return the faces of the ground that is dry, or of the water; the owner of each is its number in `middles`.

    What lies at the land's edge goes on beyond it, as far as `reach`. Borders are rounded until cells are `finest`
    metres wide.
    """
    faces = Faces()
    margin = int(np.ceil(reach / ground.pitch))
    corner = np.array(ground.size) / 2 + margin * ground.pitch
    table, pitch = np.pad(made_of.reshape(ground.height, ground.width), margin, mode="edge"), ground.pitch
    while pitch * METRES > finest and table.size < MOST_FINE:
        table, pitch = rounded(table), pitch / 2
    found = rectangles(table.ravel(), table.shape[1], max(1, round(BLOCK / METRES / pitch)))
    found = found[(found[:, 4] != NAMES.index("water")) == dry]
    low = found[:, 1::-1] * pitch - corner
    high = (found[:, 1::-1] + found[:, 3:1:-1]) * pitch - corner
    corners = np.stack([low, np.stack([high[:, 0], low[:, 1]], 1), high, np.stack([low[:, 0], high[:, 1]], 1)], 1)
    _lay(faces, corners, found[:, 4], 0.0, dice)
    return faces


def middles(faces: Faces) -> Doubles:
    """Return the middles of faces, float64[n,2]."""
    found: Doubles = faces.vertices()["a_vert"][..., :2].mean(1).astype(np.float64)
    return found


def rounded(table: Ints) -> Ints:
    """Return a map of twice as many cells each way, whose borders have their corners cut (after EPX, Johnston 1992).

    Only the lower number gives way: were both sides cut, steps would be as high as before.
    """
    wide = np.pad(table, 1, mode="edge")
    north, south, west, east = wide[2:, 1:-1], wide[:-2, 1:-1], wide[1:-1, :-2], wide[1:-1, 2:]
    fine = np.repeat(np.repeat(table, 2, 0), 2, 1)
    for row, column, one, other, third, fourth in (
        (1, 0, north, west, south, east), (1, 1, north, east, south, west),
        (0, 0, south, west, north, east), (0, 1, south, east, north, west),
    ):  # fmt: skip
        cut = (one == other) & (one > table) & (one != fourth) & (other != third)
        fine[row::2, column::2][cut] = one[cut]
    return fine


def surround(faces: Faces, ground: PlaneGround, reach: float, dice: np.random.Generator) -> None:
    """Add earth under the land and beyond its edge."""
    lines = []
    for size in ground.size:
        steps = max(1, int(np.ceil(reach / LONGEST)))
        margin = np.linspace(0, reach, steps + 1)
        inner = np.linspace(-size / 2, size / 2, max(2, int(size / (4 * LONGEST))))
        lines.append(np.concatenate([-size / 2 - margin[:0:-1], inner, size / 2 + margin[1:]]))
    across, up = np.meshgrid(np.arange(len(lines[0]) - 1), np.arange(len(lines[1]) - 1), indexing="ij")
    i, j = across.ravel(), up.ravel()
    x, y = lines
    ring = ((x[i], y[j]), (x[i + 1], y[j]), (x[i + 1], y[j + 1]), (x[i], y[j + 1]))
    corners = np.stack([np.stack(point, 1) for point in ring], 1)
    _lay(faces, corners, np.full(len(corners), NAMES.index("earth")), BELOW, dice)


def _lay(faces: Faces, corners: Doubles, number: Ints, z: float, dice: np.random.Generator) -> None:
    table = [SURFACES[name] for name in NAMES]
    colour = np.array([linear(surface.colour) for surface in table])[number]
    grain, joints = (np.array([getattr(one, name) for one in table])[number] for name in ("grain", "joints"))
    grid = np.array([float(one.grid) for one in table])[number]
    made = level(corners, z)
    owner = sum(len(owners) for owners in faces.owners) + np.arange(len(made))
    faces.add(owner, made, colour * dice.uniform(0.98, 1.02, (len(made), 1)))
    rows = faces.rows[-1] if len(made) else None
    if rows is not None:  # the look of ground needs no normal: it is level
        rows["a_norm"][..., 0], rows["a_norm"][..., 1] = grain[:, :1], grain[:, 1:]
        rows["a_norm"][..., 2], rows["a_norm"][..., 3] = joints[:, :1], joints[:, 1:]
        rows["a_col"][..., 3] = grid[:, None]
