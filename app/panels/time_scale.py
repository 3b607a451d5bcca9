"""Where a tick lies on a strip of time: zoomed, panned, never beyond what there is."""

from __future__ import annotations

from dataclasses import dataclass

LEAST = 16.0
"""No fewer ticks than these are across the strip."""


@dataclass(slots=True)
class TimeScale:
    """Ticks `first`..`end` exist; `left`..`right` are across `width` logical pixels."""

    first: float = 0.0
    end: float = LEAST
    left: float = 0.0
    right: float = LEAST
    width: float = 1.0

    @property
    def is_whole(self) -> bool:
        """Whether all there is is in sight."""
        return self.left <= self.first and self.right >= self.end

    def at(self, tick: float) -> float:
        """Return the x of a tick."""
        return (tick - self.left) / (self.right - self.left) * self.width

    def tick(self, x: float) -> float:
        """Return the tick at an x."""
        return self.left + x / max(1.0, self.width) * (self.right - self.left)

    def reach(self, first: float, end: float) -> None:
        """Take other ticks for what exists; all of them stay in sight if all were."""
        whole = self.is_whole
        self.first, self.end = first, max(end, first + LEAST)
        if whole:
            self.whole()
        else:
            self._keep()

    def whole(self) -> None:
        """Show all there is."""
        self.left, self.right = self.first, self.end

    def zoom(self, factor: float, x: float) -> None:
        """Show `factor` times as many ticks; the tick at an x stays there."""
        fixed = self.tick(x)
        span = min(max((self.right - self.left) * factor, LEAST), self.end - self.first)
        share = x / max(1.0, self.width)
        self.left, self.right = fixed - share * span, fixed + (1 - share) * span
        self._keep()

    def pan(self, ticks: float) -> None:
        """Move by some ticks."""
        self.left, self.right = self.left + ticks, self.right + ticks
        self._keep()

    def bring(self, tick: float) -> bool:
        """Move so that a tick is in sight; return whether that was needed."""
        span = self.right - self.left
        if self.left <= tick <= self.right:
            return False
        self.left = tick - span * (0.85 if tick > self.right else 0.15)
        self.right = self.left + span
        self._keep()
        return True

    def _keep(self) -> None:
        span = min(self.right - self.left, self.end - self.first)
        self.left = min(max(self.left, self.first), self.end - span)
        self.right = self.left + span
