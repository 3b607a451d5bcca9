"""A hypothesis machine in which people of a small town do whatever is offered to them, and nonsense besides."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from engine.values import Decisions
from tests.town import MARKET, PLACES, WIDTH, Town

LIVELY = {
    "kinds": {"berries": {"lasts": 1}, "furniture": {"lasts": 1}, "wood": {"keep": 6}},
    "start": {"bread": [0, 3], "grain": [0, 9], "wood": [0, 8], "stone": [0, 3], "tool": [0, 2]},
    "tool": {"uses": 2},
    "carry": 30,
    "gather_minutes": 2,
}
ANYTHING = st.integers(-3, 40)


class TownLife(RuleBasedStateMachine):
    """Rules over the real modules; subclasses add what must always hold."""

    town: Town

    @initialize(seed=st.integers(0, 2**40))
    def found(self, seed: int) -> None:
        self.town = Town(10, seed=seed, goods=LIVELY, trade={"start": [0, 12]}, drives={})
        self.town.put(range(6), PLACES[MARKET].cell)

    def _living(self) -> list[int]:
        living: list[int] = self.town.world.living().tolist()
        return living

    @rule(seed=st.integers(0, 2**32), eager=st.booleans())
    def everybody_does_something_that_is_offered(self, seed: int, eager: bool) -> None:
        rng = np.random.default_rng(seed)
        who = self.town.world.living()
        if not eager:
            who = who[:3]
        laid = self.town.lay_out(who)
        codes = laid.action.copy()
        # Going and strolling are not what this is about: prefer the rest where there is any.
        weight = 1 + 9 * (codes > 3)
        chosen = []
        for row in range(who.size):
            part = weight[laid.start[row] : laid.start[row + 1]]
            chosen.append(laid.start[row] + rng.choice(part.size, p=part / part.sum()))
        picked = np.array(chosen, np.int64)
        self.town.settle(Decisions.of(who, codes[picked], laid.args[picked], self.town.now.tick))

    @rule(data=st.data(), args=st.tuples(ANYTHING, ANYTHING, ANYTHING, ANYTHING))
    def someone_tries_nonsense(self, data: st.DataObject, args: tuple[int, int, int, int]) -> None:
        agent = data.draw(st.integers(0, self.town.world.count - 1))
        code = data.draw(st.integers(0, len(self.town.society.actions) - 1))
        self.town.settle(
            Decisions.of(
                np.array([agent], np.int32), np.array([code], np.int16), np.array([args], np.int32), self.town.now.tick
            )
        )

    @rule(agent=st.integers(0, 9), partner=st.integers(0, 9), good=st.integers(0, 7), price=st.integers(1, 30))
    def someone_trades(self, agent: int, partner: int, good: int, price: int) -> None:
        living = self._living()
        who, other = living[agent % len(living)], living[partner % len(living)]
        self.town.decide(who, "trade", other, good, [1, -1, 2, -2, 4, -4][price % 6], price)
        self.town.decide(other, "give", who, good, 1 + price % 3)

    @rule(ticks=st.integers(1, 90))
    def time_passes(self, ticks: int) -> None:
        self.town.pass_ticks(ticks)

    @rule(cell=st.integers(0, 3 * WIDTH + 5))
    def someone_stands_elsewhere(self, cell: int) -> None:
        living = self._living()
        self.town.put([living[cell % len(living)]], cell)

    @rule(people=st.integers(1, 3))
    def people_come(self, people: int) -> None:
        if self.town.world.count < 40:
            self.town.population.add(self.town.now, people, None, None)
            self.town.space.rebuild()

    @rule(which=st.integers(0, 20))
    def someone_leaves(self, which: int) -> None:
        living = self._living()
        if len(living) > 4:
            who = np.array([living[which % len(living)]], np.int32)
            self.town.actor.leave(self.town.now, who)
            self.town.population.let_go(self.town.now, who)

    @rule()
    def the_town_is_restored(self) -> None:
        snapshot = self.town.world.snapshot({})
        before = self.town.world.state_hash()
        self.town.pass_ticks(3)
        self.town.world.restore(snapshot)
        self.town.society.forget()
        self.town.space.rebuild()
        self.town.society.log.take()
        assert self.town.world.state_hash() == before
        self.town.begin()
