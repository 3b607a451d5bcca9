"""The tick. It names no module and no action: complete, observe, think, act, settle, move, record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.actions.act import Actor
from engine.actions.observe import Observer
from engine.commands import Commands
from engine.kernels import kernel
from engine.measures import Measures
from engine.ports import Aside, Attention, Mind, Recorder
from engine.society.society import Now, Society
from engine.values import Bools, Bytes, Command, Decisions, Events, Int16s, Int32s, Outcome, Snapshot, TickRecord


class Step(NamedTuple):
    """What happened in a tick."""

    commands: tuple[Command, ...]
    asked: Int32s
    cause: Bytes
    decisions: Decisions
    outcome: Bytes
    reason: Bytes
    events: Events


@dataclass
class Runner:
    """One society, its minds and its recorder, tick by tick.

    `wait` is lockstep: a tick waits for its answers. `checkpoint_every` is in ticks. `aside` is what minds put off in
    a live run: who has time between two ticks may do it; a tick does what is left of it itself.
    """

    society: Society
    actor: Actor
    observer: Observer
    commands: Commands
    attention: Attention
    mind: Mind
    measures: Measures
    recorder: Recorder | None
    checkpoint_every: int
    wait: bool = True
    aside: Aside | None = None

    def tick(self) -> TickRecord:
        """Advance the society by one tick, record it and commit it."""
        step = self.step()
        world = self.society.world
        record = TickRecord(
            world.tick, step.commands, step.asked, step.cause, step.decisions, step.outcome, step.reason, step.events,
            self.frame(), self.measures.take(world.tick), world.state_hash(), self._checkpoint(world.tick),
        )  # fmt: skip
        if self.recorder is not None:
            self.recorder.commit(record)
        return record

    def step(self) -> Step:
        """Advance the society by one tick and leave no trace of it; this is all that a replay needs."""
        society, world = self.society, self.society.world
        now = society.now(world.tick + 1)

        commands = self.commands.take(now.tick)
        driven = self.commands.apply(now, commands)
        self.actor.complete(now)

        asked, cause = self.attention.pick(now.tick, society.people)
        self.mind.ask(self.observer.batch(now, asked, cause))
        society.people.asked[asked] = society.people.thinking[asked] = now.tick
        answers = self.mind.answers(self.wait)
        society.settle_thinking(answers.agent)
        decisions = Decisions.join((driven, answers))

        outcome, reason = self.actor.act(now, decisions)
        for module in society.modules.values():
            module.settle(now)
        society.space.move(now.tick)

        world.tick = now.tick
        events = now.log.take()
        self._stir(now, events)
        return Step(commands, asked, cause, decisions, outcome, reason, events)

    def begin(self) -> TickRecord:
        """Record (and commit) where a run begins: a society just founded, or restored for a branch."""
        world = self.society.world
        none, nothing = Decisions.none(), np.zeros(0, np.uint8)
        record = TickRecord(
            world.tick, (), none.agent, nothing, none, nothing, nothing, self.society.log.take(),
            self.frame(), self.measures.take(world.tick), world.state_hash(), self.snapshot(),
        )  # fmt: skip
        if self.recorder is not None:
            self.recorder.commit(record)
        return record

    def frame(self) -> Mapping[str, NDArray[Any]]:
        """Return the columns that views draw."""
        return {name: self.society.world[name] for name in self.society.frame_columns}

    def snapshot(self) -> Snapshot:
        """Return everything that is needed to go on from here."""
        return self.society.world.snapshot({"mind": self.mind.snapshot(), "settings": self.commands.snapshot()})

    def restore(self, snapshot: Snapshot) -> None:
        """Go on from a snapshot; one without a mind's part leaves the minds as they are."""
        self.society.world.restore(snapshot)
        self.society.forget()
        self.society.space.rebuild()
        self.commands.restore(snapshot.parts.get("settings", b""))
        if "mind" in snapshot.parts:
            self.mind.restore(snapshot.parts["mind"])

    def _checkpoint(self, tick: int) -> Snapshot | None:
        return self.snapshot() if tick % self.checkpoint_every == 0 else None

    def _stir(self, now: Now, events: Events) -> None:
        """Note for everyone whom an event of this tick touched; attention reads it from the next tick on."""
        stir(
            events.kind,
            events.agent,
            events.values,
            self.society.person_fields,
            self.society.people.stirred,
            now.tick + 1,
        )


@kernel
def stir(kind: Int16s, agent: Int32s, values: Int32s, persons: Bools, stirred: Int32s, tick: int) -> None:
    """Stamp the agents of events and every value that is a person: persons bool[kinds,4]."""
    for i in range(kind.size):
        stirred[agent[i]] = tick
        for k in range(values.shape[1]):
            if persons[kind[i], k] and 0 <= values[i, k] < stirred.size:
                stirred[values[i, k]] = tick


def refused(record: TickRecord) -> int:
    """Return how many of a tick's decisions were refused."""
    return int(np.count_nonzero(record.outcome == Outcome.REFUSED))
