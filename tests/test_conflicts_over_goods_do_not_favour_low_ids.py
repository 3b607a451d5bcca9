"""Who gets the last unit, the last coins or the customer does not depend on the id."""

import numpy as np

from tests.town import MARKET, PLACES, WIDTH, Town

ROUNDS = 150
FIELD = 3 * WIDTH + 1


def wins_are_even(wins: list[int]) -> bool:
    """Whether the share of low ids among winners is within four standard errors of a half, and no id always wins."""
    total = sum(wins)
    low = sum(wins[: len(wins) // 2])
    return abs(low - total / 2) < 4 * (total**0.5) / 2 and max(wins) < total


def test_the_last_unit_on_the_land() -> None:
    town = Town(6, goods={"carry": 1000, "tool": {"good": "tool"}}, trade={})
    grain = town.good("grain")
    town.put(range(6), FIELD)
    town.goods.growth.rate[0] = 0
    wins = [0] * 6
    for _ in range(ROUNDS):
        for agent in range(6):
            town.have(agent)
        town.goods.own.skill[:] = 0
        town.goods.own.ground[:, 0] = 0
        town.goods.own.ground[FIELD, 0] = 1
        town.decide_all("gather", range(6), [[grain]] * 6)
        town.pass_ticks(11)
        wins[[town.has(agent, "grain") for agent in range(6)].index(1)] += 1
    assert wins_are_even(wins), wins


def test_the_last_unit_for_sale() -> None:
    town = Town(7, goods={}, trade={"start": [9, 9]})
    wood, coins = town.good("wood"), town.society.module("trade").own.coins
    town.put(range(7), PLACES[MARKET].cell)
    wins = [0] * 6
    for _ in range(ROUNDS):
        for agent in range(7):
            town.have(agent, wood=int(agent == 3))
        coins[:] = 9
        buyers = [agent for agent in range(7) if agent != 3]
        went = town.decide_all("trade", buyers, [[3, wood, -1, 5]] * 6)
        wins[went.index("done")] += 1
        town.end()
    assert wins_are_even(wins), wins


def test_whom_one_offers_a_deal_or_a_gift() -> None:
    lasting = {"bread": {"lasts": 0}, "furniture": {"lasts": 0}}
    town = Town(9, goods={"kinds": lasting}, trade={"start": [30, 30]})
    town.put(range(9), PLACES[MARKET].cell)
    for agent in range(9):
        town.have(agent, **({"wood": 9} if agent == 4 else {"bread": 6, "tool": 1, "furniture": 1, "stone": 1}))
    for action in ("trade", "give"):
        chosen: list[int] = []
        for _ in range(ROUNDS):
            chosen += {args[0] for args, _ in town.choices(4, action)}
            town.end()
        counts = np.bincount(chosen, minlength=9)
        others = [int(counts[agent]) for agent in range(9) if agent != 4]
        assert wins_are_even(others), (action, others)
        assert min(others) > 0
