"""Answers in the place of a model that takes too long."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from cognition.language.model import Answer, Cause, Failure, LanguageModel, Request
from cognition.language.wrappers.wrapper import Clock, Sleep, TimedWrapper


class Timeout(TimedWrapper):
    """Answers a request that has none `seconds` after it was asked with a failure, and forgets it below.

    Below, requests have numbers of their own that never come again, so an answer that comes too late can be nobody's.
    """

    def __init__(self, inner: LanguageModel, seconds: float, clock: Clock, sleep: Sleep) -> None:
        super().__init__(inner, clock, sleep)
        self._seconds = seconds
        self._next = 0
        self._above: dict[int, int] = {}
        self._below: dict[int, int] = {}
        self._deadlines: deque[tuple[float, int]] = deque()

    def _pass_on(self, requests: Sequence[Request]) -> None:
        numbers = range(self._next, self._next + len(requests))
        self._inner.ask([replace(request, number=n) for n, request in zip(numbers, requests, strict=True)])
        self._next = numbers.stop
        deadline = self._clock() + self._seconds
        for number, request in zip(numbers, requests, strict=True):
            self._above[number] = request.number
            self._below[request.number] = number
            self._deadlines.append((deadline, number))

    def _hear(self, answer: Answer) -> None:
        number = self._above.pop(answer.number, None)
        if number is not None:
            del self._below[number]
            self._ready.append(replace(answer, number=number))

    def _give_up(self, numbers: Sequence[int]) -> None:
        below = [self._below.pop(number) for number in numbers if number in self._below]
        for number in below:
            del self._above[number]
        self._inner.forget(below)

    def _do_what_is_due(self, now: float) -> float:
        late = []
        while self._deadlines and (self._deadlines[0][0] <= now or self._deadlines[0][1] not in self._above):
            _, number = self._deadlines.popleft()
            if number in self._above:
                late.append(number)
        if late:
            self._inner.forget(late)
            failure = Failure(Cause.TIMEOUT, f"{self.info.name} did not answer within {self._seconds:g} s")
            for number in late:
                self._hear(Answer(number, milliseconds=1000 * self._seconds, failure=failure))
        return self._deadlines[0][0] if self._deadlines else float("inf")

    def _is_owed(self) -> bool:
        return bool(self._above)
