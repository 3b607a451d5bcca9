"""Driving somebody: the legal choices of this moment as a searchable list, and what became of the one taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLineEdit

from app.actions import Actions
from app.design import SMALL, Design
from app.panels.inspector.asking import Asking
from app.panels.inspector.header import ActionButton
from app.panels.inspector.words import capital, clock, title, translate
from app.panels.pieces import Fold, Prose
from app.panels.rows import Entry, Rows
from app.session import Reply
from app.view import NOBODY, View
from engine.remote.wire import Message

EVERY = 1000
"""Milliseconds between two looks at what can be chosen, while nobody is choosing."""
BRANCH = "run.branch"
"""The action that goes on from a recorded tick, where the window has it."""


class Drive(Fold):
    """The menu with which a person at the screen decides for somebody; live societies only."""

    def __init__(self, view: View, actions: Actions, design: Design) -> None:
        super().__init__(design, translate("Inspector", "Drive"))
        self._view, self._actions = view, actions
        self._agent, self._tick = NOBODY, -1
        self._choices: list[Mapping[str, Any]] = []
        self._asking = Asking(view, "choices", self._take, self._fail)
        self.state = Prose(design)
        self.search = QLineEdit()
        self.search.setPlaceholderText(translate("Inspector", "Search what they can do"))
        self.search.setAccessibleName(translate("Inspector", "Search what they can do"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(lambda _: self._show())
        self.search.returnPressed.connect(self._first)
        self.rows = Rows(design)
        self.rows.chosen.connect(self._choose)
        self.none = Prose(design, tone="soft")
        self.feedback = Prose(design, SMALL)
        self.release = ActionButton(actions["inspector.release"])
        self.branch: ActionButton | None = None
        for piece in (self.state, self.feedback, self.release, self.search, self.none):
            self.add(piece)
        self.add(self.rows, wide=True)
        self.feedback.hide()
        self._pace = QTimer(self)
        self._pace.setInterval(EVERY)
        self._pace.timeout.connect(self._look_again)
        self.is_open = False
        self.is_held = self._is_refused = False
        self.hide()

    def begin(self, agent: int) -> None:
        """Be about somebody else from now on; what could be chosen for the one before is gone at once."""
        self._asking.drop()
        self._agent, self._tick, self._choices, self._is_refused = agent, -1, [], False
        self.feedback.say("")
        self.search.clear()
        self._show()
        if self.is_open and agent != NOBODY:
            self.ask()

    def toggle(self, is_open: bool) -> None:
        """Open or close the menu."""
        self.is_open = is_open
        self.setVisible(is_open)
        (self._pace.start if is_open else self._pace.stop)()
        self._show()
        if is_open:
            self.ask()
            if self._view.is_live:
                self.search.setFocus()

    def hold(self, held: bool) -> None:
        """Say whether the person waits for the one at the screen."""
        if held != self.is_held:
            self.is_held = held
            self._show()
            self._actions.refresh()

    def ask(self) -> None:
        """Ask what can be chosen now."""
        if self._view.is_live and self._agent != NOBODY and self.isVisible():
            self._asking.ask(agent=self._agent)

    def _look_again(self) -> None:
        """Look again, unless somebody is about to choose: what one points at must not change under the pointer."""
        status = self._view.status
        moved = status is not None and status.tick != self._tick
        if moved and not self.rows.underMouse() and not any(row.hasFocus() for row in self.rows.rows()):
            self.ask()

    def _take(self, message: Message) -> None:
        self._tick = int(message.head["tick"])
        self._choices = list(message.head["choices"])
        self._show()

    def _fail(self, sentence: str) -> None:
        self._choices = []
        if not self._is_refused:  # why it was refused says more than that there is nothing left to choose
            self.feedback.say(capital(sentence), "warn")
        self._show()

    def _show(self) -> None:
        live, about = self._view.is_live, self._view.about
        for piece in (self.search, self.rows, self.none):
            piece.setVisible(live)
        self.release.setVisible(live and self.is_held)
        if not live:
            self.state.say(
                translate(
                    "Inspector",
                    "This is a recorded run, so nobody can be driven. Continue from here as a branch to drive them.",
                )
            )
            if self.branch is None and BRANCH in self._actions:
                self.branch = ActionButton(self._actions[BRANCH])
                self.body.insertWidget(1, self.branch)
            if self.branch is not None:
                self.branch.show()
            return
        if self.branch is not None:
            self.branch.hide()
        if self.is_held:
            self.state.say(translate("Inspector", "Held: they carry out what you chose, then wait for you."), "accent")
        else:
            self.state.say(
                translate("Inspector", "Choose for them; from then on they wait for you until released."), "soft"
            )
        wanted = self.search.text().casefold().split()
        groups: dict[str, list[Entry]] = {}
        for number, choice in enumerate(self._choices):
            text = capital(str(choice["text"]))
            if all(word in f"{choice['action']} {text}".casefold() for word in wanted):
                groups.setdefault(str(choice["action"]), []).append(
                    Entry(number, text, tip=translate("Inspector", "Do this now"))
                )
        entries: list[Entry] = []
        for action, group in groups.items():
            entries += [Entry(f"group {action}", title(action), heading=True), *group]
        self.rows.show_entries(entries)
        if self._choices and not entries:
            self.none.say(translate("Inspector", "No choice has these words; search for fewer."))
        else:
            self.none.say(
                "" if self._choices or self._tick < 0 else translate("Inspector", "There is nothing to choose now.")
            )
        self.heading.note(
            "" if about is None or self._tick < 0 else translate("Inspector", "at {0}").format(clock(about, self._tick))
        )

    def _first(self) -> None:
        self.rows.focus_first()

    def _choose(self, key: object) -> None:
        if not isinstance(key, int) or key >= len(self._choices):
            return
        choice, agent = self._choices[key], self._agent
        what = {"agent": agent, "action": choice["action"], "arguments": list(choice["args"]), "hold": True}
        self._send("drive", what, str(choice["text"]))

    def let_go(self) -> None:
        """Release the person: their mind decides again."""
        if self._agent != NOBODY:
            self._send("release", {"agent": self._agent}, translate("Inspector", "release"))

    def _send(self, do: str, what: Mapping[str, Any], text: str) -> None:
        agent = self._agent
        status = self._view.status
        stands = status is not None and status.state == "paused"
        sent = (
            translate("Inspector", "{0}: waits for the next tick; time stands still.")
            if stands
            else translate("Inspector", "{0}: sent.")
        )
        self.feedback.say(sent.format(capital(text)), "soft")

        def done(reply: Reply) -> None:
            if agent != self._agent:
                return
            about = self._view.about
            self._is_refused = bool(reply.refusal)
            if reply.refusal:
                self.feedback.say(translate("Inspector", "Refused: {0}").format(reply.refusal), "bad")
            elif about is not None:
                when = clock(about, reply.tick)
                words = translate("Inspector", "{0}: applied on {1}, tick {2:,}.").format(
                    capital(text), when, reply.tick
                )
                self.feedback.say(words, "good")
                self.hold(do == "drive")
            self.ask()

        self._view.command(do, what, done)
