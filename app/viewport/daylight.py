"""The hour on screen, which follows the ticks without a jolt."""

from __future__ import annotations

import math

from engine.remote.wire import About

NOON = 12.0
EASE = 0.22
"""Seconds in which most of a difference is made up for."""


class Daylight:
    """The hour 0..24 that the light is of; `always_day` holds it at noon."""

    def __init__(self) -> None:
        self.hour = NOON
        self.always_day = False
        self._is_set = False

    def reset(self) -> None:
        """Take the next hour at once."""
        self._is_set = False

    def step(self, about: About, tick: float, seconds: float) -> bool:
        """Go on towards the hour of a tick (with its fraction); return whether it is still on the way."""
        minutes = about.start + tick * 1440 / about.day
        goal = NOON if self.always_day else minutes / 60 % 24
        way = (goal - self.hour + 12) % 24 - 12
        if not self._is_set:
            self.hour, self._is_set = goal, True
            return False
        self.hour = (self.hour + way * (1 - math.exp(-seconds / EASE))) % 24
        return abs(way) > 0.02
