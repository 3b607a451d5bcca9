"""The roads of a landscape: cheapest ways over the land, smoothed into winding roads; rings and squares.

A road is the cheapest way from a village to its goal (Dijkstra with buckets: Dial 1969), where slopes, woods, rock and
above all water cost extra and rough noise makes it wind. It is then smoothed and drawn a little broader than one cell,
so that all the cells on it are neighbours of each other: a road can always be walked.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from engine.kernels import kernel
from engine.rng import Rng
from engine.spaces.hex.landscape_ground import Ground, Town
from engine.spaces.hex.landscape_sheet import HALF_CELL, ROW, TURN, UNIT, Dice, Sheet, wave
from engine.values import Bools, Int32s, Int64s

ROAD = UNIT
"""Half the breadth of a road."""

LANE = UNIT * 17 // 20
"""Half the breadth of a ring road."""

DEAREST = 255
"""No step of a road costs more."""


def lay_roads(sheet: Sheet, rng: Rng, towns: Sequence[Town], ground: Ground) -> Bools:
    """Return which cells are road, ring road or square, bool[cells]; those over water are bridges."""
    path = np.zeros(sheet.size, np.bool_)
    kept = np.zeros(sheet.size, np.bool_)
    for town in towns:
        kept[town.hall] = True
        kept[_around(sheet, town.hall)] = True
    cost = np.clip(16 + ground.rough // 80, 2, 44) + 8 * ground.field + 5 * ground.forest + 36 * ground.rock
    cost += 12 * (ground.wet < 5 * UNIT // 2) + 70 * ground.water + 120 * (kept | ground.pond)
    dice = Dice(rng, "roads")
    links = _links(sheet, towns)
    for start, goal in links:
        _draw_road(sheet, path, np.where(path, 9, cost), ground, (towns[start].cell, towns[goal].cell), FAR_HEIGHT)
    for index, town in enumerate(towns):
        others = [towns[a + b - index] for a, b in links if index in (a, b)]
        for stops in _outward(sheet, dice, town, others, len(towns) > 1, cost):
            # Roads out keep clear of each other: otherwise all would take the first one's bridge.
            price = np.where(path, 22, cost)
            _draw_road(sheet, path, price, ground, (town.cell, *stops), 5 * UNIT // 2)
    for town in towns:
        points = np.concatenate([*_rings(sheet, dice, town), np.zeros((0, 2), np.int64)])
        cells = sheet.cells_near(points)
        dry = (ground.wet[cells] > UNIT // 2) & ~ground.rock[cells] & ~kept[cells]
        _trace(points[dry], sheet.width, sheet.height, sheet.torus, LANE, path)
        path |= sheet.distance(town.x, town.y) < town.plaza
    return path


FAR_HEIGHT = 1 << 40
"""A road between villages crosses whatever heights there are."""


def _around(sheet: Sheet, cell: int) -> Int32s:
    around: Int32s = sheet.neighbours[cell]
    return around[around >= 0]


def _links(sheet: Sheet, towns: Sequence[Town]) -> list[tuple[int, int]]:
    """Return the pairs of villages that roads join: the shortest net that joins all, and the short ones beside it."""
    pairs = sorted(
        (dx * dx + dy * dy, a, b)
        for b in range(len(towns))
        for a in range(b)
        for dx, dy in [sheet.step((towns[a].x, towns[a].y), (towns[b].x, towns[b].y))]
    )
    lengths = {(a, b): length for length, a, b in pairs}
    group = list(range(len(towns)))
    chosen = []
    for length, a, b in pairs:
        joined = group[a] == group[b]
        # A pair whose villages have a third one between them needs no road of its own (relative neighbourhood graph).
        between = any(
            max(lengths[min(a, c), max(a, c)], lengths[min(b, c), max(b, c)]) < length
            for c in range(len(towns))
            if c not in (a, b)
        )
        if not joined or not between:
            chosen.append((a, b))
            group = [group[a] if each == group[b] else each for each in group]
    return chosen


def _outward(
    sheet: Sheet, dice: Dice, town: Town, others: Sequence[Town], short: bool, cost: Int64s
) -> list[tuple[int, ...]]:
    """Return the stops of roads out of a village, to each of the four winds where no road to another village goes.

    First a gate at the edge of the village, which keeps the roads apart (the northern one is beside the hall), then a
    good cell beyond the houses, so that a road on the river's side crosses it, then the goal.
    """
    roads = [sheet.step((town.x, town.y), (other.x, other.y)) for other in others]
    goals = []
    for quarter, (east, north) in enumerate(((1, 0), (0, 1), (-1, 0), (0, -1))):
        drift = dice.between(-sheet.room // 6, sheet.room // 6)
        aside = dice.between(-TURN // 36, TURN // 36)
        aside = (TURN // 14 if drift < 0 else -TURN // 14) if quarter == 1 else aside
        if any(east * dx + north * dy > abs(north * dx + east * dy) for dx, dy in roads):
            continue  # a road to another village goes this way
        length_x, length_y = sheet.span_x // 2, sheet.span_y // 2
        if short or min(length_x, length_y) > 120 * UNIT:
            length_x = length_y = min(town.reach + dice.between(5, 20) * UNIT, sheet.room)
        elif sheet.torus:
            drift = 0  # both ends of the road round the world meet here
        x, y = town.x + east * length_x + north * drift, town.y + north * length_y + east * drift
        turn, away = TURN * quarter // 4 + aside, town.rings[0] + UNIT if town.rings else town.plaza + UNIT
        gate = sheet.cell_at(town.x + away * wave(turn + TURN // 4) // UNIT, town.y + away * wave(turn) // UNIT)
        stops: tuple[int, ...] = (gate, sheet.cell_at(x, y))
        beyond = town.reach + 9 * UNIT
        if beyond + 12 * UNIT < max(east * east * length_x, north * north * length_y):
            x, y = town.x + (2 * east * beyond + north * drift) // 2, town.y + (2 * north * beyond + east * drift) // 2
            stops = (gate, int(np.argmin(cost * UNIT + 2 * sheet.distance(x, y))), stops[1])
        goals.append(stops)
    return goals


def _rings(sheet: Sheet, dice: Dice, town: Town) -> list[Int64s]:
    """Return the points of the ring roads and of the lanes between them, int64[points,2] each.

    Rings are a little flat from south to north, and the outer ones are the less round the further out they are.
    """
    lines = []
    inner, waver = 0, (0, 0)
    for number, ring in enumerate(town.rings):
        swing = UNIT * min(number + 1, 4) // 3
        phase = (dice.below(TURN), dice.below(TURN))
        turn = np.arange(0, TURN, TURN * UNIT // (10 * ring), dtype=np.int64)
        lines.append((_wavering(turn, ring, swing, phase), turn))
        for lane in range(5 if number else 0):
            start = TURN * lane // 5 + dice.below(TURN // 5)
            steps = np.arange(17, dtype=np.int64)
            at = np.full(17, start)
            within = _wavering(at, inner, UNIT * min(number, 4) // 3, waver)
            lines.append(
                (within + (_wavering(at, ring, swing, phase) - within) * steps // 16, at + steps * TURN // 900)
            )
        inner, waver = ring, phase
    points = []
    for radius, turn in lines:
        x = town.x + radius * wave(turn + TURN // 4) // UNIT
        y = town.y + radius * wave(turn) // UNIT * 100 // 112
        line = np.stack([x, y], axis=1)
        inside = (x >= 0) & (x < sheet.span_x) & (y >= 0) & (y < sheet.span_y)
        points.append(line if sheet.torus else line[inside])
    return points


def _wavering(turn: Int64s, radius: int, swing: int, phase: tuple[int, int]) -> Int64s:
    """Return a ring's radius in each direction."""
    waver = wave(2 * turn + phase[0]) + wave(3 * turn + phase[1]) // 2 + wave(7 * turn + phase[0]) // 5
    radii: Int64s = radius + swing * waver // UNIT
    return radii


