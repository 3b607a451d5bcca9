from __future__ import annotations

import math

import numpy as np
import pytest

from cognition.attention import QueueAttention
from engine.errors import MindError
from engine.rng import Rng
from engine.values import Asked, Bytes, Int32s
from tests.contract.mind_contract import People


def busy(count: int, asked: int = 99) -> People:
    """Return people who all do something and were all asked at the same tick."""
    people = People(count)
    people.action[:] = 4
    people.asked[:] = asked
    return people


def pick(people: People, tick: int, every: int = 10, budget: int | None = None, every_tick: bool = False,
         seed: int = 1) -> tuple[Int32s, Bytes]:  # fmt: skip
    return QueueAttention(every, budget, every_tick, Rng(seed)).pick(tick, people)


@pytest.mark.parametrize("every_tick", [False, True])
@pytest.mark.parametrize("storm", ["nobody", "half", "the same few", "all"])
@pytest.mark.parametrize(("count", "budget", "every"), [(60, 7, 5), (60, 1, 10), (100, 99, 3), (31, 8, 1), (40, 4, 40)])
def test_everyone_is_asked_in_time_whatever_happens(
    count: int, budget: int, every: int, storm: str, every_tick: bool
) -> None:
    dice = np.random.default_rng(5)
    people = busy(count, -1)
    attention = QueueAttention(every, budget, every_tick, Rng(3))
    longest = every + math.ceil(count / budget)
    for tick in range(6 * longest):
        if storm == "all":
            people.stirred[:] = tick
        elif storm == "half":
            people.stirred[dice.random(count) < 0.5] = tick
            people.action[:] = dice.integers(0, 3, count)
        elif storm == "the same few":
            people.stirred[: count // 3] = tick
        who, _ = attention.pick(tick, people)
        assert who.size <= budget
        people.asked[who] = tick
        assert int((tick - people.asked).max()) < longest


def test_events_come_before_the_free_and_the_free_before_those_who_waited() -> None:
    people = busy(60, 80)
    people.stirred[10:20] = 95
    people.action[30:40] = 0
    people.asked[30:40] = 98
    for budget, expected in ((8, {Asked.EVENT: 8}), (15, {Asked.EVENT: 10, Asked.FREE: 5}),
                             (25, {Asked.EVENT: 10, Asked.FREE: 10, Asked.WAITED: 5})):  # fmt: skip
        who, cause = pick(people, 100, every=20, budget=budget)
        found = {Asked(int(c)): int((cause == c).sum()) for c in np.unique(cause)}
        assert found == expected
        for agent, why in zip(who.tolist(), cause.tolist(), strict=True):
            assert (why == Asked.EVENT) == (10 <= agent < 20)
            assert (why == Asked.FREE) == (30 <= agent < 40)


def test_of_a_kind_the_longest_unasked_come_first() -> None:
    people = busy(100)
    people.asked[:] = np.random.default_rng(1).permutation(100)
    people.stirred[:] = 120
    who, _ = pick(people, 120, every=1000, budget=30)
    assert set(who.tolist()) == set(np.flatnonzero(people.asked < 30).tolist())


def test_only_those_with_a_reason_are_asked() -> None:
    people = busy(20, 95)
    people.stirred[3] = 96
    people.stirred[4] = 95
    people.action[5] = 0
    people.asked[6] = 90
    who, cause = pick(people, 100)
    assert dict(zip(who.tolist(), cause.tolist(), strict=True)) == {3: Asked.EVENT, 5: Asked.FREE, 6: Asked.WAITED}


def test_every_tick_without_a_budget_asks_all_the_living_whom_nobody_drives() -> None:
    people = busy(20)
    people.alive[[2, 5]] = False
    people.driven[[7, 9]] = True
    for budget in (None, 16, 20):
        who, cause = pick(people, 100, budget=budget, every_tick=True)
        assert who.tolist() == [agent for agent in range(20) if agent not in (2, 5, 7, 9)]
        assert who.dtype == np.int32 and set(cause.tolist()) == {Asked.EVERY_TICK}


@pytest.mark.parametrize("budget", [None, 3])
@pytest.mark.parametrize("every_tick", [False, True])
def test_the_dead_and_the_driven_are_never_asked(budget: int | None, every_tick: bool) -> None:
    people = busy(12, -1)
    people.stirred[:] = 50
    people.alive[:4] = False
    people.driven[4:8] = True
    who, _ = pick(people, 60, budget=budget, every_tick=every_tick)
    assert set(who.tolist()) <= {8, 9, 10, 11} and who.size == (3 if budget else 4)
    assert pick(People(0), 1, budget=budget, every_tick=every_tick)[0].size == 0


def test_equals_take_turns_and_no_id_is_favoured() -> None:
    people = busy(50)
    people.stirred[:] = 100
    times = np.zeros(50, np.int64)
    for tick in range(2000):
        people.asked[:] = tick - 1
        people.stirred[:] = tick
        who, _ = pick(people, tick, budget=10)
        assert np.array_equal(who, np.unique(who)) and who.size == 10
        times[who] += 1
    assert times.min() > 320 and times.max() < 480
    assert abs(np.corrcoef(np.arange(50), times)[0, 1]) < 0.35


def test_the_pick_depends_on_columns_tick_and_seed_alone() -> None:
    people = busy(80)
    people.stirred[:] = 100
    attention = QueueAttention(10, 20, False, Rng(1))
    for tick in range(100, 105):
        attention.pick(tick, people)
    first, _ = attention.pick(100, people)
    assert np.array_equal(first, pick(people, 100, budget=20)[0])
    assert not np.array_equal(first, pick(people, 100, budget=20, seed=2)[0])
    assert not np.array_equal(first, pick(people, 101, budget=20)[0])


@pytest.mark.parametrize(("every", "budget"), [(0, None), (5, 0), (-1, 3)])
def test_attention_that_asks_nobody_is_refused(every: int, budget: int | None) -> None:
    with pytest.raises(MindError, match="at least 1"):
        QueueAttention(every, budget, False, Rng(1))
