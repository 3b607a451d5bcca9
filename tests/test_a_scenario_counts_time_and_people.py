"""Moments become ticks and back, and shares become people, in whole numbers that add up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from engine.scenario import PopulationSection, TimeSection


def test_moments_become_ticks_counted_from_the_start_of_day_one() -> None:
    time = TimeSection(tick=120, day=720, start="06:00")
    assert time.tick_of("day 1 06:00") == 0
    assert time.tick_of("day 1 06:01") == 1, "the first tick at or after the moment"
    assert time.tick_of("day 2 00:00") == 540
    assert time.tick_of("day 1 05:00") < 0
    assert time.tick_of(77) == 77
    assert time.moment_of(0) == (1, 360)
    assert time.moment_of(540) == (2, 0)


@given(some.integers(2, 86_400), some.integers(0, 1439), some.integers(0, 10**8))
def test_a_tick_is_never_after_the_moment_that_it_shows(day: int, start: int, tick: int) -> None:
    time = TimeSection(day=day, start=f"{start // 60:02}:{start % 60:02}")
    number, minute = time.moment_of(tick)
    assert number >= 1
    assert 0 <= minute < 1440
    if number < 1_000_000:
        assert time.tick_of(f"day {number} {minute // 60:02}:{minute % 60:02}") <= tick


@given(some.integers(1, 200_000), some.lists(some.integers(0, 1000), min_size=1, max_size=9).filter(any))
def test_shares_become_people_by_largest_remainder(count: int, weights: list[int]) -> None:
    names = [f"role{place}" for place in range(len(weights))]
    shares = {name: weight / sum(weights) for name, weight in zip(names, weights, strict=True)}
    counts = PopulationSection(count=count, roles=shares).counts(names)
    assert sum(counts.values()) == count
    for name, weight in zip(names, weights, strict=True):
        assert abs(counts[name] - count * weight / sum(weights)) < 1 + count * 2e-6 * len(names)


def test_numbers_of_people_are_taken_as_they_are() -> None:
    population = PopulationSection(count=7, roles={"citizen": 5, "leader": 2})
    assert population.counts(["leader", "citizen", "merchant"]) == {"leader": 2, "citizen": 5, "merchant": 0}
    assert PopulationSection(count=7).counts(["a", "b"]) == {"a": 7, "b": 0}
