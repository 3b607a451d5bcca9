"""The contract of a Recorder, to be run against any implementation.

    @pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
    def test_my_recorder(check, tmp_path): check(Subject("mine", create=..., append=..., read=...), tmp_path)

`create(path)` begins a run file for the header of `record_samples`; `append(path)` goes on with one; `read(path)` reads
one, and may do so while it is written.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.errors import RunFileError
from engine.ports import Recorder
from engine.values import Snapshot, Thought, TickRecord
from tests.record_samples import same_frame, same_record, same_snapshot, samples, thoughts


class Reader(Protocol):
    """What is read of a run file to see whether it was written right."""

    @property
    def first_tick(self) -> int | None:
        """The first tick, or None."""
        ...

    @property
    def last_tick(self) -> int | None:
        """The last tick, or None."""
        ...

    def record(self, tick: int) -> TickRecord:
        """Return a tick without frame and snapshot."""
        ...

    def frame(self, tick: int) -> Mapping[str, NDArray[Any]]:
        """Return a tick's frame."""
        ...

    def state_hash(self, tick: int) -> bytes:
        """Return a tick's state hash."""
        ...

    def snapshot_before(self, tick: int) -> Snapshot:
        """Return the last snapshot at or before a tick."""
        ...

    def stores(self, owner: str) -> Mapping[str, bytes]:
        """Return the rows that an owner keeps."""
        ...

    def thoughts(self, tick: int) -> Sequence[Thought]:
        """Return the thoughts that landed at a tick."""
        ...

    def close(self) -> None:
        """Close the file."""
        ...


@dataclass(frozen=True)
class Subject:
    """A recorder under test."""

    name: str
    create: Callable[[Path], Recorder]
    append: Callable[[Path], Recorder]
    read: Callable[[Path], Reader]


def written(subject: Subject, path: Path, ticks: int, first: int = 0) -> list[TickRecord]:
    """Write a run and return what was committed."""
    recorder = subject.create(path)
    records = list(samples(ticks, first=first))
    for record in records:
        recorder.commit(record)
    recorder.close()
    return records


def a_run_reads_back_as_it_was_committed(subject: Subject, folder: Path) -> None:
    """Commands, asked, decisions with outcomes, events, measures and hashes of every tick; people come and go."""
    records = written(subject, folder / "a.sociarium", 60)
    reader = subject.read(folder / "a.sociarium")
    assert (reader.first_tick, reader.last_tick) == (0, 59)
    for record in records:
        assert same_record(reader.record(record.tick), record), record.tick
        assert reader.state_hash(record.tick) == record.state_hash
    reader.close()


def frames_read_back_at_any_tick(subject: Subject, folder: Path) -> None:
    """Each frame alone, in any order, with the low bits dropped that the header says."""
    records = written(subject, folder / "a.sociarium", 60)
    reader = subject.read(folder / "a.sociarium")
    for at in np.random.default_rng(2).permutation(60):
        assert same_frame(reader.frame(int(at)), records[at].frame), at
    reader.close()


def snapshots_read_back_from_any_tick(subject: Subject, folder: Path) -> None:
    """From each tick the last snapshot at or before it, whole, with the opaque parts."""
    records = written(subject, folder / "a.sociarium", 60)
    reader = subject.read(folder / "a.sociarium")
    last = records[0].snapshot
    for record in records:
        last = record.snapshot or last
        assert last is not None and same_snapshot(reader.snapshot_before(record.tick), last), record.tick
    reader.close()


def a_run_may_begin_at_any_tick(subject: Subject, folder: Path) -> None:
    """A branch does not begin at 0."""
    records = written(subject, folder / "a.sociarium", 30, first=1000)
    reader = subject.read(folder / "a.sociarium")
    assert (reader.first_tick, reader.last_tick) == (1000, 1029)
    assert same_record(reader.record(1029), records[29]) and same_frame(reader.frame(1029), records[29].frame)
    reader.close()


def ticks_come_without_gaps(subject: Subject, folder: Path) -> None:
    """A tick that is left out, or comes twice, is refused; nothing of it is written, and the right one still goes."""
    recorder = subject.create(folder / "a.sociarium")
    records = list(samples(12))
    for record in records[:5]:
        recorder.commit(record)
    for wrong in (records[6], records[4], records[3]):
        with pytest.raises(RunFileError):
            recorder.commit(wrong)
    for record in records[5:]:
        recorder.commit(record)
    recorder.close()
    reader = subject.read(folder / "a.sociarium")
    assert reader.last_tick == 11
    for record in records:
        assert same_record(reader.record(record.tick), record) and same_frame(reader.frame(record.tick), record.frame)
    reader.close()


