"""A run file's format moves forward by numbered migrations, each whole with its record or not at all."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from engine.record.reader import RunReader
from engine.record.schema import FORMAT, MIGRATIONS, Migration, expected_tables, migrate, tables
from engine.record.writer import RunWriter
from tests.record_samples import ANY_SPACE, HEADER, agrees, samples, thoughts, written

SECOND = Migration("a table of notes", ("CREATE TABLE note (tick INTEGER PRIMARY KEY, text TEXT NOT NULL)",))
BROKEN = Migration("half of a change", ("CREATE TABLE half (x)", "INSERT INTO nowhere VALUES (1)"))


def test_a_run_file_says_how_it_was_made(tmp_path: Path) -> None:
    written(tmp_path / "a.sociarium", 3)
    connection = apsw.Connection(str(tmp_path / "a.sociarium"))
    assert connection.pragma("user_version") == FORMAT == len(MIGRATIONS)
    rows = connection.execute("SELECT number, about, program FROM migration ORDER BY number").fetchall()
    assert rows == [(k + 1, migration.about, "0.1.0") for k, migration in enumerate(MIGRATIONS)]
    assert tables(connection) == expected_tables(FORMAT)
    assert {"part", "thought", "usage"} <= set(tables(connection))
    connection.close()


def test_an_older_file_gets_what_it_lacks_and_keeps_its_rows(tmp_path: Path) -> None:
    written(tmp_path / "a.sociarium", 3)
    connection = apsw.Connection(str(tmp_path / "a.sociarium"))
    before = connection.execute("SELECT * FROM tick").fetchall()
    for _ in range(2):
        migrate(connection, "0.2.0", (*MIGRATIONS, SECOND))
        assert connection.pragma("user_version") == FORMAT + 1
        assert connection.execute("SELECT program FROM migration ORDER BY number").fetchall()[-1] == ("0.2.0",)
        assert tables(connection) == expected_tables(FORMAT + 1, (*MIGRATIONS, SECOND))
        assert connection.execute("SELECT * FROM tick").fetchall() == before
    connection.close()


@pytest.fixture
def first_format(tmp_path: Path) -> Path:
    """A run file as the first format had it, of 20 ticks and closed."""
    path = tmp_path / "old.sociarium"
    with RunWriter.create(path, HEADER, ANY_SPACE) as writer:
        for record in samples(20):
            writer.commit(record)
    connection = apsw.Connection(str(path))
    for table in ("part", "thought", "usage"):
        connection.execute(f"DROP TABLE {table}")
    for statement in MIGRATIONS[0].statements:
        if "TABLE part" in statement or "TABLE thought" in statement:
            connection.execute(statement)
    connection.execute("DELETE FROM migration WHERE number > 1")
    connection.pragma("user_version", 1)
    assert tables(connection) == expected_tables(1)
    connection.close()
    return path


def test_a_run_of_the_first_format_is_read_as_it_is(first_format: Path) -> None:
    before = first_format.read_bytes()
    with RunReader(first_format) as reader:
        agrees(reader, list(samples(20)))
        assert reader.last_thought(3, 19) is None and reader.thought(19, 3) is None
        assert not reader.thinking.usage() and not reader.thinking.last_words([3], 19) and reader.thinking.size() == 0
    assert first_format.read_bytes() == before


def test_a_run_of_the_first_format_goes_on_with_thoughts(first_format: Path) -> None:
    records = list(samples(40))
    with RunWriter.append(first_format, ANY_SPACE) as writer:
        for record in records[20:]:
            writer.note(thoughts(record))
            writer.commit(record)
    with RunReader(first_format) as reader:
        assert [reader.thoughts(tick) for tick in range(20)] == [[]] * 20
        assert [reader.thoughts(record.tick) for record in records[20:]] == [thoughts(r) for r in records[20:]]
    connection = apsw.Connection(str(first_format))
    assert connection.pragma("user_version") == FORMAT and tables(connection) == expected_tables(FORMAT)
    connection.close()


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    written(tmp_path / "a.sociarium", 3)
    connection = apsw.Connection(str(tmp_path / "a.sociarium"))
    before = tables(connection)
    with pytest.raises(apsw.SQLError):
        migrate(connection, "0.2.0", (*MIGRATIONS, SECOND, BROKEN))
    assert connection.pragma("user_version") == FORMAT + 1
    assert tables(connection) == before | {"note": SECOND.statements[0]}
    assert connection.execute("SELECT count(*) FROM migration").fetchall() == [(FORMAT + 1,)]
    connection.close()
