"""Calls: a leader gathers people at a place, and they may follow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from engine.actions.definition import Action
from engine.scenario.fields import whole
from engine.society.calls.gather import Call, Follow
from engine.society.module import Appeal, EventKind, Fact, Module, Parameter, Settings
from engine.society.society import Now, Society
from engine.values import Int32s
from engine.world import Column


class CallsSettings(Settings):
    """How far a call carries and how long it holds."""

    reach: Annotated[int, whole("How far a call is heard", "cells", 1, 100)] = 14
    minutes: Annotated[int, whole("How long a call holds", "simulated minutes", 1, 1440)] = 90
    pause: Annotated[int, whole("How long a leader waits between two calls", "simulated minutes", 1, 10_080)] = 360


def _summons(society: Society, agent: int, values: Sequence[int], draw: int) -> str:
    place = society.spot(values[0])
    said = (f"Come to {place}, all of you!", f"Everyone, we meet at {place}!", f"Follow me to {place}!")
    return said[draw % len(said)]


class Calls(Module):
    """Who was called where, by whom, until when."""

    name = "calls"
    about = "Leaders gather people at a place; people follow or not."
    Settings = CallsSettings
    appeals = (
        Appeal("lead", "gathering people behind oneself"),
        Appeal("order", "doing as one was asked"),
    )
    events = (
        EventKind(
            "called",
            "{agent} called people to {place}",
            (Parameter("place", "place"),),
            "A leader called.",
            spoken=_summons,
        ),
        EventKind(
            "followed",
            "{agent} followed {leader}'s call to {place}",
            (Parameter("leader", "agent"), Parameter("place", "place")),
            "Someone came to where a leader had called them.",
        ),
    )

    def columns(self) -> tuple[Column, ...]:
        """Return by whom, where to and until when each was called, and when each last called."""
        return (
            Column("leader", np.int32, fill=-1, about="who called the person last"),
            Column("place", np.int16, fill=-1, about="where to"),
            Column("until", np.int32, fill=-1, unit="tick", about="how long the call holds"),
            Column("called", np.int32, fill=-(2**20), unit="tick", about="when this leader last called"),
        )

    def actions(self) -> tuple[Action, ...]:
        """Return `call` and `follow`."""
        return Call(self), Follow(self)

    def feel(self, now: Now, who: Int32s, feel: Callable[[str, NDArray[Any]], None]) -> None:
        """Leaders long to lead when they have not for long; the called feel order by how trusting they are."""
        hours = (now.tick - self.own.called[who]) // self.society.ticks(60)
        feel("lead", np.minimum(hours * 40, 1000))
        feel("order", np.where(self.own.until[who] > now.tick, 300 + self.society.trait("trusting", who) // 2, 0))

    def summon(self, now: Now, leaders: Int32s, places: Int32s) -> None:
        """Let everyone in reach of each leader know; of several calls the last in the order given holds."""
        heard = self.society.space.contacts(leaders, self.settings.reach)
        counts = np.diff(heard.start)
        own, until = self.own, now.tick + self.society.ticks(self.settings.minutes)
        own.leader[heard.items] = np.repeat(leaders, counts)
        own.place[heard.items] = np.repeat(places, counts)
        own.until[heard.items] = until
        own.called[leaders] = now.tick

    def facts(self, agent: int) -> tuple[Fact, ...]:
        """Say where someone is called to and by whom, while that holds."""
        own, society = self.own, self.society
        if own.until[agent] <= society.world.tick:
            return ()
        leader, place = int(own.leader[agent]), society.words("place", int(own.place[agent]))
        return (Fact("called", "text", words=f"to {place} by {society.name(leader)}", agent=leader),)

    def answer(self, who: Int32s) -> None:
        """Let a call count as answered."""
        self.own.until[who] = -1
