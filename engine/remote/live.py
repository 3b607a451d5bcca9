"""A society that lives: one thread ticks it, all others ask that thread. Watching and pausing leave no trace in it."""

from __future__ import annotations

import contextlib
import gc
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from engine.errors import RemoteError, RunFileError, SociariumError
from engine.kernels import loading
from engine.record.space import Waiting
from engine.remote.bounds import room, unsound
from engine.remote.clock import Clock, Rates
from engine.remote.errands import Chores, Eyes, Eyewitness, beside, pay, tick_seen
from engine.remote.replies import Done, Replies
from engine.remote.thinking import awaited
from engine.remote.watching import Reply, Watcher, hear_all, outcome_of_drive, show_all, wanting
from engine.remote.wire import Status
from engine.runner import Runner
from engine.society.society import Society
from engine.values import Command, Source, TickRecord

COMMANDS_WAITING = 1000
VISIT_SECONDS = 10.0
LISTEN_EVERY = 1 / 15
CURTAIN_SECONDS = 1.0
"""How long the first tick waits for somebody to watch: who opens a society sees how it begins."""
BY_PERSON = "person "
"""A command's `by` is this and the id under which it was sent, so that it is known again after a resume."""

T = TypeVar("T")
Said = Callable[[TickRecord, Society], Sequence[Any]]


