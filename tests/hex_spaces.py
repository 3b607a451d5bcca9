"""How the tests make hex spaces."""

from __future__ import annotations

from engine.rng import Rng
from engine.spaces.hex.mesa_frames import MesaFramesSpace
from engine.spaces.hex.space import HexSpace
from engine.world import World
from tests.contract.hex_board import BOARDS, GREEN, PITCH, TOWNS, HexBoard
from tests.contract.space_contract import Subject


def make_hex(
    board: HexBoard, seed: int, people: int, kind: type[HexSpace] = HexSpace, tick_seconds: int = 60
) -> tuple[World, HexSpace]:
    """Return a World with people, and a hex space on a board; a step is 20 points."""
    world = World(board.cells, len(board.places), capacity=64)
    world.add(people)
    space = kind(world, board.places, board, board.capacity, board.substeps, PITCH, tick_seconds, Rng(seed))
    return world, space


def subject(name: str, kind: type[HexSpace]) -> Subject[HexBoard]:
    """Return a hex space as the contract's subject."""
    return Subject(name, BOARDS, TOWNS, GREEN, lambda board, seed, people: make_hex(board, seed, people, kind))


HEX = subject("hex", HexSpace)
MESA_FRAMES = subject("mesa-frames", MesaFramesSpace)
