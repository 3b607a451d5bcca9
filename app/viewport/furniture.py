"""What stands in the open and only once or so: market, well, lamps, bridges, and what marks places out on the land.

All of it goes into one mesh in world coordinates, which is drawn at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from app.viewport import buildings
from app.viewport.ground import Bools
from app.viewport.instanced import INSTANCE, VERTEX, Array, make_instances
from app.viewport.mesh import Mesh, linear
from app.viewport.terrain import WIDE, HexGround
from engine.remote.wire import About, PlaceEntry

AWNINGS = ("#c4503c", "#3f7fa6", "#d9a33a", "#5f8f5a")
CORNERS = np.deg2rad(60 * np.arange(6) + 30)
SIDES = np.deg2rad(60 * np.arange(6))
YARDS = {
    "smith": "smithy yard", "glass": "smithy yard", "carpent": "timber yard", "cooper": "timber yard",
    "saddl": "timber yard", "potter": "pottery yard", "brick": "pottery yard", "dye": "pottery yard",
}  # fmt: skip
"""What lies beside a workshop, by a part of its name; else sacks."""
STALLS = 6
LAMP_GAP = 5.0


@dataclass
class Furniture:
    """A mesh in world coordinates, VERTEX[n]; shadows, and the glow round lamps, INSTANCE[n]."""

    mesh: Array
    shadows: Array
    halos: Array


@dataclass
class _Yard:
    """Furniture in the making."""

    ground: HexGround
    lights: list[tuple[float, float]]
    taken: list[tuple[float, float, float]]
    dice: np.random.Generator
    parts: list[Array] = field(default_factory=list)
    shadows: list[Array] = field(default_factory=list)
    halos: list[tuple[float, float, float]] = field(default_factory=list)
    made: dict[str, Array] = field(default_factory=dict)

    def put(
        self,
        name: str,
        at: tuple[float, float, float],
        heading: float = 0.0,
        scale: float = 1.0,
        tint: str = "#ffffff",
        shadow: tuple[float, float] | None = None,
        clear: float = 0.0,
    ) -> None:
        """Put a piece somewhere; shadow: radius and height; clear: how far trees keep away."""
        if name not in self.made:
            self.made[name] = buildings.BUILDINGS[name]().done()
        rows = Mesh().add(self.made[name], at, heading, scale).done()
        weight = rows["a_col"][:, 3:4]
        rows["a_col"][:, :3] *= 1 - weight + weight * linear(tint)
        rows["a_col"][:, 3] = 0
        self.parts.append(rows)
        if shadow is not None:
            radius, height = shadow
            self.shadows.append(make_instances(np.array([at]), scale=radius * scale, gait=height / radius))
        if clear:
            self.taken.append((at[0], at[1], clear))

    def point(self, cell: int, aside: float = 0.0, angle: float = 0.0) -> tuple[float, float, float]:
        """Return a point in a cell, `aside` from its middle."""
        x, y, z = (float(part) for part in self.ground.xyz[cell])
        return x + aside * float(np.cos(angle)), y + aside * float(np.sin(angle)), z


def furnish(
    about: About,
    ground: HexGround,
    paved: Bools,
    lights: list[tuple[float, float]],
    taken: list[tuple[float, float, float]],
    dice: np.random.Generator,
) -> Furniture:
    """Return the furniture; adds to the lights, and to what is taken (x, y, how far trees keep away)."""
    yard = _Yard(ground, lights, taken, dice)
    neighbours = ground.neighbours()
    for place in about.places:
        match place.kind:
            case "square":
                yard.put("fountain", yard.point(place.cell), shadow=(0.55, 0.6), clear=1.2)
                x, y, z = yard.point(place.cell)
                yard.lights.append((x, y))
                yard.halos.append((x, y, z + 1.06))
            case "market":
                _market(place, paved, yard)
            case "well":
                turn = float(np.deg2rad(place.heading) + np.pi / 2)
                yard.put("well", yard.point(place.cell), turn, shadow=(0.5, 0.7), clear=1.2)
                yard.lights.append(yard.point(place.cell)[:2])
            case "workshop":
                known = [mesh for word, mesh in YARDS.items() if word in place.name.lower()]
                heading = float(np.deg2rad(place.heading) + np.pi / 2)
                yard.put(known[0] if known else "sack yard", yard.point(place.cell), heading, 1.12)
            case "shore":
                _shore(place, neighbours, yard)
            case "field" | "wood" | "quarry":
                _outdoors(place, yard)
            case "house" | "hall":
                pass
            case _:
                yard.put("signpost", yard.point(place.cell, 0.45, 1.2), tint="#c23a34", shadow=(0.2, 1.0), clear=1.0)
    _bridges(neighbours, yard)
    _lamps(about, neighbours, yard)
    return Furniture(
        np.concatenate([np.zeros(0, VERTEX), *yard.parts]),
        np.concatenate([np.zeros(0, INSTANCE), *yard.shadows]),
        make_instances(np.array(yard.halos).reshape(-1, 3), scale=0.75),
    )


def _market(place: PlaceEntry, paved: Bools, yard: _Yard) -> None:
    """Put stalls where three cells meet, for there stand fewest people, in a half circle open to where it looks."""
    ground = yard.ground
    middle = ground.xyz[place.cell]
    facing = np.deg2rad(place.heading)
    for turn in (facing, facing + np.pi):
        at = middle[:2] + 0.52 * np.array([np.cos(turn), np.sin(turn)])
        yard.put(
            "stall", (float(at[0]), float(at[1]), float(middle[2])), turn + np.pi / 2, 0.95,
            AWNINGS[yard.dice.integers(len(AWNINGS))], (0.55, 0.8), 1.0,
        )  # fmt: skip
    near = np.flatnonzero(np.hypot(*(ground.xyz[:, :2] - middle[:2]).T) < (place.radius + 1.2) * WIDE)
    near = near[paved[near] | (near == place.cell)]
    corners = (ground.xyz[near, None, :2] + np.stack([np.cos(CORNERS), np.sin(CORNERS)], -1)[None]).reshape(-1, 2)
    spread = np.linspace(0.5, 1.5, STALLS) * np.pi
    used: list[tuple[float, float]] = []
    for i, turn in enumerate(spread):
        wish = middle[:2] + 2.65 * np.array([np.cos(facing + turn), np.sin(facing + turn)])
        x, y = corners[np.argmin(((corners - wish) ** 2).sum(1))]
        if any((x - a) ** 2 + (y - b) ** 2 < 2.2 for a, b in used) or np.hypot(x - middle[0], y - middle[1]) < 1.9:
            continue
        used.append((float(x), float(y)))
        z = float(ground.height_at(np.array([[x, y]]))[0])
        look = float(np.arctan2(middle[1] - y, middle[0] - x)) + np.pi / 2
        yard.put("stall", (float(x), float(y), z), look, 1.05, AWNINGS[i % len(AWNINGS)], (0.55, 0.8), 1.2)
        yard.lights.append((float(x), float(y)))


def _shore(place: PlaceEntry, neighbours: Array, yard: _Yard) -> None:
    """Build a jetty out into the water beside a shore's cell, and a rack for nets."""
    ground = yard.ground
    wet = [
        side for side in range(6) if neighbours[place.cell, side] >= 0 and ground.water[neighbours[place.cell, side]]
    ]
    turn = float(SIDES[wet[0]]) + 2.2 if wet else 0.6
    yard.put("rack", yard.point(place.cell, 0.55, turn), 0.4, shadow=(0.4, 0.4), clear=0.9)
    if not wet:
        return
    angle = float(SIDES[wet[len(wet) // 2]])
    x, y, z = yard.point(place.cell, 0.72, angle)
    water = float(ground.xyz[neighbours[place.cell, wet[len(wet) // 2]], 2])
    yard.put("jetty", (x, y, max(min(z, water + 0.34), water + 0.14)), angle + np.pi / 2)


def _outdoors(place: PlaceEntry, yard: _Yard) -> None:
    """Mark a field, a wood or a quarry, beside the middle of its cell, where people stand."""
    if yard.ground.path[place.cell] or yard.ground.water[place.cell]:
        return
    name = {"field": "haystack", "wood": "log pile", "quarry": "quarry"}[place.kind]
    angle = float(CORNERS[yard.dice.integers(6)])
    at = yard.point(place.cell, 0.5, angle)
    yard.put(name, at, angle + np.pi / 2, 0.9, shadow=(0.5, 0.5), clear=1.3)


def _bridges(neighbours: Array, yard: _Yard) -> None:
    """Lay a deck on each bridge's cell, along the way that leads over it."""
    ground = yard.ground
    for cell in np.flatnonzero(ground.bridge):
        ways = [side for side in range(6) if neighbours[cell, side] >= 0 and ground.path[neighbours[cell, side]]]
        axis = np.angle(np.exp(2j * SIDES[ways]).sum()) / 2 if ways else 0.0
        yard.put("bridge", yard.point(int(cell)), float(axis), 1.05)


def _lamps(about: About, neighbours: Array, yard: _Yard) -> None:
    """Put lamps beside the paths of the villages, on the verge."""
    ground = yard.ground
    squares = [ground.xyz[place.cell, :2] for place in about.places if place.kind == "square"]
    lit = [ground.xyz[place.cell, :2] for place in about.places if place.kind in ("house", "hall", "workshop")]
    if not squares:
        return
    inner = np.zeros(ground.kind.size, np.bool_)
    for x, y in [*squares, *lit]:
        inner |= np.hypot(ground.xyz[:, 0] - x, ground.xyz[:, 1] - y) < 3.2
    for x, y in squares:
        inner |= np.hypot(ground.xyz[:, 0] - x, ground.xyz[:, 1] - y) < 7.0
    cells = np.flatnonzero(inner & ground.path & ~ground.bridge)
    yard.dice.shuffle(cells)
    taken = [(x, y, clear) for x, y, clear in yard.taken]
    stand: list[tuple[float, float]] = []
    for cell in cells:
        verge = [
            side for side in range(6)
            if (other := neighbours[cell, side]) >= 0 and not ground.path[other] and not ground.water[other]
            and abs(ground.xyz[other, 2] - ground.xyz[cell, 2]) < 0.01
        ]  # fmt: skip
        if not verge:
            continue
        x, y, z = yard.point(int(cell), 1.0, float(SIDES[verge[0]]))
        close = any((x - a) ** 2 + (y - b) ** 2 < LAMP_GAP**2 for a, b in stand)
        if close or any((x - a) ** 2 + (y - b) ** 2 < min(clear, 1.3) ** 2 for a, b, clear in taken):
            continue
        stand.append((x, y))
        yard.put("lamp", (x, y, z), float(yard.dice.random()), 1.1, shadow=(0.12, 0.8), clear=0.7)
        yard.lights.append((x, y))
        yard.halos.append((x, y, z + 0.88))
