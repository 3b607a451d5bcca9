"""How a mind's snapshot is laid out in bytes: named parts with their lengths and a checksum. No pickle, all bounded.

    b"SMND" | version uint8 | kind | parts uint16 | part* | CRC-32 of all before, uint32
    kind: length uint8, UTF-8          part: name as kind, length uint64, bytes

All numbers are little-endian.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping

import numpy as np

from engine.errors import MindError
from engine.values import ARGUMENTS, Bytes, Decisions, Int32s

_MAGIC = b"SMND\x01"
_MOST_PARTS = 1024
_ROW = np.dtype(
    [("agent", "<i4"), ("action", "<i2"), ("args", "<i4", (ARGUMENTS,)), ("asked_at", "<i4"), ("source", "u1")]
)
MEND = "use a snapshot that this mind made, from a run file that `sociarium verify` passes"


def pack(kind: str, parts: Mapping[str, bytes]) -> bytes:
    """Return the parts of a mind of this kind as one block of bytes."""
    pieces = [_MAGIC, _name(kind), struct.pack("<H", len(parts))]
    for name, data in parts.items():
        pieces += [_name(name), struct.pack("<Q", len(data)), data]
    body = b"".join(pieces)
    return body + struct.pack("<I", zlib.crc32(body))


def unpack(kind: str, data: bytes) -> dict[str, bytes]:
    """Return the parts of a block. Raises MindError when it is damaged, foreign, or another kind's."""
    body, check = data[:-4], data[-4:]
    if not body.startswith(_MAGIC) or struct.pack("<I", zlib.crc32(body)) != check:
        raise MindError(f"the snapshot of the {kind} mind is damaged or foreign ({len(data)} bytes); {MEND}")
    try:
        at = len(_MAGIC)
        found, at = _read_name(body, at)
        if found != kind:
            raise MindError(f"the snapshot is of a {found} mind, this one is {kind}; {MEND}")
        (count,) = struct.unpack_from("<H", body, at)
        at += 2
        parts: dict[str, bytes] = {}
        for _ in range(min(count, _MOST_PARTS)):
            name, at = _read_name(body, at)
            (length,) = struct.unpack_from("<Q", body, at)
            at += 8
            if at + length > len(body):
                raise ValueError("a part is longer than the block")
            parts[name] = body[at : at + length]
            at += length
        if at != len(body) or len(parts) != count:
            raise ValueError("the block does not end where its parts do")
    except (struct.error, ValueError) as error:
        raise MindError(f"the snapshot of the {kind} mind cannot be read ({error}); {MEND}") from error
    return parts


def part(kind: str, parts: Mapping[str, bytes], name: str) -> bytes:
    """Return a part. Raises MindError when there is none of this name."""
    if name not in parts:
        raise MindError(f"the snapshot of the {kind} mind lacks its part {name!r}; {MEND}")
    return parts[name]


def pack_decisions(decisions: Decisions) -> bytes:
    """Return decisions as packed rows."""
    rows = np.empty(decisions.size, _ROW)
    rows["agent"], rows["action"], rows["args"] = decisions.agent, decisions.action, decisions.args
    rows["asked_at"], rows["source"] = decisions.asked_at, decisions.source
    return rows.tobytes()


def unpack_decisions(kind: str, data: bytes) -> Decisions:
    """Return decisions from packed rows. Raises MindError when the length does not fit."""
    if len(data) % _ROW.itemsize:
        raise MindError(f"the decisions in the snapshot of the {kind} mind are cut off; {MEND}")
    rows = np.frombuffer(data, _ROW)
    return Decisions(
        rows["agent"].astype(np.int32),
        rows["action"].astype(np.int16),
        rows["args"].astype(np.int32),
        rows["asked_at"].astype(np.int32),
        rows["source"].astype(np.uint8),
    )


def pack_ints(values: Int32s | Bytes) -> bytes:
    """Return whole numbers as little-endian int32."""
    return values.astype("<i4").tobytes()


def unpack_ints(kind: str, data: bytes) -> Int32s:
    """Return int32 from packed whole numbers. Raises MindError when the length does not fit."""
    if len(data) % 4:
        raise MindError(f"the numbers in the snapshot of the {kind} mind are cut off; {MEND}")
    return np.frombuffer(data, "<i4").astype(np.int32)


def pack_counts(counts: Mapping[str, int]) -> bytes:
    """Return counts by name as JSON."""
    return json.dumps(dict(counts), sort_keys=True).encode()


def unpack_counts(kind: str, data: bytes) -> dict[str, int]:
    """Return counts by name. Raises MindError when it is not JSON of names and whole numbers."""
    try:
        counts = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise MindError(f"the counts in the snapshot of the {kind} mind cannot be read; {MEND}") from error
    if not isinstance(counts, dict) or not all(type(value) is int for value in counts.values()):
        raise MindError(f"the counts in the snapshot of the {kind} mind are not numbers; {MEND}")
    return counts


def _name(name: str) -> bytes:
    data = name.encode()
    return struct.pack("<B", len(data)) + data


def _read_name(body: bytes, at: int) -> tuple[str, int]:
    (length,) = struct.unpack_from("<B", body, at)
    if at + 1 + length > len(body):
        raise ValueError("a name is longer than the block")
    return body[at + 1 : at + 1 + length].decode(), at + 1 + length
