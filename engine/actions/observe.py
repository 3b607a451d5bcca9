"""Observing: what the asked agents feel and could do, laid out in columns, and in words when somebody reads it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.actions.menu import Menu
from engine.kernels import kernel
from engine.society.society import TRAITS, Now, Society
from engine.values import CONTINUE, Bytes, Choice, Choices, Int16s, Int32s, Observation, Observations, Outcome

REFUSED = int(Outcome.REFUSED)


class Observer:
    """Lays out observations. `offers` is the most choices that one agent gets."""

    def __init__(self, society: Society, offers: int) -> None:
        self.society = society
        self.appeals = tuple(appeal.name for appeal in society.appeals)
        self._menu = Menu(self.appeals, offers)
        self._index = {name: k for k, name in enumerate(self.appeals)}
        self._actions = [a for a in society.actions if "agent" in a.by and not society.off[a.code]]

    def batch(self, now: Now, asked: Int32s, cause: Bytes) -> Observations:
        """Return the observations of the asked (ascending); nothing is laid out before a mind looks."""
        return Observations(
            now.tick,
            asked,
            cause,
            self.appeals,
            lambda who: self.lay_out(now, who),
            lambda who, urgency, choices: self.describe(now, who, urgency, choices),
        )

    def lay_out(self, now: Now, who: Int32s) -> tuple[Bytes, Int16s, Choices]:
        """Return role uint8[m], urgency int16[m,K] and the legal choices of `who`."""
        society = self.society
        urgency = np.zeros((who.size, len(self.appeals)), np.int16)
        urgency[:, self._index["effort"]] = 500
        urgency[:, self._index["commitment"]] = 1000
        urgency[:, self._index["curiosity"]] = society.trait("curious", who)

        def feel(appeal: str, values: NDArray[Any]) -> None:
            if appeal in self._index:
                urgency[:, self._index[appeal]] = values

        for module in society.modules.values():
            module.feel(now, who, feel)
        menu = self._menu
        menu.begin(who, urgency)
        for action in self._actions:
            action.offer(now, menu)
        return society.people.role[who], urgency, menu.choices(*self._shunned(now, who))

    def _shunned(self, now: Now, who: Int32s) -> tuple[Int16s, Int32s]:
        """Return what each was refused in the last quarter of an hour: one does not ask again at once."""
        people = self.society.people
        since = now.tick - self.society.ticks(15)
        return refused_since(who, people.last_tick, people.last_outcome, people.last_action, since), people.last_args[
            who
        ]

    def describe(self, now: Now, who: Int32s, urgency: Int16s, choices: Choices) -> tuple[Observation, ...]:
        """Return what `lay_out` gave for `who` in words."""
        near = self.society.contacts(now, who)
        return tuple(
            self._view(now, int(agent), urgency[row], near.row(row), choices, range(*choices.start[row : row + 2]))
            for row, agent in enumerate(who)
        )

    def _view(self, now: Now, agent: int, urgency: Int16s, near: Int32s, choices: Choices, rows: range) -> Observation:
        society = self.society
        place = int(society.bodies.place[agent])
        return Observation(
            agent=agent,
            name=society.name(agent),
            role=society.roles[int(society.people.role[agent])],
            character=self._character(agent),
            tick=now.tick,
            hour=f"{now.minute // 60:02}:{now.minute % 60:02}",
            place=society.words("place", place) if place >= 0 else "in the open",
            doing=self._doing(agent),
            happened=self._happened(agent),
            feels=dict(zip(self.appeals, urgency.tolist(), strict=True)),
            near=tuple(society.name(other) for other in near.tolist()),
            choices=tuple(self._choices(agent, choices, slice(rows.start, rows.stop))),
        )

    def _choices(self, agent: int, choices: Choices, rows: slice) -> Iterator[Choice]:
        columns = (choices.action[rows].tolist(), choices.args[rows].tolist(), choices.appeal[rows].tolist())
        for code, given, promised in zip(*columns, strict=True):
            action = self.society.actions[code]
            args = tuple(given[: len(action.parameters)])
            appeal = {name: value for name, value in zip(self.appeals, promised, strict=True) if value}
            yield Choice(action.name, action.code, args, action.says(agent, args), appeal, action.speech(agent, args))

    def _character(self, agent: int) -> tuple[str, ...]:
        """Return the traits that are marked: above 700 or below 300 thousandths."""
        words = zip(TRAITS, self.society.people.traits[agent].tolist(), strict=True)
        return tuple(name if value > 700 else f"not {name}" for name, value in words if not 300 <= value <= 700)

    def _doing(self, agent: int) -> str:
        people = self.society.people
        code = int(people.action[agent])
        return "nothing" if code == CONTINUE else self.society.actions[code].says(agent, people.args[agent].tolist())

    def _happened(self, agent: int) -> str:
        people = self.society.people
        if people.last_tick[agent] < 0:
            return ""
        name = self.society.actions[int(people.last_action[agent])].name
        if people.last_outcome[agent] == Outcome.REFUSED:
            return f"could not {name}: {self.society.words('reason', int(people.last_reason[agent]))}"
        return f"finished: {name}"


@kernel
def refused_since(who: Int32s, last_tick: Int32s, last_outcome: Bytes, last_action: Int16s, since: int) -> Int16s:
    """Return the action that each was refused after a tick, int16[m], -1 for none."""
    out = np.full(who.size, -1, np.int16)
    for i in range(who.size):
        if last_tick[who[i]] > since and last_outcome[who[i]] == REFUSED:
            out[i] = last_action[who[i]]
    return out
