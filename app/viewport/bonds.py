"""What the host is asked of the selected person for the marks: the way of the last day, and the strongest ties."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from app.session import Request
from app.view import NOBODY, View
from app.viewport.ground import Ints
from app.viewport.marks import MOST_TIES, Tie
from engine.remote.wire import Message

SOON = 80
"""Milliseconds after somebody was selected until their trail and ties are asked for."""
AGAIN = 900
"""Milliseconds after which trail and ties are asked anew while time goes on."""
FRESH = 60
"""Ticks after an answer for which the way is carried on from the frames."""
MOST_KNOWN = 64
"""Ties that are asked for: all that there can be, for the colours by trust."""


class Bonds(QObject):
    """Keeps trail and ties of the selected; one question of each is under way, and the newest wish wins."""

    trail_changed = Signal()
    ties_changed = Signal()

    def __init__(self, view: View, parent: QObject) -> None:
        super().__init__(parent)
        self.view = view
        self.agent = NOBODY
        self.trail: Ints = np.zeros(0, np.int64)
        self.ties: tuple[Tie, ...] = ()
        self._asked: dict[str, Request | None] = {"trail": None, "ties": None}
        self._tick = -1
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._refresh)

    @property
    def trust(self) -> Mapping[int, int]:
        """The selected person's trust in those known, -1000..1000."""
        return {tie.agent: tie.trust for tie in self.ties}

    def about(self, agent: int) -> None:
        """Ask about this person from now on, NOBODY for none; what is known of another is dropped at once."""
        if agent == self.agent:
            return
        self.forget()
        self.agent = agent
        if agent != NOBODY:
            self._timer.start(SOON)  # what is read of the person comes first

    def forget(self) -> None:
        """Know of nobody, and let answers under way pass."""
        for question, request in self._asked.items():
            if request is not None:
                request.cancel()
            self._asked[question] = None
        self._timer.stop()
        self.agent, self._tick = NOBODY, -1
        self.trail, self.ties = np.zeros(0, np.int64), ()
        self.trail_changed.emit()
        self.ties_changed.emit()

    def time_passed(self) -> None:
        """Another tick is shown: ask again soon."""
        if self.agent == NOBODY or self.view.frame is None:
            return
        if not self._timer.isActive():
            self._timer.start(AGAIN)
        cell = int(self.view.frame.columns["space.cell"][self.agent])
        if self.trail.size and 0 < self.view.tick - self._tick <= FRESH and cell not in (-1, self.trail[-1]):
            self.trail = np.append(self.trail, cell)
            self.trail_changed.emit()

    def _refresh(self) -> None:
        about, agent = self.view.about, self.agent
        if about is None or agent == NOBODY or self._tick == self.view.tick:
            return
        tick = self._tick = self.view.tick
        has_ties = any(column.name.startswith("ties.") for column in about.columns)
        self._ask("trail", self._take_trail, agent=agent, first=max(tick - about.day, about.first), last=tick)
        if has_ties:
            then = {} if self.view.is_following else {"tick": tick}  # now costs the host nothing, then a look back
            self._ask("ties", self._take_ties, agent=agent, limit=MOST_KNOWN, **then)

    def _ask(self, question: str, then: Callable[[Message], None], **parameters: int) -> None:
        before = self._asked[question]
        if before is not None:
            self._timer.start(AGAIN)  # one under way is enough
            self._tick = -1
            return

        def done(message: Message) -> None:
            self._asked[question] = None
            then(message)

        def failed(sentence: str) -> None:
            self._asked[question] = None

        self._asked[question] = self.view.ask(question, done, failed, **parameters)

    def _take_trail(self, message: Message) -> None:
        self.trail = np.asarray(message.columns["cell"], np.int64)
        self.trail_changed.emit()

    def _take_ties(self, message: Message) -> None:
        rows = message.head["rows"]
        self.ties = tuple(Tie(int(row["agent"]), int(row["trust"]), int(row["familiarity"])) for row in rows)
        self.ties_changed.emit()

    def strongest(self) -> tuple[Tie, ...]:
        """Return the ties that are drawn: the most familiar, and of those alike the most trusted or distrusted."""
        ranked = sorted(self.ties, key=lambda tie: (-tie.familiarity - abs(tie.trust), tie.agent))
        return tuple(ranked[:MOST_TIES])
