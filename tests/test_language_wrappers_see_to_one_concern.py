"""Timeout, retry, breaker, cache and recording, each around a model that does as it is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from cognition.language.model import (
    Answer,
    Cause,
    Counts,
    Failure,
    ModelInfo,
    Profile,
    Request,
    Writing,
)
from cognition.language.wrappers.breaker import Breaker
from cognition.language.wrappers.cache import Cache
from cognition.language.wrappers.recording import Recording
from cognition.language.wrappers.retry import Retry
from cognition.language.wrappers.timeout import Timeout
from engine.errors import MindError
from tests.contract.language_contract import line, question
from tests.scripted_models import NEVER, Clock, Reply, Script, ScriptedModel, by_seed, failing, sensible, slow


def causes(answers: Sequence[Answer]) -> list[Cause | None]:
    return [answer.failure.cause if answer.failure else None for answer in answers]


def why(answer: Answer) -> str:
    assert answer.failure is not None
    return answer.failure.why


# Timeout


def test_what_takes_too_long_times_out_once_and_is_forgotten_below() -> None:
    clock = Clock()
    inner = ScriptedModel(by_seed({1: slow(NEVER), 2: slow(4.0)}), clock)
    model = Timeout(inner, 5.0, clock, clock.sleep)
    model.ask([question(1), question(2)])
    assert [answer.number for answer in model.answers(60)] == [2]
    late = model.answers(60)
    assert causes(late) == [Cause.TIMEOUT] and clock.now == 1005.0
    assert why(late[0]) == "scripted did not answer within 5 s"
    assert late[0].milliseconds == 5000 and inner.waiting == [] and len(inner.forgotten) == 1
    assert model.answers(60) == [] and clock.now == 1005.0
    assert model.usage().failures == ((Cause.TIMEOUT, 1),)


def test_an_answer_on_the_last_moment_counts() -> None:
    clock = Clock()
    model = Timeout(ScriptedModel(slow(5.0), clock), 5.0, clock, clock.sleep)
    model.ask([question(1)])
    assert causes(model.answers(60)) == [None]


def test_waiting_ends_when_it_should_and_the_timeout_goes_on() -> None:
    clock = Clock()
    model = Timeout(ScriptedModel(slow(NEVER), clock), 5.0, clock, clock.sleep)
    model.ask([question(1)])
    assert model.answers(2.0) == [] and clock.now == 1002.0
    clock.now = 1004.0
    model.ask([question(2)])
    assert [answer.number for answer in model.answers(9.0)] == [1] and clock.now == 1005.0
    assert [answer.number for answer in model.answers(9.0)] == [2] and clock.now == 1009.0


class Late(ScriptedModel):
    """Answers what was forgotten all the same."""

    def forget(self, numbers: Sequence[int]) -> None:
        self.forgotten += numbers


def test_a_late_answer_is_dropped_although_its_number_is_used_again() -> None:
    clock = Clock()
    model = Timeout(Late(slow(8.0), clock), 5.0, clock, clock.sleep)
    model.ask([question(1, 64)])
    assert causes(model.answers(60)) == [Cause.TIMEOUT]
    model.ask([question(1, 1)])
    clock.now += 4.0
    assert model.answers(0.5) == []
    assert causes(model.answers(60)) == [Cause.TIMEOUT]


class Deaf(ScriptedModel):
    """Returns at once, whatever it owes."""

    def answers(self, wait: float) -> list[Answer]:
        return []


def test_a_model_that_returns_before_its_time_is_not_asked_without_pause() -> None:
    clock = Clock()
    model = Timeout(Deaf(clock=clock), 5.0, clock, clock.sleep)
    model.ask([question(1)])
    assert causes(model.answers(60)) == [Cause.TIMEOUT]
    assert 5 <= len(clock.slept) <= 1000


# Retry


def test_a_death_is_asked_again_with_growing_pauses() -> None:
    clock = Clock()
    inner = ScriptedModel(failing(times=3), clock)
    model = Retry(inner, 5, clock, clock.sleep, first=1.0)
    model.ask([question(1)])
    answers = model.answers(60)
    assert causes(answers) == [None] and len(inner.asked) == 4
    assert all(low <= slept <= high for slept, (low, high) in zip(clock.slept, ((0.5, 1), (1, 2), (2, 4)), strict=True))
    assert answers[0].counts == sensible(question(1)).answer.counts + Counts(prompt=15)
    assert model.usage().failures == () and inner.usage().failures == ((Cause.DIED, 3),)


def test_pauses_come_from_the_seed() -> None:
    def pauses(seed: int) -> list[float]:
        clock = Clock()
        model = Retry(ScriptedModel(failing(times=3), clock), 5, clock, clock.sleep)
        model.ask([question(1, seed=seed)])
        model.answers(60)
        return clock.slept

    assert pauses(2**64 - 1) == pauses(2**64 - 1) != pauses(5)


def test_a_failure_that_stays_is_handed_on_after_the_last_attempt() -> None:
    clock = Clock()
    inner = ScriptedModel(failing(Cause.REFUSED), clock)
    model = Retry(inner, 2, clock, clock.sleep)
    model.ask([question(1)])
    answers = model.answers(600)
    assert causes(answers) == [Cause.REFUSED] and len(inner.asked) == 3
    assert answers[0].counts == Counts(prompt=15) and model.answers(60) == []


@pytest.mark.parametrize(
    "script",
    [failing(Cause.TOO_LONG), failing(Cause.BUDGET), failing(is_lasting=True), failing(Cause.REFUSED, after=31.0)],
)
def test_what_cannot_pass_is_not_asked_again(script: Script) -> None:
    clock = Clock()
    inner = ScriptedModel(script, clock)
    model = Retry(inner, 5, clock, clock.sleep, longest=30.0)
    model.ask([question(1)])
    assert causes(model.answers(60)) != [None] and len(inner.asked) == 1 and clock.slept == []


def test_a_failure_says_how_long_to_wait() -> None:
    clock = Clock()
    model = Retry(ScriptedModel(failing(Cause.REFUSED, times=1, after=12.0), clock), 5, clock, clock.sleep)
    model.ask([question(1)])
    assert model.answers(11.0) == []
    assert causes(model.answers(60)) == [None] and clock.now == 1012.0


def test_answers_of_others_come_while_one_pauses() -> None:
    clock = Clock()
    script = by_seed({1: failing(Cause.REFUSED, times=1, after=10.0), 2: slow(3.0), 3: slow(20.0)})
    model = Retry(ScriptedModel(script, clock), 5, clock, clock.sleep)
    model.ask([question(1), question(2), question(3)])
    landed = [(answer.number, clock.now) for _ in range(3) for answer in model.answers(60)]
    assert landed == [(2, 1003.0), (1, 1010.0), (3, 1020.0)]


def test_a_pause_can_be_forgotten() -> None:
    clock = Clock()
    inner = ScriptedModel(failing(times=1), clock)
    model = Retry(inner, 5, clock, clock.sleep)
    model.ask([question(1)])
    assert model.answers(0.0) == []
    model.forget([1])
    assert model.answers(60) == [] and len(inner.asked) == 1
    model.ask([question(1)])
    assert causes(model.answers(60)) == [None]


def test_a_model_that_no_longer_takes_a_request_refuses_it() -> None:
    clock = Clock()
    inner = ScriptedModel(failing(times=1), clock)
    model = Retry(inner, 5, clock, clock.sleep)
    model.ask([question(1)])
    assert model.answers(0.0) == []
    inner.ask_raises = MindError("no such way; ask by label")
    answers = model.answers(60)
    assert causes(answers) == [Cause.REFUSED] and why(answers[0]) == "no such way; ask by label"


# Breaker


def test_a_model_that_fails_in_a_row_is_left_alone_and_then_tried_by_one() -> None:
    clock = Clock()
    inner = ScriptedModel(failing(), clock)
    model = Breaker(inner, 3, 20.0, clock)
    model.ask([question(number) for number in range(3)])
    assert causes(model.answers(60)) == [Cause.DIED] * 3
    model.ask([question(10), question(11)])
    refused = model.answers(60)
    assert causes(refused) == [Cause.REFUSED] * 2 and len(inner.asked) == 3
    assert why(refused[0]) == (
        "scripted failed 3 times in a row and is left alone; "
        "it is asked again in 20 s (last: the script fails number 2)"
    )
    assert refused[0].failure and refused[0].failure.after == 20.0
    clock.now += 20.0
    model.ask([question(20), question(21)])
    tried = {answer.number: answer for answer in [*model.answers(0), *model.answers(0)]}
    assert causes([tried[20], tried[21]]) == [Cause.DIED, Cause.REFUSED] and len(inner.asked) == 4
    clock.now += 19.0
    model.ask([question(30)])
    assert causes(model.answers(60)) == [Cause.REFUSED] and len(inner.asked) == 4
    clock.now += 1.0
    inner.script = sensible
    model.ask([question(40)])
    assert causes(model.answers(60)) == [None]
    model.ask([question(number) for number in range(50, 60)])
    assert causes(model.answers(60)) == [None] * 10


def test_failures_must_be_in_a_row_and_speak_against_the_model() -> None:
    clock = Clock()
    script = by_seed({number: failing() for number in (0, 1, 3, 4)} | {5: failing(Cause.TOO_LONG)})
    inner = ScriptedModel(script, clock)
    model = Breaker(inner, 3, 20.0, clock)
    for number in range(8):
        model.ask([question(number)])
        model.answers(60)
    assert len(inner.asked) == 8


def test_when_the_one_that_tries_is_forgotten_another_tries() -> None:
    clock = Clock()
    inner = ScriptedModel(failing(), clock)
    model = Breaker(inner, 1, 20.0, clock)
    model.ask([question(1)])
    model.answers(60)
    clock.now += 30.0
    inner.script = slow(5.0)
    model.ask([question(2)])
    model.ask([question(3)])
    assert causes(model.answers(0)) == [Cause.REFUSED]
    model.forget([2])
    model.ask([question(4)])
    assert causes(model.answers(60)) == [None]


# Cache


def test_the_same_question_is_asked_once() -> None:
    inner = ScriptedModel()
    model = Cache(inner, 10)
    model.ask([question(1, seed=5)])
    first = model.answers(60)[0]
    model.ask([question(2, seed=5), question(3, seed=6)])
    answers = {answer.number: answer for answer in [*model.answers(60), *model.answers(60)]}
    assert len(inner.asked) == 2 and model.hits == 1
    kept = Counts(prompt=first.counts.prompt, cached=first.counts.prompt)
    assert answers[2] == replace(first, number=2, counts=kept, milliseconds=0.0)
    assert model.usage().counts == inner.usage().counts + kept


def test_the_seed_is_left_out_only_where_no_chance_is_at_work() -> None:
    def asked(words: float, *requests: Request) -> int:
        inner = ScriptedModel(info=ModelInfo("scripted", "tests", profile=Profile(word_temperature=words)))
        model = Cache(inner, 10)
        for request in requests:
            model.ask([request])
            model.answers(60)
        return len(inner.asked)

    plain = [replace(question(number, seed=number), temperature=0.0) for number in (1, 2)]
    told = [replace(question(number, seed=number, then=Writing("", 4)), temperature=0.0) for number in (1, 2)]
    lines = [replace(line(number), temperature=0.0) for number in (1, 2)]
    assert asked(0.7, *plain) == 1
    assert asked(0.7, *told) == 2 and asked(0.0, *told) == 1
    assert asked(0.7, *lines) == 2 and asked(0.0, *lines) == 1


def test_whatever_differs_is_asked() -> None:
    inner = ScriptedModel()
    model = Cache(inner, 100)
    plain = question(1, seed=1)
    parts = plain.parts
    joined = (*parts[:-2], replace(parts[-2], text=parts[-2].text + parts[-1].text))
    variants = [
        plain,
        replace(plain, seed=2),
        replace(plain, temperature=0.5),
        replace(plain, adapter="baker"),
        replace(plain, thought=Writing("", 5)),
        replace(plain, options=plain.options[:3]),
        replace(plain, options=(replace(plain.options[0], then=Writing("", 3)), *plain.options[1:])),
        replace(plain, parts=joined),
        replace(plain, parts=(replace(parts[0], is_frame=True), *parts[1:])),
    ]
    for request in variants * 2:
        model.ask([request])
        model.answers(60)
    assert len(inner.asked) == len(variants) and model.hits == len(variants)


def test_failures_are_not_kept_and_the_least_used_goes_first() -> None:
    inner = ScriptedModel(by_seed({1: failing(times=1)}))
    model = Cache(inner, 2)
    for number, seed in ((1, 1), (1, 1), (2, 2), (1, 1), (3, 3), (1, 1), (2, 2)):
        model.ask([question(number, seed=seed)])
        model.answers(60)
    assert [request.number for request in inner.asked] == [1, 1, 2, 3, 2]


# Recording


def test_each_finished_request_is_told_of_once_with_its_answer() -> None:
    told: list[tuple[Request, Answer]] = []
    clock = Clock()
    model = Recording(ScriptedModel(by_seed({2: failing(), 3: slow(9.0)}), clock), lambda *pair: told.append(pair))
    requests = [question(number) for number in range(5)]
    model.ask(requests)
    model.forget([4])
    found = [*model.answers(60), *model.answers(60)]
    assert [(request.number, answer) for request, answer in told] == [(answer.number, answer) for answer in found]
    assert all(request is requests[request.number] for request, _ in told)
    assert sorted(request.number for request, _ in told) == [0, 1, 2, 3]


def test_a_failure_of_its_own_names_no_time_and_may_pass() -> None:
    failure = Failure(Cause.DIED, "gone")
    assert failure.after == 0.0 and not failure.is_lasting
    assert Reply(Answer(1, failure=failure)).after == 0.0
