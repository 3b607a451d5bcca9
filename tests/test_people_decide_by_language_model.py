"""The whole path on ember, from what people perceive to the run file: lockstep, live, replayed without a model."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from app import language, runs
from app.compose import Laboratory, compose, find_scenario, read_scenario, rules_version
from cognition.language.model import Answer, LanguageModel, Request
from cognition.language.wrappers.recording import Recording
from engine.record.reader import RunReader
from engine.record.replay import verify
from engine.record.space import Waiting
from engine.scenario import Scenario
from engine.values import CONTINUE, Command, Decisions, Source, TickRecord
from tests.hamlet import SOAK, changed, hamlet

EMBER = "[{mind: ember}]"
TICKS = 40


def by_ember(scenario: Scenario, ticks: int = TICKS, mode: str = "lockstep") -> Scenario:
    """Return the scenario with ember for everyone."""
    return changed(scenario, cognition__minds=EMBER, time__ticks=str(ticks), time__mode=mode)


def run(scenario: Scenario, path: Path, ticks: int = TICKS, pause: float = 0.0) -> list[TickRecord]:
    """Run a society into a file; `pause` seconds lie between two ticks."""
    with runs.founded(scenario, path, Waiting()) as laboratory:
        found = []
        for _ in range(ticks):
            found.append(laboratory.runner.tick())
            time.sleep(pause)
        return found


def verified(path: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """Replay a run where no model can be opened, and return how many ticks agree."""

    def no_model(*arguments: object) -> LanguageModel:
        raise AssertionError("a replay opened a model")

    monkeypatch.setattr("app.minds.open_model", no_model)
    with RunReader(path) as reader:
        scenario = read_scenario(reader.header.scenario, str(path))
        verdict = verify(compose(scenario, replay=True).runner, reader, rules_version(scenario))
    assert verdict.parted_at is None, verdict.reason
    return verdict.ticks


def decided(records: Sequence[TickRecord]) -> Decisions:
    return Decisions.join([record.decisions for record in records])


def test_five_hundred_people_decide_and_the_run_replays_without_a_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, ticks = tmp_path / "village.sociarium", 200 if SOAK else 4
    records = run(by_ember(find_scenario("settlement"), ticks), path, ticks)
    decisions = decided(records)

    assert sum(record.asked.size for record in records) == decisions.size > 500
    assert (decisions.source == Source.MIND).all()
    assert np.unique(decisions.action).size > 3
    with RunReader(path) as reader:
        thoughts = [thought for record in records for thought in reader.thoughts(record.tick)]
    assert len(thoughts) > decisions.size / 2
    assert {thought.model for thought in thoughts} == {"ember"}
    assert all(sum(choice.probability or 0 for choice in thought.choices) > 0.99 for thought in thoughts)
    assert any(thought.words for thought in thoughts)
    assert verified(path, monkeypatch) == ticks


def test_a_lockstep_run_repeats_on_the_same_machine(tmp_path: Path) -> None:
    first, second = (
        [r.state_hash for r in run(by_ember(hamlet()), tmp_path / f"{n}.sociarium", 10)] for n in ("one", "two")
    )
    assert first == second


def test_answers_of_a_live_run_land_when_they_are_ready_and_replay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "live.sociarium"
    records = run(by_ember(hamlet(), mode="live"), path, pause=0.02)
    decisions = decided(records)

    landed = np.concatenate([np.full(r.decisions.size, r.tick) for r in records])
    assert (landed >= decisions.asked_at).all() and (landed > decisions.asked_at).any()
    waiting: set[int] = set()
    for record in records:
        assert not waiting & set(record.asked.tolist()), "somebody was asked while thinking"
        waiting |= set(record.asked.tolist())
        assert set(record.decisions.agent.tolist()) <= waiting, "somebody answered who was not asked"
        waiting -= set(record.decisions.agent.tolist())
    assert verified(path, monkeypatch) == TICKS


def test_the_prompts_in_the_run_file_are_the_bytes_that_were_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[Request, Answer]] = []

    def heard(*arguments: object) -> LanguageModel:
        return Recording(language.open_model("ember", {}, True), lambda request, answer: sent.append((request, answer)))

    monkeypatch.setattr("app.minds.open_model", heard)
    path = tmp_path / "run.sociarium"
    records = run(by_ember(hamlet(), 8), path, 8)
    with RunReader(path) as reader:
        kept = [thought for record in records for thought in reader.thoughts(record.tick)]
    texts = sorted("".join(part.text for part in request.parts) for request, _ in sent)
    assert len(texts) > 50 and sorted(thought.sent for thought in kept) == texts
    assert sorted(t.prompt_tokens for t in kept) == sorted(answer.counts.prompt for _, answer in sent)


def test_who_has_nothing_to_choose_waits_for_no_model(tmp_path: Path) -> None:
    """A society in which nobody can do anything asks no model."""
    scenario = changed(
        by_ember(hamlet(), 3), modules="{}", actions__off="[wander, approach, go]", events="[]",
        population__roles="{}", roles="{citizen: {}}",
    )  # fmt: skip
    path = tmp_path / "idle.sociarium"
    decisions = decided(run(scenario, path, 3))
    assert decisions.size > 0 and (decisions.action == CONTINUE).all()
    with RunReader(path) as reader:
        assert not any(reader.thoughts(tick) for tick in (1, 2, 3))


def test_a_mind_is_chosen_while_the_world_runs_and_goes_on_after_a_resume(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "changed.sociarium"
    scenario = changed(hamlet(), time__ticks="30")
    with runs.founded(scenario, path, Waiting()) as laboratory:
        lived(laboratory, 4)
        laboratory.runner.commands.queue.append(Command("mind", {"mind": "ember", "role": "merchant"}))
        lived(laboratory, 6)
        thinkers = set(np.flatnonzero(laboratory.society.people.mind == 2).tolist())
        assert laboratory.society.minds == ["reflex", "reflex", "ember"] and thinkers
    with RunReader(path) as reader:
        thoughts = [thought for tick in range(1, 11) for thought in reader.thoughts(tick)]
        assert thoughts and {thought.agent for thought in thoughts} <= thinkers
        laboratory = runs.restored(reader).laboratory
    with runs.resumed(laboratory, path, Waiting()):
        assert laboratory.society.minds == ["reflex", "reflex", "ember"]
        lived(laboratory, 20)
    with RunReader(path) as reader:
        assert any(reader.thoughts(tick) for tick in range(11, 31))
    assert verified(path, monkeypatch) == 30


def test_a_mind_that_cannot_be_hired_is_refused_and_changes_nothing() -> None:
    laboratory = compose(hamlet())
    laboratory.found()
    for what, why in (
        ({"mind": "embr"}, "did you mean ember"),
        ({"mind": "ember", "role": "king"}, "no role 'king'"),
        ({"mind": "reflex", "share": 2}, "0.0 to 1.0"),
    ):
        laboratory.runner.commands.queue.append(Command("mind", what))
        laboratory.runner.tick()
        (refusal,) = laboratory.runner.commands.refusals
        assert why in refusal
        assert laboratory.society.minds == ["reflex", "reflex"]
    laboratory.close()


def test_a_branch_thinks_with_another_mind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, out = tmp_path / "run.sociarium", tmp_path / "branch.sociarium"
    run(changed(hamlet(), time__ticks="8"), path, 8)
    with RunReader(path) as reader:
        origin = runs.restored(reader, 5)
    with runs.branched(origin, by_ember, out, ["cognition.minds"], Waiting()) as laboratory:
        lived(laboratory, 3)
    with RunReader(out) as reader:
        assert any(reader.thoughts(tick) for tick in (6, 7, 8))
    assert verified(out, monkeypatch) == 3


def lived(laboratory: Laboratory, ticks: int) -> None:
    for _ in range(ticks):
        laboratory.runner.tick()
        assert not laboratory.runner.commands.refusals