def a_record_that_does_not_fit_is_refused_whole(subject: Subject, folder: Path) -> None:
    """A frame without a column, or columns of other lengths or dtypes: typed error, nothing written, and on it goes."""
    recorder = subject.create(folder / "a.sociarium")
    records = list(samples(12))
    for record in records[:5]:
        recorder.commit(record)
    right = records[5]
    lacking = {name: column for name, column in right.frame.items() if name != "space.cell"}
    wide = dict(right.frame) | {"space.cell": right.frame["space.cell"].astype(np.int64)}
    for wrong in (
        replace(right, frame=lacking),
        replace(right, frame=wide),
        replace(right, outcome=right.outcome[:-1]),
        replace(right, asked=right.asked.astype(np.int64)),
    ):
        with pytest.raises(RunFileError):
            recorder.commit(wrong)
    for record in records[5:]:
        recorder.commit(record)
    recorder.close()
    reader = subject.read(folder / "a.sociarium")
    for record in records:
        assert same_record(reader.record(record.tick), record) and same_frame(reader.frame(record.tick), record.frame)
    reader.close()


def arrays_may_be_used_again_after_commit(subject: Subject, folder: Path) -> None:
    """The World changes its columns in place: what is recorded are the values at the time of the commit."""
    recorder = subject.create(folder / "a.sociarium")
    records = list(samples(20))
    for record in samples(20):
        recorder.commit(record)
        decisions, events = record.decisions, record.events
        for array in (
            *record.frame.values(),
            record.asked,
            decisions.agent,
            decisions.args,
            events.agent,
            events.values,
        ):
            array[...] = 1
        if record.snapshot is not None:
            for array in record.snapshot.columns.values():
                array[...] = 1
    recorder.close()
    reader = subject.read(folder / "a.sociarium")
    for record in records:
        assert same_record(reader.record(record.tick), record) and same_frame(reader.frame(record.tick), record.frame)
        if record.snapshot is not None:
            assert same_snapshot(reader.snapshot_before(record.tick), record.snapshot)
    reader.close()


def read_only_and_strided_arrays_are_taken(subject: Subject, folder: Path) -> None:
    """Views of the World's columns are read-only, and may have strides."""
    recorder = subject.create(folder / "a.sociarium")
    records = list(samples(9))
    for record in records:
        frame = {name: np.repeat(column, 2, axis=0)[::2] for name, column in record.frame.items()}
        for column in frame.values():
            column.flags.writeable = False
        asked = np.repeat(record.asked, 2)[::2]
        recorder.commit(replace(record, frame=frame, asked=asked))
    recorder.close()
    reader = subject.read(folder / "a.sociarium")
    for record in records:
        assert same_record(reader.record(record.tick), record) and same_frame(reader.frame(record.tick), record.frame)
    reader.close()


def a_tick_is_there_as_soon_as_it_is_committed(subject: Subject, folder: Path) -> None:
    """A reader sees each tick right after its commit, without the writer being closed or held up."""
    recorder = subject.create(folder / "a.sociarium")
    reader = subject.read(folder / "a.sociarium")
    assert reader.last_tick is None
    for record in samples(12):
        recorder.commit(record)
        assert reader.last_tick == record.tick
        assert same_record(reader.record(record.tick), record)
    recorder.close()
    assert reader.last_tick == 11
    reader.close()


def store_rows_come_with_the_tick(subject: Subject, folder: Path) -> None:
    """Rows are seen by their owner at once, are on disk with the next tick, not before, and outlive the process."""
    path = folder / "a.sociarium"
    recorder = subject.create(path)
    reader = subject.read(path)
    ticks = samples(5)
    recorder.commit(next(ticks))
    mine, other = recorder.store("mind.one"), recorder.store("mind.two")
    mine.put("b", b"1")
    mine.put("a", b"\x00\xff")
    assert mine.get("b") == b"1" and other.get("b") is None and list(mine.keys()) == ["a", "b"]
    assert recorder.store("mind.one").get("a") == b"\x00\xff"
    assert not reader.stores("mind.one")
    recorder.commit(next(ticks))
    assert dict(reader.stores("mind.one")) == {"a": b"\x00\xff", "b": b"1"} and not reader.stores("mind.two")
    mine.put("b", b"2")
    with pytest.raises(RunFileError):
        recorder.commit(replace(next(ticks), tick=77))
    assert reader.stores("mind.one")["b"] == b"1" and mine.get("b") == b"2"
    recorder.commit(list(samples(3))[2])
    assert reader.stores("mind.one")["b"] == b"2"
    recorder.close()
    reader.close()
    again = subject.append(path)
    assert again.store("mind.one").get("b") == b"2" and list(again.store("mind.one").keys()) == ["a", "b"]
    again.close()


