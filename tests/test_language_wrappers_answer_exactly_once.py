"""However models fail, hang and come late, and wrappers are put together: one answer each, or none if forgotten."""

from __future__ import annotations

import os
import random

import pytest

from cognition.language.model import Answer, Cause, Counts, LanguageModel, Request
from cognition.language.wrappers.breaker import Breaker
from cognition.language.wrappers.budget import Budget, Limits
from cognition.language.wrappers.cache import Cache
from cognition.language.wrappers.recording import Recording
from cognition.language.wrappers.retry import Retry
from cognition.language.wrappers.timeout import Timeout
from tests.contract.language_contract import question, sound
from tests.scripted_models import NEVER, Clock, Reply, ScriptedModel, failing, sensible

TURNS = 2000 if os.environ.get("SOCIARIUM_SOAK") else 200
PATIENCE = 30.0


def moody(chance: random.Random) -> ScriptedModel:
    """Return a model that answers, fails, asks to be left alone or hangs, as chance has it."""
    badness = chance.random()

    def script(request: Request, times: int) -> Reply:
        after = NEVER if chance.random() < 0.1 * badness else 12 * chance.random() ** 3
        if chance.random() >= badness:
            return Reply(sensible(request).answer, after)
        rest, is_lasting = chance.choice((0.0, 0.0, 5.0, 99.0)), chance.random() < 0.1
        return Reply(failing(chance.choice(tuple(Cause)), None, rest, is_lasting)(request, times).answer, after)

    return ScriptedModel(script, Clock())


def wrapped(inner: ScriptedModel, chance: random.Random, heard: list[int]) -> LanguageModel:
    """Return the model in three to six wrappers in any order, a timeout around them all."""
    clock, model = inner.clock, inner
    outer: LanguageModel = model
    for kind in chance.choices(range(6), k=chance.randint(2, 5)):
        outer = (
            Timeout(outer, 1 + 10 * chance.random(), clock, clock.sleep),
            Retry(outer, 3, clock, clock.sleep),
            Breaker(outer, 4, 8.0, clock),
            Budget(outer, Limits(tokens=3000, decisions=chance.choice((None, 25))), lambda request: Counts(60, 0, 1)),
            Cache(outer, 5),
            Recording(outer, lambda request, answer: heard.append(request.number)),
        )[kind]
    return Timeout(outer, PATIENCE, clock, clock.sleep)


@pytest.mark.soak
def test_each_request_is_answered_once_or_forgotten() -> None:
    answered = 0
    for turn in range(TURNS):
        chance = random.Random(turn)
        inner = moody(chance)
        model = wrapped(inner, chance, [])
        asked: dict[int, Request] = {}
        found: dict[int, Answer] = {}
        forgotten: set[int] = set()
        for number in range(0, 60, 6):
            batch = [question(n, 1 + n % 5, seed=chance.randrange(20)) for n in range(number, number + 6)]
            asked |= {request.number: request for request in batch}
            model.ask(batch)
            gone = [n for n in asked if n not in found and chance.random() < 0.05]
            model.forget(gone)
            forgotten.update(gone)
            _land(model.answers(chance.choice((0.0, 0.5, 20.0))), found)
        while model.usage().waiting:
            before = inner.clock.now
            answers = model.answers(PATIENCE + 1)
            assert answers and inner.clock.now <= before + PATIENCE + 1
            _land(answers, found)
        assert model.answers(PATIENCE) == []
        assert sorted(found) == sorted(asked.keys() - forgotten)
        for number, answer in found.items():
            sound(asked[number], answer)
        model.close()
        answered += sum(answer.failure is None for answer in found.values())
    assert answered > 5 * TURNS


def _land(answers: list[Answer], found: dict[int, Answer]) -> None:
    for answer in answers:
        assert answer.number not in found
        found[answer.number] = answer
