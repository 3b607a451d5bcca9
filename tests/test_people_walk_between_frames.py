"""People walk smoothly from frame to frame; a jump is shown as a jump; nobody stands in another or in a wall."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from app.viewport.motion import Motion
from app.viewport.slots import DOORS, PACE, Slots
from engine.remote.wire import PlaceEntry

WIDTH, HEIGHT = 40, 30
HOUSE = 12 * WIDTH + 20


class Land:
    """A flat land with one step in its middle."""

    def __init__(self) -> None:
        row, column = np.divmod(np.arange(WIDTH * HEIGHT), WIDTH)
        x, y = (column + 0.5 * (row & 1)) * PACE, row * 1.5
        self.xyz = np.column_stack([x, y, np.where(column > 19, 0.22, 0.0)]).astype(np.float32)

    def height_at(self, xy: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.where(xy[:, 0] > 19.5 * PACE, 0.22, 0.0).astype(np.float32)


@pytest.fixture
def motion() -> Motion:
    places = [PlaceEntry("House", "house", HOUSE, 0, 8, 90)]
    land = Land()
    return Motion(land, Slots(land, places), ((WIDTH + 0.5) * PACE, HEIGHT * 1.5), torus=False)


def take(motion: Motion, tick: int, cells: list[int], now: float, alive: list[bool] | None = None) -> None:
    columns = {
        "space.cell": np.array(cells, np.int32),
        "people.alive": np.array(alive or [True] * len(cells)),
        "space.heading": np.zeros(len(cells), np.int8),
    }
    motion.take(tick, columns, np.zeros(len(cells), np.bool_), now)


def test_the_way_is_walked_evenly_and_ends_at_the_next_cell(motion: Motion) -> None:
    take(motion, 0, [100, 200], 0.0)
    start = motion.positions(1.0)
    take(motion, 1, [101, 200], 1.0)
    assert motion.blend(1.0) == 0
    assert np.allclose(motion.positions(0.0), start)
    half = motion.positions(0.5)
    end = motion.positions(1.0)
    assert np.allclose(half[0], (start[0] + end[0]) / 2, atol=1e-5)
    assert np.allclose(half[1], start[1])
    assert np.hypot(*(end[0] - motion.ground.xyz[101])[:2]) < 0.9
    take(motion, 2, [102, 200], 1.0 + motion.duration / 2)
    assert np.allclose(motion.positions(0.0)[0], half[0], atol=1e-4), "a frame that comes early changes no place"


@pytest.mark.parametrize("ticks_per_s", [1, 4, 20, 60, 200])
def test_nobody_hops_at_any_speed(motion: Motion, ticks_per_s: int) -> None:
    places, time, cell = [], 0.0, 5 * WIDTH
    next_tick, tick = 0.0, 0
    while time < min(30 / ticks_per_s, 4):
        if time >= next_tick:
            take(motion, tick, [cell + tick], time)
            tick, next_tick = tick + 1, next_tick + 1 / ticks_per_s
        places.append(motion.positions(motion.blend(time))[0].copy())
        time += 1 / 240
    steps = np.hypot(*np.diff(np.array(places), axis=0)[:, :2].T)
    even = PACE * ticks_per_s / 240
    assert steps.max() < 4 * even + 0.05
    assert steps[len(steps) // 2 :].mean() > 0.6 * even, "they keep up with the society"


def test_jumps_are_shown_as_jumps(motion: Motion) -> None:
    take(motion, 10, [100, 200], 0.0)
    take(motion, 11, [100 + 20 * WIDTH, 201], 0.5)
    far, near = motion.positions(0.0)
    assert np.allclose(far, motion.positions(1.0)[0]), "who is far away at once did not walk there"
    assert not np.allclose(near, motion.positions(1.0)[1])
    take(motion, 900, [101, 202], 1.0)
    assert motion.duration == 0, "another time is shown at once"


def test_who_comes_and_goes(motion: Motion) -> None:
    take(motion, 0, [100, 200], 0.0)
    take(motion, 1, [100, 200, 300], 0.5, [True, False, True])
    assert motion.here.tolist() == [True, False, True]
    assert motion.visible().tolist() == [True, False, True]


def test_nobody_stands_in_another_or_in_a_wall(motion: Motion) -> None:
    crowd = [300] * 4 + [301] * 7 + [HOUSE] * 8
    take(motion, 0, crowd, 0.0)
    feet = motion.positions(1.0)[:, :2]
    apart = np.hypot(*(feet[:, None] - feet[None]).transpose(2, 0, 1))
    np.fill_diagonal(apart, 9)
    assert apart.min() > 0.3, "a person is a third of a hex's side wide"
    home = feet[-8:] - motion.ground.xyz[HOUSE, :2]
    assert (home[:, 1] > DOORS["house"] - 0.05).all(), "before the door, which looks north"
    before = feet.copy()
    take(motion, 1, [*crowd[:-1], 400], 0.5)
    after = motion.positions(1.0)[:, :2]
    assert np.allclose(after[:-1], before[:-1]), "who stays keeps the place where they stand"
