"""The minds of the society on screen: whom each serves, how its model does, and the choice of another."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.actions import Actions
from app.design import OKABE_ITO, SMALL, SPACE, Design
from app.models.minds import MindRow, Rates, rows, short_name
from app.panels.flow import Chip, Flow
from app.panels.inspector.asking import Asking
from app.panels.inspector.body import Body
from app.panels.inspector.several import Shares
from app.panels.inspector.words import capital
from app.panels.minds.card import MindCard, people_words
from app.panels.minds.choice import MindChoice
from app.panels.pieces import Prose
from app.view import View
from engine.remote.wire import Message

EVERY = 1000
"""Milliseconds between two looks at a living society."""
AT_REST = 300
"""Milliseconds after which a look at a tick of the past is due: who scrubs passes many."""


class MindsPanel(QWidget):
    """Asks the host how the minds do, while somebody looks."""

    told = Signal()
    """The panel shows what the host has just told."""

    def __init__(self, view: View, actions: Actions, design: Design) -> None:
        super().__init__()
        self._view, self._design = view, design
        self.rows: list[MindRow] = []
        self.rates = Rates()
        self.setAccessibleName(self.tr("Minds"))
        self.summary = Prose(design, tone="soft")
        self._shares = Shares()
        self._flow = Flow(SPACE[1])
        self._chips: list[Chip] = []
        self.cards: dict[str, MindCard] = {}
        self._cards = QWidget()
        self._stack = QVBoxLayout(self._cards)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.setSpacing(SPACE[3])
        self.choice = MindChoice(view, actions, design)
        self.note = Prose(design, SMALL, tone="soft")
        self._body = Body([self._top(), self._cards, self.note, self.choice])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._body)
        self._asking = Asking(view, "minds", self._take, self._fail)
        self._pace = QTimer(self, singleShot=True, interval=EVERY)
        self._pace.timeout.connect(self._look)
        self._rest = QTimer(self, singleShot=True, interval=AT_REST)
        self._rest.timeout.connect(self._ask)
        view.opened.connect(self._open)
        view.closed.connect(self._close)
        view.frame_shown.connect(self._move)
        view.following_changed.connect(self._move)
        view.status_changed.connect(self.choice.heed)
        view.commanded.connect(lambda _: self._ask())
        view.lost.connect(lambda *_: self.choice.lose())
        design.changed.connect(self._show)
        design.changed.connect(self.update)
        self._open()

    def _top(self) -> QWidget:
        top = QWidget()
        layout = QVBoxLayout(top)
        layout.setContentsMargins(SPACE[1], SPACE[3], SPACE[1], 0)
        layout.setSpacing(SPACE[2])
        for piece in (self.summary, self._shares, self._flow):
            layout.addWidget(piece)
        return top

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._design.theme.panel))
        painter.end()

    # ------------------------------------------------------------------ asking

    def _open(self) -> None:
        self.rates.forget()
        self.rows = []
        self.choice.begin()
        self._show()
        self._look()

    def _close(self) -> None:
        self._asking.drop()
        self._pace.stop()
        self._rest.stop()
        self._open()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up."""
        super().showEvent(event)
        self._look()

    def _look(self) -> None:
        """Look, and again after a while where the society lives."""
        if self._view.about is None or not self.isVisible():
            return
        self._ask()
        if self._view.is_live:
            self._pace.start()

    def _move(self) -> None:
        """Look again soon at another tick of the past."""
        if self._view.about is not None and self.isVisible() and not (self._view.is_live and self._view.is_following):
            self._rest.start()

    def _ask(self) -> None:
        if self._view.about is not None and self.isVisible():
            self._asking.ask(**({} if self._view.is_following else {"tick": self._view.tick}))

    def _take(self, message: Message) -> None:
        told = message.head
        if self._view.is_live:
            self.rates.note(float(told["seconds"]), told["minds"])
        self.rows = rows(told, self.rates, self._view.is_live)
        self.choice.offer(told["known"], told["names"])
        self._view.learn_minds(told["names"])
        self.note.say("")
        self._show()
        self.told.emit()

    def _fail(self, sentence: str) -> None:
        self.note.say(capital(sentence), "warn")

    # ------------------------------------------------------------------ showing

    def _show(self) -> None:
        served = [(number, row) for number, row in enumerate(self.rows) if row.people]
        total = sum(row.people or 0 for _, row in served)
        self._shares.show_parts([((row.people or 0) / total, _colour(number)) for number, row in served])
        self._shares.setVisible(total > 0)
        while len(self._chips) < len(served):
            chip = Chip(self._design)
            chip.setParent(self._flow)
            self._chips.append(chip)
        for chip, (number, row) in zip(self._chips, served, strict=False):
            share = f"{100 * (row.people or 0) / total:.0f} %"
            tip = f"{row.name}: {people_words(row.people or 0)}"
            chip.say(f"{short_name(row.name)} {share}", dot=_colour(number), tip=tip)
        self._flow.flow(self._chips[: len(served)])
        thinkers = [row for row in self.rows if row.has_model]
        self.summary.say(self._words(total, bool(thinkers)))
        for name in [name for name in self.cards if name not in {row.name for row in thinkers}]:
            card = self.cards.pop(name)
            self._stack.removeWidget(card)
            card.deleteLater()
        for row in thinkers:
            if row.name not in self.cards:
                self.cards[row.name] = MindCard(self._design, row.name)
                self._stack.addWidget(self.cards[row.name])
            self.cards[row.name].show_row(row)
        self._cards.setVisible(bool(thinkers))
        self._body.settle()

    def _words(self, total: int, thinks: bool) -> str:
        if self._view.about is None:
            return self.tr("Nothing is open.")
        if not self.rows:
            return self.tr("Looking into it …")
        if not thinks:
            return self.tr("No language model is at work: everybody decides by rules.")
        return self.tr("Who decides for whom:") if total else ""


def _colour(number: int) -> str:
    return OKABE_ITO[number % len(OKABE_ITO)]
