"""Each broken recorder fails the checks of the contract that are about its fault."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.errors import RunFileError
from engine.ports import Recorder, Store
from engine.record.lock import side_file
from engine.record.reader import RunReader
from engine.record.rows import store_rows
from engine.record.space import Waiting
from engine.record.writer import RunWriter
from engine.values import Events, Thought, TickRecord
from tests.contract.recorder_contract import CHECKS, Subject
from tests.record_samples import ANY_SPACE, HEADER

IMPATIENT = Waiting(sleep=lambda seconds: None)


class Wrapped:
    """A recorder that hands everything on."""

    def __init__(self, inner: RunWriter) -> None:
        self.inner = inner

    def commit(self, record: TickRecord) -> None:
        self.inner.commit(record)

    def note(self, thoughts: Sequence[Thought]) -> None:
        self.inner.note(thoughts)

    def store(self, owner: str) -> Store:
        return self.inner.store(owner)

    def close(self) -> None:
        self.inner.close()


class ForgetsReasons(Wrapped):
    """Writes no reasons."""

    def commit(self, record: TickRecord) -> None:
        self.inner.commit(replace(record, reason=np.zeros_like(record.reason)))


class SortsEvents(Wrapped):
    """Writes events by agent instead of in their order."""

    def commit(self, record: TickRecord) -> None:
        order = np.argsort(record.events.agent, kind="stable")
        kind, agent, values = record.events.kind[order], record.events.agent[order], record.events.values[order]
        self.inner.commit(replace(record, events=Events(kind, agent, values)))


class OneTickLate(Wrapped):
    """Keeps each record until the next comes, to write in larger pieces."""

    kept: TickRecord | None = None

    def commit(self, record: TickRecord) -> None:
        if self.kept is not None:
            self.inner.commit(self.kept)
        self.kept = record

    def close(self) -> None:
        if self.kept is not None:
            self.inner.commit(self.kept)
        self.kept = None
        self.inner.close()


class FillsGaps(Wrapped):
    """Takes a tick that was left out for the one before, and one that comes twice for nothing."""

    def commit(self, record: TickRecord) -> None:
        last = self.inner.last_tick
        if last is not None and record.tick > last + 1:
            for tick in range(last + 1, record.tick):
                self.inner.commit(replace(record, tick=tick, snapshot=None))
        if last is None or record.tick > last:
            self.inner.commit(record)


class DrawsTheLastFrame(Wrapped):
    """Writes the frame of the tick before while people move."""

    last: TickRecord | None = None

    def commit(self, record: TickRecord) -> None:
        frame = record.frame if self.last is None or record.tick % 3 else self.last.frame
        self.inner.commit(replace(record, frame=frame))
        self.last = record


class WritesRowsAtOnce(Wrapped):
    """Does not wait for the tick with the rows of a store."""

    def store(self, owner: str) -> Store:
        kept, writer = self.inner.store(owner), self.inner

        class AtOnce:
            def put(self, key: str, value: bytes) -> None:
                kept.put(key, value)
                writer._write(store_rows(owner, {key: value}))

            def get(self, key: str) -> bytes | None:
                return kept.get(key)

            def keys(self) -> list[str]:
                return list(kept.keys())

        return AtOnce()


class LosesRows(Wrapped):
    """Lends a new store each time, so that rows never reach the file."""

    def store(self, owner: str) -> Store:
        self.inner._stores.pop(owner, None)
        return self.inner.store(owner)


class KeepsTheLastThoughts(Wrapped):
    """Keeps of the thoughts of a tick those that were noted last."""

    def note(self, thoughts: Sequence[Thought]) -> None:
        self.inner._thoughts = list(thoughts) or self.inner._thoughts


class LeavesOutWhatWasDropped(Wrapped):
    """Notes only those parts of a prompt that were sent."""

    def note(self, thoughts: Sequence[Thought]) -> None:
        self.inner.note([replace(one, parts=tuple(p for p in one.parts if not p.dropped)) for one in thoughts])


class LeavesItsLock(Wrapped):
    """Leaves a file beside the run."""

    def close(self) -> None:
        self.inner.close()
        side_file(self.inner.path).touch()


class SkipsSnapshots(Wrapped):
    """Writes every second snapshot."""

    def commit(self, record: TickRecord) -> None:
        self.inner.commit(record if record.tick % 20 == 0 else replace(record, snapshot=None))


class LocksNobodyOut(Wrapped):
    """Lets go of its lock as soon as it has it."""

    def __init__(self, inner: RunWriter) -> None:
        super().__init__(inner)
        inner._lock.release()
        inner._lock = type("NoLock", (), {"release": lambda self: None})()  # nothing is held any more


BROKEN: dict[type[Wrapped], str] = {
    ForgetsReasons: "a_run_reads_back_as_it_was_committed",
    SortsEvents: "a_run_reads_back_as_it_was_committed",
    OneTickLate: "arrays_may_be_used_again_after_commit",
    FillsGaps: "ticks_come_without_gaps",
    DrawsTheLastFrame: "frames_read_back_at_any_tick",
    WritesRowsAtOnce: "store_rows_come_with_the_tick",
    LosesRows: "store_rows_come_with_the_tick",
    KeepsTheLastThoughts: "thoughts_come_with_the_tick",
    LeavesOutWhatWasDropped: "thoughts_come_with_the_tick",
    LeavesItsLock: "a_closed_run_is_one_file",
    SkipsSnapshots: "snapshots_read_back_from_any_tick",
    LocksNobodyOut: "there_is_one_writer",
}


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.__name__)
def test_the_contract_catches(broken: type[Wrapped], tmp_path: Path) -> None:
    made: list[RunWriter] = []

    def wrap(writer: RunWriter) -> Recorder:
        made.append(writer)
        return broken(writer)

    subject = Subject(
        broken.__name__,
        create=lambda path: wrap(RunWriter.create(path, HEADER, ANY_SPACE, IMPATIENT)),
        append=lambda path: wrap(RunWriter.append(path, ANY_SPACE, IMPATIENT)),
        read=RunReader,
    )
    check: Callable[[Subject, Path], None] = {check.__name__: check for check in CHECKS}[BROKEN[broken]]
    try:
        with pytest.raises((AssertionError, pytest.fail.Exception)):
            check(subject, tmp_path)
    finally:
        for writer in made:
            with suppress(RunFileError):
                writer.close()
