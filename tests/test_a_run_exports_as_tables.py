"""A run's tables hold what the run file holds, in Parquet and in CSV, however many pieces they are written in."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars
import pytest

from engine.errors import RunFileError
from engine.record import export
from engine.record.export import export_run
from engine.record.reader import RunReader
from engine.record.writer import RunWriter
from engine.values import CONTINUE, ThoughtChoice, TickRecord
from tests.record_samples import ANY_SPACE, HEADER, shown, thoughts, written

TICKS = 50


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[TickRecord]]:
    path = tmp_path_factory.mktemp("run") / "a.sociarium"
    return path, written(path, TICKS)


@pytest.fixture(params=["parquet", "csv", "parquet in pieces", "csv in pieces"])
def tables(
    request: pytest.FixtureRequest, run: tuple[Path, list[TickRecord]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, polars.DataFrame]:
    to, _, pieces = str(request.param).partition(" ")
    if pieces:
        monkeypatch.setattr(export, "FLUSH_ROWS", 100)
    with RunReader(run[0]) as reader:
        files = export_run(reader, tmp_path / "out", to, namer=lambda person: ("Ana", "Bo", "")[min(person, 2)])
    assert sorted(files) == sorted((tmp_path / "out").iterdir())
    read = polars.read_parquet if to == "parquet" else polars.read_csv
    return {path.stem: read(path) for path in files if path.suffix == f".{to}"}


def test_every_table_is_there_and_described(tables: dict[str, polars.DataFrame], tmp_path: Path) -> None:
    assert set(tables) == {"ticks", "decisions", "thoughts", "events", "frames", "frames_cell", "measures", "people"}
    readme = (tmp_path / "out" / "README.txt").read_text()
    for name, table in tables.items():
        assert f"{name}." in readme
        for column in table.columns:
            assert f"  {column} " in readme, (name, column)
    assert json.loads((tmp_path / "out" / "dictionary.json").read_text())["actions"] == list(HEADER.actions)


def test_ticks_and_measures(tables: dict[str, polars.DataFrame], run: tuple[Path, list[TickRecord]]) -> None:
    ticks, measures = tables["ticks"], tables["measures"]
    assert ticks["state_hash"].to_list() == [record.state_hash.hex() for record in run[1]]
    assert ticks["commands"].sum() == sum(len(record.commands) for record in run[1]) > 0
    spread = measures.filter(polars.col("measure") == "spread")
    assert spread["value"].to_list() == [1.5, 2.0] * 9 and spread["position"].to_list() == [0, 1] * 9
    gini = measures.filter(polars.col("measure") == "gini")
    assert gini["position"].null_count() == gini.height == 9
    assert gini["value"].to_list() == pytest.approx([0.1 * tick for tick in gini["tick"]])


def test_decisions(tables: dict[str, polars.DataFrame], run: tuple[Path, list[TickRecord]]) -> None:
    wanted = []
    for record in run[1]:
        for row in np.flatnonzero(record.decisions.action != CONTINUE):
            args = record.decisions.args[row].tolist()
            action, why = HEADER.actions[record.decisions.action[row]], HEADER.reasons[record.reason[row]]
            asked_at, agent = int(record.decisions.asked_at[row]), int(record.decisions.agent[row])
            source = "person" if record.decisions.source[row] else "mind"
            outcome = ("done", "refused", "started", "interrupted")[record.outcome[row]]
            wanted.append((record.tick, agent, action, *args, asked_at, source, outcome, why or None))
    found = [(*row[:-1], row[-1] or None) for row in tables["decisions"].rows()]
    assert found == wanted


def test_thoughts(tables: dict[str, polars.DataFrame], run: tuple[Path, list[TickRecord]]) -> None:
    wanted = []
    for record in run[1]:
        for thought in thoughts(record):
            choice = thought.choices[thought.chosen] if thought.chosen >= 0 else ThoughtChoice(0, ())
            wanted.append(
                (
                    record.tick,
                    thought.agent,
                    thought.model,
                    thought.tick,
                    len(thought.choices),
                    HEADER.actions[choice.action] if thought.chosen >= 0 else None,
                    choice.probability,
                    thought.words or None,
                    thought.source.name.lower(),
                    thought.prompt_tokens,
                    thought.cached_tokens,
                    thought.generated_tokens,
                    thought.milliseconds,
                )
            )
    found = [(*row[:7], row[7] or None, *row[8:]) for row in tables["thoughts"].rows()]
    assert found == wanted and len(found) > 50


def test_events_have_their_values_by_name_and_in_words(
    tables: dict[str, polars.DataFrame], run: tuple[Path, list[TickRecord]]
) -> None:
    wanted = []
    for record in run[1]:
        for kind, agent, values in zip(record.events.kind, record.events.agent, record.events.values, strict=True):
            good, partner = (int(value) for value in values[:2])
            word = HEADER.words["good"][good] if kind > 0 and 0 <= good < 2 else None
            name = HEADER.words["agent"][partner] if kind == 2 and 0 <= partner < 2 else None
            wanted.append((record.tick, HEADER.events[kind].name, int(agent), word, name))
    assert tables["events"].columns == ["tick", "kind", "agent", "good", "partner"]
    assert [(*row[:3], row[3] or None, row[4] or None) for row in tables["events"].rows()] == wanted


def test_frames(tables: dict[str, polars.DataFrame], run: tuple[Path, list[TickRecord]]) -> None:
    frames = tables["frames"]
    for record in run[1][::7]:
        there = frames.filter(polars.col("tick") == record.tick)
        assert there["agent"].to_list() == list(range(len(record.frame["space.cell"])))
        assert np.array_equal(there["space.cell"], record.frame["space.cell"])
        assert np.array_equal(there["people.alive"], record.frame["people.alive"])
        assert np.array_equal(there["drives.energy"], shown(np.asarray(record.frame["drives.energy"]), 12))
        assert np.array_equal(there["people.args_2"], record.frame["people.args"][:, 1])
    cells = tables["frames_cell"]
    left = np.zeros(60, np.int64)
    for record in run[1]:
        changed = cells.filter(polars.col("tick") == record.tick)
        left[changed["cell"].to_numpy()] = changed["goods.left"].to_numpy()
        assert np.array_equal(left, record.frame["goods.left"])
        assert changed.height == (60 if record.tick == 0 else 1)


def test_people(tables: dict[str, polars.DataFrame], run: tuple[Path, list[TickRecord]]) -> None:
    people = tables["people"]
    last = run[1][-1].frame["people.alive"]
    assert people["agent"].to_list() == list(range(last.size))
    assert [name or "" for name in people["name"]][:3] == ["Ana", "Bo", ""]
    assert [row["last_tick"] == TICKS - 1 for row in people.to_dicts()] == last.tolist()
    assert people["first_tick"].to_list()[-5:] == [45] * 5


def test_an_export_replaces_its_own_files_and_no_others(run: tuple[Path, list[TickRecord]], tmp_path: Path) -> None:
    with RunReader(run[0]) as reader:
        export_run(reader, tmp_path / "out", "csv")
        written_again = export_run(reader, tmp_path / "out", "parquet")
        assert sorted(written_again) == sorted((tmp_path / "out").iterdir())
        (tmp_path / "out" / "thesis.csv").write_text("mine")
        with pytest.raises(RunFileError, match=r"is not empty \(thesis\.csv\)"):
            export_run(reader, tmp_path / "out", "csv")
        (tmp_path / "notes").mkdir()
        (tmp_path / "notes" / "README.txt").write_text("mine")
        with pytest.raises(RunFileError, match=r"is not empty \(README\.txt\)"):
            export_run(reader, tmp_path / "notes", "csv")
    assert (tmp_path / "out" / "thesis.csv").read_text() == (tmp_path / "notes" / "README.txt").read_text() == "mine"


def test_what_cannot_be_exported_says_so(run: tuple[Path, list[TickRecord]], tmp_path: Path) -> None:
    with RunReader(run[0]) as reader:
        with pytest.raises(RunFileError, match="no format xlsx; use one of parquet, csv"):
            export_run(reader, tmp_path / "out", "xlsx")
        (tmp_path / "file").write_text("")
        with pytest.raises(RunFileError, match="cannot be written"):
            export_run(reader, tmp_path / "file", "csv")
    RunWriter.create(tmp_path / "b.sociarium", HEADER, ANY_SPACE).close()
    with RunReader(tmp_path / "b.sociarium") as reader, pytest.raises(RunFileError, match="holds no ticks"):
        export_run(reader, tmp_path / "out", "csv")
