"""A second laboratory, which repeats a run from its file up to any tick: what was laid before whom, and why.

It is put together when it is first needed, stays where it was last, and goes on from there, from a state that it kept
in memory, or from a checkpoint of the file, whichever is nearest.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, TypeVar

from engine.errors import ReplayError, RunFileError, SociariumError
from engine.record.header import RunHeader
from engine.record.index import BLOCK
from engine.record.reader import RunReader
from engine.record.replay import Tape, driven_by, span
from engine.remote.wording import HeaderWording, SocietyWording, Wording
from engine.runner import Runner
from engine.scenario import Scenario
from engine.society.society import Society
from engine.values import Observations, Snapshot

KEEP_EVERY = 8
"""A state is kept in memory every so many ticks on the way, so that going back a little is quick."""
KEPT_BYTES = 48 * 2**20
RECALLED_AT_ONCE = 16
"""Blocks of ticks that one question looks into for how fleeting numbers read."""

T = TypeVar("T")


class Laboratory(Protocol):
    """A composed society: what looking back needs of it."""

    @property
    def society(self) -> Society:
        """The society; nobody need live in it."""
        ...

    @property
    def runner(self) -> Runner:
        """Its runner."""
        ...


class Witness(Tape):
    """A tape that shows somebody the batch of a tick, at the moment at which the mind saw it."""

    def __init__(self, reader: RunReader) -> None:
        super().__init__(reader)
        self.look: Callable[[Observations], None] | None = None

    def ask(self, batch: Observations) -> None:
        """Show the batch to who looks."""
        super().ask(batch)
        if self.look is not None:
            self.look(batch)


class LookingBack:
    """One laboratory, for one thread at a time. `trouble` says in one sentence why it cannot look back, or is ""."""

    def __init__(self, path: Path, compose: Callable[[], Laboratory]) -> None:
        self._reader = RunReader(path)
        self._compose = compose
        self._lock = threading.RLock()
        self._laboratory: Laboratory | None = None
        self._wording: Wording = HeaderWording(self.header)
        self._origin: Scenario | None = None
        self._is_tried = self._is_placed = False
        self._tape = Witness(self._reader)
        self._kept: OrderedDict[int, Snapshot] = OrderedDict()
        self._recalled: dict[int, int] = {}
        self.trouble = ""

    @property
    def header(self) -> RunHeader:
        """What the run says of itself."""
        return self._reader.header

    def laboratory(self) -> Laboratory | None:
        """Return the laboratory, put together if need be, or None where `trouble` says why there is none."""
        with self._lock:
            if not self._is_tried:
                self._is_tried = True
                try:
                    self._laboratory = self._compose()
                except SociariumError as error:
                    self.trouble = (
                        "Why people chose as they did is not known, because this program cannot put the society of "
                        f"this run together again ({' '.join(str(error).split())[:300]})."
                    )
                else:
                    self._origin = self._laboratory.society.scenario
                    self._check_fit(self._laboratory)
            return self._laboratory

    def _check_fit(self, laboratory: Laboratory) -> None:
        society, header = laboratory.society, self.header
        here = [kind.name for kind in society.log.kinds], [action.name for action in society.actions]
        if here == ([kind.name for kind in header.events], list(header.actions)):
            self._wording = SocietyWording(society)
        else:
            self._doubt()

    def _doubt(self) -> None:
        self.trouble = (
            "Why people chose as they did is not known, because the run was made by other rules than this program's; "
            f"use Sociarium {self.header.program}."
        )

    @contextmanager
    def wording(self, patience: float = -1.0) -> Iterator[Wording]:
        """Lend how numbers read; while it is lent nobody else looks back.

        With `patience`, in seconds, it gives up waiting and raises SociariumError.
        """
        if not self._lock.acquire(timeout=patience):
            raise SociariumError("the past is being looked into; ask again")
        try:
            self.laboratory()
            yield self._wording
        finally:
            self._lock.release()

    def at(self, tick: int, look: Callable[[Society], T]) -> T:
        """Return what a look at the state after a tick finds. Raises ReplayError when there is `trouble`."""
        with self._lock:
            return look(self._bring(tick).society)

    def witness(self, tick: int, look: Callable[[Society, Observations], T]) -> T:
        """Return what a look at the batch that the minds were asked with at a tick finds.

        Raises ReplayError when there is `trouble`, RunFileError where the file does not hold that tick's beginning.
        """
        with self._lock:
            runner, seen, faults = self._bring(tick - 1).runner, list[T](), list[Exception]()

            if tick - 1 not in self._kept:
                self._keep(runner.snapshot())  # who else was asked then is often asked about next

            def peer(batch: Observations) -> None:
                try:
                    seen.append(look(runner.society, batch))
                except Exception as error:  # the look's own fault is not the replay's
                    faults.append(error)

            self._tape.look = peer
            try:
                self._move(runner, tick, self._step)
            finally:
                self._tape.look = None
            if faults:
                raise faults[0]
            return seen[0]

    def recall(self, ticks: list[int]) -> None:
        """Look up how numbers read that stood for something around these ticks only, as far as that is quick."""
        with self._lock:
            laboratory, last = self.laboratory(), span(self._reader)[1]
            if laboratory is None or self.trouble:
                return
            latest: dict[int, int] = {}
            for tick in ticks:
                latest[tick // BLOCK] = max(tick, latest.get(tick // BLOCK, 0))
            missing = [(block, tick) for block, tick in latest.items() if self._recalled.get(block, -1) < tick]
            for block, tick in missing[:RECALLED_AT_ONCE]:
                later = self._reader.landmarks(min(tick + BLOCK, last))[0]
                if later >= tick:
                    self._restore(laboratory.runner, self._reader.snapshot_before(later))
                else:
                    self._bring(tick)
                laboratory.society.remember()
                self._recalled[block] = max(tick, later)

    def _bring(self, tick: int) -> Laboratory:
        """Bring the laboratory to the state after a tick."""
        laboratory = self.laboratory()
        if laboratory is None or self.trouble:
            raise ReplayError(self.trouble)
        runner, world = laboratory.runner, laboratory.society.world
        if self._is_placed and world.tick == tick:
            return laboratory
        self._move(runner, tick, self._approach)
        return laboratory

    def _move(self, runner: Runner, tick: int, move: Callable[[Runner, int], None]) -> None:
        """Move on to the state after a tick and compare it with the recorded one."""
        try:
            move(runner, tick)
        except RunFileError:
            self._is_placed = False
            raise
        except Exception as error:  # other rules may break anywhere: it is a replay that went another way
            self._is_placed = False
            self._doubt()
            raise ReplayError(self.trouble) from error
        if runner.society.world.state_hash() != self._reader.state_hash(tick):
            self._is_placed = False
            self._doubt()
            raise ReplayError(self.trouble)

    def _approach(self, runner: Runner, tick: int) -> None:
        world = runner.society.world
        checkpoint = self._reader.landmarks(tick)[0]
        kept = max((known for known in self._kept if known <= tick), default=-1)
        here = world.tick if self._is_placed and world.tick <= tick else -1
        if here < max(checkpoint, kept):
            self._restore(runner, self._kept[kept] if kept >= checkpoint else self._reader.snapshot_before(tick))
        self._step(runner, tick)

    def _step(self, runner: Runner, tick: int) -> None:
        world = runner.society.world
        with driven_by(runner, self._tape):
            while world.tick < tick:
                runner.step()
                if world.tick % KEEP_EVERY == 0 and world.tick not in self._kept:
                    self._keep(runner.snapshot())

    def _restore(self, runner: Runner, snapshot: Snapshot) -> None:
        self._is_placed = False
        self._unset(runner)
        with driven_by(runner, self._tape):
            runner.restore(snapshot)
        self._is_placed = True

    def _unset(self, runner: Runner) -> None:
        """Give modules back the settings that the run began with; a restore sets anew what was set by then."""
        society, origin = runner.society, self._origin
        if origin is None or society.scenario is origin:
            return
        for module in dict.fromkeys(path.split(".")[1] for path, _ in runner.commands.sets):
            society.reconfigure(module, origin.modules[module])
        society.scenario, runner.commands.sets = origin, []

    def _keep(self, snapshot: Snapshot) -> None:
        self._kept[snapshot.tick] = snapshot
        size = sum(column.nbytes for column in snapshot.columns.values())
        while len(self._kept) > max(1, KEPT_BYTES // max(size, 1)):
            self._kept.popitem(last=False)

    def close(self) -> None:
        """Let go of the file and of what was kept."""
        with self._lock:
            self._kept.clear()
            self._reader.close()
