"""When the disk is full a run says so once, waits, and goes on by itself; nothing committed or in hand is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from engine.record.reader import RunReader
from engine.record.rows import RunSettings
from engine.record.space import Waiting
from engine.record.writer import RunWriter
from tests.record_samples import ANY_SPACE, HEADER, agrees, samples

GIBIBYTE = 1 << 30


@dataclass
class Machine:
    """A clock that only sleeping moves, a disk whose free bytes a test sets, and what people are told."""

    free: int = 10 * GIBIBYTE
    now: float = 0.0
    said: list[str] = field(default_factory=list)
    wakes: int = 0
    looks: int = 0
    make_room_at: int = 0
    make_room: Callable[[], None] = lambda: None

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.wakes += 1
        if self.wakes == self.make_room_at:
            self.free = 10 * GIBIBYTE
            self.make_room()

    def look(self, path: Path) -> int:
        self.looks += 1
        return self.free

    def waiting(self) -> Waiting:
        return Waiting(self.said.append, self.said.append, self.look, lambda: self.now, self.sleep)


def test_little_free_space_pauses_before_anything_fails(tmp_path: Path) -> None:
    machine = Machine(make_room_at=7)
    records = list(samples(20))
    with RunWriter.create(tmp_path / "a.sociarium", HEADER, RunSettings(), machine.waiting()) as writer:
        for record in records[:9]:
            machine.now += 2
            writer.commit(record)
        assert not machine.said
        machine.free = GIBIBYTE - 1
        machine.now += 2
        for record in records[9:]:
            writer.commit(record)
    assert machine.wakes == 7
    assert len(machine.said) == 2 and all("\n" not in line for line in machine.said)
    assert "full (1023 MiB free, 1024 MiB wanted)" in machine.said[0] and "goes on" in machine.said[1]
    with RunReader(tmp_path / "a.sociarium") as reader:
        agrees(reader, records)


def test_free_space_is_looked_at_once_a_second(tmp_path: Path) -> None:
    machine = Machine()
    with RunWriter.create(tmp_path / "a.sociarium", HEADER, RunSettings(), machine.waiting()) as writer:
        for record in samples(20):
            machine.now += 0.1
            writer.commit(record)
    assert 2 <= machine.looks <= 3


@pytest.mark.parametrize("ticks_before", [0, 9, 63])
def test_a_database_that_may_not_grow_pauses_and_goes_on(ticks_before: int, tmp_path: Path) -> None:
    machine = Machine()
    records = list(samples(90))
    path = tmp_path / "a.sociarium"
    with RunWriter.create(path, HEADER, ANY_SPACE, machine.waiting()) as writer:
        for record in records[:ticks_before]:
            writer.commit(record)
        connection = writer._open_connection()
        connection.pragma("max_page_count", connection.pragma("page_count"))

        def make_room() -> None:
            with RunReader(path) as reader:  # what was committed is there while the run waits
                assert reader.last_tick == writer.last_tick
            connection.pragma("max_page_count", 1 << 30)

        machine.make_room, machine.make_room_at = make_room, 5
        for record in records[ticks_before:]:
            writer.commit(record)
    assert machine.wakes == 5 and len(machine.said) == 2
    with RunReader(path) as reader:
        assert reader.finished
        agrees(reader, records)
