"""The wire format: a JSON head, and numpy columns behind it as raw bytes. docs/wire.md is its page.

A message is: length of the head (uint32, little endian), the head (UTF-8 JSON), then each column's bytes in the order
of the head's `columns`, a list of [name, dtype, shape]. Nothing in it is trusted: `unpack` checks and bounds all of it.
Imports nothing heavy: the window reads it before an engine is compiled.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.errors import RemoteError

VERSION = 1
PREFIX = f"/v{VERSION}"
MOST_BYTES = 256 * 2**20
"""No message is longer."""
MOST_COMMAND_BYTES = 64 * 1024
"""No message from a view is longer."""
DTYPES = ("bool", "uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float32", "float64")

Columns = Mapping[str, NDArray[Any]]

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Message:
    """A head, which is a JSON object, and columns."""

    head: Mapping[str, Any]
    columns: Columns = field(default_factory=dict)


class Packed(NamedTuple):
    """Columns as they go over the wire: their list (JSON), and their bytes."""

    listed: str
    body: bytes


def pack_columns(columns: Columns) -> Packed:
    """Return columns as bytes: copied, so that the arrays may change afterwards."""
    layout = tuple((name, array.dtype, array.shape) for name, array in columns.items())
    return Packed(_listed(layout), b"".join([array.tobytes() for array in columns.values()]))


@lru_cache(maxsize=64)
def _listed(layout: tuple[tuple[str, np.dtype[Any], tuple[int, ...]], ...]) -> str:
    return _ENCODER.encode([(name, dtype.name, shape) for name, dtype, shape in layout])


def pack(message: Message) -> bytes:
    """Return a message as bytes. Columns are copied, so the arrays may change afterwards."""
    return pack_head(message.head, pack_columns(message.columns))


def pack_head(head: Mapping[str, Any], packed: Packed) -> bytes:
    """Return the message of a head and columns that are packed already, so that many may get the same."""
    said = _ENCODER.encode({**head, "columns": None}).removesuffix("null}")
    text = f"{said}{packed.listed}}}".encode()
    return b"".join((len(text).to_bytes(4, "little"), text, packed.body))


def unpack(data: bytes) -> Message:
    """Return the message that bytes hold; columns are read-only. Raises RemoteError where they hold none."""
    if not 4 <= len(data) <= MOST_BYTES:
        raise RemoteError(f"a message of {len(data)} bytes is none; is it Sociarium that answers there?")
    size = int.from_bytes(data[:4], "little")
    try:
        head = json.loads(data[4 : 4 + size])
        listed = head.pop("columns")
        at, columns = 4 + size, {}
        for name, dtype, shape in listed:
            if not isinstance(name, str) or dtype not in DTYPES or not all(type(n) is int and n >= 0 for n in shape):
                raise ValueError(name)
            count = math.prod(shape)
            length = count * np.dtype(dtype).itemsize
            if at + length > len(data):
                raise ValueError(name)
            columns[name] = np.frombuffer(data, dtype, count, at).reshape(shape)
            at += length
        if at != len(data):
            raise ValueError("length")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise RemoteError("a message is damaged; is it Sociarium, of this version, that answers there?") from error
    return Message(head, columns)


@dataclass(frozen=True, slots=True)
class PlaceEntry:
    """A place of the map."""

    name: str
    kind: str
    cell: int
    radius: int
    capacity: int
    heading: int


@dataclass(frozen=True, slots=True)
class RoleEntry:
    """A role with its colour ("#rrggbb")."""

    name: str
    colour: str
    description: str


@dataclass(frozen=True, slots=True)
class ColumnEntry:
    """A column of people: `frame` tells whether every frame carries it; `words` what its numbers read, if they do.

    Where a row holds several numbers (a `shape`), `words` names them, in their order; none where they have no names.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    unit: str
    about: str
    frame: bool
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EventEntry:
    """A kind of event by its number's place in the list, and whose it is."""

    name: str
    owner: str
    text: str
    about: str


