"""The ground plan: walls as segments, and buildings as polygons with doors, on a bounded plane or a torus.

A plan is data as it was written; `check_plan` says all that is wrong with it, each with its place, and `wall_segments`
makes of it what bodies bump into. Lengths are metres, x to the east and y to the north.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from engine.errors import Problem, ScenarioError

Point = tuple[float, float]
Segments = NDArray[np.float64]
"""Segments, float64[s,4]: x and y of both ends in metres."""

NARROWEST_DOOR = 0.9
"""Metres: through less, ways do not lead for sure over navigation cells half a metre wide."""


@dataclass(frozen=True, slots=True)
class Door:
    """A gap in a building's side: `side` counts from the first corner, `at` is its middle in metres along that side."""

    side: int
    at: float
    width: float = 1.0


@dataclass(frozen=True, slots=True)
class Building:
    """A polygon of walls. Its sides run from corner to corner and back to the first."""

    name: str
    corners: tuple[Point, ...]
    doors: tuple[Door, ...] = ()

    def sides(self) -> list[tuple[Point, Point]]:
        """Return the sides, each from its first corner to its second."""
        return list(zip(self.corners, (*self.corners[1:], self.corners[0]), strict=True))


@dataclass(frozen=True, slots=True)
class Wall:
    """A wall of straight pieces from point to point; it is closed where the last point is the first."""

    name: str
    points: tuple[Point, ...]

    def sides(self) -> list[tuple[Point, Point]]:
        """Return the pieces."""
        return list(zip(self.points, self.points[1:], strict=False))


@dataclass(frozen=True, slots=True)
class Plan:
    """A plane of width x height metres with what stands on it; a bounded one has walls along its edges."""

    width: float
    height: float
    torus: bool = False
    walls: tuple[Wall, ...] = ()
    buildings: tuple[Building, ...] = ()


def check_plan(plan: Plan, origin: str, line_of: Callable[..., int | None] = lambda *location: None) -> None:
    """Raise ScenarioError with every mistake in a plan's geometry.

    `origin` names the scenario, and `line_of` tells its line for keys and indices such as ("space", "walls", 0).
    """
    if not (0 < plan.width < math.inf and 0 < plan.height < math.inf):
        mend = "give it a width and a height above 0"
        raise ScenarioError(
            origin, [Problem("space", None, f"a plane of {plan.width} x {plan.height} m is none", mend)]
        )
    problems = [
        replace(problem, line=line_of("space", section, i))
        for section, check in (("walls", _wall_problems), ("buildings", _building_problems))
        for i in range(len(getattr(plan, section)))
        for problem in check(plan, i)
    ]
    if problems:
        raise ScenarioError(origin, problems)


def _wall_problems(plan: Plan, index: int) -> Iterator[Problem]:
    wall = plan.walls[index]
    path = f"space.walls[{index}] ({wall.name})"
    if len(wall.points) < 2:
        yield Problem(path, None, f"the wall has {len(wall.points)} points", "give it two or more")
        return
    yield from _line_problems(plan, path, wall.points, wall.sides(), closed=wall.points[0] == wall.points[-1])


def _building_problems(plan: Plan, index: int) -> Iterator[Problem]:
    building = plan.buildings[index]
    path = f"space.buildings[{index}] ({building.name})"
    if len(building.corners) < 3:
        yield Problem(path, None, f"the building has {len(building.corners)} corners", "give it three or more")
        return
    yield from _line_problems(plan, path, building.corners, building.sides(), closed=True)
    if not building.doors:
        yield Problem(path, None, "the building has no door", "give it one, so that people can get in and out")
    for k, door in enumerate(building.doors):
        yield from _door_problems(f"{path}.doors[{k}]", building, door)


def _line_problems(
    plan: Plan, path: str, points: Sequence[Point], sides: Sequence[tuple[Point, Point]], closed: bool
) -> Iterator[Problem]:
    for x, y in points:
        if not (0 <= x <= plan.width and 0 <= y <= plan.height):
            what = f"the corner [{x:g}, {y:g}] lies outside the plane of {plan.width:g} x {plan.height:g} m"
            yield Problem(path, None, what, "move it onto the plane")
    for first, second in sides:
        if first == second:
            yield Problem(path, None, f"the corner [{first[0]:g}, {first[1]:g}] comes twice in a row", "take one out")
            return
    for i, j in combinations(range(len(sides)), 2):
        beside = j == i + 1 or (closed and i == 0 and j == len(sides) - 1)
        if not beside and _meet(sides[i], sides[j]):
            what = f"its sides {i} and {j} cross near [{sides[i][0][0]:g}, {sides[i][0][1]:g}]"
            yield Problem(path, None, what, "order the corners so that no two sides meet")


