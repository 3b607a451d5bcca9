"""Which columns the people table shows, in which order and how wide: chosen by hand, or the usual ones that fit."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from itertools import accumulate

from PySide6.QtCore import QObject, Signal

from app.models.fields import Field, Fields
from app.models.people import PeopleModel
from app.panels.people_table import PeopleTable
from app.preferences import MOST_COLUMNS, MOST_SCENARIOS, LikedColumns
from engine.remote.wire import About

FEWEST = 2
"""So many of the usual columns are shown, however narrow the table is."""


class PeopleColumns(QObject):
    """Keeps them for each scenario, by its name, in `liked`: goods and drives of another one have other columns.

    Until somebody chooses, moves or sizes one, as many of the usual columns are shown as there is room for.
    """

    changed = Signal()
    """The table shows other columns."""

    def __init__(
        self, model: PeopleModel, table: PeopleTable, liked: MutableMapping[str, LikedColumns], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._model, self._table, self._liked = model, table, liked
        self._scenario = ""
        self._usual: list[Field] = []
        self.are_usual = True
        header = table.horizontalHeader()
        header.sectionMoved.connect(self._keep)
        table.sized.connect(self._keep)
        table.resized.connect(self._fit)

    def open(self, about: About | None, fields: Fields) -> None:
        """Show those of a society's scenario."""
        self._scenario = about.name if about is not None else ""
        self._usual = fields.usual() if about is not None else []
        liked = [(fields.find(name), width) for name, width in self._liked.get(self._scenario, ())]
        known = {field.name: (field, width) for field, width in liked if field is not None}
        self.are_usual = not known
        self._table.sizes = {name: width for name, (_, width) in known.items() if width}
        firsts = self._usual[:1]
        chosen = [*firsts, *(field for field, _ in known.values() if field not in firsts)]
        self._model.open(about, self._fitting() if self.are_usual else chosen)

    def renew(self, fields: Fields) -> None:
        """Show the same columns, whose words are others."""
        self._usual = fields.usual()
        self._show([fields.find(one.name) or one for one in self.shown()])

    def shown(self) -> list[Field]:
        """Return the columns as they stand, from the left."""
        header, shown = self._table.horizontalHeader(), self._model.shown
        return [shown[header.logicalIndex(place)] for place in range(header.count())]

    def toggle(self, field: Field) -> None:
        """Show a column last, or no longer."""
        shown = self.shown()
        self._show([one for one in shown if one != field] if field in shown else [*shown, field])
        self._keep()

    def reset(self) -> None:
        """Show the usual columns again, as wide as they need to be."""
        self._liked.pop(self._scenario, None)
        self.are_usual, self._table.sizes = True, {}
        self._show(self._fitting())

    def _fitting(self) -> list[Field]:
        """Return as many of the usual columns as there is room for."""
        ends = accumulate(map(self._table.needed, self._usual))
        room = self._table.viewport().width()
        return self._usual[: max(FEWEST, sum(end <= room for end in ends))]

    def _fit(self) -> None:
        if self.are_usual and (fitting := self._fitting()) != self._model.shown:
            self._show(fitting)

    def _show(self, fields: Sequence[Field]) -> None:
        header = self._table.horizontalHeader()
        blocked = header.blockSignals(True)
        for place in range(header.count()):
            header.moveSection(header.visualIndex(place), place)
        header.blockSignals(blocked)
        self._model.show(fields)
        self.changed.emit()

    def _keep(self) -> None:
        """Remember what is shown; the scenarios that were changed last are kept."""
        self.are_usual = False
        if self._scenario:
            self._liked.pop(self._scenario, None)
            sizes = self._table.sizes
            self._liked[self._scenario] = [(one.name, sizes.get(one.name, 0)) for one in self.shown()[:MOST_COLUMNS]]
            while len(self._liked) > MOST_SCENARIOS:
                self._liked.pop(next(iter(self._liked)))
