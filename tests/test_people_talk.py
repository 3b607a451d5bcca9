"""The action `talk`: what is offered, what is refused and why, and how it reads."""

from __future__ import annotations

import numpy as np
import pytest

from tests.standing import Standing


def partners(standing: Standing, agent: int) -> list[int]:
    return list(dict.fromkeys(args[0] for action, args, _ in standing.choices(agent) if action == "talk"))


def test_talk_lasts_some_minutes_and_is_then_an_event() -> None:
    standing = Standing(2, talk={"minutes": 8}, drives={})
    standing.begin()
    assert standing.decide(0, "talk", 1, standing.topic("feeling"), 2) == "started"
    assert standing.end() == []
    assert standing.pass_ticks(3) == []
    assert standing.pass_ticks(1) == ["Person 0 talked with Person 1 about loneliness"]
    assert standing.pass_ticks(5) == []
    assert standing.society.module("talk").own.talks[0] == 1


@pytest.mark.parametrize(
    ("partner", "topic", "subject", "reason"),
    [
        (0, "feeling", 0, "there is no such person"),
        (-1, "feeling", 0, "there is no such person"),
        (99, "feeling", 0, "there is no such person"),
        (3, "feeling", 0, "there is no such person"),
        (2, "feeling", 0, "they are not close by"),
        (4, "feeling", 0, "they are busy"),
        (1, "feeling", 3, "there is nothing to say about that"),
        (1, "feeling", -1, "there is nothing to say about that"),
        (1, "", 0, "there is nothing to say about that"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(partner: int, topic: str, subject: int, reason: str) -> None:
    standing = Standing(5, talk={}, drives={}, ties={})
    standing.space.put([0, 1, 2, 3, 4], [0, 1, 2, 0, 0])
    standing.leave(3)
    standing.begin()
    assert standing.decide(4, "rest") == "started"
    assert standing.decide(0, "talk", partner, standing.topic(topic) if topic else 9, subject) == reason
    assert any(f"Person 0 could not talk: {reason}" in said for said in standing.end())


def test_who_walks_away_breaks_off_the_talk() -> None:
    for cells, went in ((2, True), (3, False)):
        standing = Standing(2, talk={"minutes": 2}, drives={})
        standing.begin()
        standing.decide(0, "talk", 1, standing.topic("feeling"), 0)
        standing.end()
        standing.space.put([1], [cells])
        said = standing.pass_ticks(1)
        assert said == (
            ["Person 0 talked with Person 1 about hunger"] if went else ["Person 0 could not talk: they walked away"]
        )


def test_who_leaves_the_society_breaks_off_the_talk() -> None:
    standing = Standing(2, talk={"minutes": 2}, drives={})
    standing.begin()
    standing.decide(0, "talk", 1, standing.topic("feeling"), 0)
    standing.end()
    standing.leave(1)
    assert standing.pass_ticks(1) == ["Person 0 could not talk: they walked away"]


def test_a_few_of_those_nearby_are_offered_not_the_busy_and_friends_first() -> None:
    standing = Standing(12, talk={"partners": 3}, drives={}, ties={"effects": {"met": {"familiarity": 800}}})
    standing.society.module("drives").own.hunger[:] = 700_000
    standing.space.put(range(12), [0, *([1] * 9), 2, 3])
    now = standing.begin()
    now.log.emit("met", np.array([0, 5], np.int32), np.array([9, 0], np.int32))
    standing.end()
    standing.begin()
    standing.decide(5, "rest")
    offered = partners(standing, 0)
    assert len(offered) == 3
    assert offered[0] == 9
    assert not {0, 5, 10, 11} & set(offered)


def test_of_strangers_chance_and_not_the_number_decides() -> None:
    standing = Standing(9, talk={"partners": 2}, drives={})
    standing.society.module("drives").own.hunger[:] = 700_000
    seen = []
    for _ in range(400):
        standing.begin()
        seen += partners(standing, 4)
        standing.society.log.take()
        standing.society.forget()
    counts = np.bincount(seen, minlength=9)
    assert counts[4] == 0
    others = np.delete(counts, 4)
    assert others.sum() == 800
    assert others.min() > 60
    assert others.max() < 140


def test_who_is_talking_is_not_offered_more_talk() -> None:
    standing = Standing(2, talk={}, drives={})
    standing.society.module("drives").own.hunger[:] = 700_000
    standing.begin()
    assert partners(standing, 0) == [1]
    standing.decide(0, "talk", 1, standing.topic("feeling"), 0)
    standing.society.forget()
    assert partners(standing, 0) == []
    assert partners(standing, 1) == [0]


def test_friends_promise_more_company_than_strangers() -> None:
    standing = Standing(1, talk={"partners": 3}, drives={}, ties={})
    standing.join(1, home=1)
    friend, stranger = standing.join(1, home=1), standing.join(1)
    standing.society.module("drives").own.hunger[:] = 700_000
    standing.begin()
    promised = {args[0]: promise for action, args, promise in standing.choices(1) if action == "talk"}
    assert promised[int(friend[0])]["company"] > promised[int(stranger[0])]["company"]
    assert promised[int(friend[0])]["trust"] == 500


def test_a_choice_says_what_it_turns_on() -> None:
    standing = Standing(1, talk={}, drives={}, ties={})
    standing.join(2, home=1)
    talk = standing.society.action("talk")
    assert talk is not None
    feeling, person = standing.topic("feeling"), standing.topic("person")
    assert talk.says(0, (1, feeling, 1)) == "talk with Person 1, a stranger, about tiredness"
    assert talk.says(1, (2, feeling, 0)) == "talk with Person 2, of your household, about hunger"
    assert talk.says(0, (1, person, 2)) == "talk with Person 1, a stranger, about Person 2, a stranger"
    assert talk.says(0, (1, 77, 0)) == "talk with Person 1, a stranger, about nothing in particular"


def test_without_other_modules_there_is_nothing_to_talk_about() -> None:
    standing = Standing(3, talk={})
    standing.begin()
    assert partners(standing, 0) == []
    assert standing.decide(0, "talk", 1, 0, 0) == "there is nothing to say about that"
