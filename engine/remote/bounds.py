"""What a view may say, and how errors are told: everything from outside is bounded here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from engine.errors import RemoteError, SociariumError
from engine.record.space import free_bytes

LONGEST_ID = 64
LONGEST_TEXT = 2_000
LARGEST_NUMBER = 2**31 - 1


def sentence(error: Exception) -> str:
    """Return what went wrong in one line."""
    text = str(error) if isinstance(error, SociariumError) else f"{type(error).__name__}: {error}"
    return " ".join(text.split())


def read_command(text: str) -> tuple[str, str, dict[str, object]]:
    """Return (id, do, what) of a view's message. Raises RemoteError where it is none."""
    try:
        said = _DECODER.decode(text)
        number, do, what = said.get("id", ""), said["do"], said.get("what") or {}
        if not (isinstance(number, str) and isinstance(do, str) and isinstance(what, dict)):
            raise TypeError
        if len(number) > LONGEST_ID or not 0 < len(do) <= LONGEST_ID or not (number + do).isprintable():
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise RemoteError('a command is {"id": text, "do": text, "what": object}; this is another thing') from error
    return number, do, what


def _refuse_constant(name: str) -> float:
    raise ValueError(name)


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def unsound(what: Mapping[str, Any]) -> str:
    """Return one sentence where the numbers or texts of a command are beyond all bounds, else ""."""
    values: list[object] = []
    for value in what.values():
        values += cast("list[object]", value) if isinstance(value, list) else [value]
    for value in values:
        if isinstance(value, dict | list):
            return "a command holds values and lists of values, no deeper; flatten it"
        if isinstance(value, int | float) and not abs(value) <= LARGEST_NUMBER:
            return "a number of the command is too large; choose a smaller one"
        if isinstance(value, str) and len(value) > LONGEST_TEXT:
            return f"a text of the command is longer than {LONGEST_TEXT:,} characters; shorten it"
    return ""


def room(path: Path) -> tuple[int, int]:
    """Return the size of a run file with its log, and how much is free there, in bytes."""
    size = 0
    for part in (path, path.with_name(path.name + "-wal")):
        try:
            size += part.stat().st_size
        except OSError:
            continue
    try:
        return size, free_bytes(path)
    except OSError:
        return size, 0
