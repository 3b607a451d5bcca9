"""Going to a place: the public ones around, and home."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from engine.actions.definition import FOREVER, Action, Ends, EventKind, Parameter
from engine.actions.menu import Menu, put
from engine.kernels import kernel, lean
from engine.society.society import Now, Society
from engine.values import Bools, Bytes, Int16s, Int32s, Int64s, Outcome

UNREACHABLE = 2**30
LATER = 650
"""What a promise is worth that waits at the end of a way, in thousandths of one at hand."""

NEAR = 24
"""The most public places that are looked at: the nearest as the crow flies."""

RUN = 16
"""So many cells that follow each other are looked at together when the nearest places are found."""

ABSORBING = 500
"""The commitment of activities from which nobody's thoughts stray to other places."""

MOST = 5
"""The most public places that are offered: the most salient."""


@lean
def _choose_places(
    absorbed: Bools,
    near: Int32s,
    away: Int32s,
    cells: Int32s,
    here: Int16s,
    home: Int16s,
    promise: Int16s,
    effort: int,
    room: Bools,
    urgency: Int16s,
    worth: Int64s,
    rows: Int64s,
    places: Int32s,
) -> int:
    """List home and the most salient of `near[cell]` for each row, were the ways straight; return how many there are.

    Whoever is absorbed in something does not think of going elsewhere. worth int64[k] is room for k places of a row.
    """
    end = 0
    for row in range(here.size):
        if absorbed[row]:
            continue
        if home[row] >= 0 and home[row] != here[row]:
            rows[end], places[end] = row, home[row]
            end += 1
        found, cell = 0, cells[row]
        for p in range(near.shape[1]):
            place = near[cell, p]
            if place < 0 or place == here[row] or not room[place]:
                continue
            value = -np.int64(urgency[row, effort]) * min(1000, 10 * away[cell, p])
            for k in range(promise.shape[1]):
                value += np.int64(urgency[row, k]) * np.int64(promise[place, k])
            if found == worth.size and worth[found - 1] >= value:
                continue
            slot = min(found, worth.size - 1)
            while slot > 0 and worth[slot - 1] < value:
                worth[slot], places[end + slot] = worth[slot - 1], places[end + slot - 1]
                slot -= 1
            worth[slot], places[end + slot] = value, place
            found = min(found + 1, worth.size)
        for slot in range(found):
            rows[end + slot] = row
        end += found
    return end


@lean
def _offer_places(
    code: int,
    rows: Int64s,
    places: Int32s,
    way: Int32s,
    promise: Int16s,
    effort: int,
    appeal: Int16s,
    urgency: Int16s,
    count: Int32s,
    action: Int16s,
    args: Int32s,
    appeals: Int16s,
    salience: Int32s,
) -> None:
    """Offer each row its place, if a way leads there; appeal int16[K] is room for one choice."""
    for i in range(rows.size):
        if way[i] < UNREACHABLE:
            for k in range(promise.shape[1]):
                appeal[k] = promise[places[i], k]
            appeal[effort] = -min(1000, way[i])
            put(rows[i], code, places[i], 0, 0, 0, appeal, urgency, count, action, args, appeals, salience)


@kernel
def _keep_nearest(place: int, cells: Int32s, away: Int32s, nearest: Int32s, least: Int32s) -> None:
    """Enter a place, so far away from some cells, into their lists of nearest places, nearest and least int32[all,k].

    They are kept in order of distance, and of equals those first that were entered first.
    """
    for i in range(cells.size):
        cell = cells[i]
        if away[i] >= least[cell, -1]:
            continue
        k = nearest.shape[1] - 1
        while k > 0 and least[cell, k - 1] > away[i]:
            least[cell, k], nearest[cell, k] = least[cell, k - 1], nearest[cell, k - 1]
            k -= 1
        least[cell, k], nearest[cell, k] = away[i], place


def _find_nearest(society: Society, public: Int32s) -> tuple[Int32s, Int32s]:
    """Return which public places are nearest to each cell, and how far these are, int32[cells,k].

    Where many cells lie in a run only those places are looked at that can be among the nearest of any: no further from
    the run's first cell than its own nearest, and twice as far as the run stretches. Distances are rounded down, which
    may hide one cell in each of the two sums.
    """
    space, at = society.space, society.places.cell
    cells = np.arange(space.cells, dtype=np.int32)
    first = np.ascontiguousarray(cells[::RUN])
    runs = np.arange(first.size, dtype=np.int32)

    def empty(count: int) -> tuple[Int32s, Int32s]:
        shape = count, min(NEAR, public.size)
        return np.full(shape, -1, np.int32), np.full(shape, UNREACHABLE, np.int32)

    near, least = empty(runs.size)
    away = [space.distance(first, np.full(first.size, at[place], np.int32)) for place in public]
    for place, far in zip(public.tolist(), away, strict=True):
        _keep_nearest(place, runs, far, near, least)
    stretch = np.maximum.reduceat(space.distance(cells, np.repeat(first, RUN)[: cells.size]), first)
    bound = least[:, -1:].max(axis=1, initial=0) + 2 * stretch + 2
    near, least = empty(cells.size)
    for place, far in zip(public.tolist(), away, strict=True):
        some: Int32s = np.add.outer(first[far <= bound], np.arange(RUN, dtype=np.int32)).ravel()
        some = some[: int(np.searchsorted(some, cells.size))]
        _keep_nearest(place, some, space.distance(some, np.full(some.size, at[place], np.int32)), near, least)
    return near, least


