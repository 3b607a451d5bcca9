"""The land of a society: what lies where, cell by cell, as modules and views are told of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from engine.values import Bools, Bytes, Int16s

KINDS = ("meadow", "forest", "water", "rock", "field", "path")
"""The kinds of land; a cell's kind is the index."""


@dataclass(frozen=True)
class Land:
    """A finished land of columns x rows cells, `pitch` metres apart; cell = row * columns + column.

    kind uint8[cells] indexes `KINDS`; elevation int16[cells] in decimetres; bridge bool[cells], path over water.
    shapes: what only views are told, by column: on a plane its buildings, doors, walls and trees (docs/wire.md).
    """

    columns: int
    rows: int
    edges: str
    pitch: float
    kind: Bytes
    elevation: Int16s
    bridge: Bools
    shapes: Mapping[str, NDArray[Any]] = field(default_factory=dict)
