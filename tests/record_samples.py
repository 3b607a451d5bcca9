"""A small made-up run with all that a run file can hold: growth, deaths, commands, late answers, empty ticks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.record.header import EventEntry, FrameColumn, RunHeader
from engine.record.reader import RunReader
from engine.record.rows import RunSettings
from engine.record.space import Waiting
from engine.record.writer import RunWriter
from engine.values import (
    Command,
    Decisions,
    Events,
    Snapshot,
    Source,
    Thought,
    ThoughtChoice,
    ThoughtPart,
    TickRecord,
)

ANY_SPACE = RunSettings(keyframe_every=8, min_free_bytes=0, snapshot_chain=3)
"""Settings that write every kind of row early and take any disk."""

HEADER = RunHeader(
    run="4f0c",
    name="sample",
    scenario="name: sample\n",
    seed=7,
    program="0.1.0",
    created="2026-01-01T00:00:00",
    space="hex",
    rules={"rules": "1"},
    actions=("continue", "go", "trade", "talk"),
    reasons=("", "nobody is there", "too poor"),
    appeals=("food",),
    minds=("reflex",),
    events=(
        EventEntry("joined", "people", "{agent} joined"),
        EventEntry("ate", "goods", "{agent} ate {good}", (("good", "good"),)),
        EventEntry("traded", "trade", "{agent} sold {good} to {partner}", (("good", "good"), ("partner", "agent"))),
    ),
    frame=(
        FrameColumn("people.alive", "bool"),
        FrameColumn("space.cell", "int32"),
        FrameColumn("drives.energy", "int32", shift=12),
        FrameColumn("people.args", "int16", (3,)),
        FrameColumn("goods.left", "uint16", (), 0, "cell"),
    ),
    words={"good": ("bread", "wood"), "agent": ("Ana", "Bo")},
    parent=("4f0b", 12),
)


def samples(ticks: int, seed: int = 1, first: int = 0, people: int = 24) -> Iterator[TickRecord]:
    """Yield the records of a run; the same for the same arguments."""
    draw = np.random.default_rng(seed)
    cells, energy = draw.integers(0, 900, people), draw.integers(0, 10**6, people)
    alive, left = np.ones(people, np.bool_), np.full(60, 9, np.uint16)
    args = np.zeros((people, 3), np.int16)
    state = {"ties.trust": draw.integers(-5, 5, (people, 16)).astype(np.int16)}
    for tick in range(first, first + ticks):
        if tick % 23 == 22:
            people += 5
            cells, energy = np.append(cells, draw.integers(0, 900, 5)), np.append(energy, np.full(5, 10**6))
            alive = np.append(alive, np.ones(5, np.bool_))
            args = np.append(args, draw.integers(-9, 9, (5, 3)).astype(np.int16), axis=0)
            state["ties.trust"] = np.append(state["ties.trust"], np.zeros((5, 16), np.int16), axis=0)
        if tick % 9 == 5:
            alive[draw.integers(0, people)] = False
        cells = cells + draw.integers(-3, 4, people) * (draw.random(people) < 0.3)
        energy = np.clip(energy - draw.integers(0, 5000, people), 0, None)
        left[draw.integers(0, 60)] -= 1
        state["ties.trust"][draw.integers(0, people), draw.integers(0, 16)] += 1
        frame = {
            "people.alive": alive.copy(),
            "space.cell": cells.astype(np.int32),
            "drives.energy": energy.astype(np.int32),
            "people.args": args.copy(),
            "goods.left": left.copy(),
        }
        yield _record(draw, tick, people, frame, {name: column.copy() for name, column in state.items()})


def _record(
    draw: np.random.Generator, tick: int, people: int, frame: dict[str, np.ndarray], state: dict[str, np.ndarray]
) -> TickRecord:
    asked = np.flatnonzero(frame["people.alive"]).astype(np.int32)
    asked = asked[: 0 if tick % 17 == 16 else asked.size]
    size = asked.size
    moved = draw.random(size) < 0.3
    action = np.where(moved, draw.integers(1, 4, size), 0).astype(np.int16)
    arguments = (draw.integers(-2, 40, (size, 4)) * moved[:, None]).astype(np.int32)
    decisions = Decisions.of(asked, action, arguments, tick)
    if tick % 5 == 3:
        late = draw.permutation(asked)[:3].astype(np.int32)
        said = Decisions.of(late, np.ones(late.size, np.int16), np.ones((late.size, 4), np.int32), tick, Source.PERSON)
        said.asked_at[:] = tick - 2
        decisions = Decisions.join([decisions, said] if tick % 2 else [said, decisions])
    happened = int(draw.integers(0, 30)) if tick % 7 else 0
    events = Events(
        np.sort(draw.integers(0, 3, happened)).astype(np.int16),
        draw.integers(0, people, happened).astype(np.int32),
        draw.integers(-1, people, (happened, 4)).astype(np.int32),
    )
    commands = (Command("set", {"path": "time.tick", "to": [1, 2.5, None, "ü"]}, "person"),) if tick % 11 == 4 else ()
    measures: dict[str, float | list[float]] = {"gini": 0.1 * tick, "spread": [1.5, 2.0]} if tick % 6 == 0 else {}
    snapshot = Snapshot(tick, people, frame | state, {"mind.reflex": bytes([tick % 256]) * 9, "attention": b""})
    return TickRecord(
        tick, commands, asked, np.full(size, 3, np.uint8), decisions,
        draw.integers(0, 4, decisions.size).astype(np.uint8) * (decisions.action > 0),
        draw.integers(0, 3, decisions.size).astype(np.uint8) * (decisions.action > 0), events, frame, measures,
        draw.bytes(16), snapshot if tick % 10 == 0 else None,
    )  # fmt: skip


SHARED = "A village in a river valley.\nTake what serves your wants best.\n"


def thoughts(record: TickRecord) -> list[Thought]:
    """Return what models thought for some of a tick's decisions: all that a thought can hold; in some ticks nothing."""
    if record.tick % 4 == 1:
        return []
    found = []
    for agent in record.asked[record.tick % 3 :: 7].tolist():
        draw = np.random.default_rng([record.tick, agent])
        moment = f"It is {record.tick // 60:02}:{record.tick % 60:02}. You are at Square, beside Ana and 2.5 others.\n"
        choices = tuple(
            ThoughtChoice(int(draw.integers(0, 4)), tuple(draw.integers(-1, 9, 4).tolist()), float(chance))
            for chance in (draw.dirichlet(np.ones(int(draw.integers(1, 9))))).astype(np.float16)
        )
        listed = [
            ThoughtPart(f"- {HEADER.actions[choice.action]} {choice.args[0]}\n", option=k, tokens=9)
            for k, choice in enumerate(choices)
        ]
        parts = (
            ThoughtPart("<|system|>", 0, True, tokens=1),
            ThoughtPart(SHARED, 0, tokens=400),
            ThoughtPart(f"You are number {agent}.\n", 2, tokens=7),
            ThoughtPart("You grew up by the river.", 2, tokens=6, dropped=agent % 2 == 1),
            ThoughtPart(moment, tokens=31),
            *listed,
            ThoughtPart("", 3, True),
        )
        sent = sum(part.tokens for part in parts if not part.dropped)
        says = agent % 3 == 0
        found.append(
            Thought(
                agent, record.tick - agent % 2, record.tick, f"model {agent % 2}", parts, choices, len(choices) - 1,
                f"Grüß dich, it is tick {record.tick}!" if says else "", "You say: " if says else "",
                "I am hungry. So " if says else "", sent, sent // 2, 14, round(float(draw.random() * 99), 1),
            )
        )  # fmt: skip
    if record.tick % 4 == 2 and found:
        nothing = replace(found[0], parts=(), choices=(), chosen=-1, prompt_tokens=0, words="", source=Source(2))
        unsure = tuple(replace(choice, probability=None) for choice in found[0].choices)
        other = replace(found[0], parts=found[0].parts[:5], choices=unsure, source=Source(4), why="it said \ud7ff")
        found += [replace(nothing, agent=900, why="no answer came in 2 seconds"), replace(other, agent=901)]
    return found


