"""A shelf: pieces of many sizes side by side in one array, within a budget; those used longest ago give way."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.values import Bools, Int32s, Int64s

T = TypeVar("T", bound=np.generic)


class Shelf(Generic[T]):
    """Pieces by number: start int64[pieces] is where each begins in `items`, -1 while it is not kept.

    size int64[pieces]: how many items each has; made: how many pieces were put on the shelf until now, those counted
    again that had given way.
    """

    def __init__(self, pieces: int, kind: type[T], budget: int) -> None:
        """Make room for so many pieces of items of a kind, in `budget` bytes."""
        self.start, self.size = np.full(pieces, -1, np.int64), np.zeros(pieces, np.int64)
        self.items: NDArray[T] = np.zeros(0, kind)
        self.made = 0
        self._most, self._used = budget // self.items.itemsize, 0
        self._clock, self._asked = 0, np.zeros(pieces, np.int64)

    @property
    def kept_bytes(self) -> int:
        """How many bytes the pieces fill that are kept."""
        return self._used * self.items.itemsize

    def use(self, wanted: Bools) -> Int32s:
        """Note that pieces, bool[pieces], are asked for now; return those that are not kept, int32[n]."""
        self._clock += 1
        self._asked[wanted] = self._clock
        return np.flatnonzero(wanted & (self.start < 0)).astype(np.int32)

    def put(self, pieces: Int32s, sizes: Int64s) -> None:
        """Give places to pieces of these sizes, which are asked for now and not kept. They may exceed the budget."""
        size = int(sizes.sum())
        if self._used + size > self._most:
            self._give_way(self._used + size - self._most)
        if self._used + size > self.items.size:
            room = np.empty(max(self._used + size, min(2 * self.items.size, self._most)), self.items.dtype)
            room[: self._used] = self.items[: self._used]
            self.items = room
        self.start[pieces], self.size[pieces] = self._used + sizes.cumsum() - sizes, sizes
        self._used += size
        self.made += pieces.size

    def drop(self, pieces: Any) -> None:
        """Forget pieces; the gaps that they leave are closed when room is needed."""
        self.start[pieces] = -1

    def _give_way(self, excess: int) -> None:
        """Drop the pieces that were asked for longest ago, and an eighth more than must be; close the gaps."""
        kept = np.flatnonzero(self.start >= 0)
        excess -= self._used - int(self.size[kept].sum())
        old = kept[self._asked[kept] < self._clock]
        oldest = old[np.lexsort((old, self._asked[old]))]
        if excess > 0:
            enough = int(np.searchsorted(self.size[oldest].cumsum(), excess + self._most // 8)) + 1
            self.start[oldest[:enough]] = -1
            kept = np.flatnonzero(self.start >= 0)
        self._used = 0
        for piece in kept[np.argsort(self.start[kept])].tolist():
            size, before = int(self.size[piece]), int(self.start[piece])
            self.items[self._used : self._used + size] = self.items[before : before + size]
            self.start[piece] = self._used
            self._used += size
