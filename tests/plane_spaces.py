"""How the tests make plane spaces."""

from __future__ import annotations

from engine.rng import Rng
from engine.spaces.plane.crowd import Crowd
from engine.spaces.plane.locomotion import SOCIAL_FORCE, Locomotion
from engine.spaces.plane.space import PlaneSpace
from engine.spaces.plane.team import Team
from engine.world import World
from tests.contract.plane_board import COURTS, MEADOWS, PLANES, PlaneBoard
from tests.contract.space_contract import Subject


def make_plane(
    board: PlaneBoard,
    seed: int,
    people: int,
    kind: type[PlaneSpace] = PlaneSpace,
    locomotion: Locomotion = SOCIAL_FORCE,
) -> tuple[World, PlaneSpace]:
    """Return a World with people, and a plane space on a board."""
    world = World(board.cells, len(board.places), capacity=64)
    world.add(people)
    space = kind(
        world, board.places, board.plan, board.cell, board.substeps, board.seconds, Rng(seed), Team(1), locomotion
    )
    return world, space


def subject(name: str, kind: type[PlaneSpace]) -> Subject[PlaneBoard]:
    """Return a plane space as the contract's subject."""
    return Subject(name, PLANES, COURTS, COURTS[0], lambda board, seed, people: make_plane(board, seed, people, kind))


PLANE = subject("plane", PlaneSpace)

RANDOM_WALK, FLOCK = Locomotion("random-walk"), Locomotion("flocking")
DRIFTING = Subject(
    "random walk",
    PLANES,
    COURTS,
    COURTS[0],
    lambda board, seed, people: make_plane(board, seed, people, locomotion=RANDOM_WALK),
)
FLYING = Subject(
    "flock", MEADOWS, MEADOWS, MEADOWS[0], lambda board, seed, people: make_plane(board, seed, people, locomotion=FLOCK)
)


def check_room(space: PlaneSpace) -> None:
    """Raise SpaceError for the first walker who stands in a wall."""
    assert isinstance(space._bodies, Crowd)
    space._bodies.check_room()