def _draw_road(sheet: Sheet, path: Bools, price: Int64s, ground: Ground, stops: Sequence[int], highest: int) -> None:
    """Draw the cheapest way past the cells of `stops` into `path`, as far as it stays below a height."""
    legs = [_cheapest(price, ground.height, sheet.neighbours, start, goal) for start, goal in pairwise(stops)]
    way = np.concatenate([legs[0], *(leg[1:] for leg in legs[1:])])
    high = np.flatnonzero(ground.height[way] > highest)
    way = way[: high[0]] if high.size else way
    if way.size > 2:
        drawn = np.zeros_like(path)
        _trace(_smoothed(sheet, way), sheet.width, sheet.height, sheet.torus, ROAD, drawn)
        if not ground.pond[way].any():
            drawn &= ~ground.pond  # a road that only brushes a pond needs no bridge
        path |= drawn


@kernel
def _cheapest(price: Int64s, height: Int64s, neighbours: Int32s, start: int, goal: int) -> Int32s:
    count = price.size
    spent = np.full(count, 1 << 60, np.int64)
    came = np.full(count, -1, np.int32)
    top = np.full(DEAREST + 1, -1, np.int32)  # of each bucket, a linked list of entries
    entry_cell = np.empty(6 * count + 1, np.int32)
    entry_next = np.empty(6 * count + 1, np.int32)
    entries = 1
    entry_cell[0], entry_next[0], top[0], spent[start] = start, -1, 0, 0
    now, waiting = 0, 1
    while waiting > 0:
        slot = now % (DEAREST + 1)
        entry = top[slot]
        if entry < 0:
            now += 1
            continue
        top[slot] = entry_next[entry]
        waiting -= 1
        cell = entry_cell[entry]
        if spent[cell] != now:
            continue
        if cell == goal:
            break
        for direction in range(6):
            other = neighbours[cell, direction]
            if other < 0:
                continue
            climb = abs(height[other] - height[cell]) // 24
            total = now + max(1, min(price[other] + climb, DEAREST))
            if total < spent[other]:
                spent[other], came[other] = total, cell
                slot = total % (DEAREST + 1)
                entry_cell[entries], entry_next[entries] = other, top[slot]
                top[slot] = entries
                entries += 1
                waiting += 1
    length, cell = 1, goal
    while came[cell] >= 0:
        cell = came[cell]
        length += 1
    way = np.empty(length, np.int32)
    cell = goal
    for i in range(length - 1, -1, -1):
        way[i] = cell
        cell = came[cell]
    return way


