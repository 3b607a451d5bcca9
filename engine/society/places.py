"""The places of a scenario: a frozen table. Places do not move; what changes about them are module columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.values import Int16s, Int32s


@dataclass(frozen=True, slots=True)
class Place:
    """One place: name, kind ("market"), centre cell, radius in cells, capacity in people, heading in degrees."""

    name: str
    kind: str
    cell: int
    radius: int
    capacity: int
    heading: int = 0


class Places:
    """All places. `kind` int16[p] indexes `kinds`; cell int32[p]; radius int32[p]; capacity int32[p]."""

    def __init__(self, places: Sequence[Place]) -> None:
        self.all = tuple(places)
        self._of_kind: dict[tuple[str, ...], Int32s] = {}
        self.kinds = tuple(dict.fromkeys(place.kind for place in places))
        self.kind: Int16s = np.array([self.kinds.index(place.kind) for place in places], np.int16)
        self.cell: Int32s = np.array([place.cell for place in places], np.int32)
        self.radius: Int32s = np.array([place.radius for place in places], np.int32)
        self.capacity: Int32s = np.array([place.capacity for place in places], np.int32)

    def __len__(self) -> int:
        return len(self.all)

    def of_kind(self, *kinds: str) -> Int32s:
        """Return the places of these kinds, ascending, int32."""
        if kinds not in self._of_kind:
            codes = [self.kinds.index(kind) for kind in kinds if kind in self.kinds]
            self._of_kind[kinds] = np.flatnonzero(np.isin(self.kind, codes)).astype(np.int32)
        return self._of_kind[kinds]

    def find(self, name: str) -> int:
        """Return the index of a place by its name, or -1."""
        return next((i for i, place in enumerate(self.all) if place.name == name), -1)
