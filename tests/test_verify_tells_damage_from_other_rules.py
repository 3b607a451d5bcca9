import json
from pathlib import Path

import apsw
import pytest

from app.compose import compose, rules_version
from app.headless import branch, resume, run
from engine.errors import RunFileError
from engine.record.reader import RunReader
from engine.record.replay import Verdict, seek, verify
from engine.scenario import Scenario
from engine.society.drives import Drives
from tests.hamlet import changed, founded, hamlet, hashes


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("run") / "hamlet.sociarium"
    run(changed(hamlet(), time__ticks="80"), path, quiet=True)
    return path


def copy(recorded: Path, tmp_path: Path) -> Path:
    path = tmp_path / "copy.sociarium"
    path.write_bytes(recorded.read_bytes())
    return path


def verdict(path: Path, scenario: Scenario | None = None, rules: str | None = None) -> Verdict:
    with RunReader(path) as reader:
        runner = compose(scenario or hamlet(), replay=True).runner
        return verify(runner, reader, rules or rules_version(hamlet()))


def test_a_sound_run_replays_at_every_tick(recorded: Path) -> None:
    assert verdict(recorded) == Verdict(80)


def test_damage_is_called_damage(recorded: Path, tmp_path: Path) -> None:
    path = copy(recorded, tmp_path)
    connection = apsw.Connection(str(path))
    ((body,),) = connection.execute("SELECT body FROM tick WHERE tick = 33").fetchall()
    assert isinstance(body, bytes)
    torn = bytearray(body)
    torn[len(torn) // 2] ^= 0x10
    connection.execute("UPDATE tick SET body = ? WHERE tick = 33", (bytes(torn),))
    connection.close()
    found = verdict(path)
    assert found.parted_at is not None
    assert found.parted_at <= 33
    assert "tick 33 is not what was written" in found.reason


def test_other_rules_are_called_other_rules(recorded: Path) -> None:
    other = changed(hamlet(), modules__drives__tiring="2000")
    found = verdict(recorded, other, rules="2-newer")
    assert found.parted_at == 1
    assert "made by other rules" in found.reason
    assert "use Sociarium 0.1" in found.reason


def test_a_run_made_by_other_rules_is_not_gone_on_with(
    recorded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = copy(recorded, tmp_path)
    monkeypatch.setattr(Drives, "version", 99)
    with pytest.raises(RunFileError, match=r"made by other rules.*go on with it in Sociarium"):
        resume(path, 90, quiet=True)
    with pytest.raises(RunFileError, match="made by other rules"):
        branch(path, 40, lambda scenario: scenario, None, tmp_path / "branch.sociarium", quiet=True)
    assert path.read_bytes() == recorded.read_bytes()


def test_other_columns_are_other_rules(recorded: Path) -> None:
    without = changed(hamlet(), modules__news="false")
    found = verdict(recorded, without, rules="2-newer")
    assert found.parted_at == 0
    assert "made by other rules" in found.reason


def test_an_action_that_a_branch_switches_off_is_done_no_more_and_nothing_else_changes_its_meaning(
    recorded: Path, tmp_path: Path
) -> None:
    out = tmp_path / "without.sociarium"
    branch(recorded, 30, lambda scenario: changed(scenario, actions__off="[wander]"), None, out, quiet=True)
    with RunReader(recorded) as parent, RunReader(out) as child:
        assert child.header.actions == parent.header.actions
        wander = child.header.actions.index("wander")
        started = [record.decisions.action for record in child.records(31, 80)]
        assert not any((actions == wander).any() for actions in started)
        assert any((record.decisions.action == wander).any() for record in parent.records(31, 80))


def test_a_parting_under_the_same_rules_is_not_blamed_on_the_file(recorded: Path) -> None:
    found = verdict(recorded, changed(hamlet(), modules__drives__tiring="2000"))
    assert found.parted_at == 1
    assert "although rules and checksums agree" in found.reason


@pytest.mark.parametrize("tick", [0, 1, 31, 32, 47, 64, 79, 80])
def test_seeking_restores_the_world_at_any_tick(recorded: Path, tick: int) -> None:
    runner = compose(hamlet()).runner
    with RunReader(recorded) as reader:
        seek(runner, reader, tick)
        assert runner.society.world.state_hash() == reader.state_hash(tick)


@pytest.mark.parametrize("tick", [7, 40, 63])
def test_a_branch_with_nothing_changed_repeats_its_parent(recorded: Path, tick: int, tmp_path: Path) -> None:
    out = tmp_path / "branch.sociarium"
    branch(recorded, tick, lambda scenario: scenario, None, out, quiet=True)
    with RunReader(recorded) as parent, RunReader(out) as child:
        assert (child.first_tick, child.last_tick) == (tick, 80)
        for at in range(tick, 81):
            assert child.state_hash(at) == parent.state_hash(at)


def test_scripted_people_replay_and_branch(tmp_path: Path) -> None:
    """People driven by a file, by the schedule, and by reflex, in one run; it replays without the file."""
    script = tmp_path / "plan.yaml"
    script.write_text("- {tick: 5, agent: 3, action: wander}\n- {tick: 30, agent: 3, action: rest}\n")
    minds = json.dumps([
        {"mind": "script", "roles": ["merchant"], "settings": {"file": str(script)}},
    ])  # fmt: skip
    scenario = changed(
        hamlet(),
        time__ticks="60",
        cognition__minds=minds,
        events=json.dumps([{"at": 8, "do": "drive", "agent": 4, "action": "go", "arguments": ["Market"]}]),
    )
    path = tmp_path / "scripted.sociarium"
    run(scenario, path, quiet=True)
    unbroken = hashes(founded(scenario), 60)
    with RunReader(path) as reader:
        assert [reader.state_hash(tick).hex() for tick in range(1, 61)] == unbroken
        driven = reader.record(8).decisions
        assert 4 in driven.agent[driven.source == 1]
    script.unlink()
    assert verdict(path, scenario) == Verdict(60)
