"""The inspector of the first of the selected, at the tick on screen: filled at once, and again as time goes on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QMenu, QStackedLayout, QWidget

from app.actions import Actions
from app.design import Design
from app.panels.inspector.asking import Asking, Lane
from app.panels.inspector.body import Body, blank_page
from app.panels.inspector.deeds import register
from app.panels.inspector.drive import Drive
from app.panels.inspector.header import ActionButton, Header
from app.panels.inspector.history import History
from app.panels.inspector.moment import Options, Why
from app.panels.inspector.needs import Belongings, Character, Needs
from app.panels.inspector.several import Several
from app.panels.inspector.thought import Thought
from app.panels.inspector.ties import MOST, Ties
from app.panels.inspector.words import capital, sheet
from app.panels.pieces import Prose
from app.view import NOBODY, View
from engine.remote.wire import Message

PACE = 250
"""Milliseconds between two looks at a person while time goes on."""
EXPLAINED = 1000
"""Milliseconds between two looks at why, which the host has to work out."""
SLOW = 2000
"""Milliseconds between two looks at what changes slowly: ties, courses, history."""
LATE = 70
"""Milliseconds after which who somebody is is asked for alone, when why they do what they do takes longer."""
GRACE = 200
"""Milliseconds for which what was said of the one before stays, so that a quick answer does not flicker."""
POINTS = 96
"""Points of a course over the last day."""


class InspectorPanel(QWidget):
    """Who is selected, what they need and have, why they did what they did; and the menu to drive them."""

    filled = Signal(int)
    """The person with this number is shown as the host tells."""
    explained = Signal(int)
    """And why they did what they did."""

    def __init__(self, view: View, actions: Actions, design: Design) -> None:
        super().__init__()
        self._view, self._actions, self._design = view, actions, design
        self.person: Mapping[str, Any] | None = None
        self._agent = NOBODY
        self._left: int | None = None
        self._due, self._is_fresh = False, True
        self._is_explained = False
        self._explained_at: tuple[int, int, int | None] = (NOBODY, -1, None)
        self._slow_at = (NOBODY, -1)
        self._kinds: dict[str, str] = {}
        self.setAccessibleName(self.tr("Inspector"))
        self._lane = Lane()
        register(self, view, actions)
        self.header, self.several = Header(view, actions, design), Several(design, view)
        self.drive, self.needs, self.why = Drive(view, actions, design), Needs(design), Why(design, view)
        self.options, self.belongings = Options(design), Belongings(design, view)
        self.character, self.ties = Character(design), Ties(design, view)
        self.history = History(design, view, self._lane)
        self.thought = Thought(design, view, self._take_thought)
        self.trouble = Prose(design, tone="warn", icon="fa6s.triangle-exclamation")
        self._lay_out()
        self._person = Asking(view, "person", self._take_person, self._fail)
        self._why = Asking(view, "person", self._take_why, self._ignore, self._lane, first=True)
        self._levels = Asking(view, "levels", self._take_levels, self._ignore, self._lane)
        self._ties = Asking(view, "ties", self._take_ties, self._ignore, self._lane)
        self._departure = Asking(view, "events", self._take_departure, self._ignore, self._lane)
        self._arrival = Asking(view, "events", self._take_arrival, self._ignore, self._lane)
        self._pace = QTimer(self, singleShot=True, interval=PACE)
        self._pace.timeout.connect(self._paced)
        self._explaining = QTimer(self, singleShot=True, interval=EXPLAINED)
        self._explaining.timeout.connect(self._ask_why)
        self._slow = QTimer(self, singleShot=True, interval=SLOW)
        self._slow.timeout.connect(self._ask_slow)
        self._late = QTimer(self, singleShot=True, interval=LATE)
        self._late.timeout.connect(self._ask)
        self._grace = QTimer(self, singleShot=True, interval=GRACE)
        self._grace.timeout.connect(self._blank)
        view.selection_changed.connect(self._select)
        view.frame_shown.connect(self._look)
        view.following_changed.connect(self._look)
        view.named.connect(self._look)
        view.opened.connect(self._select)
        view.closed.connect(self._close)
        design.changed.connect(self.update)
        self._select()

    # ------------------------------------------------------------------ what it is made of

    def _lay_out(self) -> None:
        self.drive_button = ActionButton(self._actions["inspector.drive"])
        self.header.add_button(self.drive_button)
        parts: list[QWidget] = [
            self.several, self.header, self.trouble, self.drive, self.needs, self.why, self.thought, self.options,
            self.belongings, self.character, self.ties, self.history,
        ]  # fmt: skip
        self.trouble.hide()
        self._body = Body(parts)
        more = self.tr(
            "Click somebody in the world or in the list of people: who they are, what they need, and why they did "
            "what they did will stand here."
        )
        empty, self.hint = blank_page(self._design, self.tr("Nobody is selected"), more)
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(empty)
        self._stack.addWidget(self._body)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._design.theme.panel))
        painter.end()

    def _menu(self, at: QPoint) -> None:
        if self._agent == NOBODY:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        names = ("copy", "drive", "release", "previous", "next")
        menu.addActions([self._actions[f"inspector.{name}"] for name in names])
        menu.popup(self.mapToGlobal(at))

    # ------------------------------------------------------------------ who

    def _select(self) -> None:
        """Be about the first of the selected from now on."""
        agent = self._view.chosen
        if not self.isVisible():
            return
        if agent == NOBODY:
            self._close()
            return
        if agent != self._agent:
            self._agent, self.person, self._left = agent, None, None
            self._drop()
            self._is_fresh, self._is_explained = True, False
            self._preview(agent)
            self.drive.begin(agent)
            self.thought.begin(agent)
            self.drive.hold(self._is_driven())
            self.trouble.say("")
            self._stack.setCurrentIndex(1)
            self._body.to_top()
            self._grace.start()
            self._late.start()
            self._ask_why()
        self.several.show_selected(self._kinds)
        self._actions.refresh()

    def _preview(self, agent: int) -> None:
        """Show at once what the frame knows: who it is, where, and (once it is known which are bad) the needs."""
        self.header.preview(agent)
        self.needs.preview(self._view, agent, self._kinds)

    def _close(self) -> None:
        """Be about nobody."""
        self._agent, self.person = NOBODY, None
        self._drop()
        self._grace.stop()
        self._blank()
        self.drive.begin(NOBODY)
        self.thought.begin(NOBODY)
        self._stack.setCurrentIndex(0)
        self._actions.refresh()

    def _drop(self) -> None:
        """Forget all that is under way or due: it is about somebody else."""
        for asking in (self._person, self._why, self._levels, self._ties, self._departure, self._arrival):
            asking.drop()
        for timer in (self._pace, self._late, self._explaining, self._slow):
            timer.stop()
        self._due, self._explained_at, self._slow_at = False, (NOBODY, -1, None), (NOBODY, -1)

    def _blank(self) -> None:
        """Take away what was said of the one before."""
        if self.person is None:
            for part in (self.needs, self.belongings, self.character):
                part.hide()
            self.ties.show_ties([])
            self.history.begin(self._agent)
        if not self._is_explained:
            self.options.hide()
            self.why.wait()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up."""
        super().showEvent(event)
        self._select()
        self._look()

    # ------------------------------------------------------------------ asking

    def _look(self) -> None:
        """Look again, at most every PACE milliseconds."""
        if self._agent == NOBODY or not self.isVisible():
            return
        if self._pace.isActive():
            self._due = True
        else:
            self._pace.start()
            self.several.show_selected(self._kinds)
            self._ask()

    def _paced(self) -> None:
        if self._due:
            self._due = False
            self._look()

    def _at(self) -> dict[str, int]:
        """Return the tick on screen as a parameter; of those who left, the last tick that they were there."""
        if self._left is not None and self._view.tick >= self._left:
            return {"tick": self._left - 1}
        return {} if self._view.is_following else {"tick": self._view.tick}

    def _ask(self) -> None:
        """Ask for the person, and now and then for why and for what changes slowly."""
        self._person.ask(agent=self._agent, why=0, **self._at())
        if not (self._view.is_following and self._explaining.isActive()):
            self._ask_why()
        if self.person is not None and not (self._view.is_following and self._slow.isActive()):
            self._ask_slow()

    def _ask_why(self) -> None:
        """Ask for why; while time goes on the next look is due EXPLAINED milliseconds later."""
        if self._agent == NOBODY or not self.isVisible():
            return
        last = self._explained_at
        if last == (self._agent, self._view.tick, self._left):
            return
        self._explained_at = (self._agent, self._view.tick, self._left)
        self._why.ask(agent=self._agent, **self._at())
        self.thought.ask(self._at())
        self._explaining.start()

    def _ask_slow(self) -> None:
        """Ask for what changes slowly; while time goes on the next look is due SLOW milliseconds later."""
        about, person = self._view.about, self.person
        if about is None or person is None or not self.isVisible():
            return
        last = int(person["tick"])
        if self._slow_at == (self._agent, last):
            return
        self._slow_at = (self._agent, last)
        self._levels.ask(agent=self._agent, first=max(about.first, last - about.day), last=last, points=POINTS)
        self._ties.ask(agent=self._agent, limit=MOST, **self._at())
        if self._is_fresh:
            self._is_fresh = False
            self.history.begin(self._agent)
            self._arrival.ask(agent=self._agent, kinds="joined", order="oldest", limit=1)
        if not self._view.is_following or not self._body.is_within(self.history):  # rows must not move while one reads
            self.history.refresh()
        self._slow.start()

    def _take_person(self, message: Message) -> None:
        person = message.head
        if not self._is_wanted(person):
            return
        if not person["alive"] and self._left is None:
            self._departure.ask(agent=self._agent, kinds="departed", order="newest", limit=1)
        first = self.person is None
        self._show_person(person)
        if first:
            self._ask_slow()
            self._actions.refresh()
        self.filled.emit(self._agent)

    def _is_wanted(self, person: Mapping[str, Any]) -> bool:
        """Tell whether an answer is of who is selected; of those who left, of a tick at which they were there."""
        left = self._left if self._left is not None and self._view.tick >= self._left else None
        return int(person["agent"]) == self._agent and (left is None or int(person["tick"]) < left)

    def _show_person(self, person: Mapping[str, Any]) -> None:
        """Show who somebody is, what they need and have."""
        known = self.person or {}
        kept = {name: known[name] for name in ("perceived", "choices", "decision", "unknown") if name in known}
        self.person = {**person, **kept}
        self.trouble.say("")
        left = self._left if self._left is not None and self._view.tick >= self._left else None
        self.header.show_person(person, left)
        for part in (self.needs, self.belongings, self.character, self.thought):
            part.show_person(person)
        self._learn(person)
        self.drive.hold(bool(person["driven"]))
        self._body.settle()

    def _take_why(self, message: Message) -> None:
        person = message.head
        if not self._is_wanted(person):
            return
        self._grace.stop()
        self._is_explained = True
        self._late.stop()
        is_first = self.person is None
        if self.person is None or int(person["tick"]) >= int(self.person["tick"]) or not self._view.is_following:
            self.person = None
            self._show_person(person)
        else:
            explained = {name: person[name] for name in ("perceived", "choices", "decision", "unknown")}
            self.person = {**self.person, **explained}
        self.thought.show_person(person)
        self.why.show_person(person)
        self._show_options()
        self._body.settle()
        if is_first:
            self._ask_slow()
            self._actions.refresh()
            self.filled.emit(self._agent)
        self.explained.emit(self._agent)

    def _show_options(self) -> None:
        """Show what could have been chosen, unless the thought shows it as the model saw it."""
        if self.person is not None:
            self.options.show_person(self.person if not self.thought.covers(self.person) else {})

    def _take_thought(self) -> None:
        self._show_options()
        self._body.settle()

    def _learn(self, person: Mapping[str, Any]) -> None:
        """Remember which levels are lacks, for the summary of several."""
        for fact in person["facts"]:
            if fact["kind"] in ("level", "lack"):
                self._kinds[capital(str(fact["label"]))] = str(fact["kind"])

    def _take_levels(self, message: Message) -> None:
        self.needs.show_levels(message.head["levels"])

    def _take_ties(self, message: Message) -> None:
        self.ties.show_ties(message.head["rows"])
        self._body.settle()

    def _take_arrival(self, message: Message) -> None:
        about, rows = self._view.about, message.head["rows"]
        self.header.joined(int(rows[0]["tick"]) if rows else None if about is None else about.first)

    def _take_departure(self, message: Message) -> None:
        rows = message.head["rows"]
        if rows and int(rows[0]["tick"]) <= self._view.tick:
            self._left = int(rows[0]["tick"])
            self._person.drop()
            self._why.drop()
            self._ask()
            self._ask_why()

    def _fail(self, sentence: str) -> None:
        self.trouble.say(capital(sentence), "warn")

    def _ignore(self, sentence: str) -> None:
        """Leave out what the host cannot tell (a module may be off): the rest stands."""

    # ------------------------------------------------------------------ doing

    def has_person(self) -> bool:
        """Whether it is about somebody."""
        return self._agent != NOBODY

    def _is_driven(self) -> bool:
        frame = self._view.frame
        column = None if frame is None else frame.columns.get("people.driven")
        return column is not None and 0 <= self._agent < len(column) and bool(column[self._agent])

    def can_release(self) -> bool:
        """Whether somebody is held who can be let go."""
        return self._view.is_live and self._agent != NOBODY and self.drive.is_held

    def toggle_drive(self) -> None:
        """Open or close the menu of choices."""
        self.drive.toggle(not self.drive.is_open)
        self._body.to_top()

    def rotate(self, by: int) -> None:
        """Be about the next of several selected, or one before."""
        selected = self._view.selected
        if len(selected) > 1:
            self._view.select((*selected[by:], *selected[:by]))

    def copy(self) -> None:
        """Copy all that is shown as text."""
        about = self._view.about
        if self.person is not None and about is not None:
            rows = [row for _, row in self.history.merged()]
            told = self.ties.listed, rows, self.thought.thought
            QGuiApplication.clipboard().setText(sheet(self.person, about, *told))
