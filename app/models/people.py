"""The people of the frame on screen as a Qt table: numpy columns, and an index of who is listed in which order.

Only cells that somebody looks at are ever made into text; filter and order are recomputed over whole columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QLocale, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.models.conditions import EVERYBODY, Filter, People, per_cent
from app.models.fields import Field, Kind
from app.models.moments import clock
from engine.remote.wire import About

Order = NDArray[np.int64]
Index = QModelIndex | QPersistentModelIndex
NOTHING = "–"
LOADING = "…"
NEVER = -1
_ROOT = QModelIndex()
_MANY = 96
"""From so many changed cells on, all that are in sight are painted anew."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Who is to be listed, and how: `by` a field (None: by id), `everybody` with those who have left."""

    filter: Filter = EVERYBODY
    by: Field | None = None
    descending: bool = False
    everybody: bool = False

    def columns(self) -> set[str]:
        """Return the columns that it reads."""
        return self.filter.columns() | ({self.by.column} if self.by is not None and self.by.column else set())


class PeopleModel(QAbstractTableModel):
    """Rows are people, in the order of `order`; columns are the fields of `shown`, of which the first is the name."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.about: About | None = None
        self.shown: list[Field] = []
        self.order: Order = np.zeros(0, np.int64)
        self.people = People(0, {}, [])
        self.alive: NDArray[np.bool_] = np.zeros(0, np.bool_)
        self._names: Sequence[str] = []
        self._low: list[str] = []
        self._ranks: NDArray[np.int64] = np.zeros(0, np.int64)
        self._words: dict[str, NDArray[np.int64]] = {}
        self._seen: tuple[Order, list[NDArray[Any]]] | None = None
        self._locale = QLocale()

    # ------------------------------------------------------------------ what is open

    def open(self, about: About | None, shown: Sequence[Field]) -> None:
        """List nobody, of another society or of none."""
        self.beginResetModel()
        self.about = about
        self.shown = list(shown)
        self.order = np.zeros(0, np.int64)
        self.people, self.alive = People(0, {}, []), np.zeros(0, np.bool_)
        self._names, self._low, self._ranks, self._words, self._seen = [], [], np.zeros(0, np.int64), {}, None
        self.endResetModel()

    def show(self, fields: Sequence[Field]) -> None:
        """Show these fields as columns."""
        self.beginResetModel()
        self.shown, self._seen, self._words = list(fields), None, {}
        self.endResetModel()

    def take(self, columns: Mapping[str, NDArray[Any]], alive: NDArray[np.bool_], names: Sequence[str]) -> None:
        """Read from these columns from now on; call `look` or `arrange` next. O(1) but for new names."""
        self._names = names
        if len(names) < len(self._low):
            self._low = []
        if len(names) > len(self._low):
            self._low += [name.casefold() for name in names[len(self._low) :]]
        self.alive = alive
        self.people = People(len(alive), columns, self._low)

    # ------------------------------------------------------------------ who is listed, and in which order

    def wanted(self, wish: Wish) -> Order:
        """Return the ids that a wish lists, in its order: int64[rows]. A column that is not here yet does neither."""
        here = wish.filter.columns() <= self.people.columns.keys()
        found = wish.filter.holds(self.people) if here else np.ones(self.people.count, np.bool_)
        if not wish.everybody and not wish.filter.reads("people.alive"):
            found = found & self.alive
        agents = np.flatnonzero(found)
        keys = self._keys(wish.by) if wish.by is not None else None
        if keys is None or not agents.size:
            return agents[::-1] if wish.descending and wish.by is None else agents
        chosen = _padded(keys, self.people.count)[agents]
        return agents[np.argsort(-chosen if wish.descending else chosen, kind="stable")]

    def arrange(self, order: Order) -> None:
        """List these people in this order. Indexes that views hold go with the person, or away."""
        self.layoutAboutToBeChanged.emit()
        held = self.persistentIndexList()
        agents = [int(self.order[index.row()]) for index in held]
        self.order, self._seen = order, None
        rows = {agent: self.row(agent) for agent in set(agents)}
        moved = [
            self.index(rows[agent], index.column()) if rows[agent] >= 0 else QModelIndex()
            for agent, index in zip(agents, held, strict=True)
        ]
        self.changePersistentIndexList(held, moved)
        self.layoutChanged.emit()

    def row(self, agent: int) -> int:
        """Return somebody's row, -1 when they are not listed."""
        rows = np.flatnonzero(self.order == agent)
        return int(rows[0]) if rows.size else -1

    def rows(self, agents: Sequence[int]) -> Order:
        """Return the rows of those of these people that are listed, from above: int64[rows]."""
        chosen = np.zeros(self.people.count, np.bool_)
        given = np.asarray(agents, np.int64)
        chosen[given[(given >= 0) & (given < chosen.size)]] = True
        return np.flatnonzero(chosen[self.order])

    def _keys(self, by: Field) -> NDArray[Any] | None:
        """Return numbers to sort by, one for each id; None while they are not here."""
        if by.kind is Kind.NAME:
            if len(self._ranks) != len(self._low):
                self._ranks = _ranks(self._low)
            return self._ranks
        if by.column not in self.people.columns:
            return None
        values = self.people.of(by)
        if by.kind is not Kind.WORDS:
            return values.astype(np.int8) if values.dtype == np.bool_ else values.astype(np.int64)
        if by.name not in self._words:
            self._words[by.name] = np.append(_ranks([word.casefold() for word in by.words]), len(by.words))
        known = len(by.words)
        ranks: NDArray[np.int64] = self._words[by.name][np.where((values < 0) | (values >= known), known, values)]
        return ranks

    # ------------------------------------------------------------------ what a cell reads

    def look(self, first: int, last: int) -> int:
        """Tell views which of the cells in these rows (last included) read otherwise now; return how many."""
        agents = self.order[first : last + 1]
        fresh = [self._readings(field, agents) for field in self.shown]
        before, self._seen = self._seen, (agents, fresh)
        if not agents.size or not self.shown:
            return 0
        if before is None or not np.array_equal(before[0], agents) or len(before[1]) != len(fresh):
            self.dataChanged.emit(self.index(first, 0), self.index(first + agents.size - 1, len(self.shown) - 1))
            return agents.size * len(self.shown)
        changed = [
            np.flatnonzero(old != new) if len(old) == len(new) else np.arange(agents.size)
            for old, new in zip(before[1], fresh, strict=True)
        ]
        count = sum(rows.size for rows in changed)
        if count >= _MANY:
            self.dataChanged.emit(self.index(first, 0), self.index(first + agents.size - 1, len(self.shown) - 1))
            return count
        for column, rows in enumerate(changed):
            for row in rows.tolist():
                index = self.index(first + row, column)
                self.dataChanged.emit(index, index)
        return count

    def _readings(self, field: Field, agents: Order) -> NDArray[Any]:
        """Return numbers that differ where what the cells of these people read does."""
        if field.kind is Kind.NAME:
            return agents < len(self._names)
        if field.column not in self.people.columns:
            return np.zeros(0, np.int8)
        values = self.people.of(field)
        values = values[agents[agents < len(values)]]
        return per_cent(values, field.full) if field.kind is Kind.LEVEL else values

    def value(self, agent: int, field: Field) -> int | None:
        """Return somebody's number in a field, None while it is not here."""
        column = self.people.columns.get(field.column)
        if column is None or agent >= len(column):
            return None
        return int(column[agent] if field.item < 0 else column[agent, field.item])

    def text(self, agent: int, field: Field) -> str:
        """Return what somebody's cell reads."""
        if field.kind is Kind.NAME:
            return self._names[agent] if agent < len(self._names) else f"#{agent}"
        value = self.value(agent, field)
        if value is None:
            return LOADING
        match field.kind:
            case Kind.WORDS:
                return field.words[value] if 0 <= value < len(field.words) else NOTHING
            case Kind.CHECK:
                return "✓" if value else ""
            case Kind.LEVEL:
                return f"{round(value * 100.0 / field.full)} %"
        if field.unit == "tick":
            return self._moment(value)
        return self._locale.toString(value)

    def _moment(self, tick: int) -> str:
        if self.about is None or tick <= NEVER:
            return NOTHING
        return self.tr("day {0}, {1}").format(self.about.moment(tick)[0], clock(self.about, tick))

    # ------------------------------------------------------------------ Qt's side

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Return how many people are listed."""
        return 0 if parent.isValid() else len(self.order)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """Return how many fields are shown."""
        return 0 if parent.isValid() else len(self.shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell reads, or how it stands; its looks are PeopleCells' business."""
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        row, column = index.row(), index.column()
        if not (0 <= row < len(self.order) and 0 <= column < len(self.shown)):
            return None
        field = self.shown[column]
        said = self.text(int(self.order[row]), field)
        if role == Qt.ItemDataRole.DisplayRole:
            return said
        if field.kind is Kind.CHECK:
            said = self.tr("yes") if said else self.tr("no")
        return f"{field.heading}: {said}"

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a column's heading, or what it is as a tool tip."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.shown):
            return None
        field = self.shown[section]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return field.heading
            case Qt.ItemDataRole.ToolTipRole:
                return describe(field)
            case Qt.ItemDataRole.TextAlignmentRole:
                right = field.kind in (Kind.NUMBER, Kind.LEVEL) and field.unit != "tick"
                side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
                return side | Qt.AlignmentFlag.AlignVCenter
        return None


def describe(field: Field) -> str:
    """Return what a field is, and how a filter calls it."""
    unit = f" ({field.unit})" if field.unit and field.kind is Kind.NUMBER else ""
    about = field.about[:1].upper() + field.about[1:]
    return f"{about}{unit}\n{field.short}" if about else field.short


def _ranks(words: Sequence[str]) -> NDArray[np.int64]:
    """Return the place of each word in their alphabetical order; the same word has the same place."""
    if not words:
        return np.zeros(0, np.int64)
    _, ranks = np.unique(np.array(words, np.str_), return_inverse=True)
    return ranks.astype(np.int64)


def _padded(keys: NDArray[Any], count: int) -> NDArray[Any]:
    """Return keys for everybody: those who are not known yet come last."""
    if len(keys) >= count:
        return keys
    last = int(keys.max(initial=0)) + 1
    return np.append(keys.astype(np.int64), np.full(count - len(keys), last, np.int64))
