"""The two actions of a call: calling, and following."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from engine.actions.definition import FOREVER, Action, Ends, Parameter
from engine.actions.go import seats
from engine.actions.menu import Menu
from engine.rng import purpose
from engine.society.society import Now
from engine.values import Bools, Bytes, Int32s, Outcome, Speech

if TYPE_CHECKING:
    from engine.society.calls import Calls

WHERE = purpose("call.where")


class Call(Action):
    """Call everyone in reach to a place; for leaders."""

    name = "call"
    text = "call people to {place}"
    about = "Call everyone in reach to a place."
    parameters = (Parameter("place", "place"),)
    reasons: ClassVar[tuple[str, ...]] = (
        "that is not for them to do",
        "there is no such place",
        "they called just now",
    )

    def __init__(self, calls: Calls) -> None:
        self.calls = calls

    def _ready(self, now: Now, who: Int32s) -> Bools:
        pause = self.society.ticks(self.calls.settings.pause)
        return np.asarray(now.tick - self.calls.own.called[who] >= pause, np.bool_)

    def offer(self, now: Now, menu: Menu) -> None:
        """Offer leaders one of the public places, drawn for each."""
        public = self.society.places.of_kind("square", "hall")
        rows = np.flatnonzero(self.society.allowed(self, menu.who) & self._ready(now, menu.who))
        if public.size == 0 or rows.size == 0:
            return
        place = public[self.society.rng.below(public.size, WHERE, menu.who[rows], now.day)]
        menu.add(self.code, rows, (place,), {"lead": 700})

    def check(self, now: Now, who: Int32s, args: Int32s) -> Bytes:
        """Refuse those who may not lead, unknown places, and calls in quick succession."""
        out = np.where(self._ready(now, who), 0, self.because(2)).astype(np.uint8)
        out[(args[:, 0] < 0) | (args[:, 0] >= len(self.society.places))] = self.because(1)
        out[~self.society.allowed(self, who)] = self.because(0)
        return out

    def start(self, now: Now, who: Int32s, args: Int32s) -> Ends:
        """Call, at once."""
        self.calls.summon(now, who, args[:, 0])
        now.log.emit("called", who, args[:, 0])
        return Ends.done(who.size)

    def speech(self, agent: int, args: Sequence[int]) -> Speech | None:
        """Call out to everyone, with a slot for the place."""
        return Speech("call everyone to {place}", {"place": self.society.spot(int(args[0]))})


class Follow(Action):
    """Walk to where a leader called."""

    name = "follow"
    text = "follow {leader}'s call to {place}"
    about = "Walk to where a leader called."
    parameters = (Parameter("leader", "agent"), Parameter("place", "place"))
    lasting = True
    promises = MappingProxyType({"order": 600, "company": 200})
    reasons: ClassVar[tuple[str, ...]] = ("nobody called them there", "the way is blocked", "it is full")

    def __init__(self, calls: Calls) -> None:
        self.calls = calls

    def offer(self, now: Now, menu: Menu) -> None:
        """Offer it to those whose call still holds and who are not there."""
        own, who = self.calls.own, menu.who
        called = (own.until[who] > now.tick) & (self.society.bodies.place[who] != own.place[who])
        rows = called.nonzero()[0]
        if rows.size == 0:
            return
        room = self.society.visitors() < self.society.places.capacity
        rows = rows[room[own.place[who[rows]]]]
        agents = who[rows]
        menu.add(self.code, rows, (own.leader[agents], own.place[agents]), {"order": 600, "company": 200})

    def check(self, now: Now, who: Int32s, args: Int32s) -> Bytes:
        """Refuse where no such call holds."""
        own = self.calls.own
        holds = (own.until[who] > now.tick) & (own.leader[who] == args[:, 0]) & (own.place[who] == args[:, 1])
        return np.where(holds, 0, self.because(0)).astype(np.uint8)

    def start(self, now: Now, who: Int32s, args: Int32s) -> Ends:
        """Set out."""
        places = np.ascontiguousarray(args[:, 1])
        reason = seats(places, self.society.visitors(), self.society.places.capacity, int(self.because(2)))
        off = reason == 0
        self.society.space.head_for_place(who[off], places[off])
        return Ends.where(reason, Outcome.STARTED, np.full(who.size, FOREVER, np.int32))

    def ended(self, now: Now, who: Int32s, args: Int32s) -> Bools:
        """Whether they are there, or cannot get there."""
        return self.society.space.arrived(who) | self.society.space.stuck(who)

    def finish(self, now: Now, who: Int32s, args: Int32s) -> Ends:
        """Arrive: the call is answered."""
        there = self.society.space.arrived(who)
        self.society.space.halt(who)
        self.calls.answer(who)
        now.log.emit("followed", who[there], args[there, 0], args[there, 1])
        return Ends.where(np.where(there, 0, self.because(1)).astype(np.uint8))

    def stop(self, now: Now, who: Int32s, args: Int32s) -> None:
        """Stand still."""
        self.society.space.halt(who)
