import numpy as np
import pytest

from engine.errors import SocietyError
from engine.values import Snapshot
from engine.world import Column, World


def small_world() -> World:
    world = World(cells=6, places=2, capacity=4)
    world.declare(
        "farm",
        (
            Column("milk", np.int32, fill=7),
            Column("cows", np.int16, shape=(3,)),
            Column("grass", np.int16, per="cell", fill=5),
            Column("ledger", np.int64, per="world", shape=(2,)),
        ),
    )
    return world


def test_ids_are_stable_and_never_used_again() -> None:
    world = small_world()
    first = world.add(3)
    world.own("farm").milk[first] = [1, 2, 3]
    world.remove(np.array([1], np.int32))
    second = world.add(10)
    assert second.tolist() == list(range(3, 13))
    assert world["farm.milk"].tolist() == [1, 2, 3] + [7] * 10
    assert world.living().tolist() == [0, 2, *range(3, 13)]


def test_a_namespace_taken_early_sees_growth() -> None:
    world = small_world()
    own, seen = world.own("farm"), world.see("farm")
    world.add(100)
    own.milk[99] = 42
    assert seen.milk[99] == 42
    assert seen.milk.size == 100


def test_only_the_owner_writes() -> None:
    world = small_world()
    world.add(2)
    with pytest.raises(ValueError, match="read-only"):
        world.see("farm").milk[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        world["farm.grass"][0] = 1


@pytest.mark.parametrize("name", ["milk", "cows", "grass", "ledger"])
def test_every_column_counts_in_the_hash(name: str) -> None:
    world = small_world()
    world.add(2)
    before = world.state_hash()
    column = getattr(world.own("farm"), name)
    column.flat[-1] += 1
    assert world.state_hash() != before
    column.flat[-1] -= 1
    assert world.state_hash() == before


def test_tick_and_life_count_in_the_hash() -> None:
    world = small_world()
    world.add(2)
    before = world.state_hash()
    world.tick += 1
    assert world.state_hash() != before
    world.tick -= 1
    world.remove(np.array([0], np.int32))
    assert world.state_hash() != before


def test_the_hash_does_not_know_the_spare_capacity() -> None:
    roomy, tight = small_world(), World(6, 2, capacity=500)
    tight.declare("farm", tuple(column for full, column in roomy.columns() if full.startswith("farm.")))
    roomy.add(3)
    tight.add(3)
    assert roomy.state_hash() == tight.state_hash()


def test_a_snapshot_restores_everything_and_is_a_copy() -> None:
    world = small_world()
    world.add(5)
    world.own("farm").milk[:] = 3
    kept, before = world.snapshot({}), world.state_hash()
    world.own("farm").milk[:] = 9
    world.own("farm").grass[2] = 0
    world.add(50)
    world.tick = 8
    world.restore(kept)
    assert world.state_hash() == before
    assert world.count == 5


def test_a_snapshot_of_another_society_is_refused() -> None:
    world = small_world()
    kept = world.snapshot({})
    other = World(6, 2)
    with pytest.raises(SocietyError, match=r"farm\.milk.*same modules"):
        other.restore(kept)
    wrong = Snapshot(0, 0, {**kept.columns, "farm.grass": np.zeros(7, np.int16)}, {})
    with pytest.raises(SocietyError, match=r"farm\.grass.*\[7\].*\[6\]"):
        world.restore(wrong)


def test_floats_and_names_used_twice_are_refused() -> None:
    world = small_world()
    with pytest.raises(SocietyError, match="fixed-point"):
        world.declare("bank", (Column("rate", np.float32),))
    with pytest.raises(SocietyError, match="twice"):
        world.declare("farm", (Column("milk", np.int32),))
    with pytest.raises(SocietyError, match=r"no column farm\.beer"):
        world["farm.beer"]
