"""Measures: figures of the society, taken every few ticks into the run file. Views of state, never state."""

from __future__ import annotations

from engine.society.module import Measure
from engine.society.society import Society


class Measures:
    """All measures of the modules that are on, by name."""

    def __init__(self, society: Society, every: int) -> None:
        self.every = every
        self.all: dict[str, Measure] = {
            f"{name}.{measure.name}": measure
            for name, module in society.modules.items()
            for measure in module.measures()
        }

    def take(self, tick: int) -> dict[str, float | list[float]]:
        """Return every measure if it is time for them, else nothing."""
        if tick % self.every:
            return {}
        return {name: measure.take() for name, measure in self.all.items()}
