"""What is known of the minds of a society: whom each serves, how its model does, and how fast over the last seconds."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any

from app.mind_files import SUFFIX

WINDOW = 5.0
"""Seconds over which rates are taken."""
FALLBACK = "fallback"


def short_name(mind: str) -> str:
    """Return what to call a mind: its name, the stem of a model's file, the host of an endpoint."""
    if mind.startswith(("http://", "https://")):
        return mind.partition("://")[2].partition("/")[0] or mind
    if mind.endswith(SUFFIX):
        return PurePath(mind.replace("\\", "/")).stem or mind
    return mind


@dataclass(frozen=True, slots=True)
class MindRow:
    """One mind. `people` is None where nobody can say whom it serves; rates are per second, None where none are known.

    has_model: whether it asks a language model; `cached` is the share of prompts that the cache knew; `fallbacks` are
    counted by cause; `milliseconds` are those of a thought, 0 where unknown.
    """

    name: str
    people: int | None = None
    thinking: int = 0
    has_model: bool = False
    what: str = ""
    decisions: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    generated_tokens: int = 0
    milliseconds: float = 0.0
    decisions_per_s: float | None = None
    tokens_per_s: float | None = None
    fallbacks: Mapping[str, int] = field(default_factory=dict)
    restarts: int = 0
    fault: str = ""
    cost: float = 0.0
    currency: str = ""

    @property
    def cached(self) -> float:
        """The share of prompts' tokens that came from the cache, 0..1."""
        return self.cached_tokens / self.prompt_tokens if self.prompt_tokens else 0.0

    @property
    def failed(self) -> int:
        """Decisions that a reflex took in its place."""
        return sum(self.fallbacks.values())


class Rates:
    """Decisions and tokens a second of each mind, over the last WINDOW seconds of the host's clock.

    Tokens that came from the cache cost next to nothing and are not counted.
    """

    def __init__(self) -> None:
        self._seen: deque[tuple[float, dict[str, tuple[int, int]]]] = deque()

    def note(self, seconds: float, reports: Mapping[str, Mapping[str, Any]]) -> None:
        """Take the counts of a moment."""
        if self._seen and seconds < self._seen[-1][0]:
            self._seen.clear()
        counts = {
            name: (
                int(one["decisions"]),
                int(one["prompt_tokens"]) - int(one["cached_tokens"]) + int(one["generated_tokens"]),
            )
            for name, one in reports.items()
        }
        self._seen.append((seconds, counts))
        while len(self._seen) > 2 and self._seen[1][0] <= seconds - WINDOW:
            self._seen.popleft()

    def of(self, name: str) -> tuple[float | None, float | None]:
        """Return (decisions, tokens) a second, None while there is nothing to take a difference of."""
        known = [(seconds, counts[name]) for seconds, counts in self._seen if name in counts]
        if len(known) < 2 or known[-1][0] <= known[0][0]:
            return None, None
        passed = known[-1][0] - known[0][0]
        decided, read = (max(0, known[-1][1][k] - known[0][1][k]) / passed for k in (0, 1))
        return decided, read

    def forget(self) -> None:
        """Forget all: another society is on screen."""
        self._seen.clear()


def rows(told: Mapping[str, Any], rates: Rates, is_live: bool) -> list[MindRow]:
    """Return the minds that `minds` of docs/wire.md tells of: of a recorded run, models with what they took in it."""
    names, people, thinking = list(told["names"]), list(told["people"]), list(told["thinking"])
    found: dict[str, MindRow] = {}
    for name in names:
        if name in found:
            continue
        same = [n for n, other in enumerate(names) if other == name]
        serves = sum(people[n] for n in same if n < len(people)) if people else None
        awaited = sum(thinking[n] for n in same if n < len(thinking))
        found[name] = MindRow(name, serves, awaited)
        if (report := told["minds"].get(name)) is not None:
            found[name] = _live(found[name], report, rates)
    if not is_live:
        _recorded(found, told["usage"])
    return list(found.values())


def _live(row: MindRow, report: Mapping[str, Any], rates: Rates) -> MindRow:
    decided, read = rates.of(row.name)
    what = " ".join(str(report[name]) for name in ("architecture", "quantisation") if report[name])
    plain = ("decisions", "prompt_tokens", "cached_tokens", "generated_tokens", "restarts")
    counts: dict[str, Any] = {name: int(report[name]) for name in plain}
    return replace(
        row,
        has_model=True,
        what=what,
        **counts,
        decisions_per_s=decided,
        tokens_per_s=read,
        fallbacks={str(cause).replace("_", " "): int(n) for cause, n in report["fallbacks"].items() if n},
        fault=str(report["fault"]),
        cost=float(report["cost"]),
        currency=str(report["currency"]),
    )


def _recorded(found: dict[str, MindRow], usage: Sequence[Mapping[str, Any]]) -> None:
    """Add what models took in a run: to the mind of the same name, else under the model's own."""
    by_model: dict[str, list[Mapping[str, Any]]] = {}
    for one in usage:
        by_model.setdefault(str(one["model"]), []).append(one)
    for model, taken in by_model.items():
        name = next((mind for mind in found if model in (mind, short_name(mind))), model)
        whose = found.get(name, MindRow(name))
        thoughts = sum(int(one["thoughts"]) for one in taken)
        found[name] = replace(
            whose,
            has_model=True,
            decisions=thoughts,
            prompt_tokens=sum(int(one["prompt_tokens"]) for one in taken),
            cached_tokens=sum(int(one["cached_tokens"]) for one in taken),
            generated_tokens=sum(int(one["generated_tokens"]) for one in taken),
            milliseconds=sum(float(one["milliseconds"]) for one in taken) / thoughts if thoughts else 0.0,
            fallbacks={
                str(one["source"]).removeprefix(FALLBACK).strip(" ()"): int(one["thoughts"])
                for one in taken
                if str(one["source"]).startswith(FALLBACK)
            },
        )
