"""The contract of a LanguageModel, to be run against any model and any wrapper.

    @pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
    def test_my_model(check): check(Subject("mine", make=MyModel))

`make()` returns a fresh model that is well: it answers all that it can answer. The suite closes what it made.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest

from cognition.language.model import (
    MOST_OPTIONS,
    Answer,
    Cause,
    LanguageModel,
    Option,
    Part,
    Request,
    Share,
    Way,
    Writing,
)
from engine.errors import MindError

PATIENCE = 60.0
"""Seconds that a model may take for the next answer."""
LABELS = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-")
DEEDS = ("rest", "eat bread", "go to the library", "talk with Mira", "trade wood for bread", "look around")
LINE = Writing("Say it: ", tokens=8)


@dataclass(frozen=True)
class Subject:
    """A model under test.

    ways: how it can be asked to choose, the first for all checks that are not about ways; writes: it writes words;
    many: how many requests are asked at once; clock: the seconds in which it waits.
    """

    name: str
    make: Callable[[], LanguageModel]
    ways: tuple[Way, ...] = tuple(Way)
    writes: bool = True
    many: int = 300
    clock: Callable[[], float] = time.monotonic


def question(
    number: int,
    options: int = 4,
    *,
    way: Way = Way.LABEL,
    seed: int | None = None,
    then: Writing | None = None,
    thought: Writing | None = None,
    said: str = "You are hungry.",
) -> Request:
    """Return a request for a choice among so many options, listed in parts of their own, fit for each way."""
    deeds = [f"{DEEDS[i % len(DEEDS)]} {i}" for i in range(options)]
    parts = [
        Part("You live in a village. Answer with one of the choices.\n", Share.EVERYONE),
        Part("You are a baker.\n", Share.ROLE),
        Part("Your name is Ana.\n", Share.PERSON, weight=50),
        Part(said + "\n"),
    ]
    parts += [Part(f"{LABELS[i]}. {deed}\n", option=i) for i, deed in enumerate(deeds)]
    answers = deeds if way is Way.TEXT else LABELS[:options]
    return Request(
        number=number,
        parts=(*parts, Part("Answer: ")),
        seed=number if seed is None else seed,
        options=tuple(Option(answer, then) for answer in answers),
        way=way,
        thought=thought,
    )


def line(number: int, tokens: int = 8) -> Request:
    """Return a request for words alone."""
    return Request(number, (Part("You meet Mira. "),), seed=number, words=Writing("You say: ", tokens))


@contextmanager
def opened(subject: Subject) -> Iterator[LanguageModel]:
    """Return a fresh model, closed in the end."""
    model = subject.make()
    try:
        yield model
    finally:
        model.close()


def collect(model: LanguageModel, count: int) -> list[Answer]:
    """Return the next `count` answers, and assert that no more are ready with them."""
    found: list[Answer] = []
    while len(found) < count:
        answers = model.answers(PATIENCE)
        assert answers, f"{len(found)} of {count} requests were answered, and no more came"
        found += answers
    assert len(found) == count, f"{len(found)} answers to {count} requests"
    assert model.answers(0.0) == []
    return found


def sound(request: Request, answer: Answer) -> None:
    """Assert that an answer is one that its request can have."""
    assert answer.number == request.number
    size = len(request.options)
    if answer.failure is not None:
        assert answer.option == -1 and answer.words == "" and answer.failure.why.strip()
        assert len(answer.failure.why.splitlines()) == 1 and isinstance(answer.failure.cause, Cause)
        return
    assert type(answer.option) is int and (0 <= answer.option < size if size else answer.option == -1)
    if answer.probabilities:
        assert len(answer.probabilities) == size and all(share >= 0 for share in answer.probabilities)
        assert math.isclose(sum(answer.probabilities), 1, abs_tol=1e-5)
    counts = answer.counts
    assert 0 <= counts.cached <= counts.prompt and counts.generated >= 0
    assert math.isfinite(answer.milliseconds) and answer.milliseconds >= 0
    assert len(answer.tokens) in (0, len(request.parts))
    assert all(request.parts[part].weight < 100 for part in answer.dropped)
    asked = request.options[answer.option].then if size else request.words
    written(asked, answer.words)
    written(request.thought, answer.thought)


def written(asked: Writing | None, text: str) -> None:
    """Assert that words came only where they were asked for, and end where they should."""
    assert isinstance(text, str)
    if asked is None:
        assert text == ""
    else:
        assert not any(stop in text for stop in asked.stops)


def answered(subject: Subject, requests: Sequence[Request]) -> list[Answer]:
    """Return sound answers of a fresh model, in the order of the requests."""
    with opened(subject) as model:
        model.ask(requests)
        found = {answer.number: answer for answer in collect(model, len(requests))}
    assert sorted(found) == sorted(request.number for request in requests)
    for request in requests:
        sound(request, found[request.number])
    return [found[request.number] for request in requests]


def each_request_is_answered_once(subject: Subject) -> None:
    requests = [question(number, 2 + number % 5, way=subject.ways[0]) for number in range(12)]
    assert [answer.failure for answer in answered(subject, requests)] == [None] * 12


def a_model_says_what_it_is(subject: Subject) -> None:
    with opened(subject) as model:
        model.ask([question(1, way=subject.ways[0])])
        collect(model, 1)
        assert model.info.name
        assert model.info.profile.way in subject.ways
        assert model.info == model.info


def every_way_of_choosing_stays_within_the_list(subject: Subject) -> None:
    for way in subject.ways:
        sizes = (1, 2, 3, 24, MOST_OPTIONS)
        requests = [question(i, sizes[i % 5], way=way, seed=i * 7919) for i in range(15)]
        answers = answered(subject, requests)
        assert all(answer.failure is None for answer in answers)
        assert [answers[i].option for i in (0, 5, 10)] == [0, 0, 0]


def a_choice_has_its_share_of_the_probabilities(subject: Subject) -> None:
    for answer in answered(subject, [question(i, 6, way=subject.ways[0]) for i in range(10)]):
        assert not answer.probabilities or answer.probabilities[answer.option] > 0


def words_come_where_they_were_asked_for(subject: Subject) -> None:
    if not subject.writes:
        return
    talking = [question(i, way=subject.ways[0], then=LINE) for i in range(4)]
    mute = [question(i + 10, way=subject.ways[0]) for i in range(4)]
    alone = [line(i + 20) for i in range(4)]
    answers = answered(subject, [*talking, *mute, *alone])
    assert all(answer.failure is None for answer in answers)
    assert any(answer.words for answer in answers[:4]) and any(answer.words for answer in answers[8:])


def words_end_at_their_stops(subject: Subject) -> None:
    if subject.writes:
        short = Writing("", 40, stops=(" ", "e"))
        requests = [question(i, way=subject.ways[0], then=short) for i in range(6)]
        answered(subject, [*requests, *(replace(line(i + 10), words=short) for i in range(6))])


def a_thought_comes_before_the_choice(subject: Subject) -> None:
    if subject.writes:
        requests = [question(i, way=subject.ways[0], thought=Writing("You think: ", 12)) for i in range(4)]
        assert any(answer.thought for answer in answered(subject, requests))


def numbers_are_whatever_the_asker_likes(subject: Subject) -> None:
    numbers = (0, 1, 2**31, 2**40 + 7, 2**62)
    answered(subject, [question(number, way=subject.ways[0], seed=2**64 - 1) for number in reversed(numbers)])


def a_number_can_be_used_again_once_answered(subject: Subject) -> None:
    with opened(subject) as model:
        for size in (4, 1, 3):
            model.ask([question(5, size, way=subject.ways[0])])
            sound(question(5, size, way=subject.ways[0]), collect(model, 1)[0])


def a_number_in_use_is_refused(subject: Subject) -> None:
    first, second, third = (question(number, way=subject.ways[0]) for number in (7, 8, 9))
    with opened(subject) as model:
        model.ask([first])
        with pytest.raises(MindError):
            model.ask([second, first, third])
        assert model.usage().waiting == 1
        assert [answer.number for answer in collect(model, 1)] == [7]


def a_batch_with_a_number_twice_is_refused(subject: Subject) -> None:
    first, second = (question(number, way=subject.ways[0]) for number in (7, 8))
    with opened(subject) as model:
        with pytest.raises(MindError):
            model.ask([second, first, first])
        assert model.usage().waiting == 0
        model.ask([first])
        assert [answer.number for answer in collect(model, 1)] == [7]


def a_way_that_the_model_lacks_is_refused(subject: Subject) -> None:
    for way in set(Way) - set(subject.ways):
        with opened(subject) as model:
            with pytest.raises(MindError):
                model.ask([question(1, way=subject.ways[0]), question(2, way=way)])
            assert model.usage().waiting == 0
            model.ask([question(2, way=subject.ways[0])])
            assert [answer.number for answer in collect(model, 1)] == [2]


def an_empty_batch_is_nothing(subject: Subject) -> None:
    with opened(subject) as model:
        model.ask([])
        assert model.answers(0.0) == []
        assert (model.usage().asked, model.usage().waiting) == (0, 0)
        model.forget([])
        model.ask([question(1, way=subject.ways[0])])
        collect(model, 1)


def who_waits_for_nothing_waits_not(subject: Subject) -> None:
    with opened(subject) as model:
        before = subject.clock()
        assert model.answers(PATIENCE) == []
        model.ask([question(1, way=subject.ways[0])])
        collect(model, 1)
        assert model.answers(PATIENCE) == []
        assert subject.clock() - before < PATIENCE


def what_waits_is_counted(subject: Subject) -> None:
    requests = [question(number, way=subject.ways[0]) for number in range(9)]
    with opened(subject) as model:
        model.ask(requests)
        left = len(requests)
        assert (model.usage().asked, model.usage().waiting) == (left, left)
        while left:
            answers = model.answers(PATIENCE)
            assert answers
            left -= len(answers)
            usage = model.usage()
            assert (usage.asked, usage.answered, usage.waiting) == (9, 9 - left, left)
        assert usage.counts.generated >= 0 and sum(count for _, count in usage.failures) == 0


def batches_may_follow_each_other_before_answers_come(subject: Subject) -> None:
    asked = 0
    found: list[Answer] = []
    with opened(subject) as model:
        for size in (3, 1, 5, 2):
            model.ask([question(asked + i, way=subject.ways[0]) for i in range(size)])
            asked += size
            found += model.answers(0.0)
        found += collect(model, asked - len(found)) if len(found) < asked else []
    assert sorted(answer.number for answer in found) == list(range(asked))


def what_is_forgotten_is_never_answered(subject: Subject) -> None:
    with opened(subject) as model:
        model.ask([question(number, way=subject.ways[0]) for number in range(8)])
        model.forget([1, 3, 5, 3, 99])
        assert model.usage().waiting == 5
        assert sorted(answer.number for answer in collect(model, 5)) == [0, 2, 4, 6, 7]
        model.forget(range(8))
        assert model.answers(0.0) == []
        assert (model.usage().answered, model.usage().waiting) == (5, 0)


def a_forgotten_number_can_be_used_again(subject: Subject) -> None:
    with opened(subject) as model:
        for turn in range(5):
            model.ask([question(3, MOST_OPTIONS, way=subject.ways[0], seed=turn), question(4, way=subject.ways[0])])
            model.forget([3])
            model.ask([question(3, 1, way=subject.ways[0])])
            answers = {answer.number: answer for answer in collect(model, 2)}
            assert sorted(answers) == [3, 4]
            sound(question(3, 1, way=subject.ways[0]), answers[3])


def any_text_can_be_asked(subject: Subject) -> None:
    texts = (
        "Zoë says: „ça va?“ 你好 שלום", "👩‍👩‍👧‍👦🏳️‍🌈", "a\u0301\u200b\u202e\ufeff", "\0\x01\x1b[31m\r\n\t",
        "\ud800 alone", "<|im_end|> <|endoftext|> </s> [INST]", '{"choice": "B"}"""\\', " " * 200,
        "%s {0} {you} ${HOME}",
    )  # fmt: skip
    answered(subject, [question(i, way=subject.ways[0], said=text) for i, text in enumerate(texts)])


