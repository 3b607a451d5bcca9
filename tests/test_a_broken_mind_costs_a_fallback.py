from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from cognition.minds.mixed import MixedMind
from cognition.minds.reflex import ReflexMind
from engine.errors import MindError
from engine.rng import Rng
from engine.values import Decisions, Observations, Source
from tests.contract.mind_contract import ACTIONS, APPEALS, PEOPLE, ROLES, TICKS, People, Village, ordered, rows

WEIGHTS = np.full((ROLES, len(APPEALS)), 100, np.int32)
Change = Callable[[Decisions], Decisions]


def reflex(seed: int = 1) -> ReflexMind:
    return ReflexMind(WEIGHTS, 400, 100, Rng(seed))


class Changed(ReflexMind):
    """A reflex of another seed whose answers are changed before they are given."""

    def __init__(self, change: Change) -> None:
        super().__init__(WEIGHTS, 400, 100, Rng(2))
        self.change = change

    def answers(self, wait: bool) -> Decisions:
        return self.change(super().answers(wait))


def half(second: ReflexMind) -> MixedMind:
    """Return a mixture in which every second person has the second mind."""
    people = People()
    people.mind[1::2] = 1
    return MixedMind([reflex(), second], people, fallback=reflex(7), actions=ACTIONS)


def fail(found: Decisions) -> Decisions:
    raise RuntimeError("the model file is broken")


def first(found: Decisions, **columns: object) -> Decisions:
    """Return the decisions with the first one changed."""
    changed = {name: getattr(found, name).copy() for name in columns}
    for name, value in columns.items():
        changed[name][:1] = value
    return replace(found, **changed)


NONSENSE: dict[str, tuple[Change, int]] = {
    "an unknown action": (lambda found: first(found, action=ACTIONS), 1),
    "a negative action": (lambda found: first(found, action=-1), 1),
    "a source that there is not": (lambda found: first(found, source=9), 1),
    "a person's decision": (lambda found: first(found, source=Source.PERSON), 1),
    "another tick": (lambda found: first(found, asked_at=77), 1),
    "somebody else": (lambda found: first(found, agent=0), 1),
    "nobody": (lambda found: first(found, agent=-5), 1),
    "someone left out": (lambda found: found.take(np.arange(found.size) > 0), 1),
    "someone twice": (lambda found: Decisions.join((found, found.take(np.arange(found.size) < 2))), 2),
    "no answer at all": (lambda found: Decisions.none(), 20),
    "another type": (lambda found: replace(found, action=found.action.astype(np.float32)), 20),
    "another shape": (lambda found: replace(found, args=found.args[:, :2]), 20),
    "other lengths": (lambda found: replace(found, action=found.action[1:]), 20),
}


@pytest.mark.parametrize("case", NONSENSE)
def test_nonsense_costs_those_people_a_fallback_decision(case: str) -> None:
    change, cost = NONSENSE[case]
    mind, sound = half(Changed(change)), half(Changed(lambda found: found))
    everyone = np.arange(PEOPLE, dtype=np.int32)
    batch = Village().batch(1, everyone)
    for each in (mind, sound):
        each.ask(batch)
    found, expected = mind.answers(True), sound.answers(True)

    assert found.agent.tolist() == everyone.tolist()
    failed = found.source == Source.FALLBACK_NONSENSE
    assert failed.sum() == cost and not failed[::2].any()
    assert mind.fallbacks[Source.FALLBACK_NONSENSE] == cost and sum(mind.fallbacks.values()) == cost
    assert list(mind.faults) == [1] and not sound.faults
    assert rows(found.take(~failed)) == rows(expected.take(~failed))
    fallback = reflex(7)
    fallback.ask(batch)
    decided = fallback.answers(True)
    assert found.action[failed].tolist() == decided.action[failed].tolist()
    assert found.args[failed].tolist() == decided.args[failed].tolist()


@pytest.mark.parametrize("what", ["ask", "answers"])
def test_a_mind_that_raises_is_counted_and_asked_again(what: str) -> None:
    class Dying(ReflexMind):
        def __init__(self) -> None:
            super().__init__(WEIGHTS, 400, 100, Rng(2))
            self.ticks = 0

        def ask(self, batch: Observations) -> None:
            self.ticks = batch.tick
            if what == "ask" and batch.tick == 2:
                raise RuntimeError("the model file is broken")
            super().ask(batch)

        def answers(self, wait: bool) -> Decisions:
            found = super().answers(wait)
            return fail(found) if what == "answers" and self.ticks == 2 else found

    mind, village, everyone = half(Dying()), Village(), np.arange(PEOPLE, dtype=np.int32)
    for tick in (1, 2, 3):
        mind.ask(village.batch(tick, everyone))
        found = mind.answers(True)
        assert found.agent.tolist() == everyone.tolist()
        assert set(found.asked_at.tolist()) == {tick}
        died = found.source == Source.FALLBACK_MIND_DIED
        assert died.tolist() == ([False, True] * 20 if tick == 2 else [False] * 40)
    assert mind.fallbacks[Source.FALLBACK_MIND_DIED] == 20
    assert mind.faults == {1: "RuntimeError: the model file is broken"}


