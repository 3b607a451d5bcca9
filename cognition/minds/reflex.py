"""The reflex mind: no model; it takes the choice with the greatest utility.

A random-utility model (McFadden 1974, "Conditional logit analysis of qualitative choice behavior"): a known part that
the modeller writes down, and a part that is drawn. For a choice c of an agent a at a tick t, in whole numbers:

    utility[c] = sum over k of weights[role[a], k] * urgency[a, k] * appeal[c, k]        (weight 100 is neutral)
               + inertia * 100,000, if c is `continue`
               + draw(a, t, slot of c) * (noise * 100,000 + 1) // 2^32

A full utility, urgency 1000 met by appeal 1000 at weight 100, is 100,000,000; noise and inertia are thousandths of it.
The drawn part is uniform on 0..noise, where McFadden's is Gumbel's (whose logarithm would tie the state to a CPU): of
two choices that lie further apart than `noise` the better is always taken, of nearer ones the worse may be.
`draw` is a 32-bit word of Philox, stream "reflex.noise": word `slot % 4` of block `slot // 4`, as `Rng.words` counts.
Of equal utilities the one with the larger draw wins: neither its place in the list nor any id speaks for it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cognition.minds.framing import pack, pack_decisions, part, unpack, unpack_decisions
from engine.errors import MindError
from engine.kernels import kernel
from engine.rng import Rng, philox, purpose
from engine.values import ARGUMENTS, CONTINUE, Bytes, Choices, Decisions, Int16s, Int32s, Int64s, Observations

FULL = 100_000_000
"""The utility of an urgency of 1000 met by an appeal of 1000 at weight 100."""

_KIND = "reflex"
_NOISE = np.uint64(purpose("reflex.noise"))
_LOW, _WORD = np.uint64(0xFFFFFFFF), np.uint64(32)
_LEAST = np.int64(-(2**63))
_TILE = 64
_THOUSANDTH = FULL // 1000
_MOST = 10_000


@kernel
def _draw_tile(
    seed: np.uint64, stream: np.uint64, agents: Int32s, tick: int, blocks: int, words: NDArray[np.uint32]
) -> None:
    """Fill words[slot, i] for a few agents; agents are the inner loop, so that it runs in SIMD lanes."""
    key0, key1 = seed & _LOW, seed >> _WORD
    when = np.uint64(tick) & _LOW
    for block in range(blocks):
        row0, row1, row2, row3 = words[4 * block], words[4 * block + 1], words[4 * block + 2], words[4 * block + 3]
        number = np.uint64(block)
        for i in range(agents.size):
            word0, word1, word2, word3 = philox(np.uint64(agents[i]) & _LOW, when, stream, number, key0, key1)
            row0[i] = np.uint32(word0)
            row1[i] = np.uint32(word1)
            row2[i] = np.uint32(word2)
            row3[i] = np.uint32(word3)


@kernel
def _longest(role: Bytes, start: Int64s, roles: int, total: int) -> int:
    """Return the length of the longest list of choices, or -1 - i if row i has a role or choices that do not exist."""
    longest = 0
    for i in range(role.size):
        if role[i] >= roles or start[i] < 0 or start[i + 1] < start[i] or start[i + 1] > total:
            return -1 - i
        longest = max(longest, start[i + 1] - start[i])
    return longest


@kernel
def _choose(
    seed: np.uint64,
    tick: int,
    agent: Int32s,
    role: Bytes,
    urgency: Int16s,
    weights: Int32s,
    start: Int64s,
    action: Int16s,
    appeal: Int16s,
    args: Int32s,
    noise: np.uint64,
    inertia: int,
    longest: int,
    scores: Int64s,
    taken: Int16s,
    given: Int32s,
) -> None:
    """Decide for each row. What is inside K is addressed flat and unsigned: signed indices would not run in lanes."""
    kinds = np.uint64(weights.shape[1])
    weight, feeling, promise = weights.reshape(weights.size), urgency.reshape(urgency.size), appeal.reshape(appeal.size)
    blocks = (longest + 3) // 4
    words = np.empty((4 * blocks, _TILE), np.uint32)
    felt = np.empty(kinds, np.int32)
    utility = np.empty(longest, np.int64)
    for i in range(agent.size):
        lane = i % _TILE
        if lane == 0:
            _draw_tile(seed, _NOISE, agent[i : i + _TILE], tick, blocks, words)
        own, here = np.uint64(role[i]) * kinds, np.uint64(i) * kinds
        for k in range(kinds):
            felt[k] = weight[own + k] * np.int32(feeling[here + k])
        first = start[i]
        count = start[i + 1] - first
        for slot in range(count):
            row = np.uint64(first + slot) * kinds
            total = np.int64(0)
            for k in range(kinds):
                total += np.int64(felt[k]) * np.int64(promise[row + k])
            utility[slot] = total
        best, chosen, highest = _LEAST, -1, np.uint64(0)
        for slot in range(count):
            word = np.uint64(words[slot, lane])
            total = utility[slot] + np.int64((word * noise) >> _WORD)
            if action[first + slot] == CONTINUE:
                total += inertia
            utility[slot] = total
            if total > best or (total == best and word > highest):
                best, chosen, highest = total, first + slot, word
        if scores.size:
            scores[first : first + count] = utility[:count]
        if chosen >= 0:
            taken[i] = action[chosen]
            for k in range(ARGUMENTS):
                given[i, k] = args[chosen, k]


class ReflexMind:
    """Takes the choice with the greatest utility, for everyone it is asked about, at once.

    weights int32[roles, K] within +-10,000 (100 is neutral; below 0 an appeal, such as effort, is a cost); noise and
    inertia in thousandths of a full utility, 0..10,000. An agent without any choice goes on (`continue`).
    Raises MindError when these do not fit, or when a batch has other appeals or roles.
    """

    def __init__(self, weights: Int32s, noise: int, inertia: int, rng: Rng) -> None:
        if weights.ndim != 2 or (weights.size and int(np.abs(weights.astype(np.int64)).max()) > _MOST):
            raise MindError(f"reflex weights must be a table of roles by appeals within +-{_MOST}; check `weights`")
        if not (0 <= noise <= _MOST and 0 <= inertia <= _MOST):
            raise MindError(f"reflex noise {noise}, inertia {inertia} are not in 0..{_MOST}; check `cognition.reflex`")
        self._weights = np.ascontiguousarray(weights, np.int32)
        self._noise = np.uint64(noise * _THOUSANDTH + 1)
        self._inertia = inertia * _THOUSANDTH
        self._rng = rng
        self._ready: list[Decisions] = []

    def ask(self, batch: Observations) -> None:
        """Decide for the batch at once; `answers` hands it out."""
        if batch.size:
            self._ready.append(self._decide(batch, np.empty(0, np.int64)))

    def answers(self, wait: bool) -> Decisions:
        """Return all decisions; a reflex is always ready."""
        ready, self._ready = self._ready, []
        return Decisions.join(ready)

    def scores(self, batch: Observations) -> Int64s:
        """Return the utility of every choice, int64[c], drawn part and inertia included; for the inspector."""
        scores = np.empty(batch.choices.action.size, np.int64)
        if batch.size and scores.size:
            self._decide(batch, scores)
        return scores

    def _decide(self, batch: Observations, scores: Int64s) -> Decisions:
        choices, role = batch.choices, batch.role
        longest = self._check(batch, choices)
        taken = np.full(batch.size, CONTINUE, np.int16)
        given = np.zeros((batch.size, ARGUMENTS), np.int32)
        _choose(
            self._rng.seed, batch.tick, batch.agent, role, batch.urgency, self._weights,
            choices.start, choices.action, choices.appeal, choices.args,
            self._noise, self._inertia, longest, scores, taken, given,
        )  # fmt: skip
        return Decisions.of(batch.agent, taken, given, batch.tick)

    def _check(self, batch: Observations, choices: Choices) -> int:
        """Return the length of the longest list; refuse what does not fit, for the kernel does not check its bounds."""
        size, kinds, total = batch.size, self._weights.shape[1], choices.action.size
        expected = ((size,), (size, kinds), (size + 1,), (total, ARGUMENTS), (total, kinds))
        found = (
            batch.role.shape, batch.urgency.shape, choices.start.shape, choices.args.shape, choices.appeal.shape,
        )  # fmt: skip
        if found != expected:
            raise MindError(
                f"tick {batch.tick}: role, urgency, start, args and appeal of the batch have shapes {found}, "
                f"the reflex mind needs {expected}; give it one weight for each appeal"
            )
        longest = _longest(batch.role, choices.start, self._weights.shape[0], total)
        if longest < 0:
            row = -1 - longest
            raise MindError(
                f"tick {batch.tick}: person {batch.agent[row]} has role {batch.role[row]} (weights: "
                f"{self._weights.shape[0]} roles) and choices {choices.start[row]}:{choices.start[row + 1]} (laid out: "
                f"{total}); give the reflex mind weights for each role"
            )
        return longest

    def snapshot(self) -> bytes:
        """Return the decisions that were asked for and not yet handed out."""
        return pack(_KIND, {"ready": pack_decisions(Decisions.join(self._ready))})

    def restore(self, data: bytes) -> None:
        """Go on from a snapshot. Raises MindError when it is damaged or another mind's."""
        ready = unpack_decisions(_KIND, part(_KIND, unpack(_KIND, data), "ready"))
        self._ready = [ready] if ready.size else []
