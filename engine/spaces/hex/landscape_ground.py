"""The ground of a landscape: where villages stand, river and ponds, the lie of the land, rock, woods and fields.

All lengths are fixed point in 1/1024 of a cell's circumradius (see `landscape_sheet`); the shapes are those of a small
valley: a flat middle, hills with bare rock, a meandering river that flattens its banks, woods by noise.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.kernels import kernel
from engine.rng import Rng
from engine.spaces.hex.landscape_sheet import (
    FAR,
    ROW,
    TURN,
    UNIT,
    Dice,
    Sheet,
    shorter,
    smooth_noise,
    square_root,
    wave,
)
from engine.values import Bools, Int64s

LOWEST = 300
"""Land is not lower than this, so that it stays above the water."""

FIRST_RING = 12 * UNIT + 200
RING_GAP = 8 * UNIT
PLAZA = 5 * UNIT + 614


@dataclass(frozen=True)
class Town:
    """A village before it is built: its middle cell and point, and radii in 1/1024 of a circumradius.

    plaza: of the paved square; rings: of its ring roads; reach: how far houses go; hall: the cell kept for the hall.
    """

    cell: int
    x: int
    y: int
    plaza: int
    rings: tuple[int, ...]
    reach: int
    hall: int


@dataclass(frozen=True)
class Ground:
    """The bare land, each int64[cells] or bool[cells].

    town: distance to the nearest village; wet: distance to the nearest bank, negative in water; height: 1/1024 of a
    circumradius; rough: noise of two cells' length, with which roads wind.
    """

    town: Int64s
    wet: Int64s
    pond: Bools
    water: Bools
    height: Int64s
    rock: Bools
    forest: Bools
    field: Bools
    rough: Int64s


def plan_towns(sheet: Sheet, rng: Rng, count: int, houses: int) -> tuple[Town, ...]:
    """Return where the villages stand: one in the middle, several far apart (the best of many draws, one by one)."""
    if count == 1:
        middle = sheet.cell_at(sheet.span_x // 2, sheet.span_y // 2)
        return (_plan_town(sheet, middle, sheet.room, houses),)
    dice = Dice(rng, "villages")
    margin_x, margin_y = (0, 0) if sheet.torus else (_margin(sheet.span_x), _margin(sheet.span_y))
    points: list[tuple[int, int]] = []
    for placed in range(3 * count):
        if placed >= count:
            points.pop(0)  # each moves twice more, now that all others stand
        x = margin_x + dice.several(64, sheet.span_x - 2 * margin_x)
        y = margin_y + dice.several(64, sheet.span_y - 2 * margin_y)
        clear = np.full(64, FAR * FAR)
        for other in points:
            clear = np.minimum(clear, sheet.east(x - other[0]) ** 2 + sheet.north(y - other[1]) ** 2)
        best = int(np.argmax(clear))
        points.append((int(x[best]), int(y[best])))
    room = min(sheet.room, math.isqrt(nearest_pair(sheet, points)) // 2)
    return tuple(_plan_town(sheet, sheet.cell_at(x, y), room, houses) for x, y in points)


def nearest_pair(sheet: Sheet, points: Sequence[tuple[int, int]]) -> int:
    """Return the smallest squared distance between two of the points."""
    pairs = [_square(sheet.step(a, b)) for i, a in enumerate(points) for b in points[:i]]
    return min(pairs, default=sheet.room**2)


def _margin(span: int) -> int:
    return min(58 * UNIT, span * 3 // 10)


def _square(step: tuple[int, int]) -> int:
    return step[0] ** 2 + step[1] ** 2


def _plan_town(sheet: Sheet, cell: int, room: int, houses: int) -> Town:
    x, y = sheet.point(cell)
    plaza = min(PLAZA, max(room // 3, 2 * UNIT))
    rings: list[int] = []
    holds = 36
    while room >= FIRST_RING + 4 * UNIT and holds < houses and (not rings or rings[-1] + RING_GAP < room * 9 // 10):
        rings.append(FIRST_RING + RING_GAP * len(rings))
        holds += 3 * rings[-1] // UNIT  # a house every two cells on both sides, less what other roads and water take
    reach = max(min(rings[-1] + 15 * UNIT if rings else 27 * UNIT, room + 2 * UNIT), plaza + 3 * UNIT)
    hall = sheet.cell_at(x, y + min(plaza + 3 * UNIT + 307, room - UNIT))
    return Town(cell, x, y, plaza, tuple(rings), reach, hall)


def raise_ground(
    sheet: Sheet, rng: Rng, towns: Sequence[Town], *, river: bool, pond: bool, hills: int, woodland: int, fields: int
) -> Ground:
    """Return the ground; `hills` and `woodland` are percentages of the map, `fields` a number for each village."""
    town, near = _towns(sheet, towns)
    broad, rough, fine = (
        smooth_noise(sheet, rng, "broad", 3),
        smooth_noise(sheet, rng, "rough", 2, 2),
        smooth_noise(sheet, rng, "fine", 1, 2),
    )
    stream = _river(sheet, rng, towns) if river else np.full(sheet.size, FAR)
    pool = _ponds(sheet, rng, towns, stream, fine) if pond else np.full(sheet.size, FAR)
    wet = np.minimum(stream, pool)
    relief = _relief(sheet, rng, near, hills)
    away = np.clip((near + 10 * UNIT) // 20, 0, UNIT)
    height = UNIT // 2 + broad * away // UNIT * 22 // 100
    height += relief * np.maximum(4710 + broad * 3 // 2, UNIT) // UNIT
    height = np.where(wet < 40 * UNIT, np.minimum(height, _banks(wet)), height)
    height = np.maximum(height, LOWEST)
    water = wet < 0
    rock = (height > 2970 + fine // 2) & (wet >= 5 * UNIT // 2)
    field = _fields(sheet, rng, towns, fields, height, wet, town)
    height = np.where(field, UNIT // 2, height)
    weald = smooth_noise(sheet, rng, "weald", min(9, max(2, min(sheet.width, sheet.height) // 8)))
    keen = rough + fine * 35 // 100 + weald * 55 // 100 + relief // 4
    open_land = ~water & ~rock & (near > -8 * UNIT)
    forest = _largest(keen, open_land, woodland * sheet.size // 100) & ~field
    return Ground(town, wet, water & (pool < 0) & (stream >= 0), water, height, rock, forest, field, rough)


def _towns(sheet: Sheet, towns: Sequence[Town]) -> tuple[Int64s, Int64s]:
    """Return the distance to the nearest village's middle, and to the nearest edge of where houses go."""
    town = np.full(sheet.size, FAR)
    near = np.full(sheet.size, FAR)
    for each in towns:
        distance = sheet.distance(each.x, each.y)
        town = np.minimum(town, distance)
        near = np.minimum(near, distance - each.reach)
    return town, near


