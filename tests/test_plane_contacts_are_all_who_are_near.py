"""Contacts within a radius: all of them, by (distance, id), as everyone against everyone finds them in float64."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import SpaceError
from engine.spaces.plane.cells import list_contacts, make_cells, padded, sort_by_cell
from engine.values import Csr, Float32s, Int32s


def contacts(places: Float32s, sides: tuple[float, float], torus: bool, radius: float) -> tuple[Csr, Int32s]:
    """Return the contacts of everyone in reverse order of cells, and the ids that were asked."""
    cells = make_cells(*sides, torus, radius, twice=True)
    count = len(places)
    ids = np.random.default_rng(count).permutation(count).astype(np.int32)
    x, y, where, order = padded(count), padded(count), np.zeros(count, np.int32), np.zeros(count, np.int32)
    x[:count], y[:count] = places[ids].T
    start = np.zeros(cells.columns * cells.rows + 1, np.int32)
    sort_by_cell(cells, x, y, ids, where, start, order)
    x[:count], y[:count], ids = x[order], y[order], ids[order]
    asked = np.arange(count - 1, -1, -1, dtype=np.int32)
    return list_contacts(cells, start, x, y, ids, asked, radius), ids[asked]


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(0, 120), st.booleans(), st.floats(0.3, 12.0), st.integers(0, 10_000))
def test_contacts_are_all_who_are_near_in_order(people: int, torus: bool, radius: float, seed: int) -> None:
    sides = 10.0, 13.0
    draw = np.random.default_rng(seed)
    places = (draw.random((people, 2)) * sides).astype(np.float32)
    places[: people // 4] = np.round(places[: people // 4])  # some at one place, some equally far
    found, asked = contacts(places, sides, torus, radius)
    way = places[:, None].astype(np.float64) - places[None]
    if torus:
        way -= sides * np.round(way / sides)
    far = np.hypot(way[..., 0], way[..., 1])
    for row, person in enumerate(asked):
        items = found.row(row)
        sure = set(np.flatnonzero(far[person] < radius - 1e-5)) - {person}
        maybe = set(np.flatnonzero(far[person] < radius + 1e-5)) - {person}
        assert sure <= set(items.tolist()) <= maybe
        assert items.size == len(set(items.tolist()))
        steps = np.diff(far[person, items])
        assert (steps > -1e-5).all()
        assert (np.diff(items)[steps == 0] > 0).all() or torus


def test_more_contacts_than_there_was_room_for_are_all_found() -> None:
    places = np.full((80, 2), 5.0, np.float32)
    found, asked = contacts(places, (10.0, 10.0), False, 1.0)
    assert found.items.size == 80 * 79
    assert all(found.row(row).tolist() == [i for i in range(80) if i != person] for row, person in enumerate(asked))


def test_contacts_wider_than_the_cells_are_refused() -> None:
    cells = make_cells(20, 20, False, 2.0)
    nobody, start = np.zeros(0, np.int32), np.zeros(cells.columns * cells.rows + 1, np.int32)
    with pytest.raises(SpaceError, match=r"contacts within 2.5 m are asked of cells for 2.0 m"):
        list_contacts(cells, start, padded(0), padded(0), nobody, nobody, 2.5)
    with pytest.raises(SpaceError, match="use lengths above 0"):
        make_cells(20, 0, False, 2.0)
