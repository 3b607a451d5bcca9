"""The kernels of talk: with whom, about what, and what it promises."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.actions.menu import put
from engine.kernels import kernel, lean
from engine.society.ties.table import find
from engine.values import Bools, Int16s, Int32s, Int64s

_WORD = np.uint64(0xFFFFFFFF)
_MIX1, _MIX2 = np.uint64(0x85EBCA6B), np.uint64(0xC2B2AE35)
_S13, _S16 = np.uint64(13), np.uint64(16)
_CHANCE = 1 << 24
"""Weight of one point of familiarity against a draw of 32 bits: chance is worth up to 256 points."""
_TOPIC = 1 << 28
_TOPIC_CHANCE = (1 << 17) - 1


@lean
def mixed(word: int, other: int) -> np.int64:
    """Return 32 bits from an agent's drawn word and a partner (the finaliser of MurmurHash3), 0..2^32-1."""
    x = (np.uint64(word) ^ (np.uint64(other) * np.uint64(2654435769))) & _WORD
    x = ((x ^ (x >> _S16)) * _MIX1) & _WORD
    x = ((x ^ (x >> _S13)) * _MIX2) & _WORD
    return np.int64(x ^ (x >> _S16))


NOTICED = 16
"""How many of a crowd one notices."""


@kernel
def choose(
    start: Int64s,
    beside: Int32s,
    who: Int32s,
    talking: Bools,
    busy: Bools,
    words: NDArray[np.uint32],
    most: int,
    partner: Int32s,
    trust: Int16s,
    familiarity: Int16s,
) -> tuple[Int64s, Int32s, Int32s, Int16s, Int16s]:
    """Return the pairs that could talk: menu row, speaker, partner, familiarity, trust.

    Of those beside each (of a crowd, of some in a row from a drawn one on) the `most` best by familiarity and chance;
    who is talking or busy thinks of no other talk.
    talking and busy are bool by agent, words by row.
    """
    room = min(beside.size, who.size * most)
    rows, speakers, partners = np.empty(room, np.int64), np.empty(room, np.int32), np.empty(room, np.int32)
    known, trusted = np.empty(room, np.int16), np.empty(room, np.int16)
    best, score, slots = np.empty(most, np.int32), np.empty(most, np.int64), np.empty(most, np.int64)
    size = 0
    for row in range(who.size):
        if talking[who[row]] or busy[who[row]]:
            continue
        count, near = 0, start[row + 1] - start[row]
        first = np.int64(words[row]) % near if near > NOTICED else 0
        for k in range(min(near, NOTICED)):
            other = beside[start[row] + (first + k) % near]
            if busy[other]:
                continue
            slot = find(partner, who[row], other)
            worth = mixed(words[row], other)
            if slot >= 0:
                worth += np.int64(familiarity[who[row], slot]) * _CHANCE
            at = count
            while at > 0 and score[at - 1] < worth:
                at -= 1
            if at == most:
                continue
            count = min(most, count + 1)
            for later in range(count - 1, at, -1):
                best[later], score[later], slots[later] = best[later - 1], score[later - 1], slots[later - 1]
            best[at], score[at], slots[at] = other, worth, slot
        for k in range(count):
            rows[size], speakers[size], partners[size] = row, who[row], best[k]
            known[size] = familiarity[who[row], slots[k]] if slots[k] >= 0 else 0
            trusted[size] = trust[who[row], slots[k]] if slots[k] >= 0 else 0
            size += 1
    return rows[:size], speakers[:size], partners[:size], known[:size], trusted[:size]


@kernel
def lay_out(
    code: int,
    rows: Int64s,
    partners: Int32s,
    known: Int16s,
    trusted: Int16s,
    subjects: Int32s,
    words: NDArray[np.uint32],
    most: int,
    promise: Int16s,
    company: int,
    trust: int,
    urgency: Int16s,
    count: Int32s,
    action: Int16s,
    args: Int32s,
    appeals: Int16s,
    salience: Int32s,
) -> None:
    """Offer each pair's talk about up to `most` topics; subjects int32[topics, pairs] or -1, promise int16[topics, K].

    Of the topics with a subject those come first that promise the speaker most: the sum of urgency times promise, and
    chance, which is worth up to 131 points at full urgency. Company is 300 with a stranger, up to 1000 with a trusted
    friend, less with the distrusted; company and trust are the columns of these appeals, -1 where there is none.
    """
    appeal = np.empty(promise.shape[1], np.int16)
    worth = np.empty(subjects.shape[0], np.int64)
    longing = np.zeros(subjects.shape[0], np.int64)
    before = np.int64(-1)
    for k in range(rows.size):
        row = rows[k]
        if row != before:
            before = row
            for topic in range(subjects.shape[0]):
                longing[topic] = 0
                for a in range(appeal.size):
                    longing[topic] += np.int64(urgency[row, a]) * promise[topic, a]
        pleasure = 300 + known[k] * 4 // 10 + trusted[k] * 3 // 10
        for topic in range(subjects.shape[0]):
            worth[topic] = -1
            if subjects[topic, k] >= 0:
                worth[topic] = longing[topic] + (mixed(words[row], partners[k] + (topic + 1) * _TOPIC) & _TOPIC_CHANCE)
        for _ in range(most):
            topic = int(np.argmax(worth))
            if worth[topic] < 0:
                break
            worth[topic] = -1
            for a in range(appeal.size):
                appeal[a] = promise[topic, a]
            if company >= 0:
                appeal[company] = min(1000, appeal[company] + max(0, pleasure))
            if trust >= 0:
                appeal[trust] = max(0, trusted[k])
            put(
                row, code, partners[k], topic, subjects[topic, k], 0, appeal,
                urgency, count, action, args, appeals, salience,
            )  # fmt: skip


@kernel
def worst(who: Int32s, hunger: Int32s, energy: Int32s, company: Int32s, least: int) -> Int32s:
    """Return what each feels worst, int32[m]: 0 hunger, 1 tiredness, 2 loneliness, -1 where all is below `least`."""
    out = np.full(who.size, -1, np.int32)
    for k in range(who.size):
        felt = least - 1
        for feeling in range(3):
            value = hunger[who[k]]
            if feeling == 1:
                value = 1_000_000 - energy[who[k]]
            elif feeling == 2:
                value = 1_000_000 - company[who[k]]
            if value > felt:
                out[k], felt = feeling, value
    return out
