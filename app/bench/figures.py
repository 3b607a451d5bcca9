"""What a bench reports: named figures with units, and the bars and aims that they are held against."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, NamedTuple

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
    studies: str = ""
    """What studies of people find for the same."""

    def met(self, value: float) -> str:
        """Return "aim", "bar" or "no", whichever the value reaches; nothing where there is no bar."""
        if self.bar is None or self.aim is None:
            return ""
        if (value >= self.aim) if self.more else (value <= self.aim):
            return "aim"
        return "bar" if ((value >= self.bar) if self.more else (value <= self.bar)) else "no"


@dataclass(frozen=True, slots=True)
class Course:
    """A program that is stepped at several sizes: its figures are NAME_PEOPLE_ms, NAME_PEOPLE_per_s and NAME_PEOPLE_mb.

    Courses of a `group` do the same. `label` is for tables and pictures, `about` for the figures; `ours` whether it is
    our own program; `bars` has bar and aim of a step in ms by size.
    """

    name: str
    group: str
    label: str
    about: str
    ours: bool = False
    bars: Mapping[int, tuple[float, float]] = field(default_factory=dict)

    def figures(self, sizes: Sequence[int]) -> tuple[Figure, ...]:
        """Return the figures at so many people each."""
        return tuple(
            figure
            for people in sizes
            for figure in (
                Figure(f"{self.name}_{people}_ms", "ms", f"{self.about}, {people:,}: median step",
                       *self.bars.get(people, (None, None))),
                Figure(f"{self.name}_{people}_per_s", "1/s", "the same: moved a second", more=True),
                Figure(f"{self.name}_{people}_mb", "MB", "the same: most memory of the process so far"),
            )
        )  # fmt: skip

    def measured(self, runs: Sequence[Measured], sizes: Sequence[int]) -> dict[str, float]:
        """Return the figures at so many people each, from what `app.bench.courses.course` found in each round."""
        figures: dict[str, float] = {}
        for people in sizes:
            figures[f"{self.name}_{people}_ms"] = took = middle(runs, f"{people}_ms")
            figures[f"{self.name}_{people}_per_s"] = 1000 * people / took
            figures[f"{self.name}_{people}_mb"] = middle(runs, f"{people}_mb")
        return figures

    def names(self, found: Mapping[str, float]) -> list[str]:
        """Return which of these figures are this program's."""
        return [name for name in found if re.fullmatch(rf"{self.name}_\d+_(ms|per_s|mb)", name)]

    def points(self, found: Mapping[str, float]) -> list[Point]:
        """Return what was found of this program, the smallest size first."""
        sizes = [int(name.split("_")[-2]) for name in self.names(found) if name.endswith("_ms")]
        return [
            Point(people, *(found[f"{self.name}_{people}_{what}"] for what in ("ms", "per_s", "mb")))
            for people in sorted(sizes)
        ]


class Point(NamedTuple):
    """A program at one size: people, ms a step, people moved a second, and the process's memory in MB (2^20 bytes)."""

    people: int
    ms: float
    per_s: float
    mb: float


Measured = Mapping[str, Any]
"""What one child process found: numbers by name."""


@dataclass(frozen=True, slots=True)
class Bench:
    """One bench: its figures, and what measures them in child processes."""

    name: str
    about: str
    figures: tuple[Figure, ...]
    measure: Callable[[Sizes, Children], dict[str, float]]
    courses: tuple[Course, ...] = ()


def alternated(
    children: Children, sizes: Sizes, jobs: Mapping[str, tuple[str, Mapping[str, Any]]], short: Mapping[str, Any]
) -> dict[str, list[Measured]]:
    """Run each job (name -> job, arguments) once a round, in turn; return what each found, by name and round.

    What the first rounds found, with the arguments in `short` put in where they are less, is thrown away.
    """
    found: dict[str, list[Measured]] = {name: [] for name in jobs}
    for _ in range(sizes.thrown_away):
        for name, (job, arguments) in jobs.items():
            brief = {key: min(short[key], value) if key in short else value for key, value in arguments.items()}
            children.measure(job, brief, f"{name}, to warm up")
    for i in range(sizes.rounds):
        for name, (job, arguments) in jobs.items():
            found[name].append(children.measure(job, arguments, f"{name}, round {i + 1} of {sizes.rounds}"))
    return found


def middle(runs: Sequence[Measured], key: str) -> float:
    """Return the median over runs of one of their numbers."""
    return float(median(float(run[key]) for run in runs))
