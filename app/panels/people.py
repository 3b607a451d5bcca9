"""The people panel: a table of everybody that is searched, filtered, sorted, and shares its selection."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLocale, QPoint, QSize, Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from app.actions import Actions
from app.design import ICON, SPACE, Design, dress
from app.models.asked_columns import AskedColumns
from app.models.conditions import Filter
from app.models.expression import parse
from app.models.fields import Fields, fields_of
from app.models.grammar import FilterError
from app.models.people import PeopleModel, Wish
from app.pace import Pace
from app.panels.columns_menu import ColumnsMenu
from app.panels.people_columns import PeopleColumns
from app.panels.people_search import SearchBox
from app.panels.people_table import PeopleTable
from app.preferences import LikedColumns
from app.view import View

ARRANGE_EVERY = 0.5
"""Seconds between two orders of the rows while time runs."""
LOOK_EVERY = 0.05
"""Seconds between two readings of the rows in sight."""
PATIENCE_MS = 600
"""So long somebody may go on typing before a mistake is told."""


class PeoplePanel(QWidget):
    """Who there is. Made once for a window; it works only while it is seen."""

    def __init__(
        self,
        view: View,
        actions: Actions,
        design: Design,
        liked: MutableMapping[str, LikedColumns] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._view, self._actions, self._design = view, actions, design
        self.fields = Fields(())
        self.wish = Wish()
        self._picking = self._stale = False
        self.setAccessibleName(self.tr("People"))
        self.model = PeopleModel(self)
        self.table = PeopleTable(self.model, design, self)
        self.table.setAccessibleName(self.tr("Table of people"))
        self.columns = PeopleColumns(self.model, self.table, {} if liked is None else liked, self)
        self.search = SearchBox(design, self)
        self.search.setAccessibleName(self.tr("Search people by name, or filter by an expression"))
        self.search.setPlaceholderText(self.tr("Name or filter"))
        self.search.setToolTip(self._manual())
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.hide()
        self.count = QLabel()
        dress(self.count, "soft small")
        self.menu = ColumnsMenu(self)
        self._asked = AskedColumns(view, self)
        self._arranging = Pace(ARRANGE_EVERY, self._arrange_unless_pressed, self)
        self._looking = Pace(LOOK_EVERY, self._look, self)
        self._complaining = QTimer(self)
        self._complaining.setSingleShot(True)
        self._complaining.setInterval(PATIENCE_MS)
        self._register()
        self._lay_out()
        self._connect()
        self._open()

    def _register(self) -> None:
        add, is_open = self._actions.add, self._is_open
        add("people.search", self.tr("&Find people"), self._find, "mdi6.account-search", "Ctrl+F", is_open)
        words, about = self.tr("Select all &listed people"), self.tr("Select everybody whom the people table lists")
        add("people.select_shown", words, self._select_shown, "mdi6.select-all", "Ctrl+Shift+A", is_open, about=about)
        words, about = self.tr("&Columns of people"), self.tr("Choose what the people table shows")
        add("people.columns", words, self._choose_columns, "mdi6.view-column-outline", "", is_open, about=about)
        words, about = self.tr("&Usual columns"), self.tr("Show as many of the usual columns as there is room for")
        add(
            "people.usual_columns", words, self.columns.reset, "mdi6.table-refresh", "",
            lambda: is_open() and not self.columns.are_usual, about=about,
        )  # fmt: skip
        words, about = self.tr("&Sort people"), self.tr("Sort by the current cell's column; again, the other way round")
        add("people.sort", words, self._sort_here, "mdi6.sort", "", is_open, about=about)
        words, about = self.tr("List who has &left"), self.tr("List those, too, who have left the society")
        icon = "mdi6.account-off-outline"
        add("people.departed", words, self._toggle_departed, icon, "", is_open, lambda: self.wish.everybody, about)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(SPACE[2], 0, SPACE[2], 0)
        top.setSpacing(SPACE[1])
        top.addWidget(self.search, 1)
        self._columns_button, departed = QToolButton(), QToolButton()
        for name, button in (("people.departed", departed), ("people.columns", self._columns_button)):
            button.setDefaultAction(self._actions[name])
            button.setAccessibleName(self._actions[name].text().replace("&", ""))
            button.setIconSize(QSize(ICON, ICON))
            top.addWidget(button)
        for label in (self.note, self.count):
            label.setContentsMargins(SPACE[3], 0, SPACE[3], 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, SPACE[2], 0, SPACE[1])
        layout.setSpacing(SPACE[1])
        layout.addLayout(top)
        layout.addWidget(self.note)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.count)
        for one, other in pairwise((self.search, departed, self._columns_button, self.table)):
            self.setTabOrder(one, other)

    def _connect(self) -> None:
        view = self._view
        view.opened.connect(self._open)
        view.closed.connect(self._open)
        view.frame_shown.connect(self._frame)
        view.named.connect(self._frame)
        view.selection_changed.connect(self._follow_selection)
        view.hover_changed.connect(self._follow_hover)
        self._design.changed.connect(self._dress)
        view.minds_changed.connect(self._know_minds)
        self._asked.came.connect(self._change)
        self._asked.came.connect(self._ask_minds)
        self._asked.refused.connect(lambda sentence: self._tell(sentence, "warn"))
        self._complaining.timeout.connect(self._complain)
        self.search.textChanged.connect(self._read)
        self.search.left.connect(self._enter_table)
        self.table.picked.connect(self._pick)
        self.table.flown.connect(view.want)
        self.table.hovering.connect(view.hover)
        self.table.scrolled.connect(self._look)
        self.table.horizontalHeader().sortIndicatorChanged.connect(self._sort)
        self.menu.toggled.connect(self.columns.toggle)
        self.menu.usual_wanted.connect(self.columns.reset)
        self.columns.changed.connect(self._columns_changed)

    def _dress(self) -> None:
        self.search.dress()
        self.table.dress()

    # ------------------------------------------------------------------ what is open, and its frames

    def _is_open(self) -> bool:
        return self._view.about is not None

    def _open(self) -> None:
        about = self._view.about
        self.fields = fields_of(about) if about is not None else Fields(())
        self.wish = Wish(by=self.fields.find("name"))
        self._asked.forget()
        self.search.know(self.fields)
        self.search.clear()
        self._tell("", "soft")
        self.columns.open(about, self.fields)
        self.table.choose(())
        self._dress()
        self._point()
        self._frame()
        self._say()
        self._actions.refresh()

    def _ask_minds(self) -> None:
        """Ask what minds are called where one came that was not there at first."""
        numbers, about = self._asked.columns.get("people.mind"), self._view.about
        if about is not None and numbers is not None and numbers.size and int(numbers.max()) >= len(about.minds):
            self._view.ask("minds", lambda message: self._view.learn_minds(message.head["names"]))

    def _know_minds(self) -> None:
        """Read, sort and filter by the names of minds that have come."""
        about = self._view.about
        if about is not None:
            self.fields = fields_of(about)
            self.search.know(self.fields)
            self.wish = replace(self.wish, by=self.fields.find("name" if self.wish.by is None else self.wish.by.name))
            self.columns.renew(self.fields)
            self._read(self.search.text())

    def _frame(self) -> None:
        """Take in another frame, or more names: what is seen at once, the order of rows twice a second."""
        self._stale = not self.isVisible()
        if self._stale or self._view.frame is None:
            return
        self._take()
        self._looking.soon()
        self._arranging.soon()
        self._asked.want(self._columns())

    def _take(self) -> None:
        frame = self._view.frame
        if frame is not None:
            self.model.take({**self._asked.columns, **frame.columns}, self._view.alive(), self._view.names)

    def _columns(self) -> set[str]:
        return self.wish.columns() | {field.column for field in self.model.shown if field.column}

    def _look(self) -> None:
        self.model.look(*self.table.in_sight())

    def _arrange_unless_pressed(self) -> None:
        if self.table.is_pressed:  # rows must not run from under a click
            self._arranging.soon()
        else:
            self._arrange()

    def _arrange(self) -> None:
        """List who is wanted, in the order that is wanted."""
        order = self.model.wanted(self.wish)
        if not np.array_equal(order, self.model.order):
            self.table.let_go()
            self.model.arrange(order)
            self.table.follow()
            self._look()
        self._say()

    def _change(self) -> None:
        """Filter, order or columns are others: list anew now."""
        self._take()
        self._arrange()
        self._look()
        self._asked.want(self._columns())
        self._actions.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what has happened unseen."""
        super().showEvent(event)
        if self._stale:
            self._frame()
        self._follow_selection()

    # ------------------------------------------------------------------ the search box

    def _manual(self) -> str:
        return self.tr(
            "Part of a name, or a condition on columns:\n"
            'role == "merchant" and coins < 5\n'
            'doing in ("rest", "eat") and not at == home\n'
            "hunger > 60% or energy + company < 0.5\n"
            "grain > 3 and skill_grain > 50% and sociable < 40%\n"
            "Levels go from 0 to 1, which is 100%, in whole per cent as the table shows them.\n"
            "A column's name is in the tool tip of its heading."
        )

    def _read(self, text: str) -> None:
        """Filter by what the box says. A mistake is told when typing rests; the last good filter stays meanwhile."""
        self._complaining.stop()
        try:
            found = parse(text, self.fields)
        except FilterError as error:
            self.search.mistake = error
            self._complaining.start()
            return
        self.search.mistake = None
        hint = self._is_begun(text, found)
        self._tell(hint, "soft")
        if not hint and found != self.wish.filter:
            self.wish = replace(self.wish, filter=found)
            self._change()

    def _complain(self) -> None:
        if self.search.is_offering:  # somebody is still choosing how to go on
            self._complaining.start()
        else:
            self._tell(str(self.search.mistake or ""), "bad")

    def _is_begun(self, text: str, found: Filter) -> str:
        """Return what to say where somebody begins to write a column, which is no part of any name."""
        begun = text.strip().casefold()
        names = [word for word in self.fields.words() if word.startswith(begun)] if found.words and begun else []
        if not names or bool(found.holds(self.model.people).any()):
            return ""
        field = self.fields.find(names[0])
        example = f"{names[0]} > 60%" if field is not None and field.full > 1 else f"{names[0]} == …"
        return self.tr("`{word}` is a column: go on, such as {example}").format(word=names[0], example=example)

    def _tell(self, sentence: str, look: str) -> None:
        dress(self.note, f"{look} small")
        self.note.setText(sentence)
        self.note.setVisible(bool(sentence))

    def _find(self) -> None:
        dock: QWidget | None = self
        while dock is not None and not isinstance(dock, QDockWidget):
            dock = dock.parentWidget()
        if dock is not None:
            dock.show()
            dock.raise_()
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _enter_table(self) -> None:
        self.table.setFocus(Qt.FocusReason.TabFocusReason)
        if not self.table.currentIndex().isValid() and len(self.model.order):
            self.table.setCurrentIndex(self.model.index(0, 0))

    def _toggle_departed(self) -> None:
        self.wish = replace(self.wish, everybody=not self.wish.everybody)
        self._change()

    def _say(self) -> None:
        """Say how many are listed, of how many, and how many are selected."""
        number = QLocale().toString
        total = self.model.people.count if self.wish.everybody else int(np.count_nonzero(self.model.alive))
        words = self.tr("{listed} of {all} people").format(listed=number(len(self.model.order)), all=number(total))
        if self._view.selected:
            words += self.tr(" · {chosen} selected").format(chosen=number(len(self._view.selected)))
            hidden = len(self._view.selected) - len(self.model.rows(self._view.selected))
            if hidden:
                words += self.tr(", {hidden} not listed").format(hidden=number(hidden))
        self.count.setText(words if self._is_open() else "")
        self.table.empty = (
            self.tr("Nobody is like that. Change the filter, or clear it with Esc.")
            if self._is_open()
            else self.tr("Nothing is open yet.")
        )

    # ------------------------------------------------------------------ columns and order

    def _choose_columns(self) -> None:
        self.menu.offer(self.fields, self.model.shown)
        self.menu.popup(self._columns_button.mapToGlobal(QPoint(0, self._columns_button.height())))

    def _columns_changed(self) -> None:
        self._point()
        self.table.follow()
        self._change()

    def _sort(self, section: int, order: Qt.SortOrder) -> None:
        if 0 <= section < len(self.model.shown):
            field, descending = self.model.shown[section], order == Qt.SortOrder.DescendingOrder
            self.wish = replace(self.wish, by=field, descending=descending)
            self._change()

    def _sort_here(self) -> None:
        section = self.table.currentIndex().column()
        again = 0 <= section < len(self.model.shown) and self.model.shown[section] == self.wish.by
        down = again and not self.wish.descending
        order = Qt.SortOrder.DescendingOrder if down else Qt.SortOrder.AscendingOrder
        self.table.horizontalHeader().setSortIndicator(section, order)

    def _point(self) -> None:
        """Let the arrow in the header point as the order is."""
        section = self.model.shown.index(self.wish.by) if self.wish.by in self.model.shown else -1
        order = Qt.SortOrder.DescendingOrder if self.wish.descending else Qt.SortOrder.AscendingOrder
        header = self.table.horizontalHeader()
        header.blockSignals(True)
        header.setSortIndicator(section, order)
        header.blockSignals(False)

    # ------------------------------------------------------------------ who is selected

    def _pick(self, chosen: NDArray[np.int64], dropped: NDArray[np.int64], keeps: bool) -> None:
        """Select in the View what a gesture in the table selected; who was selected before stays in front."""
        before = np.array(self._view.selected, np.int64)
        stay = before[~np.isin(before, dropped)] if keeps else before[np.isin(before, chosen)]
        self._picking = True
        self._view.select([*stay.tolist(), *chosen.tolist()])
        self._picking = False

    def _select_shown(self) -> None:
        self._view.select(self.model.order.tolist())

    def _follow_selection(self) -> None:
        """Show who is selected, wherever that was done."""
        if not self.isVisible():
            return
        self.table.choose(self._view.selected)
        if not self._picking:
            self.table.follow()
            self.table.reveal(self._view.chosen)
        self._say()

    def _follow_hover(self) -> None:
        if self.isVisible():
            self.table.hover(self._view.hovered)
