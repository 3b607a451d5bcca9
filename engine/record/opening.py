"""How run files are opened to be read: looked at first, touched never, and every fault told in one line."""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import apsw

from engine.errors import RunFileError
from engine.record.lock import is_being_written
from engine.record.schema import APPLICATION, FORMAT, expected_tables, tables

MAGIC = b"SQLite format 3\0"

FAULTS = (
    apsw.Error, struct.error, AttributeError, IndexError, KeyError, MemoryError, OverflowError, RecursionError,
    TypeError, ValueError,
)  # fmt: skip
"""What bytes that are not what they should be can raise on their way through SQLite, JSON and numpy."""

LARGEST_ROW = 1 << 30


@contextmanager
def telling_damage(path: Path) -> Iterator[None]:
    """Turn whatever damaged bytes raise into one RunFileError that names the file."""
    try:
        yield
    except RunFileError as error:
        if str(error).startswith(str(path)):
            raise
        raise RunFileError(f"{path}: is damaged: {_line(error)}{_MEND}") from error
    except apsw.BusyError as error:
        raise RunFileError(f"{path}: is busy ({_line(error)}); try again") from error
    except (apsw.CantOpenError, apsw.PermissionsError, apsw.AuthError) as error:
        raise RunFileError(f"{path}: cannot be read ({_line(error)}); check who may read it and its folder") from error
    except FAULTS as error:
        raise RunFileError(f"{path}: is damaged: {type(error).__name__} ({_line(error)}){_MEND}") from error


_MEND = "; use another copy of it, or run its scenario again"


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]


def check_file(path: Path) -> None:
    """Raise RunFileError unless the bytes of a file begin as those of a run file that this program can read.

    For a file that nobody writes; opens it for reading only.
    """
    try:
        about = path.stat()
        if stat.S_ISDIR(about.st_mode):
            raise RunFileError(f"{path}: is a folder; name a run file (*.sociarium) in it")
        if not stat.S_ISREG(about.st_mode):
            raise RunFileError(f"{path}: is not a file; name a run file (*.sociarium)")
        with path.open("rb") as file:
            head = file.read(100)
    except FileNotFoundError as error:
        raise RunFileError(f"{path}: there is no such file; check its name") from error
    except (OSError, ValueError) as error:
        raise RunFileError(f"{path}: cannot be read ({_line(error)}); check who may read it") from error
    if not head:
        raise RunFileError(f"{path}: is empty; the run never began, so delete it")
    if head[:16] != MAGIC:
        raise RunFileError(f"{path}: is not a run file; name one that Sociarium wrote")
    if len(head) < 100:
        raise RunFileError(f"{path}: is cut off after {len(head)} bytes{_MEND}")
    if int.from_bytes(head[68:72], "big") != APPLICATION:
        raise RunFileError(f"{path}: is an SQLite database but not a run file; name one that Sociarium wrote")
    _check_format(path, int.from_bytes(head[60:64], "big"))
    page = int.from_bytes(head[16:18], "big")
    size = int.from_bytes(head[28:32], "big") * (65536 if page == 1 else page)
    if about.st_size < size and not _wal(path).exists():
        raise RunFileError(f"{path}: is cut off: {about.st_size} bytes of {size} are there{_MEND}")


def _check_format(path: Path, version: int) -> None:
    if version > FORMAT:
        raise RunFileError(f"{path}: has format {version}, this program reads up to {FORMAT}; update Sociarium")
    if version < 1:
        raise RunFileError(f"{path}: has no format; the run never began, so delete it")


def check_tables(path: Path, connection: apsw.Connection) -> None:
    """Raise RunFileError unless a database holds exactly a run file's tables."""
    with telling_damage(path):
        if connection.pragma("application_id") != APPLICATION:
            raise RunFileError(f"{path}: is an SQLite database but not a run file; name one that Sociarium wrote")
        version = int(connection.pragma("user_version"))
        _check_format(path, version)
        if tables(connection) != _expected(version):
            raise RunFileError("its tables are not those of a run file")


@cache
def _expected(version: int) -> dict[str, str]:
    return expected_tables(version)


def _wal(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def _stamp(path: Path) -> tuple[int, ...]:
    try:
        about = path.stat()
    except OSError:
        return ()
    return about.st_ino, about.st_size, about.st_mtime_ns


def ask(connection: apsw.Connection, question: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return all rows of a query."""
    return connection.execute(question, values).fetchall()


def guard(connection: apsw.Connection) -> None:
    """Let a connection trust nothing in its file."""
    connection.limit(apsw.SQLITE_LIMIT_LENGTH, LARGEST_ROW)
    connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    connection.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
    connection.pragma("cell_size_check", True)


class Door:
    """Gives connections for reading. While a run is written each use gets its own, so that nothing is held up.

    A run that nobody writes is read without any lock, and without making, changing or deleting a file: neither the run
    nor, after a kill, the log beside it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept: apsw.Connection | None = None
        self._seen: tuple[int, ...] = ()
        with self.connection():
            pass

    @contextmanager
    def connection(self) -> Iterator[apsw.Connection]:
        """Lend a connection. Raises RunFileError, also for what the user of the connection meets in a damaged file."""
        path = self._path
        if is_being_written(path):
            self.close()
            with telling_damage(path):
                connection = self._open("mode=ro")
                try:
                    connection.set_busy_timeout(5000)
                    check_tables(path, connection)
                    yield connection
                finally:
                    connection.close()
            return
        with telling_damage(path):
            yield self._still()

    def _still(self) -> apsw.Connection:
        """Return the connection to a run that nobody writes, opened anew where its files have changed since."""
        log = _wal(self._path)
        seen = (*_stamp(self._path), *_stamp(log))
        if self._kept is not None and seen == self._seen:
            return self._kept
        self.close()
        check_file(self._path)
        bare = f"vfs={'unix-none' if os.name == 'posix' else 'win32-none'}"
        connection = self._open(bare if log.exists() and log.stat().st_size else "immutable=1")
        try:
            check_tables(self._path, connection)
        except RunFileError:
            connection.close()
            raise
        self._kept, self._seen = connection, seen
        return connection

    def _open(self, how: str) -> apsw.Connection:
        uri = f"{self._path.absolute().as_uri()}?{how}"
        connection = apsw.Connection(uri, flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        if how.startswith("vfs"):
            connection.pragma("locking_mode", "exclusive")  # keeps the log's index in memory instead of beside the file
        guard(connection)
        return connection

    def close(self) -> None:
        """Close what is open; the next use opens anew."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None
