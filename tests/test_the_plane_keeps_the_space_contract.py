"""The plane space keeps the contract of a Space, bounded and torus, with walls, in cells coarser than those of ways.

So it does when people walk at random or fly in a flock, except that strollers then go wherever it takes them.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.contract.plane_board import PlaneBoard
from tests.contract.space_contract import CHECKS, Subject, strollers_stay_near
from tests.plane_spaces import DRIFTING, FLYING, PLANE


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_plane_keeps_the_contract(check: Callable[[Subject[PlaneBoard]], None]) -> None:
    check(PLANE)


@pytest.mark.parametrize("moving", [DRIFTING, FLYING], ids=lambda subject: subject.name)
@pytest.mark.parametrize(
    "check", [check for check in CHECKS if check is not strollers_stay_near], ids=lambda check: check.__name__
)
def test_so_does_each_locomotion(check: Callable[[Subject[PlaneBoard]], None], moving: Subject[PlaneBoard]) -> None:
    check(moving)
