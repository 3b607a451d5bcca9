"""A small society for tests of what people do to each other: everybody stands where the test puts them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np

from engine.actions.act import Actor
from engine.actions.basic import basic_actions
from engine.actions.observe import Observer
from engine.ports import Space
from engine.scenario import Scenario
from engine.society.discovery import discover
from engine.society.places import Place, Places
from engine.society.society import Now, Society
from engine.values import Choices, Csr, Decisions, Int32s, Outcome
from engine.world import Column, World

PLACES = (Place("the square", "square", 0, 2, 400), Place("the red house", "house", 100, 0, 8))


class Row:
    """A row of cells in which nobody moves: the part of a Space that talk needs."""

    cells = 200

    def __init__(self, world: World) -> None:
        world.declare("space", (Column("cell", np.int32, fill=-1), Column("place", np.int16, fill=-1)))
        self.world = world
        self.own = world.own("space")

    def put(self, agents: Sequence[int], cells: Sequence[int]) -> None:
        who = np.array(agents, np.int32)
        self.own.cell[who] = cells
        self.own.place[who] = np.where(self.own.cell[who] <= 2, 0, -1)

    def distance(self, cells: Int32s, others: Int32s) -> Int32s:
        return np.asarray(np.abs(cells - others), np.int32)

    def contacts(self, agents: Int32s, radius: int) -> Csr:
        living = self.world.living()
        rows = []
        for agent in agents:
            away = np.abs(self.own.cell[living] - self.own.cell[agent])
            near = living[(away <= radius) & (living != agent)]
            rows.append(near[np.argsort(np.abs(self.own.cell[near] - self.own.cell[agent]), kind="stable")])
        start = np.concatenate(([0], np.cumsum([row.size for row in rows]))).astype(np.int64)
        return Csr(start, np.concatenate([np.zeros(0, np.int32), *rows]))

    def halt(self, agents: Int32s) -> None:
        """Stand, as ever."""


class Standing:
    """A society of some modules whose people stand in a row; `ends` counts how activities ended, by agent."""

    def __init__(self, people: int, seed: int = 1, tick: int = 120, **modules: Mapping[str, Any]) -> None:
        scenario = Scenario.model_validate(
            {
                "sociarium": 1,
                "name": "standing",
                "seed": seed,
                "time": {"tick": tick, "day": 86400 // tick},
                "roles": {"citizen": {}, "leader": {}},
                "actions": {"off": ["go", "approach", "wander"]},
            }
        )
        classes = discover()
        self.world = World(cells=Row.cells, places=len(PLACES), capacity=people)
        self.space = Row(self.world)
        self.society = Society(scenario, self.world, Places(PLACES), lambda agent: f"Person {agent}")
        if "ties" in modules:
            modules["ties"] = {"acquaintances": 0, **modules["ties"]}
        settings = {name: classes[name].Settings.model_validate(section) for name, section in modules.items()}
        self.society.assemble(basic_actions(), classes, settings)
        self.society.bind(cast("Space", self.space))
        self.actor = Actor(self.society)
        self.observer = Observer(self.society, 24)
        for module in self.society.modules.values():
            module.found()
        self.join(people)
        self.society.log.take()
        self.tick = 0
        self.now = self.society.now(0)

    def join(self, people: int, home: int = -1) -> Int32s:
        who = self.world.add(people)
        self.society.people.home[who] = home
        self.space.put(who.tolist(), [0] * people)
        for module in self.society.modules.values():
            module.born(who, self.world.tick)
        return who

    def leave(self, *agents: int) -> None:
        who = np.array(agents, np.int32)
        for module in self.society.modules.values():
            module.left(who, self.now)
        self.world.remove(who)

    def begin(self) -> Now:
        """Begin the next tick: end the activities that are over."""
        self.tick += 1
        self.now = self.society.now(self.tick)
        self.actor.complete(self.now)
        return self.now

    def decide(self, agent: int, action: str, *args: int) -> str:
        """Let someone decide, and return how it went: "started", "done", or the reason of the refusal."""
        found = self.society.action(action)
        assert found is not None
        columns = np.zeros((1, 4), np.int32)
        columns[0, : len(args)] = args
        who = np.array([agent], np.int32)
        decisions = Decisions.of(who, np.array([found.code], np.int16), columns, self.tick)
        outcome, reason = self.actor.act(self.now, decisions)
        if outcome[0] == Outcome.REFUSED:
            return self.society.reasons[int(reason[0])]
        return Outcome(int(outcome[0])).name.lower()

    def end(self) -> list[str]:
        """Settle the tick and return its events as sentences."""
        for module in self.society.modules.values():
            module.settle(self.now)
        self.world.tick = self.tick
        self.society.forget()
        events = self.society.log.take()
        return [
            self.society.sentence(int(kind), int(agent), values.tolist())
            for kind, agent, values in zip(events.kind, events.agent, events.values, strict=True)
        ]

    def pass_ticks(self, ticks: int) -> list[str]:
        """Let ticks pass in which nobody decides anything; return their events."""
        said = []
        for _ in range(ticks):
            self.begin()
            said += self.end()
        return said

    def choices(self, agent: int) -> list[tuple[str, tuple[int, ...], dict[str, int]]]:
        """Return what someone could do now: action, arguments, what it promises."""
        _, _, laid = self.observer.lay_out(self.now, np.array([agent], np.int32))
        return listed(self.society, laid)

    def topic(self, name: str) -> int:
        return [topic.name for topic in self.society.topics].index(name)

    def talk(self, speaker: int, partner: int, topic: str, subject: int) -> list[str]:
        """Let two people have a whole talk; return the sentences until it is over."""
        self.begin()
        went = self.decide(speaker, "talk", partner, self.topic(topic), subject)
        assert went == "started", went
        said = self.end()
        return said + self.pass_ticks(int(self.society.people.until[speaker]) - self.tick)


def listed(society: Society, choices: Choices) -> list[tuple[str, tuple[int, ...], dict[str, int]]]:
    """Return choices as tuples of action, arguments and promises."""
    names = [appeal.name for appeal in society.appeals]
    return [
        (
            society.actions[code].name,
            tuple(args[: len(society.actions[code].parameters)].tolist()),
            {name: int(value) for name, value in zip(names, appeal, strict=True) if value},
        )
        for code, args, appeal in zip(choices.action, choices.args, choices.appeal, strict=True)
    ]
