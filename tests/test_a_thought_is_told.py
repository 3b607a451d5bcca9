"""What a language model thought is told whole over the wire, and what it said is what people are seen to say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from app import story
from app.compose import Laboratory
from engine.ports import Mind
from engine.record.reader import RunReader
from engine.record.writer import RunWriter
from engine.remote.parameters import WrongParameter
from engine.remote.questions import Questions
from engine.remote.speech import LastWords, spoken
from engine.remote.wire import pack, unpack
from engine.values import (
    CONTINUE,
    Decisions,
    Events,
    Observation,
    Observations,
    Source,
    Thought,
    ThoughtChoice,
    ThoughtPart,
)
from tests.hamlet import hamlet
from tests.questions import about_run, ask, founded

TICKS = 90
Lived = tuple[Path, Laboratory, Questions, list[list[object]]]
SHARED = "A village in a river valley.\n"


class ThinksAloud:
    """A mind that lets another decide, and notes what a model might have thought; of every 9th it got no answer."""

    def __init__(self, inner: Mind, recorder: RunWriter) -> None:
        self._inner, self._recorder = inner, recorder
        self.snapshot, self.restore = inner.snapshot, inner.restore
        self._batch: Observations

    def ask(self, batch: Observations) -> None:
        self._batch = batch
        self._inner.ask(batch)

    def answers(self, wait: bool) -> Decisions:
        decisions = self._inner.answers(wait)
        chosen = np.flatnonzero(decisions.action != CONTINUE)
        if chosen.size:
            views = {
                view.agent: view
                for view in self._batch.take(np.isin(self._batch.agent, decisions.agent[chosen])).views()
            }
            self._recorder.note(
                [
                    self._thought(views[agent], (action, *args))
                    for agent, action, args in zip(
                        decisions.agent[chosen].tolist(),
                        decisions.action[chosen].tolist(),
                        decisions.args[chosen].tolist(),
                        strict=True,
                    )
                ]
            )
        return decisions

    def _thought(self, seen: Observation, decision: tuple[int, ...]) -> Thought:
        choices = [(choice.code, *choice.args, *(0,) * (4 - len(choice.args))) for choice in seen.choices]
        parts = (
            ThoughtPart(SHARED, 0, tokens=8),
            ThoughtPart(f"You are {seen.name}.\n", 2, tokens=6),
            ThoughtPart(f"It is {seen.hour}. You are at {seen.place}.\n", tokens=14),
            ThoughtPart("It rained.", tokens=5, dropped=True),
            *(ThoughtPart(f"- {choice.text}\n", option=k, tokens=12) for k, choice in enumerate(seen.choices)),
        )
        chosen = choices.index(decision)
        if seen.agent % 9 == 0:
            why = "no answer came in 2 seconds"
            return Thought(seen.agent, seen.tick, seen.tick, "ember", parts, source=Source.FALLBACK_TIMEOUT, why=why)
        chances = [0.5 if k == chosen else 0.5 / max(1, len(choices) - 1) for k in range(len(choices))]
        listed = tuple(
            ThoughtChoice(c[0], c[1:], p) for c, p in zip(choices, np.array(chances, np.float16).tolist(), strict=True)
        )
        says = seen.choices[chosen].speech is not None
        return Thought(
            seen.agent, seen.tick, seen.tick, "ember", parts, listed, chosen,
            words=_words(seen.agent, seen.tick) if says else "", words_lead="You say: " if says else "",
            thinking="I think. ", prompt_tokens=28 + 12 * len(choices), cached_tokens=20, generated_tokens=11,
            milliseconds=12.5,
        )  # fmt: skip


def _words(agent: int, tick: int) -> str:
    return f"Number {agent} says this, decided at {tick}."


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    """A living hamlet that thought aloud for some ticks, and all lines that were said while it did."""
    path = tmp_path_factory.mktemp("thoughts") / "run.sociarium"
    laboratory = founded(path, hamlet())
    recorder = cast(RunWriter, laboratory.runner.recorder)
    laboratory.runner.mind = ThinksAloud(laboratory.runner.mind, recorder)
    questions = about_run(path, laboratory)
    recorder.heard = questions._opened.words.note
    lines: list[list[object]] = []
    for _ in range(TICKS):
        lines += questions.said(laboratory.runner.tick(), laboratory.society)
    yield path, laboratory, questions, lines
    questions.close()
    recorder.close()


def test_a_thought_is_told_whole(lived: Lived) -> None:
    path, laboratory, questions, _ = lived
    with RunReader(path) as reader:
        thoughts = [one for tick in range(1, TICKS + 1) for one in reader.thoughts(tick)]
    thought = [one for one in thoughts if one.words][-1]
    told = unpack(pack(ask(questions, "thought", agent=thought.agent, tick=thought.landed))).head["thought"]
    for name in (
        "agent",
        "tick",
        "landed",
        "model",
        "chosen",
        "words",
        "words_lead",
        "thinking",
        "milliseconds",
        "why",
    ):
        assert told[name] == getattr(thought, name), name
    assert [part["text"] for part in told["parts"]] == [part.text for part in thought.parts]
    assert [part["share"] for part in told["parts"][:4]] == ["everyone", "person", "moment", "moment"]
    assert [part["cached"] for part in told["parts"][:4]] == [8, 6, 6, 0]
    assert [part["dropped"] for part in told["parts"][:4]] == [False, False, False, True]
    assert sum(part["tokens"] for part in told["parts"] if not part["dropped"]) == told["prompt_tokens"]
    assert told["source"] == "mind" and told["cached_tokens"] == 20 and told["generated_tokens"] == 11
    society = laboratory.society
    for choice, kept in zip(told["choices"], thought.choices, strict=True):
        action = society.actions[kept.action]
        assert (choice["action"], choice["args"]) == (action.name, list(kept.args))
        assert choice["probability"] == kept.probability and choice["text"] == action.recalls(list(kept.args))
    decided = ask(questions, "decisions", agent=thought.agent, first=thought.landed, last=thought.landed).head["rows"]
    assert decided[0]["args"] == told["choices"][told["chosen"]]["args"]
    assert decided[0]["text"] == told["choices"][told["chosen"]]["text"]


def test_of_several_thoughts_the_last_one_until_then_is_told(
    lived: Lived,
) -> None:
    path, _, questions, _ = lived
    with RunReader(path) as reader:
        landed = [tick for tick in range(1, TICKS + 1) if reader.thought(tick, 7)]
    assert len(landed) > 2
    for tick in (*range(0, TICKS + 1, 9), *landed):
        told = ask(questions, "thought", agent=7, tick=tick).head["thought"]
        before = [one for one in landed if one <= tick]
        assert (told and told["landed"]) == (before[-1] if before else None)
    assert ask(questions, "thought", agent=7).head["thought"]["landed"] == landed[-1]
    with pytest.raises(WrongParameter, match="agent is missing"):
        ask(questions, "thought")


def test_a_failure_is_told_with_its_cause(lived: Lived) -> None:
    told = ask(lived[2], "thought", agent=9).head["thought"]
    assert told["source"] == "fallback (timeout)" and told["why"] == "no answer came in 2 seconds"
    assert told["chosen"] == -1 and told["choices"] == [] and told["parts"]


def test_what_a_model_said_is_what_is_heard(lived: Lived) -> None:
    path, laboratory, questions, lines = lived
    log = laboratory.society.log
    talked = {log.kinds.index(kind) for kind in log.kinds if kind.name in ("talked", "called")}
    by_model = [line for line in lines if str(line[2]).startswith("Number ")]
    other = [line for line in lines if line not in by_model]
    assert len(by_model) > 20 and len(other) > 5
    with RunReader(path) as reader:
        for tick, agent, text, _ in by_model:
            events = reader.record(cast(int, tick)).events
            assert np.any((events.agent == agent) & np.isin(events.kind, list(talked)))
            decided = int(str(text).removesuffix(".").rpartition(" ")[2])
            thought = reader.thought(decided, cast(int, agent))
            assert thought is not None and thought.words == text
    for tick in {cast(int, line[0]) for line in by_model}:
        said = ask(questions, "frame", tick=tick).head["said"]
        assert said == [line for line in lines if line[0] == tick]


def test_a_recorded_run_tells_the_same(lived: Lived, tmp_path: Path) -> None:
    path, _, living, lines = lived
    recorded = about_run(path)
    ask(recorded, "about")
    heard = 0
    for tick in range(1, TICKS, 8):
        said = ask(recorded, "frame", tick=tick).head["said"]
        mine = [line for line in lines if line[0] == tick and str(line[2]).startswith("Number ")]
        assert [line for line in said if line[2].startswith("Number ")] == mine
        heard += len(mine)
        told, again = (ask(one, "thought", agent=tick, tick=tick).head["thought"] for one in (living, recorded))
        assert (told and json.dumps({**told, "choices": []})) == (again and json.dumps({**again, "choices": []}))
    assert heard
    recorded.close()


def test_minds_are_told_of(lived: Lived) -> None:
    path, _, questions, _ = lived
    questions._opened.minds = lambda: {"ember": {"name": "ember", "waiting": 3}}
    head = unpack(pack(ask(questions, "minds"))).head
    assert head["minds"] == {"ember": {"name": "ember", "waiting": 3}}
    society = lived[1].society
    assert (head["names"], head["tick"]) == (society.minds, TICKS)
    assert sum(head["people"]) == int(society.world.alive.sum()) and not any(head["thinking"])
    assert sum(ask(questions, "minds", tick=0).head["people"]) == 60
    with RunReader(path) as reader:
        thoughts = [one for tick in range(1, TICKS + 1) for one in reader.thoughts(tick)]
    failed = sum(one.source.is_fallback for one in thoughts)
    assert {row["source"]: row["thoughts"] for row in head["usage"]} == {
        "mind": len(thoughts) - failed,
        "fallback (timeout)": failed,
    }
    assert failed > 3 and {row["model"] for row in head["usage"]} == {"ember"}


def test_words_belong_to_the_event_that_comes_of_their_decision(
    lived: Lived,
) -> None:
    society = lived[1].society
    talked = next(code for code, kind in enumerate(society.log.kinds) if kind.name == "talked")
    talk = next(action for action in society.actions if action.name == "talk")
    thought = Thought(3, 5, 5, "m", (), (ThoughtChoice(talk.code, (8, 0, 1, 0), 1.0),), 0, "Good morning.")
    memory = LastWords()
    memory.note([thought, Thought(3, 6, 6, "m", ())])

    def says(agent: int, *values: int) -> list[object]:
        events = Events(np.array([talked], np.int16), np.array([agent], np.int32), np.array([values], np.int32))
        return [line[2] for line in spoken(9, events, society, memory.last)]

    assert says(3, 8, 0, 1, 0) == ["Good morning."]
    assert says(3, 8, 0, 2, 0) != ["Good morning."] and says(4, 8, 0, 1, 0) != ["Good morning."]


def test_memory_of_words_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.remote.speech.MOST_SPEAKERS", 5)
    memory = LastWords()
    for agent in (*range(9), 4):
        memory.note([Thought(agent, 0, 0, "m", (), (ThoughtChoice(1, (0, 0, 0, 0)),), 0, f"I am {agent}.")])
    assert list(memory.last) == [5, 6, 7, 8, 4]


def test_thinking_aloud_changes_no_hash(lived: Lived) -> None:
    path, laboratory, _, _ = lived
    silent = founded(path.with_name("silent.sociarium"), hamlet())
    for _ in range(TICKS):
        silent.runner.tick()
    cast(RunWriter, silent.runner.recorder).close()
    assert silent.society.world.state_hash() == laboratory.society.world.state_hash()


def test_the_story_tells_of_models(lived: Lived) -> None:
    with RunReader(lived[0]) as reader:
        facts, told = story.facts(reader), story.tell(reader)
        thoughts = [one for tick in range(1, TICKS + 1) for one in reader.thoughts(tick)]
        size = reader.thinking.size()
    failed = sum(one.source.is_fallback for one in thoughts)
    assert {row["source"]: row["thoughts"] for row in facts["thoughts"]} == {
        "mind": len(thoughts) - failed,
        "fallback_timeout": failed,
    }
    assert facts["thought_bytes"] == size > 0
    assert f"ember: {len(thoughts):,} thoughts ({failed:,} fallback timeout)" in " ".join(told.split())
    assert f"{size / len(thoughts):,.0f} bytes each" in told
