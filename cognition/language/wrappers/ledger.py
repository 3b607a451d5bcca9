"""Who waits for an answer, and what came of those who were asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from cognition.language.model import Answer, Cause, Request, Usage
from engine.errors import MindError


class Ledger:
    """The requests that wait for an answer, by their number, and a count of how others ended."""

    def __init__(self) -> None:
        self._open: dict[int, Request] = {}
        self._asked = 0
        self._answered = 0
        self._failures: dict[Cause, int] = {}
        self._fault = ""

    @property
    def waiting(self) -> int:
        """How many have no answer yet."""
        return len(self._open)

    def __contains__(self, number: int) -> bool:
        return number in self._open

    def request(self, number: int) -> Request:
        """Return the request that waits under this number. Raises KeyError when none does."""
        return self._open[number]

    def open(self, requests: Sequence[Request]) -> None:
        """Take requests in, all or none. Raises MindError for a number that is in use, or comes twice."""
        fresh = {request.number: request for request in requests}
        if len(fresh) < len(requests):
            raise MindError("two requests of a batch have the same number; number them apart")
        taken = next((number for number in fresh if number in self._open), None)
        if taken is not None:
            raise MindError(f"request {taken} has no answer yet; give the new one another number")
        self._open.update(fresh)
        self._asked += len(fresh)

    def withdraw(self, requests: Sequence[Request]) -> None:
        """Undo `open`, for a batch that was refused after all."""
        for request in requests:
            del self._open[request.number]
        self._asked -= len(requests)

    def finish(self, answer: Answer) -> Request | None:
        """Count an answer; return its request, or None when nobody waits for it (then it is not counted)."""
        request = self._open.pop(answer.number, None)
        if request is None:
            return None
        self._answered += 1
        if answer.failure is not None:
            cause = answer.failure.cause
            self._failures[cause] = self._failures.get(cause, 0) + 1
            self._fault = answer.failure.why
        return request

    def forget(self, numbers: Iterable[int]) -> list[int]:
        """Give requests up; return the numbers of those that were waiting."""
        return [number for number in numbers if self._open.pop(number, None) is not None]

    def clear(self) -> None:
        """Give up all that waits."""
        self._open.clear()

    def usage(self, below: Usage) -> Usage:
        """Return what the model below did, with the numbers of requests and failures as they are seen from here."""
        return replace(
            below,
            asked=self._asked,
            answered=self._answered,
            waiting=self.waiting,
            failures=tuple(sorted(self._failures.items())),
            fault=self._fault or below.fault,
        )