@dataclass(frozen=True, slots=True)
class MeasureEntry:
    """A measure: a number, a list with `labels`, or (list without labels) a distribution."""

    name: str
    unit: str
    about: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class About:
    """What does not change while a society is open.

    Times are in simulated seconds (`tick`), ticks (`day`) and minutes of the day (`start`). The land is the columns of
    the message around it: kind uint8[cells] (indexes `kinds`), elevation int16[cells] in decimetres, bridge
    bool[cells]; cell = row * width + column, rows growing to the north, `pitch` metres apart. They are pointy-top
    hexes, odd rows shifted right by half a hex, or, where `space` is "plane", squares, and buildings, doors, walls and
    trees come as columns too (docs/wire.md).
    `live` tells whether it can go on, be driven and be paused; a recorded run cannot.
    """

    name: str
    title: str
    description: str
    run: str
    program: str
    seed: int
    scenario: str
    tick: int
    day: int
    start: int
    ticks: int
    mode: str
    rate: float
    space: str
    width: int
    height: int
    edges: str
    substeps: int
    live: bool
    first: int
    parent: tuple[str, int] | None
    changes: tuple[str, ...]
    kinds: tuple[str, ...]
    roles: tuple[RoleEntry, ...]
    actions: tuple[str, ...]
    appeals: tuple[str, ...]
    minds: tuple[str, ...]
    places: tuple[PlaceEntry, ...]
    columns: tuple[ColumnEntry, ...]
    events: tuple[EventEntry, ...]
    measures: tuple[MeasureEntry, ...]
    pitch: float = 10.0

    def moment(self, tick: int) -> tuple[int, int]:
        """Return (day, minute of the day) of a tick; the first day is 1."""
        minutes = self.start + tick * 1440 // self.day
        return 1 + minutes // 1440, minutes % 1440

    def to_head(self) -> dict[str, Any]:
        """Return it as a JSON object. `columns` would be the message's own, so they go as `columns_of_people`."""
        head = asdict(self)
        head["columns_of_people"] = head.pop("columns")
        return head

    @staticmethod
    def from_head(head: Mapping[str, Any]) -> About:
        """Return what a JSON object holds. Raises RemoteError where it is none."""
        try:
            parent = head["parent"]
            return About(
                **{
                    **{entry.name: head[entry.name] for entry in fields(About) if entry.name != "columns"},
                    "parent": None if parent is None else (str(parent[0]), int(parent[1])),
                    **{name: tuple(head[name]) for name in ("changes", "kinds", "actions", "appeals", "minds")},
                    "roles": _entries(RoleEntry, head["roles"]),
                    "places": _entries(PlaceEntry, head["places"]),
                    "columns": _entries(ColumnEntry, head["columns_of_people"]),
                    "events": _entries(EventEntry, head["events"]),
                    "measures": _entries(MeasureEntry, head["measures"]),
                }
            )
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise RemoteError(
                f"the host says nothing usable of itself ({error!r}); use the same version there"
            ) from error


@dataclass(frozen=True, slots=True)
class Status:
    """How it goes: `state` is "preparing", "running", "paused", "ended" (its last tick is done), "waiting" (for disk),
    "stopped" (a tick failed; `note` says how).

    Rates are of the last two seconds; `speed` is the wish in ticks a second, 0 for as fast as it goes. `waiting` counts
    people whose mind has not answered; `disk` is the run file's size, `free` what is left, in bytes. `note` is one
    sentence on what is going on or went wrong, or "".
    """

    state: str
    tick: int
    last: int
    people: int
    ticks_per_s: float
    decisions_per_s: float
    waiting: int
    fallbacks: int
    disk: int
    free: int
    speed: float
    note: str = ""

    @staticmethod
    def from_head(head: Mapping[str, Any]) -> Status:
        """Return what a JSON object holds. Raises RemoteError where it is none."""
        try:
            return Status(**head)
        except TypeError as error:
            raise RemoteError(f"the host's status is not one ({error}); use the same version there") from error


Entry = TypeVar("Entry")


def _entries(kind: type[Entry], rows: list[Mapping[str, Any]]) -> tuple[Entry, ...]:
    made = [
        kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in row.items()})
        for row in rows
    ]
    return tuple(made)
