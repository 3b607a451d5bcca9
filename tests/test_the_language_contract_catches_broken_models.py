"""A contract that catches nothing is no contract: here are models that break it, and the check that must see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from cognition.language.model import (
    LONGEST_PART,
    Answer,
    Cause,
    Counts,
    Failure,
    ModelInfo,
    Profile,
    Request,
    Usage,
    Way,
)
from tests.contract import language_contract
from tests.contract.language_contract import CHECKS, Subject
from tests.scripted_models import Clock, ScriptedModel, sensible, slow

WAYS = (Way.LABEL, Way.TEXT)


class Sound(ScriptedModel):
    """Answers a second after it was asked."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(slow(1.0), clock, ways=WAYS)

    def request(self, answer: Answer) -> Request:
        return next(request for request in reversed(self.asked) if request.number == answer.number)


class ForgetsSomeone(Sound):
    def answers(self, wait: float) -> list[Answer]:
        return super().answers(wait)[1:]


class AnswersTwice(Sound):
    def answers(self, wait: float) -> list[Answer]:
        return [answer for answer in super().answers(wait) for _ in range(2)]


class HasNoName(Sound):
    @property
    def info(self) -> ModelInfo:
        return ModelInfo("", "tests")


class AsksForAWayItLacks(Sound):
    @property
    def info(self) -> ModelInfo:
        return ModelInfo("broken", "tests", profile=Profile(Way.MARK))


class ChoosesWhatIsNotListed(Sound):
    def answers(self, wait: float) -> list[Answer]:
        return [replace(answer, option=answer.option + 1) for answer in super().answers(wait)]


class CountsOptionsByLabels(Sound):
    def answers(self, wait: float) -> list[Answer]:
        return [
            replace(answer, option=min(answer.option, 9), probabilities=(0.1,) * 10) for answer in super().answers(wait)
        ]


class ChoosesTheUnlikely(Sound):
    def answers(self, wait: float) -> list[Answer]:
        return [
            replace(answer, probabilities=tuple(float(i == 0) for i in range(6)), option=1)
            for answer in super().answers(wait)
        ]


class TalksUnasked(Sound):
    def answers(self, wait: float) -> list[Answer]:
        return [replace(answer, words=answer.words or "hello") for answer in super().answers(wait)]


class IsMute(Sound):
    def answers(self, wait: float) -> list[Answer]:
        return [replace(answer, words="") for answer in super().answers(wait)]


class TalksOn(Sound):
    def answers(self, wait: float) -> list[Answer]:
        return [replace(answer, words="there she went" if answer.words else "") for answer in super().answers(wait)]


class ThinksNothing(Sound):
    def answers(self, wait: float) -> list[Answer]:
        return [replace(answer, thought="") for answer in super().answers(wait)]


class CutsNumbers(Sound):
    def answers(self, wait: float) -> list[Answer]:
        return [replace(answer, number=answer.number & 0xFFFFFFFF) for answer in super().answers(wait)]


class UsesNumbersUp(Sound):
    def ask(self, requests: Sequence[Request]) -> None:
        super().ask([request for request in requests if request.number not in self._times])


class TakesNumbersInUse(Sound):
    def ask(self, requests: Sequence[Request]) -> None:
        for request in requests:
            self._due.pop(request.number, None)
        super().ask(requests)


class TakesHalfABatch(Sound):
    def ask(self, requests: Sequence[Request]) -> None:
        for request in requests:
            super().ask([request])


class TakesAnyWay(Sound):
    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.ways = tuple(Way)


class StumblesOverNothing(Sound):
    def ask(self, requests: Sequence[Request]) -> None:
        super().ask(requests)
        self._usage = replace(self._usage, asked=max(1, self._usage.asked))


class WaitsForNothing(Sound):
    def answers(self, wait: float) -> list[Answer]:
        found = super().answers(wait)
        self.clock.now += 0.0 if found else wait
        return found


