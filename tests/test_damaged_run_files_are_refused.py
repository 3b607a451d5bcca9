"""Whatever happened to its bytes, a run file gives what was written or one line that says what is wrong, untouched."""

from __future__ import annotations

import operator
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import RunFileError
from engine.record.reader import RunReader
from engine.record.writer import RunWriter
from engine.values import TickRecord
from tests.record_samples import ANY_SPACE, agrees, same_frame, same_record, same_snapshot, thoughts, written

TICKS = 70
MUTANTS = 10_000 if os.environ.get("SOCIARIUM_SOAK") else 500
SLOWEST_SECONDS = 1.0


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[TickRecord]]:
    path = tmp_path_factory.mktemp("run") / "whole.sociarium"
    return path, written(path, TICKS)


def told(path: Path) -> str:
    """Return the one line that says what is wrong with a file, having seen that reading it changed nothing."""
    before = state_of(path.parent)
    with pytest.raises(RunFileError) as caught, RunReader(path) as reader:
        read_all(reader)
    assert state_of(path.parent) == before
    line = str(caught.value)
    assert line.startswith(str(path)) and "\n" not in line and len(line) < 600
    return line


def state_of(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Return what lies in a folder: time of change and bytes of each file."""
    return {
        path.name: (path.stat().st_mtime_ns, path.read_bytes() if os.access(path, os.R_OK) else b"")
        for path in folder.iterdir()
        if path.is_file()
    }


def read_all(reader: RunReader) -> list[TickRecord]:
    """Read everything that a run file tells; return its ticks."""
    first, last = reader.first_tick, reader.last_tick
    assert first is not None and last is not None
    for tick in (first, last):
        reader.check_tick(tick)
    reader.tally()
    reader.stores("memory")
    list(reader.events(agent=3))
    list(reader.events(kinds=("ate",), newest_first=True))
    list(reader.all_measures())
    reader.thinking.usage()
    for tick in range(first, last + 1):
        reader.thoughts(tick)
    for tick in range(first, last + 1, 10):
        reader.snapshot_before(tick)
    list(reader.frames(first, last))
    return list(reader.records(first, last))


def questions(reader: RunReader, records: list[TickRecord]) -> Iterator[Callable[[], bool]]:
    """Yield what a reader can be asked; each answers whether it was told the truth."""
    yield lambda: reader.finished in (True, False)
    yield lambda: reader.stores("memory") is not None
    yield lambda: len(list(reader.events(agent=2))) >= 0
    yield lambda: reader.tally().ticks >= 0
    yield lambda: reader.measured() == [record.tick for record in records if record.measures]
    snapshot = records[0].snapshot
    for record in records:
        if record.snapshot is not None:
            snapshot = record.snapshot
        if record.tick % 7 == 0:
            assert snapshot is not None
            yield partial(same_as, reader.thoughts, record.tick, partial(operator.eq, thoughts(record)))
            yield partial(same_as, reader.record, record.tick, partial(same_record, record))
            yield partial(same_as, reader.frame, record.tick, partial(same_frame, frame=record.frame))
            yield partial(same_as, reader.snapshot_before, record.tick, partial(same_snapshot, snapshot))


def same_as(ask: Callable[[int], Any], tick: int, same: Callable[[Any], bool]) -> bool:
    """Whether the answer for a tick is the truth."""
    return same(ask(tick))


def asked_one_by_one(path: Path, records: list[TickRecord]) -> tuple[int, int]:
    """Ask a mutant everything, each question by itself; return how often it told the truth and how often it refused."""
    answers = refusals = 0
    try:
        reader = RunReader(path)
    except RunFileError as error:
        assert str(error).startswith(str(path)) and "\n" not in str(error)
        return 0, 1
    with reader:
        for question in questions(reader, records):
            try:
                assert question(), "an answer that is not what was written"
                answers += 1
            except RunFileError as error:
                assert str(error).startswith(str(path)) and "\n" not in str(error)
                refusals += 1
    return answers, refusals


def mutate(whole: bytes, draw: np.random.Generator) -> bytes:
    """Return the bytes with some flipped, pages swapped, a stretch overwritten, or the end cut off."""
    data = bytearray(whole)
    kind = int(draw.integers(0, 5))
    page = 8192
    if kind == 0:
        for at in draw.integers(0, len(data), int(draw.integers(1, 9))):
            data[at] ^= int(draw.integers(1, 256))
    elif kind == 1:
        del data[int(draw.integers(0, len(data))) :]
    elif kind == 2:
        one, other = (int(at) * page for at in draw.integers(0, len(data) // page, 2))
        data[one : one + page], data[other : other + page] = data[other : other + page], data[one : one + page]
    elif kind == 3:
        at, size = int(draw.integers(0, len(data))), int(draw.integers(1, 2000))
        data[at : at + size] = draw.bytes(len(data[at : at + size]))
    else:
        for at in draw.integers(0, 200, 2):
            data[at] = int(draw.integers(0, 256))
    return bytes(data)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(MUTANTS // 500))
def test_mutated_run_files_tell_the_truth_or_refuse(
    seed: int, run: tuple[Path, list[TickRecord]], tmp_path: Path
) -> None:
    path, records = run
    whole = path.read_bytes()
    draw = np.random.default_rng(seed)
    mutant = tmp_path / "mutant.sociarium"
    refused = slowest = 0.0
    asked_one_by_one(path, records)  # so that all kernels are there
    for number in range(500):
        data = mutate(whole, draw)
        mutant.write_bytes(data)
        before = mutant.stat().st_mtime_ns
        began = time.process_time()
        answers, refusals = asked_one_by_one(mutant, records)
        slowest = max(slowest, time.process_time() - began)
        assert answers + refusals > 0
        refused += refusals > 0
        assert mutant.read_bytes() == data and mutant.stat().st_mtime_ns == before, number
        assert [entry.name for entry in tmp_path.iterdir()] == [mutant.name], number
    assert refused > 250
    assert slowest < SLOWEST_SECONDS


def test_the_whole_file_agrees(run: tuple[Path, list[TickRecord]]) -> None:
    path, records = run
    with RunReader(path) as reader:
        agrees(reader, records, noted=True)


def test_a_missing_file(tmp_path: Path) -> None:
    assert "there is no such file" in told(tmp_path / "nothing.sociarium")


def test_a_folder(tmp_path: Path) -> None:
    (tmp_path / "folder.sociarium").mkdir()
    assert "is a folder" in told(tmp_path / "folder.sociarium")


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "empty.sociarium").touch()
    assert "is empty" in told(tmp_path / "empty.sociarium")


def test_a_foreign_file(tmp_path: Path) -> None:
    (tmp_path / "poem.sociarium").write_text("Shall I compare thee to a summer's day? " * 9)
    assert "is not a run file" in told(tmp_path / "poem.sociarium")


def test_a_foreign_database(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other.sociarium") as other:
        other.execute("create table poem (line)")
    other.close()
    assert "not a run file" in told(tmp_path / "other.sociarium")


def test_a_file_cut_short(run: tuple[Path, list[TickRecord]], tmp_path: Path) -> None:
    (tmp_path / "short.sociarium").write_bytes(run[0].read_bytes()[:-5000])
    assert "is cut off" in told(tmp_path / "short.sociarium")


def test_a_newer_file(run: tuple[Path, list[TickRecord]], tmp_path: Path) -> None:
    data = bytearray(run[0].read_bytes())
    data[60:64] = (9).to_bytes(4, "big")
    (tmp_path / "newer.sociarium").write_bytes(data)
    assert "has format 9" in told(tmp_path / "newer.sociarium")
    assert "update Sociarium" in told(tmp_path / "newer.sociarium")


def test_a_file_that_may_not_be_read(run: tuple[Path, list[TickRecord]], tmp_path: Path) -> None:
    path = tmp_path / "secret.sociarium"
    shutil.copy(run[0], path)
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    assert "cannot be read" in told(path)


def test_a_file_with_a_table_too_many(run: tuple[Path, list[TickRecord]], tmp_path: Path) -> None:
    path = tmp_path / "more.sociarium"
    shutil.copy(run[0], path)
    with sqlite3.connect(path) as database:
        database.execute("create view extra as select * from tick")
    database.close()
    assert "tables are not those of a run file" in told(path)


def test_a_tick_that_was_taken_out(run: tuple[Path, list[TickRecord]], tmp_path: Path) -> None:
    path = tmp_path / "gap.sociarium"
    shutil.copy(run[0], path)
    with sqlite3.connect(path) as database:
        database.execute("delete from tick where tick = 30")
    database.close()
    assert "missing" in told(path)


@pytest.mark.parametrize(
    "table", ["tick", "command", "measure", "snapshot", "tally", "mention", "store", "part", "thought", "usage"]
)
def test_a_row_that_stands_in_anothers_place(table: str, run: tuple[Path, list[TickRecord]], tmp_path: Path) -> None:
    path = tmp_path / "moved.sociarium"
    shutil.copy(run[0], path)
    keys_of = {"tally": "block", "mention": "id", "store": "key", "part": "first", "usage": "model"}
    key = keys_of.get(table, "tick")
    with sqlite3.connect(path) as database:
        rows = database.execute(f"select * from {table} group by {key} order by {key} limit 2").fetchall()
        place = [column[1] for column in database.execute(f"pragma table_info({table})")].index(key)
        keys = [row[place] for row in rows]
        if len(rows) == 1:
            keys.append(keys[0] + 1)
        database.execute(f"delete from {table} where {key} in (?, ?)", keys)
        for row, other in zip(rows, reversed(keys), strict=False):
            values = [other if k == place else value for k, value in enumerate(row)]
            database.execute(f"insert into {table} values ({', '.join('?' * len(values))})", values)
    database.close()
    assert "damaged" in told(path)


@pytest.mark.parametrize("table", ["part", "thought"])
def test_thoughts_that_were_taken_out(table: str, run: tuple[Path, list[TickRecord]], tmp_path: Path) -> None:
    path = tmp_path / "thoughtless.sociarium"
    shutil.copy(run[0], path)
    key = "first" if table == "part" else "tick"
    with sqlite3.connect(path) as database:
        ((middle,),) = database.execute(f"select {key} from {table} order by {key} limit 1 offset 20").fetchall()
        database.execute(f"delete from {table} where {key} = ?", (middle,))
    database.close()
    assert "missing" in told(path)
    with RunReader(path) as reader, pytest.raises(RunFileError, match="missing"):
        for tick in range(TICKS):
            reader.check_tick(tick)
    if table == "thought":
        with RunReader(path) as reader, pytest.raises(RunFileError, match="missing"):
            reader.last_thought(7_777, TICKS - 1)


def test_nothing_is_appended_to_a_damaged_run(run: tuple[Path, list[TickRecord]], tmp_path: Path) -> None:
    path = tmp_path / "last.sociarium"
    shutil.copy(run[0], path)
    with sqlite3.connect(path) as database:
        database.execute("update tick set body = x'00' where tick = ?", (TICKS - 1,))
    database.close()
    before = state_of(tmp_path)
    with pytest.raises(RunFileError, match="is damaged"):
        RunWriter.append(path, ANY_SPACE)
    assert state_of(tmp_path) == before
