"""Flocking by Reynolds 1987, "Flocks, herds and schools: a distributed behavioral model", Computer Graphics 21(4).

Everyone steers by those within `vision`: towards their middle (cohesion), away from those within `separation`, along
with their mean velocity (alignment), and then goes on at its own pace. One step gathers only: nobody writes to
another's row, and sums run in the order of (row of cells, cell, id), so the state has the same bits for any number of
threads and on any CPU.
`steer_plainly` is the same step as a plain loop; the tests hold the lanes against it bit by bit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple

import numpy as np

from engine.errors import SpaceError
from engine.kernels import lean, unlocked
from engine.spaces.plane.cells import Cells, Spans, find_spans, make_cells, make_spans, padded, reorder, sort_by_cell
from engine.spaces.plane.lanes import LANES, Lanes, scan
from engine.spaces.plane.team import Team, edges_of, edges_of_rows
from engine.values import Float32s, Int32s

_SUMS = 7


@dataclass(frozen=True, slots=True)
class FlockRules:
    """How a flock flies: lengths in metres, weights without unit; speed in metres a step, at most."""

    vision: float = 5.0
    separation: float = 1.0
    speed: float = 1.0
    cohere: float = 0.015
    separate: float = 0.0075
    match: float = 0.025

    def __post_init__(self) -> None:
        if not 0 <= self.separation <= self.vision or not 0 < self.speed <= self.vision:
            raise SpaceError(
                f"a flock sees {self.vision} m, keeps {self.separation} m and flies {self.speed} m a step; "
                "let it see at least as far as it keeps apart and as it flies"
            )


class Birds(NamedTuple):
    """Columns of a flock in cell order, float32[n + LANES]: position in metres, velocity and pace in metres a step.

    Who has a pace of 0 stays where they are.
    """

    x: Float32s
    y: Float32s
    u: Float32s
    v: Float32s
    pace: Float32s


Lead = Callable[[Birds, Int32s], None]
"""What may turn birds before they look around: it changes their velocities and paces, told the ids of their rows."""


class _Weights(NamedTuple):
    """The rules as the kernels take them; `near` and `close` are squares of vision and separation."""

    near: np.float32
    close: np.float32
    cohere: np.float32
    separate: np.float32
    match: np.float32


def _visit(own: Sequence[Lanes], other: Sequence[Lanes], constants: Sequence[Lanes]) -> list[tuple[Lanes, Lanes]]:
    """Say what one candidate adds: to the middle, to the push apart, to the velocity, and to the number seen."""
    near, close = constants
    dx, dy = other[0] - own[0], other[1] - own[1]
    distance = dx * dx + dy * dy
    seen, too_close = distance < near, distance < close
    one = dx.filled(np.float32(1))
    return [(seen, dx), (seen, dy), (too_close, dx), (too_close, dy), (seen, other[2]), (seen, other[3]), (seen, one)]


_scan = scan(_visit, _SUMS)


@lean
def _turn(cells: Cells, birds: Birds, after: Birds, i: int, sums: Float32s, step: int, weights: _Weights) -> None:
    """Write where bird i flies, of whose neighbours sums[k * step] holds the seven sums."""
    one = np.float32(1)
    seen = sums[6 * step] - one
    share = one / max(seen, one)
    u, v = birds.u[i], birds.v[i]
    along_x, along_y = (sums[4 * step] - u) * share, (sums[5 * step] - v) * share
    new_u = u + (weights.cohere * sums[0] * share - weights.separate * sums[2 * step] + weights.match * along_x)
    new_v = v + (weights.cohere * sums[step] * share - weights.separate * sums[3 * step] + weights.match * along_y)
    length = new_u * new_u + new_v * new_v
    if length > 0:
        stretch = birds.pace[i] / np.float32(sqrt(length))
        new_u *= stretch
        new_v *= stretch
    x, new_u = _bounded(cells.torus, cells.width, birds.x[i] + new_u, new_u)
    y, new_v = _bounded(cells.torus, cells.height, birds.y[i] + new_v, new_v)
    after.x[i], after.y[i], after.u[i], after.v[i], after.pace[i] = x, y, new_u, new_v, birds.pace[i]


@lean
def _bounded(torus: bool, side: np.float32, at: np.float32, speed: np.float32) -> tuple[np.float32, np.float32]:
    """Return a coordinate and its speed within 0..side: wrapped around on a torus, else thrown back by the edge."""
    if torus:
        if at < 0:
            at += side
        if at >= side:
            at -= side
        return at, speed
    if at < 0:
        return -at, -speed
    if at > side:
        return side - (at - side), -speed
    return at, speed


@unlocked
def steer(
    part: int,
    first: int,
    end: int,
    cells: Cells,
    start: Int32s,
    birds: Birds,
    after: Birds,
    weights: _Weights,
    spans: Spans,
    scratch: Float32s,
) -> None:
    """Move the birds in rows first..end-1 of the cells by one step, `LANES` of a cell at a time."""
    bounds, shifts, sums = spans.bounds[part], spans.shifts[part], scratch[part]
    for row in range(first, end):
        for column in range(cells.columns):
            cell = row * cells.columns + column
            count = find_spans(cells, start, row, column, bounds, shifts)
            for at in range(start[cell], start[cell + 1], LANES):
                sums[:] = np.float32(0)
                for s in range(count):
                    _scan(
                        birds, birds, at, bounds[s, 0], bounds[s, 1], shifts[s, 0], shifts[s, 1], sums,
                        (weights.near, weights.close),
                    )  # fmt: skip
                for i in range(at, min(at + LANES, start[cell + 1])):
                    _turn(cells, birds, after, i, sums[i - at :], LANES, weights)


@unlocked
def steer_plainly(
    part: int,
    first: int,
    end: int,
    cells: Cells,
    start: Int32s,
    birds: Birds,
    after: Birds,
    weights: _Weights,
    spans: Spans,
    scratch: Float32s,
) -> None:
    """Do what `steer` does, one bird and one neighbour at a time: the reference."""
    bounds, shifts, sums = spans.bounds[part], spans.shifts[part], scratch[part]
    for row in range(first, end):
        for column in range(cells.columns):
            cell = row * cells.columns + column
            count = find_spans(cells, start, row, column, bounds, shifts)
            for i in range(start[cell], start[cell + 1]):
                sums[:] = np.float32(0)
                for s in range(count):
                    x, y = birds.x[i] - shifts[s, 0], birds.y[i] - shifts[s, 1]
                    for j in range(bounds[s, 0], bounds[s, 1]):
                        dx, dy = birds.x[j] - x, birds.y[j] - y
                        distance = dx * dx + dy * dy
                        if distance < weights.close:
                            sums[2] += dx
                            sums[3] += dy
                        if distance < weights.near:
                            sums[0] += dx
                            sums[1] += dy
                            sums[4] += birds.u[j]
                            sums[5] += birds.v[j]
                            sums[6] += np.float32(1)
                _turn(cells, birds, after, i, sums, 1, weights)


class Flock:
    """A flock on a plane of width x height metres, bounded or a torus. Its columns lie in cell order between steps."""

    def __init__(
        self,
        width: float,
        height: float,
        torus: bool,
        places: Float32s,
        velocities: Float32s,
        rules: FlockRules,
        team: Team,
        plainly: bool = False,
        paces: Float32s | None = None,
    ) -> None:
        """Take over places float32[n,2] in metres and velocities float32[n,2] in metres a step, of birds 0..n-1.

        paces float32[n] in metres a step are at most the rules' speed, which all fly who are given none. `plainly`
        steps by the reference. Raises SpaceError when somebody is outside or too quick, or a torus is too small.
        """
        self.cells = make_cells(width, height, torus, rules.vision)
        self.rules, self._team, self._kernel = rules, team, steer_plainly if plainly else steer
        count = places.shape[0]
        outside = np.flatnonzero(~((places >= 0) & (places < (width, height))).all(axis=1))
        if outside.size:
            where = [round(float(at), 2) for at in places[outside[0]]]
            raise SpaceError(f"bird {outside[0]} is at {where}; put it on the plane of {width} x {height} m")
        paces = np.full(count, rules.speed, np.float32) if paces is None else paces
        hasty = np.flatnonzero(~(paces <= np.float32(rules.speed)))
        if hasty.size:
            raise SpaceError(f"bird {hasty[0]} flies {paces[hasty[0]]} m a step; let it fly {rules.speed} m at most")
        self._birds, self._sorted = (Birds(*(padded(count) for _ in Birds._fields)) for _ in range(2))
        for column, values in zip(self._birds, (*places.T, *velocities.T, paces), strict=True):
            column[:count] = values
        self.ids = np.arange(count, dtype=np.int32)
        self._where, self._order = np.zeros(count, np.int32), np.zeros(count, np.int32)
        self._start = np.zeros(self.cells.columns * self.cells.rows + 1, np.int32)
        parts = team.parts(count)
        self._edges = edges_of(count, parts)
        self._spans, self._scratch = make_spans(parts), np.zeros((parts, _SUMS * LANES), np.float32)
        self._weights = _Weights(
            *(
                np.float32(number)
                for number in (
                    rules.vision**2, rules.separation**2, rules.cohere, rules.separate, rules.match,
                )
            )
        )  # fmt: skip

    def step(self, lead: Lead | None = None) -> None:
        """Move everyone by one step, after `lead` has turned whom it wants to."""
        birds, ordered = self._birds, self._sorted
        sort_by_cell(self.cells, birds.x, birds.y, self.ids, self._where, self._start, self._order)
        self.ids = self.ids[self._order]
        self._team.run(reorder, self._edges, self._order, birds, ordered)
        if lead is not None:
            lead(ordered, self.ids)
        rows = edges_of_rows(self._start, self.cells.columns, self._edges.size - 1)
        self._team.run(
            self._kernel, rows, self.cells, self._start, ordered, birds, self._weights, self._spans, self._scratch
        )

    def state(self) -> Float32s:
        """Return x, y, u, v of each bird by id, float32[n,4]."""
        out = np.empty((self.ids.size, 4), np.float32)
        out[self.ids] = np.stack([column[: self.ids.size] for column in self._birds[:4]], axis=1)
        return out
