"""Ties of a society: what events do to them, hearsay, decay by the day, arrivals and departures, measures."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from engine.errors import SocietyError
from engine.society.ties import Ties
from engine.society.ties.graph import clustering
from engine.society.ties.table import SLOTS, touch
from tests.standing import Standing


def tie(standing: Standing, who: int, other: int) -> tuple[int, int]:
    ties: Ties = standing.society.module("ties")
    pair = np.array([who], np.int32), np.array([other], np.int32)
    return int(ties.trust(*pair)[0]), int(ties.familiarity(*pair)[0])


def befriend(standing: Standing, who: int, other: int, trust: int, familiarity: int) -> None:
    """Put a tie from one to another, as if it had grown."""
    own = standing.society.module("ties").own
    pair = np.array([who], np.int32), np.array([other], np.int32)
    columns = own.partner, own.trust, own.familiarity
    touch(*columns, *pair, 0, 0, 1, standing.society.people.traits, 3)
    slot = np.flatnonzero(own.partner[who] == other)[0]
    own.trust[who, slot], own.familiarity[who, slot] = trust, familiarity


def test_talk_brings_both_closer() -> None:
    standing = Standing(3, ties={}, talk={}, drives={})
    assert standing.talk(0, 1, "feeling", 0) == ["Person 0 talked with Person 1 about hunger"]
    assert tie(standing, 0, 1) == tie(standing, 1, 0) == (6, 50)
    assert tie(standing, 0, 2) == (0, 0)


def test_each_kind_of_event_works_as_the_scenario_says() -> None:
    effects = {"talked": {"doer": -100, "other": 40, "familiarity": 7}, "no_such_event": {"doer": 1}}
    standing = Standing(2, ties={"effects": effects}, talk={}, drives={})
    standing.talk(0, 1, "feeling", 0)
    assert tie(standing, 0, 1) == (-100, 7)
    assert tie(standing, 1, 0) == (40, 7)


def test_an_event_of_one_person_cannot_change_ties() -> None:
    with pytest.raises(SocietyError, match=r"modules\.ties\.effects names rested"):
        Standing(2, ties={"effects": {"rested": {"doer": 1}}}, drives={})


def test_a_trusted_speaker_passes_on_a_share_of_trust_in_a_third() -> None:
    standing = Standing(3, ties={"effects": {}, "gossip_share": 500}, talk={})
    befriend(standing, 0, 2, -800, 400)
    befriend(standing, 1, 0, 600, 400)
    assert standing.talk(0, 1, "person", 2) == ["Person 0 talked with Person 1 about Person 2"]
    assert tie(standing, 1, 2) == (-240, 1)


def test_nobody_believes_whom_they_distrust() -> None:
    standing = Standing(3, ties={"effects": {}}, talk={})
    befriend(standing, 0, 2, -800, 400)
    befriend(standing, 1, 0, -10, 400)
    standing.talk(0, 1, "person", 2)
    assert tie(standing, 1, 2) == (0, 0)


def test_one_speaks_only_of_those_whom_one_knows_and_not_of_the_listener() -> None:
    standing = Standing(3, ties={}, talk={})
    befriend(standing, 0, 1, 0, 400)
    standing.begin()
    for third in (0, 1, 2, -1, 99):
        assert standing.decide(0, "talk", 1, standing.topic("person"), third) == "there is nothing to say about that"


@pytest.mark.parametrize("tick", [60, 120, 600, 3600])
def test_ties_fade_by_the_day_however_long_a_tick_is(tick: int) -> None:
    standing = Standing(3, tick=tick, ties={"trust_decay": 100, "familiarity_decay": 200})
    for who, other in combinations(range(3), 2):
        befriend(standing, who, other, 500 - 1000 * (who % 2), 900)
        befriend(standing, other, who, 9, 0)
    day = 86400 // tick
    standing.pass_ticks(day)
    assert tie(standing, 0, 1) == (450, 720)
    assert tie(standing, 1, 2) == (-450, 720)
    assert tie(standing, 2, 0) == (8, 0)
    standing.pass_ticks(day)
    assert tie(standing, 0, 1) == (405, 576)
    standing.pass_ticks(7 * day)
    assert tie(standing, 2, 0) == (0, 0)
    assert 0 not in standing.society.module("ties").own.partner[2]


def test_without_decay_nothing_fades() -> None:
    standing = Standing(2, tick=3600, ties={"trust_decay": 0, "familiarity_decay": 0})
    befriend(standing, 0, 1, 3, 1)
    standing.pass_ticks(100)
    assert tie(standing, 0, 1) == (3, 1)


def test_one_home_is_one_household_from_the_start() -> None:
    standing = Standing(2, ties={})
    who = standing.join(3, home=1)
    later = standing.join(1, home=1)
    assert tie(standing, int(who[0]), int(who[2])) == (500, 700)
    assert tie(standing, int(who[1]), int(later[0])) == tie(standing, int(later[0]), int(who[1])) == (500, 700)
    assert tie(standing, 0, int(who[0])) == (0, 0)
    assert standing.society.module("ties").relation(2, 3) == "of your household"


def test_a_newcomer_has_a_few_acquaintances() -> None:
    standing = Standing(60, ties={"acquaintances": 3})
    own = standing.society.module("ties").own
    held = np.count_nonzero(own.partner >= 0, axis=1)
    assert 300 < held.sum() <= 360
    later = standing.join(1)
    assert 1 <= np.count_nonzero(own.partner[later] >= 0) <= 3


def test_who_has_left_is_forgotten() -> None:
    standing = Standing(0, ties={})
    standing.join(3, home=1)
    standing.leave(1)
    assert tie(standing, 0, 1) == (0, 0)
    assert tie(standing, 0, 2) == (500, 700)


def test_memory_is_bounded() -> None:
    standing = Standing(400, ties={"effects": {"met": {"familiarity": 50}}})
    rng = np.random.default_rng(4)
    columns = {name: array.shape for name, array in vars(standing.society.module("ties").own).items()}
    for _ in range(60):
        now = standing.begin()
        now.log.emit("met", rng.integers(0, 400, 500).astype(np.int32), rng.integers(0, 400, 500).astype(np.int32))
        standing.end()
    own = standing.society.module("ties").own
    assert {name: array.shape for name, array in vars(own).items()} == columns
    assert own.partner.shape == (400, SLOTS)
    for who in range(400):
        held = own.partner[who][own.partner[who] >= 0]
        assert len(set(held.tolist())) == held.size


def test_clustering_is_that_of_watts_and_strogatz() -> None:
    standing = Standing(30, ties={})
    own = standing.society.module("ties").own
    rng = np.random.default_rng(8)
    linked = rng.random((30, 30)) < 0.3
    linked = np.triu(linked, 1)
    linked |= linked.T
    for who, other in combinations(range(30), 2):
        if linked[who, other]:
            befriend(standing, who, other, 0, 300)
            befriend(standing, other, who, 0, 300 if (who + other) % 5 else 20)
    known = np.array([[tie(standing, who, other)[1] >= 100 for other in range(30)] for who in range(30)])
    mutual = known & known.T
    expected = []
    for who in range(30):
        friends = np.flatnonzero(mutual[who])
        pairs = list(combinations(friends, 2))
        expected.append(sum(mutual[a, b] for a, b in pairs) / len(pairs) if pairs else 0.0)
    alive = standing.world.alive
    found = clustering(own.partner, own.familiarity, alive, np.arange(30, dtype=np.int32), 100)
    assert found == pytest.approx(np.mean(expected))
    assert found > 0.1


def test_measures_count_the_living_only() -> None:
    standing = Standing(0, ties={})
    standing.join(4, home=1)
    measures = {measure.name: measure.take for measure in standing.society.module("ties").measures()}
    assert (measures["count"](), measures["trust"](), measures["clustering"]()) == (3.0, 500.0, 1.0)
    standing.leave(0, 1, 2, 3)
    assert (measures["count"](), measures["trust"](), measures["clustering"]()) == (0.0, 0.0, 0.0)