def thoughts_come_with_the_tick(subject: Subject, folder: Path) -> None:
    """They are read back as they were noted, with the tick that was committed next, not before, and only with it."""
    path = folder / "a.sociarium"
    recorder = subject.create(path)
    reader = subject.read(path)
    records = list(samples(12))
    for record in records[:9]:
        for thought in thoughts(record):
            recorder.note([thought])
        recorder.note([])
        recorder.commit(record)
        assert list(reader.thoughts(record.tick)) == thoughts(record), record.tick
    recorder.note(thoughts(records[9]))
    recorder.note(thoughts(records[10])[:1])
    with pytest.raises(RunFileError):
        recorder.commit(records[10])
    recorder.commit(records[9])
    assert list(reader.thoughts(9)) == thoughts(records[9]) + thoughts(records[10])[:1]
    recorder.note(thoughts(records[10]))
    recorder.close()
    again = subject.append(path)
    again.note(thoughts(records[10])[1:])
    again.commit(records[10])
    again.commit(records[11])
    again.close()
    assert list(reader.thoughts(10)) == thoughts(records[10])[1:] and not reader.thoughts(11)
    assert [list(reader.thoughts(record.tick)) for record in records[:9]] == [thoughts(r) for r in records[:9]]
    reader.close()


def a_run_goes_on_where_it_stopped(subject: Subject, folder: Path) -> None:
    """After closing, a writer goes on with the next tick and no other, wherever in a block or chain that falls."""
    path = folder / "a.sociarium"
    records = list(samples(140))
    recorder = subject.create(path)
    stops = (0, 1, 7, 63, 64, 65, 128, 140)
    for start, stop in pairwise(stops):
        recorder.close()
        recorder = subject.append(path)
        if start:
            with pytest.raises(RunFileError):
                recorder.commit(records[start - 1])
        for record in records[start:stop]:
            recorder.commit(record)
    recorder.close()
    reader = subject.read(path)
    for record in records:
        assert same_record(reader.record(record.tick), record) and same_frame(reader.frame(record.tick), record.frame)
    assert records[130].snapshot is not None
    assert same_snapshot(reader.snapshot_before(139), records[130].snapshot)
    reader.close()


def there_is_one_writer(subject: Subject, folder: Path) -> None:
    """While a run is written nobody else can; the error names the file; afterwards one can."""
    path = folder / "a.sociarium"
    recorder = subject.create(path)
    first, second, third = list(samples(3))
    recorder.commit(first)
    for begin in (subject.append, subject.create):
        with pytest.raises(RunFileError, match=r"a\.sociarium"):
            begin(path)
    recorder.commit(second)
    recorder.close()
    with pytest.raises(RunFileError, match=r"a\.sociarium"):
        subject.create(path)
    again = subject.append(path)
    again.commit(third)
    again.close()


def a_closed_run_is_one_file(subject: Subject, folder: Path) -> None:
    """Nothing lies beside it, no thread is left; closing twice does no harm; a closed recorder takes no tick."""
    threads = threading.active_count()
    recorder = subject.create(folder / "a.sociarium")
    first, second = list(samples(2))
    recorder.commit(first)
    recorder.close()
    recorder.close()
    assert [entry.name for entry in folder.iterdir()] == ["a.sociarium"]
    assert threading.active_count() == threads
    with pytest.raises(RunFileError):
        recorder.commit(second)
    assert [entry.name for entry in folder.iterdir()] == ["a.sociarium"]


CHECKS: tuple[Callable[[Subject, Path], None], ...] = (
    a_run_reads_back_as_it_was_committed,
    frames_read_back_at_any_tick,
    snapshots_read_back_from_any_tick,
    a_run_may_begin_at_any_tick,
    ticks_come_without_gaps,
    a_record_that_does_not_fit_is_refused_whole,
    arrays_may_be_used_again_after_commit,
    read_only_and_strided_arrays_are_taken,
    a_tick_is_there_as_soon_as_it_is_committed,
    store_rows_come_with_the_tick,
    thoughts_come_with_the_tick,
    a_run_goes_on_where_it_stopped,
    there_is_one_writer,
    a_closed_run_is_one_file,
)
