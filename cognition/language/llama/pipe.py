"""Framed messages between the host and a model child: four letters, a length, then one JSON object in UTF-8.

Both sides take only what fits: a frame that is too long, half, or none is a `PipeError`, and so is JSON that is not an
object. A stream that ends between two frames has simply ended.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from engine.errors import MindError

MOST_BYTES = 64 << 20
_HEAD = struct.Struct("<4sI")
_SIGN = b"SMND"
_LARGEST = 1e300
Value = TypeVar("Value")
Message = dict[str, Any]


class PipeError(MindError):
    """What came through the pipe of a model child is not a message."""


class Source(Protocol):
    """Where bytes come from: may return fewer than asked for, b"" at the end."""

    def read(self, size: int, /) -> bytes | None:
        """Return up to `size` bytes."""
        ...


def packed(message: Message) -> bytes:
    """Return a message as a frame. Raises PipeError when it is too long."""
    body = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    if len(body) > MOST_BYTES:
        raise PipeError(f"a message has {len(body):,} bytes; keep it below {MOST_BYTES:,}")
    return _HEAD.pack(_SIGN, len(body)) + body


def read_frame(source: Source) -> bytes | None:
    """Read one frame's body, None at the end of the stream. Raises PipeError at what is none."""
    head = _exactly(source, _HEAD.size)
    if not head:
        return None
    if len(head) < _HEAD.size:
        raise PipeError("the stream ended in the middle of a message; the other side has died")
    sign, size = _HEAD.unpack(head)
    if sign != _SIGN:
        raise PipeError("what came is not a message; something else writes to the pipe")
    if size > MOST_BYTES:
        raise PipeError(f"a message claims {size:,} bytes; at most {MOST_BYTES:,} are taken")
    body = _exactly(source, size)
    if len(body) < size:
        raise PipeError("the stream ended in the middle of a message; the other side has died")
    return body


def unpacked(body: bytes) -> Message:
    """Return the message of a frame's body. Raises PipeError when it is no JSON object."""
    try:
        found = json.loads(body.decode("utf-8", "surrogatepass"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as problem:
        raise PipeError(f"a message is not JSON ({str(problem)[:80]})") from None
    if not isinstance(found, dict):
        raise PipeError("a message is not a JSON object")
    return found


def whole(value: object, low: int, high: int) -> int:
    """Return an integer within bounds, or raise PipeError."""
    if type(value) is not int or not low <= value <= high:
        raise PipeError(f"{str(value)[:40]!r} stands where a whole number from {low} to {high} must")
    return value


def number(value: object, low: float = -math.inf, high: float = math.inf) -> float:
    """Return a finite number within bounds, or raise PipeError."""
    if (
        not isinstance(value, int | float)
        or isinstance(value, bool)
        or not low <= value <= high
        or abs(value) > _LARGEST
    ):
        raise PipeError(f"{str(value)[:40]!r} stands where a number must")
    return float(value)


def text(value: object, most: int) -> str:
    """Return a text of bounded length, or raise PipeError."""
    if not isinstance(value, str) or len(value) > most:
        raise PipeError(f"something else stands where a text of up to {most:,} characters must")
    return value


def flag(value: object) -> bool:
    """Return true or false, or raise PipeError."""
    if not isinstance(value, bool):
        raise PipeError(f"{str(value)[:40]!r} stands where true or false must")
    return value


def listed(value: object, most: int, least: int = 0) -> Sequence[Any]:
    """Return a list of bounded length, or raise PipeError."""
    if not isinstance(value, list) or not least <= len(value) <= most:
        raise PipeError(f"something else stands where a list of {least} to {most:,} must")
    return value


def each(value: object, most: int, read: Callable[[Any], Value]) -> tuple[Value, ...]:
    """Return a bounded list with each of its entries read, or raise PipeError."""
    return tuple(read(entry) for entry in listed(value, most))


def _exactly(source: Source, size: int) -> bytes:
    """Read so many bytes; fewer only at the end of the stream."""
    found = bytearray()
    while len(found) < size:
        some = source.read(min(size - len(found), 1 << 20))
        if not some:
            break
        found += some
    return bytes(found)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")
