"""Chance out of a request's seed alone: a counter-based draw, so that the order of work changes nothing.

SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators"): number n of a seed is the
finaliser of seed + (n + 1) * golden gamma.
"""

from __future__ import annotations

from collections.abc import Sequence

_MASK = (1 << 64) - 1
_GAMMA = 0x9E3779B97F4A7C15
CHOICE, THOUGHT, WORDS = 0, 1 << 20, 2 << 20
"""Where in a seed's numbers the choice, the thought and the words begin."""


def drawn(seed: int, index: int) -> float:
    """Return number `index` of a seed, uniform in [0, 1) with 53 bits."""
    z = (seed + (index + 1) * _GAMMA) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return ((z ^ (z >> 31)) >> 11) * 2.0**-53


def taken(probabilities: Sequence[float], draw: float) -> int:
    """Return the first index at which the sum of probabilities passes `draw` of the whole (inverse CDF)."""
    at, total = 0.0, sum(probabilities) * draw
    last = 0
    for index, probability in enumerate(probabilities):
        if probability > 0:
            last = index
            at += probability
            if at > total:
                return index
    return last
