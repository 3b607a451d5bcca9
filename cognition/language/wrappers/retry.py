"""Asks again where a failure may pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from cognition.language.model import Answer, Cause, Counts, Failure, LanguageModel, Request
from cognition.language.wrappers.wrapper import Clock, Sleep, TimedWrapper
from engine.errors import MindError
from engine.rng import Rng, purpose

PASSING = frozenset({Cause.DIED, Cause.REFUSED})
"""Causes that may be gone a little later."""

_JITTER = purpose("language.retry")


class Retry(TimedWrapper):
    """Asks a request again, at most `times` times, when its failure is of `causes` and not a lasting one.

    Before the k-th repeat it pauses `first * 2^(k-1)` seconds, at most `longest`, times a number of 0.5..1 drawn from
    the request's seed ("equal jitter": Brooker 2015, "Exponential Backoff And Jitter"), and never less than the failure
    asks for. One that asks for more than `longest` is handed on. Answers count the tokens of all attempts.
    """

    def __init__(
        self,
        inner: LanguageModel,
        times: int,
        clock: Clock,
        sleep: Sleep,
        *,
        first: float = 0.5,
        longest: float = 30.0,
        causes: frozenset[Cause] = PASSING,
    ) -> None:
        super().__init__(inner, clock, sleep)
        self._times = times
        self._first = first
        self._longest = longest
        self._causes = causes
        self._attempts: dict[int, int] = {}
        self._spent: dict[int, Counts] = {}
        self._pausing: dict[int, float] = {}
        self._below: set[int] = set()

    def _pass_on(self, requests: Sequence[Request]) -> None:
        self._inner.ask(requests)
        self._below.update(request.number for request in requests)

    def _hear(self, answer: Answer) -> None:
        number = answer.number
        if number not in self._below:
            return
        self._below.discard(number)
        failure = answer.failure
        if failure is not None and self._may_pass(failure) and self._attempts.get(number, 0) < self._times:
            self._attempts[number] = self._attempts.get(number, 0) + 1
            self._spent[number] = self._spent.get(number, Counts()) + answer.counts
            self._pausing[number] = self._clock() + self._pause(number, failure.after)
            return
        self._attempts.pop(number, None)
        spent = self._spent.pop(number, Counts())
        self._ready.append(replace(answer, counts=answer.counts + spent))

    def _may_pass(self, failure: Failure) -> bool:
        return failure.cause in self._causes and not failure.is_lasting and failure.after <= self._longest

    def _pause(self, number: int, wanted: float) -> float:
        """Return the seconds before the next attempt."""
        attempt = self._attempts[number]
        seed = self._ledger.request(number).seed
        drawn = int(Rng(seed).words(_JITTER, np.array([attempt], np.int32), 0)[0, 0])
        backoff = min(self._longest, self._first * 2.0 ** (attempt - 1)) * (0.5 + 0.5 * drawn / 2**32)
        return max(wanted, backoff)

    def _give_up(self, numbers: Sequence[int]) -> None:
        for number in numbers:
            self._attempts.pop(number, None)
            self._spent.pop(number, None)
            self._pausing.pop(number, None)
        below = [number for number in numbers if number in self._below]
        self._below.difference_update(below)
        self._inner.forget(below)

    def _do_what_is_due(self, now: float) -> float:
        due = [number for number, when in self._pausing.items() if when <= now]
        for number in due:
            del self._pausing[number]
            self._below.add(number)
            try:
                self._inner.ask([self._ledger.request(number)])
            except MindError as error:
                self._hear(Answer(number, failure=Failure(Cause.REFUSED, str(error), is_lasting=True)))
        return min(self._pausing.values(), default=float("inf"))

    def _is_owed(self) -> bool:
        return bool(self._below)
