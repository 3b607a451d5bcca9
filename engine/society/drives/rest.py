"""Resting: the action that restores energy, best at home and by night."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from engine.actions.definition import Action, Ends
from engine.actions.menu import Menu
from engine.society.society import Now, Society
from engine.values import Bools, Bytes, Int32s

RESTED = 960_000


class Rest(Action):
    """Rest or sleep where one is, until rested (by night until the morning), nine hours at most."""

    name = "rest"
    text = "rest"
    about = "Rest or sleep where one is."
    lasting = True
    commitment = 250
    reasons: ClassVar[tuple[str, ...]] = ("they are wide awake",)

    def bind(self, society: Society) -> None:
        """Take the drives."""
        super().bind(society)
        self.drives = society.module("drives")

    def _rested(self, who: Int32s) -> Bools:
        return self.society.world["drives.energy"][who] >= RESTED

    def offer(self, now: Now, menu: Menu) -> None:
        """Offer it to all who are not fully rested nor resting; home promises most."""
        rows = np.flatnonzero(~self._rested(menu.who) & (self.society.people.action[menu.who] != self.code))
        menu.add(self.code, rows, (), self._gain(menu.who[rows]))

    def promise(self, now: Now, who: Int32s, args: Int32s) -> Mapping[str, ArrayLike]:
        """Promise rest."""
        return self._gain(who)

    def _gain(self, who: Int32s) -> Mapping[str, ArrayLike]:
        home = self.society.bodies.place[who] == self.society.people.home[who]
        return {"rest": np.where(home, 1000, 350)}

    def check(self, now: Now, who: Int32s, args: Int32s) -> Bytes:
        """Refuse those who are rested."""
        return np.where(self._rested(who), self.because(0), 0).astype(np.uint8)

    def start(self, now: Now, who: Int32s, args: Int32s) -> Ends:
        """Lie down."""
        return Ends.started(np.full(who.size, now.tick + self.society.ticks(540), np.int32))

    def ended(self, now: Now, who: Int32s, args: Int32s) -> Bools:
        """Whether they are rested and it is day."""
        return self._rested(who) & (not self.drives.is_night(now))

    def finish(self, now: Now, who: Int32s, args: Int32s) -> Ends:
        """Get up."""
        now.log.emit("rested", who)
        return Ends.done(who.size)

    def says(self, agent: int, args: object) -> str:
        """Say where."""
        people = self.society.people
        place = self.society.bodies.place[agent]
        return "rest at home" if place >= 0 and place == people.home[agent] else "rest here"
