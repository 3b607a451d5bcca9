"""The scripted model that tests use, and each wrapper around it, keep the contract of a LanguageModel."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cognition.language.model import Counts, LanguageModel, Request, Way
from cognition.language.wrappers.breaker import Breaker
from cognition.language.wrappers.budget import Budget, Limits
from cognition.language.wrappers.cache import Cache
from cognition.language.wrappers.recording import Recording
from cognition.language.wrappers.retry import Retry
from cognition.language.wrappers.timeout import Timeout
from cognition.language.wrappers.watching import Watching
from tests.contract.language_contract import CHECKS, Subject
from tests.scripted_models import Clock, Reply, Script, ScriptedModel, by_seed, failing, sensible, slow

Wrap = Callable[[LanguageModel, Clock], LanguageModel]

RICH = Limits(tokens=10**9, decisions=10**6, money=10**6)


def stack(inner: LanguageModel, clock: Clock) -> LanguageModel:
    """Every wrapper, as a composition puts them."""
    inner = Breaker(Budget(inner, RICH, cost=lambda counts: counts.prompt * 1e-6), 5, 20, clock)
    inner = Timeout(Retry(inner, 3, clock, clock.sleep), 30, clock, clock.sleep)
    return Recording(Cache(inner, 50), lambda request, answer: None)


WRAPS: dict[str, Wrap] = {
    "plain": lambda inner, clock: inner,
    "timeout": lambda inner, clock: Timeout(inner, 30, clock, clock.sleep),
    "retry": lambda inner, clock: Retry(inner, 3, clock, clock.sleep),
    "breaker": lambda inner, clock: Breaker(inner, 5, 20, clock),
    "budget": lambda inner, clock: Budget(inner, RICH),
    "cache": lambda inner, clock: Cache(inner, 50),
    "cache of one": lambda inner, clock: Cache(inner, 1),
    "recording": lambda inner, clock: Recording(inner, lambda request, answer: None),
    "watching": lambda inner, clock: Watching(inner, lambda: None),
    "all": stack,
    "all twice": lambda inner, clock: stack(stack(inner, clock), clock),
}


def out_of_order(request: Request, times: int) -> Reply:
    return slow(float(request.number * 7 % 10))(request, times)


SCRIPTS: dict[str, Script] = {"at once": sensible, "later": slow(3.0), "out of order": out_of_order}


def subject(wrap: Wrap, script: Script, ways: tuple[Way, ...] = tuple(Way)) -> Subject:
    clock = Clock()
    return Subject("scripted", lambda: wrap(ScriptedModel(script, clock, ways=ways), clock), ways=ways, clock=clock)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("wrap", WRAPS)
def test_a_wrapped_model_keeps_the_contract(wrap: str, script: str, check: Callable[[Subject], None]) -> None:
    check(subject(WRAPS[wrap], SCRIPTS[script]))


@pytest.mark.parametrize("wrap", WRAPS)
@pytest.mark.parametrize("way", Way)
def test_a_model_with_one_way_refuses_the_others(wrap: str, way: Way) -> None:
    for check in CHECKS:
        if check.__name__ == "a_way_that_the_model_lacks_is_refused":
            check(subject(WRAPS[wrap], sensible, (way,)))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_model_that_dies_twice_under_retries_keeps_the_contract(check: Callable[[Subject], None]) -> None:
    check(subject(WRAPS["retry"], by_seed({number: failing(times=2) for number in range(0, 400, 2)})))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_budget_that_lets_few_through_at_a_time_keeps_the_contract(check: Callable[[Subject], None]) -> None:
    tight = Limits(tokens=10**7)
    check(subject(lambda inner, clock: Budget(inner, tight, bound=lambda request: Counts(4 * 10**6)), slow(1.0)))
