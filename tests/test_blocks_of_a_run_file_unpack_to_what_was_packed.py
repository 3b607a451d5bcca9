"""Columns, ticks, frames and snapshots come back exactly; blocks that are none are refused, whatever their bytes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.errors import RunFileError
from engine.record.columns import FramePacker, FrameUnpacker, SnapshotPacker, SnapshotUnpacker
from engine.record.header import DTYPES, FrameColumn, RunHeader
from engine.record.index import Index, unpack_mentions
from engine.record.opening import FAULTS
from engine.record.packing import ROOM, put_column, take_column
from engine.record.squeeze import Squeezer, Unsqueezer
from engine.record.ticks import BodyPacker, unpack_body
from engine.values import Decisions, Events, Snapshot, TickRecord
from tests.record_samples import HEADER, same, same_frame, same_record, same_snapshot, samples

EASY = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))

edges = st.sampled_from([0, 1, -1, 127, 128, -128, 255, 256, 2**15, -(2**15), 2**31 - 1, -(2**31), 2**63 - 1, -(2**63)])
whole = st.one_of(edges, st.integers(-3, 3), st.integers(-(2**63), 2**63 - 1))


@st.composite
def columns(draw: st.DrawFn) -> NDArray[np.int64]:
    """Draw a column as they are: free, mostly zero, ascending, or constant."""
    size = draw(st.integers(0, 700))
    kind = draw(st.sampled_from(["free", "sparse", "ascending", "constant"]))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    if kind == "constant":
        return np.full(size, draw(whole), np.int64)
    if kind == "ascending":
        return np.cumsum(random.integers(0, draw(st.integers(1, 9)), size)).astype(np.int64)
    few = np.array(draw(st.lists(whole, min_size=1, max_size=30)), np.int64)
    values = random.choice(few, size) if size else np.zeros(0, np.int64)
    return values * (random.random(size) < draw(st.floats(0, 0.3))) if kind == "sparse" else values


@EASY
@given(columns())
def test_a_column(values: NDArray[np.int64]) -> None:
    out = np.zeros(ROOM + 9 * values.size, np.uint8)
    end = put_column(values.copy(), values.size, out, 0)
    back = np.zeros(values.size, np.int64)
    assert take_column(out[:end], 0, values.size, back) == end
    assert np.array_equal(back, values)
    if values.size and end > 1:
        assert take_column(out[: end - 1], 0, values.size, back) != end


@EASY
@given(st.binary(max_size=300), st.integers(0, 400))
def test_bytes_that_are_no_column(data: bytes, count: int) -> None:
    back = np.zeros(count, np.int64)
    assert -1 <= take_column(np.frombuffer(data, np.uint8), 0, count, back) <= len(data)


@st.composite
def ticks(draw: st.DrawFn) -> TickRecord:
    """Draw a tick in which decisions stand in any order, with any values, for anyone."""
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    tick = draw(st.integers(0, 2**31 - 1))
    asked = np.flatnonzero(random.random(draw(st.integers(0, 60))) < draw(st.floats(0, 1))).astype(np.int32)
    if draw(st.booleans()):
        asked = random.permutation(asked).astype(np.int32)
    who = asked if draw(st.booleans()) else random.integers(-3, 80, draw(st.integers(0, 60))).astype(np.int32)
    if draw(st.booleans()):
        who = np.concatenate([random.integers(0, 80, draw(st.integers(0, 5))).astype(np.int32), who])
    calm, size = draw(st.sampled_from([0.0, 0.5, 1.0])), who.size
    busy = random.random(size) >= calm
    wide = np.iinfo(np.int32)
    decisions = Decisions(
        who,
        (random.integers(-(2**15), 2**15, size) * busy).astype(np.int16),
        (random.integers(wide.min, wide.max, (size, 4)) * busy[:, None]).astype(np.int32),
        np.where(busy & (random.random(size) < 0.3), random.integers(wide.min, wide.max, size), tick).astype(np.int32),
        (random.integers(0, 6, size) * busy).astype(np.uint8),
    )
    some = random.random(size) < 0.2
    happened = draw(st.integers(0, 60))
    events = Events(
        random.integers(-5, 300, happened).astype(np.int16),
        random.integers(wide.min, wide.max, happened).astype(np.int32),
        random.integers(wide.min, wide.max, (happened, 4)).astype(np.int32),
    )
    cause = random.integers(0, 256, asked.size).astype(np.uint8)
    outcome, reason = (random.integers(0, 256, size) * some).astype(np.uint8), some.astype(np.uint8)
    return TickRecord(tick, (), asked, cause, decisions, outcome, reason, events, {}, {}, b"", None)


@EASY
@given(ticks())
def test_a_tick(record: TickRecord) -> None:
    _, packed = BodyPacker().pack(record)
    body = unpack_body(packed.tobytes(), record.tick)
    back = TickRecord(
        record.tick,
        (),
        body.asked,
        body.cause,
        body.decisions,
        body.outcome,
        body.reason,
        body.events,
        {},
        {},
        b"",
        None,
    )
    assert same_record(back, record)


def test_those_who_carry_on_take_no_room() -> None:
    people = np.arange(500, dtype=np.int32)
    none = Decisions.none()
    calm = Decisions.of(people, np.zeros(500, np.int16), np.zeros((500, 4), np.int32), 9)
    events = Events(none.action, none.agent, none.args)
    flat = np.zeros(500, np.uint8)
    record = TickRecord(9, (), people, flat + np.uint8(3), calm, flat, flat, events, {}, {}, b"", None)
    assert len(BodyPacker().pack(record)[1]) < 60


@st.composite
def frames(draw: st.DrawFn) -> tuple[tuple[FrameColumn, ...], list[dict[str, NDArray[Any]]]]:
    """Draw columns of every dtype and shape, and some frames of them with rows that come and go."""
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    described = []
    for number in range(draw(st.integers(0, 5))):
        dtype = draw(st.sampled_from(DTYPES))
        shift = 0 if dtype == "bool" else draw(st.integers(0, 8 * np.dtype(dtype).itemsize - 1))
        shape = draw(st.sampled_from([(), (1,), (3,), (2, 5), (11,)]))
        described.append(FrameColumn(f"m.{number}", dtype, shape, shift, draw(st.sampled_from(["agent", "cell"]))))
    made: list[dict[str, NDArray[Any]]] = []
    for _ in range(draw(st.integers(1, 6))):
        rows = draw(st.integers(0, 40)) if not made or draw(st.booleans()) else -1
        frame = {}
        for column in described:
            shape = (len(made[-1][column.name]) if rows < 0 else rows, *column.shape)
            fresh = np.frombuffer(random.bytes(int(np.prod(shape)) * np.dtype(column.dtype).itemsize), np.uint8)
            values = fresh % 2 == 1 if column.dtype == "bool" else fresh.view(column.dtype)
            frame[column.name] = values.reshape(shape)
            if rows < 0:
                stays = random.random(shape) < draw(st.floats(0, 1))
                frame[column.name] = np.where(stays, made[-1][column.name], frame[column.name])
        made.append(frame)
    return tuple(described), made


@EASY
@given(frames(), st.integers(1, 4))
def test_frames(drawn: tuple[tuple[FrameColumn, ...], list[dict[str, NDArray[Any]]]], keyframe_every: int) -> None:
    described, made = drawn
    header = RunHeader("r", "n", "", 0, "", "", "hex", frame=described)
    packer, unpacker = FramePacker(described, keyframe_every), FrameUnpacker(described)
    for frame in made:
        since, packed = packer.pack(frame)
        assert 0 <= since < keyframe_every
        unpacker.take(packed.tobytes(), since == 0)
        assert same_frame(unpacker.frame(), frame, header)


@EASY
@given(frames(), st.integers(1, 4), st.dictionaries(st.text(max_size=9), st.binary(max_size=99), max_size=3))
def test_snapshots(
    drawn: tuple[tuple[FrameColumn, ...], list[dict[str, NDArray[Any]]]], chain: int, parts: dict[str, bytes]
) -> None:
    packer, unpacker = SnapshotPacker(chain), SnapshotUnpacker()
    for tick, frame in enumerate(drawn[1]):
        snapshot = Snapshot(tick, 7, frame, parts)
        base, block = packer.pack(snapshot)
        assert base is None or base == tick - 1
        unpacker.take(block, base is None)
        assert same_snapshot(unpacker.snapshot(tick), snapshot)


def refuses(kind: str, block: bytes) -> bool:
    """Whether a block of a kind is refused as damage; else it was read, within bounds."""
    try:
        if kind == "body":
            unpack_body(block, 3)
        elif kind == "frame":
            unpacker = FrameUnpacker(HEADER.frame)
            unpacker.take(block, True)
            unpacker.frame()
        elif kind == "snapshot":
            taker = SnapshotUnpacker()
            taker.take(block, True)
            taker.snapshot(1)
        elif kind == "tally":
            Index(HEADER).unpack_tally(block)
        elif kind == "mentions":
            unpack_mentions(block)
        elif kind == "header":
            RunHeader.from_json(block.decode())
        else:
            Unsqueezer().unsqueeze(block, 1 << 20)
    except (RunFileError, *FAULTS):
        return True
    return False


def good_blocks() -> dict[str, bytes]:
    """Return a block of each kind."""
    first, record = samples(2)
    assert first.snapshot is not None
    index = Index(HEADER)
    raw, body = BodyPacker().pack(record)
    index.note(raw, (record.asked.size, record.decisions.size, record.events.size), 24, 0)
    return {
        "body": body.tobytes(),
        "frame": FramePacker(HEADER.frame, 8).pack(record.frame)[1].tobytes(),
        "snapshot": SnapshotPacker(2).pack(first.snapshot)[1],
        "tally": index.pack_tally().tobytes(),
        "mentions": next(index.pack_mentions())[1].tobytes(),
        "header": HEADER.to_json().encode(),
        "squeezed": Squeezer(1).squeeze(bytes(500) + b"some words and some more words"),
    }


@pytest.mark.parametrize("kind", good_blocks())
def test_mutated_blocks_are_read_or_refused_within_bounds(kind: str) -> None:
    block = good_blocks()[kind]
    assert not refuses(kind, block)
    draw = np.random.default_rng(5)
    refused = 0
    for _ in range(400):
        data = bytearray(block)
        for at in draw.integers(0, len(data), int(draw.integers(1, 4))):
            data[at] = int(draw.integers(0, 256))
        cut = int(draw.integers(0, len(data))) if draw.random() < 0.2 else len(data)
        refused += refuses(kind, bytes(data[:cut]))
    assert refused > 20


def test_a_block_that_says_it_is_huge_is_refused() -> None:
    bomb = Squeezer(1).squeeze(bytes(1 << 22))
    assert len(bomb) < 1000
    with pytest.raises(RunFileError, match="more than"):
        Unsqueezer().unsqueeze(bomb, 1 << 20)


def test_the_header_reads_back() -> None:
    assert RunHeader.from_json(HEADER.to_json()) == HEADER
    assert same(np.array([1]), np.array([1])) and not same(np.array([1]), np.array([1], np.int8))
