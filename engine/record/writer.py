"""The run file's only writer: a `Recorder`. Each tick is one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

import apsw

from engine.errors import RunFileError
from engine.record.header import RunHeader
from engine.record.index import BLOCK
from engine.record.lock import RunLock
from engine.record.opening import ask, check_file, check_tables, guard
from engine.record.reader import RunReader
from engine.record.rows import RunSettings, Statement, TickRows, store_rows
from engine.record.schema import APPLICATION, PAGE_SIZE, migrate
from engine.record.sealed import load_store
from engine.record.space import DiskWatch, Waiting
from engine.record.squeeze import seal, sealed_numbers
from engine.record.stores import RunStore
from engine.record.thoughts import ThoughtPacker
from engine.values import Thought, TickRecord

TRIES = 250
"""How often `close` looks, every 20 ms, whether those who read the run at that moment have done so."""


class RunWriter:
    """Make one by `create` or `append`; close it, or use it in a `with`. `last_tick` is None before the first."""

    def __init__(
        self, path: Path, header: RunHeader, connection: apsw.Connection, lock: RunLock, settings: RunSettings,
        waiting: Waiting,
    ) -> None:  # fmt: skip
        self.path, self.header = path, header
        self.last_tick: int | None = None
        self.heard: Callable[[Sequence[Thought]], None] = lambda thoughts: None
        """Told of all that is noted, at once."""
        self._connection: apsw.Connection | None = connection
        self._lock, self._settings, self._waiting = lock, settings, waiting
        self._watch = DiskWatch(path, settings.min_free_bytes, waiting)
        self._rows = TickRows(header, settings)
        self._stores: dict[str, RunStore] = {}
        self._thinking, self._thoughts = ThoughtPacker(), list[Thought]()
        self._checkpointed = waiting.clock()

    @staticmethod
    def create(
        path: Path, header: RunHeader, settings: RunSettings | None = None, waiting: Waiting | None = None
    ) -> RunWriter:
        """Begin a run file. Raises RunFileError when the file is there already, is locked or cannot be made."""
        path, settings = Path(path), settings or RunSettings()
        lock = RunLock(path)
        try:
            if path.exists():
                raise RunFileError(f"{path}: exists already; choose another name, or delete it")
            log = path.with_name(path.name + "-wal")
            if log.exists():  # SQLite would take its pages for those of the new file
                raise RunFileError(f"{log}: is the log of a run that is gone; choose another name, or delete it")
            try:
                connection = _open(path, settings, header)
            except BaseException:
                path.unlink(missing_ok=True)
                raise
        except BaseException:
            lock.release()
            raise
        return RunWriter(path, header, connection, lock, settings, waiting or Waiting())

    @staticmethod
    def append(path: Path, settings: RunSettings | None = None, waiting: Waiting | None = None) -> RunWriter:
        """Go on with a run, after a kill too: `last_tick` is the last that was committed.

        Raises RunFileError when it is being written, or is no run file that this program can write to; then nothing is
        changed.
        """
        path, settings = Path(path), settings or RunSettings()
        with RunReader(path) as reader:  # says what is wrong before anything is touched
            header, last = reader.header, reader.last_tick
            if last is not None:
                reader.check_tick(last)
        lock = RunLock(path)
        try:
            check_file(path)
            connection = _open(path, settings, None)
            try:
                writer = RunWriter(path, header, connection, lock, settings, waiting or Waiting())
                writer._catch_up()
            except BaseException:
                connection.close()
                raise
        except BaseException:
            lock.release()
            raise
        return writer

    def _catch_up(self) -> None:
        """Find the last tick, and count the ticks of the block that is not full yet."""
        with RunReader(self.path) as reader:
            self._thinking = ThoughtPacker(*reader.thinking.end(), reader.thinking.usage())
            self._thinking.add(self._thoughts)
            self.last_tick = last = reader.last_tick
            if last is None:
                return
            self._rows = TickRows(self.header, self._settings, *reader.landmarks(last))
            if last % BLOCK == BLOCK - 1:
                return
            people = reader.people(last)
            for record in reader.records(max(reader.first_tick or 0, last - last % BLOCK), last):
                self._rows.count(record, people)

    def commit(self, record: TickRecord) -> None:
        """Write a tick in one transaction, with all that was put into stores and noted since the last.

        Ticks come without gaps. When the disk is full it waits (see `Waiting`) and then goes on. Raises RunFileError
        when the file cannot be written for another reason, or the record is not as the header says; then nothing of
        the tick is written.
        """
        if self.last_tick is not None and record.tick != self.last_tick + 1:
            raise RunFileError(
                f"{self.path}: tick {record.tick} cannot follow tick {self.last_tick}; commit every tick once, in order"
            )
        stores = {owner: store.unwritten() for owner, store in self._stores.items() if store.unwritten()}
        try:
            self._watch.before_commit()
            self._write(self._rows.of(record, stores, self._thinking.of(record.tick)))
        except BaseException:
            self._start_over()
            raise
        self.last_tick, self._thoughts = record.tick, []
        for owner in stores:
            self._stores[owner].written()
        now = self._waiting.clock()
        if now - self._checkpointed > self._settings.checkpoint_seconds:
            self._checkpointed = now
            self._checkpoint(apsw.SQLITE_CHECKPOINT_PASSIVE)

    def _start_over(self) -> None:
        """Forget what was packed of a tick that was not written: the next frame and snapshot stand for themselves."""
        self._rows = TickRows(self.header, self._settings)
        if self._connection is not None:
            self._catch_up()

    def _open_connection(self) -> apsw.Connection:
        if self._connection is None:
            raise RunFileError(f"{self.path}: is closed; append to it to go on")
        return self._connection

    def _write(self, statements: Sequence[Statement]) -> None:
        if not self._fits(statements):
            self._watch.pause(lambda: self._watch.has_room() and self._fits(statements))

    def _fits(self, statements: Sequence[Statement]) -> bool:
        """Write the statements in one transaction, or return False, with none written, where the disk is full."""
        connection = self._open_connection()
        try:
            if len(statements) == 1:
                connection.execute(*statements[0])
                return True
            connection.execute("BEGIN IMMEDIATE")
            for statement, values in statements:
                connection.execute(statement, values)
            connection.execute("COMMIT")
            return True
        except apsw.FullError:
            return False
        except apsw.Error as error:
            if isinstance(error, apsw.IOError) and getattr(error, "extendedresult", 0) == apsw.SQLITE_IOERR_SHMSIZE:
                return False
            raise RunFileError(f"{self.path}: cannot be written ({error}); check its disk") from error
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")

    def _checkpoint(self, mode: int) -> None:
        """Take the log into the file, as far as those who read allow."""
        try:
            self._open_connection().wal_checkpoint(mode=mode)
        except (apsw.BusyError, apsw.LockedError, apsw.FullError):
            return  # the log keeps everything; the next checkpoint takes it in
        except apsw.Error as error:
            raise RunFileError(f"{self.path}: cannot be written ({error}); check its disk") from error

    def note(self, thoughts: Sequence[Thought]) -> None:
        """Keep what language models thought; taken apart at once, and committed with the tick."""
        self._thinking.add(thoughts)
        self._thoughts += thoughts
        self.heard(thoughts)

    def store(self, owner: str) -> RunStore:
        """Lend a named store; the same one for the same owner."""
        if owner not in self._stores:
            self._stores[owner] = RunStore(lambda: load_store(self.path, self._open_connection(), owner))
        return self._stores[owner]

    def close(self) -> None:
        """Finish: after this the run is one file. Once closed, closing again does nothing.

        Rows that were put into stores after the last commit are written too; thoughts are not, for no tick holds them.
        """
        if self._connection is None:
            return
        try:
            rows = [row for owner, store in self._stores.items() for row in store_rows(owner, store.unwritten())]
            self._write([self._ending(), *rows])
            self._leave_log()
        finally:
            self._connection.close()
            self._connection = None
            self._lock.release()

    def _ending(self) -> Statement:
        ((first, last),) = ask(self._open_connection(), "SELECT min(tick), max(tick) FROM tick")
        ticks = (-1, -1) if first is None else (int(first), int(last))
        return "INSERT INTO ending VALUES (1, ?, ?, ?)", (*ticks, seal(sealed_numbers(*ticks)))

    def _leave_log(self) -> None:
        """Take the whole log into the file and do without one, once nobody reads through it."""
        connection = self._open_connection()
        for _ in range(TRIES):
            self._checkpoint(apsw.SQLITE_CHECKPOINT_TRUNCATE)
            try:
                if connection.pragma("journal_mode", "delete") == "delete":
                    return
            except (apsw.BusyError, apsw.LockedError, apsw.FullError):
                pass
            self._waiting.sleep(0.02)
        # Whole all the same, with its log beside it; the next writer takes that in.

    def __enter__(self) -> RunWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _open(path: Path, settings: RunSettings, header: RunHeader | None) -> apsw.Connection:
    """Return a connection that writes a run file, through a log; a new file gets its tables and header."""
    flags = apsw.SQLITE_OPEN_READWRITE | (apsw.SQLITE_OPEN_CREATE if header is not None else 0)
    try:
        connection = apsw.Connection(str(path), flags=flags)
    except apsw.Error as error:
        raise RunFileError(f"{path}: cannot be opened to write ({error}); check its folder") from error
    try:
        connection.set_busy_timeout(5000)
        guard(connection)
        if header is not None:
            _begin(connection, header)
        else:
            check_tables(path, connection)
            migrate(connection, "")
            connection.execute("DELETE FROM ending")
        connection.pragma("synchronous", "normal")
        connection.pragma("journal_mode", "wal")
        connection.pragma("wal_autocheckpoint", settings.checkpoint_pages)
    except apsw.Error as error:
        connection.close()
        raise RunFileError(f"{path}: cannot be written ({error}); check its folder and disk") from error
    except BaseException:
        connection.close()
        raise
    return connection


def _begin(connection: apsw.Connection, header: RunHeader) -> None:
    connection.pragma("page_size", PAGE_SIZE)
    connection.pragma("application_id", APPLICATION)
    migrate(connection, header.program)
    text = header.to_json()
    connection.execute("INSERT INTO run VALUES (1, ?, ?)", (text, seal(text.encode())))
