"""The ways onward: from hubs to places, found over the graph of hubs (`hubs.py`) as far around a place as is asked.

Most people go to places near by, so a place's ways are first found from the hubs no further than `REACH`, and from
further ones only when somebody asks from there: what must be kept grows with the map and not with its square. A way
that is said is the shortest over the whole graph all the same: whoever asks makes sure that it is no longer than the
place's reach, within which all ways are known.
"""

from __future__ import annotations

import logging
from typing import NamedTuple

import numpy as np

from engine.kernels import lean, unlocked
from engine.spaces.plane.hubs import Graph, Hubs
from engine.spaces.plane.navigation import Navigation
from engine.spaces.plane.shelf import Shelf
from engine.spaces.plane.spreading import pop, push
from engine.spaces.plane.stock import Stock
from engine.spaces.plane.team import Team, edges_of
from engine.spaces.plane.windows import FAR, NOTHING, Fields, told
from engine.values import Bools, Int32s, Int64s

REACH, FURTHER = 300_000, 4
"""How long the ways are that are known at first, in millimetres, and how many times longer when that is too short."""

TOGETHER = 256
"""So many places are reached out from at once, which threads share out."""

_log = logging.getLogger("sociarium.plane")


class Onward(NamedTuple):
    """The ways from hubs to places in millimetres: those of place p are from the hubs low[p]..high[p]-1.

    low, high int32[places]; start int64[places]: where a place's ways begin in `way`, -1 while they are not kept; reach
    int32[places]: ways up to so long are the shortest, and none is missing. way int32; FAR where none is known.
    """

    low: Int32s
    high: Int32s
    reach: Int32s
    start: Int64s
    way: Int32s


@lean
def way_onward(onward: Onward, place: int, hub: int) -> int:
    """Return the way from a hub to a place whose ways are kept, FAR where it is not known."""
    if hub < onward.low[place] or hub >= onward.high[place]:
        return FAR
    return int(onward.way[onward.start[place] + hub - onward.low[place]])


class Ways:
    """The ways onward to places, of which some are kept, within a budget of bytes."""

    def __init__(
        self, grid: Navigation, hubs: Hubs, graph: Graph, places: int, stock: Stock, team: Team, budget: int
    ) -> None:
        """Take the graph of hubs; the first fields of the stock are those of the places."""
        self._grid, self._hubs, self._graph, self._stock, self._team = grid, hubs, graph, stock, team
        self._low, self._high = np.zeros(places, np.int32), np.zeros(places, np.int32)
        self._reach, self._shelf = np.full(places, REACH, np.int32), Shelf(places, np.int32, budget)

    @property
    def kept_bytes(self) -> int:
        """How many bytes the ways fill that are kept."""
        return self._shelf.kept_bytes

    @property
    def onward(self) -> Onward:
        """The ways as they are kept now."""
        return Onward(self._low, self._high, self._reach, self._shelf.start, self._shelf.items)

    def keep(self, wanted: Bools) -> Onward:
        """Return the ways, with those to the wanted places (bool[places]) among them."""
        missing = self._shelf.use(wanted)
        done = 0
        for some in np.array_split(missing, -(-missing.size // TOGETHER)) if missing.size else ():
            if done:
                _log.info("finding the ways to the places of the town: %d of %d", done, missing.size)
            done += some.size
            asked = np.zeros(self._stock.fields.start.size, np.bool_)
            asked[some] = True
            fields, parts = self._stock.keep(asked), self._team.parts(some.size, 2)
            found = np.empty((some.size, self._hubs.cell.size), np.int32)
            heaps = np.empty((parts, self._graph.other.size + self._hubs.cell.size + 1), np.int64)
            self._team.run(
                _reach_out, edges_of(some.size, parts), self._grid, fields, self._hubs, self._graph, some,
                self._reach, self._low, self._high, found, heaps,
            )  # fmt: skip
            self._shelf.put(some, (self._high[some] - self._low[some]).astype(np.int64))
            for row, place in enumerate(some.tolist()):
                start, low, high = int(self._shelf.start[place]), int(self._low[place]), int(self._high[place])
                self._shelf.items[start : start + high - low] = found[row, low:high]
        return self.onward

    def reach_further(self, short: Bools) -> None:
        """Let the places short bool[places] be asked about from further away."""
        self._reach[short] = np.minimum(self._reach[short].astype(np.int64) * FURTHER, FAR)
        self._shelf.drop(short)


@unlocked
def _reach_out(
    part: int,
    first: int,
    end: int,
    grid: Navigation,
    fields: Fields,
    hubs: Hubs,
    graph: Graph,
    places: Int32s,
    reach: Int32s,
    low: Int32s,
    high: Int32s,
    out: Int32s,
    heaps: Int64s,
) -> None:
    """Fill out int32[n,hubs] with the ways from hubs to places[first:end], and low and high with where they end.

    It is Dijkstra's over the graph, from the hubs in the place's field, until ways are longer than the place's reach.
    """
    heap = heaps[part]
    for i in range(first, end):
        place, way, size = places[i], out[i], 0
        for hub in range(hubs.cell.size):
            row = hubs.cell[hub] // grid.columns
            word = told(grid, fields, place, hubs.cell[hub] - row * grid.columns, row)
            way[hub] = FAR
            if word != NOTHING:
                way[hub] = 10 * (word >> 16)
                size = push(heap, size, way[hub], hub)
        least, most = hubs.cell.size, 0
        while size and heap[0] >> 32 <= reach[place]:
            hub, key = int(heap[0] & 0xFFFFFFFF), int(heap[0] >> 32)
            size = pop(heap, size)
            if key != way[hub]:
                continue
            least, most = min(least, hub), max(most, hub + 1)
            for k in range(graph.start[hub], graph.start[hub + 1]):
                near = graph.other[k]
                if key + graph.way[k] < way[near]:
                    way[near] = key + graph.way[k]
                    size = push(heap, size, way[near], near)
        low[place], high[place] = min(least, most), most
