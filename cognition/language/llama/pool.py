"""llama.cpp as a `LanguageModel`: a pool of children, each with the model in a process of its own.

Which child gets a request is decided by rule: the requests of one `ask`, those with the same beginning together, are
cut into as many runs of about equal length as there are children; an `ask` of few goes round. So in lockstep the same
sequence of asks puts the same requests into the same batches. This process never loads llama.cpp.
"""

from __future__ import annotations

import sys
import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import Empty, Queue

from cognition.language.llama.messages import pack_requests, read_answers, read_info, suits
from cognition.language.llama.pipe import Message, PipeError, each, number, packed, text, unpacked, whole
from cognition.language.llama.process import ChildProcess, Heard
from cognition.language.llama.sharing_out import cores, shared_out
from cognition.language.model import Answer, Cause, Counts, Failure, ModelInfo, Request, Usage
from engine.errors import MindError

COMMAND = (sys.executable, "-m", "cognition.language.llama.child")
_MOST_HEARD = 4096
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 1.0
_MOST_DOUBLINGS = 10
_LAST_SEED = (1 << 64) - 1


@dataclass(slots=True)
class _Asked:
    """A request that a child has."""

    request: Request
    child: int


@dataclass(slots=True, eq=False)
class _Child:
    """A place for a process. owed: what it still has to answer for; backlog: what waits until it is started again."""

    process: ChildProcess | None = None
    is_ready: bool = False
    started: float = 0.0
    owed: set[int] = field(default_factory=set)
    since: float = 0.0
    """When it last had nothing to do and got something."""
    backlog: list[bytes] = field(default_factory=list)
    falls: int = 0
    """How often it died without an answer in between."""
    again: float = 0.0
    busy: float = 0.0
    busy_before: float = 0.0


