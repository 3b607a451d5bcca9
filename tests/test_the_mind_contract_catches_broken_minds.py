"""A contract that catches nothing is no contract: here are minds that break it, and the check that must see it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cognition.minds.reflex import ReflexMind
from engine.rng import Rng
from engine.values import Decisions, Observations
from tests.contract import mind_contract
from tests.contract.mind_contract import APPEALS, CHECKS, ROLES, Subject

WEIGHTS = np.random.default_rng(4).integers(-50, 250, (ROLES, len(APPEALS))).astype(np.int32)


class Sound(ReflexMind):
    def __init__(self, seed: int) -> None:
        super().__init__(WEIGHTS, 400, 100, Rng(seed))


class ForgetsSomeone(Sound):
    def answers(self, wait: bool) -> Decisions:
        found = super().answers(wait)
        return found.take(np.arange(found.size) != found.size - 1)


class AnswersTwice(Sound):
    def answers(self, wait: bool) -> Decisions:
        found = super().answers(wait)
        return Decisions.join((found, found.take(np.arange(found.size) == 0)))


class MakesThingsUp(Sound):
    def answers(self, wait: bool) -> Decisions:
        found = super().answers(wait)
        return replace(found, args=found.args + np.int32(1))


class LosesTheTick(Sound):
    def answers(self, wait: bool) -> Decisions:
        found = super().answers(wait)
        return replace(found, asked_at=np.zeros(found.size, np.int32))


class AnswersInDoubles(Sound):
    def answers(self, wait: bool) -> Decisions:
        found = super().answers(wait)
        return replace(found, action=found.action.astype(np.float64))


class KeepsSomeBack(Sound):
    kept = Decisions.none()

    def answers(self, wait: bool) -> Decisions:
        found = Decisions.join((self.kept, super().answers(wait)))
        late = np.arange(found.size) >= 20
        self.kept = found.take(late)
        return found.take(~late)


class DropsWhatIsNotFetched(Sound):
    def ask(self, batch: Observations) -> None:
        self._ready = []
        super().ask(batch)


class AnswersForNobody(Sound):
    def answers(self, wait: bool) -> Decisions:
        found = super().answers(wait)
        one = np.zeros(1, np.int32)
        return found if found.size else Decisions.of(one, one.astype(np.int16), np.zeros((1, 4), np.int32), 1)


class FavoursTheFirstRow(Sound):
    def ask(self, batch: Observations) -> None:
        super().ask(batch)
        self._ready[-1].action[:1] = 0
        self._ready[-1].args[:1] = 0


class RemembersAcrossRuns(Sound):
    runs = 0

    def __init__(self, seed: int) -> None:
        RemembersAcrossRuns.runs += 1
        super().__init__(seed + RemembersAcrossRuns.runs)


class IgnoresItsSeed(Sound):
    def __init__(self, seed: int) -> None:
        super().__init__(5)


class ReusesItsColumns(Sound):
    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.action = np.zeros(100, np.int16)

    def answers(self, wait: bool) -> Decisions:
        found = super().answers(wait)
        self.action[: found.size] = found.action
        return replace(found, action=self.action[: found.size])


class LosesWhatIsInFlight(Sound):
    def snapshot(self) -> bytes:
        kept, self._ready = self._ready, []
        data = super().snapshot()
        self._ready = kept
        return data


class LosesItsMood(Sound):
    mood = 0

    def ask(self, batch: Observations) -> None:
        self.mood += 1
        self._inertia = 40_000_000 * (self.mood % 3)
        super().ask(batch)


class AnswersOnSnapshot(Sound):
    def snapshot(self) -> bytes:
        data = super().snapshot()
        self._ready = []
        return data


class BelievesAnything(Sound):
    def restore(self, data: bytes) -> None:
        if len(data) > 40:
            super().restore(data)


class ScribblesOnTheBatch(Sound):
    def ask(self, batch: Observations) -> None:
        batch.urgency[:] = 0
        super().ask(batch)


BROKEN = {
    ForgetsSomeone: "each_asked_person_is_answered_once",
    AnswersTwice: "each_asked_person_is_answered_once",
    AnswersInDoubles: "answers_are_columns_of_the_right_types",
    MakesThingsUp: "answers_are_legal",
    LosesTheTick: "answers_carry_the_tick_of_their_asking",
    KeepsSomeBack: "waiting_leaves_nothing_behind",
    AnswersForNobody: "nobody_asked_is_nobody_answered",
    DropsWhatIsNotFetched: "answers_that_may_come_late_come_once",
    FavoursTheFirstRow: "the_order_of_rows_decides_nothing",
    RemembersAcrossRuns: "the_same_seed_decides_the_same",
    IgnoresItsSeed: "another_seed_decides_otherwise",
    ReusesItsColumns: "answers_are_the_askers_to_keep",
    AnswersOnSnapshot: "a_snapshot_changes_nothing",
    LosesItsMood: "a_restored_mind_goes_on_as_the_unbroken_one",
    LosesWhatIsInFlight: "a_restored_mind_answers_what_was_in_flight",
    BelievesAnything: "what_is_no_snapshot_of_its_is_refused",
    ScribblesOnTheBatch: "each_asked_person_is_answered_once",
}


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.__name__)
def test_a_broken_mind_is_caught(broken: type[Sound]) -> None:
    check = getattr(mind_contract, BROKEN[broken])
    check(Subject("sound", Sound))
    with pytest.raises((AssertionError, ValueError, pytest.fail.Exception)):
        check(Subject("broken", broken))


def test_every_check_has_a_mind_that_breaks_it() -> None:
    assert {check.__name__ for check in CHECKS} == set(BROKEN.values())
