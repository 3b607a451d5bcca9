"""The basic actions: carry on, go to a person, wander, and (in `go`) go to a place. All else belongs to modules."""

from __future__ import annotations

from types import MappingProxyType
from typing import ClassVar

import numpy as np

from engine.actions.definition import Action, Ends, EventKind, Parameter
from engine.actions.go import Go
from engine.actions.menu import Menu
from engine.rng import purpose
from engine.society.society import Now, Society
from engine.values import Bools, Bytes, Int32s

WANDER = purpose("wander.for")


class CarryOn(Action):
    """Keep doing what one is doing, or nothing. Always code 0."""

    name = "continue"
    text = "carry on"
    commitment = 0
    about = "Keep doing what one is doing."

    def bind(self, society: Society) -> None:
        """Lay out what each activity always promises, and find those whose promise depends on the case."""
        super().bind(society)
        names = [appeal.name for appeal in society.appeals]
        self._always = np.zeros((len(society.actions), len(names)), np.int16)
        for action in society.actions:
            for name, value in {**action.promises, "commitment": action.commitment}.items():
                if action.lasting and name in names:
                    self._always[action.code, names.index(name)] = value
        self._by_case = [a.code for a in society.actions if type(a).promise is not Action.promise]

    def offer(self, now: Now, menu: Menu) -> None:
        """Offer it to everyone, with what the running activity promises."""
        people, who = self.society.people, menu.who
        doing = people.action[who]
        appeal = self._always[doing]
        for code in self._by_case:
            rows = (doing == code).nonzero()[0]
            if rows.size == 0:
                continue
            busy = who[rows]
            promise = self.society.actions[code].promise(now, busy, people.args[busy])
            if isinstance(promise, np.ndarray):
                appeal[rows] = promise
                appeal[rows, menu.index("commitment")] = self.society.actions[code].commitment
            else:
                for name in promise.keys() & set(menu.appeals):
                    appeal[rows, menu.index(name)] = promise[name]
        menu.lead(self.code, appeal)

    def check(self, now: Now, who: Int32s, args: Int32s) -> Bytes:
        """Return 0: it is always legal."""
        return np.zeros(who.size, np.uint8)

    def start(self, now: Now, who: Int32s, args: Int32s) -> Ends:
        """Do nothing."""
        return Ends.done(who.size)


class Approach(Action):
    """Walk up to a person, wherever they go."""

    name = "approach"
    text = "go to {person}"
    about = "Walk up to a person."
    parameters = (Parameter("person", "agent"),)
    lasting = True
    promises = MappingProxyType({"company": 400})
    reasons: ClassVar[tuple[str, ...]] = ("they have left the society", "they are too far away", "they got away")
    events = (
        EventKind("met", "{agent} came up to {person}", (Parameter("person", "agent"),), "Someone reached a person."),
    )
    sight = 8

    def offer(self, now: Now, menu: Menu) -> None:
        """Offer the nearest person in sight beyond arm's length, to those with nobody beside them."""
        if "company" not in menu.appeals:
            return
        beside = self.society.contacts(now, menu.who)
        alone = np.flatnonzero(np.diff(beside.start) == 0)
        alone = alone[menu.urgency[alone, menu.index("company")] > 300]
        seen = self.society.space.contacts(menu.who[alone], self.sight)
        some = np.diff(seen.start) > 0
        rows, target = alone[some], seen.items[seen.start[:-1][some]]
        cells = self.society.bodies.cell
        away = self.society.space.distance(cells[menu.who[rows]], cells[target])
        menu.add(self.code, rows, (target,), {"company": 400, "effort": -np.minimum(1000, away * 5)})

    def check(self, now: Now, who: Int32s, args: Int32s) -> Bytes:
        """Refuse those who are gone, oneself, and those out of sight."""
        target = args[:, 0]
        alive = self.society.people.alive
        known = (target >= 0) & (target < alive.size)
        here = known & alive[np.where(known, target, 0)] & (target != who)
        out = np.where(here, 0, self.because(0)).astype(np.uint8)
        rows = np.flatnonzero(here)
        cells = self.society.bodies.cell
        away = self.society.space.distance(cells[who[rows]], cells[target[rows]])
        out[rows[away > 2 * self.sight]] = self.because(1)
        return out

    def start(self, now: Now, who: Int32s, args: Int32s) -> Ends:
        """Set out; give up after half an hour."""
        self.society.space.head_for_agent(who, np.ascontiguousarray(args[:, 0]))
        return Ends.started(np.full(who.size, now.tick + self.society.ticks(30), np.int32))

    def ended(self, now: Now, who: Int32s, args: Int32s) -> Bools:
        """Whether they are beside them, stuck, or the other has left."""
        gone = ~self.society.people.alive[args[:, 0]]
        return np.asarray(self.society.space.arrived(who) | self.society.space.stuck(who) | gone, np.bool_)

    def finish(self, now: Now, who: Int32s, args: Int32s) -> Ends:
        """Stand still: met, or lost."""
        beside = self.society.space.arrived(who) & self.society.people.alive[args[:, 0]]
        self.society.space.halt(who)
        now.log.emit("met", who[beside], args[beside, 0])
        return Ends.where(np.where(beside, 0, self.because(2)).astype(np.uint8))

    def stop(self, now: Now, who: Int32s, args: Int32s) -> None:
        """Stand still."""
        self.society.space.halt(who)


class Wander(Action):
    """Stroll about near where one is, for a quarter of an hour or so."""

    name = "wander"
    text = "wander about"
    commitment = 150
    about = "Stroll about near where one is."
    lasting = True
    promises = MappingProxyType({"curiosity": 260})

    def offer(self, now: Now, menu: Menu) -> None:
        """Offer it to everyone; it promises what curiosity seeks."""
        rows = np.arange(menu.who.size, dtype=np.int64)
        menu.add(self.code, rows, (), {"curiosity": 260})

    def check(self, now: Now, who: Int32s, args: Int32s) -> Bytes:
        """Return 0: it is always legal."""
        return np.zeros(who.size, np.uint8)

    def start(self, now: Now, who: Int32s, args: Int32s) -> Ends:
        """Stroll for 8 to 24 simulated minutes."""
        self.society.space.stroll(who)
        minutes = 8 + self.society.rng.below(16, WANDER, who, now.tick)
        ticks = np.maximum(1, minutes * 60 // self.society.scenario.time.tick)
        return Ends.started((now.tick + ticks).astype(np.int32))

    def finish(self, now: Now, who: Int32s, args: Int32s) -> Ends:
        """Stand still."""
        self.society.space.halt(who)
        return Ends.done(who.size)

    def stop(self, now: Now, who: Int32s, args: Int32s) -> None:
        """Stand still."""
        self.society.space.halt(who)


def basic_actions() -> tuple[Action, ...]:
    """Return the basic actions, made anew; `continue` comes first and so has code 0."""
    return CarryOn(), Go(), Approach(), Wander()
