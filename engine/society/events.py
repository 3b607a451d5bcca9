"""The tick's events: one wide table for all kinds, gathered in blocks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from engine.actions.definition import EventKind
from engine.errors import SocietyError
from engine.values import ARGUMENTS, Events, Int16s, Int32s


class EventLog:
    """What happened in the tick so far. Kinds are numbered in the order in which they were registered."""

    def __init__(self) -> None:
        self.kinds: list[EventKind] = []
        self._code: dict[str, int] = {}
        self._owner: dict[str, str] = {}
        self._blocks: list[tuple[int, Int32s, Int32s]] = []

    def register(self, owner: str, kinds: Sequence[EventKind]) -> None:
        """Number an owner's kinds of event; a name may be used once in the whole society."""
        for kind in kinds:
            if kind.name in self._code:
                raise SocietyError(f"event {kind.name} of {owner} is {self._owner[kind.name]}'s already; rename it")
            self._code[kind.name] = len(self.kinds)
            self._owner[kind.name] = owner
            self.kinds.append(kind)

    def code(self, kind: str) -> int:
        """Return the number of a kind."""
        return self._code[kind]

    def owner(self, kind: str) -> str:
        """Return whose kind of event it is: a module, a basic action, or `people`."""
        return self._owner[kind]

    def emit(self, kind: str, agents: Int32s, *values: ArrayLike) -> None:
        """Write down events of one kind: agents int32[e], then up to four value columns (int32[e] or one number)."""
        if agents.size == 0:
            return
        table = np.zeros((agents.size, ARGUMENTS), np.int32)
        for k, column in enumerate(values):
            table[:, k] = column
        self._blocks.append((self._code[kind], np.array(agents, np.int32), table))

    def of(self, kind: str) -> tuple[Int32s, Int32s]:
        """Return this tick's events of a kind so far, in order: agents int32[e], values int32[e,4]."""
        code = self._code.get(kind, -1)
        blocks = [block for block in self._blocks if block[0] == code]
        if len(blocks) == 1:
            return blocks[0][1], blocks[0][2]
        if not blocks:
            return np.zeros(0, np.int32), np.zeros((0, ARGUMENTS), np.int32)
        return np.concatenate([block[1] for block in blocks]), np.concatenate([block[2] for block in blocks])

    def take(self) -> Events:
        """Return all of the tick's events in the order of their blocks, and begin a new tick."""
        blocks, self._blocks = self._blocks, []
        if not blocks:
            return Events(np.zeros(0, np.int16), np.zeros(0, np.int32), np.zeros((0, ARGUMENTS), np.int32))
        kind: Int16s = np.repeat(
            np.array([block[0] for block in blocks], np.int16), [block[1].size for block in blocks]
        )
        agents = np.concatenate([block[1] for block in blocks])
        return Events(kind, agents, np.concatenate([block[2] for block in blocks]))
