"""Facts: how they arise, who knows them, from whom and since when, and how they end."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.errors import SocietyError
from engine.society.news import News
from tests.standing import Standing

QUIET: dict[str, Any] = {"sources": {}}


def news(standing: Standing) -> News:
    module: News = standing.society.module("news")
    return module


def announce(standing: Standing, text: str, **what: str) -> list[str]:
    now = standing.begin()
    assert news(standing).command(now, "announce", {"text": text, "role": None, "place": None, **what})
    return standing.end()


def knowers(standing: Standing, fact: int) -> list[int]:
    who = np.arange(standing.world.count, dtype=np.int32)
    return np.flatnonzero(news(standing).knows(who, np.full(who.size, fact, np.int32))).tolist()


def test_an_announcement_is_heard_where_it_is_made() -> None:
    standing = Standing(5, news=QUIET)
    standing.space.put([2, 3, 4], [50, 51, 52])
    said = announce(standing, "the bridge is broken", place="the square")
    assert said == [f"Person {who} heard it announced: the bridge is broken" for who in (0, 1)]
    assert knowers(standing, 0) == [0, 1]
    standing.society.people.role[3] = 1
    announce(standing, "leaders meet at noon", role="leader")
    assert knowers(standing, 1) == [3]


def test_a_listener_learns_who_said_it_and_when() -> None:
    standing = Standing(3, news=QUIET, talk={})
    standing.space.put([1, 2], [5, 6])
    announce(standing, "the well is dry", place="square")
    standing.space.put([1, 2], [0, 0])
    said = standing.talk(0, 1, "news", 0)
    assert said == [
        "Person 0 talked with Person 1 about the news: the well is dry",
        "Person 1 learnt from Person 0: the well is dry",
    ]
    told_at = standing.tick
    standing.talk(1, 2, "news", 0)
    own = news(standing).own
    assert own.heard_from[:3, 0].tolist() == [-1, 0, 1]
    assert own.heard_at[:3, 0].tolist() == [1, told_at, standing.tick]
    assert own.hops[:3, 0].tolist() == [0, 1, 2]
    standing.talk(0, 2, "news", 0)
    assert own.heard_from[2, 0] == 1


def test_without_talk_and_announcement_nobody_learns() -> None:
    standing = Standing(40, news=QUIET, talk={}, drives={}, ties={})
    standing.space.put(range(1, 40), [5] * 39)
    announce(standing, "gold lies in the river", place="square")
    standing.space.put(range(40), [0] * 40)
    standing.talk(1, 2, "feeling", 0)
    standing.pass_ticks(50)
    assert knowers(standing, 0) == [0]


def test_every_knower_has_a_chain_back_to_the_first() -> None:
    standing = Standing(12, news=QUIET, talk={"minutes": 2})
    standing.space.put(range(1, 12), [5] * 11)
    announce(standing, "strangers are coming", place="square")
    standing.space.put(range(12), [0] * 12)
    rng = np.random.default_rng(2)
    for _ in range(60):
        speaker, listener = (int(who) for who in rng.choice(12, 2, replace=False))
        standing.begin()
        went = standing.decide(speaker, "talk", listener, standing.topic("news"), 0)
        assert (went == "started") == (speaker in knowers(standing, 0))
        standing.end()
        standing.pass_ticks(2)
    own = news(standing).own
    assert len(knowers(standing, 0)) > 6
    for who in knowers(standing, 0):
        at, hops = who, 0
        while own.heard_from[at, 0] >= 0:
            teller = int(own.heard_from[at, 0])
            assert own.heard_at[teller, 0] < own.heard_at[at, 0]
            at, hops = teller, hops + 1
        assert (at, hops) == (0, own.hops[who, 0])


def test_one_cannot_tell_what_one_does_not_know() -> None:
    standing = Standing(3, news=QUIET, talk={})
    standing.space.put([1], [9])
    announce(standing, "rain is near", place="square")
    standing.space.put([1], [0])
    standing.begin()
    for fact in (0, 1, -1, 32):
        assert standing.decide(1, "talk", 0, standing.topic("news"), fact) == "there is nothing to say about that"
    assert standing.decide(0, "talk", 1, standing.topic("news"), 0) == "started"


def test_only_what_the_other_does_not_know_is_offered_newest_first() -> None:
    standing = Standing(2, news=QUIET, talk={})
    for k in range(3):
        standing.space.put([1], [9 if k < 2 else 0])
        announce(standing, f"fact {k}", place="square")
    standing.begin()
    topic = standing.topic("news")
    assert [args for action, args, _ in standing.choices(0) if action == "talk"] == [(1, topic, 1)]
    assert [args for action, args, _ in standing.choices(1) if action == "talk"] == []


def test_one_tells_a_fact_while_it_is_fresh_to_oneself() -> None:
    standing = Standing(2, news={"eager": 60, "sources": {}}, talk={})
    standing.society.people.traits[0, 2] = 500
    standing.space.put([1], [9])
    announce(standing, "hear, hear", place="square")
    standing.space.put([1], [0])
    longing = []
    for _ in range(2):
        standing.pass_ticks(29)
        standing.begin()
        _, urgency, _ = standing.observer.lay_out(standing.now, np.array([0], np.int32))
        longing.append(int(urgency[0, standing.observer.appeals.index("news")]))
        longing.append(sum(action == "talk" for action, _, _ in standing.choices(0)))
        standing.end()
    assert longing == [250, 1, 150, 0]
    standing.begin()
    assert standing.decide(0, "talk", 1, standing.topic("news"), 0) == "started"


def test_a_new_fact_takes_the_place_of_the_oldest_and_memory_is_bounded() -> None:
    standing = Standing(3, news={"facts": 4, "sources": {}})
    shapes = {name: array.shape for name, array in vars(news(standing).own).items()}
    for k in range(11):
        announce(standing, f"fact {k}")
    assert [knowers(standing, fact) for fact in range(7)] == [[]] * 7
    assert [knowers(standing, fact) for fact in range(7, 11)] == [[0, 1, 2]] * 4
    assert news(standing).words(10) == "fact 10"
    assert news(standing).words(3) == "something that is news no more"
    assert {name: array.shape for name, array in vars(news(standing).own).items()} == shapes


def test_facts_end_when_they_are_old() -> None:
    standing = Standing(2, tick=3600, news={"days": 2, "sources": {}})
    announce(standing, "soon forgotten")
    standing.pass_ticks(48)
    assert knowers(standing, 0) == [0, 1]
    standing.pass_ticks(1)
    assert knowers(standing, 0) == []
    assert news(standing).own.knows.tolist() == [0, 0]


def test_talk_about_a_fact_that_ended_meanwhile_teaches_nothing() -> None:
    standing = Standing(2, news={"facts": 1, "sources": {}}, talk={})
    standing.space.put([1], [9])
    announce(standing, "old", place="square")
    standing.space.put([1], [0])
    standing.begin()
    standing.decide(0, "talk", 1, standing.topic("news"), 0)
    standing.end()
    standing.space.put([1], [9])
    announce(standing, "new", place="square")
    standing.space.put([1], [0])
    assert standing.pass_ticks(6) == ["Person 0 talked with Person 1 about the news: something that is news no more"]
    assert knowers(standing, 1) == [0]


def test_an_event_becomes_news_for_those_who_were_there() -> None:
    standing = Standing(6, news={"sources": {"met": {"pause": 60, "seen": 2}}})
    standing.space.put([0, 1, 2, 3, 4, 5], [3, 3, 5, 9, 9, 9])
    now = standing.begin()
    now.log.emit("met", np.array([0], np.int32), 1)
    standing.end()
    assert news(standing).words(0) == "Person 0 came up to Person 1"
    assert knowers(standing, 0) == [0, 1, 2]
    now = standing.begin()
    now.log.emit("met", np.array([3], np.int32), 4)
    standing.end()
    assert int(news(standing).own.next[0]) == 1, "the pause lets no second one pass"


def test_only_the_doings_of_some_roles_are_news() -> None:
    standing = Standing(3, news={"sources": {"met": {"pause": 0, "roles": ["leader"]}}})
    standing.society.people.role[2] = 1
    now = standing.begin()
    now.log.emit("met", np.array([0, 2], np.int32), 1)
    standing.end()
    assert knowers(standing, 0) == [1, 2]
    with pytest.raises(SocietyError, match=r"modules\.news\.sources\.met\.roles names king"):
        Standing(3, news={"sources": {"met": {"roles": ["king"]}}})


def test_chance_decides_by_seed() -> None:
    counts = set()
    for seed in (1, 2, 3):
        standing = Standing(200, seed=seed, news={"sources": {"met": {"chance": 300, "pause": 0}}, "facts": 64})
        now = standing.begin()
        now.log.emit("met", np.arange(200, dtype=np.int32), np.arange(200)[::-1])
        standing.end()
        counts.add(int(news(standing).own.next[0]))
    assert all(20 < count <= 64 for count in counts)


@pytest.mark.parametrize(
    "what",
    [{"text": ""}, {"text": "x" * 281}, {"text": 5}, {"text": "a", "role": "king"}, {"text": "a", "place": "sea"}],
)
def test_an_announcement_that_will_not_do_is_refused(what: dict[str, object]) -> None:
    standing = Standing(2, news=QUIET)
    now = standing.begin()
    with pytest.raises(SocietyError):
        news(standing).command(now, "announce", what)
    assert not news(standing).command(now, "drive", {})


def test_measures_tell_how_far_facts_have_come() -> None:
    standing = Standing(4, news=QUIET, talk={})
    standing.space.put([1, 2, 3], [9, 9, 9])
    announce(standing, "äöü " * 70, place="square")
    announce(standing, "all know")
    standing.space.put([1, 2, 3], [0, 0, 0])
    standing.talk(0, 1, "news", 0)
    measures = {measure.name: measure.take() for measure in news(standing).measures()}
    assert measures == {"facts": 2.0, "share": 0.75, "shares": [0.5, 1.0], "hops": pytest.approx(1 / 6)}
    assert news(standing).words(0) == "äöü " * 70
