"""Roles and shares on different minds: exactly those whom a language model serves have thoughts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app import runs
from engine.ports import Mind
from engine.record.space import Waiting
from engine.values import Decisions, Observations, Source
from tests.hamlet import changed, hamlet
from tests.judged_runs import all_were_legal, answered_once, decided, replayed, thoughts_of

TICKS = 6
MINDS = (
    "[{mind: ember, roles: [merchant], settings: {children: 1}},"
    " {mind: ember, roles: [citizen], share: 0.3, settings: {children: 1}},"
    " {mind: reflex, roles: [leader]}]"
)
MERCHANTS, A_SHARE, LEADERS, THE_REST = range(4)


class Seen:
    """Passes on to a mind, and notes who had something to choose."""

    def __init__(self, mind: Mind) -> None:
        self.mind = mind
        self.choosing: set[tuple[int, int]] = set()

    def ask(self, batch: Observations) -> None:
        start = batch.choices.start
        who = batch.agent[np.diff(start) > 1].tolist()
        self.choosing |= {(batch.tick, agent) for agent in who}
        self.mind.ask(batch)

    def answers(self, wait: bool) -> Decisions:
        return self.mind.answers(wait)

    def snapshot(self) -> bytes:
        return self.mind.snapshot()

    def restore(self, data: bytes) -> None:
        self.mind.restore(data)


def test_thoughts_are_of_those_whom_a_model_serves_and_of_all_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "run.sociarium"
    events = "[{at: 3, do: add_people, people: 40}]"
    scenario = changed(hamlet(), cognition__minds=MINDS, time__ticks=str(TICKS), events=events)
    with runs.founded(scenario, path, Waiting()) as laboratory:
        seen = laboratory.runner.mind = Seen(laboratory.runner.mind)
        records = [laboratory.runner.tick() for _ in range(TICKS)]
        people, roles = laboratory.society.people, laboratory.society.roles
        mind, role = people.mind.tolist(), [roles[code] for code in people.role.tolist()]
    assert not answered_once(records)
    assert (decided(records).source == Source.MIND).all()

    assert {mind[agent] for agent in range(100) if role[agent] == "merchant"} == {MERCHANTS}
    assert {mind[agent] for agent in range(100) if role[agent] == "leader"} == {LEADERS}
    citizens = [mind[agent] for agent in range(100) if role[agent] == "citizen"]
    assert set(citizens) == {A_SHARE, THE_REST} and 0.1 < citizens.count(A_SHARE) / len(citizens) < 0.5

    served = {(tick, agent) for tick, agent in seen.choosing if mind[agent] in (MERCHANTS, A_SHARE)}
    thoughts = thoughts_of(path)
    assert len(thoughts) == len(served) > 20
    assert {(thought.tick, thought.agent) for thought in thoughts} == served
    assert {mind[thought.agent] for thought in thoughts} == {MERCHANTS, A_SHARE}
    assert sum(all_were_legal(path).values()) == decided(records).size
    assert replayed(path, monkeypatch) == TICKS
