"""What a run file says of itself: the scenario, the seed, and every name that its numbers stand for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import UnionType
from typing import Any

import numpy as np

from engine.errors import RunFileError

DTYPES = ("bool", "uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64")
"""The dtypes that columns of frames and snapshots may have."""


@dataclass(frozen=True, slots=True)
class FrameColumn:
    """A column of the frame: numpy's name of its dtype, `shape` of a row, `shift` low bits dropped, what a row is."""

    name: str
    dtype: str
    shape: tuple[int, ...] = ()
    shift: int = 0
    per: str = "agent"

    def __post_init__(self) -> None:
        if self.dtype not in DTYPES:
            raise RunFileError(f"frame column {self.name} has dtype {self.dtype}; use one of {', '.join(DTYPES)}")
        if not 0 <= self.shift < 8 * np.dtype(self.dtype).itemsize or any(not 0 < size <= 4096 for size in self.shape):
            raise RunFileError(f"frame column {self.name} has shape {self.shape} and shift {self.shift}; make them fit")


@dataclass(frozen=True, slots=True)
class EventEntry:
    """A kind of event by its number's place in the list: fields are (name, kind) of its values, in order."""

    name: str
    owner: str
    text: str
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RunHeader:
    """Everything about a run that does not change from tick to tick. All of it is JSON data.

    `run` is the run's own id; `parent` (run id, tick) where it branched off, `changes` what was set there;
    `rules` module or part -> version; `created` an ISO time; `words` kind of number -> what each
    number reads ("good" -> ["bread", ...]), for exports.
    """

    run: str
    name: str
    scenario: str
    seed: int
    program: str
    created: str
    space: str
    rules: Mapping[str, str] = field(default_factory=dict)
    platform: Mapping[str, str] = field(default_factory=dict)
    actions: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    appeals: tuple[str, ...] = ()
    minds: tuple[str, ...] = ()
    events: tuple[EventEntry, ...] = ()
    frame: tuple[FrameColumn, ...] = ()
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    parent: tuple[str, int] | None = None
    changes: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Return the header as one JSON object."""
        data = {name: getattr(self, name) for name in self.__slots__}
        data["rules"], data["platform"], data["words"] = dict(self.rules), dict(self.platform), dict(self.words)
        data["events"] = [[kind.name, kind.owner, kind.text, kind.fields] for kind in self.events]
        data["frame"] = [[c.name, c.dtype, c.shape, c.shift, c.per] for c in self.frame]
        return json.dumps(data, separators=(",", ":"))

    @staticmethod
    def from_json(text: str) -> RunHeader:
        """Return the header that a JSON object holds. Raises RunFileError where it is not one."""
        data = json.loads(text)
        if not isinstance(data, dict) or not set(data) <= set(RunHeader.__slots__):
            raise RunFileError("the header is not a JSON object of the known names; the file is damaged")
        return RunHeader(
            **{name: _of(data, name, str) for name in ("run", "name", "scenario", "program", "created", "space")},
            seed=_of(data, "seed", int),
            rules=_words(data, "rules"),
            platform=_words(data, "platform"),
            actions=_texts(_of(data, "actions", list), "actions"),
            reasons=_texts(_of(data, "reasons", list), "reasons"),
            appeals=_texts(_of(data, "appeals", list), "appeals"),
            minds=_texts(_of(data, "minds", list), "minds"),
            events=tuple(_event(row) for row in _of(data, "events", list)),
            frame=tuple(_frame_column(row) for row in _of(data, "frame", list)),
            words={kind: _texts(words, "words") for kind, words in _of(data, "words", dict).items()},
            parent=_parent(data.get("parent")),
            changes=_texts(data.get("changes", []), "changes"),
        )


def _of(data: Mapping[str, Any], name: str, kind: type | UnionType) -> Any:
    value = data.get(name)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise RunFileError(f"the header's {name} is {type(value).__name__}; the file is damaged")
    return value


def _texts(values: object, name: str) -> tuple[str, ...]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise RunFileError(f"the header's {name} is not a list of names; the file is damaged")
    return tuple(values)


def _words(data: Mapping[str, Any], name: str) -> dict[str, str]:
    words = _of(data, name, dict)
    _texts(list(words.values()), name)
    return dict(words)


def _event(row: object) -> EventEntry:
    if not isinstance(row, list) or len(row) != 4 or not isinstance(row[3], list) or len(row[3]) > 4:
        raise RunFileError("the header's events are not (name, owner, text, fields); the file is damaged")
    name, owner, text = _texts(row[:3], "events")
    fields = tuple(_texts(pair, "events") for pair in row[3])
    if any(len(pair) != 2 for pair in fields):
        raise RunFileError(f"the header's event {name} has fields that are not (name, kind); the file is damaged")
    return EventEntry(name, owner, text, tuple((pair[0], pair[1]) for pair in fields))


def _frame_column(row: object) -> FrameColumn:
    if not isinstance(row, list) or len(row) != 5 or not isinstance(row[2], list) or type(row[3]) is not int:
        raise RunFileError("the header's frame columns are not (name, dtype, shape, shift, per); the file is damaged")
    if any(type(size) is not int for size in row[2]):
        raise RunFileError("the header's frame has a shape that is not of integers; the file is damaged")
    name, dtype, per = _texts([row[0], row[1], row[4]], "frame")
    return FrameColumn(name, dtype, tuple(row[2]), row[3], per)


def _parent(value: object) -> tuple[str, int] | None:
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != 2 or not isinstance(value[0], str) or type(value[1]) is not int:
        raise RunFileError("the header's parent is not (run, tick); the file is damaged")
    return value[0], value[1]
