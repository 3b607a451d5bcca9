"""What the tokens of an endpoint cost."""

from __future__ import annotations

import math
from dataclasses import dataclass

from cognition.language.model import Counts
from engine.errors import MindError

_MILLION = 1e6


@dataclass(frozen=True, slots=True)
class Prices:
    """Money for a million tokens of the prompt, of those of it that were cached, and of those generated."""

    prompt: float = 0.0
    cached: float = 0.0
    generated: float = 0.0
    currency: str = "USD"

    def __post_init__(self) -> None:
        if not all(math.isfinite(price) and price >= 0 for price in (self.prompt, self.cached, self.generated)):
            raise MindError("a price is below zero or no number; give prices of 0 or more for a million tokens")
        if self.cached > self.prompt:
            raise MindError("cached tokens cost more than others; give a price of at most the prompt's")

    def cost(self, counts: Counts) -> float:
        """Return what these tokens cost."""
        fresh = counts.prompt - counts.cached
        return (fresh * self.prompt + counts.cached * self.cached + counts.generated * self.generated) / _MILLION