def _door_problems(path: str, building: Building, door: Door) -> Iterator[Problem]:
    sides = building.sides()
    if not 0 <= door.side < len(sides):
        yield Problem(path, None, f"there is no side {door.side}", f"use 0 to {len(sides) - 1}")
        return
    length = math.dist(*sides[door.side])
    if not door.width >= NARROWEST_DOOR:
        yield Problem(path, None, f"the door is {door.width:g} m wide", f"make it {NARROWEST_DOOR:g} m or wider")
    elif not (door.width / 2 <= door.at <= length - door.width / 2):
        what = f"a door {door.width:g} m wide at {door.at:g} m sticks out of side {door.side}, {length:g} m long"
        yield Problem(path, None, what, "move it, or make it narrower")


def _turn(a: Point, b: Point, c: Point) -> float:
    """Return twice the area of a triangle, positive counter-clockwise."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _meet(one: tuple[Point, Point], two: tuple[Point, Point]) -> bool:
    """Whether two segments have a point in common (O'Rourke, "Computational Geometry in C", 1.5)."""
    turns = _turn(*one, two[0]), _turn(*one, two[1]), _turn(*two, one[0]), _turn(*two, one[1])
    if turns[0] * turns[1] < 0 and turns[2] * turns[3] < 0:
        return True
    touching = ((turns[0], one, two[0]), (turns[1], one, two[1]), (turns[2], two, one[0]), (turns[3], two, one[1]))
    return any(turn == 0 and _between(segment, point) for turn, segment, point in touching)


def _between(segment: tuple[Point, Point], point: Point) -> bool:
    """Whether a point on the line of a segment lies in its box."""
    (ax, ay), (bx, by) = segment
    return min(ax, bx) <= point[0] <= max(ax, bx) and min(ay, by) <= point[1] <= max(ay, by)


def wall_segments(plan: Plan) -> Segments:
    """Return what bodies bump into: walls, sides of buildings less their doors, and the edges of a bounded plane."""
    found = [(*first, *second) for wall in plan.walls for first, second in wall.sides()]
    for building in plan.buildings:
        for index, (first, second) in enumerate(building.sides()):
            found += _between_doors(first, second, [door for door in building.doors if door.side == index])
    if not plan.torus:
        corners = ((0.0, 0.0), (plan.width, 0.0), (plan.width, plan.height), (0.0, plan.height))
        found += [(*corners[i], *corners[(i + 1) % 4]) for i in range(4)]
    return np.array(found, np.float64).reshape(-1, 4)


def area(building: Building) -> float:
    """Return a building's floor in square metres (O'Rourke, "Computational Geometry in C", 1.3)."""
    return abs(sum(ax * by - bx * ay for (ax, ay), (bx, by) in building.sides())) / 2


def door_gaps(building: Building) -> list[tuple[float, float, float, float]]:
    """Return the gaps of a building's doors as segments: x and y of both ends."""
    sides, found = building.sides(), []
    for door in building.doors:
        first, second = sides[door.side]
        length = math.dist(first, second)
        ends = ((door.at + half) / length for half in (-door.width / 2, door.width / 2))
        found.append(tuple(a + (b - a) * share for share in ends for a, b in zip(first, second, strict=True)))
    return [(x, y, to_x, to_y) for x, y, to_x, to_y in found]


def _between_doors(first: Point, second: Point, doors: Sequence[Door]) -> list[tuple[float, float, float, float]]:
    """Return what is left of a side between its doors."""
    length = math.dist(first, second)
    gaps = sorted((door.at - door.width / 2, door.at + door.width / 2) for door in doors)
    pieces, begin = [], 0.0
    for low, high in [*gaps, (length, length)]:
        if low > begin:
            ends = [
                (first[0] + (second[0] - first[0]) * at / length, first[1] + (second[1] - first[1]) * at / length)
                for at in (begin, low)
            ]
            pieces.append((*ends[0], *ends[1]))
        begin = max(begin, high)
    return pieces
