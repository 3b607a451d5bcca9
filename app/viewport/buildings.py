"""What people built: houses, the hall, workshops, the market, and what marks places out on the land.

A building's front looks along -y. White with tint 1 takes the colour of the instance, mostly the roof's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from app.viewport.mesh import Floats, Mesh, linear

TIMBER, CREAM, WHITE, DOOR, STONE, PLANK = "#7a5236", "#efe3cb", "#ffffff", "#6b452e", "#9a948c", "#9a6b45"
ROUGH = (0.0, 0.3, 0.75, 1.0)


def _door(mesh: Mesh, y: float, x: float = 0.0, wide: float = 0.24, high: float = 0.42, foot: float = 0.02) -> None:
    half = wide / 2
    mesh.box((x - half - 0.03, x + half + 0.03), (y - 0.10, y), (0, 0.05), STONE)
    mesh.polygon(
        [(at, y - 0.015, z) for at, z in ((x - half, foot), (x + half, foot), (x + half, high), (x - half, high))],
        DOOR,
        out=(0, -1, 0),
    )


def _body(x: float, y: float, high: float, top: float, wall: str) -> Mesh:
    """Return walls on a foundation, with corner posts and a roof."""
    mesh = Mesh().box((-x - 0.05, x + 0.05), (-y - 0.05, y + 0.05), (-0.25, 0.1), STONE)
    mesh.box((-x, x), (-y, y), (0, high), wall, shade=(0, high, 0.80, 1.0)).gable(x, y, high, top, 0.14, wall)
    for east in (-1, 1):
        for north in (-1, 1):
            mesh.post(east * x, north * y, 0, high - 0.07, TIMBER, 0.07)
    return mesh


def _chimney(mesh: Mesh, x: float, y: float, foot: float, top: float) -> Mesh:
    mesh.box((x - 0.09, x + 0.09), (y - 0.09, y + 0.09), (foot, top), "#8f8178", shade=(foot, top, 0.8, 1.0))
    return mesh.box((x - 0.115, x + 0.115), (y - 0.115, y + 0.115), (top - 0.06, top), "#7c6f67")


def _log(radius: float, half: float, bark: Floats) -> Mesh:
    """Return a log along x."""
    mesh = Mesh()
    angles = np.linspace(0, 2 * np.pi, 8)[:7]
    ring = np.c_[np.zeros(7), radius * np.cos(angles), radius * np.sin(angles)]
    for i in range(7):
        a, b = ring[i], ring[(i + 1) % 7]
        along = np.array([half, 0, 0])
        mesh.polygon([a - along, b - along, b + along, a + along], bark, out=a + b)
    for side in (-1, 1):
        mesh.polygon(np.add(ring, (side * half, 0, 0)), "#d3ae7c", out=(side, 0, 0))
    return mesh


def house() -> Mesh:
    """Return a house."""
    x, y = 0.72, 0.52
    mesh = _body(x, y, 0.62, 1.22, CREAM)
    _door(mesh, -y)
    for number, at in enumerate((-0.44, 0.44)):
        mesh.window(at, -y, 0.36, (0.24, 0.24), "-y", 0.9 + 0.1 * number)
        mesh.window(at, y, 0.36, (0.24, 0.24), "+y", 0.8 + 0.1 * number)
    for side, facing in ((-1, "-x"), (1, "+x")):
        mesh.window(side * x, 0, 0.38, (0.24, 0.26), facing, 0.85).window(side * x, 0, 0.80, (0.18, 0.2), facing, 0.95)
    mesh.box((-0.62, -0.30), (-y - 0.07, -y), (0.19, 0.225), PLANK).box(
        (-0.60, -0.32), (-y - 0.06, -y), (0.225, 0.26), "#b9564a"
    )
    return _chimney(mesh, 0.39, 0.21, 0.7, 1.40)


def cottage() -> Mesh:
    """Return a house with a wing and a porch."""
    x, y = 0.66, 0.46
    mesh = _body(x, y, 0.56, 1.10, "#e8dcc2")
    mesh.box((-0.66, -0.10), (-0.80, -0.40), (0, 0.50), "#f2e8d2", shade=(0, 0.5, 0.80, 1.0))
    wing = Mesh().gable(0.42, 0.28, 0.50, 0.94, 0.10, "#f2e8d2")
    mesh.add(wing, (-0.38, -0.42, 0), np.pi / 2)
    mesh.window(-0.38, -0.80, 0.32, (0.22, 0.22), "-y", 0.9).window(-0.38, -0.815, 0.64, (0.13, 0.13), "-y", 0.8)
    _door(mesh, -y, 0.2)
    mesh.polygon(
        [(0.0, -0.78, 0.44), (0.42, -0.78, 0.44), (0.42, -0.44, 0.56), (0.0, -0.44, 0.56)],
        PLANK,
        out=(0, 0, 1),
        both=True,
    )
    mesh.post(0.04, -0.74, 0, 0.45, TIMBER, 0.05).post(0.38, -0.74, 0, 0.45, TIMBER, 0.05)
    for side, facing in ((-1, "-x"), (1, "+x")):
        mesh.window(side * x, 0.1, 0.34, (0.22, 0.24), facing, 0.85)
    mesh.window(0.3, y, 0.36, (0.22, 0.22), "+y", 1.0).window(-0.3, y, 0.36, (0.22, 0.22), "+y", 0.7)
    return _chimney(mesh, -0.30, 0.18, 0.6, 1.30)


def workshop() -> Mesh:
    """Return a workshop with a lean-to."""
    x, y = 0.95, 0.6
    mesh = _body(x, y, 0.70, 1.30, "#d8c3a0")
    _door(mesh, -y, 0.1, 0.42, 0.50)
    for number, at in enumerate((-0.55, 0.65)):
        mesh.window(at, -y, 0.40, (0.26, 0.24), "-y", 0.9 + 0.1 * number)
        mesh.window(at, y, 0.40, (0.26, 0.24), "+y", 0.8 + 0.1 * number)
    mesh.window(x, 0, 0.42, (0.26, 0.26), "+x", 0.85)
    for at in (-0.5, 0.5):
        mesh.post(-1.7, at, 0, 0.62, TIMBER, 0.08)
    roof = [(-1.85, -0.65, 0.62), (-0.95, -0.65, 0.86), (-0.95, 0.65, 0.86), (-1.85, 0.65, 0.62)]
    mesh.polygon(roof, PLANK, out=(0, 0, 1), both=True)
    mesh.box((-1.62, -1.15), (0.12, 0.42), (0, 0.26), PLANK, shade=ROUGH)
    return _chimney(mesh, 0.52, 0.24, 0.7, 1.58)


def smithy_yard() -> Mesh:
    """Return an anvil by a glowing forge."""
    mesh = Mesh().prism(6, 0.09, 0.08, 0, 0.16, "#7d5a3e", at=(-1.30, -0.30))
    mesh.box((-1.42, -1.18), (-0.35, -0.25), (0.16, 0.24), "#565b63")
    mesh.box((-1.68, -1.42), (0.05, 0.35), (0.20, 0.34), "#6e665f")
    return mesh.box((-1.64, -1.46), (0.09, 0.31), (0.34, 0.37), "#d8632c", glow=1.0)


def timber_yard() -> Mesh:
    """Return planks and logs."""
    mesh = Mesh()
    for at, z in ((-0.42, 0.09), (-0.22, 0.09), (-0.32, 0.25)):
        mesh.add(_log(0.09, 0.38, linear("#a07a52")), (-1.32, at, z))
    return mesh


def pottery_yard() -> Mesh:
    """Return rows of pots."""
    mesh = Mesh()
    for i, (x, y) in enumerate(((-1.55, -0.35), (-1.32, -0.42), (-1.12, -0.30), (-1.45, -0.12), (-1.22, -0.10))):
        mesh.prism(7, 0.06, 0.11, 0, 0.10, ("#b5654e", "#c98a5c")[i % 2], at=(x, y), top=False)
        mesh.prism(7, 0.11, 0.06, 0.10, 0.22, ("#b5654e", "#c98a5c")[i % 2], at=(x, y))
    return mesh


def sack_yard() -> Mesh:
    """Return sacks and a barrel."""
    mesh = Mesh()
    for x, y in ((-1.55, -0.35), (-1.36, -0.38), (-1.46, -0.20)):
        mesh.blob((x, y, 0.10), 0.11, 0.14, "#cdb98d", lowest=-0.5)
    return mesh.prism(8, 0.11, 0.13, 0, 0.16, "#8c5e3c", at=(-1.14, -0.3), top=False).prism(
        8, 0.13, 0.11, 0.16, 0.32, "#8c5e3c", at=(-1.14, -0.3)
    )


def hall() -> Mesh:
    """Return the town hall with its tower."""
    x, y = 1.5, 0.95
    mesh = _body(x, y, 1.25, 2.15, "#f2e8d5")
    mesh.box((-0.42, 0.42), (-1.35, -0.6), (0, 2.0), "#eadcc2", shade=(0, 1.6, 0.82, 1.0))
    mesh.box((-0.47, 0.47), (-1.40, -0.55), (1.96, 2.04), TIMBER)
    mesh.prism(4, 0.72, 0.0, 2.04, 3.04, WHITE, at=(0, -0.97), turn=np.pi / 4, tint=1.0)
    mesh.window(0, -1.35, 1.58, (0.36, 0.40), "-y", 1.0).window(0, -1.35, 0.98, (0.36, 0.40), "-y", 0.9)
    for at in (-1.05, -0.70, 0.70, 1.05):
        mesh.window(at, -y, 0.88, (0.24, 0.34), "-y", 0.95).window(at, -y, 0.36, (0.24, 0.30), "-y", 0.9)
        mesh.window(at, y, 0.80, (0.24, 0.34), "+y", 0.95)
    for side, facing in ((-1, "-x"), (1, "+x")):
        mesh.window(side * x, -0.4, 0.75, (0.28, 0.34), facing, 0.9).window(
            side * x, 0.4, 0.75, (0.28, 0.34), facing, 1.0
        )
        mesh.window(side * x, 0, 1.50, (0.30, 0.32), facing, 0.95)
    _door(mesh, -1.35, 0.0, 0.40, 0.60)
    mesh.box((-0.45, 0.45), (-1.62, -1.35), (-0.05, 0.04), STONE)
    mesh.prism(3, 0.02, 0.02, 3.0, 3.45, "#5a4433", at=(0, -0.97))
    return mesh.polygon([(0, -0.97, 3.42), (0.42, -0.97, 3.34), (0, -0.97, 3.2)], "#c23a34", out=(0, -1, 0), both=True)


def stall() -> Mesh:
    """Return a market stall under a striped canopy."""
    mesh = Mesh()
    for x in (-0.5, 0.5):
        for y in (-0.34, 0.34):
            mesh.post(x, y, 0, 0.66 + 0.20 * (y > 0), TIMBER)
    mesh.box((-0.48, 0.48), (-0.3, -0.05), (0, 0.34), "#a9794f", shade=(0, 0.3, 0.75, 1.0))
    for i in range(5):
        west, east = -0.62 + 0.248 * i, -0.62 + 0.248 * (i + 1)
        colour, tint = (WHITE, 1.0) if i % 2 == 0 else ("#f7f0e0", 0.0)
        top = [(west, -0.5, 0.66), (east, -0.5, 0.66), (east, 0.42, 0.96), (west, 0.42, 0.96)]
        mesh.polygon(top, colour, tint=tint, out=(0, 0, 1), both=True)
        hem = [(west, -0.5, 0.54), (east, -0.5, 0.54), (east, -0.5, 0.66), (west, -0.5, 0.66)]
        mesh.polygon(hem, colour, tint=tint, out=(0, -1, 0), both=True)
    for i, colour in enumerate(("#e0a030", "#c4503c", "#86a84a", "#e8d9a8")):
        mesh.blob((-0.34 + 0.22 * i, -0.17, 0.40), 0.09, 0.07, colour, lowest=-0.2)
    return mesh


def well() -> Mesh:
    """Return a well under its roof."""
    mesh = (
        Mesh()
        .prism(8, 0.46, 0.44, 0, 0.34, "#a8a199", top=False, shade=ROUGH)
        .prism(8, 0.44, 0.44, 0.1, 0.24, "#3f7f98")
    )
    mesh.prism(8, 0.37, 0.38, 0.24, 0.34, "#7d766e", top=False)
    mesh.post(-0.41, 0, 0.3, 0.95, TIMBER, 0.07).post(0.41, 0, 0.3, 0.95, TIMBER, 0.07)
    mesh.box((-0.40, 0.40), (-0.025, 0.025), (0.74, 0.79), "#5f4230")
    mesh.prism(6, 0.06, 0.08, 0.42, 0.54, PLANK, top=False)
    return mesh.gable(0.5, 0.34, 0.9, 1.2, 0.06, TIMBER, "#8a6a4c", 0.0)


def fountain() -> Mesh:
    """Return the stone column in the middle of a square, on two steps."""
    mesh = Mesh().prism(8, 0.62, 0.60, 0, 0.10, "#b5ada0", shade=(0, 0.1, 0.8, 1.0))
    mesh.prism(8, 0.44, 0.42, 0.10, 0.20, "#c2bbae", shade=(0.1, 0.2, 0.8, 1.0)).prism(
        6, 0.16, 0.12, 0.20, 0.85, "#cfc8ba"
    )
    mesh.prism(6, 0.20, 0.20, 0.85, 0.92, "#b5ada0").blob((0, 0, 1.06), 0.13, 0.15, "#d9b25a", glow=1.0)
    for angle in np.arange(4) * np.pi / 2 + 0.4:
        mesh.blob(
            (0.30 * np.cos(angle), 0.30 * np.sin(angle), 0.26),
            0.10,
            0.09,
            ("#c4503c", "#d9a33a")[int(angle) % 2],
            lowest=-0.3,
        )
    return mesh


def lamp() -> Mesh:
    """Return a street lamp."""
    mesh = (
        Mesh().prism(4, 0.035, 0.03, 0, 0.72, "#4a3a30").prism(4, 0.08, 0.08, 0.72, 0.88, "#e8c98a", glow=1.0, turn=0.8)
    )
    return mesh.prism(4, 0.11, 0, 0.88, 1.0, "#4a3a30", turn=0.8)


def bridge() -> Mesh:
    """Return one cell of a bridge; it runs along x, its deck is at z = 0."""
    mesh = Mesh()
    for i in range(9):
        x = -0.98 + i * 0.2205
        mesh.box((x, x + 0.20), (-0.72, 0.72), (-0.07, 0.0), linear("#b08a5e") * (0.92 + 0.16 * (i * 7 % 3) / 2))
    for side in (-0.70, 0.70):
        mesh.box((-1.0, 1.0), (side - 0.04, side + 0.04), (-0.16, -0.06), TIMBER)
        mesh.box((-1.0, 1.0), (side - 0.025, side + 0.025), (0.26, 0.31), TIMBER)
        for x in (-0.8, 0.0, 0.8):
            mesh.post(x, side, -0.70 if x == 0 else -0.1, 0.34, TIMBER, 0.07)
    return mesh


def jetty() -> Mesh:
    """Return a landing stage out into the water, along -y from the bank at y = 0, its deck at z = 0, with a boat."""
    mesh = Mesh()
    for i in range(8):
        y = -0.22 * i
        mesh.box((-0.26, 0.26), (y - 0.20, y), (-0.05, 0.0), linear("#a5825a") * (0.92 + 0.08 * (i * 5 % 3)))
    for y in (-0.7, -1.7):
        for x in (-0.26, 0.26):
            mesh.post(x, y, -0.6, 0.12, TIMBER, 0.07)
    return mesh.add(boat(), (0.62, -1.1, -0.13), 1.75)


def boat() -> Mesh:
    """Return a rowing boat along x, its water line at z = 0."""
    mesh = Mesh()
    rim = [(-0.55, 0.16), (-0.2, 0.24), (0.25, 0.22), (0.66, 0.0), (0.25, -0.22), (-0.2, -0.24), (-0.55, -0.16)]
    for (ax, ay), (bx, by) in zip(rim, rim[1:] + rim[:1], strict=True):
        side = [(ax * 0.8, ay * 0.7, -0.08), (bx * 0.8, by * 0.7, -0.08), (bx, by, 0.17), (ax, ay, 0.17)]
        mesh.polygon(side, "#8a5d3b", out=(ax + bx, ay + by, 0), both=True)
    mesh.polygon([(x * 0.85, y * 0.8, 0.0) for x, y in rim], "#6e4a33", out=(0, 0, 1))
    return mesh.box((-0.12, 0.02), (-0.21, 0.21), (0.08, 0.12), PLANK).box(
        (-0.42, -0.30), (-0.18, 0.18), (0.08, 0.12), PLANK
    )


def haystack() -> Mesh:
    """Return a haystack with a scarecrow beside it."""
    mesh = (
        Mesh()
        .prism(8, 0.34, 0.38, 0, 0.26, "#cfae5e", shade=(0, 0.3, 0.75, 1.0))
        .prism(8, 0.40, 0.06, 0.26, 0.70, "#dbbd6d")
    )
    mesh.post(0.62, 0.12, 0, 0.62, TIMBER, 0.05).box((0.38, 0.86), (0.10, 0.14), (0.40, 0.45), TIMBER)
    mesh.prism(5, 0.13, 0.08, 0.22, 0.50, "#8c4f4a", at=(0.62, 0.12)).blob((0.62, 0.12, 0.60), 0.09, 0.10, "#d9c08a")
    return mesh.prism(6, 0.17, 0.0, 0.66, 0.82, "#a9803f", at=(0.62, 0.12))


def log_pile() -> Mesh:
    """Return stacked logs and a stump."""
    mesh = Mesh()
    for i, (y, z) in enumerate(((-0.22, 0.1), (0.0, 0.1), (0.22, 0.1), (-0.11, 0.29), (0.11, 0.29), (0.0, 0.48))):
        mesh.add(_log(0.11, 0.5, linear("#8c6845") * (0.9 + 0.05 * i)), (0, y, z))
    return mesh.prism(7, 0.17, 0.15, 0, 0.2, "#7d5a3e", at=(0.8, 0.2)).box(
        (0.74, 0.90), (0.185, 0.215), (0.2, 0.42), "#8a7a68"
    )


def quarry() -> Mesh:
    """Return cut blocks and a hoist."""
    mesh = Mesh()
    for x, y, z, turn in ((-0.35, 0.1, 0, 0.1), (0.05, 0.22, 0, -0.2), (-0.15, 0.15, 0.24, 0.3), (0.45, -0.15, 0, 0.5)):
        mesh.add(
            Mesh().box((-0.19, 0.19), (-0.14, 0.14), (0, 0.24), "#c2bbb0", shade=(0, 0.24, 0.8, 1.05)), (x, y, z), turn
        )
    mesh.post(-0.62, -0.42, 0, 1.15, TIMBER, 0.09)
    mesh.polygon(
        [(-0.62, -0.46, 1.05), (0.22, -0.46, 1.30), (0.22, -0.46, 1.38), (-0.62, -0.46, 1.15)],
        TIMBER,
        out=(0, -1, 0),
        both=True,
    )
    mesh.polygon(
        [(-0.66, -0.46, 1.15), (0.22, -0.46, 1.38), (0.22, -0.38, 1.38), (-0.66, -0.38, 1.15)],
        TIMBER,
        out=(0, 0, 1),
        both=True,
    )
    mesh.box((0.165, 0.185), (-0.43, -0.41), (0.55, 1.32), "#4b4138")
    return mesh.box((0.05, 0.30), (-0.52, -0.32), (0.36, 0.58), "#c2bbb0")


def rack() -> Mesh:
    """Return a rack of nets."""
    mesh = (
        Mesh()
        .post(-0.5, 0, 0, 0.6, TIMBER)
        .post(0.5, 0, 0, 0.6, TIMBER)
        .box((-0.56, 0.56), (-0.025, 0.025), (0.56, 0.61), TIMBER)
    )
    for i in range(5):
        x = -0.44 + 0.2 * i
        mesh.polygon(
            [(x, 0, 0.56), (x + 0.16, 0, 0.56), (x + 0.13, 0.04, 0.2), (x + 0.03, 0.04, 0.24)],
            "#8f9a94",
            out=(0, -1, 0),
            both=True,
        )
    return mesh


def signpost() -> Mesh:
    """Return a post with a board and a pennant: a place of a kind that has no shape of its own."""
    mesh = Mesh().post(0, 0, 0, 1.3, TIMBER, 0.08).box((-0.34, 0.34), (-0.07, -0.03), (0.66, 0.92), PLANK)
    return mesh.polygon([(0.04, 0, 1.28), (0.5, 0, 1.15), (0.04, 0, 1.02)], WHITE, tint=1.0, out=(0, -1, 0), both=True)


def bench() -> Mesh:
    """Return a bench; who sits on it looks along -y."""
    mesh = Mesh()
    for x in (-0.30, 0.30):
        mesh.box((x - 0.03, x + 0.03), (-0.08, 0.10), (0, 0.19), "#4b4a4c")
    mesh.box((-0.40, 0.40), (-0.10, 0.09), (0.19, 0.215), PLANK)
    return mesh.box((-0.40, 0.40), (0.08, 0.105), (0.26, 0.40), PLANK)


def fence() -> Mesh:
    """Return a piece of fence as long as a cell's edge, along x."""
    mesh = Mesh()
    for x in (-0.5, 0.0, 0.5):
        mesh.post(x, 0, -0.05, 0.26, PLANK, 0.05)
    for z in (0.10, 0.19):
        mesh.box((-0.5, 0.5), (-0.012, 0.012), (z, z + 0.035), PLANK)
    return mesh


BUILDINGS: Mapping[str, Callable[[], Mesh]] = {
    "house": house, "cottage": cottage, "workshop": workshop, "hall": hall, "stall": stall, "well": well,
    "fountain": fountain, "lamp": lamp, "bridge": bridge, "jetty": jetty, "boat": boat, "haystack": haystack,
    "log pile": log_pile, "quarry": quarry, "rack": rack, "signpost": signpost, "fence": fence, "bench": bench,
    "smithy yard": smithy_yard, "timber yard": timber_yard, "pottery yard": pottery_yard, "sack yard": sack_yard,
}  # fmt: skip
"""Every building's maker by name."""
