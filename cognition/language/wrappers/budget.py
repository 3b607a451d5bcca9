"""Stops a model before it uses more than it may: tokens, decisions or money."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from cognition.language.model import Answer, Cause, Counts, Failure, LanguageModel, Request, Way, Writing
from cognition.language.wrappers.wrapper import Wrapper
from engine.errors import MindError

FRAME_TOKENS = 64
"""Tokens that a model may put around a prompt: beginning and end of text, a chat template."""

Bound = Callable[[Request], Counts]
"""The most that a request can use."""
Cost = Callable[[Counts], float]
"""Money for tokens; it must never fall when a count grows."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that may be used: tokens read and written, decisions, money in `currency`. None for no limit."""

    tokens: int | None = None
    decisions: int | None = None
    money: float | None = None
    currency: str = ""

    def __post_init__(self) -> None:
        if any(limit is not None and not limit >= 0 for limit in (self.tokens, self.decisions, self.money)):
            raise MindError("a budget is below zero; give 0 or more tokens, decisions or money")


@dataclass(frozen=True, slots=True)
class Spent:
    """What was used so far; its money is the cost of its tokens. It can be written down and put back."""

    decisions: int = 0
    counts: Counts = field(default_factory=Counts)

    def __post_init__(self) -> None:
        if min(self.decisions, self.counts.prompt, self.counts.cached, self.counts.generated) < 0:
            raise MindError("less than nothing was spent; restore what `spent` returned")

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.decisions + other.decisions, self.counts + other.counts)

    def __sub__(self, other: Spent) -> Spent:
        one, two = self.counts, other.counts
        counts = Counts(one.prompt - two.prompt, one.cached - two.cached, one.generated - two.generated)
        return Spent(self.decisions - other.decisions, counts)


def most_tokens(request: Request) -> Counts:
    """Return the most tokens that a model takes for a request: no token is shorter than a byte of its text."""
    writings = [w for w in (request.thought, request.words, *(o.then for o in request.options)) if w is not None]
    answer = max((_size(option.answer) for option in request.options), default=0)
    prompt = sum(_size(part.text) for part in request.parts) + sum(_size(w.lead) for w in writings) + FRAME_TOKENS
    told = max((_tokens(option.then) for option in request.options), default=0)
    chosen = {Way.LABEL: 1, Way.TEXT: answer, Way.MARK: 0}[request.way] if request.options else 0
    written = _tokens(request.thought) + _tokens(request.words) + told + chosen
    return Counts(prompt=prompt + answer + written, generated=written)


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _tokens(writing: Writing | None) -> int:
    return writing.tokens + 1 if writing is not None else 0


class Budget(Wrapper):
    """Passes a request on only when the most it can use still fits beside what was used; else it fails.

    Requests that fit only if those in flight use less than they may wait for them, in the order of asking. So which
    requests are refused depends on what the earlier ones used, and not on when they were answered. A request that was
    given up, or timed out below, counts as the most it could have used: nobody knows what it did. A failure is no
    decision.
    """

    def __init__(
        self, inner: LanguageModel, limits: Limits, bound: Bound = most_tokens, cost: Cost = lambda counts: 0.0
    ) -> None:
        super().__init__(inner)
        self._limits = limits
        self._bound = bound
        self._cost = cost
        self._spent = Spent()
        self._flying: dict[int, Spent] = {}
        self._reserved = Spent()
        self._held: deque[int] = deque()

    def spent(self) -> Spent:
        """Return what was used by requests that are finished or given up."""
        return self._spent

    def restore(self, spent: Spent) -> None:
        """Go on counting from what `spent` returned, in a run that is taken up again."""
        self._spent = spent

    @property
    def money(self) -> float:
        """What was spent, in the limits' currency."""
        return self._cost(self._spent.counts)

    def _pass_on(self, requests: Sequence[Request]) -> None:
        flying: dict[int, Spent] = {}
        reserved = self._reserved
        for request in () if self._held else requests:
            most = Spent(1, self._bound(request))
            if self._passed(self._spent + reserved + most):
                break
            reserved += most
            flying[request.number] = most
        self._inner.ask(requests[: len(flying)])
        self._reserved = reserved
        self._flying.update(flying)
        self._held.extend(request.number for request in requests[len(flying) :])
        self._let_through()

    def answers(self, wait: float) -> list[Answer]:
        """Return what is ready; wait up to `wait` seconds for the first."""
        found = super().answers(wait)
        if found:
            self._let_through()
        return found

    def _hear(self, answer: Answer) -> None:
        if answer.number not in self._flying:
            return
        most = self._land(answer.number)
        if answer.failure is None:
            self._spent += Spent(1, answer.counts)
        else:
            self._spent += Spent(0, most.counts if answer.failure.cause is Cause.TIMEOUT else answer.counts)
        self._ready.append(answer)

    def _give_up(self, numbers: Sequence[int]) -> None:
        gone = set(numbers)
        self._held = deque(number for number in self._held if number not in gone)
        below = [number for number in numbers if number in self._flying]
        for number in below:
            self._spent += Spent(0, self._land(number).counts)
        self._inner.forget(below)
        self._let_through()

    def _land(self, number: int) -> Spent:
        """End the reservation of a request; return it."""
        most = self._flying.pop(number)
        self._reserved -= most
        return most

    def _let_through(self) -> None:
        """Pass on what was held back and fits now; refuse the first when it has nothing to wait for."""
        while self._held:
            request = self._ledger.request(self._held[0])
            most = Spent(1, self._bound(request))
            passed = self._passed(self._spent + self._reserved + most)
            if passed and self._flying:
                return
            self._held.popleft()
            if passed:
                failure = Failure(Cause.BUDGET, f"the budget of {passed} is used up; give more, or ask less often")
                self._ready.append(Answer(request.number, failure=failure))
                continue
            try:
                self._inner.ask([request])
            except MindError as error:
                failure = Failure(Cause.REFUSED, str(error), is_lasting=True)
                self._ready.append(Answer(request.number, failure=failure))
                continue
            self._flying[request.number] = most
            self._reserved += most

    def _passed(self, total: Spent) -> str:
        """Return which limit a total passes, in words, or ""."""
        limits, tokens = self._limits, total.counts.prompt + total.counts.generated
        if limits.decisions is not None and total.decisions > limits.decisions:
            return f"{limits.decisions:,} decisions"
        if limits.tokens is not None and tokens > limits.tokens:
            return f"{limits.tokens:,} tokens"
        if limits.money is not None and self._cost(total.counts) > limits.money:
            return f"{limits.money:g} {limits.currency}".strip()
        return ""


def budget_of(model: LanguageModel) -> Budget | None:
    """Return the budget among the wrappers around a model, None where there is none."""
    while isinstance(model, Wrapper):
        if isinstance(model, Budget):
            return model
        model = model.inner
    return None
