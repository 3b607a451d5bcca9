"""How near our scan over neighbours comes to what this machine can compute.

The limit is how many float32 operations all threads do a second when they do nothing else: additions and
multiplications, as many of each, on vectors of `LANES` in registers, never fused, since fused ones have other bits.
It is measured in turn with the steps that are held against it, in one process, so that both have the same clock rate.

Of a step only the arithmetic of its scan counts: for every pair that is looked at, the additions, subtractions,
multiplications, divisions, roots and comparisons that the kernel itself is made of. What sorts people into cells,
loads, masks, and turns birds counts nothing, so a share of 100 % cannot be had. Of the pairs that are looked at, those
within nine cells, about a third are within sight (pi / 9): only their operations are needed, the others are the price
of finding them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from app.bench.plane import VISION, flock_of
from engine.kernels import unlocked
from engine.spaces.plane import flocking
from engine.spaces.plane.flocking import Flock
from engine.spaces.plane.lanes import LANES, Lanes
from engine.spaces.plane.team import Team
from engine.values import Float32s

CHAINS = 14
"""Vectors that are computed at once, half of them multiplied and half added to: with two constants all of the sixteen
registers of AVX2, and enough to hide how long one operation takes."""

ROUNDS = 1_000_000
"""How many operations each vector takes in a measurement: some milliseconds."""

TURNS = 5
SAMPLE = 200
"""Of so many birds the neighbours are counted."""


def flock_share(people: int, work: int) -> dict[str, float]:
    """Measure what share of the limit a flock's steps reach.

    Returns limit (float32 operations a second), looked_at and needed (percent of it), and seen (neighbours of a bird).
    """
    flock, team = flock_of(people), Team()
    ticks = max(2, work // people // TURNS)
    took, limits = [], []
    flock.step()
    machine_limit(team)
    for _ in range(TURNS):
        limits.append(machine_limit(team))
        begun = time.perf_counter()
        for _ in range(ticks):
            flock.step()
        took.append((time.perf_counter() - begun) / ticks)
    limit, seen = median(limits), neighbours(flock)
    a_pair = operations(flocking._visit, (4, 4, 2))
    share = 100 * a_pair / (median(took) * limit)
    return {"limit": limit, "looked_at": share * pairs_looked_at(flock), "needed": share * people * seen, "seen": seen}


def machine_limit(team: Team) -> float:
    """Return how many float32 operations a second the threads of a team do at most."""
    out = np.zeros((team.threads, CHAINS * LANES), np.float32)
    begun = time.perf_counter()
    team.run(_churn, np.arange(team.threads + 1, dtype=np.int32), ROUNDS, np.float32(1), np.float32(0), out)
    return team.threads * ROUNDS * CHAINS * LANES / (time.perf_counter() - begun)


def operations(visit: Callable[..., Any], columns: tuple[int, int, int]) -> int:
    """Count the operations by which a scan adds up one candidate: `visit` is called with so many stand-ins as columns.

    See `engine.spaces.plane.lanes`: own columns, the other's, and constants.
    """
    tally = Tally()
    own, others, constants = ([Lanes(tally, None)] * count for count in columns)
    return len(visit(own, others, constants)) + tally.count


class Tally:
    """Stands in for what builds LLVM code, and only counts the operations; signs, masks and choices are free."""

    def __init__(self) -> None:
        self.count = 0
        self.module = ir.Module()

    def _one(self, *operands: object) -> None:
        self.count += 1

    def _free(self, *operands: object) -> None:
        pass

    fadd = fsub = fmul = fdiv = fcmp_ordered = call = _one
    fneg = and_ = or_ = select = _free


def pairs_looked_at(flock: Flock) -> int:
    """Return how many pairs a step of a flock on a torus looks at: everyone with all in nine cells."""
    cells, states = flock.cells, flock.state()
    column = np.minimum(states[:, 0] * cells.across, cells.columns - 1).astype(np.int64)
    row = np.minimum(states[:, 1] * cells.up, cells.rows - 1).astype(np.int64)
    counts = np.bincount(row * cells.columns + column, minlength=cells.rows * cells.columns)
    counts = counts.reshape(cells.rows, cells.columns)
    around = sum(np.roll(counts, (up, across), (0, 1)) for up in (-1, 0, 1) for across in (-1, 0, 1))
    return int((counts * around).sum())


def neighbours(flock: Flock) -> float:
    """Return how many others a bird of a flock on a torus sees, the mean of some."""
    places, sides = flock.state()[:, :2], np.array((flock.cells.width, flock.cells.height))
    seen = 0
    for place in places[:: max(1, len(places) // SAMPLE)]:
        away = places - place
        away -= sides * np.rint(away / sides)
        seen += int(((away**2).sum(axis=1) < VISION**2).sum()) - 1
    return seen / len(places[:: max(1, len(places) // SAMPLE)])


@intrinsic
def _operate(typing: Any, rounds: Any, factor: Any, addend: Any, out: Any) -> Any:
    """Multiply half of the vectors in a row of out by factor, and add addend to the others, so many times."""
    signature = types.void(types.int64, types.float32, types.float32, out)
    return signature, _build


def _build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    rounds, factor, addend, out = arguments
    vector, word = ir.VectorType(ir.FloatType(), LANES), ir.IntType(64)
    data = context.make_array(signature.args[3])(context, builder, out).data
    rows = [
        builder.bitcast(builder.gep(data, [ir.Constant(word, LANES * chain)]), ir.PointerType(vector))
        for chain in range(CHAINS)
    ]
    starts = [builder.load(row, align=4) for row in rows]
    by, to = (_spread(builder, vector, number) for number in (factor, addend))
    before = builder.block
    body, end = (builder.append_basic_block(name) for name in ("round", "done"))
    builder.branch(body)
    builder.position_at_end(body)
    count, running = builder.phi(word), [builder.phi(vector) for _ in starts]
    ahead = [builder.fmul(value, by) if chain % 2 else builder.fadd(value, to) for chain, value in enumerate(running)]
    left = builder.sub(count, ir.Constant(word, 1))
    builder.cbranch(builder.icmp_signed(">", left, ir.Constant(word, 0)), body, end)
    count.add_incoming(rounds, before)
    count.add_incoming(left, body)
    for value, start, after in zip(running, starts, ahead, strict=True):
        value.add_incoming(start, before)
        value.add_incoming(after, body)
    builder.position_at_end(end)
    for row, after in zip(rows, ahead, strict=True):
        builder.store(after, row, align=4)
    return context.get_dummy_value()


def _spread(builder: Any, vector: Any, number: Any) -> Any:
    nothing = ir.Constant(vector, ir.Undefined)
    single = builder.insert_element(nothing, number, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(single, nothing, ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES))


@unlocked
def _churn(part: int, first: int, end: int, rounds: int, factor: np.float32, addend: np.float32, out: Float32s) -> None:
    """Keep a thread busy with operations."""
    _operate(rounds, factor, addend, out[part])
