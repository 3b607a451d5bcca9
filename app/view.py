"""What is on the screen: which society, which tick of it, who is selected. Every panel reads it and none keeps its own.

State first: a panel calls a method here, the state changes, a signal says so, and all panels follow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from app.session import Failed, Frame, Line, Reply, Request, Session, Then
from engine.remote.wire import About, Columns, Message, Status

NOBODY = -1
NAMES_AT_ONCE = 20_000
PLAY_SPEED = 8.0
SETTLE = 90
"""Milliseconds after a selection in which no new frame is shown: what is read of the person comes first."""
PLAY_EVERY = 33
"""Milliseconds between two frames of the past that are played."""


class View(QObject):
    """The state of the window. It lasts as long as the window; sessions come and go."""

    opened = Signal()
    """Another society is on screen: `about` and `land` are set."""
    closed = Signal()
    """No society is on screen."""
    frame_shown = Signal()
    """`frame` is another one."""
    status_changed = Signal()
    """`status` is another one."""
    said = Signal(object)
    """list[Line]: what was said at the shown tick, or since the last frame of the live end."""
    measured = Signal(int, object)
    """A tick of the live end and its measures, name -> number or list."""
    selection_changed = Signal()
    """`selected` is another one."""
    hover_changed = Signal()
    """`hovered` is another one."""
    colour_changed = Signal()
    """`colour` is another one: the name of what people are coloured by."""
    following_changed = Signal()
    """`is_following` or `playing` is another one."""
    named = Signal()
    """More names are known."""
    commanded = Signal(int)
    """A command was applied to the society at this tick."""
    wanted = Signal(int)
    """Somebody wants this person brought into sight."""
    minds_changed = Signal()
    """`about` has more minds: one came while the society lived."""
    lost = Signal(str, str)
    """The engine is gone: one sentence, details. The last frame stays."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session: Session | None = None
        self.about: About | None = None
        self.land: Columns = {}
        self.frame: Frame | None = None
        self.newest: Frame | None = None
        self.status: Status | None = None
        self.selected: tuple[int, ...] = ()
        self.hovered = NOBODY
        self.colour = "role"
        self.is_following = True
        self.playing = 0.0
        """Ticks a second at which the past is played; below 0 backwards, 0 for standing."""
        self.names: list[str] = []
        self.play_speed = PLAY_SPEED
        """Ticks a second at which the past is played when somebody wishes to see it."""
        self._naming = False
        self._wanted_tick: int | None = None
        self._fetching: Request | None = None
        self._exact = 0.0
        self._settling = QTimer(self, singleShot=True, interval=SETTLE)
        self._settling.timeout.connect(self._catch_up)
        self._player = QTimer(self)
        self._player.setInterval(PLAY_EVERY)
        self._player.timeout.connect(self._play_on)

    # ------------------------------------------------------------------ what is open

    def open(self, session: Session) -> None:
        """Show a session from now on; the one before is closed."""
        self.close()
        self.session = session
        session.opened.connect(self._open)
        session.framed.connect(self._arrive)
        session.said.connect(self._say)
        session.measured.connect(self.measured)
        session.status_changed.connect(self._status)
        session.lost.connect(self._lose)
        session.start()

    def close(self) -> None:
        """Show nothing."""
        session, self.session = self.session, None
        self._player.stop()
        self._settling.stop()
        if session is None:
            return
        session.close()
        session.deleteLater()
        self.about, self.land, self.frame, self.newest, self.status = None, {}, None, None, None
        self.selected, self.hovered, self.names = (), NOBODY, []
        self.is_following, self.playing, self._wanted_tick, self._fetching = True, 0.0, None, None
        self._naming = False
        self.closed.emit()

    @property
    def is_live(self) -> bool:
        """Whether the society can go on, be paused and be driven."""
        return self.session is not None and self.session.is_live

    def _open(self, about: About, land: Columns) -> None:
        self.about, self.land = about, land
        if self.colour not in self.colours():
            self.colour = "role"
        self.opened.emit()

    def colours(self) -> tuple[str, ...]:
        """Return by what people can be coloured: "role", names of number columns of the frame, "mood", "trust", "home".

        "trust" is the trust of the selected person in each; "mood" the mean of how well the levels stand.
        """
        if self.about is None:
            return ("role",)
        plain = [
            column.name
            for column in self.about.columns
            if column.frame and not column.shape and column.unit and column.name not in ("people.role",)
        ]
        owners = {column.name.partition(".")[0] for column in self.about.columns}
        extra = [name for name, owner in (("mood", "drives"), ("trust", "ties")) if owner in owners]
        home = ["home"] if any(column.name == "people.home" and column.frame for column in self.about.columns) else []
        return ("role", "action", *plain, *extra, *home)

    def learn_minds(self, names: Sequence[str]) -> None:
        """Learn what the numbers of `people.mind` read; a mind may have come since the society was opened."""
        about, minds = self.about, tuple(names)
        if about is None or len(minds) <= len(about.minds):
            return
        columns = tuple(replace(one, words=minds) if one.name == "people.mind" else one for one in about.columns)
        self.about = replace(about, minds=minds, columns=columns)
        self.minds_changed.emit()

    # ------------------------------------------------------------------ which tick

    def _arrive(self, frame: Frame) -> None:
        self.newest = frame
        if self.frame is None or (self.is_following and not self._settling.isActive()):
            self._show(frame)

    def _catch_up(self) -> None:
        """Show the newest frame that came while somebody was being selected."""
        if self.is_following and self.newest is not None and self.newest is not self.frame:
            self._show(self.newest)

    def _show(self, frame: Frame) -> None:
        self.frame = frame
        count = len(next(iter(frame.columns.values()), ()))
        if count > len(self.names) and not self._naming:
            self._ask_names()
        if any(agent >= count for agent in self.selected):
            self.select([agent for agent in self.selected if agent < count])
        self.frame_shown.emit()

    def _status(self, status: Status) -> None:
        self.status = status
        self.status_changed.emit()

    def _lose(self, sentence: str, details: str) -> None:
        if self.status is not None:
            self._status(replace(self.status, state="stopped", ticks_per_s=0.0, decisions_per_s=0.0, note=sentence))
        self.lost.emit(sentence, details)

    def _say(self, lines: Sequence[Line]) -> None:
        if self.is_following:
            self.said.emit(list(lines))

    @property
    def tick(self) -> int:
        """The tick on screen."""
        return 0 if self.frame is None else self.frame.tick

    @property
    def last_tick(self) -> int:
        """The last tick that there is."""
        known = [frame.tick for frame in (self.newest, self.frame) if frame is not None]
        return max([*known, 0 if self.status is None else self.status.tick])

    def show_tick(self, tick: int) -> None:
        """Show a tick of the past, or the live end when it is the last; the newest wish wins."""
        if self.about is None or self.session is None:
            return
        self._wanted_tick = min(max(tick, self.about.first), self.last_tick)
        if self.is_following:
            self.is_following = False
            self.following_changed.emit()
        self._fetch()

    def _fetch(self) -> None:
        if self._fetching is None and self._wanted_tick is not None and self.session is not None:
            tick, self._wanted_tick = self._wanted_tick, None
            self._fetching = self.session.ask("frame", self._fetched, self._not_fetched, tick=tick)

    def _fetched(self, message: Message) -> None:
        self._fetching = None
        if not self.is_following:
            self._show(Frame(int(message.head["tick"]), message.columns))
            self.said.emit([Line(*line) for line in message.head.get("said", ())])
        self._fetch()

    def _not_fetched(self, sentence: str) -> None:
        self._fetching = None
        self._fetch()

    def follow(self) -> None:
        """Go back to the live end (of a recorded run: its last tick) and stay there."""
        self.play(0)
        self._wanted_tick = None
        if not self.is_following:
            self.is_following = True
            self.following_changed.emit()
        if self.newest is not None:
            self._show(self.newest)

    def play(self, ticks_per_s: float) -> None:
        """Play the past from the tick on screen: forwards, backwards (below 0), or stand (0)."""
        if ticks_per_s and self.is_following:
            if ticks_per_s > 0 and self.is_live:
                return
            self.is_following = False
            if ticks_per_s > 0 and self.about is not None and self.tick >= self.last_tick:
                self.show_tick(self.about.first)
        self.playing, self._exact = ticks_per_s, float(self.tick)
        (self._player.start if ticks_per_s else self._player.stop)()
        self.following_changed.emit()

    def _play_on(self) -> None:
        if self._fetching is not None or self.about is None:
            return
        self._exact += self.playing * PLAY_EVERY / 1000
        tick = int(self._exact)
        if self.playing > 0 and tick >= self.last_tick:
            self.follow()
        elif self.playing < 0 and tick <= self.about.first:
            self.show_tick(self.about.first)
            self.play(0)
        elif tick != self.tick:
            self._wanted_tick = tick
            self._fetch()

    # ------------------------------------------------------------------ who

    def select(self, agents: Sequence[int]) -> None:
        """Select these people; the first is whom inspector, trail and rings are about."""
        chosen = tuple(dict.fromkeys(int(agent) for agent in agents))
        if chosen != self.selected:
            self.selected = chosen
            if chosen:
                self._settling.start()
            self.selection_changed.emit()

    @property
    def chosen(self) -> int:
        """The first of the selected, or NOBODY."""
        return self.selected[0] if self.selected else NOBODY

    def hover(self, agent: int) -> None:
        """Tell over whom the pointer is, NOBODY for none."""
        if agent != self.hovered:
            self.hovered = agent
            self.hover_changed.emit()

    def want(self, agent: int) -> None:
        """Select somebody and bring the person into sight."""
        self.select([agent])
        self.wanted.emit(agent)

    def colour_by(self, name: str) -> None:
        """Colour people by something of `colours`."""
        if name in self.colours() and name != self.colour:
            self.colour = name
            self.colour_changed.emit()

    def name(self, agent: int) -> str:
        """Return somebody's name, or their number while it is not known yet."""
        return self.names[agent] if 0 <= agent < len(self.names) else f"#{agent}"

    def alive(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Return who lives at the tick on screen, bool[ids]."""
        if self.frame is None:
            return np.zeros(0, np.bool_)
        alive: np.ndarray[Any, np.dtype[np.bool_]] = self.frame.columns["people.alive"]
        return alive

    def _ask_names(self) -> None:
        self._naming = True
        self.ask("names", self._name, first=len(self.names), count=NAMES_AT_ONCE)

    def _name(self, message: Message) -> None:
        self._naming = False
        fresh = message.head["names"]
        if message.head["first"] == len(self.names) and fresh:
            self.names += fresh
            self.named.emit()
            if self.frame is not None and len(next(iter(self.frame.columns.values()))) > len(self.names):
                self._ask_names()

    # ------------------------------------------------------------------ the host

    def ask(self, question: str, then: Then, failed: Failed | None = None, **parameters: Any) -> Request | None:
        """Ask the host; see Session.ask. None when nothing is open."""
        return None if self.session is None else self.session.ask(question, then, failed, **parameters)

    def command(self, do: str, what: Mapping[str, Any], then: Callable[[Reply], None] | None = None) -> None:
        """Send a command; see Session.command. Nothing happens when nothing is open."""

        def done(reply: Reply) -> None:
            if not reply.refusal:
                self.commanded.emit(reply.tick)
            if then is not None:
                then(reply)

        if self.session is not None:
            self.session.command(do, what, done)
