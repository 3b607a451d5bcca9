"""A language model that does as a test says, on a clock that moves only when somebody waits for it."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from cognition.language.model import (
    Answer,
    Cause,
    Counts,
    Failure,
    ModelInfo,
    Profile,
    Request,
    Usage,
    Way,
    Writing,
)
from engine.errors import MindError

NEVER = float("inf")


class Clock:
    """Seconds that pass only when somebody sleeps, or waits for a scripted model."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert 0 <= seconds < NEVER
        self.slept.append(seconds)
        self.now += seconds


@dataclass(frozen=True)
class Reply:
    """What comes of a request, and how many seconds after it was asked (NEVER for not at all)."""

    answer: Answer
    after: float = 0.0


Script = Callable[[Request, int], Reply]
"""(request, how often a request of its number was asked before) -> what comes of it."""


def sensible(request: Request, times: int = 0) -> Reply:
    """Choose by a hash of prompt and seed; write words of one token each; count every word as a token."""
    prompt = "".join(part.text for part in request.parts)
    drawn = zlib.crc32(repr((prompt, request.seed, request.way)).encode("utf-8", "surrogatepass"))
    size = len(request.options)
    option = drawn % size if size else -1
    shares = [1.0 + (drawn >> (i % 16)) % 7 + 9.0 * (i == option) for i in range(size)]
    writing = request.options[option].then if size else request.words
    words, thought = _written(writing, drawn), _written(request.thought, drawn + 1)
    tokens = tuple(len(part.text.split()) for part in request.parts)
    made = len(words.split()) + len(thought.split()) + bool(size)
    return Reply(
        Answer(
            number=request.number,
            option=option,
            probabilities=tuple(share / sum(shares) for share in shares),
            words=words,
            thought=thought,
            counts=Counts(sum(tokens), min(sum(tokens), 3), made),
            tokens=tokens,
            milliseconds=2.0,
        )
    )


def _written(writing: Writing | None, drawn: int) -> str:
    if writing is None:
        return ""
    text = " ".join(("well", "yes", "no", "come", "bread", "later")[(drawn + i) % 6] for i in range(writing.tokens))
    for stop in writing.stops:
        text = text.split(stop)[0]
    return text


def failing(
    cause: Cause = Cause.DIED, times: int | None = None, after: float = 0.0, is_lasting: bool = False
) -> Script:
    """Fail each request, or the first `times` askings of each number."""

    def script(request: Request, before: int) -> Reply:
        if times is not None and before >= times:
            return sensible(request)
        failure = Failure(cause, f"the script fails number {request.number}", after, is_lasting)
        return Reply(Answer(request.number, failure=failure, counts=Counts(prompt=5)))

    return script


def slow(seconds: float) -> Script:
    """Answer each request `seconds` after it was asked."""
    return lambda request, times: replace(sensible(request), after=seconds)


def by_seed(scripts: Mapping[int, Script]) -> Script:
    """Do with each seed as its script says, and what is sensible with the others. (Wrappers may change numbers.)"""
    return lambda request, times: scripts.get(request.seed, sensible)(request, times)


class ScriptedModel:
    """A sound language model whose answers a test writes.

    `asked` holds every request in the order of asking, `forgotten` the numbers given up. Raise from its methods what
    `ask_raises` and `answers_raises` hold, to play a model that breaks its promises.
    """

    def __init__(
        self,
        script: Script = sensible,
        clock: Clock | None = None,
        info: ModelInfo | None = None,
        ways: Sequence[Way] = tuple(Way),
    ) -> None:
        self.clock = clock or Clock()
        self.script = script
        self.ways = tuple(ways)
        self.asked: list[Request] = []
        self.forgotten: list[int] = []
        self.is_closed = False
        self.ask_raises: Exception | None = None
        self.answers_raises: Exception | None = None
        self._info = info or ModelInfo("scripted", "tests", context=100_000, profile=Profile(word_temperature=0.7))
        self._due: dict[int, tuple[float, Answer]] = {}
        self._times: dict[int, int] = {}
        self._usage = Usage()

    @property
    def info(self) -> ModelInfo:
        return self._info

    @property
    def waiting(self) -> list[int]:
        """The numbers that have no answer yet."""
        return sorted(self._due)

    def ask(self, requests: Sequence[Request]) -> None:
        if self.ask_raises is not None:
            raise self.ask_raises
        numbers = [request.number for request in requests]
        if self.is_closed or len(set(numbers)) < len(numbers) or not self._due.keys().isdisjoint(numbers):
            raise MindError("a number is in use, or the model is closed; number requests apart")
        if any(request.options and request.way not in self.ways for request in requests):
            raise MindError("the model does not choose that way; ask as its profile says")
        for request in requests:
            times = self._times.get(request.number, 0)
            self._times[request.number] = times + 1
            reply = self.script(request, times)
            self._due[request.number] = (self.clock.now + reply.after, reply.answer)
            self.asked.append(request)
        self._usage = replace(self._usage, asked=self._usage.asked + len(requests))

    def answers(self, wait: float) -> list[Answer]:
        if self.answers_raises is not None:
            raise self.answers_raises
        if not self._due or self.is_closed:
            return []
        first = min(when for when, _ in self._due.values())
        if first > self.clock.now:
            self.clock.now = min(first, self.clock.now + wait)
        ready = [answer for when, answer in self._due.values() if when <= self.clock.now]
        for answer in ready:
            self._count(answer)
            del self._due[answer.number]
        return ready

    def _count(self, answer: Answer) -> None:
        causes = dict(self._usage.failures)
        if answer.failure is not None:
            causes[answer.failure.cause] = causes.get(answer.failure.cause, 0) + 1
        self._usage = replace(
            self._usage,
            answered=self._usage.answered + 1,
            counts=self._usage.counts + answer.counts,
            failures=tuple(sorted(causes.items())),
            fault=answer.failure.why if answer.failure else self._usage.fault,
        )

    def forget(self, numbers: Sequence[int]) -> None:
        for number in numbers:
            if self._due.pop(number, None) is not None:
                self.forgotten.append(number)

    def usage(self) -> Usage:
        return replace(self._usage, waiting=len(self._due))

    def close(self) -> None:
        self.is_closed = True
        self._due.clear()
