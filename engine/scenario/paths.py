"""Find a setting in a document by its path, and change it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from engine.errors import Problem, ScenarioError
from engine.scenario.describe import nearest, show
from engine.scenario.reading import shorten

_PART = re.compile(r"\.?([^.\[\]=\s][^.\[\]]*)|\[([^\[\]]{1,60})\]")
_NAMES = ("name", "good", "mind")
_MOST_PARTS = 24


def path_parts(path: str, origin: str) -> list[str]:
    """Split a path such as `roles.leader.weights[food]` into its parts. ScenarioError: it is no path."""
    parts: list[str] = []
    position = 0
    while position < len(path):
        found = _PART.match(path, position)
        if found is None or (position == 0 and path.startswith(".")) or len(parts) >= _MOST_PARTS:
            break
        parts.append((found.group(1) or found.group(2)).strip())
        position = found.end()
    if position < len(path) or not parts:
        mend = "write names with dots between them, such as `modules.goods.regrowth` or `places[0].radius`"
        raise ScenarioError(origin, [Problem(shorten(path), None, "is not a path", mend)])
    return parts


def changed_document(document: Mapping[str, Any], path: str, value: object, origin: str) -> dict[str, Any]:
    """Return a copy of a plain document with the setting at `path` changed; nothing else is copied deeply.

    ScenarioError: the path leads nowhere. Whether the value fits is for the validation to say.
    """
    changed = dict(document)
    parts = path_parts(path, origin)
    container: Any = changed
    for depth, part in enumerate(parts):
        key: Any = _key(container, part, parts[:depth], origin)
        if depth == len(parts) - 1:
            container[key] = value
            break
        below = container[key] if isinstance(container, list) else container.get(key)
        if not isinstance(below, dict | list):
            if isinstance(container, dict) and key not in container:
                raise _lost(parts[: depth + 1], "is not there", nearest(part, container), origin)
            raise _lost(parts[: depth + 1], f"is {show(below)}, with nothing below it", "end the path here", origin)
        container[key] = below.copy()
        container = container[key]
    return changed


def _key(container: Any, part: str, above: list[str], origin: str) -> str | int:
    if isinstance(container, dict):
        return part
    if part.isascii() and part.isdigit() and len(part) < 10:
        if int(part) < len(container):
            return int(part)
        raise _lost([*above, part], f"is not there: the list has {len(container)} entries", "count from 0", origin)
    for index, entry in enumerate(container):
        if isinstance(entry, dict) and part in [entry.get(name) for name in _NAMES]:
            return index
    raise _lost([*above, part], "is not there", f"write an index, 0 to {len(container) - 1}, or a name", origin)


def _lost(parts: list[str], what: str, mend: str, origin: str) -> ScenarioError:
    where = "".join(f"[{part}]" if part.isdigit() else f".{shorten(part)}" for part in parts).removeprefix(".")
    return ScenarioError(origin, [Problem(where, None, what, mend)])