def a_prompt_that_is_too_long_is_answered(subject: Subject) -> None:
    fits = question(1, way=subject.ways[0])
    long = replace(fits, number=2, parts=(Part("The wind blows over the hills. " * 3000), *fits.parts))
    assert answered(subject, [long, fits])[1].failure is None


def many_can_be_asked_at_once(subject: Subject) -> None:
    answers = answered(subject, [question(i, 2 + i % 9, way=subject.ways[0]) for i in range(subject.many)])
    assert all(answer.failure is None for answer in answers)


def what_is_closed_says_nothing_more(subject: Subject) -> None:
    model = subject.make()
    try:
        model.ask([question(number, way=subject.ways[0]) for number in range(5)])
    finally:
        model.close()
    assert model.answers(0.0) == []
    assert model.usage().waiting == 0
    model.forget([1])
    model.close()
    with pytest.raises(MindError):
        model.ask([question(9, way=subject.ways[0])])
    assert model.answers(PATIENCE) == []


CHECKS: tuple[Callable[[Subject], None], ...] = (
    each_request_is_answered_once,
    a_model_says_what_it_is,
    every_way_of_choosing_stays_within_the_list,
    a_choice_has_its_share_of_the_probabilities,
    words_come_where_they_were_asked_for,
    words_end_at_their_stops,
    a_thought_comes_before_the_choice,
    numbers_are_whatever_the_asker_likes,
    a_number_can_be_used_again_once_answered,
    a_number_in_use_is_refused,
    a_batch_with_a_number_twice_is_refused,
    a_way_that_the_model_lacks_is_refused,
    an_empty_batch_is_nothing,
    who_waits_for_nothing_waits_not,
    what_waits_is_counted,
    batches_may_follow_each_other_before_answers_come,
    what_is_forgotten_is_never_answered,
    a_forgotten_number_can_be_used_again,
    any_text_can_be_asked,
    a_prompt_that_is_too_long_is_answered,
    many_can_be_asked_at_once,
    what_is_closed_says_nothing_more,
)
