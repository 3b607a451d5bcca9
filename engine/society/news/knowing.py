"""Who knows what: one bit a fact in a word a person. A fact's place is its number modulo the places."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.kernels import kernel
from engine.values import Bools, Bytes, Int16s, Int32s

Masks = NDArray[np.uint64]
ONE = np.uint64(1)
ZERO = np.uint64(0)
FARTHEST = 255
"""Hops are counted up to this."""


@kernel
def newest_untold(
    knows: Masks, heard_at: Int32s, serial: Int32s, newest: int, since: int, who: Int32s, partner: Int32s
) -> Int32s:
    """Return the newest fact that each has known only since tick `since` and the partner does not, int32[m], or -1."""
    out = np.full(who.size, -1, np.int32)
    places = serial.size
    for k in range(who.size):
        untold = knows[who[k]] & ~knows[partner[k]]
        if untold == ZERO:
            continue
        for back in range(places):
            fact = newest - back
            if fact < 0:
                break
            place = fact % places
            if serial[place] == fact and (untold >> np.uint64(place)) & ONE and heard_at[who[k], place] >= since:
                out[k] = fact
                break
    return out


@kernel
def eager(knows: Masks, heard_at: Int32s, since: int, who: Int32s, curious: Int16s) -> Int16s:
    """Return how much each longs for news, int16[m] of 0..1000.

    Three tenths of the trait `curious`, and two more for each of up to three facts known only since tick `since`.
    """
    out = np.empty(who.size, np.int16)
    for k in range(who.size):
        facts, fresh, place = knows[who[k]], 0, 0
        while facts != ZERO:
            if facts & ONE and heard_at[who[k], place] >= since:
                fresh += 1
            facts >>= ONE
            place += 1
        out[k] = np.int64(curious[k]) * (3 + 2 * min(3, fresh)) // 10
    return out


@kernel
def known(knows: Masks, serial: Int32s, who: Int32s, facts: Int32s) -> Bools:
    """Whether each knows that fact, bool[m]; nobody knows one that is news no more."""
    out = np.zeros(who.size, np.bool_)
    for k in range(who.size):
        if facts[k] >= 0:
            place = facts[k] % serial.size
            out[k] = serial[place] == facts[k] and ((knows[who[k]] >> np.uint64(place)) & ONE) == ONE
    return out


@kernel
def tell(
    knows: Masks,
    heard_from: Int32s,
    heard_at: Int32s,
    hops: Bytes,
    serial: Int32s,
    speakers: Int32s,
    listeners: Int32s,
    facts: Int32s,
    tick: int,
) -> Bools:
    """Let listeners learn what speakers know, in the order given; return for whom it was new, bool[m]."""
    new = np.zeros(speakers.size, np.bool_)
    for k in range(speakers.size):
        speaker, listener, fact = speakers[k], listeners[k], facts[k]
        if fact < 0 or listener < 0:
            continue
        place = fact % serial.size
        bit = ONE << np.uint64(place)
        if serial[place] != fact or (knows[speaker] & bit) == ZERO or (knows[listener] & bit) != ZERO:
            continue
        knows[listener] |= bit
        heard_from[listener, place] = speaker
        heard_at[listener, place] = tick
        hops[listener, place] = min(FARTHEST, hops[speaker, place] + 1)
        new[k] = True
    return new


@kernel
def spread(knows: Masks, hops: Bytes, alive: Bools, place: int) -> tuple[int, int]:
    """Return how many of the living know the fact of a place, and the sum of their hops from its source."""
    knowers, way = 0, 0
    for who in range(alive.size):
        if alive[who] and (knows[who] >> np.uint64(place)) & ONE:
            knowers += 1
            way += hops[who, place]
    return knowers, way
