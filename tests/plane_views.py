"""Towns on the plane for tests of the viewport: what a host would tell of them, without an engine.

`small_town` and `hall` make the words (`About`) and columns of a land; `frame_of` puts people on it; `Told` is a
session that tells them; `viewport_of` shows it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from app.session import Frame, Request, Session
from engine.remote.wire import About, Columns, PlaceEntry, RoleEntry
from tests.staging import settle

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from app.viewport.viewport import Viewport

KINDS = ("meadow", "forest", "water", "rock", "field", "path")
PITCH, GRAIN = 2.0, 4096
LOT, STREET = 64, 14
"""Metres of a block of houses, and of the street with its pavements beside it."""
Point = tuple[float, float]


@dataclass
class Drawn:
    """A land in the making: kinds by row and column, outlines of buildings with their doors, walls, trees, places."""

    kind: NDArray[np.uint8]
    outlines: list[list[Point]] = field(default_factory=list)
    storeys: list[int] = field(default_factory=list)
    doors: list[tuple[float, float, float, float]] = field(default_factory=list)
    walls: list[tuple[float, float, float, float]] = field(default_factory=list)
    trees: list[Point] = field(default_factory=list)
    places: list[PlaceEntry] = field(default_factory=list)
    of_building: list[int] = field(default_factory=list)

    def cell(self, x: float, y: float) -> int:
        return int(y / PITCH) * int(self.kind.shape[1]) + int(x / PITCH)

    def paint(self, x: float, y: float, wide: float, high: float, kind: str) -> None:
        rows, columns = (slice(int(at / PITCH), int((at + size) / PITCH)) for at, size in ((y, high), (x, wide)))
        self.kind[rows, columns] = KINDS.index(kind)

    def build(self, outline: list[Point], storeys: int, side: int, door: float = 1.2, place: str = "home") -> None:
        (ax, ay), (bx, by) = outline[side], outline[(side + 1) % len(outline)]
        length = float(np.hypot(bx - ax, by - ay))
        low, high = 0.5 - 0.5 * door / length, 0.5 + 0.5 * door / length
        self.doors.append((ax + (bx - ax) * low, ay + (by - ay) * low, ax + (bx - ax) * high, ay + (by - ay) * high))
        self.outlines.append(outline)
        self.storeys.append(storeys)
        x, y = np.mean(outline, axis=0).tolist()
        self.of_building.append(len(self.places))
        self.places.append(PlaceEntry(f"{place} {len(self.places)}", place, self.cell(x, y), 3, 20, 270))

    def columns(self) -> Columns:
        corners = [corner for outline in self.outlines for corner in outline]
        return {
            "kind": self.kind.ravel(),
            "elevation": np.zeros(self.kind.size, np.int16),
            "bridge": np.zeros(self.kind.size, np.bool_),
            "building.corner": np.array(corners, np.float32).reshape(-1, 2),
            "building.start": np.cumsum([0, *map(len, self.outlines)]).astype(np.int32),
            "building.storeys": np.array(self.storeys, np.uint8),
            "building.place": np.array(self.of_building, np.int16),
            "door": np.array(self.doors, np.float32).reshape(-1, 4),
            "wall": np.array(self.walls, np.float32).reshape(-1, 4),
            "tree": np.array(self.trees, np.float32).reshape(-1, 2),
        }

    def about(self, **changes: Any) -> About:
        said: dict[str, Any] = {
            "name": "town", "title": "Town", "description": "", "run": "", "program": "", "seed": 7, "scenario": "",
            "tick": 10, "day": 8640, "start": 720, "ticks": 1, "mode": "live", "rate": 4.0, "space": "plane",
            "width": self.kind.shape[1], "height": self.kind.shape[0], "edges": "bounded", "substeps": 10,
            "live": False, "first": 0, "parent": None, "changes": (), "kinds": KINDS,
            "roles": (RoleEntry("citizen", "#0072b2", ""), RoleEntry("trader", "#e69f00", "")),
            "actions": ("wait", "rest"), "appeals": (), "minds": (), "places": tuple(self.places), "columns": (),
            "events": (), "measures": (), "pitch": PITCH,
        }  # fmt: skip
        return About(**{**said, **changes})


def small_town(blocks: tuple[int, int] = (3, 3), seed: int = 1) -> Drawn:
    """Draw blocks of houses between streets; the middle block is a square with a market, one a park with a pond."""
    dice = np.random.default_rng(seed)
    step = LOT + STREET
    wide, high = (count * step + STREET for count in blocks)
    drawn = Drawn(np.full((int(high / PITCH), int(wide / PITCH)), KINDS.index("path"), np.uint8))
    for i in range(blocks[0]):
        for j in range(blocks[1]):
            x, y = STREET + i * step, STREET + j * step
            if (i % 7, j % 7) == (1, 1):
                _square(drawn, x, y)
            elif (i % 7, j % 7) == (2, 0):
                _park(drawn, x, y, dice)
            else:
                _houses(drawn, x, y, dice)
    return drawn


def _houses(drawn: Drawn, x: float, y: float, dice: np.random.Generator) -> None:
    """Fill a block: rows of houses to the south and north, blocks of flats to the west and east, gardens between."""
    drawn.paint(x, y, LOT, LOT, "meadow")
    drawn.paint(x + 14, y + 22, 16, 16, "field")
    for north in (False, True):
        at = x + 1.0
        while at < x + LOT - 9:
            wide = float(dice.uniform(8, 15))
            wide = min(wide, x + LOT - 1 - at)
            deep = float(dice.uniform(9, 12))
            foot = y + LOT - 1 - deep if north else y + 1
            box = [(at, foot), (at + wide, foot), (at + wide, foot + deep), (at, foot + deep)]
            if dice.random() < 0.12:
                box = [*box[:2], (at + wide, foot + deep / 2), (at + wide / 2, foot + deep / 2),
                       (at + wide / 2, foot + deep), box[3]]  # fmt: skip
                drawn.build(box, int(dice.integers(2, 5)), 0 if not north else 4)
            else:
                drawn.build(box, int(dice.integers(1, 6)), 2 if north else 0)
            at += wide + (0.0 if dice.random() < 0.6 else 2.5)
        drawn.trees += [(tree, y - 3.5 if not north else y + LOT + 3.5) for tree in np.arange(x + 6, x + LOT, 11.0)]
    for side in (x + 3, x + LOT - 15):
        tall = int(dice.integers(3, 9))
        box = [(side, y + 20), (side + 12, y + 20), (side + 12, y + 44), (side, y + 44)]
        drawn.build(box, tall, 3 if side < x + 20 else 1, 1.6, "workplace")
    drawn.walls.append((x + 18, y + 46, x + 46, y + 46))


def _square(drawn: Drawn, x: float, y: float) -> None:
    middle = drawn.cell(x + 20, y + 32)
    drawn.places.append(PlaceEntry("The square", "square", middle, 9, 200, 90))
    drawn.places.append(PlaceEntry("The market", "market", drawn.cell(x + 48, y + 32), 8, 200, 90))
    for row in range(4):
        for at in range(4):
            east, north = x + 36 + 6 * at, y + 20 + 6 * row
            ring = [(east, north + 1.5), (east, north), (east + 2.6, north), (east + 2.6, north + 1.5)]
            drawn.walls += [(*ring[k], *ring[k + 1]) for k in range(3)]


def _park(drawn: Drawn, x: float, y: float, dice: np.random.Generator) -> None:
    drawn.paint(x, y, LOT, LOT, "meadow")
    drawn.paint(x + 22, y + 26, 22, 12, "water")
    drawn.paint(x + 26, y + 22, 14, 20, "water")
    drawn.paint(x + 10, y + 4, 4, 56, "path")
    drawn.places.append(PlaceEntry("The park", "park", drawn.cell(x + 32, y + 32), 14, 200, 90))
    spots = np.array([x, y]) + dice.uniform(2, LOT - 2, (60, 2))
    drawn.trees += [(a, b) for a, b in spots.tolist() if drawn.kind.ravel()[drawn.cell(a, b)] == 0]


def hall() -> Drawn:
    """Draw a hall without a roof, with a door in its east, on a bare plane of 60 x 40 m."""
    drawn = Drawn(np.full((20, 30), KINDS.index("path"), np.uint8))
    drawn.build([(10, 10), (40, 10), (40, 30), (10, 30)], 0, 1, 2.4, "hall")
    drawn.walls.append((20.0, 15.0, 20.0, 25.0))
    return drawn


def frame_of(drawn: Drawn, tick: int, at: dict[int, Point], count: int = 0) -> Frame:
    """Return a frame in which people stand at these points of metres; ids up to `count` live nowhere."""
    count = max(count, max(at) + 1)
    x, y, alive = np.zeros(count, np.int32), np.zeros(count, np.int32), np.zeros(count, np.bool_)
    cell = np.full(count, -1, np.int32)
    for agent, (east, north) in at.items():
        x[agent], y[agent], alive[agent] = round(east * GRAIN), round(north * GRAIN), True
        cell[agent] = drawn.cell(east, north)
    columns = {
        "people.alive": alive,
        "people.role": (np.arange(count) % 2).astype(np.int8),
        "people.action": np.zeros(count, np.int16),
        "space.cell": cell,
        "space.place": np.full(count, -1, np.int16),
        "space.heading": np.zeros(count, np.int8),
        "space.x": x,
        "space.y": y,
    }
    return Frame(tick, columns)


class Told(Session):
    """A session that tells of one land and one frame, and answers nothing."""

    def __init__(self, about: About, land: Columns, frame: Frame) -> None:
        super().__init__(None)
        self.about, self._land, self._frame = about, land, frame

    def start(self) -> None:
        self.opened.emit(self.about, self._land)
        self.framed.emit(self._frame)

    def ask(self, question: str, then: Any, failed: Any = None, **parameters: Any) -> Request:
        return Request(question, parameters, then, failed or (lambda sentence: None), cancelled=True)


def viewport_of(qtbot: QtBot, drawn: Drawn, at: dict[int, Point], quality: str = "light", **about: Any) -> Viewport:
    """Return a viewport on screen that shows people of a town; it is noon unless `about` starts at another minute."""
    from app.actions import Actions
    from app.design import Design
    from app.view import View
    from app.viewport.viewport import Viewport

    design, view = Design(), View()
    viewport = Viewport(view, Actions(design, view), design, quality)
    view.setParent(viewport)
    design.setParent(viewport)
    qtbot.addWidget(viewport, before_close_func=lambda widget: view.close())
    viewport.resize(1000, 700)
    viewport.show()
    view.open(Told(drawn.about(**about), drawn.columns(), frame_of(drawn, 0, at)))
    viewport.talk.shown = False
    viewport.legend.hide()
    settle(viewport, qtbot)
    return viewport
