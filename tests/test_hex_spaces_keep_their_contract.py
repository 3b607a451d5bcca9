"""Both hex spaces keep the contract of a Space, and what is true of hexagons beyond it, on bounded and torus maps."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.contract.hex_board import HexBoard
from tests.contract.hex_contract import HEX_CHECKS
from tests.contract.space_contract import CHECKS, Subject
from tests.hex_spaces import HEX, MESA_FRAMES


@pytest.mark.parametrize("check", (*CHECKS, *HEX_CHECKS), ids=lambda check: check.__name__)
@pytest.mark.parametrize("subject", (HEX, MESA_FRAMES), ids=lambda subject: subject.name)
def test_a_hex_space_keeps_its_contract(subject: Subject[HexBoard], check: Callable[[Subject[HexBoard]], None]) -> None:
    check(subject)
