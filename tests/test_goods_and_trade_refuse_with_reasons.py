"""What cannot be done is refused with the reason why, and changes nothing."""

import numpy as np
import pytest

from engine.errors import SocietyError
from tests.test_goods_are_conserved import balance
from tests.town import HOUSE, MARKET, PLACES, WIDTH, WORKSHOP, Town

FIELD, FOREST, ROCK = 3 * WIDTH + 1, 3 * WIDTH + 4, 3 * WIDTH + 9


@pytest.fixture
def town() -> Town:
    return Town(4, goods={"carry": 20}, trade={"start": [10, 10]}, drives={})


def test_gathering_needs_something_to_gather_and_free_hands(town: Town) -> None:
    town.put([0], FIELD)
    town.have(0)
    assert town.decide(0, "gather", town.good("wood")) == "there is none of it here"
    assert town.decide(0, "gather", town.good("bread")) == "there is none of it here"
    assert town.decide(0, "gather", 99) == "there is none of it here"
    town.have(0, stone=10)
    assert town.decide(0, "gather", town.good("grain")) == "one's hands are full"
    town.have(0)
    assert town.decide(0, "gather", town.good("grain")) == "started"
    assert any("Person 0 gathered" in sentence for sentence in town.pass_ticks(11))
    assert town.has(0, "grain") >= 1


def test_the_last_unit_is_gone_for_who_comes_second(town: Town) -> None:
    grain = town.good("grain")
    town.put([0, 1], FIELD)
    for agent in (0, 1):
        town.have(agent)
    ground = town.goods.own.ground
    town.goods.own.ledger[0, grain] -= int(ground[:, 0].sum()) - 1
    ground[:, 0] = 0
    ground[FIELD, 0] = 1
    town.goods.growth.rate[0] = 0
    assert town.decide_all("gather", [0, 1], [[grain], [grain]]) == ["started", "started"]
    said = " ".join(town.pass_ticks(11))
    assert "because" not in said
    assert "could not gather: someone else took the last of it" in said
    assert town.has(0, "grain") + town.has(1, "grain") == 1
    there, booked = balance(town)
    assert there == booked


def test_crafting_needs_a_place_and_material_and_gives_back_what_was_not_used(town: Town) -> None:
    names = [recipe.name for recipe in town.goods.settings.recipes]
    tool, bread = names.index("tool"), names.index("bread")
    town.put([0], PLACES[WORKSHOP].cell)
    town.put([1], PLACES[HOUSE].cell)
    for agent in (0, 1):
        town.have(agent, wood=1, stone=1, grain=2)
    assert town.decide(1, "craft", tool) == "it cannot be made here"
    assert town.decide(0, "craft", 77) == "it cannot be made here"
    assert town.decide(1, "craft", bread) == "started"
    assert town.decide(0, "craft", tool) == "started"
    assert (town.has(0, "wood"), town.has(0, "stone")) == (0, 0)
    assert town.decide(0, "craft", tool) == "the material is lacking"
    town.put([0], PLACES[WORKSHOP].cell)
    assert town.decide(0, "craft", bread) == "started"
    assert (town.has(0, "wood"), town.has(0, "grain")) == (1, 0)
    said = town.pass_ticks(40)
    assert "Person 1 made bread" in said
    assert town.has(1, "bread") == 2


def test_eating_needs_food(town: Town) -> None:
    town.have(0, wood=1, bread=1)
    assert town.decide(0, "eat", town.good("wood")) == "that is no food"
    assert town.decide(0, "eat", -1) == "that is no food"
    assert town.decide(0, "eat", town.good("fish")) == "there is none left"
    hunger = int(town.world["drives.hunger"][0])
    assert town.decide(0, "eat", town.good("bread")) == "started"
    assert "Person 0 ate bread" in town.pass_ticks(6)
    assert int(town.world["drives.hunger"][0]) < hunger or hunger == 0


def test_giving_needs_someone_at_ones_side(town: Town) -> None:
    wood = town.good("wood")
    town.put([0, 1], PLACES[MARKET].cell)
    town.put([2], PLACES[HOUSE].cell)
    town.have(0, wood=5)
    town.have(1, stone=9)
    assert town.decide(0, "give", 2, wood, 1) == "they are not at one's side"
    assert town.decide(0, "give", 0, wood, 1) == "they are not at one's side"
    assert town.decide(0, "give", 1, wood, 9) == "there is not so much to give"
    assert town.decide(0, "give", 1, wood, 0) == "there is not so much to give"
    assert town.decide(0, "give", 1, wood, 4) == "their hands are full"
    assert town.decide(0, "give", 1, wood, 1) == "done"
    assert "Person 0 gave Person 1 1 wood" in town.end()


