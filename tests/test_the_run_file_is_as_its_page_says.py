"""docs/run-file.md: its tables are the file's, its header's names are the header's, and its examples run."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import apsw
import pytest
import xxhash

from app.headless import run
from engine.record.header import RunHeader
from engine.record.reader import RunReader
from engine.record.schema import APPLICATION, FORMAT, migrate
from tests.hamlet import changed, hamlet

PAGE = (Path(__file__).parents[1] / "docs" / "run-file.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("reviewer")
    run(changed(hamlet(), time__ticks="45"), place / "run.sociarium", quiet=True)
    return place


def printed(example: str) -> list[str]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(example, "docs/run-file.md", "exec"), {"__name__": "example"})
    return out.getvalue().splitlines()


def test_the_page_has_every_table_with_its_columns() -> None:
    connection = apsw.Connection(":memory:")
    migrate(connection, "")
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    rows = dict(re.findall(r"^\| `(\w+)` \| [^|]+ \| (.+) \|$", PAGE, re.MULTILINE))
    assert set(rows) == set(tables)
    for table in tables:
        columns = [name for (name,) in connection.execute("SELECT name FROM pragma_table_info(?)", (table,))]
        assert re.findall(r"(?:^|; )`(\w+)`", rows[table]) == columns
    assert f"0x{APPLICATION:X}" in PAGE and f"`user_version` is the number of the format, now {FORMAT}." in PAGE


def test_the_page_has_every_name_of_the_header() -> None:
    named = PAGE.split("## The header")[1].split("## Blocks")[0]
    names = "".join(re.findall(r"^\| (.+?) \|", named, re.MULTILINE))
    assert set(re.findall(r"`(\w+)`", names)) == set(RunHeader.__slots__)


def test_the_state_hash_is_of_what_the_page_says(folder: Path) -> None:
    with RunReader(folder / "run.sociarium") as reader:
        state = reader.snapshot_before(32)
        recorded = reader.state_hash(32)
    digest = xxhash.xxh3_128(f"32:{state.count}:{','.join(sorted(state.columns))}".encode())
    for name in sorted(state.columns):
        digest.update(state.columns[name].tobytes())
    assert state.tick == 32 and state.count == 130
    assert digest.digest() == recorded


def test_a_run_is_read_with_the_reader(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    lines = printed(EXAMPLES[0])
    with RunReader(folder / "run.sociarium") as reader:
        assert lines[1] == f"0 45 {reader.state_hash(45).hex()}"
        assert (folder / "again.scenario.yaml").read_text() == reader.header.scenario
    assert len(lines) > 5


def test_a_run_is_read_without_the_program(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert "engine" not in EXAMPLES[1]
    lines = printed(EXAMPLES[1])
    with RunReader(folder / "run.sociarium") as reader:
        measured = [f"{tick} {values}" for tick, values in reader.all_measures()]
        happened = []
        for record in reader.records(1, 10):
            events = record.events
            for kind, agent, values in zip(events.kind, events.agent, events.values.tolist(), strict=True):
                entry = reader.header.events[kind]
                fields = dict(zip([name for name, _ in entry.fields], values, strict=False))
                happened.append(f"{record.tick} {entry.name} {agent} {fields}")
    assert len(happened) > 50
    assert lines == [*measured, *happened]
