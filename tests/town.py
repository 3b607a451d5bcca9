"""A small town on a real hex grid for tests of goods and trade: everybody stays where the test puts them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.actions.act import Actor
from engine.actions.basic import basic_actions
from engine.actions.observe import Observer
from engine.population import Population
from engine.scenario import Scenario
from engine.society.discovery import discover
from engine.society.goods.tables import TERRAIN
from engine.society.land import Land
from engine.society.places import Place, Places
from engine.society.society import Now, Society
from engine.spaces.hex.space import HexSpace
from engine.values import Bools, Bytes, Choices, Decisions, Int16s, Int32s, Outcome
from engine.world import World

WIDTH, HEIGHT = 12, 6
HOUSE, WORKSHOP, MARKET, WOOD = 0, 1, 2, 3
PLACES = (
    Place("the house", "house", 0, 0, 60),
    Place("the smithy", "workshop", 4, 1, 60),
    Place("the market", "market", 30, 1, 60),
    Place("the wood", "wood", 52, 1, 60),
)
RESOURCES = [
    {"good": "grain", "on": ["field"], "most": 6, "regrowth": 40},
    {"good": "berries", "on": ["forest"], "most": 4, "start": 1, "regrowth": 30},
    {"good": "fish", "on": ["water"], "most": 3, "regrowth": 20},
    {"good": "wood", "on": ["forest"], "most": 9, "start": 5, "regrowth": 9.5},
    {"good": "stone", "on": ["rock"], "most": 50, "regrowth": 0.1},
]


@dataclass(frozen=True)
class Terrain:
    """The terrain: meadow, with a stripe of each other kind in the upper rows."""

    width: int
    height: int
    torus: bool
    kind: Bytes
    elevation: Int16s
    bridge: Bools
    cost: Int16s


def land() -> Terrain:
    kind = np.zeros(WIDTH * HEIGHT, np.uint8)
    kind[3 * WIDTH :] = (
        np.repeat([TERRAIN.index(name) for name in ("field", "forest", "water", "rock")], 3).tolist() * 3
    )
    cost = np.array([13, 22, 0, 0, 15, 10], np.int16)
    return Terrain(
        WIDTH, HEIGHT, False, kind, np.zeros(kind.size, np.int16), np.zeros(kind.size, np.bool_), cost
    )  # fmt: skip


class Town:
    """A society of goods and what else is named, whose people stand still."""

    def __init__(self, people: int, seed: int = 1, tick: int = 120, **modules: Mapping[str, Any]) -> None:
        self.scenario = Scenario.model_validate(
            {
                "sociarium": 1,
                "name": "town",
                "seed": seed,
                "time": {"tick": tick, "day": 86400 // tick},
                "resources": RESOURCES,
                "population": {"count": people},
                "roles": {"citizen": {}, "merchant": {}},
            }
        )
        classes = discover()
        ground = land()
        places = Places(PLACES)
        self.world = World(cells=ground.kind.size, places=len(places), capacity=people)
        self.society = Society(self.scenario, self.world, places, lambda agent: f"Person {agent}")
        self.society.land = Land(WIDTH, HEIGHT, "bounded", 10.0, ground.kind, ground.elevation, ground.bridge)
        self.space = HexSpace(
            self.world,
            places,
            ground,
            capacity=64,
            substeps=4,
            pitch_metres=10,
            tick_seconds=tick,
            rng=self.society.rng,
        )
        modules["goods"] = {"reach": 1, **modules["goods"]}
        settings = {name: classes[name].Settings.model_validate(section) for name, section in modules.items()}
        self.society.assemble(basic_actions(), classes, settings)
        self.society.bind(self.space)
        self.actor, self.observer = Actor(self.society), Observer(self.society, 24)
        self.population = Population(self.society)
        self.population.found()
        self.society.log.take()
        self.goods = self.society.module("goods")
        self.now: Now = self.society.now(0)
        self.begin()

    def good(self, name: str) -> int:
        found: int = self.goods.goods.index(name)
        return found

    def put(self, agents: Sequence[int], cell: int) -> None:
        who = np.array(agents, np.int32)
        self.space.leave(who)
        self.space.enter(who, np.full(who.size, cell, np.int32))
        self.society.forget()

    def have(self, agent: int, **goods: int) -> None:
        """Let someone have just these goods; the ledger follows."""
        ledger = self.goods.own.ledger
        ledger[0] -= self.goods.own.stock[agent]
        self.goods.own.stock[agent] = 0
        for name, units in goods.items():
            self.goods.own.stock[agent, self.good(name)] = units
        ledger[0] += self.goods.own.stock[agent]

    def has(self, agent: int, name: str) -> int:
        return int(self.goods.own.stock[agent, self.good(name)])

    def begin(self) -> Now:
        """Begin the next tick: end the activities that are over."""
        self.now = self.society.now(self.world.tick + 1)
        self.society.forget()
        self.actor.complete(self.now)
        return self.now

    def end(self) -> list[str]:
        """Settle the tick, begin the next and return the events of the old as sentences."""
        for module in self.society.modules.values():
            module.settle(self.now)
        self.world.tick = self.now.tick
        events = self.society.log.take()
        self.begin()
        return [
            self.society.sentence(int(kind), int(agent), values.tolist())
            for kind, agent, values in zip(events.kind, events.agent, events.values, strict=True)
        ]

    def pass_ticks(self, ticks: int) -> list[str]:
        return [sentence for _ in range(ticks) for sentence in self.end()]

    def decide_all(self, name: str, who: Sequence[int], args: Sequence[Sequence[int]]) -> list[str]:
        """Let people decide at once; return how it went for each: "started", "done", or why it was refused."""
        action = self.society.action(name)
        assert action is not None
        columns = np.zeros((len(who), 4), np.int32)
        columns[:, : len(action.parameters)] = np.array(args).reshape(len(who), -1)
        decisions = Decisions.of(
            np.array(who, np.int32), np.full(len(who), action.code, np.int16), columns, self.now.tick
        )
        return self.settle(decisions)

    def decide(self, agent: int, name: str, *args: int) -> str:
        return self.decide_all(name, [agent], [args])[0]

    def settle(self, decisions: Decisions) -> list[str]:
        outcome, reason = self.actor.act(self.now, decisions)
        return [
            self.society.reasons[int(why)] if how == Outcome.REFUSED else Outcome(int(how)).name.lower()
            for how, why in zip(outcome, reason, strict=True)
        ]

    def lay_out(self, who: Int32s) -> Choices:
        self.society.forget()
        return self.observer.lay_out(self.now, who)[2]

    def choices(self, agent: int, action: str) -> list[tuple[tuple[int, ...], dict[str, int]]]:
        """Return someone's choices of one action: arguments and what they promise."""
        found = self.society.action(action)
        assert found is not None
        laid, names = self.lay_out(np.array([agent], np.int32)), [appeal.name for appeal in self.society.appeals]
        return [
            (
                tuple(args[: len(found.parameters)].tolist()),
                {n: int(v) for n, v in zip(names, appeal, strict=True) if v},
            )
            for code, args, appeal in zip(laid.action, laid.args, laid.appeal, strict=True)
            if code == found.code
        ]
