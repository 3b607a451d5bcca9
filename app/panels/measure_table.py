"""All values of measures, however long the run: asked for in pieces, since one answer holds so many ticks only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from app.session import Request
from app.view import View
from engine.remote.wire import MeasureEntry, Message

AT_ONCE = 2000
"""Ticks that one answer holds at most; where it holds that many, there may have been more."""

Done = Callable[[list[int], dict[str, list[Any]]], None]


class WholeMeasures:
    """Gathers the values of some measures at every tick at which they were taken, then calls `done`, or `failed`.

    `advance` hears meanwhile which share is here, 0..1.
    """

    def __init__(
        self,
        view: View,
        names: Sequence[str],
        done: Done,
        failed: Callable[[str], None],
        advance: Callable[[float], None],
    ) -> None:
        self._view, self._names, self._done, self._failed = view, list(names), done, failed
        self._advance = advance
        self._asking: Request | None = None
        self._ticks: list[int] = []
        self._values: dict[str, list[Any]] = {name: [] for name in names}
        first = 0 if view.about is None else view.about.first
        self._first, self._last = first, view.last_tick
        self._left = [(first, view.last_tick)]
        self._ask()

    def stop(self) -> None:
        """Gather no more; nobody hears of it again."""
        if self._asking is not None:
            self._asking.cancel()

    def _ask(self) -> None:
        if not self._left:
            self._done(self._ticks, self._values)
            return
        first, last = self._left[0]
        self._advance((first - self._first) / (self._last - self._first + 1))
        names = ",".join(self._names)
        self._asking = self._view.ask(
            "measures", self._take, self._failed, names=names, first=first, last=last, points=AT_ONCE
        )

    def _take(self, message: Message) -> None:
        first, last = self._left.pop(0)
        ticks = message.head["ticks"]
        if len(ticks) >= AT_ONCE and last - first >= AT_ONCE:  # thinned, perhaps: look at either half
            middle = (first + last) // 2
            self._left[:0] = [(first, middle), (middle + 1, last)]
        else:
            self._ticks += ticks
            for name, series in self._values.items():
                series += message.head["values"].get(name, [None] * len(ticks))
        self._ask()


def columns(values: dict[str, list[Any]], entries: Sequence[MeasureEntry]) -> dict[str, list[object]]:
    """Return the columns of a table: a list's numbers get a column each, named after its labels or numbered from 1."""
    labels = {entry.name: entry.labels for entry in entries}
    made: dict[str, list[object]] = {}
    for name, series in values.items():
        width = max((len(value) for value in series if isinstance(value, list)), default=0)
        if not width:
            made[name] = ["" if value is None else value for value in series]
            continue
        known = labels.get(name, ())
        for number in range(width):
            label = known[number] if number < len(known) else str(number + 1)
            made[f"{name}[{label}]"] = [
                value[number] if isinstance(value, list) and number < len(value) else "" for value in series
            ]
    return made
