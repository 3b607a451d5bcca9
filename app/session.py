"""What is open: a live society, a recorded run, or one on another machine, behind one interface. Panels cannot tell.

A session is a client of one host. It lives in the window's thread; the wire is read by threads of its own, whose news
come in as Qt signals.
"""

from __future__ import annotations

import itertools
import queue
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from app.host_process import HostProcess
from engine.errors import RemoteError, SociariumError
from engine.remote.client import Client
from engine.remote.wire import About, Columns, Message, Status

ASKERS = 4
"""Threads that carry questions to the host."""

Then = Callable[[Message], None]
Failed = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Frame:
    """The columns of people that views draw, after a tick. All arrays are read-only and as long as ids were given."""

    tick: int
    columns: Columns


@dataclass(frozen=True, slots=True)
class Line:
    """Something that a person said, at a tick, to somebody (-1: to nobody in particular)."""

    tick: int
    agent: int
    text: str
    to: int = -1


@dataclass(eq=False, slots=True)
class Request:
    """A question under way; once `cancel`led, nobody hears of its answer."""

    question: str
    parameters: Mapping[str, Any]
    then: Then
    failed: Failed
    cancelled: bool = False

    def cancel(self) -> None:
        """Forget the answer."""
        self.cancelled = True


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of a command: applied at `tick`, or refused with a reason."""

    tick: int
    refusal: str


@dataclass(eq=False)
class _Pending:
    then: Callable[[Reply], None] | None = field(default=None)


class Session(QObject):
    """A client of one host, local or not. Made with a started HostProcess, or with the address of a host elsewhere."""

    opened = Signal(object, object)
    """About, and the columns of the land."""
    framed = Signal(object)
    """The newest Frame of the live end."""
    said = Signal(object)
    """list[Line] since the last frame."""
    measured = Signal(int, object)
    """A tick and its measures, name -> number or list."""
    status_changed = Signal(object)
    """Status."""
    lost = Signal(str, str)
    """The host is gone or refuses: one sentence, and details. Nothing comes after it."""
    _answered = Signal(object, object)
    _arrived = Signal(object)
    _broke = Signal(str, str)

    def __init__(self, process: HostProcess | None, address: str = "", token: str = "") -> None:
        super().__init__()
        self.process = process
        self.address = address
        self.about: About | None = None
        self.status: Status | None = None
        self._token = token
        self._client: Client | None = None
        self._closing = self._is_lost = False
        self._asked: queue.Queue[Request | None] = queue.Queue()
        self._ready = threading.Event()
        self._pending: dict[str, _Pending] = {}
        self._ids = (f"{uuid.uuid4().hex[:12]}-{n}" for n in itertools.count())
        self._answered.connect(self._answer, Qt.ConnectionType.QueuedConnection)
        self._arrived.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._broke.connect(self._end, Qt.ConnectionType.QueuedConnection)
        self._threads = [threading.Thread(target=self._listen, name="session-live", daemon=True)]
        self._threads += [threading.Thread(target=self._carry, name="session-ask", daemon=True) for _ in range(ASKERS)]

    def start(self) -> None:
        """Connect in the background; `opened` or `lost` tells how it went."""
        for thread in self._threads:
            thread.start()

    @property
    def is_live(self) -> bool:
        """Whether it can go on, be paused and be driven; a recorded run cannot."""
        return self.about is not None and self.about.live

    def ask(self, question: str, then: Then, failed: Failed | None = None, **parameters: Any) -> Request:
        """Ask the host a question of docs/wire.md; `then` gets the answer, in the window's thread.

        Nobody answers once the host is `lost`: what is on screen stays.
        """
        request = Request(question, parameters, then, failed or (lambda sentence: None), cancelled=self._is_lost)
        self._asked.put(request)
        return request

    def command(self, do: str, what: Mapping[str, Any], then: Callable[[Reply], None] | None = None) -> str:
        """Send a command to the society or to its clock (docs/wire.md); `then` hears what became of it."""
        number = next(self._ids)
        self._pending[number] = _Pending(then)
        if self._client is not None:
            self._client.send({"id": number, "do": do, "what": dict(what)})
        return number

    def pause(self) -> None:
        """Let time stand after the tick in hand."""
        self.command("pause", {})

    def go(self) -> None:
        """Let time go on."""
        self.command("go", {})

    def step(self, ticks: int = 1) -> None:
        """Advance by some ticks and stand again."""
        self.command("step", {"ticks": ticks})

    def set_speed(self, ticks_per_s: float) -> None:
        """Wish for a speed in ticks a second; 0 is as fast as it goes."""
        self.command("speed", {"ticks_per_s": ticks_per_s})

    def close(self) -> None:
        """Leave: the host of a local session commits and ends; all threads of this session end."""
        if self._closing:
            return
        self._closing = True
        self._ready.set()
        for _ in range(ASKERS):
            self._asked.put(None)
        if self._client is not None:
            self._client.close()
        if self.process is not None:
            self.process.close()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(5)

    def _listen(self) -> None:
        """Connect, then pass on what the host pushes, until it ends (in a thread)."""
        try:
            if self.process is not None:
                self.address, self._token = self.process.handshake()
            self._client = Client(self.address, self._token)
            if self._closing:
                return
            for message in self._client.listen():
                self._arrived.emit(message)
                if message.head.get("kind") == "about":
                    self._ready.set()
            raise RemoteError("the engine ended")
        except SociariumError as error:
            if not self._closing:
                self._broke.emit(str(error), self.process.last_words() if self.process is not None else "")
        finally:
            self._ready.set()
            if self._client is not None:
                self._client.close()

    def _carry(self) -> None:
        """Carry questions to the host, one after the other (in a thread)."""
        self._ready.wait()
        while (request := self._asked.get()) is not None:
            if self._client is None or request.cancelled or self._closing:
                continue
            answer: Message | str
            try:
                answer = self._client.ask(request.question, **request.parameters)
            except SociariumError as error:
                answer = str(error)
            if not self._closing:
                self._answered.emit(request, answer)

    def _answer(self, request: Request, answer: Message | str) -> None:
        if request.cancelled or self._closing:
            return
        if isinstance(answer, str):
            if not self._is_lost:
                request.failed(answer)
        else:
            request.then(answer)

    def _take(self, message: Message) -> None:
        """Take what the host said (in the window's thread)."""
        if self._closing:
            return
        head = message.head
        if self._client is not None and head.get("kind") == "frame":
            self._client.send({"id": "", "do": "seen", "what": {"tick": head["tick"]}})
        match head.get("kind"):
            case "about":
                self.about = About.from_head({name: value for name, value in head.items() if name != "kind"})
                self.opened.emit(self.about, message.columns)
            case "frame":
                self._status(head)
                lines = [Line(*line) for line in head.get("said", ())]
                if lines:
                    self.said.emit(lines)
                if message.columns:
                    self.framed.emit(Frame(head["tick"], message.columns))
                for tick, values in head.get("measures", ()):
                    self.measured.emit(tick, values)
            case "status":
                self._status(head)
            case "done":
                pending = self._pending.pop(head["id"], None)
                if pending is not None and pending.then is not None:
                    pending.then(Reply(head["tick"], head["refusal"]))

    def _status(self, head: Mapping[str, Any]) -> None:
        self.status = Status.from_head(head["status"])
        self.status_changed.emit(self.status)

    def _end(self, sentence: str, details: str) -> None:
        if not self._closing:
            self._is_lost = True
            self.lost.emit(sentence, details)
