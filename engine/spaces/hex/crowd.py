"""Who stands where: an index of people by cell, entering, leaving, and contacts.

The index is a linked list for each cell, so a step costs the same on a map of any size. The order within a list is
chance of history; nothing that leaves this file depends on it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.kernels import lean, woven
from engine.spaces.hex.grid import Disc, Grid, keep_ordered, order_by_distance, stepped
from engine.spaces.hex.terrain import COUNT, HEAD, OWNER, ROOM, Land
from engine.values import Bools, Int8s, Int16s, Int32s, Int64s


class Bodies(NamedTuple):
    """The World's columns that movement reads and writes, one row a person."""

    alive: Bools
    cell: Int32s
    place: Int16s
    goal_kind: Int8s
    goal: Int32s
    progress: Int32s
    heading: Int8s
    waited: Int16s
    speed: Int16s


@woven
def put(land: Land, person: int, cell: int) -> None:
    """Add a person to a cell's list."""
    land.after[person] = land.cells[cell, HEAD]
    land.cells[cell, HEAD] = person
    land.cells[cell, COUNT] += 1


@woven
def take(land: Land, person: int, cell: int) -> None:
    """Remove a person from a cell's list."""
    land.cells[cell, COUNT] -= 1
    at = land.cells[cell, HEAD]
    if at == person:
        land.cells[cell, HEAD] = land.after[person]
        return
    while at >= 0 and land.after[at] != person:
        at = land.after[at]
    if at >= 0:
        land.after[at] = land.after[person]


@lean
def index(land: Land, alive: Bools, cell: Int32s) -> None:
    """Make the index anew from the columns; the dead and those outside are in no list."""
    for at in range(land.cells.shape[0]):
        land.cells[at, HEAD], land.cells[at, COUNT] = -1, 0
    for person in range(cell.size):
        if alive[person] and cell[person] >= 0:
            put(land, person, cell[person])


@lean
def enter(land: Land, bodies: Bodies, agents: Int32s, cells: Int32s, seen: Int32s, queue: Int32s) -> None:
    """Put people at cells, or into the nearest cells with room (ties to the smallest), one after the other.

    There must be room for all. Rings spread over all land and water: nearest is as the crow flies. Scratch: seen
    int32[cells] of -1, queue int32[cells].
    """
    for i in range(agents.size):
        person = agents[i]
        queue[0], seen[cells[i]] = cells[i], i
        begin, end, found = 0, 1, -1
        while found < 0 and begin < end:
            last = end
            for at in range(begin, last):
                cell = queue[at]
                if land.cells[cell, COUNT] < land.cells[cell, ROOM] and (found < 0 or cell < found):
                    found = cell
                for k in range(6):
                    near = land.cells[cell, k]
                    if near >= 0 and seen[near] != i:
                        seen[near], queue[end] = i, near
                        end += 1
            begin = last
        put(land, person, found)
        bodies.cell[person] = found
        bodies.place[person] = land.cells[found, OWNER]


@lean
def leave(land: Land, bodies: Bodies, agents: Int32s) -> None:
    """Take people out of their cells; those who are outside stay so."""
    for i in range(agents.size):
        person = agents[i]
        cell = bodies.cell[person]
        if cell >= 0:
            at = land.cells[cell, HEAD]
            while at >= 0 and at != person:
                at = land.after[at]
            if at == person:
                take(land, person, cell)
            bodies.cell[person] = -1
            bodies.place[person] = -1


@lean
def contacts(
    grid: Grid,
    disc: Disc,
    land: Land,
    alive: Bools,
    cell: Int32s,
    agents: Int32s,
    start: Int64s,
    items: Int32s,
    known: Int64s,
    lists: Int32s,
) -> int:
    """Fill items with who is within the disc of each by (distance, id), and start int64[agents+1]; return their number.

    People of one cell share a list, made once: known int64[people, 2] holds, at the head of a cell, where its list
    begins and ends in `lists` (-1: not yet made). Return -1 when items or lists is too short.
    """
    steps = disc.steps
    fill, end = 0, 0
    for i in range(agents.size):
        start[i] = fill
        person = agents[i]
        here = cell[person]
        if here < 0 or not alive[person]:
            continue
        head = land.cells[here, HEAD]
        if known[head, 0] < 0:
            known[head, 0] = end
            row = here // grid.width
            column = here - row * grid.width
            odd = row & 1
            for d in range(disc.radius + 1):
                ring = end
                for k in range(3 * d * (d - 1) + 1 if d else 0, 3 * d * (d + 1) + 1):
                    near = stepped(grid, row, column, steps[odd, k, 0], steps[odd, k, 1])
                    at = land.cells[near, HEAD] if near >= 0 else -1
                    while at >= 0:
                        if alive[at]:
                            if end == lists.size:
                                return -1
                            keep_ordered(lists, ring, end, at)
                            end += 1
                        at = land.after[at]
            known[head, 1] = end
        if fill + known[head, 1] - known[head, 0] > items.size:
            return -1
        for k in range(known[head, 0], known[head, 1]):
            if lists[k] != person:
                items[fill] = lists[k]
                fill += 1
    start[agents.size] = fill
    return fill


def contacts_by_all(grid: Grid, radius: int, alive: Bools, cell: Int32s, agents: Int32s, start: Int64s) -> Int32s:
    """Return the same by looking at everyone: for a radius that is larger than the map is wide."""
    ends, wanted = np.empty(radius + 2, np.int64), np.array(alive)
    found = [np.zeros(0, np.int32)]
    start[0] = 0
    for i, person in enumerate(agents.tolist()):
        items, count = np.empty(cell.size, np.int32), 0
        if wanted[person] and cell[person] >= 0:
            wanted[person] = False
            count = order_by_distance(grid, radius, int(cell[person]), cell, wanted, ends, items, 0)
            wanted[person] = True
        found.append(items[:count])
        start[i + 1] = start[i] + count
    return np.concatenate(found)
