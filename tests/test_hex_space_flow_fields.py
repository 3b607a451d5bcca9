"""Flow fields lead everywhere by shortest ways, also where most places keep only a window and a hub."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.society.places import Place
from engine.spaces.hex import fields
from engine.spaces.hex.grid import make_grid
from engine.spaces.hex.terrain import lay_land
from engine.values import Int32s
from tests.contract.hex_board import PITCH, WATER, HexBoard, plain, wild
from tests.contract.space_board import FAR
from tests.contract.space_contract import ids
from tests.hex_spaces import make_hex


def surveyed(board: HexBoard, budget: int) -> tuple[fields.Ways, list[Int32s]]:
    """Return the fields of a board's places and the ends of their ways."""
    grid = make_grid(board.width, board.height, board.torus)
    land, sources = lay_land(grid, board, board.places, board.capacity, PITCH * 100)
    return fields.survey(land, board.places, sources, budget), sources


def table(board: HexBoard, ways: fields.Ways) -> Int32s:
    """Return the way from every cell to every place."""
    out = np.empty((board.cells, len(board.places)), np.int32)
    grid = make_grid(board.width, board.height, board.torus)
    fields.walking_table(ways, grid, ids(range(board.cells)), ids(range(len(board.places))), out)
    return out


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.integers(2, 9), st.integers(1, 5), st.booleans(), st.integers(0, 10_000))
def test_fields_are_the_shortest_ways(width: int, half: int, torus: bool, seed: int) -> None:
    board = wild(width, 2 * half, torus, seed, places=3)
    ways, sources = surveyed(board, fields.BUDGET)
    found = table(board, ways)
    for place, ends in enumerate(sources):
        assert sorted(ends.tolist()) == board.ends(place)
        assert np.array_equal(found[:, place], board.ways(ends.tolist()))


@pytest.mark.parametrize("torus", (False, True))
def test_windows_and_hubs_lead_to_every_place(torus: bool) -> None:
    board = wild(70, 60, torus, seed=21, places=40)
    whole, _ = surveyed(board, fields.BUDGET)
    small, _ = surveyed(board, 4 * board.cells * 5)
    assert (whole.hub < 0).all()
    assert 20 < np.count_nonzero(small.hub >= 0) < 40
    shortest, found = table(board, whole), table(board, small)
    assert np.array_equal(shortest < FAR, found < FAR)
    assert (found >= shortest).all()
    detour = (found - shortest)[(shortest < FAR) & (shortest > 0)]
    assert np.median(detour) <= 60


def test_people_arrive_through_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    board = replace(wild(70, 60, False, seed=21, places=40), capacity=40)
    monkeypatch.setattr(fields.survey, "__defaults__", (4 * board.cells * 5,))
    world, space = make_hex(board, seed=2, people=200, tick_seconds=600)
    who = world.living()
    draw = np.random.default_rng(4)
    space.enter(who, draw.choice(ids(np.flatnonzero(board.entry > 0)), 200))
    goals = ids(draw.integers(0, 40, 200))
    reachable = space.place_distance(who, goals) < FAR
    assert reachable.sum() > 100
    space.head_for_place(who, goals)
    for tick in range(30):
        space.move(tick)
    assert space.arrived(who)[reachable].all()
    assert not space.arrived(who)[~reachable].any()


def test_a_bridge_of_one_cell_lets_two_crowds_pass() -> None:
    board = plain(15, 5, False, [Place("west", "hall", 30, 2, 40), Place("east", "hall", 44, 2, 40)], capacity=2)
    board.kind[[7, 22, 52, 67]] = WATER
    world, space = make_hex(board, seed=2, people=40)
    who = world.living()
    space.enter(who, ids([30] * 20 + [44] * 20))
    space.head_for_place(who, ids([1] * 20 + [0] * 20))
    for tick in range(60):
        space.move(tick)
    assert space.arrived(who).all()
    assert np.array_equal(world["space.place"], [1] * 20 + [0] * 20)
