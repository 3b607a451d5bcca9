"""The menu of a tick: legal choices gathered action by action, narrowed by salience, handed on as CSR.

Salience rule `urgency-1`: the sum over appeals of urgency x appeal, over 1024; the most salient `offers` of each agent
stay, and of equals the one that was offered first. The rule's name is in every run file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.kernels import kernel, woven
from engine.values import ARGUMENTS, Choices, Int16s, Int32s, Int64s

SALIENCE_RULE = "urgency-1"
ALWAYS = 2**30
"""The salience of a choice that always stays."""


@woven
def put(
    row: int,
    code: int,
    a0: int,
    a1: int,
    a2: int,
    a3: int,
    appeal: Int16s,
    urgency: Int16s,
    count: Int32s,
    action: Int16s,
    args: Int32s,
    appeals: Int16s,
    salience: Int32s,
) -> None:
    """Offer one choice to the agent of `row`; when its list is full the least salient goes. For use in kernels."""
    total = np.int64(0)
    for k in range(appeal.size):
        total += np.int64(urgency[row, k]) * np.int64(appeal[k])
    worth = np.int32(total >> 10)
    slot = count[row]
    if slot < action.shape[1]:
        count[row] = slot + 1
    else:
        slot = 0
        for s in range(1, action.shape[1]):
            if salience[row, s] <= salience[row, slot]:
                slot = s
        if salience[row, slot] >= worth:
            slot = -1
    if slot >= 0:
        action[row, slot] = code
        args[row, slot, 0], args[row, slot, 1], args[row, slot, 2], args[row, slot, 3] = a0, a1, a2, a3
        for k in range(appeal.size):
            appeals[row, slot, k] = appeal[k]
        salience[row, slot] = worth


@kernel
def _put_all(
    rows: Int64s,
    code: int,
    given: Int32s,
    appeal: Int16s,
    urgency: Int16s,
    count: Int32s,
    action: Int16s,
    args: Int32s,
    appeals: Int16s,
    salience: Int32s,
) -> None:
    for i in range(rows.size):
        put(
            rows[i],
            code,
            given[i, 0],
            given[i, 1],
            given[i, 2],
            given[i, 3],
            appeal[i],
            urgency,
            count,
            action,
            args,
            appeals,
            salience,
        )


@kernel
def _compact(
    count: Int32s,
    action: Int16s,
    args: Int32s,
    appeals: Int16s,
    salience: Int32s,
    shunned: Int16s,
    shunned_args: Int32s,
    start: Int64s,
    out_action: Int16s,
    out_args: Int32s,
    out_appeal: Int16s,
    out_salience: Int32s,
) -> None:
    at = 0
    for row in range(count.size):
        start[row] = at
        for slot in range(count[row]):
            if action[row, slot] == shunned[row] and (args[row, slot] == shunned_args[row]).all():
                continue
            out_action[at] = action[row, slot]
            for k in range(4):
                out_args[at, k] = args[row, slot, k]
            for k in range(appeals.shape[2]):
                out_appeal[at, k] = appeals[row, slot, k]
            out_salience[at] = salience[row, slot]
            at += 1
    start[count.size] = at


class Menu:
    """The choices of m agents under construction; `offers` is the most that each can have.

    who int32[m]: the agents, row by row; urgency int16[m,K]: what each feels. Used for one tick after the other.
    """

    def __init__(self, appeals: Sequence[str], offers: int) -> None:
        self.appeals = tuple(appeals)
        self.kinds = len(self.appeals)
        self.offers = offers
        self._index = {name: k for k, name in enumerate(self.appeals)}
        self._make_room(64)

    def _make_room(self, size: int) -> None:
        self._count = np.zeros(size, np.int32)
        self._action = np.empty((size, self.offers), np.int16)
        self._args = np.empty((size, self.offers, ARGUMENTS), np.int32)
        self._appeal = np.empty((size, self.offers, self.kinds), np.int16)
        self._salience = np.empty((size, self.offers), np.int32)

    def begin(self, who: Int32s, urgency: Int16s) -> None:
        """Start an empty menu for these agents; the room of the last one is used again."""
        size = who.size
        if size > self._count.size:
            self._make_room(max(size, 2 * self._count.size))
        self.who, self.urgency = who, urgency
        self.count, self.action, self.args = self._count[:size], self._action[:size], self._args[:size]
        self.appeal, self.salience = self._appeal[:size], self._salience[:size]
        self.count[:] = 0

    def lead(self, code: int, appeal: Int16s) -> None:
        """Offer one choice without arguments to everyone, before all others; it stays whatever else is offered.

        appeal int16[m,K].
        """
        self.action[:, 0], self.args[:, 0], self.appeal[:, 0], self.salience[:, 0] = code, 0, appeal, ALWAYS
        self.count[:] = 1

    @property
    def columns(self) -> tuple[Int16s, Int32s, Int16s, Int32s, Int16s, Int32s]:
        """The arrays that `put` takes last, in its order, for kernels that offer by themselves."""
        return self.urgency, self.count, self.action, self.args, self.appeal, self.salience

    def index(self, appeal: str) -> int:
        """Return the column of an appeal."""
        return self._index[appeal]

    def rows_of(self, agents: Int32s) -> Int64s:
        """Return the row of each agent (int64); the agents must be among `who`, which is ascending."""
        return np.searchsorted(self.who, agents)

    def add(
        self, code: int, rows: NDArray[np.int64], args: Sequence[ArrayLike], appeals: Mapping[str, ArrayLike]
    ) -> None:
        """Offer choices to `rows`: up to four argument columns, and appeals by name; int[len(rows)] or one number."""
        given = np.zeros((rows.size, ARGUMENTS), np.int32)
        for k, column in enumerate(args):
            given[:, k] = column
        appeal = np.zeros((rows.size, self.kinds), np.int16)
        for name, values in appeals.items():
            if name in self._index:
                appeal[:, self._index[name]] = values
        self.add_rows(code, rows, given, appeal)

    def add_rows(self, code: int, rows: Int64s, args: Int32s, appeal: Int16s) -> None:
        """Offer choices whose arguments int32[c,4] and appeals int16[c,K] are laid out already."""
        _put_all(rows, code, args, appeal, *self.columns)

    def choices(self, shunned: Int16s, shunned_args: Int32s) -> Choices:
        """Return what was offered as CSR, each agent's choices in the order of its slots.

        shunned int16[m], shunned_args int32[m,4]: the one choice that each will not have now (-1 for none).
        """
        start = np.zeros(self.who.size + 1, np.int64)
        most = int(self.count.sum())
        out = Choices(
            start,
            np.empty(most, np.int16),
            np.empty((most, ARGUMENTS), np.int32),
            np.empty((most, self.kinds), np.int16),
            np.empty(most, np.int32),
        )
        _compact(
            self.count, self.action, self.args, self.appeal, self.salience, shunned, shunned_args, start,
            out.action, out.args, out.appeal, out.salience,
        )  # fmt: skip
        total = int(start[-1])
        return Choices(start, out.action[:total], out.args[:total], out.appeal[:total], out.salience[:total])
