"""Rooms: which navigation cells lie in which building, and which ones a place consists of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from engine.spaces.plane.cells import only
from engine.spaces.plane.navigation import Navigation, disc_around
from engine.spaces.plane.plan import Building
from engine.values import Csr, Int16s, Int32s

OUTDOORS = -1


class Rooms(NamedTuple):
    """Where rooms and places are. room int16[navigation cells]: the building around a cell, OUTDOORS for none.

    place int16[navigation cells]: the place to which a cell belongs, -1 for none; ends: the open cells where walking to
    each place ends, those that belong to it, or all that it covers if none does; of_places int16[places]: the building
    in which it lies.
    """

    room: Int16s
    place: Int16s
    ends: Sequence[Int32s]
    of_places: Int16s


def find_rooms(navigation: Navigation, buildings: Sequence[Building], middles: Int32s, radius: Int32s) -> Rooms:
    """Return the rooms of a plane's buildings and what its places consist of; middles int32[p]: where places are.

    A place whose middle lies in a building is all of its room; another one is the open cells out of doors within its
    radius, which is radius int32[p] in navigation cells, that can be reached inside that circle. Where places overlap,
    a cell belongs to the one of the fewest cells, then of the lowest index.
    """
    room = np.full(navigation.open.size, OUTDOORS, np.int16)
    for index, building in enumerate(buildings):
        room[_inside(navigation, building)] = index
    covered = []
    for middle, reach in zip(middles.tolist(), radius.tolist(), strict=True):
        own = room[middle]
        cells = disc_around(navigation, middle, reach) if own == OUTDOORS else _inside(navigation, buildings[own])
        covered.append(cells[room[cells] == own])
    place = np.full(room.size, -1, np.int16)
    for index in sorted(range(len(covered)), key=lambda i: (-covered[i].size, -i)):
        place[covered[index]] = index
    ends = []
    for index, cells in enumerate(covered):
        cells = cells[navigation.open[cells]]
        belonging = cells[place[cells] == index]
        ends.append(belonging if belonging.size else cells)
    return Rooms(room, place, ends, room[middles])


def _inside(navigation: Navigation, building: Building) -> Int32s:
    """Return the cells whose middles lie in a building, ascending (even-odd rule, O'Rourke 1998, 7.4)."""
    corners = np.array(building.corners, np.float64)
    pitch = float(navigation.pitch)
    first = np.maximum(np.floor(corners.min(axis=0) / pitch).astype(int), 0)
    last = np.minimum(np.ceil(corners.max(axis=0) / pitch).astype(int), (navigation.columns, navigation.rows))
    x = (np.arange(first[0], last[0]) + 0.5) * pitch
    y = (np.arange(first[1], last[1]) + 0.5) * pitch
    inside = np.zeros((y.size, x.size), np.bool_)
    for (ax, ay), (bx, by) in building.sides():
        if ay == by:
            continue
        crossed = (y >= min(ay, by)) & (y < max(ay, by))
        at = ax + (y - ay) * ((bx - ax) / (by - ay))
        inside ^= crossed[:, None] & (x < at[:, None])
    row, column = np.nonzero(inside)
    cells: Int32s = ((row + first[1]) * navigation.columns + column + first[0]).astype(np.int32)
    return cells


def together(contacts: Csr, asked: Int16s, room: Int16s) -> Csr:
    """Return the contacts who are in the same room: asked int16[rows] and room int16[ids] say who is in which."""
    return only(contacts, room[contacts.items] == np.repeat(asked, np.diff(contacts.start)))
