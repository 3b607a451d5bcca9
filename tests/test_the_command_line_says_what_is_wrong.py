"""Bad input is a feature: one line that says what, where and the mend; exit status 2; no traceback; nothing lost."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli import main
from engine.record.reader import RunReader
from engine.record.writer import RunWriter
from tests.hamlet import HAMLET


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Hold a scenario, a finished run and some files that are neither."""
    place = tmp_path_factory.mktemp("inputs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOCIARIUM_HOME", str(place / "home"))
        (place / "hamlet.scenario.yaml").write_text(HAMLET)
        (place / "torn.scenario.yaml").write_text("sociarium: 1\nname: torn\npeople: 5\nspace: {width: 9000}\n")
        (place / "picture.sociarium").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(200)))
        (place / "empty.sociarium").touch()
        (place / "full").mkdir()
        (place / "full" / "thesis.txt").write_text("do not lose me")
        run = ("run", place / "hamlet.scenario.yaml", "--ticks", "10", "--json", "--out", place / "run.sociarium")
        assert main([str(word) for word in run]) == 0
        yield place


WRONG = [
    ("run nowhere", "nowhere", "there is no such file"),
    ("run torn.scenario.yaml", "line 3|torn.scenario.yaml:3: people", "not known|unknown"),
    ("run torn.scenario.yaml", "torn.scenario.yaml:4: space.width", "1000"),
    ("run hamlet.scenario.yaml --ticks 0", "0 is below 1", "--help"),
    ("run hamlet.scenario.yaml --ticks soon", "soon", "--help"),
    ("run hamlet.scenario.yaml --space cube", "space.backend", "mesa-frames"),
    ("run hamlet.scenario.yaml --mind oracle", "oracle", "reflex, recorded, script"),
    ("run hamlet.scenario.yaml --set population.count", "there is no `=`", "PATH=VALUE"),
    ("run hamlet.scenario.yaml --set population.cuont=5", "population.cuont", "count"),
    ("run hamlet.scenario.yaml --out run.sociarium", "run.sociarium: exists already", "another name"),
    ("run hamlet.scenario.yaml --out full", "full", "exists already"),
    ("info missing.sociarium", "missing.sociarium", "no such file|does not exist|not there"),
    ("info picture.sociarium", "picture.sociarium", "not a run"),
    ("info empty.sociarium", "empty.sociarium", "empty"),
    ("info full", "full", "folder"),
    ("resume picture.sociarium", "picture.sociarium", "not a run"),
    ("verify empty.sociarium", "empty.sociarium", "empty"),
    ("branch run.sociarium --at 99", "ticks 0 to 10, not 99", "choose one"),
    (
        "branch run.sociarium --at 5 --set space.width=31",
        "space.width: is settled",
        "run the scenario anew|Run the scenario",
    ),
    ("branch run.sociarium --at 5 --set population.count=9", "population: is settled", "anew"),
    ("branch run.sociarium --at 9 --ticks 9", "cannot end at tick 9", "later tick"),
    ("resume run.sociarium", "has reached tick 10 already", "--ticks"),
    ("run hamlt", "hamlt", "undled scenarios: city"),
    ("run setlement", "setlement", "Did you mean settlement?"),
    ("branch run.sociarium --at 5 --set modules.drives.hunger=much", "modules.drives.hunger", "0 to 10000"),
    ("export run.sociarium --to parquet full", "full", "empty|not empty"),
    ("export run.sociarium --to words out", "words", "parquet"),
    ("open sociarium://elsewhere", "sociarium://elsewhere", "HOST:PORT"),
    ("open setlement", "setlement", "Did you mean settlement?"),
    ("open missing.sociarium", "missing.sociarium", "there is no such file"),
    ("open settlement --after soon", "soon", "--help"),
    ("open settlement --size 5x5", "5x5", "1280x720"),
    ("serve --host 0.0.0.0", "--host 0.0.0.0", "not encrypted"),
    ("fly", "fly", "--help"),
    ("bench weather", "weather", "engine, record"),
    ("scenario check nowhere", "nowhere", "no such file"),
]


@pytest.mark.parametrize(("command", "what", "mend"), WRONG, ids=[command for command, _, _ in WRONG])
def test_bad_input_is_one_line_with_the_mend(
    command: str,
    what: str,
    mend: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(folder)
    before = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    try:
        status = main(command.split())
    except SystemExit as leaving:
        status = int(str(leaving.code))
    said = capsys.readouterr()
    assert status == 2
    assert any(part in said.err for part in what.split("|")), said.err
    assert any(part in said.err for part in mend.split("|")), said.err
    assert "Traceback" not in said.err
    assert all(line.startswith("sociarium: ") for line in said.err.splitlines())
    assert {path: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before
    assert (folder / "full" / "thesis.txt").read_text() == "do not lose me"


def test_a_run_that_is_being_written_cannot_be_resumed(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "busy.sociarium"
    path.write_bytes((folder / "run.sociarium").read_bytes())
    with RunWriter.append(path):
        assert main(["resume", str(path)]) == 2
        said = capsys.readouterr().err
        assert len(said.splitlines()) == 1
        assert str(path) in said
        assert main(["info", str(path)]) == 0, "readers may look while it is written"


def test_what_goes_well_ends_with_one_json_object(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = {
        "scenario", "space", "mind", "agents", "ticks", "seed", "state_hash", "ms_per_tick", "decisions",
        "decisions_per_s", "fallbacks", "refused", "minds", "events", "run",
    }  # fmt: skip
    scenario, run = str(folder / "hamlet.scenario.yaml"), str(folder / "run.sociarium")
    assert main(["run", scenario, "--ticks", "4", "--json", "--out", str(folder / "short.sociarium")]) == 0
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert set(report) == wanted
    assert report["ticks"] == 4
    assert set(report["ms_per_tick"]) == {"median", "p99"}
    assert main(["resume", str(folder / "short.sociarium"), "--ticks", "10", "--json"]) == 0
    resumed = json.loads(capsys.readouterr().out.splitlines()[-1])
    with RunReader(Path(run)) as reader:
        assert resumed["state_hash"] == reader.state_hash(10).hex()
    assert set(resumed) == wanted
    assert main(["branch", run, "--at", "6", "--json", "--out", str(folder / "branch.sociarium")]) == 0
    branched = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (branched["state_hash"], branched["ticks"]) == (resumed["state_hash"], 10)
    assert main(["verify", run, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["parted_at"] is None
    assert main(["info", run, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["last_tick"] == 10
    assert main(["run", scenario, "--estimate", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ticks"] == 120


def test_a_changed_branch_parts_from_its_parent(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run, out = folder / "run.sociarium", folder / "hungry.sociarium"
    assert main(["branch", str(run), "--at", "3", "--set", "modules.drives.hunger=9000", "--out", str(out)]) == 0
    with RunReader(run) as parent, RunReader(out) as child:
        assert child.header.parent == (parent.header.run, 3)
        assert child.state_hash(3) == parent.state_hash(3)
        assert child.state_hash(4) != parent.state_hash(4)
    assert main(["verify", str(out)]) == 0
    assert "all 7 ticks replay" in capsys.readouterr().out


def test_the_story_of_a_run_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["info", str(folder / "run.sociarium")]) == 0
    told = capsys.readouterr().out
    assert "60 people" in told
    assert "trade.gini" in told
    assert "thought" not in told
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert main(["open", str(folder / "run.sociarium")]) == 0
    said = capsys.readouterr()
    assert said.out == told
    assert said.err == "sociarium: there is no display, so this runs without a window\n"