def _river(sheet: Sheet, rng: Rng, towns: Sequence[Town]) -> Int64s:
    """Return the distance from the river's bank, int64[cells], negative in the river; it runs from south to north.

    Its middle is a sum of waves of whole periods, so that on a torus it meets itself. Of many drawn, the one is taken
    that passes the nearest village at a bank's distance.
    """
    dice = Dice(rng, "river")
    scale = min(UNIT, sheet.room // 40) + min(UNIT // 2, sheet.room // 1000)
    breadth = 23 * scale // 10
    narrow = towns[0].plaza + breadth + 2 * UNIT
    least = max(towns[0].plaza, *towns[0].rings, 0) + breadth + 4 * UNIT
    wished = max(min(25 * UNIT, sheet.room * 11 // 20), least)
    best, middle = FAR, np.zeros(0, np.int64)
    for _ in range(48):
        drawn = _meander(sheet, dice)
        drawn = drawn + sheet.span_x // 10 + dice.below(sheet.span_x * 8 // 10)
        clear = FAR
        for town in towns:
            dx = sheet.east(drawn - town.x)
            dy = sheet.north(np.arange(sheet.height, dtype=np.int64) * ROW - town.y)
            clear = min(clear, math.isqrt(int((dx * dx + dy * dy).min())))
        inside = sheet.torus or (int(drawn.min()) > 3 * UNIT and int(drawn.max()) < sheet.span_x - 3 * UNIT)
        miss = abs(clear - wished) if clear >= least else 16 * (wished - clear)
        if miss < best and clear >= narrow and inside:
            best, middle = miss, drawn
    if not middle.size:
        return np.full(sheet.size, FAR)
    return _along(sheet, middle, _breadth(sheet, dice, breadth))


def _meander(sheet: Sheet, dice: Dice) -> Int64s:
    middle, row = np.zeros(sheet.height, np.int64), np.arange(sheet.height, dtype=np.int64)
    for length in (420, 119, 70, 44, 27):
        waves = (sheet.span_y + length * UNIT // 2) // (length * UNIT)
        if waves == 0:
            continue
        waves = max(1, waves + dice.below(3) - 1)
        swing = sheet.span_y // waves * dice.between(45, 75) // 1000
        turn = dice.below(TURN)
        middle += swing * wave(turn + waves * TURN * row // sheet.height) // UNIT
    return middle


def _breadth(sheet: Sheet, dice: Dice, breadth: int) -> Int64s:
    """Return half the river's breadth in each row; with borders it springs from the hills on one side."""
    waves = max(1, sheet.span_y // (69 * UNIT))
    turn = dice.below(TURN)
    row = np.arange(sheet.height, dtype=np.int64)
    half = breadth + breadth * wave(turn + waves * TURN * row // sheet.height) // (3 * UNIT)
    if sheet.torus:
        return half
    if dice.below(2):
        row = sheet.height - 1 - row
    spring = sheet.height // 12
    grown = np.clip((row - spring) * 4 * UNIT // sheet.height, 0, UNIT)
    return np.where(grown > 0, half * np.maximum(grown, UNIT // 3) // UNIT, (row - spring - 1) * ROW)


def _along(sheet: Sheet, middle: Int64s, half: Int64s) -> Int64s:
    """Return the distance from a bank: across, shortened where the river runs aslant."""
    lean = np.roll(middle, -1) - np.roll(middle, 1)
    if not sheet.torus:
        lean[0], lean[-1] = lean[1], lean[-2]
    slant = np.array([2 * ROW * UNIT // math.isqrt(4 * ROW * ROW + int(each) ** 2) for each in lean], np.int64)
    across = sheet.x.reshape(sheet.height, sheet.width) - middle[:, None]
    away = np.abs(sheet.east(across)) * slant[:, None] // UNIT
    distance: Int64s = (away - half[:, None]).ravel()
    return distance


def _ponds(sheet: Sheet, rng: Rng, towns: Sequence[Town], stream: Int64s, fine: Int64s) -> Int64s:
    """Return the distance from the nearest pond's shore, int64[cells], negative in it; at most one pond a village."""
    dice = Dice(rng, "ponds")
    nearest = np.full(sheet.size, FAR)
    for town in towns:
        radius = min(6 * UNIT, max(sheet.room // 8, 3 * UNIT // 2))
        spot = _pond_spot(sheet, dice, towns, town, stream, radius)
        if spot is not None:
            dx = sheet.east(sheet.x - spot[0]) * 2 // 3
            dy = sheet.north(sheet.y - spot[1])
            shore = square_root(dx * dx + dy * dy) - radius - fine * radius // (10 * UNIT)
            nearest = np.minimum(nearest, shore)
    return nearest


def _pond_spot(
    sheet: Sheet, dice: Dice, towns: Sequence[Town], town: Town, stream: Int64s, radius: int
) -> tuple[int, int] | None:
    inner = max((*town.rings, town.plaza)) + radius * 3 // 2 + 2 * UNIT
    for _ in range(48):
        turn = dice.below(TURN)
        away = inner + dice.below(min(14 * UNIT, sheet.room // 3))
        x, y = town.x + away * wave(turn + TURN // 4) // UNIT, town.y + away * wave(turn) // UNIT
        if not sheet.holds(x, y, radius * 5 // 4) or stream[sheet.cell_at(x, y)] < radius * 2 + 3 * UNIT:
            continue
        if all(_square(sheet.step((x, y), (other.x, other.y))) > (inner - UNIT) ** 2 for other in towns):
            return (x + sheet.span_x) % sheet.span_x, (y + sheet.span_y) % sheet.span_y
    return None


def _relief(sheet: Sheet, rng: Rng, near: Int64s, hills: int) -> Int64s:
    """Return how far the land rises into hills, 0..1413: a rim where the map has borders, else ranges by long noise."""
    if hills == 0:
        return np.zeros(sheet.size, np.int64)
    ranges = smooth_noise(sheet, rng, "ranges", min(11, max(2, min(sheet.width, sheet.height) // 8)))
    score = ranges // 3 + UNIT // 5
    if not sheet.torus:
        east = np.minimum(sheet.x, sheet.span_x - sheet.x) * UNIT // min(sheet.span_x // 2, 86 * UNIT)
        north = np.minimum(sheet.y, sheet.span_y - sheet.y) * UNIT // min(sheet.span_y // 2, 75 * UNIT)
        score = np.maximum(score, UNIT - np.minimum(east, north)) + ranges // 10
    score = score - np.clip((8 * UNIT - near) // 20, 0, UNIT) * 3 // 2
    foot = _ranked(score, 100 - min(95, hills * 11 // 4))
    # Rock shows from 0.7 of the rise: that is where the wished share of the map lies.
    span = max((_ranked(score, 100 - hills) - foot) * 10 // 7, UNIT // 8)
    rise = np.maximum((score - foot) * UNIT // span, 0)
    bend = UNIT * 4 // 5
    rise = np.minimum(np.where(rise > bend, bend + (rise - bend) * 3 // 8, rise), UNIT * 6 // 5)
    relief: Int64s = (rise + 3 * (rise * rise // UNIT)) // 4
    return relief


def _ranked(values: Int64s, percent: int) -> int:
    place = min(values.size - 1, values.size * percent // 100)
    return int(np.partition(values, place)[place])


def _banks(wet: Int64s) -> Int64s:
    """Return how high the land may rise at a distance from water: flat banks, then slopes."""
    slope = np.clip(wet - 5 * UNIT, 0, 40 * UNIT) // 8
    highest: Int64s = UNIT // 2 + np.maximum(wet, 0) // 10 + slope * slope * 2 // UNIT
    return highest


def _largest(score: Int64s, eligible: Bools, count: int) -> Bools:
    candidates = score[eligible]
    count = min(count, candidates.size)
    if count == 0:
        return np.zeros(score.size, np.bool_)
    place = candidates.size - count
    chosen: Bools = eligible & (score >= np.partition(candidates, place)[place])
    return chosen


def _fields(
    sheet: Sheet, rng: Rng, towns: Sequence[Town], count: int, height: Int64s, wet: Int64s, town: Int64s
) -> Bools:
    """Return the crop land: sheared rectangles round each village, on flat dry ground, apart from each other."""
    dice = Dice(rng, "fields")
    field = np.zeros(sheet.size, np.bool_)
    taken: list[tuple[int, int]] = []
    level = (height < 2 * UNIT) & (wet > 2 * UNIT)
    for home in towns:
        scale = max(min(UNIT, sheet.room // 40), UNIT * 3 // 10)
        inner = max(max((*home.rings, home.plaza)) + 3 * UNIT, home.reach * 2 // 3)
        first = dice.below(TURN)
        for number in range(count):
            for attempt in range(24):
                half = (dice.between(6, 10) * scale * (48 - attempt) // 48, dice.between(10, 16) * scale // 2)
                turn = first + TURN * number // count + dice.below(TURN // (count + 2) if attempt < 12 else TURN)
                away = inner + half[1] + dice.below(4 * UNIT + attempt * scale)
                x, y = home.x + away * 9 // 8 * wave(turn + TURN // 4) // UNIT, home.y + away * wave(turn) // UNIT
                if _is_level(sheet, level, town, x, y, half, inner) and all(
                    _square(sheet.step((x, y), other)) > (half[0] + half[1]) ** 2 for other in taken
                ):
                    taken.append((x, y))
                    _mark_field(sheet.x, sheet.y, x, y, *sheet.periods, *half, field)
                    break
    return field & (wet > UNIT) & (height < 2 * UNIT)


@kernel
def _mark_field(
    x: Int64s, y: Int64s, px: int, py: int, period_x: int, period_y: int, east: int, north: int, field: Bools
) -> None:
    for i in range(x.size):
        dy = shorter(y[i] - py, period_y)
        if abs(dy) < north and abs(shorter(x[i] - px, period_x) + dy // 5) < east:
            field[i] = True


def _is_level(sheet: Sheet, level: Bools, town: Int64s, x: int, y: int, half: tuple[int, int], inner: int) -> bool:
    for east, north in ((0, 0), (1, 1), (1, -1), (-1, 1), (-1, -1)):
        corner = (x + east * half[0], y + north * half[1])
        if not sheet.holds(*corner, UNIT // 2):
            return False
        cell = sheet.cell_at(*corner)
        if not level[cell] or town[cell] < inner - 3 * UNIT:
            return False
    return True
