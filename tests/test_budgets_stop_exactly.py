"""A budget of tokens, decisions or money is never passed, and refuses only what would pass it."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from cognition.language.model import Answer, Cause, Counts, Request, Writing
from cognition.language.wrappers.budget import Budget, Limits, Spent, most_tokens
from cognition.language.wrappers.timeout import Timeout
from engine.errors import MindError
from tests.contract.language_contract import question
from tests.scripted_models import NEVER, Clock, Reply, Script, ScriptedModel, by_seed, failing, slow

PRICE = 2e-6


def uses(tokens: int, after: float = 0.0) -> Reply:
    return Reply(Answer(0, 0, counts=Counts(prompt=tokens - 1, generated=1)), after)


def using(request: Request, times: int) -> Reply:
    """Use between 10 and 49 tokens, and as many seconds, by the seed."""
    drawn = 10 + request.seed * 7919 % 40
    reply = uses(drawn, float(drawn))
    return Reply(Answer(request.number, 0, counts=reply.answer.counts), reply.after)


def fifty(request: Request) -> Counts:
    return Counts(prompt=49, generated=1)


def finish(model: Budget, count: int) -> list[Answer]:
    found: list[Answer] = []
    while len(found) < count:
        answers = model.answers(1000.0)
        assert answers
        found += answers
    return found


def refused(answers: Sequence[Answer]) -> list[int]:
    assert all(answer.failure is None or answer.failure.cause is Cause.BUDGET for answer in answers)
    return sorted(answer.number for answer in answers if answer.failure is not None)


def test_decisions_stop_at_their_number() -> None:
    inner = ScriptedModel(using)
    model = Budget(inner, Limits(decisions=7))
    model.ask([question(number) for number in range(10)])
    answers = finish(model, 10)
    assert refused(answers) == [7, 8, 9] and len(inner.asked) == 7
    assert model.spent().decisions == 7
    why = next(answer.failure.why for answer in answers if answer.failure)
    assert why == "the budget of 7 decisions is used up; give more, or ask less often"


def test_a_failure_is_no_decision_and_makes_room() -> None:
    inner = ScriptedModel(by_seed({0: failing(), 3: failing()}))
    model = Budget(inner, Limits(decisions=7))
    model.ask([question(number) for number in range(10)])
    answers = finish(model, 10)
    assert [a.number for a in answers if a.failure and a.failure.cause is Cause.BUDGET] == [9]


@pytest.mark.parametrize("limit", [0, 49, 50, 51, 500, 1234])
def test_tokens_are_never_passed_and_nothing_that_fits_is_refused(limit: int) -> None:
    model = Budget(ScriptedModel(using), Limits(tokens=limit), bound=fifty)
    model.ask([question(number) for number in range(60)])
    answers = {answer.number: answer for answer in finish(model, 60)}
    spent = 0
    for number in range(60):
        fits = spent + 50 <= limit
        assert (answers[number].failure is None) == fits
        spent += using(question(number), 0).answer.counts.prompt + 1 if fits else 0
    counts = model.spent().counts
    assert counts.prompt + counts.generated == spent <= limit


def test_what_is_refused_does_not_depend_on_when_answers_come() -> None:
    found = []
    for turn in range(5):
        model = Budget(ScriptedModel(shuffled(turn)), Limits(tokens=1500), bound=fifty)
        for start in range(0, 90, 30):
            model.ask([question(number) for number in range(start, start + 30)])
        found.append(refused(finish(model, 90)))
    assert found == [found[0]] * 5 and 20 < len(found[0]) < 80


def shuffled(turn: int) -> Script:
    """Use what `using` does, after other times in each turn."""
    chance = random.Random(turn)
    return lambda request, times: Reply(using(request, times).answer, 9 * chance.random())


def test_in_flight_is_reserved() -> None:
    inner = ScriptedModel(slow(5.0))
    model = Budget(inner, Limits(tokens=120), bound=fifty)
    model.ask([question(number) for number in range(4)])
    assert len(inner.waiting) == 2 and model.usage().waiting == 4


def test_money_stops_as_tokens_do() -> None:
    model = Budget(
        ScriptedModel(using), Limits(money=500 * PRICE, currency="EUR"), fifty, lambda counts: counts.prompt * PRICE
    )
    model.ask([question(number) for number in range(60)])
    answers = finish(model, 60)
    assert 0 < len(refused(answers)) < 60
    assert 450 * PRICE < model.money <= 500 * PRICE
    assert any(answer.failure and "0.001 EUR" in answer.failure.why for answer in answers)


def test_what_was_given_up_counts_as_the_most_it_could_use() -> None:
    clock = Clock()
    inner = ScriptedModel(by_seed({0: slow(NEVER), 1: slow(NEVER)}), clock)
    model = Budget(Timeout(inner, 5.0, clock, clock.sleep), Limits(tokens=120), bound=fifty)
    model.ask([question(number) for number in range(3)])
    model.forget([0])
    assert model.spent() == Spent(0, Counts(prompt=49, generated=1))
    answers = finish(model, 2)
    assert [(a.number, a.failure.cause) for a in answers if a.failure] == [(1, Cause.TIMEOUT), (2, Cause.BUDGET)]
    assert model.spent() == Spent(0, Counts(prompt=98, generated=2))


def test_a_run_that_is_taken_up_goes_on_counting() -> None:
    unbroken = Budget(ScriptedModel(using), Limits(tokens=1000), bound=fifty)
    unbroken.ask([question(number) for number in range(60)])
    whole = refused(finish(unbroken, 60))
    before = Budget(ScriptedModel(using), Limits(tokens=1000), bound=fifty)
    before.ask([question(number) for number in range(20)])
    first = refused(finish(before, 20))
    after = Budget(ScriptedModel(using), Limits(tokens=1000), bound=fifty)
    after.restore(before.spent())
    after.ask([question(number) for number in range(20, 60)])
    assert first + refused(finish(after, 40)) == whole
    assert after.spent() == unbroken.spent()


def test_a_request_is_bounded_by_its_bytes() -> None:
    plain = question(1, 3)
    size = sum(len(part.text.encode()) for part in plain.parts)
    assert most_tokens(plain).prompt >= size and most_tokens(plain).generated == 1
    talking = question(1, 3, then=Writing("Say: ", 30), thought=Writing("Think: ", 20), said="\ud800 你好")
    assert most_tokens(talking).generated == 1 + 31 + 21


def test_what_a_model_refuses_after_it_was_held_back_fails() -> None:
    inner = ScriptedModel(slow(5.0))
    model = Budget(inner, Limits(tokens=60), bound=fifty)
    model.ask([question(1), question(2)])
    inner.script = using
    inner.ask_raises = MindError("closed")
    answers = {answer.number: answer for answer in finish(model, 2)}
    assert answers[1].failure is None and answers[2].failure is not None


def test_budgets_and_what_was_spent_are_checked() -> None:
    with pytest.raises(MindError, match="below zero"):
        Limits(tokens=-1)
    with pytest.raises(MindError, match="below zero"):
        Limits(money=float("nan"))
    with pytest.raises(MindError, match="less than nothing"):
        Spent(-1)
