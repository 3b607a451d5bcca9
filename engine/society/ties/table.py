"""The table of ties: each person's row is an open-addressing hash of 64 slots, and memory never grows.

A person is looked for in 8 consecutive slots from its hash (Knuth's multiplicative hash); all 8 are always looked at,
so a tie can be taken out without leaving a mark. A newcomer takes the first empty one of the 8; if there is none, the
weakest of them is forgotten: least familiar, of equals the least trust or distrust, of equals the first.
"""

from __future__ import annotations

import numpy as np

from engine.kernels import kernel, lean
from engine.values import Bools, Int16s, Int32s

SLOTS = 64
PROBES = 8
MOST = 1000
"""The greatest trust, distrust and familiarity."""

_FACTOR = np.uint64(2654435769)
_WORD = np.uint64(0xFFFFFFFF)
_SHIFT = np.uint64(26)


@lean
def first_slot(other: int) -> np.int64:
    """Return the first slot where a person may stand in any row, 0..63."""
    return np.int64(((np.uint64(other) * _FACTOR) & _WORD) >> _SHIFT)


@lean
def find(partner: Int32s, who: int, other: int) -> np.int64:
    """Return the slot of `who`'s tie to `other`, or -1. For use in kernels."""
    first = first_slot(other)
    for probe in range(PROBES):
        slot = (first + probe) & (SLOTS - 1)
        if partner[who, slot] == other:
            return slot
    return np.int64(-1)


@lean
def take(partner: Int32s, trust: Int16s, familiarity: Int16s, who: int, other: int) -> np.int64:
    """Return the slot of `who`'s tie to `other`, made at zero if there is none, in place of the weakest probed."""
    first = first_slot(other)
    empty, weakest, weight = np.int64(-1), np.int64(-1), np.int64(1 << 40)
    for probe in range(PROBES):
        slot = (first + probe) & (SLOTS - 1)
        if partner[who, slot] == other:
            return slot
        if partner[who, slot] < 0:
            if empty < 0:
                empty = slot
            continue
        strength = np.int64(familiarity[who, slot]) * 1024 + abs(np.int64(trust[who, slot]))
        if strength < weight:
            weakest, weight = slot, strength
    slot = empty if empty >= 0 else weakest
    partner[who, slot] = other
    trust[who, slot] = 0
    familiarity[who, slot] = 0
    return slot


@lean
def nearer(value: int, change: int) -> int:
    """Return a value moved by `change` in proportion to its distance from the bound there, by at least 1 if at all.

    Gains: v + ceil(change (1000 - max(v, 0)) / 1000); losses likewise towards -1000. Whatever the changes, |v| <= 1000.
    """
    if change > 0:
        return value + (change * (MOST - max(value, 0)) + MOST - 1) // MOST
    if change < 0:
        return value - (-change * (MOST + min(value, 0)) + MOST - 1) // MOST
    return value


@lean
def touch(
    partner: Int32s,
    trust: Int16s,
    familiarity: Int16s,
    doers: Int32s,
    others: Int32s,
    of_doer: int,
    of_other: int,
    closer: int,
    traits: Int16s,
    trusting: int,
) -> None:
    """Let one kind of event work on both of each pair, in the order given: trust of the doer, of the other, closeness.

    What is gained grows with the trait `trusting` (half to one and a half times); what is lost does not.
    """
    for k in range(doers.size):
        for side in range(2):
            who, other = (doers[k], others[k]) if side == 0 else (others[k], doers[k])
            if who == other or who < 0 or other < 0:
                continue
            change = of_doer if side == 0 else of_other
            if change > 0:
                change = (change * (500 + traits[who, trusting]) + 999) // 1000
            slot = take(partner, trust, familiarity, who, other)
            trust[who, slot] = nearer(trust[who, slot], change)
            familiarity[who, slot] = nearer(familiarity[who, slot], closer)


@lean
def fade(
    partner: Int32s, trust: Int16s, familiarity: Int16s, first: int, step: int, trust_rate: int, familiarity_rate: int
) -> None:
    """Take a day's decay off the rows first, first + step, ...: rates in thousandths a day, then at least 1 point.

    A tie that has neither familiarity nor trust left is forgotten.
    """
    for who in range(first, partner.shape[0], step):
        for slot in range(SLOTS):
            if partner[who, slot] < 0:
                continue
            old = np.int64(trust[who, slot])
            less = (abs(old) * trust_rate + 999) // 1000
            trust[who, slot] = old - less if old > 0 else old + less
            known = np.int64(familiarity[who, slot])
            familiarity[who, slot] = known - (known * familiarity_rate + 999) // 1000
            if trust[who, slot] == 0 and familiarity[who, slot] == 0:
                partner[who, slot] = -1


@lean
def forget(partner: Int32s, trust: Int16s, familiarity: Int16s, gone: Bools) -> None:
    """Take out every tie to people who are gone, bool[people]."""
    for who in range(partner.shape[0]):
        for slot in range(SLOTS):
            other = partner[who, slot]
            if other >= 0 and gone[other]:
                partner[who, slot] = -1
                trust[who, slot] = 0
                familiarity[who, slot] = 0


@lean
def house(
    partner: Int32s,
    trust: Int16s,
    familiarity: Int16s,
    residents: Int32s,
    home: Int16s,
    fresh: Bools,
    circle: int,
    trusted: int,
    familiar: int,
) -> None:
    """Give people of one home ties to each other where at least one of the two is new.

    residents: ids sorted by home. In a home of more than `circle` + 1 people each knows `circle`, half on either side.
    """
    begin = 0
    while begin < residents.size:
        place = home[residents[begin]]
        end = begin
        while end < residents.size and home[residents[end]] == place:
            end += 1
        size = end - begin
        for i in range(size):
            for away in range(1, min(circle // 2, size // 2) + 1):
                one, two = residents[begin + i], residents[begin + (i + away) % size]
                if not (fresh[one] or fresh[two]):
                    continue
                for who, other in ((one, two), (two, one)):
                    slot = take(partner, trust, familiarity, who, other)
                    trust[who, slot] = max(trust[who, slot], trusted)
                    familiarity[who, slot] = max(familiarity[who, slot], familiar)
        begin = end


@kernel
def look_up(partner: Int32s, values: Int16s, who: Int32s, other: Int32s) -> Int16s:
    """Return a value (trust, familiarity) of each pair's tie, int16[m]; 0 where there is none."""
    out = np.zeros(who.size, np.int16)
    for k in range(who.size):
        if other[k] >= 0:
            slot = find(partner, who[k], other[k])
            if slot >= 0:
                out[k] = values[who[k], slot]
    return out
