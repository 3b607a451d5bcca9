"""Events as a list model: newest first, pages while one scrolls, and new ones on top while the society lives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from app.models.moments import moment
from app.session import Request
from app.view import NOBODY, View
from engine.remote.wire import Message

PAGE = 200
"""Rows that are asked for at once while scrolling."""
SIGHT = 40
"""Rows that fill a list; pages are asked for until there are so many."""
NEWER = 1000
"""New rows that are asked for at once; where there are more, the list begins anew with the newest."""
MOST = 2 * PAGE
"""Rows kept; the oldest are dropped and asked for again when one scrolls there."""
LAG = 16
"""Ticks before the newest in which an event may still come to light: a host may answer before it has committed."""
BOOKKEEPING = frozenset({"interrupted", "refused", "arrived", "met"})
"""Kinds of event that say how things went on rather than what happened; not shown unless asked for."""

Index = QModelIndex | QPersistentModelIndex
EVENT_ROLE = Qt.ItemDataRole.UserRole
"""The Event of a row."""


class Event(NamedTuple):
    """An event as a sentence, and everybody in it."""

    tick: int
    kind: str
    agent: int
    text: str
    people: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events are shown. None, NOBODY and "" stand for all; `last` is the last tick of interest."""

    kinds: frozenset[str] | None = None
    agent: int = NOBODY
    place: str = ""
    first: int | None = None
    last: int | None = None

    def parameters(self) -> dict[str, Any]:
        """Return it as parameters of the question `events`."""
        asked = {
            "kinds": None if self.kinds is None else ",".join(sorted(self.kinds)),
            "agent": None if self.agent == NOBODY else self.agent,
            "place": self.place or None,
            "first": self.first,
            "last": self.last,
        }
        return {name: value for name, value in asked.items() if value is not None}


