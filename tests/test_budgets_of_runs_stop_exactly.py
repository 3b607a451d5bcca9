"""A budget in a scenario stops a whole run's asking exactly, and goes on counting after a kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from app import runs
from app.compose import Laboratory
from engine.record.reader import RunReader
from engine.record.space import Waiting
from engine.scenario import Scenario
from engine.values import Source, Thought
from tests.hamlet import changed, hamlet
from tests.judged_runs import answered_once, replayed, thoughts_of

GOOD_CHILD = (sys.executable, "-m", "tests.erring_mind", ".", "0", "0")
"""Does no wrong; each answer takes ten tokens."""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a quick child stand in for ember."""
    monkeypatch.setattr("app.language.CHILD", GOOD_CHILD)


def bounded(limits: str, mode: str = "lockstep") -> Scenario:
    minds = f"[{{mind: ember, settings: {{children: 2, {limits}}}}}]"
    return changed(hamlet(), cognition__minds=minds, time__mode=mode, time__ticks="60")


def by_model(thoughts: list[Thought]) -> list[bool]:
    """Return for each thought, as they landed, whether it was the model's; all others want budget."""
    sources = [thought.source for thought in thoughts]
    assert set(sources) <= {Source.MIND, Source.FALLBACK_BUDGET}
    return [source is Source.MIND for source in sources]


def live_on(laboratory: Laboratory, ticks: int) -> None:
    records = [laboratory.runner.tick() for _ in range(ticks)]
    assert not answered_once(records)


@pytest.mark.parametrize("most", [0, 1, 61, 150])
def test_after_so_many_decisions_everyone_falls_back(
    most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "run.sociarium"
    with runs.founded(bounded(f"most_decisions: {most}"), path, Waiting()) as laboratory:
        live_on(laboratory, 12)
        (report,) = laboratory.staff.report()
    thoughts = thoughts_of(path)
    assert len(thoughts) > most + 20 and sum(by_model(thoughts)) == most
    ticks = [thought.tick for thought in thoughts if thought.source is Source.MIND]
    first_refused = min(thought.tick for thought in thoughts if thought.source is not Source.MIND)
    assert max(ticks, default=0) <= first_refused
    assert report["fallbacks"] == {"budget": len(thoughts) - most}
    assert all(f"{most} decisions" in thought.why for thought in thoughts if thought.why)
    assert replayed(path, monkeypatch) == 12


def test_so_many_tokens_are_never_passed_and_no_more_is_left_than_one_request_could_take(tmp_path: Path) -> None:
    path, most = tmp_path / "run.sociarium", 5_000
    with runs.founded(bounded(f"most_tokens: {most}"), path, Waiting()) as laboratory:
        live_on(laboratory, 30)
    thoughts = thoughts_of(path)
    used = sum(thought.prompt_tokens + thought.generated_tokens for thought in thoughts)
    assert 0 < sum(by_model(thoughts)) < len(thoughts)
    longest = max(len(thought.sent.encode()) for thought in thoughts)
    assert most - 2 * longest - 500 < used <= most


def test_each_mind_has_a_budget_of_its_own(tmp_path: Path) -> None:
    minds = (
        "[{mind: ember, roles: [merchant], settings: {children: 1, most_decisions: 5}},"
        " {mind: ember, roles: [citizen], settings: {children: 1, most_decisions: 40}}]"
    )
    path = tmp_path / "run.sociarium"
    with runs.founded(changed(hamlet(), cognition__minds=minds), path, Waiting()) as laboratory:
        live_on(laboratory, 10)
        mind = laboratory.society.people.mind.copy()
    made = Counter(int(mind[t.agent]) for t in thoughts_of(path) if t.source is Source.MIND)
    assert made == {0: 5, 1: 40}


def test_a_run_that_is_taken_up_again_and_again_stops_at_the_same_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At ticks with a checkpoint and between them; the run file alone tells what was spent."""
    path, most = tmp_path / "run.sociarium", 170
    with runs.founded(bounded(f"most_decisions: {most}"), path, Waiting()) as laboratory:
        live_on(laboratory, 2)
    spent = sum(by_model(thoughts_of(path)))
    assert 0 < spent < most
    for ticks in (1, 2, 31):
        with RunReader(path) as reader:
            laboratory = runs.restored(reader).laboratory
        with runs.resumed(laboratory, path, Waiting()):
            live_on(laboratory, ticks)
            (report,) = laboratory.staff.report()
    thoughts = thoughts_of(path)
    assert sum(by_model(thoughts)) == most
    assert report["decisions"] == len(thoughts) and report["fallbacks"] == {"budget": len(thoughts) - most}
    assert replayed(path, monkeypatch) == 36


KILLED = """
import sys
from pathlib import Path
from app import headless
from tests.test_budgets_of_runs_stop_exactly import GOOD_CHILD, bounded
import app.language
from engine.record.writer import RunWriter

app.language.CHILD = GOOD_CHILD
committed = RunWriter.commit

def commit(self, record):
    committed(self, record)
    print(record.tick, flush=True)

RunWriter.commit = commit
headless.run(bounded("most_decisions: 100000, most_tokens: 1000000"), Path(sys.argv[1]), quiet=True)
"""


def test_a_killed_run_knows_what_it_had_spent(tmp_path: Path) -> None:
    path = tmp_path / "run.sociarium"
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    while process.stdout.readline() != "7\n":
        assert process.poll() is None
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    with RunReader(path) as reader:
        laboratory = runs.restored(reader).laboratory
    with runs.resumed(laboratory, path, Waiting()):
        (report,) = laboratory.staff.report()
    thoughts = thoughts_of(path)
    assert report["decisions"] == len(thoughts) > 60
