"""Deciding becomes doing: decisions are checked again and applied kind by kind, in an order drawn anew each tick."""

from __future__ import annotations

import numpy as np

from engine.actions.definition import Action, Ends
from engine.kernels import kernel
from engine.rng import purpose
from engine.society.society import Now, Society
from engine.values import CONTINUE, Bools, Bytes, Decisions, Int16s, Int32s, Int64s, Outcome

ORDER = purpose("act.order")
COMPLETE = purpose("complete.order")

UNKNOWN = "nobody knows how to do that"
GONE = "they have left the society"
OFF = "nobody does that here"

# Plain numbers: numpy asks an IntEnum for a dozen attributes at every comparison.
REFUSED, STARTED = int(Outcome.REFUSED), int(Outcome.STARTED)

Ended = tuple[Int32s, Int16s, Int32s, Bytes, Bytes]
"""Agents, their actions, arguments, outcomes and reasons."""


class Actor:
    """Applies decisions and ends activities; owns the activity and memory columns of `people`."""

    def __init__(self, society: Society) -> None:
        self.society = society
        self.people = society.people
        self._ends_by_itself = np.array([type(a).ended is not Action.ended for a in society.actions], np.bool_)
        self._unknown, self._gone, self._off = (society.reason(words) for words in (UNKNOWN, GONE, OFF))

    def complete(self, now: Now) -> None:
        """End the activities whose time is up or whose goal is reached, kind by kind, in a drawn order."""
        people = self.people
        at_end = _may_be_over(people.action, people.alive, people.until, now.tick, self._ends_by_itself)
        ended: list[Ended] = []
        order = at_end[self.society.rng.order(COMPLETE, at_end, now.tick)]
        for code, rows in by_kind(people.action[order]):
            action = self.society.actions[code]
            who = order[rows]
            over = people.until[who] <= now.tick
            if self._ends_by_itself[code]:
                over |= action.ended(now, who, people.args[who])
            if not over.any():
                continue
            who = who[over]
            args = people.args[who]
            ends = action.finish(now, who, args)
            people.action[who] = CONTINUE
            ended.append((who, np.full(who.size, code, np.int16), args, ends.outcome, ends.reason))
        self._remember(now, ended)

    def act(self, now: Now, decisions: Decisions) -> tuple[Bytes, Bytes]:
        """Apply decisions; return outcome and reason (uint8 each) beside them. At most one decision an agent counts."""
        outcome = np.zeros(decisions.size, np.uint8)
        reason = np.zeros(decisions.size, np.uint8)
        fresh = (decisions.action != CONTINUE).nonzero()[0]
        odd = self._odd(decisions, fresh)
        refused = fresh[:0]
        if odd.any():
            refused = fresh[odd > 0]
            outcome[refused], reason[refused] = REFUSED, odd[odd > 0]
            fresh = fresh[odd == 0]
        fresh = fresh[self.society.rng.order(ORDER, decisions.agent[fresh], now.tick)]
        for code, rows in by_kind(decisions.action[fresh]):
            chosen = fresh[rows]
            ends = self._begin(now, code, decisions.agent[chosen], decisions.args[chosen])
            outcome[chosen], reason[chosen] = ends.outcome, ends.reason
        known = (decisions.agent[refused] >= 0) & (decisions.agent[refused] < self.people.alive.size)
        over = np.concatenate((fresh[outcome[fresh] != STARTED], refused[known]))
        actions = np.clip(decisions.action[over], 0, len(self.society.actions) - 1)
        self._remember(now, [(decisions.agent[over], actions, decisions.args[over], outcome[over], reason[over])])
        return outcome, reason

    def _begin(self, now: Now, code: int, who: Int32s, args: Int32s) -> Ends:
        """Check and start one kind of action; those who start break off what they were doing."""
        people, action = self.people, self.society.actions[code]
        reason = action.check(now, who, args)
        illegal = reason != 0
        if illegal.any():
            legal = ~illegal
            outcome = np.full(who.size, REFUSED, np.uint8)
            until = np.zeros(who.size, np.int32)
            if legal.any():
                ends = self._start(now, code, who[legal], args[legal])
                outcome[legal], reason[legal], until[legal] = ends
            ends = Ends(outcome, reason, until)
        else:
            ends = self._start(now, code, who, args)
        started = (ends.outcome == STARTED).nonzero()[0]
        begun = who[started]
        people.action[begun] = code
        people.args[begun] = args[started]
        people.since[begun] = now.tick
        people.until[begun] = ends.until[started]
        return ends

    def _start(self, now: Now, code: int, who: Int32s, args: Int32s) -> Ends:
        self._interrupt(now, who)
        return self.society.actions[code].start(now, who, args)

    def _odd(self, decisions: Decisions, rows: Int64s) -> Bytes:
        """Return a reason for decisions that no action should see: unknown, of the dead, an agent's second."""
        agent, action = decisions.agent[rows], decisions.action[rows]
        odd, ascending = _judge(
            agent, action, self.people.alive, self.society.off, self._unknown, self._gone, self._off
        )
        if not ascending:
            again = np.ones(agent.size, np.bool_)
            again[np.unique(agent, return_index=True)[1]] = False
            odd[again] = self._unknown
        return odd

    def _interrupt(self, now: Now, who: Int32s) -> None:
        """Break off what these people are doing, so that they can start something else."""
        people = self.people
        busy = who[people.action[who] > CONTINUE]
        for code, rows in by_kind(people.action[busy]):
            broken = busy[rows]
            self.society.actions[code].stop(now, broken, people.args[broken])
            now.log.emit("interrupted", broken, code)
        people.action[busy] = CONTINUE

    def _remember(self, now: Now, ended: list[Ended]) -> None:
        """Let people remember how it ended; a refusal is an event."""
        if not ended:
            return
        who, action, args, outcome, reason = (
            ended[0] if len(ended) == 1 else (np.concatenate(parts) for parts in zip(*ended, strict=True))
        )
        people = self.people
        people.last_action[who] = action
        people.last_args[who] = args
        people.last_outcome[who] = outcome
        people.last_reason[who] = reason
        people.last_tick[who] = now.tick
        refused = (outcome == REFUSED).nonzero()[0]
        now.log.emit("refused", who[refused], action[refused], reason[refused])

    def leave(self, now: Now, who: Int32s) -> None:
        """Break off whatever people who leave the society are doing."""
        self._interrupt(now, who)


