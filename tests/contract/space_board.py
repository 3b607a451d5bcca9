"""A board: a map of a Space so small that all of it can be looked at, and what is true of it, found by brute force."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.society.places import Places
from engine.values import Bools, Int32s
from engine.world import World

FAR = 1 << 30
"""The way to a place where there is none."""

Doubles = NDArray[np.float64]


class Board(Protocol):
    """What the contract of a Space compares with: nothing in it comes from the space under test.

    ticks: in how many anyone gets anywhere, through a crowd, or comes to whom they are after; rest: in how many whoever
    halts stands, and from then on is moved by no more than `sway` cells a tick; beside: how many cells one is away at
    most from whom one has come to, at the end of that tick; slack: two whose distances differ by so many cells are
    equally far.
    """

    @property
    def name(self) -> str: ...
    @property
    def places(self) -> Places: ...
    @property
    def cells(self) -> int: ...
    @property
    def distance(self) -> Int32s:
        """How far each cell is from each as the crow flies, in whole cells, int32[cells,cells]."""
        ...

    @property
    def nearness(self) -> Int32s:
        """What grows as cells are further apart, int32[cells,cells]: by it one cell is nearer than another."""
        ...

    @property
    def ticks(self) -> int: ...
    @property
    def rest(self) -> int: ...
    @property
    def sway(self) -> float: ...
    @property
    def beside(self) -> float: ...
    @property
    def slack(self) -> float: ...

    def spots(self, world: World) -> Doubles:
        """Return where everyone is in cells, float64[n,2]."""
        ...

    def gaps(self, world: World) -> Doubles:
        """Return how far each is from each in cells, float64[n,n]; infinite where they can't be in contact."""
        ...

    def standing_in(self, world: World) -> Int32s:
        """Return the place in which each stands, int32[n]; -1 for none, and for those outside the space."""
        ...


def gone(world: World) -> Bools:
    """Return who is dead or outside the space."""
    absent: Bools = ~world.alive | (world["space.cell"] < 0)
    return absent


def among_present(world: World, gaps: Doubles) -> Doubles:
    """Return gaps, infinite to oneself and for those who are dead or outside the space."""
    out = gaps.copy()
    out[gone(world)] = out[:, gone(world)] = np.inf
    np.fill_diagonal(out, np.inf)
    return out