def written(path: Path, ticks: int, first: int = 0, settings: RunSettings = ANY_SPACE) -> list[TickRecord]:
    """Write a run of samples and return its records."""
    records = list(samples(ticks, first=first))
    with RunWriter.create(path, HEADER, settings, Waiting()) as writer:
        for record in records:
            writer.store("memory").put(f"row {record.tick % 5}", record.state_hash)
            writer.note(thoughts(record))
            writer.commit(record)
    return records


def shown(array: np.ndarray, shift: int) -> np.ndarray:
    """Return a column as its frame keeps it."""
    kept: np.ndarray = array >> shift << shift if shift else array
    return kept


def same(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two arrays are equal in dtype, shape and values."""
    return one.dtype == other.dtype and one.shape == other.shape and bool(np.array_equal(one, other))


def same_decisions(one: Decisions, other: Decisions) -> bool:
    """Whether two batches are equal."""
    return all(same(getattr(one, name), getattr(other, name)) for name in Decisions.__slots__)


def same_record(one: TickRecord, other: TickRecord) -> bool:
    """Whether two records are equal but for frame and snapshot."""
    columns = ("asked", "cause", "outcome", "reason")
    return (
        one.tick == other.tick
        and one.state_hash == other.state_hash
        and one.commands == other.commands
        and dict(one.measures) == dict(other.measures)
        and all(same(getattr(one, name), getattr(other, name)) for name in columns)
        and same_decisions(one.decisions, other.decisions)
        and all(same(getattr(one.events, name), getattr(other.events, name)) for name in Events.__slots__)
    )


def same_frame(found: Mapping[str, np.ndarray], frame: Mapping[str, np.ndarray], header: RunHeader = HEADER) -> bool:
    """Whether a frame read back is the one that was committed, without the bits that the header's shift drops."""
    shifts = {column.name: column.shift for column in header.frame}
    return list(found) == list(shifts) and all(
        same(found[name], shown(np.asarray(frame[name]), shift)) for name, shift in shifts.items()
    )


def same_snapshot(one: Snapshot, other: Snapshot) -> bool:
    """Whether two snapshots are equal."""
    return (
        (one.tick, one.count, dict(one.parts)) == (other.tick, other.count, dict(other.parts))
        and list(one.columns) == list(other.columns)
        and all(same(one.columns[name], other.columns[name]) for name in one.columns)
    )


def agrees(reader: RunReader, records: list[TickRecord], noted: bool = False) -> None:
    """Assert that everything a run file tells is what was committed, with the thoughts of `thoughts` where `noted`."""
    assert (reader.first_tick, reader.last_tick) == (records[0].tick, records[-1].tick)
    snapshot = None
    frames = reader.frames(records[0].tick, records[-1].tick)
    for record, found, (tick, frame) in zip(
        records, reader.records(records[0].tick, records[-1].tick), frames, strict=True
    ):
        assert same_record(found, record), record.tick
        assert tick == record.tick and same_frame(frame, record.frame), tick
        assert reader.thoughts(tick) == (thoughts(record) if noted else []), tick
        snapshot = record.snapshot or snapshot
        if record.snapshot is not None:
            assert snapshot is not None and same_snapshot(reader.snapshot_before(tick), snapshot), tick
