"""What a bench reports: named figures with units, and the bars and aims that they are held against."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from app.bench.children import Children
from app.bench.sizes import Sizes


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a bench. `bar` is what must be reached, `aim` what we are after; less is better unless `more`."""

    name: str
    unit: str
    about: str
    bar: float | None = None
    aim: float | None = None
    more: bool = False

    def met(self, value: float) -> str:
        """Return "aim", "bar" or "no", whichever the value reaches; nothing where there is no bar."""
        if self.bar is None or self.aim is None:
            return ""
        if (value >= self.aim) if self.more else (value <= self.aim):
            return "aim"
        return "bar" if ((value >= self.bar) if self.more else (value <= self.bar)) else "no"


Measured = Mapping[str, Any]
"""What one child process found: numbers by name."""


@dataclass(frozen=True, slots=True)
class Bench:
    """One bench: its figures, and what measures them in child processes."""

    name: str
    about: str
    figures: tuple[Figure, ...]
    measure: Callable[[Sizes, Children], dict[str, float]]


def alternated(
    children: Children, sizes: Sizes, jobs: Mapping[str, tuple[str, Mapping[str, Any]]], short: Mapping[str, Any]
) -> dict[str, list[Measured]]:
    """Run each job (name -> job, arguments) once a round, in turn; return what each found, by name and round.

    What the first rounds found, with the arguments in `short` put in, is thrown away.
    """
    found: dict[str, list[Measured]] = {name: [] for name in jobs}
    for _ in range(sizes.thrown_away):
        for name, (job, arguments) in jobs.items():
            brief = {key: short.get(key, value) for key, value in arguments.items()}
            children.measure(job, brief, f"{name}, to warm up")
    for i in range(sizes.rounds):
        for name, (job, arguments) in jobs.items():
            found[name].append(children.measure(job, arguments, f"{name}, round {i + 1} of {sizes.rounds}"))
    return found


def middle(runs: Sequence[Measured], key: str) -> float:
    """Return the median over runs of one of their numbers."""
    return float(median(float(run[key]) for run in runs))
