"""The events panel: what happened, as sentences, newest first; a click leads to the moment and to the people."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, QSignalBlocker, QSize, Qt, QTimer
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QCompleter,
    QGridLayout,
    QLabel,
    QListView,
    QPushButton,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from app.actions import Actions
from app.design import SPACE, Design, dress
from app.models.events import BOOKKEEPING, EVENT_ROLE, Event, EventFilter, EventsModel
from app.panels.choice_menu import ChoiceMenu, Option, plain
from app.panels.event_rows import EventRows
from app.view import NOBODY, View

AT_MOST_EVERY = 333
"""Milliseconds between two looks for what is new."""
WIDE = 560
"""From this width on the filters lie in one row, in logical pixels."""
ALL, DAY, SCREEN = "all", "day", "screen"
"""The choices of time: everything, the last day, up to the tick on screen."""


class EventsPanel(QWidget):
    """The list with its filters."""

    def __init__(self, view: View, actions: Actions, design: Design) -> None:
        super().__init__()
        self._view, self._design, self._actions = view, design, actions
        self._stale = True
        self._is_wide: bool | None = None
        self._bringing: tuple[int, int] | None = None
        self.setAccessibleName(self.tr("Events"))
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.model = EventsModel(view)
        self.kinds = ChoiceMenu(self.tr("Kinds of events"), self.tr("{0} of {1} kinds").format)
        self.only = QPushButton()
        self.only.setCheckable(True)
        self.places = self._place_box()
        self.time = self._time_box()
        self.list = self._list_view()
        self.rows = EventRows(self.list, view, design)
        self.list.setItemDelegate(self.rows)
        self.chip = QPushButton(self.list)
        dress(self.chip, "primary")
        self.chip.hide()
        self._say = QLabel()
        self._mend = QPushButton()
        self._pages = QStackedLayout()
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(AT_MOST_EVERY)
        self._connect()
        actions.add(
            "events.newest", self.tr("Newest events"), self.to_newest, "mdi6.arrow-collapse-up",
            enabled=lambda: view.about is not None, about=self.tr("Go to the newest event of the list"),
        )  # fmt: skip
        self._name_toggle()
        self._stir()
        if view.about is not None:
            self._open()

    # ------------------------------------------------------------------ parts

    def _place_box(self) -> QComboBox:
        box = QComboBox()
        box.setEditable(True)
        box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        completer = QCompleter(box.model(), box)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        box.setCompleter(completer)
        box.setAccessibleName(self.tr("Place"))
        box.setToolTip(self.tr("Only what happened at this place; type to search"))
        box.addItem(self.tr("Everywhere"), "")
        _shrinkable(box)
        return box

    def _time_box(self) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(self.tr("Time"))
        box.setToolTip(self.tr("When: all the time, the last day, or up to the moment that is shown"))
        for words, what in (
            (self.tr("All the time"), ALL),
            (self.tr("The last day"), DAY),
            (self.tr("Up to here"), SCREEN),
        ):
            box.addItem(words, what)
        _shrinkable(box)
        return box

    def _list_view(self) -> QListView:
        made = QListView()
        made.setModel(self.model)
        made.setResizeMode(QListView.ResizeMode.Adjust)
        made.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        made.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        made.setMouseTracking(True)
        made.setAccessibleName(self.tr("Events, newest first"))
        made.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        made.viewport().installEventFilter(self)
        return made

    def _lay_out(self) -> None:
        self._say.setWordWrap(True)
        self._say.setAlignment(Qt.AlignmentFlag.AlignCenter)
        dress(self._say, "soft")
        words = QVBoxLayout()
        words.setContentsMargins(SPACE[5], SPACE[5], SPACE[5], SPACE[5])
        words.addStretch()
        words.addWidget(self._say)
        words.addWidget(self._mend, 0, Qt.AlignmentFlag.AlignCenter)
        words.addStretch()
        empty = QWidget()
        empty.setLayout(words)
        self._filters = QGridLayout()
        self._filters.setContentsMargins(SPACE[2], SPACE[2], SPACE[2], SPACE[2])
        self._filters.setSpacing(SPACE[1])
        self._arrange(wide=False)
        for button in (self.kinds, self.only):
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._pages.addWidget(self.list)
        self._pages.addWidget(empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._filters)
        layout.addLayout(self._pages, 1)

    def _arrange(self, wide: bool) -> None:
        """Lay the filters in one row where there is room, else in two."""
        if wide == self._is_wide:
            return
        self._is_wide = wide
        for number, part in enumerate((self.kinds, self.only, self.places, self.time)):
            self._filters.removeWidget(part)
            self._filters.addWidget(part, *((0, number) if wide else divmod(number, 2)))
        for column in range(4):
            self._filters.setColumnStretch(column, 1 if wide or column < 2 else 0)

    def _connect(self) -> None:
        view = self._view
        view.opened.connect(self._open)
        view.closed.connect(self._close)
        view.status_changed.connect(self._look_soon)
        view.frame_shown.connect(self._frame)
        view.following_changed.connect(self._look_soon)
        view.selection_changed.connect(self._selected)
        view.named.connect(self._name_toggle)
        self._timer.timeout.connect(self._look)
        self.model.stirred.connect(self._stir)
        self.model.modelReset.connect(self.list.scrollToTop)
        self.kinds.chosen_changed.connect(self.refilter)
        self.kinds.opening.connect(self._count)
        self.only.toggled.connect(self.refilter)
        self.places.currentIndexChanged.connect(self.refilter)
        self.time.currentIndexChanged.connect(self.refilter)
        self.list.clicked.connect(self.jump)
        self.list.activated.connect(self.jump)
        self.list.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.chip.clicked.connect(self.to_newest)
        self._mend.clicked.connect(self._on_mend)

    def sizeHint(self) -> QSize:
        """Ask for a column that a sentence reads well in."""
        return QSize(340, 360)

    # ------------------------------------------------------------------ which events

    def refilter(self) -> None:
        """Ask for the events that the filters let through."""
        if self._view.about is None:
            return
        if not self.isVisible():
            self._stale = True
            return
        self._stale = False
        view, about, time = self._view, self._view.about, self.time.currentData()
        self.model.use(
            EventFilter(
                None if self.kinds.is_all else frozenset(self.kinds.chosen),
                view.chosen if self.only.isChecked() else NOBODY,
                str(self.places.currentData() or ""),
                max(about.first, view.last_tick - about.day + 1) if time == DAY else None,
                self._last(),
            )
        )

    def _last(self) -> int | None:
        if self.time.currentData() == SCREEN and not self._view.is_following:
            return self._view.tick
        return None

    def _open(self) -> None:
        assert self._view.about is not None
        entries = sorted(self._view.about.events, key=lambda entry: (entry.name in BOOKKEEPING, entry.name))
        self.kinds.offer([Option(e.name, plain(e.name), e.about, e.name not in BOOKKEEPING) for e in entries])
        with QSignalBlocker(self.places):
            self.places.clear()
            self.places.addItem(self.tr("Everywhere"), "")
            for place in self._view.about.places:
                self.places.addItem(place.name, place.name)
        self.refilter()

    def _close(self) -> None:
        self._timer.stop()
        self._bringing, self._stale = None, True
        self.model.clear()

    def _selected(self) -> None:
        self._name_toggle()
        if self.only.isChecked():
            if self._view.chosen == NOBODY:
                self.only.setChecked(False)
            elif self._view.chosen != self.model.filter.agent:
                self.refilter()

    def _name_toggle(self) -> None:
        chosen = self._view.chosen
        name = self.tr("the selected") if chosen == NOBODY else self._view.name(chosen)
        words = self.tr("Only {0}").format(name)
        self.only.setEnabled(chosen != NOBODY)
        self.only.setText(
            self.only.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, self.only.width() - SPACE[5])
        )
        self.only.setToolTip(self.tr("Show only events with {0} in them").format(name))
        self.only.setAccessibleName(words)

    def _count(self) -> None:
        self._view.ask("tally", lambda message: self.kinds.count(message.head["events"]))

    # ------------------------------------------------------------------ live

    def _frame(self) -> None:
        if self._bringing is not None and self._bringing[1] == self._view.tick:
            agent, self._bringing = self._bringing[0], None
            self._view.wanted.emit(agent)
        self.list.viewport().update()
        self._look_soon()

    def _look_soon(self) -> None:
        if self.isVisible() and not self._timer.isActive() and self._view.about is not None:
            self._timer.start()

    def _look(self) -> None:
        last = self._last()
        if last != self.model.filter.last:
            self.model.end_at(last)
        else:
            self.model.poll()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while nobody looked."""
        super().showEvent(event)
        if self._stale:
            self.refilter()
        else:
            self._look_soon()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hold the list still while the pointer is on it: what one is about to click must not run away."""
        if event.type() in (QEvent.Type.Enter, QEvent.Type.Leave):
            self._hold(event.type() == QEvent.Type.Enter)
        elif event.type() == QEvent.Type.Resize:
            self._place_chip()
        return super().eventFilter(watched, event)

    def _scrolled(self) -> None:
        self._hold(self.list.viewport().underMouse())

    def _hold(self, pointed: bool) -> None:
        at_top = self.list.verticalScrollBar().value() == 0
        self.model.hold = pointed or not at_top
        if not self.model.hold:
            self.model.reveal()

    def to_newest(self) -> None:
        """Show the newest events."""
        self.model.reveal()
        self.list.scrollToTop()

    # ------------------------------------------------------------------ jumping

    def jump(self, index: QModelIndex) -> None:
        """Show the moment of an event, select the people in it, and bring the first into sight."""
        event: Event | None = index.data(EVENT_ROLE)
        if event is None:
            return
        people = event.people or ((event.agent,) if event.agent >= 0 else ())
        if self.only.isChecked() and self._view.chosen in people:  # or else the list would turn to another person
            people = (self._view.chosen, *people)
        self._view.select(people)
        self._bringing = (people[0], event.tick) if people else None
        if self._view.tick == event.tick:
            self._frame()
        if not (self._view.is_following and event.tick >= self._view.last_tick):
            self._view.play(0)
            self._view.show_tick(event.tick)

    # ------------------------------------------------------------------ words

    def _stir(self) -> None:
        model = self.model
        sentence, mend = self._words()
        self._say.setText(sentence)
        self._mend.setText(mend)
        self._mend.setVisible(bool(mend))
        self._pages.setCurrentIndex(1 if sentence else 0)
        count = f"{model.fresh:,}+" if model.more_than_fresh else f"{model.fresh:,}"
        self.chip.setText(self.tr("{0} new").format(count))
        self.chip.setAccessibleName(self.tr("Show {0} new events").format(count))
        self.chip.setVisible(model.fresh > 0)
        self._place_chip()

    def _words(self) -> tuple[str, str]:
        """Return what is said in place of a list, and what a button there offers; "" for neither."""
        model = self.model
        if self._view.about is None:
            return self.tr("What happens in the society is told here."), ""
        if model.failure:
            return model.failure, self.tr("Try again")
        if model.rows:
            return "", ""
        if model.is_looking or self._stale:
            return self.tr("Looking through the events …"), ""
        if model.filter.kinds is not None and not model.filter.kinds:
            return self.tr("No kind of event is chosen."), self.tr("Show the usual kinds")
        if model.filter == EventFilter(model.filter.kinds):
            return self.tr("Nothing of this kind has happened yet."), self.tr("Show all kinds")
        return self.tr("No event is of these kinds, people, places and times."), self.tr("Show all events")

    def _on_mend(self) -> None:
        if self.model.failure:
            self.model.restart()
            return
        usual = self.model.filter.kinds is not None and not self.model.filter.kinds
        with QSignalBlocker(self.only), QSignalBlocker(self.places), QSignalBlocker(self.time):
            self.only.setChecked(False)
            self.places.setCurrentIndex(0)
            self.time.setCurrentIndex(0)
        with QSignalBlocker(self.kinds):
            (self.kinds.usual if usual else self.kinds.all)()
        self.refilter()

    def _place_chip(self) -> None:
        self.chip.adjustSize()
        self.chip.move((self.list.viewport().width() - self.chip.width()) // 2, SPACE[2])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the chip in the middle, and names no longer than there is room for."""
        super().resizeEvent(event)
        self._arrange(self.width() >= WIDE)
        self._place_chip()
        self._name_toggle()


def _shrinkable(box: QComboBox) -> None:
    """Let a box be as narrow as its column; its list is as wide as its words."""
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(6)
    box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
