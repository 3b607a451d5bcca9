from __future__ import annotations

import numpy as np
import pytest

from cognition.minds.reflex import FULL, ReflexMind
from engine.errors import MindError
from engine.rng import Rng, purpose
from engine.values import ARGUMENTS, Bytes, Choices, Int16s, Int32s, Observation, Observations

NOISE = purpose("reflex.noise")


def batch(
    urgency: Int16s, counts: list[int], action: Int16s, appeal: Int16s, role: Bytes | None = None, tick: int = 3
) -> Observations:
    """Return a batch of people 10, 11, ... whose every choice has arguments of its own."""
    size = len(counts)
    start = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    args = np.arange(action.size * ARGUMENTS, dtype=np.int32).reshape(-1, ARGUMENTS)
    choices = Choices(start, action, args, appeal, np.zeros(action.size, np.int32))
    roles = np.zeros(size, np.uint8) if role is None else role
    who = np.arange(10, 10 + size, dtype=np.int32)
    return Observations(tick, who, np.zeros(size, np.uint8), (), lambda agents: (roles, urgency, choices), _nothing)


def _nothing(agents: Int32s, urgency: Int16s, choices: Choices) -> tuple[Observation, ...]:
    raise LookupError


def alike(people: int, offered: int, tick: int = 0) -> Observations:
    """Return a batch in which all choices of everyone have the same known utility."""
    total = people * offered
    return batch(
        np.full((people, 1), 500, np.int16), [offered] * people, np.ones(total, np.int16),
        np.full((total, 1), 300, np.int16), tick=tick,
    )  # fmt: skip


def drawn(rng: Rng, agent: int, tick: int, slot: int) -> int:
    return int(rng.words(NOISE, np.array([agent], np.int32), tick, slot + 1)[0, slot])


