"""The lives from which the bundled mind learns, and those by which it is examined: of the bundled scenarios."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from app.compose import Laboratory, change, compose, find_scenario
from app.minds import weights_by_name
from cognition.training.situations import Situation
from engine.values import Int32s

NOISES = (60, 120, 300, 700)
"""How erratic the people are from whose lives situations are taken, in thousandths of a full utility."""

HELD_OUT = 10
"""One name in so many, given and family, is kept for examinations, as are the seeds of societies and landscapes."""


def society(name: str, seed: int, held_out: bool) -> Laboratory:
    """Return a society of a bundled scenario, founded, with its own seed, landscape and half of the names."""
    scenario = find_scenario(name)
    chance = random.Random(seed)
    names = scenario.population.names
    changes = {
        "seed": seed,
        "terrain.seed": seed,
        "cognition.reflex.noise": chance.choice(NOISES),
        "population.names.given": [n for k, n in enumerate(names.given) if (k % HELD_OUT == 0) == held_out],
        "population.names.family": [n for k, n in enumerate(names.family) if (k % HELD_OUT == 0) == held_out],
    }
    for path, value in changes.items():
        scenario = change(scenario, path, value)
    laboratory = compose(scenario)
    laboratory.found()
    return laboratory


def situations(name: str, seed: int, ticks: int, held_out: bool = False) -> Iterator[Situation]:
    """Live a society and yield what some of its people perceive: as they are, and made hungry, tired, poor or free."""
    laboratory = society(name, seed, held_out)
    runner, chance = laboratory.runner, random.Random(seed + 1)
    weights = weights_by_name(laboratory.scenario, laboratory.society)
    for tick in range(ticks):
        runner.tick()
        if tick % 9 != 4:
            continue
        living = laboratory.society.world.living()
        who = np.sort(np.array(chance.sample(living.tolist(), min(40, living.size)), np.int32))
        troubled = who[np.array([chance.random() < 0.65 for _ in who])]
        now = laboratory.society.now(laboratory.society.world.tick + 1)
        trouble(laboratory, troubled, chance)
        laboratory.society.forget()
        batch = runner.observer.batch(now, who, np.zeros(who.size, np.uint8))
        upset = set(troubled.tolist())
        for seen in batch.views():
            if len(seen.choices) > 1:
                feels = {n: value * weights[seen.role][n] // 100 for n, value in seen.feels.items()}
                inertia = laboratory.scenario.cognition.reflex.inertia
                yield Situation(replace(seen, feels=feels), inertia, seen.agent not in upset)
        laboratory.society.forget()
        now.log.take()


def trouble(laboratory: Laboratory, who: Int32s, chance: random.Random) -> None:
    """Change what people feel and have at random, and stop most of them, so that much else than carrying on is best."""
    society = laboratory.society
    stopped = np.array([agent for agent in who.tolist() if chance.random() < 0.75], np.int32)
    now = society.now(society.world.tick + 1)
    laboratory.runner.actor.leave(now, stopped)
    draw = np.random.default_rng(chance.randrange(2**32))
    if society.has("drives"):
        own = society.module("drives").own
        for column in (own.energy, own.hunger, own.company):
            some = who[draw.random(who.size) < 0.6]
            column[some] = draw.integers(0, 1_000_000, some.size)
    if society.has("goods"):
        stock = society.module("goods").own.stock
        some = who[draw.random(who.size) < 0.5]
        shape = some.size, stock.shape[1]
        stock[some] = draw.integers(0, 6, shape) * (draw.random(shape) < 0.7)
    if society.has("trade"):
        coins = society.module("trade").own.coins
        some = who[draw.random(who.size) < 0.4]
        coins[some] = draw.integers(0, 60, some.size)
