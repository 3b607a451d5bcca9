"""A live tick only takes down what people perceive; it is put into words, and answers are heard, between two ticks."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest

from app.compose import Laboratory, compose
from cognition.minds.deliberate import HEAR_EVERY
from engine.errors import MindError
from engine.remote.errands import ASIDE_SECONDS, CHORE_SECONDS, Chores
from engine.values import Decisions, Source, Thought
from tests.hamlet import changed, hamlet
from tests.scripted_models import ScriptedModel


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> ScriptedModel:
    """The model behind every mind of a language model."""
    made = ScriptedModel()
    monkeypatch.setattr("app.language.LlamaPool", lambda *_, **__: made)
    return made


def thinking(mode: str) -> Laboratory:
    laboratory = compose(changed(hamlet(), cognition__minds="[{mind: ember}]", time__mode=mode))
    laboratory.found()
    return laboratory


def work_aside(laboratory: Laboratory) -> int:
    """Do what minds put off, as a host does between two ticks; return in how many goes."""
    aside, goes = laboratory.staff, 0
    while aside.rest() == 0.0 and goes < 1000:
        aside.work_aside()
        goes += 1
    return goes


def test_words_are_made_after_the_tick_and_the_answers_land_in_the_next(model: ScriptedModel) -> None:
    laboratory = thinking("live")
    first = laboratory.runner.tick()
    assert first.asked.size > 3 and not model.asked and not first.decisions.size
    assert laboratory.staff.rest() == 0.0

    goes = work_aside(laboratory)
    assert len(model.asked) == first.asked.size and goes > 1
    second = laboratory.runner.tick()
    assert sorted(second.decisions.agent.tolist()) == first.asked.tolist()
    assert (second.decisions.asked_at == first.tick).all() and (second.decisions.source == Source.MIND).all()
    laboratory.close()


def test_thoughts_are_noted_as_they_are_heard_for_the_tick_at_which_they_land(
    model: ScriptedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[Thought] = []
    monkeypatch.setattr("app.compose._keep", lambda runner, staff, thoughts: noted.extend(thoughts))
    laboratory = thinking("live")
    first = laboratory.runner.tick()
    while len(noted) < first.asked.size:
        work_aside(laboratory)
        time.sleep(HEAR_EVERY / 4)
    assert laboratory.society.world.tick == first.tick
    assert {thought.tick for thought in noted} == {first.tick}
    second = laboratory.runner.tick()
    assert {thought.landed for thought in noted} == {second.tick} and len(noted) == second.decisions.size
    laboratory.close()


def test_what_there_was_no_time_for_is_done_by_the_next_tick(model: ScriptedModel) -> None:
    laboratory = thinking("live")
    first = laboratory.runner.tick()
    second = laboratory.runner.tick()
    assert len(model.asked) == first.asked.size
    assert sorted(second.decisions.agent.tolist()) == first.asked.tolist()
    laboratory.close()


def test_a_lockstep_tick_leaves_nothing(model: ScriptedModel) -> None:
    laboratory = thinking("lockstep")
    record = laboratory.runner.tick()
    assert record.decisions.size == record.asked.size == len(model.asked) > 3
    assert laboratory.staff.rest() is None
    laboratory.close()


@pytest.mark.parametrize("kind", [MindError, RuntimeError])
def test_what_cannot_be_put_into_words_costs_a_fallback_each(model: ScriptedModel, kind: type[Exception]) -> None:
    laboratory = thinking("live")
    model.ask_raises = kind("no words today")
    first = laboratory.runner.tick()
    work_aside(laboratory)
    model.ask_raises = None
    second = laboratory.runner.tick()
    assert sorted(second.decisions.agent.tolist()) == first.asked.tolist()
    assert (second.decisions.source == Source.FALLBACK_MIND_DIED).all()
    (told,) = laboratory.staff.report()
    assert "no words today" in told["fault"] and told["fallbacks"] == {"mind_died": first.asked.size}
    later = [laboratory.runner.tick() for _ in range(5)]
    decided = Decisions.join([record.decisions for record in later])
    assert decided.size and (decided.source == Source.MIND).all()
    laboratory.close()


def test_a_model_that_raises_when_it_is_heard_ends_nothing(model: ScriptedModel) -> None:
    laboratory = thinking("live")
    first = laboratory.runner.tick()
    model.answers_raises = RuntimeError("no answers today")
    work_aside(laboratory)
    while not laboratory.staff.report()[0]["fault"]:
        time.sleep(HEAR_EVERY)
        work_aside(laboratory)
    assert "no answers today" in laboratory.staff.report()[0]["fault"]
    second = laboratory.runner.tick()
    assert set(first.asked.tolist()) <= set(second.decisions.agent.tolist())
    assert (second.decisions.source == Source.FALLBACK_MIND_DIED).all()
    laboratory.close()


def test_a_restore_asks_again_those_who_waited_for_words(model: ScriptedModel) -> None:
    laboratory = thinking("live")
    first = laboratory.runner.tick()
    snapshot = laboratory.runner.snapshot()
    laboratory.runner.restore(snapshot)
    assert laboratory.staff.rest() is None
    laboratory.runner.tick()
    work_aside(laboratory)
    landed = laboratory.runner.tick().decisions
    waited = np.isin(landed.agent, first.asked)
    assert set(first.asked.tolist()) <= set(landed.agent.tolist())
    assert (landed.asked_at[waited] == first.tick).all()
    laboratory.close()


class Aside:
    """Work aside that is due in `seconds`."""

    def __init__(self, seconds: float | None) -> None:
        self.seconds, self.done = seconds, 0

    def rest(self) -> float | None:
        return self.seconds

    def work_aside(self) -> None:
        self.done += 1


def test_work_aside_comes_before_other_chores_and_never_into_a_tick() -> None:
    done: list[int] = []

    def steps() -> Iterator[None]:
        for step in range(2):
            done.append(step)
            yield

    chores, due = Chores(steps()), Aside(0.0)
    assert chores.fit(None, due) and chores.fit(2 * ASIDE_SECONDS, due) and not chores.fit(ASIDE_SECONDS / 2, due)
    chores.do_one(due)
    assert due.done == 1 and not done
    later = Aside(0.2)
    assert chores.fit(2 * CHORE_SECONDS, later) and not chores.fit(CHORE_SECONDS / 2, later)
    chores.do_one(later)
    assert later.done == 0 and done == [0]
    assert chores.rest(None, later) == chores.rest(1.0, later) == 0.2 and chores.rest(0.1, later) == 0.1
    assert chores.rest(None, None) is None and chores.rest(0.1, Aside(None)) == 0.1
