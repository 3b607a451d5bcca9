"""The clock of a live society: when its next tick is due, and how fast it went. It holds nothing of the run's state."""

from __future__ import annotations

import math
from typing import NamedTuple

MOST_LATE = 0.1
"""Seconds that a late clock catches up on; what is later than that is let go."""
MOST_SPEED = 10_000.0
MOST_STEPS = 1_000_000
SAMPLE_EVERY = 0.1
"""Seconds between two looks from which rates are reckoned."""
SAMPLES = 24
RATE_SECONDS = 2.0


class Clock:
    """`speed` in ticks a second, 0 for as fast as it goes. Whoever uses it from several threads guards it."""

    def __init__(self, speed: float = 0.0, stands: bool = False) -> None:
        self.speed = min(max(speed, 0.0), MOST_SPEED) if math.isfinite(speed) else 0.0
        self.stands = stands
        self.steps = 0
        self._next = 0.0

    def go(self) -> None:
        """Let time go on; the next tick is due at once."""
        self.stands, self.steps, self._next = False, 0, 0.0

    def pause(self) -> None:
        """Let time stand."""
        self.stands, self.steps = True, 0

    def step(self, ticks: object) -> str:
        """Advance by some ticks as fast as it goes, then stand. Returns one sentence where that cannot be, else ""."""
        if not isinstance(ticks, int) or isinstance(ticks, bool) or not 1 <= ticks <= MOST_STEPS:
            return f"a step is 1 to {MOST_STEPS:,} ticks; say how many"
        self.stands, self.steps = True, self.steps + ticks
        return ""

    def set_speed(self, speed: object) -> str:
        """Take another speed. Returns one sentence where that cannot be, else ""."""
        if not isinstance(speed, int | float) or isinstance(speed, bool) or not 0 <= speed <= MOST_SPEED:
            return f"a speed is 0 to {MOST_SPEED:,.0f} ticks a second; choose one of them"
        self.speed, self._next = float(speed), 0.0
        return ""

    def due(self, now: float) -> float | None:
        """Return in how many seconds the next tick is due, 0 or less for now; None while time stands."""
        if self.stands:
            return 0.0 if self.steps else None
        return self._next - now if self.speed else 0.0

    def ticked(self, now: float) -> None:
        """Note that a tick began."""
        if self.stands:
            self.steps = max(0, self.steps - 1)
        elif self.speed:
            self._next = max(self._next, now - MOST_LATE) + 1 / self.speed


class _Sample(NamedTuple):
    at: float
    tick: int
    decisions: int


class Rates:
    """Ticks and decisions a second over the last two seconds. One thread notes, any reads."""

    def __init__(self) -> None:
        self._samples: tuple[_Sample, ...] = ()

    def is_due(self, now: float) -> bool:
        """Whether it is time to note again."""
        return not self._samples or now - self._samples[-1].at >= SAMPLE_EVERY

    def note(self, now: float, tick: int, decisions: int) -> None:
        """Note how many ticks and decisions there were by now."""
        self._samples = (*self._samples[-SAMPLES:], _Sample(now, tick, decisions))

    def of(self, now: float, tick: int, decisions: int) -> tuple[float, float]:
        """Return (ticks, decisions) a second."""
        samples = self._samples
        if not samples:
            return 0.0, 0.0
        before = [sample for sample in samples if sample.at <= now - RATE_SECONDS]
        base = before[-1] if before else samples[0]
        seconds = max(now - base.at, SAMPLE_EVERY)
        return (tick - base.tick) / seconds, (decisions - base.decisions) / seconds
