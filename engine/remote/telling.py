"""Events and decisions of the past as sentences: by the living society where there is one, else by looking back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from engine.errors import ReplayError
from engine.record.index import BLOCK
from engine.remote import people
from engine.remote.history import Row
from engine.remote.looking_back import LookingBack
from engine.remote.marks import Mark, marked
from engine.remote.people import Json
from engine.remote.thinking import thought_told
from engine.remote.wording import SocietyWording, Wording
from engine.runner import Runner
from engine.values import Thought, TickRecord

if TYPE_CHECKING:
    from engine.remote.live import Live

AT_ONCE = 100
"""Sentences that are made in one visit to the tick's thread."""
RECENT = 4 * BLOCK
"""Ticks for which the living society can be trusted to know what news told."""


class Telling:
    """Puts rows of the run file into words."""

    def __init__(self, past: LookingBack, live: Live | None) -> None:
        self._past, self._live = past, live
        self._own: SocietyWording | None = None

    def events(self, rows: Sequence[Row]) -> list[Json]:
        """Return events as `events` tells them."""
        entries, texts = self._past.header.events, self._texts(rows)
        found = []
        for (tick, kind, agent, values), text in zip(rows, texts, strict=True):
            others = [v for v, (_, of) in zip(values, entries[kind].fields, strict=False) if of == "agent"]
            ids = [number for number in dict.fromkeys((agent, *others)) if number >= 0]
            found.append({"tick": tick, "kind": entries[kind].name, "agent": agent, "text": text, "people": ids})
        return found

    def _texts(self, rows: Sequence[Row]) -> list[str]:
        if self._live is None:
            return self._by_looking_back(rows)
        words = self._living()
        recent = self._live.status().tick - RECENT
        old = [i for i, (tick, kind, _, _) in enumerate(rows) if tick < recent and kind in words.fleeting]
        texts = dict(zip(old, self._by_looking_back([rows[i] for i in old]), strict=True)) if old else {}
        rest = [i for i in range(len(rows)) if i not in texts]
        for start in range(0, len(rest), AT_ONCE):
            few = rest[start : start + AT_ONCE]
            texts |= zip(few, self._live.visit(partial(_sentences, words, [rows[i] for i in few])), strict=True)
        return [texts[i] for i in range(len(rows))]

    def _by_looking_back(self, rows: Sequence[Row]) -> list[str]:
        with self._past.wording() as words:
            if isinstance(words, SocietyWording):
                self._recall([tick for tick, kind, _, _ in rows if kind in words.fleeting])
            return [words.event(kind, agent, values) for _, kind, agent, values in rows]

    def _recall(self, ticks: list[int]) -> None:
        try:
            self._past.recall(ticks)
        except ReplayError:  # a replay that goes another way leaves them unread
            return

    def decisions(self, rows: Sequence[tuple[TickRecord, int]]) -> list[Json]:
        """Return decisions as `decisions` tells them."""
        actions = self._past.header.actions
        if self._live is None:
            with self._past.wording() as words:
                if isinstance(words, SocietyWording):
                    self._recall([record.tick for record, _ in rows])
                return _decisions(words, actions, rows, None)
        living, found = self._living(), list[Json]()
        for start in range(0, len(rows), AT_ONCE):
            found += self._live.visit(partial(_decisions, living, actions, rows[start : start + AT_ONCE]))
        return found

    def thought(self, thought: Thought) -> Json:
        """Return a thought as `thought` tells it."""
        actions = self._past.header.actions
        if self._live is not None:
            living = self._living()
            return self._live.visit(lambda runner: thought_told(thought, actions, living))
        with self._past.wording() as words:
            if isinstance(words, SocietyWording):
                self._recall([thought.tick])
            return thought_told(thought, actions, words)

    def marks(self, found: Sequence[Mark]) -> list[Json]:
        """Return marks as `density` tells them."""
        if self._live is not None:
            return marked(found, self._living())
        with self._past.wording() as words:
            return marked(found, words)

    def _living(self) -> SocietyWording:
        """Return the living society's words; those of what does not change may be read on any thread."""
        if self._own is None:
            assert self._live is not None
            self._own = self._live.visit(_words)
        return self._own


def _sentences(words: Wording, rows: Sequence[Row], runner: Runner) -> list[str]:
    return [words.event(kind, agent, values) for _, kind, agent, values in rows]


def _decisions(
    words: Wording, actions: Sequence[str], rows: Sequence[tuple[TickRecord, int]], runner: Runner | None
) -> list[Json]:
    return [people.decision(record, row, actions, words) for record, row in rows]


def _words(runner: Runner) -> SocietyWording:
    return SocietyWording(runner.society)