def test_a_trade_needs_goods_coins_and_consent(town: Town) -> None:
    wood = town.good("wood")
    town.put([0, 1, 2], PLACES[MARKET].cell)
    town.put([3], PLACES[HOUSE].cell)
    town.have(0, wood=6)
    town.have(1)
    town.have(2)
    assert town.decide(0, "trade", 3, wood, 1, 3) == "they are not at one's side"
    assert town.decide(0, "trade", 1, wood, 3, 3) == "such a deal cannot be made"
    assert town.decide(0, "trade", 1, wood, 1, 0) == "such a deal cannot be made"
    assert town.decide(1, "trade", 0, wood, 1, 3) == "there is not so much to sell"
    assert town.decide(0, "trade", 1, wood, 1, 11) == "there are not enough coins"
    assert town.decide(0, "trade", 1, wood, 1, 9) == "the price was refused"
    assert "Person 1 refused Person 0's price of 9 coins for wood" in town.end()
    town.have(1, stone=9)
    assert town.decide(0, "trade", 1, wood, 2, 6) == "their hands are full"
    assert town.decide(0, "trade", 2, wood, 2, 6) == "done"


def test_the_last_units_go_to_the_first_and_coins_are_spent_once(town: Town) -> None:
    wood = town.good("wood")
    town.put([0, 1, 2], PLACES[MARKET].cell)
    town.have(0, wood=1)
    town.have(1)
    town.have(2)
    went = town.decide_all("trade", [1, 2], [[0, wood, -1, 5], [0, wood, -1, 5]])
    assert sorted(went) == ["done", "it was sold to someone else"]
    town.have(1, wood=5)
    town.have(2, wood=5)
    town.have(0)
    town.society.module("trade").own.coins[0] = 4
    went = town.decide_all("trade", [1, 2], [[0, wood, 1, 3], [0, wood, 1, 3]])
    assert sorted(went) == ["done", "the coins were spent already"]


def test_who_sleeps_neither_takes_nor_trades(town: Town) -> None:
    town.put([0, 1], PLACES[MARKET].cell)
    town.have(0, wood=5)
    town.have(1)
    rest = town.society.action("rest")
    assert rest is not None
    town.society.people.action[1] = rest.code
    assert town.decide(0, "give", 1, town.good("wood"), 1) == "they are asleep"
    assert town.decide(0, "trade", 1, town.good("wood"), 1, 3) == "they are asleep"
    assert town.choices(0, "trade") == []
    assert town.choices(0, "give") == []


def test_a_transfer_that_is_not_covered_passes_nothing_on(town: Town) -> None:
    town.have(0, wood=3)
    town.have(1)
    who, other = np.array([0, 0], np.int32), np.array([1, 1], np.int32)
    wood = np.full(2, town.good("wood"), np.int32)
    with pytest.raises(SocietyError, match="person 0 cannot pass 2"):
        town.goods.transfer(who, other, wood, np.array([2, 2], np.int32))
    assert (town.has(0, "wood"), town.has(1, "wood")) == (3, 0)
    town.goods.transfer(who, other, wood, np.array([2, 1], np.int32))
    assert (town.has(0, "wood"), town.has(1, "wood")) == (0, 3)


def test_every_choice_of_goods_and_trade_that_is_offered_is_legal(town: Town) -> None:
    town.put(range(4), PLACES[MARKET].cell)
    for agent in range(4):
        town.have(agent, bread=1 + 3 * agent, wood=7 - 2 * agent, grain=2)
    mine = [town.society.action(name) for name in ("gather", "craft", "eat", "give", "trade")]
    offered = 0
    for cell in (PLACES[MARKET].cell, FIELD, FOREST, PLACES[WORKSHOP].cell):
        town.put(range(4), cell)
        laid = town.lay_out(town.world.living())
        agents = np.repeat(town.world.living(), np.diff(laid.start))
        for action in mine:
            assert action is not None
            rows = laid.action == action.code
            offered += int(rows.sum())
            assert not action.check(town.now, agents[rows], laid.args[rows]).any()
            for agent, args in zip(agents[rows], laid.args[rows], strict=True):
                assert action.says(int(agent), args[: len(action.parameters)].tolist())
    assert offered > 30


def test_choices_say_what_they_turn_on() -> None:
    town = Town(2, goods={}, trade={"start": [20, 20]}, ties={})
    town.put([0, 1], PLACES[MARKET].cell)
    town.have(0, wood=9)
    town.have(1)
    trade = town.society.action("trade")
    assert trade is not None
    sentence = trade.says(0, (1, town.good("wood"), 4, 12))
    assert sentence.startswith("sell plenty of wood for 12 coins, a fair price, to Person 1, ")
    assert sentence.endswith("who has none")
    assert trade.says(1, (0, town.good("wood"), -1, 2)).startswith(
        "buy a little wood, of which you have none, for 2 coins, a low price, from Person 0"
    )
