"""What a hex space cannot do, it says in one line with the mend."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest

from engine.errors import SpaceError
from engine.society.places import Place
from engine.spaces.hex.mesa_frames import MesaFramesSpace
from engine.spaces.hex.space import HexSpace
from engine.world import World
from tests.contract.hex_board import WATER, HexBoard, plain
from tests.contract.space_contract import ids
from tests.hex_spaces import make_hex

SMALL = plain(6, 6, False)
LAKE = plain(6, 6, False, [Place("mill", "workshop", 8, 0, 4)])
LAKE.kind[8] = WATER


@pytest.mark.parametrize(
    ("board", "message"),
    (
        (plain(6, 5, True), "a torus of 5 rows does not close: odd rows are shifted; use 6 rows"),
        (plain(6, 1, False), "a grid of 6 x 1 cells is too small; give it at least 2 x 2"),
        (LAKE, "place mill at [2, 1] has no passable cell within 0; move it to land"),
        (
            plain(6, 6, False, [Place("mill", "workshop", 36, 0, 4)]),
            "place mill is at cell 36; the grid has cells 0 to 35",
        ),
        (replace(SMALL, cost=np.array([300], np.int16)), "terrain.cost holds 300 to 300; use 0 (impassable) to 250"),
        (replace(SMALL, kind=np.full(36, 9, np.uint8)), "terrain.cost knows 6 kinds, kind 9 occurs; add its cost"),
        (
            replace(SMALL, bridge=np.zeros(3, np.bool_)),
            "terrain.bridge has 3 cells, the grid has 36; make both of one size",
        ),
        (replace(SMALL, capacity=0), "capacity is 0; use 1 to 30000"),
    ),
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_map_that_does_not_fit_is_refused(board: HexBoard, message: str) -> None:
    with pytest.raises(SpaceError) as caught:
        make_hex(board, 0, 0)
    assert str(caught.value) == message


def made(kind: type[HexSpace] = HexSpace) -> tuple[World, HexSpace]:
    return make_hex(plain(6, 6, False, [Place("mill", "workshop", 8, 0, 4)]), 0, 3, kind)


def test_what_does_not_exist_is_refused() -> None:
    _, space = made()
    with pytest.raises(SpaceError, match="there are 0 to 2"):
        space.enter(ids([3]), ids([0]))
    with pytest.raises(SpaceError, match="the grid has 0 to 35"):
        space.enter(ids([0]), ids([36]))
    with pytest.raises(SpaceError, match="give one cell for each"):
        space.enter(ids([0, 1]), ids([0]))
    with pytest.raises(SpaceError, match="ids are 0 to 0"):
        space.head_for_place(ids([0]), ids([1]))
    with pytest.raises(SpaceError, match="use 0 or more cells"):
        space.contacts(ids([0]), -1)
    with pytest.raises(SpaceError, match="give one flag for each cell"):
        space.nearest(ids([0]), np.zeros(3, np.bool_))
    with pytest.raises(SpaceError, match="a walking speed is 0 cm/s; use 1 or more"):
        space.set_speed(ids([0]), ids([0]))
    with pytest.raises(SpaceError, match="hexes have no doors, so mill has none; write"):
        space.set_doors("mill", None, True)


def test_how_fast_people_walk_can_be_set() -> None:
    world, space = made()
    assert world["space.speed"].tolist() == [67 * 60 * 10 // (1000 * 2)] * 3
    space.set_speed(ids([1]), ids([45]))
    assert world["space.speed"].tolist() == [20, 13, 20]
    space.enter(ids([0, 1, 2]), ids([35, 35, 0]))
    space.head_for_place(ids([1]), ids([0]))
    way = space.place_distance(ids([1]), ids([0]))
    space.move(0)
    assert (way - space.place_distance(ids([1]), ids([0])))[0] == 26
    assert np.array_equal(
        space.place_distances(ids([1, 2]), ids([0])).ravel(), space.place_distance(ids([1, 2]), ids([0, 0]))
    )


def test_without_mesa_frames_one_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mesa_frames", None)
    with pytest.raises(SpaceError, match=r"uv pip install -e '\.\[frames\]'"):
        made(MesaFramesSpace)
