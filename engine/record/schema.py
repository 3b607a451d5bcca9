"""The tables of a run file, and the numbered migrations that lead there, each in one transaction with its record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import apsw

APPLICATION = 0x534F4349
"""SQLite's application id of run files: "SOCI"."""

PAGE_SIZE = 8192
"""Bytes of a page: rows of one tick fill it best (measured; see `sociarium bench record`)."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the format. Its number is its place in the list, from 1, and the file's `user_version` after it."""

    about: str
    statements: tuple[str, ...]


MIGRATIONS: tuple[Migration, ...] = (
    Migration(
        "the first format",
        (
            # One row: JSON for people and tools.
            "CREATE TABLE run (id INTEGER PRIMARY KEY CHECK (id = 1), header TEXT NOT NULL, checksum BLOB NOT NULL)",
            # One row while the run is closed in order: the ticks that are there then (-1: none).
            "CREATE TABLE ending (id INTEGER PRIMARY KEY CHECK (id = 1), first_tick INTEGER NOT NULL,"
            " last_tick INTEGER NOT NULL, checksum BLOB NOT NULL)",
            # `holds` has bits for rows of this tick in command (1), measure (2), snapshot (4), and since format 2
            # thought (8); `since_...` is how many ticks ago the last whole frame, snapshot and measures were (-1:
            # never), so that a row that is lost is missed; `body` holds asked, decisions and events.
            "CREATE TABLE tick (tick INTEGER PRIMARY KEY, state_hash BLOB NOT NULL, checksum BLOB NOT NULL,"
            " holds INTEGER NOT NULL, since_key INTEGER NOT NULL, since_snapshot INTEGER NOT NULL,"
            " since_measure INTEGER NOT NULL, body BLOB NOT NULL, frame BLOB NOT NULL)",
            "CREATE TABLE command (tick INTEGER PRIMARY KEY, checksum BLOB NOT NULL, data BLOB NOT NULL)",
            # `before` is the tick that was measured before this one, or -1.
            "CREATE TABLE measure (tick INTEGER PRIMARY KEY, before INTEGER NOT NULL, checksum BLOB NOT NULL,"
            " data BLOB NOT NULL)",
            # `base` is the tick of the snapshot that this one differs from, or null.
            "CREATE TABLE snapshot (tick INTEGER PRIMARY KEY, base INTEGER, checksum BLOB NOT NULL,"
            " data BLOB NOT NULL)",
            # For each block of ticks that is full: what happened how often.
            "CREATE TABLE tally (block INTEGER PRIMARY KEY, checksum BLOB NOT NULL, data BLOB NOT NULL)",
            # For each such block and 1024 people (id = block * 65536 + chunk): in which ticks events mention each.
            "CREATE TABLE mention (id INTEGER PRIMARY KEY, checksum BLOB NOT NULL, data BLOB NOT NULL)",
            "CREATE TABLE store (owner TEXT NOT NULL, key TEXT NOT NULL, checksum BLOB NOT NULL, value BLOB NOT NULL,"
            " PRIMARY KEY (owner, key)) WITHOUT ROWID",
            # What language models are given and say: parts of texts by their hash, each kept once, and of which parts
            # an agent's thinking at a tick was made, with the probabilities of the choices.
            "CREATE TABLE part (hash BLOB PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID",
            "CREATE TABLE thought (tick INTEGER NOT NULL, agent INTEGER NOT NULL, checksum BLOB NOT NULL,"
            " parts BLOB NOT NULL, choices BLOB NOT NULL, PRIMARY KEY (tick, agent)) WITHOUT ROWID",
        ),
    ),
    Migration(
        "what language models thought",
        (
            "DROP TABLE part",  # nothing ever wrote these two
            "DROP TABLE thought",
            # Pieces of text, each kept once under a number: `count` of them from number `first` on; the texts of the
            # pieces from `base` up to `until` are the dictionary that `data` was made small with (-1: none).
            "CREATE TABLE part (first INTEGER PRIMARY KEY, count INTEGER NOT NULL, base INTEGER NOT NULL,"
            " until INTEGER NOT NULL, checksum BLOB NOT NULL, data BLOB NOT NULL)",
            # The thoughts that landed at a tick: whose, and of which pieces they were made.
            # `before` is the tick that had thoughts before this one, or -1.
            "CREATE TABLE thought (tick INTEGER PRIMARY KEY, before INTEGER NOT NULL, checksum BLOB NOT NULL,"
            " agents BLOB NOT NULL, data BLOB NOT NULL)",
            # For each model and way in which thoughts ended: how many there were by now, and what they took.
            "CREATE TABLE usage (model TEXT NOT NULL, source INTEGER NOT NULL, checksum BLOB NOT NULL,"
            " data TEXT NOT NULL, PRIMARY KEY (model, source)) WITHOUT ROWID",
        ),
    ),
)

FORMAT = len(MIGRATIONS)
"""The newest format, which this program writes."""

HAS_COMMANDS, HAS_MEASURES, HAS_SNAPSHOT, HAS_THOUGHTS = 1, 2, 4, 8

_RECORD = (
    "CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY, about TEXT NOT NULL, program TEXT NOT NULL)"
)


def migrate(connection: apsw.Connection, program: str, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Bring a file to the newest of the migrations; each is done whole with its record, or not at all."""
    for number in range(int(connection.pragma("user_version")) + 1, len(migrations) + 1):
        migration = migrations[number - 1]
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.execute(_RECORD)
            for statement in migration.statements:
                connection.execute(statement)
            connection.execute("INSERT INTO migration VALUES (?, ?, ?)", (number, migration.about, program))
            connection.pragma("user_version", number)
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise


def tables(connection: apsw.Connection) -> dict[str, str]:
    """Return every table, index, view and trigger of a database by name, with the statement that made it."""
    rows = connection.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name").fetchall()
    return {str(name): str(sql) for name, sql in rows}


def expected_tables(version: int, migrations: Sequence[Migration] = MIGRATIONS) -> dict[str, str]:
    """Return what `tables` gives for an undamaged file of a format."""
    connection = apsw.Connection(":memory:")
    try:
        migrate(connection, "", migrations[:version])
        return tables(connection)
    finally:
        connection.close()