class LlamaPool:
    """Answers requests with a GGUF file.

    children: how many processes, None for one a core (one in all on a GPU); threads: of each; context: the most tokens
    of one request, slots: requests at a time in each, None by the model; lockstep: batches never depend on time,
    otherwise new requests join what runs; command: what starts a child; hang_after: seconds without a sign of life
    from a child that has work before it is killed, start_timeout: before it has loaded the model; adapters: files of
    LoRA adapters by the names that requests use.

    Raises MindError that names the file and the mend when it cannot be loaded.
    """

    def __init__(
        self,
        path: Path,
        *,
        children: int | None = None,
        threads: int = 1,
        context: int | None = None,
        slots: int | None = None,
        lockstep: bool = True,
        command: Sequence[str] | None = None,
        hang_after: float = 30.0,
        start_timeout: float = 60.0,
        adapters: Mapping[str, Path] | None = None,
    ) -> None:
        if not path.is_file():
            raise MindError(f"{path}: there is no such file; give the path of a GGUF model")
        self._path = path
        self._lockstep = lockstep
        self._command = tuple(command or COMMAND)
        self._hang_after, self._start_timeout = hang_after, start_timeout
        self._load = packed(
            {
                "do": "load",
                "path": str(path),
                "threads": threads,
                "context": context or 0,
                "slots": slots or 0,
                "adapters": [[name, str(file)] for name, file in (adapters or {}).items()],
            }
        )
        self._heard: Queue[Heard] = Queue(_MOST_HEARD)
        self._asked: dict[int, _Asked] = {}
        self._numbers: dict[int, int] = {}
        self._ready: deque[Answer] = deque()
        self._next = self._turn = self._restarts = self._taken = self._given = 0
        self._counts = Counts()
        self._failures: Counter[Cause] = Counter()
        self._fault = ""
        self._is_closed = False
        self.dropped = 0
        """Answers that nobody had asked for, or not any more."""
        self._info: ModelInfo | None = None
        self._children = [_Child()]
        try:
            self._start(self._children[0])
            is_gpu = self._first_words()
        except BaseException:
            self.close()
            raise
        self._children += [_Child() for _ in range(1, children or (1 if is_gpu else cores()))]
        for child in self._children[1:]:
            self._start(child)
        self._info = replace(self.info, at_once=self.info.at_once * len(self._children))

    @property
    def info(self) -> ModelInfo:
        """What the model is, as the first child said."""
        assert self._info is not None
        return self._info

    @property
    def processes(self) -> list[int]:
        """The numbers of the processes that run now."""
        return [child.process.pid for child in self._children if child.process is not None]

    def ask(self, requests: Sequence[Request]) -> None:
        """Share requests out among the children; return at once. Raises MindError for what no model could take."""
        self._check(requests)
        self._taken += len(requests)
        count = len(self._children)
        runs = shared_out(requests, count)
        if self._lockstep:
            order = [(self._turn + i) % count for i in range(len(runs))]
            self._turn += len(runs)
        else:
            order = sorted(range(count), key=lambda place: len(self._children[place].owed))
        for place, run in zip(order, runs, strict=False):
            self._give(place, run)
        self._look_after()

    def answers(self, wait: float) -> list[Answer]:
        """Return what is ready; with none ready wait up to `wait` seconds for the first."""
        until = time.monotonic() + wait
        while True:
            while not self._heard.empty():
                self._take(self._heard.get())
            due = self._look_after()
            left = until - time.monotonic()
            if self._ready or left <= 0 or not self._asked:
                break
            try:
                self._take(self._heard.get(timeout=max(0.001, min(left, due - time.monotonic()))))
            except Empty:
                continue
        found = list(self._ready)
        self._ready.clear()
        self._given += len(found)
        return found

    def forget(self, numbers: Sequence[int]) -> None:
        """Give up requests; a child that does not hear of it is killed once it has been silent for too long."""
        gone = set(numbers)
        own = [self._numbers.pop(name) for name in gone if name in self._numbers]
        for place, child in enumerate(self._children):
            theirs = [name for name in own if self._asked[name].child == place]
            if theirs and child.process is not None:
                child.process.send(packed({"do": "forget", "numbers": theirs}))
        for name in own:
            del self._asked[name]
        self._ready = deque(answer for answer in self._ready if answer.number not in gone)

    def usage(self) -> Usage:
        """Return what was done so far; `busy` adds up the seconds that the children worked."""
        return Usage(
            asked=self._taken,
            answered=self._given,
            waiting=len(self._asked) + len(self._ready),
            counts=self._counts,
            busy=sum(child.busy_before + child.busy for child in self._children),
            restarts=self._restarts,
            failures=tuple(sorted(self._failures.items())),
            fault=self._fault,
        )

    def close(self) -> None:
        """Kill the children and leave nothing behind; what waits is never answered."""
        self._is_closed = True
        for child in self._children:
            if child.process is not None:
                child.process.end()
                child.process = None
        for waiting in (self._asked, self._numbers, self._ready):
            waiting.clear()

    def _check(self, requests: Sequence[Request]) -> None:
        if self._is_closed:
            raise MindError("the model was closed; open it again")
        seen: set[int] = set()
        for request in requests:
            if request.number in self._numbers or request.number in seen:
                raise MindError(f"request {request.number} waits for its answer already; give each a number of its own")
            if not 0 <= request.seed <= _LAST_SEED or not 0 <= request.temperature < float("inf"):
                raise MindError(f"request {request.number}: use a seed of 64 bits and a temperature from 0")
            seen.add(request.number)

    def _start(self, child: _Child) -> None:
        """Start a process in a child's place and send it what waits. Raises MindError when the program is not there."""
        try:
            child.process = ChildProcess(self._command, self._heard)
        except OSError as problem:
            raise MindError(
                f"{self._command[0]}: cannot be started ({problem.strerror}); install Sociarium again"
            ) from None
        child.is_ready, child.started = False, time.monotonic()
        for frame in (self._load, *child.backlog):
            child.process.send(frame)
        child.backlog.clear()

    def _first_words(self) -> bool:
        """Wait until the first child has the model or says why not; return whether it has a GPU."""
        child = self._children[0]
        assert child.process is not None
        try:
            heard = self._heard.get(timeout=self._start_timeout)
        except Empty:
            raise MindError(
                f"{self._path}: not loaded within {self._start_timeout:g} s; wait longer, or use a smaller model"
            ) from None
        if heard.body is None:
            how = child.process.end()
            child.process = None
            raise MindError(f"{self._path}: the process that loads it failed, {heard.fault or how}; use another file")
        try:
            said = unpacked(heard.body)
            why = "" if said.get("say") == "ready" else text(said.get("why"), 4096)
            self._info = None if why else read_info(said.get("info"))
        except PipeError as problem:
            raise MindError(f"{self._path}: the process that loads it is none of ours ({problem})") from None
        if self._info is None:
            raise MindError(why)
        child.is_ready = True
        return said.get("gpu") is True

    def _give(self, place: int, requests: Sequence[Request]) -> None:
        """Send requests to a child, in as many messages as they need."""
        child = self._children[place]
        names = range(self._next, self._next + len(requests))
        try:
            frame = packed({"do": "ask", "live": not self._lockstep, **pack_requests(requests, names)})
        except PipeError as problem:
            if len(requests) == 1:
                self._fail(requests[0].number, Cause.TOO_LONG, str(problem), is_lasting=True)
                return
            for half in (requests[: len(requests) // 2], requests[len(requests) // 2 :]):
                self._give(place, half)
            return
        self._next += len(requests)
        if not child.owed:
            child.since = time.monotonic()
        for name, request in zip(names, requests, strict=True):
            self._asked[name] = _Asked(request, place)
            self._numbers[request.number] = name
            child.owed.add(name)
        if child.process is None:
            child.backlog.append(frame)
        else:
            child.process.send(frame)

    def _take(self, heard: Heard) -> None:
        """Do what something that was heard asks for. A child that says what none may say is killed."""
        child = next((child for child in self._children if child.process is heard.process), None)
        if child is None:
            return
        if heard.body is None:
            cause = Cause.NONSENSE if heard.fault else Cause.DIED
            self._fell(child, cause, heard.fault)
            return
        try:
            self._understand(child, unpacked(heard.body))
        except MindError as problem:
            self._fell(child, Cause.NONSENSE, str(problem))

    def _understand(self, child: _Child, said: Message) -> None:
        word = said.get("say")
        if word == "answers":
            for answer in read_answers(said):
                self._hear_answer(child, answer)
            child.busy = number(said.get("busy"), 0)
            child.falls = 0
        elif word == "forgot":
            child.owed.difference_update(each(said.get("numbers"), 1 << 20, lambda value: whole(value, 0, 1 << 63)))
        elif word == "ready":
            read_info(said.get("info"))
            child.is_ready = True
        elif word in ("cannot", "fault"):
            self._fell(child, Cause.DIED, text(said.get("why"), 4096))
        elif word != "alive":
            raise PipeError("a model's process says what none may say")

    def _hear_answer(self, child: _Child, answer: Answer) -> None:
        asked = self._asked.get(answer.number)
        if answer.number not in child.owed or asked is None:
            child.owed.discard(answer.number)
            self.dropped += 1
            return
        if wrong := suits(answer, asked.request):
            self._fault = f"the model answered with {wrong}"
            answer = Answer(answer.number, failure=Failure(Cause.NONSENSE, self._fault))
        child.owed.discard(answer.number)
        del self._asked[answer.number]
        del self._numbers[asked.request.number]
        self._counts += answer.counts
        if answer.failure is not None:
            self._failures[answer.failure.cause] += 1
        self._ready.append(replace(answer, number=asked.request.number))

    def _fail(self, own: int, cause: Cause, why: str, *, is_lasting: bool = False) -> None:
        self._failures[cause] += 1
        self._ready.append(Answer(own, failure=Failure(cause, why[:2000], is_lasting=is_lasting)))

    def _fell(self, child: _Child, cause: Cause, why: str) -> None:
        """End a child, answer for it, and let it be started again after a pause that grows with each fall."""
        how = "" if child.process is None else child.process.end()
        child.process = None
        child.falls += 1
        child.busy_before += child.busy
        child.busy = 0.0
        pause = _FIRST_PAUSE * 2.0 ** min(child.falls - 1, _MOST_DOUBLINGS)
        child.again = time.monotonic() + min(_LONGEST_PAUSE, pause)
        self._fault = why or f"a model's process ended, {how}"
        for name in sorted(child.owed):
            asked = self._asked.pop(name, None)
            if asked is not None:
                del self._numbers[asked.request.number]
                self._fail(asked.request.number, cause, self._fault)
        child.owed.clear()
        child.backlog.clear()

    def _look_after(self) -> float:
        """Start again what is due, kill what hangs; return when to look again (monotonic seconds)."""
        due = time.monotonic() + 60.0
        for child in self._children:
            now = time.monotonic()
            if child.process is None and now >= child.again and not self._is_closed:
                self._restarts += 1
                try:
                    self._start(child)
                except MindError as problem:
                    self._fell(child, Cause.DIED, str(problem))
            if child.process is None:
                due = min(due, child.again)
                continue
            end = child.started + self._start_timeout
            if child.is_ready:
                end = max(child.process.last_sign, child.since) + self._hang_after
            if child.is_ready and not child.owed:
                continue
            if now >= end:
                self._fell(child, Cause.DIED, "a model's process hung and was killed")
                end = child.again
            due = min(due, end)
        return due