class Live:
    """Owns a runner between `run` and `stop`. Everything but `run` may be called from any thread.

    Its state is "preparing" until `run`; then "running", "paused", "ended", "waiting" (for disk), or "stopped" (a tick
    failed; all ticks before it are in the run file).
    """

    def __init__(self, speed: float = 0.0, stands: bool = False) -> None:
        self._changed = threading.Condition()
        self._clock = Clock(speed, stands)
        self._visits: deque[tuple[Callable[[Runner], Any], Future[Any]]] = deque()
        self._witnesses: list[Eyewitness] = []
        self._commands: list[Command] = []
        self._replies = Replies()
        self._watchers: tuple[Watcher, ...] = ()
        self._stopping = False
        self._curtain = self._listened = 0.0
        self._untold: TickRecord | None = None
        self._chores = Chores(loading())
        self._thread: int | None = None
        self._runner: Runner | None = None
        self._path = Path()
        self._said: Said = lambda record, society: ()
        self.prepare: Callable[[str], None] = lambda mind: None
        """Makes a mind ready that is about to be hired; takes its time, and raises SociariumError where it cannot."""
        self._note, self._obstacle, self._failure = "", "", ""
        self._tick, self._last = -1, 0
        self._people = self._decisions = self._fallbacks = self._waiting = 0
        self._rates = Rates()
        self._disk: tuple[float, int, int] = (float("-inf"), 0, 0)

    # ------------------------------------------------------------------ the tick's thread

    def run(self, runner: Runner, path: Path, last: int, known: Mapping[str, int], said: Said) -> None:
        """Let the society live until `stop`, on the calling thread.

        `last` is the tick at which it stands the first time; `known` has the ids of commands that were applied before,
        with their ticks; `said` returns the lines that were spoken in a tick.
        """
        world = runner.society.world
        with self._changed:
            self._runner, self._path, self._last, self._said = runner, path, last, said
            self._replies.remember(known)
            self._tick, self._people, self._note = world.tick, int(world.alive.sum()), ""
            self._waiting = awaited(runner.society)
            self._thread = threading.get_ident()
            if world.tick >= last:
                self._clock.pause()
        self._curtain = time.monotonic() + CURTAIN_SECONDS
        self._rates.note(time.monotonic(), world.tick, 0)
        gc.collect()
        gc.freeze()  # what was made so far stays: looking through it again costs milliseconds each time
        self._tell()
        try:
            while self._turn(runner):
                pass
        finally:
            with self._changed:
                self._stopping = True
                visits, self._visits = self._visits, deque()
            for _, answer in visits:
                answer.set_exception(RemoteError("the engine is ending; open the run again"))

    def _turn(self, runner: Runner) -> bool:
        """Do what is to be done next, or sleep until there is something; False to end.

        Who watches is told of a tick at the beginning of the turn after it: while the next one is not due yet, so that
        neither their copies nor the network, which takes over as soon as it is woken, hold up a tick.
        """
        self._show(runner)
        with self._changed:
            wait = self._due()
            is_due = wait is not None and wait <= 0
            if self._stopping:
                return False
            is_idle = not is_due and not self._visits and not wanting(self._watchers, self._tick)
            if is_idle and not self._chores.fit(wait, runner.aside):
                self._changed.wait(self._chores.rest(wait, runner.aside))
                return True
            visits, self._visits = self._visits, deque()
            if is_due:
                self._clock.ticked(time.monotonic())
                runner.commands.queue += self._commands
                self._commands = []
        if is_idle:
            self._chores.do_one(runner.aside)
        for visit, answer in visits:
            pay(visit, answer, runner)
        if is_due:
            try:
                witnesses, self._witnesses = self._witnesses, []
                self._heed(runner, tick_seen(runner, witnesses) if witnesses else runner.tick())
            except Exception as error:  # the society broke, or its file: say so and keep answering
                self._fail(error)
        return True

    def _due(self) -> float | None:
        """Return in how many seconds the next tick is due; None while there is none."""
        now = time.monotonic()
        wait = None if self._failure else self._clock.due(now)
        return wait if wait is None else max(wait, self._curtain - now)

    def _heed(self, runner: Runner, record: TickRecord) -> None:
        """Count a tick, and keep it to be told."""
        now, society = time.monotonic(), runner.society
        self._tick = record.tick
        source = record.decisions.source
        self._decisions += source.size
        self._fallbacks += int(np.count_nonzero(source >= Source.FALLBACK_TIMEOUT)) if source.size else 0
        self._waiting = awaited(society)
        if runner.commands.outcomes:
            self._answer(record, runner)
        self._untold = record
        if self._rates.is_due(now):
            self._people = int(society.world.alive.sum())
            self._rates.note(now, record.tick, self._decisions)
        if record.tick == self._last or (self._clock.stands and not self._clock.steps):
            self._people = int(society.world.alive.sum())
            with self._changed:
                self._clock.pause()
            self._tell()

    def _listen(self, record: TickRecord, society: Society) -> Sequence[Any]:
        """Return the lines of a tick; of a quick society, those of some ticks, for nobody reads a thousand a second."""
        now = time.monotonic()
        if now - self._listened < LISTEN_EVERY:
            return ()
        self._listened = now
        return self._said(record, society)

    def _answer(self, record: TickRecord, runner: Runner) -> None:
        """Say what became of the tick's commands."""
        for command, refusal in runner.commands.outcomes:
            if command.by.startswith(BY_PERSON):
                if not refusal and command.do == "drive":
                    refusal = outcome_of_drive(record, runner.society, command)
                self._settle(command.by.removeprefix(BY_PERSON), Reply(record.tick, refusal))

    def _settle(self, number: str, reply: Reply) -> None:
        with self._changed:
            hearers = self._replies.set(number, reply)
        for done in hearers:
            done(reply)

    def _show(self, runner: Runner) -> None:
        """Tell those who watch of the last tick, and copy the columns that they draw if somebody wants them."""
        record, self._untold = self._untold, None
        try:
            if record is not None and self._watchers:
                hear_all(self._watchers, self._listen(record, runner.society), record)
        except Exception as error:  # what is said could not be told: a fault like that of a tick
            self._fail(error)
        if show_all(self._watchers, runner.society.world.tick, runner.frame):
            self._curtain = 0.0

    def _fail(self, error: Exception) -> None:
        with self._changed:
            kind = "" if isinstance(error, SociariumError) else f"{type(error).__name__}: "
            self._failure = (
                f"the society stopped after tick {self._tick:,} ({kind}{error}); all of it up to there is in the "
                "run file, which can be resumed"
            )
            waiting = self._replies.waiting
        for number in waiting:
            self._settle(number, Reply(self._tick, self._failure))
        self._tell()

    # ------------------------------------------------------------------ any thread

    def stop(self) -> None:
        """Let `run` return after the tick in hand."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def set_speed(self, ticks_per_s: float) -> None:
        """Wish for a speed, as the command `speed` does."""
        with self._changed:
            self._clock.set_speed(ticks_per_s)
            self._changed.notify_all()

    def note(self, sentence: str) -> None:
        """Say what is going on while the society is being prepared; "" when that is over."""
        if sentence != self._note:
            self._note = sentence
            self._tell()

    def visit(self, do: Callable[[Runner], T], seconds: float = VISIT_SECONDS) -> T:
        """Run something between two ticks, on the tick's thread, and return what it returns; it must change nothing.

        Raises RemoteError when its turn does not come in time.
        """
        if threading.get_ident() == self._thread and self._runner is not None:
            return do(self._runner)
        answer: Future[T] = Future()
        with self._changed:
            if self._stopping:
                raise RemoteError("the engine is ending; open the run again")
            self._visits.append((do, answer))
            self._changed.notify_all()
        try:
            return answer.result(seconds)
        except FutureTimeout as error:
            answer.cancel()
            raise RemoteError("the society is busy with its tick; ask again") from error

    def witness(self, eyes: Eyes, seconds: float) -> Any:
        """Let somebody see the next tick, and return what they tell; None when there is none within some seconds."""
        with self._changed:
            if self._stopping or self._clock.stands or self._thread is None:
                return None
            witness = Eyewitness(eyes)
            self._witnesses.append(witness)
        with contextlib.suppress(FutureTimeout):
            return witness.answer.result(seconds)
        return None

    def command(self, number: str, do: str, what: Mapping[str, Any], done: Done) -> None:
        """Take a command, of the clock or of the society; `done` hears what became of it, from any thread.

        An id (`number`) that was seen before is answered, and not applied again.
        """
        reply: Reply | None
        with self._changed:
            if number in self._replies:
                reply = self._replies.again(number, done)
            else:
                reply = self._take(number, do, what, done)
                if reply is not None:
                    self._replies.set(number, reply)
            self._changed.notify_all()
        if reply is not None:
            done(reply)
        self._tell()

    def _take(self, number: str, do: str, what: Mapping[str, Any], done: Done) -> Reply | None:
        """Obey the clock's commands at once; queue the others. Returns what is known of it by now."""
        if self._failure:
            return Reply(self._tick, self._failure)
        match do:
            case "pause":
                self._clock.pause()
            case "go":
                self._clock.go()
            case "step":
                return Reply(self._tick, self._clock.step(what.get("ticks", 1)))
            case "speed":
                return Reply(self._tick, self._clock.set_speed(what.get("ticks_per_s")))
            case _:
                refusal = unsound(what)
                if len(self._commands) >= COMMANDS_WAITING:
                    refusal = f"{COMMANDS_WAITING:,} commands wait for the next tick already; let time go on"
                if refusal:
                    return Reply(self._tick, refusal)
                self._replies.wait(number, done)
                command = Command(do, dict(what), BY_PERSON + number)
                mind = str(what.get("mind"))
                if do == "mind" and (self._runner is None or mind not in self._runner.society.minds):
                    beside(lambda: self.prepare(mind), lambda why: self._prepared(command, why))  # a model is loaded
                else:
                    self._commands.append(command)
                return None
        return Reply(self._tick)

    def _prepared(self, command: Command, refusal: str) -> None:
        """Queue a command whose preparation is done, or refuse it."""
        if refusal:
            self._settle(command.by.removeprefix(BY_PERSON), Reply(self._tick, refusal))
            return
        with self._changed:
            self._commands.append(command)
            self._changed.notify_all()

    def watch(self, wake: Callable[[], None]) -> Watcher:
        """Return a new watcher; the first picture comes as soon as there is one."""
        watcher = Watcher(wake)
        with self._changed:
            self._watchers = (*self._watchers, watcher)
            self._changed.notify_all()
        return watcher

    def ready(self, watcher: Watcher) -> None:
        """Say that a watcher wants the next picture."""
        watcher.wants = True
        with self._changed:
            self._changed.notify_all()

    def leave(self, watcher: Watcher) -> None:
        """Stop watching."""
        with self._changed:
            self._watchers = tuple(other for other in self._watchers if other is not watcher)

    def _tell(self) -> None:
        for watcher in self._watchers:
            watcher.tell()

    @property
    def state(self) -> str:
        """How it goes, in a word; see `Status`."""
        if self._failure:
            return "stopped"
        if self._runner is None:
            return "preparing"
        if self._obstacle:
            return "waiting"
        if self._clock.stands:
            return "ended" if self._tick >= self._last else "paused"
        return "running"

    def status(self) -> Status:
        """Return how it goes."""
        now = time.monotonic()
        ticks_per_s, decisions_per_s = self._rates.of(now, self._tick, self._decisions)
        _, disk, free = self._room(now)
        return Status(
            state=self.state,
            tick=max(self._tick, 0),
            last=max(self._last, self._tick),
            people=self._people,
            ticks_per_s=round(ticks_per_s, 2),
            decisions_per_s=round(decisions_per_s, 1),
            waiting=self._waiting,
            fallbacks=self._fallbacks,
            disk=disk,
            free=free,
            speed=self._clock.speed,
            note=self._failure or self._obstacle or self._note,
        )

    def _room(self, now: float) -> tuple[float, int, int]:
        """Return (when, size of the run file with its log, free bytes), looked up at most once a second."""
        if self._runner is not None and now - self._disk[0] >= 1.0:
            self._disk = (now, *room(self._path))
        return self._disk

    def waiting(self) -> Waiting:
        """Return what the run's writer is to do when the disk is full: tell, wait, and end when asked to."""
        return Waiting(on_pause=self._hindered, on_resume=lambda sentence: self._hindered(""), sleep=self._nap)

    def _hindered(self, sentence: str) -> None:
        self._obstacle = sentence
        self._tell()

    def _nap(self, seconds: float) -> None:
        if seconds < 1.0:  # closing: it waits for those who read
            time.sleep(seconds)
            return
        with self._changed:
            if not self._stopping:
                self._changed.wait(seconds)
            visits, self._visits = self._visits, deque()
            is_stopping = self._stopping
        if self._runner is not None:
            for visit, answer in visits:
                pay(visit, answer, self._runner)
        if is_stopping:
            raise RunFileError("the disk is full; the tick in hand is lost, those before it are kept")
