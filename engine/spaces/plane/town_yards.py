"""Yards behind houses: hedges close the gaps between these, but for one gate, so nobody takes a short cut through them.

Crowds that meet in a gap two metres wide block it; streets are wide enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.spaces.plane.town_sheet import METRE, Dice, Side, Spot, left_of
from engine.spaces.plane.town_streets import Block

YARD = 17 * METRE
"""So deep are the sides of a block on which houses stand; what is left inside is a yard or a garden."""

HEDGE = 450
"""So far from the street hedges run, in centimetres: through the front part of every house."""

GATE = 6 * METRE
NARROWEST = 40
"""Gaps that are narrower than this, in centimetres, need no hedge: nobody fits in between."""


@dataclass(frozen=True)
class Gate:
    """The way into a yard: the number of the block's side and the part of it that is kept free, in centimetres."""

    side: int
    first: int
    last: int


def is_narrow(block: Block) -> bool:
    """Whether houses along its sides leave no room for a garden inside a block."""
    return min(side.length for side in block.sides) < 2 * YARD + 8 * METRE


def choose_gate(block: Block, avenues: frozenset[int], dice: Dice) -> Gate:
    """Return where one comes into a block's yard: in the middle of a side; all of a short side, if it is narrow."""
    lengths = [side.length for side in block.sides]
    if is_narrow(block):
        which = min(range(4), key=lambda k: (lengths[k], k))
        which = (which + 2 * dice.below(2)) % 4
        return Gate(which, 0, lengths[which])
    quiet = [k for k in range(4) if block.sides[k].street not in avenues]
    which = quiet[dice.below(len(quiet))]
    return Gate(which, (lengths[which] - GATE) // 2, (lengths[which] + GATE) // 2)


def hedges(block: Block, parts: Sequence[Sequence[Spot]], gate: Gate) -> Iterator[tuple[Spot, Spot]]:
    """Yield the hedges around a yard, between houses whose convex `parts` are given."""
    inner = []
    for k in range(4):
        side, before = block.sides[k], block.sides[k - 1]
        one, two = side.at(HEDGE, HEDGE), before.at(before.length - HEDGE, HEDGE)
        inner.append(((one[0] + two[0]) // 2, (one[1] + two[1]) // 2))
    for k in range(4):
        line = Side(inner[k], inner[(k + 1) % 4])
        covered = [covering for part in parts if (covering := _within(line, part))]
        if k == gate.side:
            covered.append((gate.first - HEDGE, gate.last - HEDGE))
        begin = 0
        for first, last in [*sorted(covered), (line.length, line.length)]:
            if first - begin >= NARROWEST:
                yield line.at(begin, 0), line.at(first, 0)
            begin = max(begin, last)


def _within(line: Side, shape: Sequence[Spot]) -> tuple[int, int] | None:
    """Return from where to where a line runs inside a convex shape, in centimetres from its start; None if nowhere."""
    first, last, start = 0, line.length, shape[-1]
    for end in shape:
        here, there = left_of(start, end, line.start), left_of(start, end, line.end)
        if here < 0 and there < 0:
            return None
        if here < 0:
            first = max(first, -(here * line.length // (there - here)))
        elif there < 0:
            last = min(last, here * line.length // (here - there))
        start = end
    return (first, last) if first < last else None
