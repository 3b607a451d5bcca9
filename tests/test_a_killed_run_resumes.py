"""Promise 2: `kill -9` at any moment loses no committed tick, and the run resumes to the state of an unbroken one."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from app.headless import resume
from engine.errors import RunFileError
from engine.record.reader import RunReader
from engine.record.replay import span
from tests.conftest import Sociarium
from tests.hamlet import SOAK, founded, hamlet, hashes

KILLS = 200 if SOAK else 20
AFTER = 12

# Importing takes seconds and a kill must hit a run: one process imports, and each run is a fork of it.
NURSERY = """
import os, sys
from pathlib import Path
from app import headless
from tests.hamlet import founded, hamlet
from engine.record.writer import RunWriter

founded(hamlet()).runner.tick()
committed = RunWriter.commit

def commit(self, record):
    committed(self, record)
    os.write(1, f"{record.tick}\\n".encode())

RunWriter.commit = commit
os.write(1, b"ready\\n")
for line in sys.stdin:
    path, last = line.split()
    child = os.fork()
    if child == 0:
        if Path(path).exists():
            headless.resume(Path(path), int(last), quiet=True)
        else:
            headless.run(hamlet().model_copy(update={"time": hamlet().time.model_copy(update={"ticks": int(last)})}),
                         Path(path), quiet=True)
        os._exit(0)
    os.write(1, f"child {child}\\n".encode())
    os.waitpid(child, 0)
    os.write(1, b"gone\\n")
"""


@pytest.fixture(scope="module")
def nursery() -> Iterator[tuple[IO[str], IO[str]]]:
    command = [sys.executable, "-c", NURSERY]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    with process.stdin, process.stdout:
        while process.stdout.readline() != "ready\n":
            assert process.poll() is None
        yield process.stdin, process.stdout
    process.wait()


def run_and_kill(nursery: tuple[IO[str], IO[str]], path: Path, after: float) -> int:
    """Start (or go on with) a run, kill it some seconds after its first commit; return the last commit heard of."""
    ask, hear = nursery
    ask.write(f"{path} 100000\n")
    ask.flush()
    child, last, first = 0, -1, None
    while (line := hear.readline()) != "gone\n":
        assert line, "the nursery died"
        if line.startswith("child"):
            child = int(line.split()[1])
        else:
            last, first = int(line), first or time.monotonic()
        if child and first is not None and time.monotonic() - first >= after:
            os.kill(child, signal.SIGKILL)
            after = float("inf")
    return last


@pytest.mark.soak
def test_no_committed_tick_is_lost_and_the_run_goes_on_as_if_unbroken(
    nursery: tuple[IO[str], IO[str]], tmp_path: Path
) -> None:
    unbroken = founded(hamlet())
    known = [unbroken.society.world.state_hash().hex()]
    chance = random.Random(7)
    for number in range(0, KILLS, 2):
        path = tmp_path / f"{number}.sociarium"
        for _ in range(2):
            acknowledged = run_and_kill(nursery, path, chance.uniform(0, 0.4))
            with RunReader(path) as reader:
                assert span(reader)[1] >= acknowledged
        result = resume(path, span_end(path) + AFTER, quiet=True)
        end = result.laboratory.society.world.tick
        known += hashes(unbroken, end + 1 - len(known))
        assert result.report()["state_hash"] == known[end]
        with RunReader(path) as reader:
            assert [reader.state_hash(tick).hex() for tick in range(end + 1)] == known[: end + 1]
        assert sorted(tmp_path.iterdir()) == [path]
        path.unlink()


def span_end(path: Path) -> int:
    with RunReader(path) as reader:
        return span(reader)[1]


def test_a_killed_command_resumes_by_command(hamlet_file: Path, tmp_path: Path, sociarium: Sociarium) -> None:
    path = tmp_path / "killed.sociarium"
    command = [sys.executable, "-m", "app.cli", "run", str(hamlet_file), "--ticks", "100000", "--out", str(path)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    wait_for_ticks(process, path)
    process.kill()
    process.wait()
    last = span_end(path)
    done = sociarium("resume", path, "--ticks", last + 5, "--json")
    assert done.status == 0, done.err
    assert done.report["ticks"] == last + 5
    verified = sociarium("verify", path, "--json")
    assert verified.status == 0, verified.err
    assert verified.report["ticks"] == last + 5


def wait_for_ticks(process: subprocess.Popen[str] | subprocess.Popen[bytes], path: Path) -> None:
    """Wait until a running command has committed a few ticks; readers may look while it writes."""
    while True:
        assert process.poll() is None
        time.sleep(0.05)
        if path.exists():
            with contextlib.suppress(RunFileError), RunReader(path) as reader:
                if (reader.last_tick or 0) >= 5:
                    return


def test_a_stopped_command_ends_after_a_tick_and_says_how_to_go_on(hamlet_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "stopped.sociarium"
    command = [sys.executable, "-m", "app.cli", "run", str(hamlet_file), "--ticks", "100000", "--out", str(path)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    wait_for_ticks(process, path)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)  # as make does
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"go on with `sociarium resume {path}`" in said
    assert "Traceback" not in said
    assert sorted(tmp_path.glob("stopped*")) == [path]
    with RunReader(path) as reader:
        assert reader.finished
