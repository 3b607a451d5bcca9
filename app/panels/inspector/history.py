"""What somebody decided and what happened to them, newest first, page by page; a click shows that tick."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QToolButton

from app.design import SPACE, Design, dress
from app.panels.inspector.asking import Asking, Lane
from app.panels.inspector.words import capital, clock, outcome, tone_of, translate
from app.panels.pieces import Fold, Prose
from app.panels.rows import Entry, Rows
from app.view import NOBODY, View
from engine.remote.wire import Message

PAGE = 20
STREAMS = ("decisions", "events")


class Stream:
    """Pages of one kind, newest first. `rows` is what is known, `cursor` where it goes on (None: that was all)."""

    def __init__(self) -> None:
        self.rows: list[Mapping[str, Any]] = []
        self.cursor: Any = None
        self.begun = False
        self._most = 2 * PAGE

    def newest(self, page: Sequence[Mapping[str, Any]], cursor: Any) -> None:
        """Take the first page anew: what is newer goes on top, unless there is a gap."""
        top = int(self.rows[0]["tick"]) if self.rows else None
        meets = top is not None and (cursor is None or (bool(page) and int(page[-1]["tick"]) <= top))
        if top is not None and meets and len(self.rows) < self._most:
            self.rows = [row for row in page if int(row["tick"]) > top] + self.rows
        else:  # nothing known, a gap, or so much that watching for hours would pile it up
            self.rows, self.cursor, self._most = list(page), cursor, 2 * PAGE
        self.begun = True

    def older(self, page: Sequence[Mapping[str, Any]], cursor: Any) -> None:
        """Take the next page."""
        self.rows += page
        self.cursor = cursor
        self._most = len(self.rows) + 10 * PAGE


class History(Fold):
    """Decisions and events of a person, merged."""

    def __init__(self, design: Design, view: View, lane: Lane) -> None:
        super().__init__(design, translate("Inspector", "History"))
        self._view = view
        self._agent = NOBODY
        self._last: int | None = None
        self._failed = ""
        self._streams = {name: Stream() for name in STREAMS}
        self._newest = {name: Asking(view, name, self._taker(name, False), self._fail, lane) for name in STREAMS}
        self._older = {name: Asking(view, name, self._taker(name, True), self._fail, lane) for name in STREAMS}
        self._kinds = QButtonGroup(self)
        choice = QHBoxLayout()
        choice.setSpacing(SPACE[1])
        names = (translate("Inspector", "All"), translate("Inspector", "Decisions"), translate("Inspector", "Events"))
        for number, name in enumerate(names):
            button = QToolButton()
            button.setText(name)
            button.setAccessibleName(name)
            button.setCheckable(True)
            button.setChecked(number == 0)
            self._kinds.addButton(button, number)
            choice.addWidget(button)
        choice.addStretch(1)
        self._kinds.idToggled.connect(lambda *_: self._show())
        self.rows = Rows(design, indent=True)
        self.rows.chosen.connect(self._jump)
        self.none = Prose(design, tone="soft")
        self.more = QPushButton(translate("Inspector", "More"))
        self.more.clicked.connect(self._ask_older)
        dress(self.more, "quiet")
        self.body.addLayout(choice)
        self.add(self.none)
        self.add(self.rows, wide=True)
        self.add(self.more)
        self.more.hide()

    def begin(self, agent: int) -> None:
        """Forget, and be about somebody else from now on."""
        self._agent, self._last, self._failed = agent, None, ""
        for name in STREAMS:
            self._newest[name].drop()
            self._older[name].drop()
            self._streams[name] = Stream()
        self._show()

    def refresh(self) -> None:
        """Ask for what is newer; for the time on screen, where that lies before all that is known."""
        if self._agent == NOBODY:
            return
        oldest = [int(s.rows[-1]["tick"]) for s in self._streams.values() if s.rows and s.cursor is not None]
        tick = self._view.tick
        if not self._view.is_following and oldest and tick < max(oldest):
            self._last = tick
            self._streams = {name: Stream() for name in STREAMS}
        elif self._view.is_following and self._last is not None:
            self._last = None
            self._streams = {name: Stream() for name in STREAMS}
        elif not self._view.is_following and all(stream.begun for stream in self._streams.values()):
            self._show()
            return
        for name in STREAMS:
            self._newest[name].ask(**self._what())

    def _what(self) -> dict[str, Any]:
        what: dict[str, Any] = {"agent": self._agent, "limit": PAGE}
        return what if self._last is None else {**what, "last": self._last}

    def _ask_older(self) -> None:
        for name, stream in self._streams.items():
            if stream.cursor is not None:
                what = {**self._what(), "cursor": stream.cursor}
                self._older[name].ask(**(what if name == "decisions" else {**what, "order": "newest"}))

    def _taker(self, name: str, older: bool) -> Any:
        def take(message: Message) -> None:
            stream = self._streams[name]
            (stream.older if older else stream.newest)(message.head["rows"], message.head.get("next"))
            self._failed = ""
            self._show()

        return take

    def _fail(self, sentence: str) -> None:
        self._failed = sentence
        self._show()

    def merged(self) -> list[tuple[str, Mapping[str, Any]]]:
        """Return (kind, row) of all that is known down to where a page is missing, newest first."""
        wanted = {0: STREAMS, 1: ("decisions",), 2: ("events",)}[max(0, self._kinds.checkedId())]
        streams = [(name, self._streams[name]) for name in wanted]
        floor = max((int(s.rows[-1]["tick"]) for _, s in streams if s.rows and s.cursor is not None), default=-1)
        rows = [(name, row) for name, stream in streams for row in stream.rows if int(row["tick"]) >= floor]
        return sorted(rows, key=lambda entry: -int(entry[1]["tick"]))

    def _show(self) -> None:
        about = self._view.about
        if about is None:
            return
        now = self._view.tick
        rows = self.merged()
        current = next((int(row["tick"]) for _, row in rows if int(row["tick"]) <= now), None)
        entries = []
        for number, (name, row) in enumerate(rows):
            tick = int(row["tick"])
            here = not self._view.is_following and tick == current
            is_decision = name == "decisions"
            text = capital(str(row["text"]))
            entries.append(
                Entry(
                    key=(tick, name, len(rows) - number),
                    text=text,
                    note=clock(about, tick, now),
                    under=capital(outcome(row)) if is_decision and row["outcome"] != "started" else "",
                    icon="fa6s.arrow-right" if is_decision else "",
                    tone="soft" if tick > now or (is_decision and tone_of(row) == "bad") else "ink",
                    strong=here,
                    tip=translate("Inspector", "{0}\nTick {1:,}. Click to go there.").format(text, tick),
                )
            )
        self.rows.show_entries(entries)
        if self._failed:
            self.none.say(capital(self._failed), "warn")
        elif all(stream.begun for stream in self._streams.values()):
            self.none.say("" if entries else translate("Inspector", "Nothing yet"), "soft")
        else:
            self.none.say("")
        self.more.setVisible(any(stream.cursor is not None for stream in self._streams.values()))

    def _jump(self, key: object) -> None:
        if isinstance(key, tuple):
            self._view.show_tick(int(key[0]))
