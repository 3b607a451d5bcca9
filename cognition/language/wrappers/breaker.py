"""Leaves a model alone that fails again and again (Nygard 2007, "Release It!", the circuit breaker)."""

from __future__ import annotations

from collections.abc import Sequence

from cognition.language.model import Answer, Cause, Failure, LanguageModel, Request
from cognition.language.wrappers.wrapper import Clock, Wrapper

FAULTS = frozenset({Cause.DIED, Cause.TIMEOUT, Cause.NONSENSE, Cause.REFUSED})
"""Causes that speak against the model, and not against the request or the purse."""


class Breaker(Wrapper):
    """After `failures` in a row, requests fail at once for `rest` seconds; then one is let through to try.

    When that one is answered all are passed on again; when it fails, the rest begins anew.
    """

    def __init__(self, inner: LanguageModel, failures: int, rest: float, clock: Clock) -> None:
        super().__init__(inner)
        self._failures = failures
        self._rest = rest
        self._clock = clock
        self._in_a_row = 0
        self._until: float | None = None
        self._scout: int | None = None
        self._why = ""

    def _pass_on(self, requests: Sequence[Request]) -> None:
        passed = requests
        if self._until is not None:
            is_time = self._clock() >= self._until and self._scout is None
            passed = requests[:1] if is_time else ()
        self._inner.ask(passed)
        if self._until is not None:
            self._scout = passed[0].number if passed else self._scout
            failure = self._refusal(self._until)
            self._ready += [Answer(request.number, failure=failure) for request in requests[len(passed) :]]

    def _refusal(self, until: float) -> Failure:
        seconds = max(0.0, until - self._clock())
        when = f"in {seconds:.0f} s" if seconds >= 1 else "when one answer has come"
        why = f"{self.info.name} failed {self._in_a_row} times in a row and is left alone; it is asked again {when}"
        return Failure(Cause.REFUSED, f"{why} (last: {self._why})", after=seconds)

    def _hear(self, answer: Answer) -> None:
        if answer.number not in self._ledger:
            return
        is_scout = answer.number == self._scout
        if is_scout:
            self._scout = None
        if answer.failure is None:
            self._in_a_row, self._until = 0, None
        elif answer.failure.cause in FAULTS:
            self._in_a_row += 1
            self._why = answer.failure.why
            if is_scout or (self._until is None and self._in_a_row >= self._failures):
                self._until = self._clock() + self._rest
        self._ready.append(answer)

    def _give_up(self, numbers: Sequence[int]) -> None:
        if self._scout in numbers:
            self._scout = None
        self._inner.forget(numbers)
