"""Errands of questions on the thread of ticks: between two, or as eyewitness of the next. They change nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Protocol

from engine.ports import Aside, Mind
from engine.remote.bounds import sentence
from engine.runner import Runner
from engine.society.society import Society
from engine.values import Decisions, Observations, TickRecord

CHORE_SECONDS = 0.03
"""Until the next tick there must be so long, or a chore is left for later."""
ASIDE_SECONDS = 0.005
"""The same of what minds put off."""


def pay(visit: Callable[[Runner], Any], answer: Future[Any], runner: Runner) -> None:
    """Run a visitor's errand."""
    if not answer.set_running_or_notify_cancel():
        return
    try:
        answer.set_result(visit(runner))
    except Exception as error:  # it goes to whoever visits
        answer.set_exception(error)


class Eyes(Protocol):
    """What an eyewitness does with a tick."""

    def look(self, society: Society, batch: Observations) -> None:
        """See the batch before the minds do."""
        ...

    def tell(self, society: Society, record: TickRecord) -> Any:
        """Return what came of it, when the tick is done."""
        ...


@dataclass(eq=False, slots=True)
class Eyewitness:
    """Somebody who sees the next tick, and who waits for what they tell."""

    eyes: Eyes
    answer: Future[Any] = field(default_factory=Future)
    fault: Exception | None = None


class _Seen:
    """A mind that lets eyewitnesses look before it is asked; what they lay out is laid out anew for it."""

    def __init__(self, mind: Mind, society: Society, witnesses: Sequence[Eyewitness]) -> None:
        self.mind, self._society, self._witnesses = mind, society, witnesses

    def ask(self, batch: Observations) -> None:
        """Let them look, then ask."""
        for witness in self._witnesses:
            try:
                witness.eyes.look(self._society, batch)
            except Exception as error:  # the look's own fault is not the tick's
                witness.fault = error
        self._society.forget()
        self.mind.ask(batch)

    def answers(self, wait: bool) -> Decisions:
        """Return the mind's answers."""
        return self.mind.answers(wait)

    def snapshot(self) -> bytes:
        """Return the mind's snapshot."""
        return self.mind.snapshot()

    def restore(self, data: bytes) -> None:
        """Restore the mind."""
        self.mind.restore(data)


def tick_seen(runner: Runner, witnesses: Sequence[Eyewitness]) -> TickRecord:
    """Make a tick under the eyes of witnesses, and let them tell."""
    mind, society = runner.mind, runner.society
    runner.mind = _Seen(mind, society, witnesses)
    try:
        record = runner.tick()
    except Exception as error:
        for witness in witnesses:
            witness.answer.set_exception(error)
        raise
    finally:
        runner.mind = mind
    for witness in witnesses:
        try:
            if witness.fault is not None:
                raise witness.fault
            witness.answer.set_result(witness.eyes.tell(society, record))
        except Exception as error:  # it goes to whoever waits
            witness.answer.set_exception(error)
    return record


class Chores:
    """What can be done in small steps while nothing else is to be done; what minds put off comes first."""

    def __init__(self, steps: Iterator[None]) -> None:
        self._steps: Iterator[None] | None = steps

    def fit(self, seconds: float | None, aside: Aside | None) -> bool:
        """Whether there is a step left, and time enough for one before the next tick (None: there is none)."""
        if aside is not None and aside.rest() == 0.0:
            return seconds is None or seconds > ASIDE_SECONDS
        return self._steps is not None and (seconds is None or seconds > CHORE_SECONDS)

    def do_one(self, aside: Aside | None) -> None:
        """Do one step."""
        if aside is not None and aside.rest() == 0.0:
            aside.work_aside()
        elif self._steps is not None and next(self._steps, self) is self:
            self._steps = None

    @staticmethod
    def rest(seconds: float | None, aside: Aside | None) -> float | None:
        """Return how long there is nothing to do: until the next tick (None: there is none), or for what minds do."""
        rest = None if aside is None else aside.rest() or None
        return rest if seconds is None else seconds if rest is None else min(seconds, rest)


def beside(do: Callable[[], None], then: Callable[[str], None]) -> None:
    """Do something that takes its time on a thread of its own, and tell why it could not be done ("" if it was)."""

    def work() -> None:
        try:
            do()
        except Exception as error:
            then(sentence(error))
        else:
            then("")

    threading.Thread(target=work, name="errand", daemon=True).start()