class MiscountsWhatWaits(Sound):
    def usage(self) -> Usage:
        return replace(super().usage(), waiting=len(self._due) // 2)


class DropsTheLastBatch(Sound):
    def ask(self, requests: Sequence[Request]) -> None:
        if requests:
            self._due = {n: due for n, due in self._due.items() if n == 0}
        super().ask(requests)


class ForgetsNothing(Sound):
    def forget(self, numbers: Sequence[int]) -> None:
        self.forgotten += numbers


class AnswersTheForgotten(Sound):
    """Mistakes the answer to a forgotten request for that of the next one with its number."""

    def forget(self, numbers: Sequence[int]) -> None:
        self._stale = {n: self._due[n] for n in numbers if n in self._due}
        super().forget(numbers)

    def ask(self, requests: Sequence[Request]) -> None:
        super().ask(requests)
        for number, due in getattr(self, "_stale", {}).items():
            if number in self._due:
                self._due[number] = due


class FearsSurrogates(Sound):
    def ask(self, requests: Sequence[Request]) -> None:
        for request in requests:
            for part in request.parts:
                part.text.encode()
        super().ask(requests)


class FearsLongPrompts(Sound):
    def ask(self, requests: Sequence[Request]) -> None:
        if any(len(part.text) > LONGEST_PART // 2 for request in requests for part in request.parts):
            raise ValueError("too long")
        super().ask(requests)


class FailsInFewWords(Sound):
    def answers(self, wait: float) -> list[Answer]:
        def fail(answer: Answer) -> Answer:
            failure = Failure(Cause.TOO_LONG, "too\nlong")
            return replace(answer, option=-1, probabilities=(), words="", failure=failure)

        return [
            fail(answer) if len(self.request(answer).parts[0].text) > 9000 else answer
            for answer in super().answers(wait)
        ]


class TakesAHundred(Sound):
    def ask(self, requests: Sequence[Request]) -> None:
        super().ask(requests)
        for request in requests[100:]:
            failure = Failure(Cause.REFUSED, "the queue is full")
            self._due[request.number] = (self.clock.now, Answer(request.number, failure=failure))


class AnswersAfterItsEnd(Sound):
    def close(self) -> None:
        self.is_closed = False


class ForgetsThatItIsClosed(Sound):
    def close(self) -> None:
        self._due.clear()


class CachesMoreThanThereWas(Sound):
    def answers(self, wait: float) -> list[Answer]:
        return [replace(answer, counts=Counts(3, 4, 1)) for answer in super().answers(wait)]


class DropsWhatMustStay(Sound):
    def answers(self, wait: float) -> list[Answer]:
        return [replace(answer, dropped=(0,)) for answer in super().answers(wait)]


BROKEN = {
    ForgetsSomeone: "each_request_is_answered_once",
    AnswersTwice: "each_request_is_answered_once",
    CachesMoreThanThereWas: "each_request_is_answered_once",
    DropsWhatMustStay: "each_request_is_answered_once",
    HasNoName: "a_model_says_what_it_is",
    AsksForAWayItLacks: "a_model_says_what_it_is",
    ChoosesWhatIsNotListed: "every_way_of_choosing_stays_within_the_list",
    CountsOptionsByLabels: "every_way_of_choosing_stays_within_the_list",
    ChoosesTheUnlikely: "a_choice_has_its_share_of_the_probabilities",
    TalksUnasked: "words_come_where_they_were_asked_for",
    IsMute: "words_come_where_they_were_asked_for",
    TalksOn: "words_end_at_their_stops",
    ThinksNothing: "a_thought_comes_before_the_choice",
    CutsNumbers: "numbers_are_whatever_the_asker_likes",
    UsesNumbersUp: "a_number_can_be_used_again_once_answered",
    TakesNumbersInUse: "a_number_in_use_is_refused",
    TakesHalfABatch: "a_batch_with_a_number_twice_is_refused",
    TakesAnyWay: "a_way_that_the_model_lacks_is_refused",
    StumblesOverNothing: "an_empty_batch_is_nothing",
    WaitsForNothing: "who_waits_for_nothing_waits_not",
    MiscountsWhatWaits: "what_waits_is_counted",
    DropsTheLastBatch: "batches_may_follow_each_other_before_answers_come",
    ForgetsNothing: "what_is_forgotten_is_never_answered",
    AnswersTheForgotten: "a_forgotten_number_can_be_used_again",
    FearsSurrogates: "any_text_can_be_asked",
    FearsLongPrompts: "a_prompt_that_is_too_long_is_answered",
    FailsInFewWords: "a_prompt_that_is_too_long_is_answered",
    TakesAHundred: "many_can_be_asked_at_once",
    AnswersAfterItsEnd: "what_is_closed_says_nothing_more",
    ForgetsThatItIsClosed: "what_is_closed_says_nothing_more",
}


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.__name__)
def test_a_broken_model_is_caught(broken: type[Sound]) -> None:
    check = getattr(language_contract, BROKEN[broken])
    sound, clock = Clock(), Clock()
    check(Subject("sound", lambda: Sound(sound), ways=WAYS, clock=sound))
    with pytest.raises((AssertionError, ValueError, pytest.fail.Exception)):
        check(Subject("broken", lambda: broken(clock), ways=WAYS, clock=clock))


def test_every_check_has_a_model_that_breaks_it() -> None:
    assert {check.__name__ for check in CHECKS} == set(BROKEN.values())


def test_the_sound_model_is_what_the_script_says() -> None:
    request = language_contract.question(1)
    assert sensible(request).answer == sensible(replace(request)).answer