@pytest.mark.parametrize(("noise", "inertia"), [(0, 0), (60, 100), (1000, 0), (10_000, 10_000)])
@pytest.mark.parametrize("kinds", [1, 4, 12, 17])
def test_it_follows_the_documented_formula(noise: int, inertia: int, kinds: int) -> None:
    dice, rng, people = np.random.default_rng(kinds), Rng(77), 150
    counts = dice.integers(0, 25, people).tolist()
    total = sum(counts)
    weights = dice.integers(-300, 1000, (5, kinds)).astype(np.int32)
    role = dice.integers(0, 5, people).astype(np.uint8)
    urgency = dice.integers(0, 1001, (people, kinds)).astype(np.int16)
    appeal = dice.integers(-1000, 1001, (total, kinds)).astype(np.int16)
    action = dice.integers(0, 4, total).astype(np.int16)
    asked = batch(urgency, counts, action, appeal, role)
    mind = ReflexMind(weights, noise, inertia, rng)
    scores = mind.scores(asked)
    mind.ask(asked)
    made = mind.answers(True)

    at = 0
    for row, count in enumerate(counts):
        best: tuple[int, int, int] | None = None
        for slot in range(count):
            word = drawn(rng, 10 + row, 3, slot)
            utility = sum(
                int(weights[role[row], k]) * int(urgency[row, k]) * int(appeal[at, k]) for k in range(kinds)
            ) + (word * (noise * FULL // 1000 + 1) >> 32)
            utility += inertia * FULL // 1000 if action[at] == 0 else 0
            assert scores[at] == utility
            best = max(best or (utility, word, at), (utility, word, at))
            at += 1
        if best is None:
            assert made.action[row] == 0 and not made.args[row].any()
        else:
            assert made.action[row] == action[best[2]]
            assert made.args[row, 0] == best[2] * ARGUMENTS


def test_a_full_utility_is_what_it_says() -> None:
    full = batch(np.full((1, 1), 1000, np.int16), [1], np.ones(1, np.int16), np.full((1, 1), 1000, np.int16))
    assert ReflexMind(np.full((1, 1), 100, np.int32), 0, 0, Rng(1)).scores(full).tolist() == [FULL]


def test_a_negative_weight_makes_an_appeal_a_cost() -> None:
    near_and_far = batch(np.full((1, 1), 500, np.int16), [2], np.ones(2, np.int16), np.array([[100], [900]], np.int16))
    for weight, taken in ((100, 4), (-100, 0)):
        mind = ReflexMind(np.full((1, 1), weight, np.int32), 0, 0, Rng(1))
        mind.ask(near_and_far)
        assert mind.answers(True).args[0, 0] == taken


@pytest.mark.parametrize("noise", [0, 500])
def test_of_equal_choices_none_is_favoured_by_its_place(noise: int) -> None:
    mind = ReflexMind(np.full((1, 1), 100, np.int32), noise, 0, Rng(9))
    mind.ask(alike(4000, 5))
    slots = mind.answers(True).args[:, 0] // ARGUMENTS % 5
    taken = np.bincount(slots, minlength=5)
    assert taken.min() > 700 and taken.max() < 900


def test_people_carry_on_unless_something_is_clearly_better() -> None:
    people = 300
    action = np.tile(np.array([0, 5], np.int16), people)
    appeal = np.tile(np.array([[500], [540]], np.int16), (people, 1))
    asked = batch(np.full((people, 1), 1000, np.int16), [2] * people, action, appeal)
    stays = {}
    for inertia in (0, 39, 41, 200):
        mind = ReflexMind(np.full((1, 1), 100, np.int32), 0, inertia, Rng(2))
        mind.ask(asked)
        stays[inertia] = int((mind.answers(True).action == 0).sum())
    assert stays == {0: 0, 39: 0, 41: people, 200: people}


def test_noise_reaches_no_further_than_it_says() -> None:
    people = 3000
    action = np.tile(np.array([1, 2], np.int16), people)
    worse = {}
    for gap in (0, 30, 59, 61, 100):
        appeal = np.tile(np.array([[500], [500 + gap]], np.int16), (people, 1))
        mind = ReflexMind(np.full((1, 1), 100, np.int32), 60, 0, Rng(2))
        mind.ask(batch(np.full((people, 1), 1000, np.int16), [2] * people, action, appeal))
        worse[gap] = int((mind.answers(True).action == 1).sum())
    assert 0.45 * people < worse[0] < 0.55 * people
    assert 0.09 * people < worse[30] < 0.16 * people
    assert worse[61] == worse[100] == 0


def test_one_person_is_not_another_nor_one_tick_the_next() -> None:
    mind = ReflexMind(np.full((1, 1), 100, np.int32), 0, 0, Rng(9))
    found = []
    for tick in (1, 2):
        mind.ask(alike(200, 8, tick))
        found.append(mind.answers(True).args[:, 0] // ARGUMENTS % 8)
    assert 5 < int((found[0] == found[1]).sum()) < 60
    assert np.unique(found[0]).size == 8


def test_extreme_values_do_not_overflow() -> None:
    kinds = 64
    asked = batch(
        np.full((1, kinds), 32_767, np.int16), [2], np.array([1, 0], np.int16),
        np.stack((np.full(kinds, 32_767, np.int16), np.full(kinds, -32_768, np.int16))),
    )  # fmt: skip
    mind = ReflexMind(np.full((1, kinds), 10_000, np.int32), 0, 10_000, Rng(9))
    utility = kinds * 10_000 * 32_767
    assert mind.scores(asked).tolist() == [utility * 32_767, utility * -32_768 + 10 * FULL]


def misfits() -> dict[str, Observations]:
    one = np.ones(2, np.int16)
    urgency, appeal = np.zeros((1, 2), np.int16), np.zeros((2, 2), np.int16)
    return {
        "other appeals": batch(np.zeros((1, 3), np.int16), [2], one, np.zeros((2, 3), np.int16)),
        "an unknown role": batch(urgency, [2], one, appeal, np.array([3], np.uint8)),
        "choices that are not there": batch(urgency, [9], one, appeal),
        "too few rows": batch(urgency, [1, 1], one, appeal),
    }


@pytest.mark.parametrize("case", misfits())
def test_what_does_not_fit_is_refused(case: str) -> None:
    mind = ReflexMind(np.full((3, 2), 100, np.int32), 60, 100, Rng(1))
    with pytest.raises(MindError, match=r"tick 3.*; give"):
        mind.ask(misfits()[case])
    assert mind.answers(True).size == 0


@pytest.mark.parametrize(
    ("weights", "noise", "inertia"),
    [
        (np.zeros(3, np.int32), 0, 0),
        (np.full((1, 1), 10_001, np.int32), 0, 0),
        (np.full((1, 1), -(2**31), np.int32), 0, 0),
        (np.zeros((1, 1), np.int32), -1, 0),
        (np.zeros((1, 1), np.int32), 0, 10_001),
    ],
)
def test_settings_out_of_bounds_are_refused(weights: Int32s, noise: int, inertia: int) -> None:
    with pytest.raises(MindError, match="check"):
        ReflexMind(weights, noise, inertia, Rng(1))
