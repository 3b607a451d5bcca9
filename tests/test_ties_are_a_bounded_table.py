"""The table of ties against a dictionary that follows the same words, and its bounds."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.society.ties.table import PROBES, SLOTS, fade, first_slot, forget, house, look_up, touch
from engine.values import Bools, Int16s, Int32s

PEOPLE = 200
TRUSTING = 3


@dataclass
class Table:
    partner: Int32s = field(default_factory=lambda: np.full((PEOPLE, SLOTS), -1, np.int32))
    trust: Int16s = field(default_factory=lambda: np.zeros((PEOPLE, SLOTS), np.int16))
    familiarity: Int16s = field(default_factory=lambda: np.zeros((PEOPLE, SLOTS), np.int16))
    traits: Int16s = field(default_factory=lambda: np.full((PEOPLE, 4), 500, np.int16))

    @property
    def columns(self) -> tuple[Int32s, Int16s, Int16s]:
        return self.partner, self.trust, self.familiarity

    def touch(self, doer: int, other: int, of_doer: int, of_other: int, closer: int) -> None:
        pair = np.array([doer], np.int32), np.array([other], np.int32)
        touch(*self.columns, *pair, of_doer, of_other, closer, self.traits, TRUSTING)

    def row(self, who: int) -> dict[int, tuple[int, int]]:
        slots = np.flatnonzero(self.partner[who] >= 0)
        return {int(self.partner[who, s]): (int(self.trust[who, s]), int(self.familiarity[who, s])) for s in slots}


class Reference:
    """One person's ties as a dictionary from slot to [partner, trust, familiarity]."""

    def __init__(self) -> None:
        self.slots: dict[int, list[int]] = {}

    def entry(self, other: int) -> list[int]:
        probed = [((other * 2654435769 % 2**32 >> 26) + probe) % 64 for probe in range(8)]
        for slot in probed:
            if slot in self.slots and self.slots[slot][0] == other:
                return self.slots[slot]
        free = [slot for slot in probed if slot not in self.slots]
        slot = free[0] if free else min(probed, key=lambda s: (self.slots[s][2], abs(self.slots[s][1])))
        self.slots[slot] = [other, 0, 0]
        return self.slots[slot]

    def change(self, other: int, trust: int, closer: int) -> None:
        tie = self.entry(other)
        tie[1] = moved(tie[1], trust)
        tie[2] = moved(tie[2], closer)

    def fade(self, trust: int, familiarity: int) -> None:
        for slot, tie in list(self.slots.items()):
            size = abs(tie[1]) - -(-abs(tie[1]) * trust // 1000)
            tie[1] = size if tie[1] > 0 else -size
            tie[2] -= -(-tie[2] * familiarity // 1000)
            if tie[1] == tie[2] == 0:
                del self.slots[slot]

    def row(self) -> dict[int, tuple[int, int]]:
        return {other: (trust, familiarity) for other, trust, familiarity in self.slots.values()}


def moved(value: int, change: int) -> int:
    if change >= 0:
        return value + -(-change * (1000 - max(value, 0)) // 1000)
    return value + (change * (1000 + min(value, 0)) // 1000)


partners = st.integers(1, PEOPLE - 1)
events = st.lists(
    st.one_of(
        st.tuples(st.just("event"), partners, st.integers(-300, 300), st.integers(0, 200)),
        st.tuples(st.just("fade"), st.just(0), st.integers(0, 300), st.integers(0, 300)),
        st.tuples(st.just("gone"), partners, st.just(0), st.just(0)),
    ),
    max_size=300,
)


@settings(max_examples=60, deadline=None)
@given(events)
def test_a_row_is_what_a_dictionary_would_be(steps: list[tuple[str, int, int, int]]) -> None:
    table, reference = Table(), Reference()
    for step, other, trust, familiarity in steps:
        if step == "event":
            table.touch(0, other, trust, -trust, familiarity)
            reference.change(other, trust, familiarity)
        elif step == "fade":
            fade(*table.columns, 0, 1, trust, familiarity)
            reference.fade(trust, familiarity)
        else:
            forget(*table.columns, only(other))
            reference.slots = {s: tie for s, tie in reference.slots.items() if tie[0] != other}
    assert table.row(0) == reference.row()
    assert np.abs(table.trust).max() <= 1000
    assert table.familiarity.min() >= 0
    assert table.familiarity.max() <= 1000


def only(who: int) -> Bools:
    gone = np.zeros(PEOPLE, np.bool_)
    gone[who] = True
    return gone


def crowd(slot: int) -> list[int]:
    return [other for other in range(1, PEOPLE * 40) if first_slot(other) == slot]


def test_the_weakest_of_those_probed_makes_room() -> None:
    table = Table()
    same = crowd(60)[: PROBES + 1]
    table.traits = np.full((max(same) + 1, 4), 500, np.int16)
    table.partner = np.full((max(same) + 1, SLOTS), -1, np.int32)
    table.trust = np.zeros((max(same) + 1, SLOTS), np.int16)
    table.familiarity = np.zeros((max(same) + 1, SLOTS), np.int16)
    for k, other in enumerate(same[:PROBES]):
        table.touch(0, other, 100 * k, 0, 50 if k in (2, 5) else 200)
    table.touch(0, same[PROBES], 10, 0, 10)
    assert same[2] not in table.row(0)
    assert set(table.row(0)) == {*same[:2], *same[3:]}


def test_both_sides_of_an_event_learn_their_own_part() -> None:
    table = Table()
    table.touch(7, 9, 20, -40, 30)
    assert table.row(7) == {9: (20, 30)}
    assert table.row(9) == {7: (-40, 30)}


def test_the_trusting_gain_more_trust_and_lose_no_less() -> None:
    table = Table()
    table.traits[1, TRUSTING], table.traits[2, TRUSTING] = 0, 1000
    for who in (1, 2):
        table.touch(who, 50, 100, 0, 0)
        table.touch(who, 51, -100, 0, 0)
    assert (table.row(1)[50][0], table.row(2)[50][0]) == (50, 150)
    assert table.row(1)[51][0] == table.row(2)[51][0] == -100


def test_nobody_has_a_tie_to_oneself_or_to_nobody() -> None:
    table = Table()
    table.touch(3, 3, 10, 10, 10)
    table.touch(3, -1, 10, 10, 10)
    assert table.row(3) == {}


def test_strangers_neither_trust_nor_know_each_other() -> None:
    table = Table()
    table.touch(1, 2, 40, 10, 30)
    who, other = np.array([1, 2, 1], np.int32), np.array([2, 1, -1], np.int32)
    assert look_up(table.partner, table.trust, who, other).tolist() == [40, 10, 0]
    assert look_up(table.partner, table.familiarity, other[::-1].copy(), who).tolist()[1:] == [30, 30]


def test_a_home_knows_itself_and_a_large_one_its_neighbours() -> None:
    table = Table()
    home = np.zeros(PEOPLE, np.int16)
    home[:5] = 1
    residents = np.argsort(home, kind="stable").astype(np.int32)
    house(*table.columns, residents, home, np.ones(PEOPLE, np.bool_), 16, 500, 700)
    for who in range(5):
        assert table.row(who) == {other: (500, 700) for other in range(5) if other != who}
    for who in range(5, PEOPLE):
        assert len(table.row(who)) == 16
        assert all(who in table.row(other) for other in table.row(who))


def test_who_moves_in_later_meets_the_household_but_changes_no_old_ties() -> None:
    table = Table()
    home = np.zeros(4, np.int16)
    residents = np.arange(4, dtype=np.int32)
    table.touch(0, 1, -300, -300, 5)
    fresh = np.array([False, False, False, True])
    house(*table.columns, residents, home, fresh, 16, 500, 700)
    assert table.row(0) == {1: (-300, 5), 3: (500, 700)}
    assert table.row(3) == {other: (500, 700) for other in range(3)}
