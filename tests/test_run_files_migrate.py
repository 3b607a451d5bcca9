"""A run file's format moves forward by numbered migrations, each whole with its record or not at all."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from engine.record.schema import FORMAT, MIGRATIONS, Migration, expected_tables, migrate, tables
from tests.record_samples import written

SECOND = Migration("a table of notes", ("CREATE TABLE note (tick INTEGER PRIMARY KEY, text TEXT NOT NULL)",))
BROKEN = Migration("half of a change", ("CREATE TABLE half (x)", "INSERT INTO nowhere VALUES (1)"))


def test_a_run_file_says_how_it_was_made(tmp_path: Path) -> None:
    written(tmp_path / "a.sociarium", 3)
    connection = apsw.Connection(str(tmp_path / "a.sociarium"))
    assert connection.pragma("user_version") == FORMAT == len(MIGRATIONS)
    rows = connection.execute("SELECT number, about, program FROM migration ORDER BY number").fetchall()
    assert rows == [(k + 1, migration.about, "0.1.0") for k, migration in enumerate(MIGRATIONS)]
    assert tables(connection) == expected_tables(FORMAT)
    assert {"part", "thought"} <= set(tables(connection))
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
