"""Pieces of text in a run file, each kept once under a number: rows of `part`, written and read.

The first texts are kept for themselves; they are then the dictionary that makes those small which follow, until these
are so many that a new dictionary begins. So each row needs no other, or those of its dictionary.
"""

from __future__ import annotations

from collections.abc import Sequence

import apsw
import numpy as np

from engine.errors import RunFileError
from engine.record.opening import ask
from engine.record.packing import ROOM, put_column
from engine.record.rows import Statement
from engine.record.squeeze import Squeezer, Unsqueezer, seal, sealed_numbers
from engine.record.ticks import MOST_ROWS, Columns
from engine.values import ARGUMENTS

DICTIONARY = 1 << 16
"""Bytes of texts that make a dictionary."""

FOLLOWING = 16
"""So many times as many bytes are made small with a dictionary before a new one begins."""

PIECES_KEPT = 1 << 17
"""Pieces that a reader keeps in memory."""

DICTIONARIES_KEPT = 4

NUMBERS = 2 + ARGUMENTS
"""Columns of a piece: bytes of its text, action, arguments."""

Piece = tuple[str, int, tuple[int, ...]]
"""A text, and the action and arguments of the choice that it lists (-1 and zeros for none)."""

_PART = "INSERT INTO part VALUES (?, ?, ?, ?, ?, ?)"


class TextPacker:
    """Turns the new pieces of tick after tick into rows."""

    def __init__(self) -> None:
        self._squeeze = Squeezer(3).squeeze
        self._span = -1, -1
        self._begin = -1
        self._gathered: list[bytes] = []
        self._size = 0

    def row(self, first: int, pieces: Sequence[Piece]) -> Statement:
        """Return the statement that writes pieces from number `first` on."""
        texts = [text.encode("utf-8", "replace") for text, _, _ in pieces]
        numbers = [
            (len(text), action, *args, *(0,) * (ARGUMENTS - len(args)))
            for text, (_, action, args) in zip(texts, pieces, strict=True)
        ]
        together = b"".join(texts)
        block, span = self._squeeze(packed(numbers, NUMBERS) + together), self._span
        self._note(first, first + len(texts), together)
        return _PART, (first, len(texts), *span, seal_part(first, len(texts), *span, block), block)

    def _note(self, first: int, end: int, together: bytes) -> None:
        """See to the dictionary of the rows that follow."""
        self._size += len(together)
        if self._span[0] >= 0:
            if self._size >= FOLLOWING * DICTIONARY:
                self._squeeze, self._span, self._size = Squeezer(3).squeeze, (-1, -1), 0
            return
        if not self._gathered:
            self._begin = first
        self._gathered.append(together)
        if self._size >= DICTIONARY:
            self._squeeze = Squeezer(3, b"".join(self._gathered)).squeeze
            self._span, self._gathered, self._size = (self._begin, end), [], 0


class TextReader:
    """Reads pieces by their numbers. Raises RunFileError for rows that are not what was written."""

    def __init__(self) -> None:
        self._known: dict[int, Piece] = {}
        self._dictionaries: dict[tuple[int, int], Unsqueezer] = {(-1, -1): Unsqueezer()}

    def piece(self, connection: apsw.Connection, number: int) -> Piece:
        """Return a piece."""
        known = self._known.get(number)
        if known is None:
            first, count, base, until, block = self._row(connection, number)
            pieces = _unpacked(self._unsqueezer(connection, base, until).unsqueeze(block), count)
            if len(self._known) > PIECES_KEPT:
                self._known.clear()
            self._known |= zip(range(first, first + count), pieces, strict=True)
            known = self._known[number]
        return known

    def check(self, connection: apsw.Connection, first: int, count: int) -> None:
        """Raise RunFileError unless there is a row of just these pieces, as it was written."""
        if self._row(connection, first)[:2] != (first, count):
            raise RunFileError(f"texts {first} to {first + count - 1} are missing")

    def _row(self, connection: apsw.Connection, number: int) -> tuple[int, int, int, int, bytes]:
        """Return the row that a piece is in, without its seal."""
        rows = ask(connection, "SELECT * FROM part WHERE first <= ? ORDER BY first DESC LIMIT 1", (number,))
        if not rows or number >= rows[0][0] + rows[0][1]:
            raise RunFileError(f"text {number} is missing")
        first, count, base, until, checksum, block = rows[0]
        if seal_part(first, count, base, until, block) != checksum:
            raise RunFileError(f"texts {first} to {first + count - 1} are not what was written")
        return first, count, base, until, block

    def _unsqueezer(self, connection: apsw.Connection, base: int, until: int) -> Unsqueezer:
        """Return what unpacks blocks made with the dictionary of the pieces base..until-1."""
        found = self._dictionaries.get((base, until))
        if found is None:
            texts: list[str] = []
            while base + len(texts) < until:
                first, count, *own, block = self._row(connection, base + len(texts))
                if own != [-1, -1] or first != base + len(texts):
                    raise RunFileError(f"texts {base} to {until - 1} are no dictionary")
                texts += [text for text, _, _ in _unpacked(self._dictionaries[-1, -1].unsqueeze(block), count)]
            if len(self._dictionaries) > DICTIONARIES_KEPT:
                self._dictionaries = {(-1, -1): self._dictionaries[-1, -1]}
            found = self._dictionaries[base, until] = Unsqueezer("".join(texts).encode())
        return found


def _unpacked(block: bytes, count: int) -> list[Piece]:
    """Return the pieces of a block."""
    if not 0 <= count <= MOST_ROWS:
        raise RunFileError(f"a row has {count} texts, more than {MOST_ROWS}")
    columns = Columns(block)
    sizes, actions, *args = columns.table(count, NUMBERS).tolist()
    texts, found, at = columns.rest(), list[Piece](), 0
    if min(sizes, default=0) < 0 or sum(sizes) != len(texts):
        raise RunFileError("texts have other lengths than they say")
    for size, action, *numbers in zip(sizes, actions, *args, strict=True):
        found.append((texts[at : at + size].decode(), action, tuple(numbers)))
        at += size
    return found


def packed(rows: Sequence[Sequence[int]], columns: int) -> bytes:
    """Return rows of numbers packed column by column."""
    table = np.array(rows, np.int64).reshape(-1, columns).T.copy()
    out = np.zeros(ROOM * columns + 9 * table.size, np.uint8)
    at = 0
    for column in table:
        at = put_column(column, column.size, out, at)
    return out[:at].tobytes()


def seal_part(first: int, count: int, base: int, until: int, block: bytes) -> bytes:
    """Return the checksum of a row of `part`."""
    return seal(sealed_numbers(first, count, base, until), block)