def by_kind(actions: Int16s) -> list[tuple[int, Int64s]]:
    """Group rows by action, codes ascending; within a kind the rows keep their order."""
    if actions.size == 0:
        return []
    order, codes, ends = _grouped(actions)
    groups, begin = [], 0
    for code, end in zip(codes.tolist(), ends.tolist(), strict=True):
        groups.append((code, order[begin:end]))
        begin = end
    return groups


@kernel
def _grouped(actions: Int16s) -> tuple[Int64s, Int64s, Int64s]:
    """Return a counting sort: rows in order of their codes, the codes that occur, and where each ends."""
    ends = np.zeros(actions.max() + 2, np.int64)
    for i in range(actions.size):
        ends[actions[i] + 1] += 1
    occurring = (ends[1:] > 0).nonzero()[0]
    ends = np.cumsum(ends)
    order = np.empty(actions.size, np.int64)
    for i in range(actions.size):
        order[ends[actions[i]]] = i
        ends[actions[i]] += 1
    return order, occurring, ends[occurring]


@kernel
def _may_be_over(action: Int16s, alive: Bools, until: Int32s, tick: int, ends_by_itself: Bools) -> Int32s:
    """Return who is at something whose time is up, or that can end by itself."""
    out = np.empty(action.size, np.int32)
    size = 0
    for i in range(action.size):
        if action[i] > 0 and alive[i] and (until[i] <= tick or ends_by_itself[action[i]]):
            out[size] = i
            size += 1
    return out[:size]


@kernel
def _judge(
    agent: Int32s, action: Int16s, alive: Bools, off: Bools, unknown: int, gone: int, switched_off: int
) -> tuple[Bytes, bool]:
    """Return a reason for each decision that no action should see, and whether agents ascend (so none comes twice)."""
    odd = np.zeros(agent.size, np.uint8)
    ascending = True
    for i in range(agent.size):
        if action[i] < 0 or action[i] >= off.size:
            odd[i] = unknown
        elif off[action[i]]:
            odd[i] = switched_off
        elif agent[i] < 0 or agent[i] >= alive.size or not alive[agent[i]]:
            odd[i] = gone
        if i > 0 and agent[i] <= agent[i - 1]:
            ascending = False
    return odd, ascending
