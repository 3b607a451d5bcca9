"""What the wrappers share: a model that passes everything on, with places for one concern to step in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

from cognition.language.model import Answer, LanguageModel, ModelInfo, Request, Usage
from cognition.language.wrappers.ledger import Ledger
from engine.errors import MindError

Clock = Callable[[], float]
"""Seconds that never go back, such as `time.monotonic`."""
Sleep = Callable[[float], None]
"""Waits so many seconds, such as `time.sleep`."""

_GLANCE = 0.02
"""Seconds between two looks at a model that returns before its time although it owes answers."""


class Wrapper:
    """A model that passes requests on to `inner`, and its answers back. A concern overrides what it is about."""

    def __init__(self, inner: LanguageModel) -> None:
        self._inner = inner
        self._ledger = Ledger()
        self._ready: list[Answer] = []
        self._is_closed = False

    @property
    def inner(self) -> LanguageModel:
        """The model below."""
        return self._inner

    @property
    def info(self) -> ModelInfo:
        """What the model below is."""
        return self._inner.info

    def ask(self, requests: Sequence[Request]) -> None:
        """Take a batch; raises MindError for a number in use, and what the model below raises: then none is taken."""
        if self._is_closed:
            raise MindError("the model was closed; make a new one")
        self._ledger.open(requests)
        try:
            self._pass_on(requests)
        except Exception:
            self._ledger.withdraw(requests)
            raise

    def answers(self, wait: float) -> list[Answer]:
        """Return what is ready; wait up to `wait` seconds for the first."""
        if self._is_closed:
            return []
        for answer in self._inner.answers(0.0 if self._ready else wait):
            self._hear(answer)
        return self._hand_out()

    def forget(self, numbers: Sequence[int]) -> None:
        """Give up requests, here and below."""
        gone = self._ledger.forget(numbers)
        if gone:
            names = set(gone)
            self._ready = [answer for answer in self._ready if answer.number not in names]
            self._give_up(gone)

    def usage(self) -> Usage:
        """Return what the model below did, with the requests and failures that are seen from here."""
        return self._ledger.usage(self._inner.usage())

    def close(self) -> None:
        """Close the model below."""
        self._is_closed = True
        self._ready.clear()
        self._ledger.clear()
        self._inner.close()

    def _pass_on(self, requests: Sequence[Request]) -> None:
        """Ask the model below, or make answers ready. A MindError must leave nothing behind."""
        self._inner.ask(requests)

    def _hear(self, answer: Answer) -> None:
        """Take an answer from the model below."""
        if answer.number in self._ledger:
            self._ready.append(answer)

    def _give_up(self, numbers: Sequence[int]) -> None:
        """Forget requests below; all of them were waiting."""
        self._inner.forget(numbers)

    def _hand_out(self) -> list[Answer]:
        ready, self._ready = self._ready, []
        return [answer for answer in ready if self._ledger.finish(answer) is not None]


class TimedWrapper(Wrapper, ABC):
    """A wrapper that has something to do when its time has come, whether or not an answer does."""

    def __init__(self, inner: LanguageModel, clock: Clock, sleep: Sleep) -> None:
        super().__init__(inner)
        self._clock = clock
        self._sleep = sleep

    def answers(self, wait: float) -> list[Answer]:
        """Return what is ready; wait up to `wait` seconds for the first, and do what falls due meanwhile."""
        if self._is_closed:
            return []
        end = self._clock() + wait
        while True:
            until = min(end, self._do_what_is_due(self._clock()))
            found = self._inner.answers(0.0 if self._ready else max(0.0, until - self._clock()))
            for answer in found:
                self._hear(answer)
            if not self._ready:
                self._do_what_is_due(self._clock())
            if self._ready or not self._ledger.waiting or self._clock() >= end:
                return self._hand_out()
            rest = until - self._clock()
            if not found and rest > 0:
                self._sleep(min(rest, _GLANCE) if self._is_owed() else rest)

    @abstractmethod
    def _do_what_is_due(self, now: float) -> float:
        """Do what has fallen due, and return when the next will (infinity for never)."""

    @abstractmethod
    def _is_owed(self) -> bool:
        """Return whether the model below owes answers."""
