"""A run's events are found through its index exactly as by reading all of them, and its tallies add up."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from engine.errors import RunFileError
from engine.record.index import CHUNK
from engine.record.reader import RunReader
from engine.record.writer import RunWriter
from engine.values import Events, Outcome, TickRecord
from tests.record_samples import ANY_SPACE, HEADER, samples, written

TICKS, FIRST = 150, 40
PARTNER = 1  # the value of `traded` that is a person


def found_by_reading(
    records: list[TickRecord], agent: int | None, kinds: tuple[str, ...] | None, first: int, last: int
) -> list[tuple[int, list[int]]]:
    """Return (tick, agents of the events) by looking at every event."""
    names = [entry.name for entry in HEADER.events]
    found = []
    for record in records:
        events = record.events
        rows = [
            row
            for row in range(events.size)
            if (kinds is None or names[events.kind[row]] in kinds)
            and (
                agent is None
                or events.agent[row] == agent
                or (names[events.kind[row]] == "traded" and events.values[row, PARTNER] == agent)
            )
        ]
        if rows and first <= record.tick <= last:
            found.append((record.tick, [int(events.agent[row]) for row in rows]))
    return found


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[TickRecord]]:
    path = tmp_path_factory.mktemp("run") / "a.sociarium"
    return path, written(path, TICKS, first=FIRST)


@pytest.mark.parametrize("kinds", [None, ("ate",), ("joined", "traded"), ()])
@pytest.mark.parametrize("agent", [None, 0, 7, 23, 26, 40, 5000, -1])
@pytest.mark.parametrize("span", [(0, 10**9), (64, 127), (100, 103)])
def test_by_person_and_kind(
    agent: int | None, kinds: tuple[str, ...] | None, span: tuple[int, int], run: tuple[Path, list[TickRecord]]
) -> None:
    path, records = run
    with RunReader(path) as reader:
        found = [(tick, events.agent.tolist()) for tick, events in reader.events(agent, kinds, *span)]
        backwards = reader.events(agent, kinds, *span, newest_first=True)
        newest = [(tick, events.agent.tolist()) for tick, events in backwards]
    assert found == (found_by_reading(records, agent, kinds, *span) if agent != -1 else [])
    assert newest == found[::-1]


def test_an_unknown_kind_is_an_error(run: tuple[Path, list[TickRecord]]) -> None:
    with RunReader(run[0]) as reader, pytest.raises(RunFileError, match="no kind of event danced; known: ate"):
        list(reader.events(kinds=("danced",)))


def test_people_far_apart_in_the_index(tmp_path: Path) -> None:
    records = []
    far = (0, CHUNK - 1, CHUNK, 5 * CHUNK + 3)
    for record in samples(70):
        who = far[record.tick % 4]
        events = Events(np.ones(1, np.int16), np.array([who], np.int32), np.zeros((1, 4), np.int32))
        size = np.zeros(0, np.uint8)
        calm = record.decisions.take(np.zeros(record.decisions.size, np.bool_))
        records.append(
            TickRecord(
                record.tick, (), record.asked, record.cause, calm, size, size, events, record.frame, {}, b"0" * 16, None
            )
        )
    with RunWriter.create(tmp_path / "a.sociarium", HEADER, ANY_SPACE) as writer:
        for record in records:
            writer.commit(record)
    with RunReader(tmp_path / "a.sociarium") as reader:
        for k, who in enumerate(far):
            assert [tick for tick, _ in reader.events(agent=who)] == list(range(k, 70, 4))
        assert not list(reader.events(agent=3 * CHUNK))


def test_tallies_add_up(run: tuple[Path, list[TickRecord]]) -> None:
    path, records = run
    with RunReader(path) as reader:
        tally = reader.tally()
    kinds = Counter(HEADER.events[kind].name for record in records for kind in record.events.kind.tolist())
    ended = Counter(
        (HEADER.actions[action], Outcome(outcome).name.lower())
        for record in records
        for action, outcome in zip(record.decisions.action.tolist(), record.outcome.tolist(), strict=True)
    )
    assert tally.ticks == TICKS
    assert tally.asked == sum(record.asked.size for record in records)
    assert tally.decided == sum(record.decisions.size for record in records)
    assert dict(tally.events) == dict(kinds)
    assert {(action, how): n for action, ways in tally.decisions.items() for how, n in ways.items()} == dict(ended)
    assert sum(tally.sources.values()) == tally.decided and tally.sources["person"] > 0
