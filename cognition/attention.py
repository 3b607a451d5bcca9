"""Who thinks at a tick, under a budget.

The pick is a pure function of the World's columns, the tick and the seed, so a resumed run asks the very same people.
In order of claim: those whom an event stirred since they were last asked, those whose plan has ended (action 0), those
who have not been asked for `every` ticks. Within each the longest unasked come first, and of equals those whose draw is
larger (Philox, stream "attention.order", anew for each tick: no id is favoured).

Nobody starves: everyone alive and undriven is asked again after at most L = every + ceil(n / budget) ticks. Put the n
people in a queue, longest unasked first. To keep the promise to the one at place p (0 is the head), who is due in
`last asked + L - tick` ticks, all p + 1 must be asked by then, so today at least

    head = max over p of (p + 1 - budget * (asked[p] + L - tick))

are taken from the queue's head, before any event. If head <= budget today, then also tomorrow: what is not taken today
is at most p + 1 - head places deep tomorrow with one budget less of time, and who is asked today comes last, where
n <= budget * L holds. Only people unasked for `every` ticks are ever taken so, since before that p + 1 <= n bounds it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.errors import MindError
from engine.kernels import kernel
from engine.ports import PeopleColumns
from engine.rng import Rng, purpose
from engine.values import CONTINUE, Asked, Bools, Bytes, Int16s, Int32s, Int64s

_ORDER = purpose("attention.order")
_FREE, _EVENT, _WAITED, _EVERY_TICK = (
    np.uint8(Asked.FREE), np.uint8(Asked.EVENT), np.uint8(Asked.WAITED), np.uint8(Asked.EVERY_TICK)
)  # fmt: skip
_LONGEST = 2**28 - 1
_WORD = 32


@kernel
def _candidates(
    tick: int,
    every: int,
    every_tick: bool,
    able: Bools,
    action: Int16s,
    asked: Int32s,
    stirred: Int32s,
    who: Int32s,
    cause: Bytes,
) -> tuple[int, int]:
    """List who of the able could be asked, ascending, and why; return how many there are, and how many are able."""
    found, living = 0, 0
    for agent in range(able.size):
        if not able[agent]:
            continue
        living += 1
        if stirred[agent] > asked[agent]:
            why = _EVENT
        elif action[agent] == CONTINUE:
            why = _FREE
        elif tick - asked[agent] >= every:
            why = _WAITED
        elif every_tick:
            why = _EVERY_TICK
        else:
            continue
        who[found] = agent
        cause[found] = why
        found += 1
    return found, living


@kernel
def _select(
    tick: int,
    every: int,
    budget: int,
    living: int,
    who: Int32s,
    cause: Bytes,
    asked: Int32s,
    words: NDArray[np.uint32],
    taken: Bools,
) -> None:
    """Mark `budget` of more candidates than that: the head of the queue that must be asked now, then by claim."""
    rounds = (living + budget - 1) // budget
    due = np.zeros(rounds + 1, np.int64)
    waited = np.empty(who.size, np.int64)
    keys = np.empty(who.size, np.int64)
    for i in range(who.size):
        waiting = min(tick - int(asked[who[i]]), _LONGEST)
        waited[i] = (waiting << _WORD) | int(words[i, 0])
        keys[i] = waited[i] if waiting >= every else -1
        if waiting >= every:
            due[max(every + rounds - waiting, 0)] += 1
    head, place = 0, 0
    for left in range(due.size):
        place += int(due[left])
        head = max(head, place - budget * left)
    head = min(head, budget)
    _mark(keys, head, taken)
    for i in range(who.size):
        claim = 3 if cause[i] == _EVENT else 2 if cause[i] == _FREE else 1 if cause[i] == _WAITED else 0
        keys[i] = -1 if taken[i] else (claim << 60) | int(waited[i])
    _mark(keys, budget - head, taken)


@kernel
def _mark(keys: Int64s, count: int, taken: Bools) -> None:
    """Mark the `count` largest keys; negative keys are never marked."""
    if count <= 0:
        return
    least = np.partition(keys, keys.size - count)[keys.size - count]
    for i in range(keys.size):
        if keys[i] > least and keys[i] >= 0:
            taken[i] = True
            count -= 1
    for i in range(keys.size):
        if keys[i] == least and keys[i] >= 0 and count > 0:
            taken[i] = True
            count -= 1


class QueueAttention:
    """Asks by claim and by waiting time, at most `budget` people a tick (None: all who have a claim).

    every: ticks after which anyone alive is to be asked; every_tick: everyone has a claim at every tick.
    deliberates: by the number of a mind, whether it takes its time, as language models do (it may grow in the run).
    Their people are asked for a reason only, never because it is a tick, never while they think, and at most `room()`
    of them at a tick (None: any number). Where that depends on how fast they are the promise above is not for them.
    Raises MindError when `every` or `budget` is below 1.
    """

    def __init__(
        self,
        every: int,
        budget: int | None,
        every_tick: bool,
        rng: Rng,
        deliberates: Sequence[bool] = (),
        room: Callable[[], int | None] = lambda: None,
    ) -> None:
        if every < 1 or (budget is not None and budget < 1):
            raise MindError(f"attention every {every} ticks, {budget} decisions a tick: use at least 1 for both")
        self._every = every
        self._budget = budget
        self._every_tick = every_tick
        self._rng = rng
        self._deliberates = deliberates
        self._room = room

    def pick(self, tick: int, people: PeopleColumns) -> tuple[Int32s, Bytes]:
        """Return the agents to ask (int32, ascending) and why (uint8, `Asked`)."""
        able = people.alive & ~people.driven
        if not any(self._deliberates):
            return self._pick(tick, people, able, self._every_tick, self._budget)
        slow = able & np.isin(people.mind, np.flatnonzero(self._deliberates))
        quick, why = self._pick(tick, people, able & ~slow, self._every_tick, self._budget)
        left = None if self._budget is None else self._budget - quick.size
        room = self._room()
        if room is not None:
            left = room if left is None else min(left, room)
        thoughtful, reasons = self._pick(tick, people, slow & (people.thinking < 0), False, left)
        who, cause = np.concatenate((quick, thoughtful)), np.concatenate((why, reasons))
        order = np.argsort(who, kind="stable")
        return who[order], cause[order]

    def _pick(
        self, tick: int, people: PeopleColumns, able: Bools, every_tick: bool, budget: int | None
    ) -> tuple[Int32s, Bytes]:
        if every_tick and budget is None:
            who = np.flatnonzero(able).astype(np.int32)
            return who, np.full(who.size, _EVERY_TICK, np.uint8)
        who = np.empty(able.size, np.int32)
        cause = np.empty(who.size, np.uint8)
        found, living = _candidates(
            tick, self._every, every_tick, able, people.action, people.asked, people.stirred, who, cause
        )
        who, cause = who[:found], cause[:found]
        if budget is None or found <= budget:
            return who, cause
        if budget <= 0:
            return who[:0], cause[:0]
        taken = np.zeros(found, np.bool_)
        words = self._rng.words(_ORDER, who, tick)
        _select(tick, self._every, budget, living, who, cause, people.asked, words, taken)
        return who[taken], cause[taken]
