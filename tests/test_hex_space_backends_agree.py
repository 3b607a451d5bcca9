"""The numba space and the mesa-frames space have the same state hash at every tick."""

from __future__ import annotations

import numpy as np
import pytest

from engine.spaces.hex.mesa_frames import MesaFramesSpace
from engine.spaces.hex.space import HexSpace
from engine.world import World
from tests.contract.hex_board import HexBoard, wild
from tests.contract.space_contract import bustle, ids
from tests.hex_spaces import make_hex

TOWNS = (wild(30, 21, False, seed=11, places=12), wild(24, 20, True, seed=12, places=12))


def live(world: World, space: HexSpace, board: HexBoard, tick: int) -> None:
    """Let people come, go, die and be restored on the way."""
    if tick == 5:
        space.leave(ids([3, 4, 5]))
    if tick == 8:
        world.remove(ids([7, 8]))
        space.leave(ids([7, 8]))
        space.enter(ids([4, 3]), ids([50, 60]))
    if tick == 11:
        late = world.add(90)
        space.enter(late, ids(np.arange(90) % 7))
    if tick == 14:
        world.remove(ids([20]))
        world.restore(world.snapshot({}))
        space.rebuild()
    bustle(world, space, board, tick)


@pytest.mark.parametrize("board", TOWNS, ids=lambda board: board.name)
def test_both_backends_have_the_same_hash_at_every_tick(board: HexBoard) -> None:
    world, space = make_hex(board, seed=9, people=120)
    other, frames = make_hex(board, seed=9, people=120, kind=MesaFramesSpace)
    for each, where in ((world, space), (other, frames)):
        where.enter(each.living(), ids(np.random.default_rng(1).integers(0, board.cells, 120)))
    for tick in range(24):
        live(world, space, board, tick)
        live(other, frames, board, tick)
        world.tick = other.tick = tick
        assert world.state_hash() == other.state_hash(), tick


def test_the_mesa_frames_grid_holds_the_truth() -> None:
    board = TOWNS[0]
    world, space = make_hex(board, seed=9, people=20, kind=MesaFramesSpace)
    assert isinstance(space, MesaFramesSpace)
    space.enter(world.living(), ids([0] * 20))
    model = space.model
    land = int(np.flatnonzero(board.entry > 0)[-1])
    polars = pytest.importorskip("polars")
    moved = polars.DataFrame({"dim_0": [land % board.width], "dim_1": [land // board.width]})
    with pytest.warns(Warning):
        model.space.move_agents(polars.Series("agent_id", [6]), moved)
    space.move(0)
    assert world["space.cell"][6] == land
    held = model.space.agents.sort("agent_id")
    assert held["agent_id"].to_list() == list(range(20))
    assert np.array_equal(held["dim_1"].to_numpy() * board.width + held["dim_0"].to_numpy(), world["space.cell"])