def test_a_mind_that_dies_with_answers_in_flight_owes_none_for_ever() -> None:
    class Silent(ReflexMind):
        def answers(self, wait: bool) -> Decisions:
            return fail(super().answers(wait)) if wait else Decisions.none()

    mind, village, found = half(Silent(WEIGHTS, 0, 0, Rng(1))), Village(), []
    for tick in TICKS[:3]:
        mind.ask(village.batch(tick))
        found.append(mind.answers(False))
    found.append(mind.answers(True))
    joined = ordered(Decisions.join(found))
    expected = sorted((agent, tick) for tick in TICKS[:3] for agent in village.asked(tick).tolist())
    assert list(zip(joined.agent.tolist(), joined.asked_at.tolist(), strict=True)) == expected
    assert mind.fallbacks[Source.FALLBACK_MIND_DIED] == sum(agent % 2 for agent, _ in expected)


def test_what_nobody_asked_for_is_dropped_and_counted() -> None:
    def gossip(found: Decisions) -> Decisions:
        return Decisions.join((found, first(found.take(np.arange(found.size) == 0), agent=0)))

    mind, everyone = half(Changed(gossip)), np.arange(PEOPLE, dtype=np.int32)
    mind.ask(Village().batch(1, everyone))
    assert mind.answers(True).agent.tolist() == everyone.tolist()
    assert mind.dropped == 1 and sum(mind.fallbacks.values()) == 0


def test_a_minds_own_fallbacks_are_counted_by_their_cause() -> None:
    mind = half(Changed(lambda found: first(found, source=Source.FALLBACK_TIMEOUT)))
    mind.ask(Village().batch(1))
    mind.answers(True)
    none = dict.fromkeys((source for source in Source if source.is_fallback), 0)
    assert mind.fallbacks == none | {Source.FALLBACK_TIMEOUT: 1}


def test_each_person_is_decided_for_by_its_own_mind() -> None:
    mind, everyone = half(Changed(lambda found: found)), np.arange(PEOPLE, dtype=np.int32)
    batch, expected = Village().batch(1, everyone), []
    mind.ask(batch)
    for seed, rows_of in ((1, everyone[::2]), (2, everyone[1::2])):
        alone = reflex(seed)
        alone.ask(Village().batch(1, rows_of))
        expected.append(alone.answers(True))
    assert rows(mind.answers(True)) == rows(ordered(Decisions.join(expected)))


def test_counts_outlive_a_restore() -> None:
    mind, after = half(Changed(fail)), half(Changed(fail))
    mind.ask(Village().batch(1))
    mind.answers(True)
    after.restore(mind.snapshot())
    assert after.fallbacks == mind.fallbacks and sum(after.fallbacks.values()) > 0


def test_a_mind_that_cannot_give_a_snapshot_costs_not_the_run() -> None:
    class Locked(ReflexMind):
        def snapshot(self) -> bytes:
            raise RuntimeError("no")

    mind, after = (half(Locked(WEIGHTS, 0, 0, Rng(1))) for _ in range(2))
    mind.ask(Village().batch(1))
    mind.answers(True)
    after.restore(mind.snapshot())
    after.ask(Village().batch(2))
    assert after.answers(True).size == Village().asked(2).size


def test_a_mixture_that_cannot_work_is_refused() -> None:
    people, one = People(), reflex()
    with pytest.raises(MindError, match="twice"):
        MixedMind([one, one], people, fallback=reflex())
    with pytest.raises(MindError, match="twice"):
        MixedMind([one], people, fallback=one)
    people.mind[3] = 1
    with pytest.raises(MindError, match=r"cognition\.minds"):
        MixedMind([one], people, fallback=reflex()).ask(Village().batch(1, np.array([3], np.int32)))
    with pytest.raises(MindError, match="2 minds, here there are 1"):
        MixedMind([one], people, fallback=reflex()).restore(half(Changed(fail)).snapshot())
