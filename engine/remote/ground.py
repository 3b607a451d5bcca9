"""What the answers to questions rest on: the living society, the run file, and a laboratory that looks back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.record.reader import RunReader
from engine.record.replay import span
from engine.remote.looking_back import Laboratory, LookingBack
from engine.remote.parameters import Parameters
from engine.remote.people import Explain, Json
from engine.remote.speech import LastWords
from engine.society.society import Society

if TYPE_CHECKING:
    from engine.remote.live import Live


@dataclass
class Opened:
    """What a host holds.

    `path` is the run file, written by this process where the society is `live` (None for a recorded run). `compose`
    returns a fresh laboratory of the run's scenario in which nobody lives, for looking back; `explain(batch, agent)`
    the scores of a person's choices, in their order, or None; `minds()` what a living society's language models have to
    say of themselves by name, JSON data, and `known()` the names of minds that could be chosen; `words` hears what
    they think.
    """

    path: Path
    compose: Callable[[], Laboratory]
    live: Live | None
    explain: Explain
    minds: Callable[[], Json] = dict
    known: Callable[[], list[str]] = list
    words: LastWords = field(default_factory=LastWords)


class Ground:
    """The sources of answers about one society. May be used from any thread."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._live = opened.live
        self._own = threading.local()
        self._readers: list[RunReader] = []
        self._past = LookingBack(opened.path, opened.compose)
        self._header = self._past.header
        self._count: int | None = None
        self._first: int | None = None

    @property
    def _reader(self) -> RunReader:
        """This thread's own reader of the run file."""
        reader: RunReader | None = getattr(self._own, "reader", None)
        if reader is None:
            reader = self._own.reader = RunReader(self._opened.path)
            self._readers.append(reader)
        return reader

    def _span(self) -> tuple[int, int]:
        """Return the first and last tick that were committed."""
        if self._live is None or self._first is None:
            first, last = span(self._reader)
            self._first = first
            return first, last
        return self._first, max(self._first, self._live.status().tick)

    def _tick(self, asked: Parameters) -> int | None:
        """Return the tick that is asked about, or None for now, of a live society."""
        first, last = self._span()
        if asked.has("tick") or self._live is None:
            return asked.whole("tick", first, last, last)
        return None

    def _agent(self, asked: Parameters) -> int:
        agent = asked.whole("agent", 0, 2**31 - 1)
        return agent if agent < (self._count or 0) else asked.whole("agent", 0, max(0, self._people() - 1))

    def _people(self) -> int:
        """Return how many ids were given by now."""
        if self._live is not None:
            self._count = self._live.visit(lambda runner: runner.society.world.count)
        if self._count is None:
            self._count = self._reader.people(self._span()[1])
        return self._count

    def _visit_or(self, tick: int | None, look: Callable[[Society], Any]) -> Any:
        """Look at the society of now on the tick's thread, or at that of a past tick."""
        if self._live is not None:
            found = self._live.visit(
                lambda runner: (look(runner.society),) if tick in (None, runner.society.world.tick) else ()
            )
            if found:
                return found[0]
        assert tick is not None
        return self._past.at(tick, look)

    def close(self) -> None:
        """Let go of the run file."""
        for reader in self._readers:
            reader.close()
        self._past.close()
