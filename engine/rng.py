"""Counter-based randomness: Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").

A number is a pure function of (seed, purpose, agent, tick, draw), so no order of execution can change it.
Counter words are (agent, tick, purpose, draw); the key is the 64-bit seed.
"""

from __future__ import annotations

import zlib
from typing import NewType

import numpy as np
from numpy.typing import NDArray

from engine.kernels import kernel, spliced

Purpose = NewType("Purpose", int)

_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_LOW, _WORD = np.uint64(0xFFFFFFFF), np.uint64(32)


def purpose(name: str) -> Purpose:
    """Name a stream of random numbers, such as "move.order": its 32-bit code (CRC-32 of the name)."""
    return Purpose(zlib.crc32(name.encode()))


@spliced
def philox(
    c0: np.uint64, c1: np.uint64, c2: np.uint64, c3: np.uint64, k0: np.uint64, k1: np.uint64
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """Return ten rounds of Philox4x32 over four counter words and two key words (each 32 bits, held in uint64)."""
    for _ in range(10):
        p0 = _M0 * c0
        p1 = _M1 * c2
        c0, c1, c2, c3 = (p1 >> _WORD) ^ c1 ^ k0, p1 & _LOW, (p0 >> _WORD) ^ c3 ^ k1, p0 & _LOW
        k0 = (k0 + _W0) & _LOW
        k1 = (k1 + _W1) & _LOW
    return c0, c1, c2, c3


@spliced
def draw(seed: np.uint64, stream: np.uint64, agent: int, tick: int, index: int) -> np.uint64:
    """Return one 32-bit number (as uint64) for use inside other kernels."""
    word0, _, _, _ = philox(
        np.uint64(agent) & _LOW, np.uint64(tick) & _LOW, stream, np.uint64(index) & _LOW, seed & _LOW, seed >> _WORD
    )
    return word0


@kernel
def _fill(seed: np.uint64, stream: np.uint64, agents: NDArray[np.int32], tick: int, out: NDArray[np.uint32]) -> None:
    key0, key1 = seed & _LOW, seed >> _WORD
    when = np.uint64(tick) & _LOW
    for block in range((out.shape[1] + 3) // 4):
        column, number = 4 * block, np.uint64(block)
        rest = out.shape[1] - column
        for i in range(agents.size):
            word0, word1, word2, word3 = philox(np.uint64(agents[i]) & _LOW, when, stream, number, key0, key1)
            out[i, column] = np.uint32(word0)
            if rest > 1:
                out[i, column + 1] = np.uint32(word1)
            if rest > 2:
                out[i, column + 2] = np.uint32(word2)
            if rest > 3:
                out[i, column + 3] = np.uint32(word3)


class Rng:
    """The random numbers of one run: `seed` is any integer of 0..2^63-1."""

    def __init__(self, seed: int) -> None:
        self.seed = np.uint64(seed)

    def words(self, stream: Purpose, agents: NDArray[np.int32], tick: int, count: int = 1) -> NDArray[np.uint32]:
        """Return uint32[len(agents), count]; word `4 b + k` of a row is word k of the block with counter draw = b."""
        out = np.empty((agents.size, count), np.uint32)
        _fill(self.seed, np.uint64(stream), np.ascontiguousarray(agents, np.int32), tick, out)
        return out

    def below(self, bound: int, stream: Purpose, agents: NDArray[np.int32], tick: int) -> NDArray[np.int64]:
        """Return int64[len(agents)] of 0..bound-1, by the high half of a 32x32-bit product (bias: bound / 2^32)."""
        return ((self.words(stream, agents, tick)[:, 0].astype(np.uint64) * np.uint64(bound)) >> _WORD).astype(np.int64)

    def order(self, stream: Purpose, agents: NDArray[np.int32], tick: int) -> NDArray[np.int64]:
        """Return a permutation (int64 indices into `agents`) drawn anew for each tick, independent of the ids."""
        words = self.words(stream, agents, tick, 2).astype(np.uint64)
        return np.argsort((words[:, 0] << _WORD) | words[:, 1], kind="stable")
