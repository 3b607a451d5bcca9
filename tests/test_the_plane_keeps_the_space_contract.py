"""The plane space keeps the contract of a Space, bounded and torus, with walls, in cells coarser than those of ways."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.contract.plane_board import PlaneBoard
from tests.contract.space_contract import CHECKS, Subject
from tests.plane_spaces import PLANE


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_plane_keeps_the_contract(check: Callable[[Subject[PlaneBoard]], None]) -> None:
    check(PLANE)
