"""Rows of a run file, handed on only when their seals are whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import apsw

from engine.errors import RunFileError
from engine.record.opening import ask
from engine.record.rows import seal_snapshot, seal_store, seal_tick
from engine.record.squeeze import seal, sealed_numbers


class Row(NamedTuple):
    """A row of `tick` whose seal was checked."""

    tick: int
    state_hash: bytes
    holds: int
    since_key: int
    since_snapshot: int
    since_measure: int
    body: bytes
    frame: bytes


def checked(row: tuple[Any, ...]) -> Row:
    """Return a row of `tick` without its seal. Raises RunFileError when that is broken."""
    tick, state_hash, checksum, holds, key, snapshot, measure, body, frame = row
    if seal_tick(tick, holds, key, snapshot, measure, state_hash, body, frame) != checksum:
        raise RunFileError(f"tick {tick} is not what was written")
    return Row(tick, state_hash, holds, key, snapshot, measure, body, frame)


def ending(connection: apsw.Connection) -> tuple[int, int] | None:
    """Return the first and last tick of a run that was closed in order (-1 for none), or None."""
    rows = ask(connection, "SELECT first_tick, last_tick, checksum FROM ending")
    if not rows:
        return None
    first, last, checksum = rows[0]
    if seal(sealed_numbers(first, last)) != checksum:
        raise RunFileError("its ending is not what was written")
    return first, last


def snapshot_row(connection: apsw.Connection, tick: int) -> tuple[int | None, bytes]:
    """Return (base, block) of the snapshot of a tick. Raises RunFileError when it is not what was written."""
    rows = ask(connection, "SELECT base, checksum, data FROM snapshot WHERE tick = ?", (tick,))
    if len(rows) != 1 or seal_snapshot(tick, rows[0][0], rows[0][2]) != rows[0][1]:
        raise RunFileError(f"the snapshot of tick {tick} is not what was written")
    return rows[0][0], rows[0][2]


def load_store(path: Path, connection: apsw.Connection, owner: str) -> dict[str, bytes]:
    """Return an owner's rows. Raises RunFileError when one is not what was written."""
    rows = ask(connection, "SELECT key, checksum, value FROM store WHERE owner = ? ORDER BY key", (owner,))
    for key, checksum, value in rows:
        if seal_store(owner, key, value) != checksum:
            raise RunFileError(f"{path}: is damaged: row {key} of {owner} is not what was written; use another copy")
    return {str(key): bytes(value) for key, _, value in rows}
