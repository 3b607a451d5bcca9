"""Coins only change hands: every deal credits one account and debits another, in coins and in goods."""

import numpy as np
from hypothesis import settings
from hypothesis.stateful import invariant

from tests.town import MARKET, PLACES, Town
from tests.town_life import TownLife


class CoinsAreConserved(TownLife):
    @invariant()
    def every_account_balances(self) -> None:
        if hasattr(self, "town"):
            own = self.town.society.module("trade").own
            assert (own.coins == own.founded + own.earned - own.spent).all()
            assert own.coins.min() >= 0
            assert own.earned.sum() == own.spent.sum()
            assert own.coins.sum(dtype=np.int64) == own.founded.sum()
            assert (own.sold == own.bought).all()
            assert (own.price > 0).all()


TestCoinsAreConserved = CoinsAreConserved.TestCase
TestCoinsAreConserved.settings = settings(max_examples=12, stateful_step_count=25, deadline=None)


def pair(**start: int) -> Town:
    town = Town(2, goods={}, trade={"start": [10, 10]})
    town.put([0, 1], PLACES[MARKET].cell)
    town.have(0, wood=8, **start)
    town.have(1)
    return town


def test_a_deal_passes_goods_one_way_and_coins_the_other() -> None:
    town = pair()
    wood = town.good("wood")
    assert town.decide(0, "trade", 1, wood, 2, 7) == "done"
    assert (town.has(0, "wood"), town.has(1, "wood")) == (6, 2)
    own = town.society.module("trade").own
    assert own.coins.tolist() == [17, 3]
    assert (own.earned.tolist(), own.spent.tolist()) == ([7, 0], [0, 7])
    assert own.sold[wood] == own.bought[wood] == 2
    assert own.price[wood] > 3000
    assert town.society.module("trade")._deals() == 1.0
    assert "Person 0 sold Person 1 2 wood for 7 coins" in town.end()


def test_a_buyer_may_propose_too() -> None:
    town = pair()
    assert town.decide(1, "trade", 0, town.good("wood"), -1, 2) == "done"
    assert (town.has(0, "wood"), town.has(1, "wood")) == (7, 1)
    assert town.society.module("trade").own.coins.tolist() == [12, 8]


def test_deals_of_a_day_ago_no_longer_count() -> None:
    town = pair()
    town.decide(0, "trade", 1, town.good("wood"), 1, 3)
    trade = town.society.module("trade")
    town.pass_ticks(700)
    assert trade._deals() == 1.0
    town.pass_ticks(40)
    assert trade._deals() == 0.0


def test_the_gini_coefficient_is_that_of_the_definition() -> None:
    town = Town(7, goods={}, trade={"start": [0, 50]})
    coins = town.society.module("trade").own.coins.astype(float)
    by_definition = np.abs(coins[:, None] - coins[None, :]).sum() / (2 * coins.size**2 * coins.mean())
    assert abs(town.society.module("trade")._gini() - by_definition) < 1e-12