class EventsModel(QAbstractListModel):
    """The events of a View under a filter. While `hold` is set new rows wait in `fresh` until `reveal`."""

    stirred = Signal()
    """`fresh`, `asking` or `failure` is another one."""

    def __init__(self, view: View) -> None:
        super().__init__(view)
        self.rows: list[Event] = []
        self.filter = EventFilter()
        self.hold = False
        self.asking = False
        self.failure = ""
        self._view = view
        self._waiting: list[Event] = []
        self._torn = False
        """Whether more happened than `_waiting` holds."""
        self._covered = -1
        """The newest tick whose events are all here."""
        self._older: dict[str, Any] | None = None
        """Where older rows begin, as parameters; None where there are none."""
        self._pages: Request | None = None
        self._newer: Request | None = None

    # ------------------------------------------------------------------ what Qt asks

    def rowCount(self, parent: Index | None = None) -> int:
        """Return how many rows are here."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the sentence of a row, or its Event for EVENT_ROLE."""
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        event = self.rows[index.row()]
        if role == EVENT_ROLE:
            return event
        if role == Qt.ItemDataRole.DisplayRole:
            return event.text
        if role == Qt.ItemDataRole.AccessibleTextRole and self._view.about is not None:
            return f"{moment(self._view.about, event.tick)}: {event.text}"
        return None

    def canFetchMore(self, parent: Index) -> bool:
        """Return whether there are older events."""
        return not parent.isValid() and self._older is not None and self._pages is None

    def fetchMore(self, parent: Index) -> None:
        """Ask for older events."""
        if self.canFetchMore(parent) and self._older is not None:
            asked = {**self.filter.parameters(), **self._older}
            self._pages = self._view.ask("events", self._add_older, self._fail, order="newest", limit=PAGE, **asked)

    # ------------------------------------------------------------------ what is shown

    @property
    def is_looking(self) -> bool:
        """Whether rows are still being looked for."""
        return self.asking or self._pages is not None

    @property
    def fresh(self) -> int:
        """New rows that wait."""
        return len(self._waiting)

    @property
    def more_than_fresh(self) -> bool:
        """Whether there are more new rows than wait."""
        return self._torn

    def use(self, chosen: EventFilter) -> None:
        """Show events under another filter; the old rows stay until the new ones come."""
        self.filter = chosen
        self.restart()

    def clear(self) -> None:
        """Show nothing and forget what was asked."""
        self._forget()
        self._replace([])
        self._covered, self._older, self.asking, self.failure = -1, None, False, ""
        self.stirred.emit()

    def restart(self) -> None:
        """Ask for the newest page again."""
        self._forget()
        self.failure = ""
        if self.filter.kinds is not None and not self.filter.kinds:  # a list of no kinds would read as all of them
            self.clear()
            return
        upto = self._upto()
        self.asking = True
        self._pages = self._view.ask(
            "events", lambda message: self._begin(message, upto), self._fail,
            order="newest", limit=PAGE, **self.filter.parameters(),
        )  # fmt: skip
        self.asking = self._pages is not None
        self.stirred.emit()

    def end_at(self, last: int | None) -> None:
        """Show events up to a tick (None: to the newest) without asking for those that are here already."""
        if last == self.filter.last:
            return
        self.filter = EventFilter(self.filter.kinds, self.filter.agent, self.filter.place, self.filter.first, last)
        if self._newer is not None:
            self._newer.cancel()
            self._newer = None
        if last is not None and last < self._covered:
            if self._torn or self._pages is not None:
                self.restart()
                return
            self._waiting = [event for event in self._waiting if event.tick <= last]
            gone = next((row for row, event in enumerate(self.rows) if event.tick <= last), len(self.rows))
            if gone == len(self.rows):
                self.restart()
            elif gone:
                self.beginRemoveRows(QModelIndex(), 0, gone - 1)
                del self.rows[:gone]
                self.endRemoveRows()
            self._covered = last
            self.stirred.emit()
        else:
            self.poll()

    def poll(self) -> None:
        """Ask for what happened since; at most one such question is under way."""
        upto = self._upto()
        if self._newer is not None or self.asking or self.failure or upto <= self._covered:
            return
        nothing = self.filter.kinds is not None and not self.filter.kinds
        if nothing or (self._pages is not None and not self.rows):
            return
        self._ask_newer({**self.filter.parameters(), "first": max(self._covered + 1, self.filter.first or 0)}, upto, [])

    def _ask_newer(self, asked: dict[str, Any], upto: int, found: list[Event]) -> None:
        """Ask for new rows; `found` are those that came with the pages before."""

        def then(message: Message) -> None:
            rows, older = [*found, *_events(message.head)], _older(message.head)
            if older is not None and len(rows) < NEWER:
                self._ask_newer({**asked, **older}, upto, rows)
            else:
                self._add_newer(rows, older is not None, upto)

        self._newer = self._view.ask("events", then, self._fail_newer, order="newest", limit=NEWER, **asked)

    def reveal(self) -> None:
        """Put the rows that wait on top."""
        if self._torn:
            self.restart()
        elif self._waiting:
            fresh, self._waiting = self._waiting, []
            self._insert(fresh)
            self.stirred.emit()

    # ------------------------------------------------------------------ answers

    def _upto(self) -> int:
        return self._view.last_tick if self.filter.last is None else min(self.filter.last, self._view.last_tick)

    def _forget(self) -> None:
        for request in (self._pages, self._newer):
            if request is not None:
                request.cancel()
        self._pages = self._newer = None
        self._waiting, self._torn = [], False

    def _begin(self, message: Message, upto: int) -> None:
        self._pages, self.asking = None, False
        rows = _events(message.head)
        self._older = _older(message.head)
        self._covered = max(upto - LAG, rows[0].tick if rows else -1)
        self._replace(rows)
        self._fill()
        self.stirred.emit()

    def _fill(self) -> None:
        """Go on where a page came with few rows or none: what is rare takes long to find."""
        if len(self.rows) < SIGHT:
            self.fetchMore(QModelIndex())

    def _add_older(self, message: Message) -> None:
        self._pages = None
        rows, self._older = _events(message.head), _older(message.head)
        if rows:
            self._covered = max(self._covered, rows[0].tick)
            self.beginInsertRows(QModelIndex(), len(self.rows), len(self.rows) + len(rows) - 1)
            self.rows += rows
            self.endInsertRows()
        else:
            self.fetchMore(QModelIndex())
        self._fill()
        self.stirred.emit()

    def _add_newer(self, rows: list[Event], more: bool, upto: int) -> None:
        self._newer = None
        self._covered = max(self._covered, upto - LAG, rows[0].tick if rows else -1)
        if not rows:
            return
        if more or (self.hold and len(self._waiting) + len(rows) > MOST):
            self._torn = True
        if self.hold:
            self._waiting = [*rows, *self._waiting][:MOST]
        elif self._torn:
            self.restart()
            return
        else:
            fresh, self._waiting = [*rows, *self._waiting], []
            self._insert(fresh)
        self.stirred.emit()

    def _fail(self, sentence: str) -> None:
        self._pages, self.asking, self.failure = None, False, sentence
        self.stirred.emit()

    def _fail_newer(self, sentence: str) -> None:
        self._newer = None
        self._fail(sentence)

    def _replace(self, rows: list[Event]) -> None:
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def _insert(self, fresh: list[Event]) -> None:
        self.beginInsertRows(QModelIndex(), 0, len(fresh) - 1)
        self.rows[:0] = fresh
        self.endInsertRows()
        if len(self.rows) > MOST:
            tick = self.rows[MOST - PAGE].tick  # to the end of a tick, so that older ones can be asked for by tick
            keep = next(row for row in range(MOST - PAGE, -1, -1) if row == 0 or self.rows[row - 1].tick != tick)
            if keep:
                if self._pages is not None:
                    self._pages.cancel()
                    self._pages = None
                self.beginRemoveRows(QModelIndex(), keep, len(self.rows) - 1)
                del self.rows[keep:]
                self.endRemoveRows()
                self._older = {"last": tick}


def _events(head: Mapping[str, Any]) -> list[Event]:
    return [
        Event(int(row["tick"]), str(row["kind"]), int(row["agent"]), str(row["text"]), tuple(map(int, row["people"])))
        for row in head["rows"]
    ]


def _older(head: Mapping[str, Any]) -> dict[str, Any] | None:
    following = head.get("next")
    return None if following in (None, "") else {"cursor": following}
