"""Talk about a third person: whom one could speak of, and what the listener makes of it."""

from __future__ import annotations

import numpy as np

from engine.kernels import kernel, lean
from engine.rng import draw
from engine.society.ties.table import MOST, SLOTS, find, take
from engine.values import Bools, Int16s, Int32s

_LOW = np.uint64(SLOTS - 1)


@kernel
def third_persons(
    partner: Int32s,
    familiarity: Int16s,
    who: Int32s,
    listener: Int32s,
    least: int,
    seed: np.uint64,
    stream: np.uint64,
    tick: int,
) -> Int32s:
    """Return whom each would speak of, int32[m]: the first tie from a drawn slot on that is that familiar, or -1."""
    out = np.full(who.size, -1, np.int32)
    first, before = np.int64(0), -1
    for k in range(who.size):
        speaker = who[k]
        if speaker != before:
            first = np.int64(draw(seed, stream, speaker, tick, 0) & _LOW)
            before = speaker
        for step in range(SLOTS):
            slot = (first + step) & (SLOTS - 1)
            third = partner[speaker, slot]
            if third >= 0 and third != listener[k] and familiarity[speaker, slot] >= least:
                out[k] = third
                break
    return out


@kernel
def knows_of(partner: Int32s, who: Int32s, listener: Int32s, third: Int32s) -> Bools:
    """Whether each could speak of that person: one whom it has a tie to, and not the listener."""
    out = np.zeros(who.size, np.bool_)
    for k in range(who.size):
        out[k] = third[k] >= 0 and third[k] != listener[k] and find(partner, who[k], third[k]) >= 0
    return out


@lean
def pass_on(
    partner: Int32s,
    trust: Int16s,
    familiarity: Int16s,
    speakers: Int32s,
    listeners: Int32s,
    thirds: Int32s,
    share: int,
    known: int,
) -> None:
    """Move each listener's trust in the third person towards the speaker's, in the order given.

    By `share` thousandths of the difference, times the listener's trust in the speaker over 1000: nobody believes those
    whom they distrust. One heard of becomes familiar up to `known`.
    """
    for k in range(speakers.size):
        speaker, listener, third = speakers[k], listeners[k], thirds[k]
        if third < 0 or listener < 0 or third in (listener, speaker):
            continue
        mine = find(partner, listener, speaker)
        theirs = find(partner, speaker, third)
        if mine < 0 or theirs < 0 or trust[listener, mine] <= 0:
            continue
        belief = np.int64(trust[listener, mine])
        told = np.int64(trust[speaker, theirs])
        slot = take(partner, trust, familiarity, listener, third)
        difference = told - trust[listener, slot]
        step = abs(difference) * share * belief // (MOST * MOST)
        trust[listener, slot] += step if difference > 0 else -step
        if familiarity[listener, slot] < known:
            familiarity[listener, slot] += 1
