"""Those who watch a live society: what each has not got yet. Filled on the tick's thread, emptied on the network's."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from engine.remote.wire import Columns, Packed, pack_columns
from engine.society.society import Society
from engine.values import Command, Outcome, Source, TickRecord

LINES_KEPT = 64
MEASURES_KEPT = 64


class Picture(NamedTuple):
    """The columns that views draw, as they were after a tick."""

    tick: int
    columns: Packed


class Reply(NamedTuple):
    """What became of a command: applied at a tick, or refused with one sentence."""

    tick: int
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a watcher gets at once: the newest picture if there is one, and what was said and measured since."""

    picture: Picture | None
    said: Sequence[Any]
    measures: Sequence[tuple[int, Mapping[str, Any]]]
    news: bool


@dataclass(eq=False)
class Watcher:
    """Somebody who watches. `wake` is called from any thread when there is something to take; it must not block.

    `wants` tells that the picture before was seen; only then is the next one copied. `tick` is that of the last one.
    """

    wake: Callable[[], None]
    wants: bool = True
    tick: int = -1
    _picture: Picture | None = None
    _said: deque[Any] = field(default_factory=lambda: deque(maxlen=LINES_KEPT))
    _measures: deque[tuple[int, Mapping[str, Any]]] = field(default_factory=lambda: deque(maxlen=MEASURES_KEPT))
    _news: bool = True
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def hear(self, said: Sequence[Any], tick: int, measures: Mapping[str, Any]) -> None:
        """Keep what was said and measured in a tick until the next picture is taken."""
        with self._lock:
            self._said.extend(said)
            if measures:
                self._measures.append((tick, measures))

    def show(self, picture: Picture) -> None:
        """Hand over a picture; it wants no other until it says so."""
        with self._lock:
            self.wants, self.tick, self._picture = False, picture.tick, picture
        self.wake()

    def tell(self) -> None:
        """Say that the status is another one."""
        with self._lock:
            self._news = True
        self.wake()

    def take(self) -> Taken:
        """Return what there is, once."""
        with self._lock:
            taken = Taken(self._picture, (), (), self._news)
            if self._picture is not None:
                taken = Taken(self._picture, tuple(self._said), tuple(self._measures), self._news)
                self._said.clear()
                self._measures.clear()
            self._picture, self._news = None, False
            return taken


def hear_all(watchers: Sequence[Watcher], said: Sequence[Any], record: TickRecord) -> None:
    """Let everybody keep what was said and measured in a tick."""
    if said or record.measures:
        for watcher in watchers:
            watcher.hear(said, record.tick, record.measures)


def wanting(watchers: Sequence[Watcher], tick: int) -> list[Watcher]:
    """Return who waits for a picture and has not got that of this tick."""
    return [watcher for watcher in watchers if watcher.wants and watcher.tick != tick]


def show_all(watchers: Sequence[Watcher], tick: int, frame: Callable[[], Columns]) -> bool:
    """Hand a picture to those who want it, packed once for all; tell whether there was anybody."""
    found = wanting(watchers, tick)
    if found:
        picture = Picture(tick, pack_columns(frame()))
        for watcher in found:
            watcher.show(picture)
    return bool(found)


def outcome_of_drive(record: TickRecord, society: Society, command: Command) -> str:
    """Return why what a person was driven to do was refused, or ""."""
    decisions = record.decisions
    rows = np.flatnonzero((decisions.agent == command.what.get("agent")) & (decisions.source == Source.PERSON))
    if rows.size and record.outcome[rows[0]] == Outcome.REFUSED:
        return f"it could not be done: {society.reasons[record.reason[rows[0]]]}"
    return ""
