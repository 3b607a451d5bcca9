"""The World: every hashed bit of a society as numpy columns with stable integer ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Literal, cast

import numpy as np
import xxhash
from numpy.typing import DTypeLike, NDArray

from engine.errors import SocietyError
from engine.values import Bools, Int32s, Snapshot

Per = Literal["agent", "cell", "place", "door", "world"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `per` says what a row is; `shape` what a row holds; `frame` whether the view draws it.

    `unit` and `about` are for people. Columns hold integers or bools: floats would tie the state hash to a CPU.
    `shift` is how many low bits a frame drops (a frame is for the eye; the snapshot keeps all).
    """

    name: str
    dtype: DTypeLike
    per: Per = "agent"
    shape: tuple[int, ...] = ()
    fill: int = 0
    frame: bool = False
    shift: int = 0
    unit: str = ""
    about: str = ""
    kind: str = ""
    """Which kind of number it holds ("place"), where that reads as words; with a `shape`, what its parts stand for."""


class World:
    """Columns by owner. Agents have spare capacity, an `alive` mask, and ids that are never used again."""

    def __init__(self, cells: int, places: int, capacity: int = 64) -> None:
        self.tick = 0
        self.count = 0
        self.capacity = capacity
        self.rows: dict[str, int] = {"cell": cells, "place": places, "door": 0, "world": 1}
        self._columns: dict[str, Column] = {}
        self._arrays: dict[str, NDArray[Any]] = {}
        self._own: dict[str, SimpleNamespace] = {}
        self._seen: dict[str, SimpleNamespace] = {}
        self.declare("people", (Column("alive", np.bool_, frame=True, about="whether the person is in the world"),))

    def declare(self, owner: str, columns: tuple[Column, ...]) -> None:
        """Add an owner's columns. Raises SocietyError for a name used twice or a dtype that is not integer."""
        for column in columns:
            full = f"{owner}.{column.name}"
            if full in self._columns:
                raise SocietyError(f"column {full} is declared twice; rename one")
            if np.dtype(column.dtype).kind not in "iub":
                raise SocietyError(f"column {full} has dtype {np.dtype(column.dtype)}; use integers or fixed-point")
            self._columns[full] = column
            self._arrays[full] = self._filled(column)
        self._own.setdefault(owner, SimpleNamespace())
        self._refresh()

    def _filled(self, column: Column) -> NDArray[Any]:
        if column.per == "world":
            return np.full(column.shape or (1,), column.fill, column.dtype)
        rows = self.capacity if column.per == "agent" else self.rows[column.per]
        return np.full((rows, *column.shape), column.fill, column.dtype)

    def _refresh(self) -> None:
        """Renew every view, after a declaration, growth or restore; the namespaces themselves stay."""
        self._names = ",".join(sorted(self._columns)).encode()
        self._views = [self._view(full).data for full in sorted(self._columns)]
        for full, column in self._columns.items():
            owner, name = full.split(".", 1)
            array = self._arrays[full]
            view = array[: self.count] if column.per == "agent" else array[:]
            glass = view.view()
            glass.flags.writeable = False
            setattr(self._own.setdefault(owner, SimpleNamespace()), name, view)
            setattr(self._seen.setdefault(owner, SimpleNamespace()), name, glass)

    def own(self, owner: str) -> Any:
        """Return the owner's columns, writable, as attributes. Hand this to the owner only."""
        return self._own.setdefault(owner, SimpleNamespace())

    def see(self, owner: str) -> Any:
        """Return anyone's columns, read-only, as attributes. The namespace stays valid; arrays in it are renewed."""
        return self._seen.setdefault(owner, SimpleNamespace())

    def __getitem__(self, full: str) -> NDArray[Any]:
        """Return a column, read-only, by its full name. Raises SocietyError for an unknown one."""
        if full not in self._columns:
            raise SocietyError(f"there is no column {full}; known: {', '.join(sorted(self._columns))}")
        owner, name = full.split(".", 1)
        return cast("NDArray[Any]", getattr(self._seen[owner], name))

    def columns(self) -> Iterator[tuple[str, Column]]:
        """Yield (full name, column), by name."""
        yield from sorted(self._columns.items())

    @property
    def alive(self) -> Bools:
        """The alive mask, bool[count], read-only."""
        return cast("Bools", self._seen["people"].alive)

    def living(self) -> Int32s:
        """Return the ids of the living, ascending, int32."""
        return np.flatnonzero(self.alive).astype(np.int32)

    def add(self, people: int) -> Int32s:
        """Give ids to new people, alive, with every column at its fill; grow by doubling. Returns int32[people]."""
        ids = np.arange(self.count, self.count + people, dtype=np.int32)
        self.count += people
        if self.count > self.capacity:
            self.capacity = max(self.count, 2 * self.capacity)
            for full, column in self._columns.items():
                if column.per == "agent":
                    grown = self._filled(column)
                    old = self._arrays[full]
                    grown[: old.shape[0]] = old
                    self._arrays[full] = grown
        self._arrays["people.alive"][ids] = True
        self._refresh()
        return ids

    def remove(self, agents: Int32s) -> None:
        """Mark people as gone; their rows stay as they are and their ids are never used again."""
        self._arrays["people.alive"][agents] = False

    def take_back(self, newest: Int32s) -> None:
        """Undo the last `add`: the rows of these ids are as if they had never been given."""
        self.count -= newest.size
        for full, column in self._columns.items():
            if column.per == "agent":
                self._arrays[full][newest] = column.fill
        self._refresh()

    def snapshot(self, parts: Mapping[str, bytes]) -> Snapshot:
        """Return a copy of every column."""
        columns = {full: self._view(full).copy() for full, _ in self.columns()}
        return Snapshot(self.tick, self.count, columns, dict(parts))

    def restore(self, snapshot: Snapshot) -> None:
        """Take over a snapshot. Raises SocietyError when its columns are not this World's."""
        if set(snapshot.columns) != set(self._columns):
            odd = ", ".join(sorted(set(snapshot.columns) ^ set(self._columns)))
            raise SocietyError(f"the snapshot of tick {snapshot.tick} has other columns ({odd}); use the same modules")
        self.tick, self.count = snapshot.tick, snapshot.count
        self.capacity = max(self.capacity, self.count)
        for full, column in self._columns.items():
            array, kept = self._filled(column), snapshot.columns[full]
            room = array[: self.count] if column.per == "agent" else array
            if room.shape != kept.shape or room.dtype != kept.dtype:
                raise SocietyError(
                    f"column {full} of the snapshot is {kept.dtype}{list(kept.shape)}, "
                    f"here it is {room.dtype}{list(room.shape)}; use the scenario that the run was made with"
                )
            room[...] = kept
            self._arrays[full] = array
        self._refresh()

    def _view(self, full: str) -> NDArray[Any]:
        array = self._arrays[full]
        return array[: self.count] if self._columns[full].per == "agent" else array

    def state_hash(self) -> bytes:
        """Return the 16-byte XXH3 of tick, count, and every column by name."""
        state = xxhash.xxh3_128(f"{self.tick}:{self.count}:".encode())
        state.update(self._names)
        for view in self._views:
            state.update(view)
        return state.digest()