def _smoothed(sheet: Sheet, way: Int32s) -> Int64s:
    """Return points on the way, less than a cell apart, with its corners rounded, int64[points,2]."""
    x, y = sheet.x[way], sheet.y[way]
    x = x[0] + np.concatenate(([0], np.cumsum(sheet.east(np.diff(x)))))
    y = y[0] + np.concatenate(([0], np.cumsum(sheet.north(np.diff(y)))))
    points = np.stack([x, y], axis=1)
    place = np.arange(len(way))
    for broad in (3, 3):
        half = np.minimum(np.minimum(place, place[::-1]), broad)
        sums = np.concatenate((np.zeros((1, 2), np.int64), np.cumsum(points, axis=0)))
        points = (sums[place + half + 1] - sums[place - half]) // (2 * half + 1)[:, None]
    steps = np.arange(4, dtype=np.int64)[None, :, None]
    between = (points[:-1, None] * (4 - steps) + points[1:, None] * steps) // 4
    return np.ascontiguousarray(np.concatenate((between.reshape(-1, 2), points[-1:])))


@kernel
def _trace(points: Int64s, width: int, height: int, torus: bool, radius: int, path: Bools) -> None:
    """Mark the cells whose middle lies within `radius` of a point, and the one in which the point lies."""
    for i in range(len(points)):
        x, y = points[i, 0], points[i, 1]
        base = y // ROW
        nearest, home = 1 << 60, -1
        for row in range(base - 1, base + 3):
            odd = row & 1
            column = (x - HALF_CELL * odd) // (2 * HALF_CELL)
            for c in range(column - 1, column + 3):
                r, k = row, c
                if torus:
                    r, k = row % height, c % width
                if r < 0 or r >= height or k < 0 or k >= width:
                    continue
                dx = x - HALF_CELL * (2 * c + odd)
                dy = y - ROW * row
                away = dx * dx + dy * dy
                if away < nearest:
                    nearest, home = away, r * width + k
                if away < radius * radius:
                    path[r * width + k] = True
        if home >= 0:
            path[home] = True
