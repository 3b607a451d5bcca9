"""One process writes a run file. Its lock goes with it, however it ends, and no committed tick is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.errors import RunFileError
from engine.record.lock import RunLock, is_being_written, side_file
from engine.record.reader import RunReader
from engine.record.writer import RunWriter
from engine.values import TickRecord
from tests.record_samples import ANY_SPACE, HEADER, agrees, samples, thoughts

KILLS = 40 if os.environ.get("SOCIARIUM_SOAK") else 3
TICKS = 200

WRITE_ON = """
import sys
from pathlib import Path
from engine.record.writer import RunWriter
from tests.record_samples import ANY_SPACE, HEADER, samples, thoughts
path = Path(sys.argv[1])
writer = RunWriter.append(path, ANY_SPACE) if path.exists() else RunWriter.create(path, HEADER, ANY_SPACE)
begin = -1 if writer.last_tick is None else writer.last_tick
print("begun", begin, flush=True)
for record in samples(int(sys.argv[2])):
    if record.tick > begin:
        for thought in thoughts(record):
            writer.note([thought])
        writer.commit(record)
        print(record.tick, flush=True)
sys.stdin.read()
"""


class Child:
    """Another process that writes the run on, and tells each tick once it is committed."""

    def __init__(self, path: Path, ticks: int) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", WRITE_ON, str(path), str(ticks)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        self.begun = int(self.line().split()[1])

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def kill(self) -> int:
        """End it at once; return the last tick that it told, or -1."""
        self.process.send_signal(signal.SIGKILL)
        said, _ = self.process.communicate()
        return int(([*said.split(), "-1"] if not said.split() else said.split())[-1])


@pytest.fixture(scope="module")
def records() -> list[TickRecord]:
    return list(samples(TICKS))


def test_a_second_process_is_told_who_writes(tmp_path: Path) -> None:
    path = tmp_path / "a.sociarium"
    child = Child(path, 1)
    try:
        assert child.line() == "0"
        with pytest.raises(RunFileError, match=rf"a\.sociarium: is being written by process {child.process.pid};"):
            RunWriter.append(path, ANY_SPACE)
        with RunReader(path) as reader:
            assert reader.last_tick == 0 and not reader.finished
    finally:
        child.kill()


@pytest.mark.soak
def test_a_killed_writer_loses_no_committed_tick(tmp_path: Path, records: list[TickRecord]) -> None:
    path = tmp_path / "a.sociarium"
    draw = np.random.default_rng(KILLS)
    reached = -1
    for _ in range(KILLS):
        if reached == TICKS - 1:  # all of it is written: begin a new one
            for entry in tmp_path.iterdir():
                entry.unlink()
            reached = -1
        child = Child(path, TICKS)
        assert child.begun >= reached
        for _ in range(min(int(draw.integers(0, 30)), TICKS - 1 - child.begun)):
            reached = int(child.line() or reached)
        reached = max(reached, child.kill())
        assert not is_being_written(path)
        with RunReader(path) as reader:
            last = reader.last_tick
            assert (last if last is not None else -1) >= reached and not reader.finished
    with RunWriter.append(path, ANY_SPACE) as writer:
        begin = -1 if writer.last_tick is None else writer.last_tick
        for record in records[begin + 1 :]:
            writer.note(thoughts(record))
            writer.commit(record)
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.sociarium"]
    with RunReader(path) as reader:
        agrees(reader, records, noted=True)
        tally = reader.tally()
        counted = {(one.model, one.source): one.thoughts for one in reader.thinking.usage()}
    noted = [(thought.model, thought.source) for record in records for thought in thoughts(record)]
    assert counted == {key: noted.count(key) for key in noted}
    assert tally.ticks == TICKS and tally.decided == sum(record.decisions.size for record in records)


def test_the_log_of_a_run_that_is_gone_is_not_taken_for_a_new_runs(tmp_path: Path) -> None:
    path = tmp_path / "a.sociarium"
    child = Child(path, 20)
    while child.line() != "10":
        pass
    child.kill()
    path.unlink()
    log = (tmp_path / "a.sociarium-wal").read_bytes()
    with pytest.raises(RunFileError, match=r"a\.sociarium-wal: is the log of a run that is gone; .* delete it"):
        RunWriter.create(path, HEADER, ANY_SPACE)
    assert not path.exists() and (tmp_path / "a.sociarium-wal").read_bytes() == log


def test_reading_a_killed_run_touches_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.sociarium"
    child = Child(path, 90)
    while child.line() != "80":
        pass
    reached = child.kill()
    for beside in ("-wal", "-shm", "-lock"):
        assert path.with_name(path.name + beside).exists()
    path.with_name(path.name + "-shm").unlink()
    before = {entry.name: (entry.stat().st_mtime_ns, entry.read_bytes()) for entry in tmp_path.iterdir()}
    with RunReader(path) as reader:
        assert reader.last_tick is not None and reader.last_tick >= reached
        agrees(reader, list(samples(reader.last_tick + 1)), noted=True)
    assert {entry.name: (entry.stat().st_mtime_ns, entry.read_bytes()) for entry in tmp_path.iterdir()} == before


def test_a_reader_follows_from_a_closed_run_to_one_that_goes_on(tmp_path: Path, records: list[TickRecord]) -> None:
    path = tmp_path / "a.sociarium"
    with RunWriter.create(path, HEADER, ANY_SPACE) as writer:
        for record in records[:10]:
            writer.commit(record)
    with RunReader(path) as reader:
        assert reader.last_tick == 9 and reader.finished
        with RunWriter.append(path, ANY_SPACE) as writer:
            assert not reader.finished
            for record in records[10:150]:
                writer.commit(record)
                assert reader.last_tick == record.tick
        assert reader.finished
        agrees(reader, records[:150])
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.sociarium"]


def test_a_reader_that_stays_does_not_keep_the_run_from_closing(tmp_path: Path, records: list[TickRecord]) -> None:
    path = tmp_path / "a.sociarium"
    writer = RunWriter.create(path, HEADER, ANY_SPACE)
    for record in records[:70]:
        writer.commit(record)
    reader = RunReader(path)
    halfway = reader.records(0, 69)
    next(halfway)
    writer.close()
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.sociarium"]
    assert [record.tick for record in halfway] == list(range(1, 70))
    reader.close()


def test_an_abandoned_lock_file_locks_nobody_out(tmp_path: Path) -> None:
    path = tmp_path / "a.sociarium"
    side_file(path).write_text("999999\n")
    with RunWriter.create(path, HEADER, ANY_SPACE):
        assert is_being_written(path)
        with pytest.raises(RunFileError, match="is being written"):
            RunLock(path)
    assert not side_file(path).exists()


def test_a_run_that_cannot_be_made_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RunFileError, match="cannot be locked"):
        RunWriter.create(tmp_path / "nowhere" / "a.sociarium", HEADER, ANY_SPACE)
    (tmp_path / "a.sociarium").mkdir()
    with pytest.raises(RunFileError, match="exists already"):
        RunWriter.create(tmp_path / "a.sociarium", HEADER, ANY_SPACE)
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.sociarium"]
