"""Named rows that minds and modules keep in the run file, buffered until the tick that they belong to is committed."""

from __future__ import annotations

from collections.abc import Callable, Sequence


class RunStore:
    """One owner's rows. What is put is seen at once, and is on disk with the next tick."""

    def __init__(self, load: Callable[[], dict[str, bytes]]) -> None:
        self._load = load
        self._rows: dict[str, bytes] | None = None
        self._fresh: dict[str, bytes] = {}

    def _all(self) -> dict[str, bytes]:
        if self._rows is None:
            self._rows = self._load()
        return self._rows

    def put(self, key: str, value: bytes) -> None:
        """Set a row; seen by `get` at once, on disk with the tick."""
        self._all()[key] = bytes(value)
        self._fresh[key] = self._all()[key]

    def get(self, key: str) -> bytes | None:
        """Return a row, or None."""
        return self._all().get(key)

    def keys(self) -> Sequence[str]:
        """Return all keys in order."""
        return sorted(self._all())

    def unwritten(self) -> dict[str, bytes]:
        """Return the rows put since `written`."""
        return self._fresh

    def written(self) -> None:
        """Take note that all rows are on disk."""
        self._fresh = {}