@kernel
def seats(places: Int32s, taken: Int64s, capacity: Int32s, reason: int) -> Bytes:
    """Fill places in the order given; who finds no room is refused."""
    out = np.zeros(places.size, np.uint8)
    for i in range(places.size):
        place = places[i]
        if taken[place] >= capacity[place]:
            out[i] = reason
        else:
            taken[place] += 1
    return out


class Go(Action):
    """Walk to a place, as far as the ways lead there and it has room."""

    name = "go"
    commitment = 350
    text = "go to {place}"
    about = "Walk to a place."
    parameters = (Parameter("place", "place"),)
    lasting = True
    reasons: ClassVar[tuple[str, ...]] = (
        "there is no such place",
        "no way leads there",
        "it is full",
        "they are there already",
        "the way is blocked",
    )
    events = (
        EventKind("arrived", "{agent} came to {place}", (Parameter("place", "place"),), "Someone reached a place."),
    )

    def bind(self, society: Society) -> None:
        """Find the public places that are nearest to each cell."""
        super().bind(society)
        self._absorbing = np.array([a.lasting and a.commitment >= ABSORBING for a in society.actions], np.bool_)
        self._effort = [appeal.name for appeal in society.appeals].index("effort")
        homes = np.isin(np.arange(len(society.places)), society.places.of_kind("house"))
        public = (~homes).nonzero()[0].astype(np.int32)
        self._near, self._away = _find_nearest(society, public)

    def offer(self, now: Now, menu: Menu) -> None:
        """Offer the public places around and each one's home, by what these promise, to who is not absorbed."""
        society, who = self.society, menu.who
        promise = self._later(society.promises(now))
        room = (society.visitors() < society.places.capacity) & (promise > 0).any(axis=1)
        people, bodies = society.people, society.bodies
        rows, places = np.empty(who.size * (MOST + 1), np.int64), np.empty(who.size * (MOST + 1), np.int32)
        end = _choose_places(
            self._absorbing[people.action[who]], self._near, self._away, bodies.cell[who], bodies.place[who],
            people.home[who], promise, self._effort, room, menu.urgency, np.empty(MOST, np.int64), rows, places,
        )  # fmt: skip
        rows, places = rows[:end], places[:end]
        way = society.space.place_distance(who[rows], places)
        appeal = np.empty(menu.kinds, np.int16)
        _offer_places(self.code, rows, places, way, promise, self._effort, appeal, *menu.columns)

    def _later(self, promise: Int16s) -> Int16s:
        """Return promises as they count from afar; what the way costs is not yet in them."""
        return (promise.astype(np.int32) * LATER // 1000).astype(np.int16)

    def check(self, now: Now, who: Int32s, args: Int32s) -> Bytes:
        """Refuse unknown and unreachable places, and the place where one is."""
        place = args[:, 0]
        known = (place >= 0) & (place < len(self.society.places))
        out = np.where(known, 0, self.because(0)).astype(np.uint8)
        rows = np.flatnonzero(known)
        way = self.society.space.place_distance(who[rows], place[rows])
        out[rows[way >= UNREACHABLE]] = self.because(1)
        out[rows[self.society.bodies.place[who[rows]] == place[rows]]] = self.because(3)
        return out

    def start(self, now: Now, who: Int32s, args: Int32s) -> Ends:
        """Set out, as far as there is room; in the order given."""
        reason = seats(args[:, 0], self.society.visitors(), self.society.places.capacity, int(self.because(2)))
        off = reason == 0
        self.society.space.head_for_place(who[off], np.ascontiguousarray(args[off, 0]))
        return Ends.where(reason, Outcome.STARTED, np.full(who.size, FOREVER, np.int32))

    def ended(self, now: Now, who: Int32s, args: Int32s) -> Bools:
        """Whether they are there, or cannot get there; who is held keeps at it, however long it takes."""
        space = self.society.space
        tired: Bools = space.stuck(who) & ~self.society.people.driven[who]
        return space.arrived(who) | tired

    def finish(self, now: Now, who: Int32s, args: Int32s) -> Ends:
        """Stand still: arrived, or blocked."""
        there = self.society.space.arrived(who)
        self.society.space.halt(who)
        now.log.emit("arrived", who[there], args[there, 0])
        return Ends.where(np.where(there, 0, self.because(4)).astype(np.uint8))

    def promise(self, now: Now, who: Int32s, args: Int32s) -> Int16s:
        """Promise what the place promises, for the rest of the way."""
        places = np.ascontiguousarray(args[:, 0])
        appeal = self._later(self.society.promises(now)[places])
        appeal[:, self._effort] = -np.minimum(1000, self.society.space.place_distance(who, places))
        return appeal

    def stop(self, now: Now, who: Int32s, args: Int32s) -> None:
        """Stand still."""
        self.society.space.halt(who)
