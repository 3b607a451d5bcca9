"""`person` tells what a mind saw when it decided: the very choices, how it felt, the scores, and what it chose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from app.compose import Laboratory
from engine.ports import Mind
from engine.record.reader import RunReader
from engine.remote.people import MOST_NEAR
from engine.remote.questions import Questions
from engine.values import Decisions, Observation, Observations
from tests.questions import about_run, ask, record

WATCHED = (0, 7, 23, 41, 59, 64, 100)
"""Some who are there from the start, and some who come at tick 20."""


class Spy:
    """The mind of a run, and what it saw of the watched."""

    def __init__(self, mind: Mind) -> None:
        self.mind = mind
        self.saw: dict[tuple[int, int], Observation] = {}

    def ask(self, batch: Observations) -> None:
        self.mind.ask(batch)
        for agent in set(WATCHED) & set(batch.agent.tolist()):
            self.saw[agent, batch.tick] = batch.view(agent)

    def answers(self, wait: bool) -> Decisions:
        return self.mind.answers(wait)

    def snapshot(self) -> bytes:
        return self.mind.snapshot()

    def restore(self, data: bytes) -> None:
        self.mind.restore(data)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Spy]:
    path, spies = tmp_path_factory.mktemp("why") / "run.sociarium", list[Spy]()

    def watch(laboratory: Laboratory) -> None:
        spies.append(Spy(laboratory.runner.mind))
        laboratory.runner.mind = spies[0]

    record(path, watch=watch)
    return path, spies[0]


@pytest.fixture
def questions(run: tuple[Path, Spy]) -> Iterator[Questions]:
    opened = about_run(run[0])
    yield opened
    opened.close()


def _chosen(person: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [choice for choice in person["choices"] if choice["chosen"]]


def test_what_was_laid_before_the_mind_is_told_as_it_was(run: tuple[Path, Spy], questions: Questions) -> None:
    """In an order that makes the laboratory go back over a setting that changed at tick 60."""
    saw = run[1].saw
    for tick in (90, 3, 61, 30, 59, 119, 33, 60, 1):
        for agent in WATCHED:
            if (agent, tick) not in saw:
                continue
            person, view = ask(questions, "person", agent=agent, tick=tick).head, saw[agent, tick]
            assert person["perceived"]["tick"] == tick and person["unknown"] == ""
            assert person["name"] == view.name and person["role"] == view.role
            assert person["perceived"]["feels"] == view.feels
            assert (person["perceived"]["place"], person["perceived"]["doing"]) == (view.place, view.doing)
            assert person["perceived"]["happened"] == view.happened
            assert [near["name"] for near in person["perceived"]["near"]] == list(view.near[:MOST_NEAR])
            told = {(c["action"], tuple(c["args"]), c["text"]): c["appeal"] for c in person["choices"]}
            assert told == {(c.action, c.args, c.text): dict(c.appeal) for c in view.choices}


def test_the_reflex_took_what_scored_best(run: tuple[Path, Spy], questions: Questions) -> None:
    seen = 0
    with RunReader(run[0]) as reader:
        for tick in range(2, 118, 5):
            decided = reader.record(tick).decisions
            for agent in WATCHED:
                if agent not in decided.agent:
                    continue
                person = ask(questions, "person", agent=agent, tick=tick).head
                [taken], scores = _chosen(person), [choice["score"] for choice in person["choices"]]
                assert scores == sorted(scores, reverse=True) and taken["score"] == scores[0]
                assert taken["action"] == person["decision"]["action"] and taken["text"] == person["decision"]["text"]
                assert (person["decision"]["source"], person["decision"]["asked_at"]) == ("mind", tick)
                seen += 1
    assert seen > 100


def test_where_somebody_was_not_asked_the_last_asking_is_told(run: tuple[Path, Spy], questions: Questions) -> None:
    with RunReader(run[0]) as reader:
        gone = next(
            int(events.agent[0]) for _, events in reader.events(kinds=["departed"], last=60) if events.agent.size
        )
        left = next(tick for tick, _ in reader.events(agent=gone, kinds=["departed"]))
    person = ask(questions, "person", agent=gone, tick=110).head
    assert not person["alive"] and person["tick"] == 110
    assert person["perceived"]["tick"] < left and len(_chosen(person)) == 1


def test_nobody_was_asked_at_the_beginning(questions: Questions) -> None:
    person = ask(questions, "person", agent=3, tick=0).head
    assert (person["perceived"], person["choices"], person["decision"], person["unknown"]) == (None, [], None, "")
    assert person["name"] and {fact["module"] for fact in person["facts"]} >= {"drives", "goods", "trade"}


def test_facts_are_those_of_the_tick(questions: Questions) -> None:
    for tick in (100, 20, 61):
        person = ask(questions, "person", agent=7, tick=tick).head
        facts = {fact["label"]: fact["value"] for fact in person["facts"]}
        frame = ask(questions, "frame", tick=tick).columns
        assert facts["coins"] == frame["trade.coins"][7]
        assert abs(facts["hunger"] - int(frame["drives.hunger"][7]) // 1000) <= 5
        levels = ask(questions, "levels", agent=7, first=tick, last=tick).head["levels"]
        assert abs(facts["energy"] - levels["energy"][0]) <= 5
