"""Levels as words. Models, small ones above all, read words and not thresholds of numbers.

The lowest level is not told. The others are spaced so that the best choice by the middles of the levels is the best
by the numbers in 98 of 100 situations of the settlement as they come, and in 91 of 100 of people troubled at random.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping

WANTS = ("barely", "slightly", "somewhat", "fairly", "quite", "greatly", "badly", "direly", "desperately")
"""How much something is wanted: urgency times weight over 100."""
PROMISES = ("scant", "meagre", "little", "some", "fair", "decent", "good", "much", "great", "full")
"""How much of something a choice promises, or costs."""

WANTS_FROM = (30, 70, 120, 200, 300, 430, 600, 850, 1150)
PROMISES_FROM = (20, 60, 120, 200, 300, 400, 500, 620, 760, 900)

MOST_PROMISES = 3
"""Promises told of a choice: those that weigh most with the one who chooses."""


def want(value: int) -> str:
    """Return how much something of this strength (urgency x weight / 100) is wanted, or "" if hardly."""
    level = bisect_right(WANTS_FROM, value)
    return WANTS[level - 1] if level else ""


def promise(value: int) -> str:
    """Return how much an appeal of 0..1000 is, or "" if hardly anything."""
    level = bisect_right(PROMISES_FROM, value)
    return PROMISES[level - 1] if level else ""


def promises(appeal: Mapping[str, int], wants: Mapping[str, int]) -> str:
    """Return what a choice promises, with how much that is wanted, as it turns on both; "" for nothing of note.

    "good company wanted badly, some trade wanted slightly, at little effort minded quite"
    """
    felt = [(abs(value) * wants.get(name, 0), name, value) for name, value in appeal.items()]
    felt.sort(key=lambda entry: -entry[0])
    words = []
    for _, name, value in felt[:MOST_PROMISES]:
        level, wanted = promise(abs(value)), want(wants.get(name, 0))
        if level and wanted:
            noun = name.replace("_", " ")
            words.append(f"{level} {noun} wanted {wanted}" if value > 0 else f"at {level} {noun} minded {wanted}")
    return ", ".join(words)
