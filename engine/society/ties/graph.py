"""Figures of the graph of ties. Two people are tied when each knows the other at least so well."""

from __future__ import annotations

import numpy as np

from engine.kernels import kernel, lean
from engine.society.ties.table import SLOTS, find
from engine.values import Bools, Int16s, Int32s, Int64s


@lean
def tied(partner: Int32s, familiarity: Int16s, one: int, two: int, least: int) -> bool:
    """Whether two people are tied: both rows hold the other at `least` familiarity or more."""
    here = find(partner, one, two)
    if here < 0 or familiarity[one, here] < least:
        return False
    there = find(partner, two, one)
    return bool(there >= 0 and familiarity[two, there] >= least)


@kernel
def census(partner: Int32s, trust: Int16s, familiarity: Int16s, alive: Bools, least: int) -> Int64s:
    """Return (ties held, sum of trust over them, people), int64[3]: directed ties of the living to the living."""
    out = np.zeros(3, np.int64)
    for who in range(alive.size):
        if not alive[who]:
            continue
        out[2] += 1
        for slot in range(SLOTS):
            other = partner[who, slot]
            if other >= 0 and alive[other] and familiarity[who, slot] >= least:
                out[0] += 1
                out[1] += trust[who, slot]
    return out


@kernel
def clustering(partner: Int32s, familiarity: Int16s, alive: Bools, who: Int32s, least: int) -> float:
    """Return the mean clustering coefficient of `who`: of the pairs of one's friends, the share that is tied.

    Watts and Strogatz (1998), "Collective dynamics of 'small-world' networks", Nature 393, p. 441; who has fewer
    than two friends counts as 0.
    """
    friends = np.empty(SLOTS, np.int32)
    friend_of = np.full(alive.size, -1, np.int32)
    total = 0.0
    for k in range(who.size):
        size = 0
        for slot in range(SLOTS):
            other = partner[who[k], slot]
            if other >= 0 and alive[other] and tied(partner, familiarity, who[k], other, least):
                friends[size] = other
                friend_of[other] = who[k]
                size += 1
        if size < 2:
            continue
        links = 0
        for i in range(size):
            one = friends[i]
            for slot in range(SLOTS):
                two = partner[one, slot]
                if two > one and friend_of[two] == who[k] and tied(partner, familiarity, one, two, least):
                    links += 1
        total += 2.0 * links / (size * (size - 1))
    return total / who.size if who.size else 0.0
