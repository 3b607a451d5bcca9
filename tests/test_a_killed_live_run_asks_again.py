"""`kill -9` of a live run with a language model: it resumes, and those whose answers were in flight are asked again."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np
import psutil
import pytest

from app import runs
from app.headless import resume
from engine.record.reader import RunReader
from engine.record.replay import span
from engine.record.space import Waiting
from engine.scenario import Scenario
from tests.hamlet import SOAK, changed, hamlet
from tests.judged_runs import answered_once, replayed, thoughts_of

KILLS = 40 if SOAK else 4
TICKS_A_SECOND = 40
PATIENCE = 120.0

pytestmark = pytest.mark.soak

# Importing takes seconds: one process imports, and each run is a fork of it.
NURSERY = """
import os, sys
from pathlib import Path
from app import headless
from engine.record.writer import RunWriter
from tests.hamlet import founded, hamlet
from tests.test_a_killed_live_run_asks_again import thoughtful

founded(hamlet()).runner.tick()
committed = RunWriter.commit

def commit(self, record):
    committed(self, record)
    os.write(1, f"{record.tick}\\n".encode())

RunWriter.commit = commit
os.write(1, b"ready\\n")
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        headless.run(thoughtful(), Path(line.strip()), quiet=True)
        os._exit(0)
    os.write(1, f"child {child}\\n".encode())
    os.waitpid(child, 0)
    os.write(1, b"gone\\n")
"""


def thoughtful() -> Scenario:
    """Return a live hamlet of ember; people come and go while others think."""
    return changed(
        hamlet(),
        cognition__minds="[{mind: ember, settings: {children: 2}}]",
        time__mode="live",
        time__rate=str(TICKS_A_SECOND),
        time__ticks="100000",
        events="[{at: 3, do: add_people, people: 30}, {at: 9, do: remove_people, people: 10}]",
    )


@pytest.fixture(scope="module")
def nursery() -> Iterator[tuple[IO[str], IO[str]]]:
    command = [sys.executable, "-c", NURSERY]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None and process.stdout is not None
    with process.stdin, process.stdout:
        while process.stdout.readline() != "ready\n":
            assert process.poll() is None
        yield process.stdin, process.stdout
    process.wait()


def run_and_kill(nursery: tuple[IO[str], IO[str]], path: Path, after: float) -> int:
    """Start a run, kill it some seconds after its first commit; return the last commit heard of."""
    ask, hear = nursery
    ask.write(f"{path}\n")
    ask.flush()
    child, last, first = 0, -1, None
    thinking: list[psutil.Process] = []
    while (line := hear.readline()) != "gone\n":
        assert line, "the nursery died"
        if line.startswith("child"):
            child = int(line.split()[1])
        else:
            last, first = int(line), first or time.monotonic()
        if child and first is not None and time.monotonic() - first >= after:
            thinking = psutil.Process(child).children()
            os.kill(child, signal.SIGKILL)
            after = float("inf")
    gone, alive = psutil.wait_procs(thinking, timeout=PATIENCE)
    assert len(gone) == 2 and not alive, "a model's children outlive its run"
    return last


def test_committed_ticks_stay_and_who_was_thinking_is_asked_again(
    nursery: tuple[IO[str], IO[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance, most_thinking = random.Random(), 0
    for number in range(KILLS):
        path = tmp_path / f"{number}.sociarium"
        acknowledged = run_and_kill(nursery, path, chance.uniform(0, 1.5))
        with RunReader(path) as reader:
            last = span(reader)[1]
        assert last >= acknowledged >= 0
        most_thinking = max(most_thinking, gone_on(path))
        with RunReader(path) as reader:
            first, end = span(reader)
            records = list(reader.records(first, end))
        answered_once(records)
        decided = {(t.agent, t.tick) for t in thoughts_of(path)}
        assert len(decided) == len(thoughts_of(path)), "a thought landed twice"
        assert replayed(path, monkeypatch) == end - first
        assert sorted(tmp_path.iterdir()) == [path]
        path.unlink()
    assert most_thinking > 5


def gone_on(path: Path) -> int:
    """Resume until nobody waits for an answer from before, see that it is the next they get; return how many waited."""
    landed: dict[int, int] = {}
    with RunReader(path) as reader:
        laboratory = runs.restored(reader).laboratory
    until = time.monotonic() + PATIENCE
    with runs.resumed(laboratory, path, Waiting()):
        people = laboratory.society.people
        who = np.flatnonzero(people.alive & (people.thinking >= 0))
        thinking = dict(zip(who.tolist(), people.thinking[who].tolist(), strict=True))
        waiting = list(thinking)
        while waiting or not landed:
            made = laboratory.runner.tick().decisions
            for agent, tick in zip(made.agent.tolist(), made.asked_at.tolist(), strict=True):
                landed.setdefault(agent, tick)
            waiting = [a for a in thinking if people.alive[a] and a not in landed]
            assert time.monotonic() < until, f"{waiting} are stuck"
            time.sleep(1 / TICKS_A_SECOND)
        assert all(landed[agent] == tick for agent, tick in thinking.items() if people.alive[agent])
    return len(thinking)


def test_the_command_takes_such_a_run_up_too(nursery: tuple[IO[str], IO[str]], tmp_path: Path) -> None:
    path = tmp_path / "run.sociarium"
    last = run_and_kill(nursery, path, 0.5)
    result = resume(path, last + 10, quiet=True)
    assert result.report()["ticks"] == last + 10
    assert result.minds[0]["name"] == "ember"
